//! Somebody on call finds one picture.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "dashboard-missing",
    title: "There is no picture of the running system",
    level: Level::Low,
    category: Category::Operability,
    confidence: Confidence::High,
    kinds: &["aws_ecs_cluster"],
    frameworks: &[(WELL_ARCHITECTED, "OPS08")],
    check,
    doc: include_str!("dashboard_missing.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    let found = s.all.iter().any(|index| !index.of_kind("aws_cloudwatch_dashboard").is_empty());
    let elsewhere = s.all.iter().any(|index| !index.of_kind("aws_prometheus_workspace").is_empty());
    vec![if found || elsewhere { Verdict::Pass } else { Verdict::missing("no dashboard shows the cluster") }]
}
