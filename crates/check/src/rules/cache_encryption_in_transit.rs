//! Clients reach the cache over TLS.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "cache-encryption-in-transit",
    title: "The cache talks without encryption",
    level: Level::Medium,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_elasticache_replication_group"],
    frameworks: &[(NIST, "SC-8"), (WELL_ARCHITECTED, "SEC09")],
    check,
    doc: include_str!("cache_encryption_in_transit.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_be_true("transit_encryption_enabled", false, "clients talk to the cache in the clear")]
}
