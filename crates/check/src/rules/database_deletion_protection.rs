//! Deleting a database takes two deliberate steps.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "database-deletion-protection",
    title: "The database can be deleted by one command",
    level: Level::Medium,
    category: Category::Reliability,
    confidence: Confidence::High,
    kinds: &["aws_db_instance", "aws_rds_cluster", "aws_docdb_cluster"],
    frameworks: &[(NIST, "CP-9"), (WELL_ARCHITECTED, "REL08")],
    check,
    doc: include_str!("database_deletion_protection.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_be_true("deletion_protection", false, "one wrong command deletes the database")]
}
