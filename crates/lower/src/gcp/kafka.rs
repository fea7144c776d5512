//! Kafka on Google's managed service.
//!
//! Brokers stand in three zones and are sized together. Programs sign in with their own account; the role for it exists on
//! projects only, so a person gives it. It must not know who connects.

use catalog::google::{compute_subnetwork, managed_kafka_cluster as cluster};
use design::BrokerDesign;
use ir::{Block, Diagnostic, NodeBuilder};

use super::env::number;
use super::offer::Door;
use super::{Env, Offer};
use crate::names::{join, settings};

const PORT: u16 = 9092;
/// GiB of memory of each vCPU; the service takes from one to eight.
const GIB_A_VCPU: i64 = 4;
const BYTES_A_GIB: i64 = 1 << 30;

/// A cluster in the subnet of services.
pub(crate) fn lower(env: &mut Env, resource: &str, design: &BrokerDesign) -> Offer {
    let component = env.resource_component(resource);
    let c = component.as_str();
    env.component(c, "broker", format!("Kafka {resource}"));
    let subnet = env.network().services;
    let id = env.name_within(c, "cluster_id", resource, 63);
    let vcpus = env.input(c, "vcpus", number("vCPUs of all brokers together.", 3.0, 1000.0), design.brokers);
    let decl = number("Bytes of memory of all brokers together.", 3.0 * BYTES_A_GIB as f64, 1e13);
    let memory = env.input(c, "memory_bytes", decl, i64::from(design.brokers) * GIB_A_VCPU * BYTES_A_GIB);
    let (region, project, lifecycle) = (env.region(), env.project(c), env.protection());
    use cluster::gcp_config::{self, access_config};
    let place = Block::new().set(access_config::network_configs::SUBNET, subnet.get(compute_subnetwork::ID));
    let handle = env.add(
        NodeBuilder::new(c, cluster::KIND, "this")
            .set(cluster::CLUSTER_ID, id)
            .set(cluster::LOCATION, region.clone())
            .block(
                cluster::CAPACITY_CONFIG,
                Block::new()
                    .set(cluster::capacity_config::VCPU_COUNT, vcpus)
                    .set(cluster::capacity_config::MEMORY_BYTES, memory),
            )
            .block(
                cluster::GCP_CONFIG,
                Block::new().block(
                    gcp_config::ACCESS_CONFIG,
                    Block::new().block(access_config::NETWORK_CONFIGS, place),
                ),
            )
            .block(
                cluster::REBALANCE_CONFIG,
                Block::new().set(cluster::rebalance_config::MODE, "AUTO_REBALANCE_ON_SCALE_UP"),
            )
            .lifecycle(lifecycle)
            .usage("storage_gib", f64::from(design.brokers) * f64::from(design.storage_gib))
            .purpose(format!("Runs Kafka for {resource}")),
    );
    say_role(env, resource);
    let host = join([
        "bootstrap.".into(),
        handle.get(cluster::CLUSTER_ID),
        ".".into(),
        region,
        ".managedkafka.".into(),
        project,
        ".cloud.goog".into(),
    ]);
    let brokers = join([host.clone(), format!(":{PORT}").into()]);
    let mut offer = Offer::of(resource, [("brokers", brokers)]);
    offer.fields.insert("host", host);
    offer.fields.insert("port", PORT.to_string().into());
    offer.env.extend(settings(resource, [("TLS", "true".into()), ("SASL_MECHANISM", "OAUTHBEARER".into())]));
    let range = subnet.get(compute_subnetwork::IP_CIDR_RANGE);
    offer.door = Some(Door { name: resource.to_owned(), range, port: PORT });
    offer
}

fn say_role(env: &mut Env, resource: &str) {
    let span = env.spec.resources.get(resource).and_then(|r| r.span);
    env.diagnostics.push(
        Diagnostic::warning("kafka-role-by-hand", format!("services may not sign in to `{resource}` yet"))
            .at(span, "is a cluster of Managed Service for Apache Kafka")
            .because("The role to sign in exists on projects only, and a deployment that may give roles on the project may give itself any.")
            .help("give the accounts of the services that use it the role `roles/managedkafka.client` on the project"),
    );
}
