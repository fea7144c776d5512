//! Old images expire.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "image-lifecycle",
    title: "Images are kept for ever",
    level: Level::Low,
    category: Category::Cost,
    confidence: Confidence::High,
    kinds: &["aws_ecr_repository"],
    frameworks: &[(WELL_ARCHITECTED, "COST04")],
    check,
    doc: include_str!("image_lifecycle.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_have(
        "aws_ecr_lifecycle_policy",
        "repository",
        &["name"],
        "no lifecycle policy removes old images",
    )]
}
