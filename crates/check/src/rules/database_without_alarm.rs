//! Every data store has an alarm.

use ir::Address;

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "database-without-alarm",
    title: "Nobody is told when the database is in trouble",
    level: Level::Medium,
    category: Category::Operability,
    confidence: Confidence::High,
    kinds: &["aws_db_instance", "aws_rds_cluster", "aws_docdb_cluster", "aws_elasticache_replication_group"],
    frameworks: &[(NIST, "SI-4"), (WELL_ARCHITECTED, "REL06")],
    check,
    doc: include_str!("database_without_alarm.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    let mut unclear = None;
    for alarm in s.index.of_kind("aws_cloudwatch_metric_alarm") {
        match watches(s, alarm) {
            Ok(true) => return vec![Verdict::Pass],
            Ok(false) => {}
            Err(reason) => unclear = Some(reason),
        }
    }
    vec![unclear.map_or_else(|| Verdict::missing("no alarm watches it"), Verdict::CannotTell)]
}

/// Whether an alarm refers to the store or an instance of it, or names it in a dimension as foreign code does.
fn watches(s: &Subject<'_>, alarm: &Node) -> Result<bool, String> {
    let names = ["identifier", "cluster_identifier", "replication_group_id"];
    let own: Vec<String> = names.iter().filter_map(|name| s.at(name).text("").ok()).collect();
    let is_own = |text: &str| {
        own.iter().any(|name| {
            // Members of a replication group are called after it: `cache-001`.
            let rest = text.strip_prefix(name.as_str());
            !name.is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        })
    };
    let (mut found, mut unclear) = (false, None);
    for value in ["dimensions", "metric_query"].iter().filter_map(|name| alarm.get(name)) {
        value.walk(&mut |part| match part {
            Value::Ref(r) => match is_part(s, &r.to) {
                Ok(is) => found |= is,
                Err(reason) => unclear = Some(reason),
            },
            Value::Str(text) => found |= is_own(text),
            Value::Unknown(reason) => unclear = Some(reason.clone()),
            _ => {}
        });
    }
    match unclear {
        Some(reason) if !found => Err(reason),
        _ => Ok(found),
    }
}

/// Whether an address is the store, or an instance of the cluster that the store is.
fn is_part(s: &Subject<'_>, address: &Address) -> Result<bool, String> {
    if *address == s.node.address || !s.node.kind().as_str().ends_with("_cluster") {
        return Ok(*address == s.node.address);
    }
    match s.index.stack.graph.get(address).and_then(|n| n.get("cluster_identifier")) {
        Some(Value::Ref(cluster)) => Ok(cluster.to == s.node.address),
        Some(Value::Unknown(reason)) => Err(reason.clone()),
        _ => Ok(false),
    }
}
