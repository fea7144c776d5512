//! Databases and brokers have no public address.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "database-public",
    title: "The database has a public address",
    level: Level::Critical,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_db_instance", "aws_rds_cluster_instance", "aws_mq_broker"],
    frameworks: &[(CIS, "2.3.3"), (NIST, "SC-7"), (WELL_ARCHITECTED, "SEC05")],
    check,
    doc: include_str!("database_public.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_be_false("publicly_accessible", false, "it has a public address")]
}
