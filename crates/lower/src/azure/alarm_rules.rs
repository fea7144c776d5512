//! What is watched, and from which value on somebody must act.
//!
//! One row a metric of a kind. Names of metrics and their meaning are from general knowledge of Azure Monitor, unverified.
//! Must not know how an alarm is written.

use ir::Node;

/// On which side of its threshold an alarm rings.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Above.
    Above,
    /// Below.
    Below,
}

/// A metric that is watched.
pub(crate) struct Rule {
    /// Kind that is watched, as Terraform names it.
    pub kind: &'static str,
    /// Name of the runbook and of the node.
    pub slug: &'static str,
    /// Where Azure Monitor keeps the metric.
    pub namespace: &'static str,
    /// The metric.
    pub metric: &'static str,
    /// How values of a period become one.
    pub aggregation: &'static str,
    /// On which side it rings.
    pub direction: Direction,
    /// From where on.
    pub threshold: f64,
    /// What the threshold counts, such as `%`.
    pub unit: &'static str,
    /// What the metric is, to begin the words of its input.
    pub words: &'static str,
    /// The part of the metric that is looked at: a dimension and its values.
    pub only: Option<(&'static str, &'static [&'static str])>,
    /// Minutes that are looked at.
    pub minutes: u32,
    /// 0 wakes somebody, 2 can wait for the morning.
    pub severity: i64,
    /// Whether it fits a node.
    pub applies: fn(&Node) -> bool,
    /// Why somebody must act, one sentence without a full stop.
    pub why: &'static str,
}

const APP: &str = "azurerm_container_app";
const POSTGRES: &str = "azurerm_postgresql_flexible_server";
const MYSQL: &str = "azurerm_mysql_flexible_server";

/// Every rule, grouped by kind.
pub(crate) static RULES: &[Rule] = &[
    Rule {
        slug: "app-errors",
        metric: "Requests",
        aggregation: "Total",
        threshold: 10.0,
        unit: "requests",
        words: "Requests that failed in five minutes",
        only: Some(("statusCodeCategory", &["5xx"])),
        minutes: 5,
        severity: 1,
        applies: serves,
        why: "The service answers requests with errors",
        ..watched(APP, "Microsoft.App/containerApps")
    },
    Rule {
        slug: "app-restarts",
        metric: "RestartCount",
        aggregation: "Maximum",
        threshold: 3.0,
        unit: "restarts",
        words: "Restarts of a copy",
        minutes: 15,
        severity: 1,
        why: "Copies of the service end and are started again",
        ..watched(APP, "Microsoft.App/containerApps")
    },
    Rule {
        slug: "app-memory",
        metric: "MemoryPercentage",
        aggregation: "Average",
        threshold: 90.0,
        unit: "%",
        words: "Memory in use, percent,",
        minutes: 15,
        severity: 2,
        why: "The service is about to run out of memory, and is ended when it does",
        ..watched(APP, "Microsoft.App/containerApps")
    },
    Rule {
        slug: "postgres-down",
        metric: "is_db_alive",
        aggregation: "Maximum",
        direction: Direction::Below,
        threshold: 1.0,
        unit: "",
        words: "Whether the server answers, 1 if so,",
        minutes: 5,
        severity: 0,
        why: "The database does not answer",
        ..watched(POSTGRES, "Microsoft.DBforPostgreSQL/flexibleServers")
    },
    Rule {
        slug: "postgres-cpu",
        metric: "cpu_percent",
        threshold: 85.0,
        unit: "%",
        words: "Processors in use, percent,",
        minutes: 15,
        severity: 2,
        why: "The database is short of processors, and queries become slow",
        ..watched(POSTGRES, "Microsoft.DBforPostgreSQL/flexibleServers")
    },
    Rule {
        slug: "postgres-memory",
        metric: "memory_percent",
        threshold: 90.0,
        unit: "%",
        words: "Memory in use, percent,",
        minutes: 15,
        severity: 2,
        why: "The database is short of memory, and is started again when it has none",
        ..watched(POSTGRES, "Microsoft.DBforPostgreSQL/flexibleServers")
    },
    Rule {
        slug: "postgres-storage",
        metric: "storage_percent",
        threshold: 85.0,
        unit: "%",
        words: "Storage in use, percent,",
        minutes: 15,
        severity: 1,
        why: "The database refuses writes when its storage is full",
        ..watched(POSTGRES, "Microsoft.DBforPostgreSQL/flexibleServers")
    },
    Rule {
        slug: "mysql-cpu",
        metric: "cpu_percent",
        threshold: 85.0,
        unit: "%",
        words: "Processors in use, percent,",
        minutes: 15,
        severity: 2,
        why: "The database is short of processors, and queries become slow",
        ..watched(MYSQL, "Microsoft.DBforMySQL/flexibleServers")
    },
    Rule {
        slug: "mysql-memory",
        metric: "memory_percent",
        threshold: 90.0,
        unit: "%",
        words: "Memory in use, percent,",
        minutes: 15,
        severity: 2,
        why: "The database is short of memory, and is started again when it has none",
        ..watched(MYSQL, "Microsoft.DBforMySQL/flexibleServers")
    },
    Rule {
        slug: "mysql-storage",
        metric: "storage_percent",
        threshold: 85.0,
        unit: "%",
        words: "Storage in use, percent,",
        minutes: 15,
        severity: 1,
        why: "The database refuses writes when its storage is full",
        ..watched(MYSQL, "Microsoft.DBforMySQL/flexibleServers")
    },
    Rule {
        slug: "redis-memory",
        metric: "usedmemorypercentage",
        aggregation: "Maximum",
        threshold: 90.0,
        unit: "%",
        words: "Memory in use, percent,",
        minutes: 15,
        severity: 2,
        why: "The cache throws away what it should keep, and refuses writes when nothing may go",
        ..watched("azurerm_managed_redis", "Microsoft.Cache/redisEnterprise")
    },
    Rule {
        slug: "dead-letters",
        metric: "DeadletteredMessages",
        aggregation: "Maximum",
        threshold: 0.0,
        unit: "messages",
        words: "Messages that could not be handled",
        minutes: 15,
        severity: 2,
        why: "Messages could not be handled and wait for somebody to look at them",
        ..watched("azurerm_servicebus_namespace", "Microsoft.ServiceBus/namespaces")
    },
    Rule {
        slug: "bus-throttled",
        metric: "ThrottledRequests",
        aggregation: "Total",
        threshold: 100.0,
        unit: "requests",
        words: "Requests that were turned away in fifteen minutes",
        minutes: 15,
        severity: 2,
        why: "The namespace turns requests away because there are too many",
        ..watched("azurerm_servicebus_namespace", "Microsoft.ServiceBus/namespaces")
    },
    Rule {
        slug: "storage-unavailable",
        metric: "Availability",
        direction: Direction::Below,
        threshold: 99.0,
        unit: "%",
        words: "Requests that were answered, percent,",
        minutes: 15,
        severity: 1,
        why: "The storage account does not answer every request",
        ..watched("azurerm_storage_account", "Microsoft.Storage/storageAccounts")
    },
    Rule {
        slug: "cosmos-full",
        metric: "NormalizedRUConsumption",
        aggregation: "Maximum",
        threshold: 95.0,
        unit: "%",
        words: "Request units in use, percent,",
        minutes: 15,
        severity: 2,
        why: "The database turns requests away when its request units are used up",
        ..watched("azurerm_cosmosdb_account", "Microsoft.DocumentDB/databaseAccounts")
    },
    Rule {
        slug: "edge-errors",
        metric: "Percentage5XX",
        threshold: 5.0,
        unit: "%",
        words: "Answers that were errors, percent,",
        minutes: 5,
        severity: 1,
        why: "What people see at the edge are errors",
        ..watched("azurerm_cdn_frontdoor_profile", "Microsoft.Cdn/profiles")
    },
    Rule {
        slug: "origin-health",
        metric: "OriginHealthPercentage",
        direction: Direction::Below,
        threshold: 50.0,
        unit: "%",
        words: "Origins that are well, percent,",
        minutes: 5,
        severity: 1,
        why: "Content delivery does not reach what it sends calls on to",
        ..watched("azurerm_cdn_frontdoor_profile", "Microsoft.Cdn/profiles")
    },
    Rule {
        slug: "events-throttled",
        metric: "ThrottledRequests",
        aggregation: "Total",
        threshold: 100.0,
        unit: "requests",
        words: "Requests that were turned away in fifteen minutes",
        minutes: 15,
        severity: 2,
        why: "The namespace turns requests away because there are too many",
        ..watched("azurerm_eventhub_namespace", "Microsoft.EventHub/namespaces")
    },
];

/// What most rules have in common: an average of a quarter of an hour that is too high.
const fn watched(kind: &'static str, namespace: &'static str) -> Rule {
    Rule {
        kind,
        slug: "",
        namespace,
        metric: "",
        aggregation: "Average",
        direction: Direction::Above,
        threshold: 0.0,
        unit: "",
        words: "",
        only: None,
        minutes: 15,
        severity: 2,
        applies: always,
        why: "",
    }
}

fn always(_: &Node) -> bool {
    true
}

/// Whether an app answers requests.
fn serves(node: &Node) -> bool {
    !node.blocks("ingress").is_empty()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_rule_is_whole_and_watches_a_known_kind() {
        let mut slugs = BTreeSet::new();
        for rule in RULES {
            assert!(catalog::kind(rule.kind).is_some(), "{}", rule.kind);
            assert!(slugs.insert(rule.slug), "{} twice", rule.slug);
            for text in [rule.slug, rule.metric, rule.words, rule.why, rule.namespace] {
                assert!(!text.is_empty() && !text.ends_with('.'), "{}: {text}", rule.slug);
            }
            assert!([1, 5, 15, 30, 60].contains(&rule.minutes), "{}", rule.slug);
        }
    }
}
