//! The spec: what is asked.
//!
//! Quantities are already in base units (requests a second, seconds, bytes as GiB or MiB where the name says
//! so). Spans point at what the user wrote; a default has none. Maps keep the order of the file.

use indexmap::IndexMap;
use ir::{Availability, Spanned, Usd};

/// Everything an application needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// Lower-case letters, digits and dashes, starting with a letter, at most 24 characters: it begins the
    /// name of every resource.
    pub name: Spanned<String>,
    /// Who is told and who is paged; an e-mail address.
    pub owner: Option<Spanned<String>>,
    /// Where it runs.
    pub cloud: Cloud,
    /// Dollars a month for all environments together.
    pub budget: Option<Spanned<Usd>>,
    /// By name; never empty: `staging` and `production` when nothing is said.
    pub environments: IndexMap<String, Environment>,
    /// By name; never empty.
    pub services: IndexMap<String, Service>,
    /// By name.
    pub resources: IndexMap<String, Resource>,
    /// Names of secrets that the user puts into the secret store.
    pub secrets: IndexMap<String, Secret>,
    /// How it is to be delivered.
    pub deliver: Deliver,
    /// What the front end assumed because nothing said otherwise.
    pub assumptions: Vec<Assumption>,
}

/// A provider and its regions.
#[derive(Clone, Debug, PartialEq)]
pub struct Cloud {
    /// Which cloud.
    pub provider: Spanned<Provider>,
    /// The first is the home region; never empty.
    pub regions: Vec<Spanned<String>>,
}

/// A cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Amazon Web Services.
    Aws,
    /// Microsoft Azure.
    Azure,
    /// Google Cloud.
    Gcp,
    /// Whichever is cheapest: all three are designed and priced.
    Any,
}

/// One environment.
#[derive(Clone, Debug, PartialEq)]
pub struct Environment {
    /// Share of the load it carries, above 0 and at most 1.
    pub scale: Spanned<f64>,
    /// Share of time a public request must be answered.
    pub availability: Option<Spanned<Availability>>,
    /// Recovery time objective, seconds.
    pub rto: Option<Spanned<u64>>,
    /// Recovery point objective, seconds.
    pub rpo: Option<Spanned<u64>>,
    /// Who must approve a deployment. Empty: nobody.
    pub approvers: Vec<Spanned<String>>,
    /// Where it was declared.
    pub span: Option<ir::Span>,
}

/// Where a service's program comes from.
#[allow(clippy::large_enum_variant, reason = "a spec holds a few dozen of them")]
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// Built from a folder.
    Build(Build),
    /// An image somebody else builds.
    Image(Spanned<String>),
    /// A folder of files served as they are.
    Static(Spanned<String>),
}

/// How an image is built.
#[derive(Clone, Debug, PartialEq)]
pub struct Build {
    /// Relative to the spec's folder.
    pub context: Spanned<String>,
    /// Relative to the context; `None`: the folder's own, or one that Mainstay writes.
    pub dockerfile: Option<Spanned<String>>,
    /// Build stage.
    pub target: Option<Spanned<String>>,
    /// Build arguments. Never secrets.
    pub args: IndexMap<String, String>,
    /// What the source scan found, if it looked.
    pub scan: Option<Scan>,
}

/// What a scan of a source folder found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// Language and package manager, when recognised.
    pub stack: Option<Stack>,
    /// A Dockerfile of the folder's own, relative to the context.
    pub dockerfile: Option<String>,
    /// Version of the language runtime, such as `22` or `3.12`.
    pub version: Option<String>,
    /// The lockfile, relative to the context.
    pub lockfile: Option<String>,
    /// Command that builds, if there is one.
    pub build: Option<Vec<String>>,
    /// Command that starts it.
    pub start: Option<Vec<String>>,
    /// Command that tests it, if there is one.
    pub test: Option<Vec<String>>,
    /// Command that lints it, if there is one.
    pub lint: Option<Vec<String>>,
    /// Port it listens on, when the source or its Dockerfile says so.
    pub port: Option<u16>,
    /// Health route, when the source has one.
    pub health: Option<String>,
    /// For Go and Java: the package, binary or jar that is the program. For static sites: the output folder.
    pub artifact: Option<String>,
}

