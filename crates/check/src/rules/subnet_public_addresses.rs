//! Public addresses are asked for, not handed out.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "subnet-public-addresses",
    title: "The subnet gives every machine a public address",
    level: Level::Medium,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_subnet"],
    frameworks: &[(NIST, "SC-7"), (WELL_ARCHITECTED, "SEC05")],
    check,
    doc: include_str!("subnet_public_addresses.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_be_false("map_public_ip_on_launch", false, "machines get a public address without asking")]
}
