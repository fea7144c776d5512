//! Load balancers record every request.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "load-balancer-access-logs",
    title: "The load balancer keeps no access log",
    level: Level::Low,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_lb", "aws_alb"],
    frameworks: &[(NIST, "AU-2"), (WELL_ARCHITECTED, "SEC04")],
    check,
    doc: include_str!("load_balancer_access_logs.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_be_true("access_logs.enabled", false, "requests are not recorded")]
}
