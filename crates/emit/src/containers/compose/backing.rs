//! The container that stands in for each type of resource.
//!
//! One row a type. Queues, topics and buckets have no row: they share the emulator of AWS's own interface, so
//! that a program speaks to them as it does in the cloud.

use indexmap::IndexMap;
use spec::{Resource, ResourceType};

use super::model::{Healthcheck, Unit};
use super::settings::password;

/// Name of the container that speaks AWS's interface.
pub(super) const EMULATOR: &str = "aws-local";
const EMULATOR_IMAGE: &str = "motoserver/moto:5.2.1";
const EMULATOR_PORT: u16 = 5000;
/// The account and region that the emulator answers for.
const EMULATOR_ACCOUNT: &str = "123456789012";
const EMULATOR_REGION: &str = "us-east-1";

/// A stand-in.
pub(in crate::containers) struct Backing {
    ty: ResourceType,
    /// Image name; the tag is the resource's version, or else `version`.
    image: &'static str,
    version: &'static str,
    /// After the version in the tag.
    suffix: &'static str,
    /// Port that programs connect to.
    pub port: u16,
    /// User that programs connect as.
    pub user: Option<&'static str>,
    /// Scheme of its URL.
    pub scheme: &'static str,
    /// Folder that keeps its data.
    data: Option<&'static str>,
    /// Settings: `NAME`, `USER`, `PASSWORD` and `HOST` stand for this resource's.
    settings: &'static [(&'static str, &'static str)],
    health: &'static [&'static str],
}

