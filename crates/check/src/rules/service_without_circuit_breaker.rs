//! Deployments that fail go back by themselves.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "service-without-circuit-breaker",
    title: "A broken version is rolled out to the end",
    level: Level::Medium,
    category: Category::Reliability,
    confidence: Confidence::High,
    kinds: &["aws_ecs_service"],
    frameworks: &[(NIST, "CM-3"), (WELL_ARCHITECTED, "REL08")],
    check,
    doc: include_str!("service_without_circuit_breaker.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    if s.at("deployment_controller.type").text("ECS") != Ok("ECS".to_owned()) {
        return vec![Verdict::Pass];
    }
    vec![
        s.must_be_true(
            "deployment_circuit_breaker.enable",
            false,
            "a deployment that cannot start goes on for hours",
        ),
        s.must_be_true("deployment_circuit_breaker.rollback", false, "a failed deployment does not go back"),
    ]
}
