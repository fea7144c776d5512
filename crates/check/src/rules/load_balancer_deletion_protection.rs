//! Deleting the entrance takes two deliberate steps.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "load-balancer-deletion-protection",
    title: "The load balancer can be deleted by one command",
    level: Level::Low,
    category: Category::Reliability,
    confidence: Confidence::High,
    kinds: &["aws_lb", "aws_alb"],
    frameworks: &[(WELL_ARCHITECTED, "REL08")],
    check,
    doc: include_str!("load_balancer_deletion_protection.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_be_true("enable_deletion_protection", false, "one wrong command deletes the entrance")]
}
