//! A deleted secret can be brought back.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "secret-without-recovery",
    title: "A deleted secret is gone at once",
    level: Level::Low,
    category: Category::Reliability,
    confidence: Confidence::High,
    kinds: &["aws_secretsmanager_secret"],
    frameworks: &[(NIST, "CP-9"), (WELL_ARCHITECTED, "REL09")],
    check,
    doc: include_str!("secret_without_recovery.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_reach("recovery_window_in_days", 30.0, 7.0, "a deletion is final at once")]
}
