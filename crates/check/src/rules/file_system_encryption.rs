//! File systems encrypt at rest.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "file-system-encryption",
    title: "The file system is not encrypted",
    level: Level::High,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_efs_file_system"],
    frameworks: &[(CIS, "2.4.1"), (NIST, "SC-28"), (WELL_ARCHITECTED, "SEC08")],
    check,
    doc: include_str!("file_system_encryption.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_be_true("encrypted", false, "the files are not encrypted at rest")]
}
