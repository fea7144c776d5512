//! Caches on Memorystore for Valkey.
//!
//! One shard, which programs that know nothing of clusters can use, with a copy in another zone when the design asks for
//! one. It is reached by an endpoint in the network and by TLS only. It must not know who connects.

use catalog::google::{
    compute_subnetwork, memorystore_instance as cache,
    network_connectivity_service_connection_policy as connection_policy,
};
use design::CacheDesign;
use ir::{Block, NodeBuilder, Ref, Step, Value};

use super::env::{matching, number, one_of};
use super::offer::Door;
use super::{Env, Offer, network};
use crate::names::{join, settings};

const PORT: u16 = 6379;

/// Sizes of a node.
const SIZES: [&str; 4] = ["SHARED_CORE_NANO", "STANDARD_SMALL", "HIGHMEM_MEDIUM", "HIGHMEM_XLARGE"];

/// An instance and its endpoint.
pub(crate) fn lower(env: &mut Env, resource: &str, design: &CacheDesign) -> Offer {
    let component = env.resource_component(resource);
    let c = component.as_str();
    env.component(c, "cache", format!("Cache {resource}"));
    let network = env.network();
    let (subnet, policy) = network.endpoints.expect("a network with caches has a place for their endpoints");
    let id = env.name_within(c, "instance_id", resource, 63);
    let decl = matching("Version of the engine.", "^VALKEY_[0-9]+_[0-9]+$", "a version such as VALKEY_8_0");
    let version = env.input(c, "engine_version", decl, engine_version(&design.version));
    let node_type = env.input(c, "node_type", one_of("Size of a node.", SIZES), design.node_type.as_str());
    let decl = number("Copies in other zones, which take over and answer reads.", 0.0, 5.0);
    let copies = env.input(c, "replicas", decl, design.nodes.max(1) - 1);
    let protection = env.deletion_protection(c);
    let (region, project, lifecycle) = (env.region(), env.project(c), env.protection());
    let instance = env.add(
        NodeBuilder::new(c, cache::KIND, "this")
            .set(cache::INSTANCE_ID, id)
            .set(cache::LOCATION, region)
            .set(cache::ENGINE_VERSION, version)
            .set(cache::NODE_TYPE, node_type)
            .set(cache::MODE, "CLUSTER_DISABLED")
            .set(cache::SHARD_COUNT, 1)
            .set(cache::REPLICA_COUNT, copies)
            .set(cache::TRANSIT_ENCRYPTION_MODE, "SERVER_AUTHENTICATION")
            .set(cache::AUTHORIZATION_MODE, "AUTH_DISABLED")
            .set(cache::DELETION_PROTECTION_ENABLED, protection)
            .block(
                cache::DESIRED_AUTO_CREATED_ENDPOINTS,
                Block::new()
                    // By way of the policy: no endpoint can be placed before it.
                    .set(
                        cache::desired_auto_created_endpoints::NETWORK,
                        policy.get(connection_policy::NETWORK),
                    )
                    .set(cache::desired_auto_created_endpoints::PROJECT_ID, project),
            )
            .lifecycle(lifecycle)
            .purpose(format!("Runs the cache {resource}")),
    );
    let into = |path: &[Result<&str, usize>]| {
        let step = |s: &Result<&str, usize>| match s {
            Ok(name) => Step::Attr((*name).to_owned()),
            Err(index) => Step::Index(*index),
        };
        Value::Ref(Ref { to: instance.address.clone(), path: path.iter().map(step).collect() })
    };
    let address = into(&[
        Ok("endpoints"),
        Err(0),
        Ok("connections"),
        Err(0),
        Ok("psc_auto_connection"),
        Err(0),
        Ok("ip_address"),
    ]);
    let authority =
        into(&[Ok("managed_server_ca"), Err(0), Ok("ca_certs"), Err(0), Ok("certificates"), Err(0)]);
    network::name_store(env, c, resource, address.clone());
    // The certificate names the address, not the name that the zone gives it.
    let url = join(["rediss://".into(), address.clone(), format!(":{PORT}").into()]);
    let facts = [("host", address), ("port", PORT.to_string().into()), ("url", url)];
    let mut offer = Offer::of(resource, facts);
    offer.env.extend(settings(resource, [("TLS", "true".into()), ("CA", authority)]));
    let range = subnet.get(compute_subnetwork::IP_CIDR_RANGE);
    offer.door = Some(Door { name: resource.to_owned(), range, port: PORT });
    offer
}

/// `8` and `8.0` are `VALKEY_8_0`; Redis 7.2, which Valkey was made from, is `VALKEY_7_2`.
fn engine_version(version: &str) -> String {
    let mut parts = version.split('.');
    let (major, minor) = (parts.next().unwrap_or_default(), parts.next().unwrap_or("0"));
    format!("VALKEY_{major}_{minor}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_written_as_memorystore_does() {
        for (version, written) in [("8", "VALKEY_8_0"), ("8.0", "VALKEY_8_0"), ("7.2", "VALKEY_7_2")] {
            assert_eq!(engine_version(version), written);
        }
    }
}
