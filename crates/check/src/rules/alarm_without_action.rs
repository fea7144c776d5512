//! Every alarm reaches somebody.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "alarm-without-action",
    title: "The alarm tells nobody",
    level: Level::Medium,
    category: Category::Operability,
    confidence: Confidence::High,
    kinds: &["aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"],
    frameworks: &[(NIST, "SI-4"), (WELL_ARCHITECTED, "REL06")],
    check,
    doc: include_str!("alarm_without_action.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    if !s.index.users(&s.node.address).is_empty() {
        return vec![Verdict::Pass];
    }
    vec![
        s.must_be_set("alarm_actions", "nothing happens when the alarm rings"),
        s.must_be_true("actions_enabled", true, "the actions of the alarm are switched off"),
    ]
}
