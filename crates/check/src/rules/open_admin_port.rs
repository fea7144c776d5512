//! Administration ports are closed to the internet.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "open-admin-port",
    title: "The whole internet may reach an administration port",
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
    doc: include_str!("open_admin_port.md"),
};

/// Port and what listens there.
static PORTS: &[(u16, &str)] = &[
    (22, "SSH"),
    (23, "Telnet"),
    (3389, "RDP"),
    (5985, "WinRM"),
    (5986, "WinRM"),
    (5900, "VNC"),
    (2375, "Docker"),
    (2376, "Docker"),
    (6443, "Kubernetes"),
    (10250, "kubelet"),
];

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    crate::network::closed_to_the_world(s.node, PORTS)
}
