//! Databases encrypt their storage.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "database-encryption",
    title: "The database storage is not encrypted",
    level: Level::High,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_db_instance", "aws_rds_cluster", "aws_docdb_cluster"],
    frameworks: &[(CIS, "2.3.1"), (NIST, "SC-28"), (WELL_ARCHITECTED, "SEC08")],
    check,
    doc: include_str!("database_encryption.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    if s.must_be_set("replicate_source_db", "") == Verdict::Pass {
        return vec![Verdict::CannotTell("a replica takes the encryption of its source".to_owned())];
    }
    vec![s.must_be_true("storage_encrypted", false, "the storage is not encrypted")]
}
