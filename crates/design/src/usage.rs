//! How much of everything a month uses: one table of assumptions, and what follows from it for a blueprint.
//!
//! The designer prices its choices with these figures and the lowering writes the same ones on the resources, so
//! that the bill of a design and the estimate of its graph cannot drift apart. No vendor publishes such figures:
//! each is an assumption, named here once with its unit. Must not know a price.

pub mod telemetry;

use ir::units::{HOURS_A_MONTH, SECONDS_A_MONTH};

use crate::blueprint::{
    BrokerDesign, BucketDesign, Compute, DatabaseDesign, Egress, EnvironmentDesign, LoadDesign, QueueDesign,
    ResourceChoice, ServiceDesign,
};
use crate::{cron, rules};

/// KiB of log that a request or message leaves: errors, and a line of two hundred bytes for one in twenty. The
/// load balancer's access log holds every request.
const LOG_KIB_A_CALL: f64 = 0.01;
/// GiB of log that a copy of a service leaves a month whatever it does: starts, stops, health.
const LOG_GIB_A_COPY: f64 = 0.05;
/// GiB a month in each log group of a store: stores log what is slow or wrong, not every query.
const LOG_GIB_A_STORE_GROUP: f64 = 0.5;
/// Size of a log at rest as a share of what was written: CloudWatch keeps it compressed.
const LOG_COMPRESSION: f64 = 0.15;
/// GiB a month of the network's flow log, and as much for every running copy: one record a connection and ten
/// minutes.
const FLOW_LOG_GIB: f64 = 0.1;
/// KiB that the load balancer's access log holds for a request, compressed as it is written.
const ACCESS_LOG_KIB: f64 = 0.04;
/// Days that the load balancer's access log is kept at most: it serves investigations of the last weeks.
const ACCESS_LOG_DAYS: u32 = 30;
/// Files of access log that the load balancer writes a month: one a zone and five minutes.
const ACCESS_LOG_FILES: f64 = SECONDS_A_MONTH / 300.0;
/// Share of requests that a firewall blocks or counts and therefore logs, and KiB of one such record.
const FIREWALL_LOGGED: (f64, f64) = (0.01, 1.0);
/// Calls to services that a page of a site makes for every file it loads.
const CALLS_A_FILE: f64 = 1.0;
/// Share of a site's files that are read from the bucket because no cache near the reader holds them.
const CACHE_MISSES: f64 = 0.05;
/// GiB of a site's files with their replaced versions, and files that a deployment writes.
const SITE_FILES: (f64, f64) = (0.1, 100.0);
/// Writes and reads a month for each GiB of objects.
const OBJECT_CALLS: (f64, f64) = (100.0, 1000.0);
/// KiB of a bucket's access log for one call.
const BUCKET_LOG_KIB: f64 = 0.5;
/// Calls of a bucket's access log that one file of it gathers.
const BUCKET_LOG_BATCH: f64 = 100.0;
/// Times a secret is read a month: at starts of tasks.
const SECRET_READS: f64 = 1000.0;
/// Seconds that a queue, topic or bucket reuses a data key.
const KEY_REUSE_SECONDS: f64 = 300.0;
/// Notifications of alarms a month.
const NOTIFICATIONS: f64 = 30.0;
/// GiB of one repository: layers are shared by its images.
const REPOSITORY_GIB: f64 = 2.0;
/// GiB of the state of all stacks with its versions, and its writes and reads a month.
const STATE: (f64, f64, f64) = (0.1, 500.0, 5000.0);
/// GiB of messages that wait in a broker.
const BROKER_GIB: f64 = 1.0;
/// Metrics of Container Insights for a cluster, for each kind of task and for each service, charged by the hours in
/// which they are written (CloudWatch pricing page, example of ECS; not verified).
const INSIGHTS: (f64, f64, f64) = (8.0, 6.0, 11.0);
/// Connections a second, GB an hour and evaluated rules a second that one capacity unit of a load balancer carries
/// (Elastic Load Balancing pricing page; not verified).
const CAPACITY_UNIT: (f64, f64, f64) = (25.0, 1.0, 1000.0);
/// Rules of a load balancer that are evaluated for nothing (Elastic Load Balancing pricing page; not verified).
const FREE_RULES: f64 = 10.0;
/// Components that one dashboard shows.
pub const DASHBOARD_COMPONENTS: usize = 400;

const KIB_A_GIB: f64 = 1024.0 * 1024.0;

