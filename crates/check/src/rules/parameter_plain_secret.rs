//! Secrets in the parameter store are encrypted.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "parameter-plain-secret",
    title: "The parameter holds a secret in plain text",
    level: Level::High,
    category: Category::Security,
    confidence: Confidence::Medium,
    kinds: &["aws_ssm_parameter"],
    frameworks: &[(NIST, "SC-28"), (WELL_ARCHITECTED, "SEC08")],
    check,
    doc: include_str!("parameter_plain_secret.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    let name = match s.at("name").text("") {
        Ok(name) => name,
        Err(reason) => return vec![Verdict::CannotTell(reason)],
    };
    if !secrets::named(name.rsplit('/').next().unwrap_or_default()) {
        return vec![Verdict::Pass];
    }
    vec![s.must_read("type", "String", "its name says secret and its type is plain text", |ty| {
        ty == "SecureString"
    })]
}
