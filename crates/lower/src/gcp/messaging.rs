//! Queues and topics.
//!
//! A queue is a topic with one subscription; what could not be handled goes to a topic of its own, whose subscription
//! keeps it until somebody looks. A topic has a subscription for each queue that follows it, which belongs to the queue's
//! component: queues then know topics but not the reverse. It must not know who reads.

use catalog::google::{
    pubsub_subscription as subscription, pubsub_subscription_iam_member as on_subscription,
    pubsub_topic as topic, pubsub_topic_iam_member as on_topic,
};
use design::{QueueDesign, ResourceChoice, TopicDesign, usage};
use ir::key::Handle;
use ir::{Block, Diagnostic, NodeBuilder, Value};

use super::env::{flag, number, project_number};
use super::offer::{Grant, On};
use super::{Env, Offer};
use crate::names::{join, settings};

/// Seconds that a message is kept after it could not be handled: the most there is, 31 days.
const DEAD_LETTER_SECONDS: i64 = 31 * 24 * 3600;
/// Seconds between two tries, at first and at most.
const BACKOFF_SECONDS: (i64, i64) = (10, 600);

/// A queue: a topic, its subscription, and both again for what could not be handled.
pub(crate) fn lower_queue(env: &mut Env, resource: &str, design: &QueueDesign) -> Offer {
    let component = env.resource_component(resource);
    let c = component.as_str();
    env.component(c, "queue", format!("Queue {resource}"));
    let gib = usage::messages_gib(design.messages_month);
    let topic = add_topic(env, c, "this", resource, gib, &format!("Takes the messages of {resource}"));
    let dead = add_topic(
        env,
        c,
        "dead_letter",
        &format!("{resource}-dead"),
        0.0,
        &format!("Takes what could not be handled from {resource}"),
    );
    let reader = Reader { resource, design, dead: &dead };
    let own = reader.subscribe(env, c, None, &topic, gib);
    dead_letters(env, c, resource, &dead);
    let topics = topics_of(env, resource);
    let followed: Vec<(String, Handle<subscription::M>)> = topics
        .into_iter()
        .map(|(name, messages)| {
            let gib = usage::messages_gib(messages);
            let source = NodeBuilder::new(&env.resource_component(&name), topic::KIND, "this").handle();
            let subscription = reader.subscribe(env, c, Some(&name), &source, gib);
            (name, subscription)
        })
        .collect();
    forward(env, c, &own, &followed, &dead);
    offer(resource, &topic, &own, &followed)
}

/// A topic; queues that follow it subscribe by themselves.
pub(crate) fn lower_topic(env: &mut Env, resource: &str, design: &TopicDesign) -> Offer {
    let component = env.resource_component(resource);
    let c = component.as_str();
    env.component(c, "topic", format!("Topic {resource}"));
    for subscriber in &design.subscribers {
        let queue = env.design.resources.get(subscriber);
        if !queue.is_some_and(|r| matches!(r.choice, ResourceChoice::PubSubQueue(_))) {
            let problem = no_queue(env, resource, subscriber);
            env.diagnostics.push(problem);
        }
    }
    let gib = usage::messages_gib(design.messages_month);
    let topic = add_topic(env, c, "this", resource, gib, &format!("Takes the messages of {resource}"));
    let name = topic.get(topic::NAME);
    let mut offer = Offer::of(resource, [("topic", name.clone())]);
    offer.fields.insert("name", name.clone());
    offer.write.push(publisher(resource, name));
    offer
}

fn add_topic(
    env: &mut Env,
    component: &str,
    node: &str,
    suffix: &str,
    gib: f64,
    purpose: &str,
) -> Handle<topic::M> {
    use topic::message_storage_policy as stored;
    let (name, region) = (env.name(suffix), env.region());
    let lifecycle = env.protection();
    env.add(
        NodeBuilder::new(component, topic::KIND, node)
            .set(topic::NAME, name)
            .block(
                topic::MESSAGE_STORAGE_POLICY,
                Block::new().set(stored::ALLOWED_PERSISTENCE_REGIONS, Value::List(vec![region])),
            )
            .lifecycle(lifecycle)
            .usage("gib", gib)
            .purpose(purpose),
    )
}

