//! Runs that could not start are kept.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "schedule-without-dead-letters",
    title: "A schedule that fails to start leaves no trace",
    level: Level::Low,
    category: Category::Reliability,
    confidence: Confidence::High,
    kinds: &["aws_scheduler_schedule"],
    frameworks: &[(WELL_ARCHITECTED, "REL11")],
    check,
    doc: include_str!("schedule_without_dead_letters.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_be_set("target.dead_letter_config", "a run that could not start is dropped")]
}
