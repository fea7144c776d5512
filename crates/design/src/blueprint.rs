//! The blueprint: what was chosen.
//!
//! One [`EnvironmentDesign`] an environment, complete enough that lowering has nothing left to choose, and
//! the decisions that led there. All types serialize: `design --format json` prints this module.

use indexmap::IndexMap;
use ir::{Availability, Usd};
use serde::{Deserialize, Serialize};
use spec::{Access, EnvValue, Protocol, Release, ResourceType};

/// What was chosen for a spec.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Blueprint {
    /// The application's name.
    pub name: String,
    /// Who owns it.
    pub owner: Option<String>,
    /// The cloud it was designed for.
    pub provider: spec::Provider,
    /// Home region.
    pub region: String,
    /// By name, in the spec's order.
    pub environments: IndexMap<String, EnvironmentDesign>,
    /// Every decision, in the order it was made.
    pub decisions: Vec<Decision>,
    /// Dollars a month asked for, all environments together.
    pub budget: Option<Usd>,
    /// Services whose images are built here and need a repository, sorted.
    pub images: Vec<String>,
    /// Monthly cost of what all environments share: state and image repositories.
    pub shared: Usd,
    /// Every cloud side by side, where the spec leaves the choice open; else empty.
    pub clouds: Vec<CloudOffer>,
}

/// What one cloud offers for a spec.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CloudOffer {
    /// Which.
    pub provider: spec::Provider,
    /// As people name it.
    pub name: String,
    /// The region that stands for the one asked for; `None`: there is none near.
    pub region: Option<String>,
    /// Dollars a month, all environments and what they share together.
    pub monthly: Option<Usd>,
    /// What is said about the design.
    pub warnings: Vec<String>,
    /// What it binds to.
    pub binding: Option<crate::binding::Binding>,
    /// Why it cannot be had.
    pub problems: Vec<String>,
}

impl Blueprint {
    /// What people call its cloud.
    #[must_use]
    pub fn cloud(&self) -> &'static str {
        crate::cloud::of(self.provider).name
    }

    /// Dollars a month, all environments and what they share together, as the designer priced them.
    #[must_use]
    pub fn monthly(&self) -> Usd {
        self.environments.values().map(|e| e.monthly).sum::<Usd>() + self.shared
    }
}

/// One environment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EnvironmentDesign {
    /// Its name.
    pub name: String,
    /// Whether people depend on it: it has an availability, RTO or RPO target, or approvers, or is the last.
    pub critical: bool,
    /// Who approves a deployment.
    pub approvers: Vec<String>,
    /// Network.
    pub network: NetworkDesign,
    /// By service name.
    pub services: IndexMap<String, ServiceDesign>,
    /// By resource name.
    pub resources: IndexMap<String, ResourceDesign>,
    /// How data survives.
    pub recovery: RecoveryDesign,
    /// The availability that the chosen parts add up to.
    pub availability: AvailabilityDesign,
    /// Logs are kept so many days.
    pub log_days: u32,
    /// How closely it is watched.
    pub monitoring: MonitoringDesign,
    /// How what its services measure is collected; `None`: it is not.
    pub telemetry: Option<TelemetryDesign>,
    /// Monthly cost of what was chosen, as the designer priced it, with the same expected use as its graph.
    pub monthly: Usd,
    /// Where the budget's alarm rings, dollars a month.
    pub budget: Option<Usd>,
}

/// The network of one environment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NetworkDesign {
    /// Address range, such as `10.20.0.0/16`; environments do not overlap.
    pub cidr: String,
    /// Availability zones used, 2 or 3.
    pub zones: u8,
    /// How private subnets reach the internet.
    pub egress: Egress,
    /// Private ways to regional services that are paid by the hour, as the cloud names them, such as `sqs`.
    pub endpoints: Vec<String>,
    /// What public services stand behind.
    pub door: Door,
    /// Whether a web application firewall filters what reaches public services at their door.
    pub firewall: bool,
    /// Whether a web application firewall filters what reaches static sites and the services they lead to.
    pub site_firewall: bool,
    /// Whether the load balancer answers content delivery alone, which carries every call over TLS. Without a
    /// host name it could answer others over plain HTTP only.
    pub behind_sites: bool,
}

/// How private subnets reach the internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Egress {
    /// A NAT gateway in every zone.
    NatPerZone,
    /// One NAT gateway for all zones: cheaper, and its zone takes egress down.
    SingleNat,
    /// One NAT that the provider spreads over all zones.
    RegionalNat,
}

