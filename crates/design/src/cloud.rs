//! What differs between clouds, as one table a cloud.
//!
//! Every topic chooses by the same rules everywhere; which products there are, how they are sized, what they are paid
//! by and how they fail is read here. So a cloud is added by a table and not by a branch in every topic. A table
//! holds names, price ids and limits with their source; it must not choose.

mod aws;
mod azure;
mod gcp;

use spec::{Protocol, Provider, ResourceType};

use crate::bill::Bill;
use crate::blueprint::{
    BucketDesign, CacheDesign, DatabaseDesign, Decision, Egress, EnvironmentDesign, Paid, QueueDesign,
    ResourceChoice, TaskSize, TopicDesign,
};
use crate::context::Context;
use crate::databases::Need;
use crate::recovery::{CLUSTER_FAILOVER_SECONDS, Failover};
use crate::resources::Prepare;
use crate::volumes::{self, Volume};

/// A cloud.
pub(crate) struct Cloud {
    /// Which.
    pub provider: Provider,
    /// As the catalogue names it.
    pub id: &'static str,
    /// As people name it.
    pub name: &'static str,
    /// Regions to write, for somebody who wrote none.
    pub regions: &'static str,
    /// What `deliver.runtime` may say beside `auto`.
    pub runtimes: &'static [&'static str],
    /// Containers without machines.
    pub containers: Containers,
    /// Functions, where they are designed.
    pub functions: Option<Functions>,
    /// Static sites.
    pub sites: Sites,
    /// What each type of resource could be.
    pub stores: &'static [(ResourceType, Store)],
    /// Relational and document databases.
    pub databases: &'static [DatabaseForm],
    /// Why a document database is what it is, in full sentences.
    pub documents_because: &'static str,
    /// A document database that is sized by request units.
    pub request_units: Option<RequestUnits>,
    /// Why a cache is what it is, in full sentences.
    pub caches_because: &'static str,
    /// Caches.
    pub caches: &'static [CacheForm],
    /// Queues.
    pub queues: &'static [QueueForm],
    /// What becomes of messages to a topic, in full sentences.
    pub topics_because: &'static str,
    /// Topics.
    pub topics: &'static [TopicForm],
    /// Stores of objects, the one for environments that people depend on first.
    pub buckets: &'static [BucketForm],
    /// What is charged for objects.
    pub objects: ObjectRates,
    /// How backups outlive a mishap of the store.
    pub copies: Copies,
    /// Whether it keeps second copies in the region that it paired with the first, and in no other.
    pub copies_to_pairs: bool,
    /// Rules by host and path that one way in takes without a higher quota.
    pub most_rules: usize,
    /// Ways out of private subnets.
    pub ways_out: &'static [WayOut],
    /// What traffic to regional services passes the way out.
    pub passing: Passing,
    /// A GB that leaves for the internet.
    pub internet_gb: Rate,
    /// Chooses what requests pass on their way in and writes it into the design.
    pub edge: fn(&Context<'_>, &mut EnvironmentDesign) -> Vec<Decision>,
    /// What requests pass at the door where people depend on the environment, as a part of a promise, and its kind.
    pub door: (&'static str, &'static str),
    /// Whether they pass it everywhere.
    pub door_always: bool,
    /// Keys, secrets, names, logs, metrics.
    pub upkeep: UpkeepRates,
    /// Whether the designer has telemetry collected there.
    pub telemetry: bool,
}

/// Every cloud that is designed, in the order in which equal offers are taken.
pub(crate) static CLOUDS: [&Cloud; 3] = [&aws::CLOUD, &azure::CLOUD, &gcp::CLOUD];

/// The table of a provider. A spec that leaves the choice open is designed for each cloud by itself.
pub(crate) fn of(provider: Provider) -> &'static Cloud {
    CLOUDS.into_iter().find(|cloud| cloud.provider == provider).unwrap_or(&aws::CLOUD)
}

/// How backups outlive a mishap of their store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Copies {
    /// Daily copies in a vault at home, and in a second region beside it.
    Vault,
    /// Daily copies in one place, at home or in a second region.
    OnePlace,
    /// The store's own backups reach further back, and stand in a second region too.
    Window,
}

/// A price and how many of what is counted it is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    /// Id of the price.
    pub id: &'static str,
    /// So many for that price.
    pub per: f64,
}

/// A price for one.
pub(crate) const fn each(id: &'static str) -> Rate {
    Rate { id, per: 1.0 }
}

/// A price for so many.
pub(crate) const fn per(per: f64, id: &'static str) -> Rate {
    Rate { id, per }
}

/// A price a second of what is counted in hours.
pub(crate) const fn a_second(id: &'static str) -> Rate {
    Rate { id, per: 1.0 / 3600.0 }
}

