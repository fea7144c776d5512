//! Queues encrypt what waits in them.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "queue-encryption",
    title: "The queue is not encrypted",
    level: Level::Medium,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_sqs_queue"],
    frameworks: &[(NIST, "SC-28"), (WELL_ARCHITECTED, "SEC08")],
    check,
    doc: include_str!("queue_encryption.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    let managed = "encryption is switched off and no key is named";
    vec![match s.at("kms_master_key_id").is_set() {
        Ok(true) => Verdict::Pass,
        Ok(false) => s.must_be_true("sqs_managed_sse_enabled", true, managed),
        Err(reason) => Verdict::CannotTell(reason),
    }]
}
