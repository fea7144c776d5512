//! Logs expire.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "log-group-never-expires",
    title: "Logs are kept for ever",
    level: Level::Low,
    category: Category::Cost,
    confidence: Confidence::High,
    kinds: &["aws_cloudwatch_log_group"],
    frameworks: &[(NIST, "AU-11"), (WELL_ARCHITECTED, "COST04")],
    check,
    doc: include_str!("log_group_never_expires.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_reach("retention_in_days", 0.0, 1.0, "the logs never expire")]
}
