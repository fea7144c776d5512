//! Which engine versions the managed services run.
//!
//! A row an engine; what it accepts, and what is taken when nothing is said. The lists were read in the
//! CloudFormation linter's copy of the vendor's own tables where it has one (RDS and Aurora), and are otherwise
//! marked unverified. Knows nothing of sizes or prices.

use ir::{Diagnostic, Diagnostics, Spanned};
use spec::{Provider, Resource, ResourceType, Spec};

use crate::blueprint::{Fact, ResourceChoice};
use crate::cloud::Cloud;

/// An engine as one managed service runs it.
pub(crate) struct Engine {
    /// As prices and designs name it, such as `aurora-postgres`.
    pub name: &'static str,
    /// Clouds whose choice it is.
    on: &'static [Provider],
    /// Types of resource it can be.
    pub serves: &'static [ResourceType],
    /// What was asked for, and the version that serves it, newest last.
    accepts: &'static [(&'static str, &'static str)],
    /// When nothing is said.
    default: &'static str,
    /// Whether a minor version such as `16.4` is passed on as it was written.
    minors: bool,
    source: &'static str,
    date: &'static str,
    verified: bool,
}

const AWS: &[Provider] = &[Provider::Aws];
const AZURE: &[Provider] = &[Provider::Azure];
const GCP: &[Provider] = &[Provider::Gcp];

const LINTER: &str = "CloudFormation registry schema extensions for RDS, as cfn-lint 1.51.0 carries them";

