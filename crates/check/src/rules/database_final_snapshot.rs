//! A deletion leaves a snapshot behind.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "database-final-snapshot",
    title: "The database is deleted without a last snapshot",
    level: Level::Medium,
    category: Category::Reliability,
    confidence: Confidence::High,
    kinds: &["aws_db_instance", "aws_rds_cluster", "aws_docdb_cluster"],
    frameworks: &[(NIST, "CP-9"), (WELL_ARCHITECTED, "REL09")],
    check,
    doc: include_str!("database_final_snapshot.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_be_false("skip_final_snapshot", false, "a deletion leaves nothing to restore from")]
}