/// A platform that runs containers without machines of the user's own.
pub(crate) struct Containers {
    /// Its name.
    pub name: &'static str,
    /// As a part of a promise, such as `ECS on Fargate`, and the kind whose level is published.
    pub level: (&'static str, &'static str),
    /// Legal pairs of CPU and memory.
    pub legal: &'static [Legal],
    /// CPU units of the sizes worth offering, largest first: at equal cost fewer and larger copies are preferred.
    pub cpus: &'static [u32],
    /// Most copies that a service may have.
    pub most: f64,
    /// Ways to pay, in order of preference at equal cost.
    pub tariffs: &'static [Tariff],
    /// What interruptible capacity is called, where there is any.
    pub interruptible: Option<&'static str>,
    /// What a service may speak on its port.
    pub protocols: &'static [Protocol],
    /// Whether copies of what takes messages come and go with them.
    pub scales_readers: bool,
    /// Whether what answers requests may have no copy while there are none.
    pub scales_to_zero: bool,
}

impl Containers {
    /// Most memory that a copy may have, MiB.
    pub fn most_memory_mib(&self) -> u32 {
        self.legal.iter().map(|row| row.to).max().unwrap_or(0)
    }
}

/// A row of a table of legal sizes: CPU units, and memory in MiB from, to and in steps of.
pub(crate) struct Legal {
    /// 1024 a vCPU.
    pub cpu: u32,
    /// Least.
    pub from: u32,
    /// Most.
    pub to: u32,
    /// Step.
    pub step: u32,
}

/// A way to pay for containers. Quantities are hours of a vCPU, hours of a GiB, and requests.
pub(crate) struct Tariff {
    /// Alternatives of one sort, such as `Fargate on Graviton`.
    pub group: &'static str,
    /// Arm processors.
    pub arm: bool,
    /// Interruptible.
    pub spot: bool,
    /// Which of a copy's time is paid.
    pub paid: Paid,
    /// A vCPU.
    pub vcpu: Rate,
    /// A GiB of memory.
    pub gib: Rate,
    /// A vCPU and a GiB of copies that wait for requests, where that costs less.
    pub waiting: Option<(Rate, Rate)>,
    /// Requests.
    pub requests: Option<Rate>,
}

/// Functions.
pub(crate) struct Functions {
    /// As a part of a promise, and the kind whose level is published.
    pub level: (&'static str, &'static str),
    /// What `deliver.runtime` says to ask for them.
    pub runtime: &'static str,
    /// Memory that brings one whole vCPU, MiB.
    pub vcpu_mib: f64,
    /// Sizes worth offering, MiB.
    pub sizes: &'static [u32],
    /// Longest run, seconds.
    pub seconds: f64,
    /// Concurrent runs that an account may have.
    pub concurrency: f64,
    /// Requests.
    pub requests: Rate,
    /// GiB-seconds, on Arm and on x86.
    pub gib_seconds: (Rate, Rate),
}

/// Files behind a content delivery network.
pub(crate) struct Sites {
    /// What delivers.
    pub group: &'static str,
    /// In a few words.
    pub name: &'static str,
    /// What delivers as a part of a promise, and its kind.
    pub delivery: (&'static str, &'static str),
    /// What holds the files as a part of a promise, and its kind.
    pub files: (&'static str, &'static str),
    /// Requests and GB sent, where they are charged with the site and not with the door.
    pub charged: Option<(Rate, Rate)>,
    /// Requests of a site that hands some on to services.
    pub routed: Option<Rate>,
}

/// What a type of resource could be on a cloud.
pub(crate) enum Store {
    /// These.
    Offered(Prepare),
    /// Nothing that is designed: why, in full sentences, and what to write instead.
    Missing(&'static str, &'static str),
}

