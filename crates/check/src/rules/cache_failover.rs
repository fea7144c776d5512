//! A failed cache node is replaced by its replica.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "cache-failover",
    title: "The cache has no replica to fail over to",
    level: Level::Medium,
    category: Category::Reliability,
    confidence: Confidence::High,
    kinds: &["aws_elasticache_replication_group"],
    frameworks: &[(NIST, "CP-10"), (WELL_ARCHITECTED, "REL10")],
    check,
    doc: include_str!("cache_failover.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![
        s.must_be_true("automatic_failover_enabled", false, "a failed node is not replaced by a replica"),
        s.must_be_true("multi_az_enabled", false, "the replica may stand in the same zone"),
    ]
}
