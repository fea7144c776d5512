//! Secrets change on a schedule.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "secret-rotation",
    title: "The secret is never rotated",
    level: Level::Low,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_secretsmanager_secret"],
    frameworks: &[(NIST, "IA-5"), (WELL_ARCHITECTED, "SEC02")],
    check,
    doc: include_str!("secret_rotation.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_have(
        "aws_secretsmanager_secret_rotation",
        "secret_id",
        &["name"],
        "nothing rotates the secret",
    )]
}
