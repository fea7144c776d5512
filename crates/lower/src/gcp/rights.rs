//! What the pipeline may do to each kind: which permissions Google Cloud asks for.
//!
//! One row a kind. Permissions are named one by one, so that whoever plans only reads and whoever deploys changes nothing
//! that is not written here. It must not know who gets them.

use std::collections::BTreeSet;

use ir::{Mode, Stack};

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Reads, to say what would change.
    Plan,
    /// Makes, changes and removes.
    Deploy,
}

/// The permissions of a kind.
struct Right {
    kind: &'static str,
    /// Such as `run.services`, before each verb.
    of: &'static str,
    /// Verbs that reading needs.
    read: &'static [&'static str],
    /// Further verbs that changing needs.
    write: &'static [&'static str],
    /// Further permissions that changing needs, in full.
    beside: &'static [&'static str],
}

const READ: &[&str] = &["get"];
const CHANGED: &[&str] = &["create", "delete", "update"];
const MADE: &[&str] = &["create", "delete"];
const USED: &[&str] = &["create", "delete", "update", "use"];
const RULED: &[&str] = &["getIamPolicy"];
const RULES: &[&str] = &["setIamPolicy"];

const fn right(kind: &'static str, of: &'static str, write: &'static [&'static str]) -> Right {
    Right { kind, of, read: READ, write, beside: &[] }
}

const fn grants(kind: &'static str, of: &'static str) -> Right {
    Right { kind, of, read: RULED, write: RULES, beside: &[] }
}

/// Every kind that stands in an environment.
static RIGHTS: &[Right] = &[
    Right {
        beside: &["iam.serviceAccounts.actAs", "run.operations.get"],
        ..right("google_cloud_run_v2_service", "run.services", CHANGED)
    },
    Right {
        beside: &["iam.serviceAccounts.actAs", "run.operations.get"],
        ..right("google_cloud_run_v2_job", "run.jobs", CHANGED)
    },
    grants("google_cloud_run_v2_job_iam_member", "run.jobs"),
    right("google_service_account", "iam.serviceAccounts", CHANGED),
    Right {
        beside: &["compute.globalOperations.get", "compute.networks.use"],
        ..right("google_compute_network", "compute.networks", &["create", "delete", "update", "updatePolicy"])
    },
    Right {
        beside: &["compute.regionOperations.get"],
        ..right(
            "google_compute_subnetwork",
            "compute.subnetworks",
            &["create", "delete", "setPrivateIpGoogleAccess", "update", "use"],
        )
    },
    right("google_compute_router", "compute.routers", USED),
    right("google_compute_router_nat", "compute.routers", USED),
    right("google_compute_address", "compute.addresses", &["create", "delete", "setLabels", "use"]),
    Right {
        beside: &["compute.globalAddresses.createInternal", "compute.globalAddresses.deleteInternal"],
        ..right(
            "google_compute_global_address",
            "compute.globalAddresses",
            &["create", "delete", "setLabels", "use"],
        )
    },
    right("google_compute_firewall", "compute.firewalls", CHANGED),
    Right {
        beside: &[
            "compute.networks.addPeering",
            "compute.networks.removePeering",
            "compute.networks.updatePeering",
            "servicenetworking.operations.get",
            "servicenetworking.services.addPeering",
            "servicenetworking.services.deleteConnection",
        ],
        ..right("google_service_networking_connection", "servicenetworking.services", &[])
    },
    Right {
        beside: &["networkconnectivity.operations.get"],
        ..right(
            "google_network_connectivity_service_connection_policy",
            "networkconnectivity.serviceConnectionPolicies",
            CHANGED,
        )
    },
    Right {
        beside: &["dns.networks.bindPrivateDNSZone"],
        ..right("google_dns_managed_zone", "dns.managedZones", CHANGED)
    },
    Right {
        read: &["get", "list"],
        beside: &["dns.changes.create", "dns.changes.get"],
        ..right("google_dns_record_set", "dns.resourceRecordSets", CHANGED)
    },
    Right {
        write: &["create", "delete", "setSecurityPolicy", "update", "use"],
        ..right("google_compute_backend_service", "compute.backendServices", USED)
    },
    right("google_compute_backend_bucket", "compute.backendBuckets", USED),
    right("google_compute_url_map", "compute.urlMaps", USED),
    right(
        "google_compute_target_http_proxy",
        "compute.targetHttpProxies",
        &["create", "delete", "setUrlMap", "use"],
    ),
    right(
        "google_compute_target_https_proxy",
        "compute.targetHttpsProxies",
        &["create", "delete", "setSslCertificates", "setSslPolicy", "setUrlMap", "use"],
    ),
    right(
        "google_compute_global_forwarding_rule",
        "compute.globalForwardingRules",
        &["create", "delete", "setLabels", "setTarget"],
    ),
    right("google_compute_managed_ssl_certificate", "compute.sslCertificates", MADE),
    right("google_compute_ssl_policy", "compute.sslPolicies", USED),
    right(
        "google_compute_region_network_endpoint_group",
        "compute.regionNetworkEndpointGroups",
        &["create", "delete", "use"],
    ),
    right("google_compute_security_policy", "compute.securityPolicies", USED),
    right("google_sql_database_instance", "cloudsql.instances", CHANGED),
    right("google_sql_database", "cloudsql.databases", CHANGED),
    Right { read: &["get", "list"], ..right("google_sql_user", "cloudsql.users", CHANGED) },
    Right {
        beside: &["memorystore.operations.get"],
        ..right("google_memorystore_instance", "memorystore.instances", CHANGED)
    },
    Right {
        beside: &["managedkafka.operations.get"],
        ..right("google_managed_kafka_cluster", "managedkafka.clusters", CHANGED)
    },
    right("google_pubsub_topic", "pubsub.topics", &["attachSubscription", "create", "delete", "update"]),
    right("google_pubsub_subscription", "pubsub.subscriptions", CHANGED),
    grants("google_pubsub_topic_iam_member", "pubsub.topics"),
    grants("google_pubsub_subscription_iam_member", "pubsub.subscriptions"),
    right("google_storage_bucket", "storage.buckets", CHANGED),
    grants("google_storage_bucket_iam_member", "storage.buckets"),
    grants("google_secret_manager_secret_iam_member", "secretmanager.secrets"),
    Right {
        beside: &["iam.serviceAccounts.actAs"],
        ..right("google_cloud_scheduler_job", "cloudscheduler.jobs", CHANGED)
    },
    Right {
        read: &["get", "list"],
        beside: &["logging.operations.get"],
        ..right("google_logging_project_bucket_config", "logging.buckets", CHANGED)
    },
    right("google_logging_project_sink", "logging.sinks", CHANGED),
    right("google_monitoring_alert_policy", "monitoring.alertPolicies", CHANGED),
    right("google_monitoring_notification_channel", "monitoring.notificationChannels", CHANGED),
    right("google_monitoring_dashboard", "monitoring.dashboards", CHANGED),
];

