//! What a change risks: data, a way back, an interruption, and who gains access.
//!
//! Which kinds hold data is the catalogue's knowledge; the tables here are about attributes and are closed
//! lists: what is not listed is taken to be harmless in place, and a replacement never is.

use std::collections::BTreeSet;

use check::setting::Setting;
use check::{network, policy};
use ir::{Graph, Node, Value};

use crate::plan::Action;

/// Attributes whose change cannot be taken back: the provider refuses the way down.
static ONE_WAY: &[&str] = &["engine_version", "allocated_storage", "storage_encrypted", "kafka_version"];

/// Attributes whose change restarts the machine behind a kind.
static RESTARTS: &[(&str, &str)] = &[
    ("aws_db_instance", "instance_class"),
    ("aws_db_instance", "engine_version"),
    ("aws_db_instance", "parameter_group_name"),
    ("aws_rds_cluster", "engine_version"),
    ("aws_rds_cluster_instance", "instance_class"),
    ("aws_docdb_cluster", "engine_version"),
    ("aws_docdb_cluster_instance", "instance_class"),
    ("aws_elasticache_replication_group", "engine_version"),
    ("aws_elasticache_replication_group", "node_type"),
    ("aws_mq_broker", "engine_version"),
    ("aws_mq_broker", "host_instance_type"),
];

/// Kinds through which users' requests or the application's own traffic pass.
static SERVING: &[&str] = &[
    "aws_cloudfront_distribution",
    "aws_ecs_service",
    "aws_eip",
    "aws_internet_gateway",
    "aws_lambda_function",
    "aws_lb",
    "aws_lb_listener",
    "aws_lb_listener_rule",
    "aws_lb_target_group",
    "aws_nat_gateway",
    "aws_rds_cluster_instance",
    "aws_docdb_cluster_instance",
    "aws_route",
    "aws_route53_record",
    "aws_route53_zone",
    "aws_subnet",
    "aws_vpc",
];

/// Settings that only grow: the provider refuses or ignores less (RDS user guide and MSK developer guide, on storage,
/// 2025).
static ONLY_GROWS: &[(&str, &str)] = &[
    ("aws_db_instance", "allocated_storage"),
    ("aws_msk_cluster", "broker_node_group_info.storage_info.ebs_storage_info.volume_size"),
];

/// Kinds that hold data which no user waits for.
static BEHIND: &[&str] =
    &["aws_backup_vault", "aws_cloudwatch_log_group", "aws_ecr_repository", "aws_prometheus_workspace"];

/// Whether a node's destruction loses something that code cannot make again.
fn holds_data(node: &Node) -> bool {
    catalog::kinds::of(&node.address).is_some_and(|info| info.holds_data)
}

/// Whether data is lost.
pub(crate) fn loses_data(action: Action, node: &Node) -> bool {
    matches!(action, Action::Replace | Action::Delete) && holds_data(node)
}

/// Whether going back restores what was there.
pub(crate) fn reversible(action: Action, node: &Node, attributes: &[&str]) -> bool {
    match action {
        Action::Create => true,
        Action::Update => !attributes.iter().any(|a| ONE_WAY.contains(a)),
        Action::Replace | Action::Delete => !holds_data(node),
    }
}

/// Whether users notice.
pub(crate) fn downtime(action: Action, node: &Node, attributes: &[&str]) -> bool {
    let kind = node.kind().as_str();
    let serves = || SERVING.contains(&kind) || (holds_data(node) && !BEHIND.contains(&kind));
    match action {
        Action::Create => false,
        Action::Update => attributes.iter().any(|a| RESTARTS.contains(&(kind, *a))),
        Action::Replace => serves() && !node.lifecycle.create_before_destroy,
        Action::Delete => serves(),
    }
}

/// Whether a change in place asks for less of something that only grows.
pub(crate) fn shrinks(action: Action, former: Option<&Node>, node: &Node) -> bool {
    let Some(former) = former.filter(|_| action == Action::Update) else { return false };
    let rows = ONLY_GROWS.iter().filter(|(kind, _)| *kind == node.kind().as_str());
    rows.map(|(_, path)| *path).any(|path| {
        let size = |node: &Node| Setting::at(&node.attrs, path).number(0.0);
        matches!((size(former), size(node)), (Ok(before), Ok(after)) if after < before)
    })
}

/// Who gains access by a change: policy statements, doors of security groups and attached policies that the
/// former graph did not have. One line each, sorted.
pub(crate) fn grants(
    graph_before: Option<&Graph>,
    before: Option<&Node>,
    graph_after: Option<&Graph>,
    after: &Node,
) -> Vec<String> {
    let of = |graph: Option<&Graph>, node: Option<&Node>| match (graph, node) {
        (Some(graph), Some(node)) => access(graph, node),
        _ => BTreeSet::new(),
    };
    let old = of(graph_before, before);
    of(graph_after, Some(after)).difference(&old).cloned().collect()
}

fn access(graph: &Graph, node: &Node) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for (attribute, value) in policy::carried(node) {
        match policy::statements(graph, value) {
            Ok(statements) => out.extend(statements.iter().filter(|s| s.allow).map(statement)),
            Err(reason) => {
                out.insert(format!("what `{attribute}` allows cannot be told: {reason}"));
            }
        }
    }
    for opening in network::openings(node) {
        match opening {
            Ok(opening) if opening.ranges.is_empty() => {}
            Ok(opening) => {
                let ports = if opening.from == opening.to {
                    format!("port {}", opening.from)
                } else {
                    format!("ports {} to {}", opening.from, opening.to)
                };
                out.insert(format!("{} may reach {} {ports}", opening.ranges.join(", "), opening.protocol));
            }
            Err(reason) => {
                out.insert(format!("what may come in cannot be told: {reason}"));
            }
        }
    }
    let named = |name: &str| node.get(name).map(words);
    match node.kind().as_str() {
        "aws_vpc_security_group_ingress_rule" => {
            if let Some(group) = named("referenced_security_group_id") {
                let port = named("from_port").unwrap_or_else(|| "every port".to_owned());
                out.insert(format!("{group} may reach {port}"));
            }
        }
        "aws_iam_role_policy_attachment" => {
            if let (Some(role), Some(policy)) = (named("role"), named("policy_arn")) {
                out.insert(format!("{role} gets {policy}"));
            }
        }
        "aws_lambda_permission" => {
            if let (Some(who), Some(what)) = (named("principal"), named("function_name")) {
                out.insert(format!("{who} may call {what}"));
            }
        }
        _ => {}
    }
    out
}

fn statement(statement: &policy::Statement) -> String {
    let who: Vec<&str> = statement.principals.iter().map(|(_, name)| name.as_str()).collect();
    let what = if statement.actions.is_empty() {
        format!("everything but {}", statement.not_actions.join(", "))
    } else {
        statement.actions.join(", ")
    };
    let mut line = format!("allow {what}");
    if !statement.resources.is_empty() {
        line.push_str(&format!(" on {}", statement.resources.join(", ")));
    }
    if !who.is_empty() {
        line.push_str(&format!(" to {}", who.join(", ")));
    }
    if !statement.conditions.is_empty() {
        let keys: Vec<&str> = statement.conditions.iter().map(|(_, key, _)| key.as_str()).collect();
        line.push_str(&format!(" when {} match", keys.join(" and ")));
    }
    line
}

/// A value in words: a literal's text, a reference's address, never a secret.
fn words(value: &Value) -> String {
    value.text().unwrap_or_else(|| match value.refs().first() {
        Some(r) => r.to.to_string(),
        None => "something not known yet".to_owned(),
    })
}
