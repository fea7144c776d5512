//! What each part of an environment brings along: alarms, log groups, names.
//!
//! Every part is watched, logs and has a name; each of these costs a little, and together they cost as much as a
//! small database. The lowering builds them part by part and its tests hold these counts against what it built.
//! Must not know a price.

use spec::Release;

use crate::blueprint::{
    Compute, DatabaseDesign, EnvironmentDesign, MonitoringDesign, ResourceChoice, ServiceDesign,
};
use crate::usage;

/// What one part brings along.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Upkeep {
    /// Metrics that its alarms watch: what alarms are billed by.
    pub alarms: u32,
    /// Log groups of its own.
    pub log_groups: u32,
    /// Names in the private namespace that are billed.
    pub names: u32,
}

/// A share of failures watches the failures and the whole.
const SHARE: u32 = 2;

/// What a service brings along.
#[must_use]
pub fn of_service(service: &ServiceDesign, monitoring: MonitoringDesign) -> Upkeep {
    let balanced = usage::balanced(service);
    let latency = u32::from(service.slo.is_some_and(|slo| slo.latency_seconds.is_some()));
    let shifted = service.release != Release::Rolling;
    let alarms = match &service.compute {
        Compute::Containers(_) => {
            // CPU and memory, and how many run where tasks report it.
            let tasks = 2 + u32::from(monitoring.task_metrics);
            let groups = u32::from(balanced) * if shifted { 2 } else { 1 };
            let brakes = if balanced && shifted { groups * SHARE } else { 0 };
            tasks + groups * (SHARE + latency + 1) + brakes
        }
        Compute::Function(_) => SHARE + 1 + u32::from(balanced) * (SHARE + latency),
        // Runs that could not be started.
        Compute::ScheduledTask { .. } => 1,
        Compute::OneShot { .. } => 0,
        Compute::StaticSite { .. } => 1,
    };
    let site = matches!(service.compute, Compute::StaticSite { .. });
    Upkeep { alarms, log_groups: u32::from(!site), names: 0 }
}

/// What a resource brings along.
#[must_use]
pub fn of_resource(choice: &ResourceChoice) -> Upkeep {
    let (alarms, log_groups, names) = match choice {
        ResourceChoice::Rds(_) => (4, 2, 1),
        ResourceChoice::Aurora(database) => (1 + 2 * instances(database), aurora_logs(database), 1),
        ResourceChoice::DocumentDb(database) => (2 * instances(database), 2, 1),
        ResourceChoice::ElastiCache(cache) => (3 * cache.nodes.max(1), 1, 1),
        ResourceChoice::Memcached(_) => (2, 0, 1),
        // The age of messages, and what lies in the dead-letter queue.
        ResourceChoice::Sqs(_) => (2, 0, 0),
        ResourceChoice::Sns(_) => (1, 0, 0),
        ResourceChoice::S3(_) => (0, 0, 0),
        ResourceChoice::RabbitMq(_) => (1, 0, 0),
        ResourceChoice::Kafka(broker) => (1 + broker.brokers, 1, 0),
        ResourceChoice::OpenSearch(_) => (4, 4, 1),
        // CPU, memory, storage, connections.
        ResourceChoice::FlexibleServer(_) | ResourceChoice::CloudSql(_) => (4, 0, 0),
        // What is refused for lack of request units, and how many of them are taken.
        ResourceChoice::CosmosDb(_) => (2, 0, 0),
        // CPU and memory.
        ResourceChoice::ManagedRedis(_) | ResourceChoice::Memorystore(_) => (2, 0, 0),
        ResourceChoice::ServiceBusQueue(_) | ResourceChoice::PubSubQueue(_) => (2, 0, 0),
        // What is refused for lack of units of throughput.
        ResourceChoice::EventHubs(_) => (1, 0, 0),
        // CPU and storage.
        ResourceChoice::ManagedKafka(_) => (2, 0, 0),
        // Copies that fail lie in the dead letters of the queues that they were for.
        ResourceChoice::ServiceBusTopic(_) | ResourceChoice::PubSubTopic(_) => (0, 0, 0),
        ResourceChoice::BlobContainer(_) | ResourceChoice::CloudStorage(_) => (0, 0, 0),
        // Its vendor watches it and knows whom to tell.
        ResourceChoice::Atlas(_) => (0, 0, 0),
    };
    Upkeep { alarms, log_groups, names }
}

fn instances(database: &DatabaseDesign) -> u32 {
    database.instances.max(1)
}

/// PostgreSQL has one log; MySQL keeps errors, slow queries and the audit apart.
fn aurora_logs(database: &DatabaseDesign) -> u32 {
    if database.engine == "mysql" { 3 } else { 1 }
}

/// What the platform itself brings along: the network, the load balancer, the firewalls, what collects
/// telemetry.
#[must_use]
pub fn of_platform(environment: &EnvironmentDesign) -> Upkeep {
    let balancer = environment.services.values().any(usage::balanced);
    let firewalls = u32::from(balancer && environment.network.firewall)
        + u32::from(has_sites(environment) && environment.network.site_firewall);
    let gateways = usage::nat_gateways(environment) as u32;
    let workspace = u32::from(environment.telemetry.is_some());
    let reported = u32::from(environment.telemetry.is_some() && usage::telemetry::samples(environment) > 0.0);
    Upkeep {
        alarms: gateways + u32::from(balancer) + reported,
        log_groups: 1 + firewalls + workspace,
        names: 0,
    }
}

/// Whether the environment serves files from content delivery.
#[must_use]
pub fn has_sites(environment: &EnvironmentDesign) -> bool {
    environment.services.values().any(|s| matches!(s.compute, Compute::StaticSite { .. }))
}

/// What everything in an environment brings along.
#[must_use]
pub fn of_environment(environment: &EnvironmentDesign) -> Upkeep {
    let services = environment.services.values().map(|s| of_service(s, environment.monitoring));
    let resources = environment.resources.values().map(|r| of_resource(&r.choice));
    services.chain(resources).fold(of_platform(environment), |sum, part| Upkeep {
        alarms: sum.alarms.saturating_add(part.alarms),
        log_groups: sum.log_groups.saturating_add(part.log_groups),
        names: sum.names.saturating_add(part.names),
    })
}
