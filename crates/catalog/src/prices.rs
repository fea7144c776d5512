//! What things cost, by region, each price with its source and date.
//!
//! One file a service, in a folder a cloud under `data/prices`. A region without a listed price gets the price of
//! its cloud's home region times a published factor and is marked as an estimate; without a factor there is no
//! price, and whoever asks must say so. A figure is never rounded up into certainty: its evidence travels with it. Must not know
//! what anybody does with a price.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

/// How well a fact is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// Read on the vendor's own page or in the vendor's own data.
    Official,
    /// Read in somebody else's published table.
    Secondary,
    /// Computed from an official or secondary figure, such as another region's price times a factor.
    Derived,
    /// Written down from general knowledge and not verified: shown as unverified.
    Unverified,
}

/// A price.
#[derive(Clone, Debug, PartialEq)]
pub struct Price {
    /// Such as `fargate/vcpu-arm`.
    pub id: String,
    /// US dollars for one unit.
    pub usd: f64,
    /// Such as `vCPU-hour`.
    pub unit: &'static str,
    /// How well it is known.
    pub evidence: Evidence,
    /// Where it was published.
    pub source: &'static str,
    /// When, `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; for an unverified figure, when it was written down.
    pub date: &'static str,
}

/// A service of a cloud.
struct Service {
    cloud: &'static str,
    prices: BTreeMap<String, PriceRow>,
}

/// A file under a cloud's folder.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceFile {
    /// The first part of every id in the file.
    service: String,
    prices: BTreeMap<String, PriceRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceRow {
    unit: String,
    source: String,
    date: String,
    evidence: Evidence,
    /// By region; `*` where it is the same everywhere.
    usd: BTreeMap<String, f64>,
    /// Figures by region that nobody has verified, whatever `evidence` says of the others; `*` as above.
    #[serde(default)]
    recalled: BTreeMap<String, f64>,
    /// Whether other regions may be derived from the cloud's home region by the general region factor.
    #[serde(default)]
    scales: bool,
}

/// The price of one unit of `id` (such as `fargate/vcpu-arm`) in a region; `None` when no source gives one, and in
/// regions of other clouds.
#[must_use]
pub fn price(region: &str, id: &str) -> Option<Price> {
    let (service, item) = id.split_once('/')?;
    let service = services().get(service)?;
    let row = service.prices.get(item)?;
    let cloud = crate::regions::cloud(region);
    // A vendor without regions of its own sells in everybody's.
    let elsewhere = cloud.is_some_and(|c| c.cloud != service.cloud);
    if elsewhere && !crate::regions::of(service.cloud).is_empty() {
        return None;
    }
    let known = |usd: f64, evidence: Evidence| Price {
        id: id.to_owned(),
        usd,
        unit: &row.unit,
        evidence,
        source: &row.source,
        date: &row.date,
    };
    if let Some(usd) = listed(&row.usd, region) {
        return Some(known(usd, row.evidence));
    }
    if let Some(usd) = listed(&row.recalled, region) {
        return Some(known(usd, Evidence::Unverified));
    }
    if !row.scales {
        return None;
    }
    let home = row.usd.get(&cloud?.home)?;
    let (factor, evidence) = cloud?.factor(region)?;
    Some(known(home * factor, row.evidence.max(evidence).max(Evidence::Derived)))
}

/// A region's own figure, or the one for all regions.
fn listed(figures: &BTreeMap<String, f64>, region: &str) -> Option<f64> {
    figures.get(region).or_else(|| figures.get("*")).copied()
}

/// Every price id, sorted.
pub fn ids() -> impl Iterator<Item = String> {
    services().iter().flat_map(|(name, s)| s.prices.keys().map(move |item| format!("{name}/{item}")))
}

fn services() -> &'static BTreeMap<&'static str, Service> {
    static SERVICES: OnceLock<BTreeMap<&'static str, Service>> = OnceLock::new();
    SERVICES.get_or_init(|| {
        let mut services = BTreeMap::new();
        for (cloud, files) in TABLE {
            for (name, text) in *files {
                let path = format!("data/prices/{cloud}/{name}.json");
                let file: PriceFile = serde_json::from_str(text).unwrap_or_else(|e| panic!("{path}: {e}"));
                assert_eq!(file.service, *name, "{path} names another service");
                let twice = services.insert(*name, Service { cloud, prices: file.prices });
                assert!(twice.is_none(), "{path}: another cloud has a service of that name");
            }
        }
        services
    })
}

/// Lists a cloud's data files by name next to their text.
macro_rules! files {
    ($cloud:literal: $($name:literal),* $(,)?) => {
        ($cloud, &[$(($name, include_str!(concat!("../data/prices/", $cloud, "/", $name, ".json")))),*])
    };
}

