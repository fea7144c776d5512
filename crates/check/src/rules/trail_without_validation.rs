//! The audit trail can prove that nobody edited it.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "trail-without-validation",
    title: "The audit trail can be changed unnoticed",
    level: Level::Medium,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_cloudtrail"],
    frameworks: &[(CIS, "3.2"), (NIST, "AU-9"), (WELL_ARCHITECTED, "SEC04")],
    check,
    doc: include_str!("trail_without_validation.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![
        s.must_be_true("enable_log_file_validation", false, "log files are not signed"),
        s.must_be_true("is_multi_region_trail", false, "other regions are not recorded"),
    ]
}
