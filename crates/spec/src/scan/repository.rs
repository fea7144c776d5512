//! Finds the services of a repository that describes them nowhere.
//!
//! A folder with a manifest and a way to start, or with a Dockerfile, is a service; a folder that only gathers
//! others (a workspace) or only serves them (a library) is not. What a service depends on is hinted at by its
//! client libraries. Whether any of it is deployed is the user's word: this only proposes.

use std::path::Path;

use ir::{Diagnostic, Diagnostics, World};

use super::{Sources, scan_sources, site};
use crate::model::{ResourceType, Scan, Stack};
use crate::names;

/// What a repository seems to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repository {
    /// By folder, nearest to the root first.
    pub services: Vec<Found>,
    /// Folder of SQL migrations, relative to the repository.
    pub migrations: Option<String>,
}

/// A service that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Made from the folder's name; unique, and fit to be a name of the spec.
    pub name: String,
    /// Relative to the repository, with forward slashes; `.` for its root.
    pub folder: String,
    /// What the folder holds.
    pub scan: Scan,
    /// Resources that its client libraries speak to, sorted.
    pub clients: Vec<ResourceType>,
}

/// Client libraries of each resource, as they are named in manifests.
static CLIENTS: &[(ResourceType, &[&str])] = &[
    (
        ResourceType::Postgres,
        &["\"pg\"", "psycopg", "asyncpg", "jackc/pgx", "lib/pq", "org.postgresql", "\"postgres\""],
    ),
    (
        ResourceType::Mysql,
        &[
            "mysql2",
            "\"mysql\"",
            "pymysql",
            "mysqlclient",
            "go-sql-driver/mysql",
            "mysql-connector",
            "mariadb",
        ],
    ),
    (ResourceType::Mongodb, &["mongoose", "mongodb", "pymongo", "mongo-driver", "motor"]),
    (ResourceType::Redis, &["ioredis", "redis", "valkey", "jedis", "lettuce"]),
    (ResourceType::Memcached, &["memcached", "pymemcache", "gomemcache", "spymemcached"]),
    (ResourceType::Queue, &["client-sqs", "service/sqs", "spring-cloud-aws-starter-sqs"]),
    (ResourceType::Topic, &["client-sns", "service/sns", "spring-cloud-aws-starter-sns"]),
    (ResourceType::Rabbitmq, &["amqplib", "pika", "amqp091-go", "spring-boot-starter-amqp", "aio-pika"]),
    (
        ResourceType::Kafka,
        &["kafkajs", "kafka-python", "confluent-kafka", "segmentio/kafka-go", "spring-kafka", "sarama"],
    ),
    (ResourceType::Opensearch, &["opensearch", "elasticsearch"]),
    (ResourceType::Bucket, &["client-s3", "service/s3", "spring-cloud-aws-starter-s3"]),
];
/// Files that say what a program is made of.
pub(super) static MANIFESTS: &[&str] = &[
    "package.json",
    "requirements.txt",
    "pyproject.toml",
    "go.mod",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
];
/// Folders that hold examples, tests and documents, not services.
static NOT_SERVICES: &[&str] =
    &["test", "tests", "e2e", "examples", "example", "docs", "scripts", "tools", "fixtures", "infra"];
const MAX_SERVICE_DEPTH: usize = 4;

/// Finds the services below a folder.
pub fn repository(world: &dyn World, folder: &Path) -> (Repository, Diagnostics) {
    let (root, mut diagnostics) = Sources::open(world, folder);
    let mut found: Vec<Found> = Vec::new();
    let folders = root.folders().filter(|f| f.split('/').count() <= MAX_SERVICE_DEPTH);
    let candidates = folders.filter(|f| !f.split('/').any(|p| NOT_SERVICES.contains(&p)));
    for path in std::iter::once("").chain(candidates) {
        if found.iter().any(|f| f.folder != "." && path.starts_with(&format!("{}/", f.folder))) {
            continue;
        }
        let below;
        let sources = if path.is_empty() {
            &root
        } else {
            below = root.below(path);
            &below
        };
        if let Some(mut service) = service(sources, &mut diagnostics) {
            service.folder = if path.is_empty() { ".".to_owned() } else { path.to_owned() };
            service.name = unique_name(sources, path, &found);
            found.push(service);
        }
    }
    let migrations = root.folders().find(|f| is_migrations(&root, f)).map(str::to_owned);
    if found.is_empty() {
        diagnostics.push(
            Diagnostic::warning("no-services", format!("no service was found in {}", root.shown()))
                .because("No folder has a Dockerfile, or a manifest that says how its program starts.")
                .help("describe the services in mainstay.yaml"),
        );
    }
    (Repository { services: found, migrations }, diagnostics)
}

fn service(sources: &Sources<'_>, diagnostics: &mut Diagnostics) -> Option<Found> {
    let manifests: Vec<&str> = MANIFESTS.iter().copied().filter(|m| sources.has(m)).collect();
    let dockerfile = sources.first_of(&["Dockerfile", "Containerfile"]).is_some();
    let page = site::claims(sources);
    if (manifests.is_empty() && !dockerfile && !page) || (is_workspace(sources) && !dockerfile) {
        return None;
    }
    let mut said = Diagnostics::new();
    let scan = scan_sources(sources, &mut said);
    let starts = scan.start.is_some() || scan.dockerfile.is_some() || scan.stack == Some(Stack::Static);
    if !starts {
        return None;
    }
    diagnostics.extend(said);
    let text: String = manifests.iter().filter_map(|m| sources.text(m)).collect();
    let speaks = |names: &[&str]| names.iter().any(|n| text.contains(n));
    let clients = CLIENTS.iter().filter(|(_, names)| speaks(names)).map(|(ty, _)| *ty).collect();
    Some(Found { name: String::new(), folder: String::new(), scan, clients })
}

/// Whether the manifest only gathers other packages.
fn is_workspace(sources: &Sources<'_>) -> bool {
    let json = sources.text("package.json").unwrap_or_default();
    let package = serde_json::from_str::<serde_json::Value>(&json).unwrap_or_default();
    let pom = sources.text("pom.xml").unwrap_or_default();
    !package["workspaces"].is_null()
        || pom.contains("<modules>")
        || sources.first_of(&["pnpm-workspace.yaml", "lerna.json", "go.work"]).is_some()
}

/// By the last folder, or where another bears that name already by the whole path.
fn unique_name(sources: &Sources<'_>, path: &str, found: &[Found]) -> String {
    let last =
        path.rsplit('/').next().filter(|p| !p.is_empty()).map(str::to_owned).or_else(|| sources.name());
    let taken = |name: &str| found.iter().any(|f| f.name == name);
    let short = names::clean(&last.unwrap_or_default());
    if taken(&short) { names::unique(path, taken) } else { short }
}

fn is_migrations(root: &Sources<'_>, folder: &str) -> bool {
    let last = folder.rsplit('/').next().unwrap_or(folder);
    let inside = |f: &str| {
        f.strip_prefix(folder).and_then(|f| f.strip_prefix('/')).is_some_and(|f| f.ends_with(".sql"))
    };
    matches!(last, "migrations" | "migration") && root.files().any(inside)
}