/// When a burstable size is no candidate.
pub(crate) enum Burstable {
    /// It always is one.
    Taken,
    /// Not where people depend on the environment; why.
    Noncritical(&'static str),
    /// Never; why.
    Refused(&'static str),
}

/// A way to run a database: a product, its copies and what they are paid by.
pub(crate) struct DatabaseForm {
    /// What it can be.
    pub types: &'static [ResourceType],
    /// The product's name.
    pub name: &'static str,
    /// In a few words.
    pub group: &'static str,
    /// The product.
    pub product: fn(DatabaseDesign) -> ResourceChoice,
    /// As versions name it.
    pub family: &'static str,
    /// The price file of the sizes.
    pub prices: &'static str,
    /// Family of sizes.
    pub sizes: &'static str,
    /// Instances that answer.
    pub instances: u32,
    /// Something else takes over by itself.
    pub standby: bool,
    /// Machines and volumes that are paid.
    pub machines: f64,
    /// Kind whose level is published, and in which configuration.
    pub level: (&'static str, &'static str),
    /// How it comes back.
    pub failover: Failover,
    /// How its data is stored.
    pub volume: fn(&Need, f64) -> Volume,
    /// Connections that it takes by default with so many bytes of memory.
    pub connections: fn(f64) -> f64,
    /// When a burstable size is no candidate.
    pub burstable: Burstable,
    /// Why it is not taken though it could be.
    pub refused: Option<&'static str>,
}

/// MongoDB by its own vendor, in every cloud's regions: always three members.
pub(crate) const ATLAS: DatabaseForm = DatabaseForm {
    types: &[ResourceType::Mongodb],
    name: "MongoDB Atlas",
    group: "MongoDB Atlas",
    product: ResourceChoice::Atlas,
    family: "atlas",
    prices: "atlas",
    sizes: "atlas",
    instances: 3,
    standby: true,
    machines: 1.0,
    level: ("mongodbatlas_advanced_cluster", "multi-az"),
    failover: Failover::Seconds(CLUSTER_FAILOVER_SECONDS),
    volume: volumes::atlas,
    connections: |_| f64::INFINITY,
    burstable: Burstable::Noncritical("shared vCPUs slow down when their credits end"),
    refused: None,
};

/// A database that is sized by request units.
pub(crate) struct RequestUnits {
    /// In a few words, in one zone and in several.
    pub groups: (&'static str, &'static str),
    /// The product.
    pub product: fn(DatabaseDesign) -> ResourceChoice,
    /// As versions name it.
    pub family: &'static str,
    /// Kind whose level is published.
    pub kind: &'static str,
    /// Hundreds of units for an hour.
    pub units: Rate,
    /// GiB-months.
    pub gib: Rate,
    /// GiB-months of continuous backups.
    pub backup: Rate,
    /// What a unit costs that scales by itself, as a multiple of the listed price.
    pub scaling: f64,
    /// Units that a limit is a multiple of, and the least share of the limit that is paid.
    pub steps: (f64, f64),
    /// Units at most without asking.
    pub most: f64,
}

/// A way to run a cache.
pub(crate) struct CacheForm {
    /// What it can be.
    pub ty: ResourceType,
    /// The engine.
    pub engine: &'static str,
    /// In a few words.
    pub group: &'static str,
    /// The product.
    pub product: fn(CacheDesign) -> ResourceChoice,
    /// As versions name it.
    pub family: &'static str,
    /// The price file of the sizes.
    pub prices: &'static str,
    /// Family of sizes.
    pub sizes: &'static str,
    /// Nodes.
    pub nodes: u32,
    /// Nodes that are paid at the listed price.
    pub paid: f64,
    /// Whether nodes divide the keys instead of copying them.
    pub divides: bool,
    /// Kind whose level is published, and in which configuration.
    pub level: (&'static str, &'static str),
}

/// A way to run a queue.
pub(crate) struct QueueForm {
    /// In a few words.
    pub group: &'static str,
    /// The product.
    pub product: fn(QueueDesign) -> ResourceChoice,
    /// As a part of a promise, and the kind whose level is published.
    pub level: (&'static str, &'static str),
    /// Whether messages keep their order; `None`: as each queue asks.
    pub ordered: Option<bool>,
    /// Messages a second that it takes at most.
    pub most: f64,
    /// What a month costs.
    pub bill: fn(&QueueDesign) -> Vec<(Rate, f64)>,
    /// Seconds that messages are kept at least, by default and at most.
    pub retention: (u64, u64, u64),
    /// Seconds that a message taken is hidden from other readers at least and at most.
    pub hidden: (f64, f64),
    /// Messages a second above which an ordered queue takes them in batches only.
    pub batches: Option<f64>,
}

/// A way to run a topic.
pub(crate) struct TopicForm {
    /// In a few words.
    pub group: &'static str,
    /// The product.
    pub product: fn(TopicDesign) -> ResourceChoice,
    /// As a part of a promise, and the kind whose level is published.
    pub level: (&'static str, &'static str),
    /// Whether messages keep their order; `None`: as each topic asks.
    pub ordered: Option<bool>,
    /// What a month costs.
    pub bill: fn(&TopicDesign) -> Vec<(Rate, f64)>,
}

/// A way to keep objects.
pub(crate) struct BucketForm {
    /// In a few words, twice: the group and the candidate.
    pub names: (&'static str, &'static str),
    /// The product.
    pub product: fn(BucketDesign) -> ResourceChoice,
    /// As a part of a promise, and the kind whose level is published.
    pub level: (&'static str, &'static str),
    /// Copies in several zones.
    pub zones: bool,
    /// What is charged.
    pub rates: ObjectRates,
}

/// What is charged for objects.
#[derive(Clone, Copy)]
pub(crate) struct ObjectRates {
    /// GiB at rest.
    pub gib: Rate,
    /// Writes.
    pub puts: Rate,
    /// Reads.
    pub gets: Rate,
}

/// A way out of private subnets.
pub(crate) struct WayOut {
    /// In a few words.
    pub name: &'static str,
    /// What it becomes.
    pub egress: Egress,
    /// Gateways; `None`: one a zone.
    pub gateways: Option<f64>,
    /// What each is paid by, hours.
    pub hours: &'static [Rate],
    /// What it is paid by for each copy that uses it, hours, and for how many at most.
    pub copies: Option<(Rate, f64)>,
    /// Why it is no choice where people depend on the environment.
    pub weak: Option<&'static str>,
}

/// What a GB costs that passes the way out, and what need not pass it.
pub(crate) struct Passing {
    /// A GB.
    pub gb: Rate,
    /// Logs that services write.
    pub logs: bool,
    /// A private way for calls to queues: what it is called, and what an hour a zone and a GB cost.
    pub private: Option<PrivateWay>,
}

/// A private way to a regional service.
pub(crate) struct PrivateWay {
    /// As the cloud names it.
    pub service: &'static str,
    /// In a few words.
    pub name: &'static str,
    /// What else there is to say, as a sentence after others.
    pub because: &'static str,
    /// An hour in each zone.
    pub hour: Rate,
    /// A GB.
    pub gb: Rate,
}

/// What is charged for upkeep; `None`: nothing.
pub(crate) struct UpkeepRates {
    /// Where keys, secrets and names live, in a few words.
    pub keys_in: &'static str,
    /// Why, in full sentences.
    pub keys_because: &'static str,
    /// A customer's key a month; `None`: the cloud's own keys encrypt.
    pub key: Option<Rate>,
    /// Requests to keys.
    pub key_requests: Option<Rate>,
    /// A secret a month.
    pub secret: Option<Rate>,
    /// Reads of secrets.
    pub secret_reads: Rate,
    /// Private zones of names that an environment has.
    pub zones: fn(&EnvironmentDesign) -> f64,
    /// A zone a month.
    pub zone: Rate,
    /// A name a month.
    pub name: Option<Rate>,
    /// What watches an environment, with metrics of tasks and a dashboard and without.
    pub watched_by: (&'static str, &'static str),
    /// What logs hold, in full sentences.
    pub logs_because: &'static str,
    /// GiB of log written.
    pub log_written: Rate,
    /// Log kept.
    pub log_kept: KeptLog,
    /// Whether the network writes a log of its connections.
    pub connections_logged: bool,
    /// Whether load balancers and buckets write logs of calls into a bucket.
    pub calls_logged: bool,
    /// The region where content delivery keeps its metrics and logs, when it is one.
    pub global_region: Option<&'static str>,
    /// Metrics of tasks, each a month.
    pub metric: Option<Rate>,
    /// What an alarm watches, a month.
    pub alarm: Rate,
    /// Notifications.
    pub notification: Option<Rate>,
    /// A dashboard a month.
    pub dashboard: Option<Rate>,
    /// A registry of images a month.
    pub registry: Option<Rate>,
    /// GiB-months of images.
    pub images: Option<Rate>,
    /// What parts of an environment share that is paid by the month.
    pub platform: fn(&EnvironmentDesign) -> Vec<Shared>,
}

/// How logs at rest are charged.
#[derive(Clone, Copy)]
pub(crate) enum KeptLog {
    /// All of it, compressed: GiB-months.
    Compressed(Rate),
    /// What is older than so many days, as it was written: GiB-months.
    Beyond(u32, Rate),
}

/// Something that parts of an environment share.
pub(crate) struct Shared {
    /// In a few words.
    pub name: String,
    /// What it is paid by.
    pub rate: Rate,
    /// How many a month.
    pub quantity: f64,
}

/// Adds so many of what a rate counts.
pub(crate) fn charge(bill: &mut Bill, region: &str, rate: Rate, quantity: f64) {
    bill.add(region, rate.id, quantity / rate.per);
}

/// Adds so many of what a rate counts, where the cloud charges for it.
pub(crate) fn charge_any(bill: &mut Bill, region: &str, rate: Option<Rate>, quantity: f64) {
    if let Some(rate) = rate {
        charge(bill, region, rate, quantity);
    }
}

/// What hours of a size cost.
pub(crate) fn size_hours(
    bill: &mut Bill,
    region: &str,
    (vcpu, gib): (Rate, Rate),
    size: TaskSize,
    hours: f64,
) {
    charge(bill, region, vcpu, f64::from(size.cpu) / 1024.0 * hours);
    charge(bill, region, gib, f64::from(size.memory_mib) / 1024.0 * hours);
}
