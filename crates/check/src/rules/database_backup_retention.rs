//! Backups reach back past a long weekend.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "database-backup-retention",
    title: "Database backups are kept for less than a week",
    level: Level::Medium,
    category: Category::Reliability,
    confidence: Confidence::High,
    kinds: &["aws_db_instance", "aws_rds_cluster", "aws_docdb_cluster"],
    frameworks: &[(NIST, "CP-9"), (WELL_ARCHITECTED, "REL09")],
    check,
    doc: include_str!("database_backup_retention.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    if s.must_be_set("replicate_source_db", "") == Verdict::Pass {
        return vec![Verdict::Pass];
    }
    let path = "backup_retention_period";
    let default = if s.node.kind().as_str() == "aws_db_instance" { 0.0 } else { 1.0 };
    vec![s.must_reach(path, default, 7.0, "backups are kept for less than seven days")]
}