/// Kinds whose permissions are not of the project.
const ELSEWHERE: &[&str] = &[
    // The billing account's.
    "google_billing_budget",
];

/// The permissions that a purpose asks for in some stacks, sorted.
pub(crate) fn permissions(stacks: &[Stack], purpose: Purpose) -> BTreeSet<String> {
    let nodes = stacks.iter().flat_map(|s| s.graph.nodes()).filter(|n| n.address.mode == Mode::Managed);
    let kinds: BTreeSet<&str> = nodes.map(|n| n.kind().as_str()).collect();
    let mut permissions: BTreeSet<String> = BTreeSet::from(["resourcemanager.projects.get".to_owned()]);
    for kind in kinds.into_iter().filter(|kind| !ELSEWHERE.contains(kind)) {
        let row = RIGHTS.iter().find(|row| row.kind == kind);
        let row = row.unwrap_or_else(|| panic!("{kind} is written without rights to it"));
        permissions.extend(row.read.iter().map(|verb| format!("{}.{verb}", row.of)));
        if purpose == Purpose::Deploy {
            permissions.extend(row.write.iter().map(|verb| format!("{}.{verb}", row.of)));
            permissions.extend(row.beside.iter().map(|p| (*p).to_owned()));
        }
    }
    permissions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_kind_of_the_catalogue_once() {
        let mut seen = BTreeSet::new();
        for row in RIGHTS {
            assert!(seen.insert(row.kind), "{} twice", row.kind);
            assert!(catalog::kind(row.kind).is_some(), "{}", row.kind);
            for verb in row.read.iter().chain(row.write) {
                assert!(verb.chars().all(char::is_alphanumeric), "{}: {verb}", row.kind);
            }
            for permission in row.beside {
                assert_eq!(permission.split('.').count(), 3, "{}: {permission}", row.kind);
            }
        }
    }
}
