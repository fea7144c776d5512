//! Permissions name the source on whose behalf a service calls.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "function-permission-open",
    title: "A service may call the function on behalf of any account",
    level: Level::Medium,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_lambda_permission"],
    frameworks: &[(NIST, "AC-3"), (WELL_ARCHITECTED, "SEC03")],
    check,
    doc: include_str!("function_permission_open.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    let principal = match s.at("principal").text("") {
        Ok(principal) => principal,
        Err(reason) => return vec![Verdict::CannotTell(reason)],
    };
    let narrowed = ["source_arn", "source_account", "principal_org_id"].map(|name| s.at(name).is_set());
    let limited = narrowed.contains(&Ok(true));
    if let (false, Some(reason)) = (limited, narrowed.iter().find_map(|n| n.as_ref().err())) {
        return vec![Verdict::CannotTell(reason.clone())];
    }
    let open = principal == "*" || principal.ends_with(".amazonaws.com");
    vec![Verdict::when(limited || !open, "principal", format!("{principal} may call it for anybody"))]
}
