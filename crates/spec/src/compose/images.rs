//! What well-known images are, as data.
//!
//! An image name says what a container is for: a database becomes a managed resource, a telemetry backend gives way
//! to what Mainstay writes itself, a developer's tool stays on the laptop. A row is a judgement that an engineer
//! can check. This module must not know services: it is given an image reference.

use crate::ResourceType;

/// What an image is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Role {
    /// The cloud has it as a managed service.
    Managed(&'static Engine),
    /// Part of a managed resource that the cloud brings with it.
    Companion,
    /// Keeps or shows telemetry.
    Telemetry,
    /// Helps a developer.
    DevTool,
    /// Produces load or runs tests.
    TestTool,
    /// Routes to other containers by asking the container engine about them.
    EngineProxy,
    /// Serves or routes by its own configuration.
    Proxy,
    /// Keeps data, and no managed resource of the spec replaces it; the port that programs speak to.
    Stateful(u16),
}

/// A managed service and how its images are configured.
#[derive(Debug, PartialEq)]
pub(super) struct Engine {
    /// What it becomes.
    pub(super) ty: ResourceType,
    /// As an engineer calls it.
    pub(super) name: &'static str,
    /// The first is the one that programs speak to.
    pub(super) ports: &'static [u16],
    /// Settings that name the user, the password and the database; `_FILE` forms are implied.
    pub(super) user: &'static [&'static str],
    pub(super) password: &'static [&'static str],
    pub(super) database: &'static [&'static str],
    /// Beginnings of setting names that only this engine's images have.
    pub(super) prefixes: &'static [&'static str],
    /// Where the data lies.
    pub(super) data: &'static [&'static str],
}

