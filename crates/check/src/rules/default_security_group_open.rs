//! What nobody assigned a group to reaches nothing.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "default-security-group-open",
    title: "The default security group lets traffic through",
    level: Level::Medium,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_vpc", "aws_default_security_group"],
    frameworks: &[(CIS, "5.4"), (NIST, "SC-7"), (WELL_ARCHITECTED, "SEC05")],
    check,
    doc: include_str!("default_security_group_open.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    if s.node.kind().as_str() == "aws_vpc" {
        let summary = "the network's default security group is left as the cloud made it";
        return vec![s.must_have("aws_default_security_group", "vpc_id", &[], summary)];
    }
    ["ingress", "egress"]
        .into_iter()
        .map(|name| match s.at(name).is_set() {
            Ok(set) => Verdict::when(!set, name, "the default security group has rules"),
            Err(reason) => Verdict::CannotTell(reason),
        })
        .collect()
}
