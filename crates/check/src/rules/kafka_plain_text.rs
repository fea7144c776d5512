//! Kafka clients use TLS and say who they are.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "kafka-plain-text",
    title: "Kafka clients may talk without encryption or authentication",
    level: Level::High,
    category: Category::Security,
    confidence: Confidence::High,
    kinds: &["aws_msk_cluster"],
    frameworks: &[(NIST, "SC-8"), (WELL_ARCHITECTED, "SEC09")],
    check,
    doc: include_str!("kafka_plain_text.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    let path = "encryption_info.encryption_in_transit.client_broker";
    vec![
        s.must_read(path, "TLS", "clients may talk to brokers in the clear", |mode| mode == "TLS"),
        s.must_be_true("encryption_info.encryption_in_transit.in_cluster", true, "brokers talk in the clear"),
        s.must_be_false("client_authentication.unauthenticated", false, "clients need not say who they are"),
    ]
}
