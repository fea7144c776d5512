//! One component for each resource of the spec.
//!
//! Which module lowers which choice is said here and nowhere else. It must not know how.

use design::ResourceChoice;

use super::{Env, Offer, Offers};
use super::{aurora, broker, bucket, cache, database, documentdb, kafka, messaging, search};

/// Lowers every resource and returns what each offers, by the resource's name.
pub(crate) fn lower_resources(env: &mut Env) -> Offers {
    let design = env.design;
    let offers = design
        .resources
        .iter()
        .map(|(name, resource)| (name.clone(), lower_resource(env, name, &resource.choice)))
        .collect();
    messaging::subscribe(env);
    offers
}

fn lower_resource(env: &mut Env, name: &str, choice: &ResourceChoice) -> Offer {
    match choice {
        ResourceChoice::Rds(design) => database::lower(env, name, design),
        ResourceChoice::Aurora(design) => aurora::lower(env, name, design),
        ResourceChoice::DocumentDb(design) => documentdb::lower(env, name, design),
        ResourceChoice::ElastiCache(design) => cache::lower_replication_group(env, name, design),
        ResourceChoice::Memcached(design) => cache::lower_memcached(env, name, design),
        ResourceChoice::Sqs(design) => messaging::lower_queue(env, name, design),
        ResourceChoice::Sns(design) => messaging::lower_topic(env, name, design),
        ResourceChoice::S3(design) => bucket::lower(env, name, design),
        ResourceChoice::RabbitMq(design) => broker::lower(env, name, design),
        ResourceChoice::Kafka(design) => kafka::lower(env, name, design),
        ResourceChoice::OpenSearch(design) => search::lower(env, name, design),
        other => unreachable!("{} is never designed for AWS", other.product()),
    }
}
