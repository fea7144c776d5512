//! Buckets keep what was overwritten or deleted.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "bucket-versioning",
    title: "The bucket does not keep old versions",
    level: Level::Medium,
    category: Category::Reliability,
    confidence: Confidence::High,
    kinds: &["aws_s3_bucket"],
    frameworks: &[(NIST, "CP-9"), (WELL_ARCHITECTED, "REL09")],
    check,
    doc: include_str!("bucket_versioning.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    let inline = s.must_be_true("versioning.enabled", false, "");
    if inline == Verdict::Pass {
        return vec![inline];
    }
    match s.companions("aws_s3_bucket_versioning", "bucket", &["bucket"]) {
        Companions::None => vec![Verdict::missing("no versioning stands beside the bucket")],
        Companions::Unclear(reason) => vec![Verdict::CannotTell(reason)],
        Companions::Found(found) => {
            let versioning = Subject { node: found[0], ..*s };
            let path = "versioning_configuration.status";
            vec![versioning.must_read(path, "", "versioning is not enabled", |status| status == "Enabled")]
        }
    }
}
