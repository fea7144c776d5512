//! Queues and topics.
//!
//! Every queue has a dead-letter queue, and both take nothing without TLS. Which topic may send to a queue is
//! written on the queue, so queues get their policies after all topics are known. It must not know who reads.

use catalog::aws::{
    sns_topic, sns_topic_policy, sns_topic_subscription, sqs_queue, sqs_queue_policy,
    sqs_queue_redrive_allow_policy,
};
use design::{QueueDesign, ResourceChoice, TopicDesign, usage};
use ir::key::Handle;
use ir::{Diagnostic, NodeBuilder, Value};

use super::env::number;
use super::policy::{Grant, Principal, resource_policy, tls_only};
use super::store::{self, allow};
use super::{Env, Offer};

/// Days that a message is kept after it could not be handled: the most there is.
const DEAD_LETTER_SECONDS: i64 = 14 * 24 * 3600;
/// Seconds that a receiver waits for a message: the most there is, and the fewest empty answers.
const LONG_POLL_SECONDS: i64 = 20;
/// Seconds that a data key is reused: fewer calls to the key for the same protection.
const KEY_REUSE_SECONDS: i64 = 300;

/// A queue and its dead-letter queue; [`subscribe`] adds the queue's policy.
pub(crate) fn lower_queue(env: &mut Env, resource: &str, design: &QueueDesign) -> Offer {
    let component = env.resource_component(resource);
    let c = component.as_str();
    env.component(c, "queue", format!("Queue {resource}"));
    let queue_name = fifo_name(env, c, "queue_name", resource, design.fifo);
    let dead_name = fifo_name(env, c, "dead_letter_name", &format!("{resource}-dead"), design.fifo);
    let key = env.key_arn();
    let dead = env.add(
        encrypted(NodeBuilder::new(c, sqs_queue::KIND, "dead_letter"), dead_name, design.fifo, &key)
            .set(sqs_queue::MESSAGE_RETENTION_SECONDS, DEAD_LETTER_SECONDS)
            .lifecycle(store::protection(env))
            .purpose(format!("Keeps what could not be handled from {resource} until somebody looks"))
            .usage("requests", 0.0),
    );
    let decl = number("Seconds that a message is kept.", 60.0, 1_209_600.0);
    let retention = i64::try_from(design.retention_seconds).unwrap_or(DEAD_LETTER_SECONDS);
    let retention = env.input(c, "retention_seconds", decl, retention);
    let decl = number("Seconds that a message taken is hidden from other readers.", 0.0, 43_200.0);
    let visibility = env.input(c, "visibility_seconds", decl, design.visibility_seconds);
    let decl = number("Tries before a message goes to the dead-letter queue.", 1.0, 1000.0);
    let receives = env.input(c, "max_receives", decl, design.max_receives);
    let redrive = Value::json(Value::map([
        ("deadLetterTargetArn", dead.get(sqs_queue::ARN)),
        ("maxReceiveCount", receives),
    ]));
    let queue = env.add(
        encrypted(NodeBuilder::new(c, sqs_queue::KIND, "this"), queue_name, design.fifo, &key)
            .set(sqs_queue::MESSAGE_RETENTION_SECONDS, retention)
            .set(sqs_queue::VISIBILITY_TIMEOUT_SECONDS, visibility)
            .set(sqs_queue::RECEIVE_WAIT_TIME_SECONDS, LONG_POLL_SECONDS)
            .set(sqs_queue::REDRIVE_POLICY, redrive)
            .lifecycle(store::protection(env))
            .purpose(format!("Carries the messages of {resource}"))
            .usage("requests", usage::queue_requests(design)),
    );
    env.add(
        NodeBuilder::new(c, sqs_queue_policy::KIND, "dead_letter")
            .set(sqs_queue_policy::QUEUE_URL, dead.get(sqs_queue::ID))
            .set(
                sqs_queue_policy::POLICY,
                resource_policy(&[tls_only("sqs:*", vec![dead.get(sqs_queue::ARN)])]),
            )
            .purpose("Refuses requests without TLS"),
    );
    let sources = Value::json(Value::map([
        ("redrivePermission", Value::from("byQueue")),
        ("sourceQueueArns", Value::List(vec![queue.get(sqs_queue::ARN)])),
    ]));
    env.add(
        NodeBuilder::new(c, sqs_queue_redrive_allow_policy::KIND, "dead_letter")
            .set(sqs_queue_redrive_allow_policy::QUEUE_URL, dead.get(sqs_queue::ID))
            .set(sqs_queue_redrive_allow_policy::REDRIVE_ALLOW_POLICY, sources)
            .purpose(format!("Takes dead letters of {resource} and of no other queue")),
    );
    queue_offer(resource, &queue, key)
}

