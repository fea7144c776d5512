//! Listeners accept TLS 1.2 and newer only.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "load-balancer-old-tls",
    title: "The listener accepts old TLS",
    level: Level::High,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_lb_listener", "aws_alb_listener"],
    frameworks: &[(NIST, "SC-8"), (WELL_ARCHITECTED, "SEC09")],
    check,
    doc: include_str!("load_balancer_old_tls.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    match s.at("protocol").text("HTTP") {
        Ok(protocol) if !matches!(protocol.as_str(), "HTTPS" | "TLS") => return vec![Verdict::Pass],
        Err(reason) => return vec![Verdict::CannotTell(reason)],
        Ok(_) => {}
    }
    let modern = |policy: &str| {
        let old = ["TLS13-1-0", "TLS13-1-1"].iter().any(|o| policy.contains(o));
        let new = ["-TLS13-", "-TLS-1-2-", "-FS-1-2-"].iter().any(|n| policy.contains(n));
        new && !old
    };
    vec![s.must_read(
        "ssl_policy",
        "ELBSecurityPolicy-2016-08",
        "the TLS policy accepts versions before 1.2",
        modern,
    )]
}
