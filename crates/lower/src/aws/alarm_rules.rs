//! What is watched, and from which value on somebody must act.
//!
//! One row an alarm. Thresholds are defaults: each becomes an input of the component it belongs to. Names of
//! metrics and dimensions are those that each service publishes to CloudWatch. It must not know how an alarm is
//! written.

use design::Compute;
use ir::Node;

use super::alarms::Subject;

/// A kind of alarm.
pub(crate) struct Rule {
    /// Stable name, also of the runbook, such as `rds-cpu`.
    pub slug: &'static str,
    /// The kind that is watched.
    pub kind: &'static str,
    /// Which nodes of the kind.
    pub applies: fn(&Subject) -> bool,
    /// Such as `AWS/RDS`.
    pub namespace: &'static str,
    /// Such as `CPUUtilization`.
    pub metric: &'static str,
    /// Watch the metric as a share of this one, in percent.
    pub share_of: Option<&'static str>,
    /// `Average`, `Maximum`, `Minimum`, `Sum`, or a percentile such as `p95`.
    pub statistic: &'static str,
    /// Seconds of one measurement.
    pub period: i64,
    /// Measurements in a row.
    pub periods: i64,
    /// On which side of the threshold it rings.
    pub direction: Direction,
    /// From which value on; `None`: cannot be told, and there is no alarm.
    pub threshold: fn(&Subject) -> Option<f64>,
    /// The largest threshold that makes sense.
    pub most: f64,
    /// Unit of the threshold, for documents.
    pub unit: &'static str,
    /// What the threshold counts, beginning a sentence.
    pub words: &'static str,
    /// What silence means: `notBreaching`, `breaching`, `missing`.
    pub missing: &'static str,
    /// Names of the dimensions and where their values come from.
    pub dimensions: &'static [(&'static str, Source)],
    /// How many members are watched one by one; `None`: the node itself.
    pub members: Option<fn(&Node) -> u32>,
    /// Kept in the region of global services.
    pub global: bool,
    /// Why somebody must act, one sentence without a full stop.
    pub why: &'static str,
}

/// On which side of the threshold an alarm rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Too much.
    Above,
    /// Too little.
    Below,
}

