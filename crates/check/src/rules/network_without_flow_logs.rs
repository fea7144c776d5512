//! Networks record who talked to whom.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "network-without-flow-logs",
    title: "The network keeps no record of its traffic",
    level: Level::Low,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_vpc"],
    frameworks: &[(CIS, "3.7"), (NIST, "AU-12"), (WELL_ARCHITECTED, "SEC04")],
    check,
    doc: include_str!("network_without_flow_logs.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_have("aws_flow_log", "vpc_id", &[], "no flow log is written for the network")]
}
