//! Caches on ElastiCache.
//!
//! TLS and encryption at rest always, no password: a token of a cache would live in state, and the guard lets
//! only the services in that use the cache. The default parameter groups stay: they already evict only keys
//! that expire. It must not know what is cached.

use catalog::aws::{
    elasticache_cluster, elasticache_replication_group, elasticache_subnet_group, security_group,
};
use design::CacheDesign;
use ir::key::Handle;
use ir::{Block, NodeBuilder, Value};

use super::env::{flag, matching, number, subnet_ids};
use super::store::{self, BACKUP_WINDOW, MAINTENANCE_WINDOW};
use super::{Env, Offer};

/// Days that a snapshot of a cache is kept. What a cache holds can be made again, and one snapshot is free.
const SNAPSHOT_DAYS: u32 = 1;
const PORT: u16 = 6379;
const MEMCACHED_PORT: u16 = 11211;

/// A Valkey or Redis replication group: one primary and as many replicas as the design adds.
pub(crate) fn lower_replication_group(env: &mut Env, resource: &str, design: &CacheDesign) -> Offer {
    use elasticache_replication_group::log_delivery_configuration as delivery;
    let component = env.resource_component(resource);
    let c = component.as_str();
    env.component(c, "cache", format!("Cache {resource}"));
    let door = store::door(env, c, resource);
    let subnets = subnet_group(env, c, resource);
    let id = env.name_within(c, "identifier", resource, 40);
    let log_name = store::join(["/aws/elasticache/".into(), id.clone()]);
    let log = store::log_group(env, c, "slow", log_name, &format!("Keeps the slow commands of {resource}"));
    let (version, node_type, nodes) = size(env, c, design);
    let failover = env.input(
        c,
        "failover",
        flag("Whether a replica in another zone takes over by itself; needs two nodes."),
        design.nodes > 1,
    );
    let decl = number("Days that daily snapshots are kept.", 0.0, 35.0);
    let days = env.input(c, "snapshot_days", decl, SNAPSHOT_DAYS);
    let slow_log = Block::new()
        .set(delivery::DESTINATION, log.get(catalog::aws::cloudwatch_log_group::NAME))
        .set(delivery::DESTINATION_TYPE, "cloudwatch-logs")
        .set(delivery::LOG_FORMAT, "json")
        .set(delivery::LOG_TYPE, "slow-log");
    let engine = if design.engine.eq_ignore_ascii_case("redis") { "redis" } else { "valkey" };
    let group = env.add(
        NodeBuilder::new(c, elasticache_replication_group::KIND, "this")
            .set(elasticache_replication_group::REPLICATION_GROUP_ID, id)
            .set(elasticache_replication_group::DESCRIPTION, format!("Cache {resource}"))
            .set(elasticache_replication_group::ENGINE, engine)
            .set(elasticache_replication_group::ENGINE_VERSION, version)
            .set(elasticache_replication_group::NODE_TYPE, node_type)
            .set(elasticache_replication_group::NUM_CACHE_CLUSTERS, nodes)
            .set(elasticache_replication_group::PORT, PORT)
            .set(
                elasticache_replication_group::SUBNET_GROUP_NAME,
                subnets.get(elasticache_subnet_group::NAME),
            )
            .set(elasticache_replication_group::SECURITY_GROUP_IDS, vec![door.get(security_group::ID)])
            .set(elasticache_replication_group::AUTOMATIC_FAILOVER_ENABLED, failover.clone())
            .set(elasticache_replication_group::MULTI_AZ_ENABLED, failover)
            .set(elasticache_replication_group::AT_REST_ENCRYPTION_ENABLED, true)
            .set(elasticache_replication_group::KMS_KEY_ID, env.key_arn())
            .set(elasticache_replication_group::TRANSIT_ENCRYPTION_ENABLED, true)
            .set(elasticache_replication_group::SNAPSHOT_RETENTION_LIMIT, days)
            .set(elasticache_replication_group::SNAPSHOT_WINDOW, BACKUP_WINDOW)
            .set(elasticache_replication_group::MAINTENANCE_WINDOW, MAINTENANCE_WINDOW)
            .set(elasticache_replication_group::AUTO_MINOR_VERSION_UPGRADE, true)
            .block(elasticache_replication_group::LOG_DELIVERY_CONFIGURATION, slow_log)
            .lifecycle(store::protection(env))
            .purpose(format!("Runs the cache {resource}")),
    );
    let host = group.get(elasticache_replication_group::PRIMARY_ENDPOINT_ADDRESS);
    let url = store::join(["rediss://".into(), host.clone(), format!(":{PORT}").into()]);
    store::alias(env, c, resource, host.clone());
    let mut offer = store::offer(resource, [("host", host), ("port", store::text(PORT)), ("url", url)]);
    offer.env.extend(store::settings(resource, [("TLS", "true".into())]));
    offer.door = Some((door.get(security_group::ID), PORT));
    offer
}

