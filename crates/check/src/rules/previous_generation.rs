//! Machines are of a generation that is still developed.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "previous-generation",
    title: "The machine is of a previous generation",
    level: Level::Low,
    category: Category::Cost,
    confidence: Confidence::Medium,
    kinds: &[
        "aws_db_instance",
        "aws_rds_cluster_instance",
        "aws_docdb_cluster_instance",
        "aws_elasticache_replication_group",
        "aws_elasticache_cluster",
        "aws_mq_broker",
        "aws_instance",
        "aws_launch_template",
        "aws_opensearch_domain",
    ],
    frameworks: &[(WELL_ARCHITECTED, "COST06")],
    check,
    doc: include_str!("previous_generation.md"),
};

/// Families that have a cheaper or faster successor.
static PREVIOUS: &[&str] =
    &["t1", "t2", "m1", "m2", "m3", "m4", "c1", "c3", "c4", "r3", "r4", "i2", "d2", "g2", "p2", "cr1", "hs1"];

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    let path = [
        "instance_class",
        "node_type",
        "host_instance_type",
        "instance_type",
        "cluster_config.instance_type",
    ]
    .into_iter()
    .find(|path| s.at(path) != Setting::Unset);
    let Some(path) = path else { return Vec::new() };
    vec![s.must_read(
        path,
        "",
        "the machine's family has a successor that costs less for the same work",
        |class| !class.split('.').any(|part| PREVIOUS.contains(&part)),
    )]
}
