//! Queues and topics of Azure Service Bus.
//!
//! All of an environment share one namespace. Every queue keeps what could not be handled beside it, and a topic hands
//! its messages on to the queues that subscribe. It must not know who reads.

use catalog::azurerm::{
    servicebus_namespace as namespace, servicebus_queue as queue, servicebus_subscription as subscription,
    servicebus_topic as topic,
};
use design::{QueueDesign, ResourceChoice, TopicDesign, usage};
use ir::key::Handle;
use ir::{Diagnostic, NodeBuilder, Value};

use super::env::{Letters, matching, number};
use super::offer::Backlog;
use super::{Env, Grant, Offer};
use crate::names::join;

const COMPONENT: &str = "bus";
/// Seconds that a message taken may be hidden at most.
const LONGEST_LOCK: u32 = 300;

/// The namespace, added when it is first asked for.
fn bus(env: &mut Env) -> Handle<namespace::M> {
    if let Some(bus) = &env.bus {
        return bus.clone();
    }
    env.component(COMPONENT, "messaging", "Namespace of queues and topics");
    let name = env.global_name(COMPONENT, "namespace", "bus", Letters::Dashed(50));
    let (group, location) = (env.group(), env.location());
    let made = env.add(
        NodeBuilder::new(COMPONENT, namespace::KIND, "this")
            .set(namespace::NAME, name)
            .set(namespace::RESOURCE_GROUP_NAME, group)
            .set(namespace::LOCATION, location)
            .set(namespace::SKU, "Standard")
            .set(namespace::LOCAL_AUTH_ENABLED, false)
            .set(namespace::MINIMUM_TLS_VERSION, "1.2")
            .lifecycle(env.protection())
            .purpose("Holds the queues and topics, for those alone who prove who they are"),
    );
    env.bus = Some(made.clone());
    made
}

/// A queue. Its dead letters are kept in a queue of its own below it.
pub(crate) fn lower_queue(env: &mut Env, resource: &str, design: &QueueDesign) -> Offer {
    let bus = bus(env);
    let component = env.resource_component(resource);
    let c = component.as_str();
    env.component(c, "queue", format!("Queue {resource}"));
    let decl = matching("How long a message is kept.", PERIOD, "an ISO 8601 duration such as P4D");
    let kept = env.input(c, "retention", decl, duration(design.retention_seconds));
    let decl = matching("How long a message taken is hidden from other readers.", PERIOD, "at most PT5M");
    let hidden =
        env.input(c, "lock", decl, duration(design.visibility_seconds.clamp(5, LONGEST_LOCK).into()));
    let decl = number("Tries before a message goes to the dead letters.", 1.0, 2000.0);
    let tries = env.input(c, "max_receives", decl, design.max_receives);
    let made = env.add(
        NodeBuilder::new(c, queue::KIND, "this")
            .set(queue::NAME, resource)
            .set(queue::NAMESPACE_ID, bus.get(namespace::ID))
            .set(queue::DEFAULT_MESSAGE_TTL, kept)
            .set(queue::LOCK_DURATION, hidden)
            .set(queue::MAX_DELIVERY_COUNT, tries)
            .set(queue::DEAD_LETTERING_ON_MESSAGE_EXPIRATION, true)
            // Messages of one session keep their order, and one reader takes them at a time.
            .set(queue::REQUIRES_SESSION, design.fifo)
            .lifecycle(env.protection())
            .usage("requests", usage::queue_requests(design))
            .purpose(format!(
                "Carries the messages of {resource}, and keeps those that could not be handled"
            )),
    );
    let name = made.get(queue::NAME);
    let mut offer = Offer::of(resource, [("host", host(&bus)), ("name", name.clone())]);
    let grant =
        |what: &str, role| Grant { key: format!("{resource}-{what}"), role, scope: made.get(queue::ID) };
    offer.read.push(grant("receiver", "Azure Service Bus Data Receiver"));
    offer.write.push(grant("sender", "Azure Service Bus Data Sender"));
    offer.backlog = Some(Backlog { queue: name, namespace: bus.get(namespace::NAME) });
    offer
}

