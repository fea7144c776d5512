//! Secrets have a key whose use can be limited and seen.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "secret-customer-key",
    title: "The secret is encrypted with the service's key",
    level: Level::Low,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_secretsmanager_secret"],
    frameworks: &[(NIST, "SC-12"), (WELL_ARCHITECTED, "SEC08")],
    check,
    doc: include_str!("secret_customer_key.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_be_set("kms_key_id", "the secret is encrypted with the key of the service")]
}
