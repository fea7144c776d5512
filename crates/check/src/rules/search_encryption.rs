//! Search domains encrypt at rest and between nodes.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "search-encryption",
    title: "The search domain is not encrypted",
    level: Level::High,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_opensearch_domain"],
    frameworks: &[(NIST, "SC-28"), (WELL_ARCHITECTED, "SEC08")],
    check,
    doc: include_str!("search_encryption.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![
        s.must_be_true("encrypt_at_rest.enabled", false, "the index is not encrypted at rest"),
        s.must_be_true("node_to_node_encryption.enabled", false, "nodes talk to each other in the clear"),
    ]
}
