//! The provider makes and keeps the master password.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "database-password-in-state",
    title: "The database password is kept in the code or its state",
    level: Level::High,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_db_instance", "aws_rds_cluster", "aws_docdb_cluster"],
    frameworks: &[(NIST, "IA-5"), (WELL_ARCHITECTED, "SEC02")],
    check,
    doc: include_str!("database_password_in_state.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    let judge = |name| match s.at(name).is_set() {
        Ok(false) => Verdict::Pass,
        // Wherever the value comes from, it is written into the state.
        Ok(true) | Err(_) => Verdict::fail(name, "the master password ends up in the state"),
    };
    ["password", "master_password"].map(judge).into()
}
