//! A zone may fail without taking the database with it.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "database-multi-az",
    title: "The database lives in one zone",
    level: Level::High,
    category: Category::Reliability,
    confidence: Confidence::High,
    kinds: &["aws_db_instance", "aws_rds_cluster", "aws_docdb_cluster"],
    frameworks: &[(NIST, "CP-10"), (WELL_ARCHITECTED, "REL10")],
    check,
    doc: include_str!("database_multi_az.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    let instances = match s.node.kind().as_str() {
        "aws_db_instance" => {
            if s.must_be_set("replicate_source_db", "") == Verdict::Pass {
                return vec![Verdict::Pass];
            }
            return vec![s.must_be_true("multi_az", false, "a zone's failure takes the database down")];
        }
        "aws_rds_cluster" => "aws_rds_cluster_instance",
        _ => "aws_docdb_cluster_instance",
    };
    if s.must_be_set("db_cluster_instance_class", "") == Verdict::Pass {
        return vec![Verdict::Pass];
    }
    let members = s.index.of_kind(instances);
    let unclear = members.iter().find_map(|member| match member.get("cluster_identifier") {
        Some(Value::Unknown(reason)) => Some(reason.clone()),
        _ => None,
    });
    vec![match (s.companions(instances, "cluster_identifier", &["cluster_identifier"]), unclear) {
        (Companions::Found(found), _) if found.len() > 1 => Verdict::Pass,
        (_, Some(reason)) => Verdict::CannotTell(reason),
        _ => Verdict::missing("the cluster has fewer than two instances"),
    }]
}
