//! Malformed headers end at the load balancer.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "load-balancer-invalid-headers",
    title: "The load balancer passes malformed headers on",
    level: Level::Medium,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_lb", "aws_alb"],
    frameworks: &[(NIST, "SI-10"), (WELL_ARCHITECTED, "SEC05")],
    check,
    doc: include_str!("load_balancer_invalid_headers.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    if s.at("load_balancer_type").text("application") != Ok("application".to_owned()) {
        return vec![Verdict::Pass];
    }
    vec![s.must_be_true("drop_invalid_header_fields", false, "malformed headers reach the service")]
}
