//! Clusters report what their tasks use.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "container-insights",
    title: "The cluster's containers are not measured",
    level: Level::Low,
    category: Category::Operability,
    confidence: Confidence::High,
    kinds: &["aws_ecs_cluster"],
    frameworks: &[(NIST, "SI-4"), (WELL_ARCHITECTED, "OPS08")],
    check,
    doc: include_str!("container_insights.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    let mut unclear = s.at("setting").is_set().err();
    for setting in s.node.blocks("setting") {
        let name = Setting::of(setting, "name").text("");
        let value = Setting::of(setting, "value").text("");
        match (name, value) {
            (Ok(name), Ok(value)) if name == "containerInsights" => {
                return vec![Verdict::when(
                    value != "disabled",
                    "setting",
                    "container insights are switched off",
                )];
            }
            (Ok(_), Ok(_)) => {}
            (Err(reason), _) | (_, Err(reason)) => unclear = Some(reason),
        }
    }
    vec![unclear.map_or_else(
        || Verdict::fail("setting", "container insights are not switched on"),
        Verdict::CannotTell,
    )]
}