static POSTGRES: Engine = Engine {
    ty: ResourceType::Postgres,
    name: "PostgreSQL",
    ports: &[5432],
    user: &["POSTGRES_USER", "POSTGRESQL_USERNAME"],
    password: &["POSTGRES_PASSWORD", "POSTGRESQL_PASSWORD", "POSTGRESQL_POSTGRES_PASSWORD"],
    database: &["POSTGRES_DB", "POSTGRESQL_DATABASE"],
    prefixes: &["POSTGRES_", "POSTGRESQL_", "PGDATA"],
    data: &["/var/lib/postgresql", "/bitnami/postgresql"],
};
static MYSQL: Engine = Engine {
    ty: ResourceType::Mysql,
    name: "MySQL",
    ports: &[3306, 33060],
    user: &["MYSQL_USER", "MARIADB_USER"],
    password: &["MYSQL_PASSWORD", "MYSQL_ROOT_PASSWORD", "MARIADB_PASSWORD", "MARIADB_ROOT_PASSWORD"],
    database: &["MYSQL_DATABASE", "MARIADB_DATABASE"],
    prefixes: &["MYSQL_", "MARIADB_"],
    data: &["/var/lib/mysql", "/bitnami/mysql", "/bitnami/mariadb"],
};
static MONGODB: Engine = Engine {
    ty: ResourceType::Mongodb,
    name: "MongoDB",
    ports: &[27017],
    user: &["MONGO_INITDB_ROOT_USERNAME", "MONGODB_ROOT_USER", "MONGODB_USERNAME"],
    password: &["MONGO_INITDB_ROOT_PASSWORD", "MONGODB_ROOT_PASSWORD", "MONGODB_PASSWORD"],
    database: &["MONGO_INITDB_DATABASE", "MONGODB_DATABASE"],
    prefixes: &["MONGO_INITDB_", "MONGODB_"],
    data: &["/data/db", "/data/configdb", "/bitnami/mongodb"],
};
static REDIS: Engine = Engine {
    ty: ResourceType::Redis,
    name: "Redis",
    ports: &[6379],
    user: &[],
    password: &["REDIS_PASSWORD", "VALKEY_PASSWORD"],
    database: &[],
    prefixes: &["REDIS_", "VALKEY_", "ALLOW_EMPTY_PASSWORD"],
    data: &["/bitnami/redis", "/bitnami/valkey"],
};
static MEMCACHED: Engine = Engine {
    ty: ResourceType::Memcached,
    name: "Memcached",
    ports: &[11211],
    user: &[],
    password: &["MEMCACHED_PASSWORD"],
    database: &[],
    prefixes: &["MEMCACHED_"],
    data: &[],
};
static RABBITMQ: Engine = Engine {
    ty: ResourceType::Rabbitmq,
    name: "RabbitMQ",
    ports: &[5672, 15672],
    user: &["RABBITMQ_DEFAULT_USER", "RABBITMQ_USERNAME"],
    password: &["RABBITMQ_DEFAULT_PASS", "RABBITMQ_PASSWORD"],
    database: &["RABBITMQ_DEFAULT_VHOST", "RABBITMQ_VHOST"],
    prefixes: &["RABBITMQ_"],
    data: &["/var/lib/rabbitmq", "/bitnami/rabbitmq"],
};
static KAFKA: Engine = Engine {
    ty: ResourceType::Kafka,
    name: "Kafka",
    ports: &[9092, 29092],
    user: &["KAFKA_CLIENT_USERS"],
    password: &["KAFKA_CLIENT_PASSWORDS"],
    database: &[],
    prefixes: &[
        "KAFKA_ADVERTISED",
        "KAFKA_LISTENER",
        "KAFKA_BROKER",
        "KAFKA_CFG_",
        "KAFKA_ZOOKEEPER",
        "KAFKA_CONTROLLER",
    ],
    data: &["/var/lib/kafka", "/bitnami/kafka", "/kafka"],
};
static OPENSEARCH: Engine = Engine {
    ty: ResourceType::Opensearch,
    name: "OpenSearch",
    ports: &[9200, 9300],
    user: &[],
    password: &["OPENSEARCH_INITIAL_ADMIN_PASSWORD", "ELASTIC_PASSWORD"],
    database: &[],
    prefixes: &["OPENSEARCH_", "ES_JAVA_OPTS", "discovery.", "bootstrap.memory_lock", "xpack."],
    data: &["/usr/share/opensearch/data", "/usr/share/elasticsearch/data"],
};
static BUCKET: Engine = Engine {
    ty: ResourceType::Bucket,
    name: "object storage",
    ports: &[9000, 9001],
    user: &["MINIO_ROOT_USER", "MINIO_ACCESS_KEY"],
    password: &["MINIO_ROOT_PASSWORD", "MINIO_SECRET_KEY"],
    database: &["MINIO_DEFAULT_BUCKETS"],
    prefixes: &["MINIO_"],
    data: &["/bitnami/minio", "/minio"],
};

/// Where a managed version number comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Versioning {
    /// The tag starts with it; this many parts matter.
    Tag(usize),
    /// The tag names it after this marker, such as `pg16`.
    After(&'static str),
    /// The image counts its own versions, which are not the managed engine's.
    Own,
}
use Versioning::{After, Own, Tag};

