//! Tables can be restored to any second of the last weeks.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "dynamodb-point-in-time",
    title: "The table cannot be restored to a moment",
    level: Level::Medium,
    category: Category::Reliability,
    confidence: Confidence::High,
    kinds: &["aws_dynamodb_table"],
    frameworks: &[(NIST, "CP-9"), (WELL_ARCHITECTED, "REL09")],
    check,
    doc: include_str!("dynamodb_point_in_time.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_be_true("point_in_time_recovery.enabled", false, "a wrong write cannot be undone")]
}