/// What reads for a queue.
struct Reader<'r> {
    resource: &'r str,
    design: &'r QueueDesign,
    dead: &'r Handle<topic::M>,
}

impl Reader<'_> {
    /// Adds a subscription of the queue: its own, or the one to a topic that it follows.
    fn subscribe(
        &self,
        env: &mut Env,
        c: &str,
        follows: Option<&str>,
        to: &Handle<topic::M>,
        gib: f64,
    ) -> Handle<subscription::M> {
        let Reader { resource, design, dead } = self;
        let decl = number("Seconds that a message is kept.", 600.0, 2_678_400.0);
        let kept = env.input(
            c,
            "retention_seconds",
            decl,
            i64::try_from(design.retention_seconds).unwrap_or(604_800),
        );
        let decl = number("Seconds that a message taken is hidden from other readers.", 10.0, 600.0);
        let hidden = env.input(c, "visibility_seconds", decl, design.visibility_seconds);
        let decl = number("Tries before a message goes to the dead letters.", 5.0, 100.0);
        // Pub/Sub takes no fewer than five.
        let tries = env.input(c, "max_receives", decl, design.max_receives.clamp(5, 100));
        let decl = flag("Whether messages of one key are handed out in their order.");
        let ordered = env.input(c, "ordered", decl, design.fifo);
        let (node, name) = match follows {
            None => ("this", env.name(resource)),
            Some(topic) => ("topic", env.name(&format!("{resource}-from-{topic}"))),
        };
        let mut builder = NodeBuilder::new(c, subscription::KIND, node);
        if let Some(topic) = follows {
            builder = builder.key(topic);
        }
        let (first, last) = BACKOFF_SECONDS;
        let lifecycle = env.protection();
        env.add(
            builder
                .set(subscription::NAME, name)
                .set(subscription::TOPIC, to.get(topic::ID))
                .set(subscription::ACK_DEADLINE_SECONDS, hidden)
                .set(subscription::MESSAGE_RETENTION_DURATION, join([kept, "s".into()]))
                .set(subscription::ENABLE_MESSAGE_ORDERING, ordered)
                .block(
                    subscription::DEAD_LETTER_POLICY,
                    Block::new()
                        .set(subscription::dead_letter_policy::DEAD_LETTER_TOPIC, dead.get(topic::ID))
                        .set(subscription::dead_letter_policy::MAX_DELIVERY_ATTEMPTS, tries),
                )
                .block(
                    subscription::RETRY_POLICY,
                    Block::new()
                        .set(subscription::retry_policy::MINIMUM_BACKOFF, format!("{first}s"))
                        .set(subscription::retry_policy::MAXIMUM_BACKOFF, format!("{last}s")),
                )
                .block(subscription::EXPIRATION_POLICY, never())
                .lifecycle(lifecycle)
                .usage("gib", gib)
                .purpose(match follows {
                    None => format!("Hands the messages of {resource} to its readers"),
                    Some(topic) => format!("Copies each message of {topic} to the readers of {resource}"),
                }),
        )
    }
}

/// A subscription that nobody reads would otherwise be deleted after a month.
fn never() -> Block<subscription::expiration_policy::M> {
    Block::new().set(subscription::expiration_policy::TTL, "")
}

fn dead_letters(env: &mut Env, c: &str, resource: &str, dead: &Handle<topic::M>) {
    let name = env.name(&format!("{resource}-dead"));
    let lifecycle = env.protection();
    env.add(
        NodeBuilder::new(c, subscription::KIND, "dead_letter")
            .set(subscription::NAME, name)
            .set(subscription::TOPIC, dead.get(topic::ID))
            .set(subscription::ACK_DEADLINE_SECONDS, 60)
            .set(subscription::MESSAGE_RETENTION_DURATION, format!("{DEAD_LETTER_SECONDS}s"))
            .block(subscription::EXPIRATION_POLICY, never())
            .lifecycle(lifecycle)
            .usage("gib", 0.0)
            .purpose(format!("Keeps what could not be handled from {resource} until somebody looks")),
    );
}

