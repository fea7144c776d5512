//! Topics encrypt what passes through them.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "topic-encryption",
    title: "The topic is not encrypted",
    level: Level::Medium,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_sns_topic"],
    frameworks: &[(NIST, "SC-28"), (WELL_ARCHITECTED, "SEC08")],
    check,
    doc: include_str!("topic_encryption.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    vec![s.must_be_set("kms_master_key_id", "no key encrypts the topic")]
}
