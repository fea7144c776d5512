//! Every door has a reason written on it.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "security-group-undescribed",
    title: "The rule does not say what it is for",
    level: Level::Low,
    category: Category::Operability,
    confidence: Confidence::High,
    kinds: &[
        "aws_vpc_security_group_ingress_rule",
        "aws_vpc_security_group_egress_rule",
        "aws_security_group_rule",
    ],
    frameworks: &[(NIST, "CM-8"), (WELL_ARCHITECTED, "SEC05")],
    check,
    doc: include_str!("security_group_undescribed.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_be_set("description", "nobody can tell later why this is open")]
}
