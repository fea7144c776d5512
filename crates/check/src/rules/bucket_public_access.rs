//! Buckets refuse public access lists and policies whatever anybody writes later.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "bucket-public-access",
    title: "The bucket does not block public access",
    level: Level::High,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_s3_bucket"],
    frameworks: &[(CIS, "2.1.4"), (NIST, "AC-3"), (WELL_ARCHITECTED, "SEC03")],
    check,
    doc: include_str!("bucket_public_access.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    let block = match s.companions("aws_s3_bucket_public_access_block", "bucket", &["bucket"]) {
        Companions::Found(blocks) => blocks[0],
        Companions::None => return vec![Verdict::missing("no public access block stands beside the bucket")],
        Companions::Unclear(reason) => return vec![Verdict::CannotTell(reason)],
    };
    let block = Subject { node: block, ..*s };
    let settings =
        ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"];
    settings
        .into_iter()
        .map(|name| block.must_be_true(name, false, "the public access block leaves this open"))
        .collect()
}
