//! Every alert of the application, in one list.
//!
//! Rules, documents and runbooks are printed from it, so that none of them can know an alert that the others
//! do not. Alerts on metrics come from the objectives; alarms of the cloud are read from the graph, whoever
//! put them there. It must not know how an alert is written down.

use std::collections::BTreeSet;

use design::telemetry::{PAGES, TICKETS};
use ir::{Address, Node, Stack, Value};

use crate::document::runbooks;
use crate::{Context, observability};

/// Who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Somebody now, at any hour.
    Page,
    /// Somebody in working hours.
    Ticket,
}

impl Severity {
    /// As labels and documents write it.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Page => PAGES.severity,
            Severity::Ticket => TICKETS.severity,
        }
    }
}

/// One alert.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// Its name where it rings.
    pub name: String,
    /// Who is told.
    pub severity: Severity,
    /// The environment it watches; `None`: all of them.
    pub environment: Option<String>,
    /// The service or component it watches.
    pub subject: String,
    /// What it means, without a full stop.
    pub meaning: String,
    /// From where on it rings, in words.
    pub threshold: String,
    /// Slug of its runbook.
    pub runbook: String,
    /// Where it rings.
    pub rings: Rings,
}

/// Where an alert rings.
#[derive(Clone, Debug, PartialEq)]
pub enum Rings {
    /// In Prometheus.
    Prometheus(PrometheusRule),
    /// In the cloud, through this node of the environment's graph.
    Cloud(Address),
}

/// A rule of Prometheus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrometheusRule {
    /// What must hold.
    pub expr: String,
    /// For how long, minutes.
    pub hold_minutes: u32,
    /// A label that tells alerts of one name apart.
    pub label: Option<(&'static str, &'static str)>,
    /// The service; `None` for alerts about the watching itself.
    pub service: Option<String>,
    /// Whether it rests on probes from outside, which run beside a Prometheus of one's own only.
    pub probed: bool,
}

/// Every alert: those of Prometheus where it is asked for, then those of the cloud, stack by stack.
#[must_use]
pub fn alerts(context: &Context<'_>) -> Vec<Alert> {
    let mut all = Vec::new();
    if observability::prometheus_wanted(context) {
        if let Some(environment) = observability::reference(context.blueprint) {
            all.extend(observability::rules::watches(environment).into_iter().flat_map(|watch| watch.alerts));
        }
        if observability::collector_wanted(context) {
            all.extend(observability::rules::of_the_watch());
        }
    }
    for stack in context.stacks {
        all.extend(cloud(context, stack));
    }
    all
}

/// A kind of the cloud that tells somebody something.
struct Telling {
    kind: &'static str,
    name: &'static str,
    /// Whether this node does; some kinds have other uses too.
    tells: fn(&Stack, &Node) -> bool,
    threshold: fn(&Node) -> String,
    runbook: fn(&Node) -> String,
}

static TELLING: &[Telling] = &[
    Telling {
        kind: "aws_cloudwatch_metric_alarm",
        name: "alarm_name",
        tells: |_, _| true,
        threshold: compared,
        runbook: named,
    },
    Telling {
        kind: "aws_cloudwatch_composite_alarm",
        name: "alarm_name",
        tells: |_, _| true,
        threshold: |node| {
            node.get("alarm_rule").and_then(Value::text).unwrap_or("other alarms together".into())
        },
        runbook: named,
    },
    Telling {
        kind: "aws_cloudwatch_event_rule",
        name: "name",
        tells: |stack, node| targets(stack, node).any(mentions_topic),
        threshold: |node| text(node, "description").unwrap_or("an event of the cloud".into()),
        runbook: |node| node.address.name.replace('_', "-"),
    },
    Telling {
        kind: "aws_scheduler_schedule",
        name: "name",
        tells: |_, node| mentions_topic(node),
        threshold: |node| text(node, "schedule_expression").map_or("on a schedule".into(), |e| scheduled(&e)),
        runbook: |_| "secret-rotation".to_owned(),
    },
    Telling {
        kind: "aws_budgets_budget",
        name: "name",
        tells: |_, node| !node.blocks("notification").is_empty(),
        threshold: budgeted,
        runbook: |_| "budget".to_owned(),
    },
];