/// A topic with its policy; [`subscribe`] connects the queues.
pub(crate) fn lower_topic(env: &mut Env, resource: &str, design: &TopicDesign) -> Offer {
    let component = env.resource_component(resource);
    let c = component.as_str();
    env.component(c, "topic", format!("Topic {resource}"));
    let name = fifo_name(env, c, "topic_name", resource, design.fifo);
    let key = env.key_arn();
    let mut builder = NodeBuilder::new(c, sns_topic::KIND, "this").set(sns_topic::NAME, name);
    if design.fifo {
        builder = builder.set(sns_topic::FIFO_TOPIC, true).set(sns_topic::CONTENT_BASED_DEDUPLICATION, true);
    }
    let topic = env.add(
        builder
            .set(sns_topic::KMS_MASTER_KEY_ID, key.clone())
            .purpose(format!("Sends each message of {resource} to every subscriber"))
            .usage("requests", design.messages_month),
    );
    let arn = topic.get(sns_topic::ARN);
    // A topic's policy knows no wildcard of all actions; publishing is what travels over the network.
    let policy = resource_policy(&[tls_only("sns:Publish", vec![arn.clone()])]);
    env.add(
        NodeBuilder::new(c, sns_topic_policy::KIND, "this")
            .set(sns_topic_policy::ARN, arn.clone())
            .set(sns_topic_policy::POLICY, policy)
            .purpose("Refuses messages without TLS"),
    );
    let mut offer = store::offer(resource, [("arn", arn.clone())]);
    offer.fields.insert("name", topic.get(sns_topic::NAME));
    offer.read.push(allow("Inspect", resource, &["sns:GetTopicAttributes"], vec![arn.clone()]));
    offer.write.push(allow("Publish", resource, &["sns:Publish"], vec![arn]));
    offer.write.push(allow("PublishKey", resource, &["kms:Decrypt", "kms:GenerateDataKey"], vec![key]));
    offer
}

/// Connects topics to the queues that subscribe, and gives every queue its policy.
pub(crate) fn subscribe(env: &mut Env) {
    let design = env.design;
    let queue_names: Vec<&String> = design
        .resources
        .iter()
        .filter_map(|(name, r)| matches!(r.choice, ResourceChoice::Sqs(_)).then_some(name))
        .collect();
    let mut topics: std::collections::BTreeMap<&str, Vec<&str>> = std::collections::BTreeMap::new();
    for (topic, resource) in &design.resources {
        let ResourceChoice::Sns(topic_design) = &resource.choice else { continue };
        for subscriber in &topic_design.subscribers {
            match design.resources.get(subscriber).map(|r| &r.choice) {
                Some(ResourceChoice::Sqs(queue)) if queue.fifo && !topic_design.fifo => {
                    env.diagnostics.push(unordered_topic(env, topic, subscriber));
                }
                Some(ResourceChoice::Sqs(_)) => topics.entry(subscriber).or_default().push(topic),
                _ => env.diagnostics.push(no_queue(env, topic, subscriber)),
            }
        }
    }
    for queue in queue_names {
        lower_queue_policy(env, queue, topics.get(queue.as_str()).map_or(&[], Vec::as_slice));
    }
}

