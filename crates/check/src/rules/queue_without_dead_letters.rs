//! Every queue has somewhere to put what fails.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "queue-without-dead-letters",
    title: "Messages that cannot be processed are lost or loop",
    level: Level::Medium,
    category: Category::Reliability,
    confidence: Confidence::High,
    kinds: &["aws_sqs_queue"],
    frameworks: &[(WELL_ARCHITECTED, "REL11")],
    check,
    doc: include_str!("queue_without_dead_letters.md"),
};

/// Attributes and blocks under which resources name where their failures go.
static WAYS: &[&str] = &["redrive_policy", "dead_letter_config", "destination_config", "on_failure"];

/// Kinds that send their failures to a queue.
static SENDERS: &[&str] = &[
    "aws_sqs_queue",
    "aws_sqs_queue_redrive_policy",
    "aws_sns_topic_subscription",
    "aws_lambda_function",
    "aws_lambda_event_source_mapping",
    "aws_scheduler_schedule",
    "aws_cloudwatch_event_target",
];

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    let allows_others = s.at("redrive_allow_policy").is_set() != Ok(false)
        || !matches!(s.companions("aws_sqs_queue_redrive_allow_policy", "queue_url", &[]), Companions::None);
    if allows_others || s.index.users(&s.node.address).iter().any(|user| takes_failures(user, s.node)) {
        return vec![Verdict::Pass];
    }
    let verdict = match s.companions("aws_sqs_queue_redrive_policy", "queue_url", &[]) {
        Companions::Found(_) => Verdict::Pass,
        Companions::Unclear(reason) => Verdict::CannotTell(reason),
        Companions::None => {
            s.must_be_set("redrive_policy", "no dead letter queue takes what cannot be processed")
        }
    };
    match (verdict, unclear_sender(s)) {
        (Verdict::Fail { .. }, Some(reason)) => vec![Verdict::CannotTell(reason)],
        (verdict, _) => vec![verdict],
    }
}

/// Whether a resource sends its failures to the queue.
fn takes_failures(user: &Node, queue: &Node) -> bool {
    let mut found = false;
    let mut look = |value: &Value| found |= value.refs().iter().any(|r| r.to == queue.address);
    for (name, value) in &user.attrs {
        if WAYS.contains(&name.as_str()) {
            look(value);
        }
        value.walk(&mut |inner| {
            if let Value::Map(entries) = inner {
                entries.iter().filter(|(name, _)| WAYS.contains(&name.as_str())).for_each(|(_, v)| look(v));
            }
        });
    }
    found
}

/// Why some resource may be sending its failures here without our knowing: it names its target by a value
/// that is not known.
fn unclear_sender(s: &Subject<'_>) -> Option<String> {
    let senders = SENDERS.iter().flat_map(|kind| s.index.of_kind(kind));
    let settings = senders.flat_map(|node| {
        let names = WAYS.iter().chain(&["target"]);
        names.filter_map(|name| node.get(name)).collect::<Vec<_>>()
    });
    settings.into_iter().find_map(|value| match value {
        Value::Unknown(reason) => Some(reason.clone()),
        _ => None,
    })
}
