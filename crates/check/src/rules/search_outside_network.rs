//! Search domains stand inside the network.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "search-outside-network",
    title: "The search domain has a public endpoint",
    level: Level::High,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_opensearch_domain"],
    frameworks: &[(NIST, "SC-7"), (WELL_ARCHITECTED, "SEC05")],
    check,
    doc: include_str!("search_outside_network.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_be_set("vpc_options", "the domain has a public endpoint")]
}