/// What a Dockerfile is written for: a language with its package manager, or a tool that applies migrations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stack {
    /// Node.js with npm.
    NodeNpm,
    /// Node.js with pnpm.
    NodePnpm,
    /// Node.js with Yarn.
    NodeYarn,
    /// Python with a requirements file.
    PythonPip,
    /// Python with Poetry.
    PythonPoetry,
    /// Python with uv.
    PythonUv,
    /// Go modules.
    Go,
    /// Java with Maven.
    JavaMaven,
    /// Java with Gradle.
    JavaGradle,
    /// Files served as they are.
    Static,
    /// Migrations of dbmate.
    Dbmate,
    /// Migrations of goose, in SQL.
    Goose,
    /// Migrations of golang-migrate.
    GolangMigrate,
    /// Migrations of Flyway.
    Flyway,
    /// Migrations of Liquibase; the scan's artifact is the changelog that begins.
    Liquibase,
    /// Numbered SQL without the marks of any tool, which the database's own client applies.
    NumberedSql,
}

/// One service.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// Where its program comes from.
    pub source: Source,
    /// Port it listens on; `None` for workers, schedules and static sites.
    pub port: Option<Spanned<u16>>,
    /// What it speaks on that port.
    pub protocol: Protocol,
    /// Whether the internet may reach it.
    pub public: Spanned<bool>,
    /// The host name the world calls it by; implies `public`.
    pub host: Option<Spanned<String>>,
    /// Path that answers 200 when it is well.
    pub health: Option<Spanned<String>>,
    /// How much it has to do.
    pub load: Load,
    /// What it promises.
    pub slo: Option<Slo>,
    /// What it needs.
    pub uses: Vec<Use>,
    /// How a new version reaches users.
    pub release: Spanned<Release>,
    /// Cron expression (five fields, UTC): it runs then and ends, instead of running all the time.
    pub schedule: Option<Spanned<String>>,
    /// Runs once at each deployment, before the services that wait for it (a migration, a seed).
    pub once: bool,
    /// Settings. Values may hold `${...}` references, already parsed.
    pub env: IndexMap<String, EnvValue>,
    /// Replaces the image's entry point.
    pub entrypoint: Option<Vec<String>>,
    /// Replaces the image's command.
    pub command: Option<Vec<String>>,
    /// Share of its declared CPU and memory that a limit in a foreign file set: GiB and vCPU, if any.
    pub limits: Limits,
    /// Where it was declared.
    pub span: Option<ir::Span>,
}

/// Limits that a compose file set; hints for the designer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    /// vCPUs.
    pub cpus: Option<f64>,
    /// MiB.
    pub memory_mib: Option<f64>,
    /// Copies that always run.
    pub replicas: Option<u32>,
}

/// What a service speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// HTTP/1.1, also WebSocket.
    #[default]
    Http,
    /// gRPC over HTTP/2.
    Grpc,
    /// Anything else over TCP.
    Tcp,
}

/// How much a service has to do. All of it is optional; the designer says what it assumed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Load {
    /// Mean requests a second.
    pub requests: Option<Spanned<f64>>,
    /// Mean messages a second.
    pub messages: Option<Spanned<f64>>,
    /// Peak as a multiple of the mean, at least 1.
    pub peak: Option<Spanned<f64>>,
    /// CPU seconds a request or message.
    pub cpu: Option<Spanned<f64>>,
    /// MiB a running copy needs.
    pub memory_mib: Option<Spanned<f64>>,
    /// Mean size of a response, KiB.
    pub response_kib: Option<Spanned<f64>>,
    /// How long a run takes, seconds; for schedules.
    pub duration: Option<Spanned<f64>>,
}

/// What a service promises to its users.
#[derive(Clone, Debug, PartialEq)]
pub struct Slo {
    /// Share of requests that must not fail.
    pub availability: Option<Spanned<Availability>>,
    /// Latency in seconds at a quantile, such as 0.3 at 0.95.
    pub latency: Option<Spanned<LatencyTarget>>,
}