/// Storage a month.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Objects {
    /// GiB at rest.
    pub gib: f64,
    /// Writes.
    pub puts: f64,
    /// Reads.
    pub gets: f64,
}

/// A log group.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Log {
    /// GiB written a month.
    pub written_gib: f64,
    /// GiB kept, compressed.
    pub kept_gib: f64,
    /// Days that each line is kept.
    pub days: u32,
}

impl Log {
    /// GiB-months kept beyond so many days, as they were written.
    #[must_use]
    pub fn beyond_gib(&self, days: u32) -> f64 {
        self.written_gib * f64::from(self.days.saturating_sub(days)) / 30.0
    }
}

fn log(written_gib: f64, days: u32) -> Log {
    Log { written_gib, kept_gib: written_gib * LOG_COMPRESSION * f64::from(days) / 30.0, days }
}

/// The log of a service.
#[must_use]
pub fn service_log(service: &ServiceDesign, days: u32) -> Log {
    let copies = match &service.compute {
        Compute::Containers(tasks) => tasks.mean_tasks,
        Compute::Function(_) | Compute::ScheduledTask { .. } | Compute::OneShot { .. } => 1.0,
        Compute::StaticSite { .. } => return Log::default(),
    };
    let calls = (service.load.requests + service.load.messages) * SECONDS_A_MONTH;
    log(calls * LOG_KIB_A_CALL / KIB_A_GIB + copies * LOG_GIB_A_COPY, days)
}

/// One log group of a store.
#[must_use]
pub fn store_log(days: u32) -> Log {
    log(LOG_GIB_A_STORE_GROUP, days)
}

/// The flow log of an environment's network.
#[must_use]
pub fn flow_log(environment: &EnvironmentDesign) -> Log {
    log(FLOW_LOG_GIB * (1.0 + running_tasks(environment)), environment.log_days)
}

/// Copies of services that run on average.
#[must_use]
pub fn running_tasks(environment: &EnvironmentDesign) -> f64 {
    let of = |service: &ServiceDesign| match &service.compute {
        Compute::Containers(tasks) => tasks.mean_tasks,
        _ => 0.0,
    };
    environment.services.values().map(of).sum()
}

/// The log of a firewall that sees so many requests a month.
#[must_use]
pub fn firewall_log(requests: f64, days: u32) -> Log {
    let (share, kib) = FIREWALL_LOGGED;
    log(requests * share * kib / KIB_A_GIB, days)
}

/// Whether a service is reached through the load balancer.
#[must_use]
pub fn balanced(service: &ServiceDesign) -> bool {
    service.public.is_some() && matches!(service.compute, Compute::Containers(_) | Compute::Function(_))
}

fn public(environment: &EnvironmentDesign) -> impl Iterator<Item = (&String, &ServiceDesign)> {
    environment.services.iter().filter(|(_, s)| balanced(s))
}

/// Requests that the load balancer takes a month.
#[must_use]
pub fn balancer_requests(environment: &EnvironmentDesign) -> f64 {
    public(environment).map(|(_, s)| s.load.requests).sum::<f64>() * SECONDS_A_MONTH
}

/// Capacity units of the load balancer, on average: new connections, bytes or evaluated rules, whichever is most. A
/// request is taken to meet every rule, because the busiest service has the last one.
#[must_use]
pub fn balancer_units(environment: &EnvironmentDesign) -> f64 {
    let (connections, gb_hour, evaluations) = CAPACITY_UNIT;
    let loads = || public(environment).map(|(_, s)| s.load);
    let rate: f64 = loads().map(|l| l.requests).sum();
    let kib: f64 = loads().map(|l| l.requests * l.response_kib).sum();
    let paid_rules = (loads().count() as f64 - FREE_RULES).max(0.0);
    (rate * rules::NEW_CONNECTIONS / connections)
        .max(kib * 3600.0 / KIB_A_GIB / gb_hour)
        .max(rate * paid_rules / evaluations)
}

/// GB that the load balancer sends to the internet a month. What it hands to content delivery costs nothing.
#[must_use]
pub fn balancer_gb_out(environment: &EnvironmentDesign) -> f64 {
    let all: f64 = public(environment).map(|(_, s)| s.load.requests * s.load.response_kib).sum();
    let through: f64 = sites(environment).map(|site| handed_on(environment, site).1).sum();
    (all - through).max(0.0) * SECONDS_A_MONTH / KIB_A_GIB
}