/// Every engine. Several may serve one type.
pub(crate) static ENGINES: &[Engine] = &[
    Engine {
        name: "rds-postgres",
        on: AWS,
        serves: &[ResourceType::Postgres],
        accepts: &[("14", "14"), ("15", "15"), ("16", "16"), ("17", "17"), ("18", "18")],
        default: "17",
        minors: true,
        source: LINTER,
        date: "2026",
        verified: true,
    },
    Engine {
        name: "aurora-postgres",
        on: AWS,
        serves: &[ResourceType::Postgres],
        accepts: &[("14", "14"), ("15", "15"), ("16", "16"), ("17", "17")],
        default: "17",
        minors: true,
        source: LINTER,
        date: "2026",
        verified: true,
    },
    Engine {
        name: "rds-mysql",
        on: AWS,
        serves: &[ResourceType::Mysql],
        accepts: &[("8.0", "8.0"), ("8.4", "8.4"), ("8", "8.4")],
        default: "8.4",
        minors: true,
        source: LINTER,
        date: "2026",
        verified: true,
    },
    Engine {
        name: "aurora-mysql",
        on: AWS,
        serves: &[ResourceType::Mysql],
        accepts: &[("8.0", "8.0"), ("8", "8.0")],
        default: "8.0",
        minors: false,
        source: LINTER,
        date: "2026",
        verified: true,
    },
    Engine {
        name: "docdb",
        on: AWS,
        serves: &[ResourceType::Mongodb],
        accepts: &[("4.0", "4.0"), ("5.0", "5.0"), ("4", "4.0"), ("5", "5.0")],
        default: "5.0",
        minors: false,
        source: "docs.aws.amazon.com/documentdb, engine versions",
        date: "2025",
        verified: false,
    },
    Engine {
        name: "elasticache-valkey",
        on: AWS,
        serves: &[ResourceType::Redis],
        accepts: &[("6", "7.2"), ("7", "7.2"), ("8", "8.0")],
        default: "8.0",
        minors: false,
        source: "docs.aws.amazon.com/AmazonElastiCache, supported engine versions",
        date: "2025",
        verified: false,
    },
    Engine {
        name: "elasticache-redis",
        on: AWS,
        serves: &[ResourceType::Redis],
        accepts: &[("6", "6.2"), ("7.0", "7.0"), ("7", "7.1")],
        default: "7.1",
        minors: false,
        source: "docs.aws.amazon.com/AmazonElastiCache, supported engine versions",
        date: "2025",
        verified: false,
    },
    Engine {
        name: "elasticache-memcached",
        on: AWS,
        serves: &[ResourceType::Memcached],
        accepts: &[("1.6", "1.6.22"), ("1", "1.6.22")],
        default: "1.6.22",
        minors: false,
        source: "docs.aws.amazon.com/AmazonElastiCache, supported engine versions",
        date: "2025",
        verified: false,
    },
    Engine {
        name: "mq-rabbitmq",
        on: AWS,
        serves: &[ResourceType::Rabbitmq],
        accepts: &[("3.13", "3.13"), ("3", "3.13"), ("4.2", "4.2"), ("4", "4.2")],
        default: "3.13",
        minors: false,
        source: "docs.aws.amazon.com/amazon-mq, RabbitMQ engine versions",
        date: "2025",
        verified: false,
    },
    Engine {
        name: "msk",
        on: AWS,
        serves: &[ResourceType::Kafka],
        accepts: &[("3.6", "3.6.0"), ("3.8", "3.8.x"), ("3.9", "3.9.x"), ("3", "3.9.x")],
        default: "3.9.x",
        minors: false,
        source: "docs.aws.amazon.com/msk, supported Apache Kafka versions",
        date: "2025",
        verified: false,
    },
    Engine {
        name: "opensearch",
        on: AWS,
        serves: &[ResourceType::Opensearch],
        accepts: &[
            ("1.3", "OpenSearch_1.3"),
            ("1", "OpenSearch_1.3"),
            ("2.19", "OpenSearch_2.19"),
            ("2", "OpenSearch_2.19"),
        ],
        default: "OpenSearch_2.19",
        minors: false,
        source: "docs.aws.amazon.com/opensearch-service, supported versions",
        date: "2025",
        verified: false,
    },
    Engine {
        name: "flexible-postgres",
        on: AZURE,
        serves: &[ResourceType::Postgres],
        accepts: &[("14", "14"), ("15", "15"), ("16", "16"), ("17", "17"), ("18", "18")],
        default: "17",
        minors: false,
        source: "learn.microsoft.com/azure/postgresql, supported versions of flexible servers",
        date: "2026",
        verified: false,
    },
    Engine {
        name: "flexible-mysql",
        on: AZURE,
        serves: &[ResourceType::Mysql],
        accepts: &[("8.0", "8.0.21"), ("8.4", "8.4"), ("8", "8.4")],
        default: "8.4",
        minors: false,
        source: "learn.microsoft.com/azure/mysql, supported versions of flexible servers",
        date: "2026",
        verified: false,
    },
    Engine {
        name: "cosmos-mongodb",
        on: AZURE,
        serves: &[ResourceType::Mongodb],
        accepts: &[("4.2", "4.2"), ("4", "4.2"), ("5", "5.0"), ("6", "6.0"), ("7", "7.0")],
        default: "7.0",
        minors: false,
        source: "learn.microsoft.com/azure/cosmos-db/mongodb, supported versions",
        date: "2026",
        verified: false,
    },
    Engine {
        name: "managed-redis",
        on: AZURE,
        serves: &[ResourceType::Redis],
        accepts: &[("6", "7.4"), ("7", "7.4")],
        default: "7.4",
        minors: false,
        source: "learn.microsoft.com/azure/redis, Redis versions",
        date: "2026",
        verified: false,
    },
    Engine {
        name: "event-hubs",
        on: AZURE,
        serves: &[ResourceType::Kafka],
        accepts: &[("1", "1.0"), ("2", "1.0"), ("3", "1.0")],
        default: "1.0",
        minors: false,
        source: "learn.microsoft.com/azure/event-hubs, clients of Apache Kafka 1.0 and later",
        date: "2026",
        verified: false,
    },
    Engine {
        name: "cloud-sql-postgres",
        on: GCP,
        serves: &[ResourceType::Postgres],
        accepts: &[("14", "14"), ("15", "15"), ("16", "16"), ("17", "17"), ("18", "18")],
        default: "17",
        minors: false,
        source: "cloud.google.com/sql/docs, database versions",
        date: "2026",
        verified: false,
    },
    Engine {
        name: "cloud-sql-mysql",
        on: GCP,
        serves: &[ResourceType::Mysql],
        accepts: &[("8.0", "8.0"), ("8.4", "8.4"), ("8", "8.4")],
        default: "8.4",
        minors: false,
        source: "cloud.google.com/sql/docs, database versions",
        date: "2026",
        verified: false,
    },
    Engine {
        name: "memorystore-valkey",
        on: GCP,
        serves: &[ResourceType::Redis],
        accepts: &[("6", "7.2"), ("7", "7.2"), ("8", "8.0")],
        default: "8.0",
        minors: false,
        source: "cloud.google.com/memorystore/docs/valkey, supported versions",
        date: "2026",
        verified: false,
    },
    Engine {
        name: "managed-kafka",
        on: GCP,
        serves: &[ResourceType::Kafka],
        accepts: &[("2", "3"), ("3", "3")],
        default: "3",
        minors: false,
        source: "cloud.google.com/managed-service-for-apache-kafka/docs, versions",
        date: "2026",
        verified: false,
    },
    Engine {
        name: "atlas",
        on: GCP,
        serves: &[ResourceType::Mongodb],
        accepts: &[("7.0", "7.0"), ("8.0", "8.0"), ("7", "7.0"), ("8", "8.0")],
        default: "8.0",
        minors: false,
        source: "mongodb.com/docs/atlas, supported versions",
        date: "2026",
        verified: false,
    },
];

