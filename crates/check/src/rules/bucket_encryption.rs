//! Buckets say which key encrypts their objects.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "bucket-encryption",
    title: "The bucket does not state how it encrypts",
    level: Level::Low,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_s3_bucket"],
    frameworks: &[(NIST, "SC-28"), (WELL_ARCHITECTED, "SEC08")],
    check,
    doc: include_str!("bucket_encryption.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    let inline = s.must_be_set("server_side_encryption_configuration", "");
    if inline == Verdict::Pass {
        return vec![inline];
    }
    let kind = "aws_s3_bucket_server_side_encryption_configuration";
    vec![s.must_have(kind, "bucket", &["bucket"], "no encryption configuration stands beside the bucket")]
}