/// GB that public services send to callers a month, by whatever way.
#[must_use]
pub fn public_gb_out(environment: &EnvironmentDesign) -> f64 {
    let kib: f64 = public(environment).map(|(_, s)| s.load.requests * s.load.response_kib).sum();
    kib * SECONDS_A_MONTH / KIB_A_GIB
}

/// GB a month that a public service sends to callers by itself: what no site's delivery carries.
#[must_use]
pub fn sent_by_itself_gb(environment: &EnvironmentDesign, name: &str) -> f64 {
    let Some((_, service)) = public(environment).find(|(n, _)| *n == name) else { return 0.0 };
    let share = |site: &ServiceDesign| {
        let leading = targets(environment, site);
        let all: f64 = leading.iter().map(|(_, s)| s.load.requests).sum();
        let leads = all > 0.0 && leading.iter().any(|(n, _)| *n == name);
        if leads { handed_on(environment, site).0 / all } else { 0.0 }
    };
    let carried: f64 = sites(environment).map(share).sum();
    let kib = service.load.requests * (1.0 - carried).max(0.0) * service.load.response_kib;
    kib * SECONDS_A_MONTH / KIB_A_GIB
}

/// GB that a service sends to its callers a month.
#[must_use]
pub fn sent_gb(service: &ServiceDesign) -> f64 {
    service.load.requests * service.load.response_kib * SECONDS_A_MONTH / KIB_A_GIB
}

/// The load balancer's access log.
#[must_use]
pub fn access_log(environment: &EnvironmentDesign) -> Objects {
    let days = f64::from(access_log_days(environment));
    let written = balancer_requests(environment) * ACCESS_LOG_KIB / KIB_A_GIB;
    let puts = ACCESS_LOG_FILES * f64::from(environment.network.zones);
    Objects { gib: written * days / 30.0, puts, gets: 0.0 }
}

/// Days that the load balancer's access log is kept.
#[must_use]
pub fn access_log_days(environment: &EnvironmentDesign) -> u32 {
    environment.log_days.min(ACCESS_LOG_DAYS)
}

fn sites(environment: &EnvironmentDesign) -> impl Iterator<Item = &ServiceDesign> {
    environment.services.values().filter(|s| matches!(s.compute, Compute::StaticSite { .. }))
}

/// The services that a site hands calls to, each once.
fn targets<'e>(
    environment: &'e EnvironmentDesign,
    site: &ServiceDesign,
) -> Vec<(&'e str, &'e ServiceDesign)> {
    let Compute::StaticSite { routes, .. } = &site.compute else { return Vec::new() };
    let mut names: Vec<&str> = routes.iter().map(|(_, to)| to.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let found = names.into_iter().filter_map(|n| environment.services.get_key_value(n));
    found.filter(|(_, s)| balanced(s)).map(|(n, s)| (n.as_str(), s)).collect()
}

/// Calls and KiB a second that a site's distribution hands on to services: all there are where nothing else may
/// call them, divided among the sites that lead there; else what the site's own pages make.
fn handed_on(environment: &EnvironmentDesign, site: &ServiceDesign) -> (f64, f64) {
    let targets = targets(environment, site);
    let all: f64 = targets.iter().map(|(_, s)| s.load.requests).sum();
    if environment.network.behind_sites {
        let leading = |name: &str| {
            let leads = |other: &&ServiceDesign| matches!(&other.compute, Compute::StaticSite { routes, .. } if routes.iter().any(|(_, to)| to == name));
            sites(environment).filter(leads).count().max(1) as f64
        };
        let part = |(name, s): &(&str, &ServiceDesign)| {
            let calls = s.load.requests / leading(name);
            (calls, calls * s.load.response_kib)
        };
        return targets.iter().map(part).fold((0.0, 0.0), |sum, p| (sum.0 + p.0, sum.1 + p.1));
    }
    if all <= 0.0 {
        return (0.0, 0.0);
    }
    let calls = (site.load.requests * CALLS_A_FILE).min(all);
    let kib: f64 = targets.iter().map(|(_, s)| s.load.requests * s.load.response_kib).sum();
    (calls, kib * calls / all)
}

/// What a site's distribution serves a month.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Delivery {
    /// Requests for files.
    pub files: f64,
    /// Calls handed on to services.
    pub calls: f64,
    /// GB of files sent to readers.
    pub files_gb: f64,
    /// GB of answers to calls.
    pub calls_gb: f64,
}

impl Delivery {
    /// Files and calls.
    #[must_use]
    pub fn requests(&self) -> f64 {
        self.files + self.calls
    }

    /// Everything sent, GB.
    #[must_use]
    pub fn gb_out(&self) -> f64 {
        self.files_gb + self.calls_gb
    }
}