/// Lets Pub/Sub itself move messages to the dead letters: it must take them from one and give them to the other.
fn forward(
    env: &mut Env,
    c: &str,
    own: &Handle<subscription::M>,
    followed: &[(String, Handle<subscription::M>)],
    dead: &Handle<topic::M>,
) {
    let number = project_number(&mut env.graph, c);
    let agent =
        join(["serviceAccount:service-".into(), number, "@gcp-sa-pubsub.iam.gserviceaccount.com".into()]);
    let first = NodeBuilder::new(c, on_subscription::KIND, "forward");
    let others = followed.iter().map(|(name, subscription)| {
        (NodeBuilder::new(c, on_subscription::KIND, "forward_topic").key(name.as_str()), subscription)
    });
    for (builder, subscription) in std::iter::once((first, own)).chain(others) {
        env.add(
            builder
                .set(on_subscription::SUBSCRIPTION, subscription.get(subscription::NAME))
                .set(on_subscription::ROLE, "roles/pubsub.subscriber")
                .set(on_subscription::MEMBER, agent.clone())
                .purpose("Lets Pub/Sub take away what could not be handled"),
        );
    }
    env.add(
        NodeBuilder::new(c, on_topic::KIND, "forward")
            .set(on_topic::TOPIC, dead.get(topic::NAME))
            .set(on_topic::ROLE, "roles/pubsub.publisher")
            .set(on_topic::MEMBER, agent)
            .purpose("Lets Pub/Sub keep what could not be handled"),
    );
}

/// The topics of the environment that a queue follows, with what they are expected to carry a month.
fn topics_of(env: &Env, queue: &str) -> Vec<(String, f64)> {
    let topics = env.design.resources.iter().filter_map(|(name, r)| Some((name, r.choice.topic()?)));
    let follows = |t: &&TopicDesign| t.subscribers.iter().any(|s| s == queue);
    topics.filter(|(_, t)| follows(t)).map(|(name, t)| (name.clone(), t.messages_month)).collect()
}

fn offer(
    resource: &str,
    topic: &Handle<topic::M>,
    own: &Handle<subscription::M>,
    followed: &[(String, Handle<subscription::M>)],
) -> Offer {
    let (topic, name) = (topic.get(topic::NAME), own.get(subscription::NAME));
    let mut offer = Offer::of(resource, [("topic", topic.clone()), ("subscription", name.clone())]);
    offer.fields.insert("name", topic.clone());
    offer.write.push(publisher(resource, topic));
    offer.read.push(reader(resource, name));
    for (from, subscription) in followed {
        let name = subscription.get(subscription::NAME);
        offer.env.extend(settings(resource, [(&format!("{from}_subscription"), name.clone())]));
        offer.read.push(reader(&format!("{resource}-from-{from}"), name));
    }
    offer
}

fn publisher(resource: &str, topic: Value) -> Grant {
    Grant { key: format!("{resource}-publisher"), role: "roles/pubsub.publisher", on: On::Topic(topic) }
}

fn reader(key: &str, subscription: Value) -> Grant {
    let role = "roles/pubsub.subscriber";
    Grant { key: format!("{key}-subscriber"), role, on: On::Subscription(subscription) }
}

fn no_queue(env: &Env, topic: &str, subscriber: &str) -> Diagnostic {
    let span = env.spec.resources.get(topic).and_then(|r| r.span);
    Diagnostic::error("subscriber-is-no-queue", format!("`{subscriber}` cannot subscribe to `{topic}`"))
        .at(span, "names it as a subscriber")
        .because("A topic sends its copies to queues, so that none is lost while a reader is away.")
        .help(format!(
            "Declare a resource of `type: queue`, name it in `subscribers` and let `{subscriber}` use it"
        ))
}