/// What public services stand behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Door {
    /// One load balancer over every zone, with rules by host and path.
    LoadBalancer,
    /// What the platform of containers brings: every service has a name and a certificate of its own.
    Ingress,
    /// Content delivery carries every call, with rules by host and path, and nothing else reaches the services.
    ContentDelivery,
}

/// What a service became.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ServiceDesign {
    /// Compute.
    pub compute: Compute,
    /// Port it listens on.
    pub port: Option<u16>,
    /// What it speaks.
    pub protocol: Protocol,
    /// How it is reached from outside; `None`: not at all.
    pub public: Option<PublicDesign>,
    /// Health path.
    pub health: Option<String>,
    /// How a new version arrives.
    pub release: Release,
    /// What it uses, with the access it needs.
    pub uses: Vec<UseDesign>,
    /// Settings.
    #[serde(skip)]
    pub env: IndexMap<String, EnvValue>,
    /// Replaces the image's entry point.
    pub entrypoint: Option<Vec<String>>,
    /// Replaces the image's command.
    pub command: Option<Vec<String>>,
    /// An image that somebody else builds; `None`: built by the pipeline.
    pub image: Option<String>,
    /// Objectives that alarms and rules are made from.
    pub slo: Option<SloDesign>,
    /// Expected load of this environment.
    pub load: LoadDesign,
}

/// Compute of a service.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "on", rename_all = "kebab-case")]
pub enum Compute {
    /// Containers that always run, without machines of the user's own: Fargate, Container Apps, Cloud Run.
    Containers(ContainersDesign),
    /// A function called by requests or messages.
    Function(FunctionDesign),
    /// A container that runs on a schedule and ends.
    ScheduledTask {
        /// Size of the task.
        size: TaskSize,
        /// Five-field cron, UTC.
        cron: String,
        /// Expected length of a run, seconds.
        duration_seconds: f64,
    },
    /// A container that runs once at each deployment.
    OneShot {
        /// Size of the task.
        size: TaskSize,
    },
    /// Files behind a content delivery network.
    StaticSite {
        /// Folder of the files, relative to the spec.
        folder: String,
        /// Path prefixes sent to a public service instead, such as (`/api/*`, `api`).
        routes: Vec<(String, String)>,
    },
}

/// Size of one copy of a container.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TaskSize {
    /// CPU units, 1024 a vCPU.
    pub cpu: u32,
    /// MiB.
    pub memory_mib: u32,
    /// An Arm processor (`true`) or an x86 one.
    pub arm: bool,
}

/// Tasks that always run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ContainersDesign {
    /// Size of one task.
    pub size: TaskSize,
    /// Fewest tasks.
    pub min: u32,
    /// Most tasks.
    pub max: u32,
    /// CPU utilisation the autoscaler aims at, percent.
    pub target_cpu: u32,
    /// Requests a minute and task the autoscaler aims at, when requests are known.
    pub target_requests: Option<u32>,
    /// Backlog a task the autoscaler aims at, for queue readers.
    pub target_backlog: Option<u32>,
    /// Requests that one copy may have open at once, when requests are known: where a platform adds copies by it.
    pub concurrency: Option<u32>,
    /// Whether interruptible capacity is used (not in critical environments).
    pub spot: bool,
    /// Which of a task's time is paid.
    pub paid: Paid,
    /// Expected mean number of running tasks, what the price is computed from.
    pub mean_tasks: f64,
    /// Of those, how many answer: the rest waits for requests, which some platforms charge less for.
    #[serde(skip)]
    pub busy_tasks: f64,
}

/// Which of a task's time is paid, where the platform leaves the choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Paid {
    /// All of it: the program has its CPU always.
    Running,
    /// While it answers requests: it has no CPU between them.
    Answering,
}

/// A function.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FunctionDesign {
    /// MiB.
    pub memory_mib: u32,
    /// Graviton (arm64) or x86_64.
    pub arm: bool,
    /// Longest run, seconds.
    pub timeout_seconds: u32,
    /// Most concurrent runs.
    pub concurrency: u32,
    /// Expected length of a run, seconds.
    pub duration_seconds: f64,
}

/// How the world reaches a service.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PublicDesign {
    /// Host name, when one was given. Without one, the load balancer's own name over plain HTTP is all there is.
    pub host: Option<String>,
    /// Path patterns on the shared load balancer, such as `/api/*`; `/*` for everything.
    pub paths: Vec<String>,
    /// Order among listener rules, from 1.
    pub priority: u32,
}

/// One edge of `uses`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UseDesign {
    /// Service, resource or secret.
    #[serde(skip)]
    pub target: spec::UseTarget,
    /// Its name.
    pub name: String,
    /// What is allowed.
    pub access: Access,
}