/// One row: a repository name, or a `namespace/name`.
type Row = (&'static str, Role, Versioning);

static IMAGES: &[Row] = &[
    ("postgres", Role::Managed(&POSTGRES), Tag(1)),
    ("postgresql", Role::Managed(&POSTGRES), Tag(1)),
    ("postgresql-repmgr", Role::Managed(&POSTGRES), Tag(1)),
    ("postgis", Role::Managed(&POSTGRES), Tag(1)),
    ("supabase/postgres", Role::Managed(&POSTGRES), Tag(1)),
    ("pgvector", Role::Managed(&POSTGRES), After("pg")),
    ("timescaledb", Role::Managed(&POSTGRES), After("pg")),
    ("timescaledb-ha", Role::Managed(&POSTGRES), After("pg")),
    ("pgvecto-rs", Role::Managed(&POSTGRES), After("pg")),
    ("vchord-postgres", Role::Managed(&POSTGRES), After("pg")),
    ("mysql", Role::Managed(&MYSQL), Tag(2)),
    ("mysql-server", Role::Managed(&MYSQL), Tag(2)),
    ("percona", Role::Managed(&MYSQL), Tag(2)),
    ("percona-server", Role::Managed(&MYSQL), Tag(2)),
    ("mariadb", Role::Managed(&MYSQL), Own),
    ("mongo", Role::Managed(&MONGODB), Tag(2)),
    ("mongodb", Role::Managed(&MONGODB), Tag(2)),
    ("mongodb-community-server", Role::Managed(&MONGODB), Tag(2)),
    ("redis", Role::Managed(&REDIS), Tag(2)),
    ("redis-stack", Role::Managed(&REDIS), Tag(2)),
    ("redis-stack-server", Role::Managed(&REDIS), Tag(2)),
    ("redismod", Role::Managed(&REDIS), Own),
    ("valkey", Role::Managed(&REDIS), Own),
    ("valkey-bundle", Role::Managed(&REDIS), Own),
    ("keydb", Role::Managed(&REDIS), Own),
    ("dragonfly", Role::Managed(&REDIS), Own),
    ("garnet", Role::Managed(&REDIS), Own),
    ("memcached", Role::Managed(&MEMCACHED), Tag(2)),
    ("rabbitmq", Role::Managed(&RABBITMQ), Tag(2)),
    ("kafka", Role::Managed(&KAFKA), Tag(2)),
    ("kafka-native", Role::Managed(&KAFKA), Tag(2)),
    ("cp-kafka", Role::Managed(&KAFKA), Own),
    ("cp-server", Role::Managed(&KAFKA), Own),
    ("confluent-local", Role::Managed(&KAFKA), Own),
    ("redpanda", Role::Managed(&KAFKA), Own),
    ("opensearch", Role::Managed(&OPENSEARCH), Tag(2)),
    ("elasticsearch", Role::Managed(&OPENSEARCH), Own),
    ("elasticsearch-oss", Role::Managed(&OPENSEARCH), Own),
    ("minio", Role::Managed(&BUCKET), Own),
    ("zookeeper", Role::Companion, Own),
    ("cp-zookeeper", Role::Companion, Own),
    ("redis-sentinel", Role::Companion, Own),
    ("minio/mc", Role::Companion, Own),
    ("certbot", Role::Companion, Own),
    ("postgres-backup-local", Role::Companion, Own),
    ("mysql-cron-backup", Role::Companion, Own),
    ("prometheus", Role::Telemetry, Own),
    ("alertmanager", Role::Telemetry, Own),
    ("pushgateway", Role::Telemetry, Own),
    ("node-exporter", Role::Telemetry, Own),
    ("cadvisor", Role::Telemetry, Own),
    ("postgres-exporter", Role::Telemetry, Own),
    ("redis_exporter", Role::Telemetry, Own),
    ("mysqld-exporter", Role::Telemetry, Own),
    ("grafana", Role::Telemetry, Own),
    ("grafana-oss", Role::Telemetry, Own),
    ("grafana-enterprise", Role::Telemetry, Own),
    ("loki", Role::Telemetry, Own),
    ("promtail", Role::Telemetry, Own),
    ("tempo", Role::Telemetry, Own),
    ("mimir", Role::Telemetry, Own),
    ("grafana/agent", Role::Telemetry, Own),
    ("alloy", Role::Telemetry, Own),
    ("otel-lgtm", Role::Telemetry, Own),
    ("jaeger", Role::Telemetry, Own),
    ("jaegertracing/all-in-one", Role::Telemetry, Own),
    ("jaeger-collector", Role::Telemetry, Own),
    ("jaeger-query", Role::Telemetry, Own),
    ("jaeger-agent", Role::Telemetry, Own),
    ("zipkin", Role::Telemetry, Own),
    ("opentelemetry-collector", Role::Telemetry, Own),
    ("opentelemetry-collector-contrib", Role::Telemetry, Own),
    ("opentelemetry-collector-k8s", Role::Telemetry, Own),
    ("opentelemetry-collector-ebpf-profiler", Role::Telemetry, Own),
    ("aws-otel-collector", Role::Telemetry, Own),
    ("fluentd", Role::Telemetry, Own),
    ("fluent-bit", Role::Telemetry, Own),
    ("vector", Role::Telemetry, Own),
    ("telegraf", Role::Telemetry, Own),
    ("logstash", Role::Telemetry, Own),
    ("kibana", Role::Telemetry, Own),
    ("filebeat", Role::Telemetry, Own),
    ("metricbeat", Role::Telemetry, Own),
    ("apm-server", Role::Telemetry, Own),
    ("opensearch-dashboards", Role::Telemetry, Own),
    ("datadog/agent", Role::Telemetry, Own),
    ("dd-agent", Role::Telemetry, Own),
    ("seq", Role::Telemetry, Own),
    ("statsd", Role::Telemetry, Own),
    ("aspire-dashboard", Role::Telemetry, Own),
    ("pyroscope", Role::Telemetry, Own),
    ("pgadmin4", Role::DevTool, Own),
    ("pgadmin", Role::DevTool, Own),
    ("adminer", Role::DevTool, Own),
    ("phpmyadmin", Role::DevTool, Own),
    ("pgweb", Role::DevTool, Own),
    ("cloudbeaver", Role::DevTool, Own),
    ("mongo-express", Role::DevTool, Own),
    ("redis-commander", Role::DevTool, Own),
    ("redisinsight", Role::DevTool, Own),
    ("kafka-ui", Role::DevTool, Own),
    ("kafdrop", Role::DevTool, Own),
    ("akhq", Role::DevTool, Own),
    ("console", Role::DevTool, Own),
    ("cerebro", Role::DevTool, Own),
    ("mailhog", Role::DevTool, Own),
    ("mailpit", Role::DevTool, Own),
    ("mailcatcher", Role::DevTool, Own),
    ("maildev", Role::DevTool, Own),
    ("smtp4dev", Role::DevTool, Own),
    ("inbucket", Role::DevTool, Own),
    ("portainer", Role::DevTool, Own),
    ("portainer-ce", Role::DevTool, Own),
    ("dozzle", Role::DevTool, Own),
    ("watchtower", Role::DevTool, Own),
    ("localstack", Role::DevTool, Own),
    ("localstack-pro", Role::DevTool, Own),
    ("azurite", Role::DevTool, Own),
    ("dynamodb-local", Role::DevTool, Own),
    ("fake-gcs-server", Role::DevTool, Own),
    ("stripe-mock", Role::DevTool, Own),
    ("wiremock", Role::DevTool, Own),
    ("mockserver", Role::DevTool, Own),
    ("ngrok", Role::DevTool, Own),
    ("docker-socket-proxy", Role::DevTool, Own),
    ("swagger-ui", Role::DevTool, Own),
    ("k6", Role::TestTool, Own),
    ("locust", Role::TestTool, Own),
    ("artillery", Role::TestTool, Own),
    ("jmeter", Role::TestTool, Own),
    ("gatling", Role::TestTool, Own),
    ("vegeta", Role::TestTool, Own),
    ("tracetest", Role::TestTool, Own),
    ("cypress/included", Role::TestTool, Own),
    ("playwright", Role::TestTool, Own),
    ("standalone-chrome", Role::TestTool, Own),
    ("standalone-firefox", Role::TestTool, Own),
    ("traefik", Role::EngineProxy, Own),
    ("nginx-proxy", Role::EngineProxy, Own),
    ("acme-companion", Role::EngineProxy, Own),
    ("caddy-docker-proxy", Role::EngineProxy, Own),
    ("nginx", Role::Proxy, Own),
    ("nginx-unprivileged", Role::Proxy, Own),
    ("openresty", Role::Proxy, Own),
    ("caddy", Role::Proxy, Own),
    ("haproxy", Role::Proxy, Own),
    ("envoy", Role::Proxy, Own),
    ("httpd", Role::Proxy, Own),
    ("kong", Role::Proxy, Own),
    ("cassandra", Role::Stateful(9042), Own),
    ("scylla", Role::Stateful(9042), Own),
    ("clickhouse-server", Role::Stateful(8123), Own),
    ("clickhouse", Role::Stateful(8123), Own),
    ("cockroach", Role::Stateful(26257), Own),
    ("neo4j", Role::Stateful(7687), Own),
    ("influxdb", Role::Stateful(8086), Own),
    ("couchdb", Role::Stateful(5984), Own),
    ("couchbase", Role::Stateful(8091), Own),
    ("mssql/server", Role::Stateful(1433), Own),
    ("azure-sql-edge", Role::Stateful(1433), Own),
    ("oracle-xe", Role::Stateful(1521), Own),
    ("oracle-free", Role::Stateful(1521), Own),
    ("rethinkdb", Role::Stateful(28015), Own),
    ("surrealdb", Role::Stateful(8000), Own),
    ("nats", Role::Stateful(4222), Own),
    ("mosquitto", Role::Stateful(1883), Own),
    ("activemq", Role::Stateful(61616), Own),
    ("pulsar", Role::Stateful(6650), Own),
    ("qdrant", Role::Stateful(6333), Own),
    ("weaviate", Role::Stateful(8080), Own),
    ("milvus", Role::Stateful(19530), Own),
    ("chroma", Role::Stateful(8000), Own),
    ("meilisearch", Role::Stateful(7700), Own),
    ("typesense", Role::Stateful(8108), Own),
    ("solr", Role::Stateful(8983), Own),
    ("etcd", Role::Stateful(2379), Own),
    ("consul", Role::Stateful(8500), Own),
    ("vault", Role::Stateful(8200), Own),
];

/// Names that only count in this namespace, because others use the same word for something else.
static ONLY_FROM: &[(&str, &str)] =
    &[("console", "redpandadata"), ("vector", "timberio"), ("seq", "datalust")];

/// An image reference in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference<'a> {
    /// Without registry and tag, such as `bitnami/redis`.
    pub(super) repository: &'a str,
    pub(super) tag: Option<&'a str>,
}