/// Where the value of a dimension comes from.
pub(crate) enum Source {
    /// An attribute of the watched node.
    Own(&'static str),
    /// What an attribute of the watched node refers to.
    Same(&'static str),
    /// An attribute of the watched node and the member's number, such as `cache-001`.
    Member(&'static str),
    /// The member's number.
    Number,
    /// The load balancer.
    Balancer,
    /// Always this.
    Text(&'static str),
    /// The account.
    Account,
}

use Direction::{Above, Below};
use Source::{Account, Balancer, Member, Number, Own, Same, Text};

const GIB: f64 = 1024.0 * 1024.0 * 1024.0;

/// A rule that rings above a share of a hundred, five minutes three times in a row.
const PERCENT: Rule = Rule {
    slug: "",
    kind: "",
    applies: |_| true,
    namespace: "",
    metric: "CPUUtilization",
    share_of: None,
    statistic: "Average",
    period: 300,
    periods: 3,
    direction: Above,
    threshold: |_| Some(80.0),
    most: 100.0,
    unit: "%",
    words: "Percent",
    missing: "missing",
    dimensions: &[],
    members: None,
    global: false,
    why: "",
};

/// A rule that counts what should not happen at all; silence is good news.
const COUNT: Rule = Rule {
    statistic: "Sum",
    periods: 1,
    threshold: |_| Some(0.0),
    most: 1e9,
    unit: "",
    words: "Number",
    missing: "notBreaching",
    ..PERCENT
};

/// A rule about an amount of something that runs out.
const AMOUNT: Rule = Rule { direction: Below, most: 1e15, unit: "bytes", words: "Bytes", ..PERCENT };

const INSTANCE: &[(&str, Source)] = &[("DBInstanceIdentifier", Own("identifier"))];
const GROUP_MEMBER: &[(&str, Source)] = &[("CacheClusterId", Member("replication_group_id"))];
const DOMAIN: &[(&str, Source)] = &[("DomainName", Own("domain_name")), ("ClientId", Account)];
const TARGETS: &[(&str, Source)] = &[("TargetGroup", Own("arn_suffix")), ("LoadBalancer", Balancer)];
const SERVICE: &[(&str, Source)] = &[("ClusterName", Same("cluster")), ("ServiceName", Own("name"))];

/// Every kind of alarm. No slug begins another followed by a dash, so that alarms are told apart by name.
pub(crate) static RULES: &[Rule] = &[
    Rule {
        slug: "rds-cpu",
        kind: "aws_db_instance",
        namespace: "AWS/RDS",
        dimensions: INSTANCE,
        why: "The database is short of CPU and queries will slow down",
        ..PERCENT
    },
    Rule {
        slug: "rds-storage",
        kind: "aws_db_instance",
        namespace: "AWS/RDS",
        metric: "FreeStorageSpace",
        statistic: "Minimum",
        threshold: |s| Some((number(s.node, "allocated_storage")? * GIB * 0.1).round()),
        dimensions: INSTANCE,
        why: "Storage runs out, and a full database refuses writes",
        ..AMOUNT
    },
    Rule {
        slug: "rds-memory",
        kind: "aws_db_instance",
        namespace: "AWS/RDS",
        metric: "FreeableMemory",
        threshold: |s| free_memory(s.node, "rds"),
        dimensions: INSTANCE,
        why: "The database has little memory left and reads from disk instead",
        ..AMOUNT
    },
    Rule {
        slug: "rds-connections",
        kind: "aws_db_instance",
        namespace: "AWS/RDS",
        metric: "DatabaseConnections",
        statistic: "Maximum",
        threshold: |s| connections(s.node),
        most: 16000.0,
        unit: "connections",
        words: "Connections",
        dimensions: INSTANCE,
        why: "Connections run out, and new ones will be refused",
        ..PERCENT
    },
    Rule {
        slug: "aurora-cpu",
        kind: "aws_rds_cluster_instance",
        namespace: "AWS/RDS",
        dimensions: INSTANCE,
        why: "An instance of the database is short of CPU and queries will slow down",
        ..PERCENT
    },
    Rule {
        slug: "aurora-memory",
        kind: "aws_rds_cluster_instance",
        namespace: "AWS/RDS",
        metric: "FreeableMemory",
        threshold: |s| free_memory(s.node, "rds"),
        dimensions: INSTANCE,
        why: "An instance of the database has little memory left and reads from storage instead",
        ..AMOUNT
    },
    Rule {
        slug: "aurora-lag",
        kind: "aws_rds_cluster",
        namespace: "AWS/RDS",
        metric: "AuroraReplicaLagMaximum",
        statistic: "Maximum",
        threshold: |_| Some(1000.0),
        most: 3_600_000.0,
        unit: "ms",
        words: "Milliseconds",
        missing: "notBreaching",
        dimensions: &[("DBClusterIdentifier", Own("cluster_identifier"))],
        why: "Readers see data that is older than it should be",
        ..PERCENT
    },
    Rule {
        slug: "docdb-cpu",
        kind: "aws_docdb_cluster_instance",
        namespace: "AWS/DocDB",
        dimensions: INSTANCE,
        why: "An instance of the document database is short of CPU and queries will slow down",
        ..PERCENT
    },
    Rule {
        slug: "docdb-memory",
        kind: "aws_docdb_cluster_instance",
        namespace: "AWS/DocDB",
        metric: "FreeableMemory",
        threshold: |s| free_memory(s.node, "docdb"),
        dimensions: INSTANCE,
        why: "An instance of the document database has little memory left and reads from storage instead",
        ..AMOUNT
    },
    Rule {
        slug: "cache-cpu",
        kind: "aws_elasticache_replication_group",
        namespace: "AWS/ElastiCache",
        metric: "EngineCPUUtilization",
        dimensions: GROUP_MEMBER,
        members: Some(cache_members),
        why: "The cache's one engine thread is busy and every command waits",
        ..PERCENT
    },
    Rule {
        slug: "cache-memory",
        kind: "aws_elasticache_replication_group",
        namespace: "AWS/ElastiCache",
        metric: "DatabaseMemoryUsagePercentage",
        dimensions: GROUP_MEMBER,
        members: Some(cache_members),
        why: "The cache is nearly full and will throw keys away or refuse writes",
        ..PERCENT
    },
    Rule {
        slug: "cache-evictions",
        kind: "aws_elasticache_replication_group",
        namespace: "AWS/ElastiCache",
        metric: "Evictions",
        threshold: |_| Some(1000.0),
        dimensions: GROUP_MEMBER,
        members: Some(cache_members),
        why: "The cache throws keys away to make room, and the database will feel it",
        ..COUNT
    },
    Rule {
        slug: "memcached-cpu",
        kind: "aws_elasticache_cluster",
        namespace: "AWS/ElastiCache",
        dimensions: &[("CacheClusterId", Own("cluster_id"))],
        why: "The cache is short of CPU and every command waits",
        ..PERCENT
    },
    Rule {
        slug: "memcached-evictions",
        kind: "aws_elasticache_cluster",
        namespace: "AWS/ElastiCache",
        metric: "Evictions",
        threshold: |_| Some(1000.0),
        dimensions: &[("CacheClusterId", Own("cluster_id"))],
        why: "The cache throws keys away to make room, and the database will feel it",
        ..COUNT
    },
    Rule {
        slug: "queue-age",
        kind: "aws_sqs_queue",
        applies: |s| s.node.get("redrive_policy").is_some(),
        namespace: "AWS/SQS",
        metric: "ApproximateAgeOfOldestMessage",
        statistic: "Maximum",
        threshold: |_| Some(600.0),
        most: 1_209_600.0,
        unit: "s",
        words: "Seconds",
        missing: "notBreaching",
        dimensions: &[("QueueName", Own("name"))],
        why: "Messages wait too long: readers are too slow, too few or gone",
        ..PERCENT
    },
    Rule {
        slug: "queue-dead-letters",
        kind: "aws_sqs_queue",
        applies: |s| s.node.get("redrive_policy").is_none(),
        namespace: "AWS/SQS",
        metric: "ApproximateNumberOfMessagesVisible",
        statistic: "Maximum",
        unit: "messages",
        dimensions: &[("QueueName", Own("name"))],
        why: "Messages could not be handled and wait for somebody to look at them",
        ..COUNT
    },
    Rule {
        slug: "topic-failures",
        kind: "aws_sns_topic",
        applies: |s| s.node.address.component != "monitoring",
        namespace: "AWS/SNS",
        metric: "NumberOfNotificationsFailed",
        unit: "messages",
        dimensions: &[("TopicName", Own("name"))],
        why: "The topic could not deliver messages to a subscriber",
        ..COUNT
    },
    Rule {
        slug: "rabbitmq-cpu",
        kind: "aws_mq_broker",
        namespace: "AWS/AmazonMQ",
        metric: "SystemCpuUtilization",
        dimensions: &[("Broker", Own("broker_name"))],
        why: "The broker is short of CPU and publishers will be slowed down",
        ..PERCENT
    },
    Rule {
        slug: "kafka-disk",
        kind: "aws_msk_cluster",
        namespace: "AWS/Kafka",
        metric: "KafkaDataLogsDiskUsed",
        dimensions: &[("Cluster Name", Own("cluster_name")), ("Broker ID", Number)],
        members: Some(|node| whole(node, "number_of_broker_nodes")),
        why: "A broker's disk fills up, and a full broker stops",
        ..PERCENT
    },
    Rule {
        slug: "kafka-offline-partitions",
        kind: "aws_msk_cluster",
        namespace: "AWS/Kafka",
        metric: "OfflinePartitionsCount",
        statistic: "Maximum",
        unit: "partitions",
        dimensions: &[("Cluster Name", Own("cluster_name"))],
        why: "Partitions have no leader and can be neither read nor written",
        ..COUNT
    },
    Rule {
        slug: "search-red",
        kind: "aws_opensearch_domain",
        namespace: "AWS/ES",
        metric: "ClusterStatus.red",
        statistic: "Maximum",
        dimensions: DOMAIN,
        why: "A primary shard is missing and part of the data cannot be found",
        ..COUNT
    },
    Rule {
        slug: "search-storage",
        kind: "aws_opensearch_domain",
        namespace: "AWS/ES",
        metric: "FreeStorageSpace",
        statistic: "Minimum",
        threshold: |s| Some((search_gib(s.node)? * 1024.0 * 0.2).round()),
        unit: "MiB",
        words: "Mebibytes",
        dimensions: DOMAIN,
        why: "Storage of a node runs out, and the domain will refuse writes",
        ..AMOUNT
    },
    Rule {
        slug: "search-cpu",
        kind: "aws_opensearch_domain",
        namespace: "AWS/ES",
        dimensions: DOMAIN,
        why: "The search domain is short of CPU and queries will slow down",
        ..PERCENT
    },
    Rule {
        slug: "search-heap",
        kind: "aws_opensearch_domain",
        namespace: "AWS/ES",
        metric: "JVMMemoryPressure",
        statistic: "Maximum",
        threshold: |_| Some(92.0),
        dimensions: DOMAIN,
        why: "The search domain's heap is nearly full and nodes may fail",
        ..PERCENT
    },
    Rule {
        slug: "balancer-errors",
        kind: "aws_lb",
        namespace: "AWS/ApplicationELB",
        metric: "HTTPCode_ELB_5XX_Count",
        threshold: |_| Some(10.0),
        unit: "responses",
        dimensions: &[("LoadBalancer", Own("arn_suffix"))],
        why: "The load balancer answers with errors of its own: no target took the request",
        ..COUNT
    },
    Rule {
        slug: "service-errors",
        kind: "aws_lb_target_group",
        namespace: "AWS/ApplicationELB",
        metric: "HTTPCode_Target_5XX_Count",
        share_of: Some("RequestCount"),
        periods: 2,
        threshold: |s| Some(error_share(s)),
        missing: "notBreaching",
        dimensions: TARGETS,
        why: "The service fails too many of its requests",
        ..PERCENT
    },
    Rule {
        slug: "service-latency",
        kind: "aws_lb_target_group",
        applies: |s| latency(s).is_some(),
        namespace: "AWS/ApplicationELB",
        metric: "TargetResponseTime",
        statistic: "p95",
        threshold: latency,
        most: 4000.0,
        unit: "s",
        words: "Seconds",
        missing: "notBreaching",
        dimensions: TARGETS,
        why: "The service answers slower than its objective",
        ..PERCENT
    },
    Rule {
        slug: "service-unhealthy",
        kind: "aws_lb_target_group",
        applies: |s| s.node.get("target_type").and_then(ir::Value::text).as_deref() != Some("lambda"),
        namespace: "AWS/ApplicationELB",
        metric: "UnHealthyHostCount",
        statistic: "Maximum",
        period: 60,
        periods: 5,
        unit: "targets",
        dimensions: TARGETS,
        why: "A copy of the service does not answer its health check",
        ..COUNT
    },
    Rule {
        slug: "tasks-cpu",
        kind: "aws_ecs_service",
        namespace: "AWS/ECS",
        threshold: |_| Some(90.0),
        dimensions: SERVICE,
        why: "Tasks are short of CPU although the autoscaler had time to add some",
        ..PERCENT
    },
    Rule {
        slug: "tasks-memory",
        kind: "aws_ecs_service",
        namespace: "AWS/ECS",
        metric: "MemoryUtilization",
        threshold: |_| Some(90.0),
        dimensions: SERVICE,
        why: "Tasks are short of memory and will be killed",
        ..PERCENT
    },
    Rule {
        slug: "tasks-running",
        kind: "aws_ecs_service",
        applies: |s| s.task_metrics,
        namespace: "ECS/ContainerInsights",
        metric: "RunningTaskCount",
        statistic: "Minimum",
        period: 60,
        periods: 5,
        direction: Below,
        threshold: |s| match &s.service?.compute {
            Compute::Containers(design) => Some(f64::from(design.min)),
            _ => None,
        },
        most: 10_000.0,
        unit: "tasks",
        words: "Tasks",
        missing: "breaching",
        dimensions: SERVICE,
        why: "Fewer tasks run than the service needs",
        ..PERCENT
    },
    Rule {
        slug: "function-errors",
        kind: "aws_lambda_function",
        namespace: "AWS/Lambda",
        metric: "Errors",
        share_of: Some("Invocations"),
        periods: 2,
        threshold: |s| Some(error_share(s)),
        missing: "notBreaching",
        dimensions: &[("FunctionName", Own("function_name"))],
        why: "The function fails too many of its calls",
        ..PERCENT
    },
    Rule {
        slug: "function-throttles",
        kind: "aws_lambda_function",
        namespace: "AWS/Lambda",
        metric: "Throttles",
        unit: "calls",
        dimensions: &[("FunctionName", Own("function_name"))],
        why: "Calls of the function are refused because too many run at once",
        ..COUNT
    },
    Rule {
        slug: "site-errors",
        kind: "aws_cloudfront_distribution",
        namespace: "AWS/CloudFront",
        metric: "5xxErrorRate",
        periods: 2,
        threshold: |_| Some(1.0),
        missing: "notBreaching",
        dimensions: &[("DistributionId", Own("id")), ("Region", Text("Global"))],
        global: true,
        why: "Visitors of the site get errors",
        ..PERCENT
    },
    Rule {
        slug: "egress-ports",
        kind: "aws_nat_gateway",
        namespace: "AWS/NATGateway",
        metric: "ErrorPortAllocation",
        unit: "connections",
        dimensions: &[("NatGatewayId", Own("id"))],
        why: "Connections to the internet fail because the gateway has no port left for them",
        ..COUNT
    },
    Rule {
        slug: "telemetry-lost",
        kind: "aws_prometheus_workspace",
        // Tasks that come and go leave it silent in between.
        applies: |s| s.node.usage.get("samples").is_some_and(|samples| *samples > 0.0),
        namespace: "AWS/Usage",
        metric: "ResourceCount",
        direction: Below,
        threshold: |_| Some(0.01),
        most: 1e9,
        unit: "samples a second",
        words: "Samples a second",
        missing: "breaching",
        dimensions: &[
            ("Type", Text("Resource")),
            ("Service", Text("Prometheus")),
            ("Resource", Text("IngestionRate")),
            ("ResourceId", Own("id")),
            ("Class", Text("None")),
        ],
        why: "No service reports anything any more, so no rule about services can ring",
        ..PERCENT
    },
];

fn number(node: &Node, attr: &str) -> Option<f64> {
    node.get(attr)?.as_f64()
}

/// A whole number that an attribute holds; 0 when it holds none.
fn whole(node: &Node, attr: &str) -> u32 {
    // The cast saturates: an absurd count stays absurd and does not wrap.
    number(node, attr).map_or(0, |n| n.max(0.0) as u32)
}

fn cache_members(node: &Node) -> u32 {
    whole(node, "num_cache_clusters")
}

fn search_gib(node: &Node) -> Option<f64> {
    node.block("ebs_options")?.get("volume_size")?.as_f64()
}

/// Bytes of memory of the machine that a node runs on.
fn memory(node: &Node, family: &str) -> Option<f64> {
    let class = node.get("instance_class")?.text()?;
    let machine = catalog::machines(family).iter().find(|m| m.name == class)?;
    Some(machine.memory_gib * GIB)
}

/// A tenth of the machine's memory.
fn free_memory(node: &Node, family: &str) -> Option<f64> {
    Some((memory(node, family)? * 0.1).round())
}

/// Four fifths of the connections that RDS allows by default: one for so many bytes of memory, as its default
/// parameter groups compute it (`max_connections`).
fn connections(node: &Node) -> Option<f64> {
    let (bytes, most) = match node.get("engine")?.text()?.as_str() {
        "mysql" => (12_582_880.0, 16_000.0),
        _ => (9_531_392.0, 5_000.0),
    };
    Some(((memory(node, "rds")? / bytes).min(most) * 0.8).round())
}

/// Percent of failures that, kept up, uses two days of a 30-day objective in three hours and a third: 14.4 times
/// the objective's budget. Five percent without an objective.
fn error_share(subject: &Subject) -> f64 {
    let objective = subject.service.and_then(|s| s.slo).and_then(|slo| slo.availability);
    let share = objective.map_or(5.0, |a| (1.0 - a.0) * 100.0 * 14.4);
    (share * 100.0).round().clamp(1.0, 10_000.0) / 100.0
}

fn latency(subject: &Subject) -> Option<f64> {
    subject.service?.slo?.latency_seconds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alarms_are_told_apart_by_their_names() {
        for (place, rule) in RULES.iter().enumerate() {
            assert!(catalog::kind(rule.kind).is_some(), "{}", rule.slug);
            assert!(!rule.why.is_empty() && !rule.why.ends_with('.'), "{}", rule.slug);
            assert!(!rule.dimensions.is_empty(), "{}", rule.slug);
            for other in RULES.iter().skip(place + 1) {
                let clash = |a: &str, b: &str| a == b || b.starts_with(&format!("{a}-"));
                assert!(!clash(rule.slug, other.slug) && !clash(other.slug, rule.slug), "{}", rule.slug);
            }
        }
    }
}