/// A latency at a quantile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LatencyTarget {
    /// Seconds.
    pub seconds: f64,
    /// Share of requests that must be faster, 0 to 1.
    pub quantile: f64,
}

/// One entry of `uses`, resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct Use {
    /// What it names.
    pub target: UseTarget,
    /// The name.
    pub name: String,
    /// How it is used, when narrower than everything its kind allows.
    pub access: Access,
    /// Where it was written.
    pub span: Option<ir::Span>,
}

/// What an entry of `uses` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UseTarget {
    /// Another service.
    Service,
    /// A resource.
    Resource,
    /// A secret.
    Secret,
}

/// What a service may do with a resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Both.
    #[default]
    ReadWrite,
    /// Read, receive, subscribe.
    Read,
    /// Write, send, publish.
    Write,
}

/// How a new version reaches users.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Release {
    /// Copies are replaced a few at a time.
    #[default]
    Rolling,
    /// A share of the traffic first.
    Canary,
    /// A second set of copies, then all at once.
    BlueGreen,
}

/// A setting: text with references in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvValue {
    /// The parts, joined.
    pub parts: Vec<EnvPart>,
}

/// A part of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvPart {
    /// As written.
    Text(String),
    /// `${name.field}`: a fact about a service or resource, known after it exists. Fields of a resource:
    /// `host`, `port`, `name`, `user`, `password`, `url`, `arn`; of a service: `host`, `port`, `url`.
    Reference {
        /// Service or resource.
        target: UseTarget,
        /// Its name.
        name: String,
        /// Which fact.
        field: String,
    },
    /// `${NAME}` of a declared secret: injected by the platform, never written down.
    Secret(String),
}

/// A secret the user provides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Secret {
    /// Where it was declared.
    pub span: Option<ir::Span>,
    /// What is known about it, such as `was an inline value in compose.yaml`; never the value.
    pub note: Option<String>,
}

/// A managed resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// What it is.
    pub ty: Spanned<ResourceType>,
    /// Engine version.
    pub version: Option<Spanned<String>>,
    /// GiB of data at rest.
    pub storage_gib: Option<Spanned<f64>>,
    /// GiB of memory, for caches.
    pub memory_gib: Option<Spanned<f64>>,
    /// Mean queries a second.
    pub queries: Option<Spanned<f64>>,
    /// Messages kept at most this long, seconds.
    pub retention: Option<Spanned<u64>>,
    /// Folder of migrations, relative to the spec's folder.
    pub migrations: Option<Spanned<String>>,
    /// Whether messages keep their order (queues and topics).
    pub ordered: bool,
    /// Services or resources that get a copy of each message (topics).
    pub subscribers: Vec<Spanned<String>>,
    /// Name of the database inside, when a foreign file named it.
    pub database: Option<String>,
    /// Image that stands in for it on a laptop, when a foreign file named one.
    pub local_image: Option<String>,
    /// Where it was declared.
    pub span: Option<ir::Span>,
}

/// A type of resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ResourceType {
    /// PostgreSQL.
    Postgres,
    /// MySQL, also for MariaDB.
    Mysql,
    /// MongoDB.
    Mongodb,
    /// Redis or Valkey.
    Redis,
    /// Memcached.
    Memcached,
    /// A queue: each message to one reader.
    Queue,
    /// A topic: each message to every subscriber.
    Topic,
    /// RabbitMQ (AMQP 0.9.1).
    Rabbitmq,
    /// Kafka.
    Kafka,
    /// OpenSearch or Elasticsearch.
    Opensearch,
    /// Object storage.
    Bucket,
}

/// How the result is delivered. Values are as the spec writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deliver {
    /// `terraform`.
    pub iac: String,
    /// `auto`, `ecs`, `lambda`.
    pub runtime: String,
    /// `github-actions`.
    pub ci: String,
    /// Among `opentelemetry`, `prometheus`, `grafana`, `alertmanager`, `cloud`.
    pub observability: Vec<String>,
    /// `cloud`.
    pub secrets: String,
}

