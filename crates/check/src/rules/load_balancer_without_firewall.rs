//! Public load balancers stand behind a web application firewall.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "load-balancer-without-firewall",
    title: "Nothing filters requests to the load balancer",
    level: Level::Medium,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_lb", "aws_alb"],
    frameworks: &[(NIST, "SC-7"), (WELL_ARCHITECTED, "SEC05")],
    check,
    doc: include_str!("load_balancer_without_firewall.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    if s.at("load_balancer_type").text("application") != Ok("application".to_owned()) {
        return vec![Verdict::Pass];
    }

    match s.at("internal").truth(false) {
        Ok(true) => vec![Verdict::Pass],
        Ok(false) => {
            vec![s.must_have("aws_wafv2_web_acl_association", "resource_arn", &[], "no web ACL is attached")]
        }
        Err(reason) => vec![Verdict::CannotTell(reason)],
    }
}