static BACKINGS: &[Backing] = &[
    Backing {
        ty: ResourceType::Postgres,
        image: "postgres",
        version: "17",
        suffix: "-bookworm",
        port: 5432,
        user: Some("app"),
        scheme: "postgres",
        data: Some("/var/lib/postgresql/data"),
        settings: &[
            ("POSTGRES_DB", "NAME"),
            ("POSTGRES_USER", "USER"),
            ("POSTGRES_PASSWORD", "PASSWORD"),
            ("PGDATA", "/var/lib/postgresql/data/pgdata"),
        ],
        health: &["CMD", "pg_isready", "-h", "127.0.0.1", "-U", "USER", "-d", "NAME"],
    },
    Backing {
        ty: ResourceType::Mysql,
        image: "mysql",
        version: "8.4",
        suffix: "",
        port: 3306,
        user: Some("app"),
        scheme: "mysql",
        data: Some("/var/lib/mysql"),
        settings: &[
            ("MYSQL_DATABASE", "NAME"),
            ("MYSQL_USER", "USER"),
            ("MYSQL_PASSWORD", "PASSWORD"),
            ("MYSQL_ROOT_PASSWORD", "PASSWORD"),
        ],
        health: &["CMD-SHELL", "mysqladmin ping --silent -h 127.0.0.1 -u USER -p\"$$MYSQL_PASSWORD\""],
    },
    Backing {
        ty: ResourceType::Mongodb,
        image: "mongo",
        version: "7.0",
        suffix: "",
        port: 27017,
        user: Some("app"),
        scheme: "mongodb",
        data: Some("/data/db"),
        settings: &[
            ("MONGO_INITDB_DATABASE", "NAME"),
            ("MONGO_INITDB_ROOT_USERNAME", "USER"),
            ("MONGO_INITDB_ROOT_PASSWORD", "PASSWORD"),
        ],
        health: &["CMD", "mongosh", "--quiet", "--eval", "db.adminCommand('ping').ok"],
    },
    Backing {
        ty: ResourceType::Redis,
        image: "valkey/valkey",
        version: "8.1",
        suffix: "",
        port: 6379,
        user: None,
        scheme: "redis",
        data: Some("/data"),
        settings: &[],
        health: &["CMD", "valkey-cli", "ping"],
    },
    Backing {
        ty: ResourceType::Memcached,
        image: "memcached",
        version: "1.6",
        suffix: "-alpine",
        port: 11211,
        user: None,
        scheme: "memcached",
        data: None,
        settings: &[],
        health: &["CMD-SHELL", "echo version | nc -w 1 127.0.0.1 11211 | grep -q VERSION"],
    },
    Backing {
        ty: ResourceType::Rabbitmq,
        image: "rabbitmq",
        version: "4.1",
        suffix: "-management",
        port: 5672,
        user: Some("app"),
        scheme: "amqp",
        data: Some("/var/lib/rabbitmq"),
        settings: &[("RABBITMQ_DEFAULT_USER", "USER"), ("RABBITMQ_DEFAULT_PASS", "PASSWORD")],
        health: &["CMD", "rabbitmq-diagnostics", "-q", "check_port_connectivity"],
    },
    Backing {
        ty: ResourceType::Kafka,
        image: "apache/kafka",
        version: "3.9.1",
        suffix: "",
        port: 9092,
        user: None,
        scheme: "kafka",
        data: Some("/var/lib/kafka/data"),
        settings: &[
            ("KAFKA_NODE_ID", "1"),
            ("KAFKA_PROCESS_ROLES", "broker,controller"),
            ("KAFKA_LISTENERS", "PLAINTEXT://:9092,CONTROLLER://:9093"),
            ("KAFKA_ADVERTISED_LISTENERS", "PLAINTEXT://HOST:9092"),
            ("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER"),
            ("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"),
            ("KAFKA_CONTROLLER_QUORUM_VOTERS", "1@localhost:9093"),
            ("KAFKA_LOG_DIRS", "/var/lib/kafka/data"),
            ("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "1"),
            ("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "1"),
            ("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "1"),
        ],
        health: &[
            "CMD-SHELL",
            "/opt/kafka/bin/kafka-broker-api-versions.sh --bootstrap-server localhost:9092",
        ],
    },
    Backing {
        ty: ResourceType::Opensearch,
        image: "opensearchproject/opensearch",
        version: "2.19.2",
        suffix: "",
        port: 9200,
        user: None,
        scheme: "http",
        data: Some("/usr/share/opensearch/data"),
        settings: &[
            ("discovery.type", "single-node"),
            ("DISABLE_SECURITY_PLUGIN", "true"),
            ("DISABLE_INSTALL_DEMO_CONFIG", "true"),
        ],
        health: &["CMD-SHELL", "curl -sf http://127.0.0.1:9200/_cluster/health"],
    },
];

/// The stand-in of a type; `None` for what the emulator stands in for.
pub(in crate::containers) fn of(ty: ResourceType) -> Option<&'static Backing> {
    BACKINGS.iter().find(|b| b.ty == ty)
}

/// Name of the database inside a resource.
pub(in crate::containers) fn database(name: &str, resource: &Resource) -> String {
    let clean = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    resource.database.clone().unwrap_or_else(|| name.chars().map(clean).collect())
}

/// The image that stands in for a resource: the one that a foreign file named, or the engine's.
pub(in crate::containers) fn stand_in(backing: &Backing, resource: &Resource) -> String {
    resource.local_image.clone().unwrap_or_else(|| image(backing, resource))
}

/// The image of a resource's engine and version.
pub(in crate::containers) fn image(backing: &Backing, resource: &Resource) -> String {
    let version = resource.version.as_ref().map_or(backing.version, |v| v.value.as_str());
    // A Redis version says nothing about Valkey's: the stand-in keeps its own.
    let version = if backing.ty == ResourceType::Redis { backing.version } else { version };
    format!("{}:{version}{}", backing.image, backing.suffix)
}

/// The container of a resource, and the name of its volume.
pub(super) fn unit(backing: &Backing, name: &str, resource: &Resource) -> (Unit, Option<String>) {
    let image = stand_in(backing, resource);
    let database = database(name, resource);
    let fill = |text: &str| match text {
        "NAME" => database.clone(),
        "USER" => backing.user.unwrap_or_default().to_owned(),
        "PASSWORD" => password(name),
        other => other.replace("HOST", name),
    };
    // Inside a shell line the user is a word among others.
    let check = |text: &&str| {
        if text.contains(' ') { text.replace("USER", backing.user.unwrap_or_default()) } else { fill(text) }
    };
    let health: Vec<String> = backing.health.iter().map(check).collect();
    let volume = backing.data.map(|_| format!("{name}-data"));
    let unit = Unit {
        image: Some(image),
        environment: backing.settings.iter().map(|(k, v)| ((*k).to_owned(), fill(v))).collect(),
        volumes: backing.data.iter().map(|folder| format!("{name}-data:{folder}")).collect(),
        healthcheck: Some(Healthcheck::of(health.iter().map(String::as_str))),
        restart: Some("unless-stopped"),
        ..Unit::default()
    };
    (unit, volume)
}

/// The emulator of AWS.
pub(super) fn emulator() -> Unit {
    let check = "import urllib.request; urllib.request.urlopen('http://127.0.0.1:5000/moto-api/')";
    Unit {
        image: Some(EMULATOR_IMAGE.to_owned()),
        healthcheck: Some(Healthcheck::of(["CMD", "python", "-c", check])),
        restart: Some("unless-stopped"),
        ..Unit::default()
    }
}

/// What a program needs to speak to the emulator instead of AWS. The keys open nothing.
pub(super) fn emulator_settings() -> IndexMap<String, String> {
    let endpoint = format!("http://{EMULATOR}:{EMULATOR_PORT}");
    [
        ("AWS_ENDPOINT_URL", endpoint.as_str()),
        ("AWS_REGION", EMULATOR_REGION),
        ("AWS_DEFAULT_REGION", EMULATOR_REGION),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
    ]
    .map(|(k, v)| (k.to_owned(), v.to_owned()))
    .into_iter()
    .collect()
}

/// The emulator's ARN of a queue or topic.
pub(super) fn arn(service: &str, name: &str, ordered: bool) -> String {
    let fifo = if ordered { ".fifo" } else { "" };
    format!("arn:aws:{service}:{EMULATOR_REGION}:{EMULATOR_ACCOUNT}:{name}{fifo}")
}

/// The emulator's URL of a queue.
pub(super) fn queue_url(name: &str, ordered: bool) -> String {
    let fifo = if ordered { ".fifo" } else { "" };
    format!("http://{EMULATOR}:{EMULATOR_PORT}/{EMULATOR_ACCOUNT}/{name}{fifo}")
}
