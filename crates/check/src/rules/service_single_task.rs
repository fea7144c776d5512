//! A task may die without taking the service with it.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "service-single-task",
    title: "The service runs as one task",
    level: Level::High,
    category: Category::Reliability,
    confidence: Confidence::High,
    kinds: &["aws_ecs_service"],
    frameworks: &[(NIST, "CP-10"), (WELL_ARCHITECTED, "REL10")],
    check,
    doc: include_str!("service_single_task.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    if s.at("scheduling_strategy").text("REPLICA") == Ok("DAEMON".to_owned()) {
        return vec![Verdict::Pass];
    }
    if let Some(target) = s.autoscaling_target() {
        let target = Subject { node: target, ..*s };
        return match target.at("min_capacity").number(1.0) {
            Ok(least) => {
                vec![Verdict::when(least != 1.0, "desired_count", "the autoscaler may go down to one task")]
            }
            Err(reason) => vec![Verdict::CannotTell(reason)],
        };
    }
    match s.at("desired_count").number(1.0) {
        Ok(count) => vec![Verdict::when(count != 1.0, "desired_count", "one task serves everybody")],
        Err(reason) => vec![Verdict::CannotTell(reason)],
    }
}
