//! Images are scanned when they arrive.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "image-scan",
    title: "Images are not scanned",
    level: Level::Medium,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_ecr_repository"],
    frameworks: &[(NIST, "RA-5"), (WELL_ARCHITECTED, "SEC06")],
    check,
    doc: include_str!("image_scan.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_be_true("image_scanning_configuration.scan_on_push", false, "images are not scanned on push")]
}
