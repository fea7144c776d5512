//! Backups have a key of their own.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "backup-vault-key",
    title: "The backup vault uses the service's key",
    level: Level::Low,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_backup_vault"],
    frameworks: &[(NIST, "SC-12"), (WELL_ARCHITECTED, "SEC08")],
    check,
    doc: include_str!("backup_vault_key.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_be_set("kms_key_arn", "backups are encrypted with the key of the service")]
}
