//! What a design binds its owner to.
//!
//! A program in a container moves anywhere; what it speaks to may not. Every product says whether others speak the same
//! protocol, and what is stored must be carried out and paid by the GB. Must not choose.

use ir::Usd;
use serde::Serialize;

use crate::bill::Bill;
use crate::blueprint::{Blueprint, Compute, ResourceChoice};
use crate::cloud::{self, charge};

/// What leaving a cloud would take.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Binding {
    /// Products that programs speak to by an interface that no other vendor has, sorted: code changes with them.
    pub interfaces: Vec<String>,
    /// Products that others replace under the same protocol, sorted: data moves, code stays.
    pub protocols: Vec<String>,
    /// GiB that would be carried out.
    pub stored_gib: f64,
    /// Dollars that carrying it out costs once at list prices; `None` when no price is known.
    pub leaving: Option<Usd>,
}

/// What a design binds to.
pub(crate) fn of(blueprint: &Blueprint) -> Binding {
    let (mut interfaces, mut protocols) = (Vec::new(), Vec::new());
    let mut stored_gib = 0.0;
    for environment in blueprint.environments.values() {
        for resource in environment.resources.values() {
            let choice = &resource.choice;
            let product = choice.product().to_owned();
            if own_interface(choice) {
                interfaces.push(product)
            } else {
                protocols.push(product)
            }
            stored_gib += choice.database().map_or(0.0, |d| f64::from(d.storage_gib));
            stored_gib += choice.bucket().map_or(0.0, |b| b.size_gib);
        }
        if environment.services.values().any(|s| matches!(s.compute, Compute::Function(_))) {
            interfaces.push("functions".to_owned());
        }
    }
    for list in [&mut interfaces, &mut protocols] {
        list.sort_unstable();
        list.dedup();
    }
    let mut bill = Bill::default();
    charge(&mut bill, &blueprint.region, cloud::of(blueprint.provider).internet_gb, stored_gib);
    Binding { interfaces, protocols, stored_gib, leaving: bill.monthly() }
}

/// Whether no other vendor has a service that programs could speak to in the same way.
fn own_interface(choice: &ResourceChoice) -> bool {
    match choice {
        ResourceChoice::Sqs(_)
        | ResourceChoice::Sns(_)
        | ResourceChoice::BlobContainer(_)
        | ResourceChoice::ServiceBusQueue(_)
        | ResourceChoice::ServiceBusTopic(_)
        | ResourceChoice::PubSubQueue(_)
        | ResourceChoice::PubSubTopic(_) => true,
        // Other vendors' stores of objects speak the interface of S3; that of Google is spoken by its own libraries, and
        // the one of S3 is there too.
        ResourceChoice::S3(_) | ResourceChoice::CloudStorage(_) => false,
        ResourceChoice::Rds(_)
        | ResourceChoice::Aurora(_)
        | ResourceChoice::DocumentDb(_)
        | ResourceChoice::FlexibleServer(_)
        | ResourceChoice::CosmosDb(_)
        | ResourceChoice::CloudSql(_)
        | ResourceChoice::Atlas(_)
        | ResourceChoice::ElastiCache(_)
        | ResourceChoice::Memcached(_)
        | ResourceChoice::ManagedRedis(_)
        | ResourceChoice::Memorystore(_)
        | ResourceChoice::RabbitMq(_)
        | ResourceChoice::Kafka(_)
        | ResourceChoice::EventHubs(_)
        | ResourceChoice::ManagedKafka(_)
        | ResourceChoice::OpenSearch(_) => false,
    }
}

impl Binding {
    /// In words, as a part of a sentence.
    pub(crate) fn words(&self) -> String {
        let list = |names: &[String]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        let leaving = self.leaving.map_or("an unknown sum".to_owned(), |usd| usd.to_string());
        format!(
            "interfaces of its own: {}; replaceable under the same protocol: {}; carrying {:.0} GiB out: {leaving} once",
            list(&self.interfaces),
            list(&self.protocols),
            self.stored_gib
        )
    }
}