/// What a site's distribution serves.
#[must_use]
pub fn delivery(environment: &EnvironmentDesign, site: &ServiceDesign) -> Delivery {
    let (calls, kib) = handed_on(environment, site);
    Delivery {
        files: site.load.requests * SECONDS_A_MONTH,
        calls: calls * SECONDS_A_MONTH,
        files_gb: site.load.requests * site.load.response_kib * SECONDS_A_MONTH / KIB_A_GIB,
        calls_gb: kib * SECONDS_A_MONTH / KIB_A_GIB,
    }
}

/// What all sites of an environment serve together.
#[must_use]
pub fn deliveries(environment: &EnvironmentDesign) -> Delivery {
    sites(environment).map(|site| delivery(environment, site)).fold(Delivery::default(), |sum, d| Delivery {
        files: sum.files + d.files,
        calls: sum.calls + d.calls,
        files_gb: sum.files_gb + d.files_gb,
        calls_gb: sum.calls_gb + d.calls_gb,
    })
}

/// Requests that all distributions of an environment serve a month.
#[must_use]
pub fn delivered_requests(environment: &EnvironmentDesign) -> f64 {
    deliveries(environment).requests()
}

/// The bucket of a site's files.
#[must_use]
pub fn site_files(load: &LoadDesign) -> Objects {
    let (gib, files) = SITE_FILES;
    let gets = load.requests * SECONDS_A_MONTH * CACHE_MISSES;
    Objects { gib, puts: files * rules::DEPLOYMENTS_A_MONTH, gets }
}

/// A bucket of objects.
#[must_use]
pub fn objects(bucket: &BucketDesign) -> Objects {
    let (puts, gets) = OBJECT_CALLS;
    Objects { gib: bucket.size_gib, puts: bucket.size_gib * puts, gets: bucket.size_gib * gets }
}

/// The bucket that holds the access logs of all others; nothing when there are none.
#[must_use]
pub fn bucket_log(environment: &EnvironmentDesign) -> Objects {
    let calls: f64 = environment
        .resources
        .values()
        .filter_map(|r| r.choice.bucket().map(objects))
        .map(|o| o.puts + o.gets)
        .sum();
    let gib = calls * BUCKET_LOG_KIB / KIB_A_GIB * f64::from(environment.log_days) / 30.0;
    Objects { gib, puts: calls / BUCKET_LOG_BATCH, gets: 0.0 }
}

/// GiB that so many messages are.
#[must_use]
pub fn messages_gib(messages: f64) -> f64 {
    messages * rules::MESSAGE_KIB / KIB_A_GIB
}

/// Requests to a queue a month.
#[must_use]
pub fn queue_requests(queue: &QueueDesign) -> f64 {
    queue.messages_month * rules::CALLS_A_MESSAGE
}

/// GB of queue calls a month that leave the private subnets.
fn queue_gb(environment: &EnvironmentDesign) -> f64 {
    let queues = environment.resources.values().filter_map(|r| r.choice.queue());
    queues.map(|queue| queue_requests(queue) * rules::MESSAGE_KIB / KIB_A_GIB).sum()
}

/// GB a month through one interface endpoint, by the service it leads to.
#[must_use]
pub fn endpoint_gb(environment: &EnvironmentDesign, service: &str) -> f64 {
    match service {
        "sqs" => queue_gb(environment),
        "logs" => logs_gb(environment),
        _ => 0.0,
    }
}

/// GB of logs that services send a month. Functions hand theirs over outside the network.
fn logs_gb(environment: &EnvironmentDesign) -> f64 {
    let sends = |s: &&ServiceDesign| !matches!(s.compute, Compute::Function(_));
    let services = environment.services.values().filter(sends);
    services.map(|s| service_log(s, environment.log_days).written_gib).sum()
}

/// GB a month through each NAT gateway: what has no endpoint, divided evenly. S3 has its own way.
#[must_use]
pub fn nat_gb(environment: &EnvironmentDesign) -> f64 {
    let ways = ["sqs", "logs"].into_iter();
    let open = ways.filter(|way| !environment.network.endpoints.iter().any(|e| e == way));
    let logs_and_queues: f64 = open.map(|way| endpoint_gb(environment, way)).sum();
    (logs_and_queues + telemetry::sent_gb(environment)) / nat_gateways(environment)
}