/// Takes a reference apart: `registry:5000/namespace/name:tag@sha256:...`.
pub(super) fn parse(image: &str) -> Reference<'_> {
    let without_digest = image.split('@').next().unwrap_or(image);
    let slash = without_digest.rfind('/').map_or(0, |at| at + 1);
    let (path, tag) = match without_digest[slash..].find(':') {
        Some(colon) => (&without_digest[..slash + colon], Some(&without_digest[slash + colon + 1..])),
        None => (without_digest, None),
    };
    let repository = match path.split_once('/') {
        Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => rest,
        _ => path,
    };
    Reference {
        repository: repository.strip_prefix("library/").unwrap_or(repository),
        tag: tag.filter(|t| !t.is_empty()),
    }
}

/// What an image is, when its name is known.
pub(super) fn role(image: &str) -> Option<Role> {
    row(image).map(|(_, role, _)| *role)
}

/// The engine that a word such as `mongodb` names.
pub(super) fn engine_named(word: &str) -> Option<&'static Engine> {
    match IMAGES.iter().find(|(name, ..)| *name == word)?.1 {
        Role::Managed(engine) => Some(engine),
        _ => None,
    }
}

/// Every engine once, in the order of the table.
pub(super) fn engines() -> impl Iterator<Item = &'static Engine> {
    [&POSTGRES, &MYSQL, &MONGODB, &REDIS, &MEMCACHED, &RABBITMQ, &KAFKA, &OPENSEARCH, &BUCKET].into_iter()
}

