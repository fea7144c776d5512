//! Distributions stand behind a web application firewall.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "distribution-without-firewall",
    title: "Nothing filters requests to the distribution",
    level: Level::Medium,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_cloudfront_distribution"],
    frameworks: &[(NIST, "SC-7"), (WELL_ARCHITECTED, "SEC05")],
    check,
    doc: include_str!("distribution_without_firewall.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_be_set("web_acl_id", "no web ACL is attached")]
}