fn lower_queue_policy(env: &mut Env, queue: &str, topics: &[&str]) {
    let component = env.resource_component(queue);
    let queue_handle = NodeBuilder::new(&component, sqs_queue::KIND, "this").handle();
    let arn = queue_handle.get(sqs_queue::ARN);
    let handles: Vec<(&str, Handle<sns_topic::M>)> = topics
        .iter()
        .map(|topic| {
            let component = env.resource_component(topic);
            (*topic, NodeBuilder::new(&component, sns_topic::KIND, "this").handle())
        })
        .collect();
    let mut grants = vec![tls_only("sqs:*", vec![arn.clone()])];
    if !handles.is_empty() {
        grants.push(Grant {
            sid: "Topics",
            deny: false,
            principal: Principal::Service("sns.amazonaws.com"),
            actions: vec!["sqs:SendMessage"],
            resources: vec![arn.clone()],
            conditions: vec![(
                "ArnEquals",
                "aws:SourceArn",
                handles.iter().map(|(_, topic)| topic.get(sns_topic::ARN)).collect(),
            )],
        });
    }
    let policy = env.add(
        NodeBuilder::new(&component, sqs_queue_policy::KIND, "this")
            .set(sqs_queue_policy::QUEUE_URL, queue_handle.get(sqs_queue::ID))
            .set(sqs_queue_policy::POLICY, resource_policy(&grants))
            .purpose("Refuses requests without TLS, and lets in the topics that the queue subscribes to"),
    );
    // The subscription belongs to the queue: it needs the policy, and queues then know topics but not the reverse.
    for (name, topic) in handles {
        env.add(
            NodeBuilder::new(&component, sns_topic_subscription::KIND, "topic")
                .key(name)
                .set(sns_topic_subscription::TOPIC_ARN, topic.get(sns_topic::ARN))
                .set(sns_topic_subscription::PROTOCOL, "sqs")
                .set(sns_topic_subscription::ENDPOINT, arn.clone())
                .set(sns_topic_subscription::RAW_MESSAGE_DELIVERY, true)
                .depends_on(&policy.address)
                .purpose(format!("Copies each message of {name} to the queue {queue}")),
        );
    }
}

fn encrypted(
    builder: NodeBuilder<sqs_queue::M>,
    name: Value,
    fifo: bool,
    key: &Value,
) -> NodeBuilder<sqs_queue::M> {
    let mut builder = builder.set(sqs_queue::NAME, name);
    if fifo {
        builder = builder.set(sqs_queue::FIFO_QUEUE, true).set(sqs_queue::CONTENT_BASED_DEDUPLICATION, true);
    }
    builder
        .set(sqs_queue::KMS_MASTER_KEY_ID, key)
        .set(sqs_queue::KMS_DATA_KEY_REUSE_PERIOD_SECONDS, KEY_REUSE_SECONDS)
}

/// Names of ordered queues and topics must end in `.fifo`; all of it fits in 80 characters.
fn fifo_name(env: &mut Env, component: &str, input: &str, suffix: &str, fifo: bool) -> Value {
    let name = env.name_within(component, input, suffix, 75);
    if fifo { store::join([name, ".fifo".into()]) } else { name }
}

fn queue_offer(resource: &str, queue: &Handle<sqs_queue::M>, key: Value) -> Offer {
    let (arn, url) = (queue.get(sqs_queue::ARN), queue.get(sqs_queue::URL));
    let name = queue.get(sqs_queue::NAME);
    let mut offer = store::offer(resource, [("url", url.clone())]);
    offer.fields.insert("arn", arn.clone());
    offer.fields.insert("name", name.clone());
    let look = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl"];
    let receive = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage"];
    offer.read.push(allow("Receive", resource, &[&look[..], &receive].concat(), vec![arn.clone()]));
    offer.read.push(allow("ReceiveKey", resource, &["kms:Decrypt"], vec![key.clone()]));
    offer.write.push(allow("Send", resource, &[&look[..], &["sqs:SendMessage"]].concat(), vec![arn]));
    offer.write.push(allow("SendKey", resource, &["kms:Decrypt", "kms:GenerateDataKey"], vec![key]));
    offer.backlog = Some((url, name));
    offer
}

fn unordered_topic(env: &Env, topic: &str, queue: &str) -> Diagnostic {
    let span = env.spec.resources.get(topic).and_then(|r| r.span);
    Diagnostic::error(
        "unordered-topic-to-ordered-queue",
        format!("`{queue}` keeps an order that `{topic}` does not have"),
    )
    .at(span, "sends messages in any order")
    .because("SNS delivers to a first-in-first-out queue only from a first-in-first-out topic.")
    .help(format!("Write `ordered: true` on `{topic}`, or leave it out on `{queue}`"))
}

fn no_queue(env: &Env, topic: &str, subscriber: &str) -> Diagnostic {
    let span = env.spec.resources.get(topic).and_then(|r| r.span);
    Diagnostic::error("subscriber-is-no-queue", format!("`{subscriber}` cannot subscribe to `{topic}`"))
        .at(span, "names it as a subscriber")
        .because("On AWS a topic sends its copies to queues, so that none is lost while a reader is away.")
        .help(format!(
            "Declare a resource of `type: queue`, name it in `subscribers` and let `{subscriber}` use it"
        ))
}
