//! Secrets reach containers from a secret store.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "container-plain-secret",
    title: "A secret stands in the container's environment",
    level: Level::High,
    category: Category::Security,
    confidence: Confidence::Medium,
    kinds: &["aws_ecs_task_definition"],
    frameworks: &[(NIST, "IA-5"), (WELL_ARCHITECTED, "SEC02")],
    check,
    doc: include_str!("container_plain_secret.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    s.each_container(|container| {
        let variables = container.get("environment").and_then(Value::as_list).unwrap_or(&[]);
        for variable in variables {
            let name = variable.get("name").and_then(Value::text).unwrap_or_default();
            let Some(value) = variable.get("value") else { continue };
            match value.text() {
                Some(text) if secrets::shape(&text).is_some() => {
                    return Ok(Err(format!("{name} holds what looks like a secret")));
                }
                Some(text) if !text.is_empty() && !text.starts_with("${") && secrets::named(&name) => {
                    return Ok(Err(format!("{name} stands there in plain text")));
                }
                None if secrets::named(&name) => return Err(unknown_because(value)),
                _ => {}
            }
        }
        Ok(Ok(()))
    })
}
