//! Caches encrypt what they spill to disk.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "cache-encryption-at-rest",
    title: "The cache is not encrypted at rest",
    level: Level::Medium,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_elasticache_replication_group"],
    frameworks: &[(NIST, "SC-28"), (WELL_ARCHITECTED, "SEC08")],
    check,
    doc: include_str!("cache_encryption_at_rest.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_be_true("at_rest_encryption_enabled", false, "snapshots and swap are not encrypted")]
}
