//! Where containers run: the environment of Azure Container Apps.
//!
//! It stands in the network and is spread over zones; machines are the platform's. It must not know what runs there.

use catalog::azurerm::{container_app_environment as environment, log_analytics_workspace, subnet};
use design::{Compute, Door, EnvironmentDesign};
use ir::{Block, NodeBuilder};

use super::Env;
use super::env::{flag, one_of};

const COMPONENT: &str = "cluster";

/// The profile of workloads that are paid for by use.
pub(crate) const BY_USE: &str = "Consumption";

/// Adds the environment where anything runs as a container.
pub(crate) fn lower(env: &mut Env) {
    if !runs_containers(env.design) {
        return;
    }
    env.component(COMPONENT, "cluster", "Container Apps environment that services run in");
    let decl = flag("Whether copies are spread over several zones.");
    let zonal = env.zonal();
    let zones = env.input(COMPONENT, "zone_redundant", decl, zonal);
    let (name, group, location) = (env.name(""), env.group(), env.location());
    let workspace = env.workspace.as_ref().expect("logs are lowered before").get(log_analytics_workspace::ID);
    // Where content delivery carries every call through a private link, nothing else may come in.
    let decl = one_of("Whether the internet reaches the environment itself.", ["Disabled", "Enabled"]);
    let access = if closed(env) { "Disabled" } else { "Enabled" };
    let access = env.input(COMPONENT, "public_network_access", decl, access);
    let profile = Block::new()
        .set(environment::workload_profile::NAME, BY_USE)
        .set(environment::workload_profile::WORKLOAD_PROFILE_TYPE, BY_USE);
    let cluster = env.add(
        NodeBuilder::new(COMPONENT, environment::KIND, "this")
            .set(environment::NAME, name)
            .set(environment::RESOURCE_GROUP_NAME, group)
            .set(environment::LOCATION, location)
            .set(environment::INFRASTRUCTURE_SUBNET_ID, env.network().apps.get(subnet::ID))
            .set(environment::INTERNAL_LOAD_BALANCER_ENABLED, false)
            .set(environment::PUBLIC_NETWORK_ACCESS, access)
            .set(environment::ZONE_REDUNDANCY_ENABLED, zones)
            .set(environment::LOGS_DESTINATION, "log-analytics")
            .set(environment::LOG_ANALYTICS_WORKSPACE_ID, workspace)
            .set(environment::MUTUAL_TLS_ENABLED, true)
            .block(environment::WORKLOAD_PROFILE, profile)
            .purpose("Runs the containers, and encrypts what they say to each other"),
    );
    let words = "Domain that the services' names end with.".to_owned();
    let outputs = &mut env.graph.components.entry(COMPONENT.to_owned()).or_default().outputs;
    outputs.insert("domain".into(), (words, cluster.get(environment::DEFAULT_DOMAIN)));
    outputs.insert("environment".into(), ("Environment by its name.".into(), cluster.get(environment::NAME)));
    env.cluster = Some(cluster);
}

fn runs_containers(design: &EnvironmentDesign) -> bool {
    design.services.values().any(|s| !matches!(s.compute, Compute::StaticSite { .. }))
}

/// Whether nothing but content delivery reaches the environment. Only content delivery with a firewall has private
/// links.
pub(crate) fn closed(env: &Env) -> bool {
    let network = &env.design.network;
    network.door == Door::ContentDelivery && (network.firewall || network.site_firewall)
}
