//! Buckets record who read and wrote.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "bucket-access-logging",
    title: "Access to the bucket is not logged",
    level: Level::Low,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_s3_bucket"],
    frameworks: &[(NIST, "AU-2"), (WELL_ARCHITECTED, "SEC04")],
    check,
    doc: include_str!("bucket_access_logging.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    let verdict = s.must_have(
        "aws_s3_bucket_logging",
        "bucket",
        &["bucket"],
        "no access log is written for the bucket",
    );
    if matches!(verdict, Verdict::Fail { .. }) {
        // A bucket that receives logs must not log into itself.
        match s.companions("aws_s3_bucket_logging", "target_bucket", &["bucket"]) {
            Companions::Found(_) => return vec![Verdict::Pass],
            Companions::Unclear(reason) => return vec![Verdict::CannotTell(reason)],
            Companions::None => {}
        }
    }
    vec![verdict]
}
