//! One component for each resource of the spec.
//!
//! Which module lowers which choice is said here and nowhere else. It must not know how.

use design::ResourceChoice;

use super::{Env, Offer, Offers, bucket, cache, kafka, messaging, sql};

/// Lowers every resource and returns what each offers, by the resource's name.
pub(crate) fn lower(env: &mut Env) -> Offers {
    let design = env.design;
    let resources = design.resources.iter();
    resources.map(|(name, resource)| (name.clone(), lower_resource(env, name, &resource.choice))).collect()
}

fn lower_resource(env: &mut Env, name: &str, choice: &ResourceChoice) -> Offer {
    match choice {
        ResourceChoice::CloudSql(design) => sql::lower(env, name, design),
        ResourceChoice::Memorystore(design) => cache::lower(env, name, design),
        ResourceChoice::PubSubQueue(design) => messaging::lower_queue(env, name, design),
        ResourceChoice::PubSubTopic(design) => messaging::lower_topic(env, name, design),
        ResourceChoice::ManagedKafka(design) => kafka::lower(env, name, design),
        ResourceChoice::CloudStorage(design) => bucket::lower(env, name, design),
        other => unreachable!("{} is never designed for Google Cloud", other.product()),
    }
}