/// The version an engine runs for what was asked; `None` when it does not run it. A version that has ended gets
/// the oldest one that is left, and one that is not run yet the newest there is: the smallest step.
pub(crate) fn resolve(cloud: &Cloud, engine: &str, said: Option<&Spanned<String>>) -> Option<String> {
    let row = row(engine)?;
    let Some(said) = said else { return Some(row.default.to_owned()) };
    let said = said.value.trim().trim_start_matches('v');
    let beside = || of(cloud).filter(|e| e.serves.iter().any(|ty| row.serves.contains(ty)));
    // One step aside is for what nothing runs: an engine that runs exactly what was asked comes first.
    let step = || ended(row, said).or_else(|| ahead(row, said));
    offered(row, said)
        .or_else(|| beside().all(|e| offered(e, said).is_none()).then(step).flatten().map(str::to_owned))
}

/// The engines that a cloud runs.
fn of(cloud: &Cloud) -> impl Iterator<Item = &'static Engine> {
    ENGINES.iter().filter(|engine| engine.on.contains(&cloud.provider))
}

/// Major versions that lie further back than this were never meant: `1` is a slip of `16`.
const ENDED_MAJORS: u32 = 6;
/// Major versions that lie further ahead than this were never meant: `160` is a slip of `16`.
const AHEAD_MAJORS: u32 = 4;

/// The oldest version left, when the asked one lies before it.
fn ended(row: &Engine, said: &str) -> Option<&'static str> {
    let (_, oldest) = row.accepts.iter().min_by_key(|(asked, _)| numbers(asked))?;
    let (asked, first) = (numbers(said)?, numbers(oldest)?);
    (asked < first && asked.0 + ENDED_MAJORS >= first.0).then_some(*oldest)
}

/// The newest version there is, when the asked one lies after it: images are ahead of managed services.
fn ahead(row: &Engine, said: &str) -> Option<&'static str> {
    let (_, newest) = row.accepts.iter().max_by_key(|(_, runs)| numbers(runs))?;
    let (asked, last) = (numbers(said)?, numbers(newest)?);
    (asked > last && asked.0 <= last.0 + AHEAD_MAJORS).then_some(*newest)
}