impl Default for Deliver {
    fn default() -> Self {
        Self {
            iac: "terraform".into(),
            runtime: "auto".into(),
            ci: "github-actions".into(),
            observability: ["opentelemetry", "prometheus", "grafana"].map(String::from).to_vec(),
            secrets: "cloud".into(),
        }
    }
}

/// Something a front end assumed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Assumption {
    /// The key it concerns, such as `services.api.load.requests`.
    pub subject: String,
    /// What was assumed, as it would be written.
    pub assumed: String,
    /// Why that and nothing else.
    pub because: String,
}

impl Spec {
    /// The services that run once at each deployment and use a resource: where its migrations run.
    pub fn prepared_by<'a>(&'a self, resource: &'a str) -> impl Iterator<Item = &'a str> {
        let uses =
            move |s: &Service| s.uses.iter().any(|u| u.target == UseTarget::Resource && u.name == resource);
        self.services.iter().filter(move |(_, s)| s.once && uses(s)).map(|(name, _)| name.as_str())
    }
}

impl Build {
    /// Whether it packs migrations with the tool that applies them, rather than a program.
    #[must_use]
    pub fn migrates(&self) -> bool {
        self.scan.as_ref().and_then(|s| s.stack).is_some_and(Stack::migrates)
    }
}

impl Stack {
    /// Whether it applies migrations, rather than being what a program is written in.
    #[must_use]
    pub fn migrates(self) -> bool {
        matches!(
            self,
            Stack::Dbmate
                | Stack::Goose
                | Stack::GolangMigrate
                | Stack::Flyway
                | Stack::Liquibase
                | Stack::NumberedSql
        )
    }
}

impl ResourceType {
    /// Every type, in the order documents list them.
    pub const ALL: &'static [ResourceType] = &[
        ResourceType::Postgres,
        ResourceType::Mysql,
        ResourceType::Mongodb,
        ResourceType::Redis,
        ResourceType::Memcached,
        ResourceType::Queue,
        ResourceType::Topic,
        ResourceType::Rabbitmq,
        ResourceType::Kafka,
        ResourceType::Opensearch,
        ResourceType::Bucket,
    ];

    /// As the spec writes it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            ResourceType::Postgres => "postgres",
            ResourceType::Mysql => "mysql",
            ResourceType::Mongodb => "mongodb",
            ResourceType::Redis => "redis",
            ResourceType::Memcached => "memcached",
            ResourceType::Queue => "queue",
            ResourceType::Topic => "topic",
            ResourceType::Rabbitmq => "rabbitmq",
            ResourceType::Kafka => "kafka",
            ResourceType::Opensearch => "opensearch",
            ResourceType::Bucket => "bucket",
        }
    }

    /// The facts that `${name.field}` may name, the one that leads to it first.
    #[must_use]
    pub fn fields(self) -> &'static [&'static str] {
        match self {
            ResourceType::Postgres | ResourceType::Mysql | ResourceType::Mongodb => {
                &["host", "port", "name", "user", "password"]
            }
            ResourceType::Redis => &["host", "port", "url"],
            ResourceType::Memcached => &["host", "port"],
            ResourceType::Rabbitmq => &["url", "port", "user", "password"],
            ResourceType::Kafka => &["brokers", "port", "arn"],
            ResourceType::Opensearch => &["host", "port", "url", "arn"],
            ResourceType::Queue => &["url", "arn"],
            ResourceType::Topic => &["arn"],
            ResourceType::Bucket => &["name", "arn"],
        }
    }
}

/// The facts that `${name.field}` may name of a service.
pub const SERVICE_FIELDS: &[&str] = &["host", "port", "url"];

impl Protocol {
    /// As the spec writes it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Protocol::Http => "http",
            Protocol::Grpc => "grpc",
            Protocol::Tcp => "tcp",
        }
    }
}

impl Release {
    /// As the spec writes it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Release::Rolling => "rolling",
            Release::Canary => "canary",
            Release::BlueGreen => "blue-green",
        }
    }
}
