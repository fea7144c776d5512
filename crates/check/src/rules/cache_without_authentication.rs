//! The cache asks who is there.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "cache-without-authentication",
    title: "The cache lets everybody in the network in",
    level: Level::Low,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_elasticache_replication_group"],
    frameworks: &[(NIST, "IA-2"), (WELL_ARCHITECTED, "SEC03")],
    check,
    doc: include_str!("cache_without_authentication.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    let ways = ["auth_token", "user_group_ids"].map(|name| s.at(name).is_set());
    vec![match (ways.contains(&Ok(true)), ways.iter().find_map(|way| way.as_ref().err())) {
        (true, _) => Verdict::Pass,
        (false, Some(reason)) => Verdict::CannotTell(reason.clone()),
        (false, None) => Verdict::fail("user_group_ids", "only the security group guards the cache"),
    }]
}