/// Objectives of a service.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SloDesign {
    /// Share of requests that must not fail.
    pub availability: Option<Availability>,
    /// Seconds.
    pub latency_seconds: Option<f64>,
    /// Share of requests that must be faster.
    pub latency_quantile: Option<f64>,
}

/// Expected load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct LoadDesign {
    /// Mean requests a second.
    pub requests: f64,
    /// Mean messages a second.
    pub messages: f64,
    /// Peak as a multiple of the mean.
    pub peak: f64,
    /// CPU seconds a request or message.
    pub cpu_seconds: f64,
    /// Mean response, KiB.
    pub response_kib: f64,
}

/// What a resource became.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ResourceDesign {
    /// What was asked.
    pub ty: ResourceType,
    /// What it became.
    pub choice: ResourceChoice,
}

/// The managed service a resource became. Each product belongs to one cloud, but for those of other vendors.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "on", rename_all = "kebab-case")]
pub enum ResourceChoice {
    /// An RDS instance.
    Rds(DatabaseDesign),
    /// An Aurora cluster.
    Aurora(DatabaseDesign),
    /// An ElastiCache replication group.
    ElastiCache(CacheDesign),
    /// An ElastiCache Memcached cluster.
    Memcached(CacheDesign),
    /// An SQS queue with a dead-letter queue.
    Sqs(QueueDesign),
    /// An SNS topic.
    Sns(TopicDesign),
    /// An S3 bucket.
    S3(BucketDesign),
    /// A DocumentDB cluster.
    DocumentDb(DatabaseDesign),
    /// An Amazon MQ broker running RabbitMQ.
    RabbitMq(BrokerDesign),
    /// An MSK cluster.
    Kafka(BrokerDesign),
    /// An OpenSearch domain.
    OpenSearch(SearchDesign),
    /// A flexible server of Azure Database for PostgreSQL or MySQL.
    FlexibleServer(DatabaseDesign),
    /// An Azure Cosmos DB account that speaks MongoDB's protocol.
    CosmosDb(DatabaseDesign),
    /// An Azure Managed Redis instance.
    ManagedRedis(CacheDesign),
    /// A queue of Azure Service Bus with its dead letters.
    ServiceBusQueue(QueueDesign),
    /// A topic of Azure Service Bus that forwards to queues.
    ServiceBusTopic(TopicDesign),
    /// A container of Azure Blob Storage.
    BlobContainer(BucketDesign),
    /// An Azure Event Hubs namespace, by its Kafka endpoint.
    EventHubs(BrokerDesign),
    /// A cluster of Google Cloud's Managed Service for Apache Kafka.
    ManagedKafka(BrokerDesign),
    /// A Cloud SQL instance.
    CloudSql(DatabaseDesign),
    /// A Memorystore instance for Valkey or Redis.
    Memorystore(CacheDesign),
    /// A Pub/Sub topic with one subscription and its dead letters.
    PubSubQueue(QueueDesign),
    /// A Pub/Sub topic with a subscription for each queue.
    PubSubTopic(TopicDesign),
    /// A Cloud Storage bucket.
    CloudStorage(BucketDesign),
    /// A MongoDB Atlas cluster in the cloud's region.
    Atlas(DatabaseDesign),
}

