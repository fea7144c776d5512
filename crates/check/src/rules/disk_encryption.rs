//! Disks encrypt at rest.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "disk-encryption",
    title: "The disk is not encrypted",
    level: Level::High,
    category: Category::Security,
    confidence: Confidence::Medium,
    kinds: &["aws_ebs_volume", "aws_instance"],
    frameworks: &[(CIS, "2.2.1"), (NIST, "SC-28"), (WELL_ARCHITECTED, "SEC08")],
    check,
    doc: include_str!("disk_encryption.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    let path =
        if s.node.kind().as_str() == "aws_instance" { "root_block_device.encrypted" } else { "encrypted" };
    vec![s.must_be_true(path, false, "the code does not ask for encryption")]
}
