//! What is watched, and from which value on somebody must act.
//!
//! One row an alert. Thresholds are defaults: each becomes an input of the component it belongs to. Names of metrics,
//! resources and labels are those that Cloud Monitoring documents for each service. It must not know how an alert is
//! written.

use catalog::google::{
    cloud_run_v2_job, cloud_run_v2_service, compute_url_map, memorystore_instance, pubsub_subscription,
    sql_database_instance,
};
use ir::{Node, Value};

/// A kind of alert.
pub(crate) struct Rule {
    /// Stable name, also of the runbook, such as `cloud-sql-cpu`.
    pub slug: &'static str,
    /// The kind that is watched.
    pub kind: &'static str,
    /// Which nodes of the kind.
    pub applies: fn(&Node) -> bool,
    /// The monitored resource and its label that holds a node's name.
    pub resource: (&'static str, &'static str),
    /// What the label holds.
    pub named: Named,
    /// Such as `cloudsql.googleapis.com/database/cpu/utilization`.
    pub metric: &'static str,
    /// Which series of the metric: a label and its value.
    pub only: Option<(&'static str, &'static str)>,
    /// Watch those series as a share of all, in percent.
    pub share: bool,
    /// How values of one series in a period become one.
    pub align: &'static str,
    /// How series become one.
    pub reduce: Option<&'static str>,
    /// Seconds of one measurement.
    pub period: u32,
    /// Seconds that it must hold.
    pub duration: u32,
    /// From which value on, in `unit`.
    pub threshold: f64,
    /// What one unit is in the metric: a percent of a share is a hundredth.
    pub scale: f64,
    /// Unit of the threshold, for documents.
    pub unit: &'static str,
    /// What the threshold counts, beginning a sentence.
    pub words: &'static str,
    /// Why somebody must act, one sentence without a full stop.
    pub why: &'static str,
}

