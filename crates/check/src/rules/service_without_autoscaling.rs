//! Services follow their load.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "service-without-autoscaling",
    title: "The service does not grow with its load",
    level: Level::Medium,
    category: Category::Reliability,
    confidence: Confidence::High,
    kinds: &["aws_ecs_service"],
    frameworks: &[(WELL_ARCHITECTED, "REL07")],
    check,
    doc: include_str!("service_without_autoscaling.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    if s.at("scheduling_strategy").text("REPLICA") == Ok("DAEMON".to_owned())
        || s.autoscaling_target().is_some()
    {
        return vec![Verdict::Pass];
    }
    let targets = s.index.of_kind("aws_appautoscaling_target");
    let unclear = targets.iter().find_map(|target| match target.get("resource_id") {
        Some(Value::Unknown(reason)) => Some(reason.clone()),
        // A target that names its service by text may mean this one, whose own name is not known.
        Some(_) => s.at("name").text("").err(),
        None => None,
    });
    vec![unclear.map_or_else(|| Verdict::missing("nothing changes the number of tasks"), Verdict::CannotTell)]
}