/// NAT gateways.
#[must_use]
pub fn nat_gateways(environment: &EnvironmentDesign) -> f64 {
    match environment.network.egress {
        Egress::NatPerZone => f64::from(environment.network.zones.max(1)),
        Egress::SingleNat | Egress::RegionalNat => 1.0,
    }
}

/// Storage requests of a database that bills them, a month.
#[must_use]
pub fn io_requests(database: &DatabaseDesign) -> f64 {
    database.queries * rules::QUERY_IO * SECONDS_A_MONTH
}

/// Request units a second that a database takes on average, where it is paid by them.
#[must_use]
pub fn request_units(database: &DatabaseDesign) -> f64 {
    database.queries * rules::QUERY_UNITS
}

/// GiB of point-in-time backups beyond the size of the database, which is free.
#[must_use]
pub fn backup_gib(stored_gib: u32, days: u32) -> f64 {
    f64::from(stored_gib) * rules::DAILY_CHANGE * f64::from(days)
}

/// GiB of copies that are kept so many days: the first is whole, each further day adds what changed.
#[must_use]
pub fn copies_gib(stored_gib: f64, days: u32) -> f64 {
    stored_gib * (1.0 + rules::DAILY_CHANGE * f64::from(days.saturating_sub(1)))
}

/// Metrics that Container Insights writes, in months of a metric; nothing without tasks or where it is switched off.
#[must_use]
pub fn insights_metrics(environment: &EnvironmentDesign) -> f64 {
    if !environment.monitoring.task_metrics {
        return 0.0;
    }
    let (cluster, task, service) = INSIGHTS;
    let (mut kinds, mut services) = (0.0, 0.0);
    for design in environment.services.values() {
        match &design.compute {
            Compute::Containers(_) => (kinds, services) = (kinds + 1.0, services + 1.0),
            Compute::ScheduledTask { cron, duration_seconds, .. } => {
                kinds += cron::runs_a_month(cron).map_or(1.0, |runs| share_of_hours(runs, *duration_seconds));
            }
            Compute::OneShot { .. } => {
                kinds += share_of_hours(rules::DEPLOYMENTS_A_MONTH, rules::ASSUMED_RUN_SECONDS);
            }
            Compute::Function(_) | Compute::StaticSite { .. } => {}
        }
    }
    if kinds > 0.0 { cluster + task * kinds + service * services } else { 0.0 }
}

/// The share of a month's hours that runs touch: each the hours it lasts, and one that it began in.
fn share_of_hours(runs: f64, seconds: f64) -> f64 {
    (runs * (1.0 + seconds / 3600.0) / HOURS_A_MONTH).min(1.0)
}

/// Requests to the environment's key. Queues and topics reuse a data key and buckets have bucket keys, so the
/// number follows time and not traffic: one request a side and reuse period.
#[must_use]
pub fn key_requests(environment: &EnvironmentDesign) -> f64 {
    let shares = |c: &ResourceChoice| c.queue().is_some() || c.topic().is_some() || c.bucket().is_some();
    let sides = environment.resources.values().filter(|r| shares(&r.choice)).count();
    2.0 * sides as f64 * (SECONDS_A_MONTH / KEY_REUSE_SECONDS)
}

/// Reads of one secret a month.
#[must_use]
pub fn secret_reads() -> f64 {
    SECRET_READS
}

/// Notifications through a topic of alarms a month; each uses its key once.
#[must_use]
pub fn notifications() -> f64 {
    NOTIFICATIONS
}

/// One repository of images, GiB.
#[must_use]
pub fn repository_gib() -> f64 {
    REPOSITORY_GIB
}

/// The bucket that holds the state of all stacks; every call uses its key.
#[must_use]
pub fn state() -> Objects {
    let (gib, puts, gets) = STATE;
    Objects { gib, puts, gets }
}

/// GiB that the brokers of a RabbitMQ hold, all together: messages that wait.
#[must_use]
pub fn broker_gib(broker: &BrokerDesign) -> f64 {
    BROKER_GIB * f64::from(broker.brokers.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_take_the_hours_that_they_touch_and_never_more_than_there_are() {
        for (runs, seconds, hours) in [
            (0.0, 3600.0, 0.0),
            (30.0, 0.0, 30.0),
            (30.0, 1800.0, 45.0),
            (HOURS_A_MONTH, 60.0, HOURS_A_MONTH),
            (1e6, 1e6, HOURS_A_MONTH),
        ] {
            assert!(
                (share_of_hours(runs, seconds) * HOURS_A_MONTH - hours).abs() < 1e-9,
                "{runs} of {seconds}"
            );
        }
    }
}