/// The data files by cloud and name; a test compares this list with the folders.
static TABLE: &[(&str, &[(&str, &str)])] = &[
    files![
        "aws":
        "acm",
        "alb",
        "apigateway",
        "apprunner",
        "aurora",
        "aurora-mysql",
        "aurora-postgres",
        "backup",
        "budgets",
        "cloudfront",
        "cloudtrail",
        "cloudwatch",
        "codedeploy",
        "cognito",
        "config",
        "data-transfer",
        "docdb",
        "dynamodb",
        "ebs",
        "ec2",
        "ecr",
        "efs",
        "eks",
        "elasticache",
        "elasticache-memcached",
        "elasticache-redis",
        "elasticache-valkey",
        "elb",
        "events",
        "fargate",
        "firehose",
        "kinesis",
        "kms",
        "lambda",
        "mq",
        "mq-activemq",
        "mq-rabbitmq",
        "msk",
        "nat",
        "neptune",
        "nlb",
        "opensearch",
        "prometheus",
        "public-ipv4",
        "rds",
        "rds-mysql",
        "rds-postgres",
        "redshift",
        "route53",
        "s3",
        "scheduler",
        "secretsmanager",
        "servicediscovery",
        "sns",
        "sqs",
        "ssm",
        "states",
        "vpc-endpoint",
        "waf",
        "xray",
    ],
    files![
        "azure":
        "aks",
        "app-service",
        "application-gateway",
        "azure-backup",
        "azure-sql",
        "azure-vm",
        "bandwidth",
        "blob",
        "container-apps",
        "container-registry",
        "cosmos-db",
        "dns",
        "event-grid",
        "event-hubs",
        "flexible-mysql",
        "flexible-postgres",
        "front-door",
        "functions",
        "key-vault",
        "load-balancer",
        "managed-disk",
        "managed-redis",
        "monitor",
        "nat-gateway",
        "private-endpoint",
        "public-ip",
        "service-bus",
    ],
    files![
        "gcp":
        "alloydb",
        "artifact-registry",
        "bigquery",
        "bigtable",
        "cloud-armor",
        "cloud-cdn",
        "cloud-dns",
        "cloud-functions",
        "cloud-kms",
        "cloud-load-balancing",
        "cloud-logging",
        "cloud-monitoring",
        "cloud-nat",
        "cloud-run",
        "cloud-scheduler",
        "cloud-sql",
        "cloud-storage",
        "cloud-tasks",
        "cloud-trace",
        "compute-engine",
        "eventarc",
        "external-ip",
        "filestore",
        "firestore",
        "gke",
        "google-network",
        "managed-kafka",
        "memorystore-memcached",
        "memorystore-redis",
        "memorystore-valkey",
        "persistent-disk",
        "pubsub",
        "secret-manager",
        "spanner",
        "workflows",
    ],
    files!["mongodb": "atlas"],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_the_folder() {
        for (cloud, files) in TABLE {
            let listed = files.iter().map(|(n, _)| (*n).to_owned()).collect();
            assert_eq!(crate::folder(&format!("prices/{cloud}")), listed);
        }
    }

    #[test]
    fn every_row_has_figures_for_known_regions_and_says_where_from() {
        for (name, service) in services() {
            let of = crate::regions::of(service.cloud);
            let home = crate::regions::clouds().iter().find(|c| c.cloud == service.cloud).map(|c| &c.home);
            for (item, row) in &service.prices {
                let id = format!("{name}/{item}");
                assert!(!row.usd.is_empty(), "{id} has no figure");
                assert!(!row.unit.is_empty() && row.source.contains('.') && row.date.len() >= 4, "{id}");
                for (region, usd) in row.usd.iter().chain(&row.recalled) {
                    assert!(region == "*" || of.iter().any(|r| r.id == *region), "{id}: {region}");
                    assert!(usd.is_finite() && *usd >= 0.0, "{id} in {region}");
                    assert!(*usd > 0.0 || FREE.contains(&id.as_str()), "{id} in {region} is free");
                }
                let twice = row.recalled.keys().find(|r| row.usd.contains_key(*r));
                assert_eq!(twice, None, "{id} lists a region as verified and not");
                let scalable = home.is_some_and(|h| row.usd.contains_key(h));
                assert!(!row.scales || scalable, "{id} has nothing to scale");
            }
        }
    }

    /// What costs nothing by the vendor's own words.
    const FREE: &[&str] = &["acm/certificate", "budgets/month", "codedeploy/ecs"];

    #[test]
    fn a_listed_figure_wins_over_a_recalled_one_and_that_over_a_derived_one() {
        let of = |region, id| price(region, id).map(|p| (p.usd, p.evidence));
        assert_eq!(of("us-east-1", "nat/hour"), Some((0.045, Evidence::Secondary)));
        assert_eq!(of("eu-west-1", "nat/hour"), Some((0.048, Evidence::Unverified)));
        let factor = crate::regions::factor("eu-west-3").expect("published");
        assert_eq!(of("eu-west-3", "nat/hour"), Some((0.045 * factor, Evidence::Derived)));
        assert_eq!(of("eu-west-3", "kms/key-month"), Some((1.0, Evidence::Unverified)));
        assert_eq!(of("ap-southeast-6", "nat/hour"), None, "no factor, no price");
        for wrong in ["", "nat", "/", "nat/", "nat/moon", "moon/hour"] {
            assert_eq!(price("us-east-1", wrong), None, "{wrong}");
        }
    }
}