/// What the label of a monitored resource holds.
#[derive(Clone, Copy)]
pub(crate) enum Named {
    /// An attribute of the node.
    Own(&'static str),
    /// The project and the node's name, as databases are known.
    InProject,
}

/// A rule about a share of a hundred, over five minutes for a quarter of an hour.
const PERCENT: Rule = Rule {
    slug: "",
    kind: "",
    applies: |_| true,
    resource: ("", ""),
    named: Named::Own("name"),
    metric: "",
    only: None,
    share: false,
    align: "ALIGN_MEAN",
    reduce: None,
    period: 300,
    duration: 900,
    threshold: 80.0,
    scale: 0.01,
    unit: "%",
    words: "Percent",
    why: "",
};

/// A rule that counts what should not happen at all.
const COUNT: Rule = Rule {
    align: "ALIGN_DELTA",
    reduce: Some("REDUCE_SUM"),
    duration: 0,
    threshold: 0.0,
    scale: 1.0,
    unit: "",
    words: "Number",
    ..PERCENT
};

const SERVICE: Rule = Rule {
    kind: cloud_run_v2_service::KIND.name,
    resource: ("cloud_run_revision", "service_name"),
    ..PERCENT
};

const DATABASE: Rule = Rule {
    kind: sql_database_instance::KIND.name,
    resource: ("cloudsql_database", "database_id"),
    named: Named::InProject,
    ..PERCENT
};

const CACHE: Rule = Rule {
    kind: memorystore_instance::KIND.name,
    resource: ("memorystore.googleapis.com/Instance", "instance_id"),
    named: Named::Own("instance_id"),
    ..PERCENT
};

const SUBSCRIPTION: Rule = Rule {
    kind: pubsub_subscription::KIND.name,
    resource: ("pubsub_subscription", "subscription_id"),
    align: "ALIGN_MAX",
    duration: 0,
    scale: 1.0,
    ..PERCENT
};

/// Every kind of alert. No slug begins another followed by a dash, so that alerts are told apart by name.
pub(crate) static RULES: &[Rule] = &[
    Rule {
        slug: "cloud-run-errors",
        metric: "run.googleapis.com/request_count",
        only: Some(("response_code_class", "5xx")),
        share: true,
        align: "ALIGN_RATE",
        reduce: Some("REDUCE_SUM"),
        duration: 300,
        threshold: 5.0,
        words: "Percent of requests",
        why: "Requests fail in the service itself",
        ..SERVICE
    },
    Rule {
        slug: "cloud-run-cpu",
        metric: "run.googleapis.com/container/cpu/utilizations",
        align: "ALIGN_PERCENTILE_95",
        reduce: Some("REDUCE_MAX"),
        threshold: 90.0,
        why: "Instances are short of CPU and requests will slow down",
        ..SERVICE
    },
    Rule {
        slug: "cloud-run-memory",
        metric: "run.googleapis.com/container/memory/utilizations",
        align: "ALIGN_PERCENTILE_95",
        reduce: Some("REDUCE_MAX"),
        threshold: 90.0,
        why: "Instances are about to be ended for their use of memory",
        ..SERVICE
    },
    Rule {
        slug: "cloud-run-job-failed",
        kind: cloud_run_v2_job::KIND.name,
        resource: ("cloud_run_job", "job_name"),
        metric: "run.googleapis.com/job/completed_execution_count",
        only: Some(("result", "failed")),
        words: "Failed runs",
        why: "A run of the job failed and nobody will run it again by itself",
        ..COUNT
    },
    Rule {
        slug: "cloud-sql-cpu",
        metric: "cloudsql.googleapis.com/database/cpu/utilization",
        why: "The database is short of CPU and queries will slow down",
        ..DATABASE
    },
    Rule {
        slug: "cloud-sql-memory",
        metric: "cloudsql.googleapis.com/database/memory/utilization",
        threshold: 90.0,
        why: "The database is short of memory and may restart",
        ..DATABASE
    },
    Rule {
        slug: "cloud-sql-disk",
        metric: "cloudsql.googleapis.com/database/disk/utilization",
        threshold: 85.0,
        why: "The database runs out of storage faster than it grows by itself",
        ..DATABASE
    },
    Rule {
        slug: "valkey-memory",
        metric: "memorystore.googleapis.com/instance/memory/maximum_utilization",
        align: "ALIGN_MAX",
        why: "The cache is full and drops entries that are still wanted",
        ..CACHE
    },
    Rule {
        slug: "valkey-cpu",
        metric: "memorystore.googleapis.com/instance/cpu/maximum_utilization",
        align: "ALIGN_MAX",
        why: "The cache is short of CPU and answers slowly",
        ..CACHE
    },
    Rule {
        slug: "pubsub-oldest",
        applies: |node| !keeps_dead_letters(node),
        metric: "pubsub.googleapis.com/subscription/oldest_unacked_message_age",
        duration: 300,
        threshold: 900.0,
        unit: "s",
        words: "Seconds",
        why: "Messages wait longer than they should: readers are too few or stuck",
        ..SUBSCRIPTION
    },
    Rule {
        slug: "pubsub-dead-letters",
        applies: keeps_dead_letters,
        metric: "pubsub.googleapis.com/subscription/num_undelivered_messages",
        threshold: 0.0,
        unit: "",
        words: "Messages",
        why: "Messages could not be handled and wait for somebody to look",
        ..SUBSCRIPTION
    },
    Rule {
        slug: "load-balancer-errors",
        kind: compute_url_map::KIND.name,
        applies: |node| node.address.name == "this",
        resource: ("https_lb_rule", "url_map_name"),
        metric: "loadbalancing.googleapis.com/https/request_count",
        only: Some(("response_code_class", "500")),
        share: true,
        align: "ALIGN_RATE",
        reduce: Some("REDUCE_SUM"),
        duration: 300,
        threshold: 5.0,
        words: "Percent of requests",
        why: "Callers get errors from the load balancer or from what is behind it",
        ..PERCENT
    },
];

fn keeps_dead_letters(node: &Node) -> bool {
    node.address.name == "dead_letter"
        && node.get("topic").is_some_and(|topic| matches!(topic, Value::Ref(_)))
}
