//! Who is told, about what, and what they see.
//!
//! One channel of the environment mails the owner; alerts are made by walking the finished graph with the table of
//! rules, in the component they watch, so that a module carries its own alerts and thresholds and nothing that was built
//! can be forgotten. It must not know why a part was built.

use std::collections::BTreeMap;

use catalog::google::{
    monitoring_alert_policy as alert, monitoring_dashboard as dashboard,
    monitoring_notification_channel as channel,
};
use indexmap::IndexMap;
use ir::key::Handle;
use ir::{Address, Block, Node, NodeBuilder, Ref, Step, Value};

use super::alert_rules::{Named, RULES, Rule};
use super::env::{matching, number};
use super::{Env, budget};
use crate::AlarmInfo;
use crate::names::join;

const COMPONENT: &str = "monitoring";
/// Columns of a dashboard, and how wide and high one graph is.
const GRID: (i64, i64, i64) = (12, 6, 4);

/// The channel, the alerts, the dashboard and the budget.
pub(crate) fn lower(env: &mut Env) {
    env.component(COMPONENT, "monitoring", "Alerts, a dashboard and who is told");
    let channel = channel(env);
    let watched = alerts(env, channel.as_ref());
    if env.design.monitoring.dashboard {
        show(env, &watched);
    }
    budget::lower(env, channel.as_ref());
}

fn channel(env: &mut Env) -> Option<Handle<channel::M>> {
    let owner = env.blueprint.owner.clone()?;
    let decl = matching("Address that is told about alerts.", r"^[^@\s]+@[^@\s]+$", "an e-mail address");
    let owner = env.input(COMPONENT, "owner", decl, owner);
    let name = env.name("owner");
    Some(
        env.add(
            NodeBuilder::new(COMPONENT, channel::KIND, "this")
                .set(channel::DISPLAY_NAME, name)
                .set(channel::TYPE, "email")
                .set(channel::LABELS, Value::map([("email_address", owner)]))
                .purpose("Mails the owner about every alert"),
        ),
    )
}

/// One series that is watched, for the dashboard.
struct Watched {
    rule: &'static Rule,
    component: String,
    filter: Value,
}

/// One alert for each rule and node that fit together.
fn alerts(env: &mut Env, channel: Option<&Handle<channel::M>>) -> Vec<Watched> {
    let mut planned: Vec<(&'static Rule, Address)> = Vec::new();
    for node in env.graph.nodes() {
        let fits = |rule: &&Rule| rule.kind == node.kind().as_str() && (rule.applies)(node);
        planned.extend(RULES.iter().filter(fits).map(|rule| (rule, node.address.clone())));
    }
    planned.into_iter().map(|(rule, address)| add(env, channel, rule, &address)).collect()
}

fn add(
    env: &mut Env,
    channel: Option<&Handle<channel::M>>,
    rule: &'static Rule,
    address: &Address,
) -> Watched {
    let component = address.component.as_str();
    let slug = rule.slug.replace('-', "_");
    let ordinary = ["this", "dead_letter"].contains(&address.name.as_str());
    let node = if ordinary { slug } else { format!("{slug}_{}", address.name) };
    let mut suffix = format!("{component}-{}", rule.slug);
    for more in [(!ordinary).then(|| address.name.clone()), address.key.clone()].into_iter().flatten() {
        suffix = format!("{suffix}-{more}");
    }
    // The number is the metric's own, so that no arithmetic stands in a module: a percent is a hundredth.
    let (words, most) = match rule.unit {
        "%" => (format!("Share, from 0 to 1, above which {} rings.", rule.slug), 1.0),
        _ => (format!("{} above which {} rings.", rule.words, rule.slug), 1e9),
    };
    let threshold = whole(rule.threshold * rule.scale);
    let threshold = env.input(component, &format!("{node}_threshold"), number(words, 0.0, most), threshold);
    let filter = filter(env, rule, address, rule.only);
    use alert::conditions::{self, condition_threshold as over};
    let mut condition = Block::new()
        .set(over::FILTER, filter.clone())
        .set(over::COMPARISON, "COMPARISON_GT")
        .set(over::DURATION, format!("{}s", rule.duration))
        .set(over::THRESHOLD_VALUE, threshold)
        .block(over::AGGREGATIONS, {
            use over::aggregations as by;
            Block::new()
                .set(by::ALIGNMENT_PERIOD, format!("{}s", rule.period))
                .set(by::PER_SERIES_ALIGNER, rule.align)
                .set_opt(by::CROSS_SERIES_REDUCER, rule.reduce)
        });
    if rule.share {
        let whole = self::filter(env, rule, address, None);
        use over::denominator_aggregations as by;
        condition = condition.set(over::DENOMINATOR_FILTER, whole).block(
            over::DENOMINATOR_AGGREGATIONS,
            Block::new()
                .set(by::ALIGNMENT_PERIOD, format!("{}s", rule.period))
                .set(by::PER_SERIES_ALIGNER, rule.align)
                .set_opt(by::CROSS_SERIES_REDUCER, rule.reduce),
        );
    }
    let name = env.name(&suffix);
    let mut builder = NodeBuilder::new(component, alert::KIND, &node);
    if let Some(key) = &address.key {
        builder = builder.key(key.as_str());
    }
    if let Some(channel) = channel {
        let channels = Value::List(vec![channel.get(channel::ID)]);
        builder = builder.set(alert::NOTIFICATION_CHANNELS, channels);
    }
    let block = Block::new()
        .set(conditions::DISPLAY_NAME, rule.words)
        .block(conditions::CONDITION_THRESHOLD, condition);
    env.add(
        builder
            .set(alert::DISPLAY_NAME, name)
            .set(alert::COMBINER, "OR")
            .block(alert::CONDITIONS, block)
            .block(
                alert::DOCUMENTATION,
                Block::new()
                    .set(alert::documentation::CONTENT, format!("{}. Runbook: {}", rule.why, rule.slug))
                    .set(alert::documentation::MIME_TYPE, "text/markdown"),
            )
            .purpose(rule.why),
    );
    Watched { rule, component: component.to_owned(), filter }
}

/// Which series a rule looks at.
fn filter(env: &mut Env, rule: &Rule, address: &Address, only: Option<(&str, &str)>) -> Value {
    let attribute =
        |name: &str| Value::Ref(Ref { to: address.clone(), path: vec![Step::Attr(name.to_owned())] });
    let (resource, label) = rule.resource;
    let begin = format!(
        "metric.type=\"{}\" AND resource.type=\"{resource}\" AND resource.labels.{label}=\"",
        rule.metric
    );
    let name = match rule.named {
        Named::Own(name) => vec![attribute(name)],
        Named::InProject => vec![env.project(&address.component), ":".into(), attribute("name")],
    };
    let end = match only {
        Some((label, value)) => format!("\" AND metric.labels.{label}=\"{value}\""),
        None => "\"".to_owned(),
    };
    join([Value::from(begin)].into_iter().chain(name).chain([Value::from(end)]))
}

/// Whole numbers are written without a fraction.
fn whole(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        Value::Int(number as i64)
    } else {
        Value::Float(number)
    }
}

