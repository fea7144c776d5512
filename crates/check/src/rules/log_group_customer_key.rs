//! Logs have a key whose use can be limited and seen.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "log-group-customer-key",
    title: "Logs are encrypted with the service's key",
    level: Level::Low,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_cloudwatch_log_group"],
    frameworks: &[(NIST, "SC-12"), (WELL_ARCHITECTED, "SEC08")],
    check,
    doc: include_str!("log_group_customer_key.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_be_set("kms_key_id", "the logs are encrypted with the key of the service")]
}