fn row(image: &str) -> Option<&'static Row> {
    let repository = parse(image).repository.to_ascii_lowercase();
    let (namespace, last) = repository.rsplit_once('/').unwrap_or(("", &repository));
    let found = IMAGES.iter().find(|(name, ..)| match name.contains('/') {
        true => repository == *name || repository.ends_with(&format!("/{name}")),
        false => last == *name,
    })?;
    let elsewhere = ONLY_FROM.iter().any(|(name, from)| *name == found.0 && !namespace.ends_with(from));
    (!elsewhere).then_some(found)
}

/// The managed engine's version that an image's tag asks for.
pub(super) fn version(image: &str) -> Option<String> {
    let (_, _, versioning) = row(image)?;
    let tag = parse(image).tag?;
    let text = match versioning {
        Tag(_) => tag.strip_prefix('v').unwrap_or(tag),
        After(marker) => &tag[tag.rfind(marker)? + marker.len()..],
        Own => return None,
    };
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let parts: Vec<&str> = text[..digits].split('.').filter(|p| !p.is_empty()).collect();
    let keep = if let Tag(parts) = versioning { *parts } else { 1 };
    // PostgreSQL counted two parts as the major version before 10.
    let old = parts.first().is_some_and(|p| *p == "9") && keep == 1;
    let kept: Vec<&str> = parts.into_iter().take(if old { 2 } else { keep }).collect();
    (!kept.is_empty()).then(|| kept.join("."))
}

