//! Public listeners redirect plain HTTP to HTTPS.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "load-balancer-plain-http",
    title: "The load balancer serves plain HTTP",
    level: Level::High,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_lb_listener", "aws_alb_listener"],
    frameworks: &[(NIST, "SC-8"), (WELL_ARCHITECTED, "SEC09")],
    check,
    doc: include_str!("load_balancer_plain_http.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    match s.at("protocol").text("") {
        Ok(protocol) if protocol != "HTTP" => return vec![Verdict::Pass],
        Err(reason) => return vec![Verdict::CannotTell(reason)],
        Ok(_) => {}
    }
    match s.node.get("load_balancer_arn") {
        Some(Value::Unknown(reason)) => return vec![Verdict::CannotTell(reason.clone())],
        Some(Value::Ref(r)) => {
            let balancer = s.index.stack.graph.get(&r.to);
            let internal = balancer.map(|b| Setting::at(&b.attrs, "internal").truth(false));
            match internal {
                Some(Ok(true)) => return vec![Verdict::Pass],
                Some(Err(reason)) => return vec![Verdict::CannotTell(reason)],
                Some(Ok(false)) | None => {}
            }
        }
        _ => {}
    }
    let harmless = |ty: &str| matches!(ty, "redirect" | "fixed-response");
    vec![s.must_read("default_action.type", "", "requests are served without encryption", harmless)]
}