/// One graph a component, in the order the components were built, two in a row.
fn show(env: &mut Env, watched: &[Watched]) {
    let mut components: IndexMap<&str, Vec<&Watched>> = IndexMap::new();
    for one in watched {
        components.entry(&one.component).or_default().push(one);
    }
    let tiles: Vec<Value> =
        components.iter().enumerate().map(|(place, (name, series))| tile(place, name, series)).collect();
    let name = env.name("");
    let body = Value::map([
        ("displayName", name),
        ("mosaicLayout", Value::map([("columns", Value::from(GRID.0)), ("tiles", Value::List(tiles))])),
    ]);
    env.add(
        NodeBuilder::new(COMPONENT, dashboard::KIND, "this")
            .set(dashboard::DASHBOARD_JSON, Value::json(body))
            .purpose("Shows what the alerts watch, one graph a component"),
    );
}

fn tile(place: usize, component: &str, watched: &[&Watched]) -> Value {
    let (columns, width, height) = GRID;
    let place = i64::try_from(place).expect("a dashboard holds a few hundred graphs");
    let a_row = columns / width;
    let set = |one: &&Watched| {
        let mut aggregation: BTreeMap<&str, Value> = BTreeMap::new();
        aggregation.insert("alignmentPeriod", format!("{}s", one.rule.period).into());
        aggregation.insert("perSeriesAligner", one.rule.align.into());
        if let Some(reduce) = one.rule.reduce {
            aggregation.insert("crossSeriesReducer", reduce.into());
        }
        let series = Value::map([("filter", one.filter.clone()), ("aggregation", Value::map(aggregation))]);
        Value::map([
            ("legendTemplate", Value::from(one.rule.slug)),
            ("plotType", "LINE".into()),
            ("timeSeriesQuery", Value::map([("timeSeriesFilter", series)])),
        ])
    };
    let chart = Value::map([("dataSets", Value::List(watched.iter().map(set).collect()))]);
    Value::map([
        ("xPos", Value::from(place % a_row * width)),
        ("yPos", (place / a_row * height).into()),
        ("width", width.into()),
        ("height", height.into()),
        ("widget", Value::map([("title", Value::from(component)), ("xyChart", chart)])),
    ])
}

/// What documents say about an alert; `None` for a node that is none.
pub(crate) fn describe(node: &Node) -> Option<AlarmInfo> {
    if *node.kind() != alert::KIND {
        return None;
    }
    let named = |rule: &&Rule| {
        let rest = node.address.name.strip_prefix(rule.slug.replace('-', "_").as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    };
    let rule = RULES.iter().find(named)?;
    let condition = node.block(alert::CONDITIONS.name)?.get(alert::conditions::CONDITION_THRESHOLD.name)?;
    let condition = condition.as_list()?.first()?;
    let value = condition.get(alert::conditions::condition_threshold::THRESHOLD_VALUE.name)?.as_f64()?;
    Some(AlarmInfo {
        name: node.get(alert::DISPLAY_NAME.name).and_then(Value::text).unwrap_or_default(),
        component: node.address.component.clone(),
        metric: rule.metric.to_owned(),
        threshold: format!("above {} {}", value / rule.scale, rule.unit).trim_end().to_owned(),
        why: rule.why.to_owned(),
        runbook_slug: rule.slug.to_owned(),
    })
}
