//! Patches arrive in the maintenance window.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "database-minor-upgrades",
    title: "The database does not take minor upgrades by itself",
    level: Level::Low,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_db_instance", "aws_rds_cluster_instance", "aws_docdb_cluster_instance"],
    frameworks: &[(CIS, "2.3.2"), (NIST, "SI-2"), (WELL_ARCHITECTED, "SEC06")],
    check,
    doc: include_str!("database_minor_upgrades.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_be_true("auto_minor_version_upgrade", true, "minor upgrades wait for somebody")]
}
