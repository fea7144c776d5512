//! Shells into running tasks are an exception.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "service-exec-enabled",
    title: "Anybody with the permission can open a shell in the task",
    level: Level::Low,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_ecs_service"],
    frameworks: &[(NIST, "AC-6"), (WELL_ARCHITECTED, "SEC06")],
    check,
    doc: include_str!("service_exec_enabled.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_be_false("enable_execute_command", false, "a shell can be opened in every task")]
}
