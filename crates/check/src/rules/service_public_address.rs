//! Tasks are reached through a load balancer.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "service-public-address",
    title: "Every task has a public address",
    level: Level::High,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_ecs_service"],
    frameworks: &[(NIST, "SC-7"), (WELL_ARCHITECTED, "SEC05")],
    check,
    doc: include_str!("service_public_address.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_be_false("network_configuration.assign_public_ip", false, "tasks get a public address")]
}
