//! Kafka by the endpoint of an Event Hubs namespace.
//!
//! Programs speak Kafka's protocol and prove who they are with their identity. Topics are made by the program or by its
//! owner: a spec names none.

use catalog::azurerm::eventhub_namespace as namespace;
use design::BrokerDesign;
use ir::{NodeBuilder, Value};

use super::env::{Letters, number, one_of};
use super::{Env, Grant, Offer};
use crate::names::{join, settings};

/// A namespace with its Kafka endpoint.
pub(crate) fn lower(env: &mut Env, resource: &str, design: &BrokerDesign) -> Offer {
    let component = env.resource_component(resource);
    let c = component.as_str();
    env.component(c, "broker", format!("Kafka endpoint {resource}"));
    let name = env.global_name(c, "namespace", resource, Letters::Dashed(50));
    let tier = one_of("Tier of the namespace; premium is fixed when it is made.", ["Standard", "Premium"]);
    let tier = env.input(c, "tier", tier, design.class.as_str());
    let units = env.input(c, "units", number("Units of throughput.", 1.0, 40.0), design.brokers.max(1));
    let (group, location) = (env.group(), env.location());
    let made = env.add(
        NodeBuilder::new(c, namespace::KIND, "this")
            .set(namespace::NAME, name)
            .set(namespace::RESOURCE_GROUP_NAME, group)
            .set(namespace::LOCATION, location)
            .set(namespace::SKU, tier)
            .set(namespace::CAPACITY, units)
            .set(namespace::LOCAL_AUTHENTICATION_ENABLED, false)
            .set(namespace::MINIMUM_TLS_VERSION, "1.2")
            .lifecycle(env.protection())
            .usage("events", 0.0)
            .purpose(format!("Answers as the Kafka {resource}")),
    );
    let host = join([made.get(namespace::NAME), ".servicebus.windows.net".into()]);
    let brokers = join([host.clone(), ":9093".into()]);
    let mut offer = Offer::of(resource, [("host", host), ("port", "9093".into()), ("brokers", brokers)]);
    offer.env.extend(settings(resource, [("TLS", Value::from("true"))]));
    let grant =
        |what: &str, role| Grant { key: format!("{resource}-{what}"), role, scope: made.get(namespace::ID) };
    offer.read.push(grant("receiver", "Azure Event Hubs Data Receiver"));
    offer.write.push(grant("sender", "Azure Event Hubs Data Sender"));
    offer
}
