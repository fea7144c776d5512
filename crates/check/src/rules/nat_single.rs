//! Every zone has its own way out.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "nat-single",
    title: "One zone's failure takes every zone's way out",
    level: Level::Medium,
    category: Category::Reliability,
    confidence: Confidence::High,
    kinds: &["aws_nat_gateway"],
    frameworks: &[(WELL_ARCHITECTED, "REL10")],
    check,
    doc: include_str!("nat_single.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    if s.index.of_kind("aws_nat_gateway").len() > 1 {
        return vec![Verdict::Pass];
    }
    let mut zones: Vec<&Value> = Vec::new();
    for zone in s.index.of_kind("aws_subnet").iter().filter_map(|subnet| subnet.get("availability_zone")) {
        if !zones.contains(&zone) {
            zones.push(zone);
        }
    }
    vec![if zones.len() > 1 {
        Verdict::missing("one NAT gateway serves several zones")
    } else {
        Verdict::Pass
    }]
}
