//! Secrets reach functions from a secret store.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "function-plain-secret",
    title: "A secret stands in the function's environment",
    level: Level::High,
    category: Category::Security,
    confidence: Confidence::Medium,
    kinds: &["aws_lambda_function"],
    frameworks: &[(NIST, "IA-5"), (WELL_ARCHITECTED, "SEC02")],
    check,
    doc: include_str!("function_plain_secret.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    let variables = match s.at("environment.variables") {
        Setting::Set(value) => value.as_map(),
        Setting::Unset => return vec![Verdict::Pass],
        Setting::Unknown(reason) => return vec![Verdict::CannotTell(reason)],
    };
    let judge = |(name, value): (&String, &Value)| match value.text() {
        Some(text) if secrets::shape(&text).is_some() => {
            Verdict::fail("environment.variables", format!("{name} holds what looks like a secret"))
        }
        Some(text) if !text.is_empty() && secrets::named(name) => {
            Verdict::fail("environment.variables", format!("{name} stands there in plain text"))
        }
        None if secrets::named(name) => Verdict::CannotTell(unknown_because(value)),
        _ => Verdict::Pass,
    };
    variables.into_iter().flatten().map(judge).collect()
}