fn cloud(context: &Context<'_>, stack: &Stack) -> Vec<Alert> {
    let critical = context.blueprint.environments.get(&stack.name).is_some_and(|e| e.critical);
    let alert = |node: &Node| {
        let how = TELLING.iter().find(|t| t.kind == node.kind().as_str() && (t.tells)(stack, node))?;
        let asked = (how.runbook)(node);
        // An alarm that somebody else wrote has a page too.
        let runbook = runbooks::find(&asked).map_or(runbooks::ANY_ALARM, |(slug, _)| slug.slug).to_owned();
        let pages = critical && runbooks::find(&runbook).is_some_and(|(slug, _)| slug.pages);
        Some(Alert {
            name: text(node, how.name).unwrap_or_else(|| node.address.to_string()),
            severity: if pages { Severity::Page } else { Severity::Ticket },
            environment: Some(stack.name.clone()),
            subject: node.address.component.clone(),
            meaning: node.purpose.clone(),
            threshold: (how.threshold)(node),
            runbook,
            rings: Rings::Cloud(node.address.clone()),
        })
    };
    let mut names = BTreeSet::new();
    stack
        .graph
        .nodes()
        .filter_map(alert)
        .filter(|a| names.insert((a.name.clone(), a.subject.clone())))
        .collect()
}

fn text(node: &Node, attr: &str) -> Option<String> {
    node.get(attr).and_then(Value::text)
}

/// The slug that the alarm's description ends with, or else the node's own name.
fn named(node: &Node) -> String {
    let written = text(node, "alarm_description")
        .and_then(|d| d.rsplit_once("Runbook: ").map(|(_, slug)| slug.trim().to_owned()));
    written.unwrap_or_else(|| node.address.name.replace('_', "-"))
}

/// `above 80 for 3 of 3 times 5m`.
fn compared(node: &Node) -> String {
    let number = |attr: &str| node.get(attr).and_then(Value::as_f64);
    let operator = text(node, "comparison_operator").unwrap_or_default();
    let side = match operator.as_str() {
        "GreaterThanOrEqualToThreshold" => "at or above",
        "LessThanThreshold" => "below",
        "LessThanOrEqualToThreshold" => "at or below",
        "GreaterThanThreshold" => "above",
        _ => "outside of",
    };
    let bound = number("threshold").map_or("what is usual".to_owned(), |bound| amount(node, bound));
    let metric = text(node, "metric_name").or_else(|| expression_label(node));
    let metric = metric.map_or(String::new(), |m| format!("{m} "));
    let period = number("period").or_else(|| expression_period(node));
    let times = match (number("evaluation_periods"), period) {
        (Some(n), Some(p)) => format!(" for {}", spec::yaml::units::print_duration(n * p)),
        _ => String::new(),
    };
    format!("{metric}{side} {bound}{times}")
}

/// Metrics of databases that count bytes. OpenSearch has one of the same name that counts megabytes.
const BYTES: &[&str] = &["FreeStorageSpace", "FreeableMemory", "FreeLocalStorage"];

/// A threshold as people say it: bytes as MiB or GiB, everything else as it is.
fn amount(node: &Node, bound: f64) -> String {
    let database = matches!(text(node, "namespace").as_deref(), Some("AWS/RDS" | "AWS/DocDB"));
    let bytes = database && text(node, "metric_name").is_some_and(|m| BYTES.contains(&m.as_str()));
    if !bytes {
        return spec::yaml::units::trim(bound);
    }
    let mib = bound / f64::from(1 << 20);
    if mib < 1024.0 {
        return format!("{mib:.0} MiB");
    }
    format!("{} GiB", spec::yaml::units::trim((mib / 102.4).round() / 10.0))
}

/// `every 90 days` of `rate(90 days)`; other expressions as they are.
fn scheduled(expression: &str) -> String {
    let rate = expression.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')'));
    rate.map_or_else(|| expression.to_owned(), |rate| format!("every {rate}"))
}

fn expression_label(node: &Node) -> Option<String> {
    node.blocks("metric_query").iter().find_map(|q| q.get("label").and_then(Value::text))
}

fn expression_period(node: &Node) -> Option<f64> {
    let metric = |q: &Value| q.get("metric")?.as_list()?.first()?.get("period")?.as_f64();
    node.blocks("metric_query").iter().find_map(metric)
}

fn budgeted(node: &Node) -> String {
    let amount = text(node, "limit_amount").unwrap_or("the budget".into());
    let shares: BTreeSet<String> = node
        .blocks("notification")
        .iter()
        .filter_map(|n| {
            let kind = n.get("notification_type").and_then(Value::text)?.to_lowercase();
            let unit = n.get("threshold_type").and_then(Value::text);
            let unit = if unit.as_deref() == Some("PERCENTAGE") { "%" } else { "USD" };
            Some(format!("{kind} above {} {unit}", n.get("threshold").and_then(Value::text)?))
        })
        .collect();
    format!("of {amount} USD a month: {}", shares.into_iter().collect::<Vec<_>>().join(", "))
}

/// The targets of an event rule.
fn targets<'a>(stack: &'a Stack, rule: &'a Node) -> impl Iterator<Item = &'a Node> {
    stack.graph.of_kind("aws_cloudwatch_event_target").filter(|t| t.dependencies().contains(&rule.address))
}

fn mentions_topic(node: &Node) -> bool {
    node.dependencies().iter().any(|to| to.kind.as_str() == "aws_sns_topic")
}
