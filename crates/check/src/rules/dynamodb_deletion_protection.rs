//! Deleting a table takes two deliberate steps.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "dynamodb-deletion-protection",
    title: "The table can be deleted by one command",
    level: Level::Medium,
    category: Category::Reliability,
    confidence: Confidence::High,
    kinds: &["aws_dynamodb_table"],
    frameworks: &[(NIST, "CP-9"), (WELL_ARCHITECTED, "REL08")],
    check,
    doc: include_str!("dynamodb_deletion_protection.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_be_true("deletion_protection_enabled", false, "one wrong command deletes the table")]
}
