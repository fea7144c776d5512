//! Engine logs reach the place where logs are searched.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "database-log-exports",
    title: "The database keeps its logs to itself",
    level: Level::Low,
    category: Category::Operability,
    confidence: Confidence::High,
    kinds: &["aws_db_instance", "aws_rds_cluster", "aws_docdb_cluster"],
    frameworks: &[(NIST, "AU-12"), (WELL_ARCHITECTED, "OPS08")],
    check,
    doc: include_str!("database_log_exports.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_be_set("enabled_cloudwatch_logs_exports", "no engine log is exported")]
}
