//! Caches on Azure Managed Redis.
//!
//! A cache has an address inside the network and none outside. It makes up its own key, which programs are given as a
//! secret; like everything that the provider reads, the key is in the state.

use catalog::azurerm::managed_redis as redis;
use design::CacheDesign;
use ir::{Block, NodeBuilder, Value};

use super::env::{flag, matching};
use super::network::endpoint;
use super::offer::Secret;
use super::{Env, Offer};
use crate::names::settings;

/// Port of every database of the service.
const PORT: u16 = 10_000;
/// What private endpoints of the service are of, and the sort of zone that their names stand in.
const ENDPOINT: (&str, &str) = ("redisEnterprise", "redis");

/// A cache with its private endpoint.
pub(crate) fn lower(env: &mut Env, resource: &str, design: &CacheDesign) -> Offer {
    let component = env.resource_component(resource);
    let c = component.as_str();
    env.component(c, "cache", format!("Cache {resource}"));
    let name = env.name_within(c, "cache_name", resource, 60);
    let decl = matching("Size of the cache.", "^[A-Za-z]+_[A-Z][0-9]+$", "a size such as Balanced_B1");
    let sku = env.input(c, "sku", decl, design.node_type.as_str());
    let pair = env.input(
        c,
        "high_availability",
        flag("Whether a second node takes over by itself."),
        design.nodes > 1,
    );
    let (group, location) = (env.group(), env.location());
    let made = env.add(
        NodeBuilder::new(c, redis::KIND, "this")
            .set(redis::NAME, name)
            .set(redis::RESOURCE_GROUP_NAME, group)
            .set(redis::LOCATION, location)
            .set(redis::SKU_NAME, sku)
            .set(redis::HIGH_AVAILABILITY_ENABLED, pair)
            .set(redis::PUBLIC_NETWORK_ACCESS, "Disabled")
            .block(
                redis::DEFAULT_DATABASE,
                Block::new()
                    .set(redis::default_database::CLIENT_PROTOCOL, "Encrypted")
                    // One address for all keys, as programs know it that were written for a single Redis.
                    .set(redis::default_database::CLUSTERING_POLICY, "EnterpriseCluster")
                    .set(redis::default_database::EVICTION_POLICY, "VolatileLRU")
                    .set(redis::default_database::ACCESS_KEYS_AUTHENTICATION_ENABLED, true),
            )
            .purpose(format!("Runs the cache {resource}")),
    );
    endpoint(env, c, resource, made.get(redis::ID), ENDPOINT);
    let key = made.get_in(redis::DEFAULT_DATABASE, 0, redis::default_database::PRIMARY_ACCESS_KEY);
    let facts = [("host", made.get(redis::HOSTNAME)), ("port", PORT.to_string().into())];
    let mut offer = Offer::of(resource, facts).secret(resource, "password", Secret::Made(key));
    offer.env.extend(settings(resource, [("TLS", Value::from("true"))]));
    offer
}