/// A topic; [`subscribe`] connects the queues.
pub(crate) fn lower_topic(env: &mut Env, resource: &str, design: &TopicDesign) -> Offer {
    let bus = bus(env);
    let component = env.resource_component(resource);
    let c = component.as_str();
    env.component(c, "topic", format!("Topic {resource}"));
    let made = env.add(
        NodeBuilder::new(c, topic::KIND, "this")
            .set(topic::NAME, resource)
            .set(topic::NAMESPACE_ID, bus.get(namespace::ID))
            .set(topic::SUPPORT_ORDERING, design.fifo)
            .usage("requests", design.messages_month)
            .purpose(format!("Sends each message of {resource} to every subscriber")),
    );
    let mut offer = Offer::of(resource, [("host", host(&bus)), ("name", made.get(topic::NAME))]);
    offer.write.push(Grant {
        key: format!("{resource}-sender"),
        role: "Azure Service Bus Data Sender",
        scope: made.get(topic::ID),
    });
    offer
}

/// The namespace as programs reach it.
fn host(bus: &Handle<namespace::M>) -> Value {
    join([bus.get(namespace::NAME), ".servicebus.windows.net".into()])
}

/// Connects topics to the queues that subscribe.
pub(crate) fn subscribe(env: &mut Env) {
    let design = env.design;
    for (name, resource) in &design.resources {
        let ResourceChoice::ServiceBusTopic(topic_design) = &resource.choice else { continue };
        let component = env.resource_component(name);
        let topic_id = NodeBuilder::new(&component, topic::KIND, "this").get(topic::ID);
        for subscriber in &topic_design.subscribers {
            let Some(ResourceChoice::ServiceBusQueue(queue_design)) =
                design.resources.get(subscriber).map(|r| &r.choice)
            else {
                env.diagnostics.push(no_queue(env, name, subscriber));
                continue;
            };
            let queue_component = env.resource_component(subscriber);
            let to = NodeBuilder::new(&queue_component, queue::KIND, "this").get(queue::NAME);
            env.add(
                NodeBuilder::new(&component, subscription::KIND, "this")
                    .key(subscriber)
                    .set(subscription::NAME, subscriber.as_str())
                    .set(subscription::TOPIC_ID, topic_id.clone())
                    .set(subscription::MAX_DELIVERY_COUNT, queue_design.max_receives)
                    .set(subscription::FORWARD_TO, to)
                    .purpose(format!("Hands messages of {name} on to {subscriber}")),
            );
        }
    }
}

fn no_queue(env: &Env, topic: &str, subscriber: &str) -> Diagnostic {
    let span = env.spec.resources.get(topic).and_then(|r| r.span);
    Diagnostic::error("subscriber-is-no-queue", format!("{topic}: the subscriber `{subscriber}` is no queue"))
        .at(span, "subscribes it")
        .because("Messages of a topic are kept for a reader in a queue.")
        .help(format!("declare `{subscriber}` with `type: queue`, or take it out of the subscribers"))
}

/// ISO 8601 durations of days, hours, minutes and seconds.
const PERIOD: &str = r"^P([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+S)?)?$";

/// Seconds as an ISO 8601 duration.
fn duration(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let parts = [(rest / 3600, 'H'), (rest % 3600 / 60, 'M'), (rest % 60, 'S')];
    let time: String = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n}{unit}")).collect();
    match (days, time.as_str()) {
        (0, "") => "PT0S".to_owned(),
        (0, time) => format!("PT{time}"),
        (days, "") => format!("P{days}D"),
        (days, time) => format!("P{days}DT{time}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_become_durations() {
        for (seconds, text) in [
            (0, "PT0S"),
            (30, "PT30S"),
            (60, "PT1M"),
            (300, "PT5M"),
            (3661, "PT1H1M1S"),
            (345_600, "P4D"),
            (90_000, "P1DT1H"),
        ] {
            assert_eq!(duration(seconds), text);
        }
    }
}
