//! Containers have no rights over their host.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "container-privileged",
    title: "The container runs with the rights of the host",
    level: Level::Critical,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_ecs_task_definition"],
    frameworks: &[(NIST, "AC-6"), (WELL_ARCHITECTED, "SEC06")],
    check,
    doc: include_str!("container_privileged.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    s.each_container(|container| match Setting::of(container, "privileged").truth(false) {
        Ok(false) => Ok(Ok(())),
        Ok(true) => Ok(Err("the container is privileged".to_owned())),
        Err(reason) => Err(reason),
    })
}
