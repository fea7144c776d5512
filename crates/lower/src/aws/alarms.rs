//! Alarms on every managed part.
//!
//! What is watched is a table: a kind of resource, a metric, and from which value on somebody must act. Alarms
//! are made by walking the finished graph with that table, in the component they watch, so that a module
//! carries its own alarms and thresholds. It must not know why a part was built.

use std::collections::BTreeMap;

use catalog::aws::{cloudwatch_metric_alarm as alarm, sns_topic};
use design::ServiceDesign;
use ir::{Address, Block, Node, NodeBuilder, Ref, Step, Value};

use super::Env;
use super::alarm_rules::{Direction, RULES, Rule, Source};
use super::env::number;
use super::monitoring::{GLOBAL_REGION, Topics};
use super::store::join;
use crate::AlarmInfo;

/// What documents say about an alarm; `None` for a node that is none.
pub(crate) fn describe(node: &Node) -> Option<AlarmInfo> {
    if *node.kind() != alarm::KIND {
        return None;
    }
    let rule = RULES.iter().find(|rule| {
        let name = rule.slug.replace('-', "_");
        let rest = node.address.name.strip_prefix(&name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    });
    let text = |attr: &str| node.get(attr).and_then(Value::text).unwrap_or_default();
    let below = text(alarm::COMPARISON_OPERATOR.name).starts_with("LessThan");
    let threshold = node.get(alarm::THRESHOLD.name).and_then(Value::as_f64).unwrap_or_default();
    let unit = rule.map_or("", |r| r.unit);
    let direction = if below { "below" } else { "above" };
    Some(AlarmInfo {
        name: text(alarm::ALARM_NAME.name),
        component: node.address.component.clone(),
        metric: rule.map_or_else(|| text(alarm::METRIC_NAME.name), |r| r.metric.to_owned()),
        threshold: format!("{direction} {threshold} {unit}").trim_end().to_owned(),
        why: node.purpose.clone(),
        runbook_slug: rule.map_or_else(|| node.address.name.replace('_', "-"), |r| r.slug.to_owned()),
    })
}

/// A metric that is watched; what a dashboard draws.
pub(crate) struct Watched {
    /// The component it belongs to.
    pub component: String,
    /// Such as `AWS/RDS`.
    pub namespace: &'static str,
    /// Such as `CPUUtilization`.
    pub metric: &'static str,
    /// Such as `Average` or `p95`.
    pub statistic: &'static str,
    /// Which part of the namespace.
    pub dimensions: Vec<(&'static str, Value)>,
    /// Whether it is a share of a hundred.
    pub percent: bool,
    /// Whether it is kept in the region of global services.
    pub global: bool,
}

/// What a rule may look at to find its threshold.
pub(crate) struct Subject<'s> {
    /// The watched node.
    pub node: &'s Node,
    /// The service it belongs to, if it belongs to one.
    pub service: Option<&'s ServiceDesign>,
    /// Whether tasks report metrics of their own.
    pub task_metrics: bool,
}

/// One alarm for each rule and node that fit together.
pub(crate) fn lower_alarms(env: &mut Env, topics: &Topics) -> Vec<Watched> {
    let design = env.design;
    let services: BTreeMap<String, &ServiceDesign> =
        design.services.iter().map(|(name, service)| (env.service_component(name), service)).collect();
    let balancer = env.graph.of_kind("aws_lb").next().map(|node| node.address.clone());
    let mut planned = Vec::new();
    for node in env.graph.nodes() {
        let subject = Subject {
            node,
            service: services.get(&node.address.component).copied(),
            task_metrics: design.monitoring.task_metrics,
        };
        for rule in RULES.iter().filter(|r| r.kind == node.kind().as_str() && (r.applies)(&subject)) {
            let Some(threshold) = (rule.threshold)(&subject) else { continue };
            planned.extend(plan(rule, node, threshold, balancer.as_ref()));
        }
    }
    planned.into_iter().map(|alarm| add(env, topics, alarm)).collect()
}

struct Planned {
    rule: &'static Rule,
    component: String,
    node: String,
    suffix: String,
    key: Option<String>,
    threshold: f64,
    dimensions: Vec<(&'static str, Option<Value>)>,
}

/// The alarms of one rule on one node: one, or one for each numbered member.
fn plan(rule: &'static Rule, node: &Node, threshold: f64, balancer: Option<&Address>) -> Vec<Planned> {
    let members = rule.members.map(|count| count(node));
    let numbers: Vec<Option<u32>> = members.map_or_else(|| vec![None], |n| (1..=n).map(Some).collect());
    let address = &node.address;
    let slug = rule.slug.replace('-', "_");
    let main = address.name == "this";
    let name = if main { slug } else { format!("{slug}_{}", address.name) };
    numbers
        .into_iter()
        .filter_map(|member| {
            let key = member.map(|n| member_key(rule, n)).or_else(|| address.key.clone());
            // A component that is called as the rule begins is named once.
            let mut suffix = match rule.slug.strip_prefix(address.component.as_str()) {
                Some(rest) if rest.starts_with('-') => rule.slug.to_owned(),
                _ => format!("{}-{}", address.component, rule.slug),
            };
            for more in [(!main).then(|| address.name.clone()), key.clone()].into_iter().flatten() {
                suffix = format!("{suffix}-{more}");
            }
            let dimensions = rule
                .dimensions
                .iter()
                .map(|(name, source)| Some((*name, dimension(source, node, member, balancer)?)))
                .collect::<Option<Vec<_>>>()?;
            Some(Planned {
                rule,
                component: address.component.clone(),
                node: name.clone(),
                suffix,
                key,
                threshold,
                dimensions,
            })
        })
        .collect()
}

/// A member as its own name ends, where it has one.
fn member_key(rule: &Rule, member: u32) -> String {
    let named = rule.dimensions.iter().any(|(_, source)| matches!(source, Source::Member(_)));
    if named { format!("{member:03}") } else { member.to_string() }
}

/// The value of a dimension: `None` inside for the account, which only the environment can read; `None` when
/// the graph does not hold what it takes.
#[allow(clippy::option_option, reason = "the outer one is absence, the inner one is the account")]
fn dimension(
    source: &Source,
    node: &Node,
    member: Option<u32>,
    balancer: Option<&Address>,
) -> Option<Option<Value>> {
    let attribute = |address: &Address, name: &str| {
        Value::Ref(Ref { to: address.clone(), path: vec![Step::Attr(name.to_owned())] })
    };
    Some(Some(match source {
        Source::Own(name) => attribute(&node.address, name),
        Source::Same(name) => match node.get(name)? {
            reference @ Value::Ref(_) => reference.clone(),
            _ => return None,
        },
        Source::Member(name) => join([attribute(&node.address, name), format!("-{:03}", member?).into()]),
        Source::Number => member?.to_string().into(),
        Source::Balancer => attribute(balancer?, "arn_suffix"),
        Source::Text(text) => (*text).into(),
        Source::Account => return Some(None),
    }))
}

fn add(env: &mut Env, topics: &Topics, planned: Planned) -> Watched {
    let Planned { rule, component, node, suffix, key, threshold, dimensions } = planned;
    let dimensions: Vec<(&'static str, Value)> = dimensions
        .into_iter()
        .map(|(name, value)| (name, value.unwrap_or_else(|| env.account(&component))))
        .collect();
    let decl = number(format!("{} from which {} rings.", rule.words, rule.slug), 0.0, rule.most);
    let threshold = env.input(&component, &format!("{node}_threshold"), decl, plain(threshold));
    let topic = if rule.global { &topics.global } else { &topics.home };
    let notify = || vec![topic.get(sns_topic::ARN)];
    let mut builder = NodeBuilder::new(&component, alarm::KIND, &node);
    if let Some(key) = key {
        builder = builder.key(key);
    }
    if rule.global && env.blueprint.region != GLOBAL_REGION {
        builder = builder.region(GLOBAL_REGION);
    }
    let comparison = match rule.direction {
        Direction::Above => "GreaterThanThreshold",
        Direction::Below => "LessThanThreshold",
    };
    builder = builder
        .set(alarm::ALARM_NAME, env.name(&suffix))
        .set(alarm::ALARM_DESCRIPTION, format!("{}. Runbook: {}", rule.why, rule.slug));
    builder = match rule.share_of {
        None => builder
            .set(alarm::NAMESPACE, rule.namespace)
            .set(alarm::METRIC_NAME, rule.metric)
            .set(alarm::DIMENSIONS, Value::map(dimensions.clone()))
            .set(statistic_key(rule.statistic), rule.statistic)
            .set(alarm::PERIOD, rule.period),
        Some(whole) => share(builder, rule, whole, &dimensions),
    };
    env.add(
        builder
            .set(alarm::EVALUATION_PERIODS, rule.periods)
            .set(alarm::DATAPOINTS_TO_ALARM, rule.periods)
            .set(alarm::COMPARISON_OPERATOR, comparison)
            .set(alarm::THRESHOLD, threshold)
            .set(alarm::TREAT_MISSING_DATA, rule.missing)
            .set(alarm::ALARM_ACTIONS, notify())
            .set(alarm::OK_ACTIONS, notify())
            .purpose(rule.why),
    );
    Watched {
        component,
        namespace: rule.namespace,
        metric: rule.metric,
        statistic: rule.statistic,
        dimensions,
        percent: rule.unit == "%" && rule.share_of.is_none(),
        global: rule.global,
    }
}

/// Percentiles go by another attribute than averages and sums.
fn statistic_key(statistic: &str) -> ir::Attr<alarm::M> {
    if statistic.starts_with('p') { alarm::EXTENDED_STATISTIC } else { alarm::STATISTIC }
}

/// The metric as a share of another, in percent.
fn share(
    builder: NodeBuilder<alarm::M>,
    rule: &Rule,
    whole: &'static str,
    dimensions: &[(&'static str, Value)],
) -> NodeBuilder<alarm::M> {
    use alarm::metric_query::{self as query, metric};
    let expression = Block::new()
        .set(query::ID, "share")
        // No requests are no failures.
        .set(query::EXPRESSION, "IF(whole > 0, 100 * part / whole, 0)")
        .set(query::LABEL, format!("{} of {whole}, percent", rule.metric))
        .set(query::RETURN_DATA, true);
    let mut builder = builder.block(alarm::METRIC_QUERY, expression);
    for (id, name) in [("part", rule.metric), ("whole", whole)] {
        let source = Block::new()
            .set(metric::NAMESPACE, rule.namespace)
            .set(metric::METRIC_NAME, name)
            .set(metric::DIMENSIONS, Value::map(dimensions.to_vec()))
            .set(metric::PERIOD, rule.period)
            .set(metric::STAT, "Sum");
        builder =
            builder.block(alarm::METRIC_QUERY, Block::new().set(query::ID, id).block(query::METRIC, source));
    }
    builder
}

/// Whole numbers are written without a fraction.
fn plain(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        Value::Int(number as i64)
    } else {
        Value::Float(number)
    }
}