/// Major and minor number of `16`, `8.0-alpine`, `OpenSearch_2.19`.
fn numbers(text: &str) -> Option<(u32, u32)> {
    let digits = text.rsplit('_').next()?;
    let mut parts = digits.split(['.', '-']);
    let major = parts.next()?.parse().ok()?;
    Some((major, parts.next().and_then(|p| p.parse().ok()).unwrap_or(0)))
}

fn offered(row: &Engine, said: &str) -> Option<String> {
    let (asked, version) = row.accepts.iter().find(|(asked, _)| {
        said == *asked || said.strip_prefix(asked).is_some_and(|rest| rest.starts_with(['.', '-']))
    })?;
    let exact =
        row.minors && said.len() > asked.len() && said.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    Some(if exact { said.to_owned() } else { (*version).to_owned() })
}

/// The version that a choice runs, as a fact; `None` for what has no engine.
pub(crate) fn fact(choice: &ResourceChoice) -> Option<Fact> {
    let (family, named) = match choice {
        ResourceChoice::Rds(_) => ("rds", true),
        ResourceChoice::Aurora(_) => ("aurora", true),
        ResourceChoice::DocumentDb(_) => ("docdb", false),
        ResourceChoice::ElastiCache(_) | ResourceChoice::Memcached(_) => ("elasticache", true),
        ResourceChoice::RabbitMq(_) => ("mq-rabbitmq", false),
        ResourceChoice::Kafka(_) => ("msk", false),
        ResourceChoice::OpenSearch(_) => ("opensearch", false),
        ResourceChoice::FlexibleServer(_) => ("flexible", true),
        ResourceChoice::CosmosDb(_) => ("cosmos-mongodb", false),
        ResourceChoice::ManagedRedis(_) => ("managed-redis", false),
        ResourceChoice::EventHubs(_) => ("event-hubs", false),
        ResourceChoice::ManagedKafka(_) => ("managed-kafka", false),
        ResourceChoice::CloudSql(_) => ("cloud-sql", true),
        ResourceChoice::Memorystore(_) => ("memorystore", true),
        ResourceChoice::Atlas(_) => ("atlas", false),
        ResourceChoice::Sqs(_)
        | ResourceChoice::Sns(_)
        | ResourceChoice::S3(_)
        | ResourceChoice::ServiceBusQueue(_)
        | ResourceChoice::ServiceBusTopic(_)
        | ResourceChoice::BlobContainer(_)
        | ResourceChoice::PubSubQueue(_)
        | ResourceChoice::PubSubTopic(_)
        | ResourceChoice::CloudStorage(_) => return None,
    };
    let (own, version) = match choice {
        ResourceChoice::OpenSearch(d) => ("", &d.version),
        _ => choice
            .database()
            .map(|d| (d.engine.as_str(), &d.version))
            .or_else(|| choice.cache().map(|c| (c.engine.as_str(), &c.version)))
            .or_else(|| choice.broker().map(|b| ("", &b.version)))?,
    };
    let engine = if named { format!("{family}-{own}") } else { family.to_owned() };
    row(&engine).map(|row| Fact {
        fact: format!("{engine} runs version {version}"),
        source: row.source.to_owned(),
        date: row.date.to_owned(),
        verified: row.verified,
    })
}

fn row(engine: &str) -> Option<&'static Engine> {
    ENGINES.iter().find(|e| e.name == engine)
}

/// Versions that nothing runs.
pub(crate) fn check(spec: &Spec, cloud: &Cloud) -> Diagnostics {
    spec.resources.iter().filter_map(|(name, resource)| unknown(cloud, name, resource)).collect()
}

