//! What was tested is what runs.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "image-tag-mutable",
    title: "An image tag can be moved to another image",
    level: Level::Medium,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_ecr_repository"],
    frameworks: &[(NIST, "CM-5"), (WELL_ARCHITECTED, "SEC06")],
    check,
    doc: include_str!("image_tag_mutable.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_read("image_tag_mutability", "MUTABLE", "tags can be overwritten", |v| {
        v.starts_with("IMMUTABLE")
    })]
}