/// Whether an image counts versions of its own, so that none was carried over.
pub(super) fn counts_its_own_versions(image: &str) -> bool {
    row(image).is_some_and(|(_, role, versioning)| matches!(role, Role::Managed(_)) && *versioning == Own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_come_apart() {
        for (image, repository, tag) in [
            ("postgres", "postgres", None),
            ("docker.io/library/postgres:16-alpine", "postgres", Some("16-alpine")),
            ("localhost:5000/a/b:1@sha256:00", "a/b", Some("1")),
            ("ghcr.io/valkey-io/valkey:9.0.4", "valkey-io/valkey", Some("9.0.4")),
            ("/web:", "/web", None),
            ("", "", None),
        ] {
            assert_eq!(parse(image), Reference { repository, tag }, "{image}");
        }
    }

    #[test]
    fn tags_become_engine_versions() {
        for (image, expected) in [
            ("postgres:16.4-alpine", Some("16")),
            ("postgres:9.6", Some("9.6")),
            ("postgres:alpine", None),
            ("postgres", None),
            ("postgis/postgis:15-3.4", Some("15")),
            ("pgvector/pgvector:0.8.0-pg17", Some("17")),
            ("mysql:8.0.36", Some("8.0")),
            ("mariadb:10.6", None),
            ("bitnami/redis:7.2.4", Some("7.2")),
            ("mongo:4.2.0", Some("4.2")),
            ("ghcr.io/valkey-io/valkey:9", None),
            ("apache/kafka:3.7.0", Some("3.7")),
            ("acme/unknown:1", None),
        ] {
            assert_eq!(version(image).as_deref(), expected, "{image}");
        }
    }

    #[test]
    fn no_name_stands_twice_and_each_finds_its_own_row() {
        let mut names = std::collections::BTreeSet::new();
        for (name, found, _) in IMAGES {
            assert!(names.insert(name), "{name} stands twice");
            let from = ONLY_FROM.iter().find(|(n, _)| n == name).map_or("", |(_, from)| from);
            let image = if from.is_empty() { (*name).to_owned() } else { format!("{from}/{name}:1") };
            assert_eq!(role(&image), Some(*found), "{name}");
            if from.is_empty() {
                assert_eq!(role(&format!("registry.example:5000/team/{name}:1.2")), Some(*found), "{name}");
            } else {
                assert_eq!(role(&format!("acme/{name}")), None, "{name}");
            }
        }
    }
}
