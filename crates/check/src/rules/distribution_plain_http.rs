//! Viewers are sent to HTTPS.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "distribution-plain-http",
    title: "The distribution serves plain HTTP",
    level: Level::High,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_cloudfront_distribution"],
    frameworks: &[(NIST, "SC-8"), (WELL_ARCHITECTED, "SEC09")],
    check,
    doc: include_str!("distribution_plain_http.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    let encrypted = |policy: &str| matches!(policy, "https-only" | "redirect-to-https");
    let one = |path: String| s.must_read(&path, "", "viewers may use plain HTTP", encrypted);
    let ordered = 0..s.node.blocks("ordered_cache_behavior").len();
    std::iter::once("default_cache_behavior.viewer_protocol_policy".to_owned())
        .chain(ordered.map(|i| format!("ordered_cache_behavior.{i}.viewer_protocol_policy")))
        .map(one)
        .collect()
}
