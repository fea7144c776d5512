//! A zone may fail without taking the broker with it.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "broker-single-instance",
    title: "The broker lives in one zone",
    level: Level::Medium,
    category: Category::Reliability,
    confidence: Confidence::High,
    kinds: &["aws_mq_broker"],
    frameworks: &[(NIST, "CP-10"), (WELL_ARCHITECTED, "REL10")],
    check,
    doc: include_str!("broker_single_instance.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    let several = |mode: &str| mode != "SINGLE_INSTANCE";
    vec![s.must_read("deployment_mode", "SINGLE_INSTANCE", "the broker is one machine", several)]
}
