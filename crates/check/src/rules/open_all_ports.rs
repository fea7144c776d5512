//! No group opens everything to everybody.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "open-all-ports",
    title: "The whole internet may reach every port",
    level: Level::Critical,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &[
        "aws_security_group",
        "aws_default_security_group",
        "aws_security_group_rule",
        "aws_vpc_security_group_ingress_rule",
    ],
    frameworks: &[(CIS, "5.2"), (NIST, "SC-7"), (WELL_ARCHITECTED, "SEC05")],
    check,
    doc: include_str!("open_all_ports.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    let judge = |opening: crate::network::Opening| {
        let open = opening.to_the_world() && opening.all_ports();
        Verdict::when(!open, &opening.attribute, "the whole internet may reach every port")
    };
    crate::network::openings(s.node).into_iter().map(|o| o.map_or_else(Verdict::CannotTell, judge)).collect()
}