/// A Memcached cluster; its contents are lost with a node, by nature.
pub(crate) fn lower_memcached(env: &mut Env, resource: &str, design: &CacheDesign) -> Offer {
    let component = env.resource_component(resource);
    let c = component.as_str();
    env.component(c, "cache", format!("Cache {resource}"));
    let door = store::door(env, c, resource);
    let subnets = subnet_group(env, c, resource);
    let id = env.name_within(c, "identifier", resource, 40);
    let (version, node_type, nodes) = size(env, c, design);
    let decl =
        super::env::one_of("Whether nodes stand in one zone or in several.", ["single-az", "cross-az"]);
    let zones = env.input(c, "az_mode", decl, if design.nodes > 1 { "cross-az" } else { "single-az" });
    let cluster = env.add(
        NodeBuilder::new(c, elasticache_cluster::KIND, "this")
            .set(elasticache_cluster::CLUSTER_ID, id)
            .set(elasticache_cluster::ENGINE, "memcached")
            .set(elasticache_cluster::ENGINE_VERSION, version)
            .set(elasticache_cluster::NODE_TYPE, node_type)
            .set(elasticache_cluster::NUM_CACHE_NODES, nodes)
            .set(elasticache_cluster::AZ_MODE, zones)
            .set(elasticache_cluster::PORT, MEMCACHED_PORT)
            .set(elasticache_cluster::SUBNET_GROUP_NAME, subnets.get(elasticache_subnet_group::NAME))
            .set(elasticache_cluster::SECURITY_GROUP_IDS, vec![door.get(security_group::ID)])
            .set(elasticache_cluster::TRANSIT_ENCRYPTION_ENABLED, true)
            .set(elasticache_cluster::MAINTENANCE_WINDOW, MAINTENANCE_WINDOW)
            .purpose(format!("Runs the cache {resource}")),
    );
    let host = cluster.get(elasticache_cluster::CLUSTER_ADDRESS);
    store::alias(env, c, resource, host.clone());
    let mut offer = store::offer(resource, [("host", host), ("port", store::text(MEMCACHED_PORT))]);
    offer.env.extend(store::settings(resource, [("TLS", "true".into())]));
    offer.door = Some((door.get(security_group::ID), MEMCACHED_PORT));
    offer
}

/// Engine version, node type and number of nodes, as inputs.
fn size(env: &mut Env, c: &str, design: &CacheDesign) -> (Value, Value, Value) {
    let decl =
        matching("Version of the engine.", r"^[0-9]+\.[0-9]+(\.[0-9]+)?$", "a version such as 8.0 or 1.6.22");
    let version = env.input(c, "engine_version", decl, full_version(design));
    let decl = matching(
        "Type of a cache node.",
        r"^cache\.[a-z0-9]+\.[a-z0-9]+$",
        "a node type such as cache.t4g.small",
    );
    let node_type = env.input(c, "node_type", decl, design.node_type.as_str());
    let most = if design.engine == "memcached" { 40.0 } else { 6.0 };
    let nodes = env.input(c, "nodes", number("Nodes of the cache.", 1.0, most), design.nodes.max(1));
    (version, node_type, nodes)
}

/// Valkey and Redis want a minor version: `8` is `8.0`. Memcached's are taken as they are: it wants a patch, and
/// which ones exist is a fact of the catalogue and not arithmetic.
fn full_version(design: &CacheDesign) -> String {
    let whole = !design.version.contains('.') && design.engine != "memcached";
    if whole { format!("{}.0", design.version) } else { design.version.clone() }
}

fn subnet_group(env: &mut Env, component: &str, resource: &str) -> Handle<elasticache_subnet_group::M> {
    let name = env.name(resource);
    let subnets = subnet_ids(&env.network().data);
    env.add(
        NodeBuilder::new(component, elasticache_subnet_group::KIND, "this")
            .set(elasticache_subnet_group::NAME, name)
            .set(elasticache_subnet_group::DESCRIPTION, format!("Data subnets for {resource}"))
            .set(elasticache_subnet_group::SUBNET_IDS, subnets)
            .purpose(format!("Keeps {resource} in subnets without a way to the internet")),
    )
}
