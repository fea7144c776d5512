//! One component for each resource of the spec.
//!
//! Which module lowers which choice is said here and nowhere else. It must not know how.

use design::ResourceChoice;

use super::{Env, Offer, Offers};
use super::{bucket, bus, cache, cosmos, database, event_hubs};

/// Lowers every resource and returns what each offers, by the resource's name.
pub(crate) fn lower(env: &mut Env) -> Offers {
    let design = env.design;
    let offers = design
        .resources
        .iter()
        .map(|(name, resource)| (name.clone(), lower_resource(env, name, &resource.choice)))
        .collect();
    bus::subscribe(env);
    offers
}

fn lower_resource(env: &mut Env, name: &str, choice: &ResourceChoice) -> Offer {
    match choice {
        ResourceChoice::FlexibleServer(design) => database::lower(env, name, design),
        ResourceChoice::CosmosDb(design) => cosmos::lower(env, name, design),
        ResourceChoice::ManagedRedis(design) => cache::lower(env, name, design),
        ResourceChoice::ServiceBusQueue(design) => bus::lower_queue(env, name, design),
        ResourceChoice::ServiceBusTopic(design) => bus::lower_topic(env, name, design),
        ResourceChoice::BlobContainer(design) => bucket::lower(env, name, design),
        ResourceChoice::EventHubs(design) => event_hubs::lower(env, name, design),
        other => unreachable!("{} is never designed for Azure", other.product()),
    }
}