fn unknown(cloud: &Cloud, name: &str, resource: &Resource) -> Option<Diagnostic> {
    let said = resource.version.as_ref()?;
    let mut serving = of(cloud).filter(|e| e.serves.contains(&resource.ty.value)).peekable();
    serving.peek()?;
    let engines: Vec<&Engine> = serving.collect();
    let text = said.value.trim().trim_start_matches('v');
    if engines.iter().all(|e| offered(e, text).is_none()) {
        if let Some(oldest) = engines.iter().find_map(|e| ended(e, text)) {
            return Some(
                Diagnostic::warning(
                    "version-ended",
                    format!("no managed service runs version {text} of `{name}` any more"),
                )
                .at(said.span.or(resource.span), "this version has ended")
                .because(format!("It is designed with {oldest}, the oldest that is left."))
                .help("try the upgrade with a copy of the data before moving it"),
            );
        }
        if let Some(newest) = engines.iter().find_map(|e| ahead(e, text)) {
            return Some(
                Diagnostic::warning(
                    "version-ahead",
                    format!("no managed service runs version {text} of `{name}` yet"),
                )
                .at(said.span.or(resource.span), "newer than what is offered")
                .because(format!("It is designed with {newest}, the newest there is."))
                .help("test the program against that version, or run this one at its vendor and name it as a secret"),
            );
        }
    }
    if engines.iter().any(|e| resolve(cloud, e.name, Some(said)).is_some()) {
        return None;
    }
    let mut known: Vec<&str> =
        engines.iter().flat_map(|e| e.accepts.iter().map(|(asked, _)| *asked)).collect();
    known.sort_unstable();
    known.dedup();
    Some(
        Diagnostic::error(
            "unknown-version",
            format!("no managed service runs version {} of `{name}`", said.value),
        )
        .at(said.span.or(resource.span), "this version")
        .help(format!("write one of {}, or leave `version` out", known.join(", "))),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud;

    fn first(engine: &Engine) -> &'static Cloud {
        cloud::of(engine.on[0])
    }

    fn said(text: &str) -> Option<Spanned<String>> {
        Some(Spanned::bare(text.to_owned()))
    }

    #[test]
    fn every_engine_runs_its_default_and_all_it_accepts() {
        for engine in ENGINES {
            assert!(resolve(first(engine), engine.name, None).is_some(), "{}", engine.name);
            assert!(engine.accepts.iter().any(|(_, v)| *v == engine.default), "{}", engine.name);
            for (asked, version) in engine.accepts {
                assert_eq!(
                    resolve(first(engine), engine.name, said(asked).as_ref()).as_deref(),
                    Some(*version),
                    "{}",
                    engine.name
                );
            }
        }
    }

    #[test]
    fn minors_are_kept_where_the_service_takes_them_and_nonsense_is_refused() {
        assert_eq!(
            resolve(cloud::of(Provider::Aws), "rds-postgres", said("16.4").as_ref()).as_deref(),
            Some("16.4")
        );
        assert_eq!(
            resolve(cloud::of(Provider::Aws), "rds-postgres", said("16-alpine").as_ref()).as_deref(),
            Some("16")
        );
        assert_eq!(
            resolve(cloud::of(Provider::Aws), "elasticache-valkey", said("7.4").as_ref()).as_deref(),
            Some("7.2")
        );
        for old in ["12", "9.6", "12-alpine"] {
            assert_eq!(
                resolve(cloud::of(Provider::Aws), "rds-postgres", said(old).as_ref()).as_deref(),
                Some("14"),
                "{old}"
            );
        }
        for (engine, newer, runs) in [
            ("rds-postgres", "20", "18"),
            ("docdb", "7", "5.0"),
            ("docdb", "8.0", "5.0"),
            ("msk", "4.1", "3.9.x"),
        ] {
            assert_eq!(
                resolve(cloud::of(Provider::Aws), engine, said(newer).as_ref()).as_deref(),
                Some(runs),
                "{engine} {newer}"
            );
        }
        assert_eq!(
            resolve(cloud::of(Provider::Aws), "aurora-postgres", said("18").as_ref()),
            None,
            "another engine runs it"
        );
        for wrong in ["", "1", "160", "latest", "\u{1f980}"] {
            assert_eq!(
                resolve(cloud::of(Provider::Aws), "rds-postgres", said(wrong).as_ref()),
                None,
                "{wrong}"
            );
        }
    }
}
