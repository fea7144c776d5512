//! Health checks ask a path that the service answers.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "target-group-health-check",
    title: "The health check does not ask the service",
    level: Level::Medium,
    category: Category::Reliability,
    confidence: Confidence::High,
    kinds: &["aws_lb_target_group", "aws_alb_target_group"],
    frameworks: &[(WELL_ARCHITECTED, "REL11")],
    check,
    doc: include_str!("target_group_health_check.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    match (s.at("protocol").text("HTTP"), s.at("target_type").text("instance")) {
        (Ok(protocol), Ok(target)) if target == "lambda" || !protocol.starts_with("HTTP") => {
            return vec![Verdict::Pass];
        }
        (Err(reason), _) | (_, Err(reason)) => return vec![Verdict::CannotTell(reason)],
        _ => {}
    }
    vec![
        s.must_be_true("health_check.enabled", true, "health checks are switched off"),
        s.must_be_set("health_check.path", "no health path is named"),
    ]
}
