//! Function URLs ask who is calling.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "function-url-open",
    title: "Everybody may call the function",
    level: Level::High,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_lambda_function_url"],
    frameworks: &[(NIST, "AC-3"), (WELL_ARCHITECTED, "SEC03")],
    check,
    doc: include_str!("function_url_open.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_read("authorization_type", "", "the URL answers everybody", |ty| ty != "NONE")]
}
