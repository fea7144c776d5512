//! Containers run on a read-only root file system.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "container-writable-root",
    title: "The container can change its own files",
    level: Level::Medium,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_ecs_task_definition"],
    frameworks: &[(NIST, "CM-5"), (WELL_ARCHITECTED, "SEC06")],
    check,
    doc: include_str!("container_writable_root.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    s.each_container(|container| match Setting::of(container, "readonlyRootFilesystem").truth(false) {
        Ok(true) => Ok(Ok(())),
        Ok(false) => Ok(Err("the root file system is writable".to_owned())),
        Err(reason) => Err(reason),
    })
}
