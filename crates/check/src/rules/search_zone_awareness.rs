//! A zone may fail without taking the index with it.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "search-zone-awareness",
    title: "The search domain lives in one zone",
    level: Level::Medium,
    category: Category::Reliability,
    confidence: Confidence::High,
    kinds: &["aws_opensearch_domain"],
    frameworks: &[(NIST, "CP-10"), (WELL_ARCHITECTED, "REL10")],
    check,
    doc: include_str!("search_zone_awareness.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_be_true(
        "cluster_config.zone_awareness_enabled",
        false,
        "all data nodes may stand in one zone",
    )]
}