impl ResourceChoice {
    /// What its vendor calls it.
    pub fn product(&self) -> &'static str {
        match self {
            ResourceChoice::Rds(_) => "RDS",
            ResourceChoice::Aurora(_) => "Aurora",
            ResourceChoice::ElastiCache(_) => "ElastiCache",
            ResourceChoice::Memcached(_) => "ElastiCache for Memcached",
            ResourceChoice::Sqs(_) => "SQS",
            ResourceChoice::Sns(_) => "SNS",
            ResourceChoice::S3(_) => "S3",
            ResourceChoice::DocumentDb(_) => "DocumentDB",
            ResourceChoice::RabbitMq(_) => "Amazon MQ",
            ResourceChoice::Kafka(_) => "MSK",
            ResourceChoice::OpenSearch(_) => "OpenSearch",
            ResourceChoice::FlexibleServer(_) => "Flexible Server",
            ResourceChoice::CosmosDb(_) => "Cosmos DB",
            ResourceChoice::ManagedRedis(_) => "Azure Managed Redis",
            ResourceChoice::ServiceBusQueue(_) | ResourceChoice::ServiceBusTopic(_) => "Service Bus",
            ResourceChoice::BlobContainer(_) => "Blob Storage",
            ResourceChoice::EventHubs(_) => "Event Hubs",
            ResourceChoice::ManagedKafka(_) => "Managed Kafka",
            ResourceChoice::CloudSql(_) => "Cloud SQL",
            ResourceChoice::Memorystore(_) => "Memorystore",
            ResourceChoice::PubSubQueue(_) | ResourceChoice::PubSubTopic(_) => "Pub/Sub",
            ResourceChoice::CloudStorage(_) => "Cloud Storage",
            ResourceChoice::Atlas(_) => "MongoDB Atlas",
        }
    }

    /// The relational or document database that it is.
    pub fn database(&self) -> Option<&DatabaseDesign> {
        match self {
            ResourceChoice::Rds(d)
            | ResourceChoice::Aurora(d)
            | ResourceChoice::DocumentDb(d)
            | ResourceChoice::FlexibleServer(d)
            | ResourceChoice::CosmosDb(d)
            | ResourceChoice::CloudSql(d)
            | ResourceChoice::Atlas(d) => Some(d),
            _ => None,
        }
    }

    /// The cache that it is.
    pub fn cache(&self) -> Option<&CacheDesign> {
        match self {
            ResourceChoice::ElastiCache(c)
            | ResourceChoice::Memcached(c)
            | ResourceChoice::ManagedRedis(c)
            | ResourceChoice::Memorystore(c) => Some(c),
            _ => None,
        }
    }

    /// The queue that it is.
    pub fn queue(&self) -> Option<&QueueDesign> {
        match self {
            ResourceChoice::Sqs(q) | ResourceChoice::ServiceBusQueue(q) | ResourceChoice::PubSubQueue(q) => {
                Some(q)
            }
            _ => None,
        }
    }

    /// The topic that it is.
    pub fn topic(&self) -> Option<&TopicDesign> {
        match self {
            ResourceChoice::Sns(t) | ResourceChoice::ServiceBusTopic(t) | ResourceChoice::PubSubTopic(t) => {
                Some(t)
            }
            _ => None,
        }
    }

    /// The store of objects that it is.
    pub fn bucket(&self) -> Option<&BucketDesign> {
        match self {
            ResourceChoice::S3(b) | ResourceChoice::BlobContainer(b) | ResourceChoice::CloudStorage(b) => {
                Some(b)
            }
            _ => None,
        }
    }

    /// The message broker that it is.
    pub fn broker(&self) -> Option<&BrokerDesign> {
        match self {
            ResourceChoice::RabbitMq(b)
            | ResourceChoice::Kafka(b)
            | ResourceChoice::EventHubs(b)
            | ResourceChoice::ManagedKafka(b) => Some(b),
            _ => None,
        }
    }
}

/// A relational or document database.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DatabaseDesign {
    /// `postgres`, `mysql` or `mongodb`.
    pub engine: String,
    /// Engine version, such as `16` or `8.0`.
    pub version: String,
    /// Size as the cloud names it, such as `db.t4g.medium`, `GP_Standard_D2ds_v5` or `db-custom-2-7680`.
    pub class: String,
    /// Instances: 1, or 2 and more for a cluster.
    pub instances: u32,
    /// A standby in another zone that takes over by itself.
    pub multi_az: bool,
    /// GiB allocated; Aurora grows by itself and this is what is expected.
    pub storage_gib: u32,
    /// Storage may grow by itself to this, GiB.
    pub max_storage_gib: u32,
    /// Provisioned I/O operations a second; 0: what the storage has by itself.
    pub iops: u32,
    /// Request units a second at most, where a service is sized by them; 0: it is sized by its class.
    pub throughput: u32,
    /// Name of the database inside.
    pub database: String,
    /// Expected queries a second.
    pub queries: f64,
    /// Folder of migrations, relative to the spec.
    pub migrations: Option<String>,
}

/// A cache.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CacheDesign {
    /// `valkey`, `redis` or `memcached`.
    pub engine: String,
    /// Engine version.
    pub version: String,
    /// Size as the cloud names it, such as `cache.t4g.small`, `Balanced_B1` or `SHARED_CORE_NANO`.
    pub node_type: String,
    /// GiB of a node.
    pub memory_gib: f64,
    /// Nodes; more than one fails over by itself.
    pub nodes: u32,
}

/// A queue.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QueueDesign {
    /// First in, first out.
    pub fifo: bool,
    /// Messages are kept so many seconds.
    pub retention_seconds: u64,
    /// A message taken is hidden so many seconds.
    pub visibility_seconds: u32,
    /// Tries before the dead-letter queue.
    pub max_receives: u32,
    /// Expected messages a month.
    pub messages_month: f64,
}

