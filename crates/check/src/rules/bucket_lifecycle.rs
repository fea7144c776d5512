//! Buckets drop or move what nobody needs.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "bucket-lifecycle",
    title: "Nothing in the bucket ever expires",
    level: Level::Low,
    category: Category::Cost,
    confidence: Confidence::High,
    kinds: &["aws_s3_bucket"],
    frameworks: &[(WELL_ARCHITECTED, "COST04")],
    check,
    doc: include_str!("bucket_lifecycle.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    let inline = s.must_be_set("lifecycle_rule", "");
    if inline == Verdict::Pass {
        return vec![inline];
    }
    let kind = "aws_s3_bucket_lifecycle_configuration";
    vec![s.must_have(kind, "bucket", &["bucket"], "no lifecycle rule stands beside the bucket")]
}