/// A topic.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TopicDesign {
    /// First in, first out.
    pub fifo: bool,
    /// Names of queues that get a copy.
    pub subscribers: Vec<String>,
    /// Expected messages a month.
    pub messages_month: f64,
}

/// A bucket.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BucketDesign {
    /// Expected GiB.
    pub size_gib: f64,
    /// Old versions are removed after so many days.
    pub noncurrent_days: u32,
    /// Copies are kept in several zones.
    pub zone_redundant: bool,
}

/// A message broker.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BrokerDesign {
    /// Engine version.
    pub version: String,
    /// Broker instance type, or the tier of a service that has none.
    pub class: String,
    /// Brokers, or units of throughput.
    pub brokers: u32,
    /// GiB a broker; 0 where the service does not ask.
    pub storage_gib: u32,
}

/// A search domain.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SearchDesign {
    /// Engine version, such as `OpenSearch_2.19`.
    pub version: String,
    /// Instance type.
    pub class: String,
    /// Data nodes.
    pub nodes: u32,
    /// GiB a node.
    pub storage_gib: u32,
}

/// How closely an environment is watched. Logs and alarms are everywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MonitoringDesign {
    /// Whether every task and service reports metrics of its own.
    pub task_metrics: bool,
    /// Whether a dashboard shows what the alarms watch.
    pub dashboard: bool,
}

/// How what services measure and trace is collected: by a collector beside every task.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TelemetryDesign {
    /// Share of traces that is kept, above 0 and at most 1.
    pub sampling: f64,
    /// Whether rules judge what is collected and somebody is told.
    pub rules: bool,
}

/// How data survives.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RecoveryDesign {
    /// Recovery time objective asked for, seconds.
    pub rto_seconds: Option<u64>,
    /// Recovery point objective asked for, seconds.
    pub rpo_seconds: Option<u64>,
    /// Point-in-time recovery window of databases, days.
    pub point_in_time_days: u32,
    /// Daily copies apart from the store itself are kept so many days; 0: there are none.
    pub backup_days: u32,
    /// Region that gets a copy of the backups, when more than one region was given.
    pub copy_region: Option<String>,
    /// Whether destroying data stores is refused.
    pub protect: bool,
}

impl RecoveryDesign {
    /// Whether daily copies hold buckets too. A bucket keeps its own replaced versions, so copies are worth their
    /// price only where they go to another region.
    #[must_use]
    pub fn copies_buckets(&self) -> bool {
        self.copy_region.is_some()
    }
}

/// The availability that parts add up to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AvailabilityDesign {
    /// What was asked.
    pub target: Option<Availability>,
    /// Product of the parts on the longest public request path.
    pub expected: Availability,
    /// The parts.
    pub parts: Vec<AvailabilityPart>,
}

/// One factor.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AvailabilityPart {
    /// What, such as `db (RDS, Multi-AZ)`.
    pub name: String,
    /// Published figure.
    pub sla: Availability,
    /// Where it was published and when.
    pub source: String,
    /// Whether the figure was verified on the vendor's own page.
    pub verified: bool,
}

/// One decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// Stable id, such as `production.db.engine`.
    pub id: String,
    /// Environment, when it concerns one.
    pub environment: Option<String>,
    /// Service or resource, when it concerns one.
    pub subject: Option<String>,
    /// The question, such as `Where does db run?`.
    pub question: String,
    /// What was chosen, in a few words.
    pub chosen: String,
    /// Why, in full sentences.
    pub because: String,
    /// The inputs that led to it: name and value with unit.
    pub inputs: IndexMap<String, String>,
    /// What it costs a month, when it costs.
    pub monthly: Option<Usd>,
    /// What was not chosen.
    pub rejected: Vec<Rejected>,
    /// Facts used, each with source and date.
    pub facts: Vec<Fact>,
    /// Whether an architect would write it down: it gets an ADR.
    pub weighty: bool,
}

/// An alternative that lost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rejected {
    /// What.
    pub option: String,
    /// Why not: the constraint it breaks, or that it costs more.
    pub because: String,
    /// What it would cost a month more than the chosen one; negative: it is cheaper but breaks a constraint.
    pub difference: Option<Usd>,
}

/// A fact used in a decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// What it says, such as `fargate/vcpu-arm = 0.03238 USD per vCPU-hour`.
    pub fact: String,
    /// Where it was published.
    pub source: String,
    /// When.
    pub date: String,
    /// Whether it was verified at its source.
    pub verified: bool,
}
