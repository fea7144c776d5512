//! The dashboard: a chart of every metric that an alarm watches.
//!
//! It is drawn from the alarms, so that what rings can be looked at. How the portal writes charts is from general
//! knowledge of exported dashboards. It must not know what is watched.

use catalog::azurerm::{monitor_metric_alert as alert, portal_dashboard as dashboard};
use ir::{Node, NodeBuilder, Value};

use super::Env;

const COMPONENT: &str = "monitoring";
/// Columns of the portal's grid that a chart takes, and its rows; three charts stand side by side.
const CHART: (i64, i64) = (6, 4);
const ACROSS: i64 = 3;
/// Milliseconds that are shown: a day.
const SHOWN: i64 = 86_400_000;

/// Adds the dashboard, where the design has one.
pub(crate) fn lower(env: &mut Env) {
    if !env.design.monitoring.dashboard {
        return;
    }
    let charts: Vec<Value> = env.graph.of_kind(alert::KIND.name).filter_map(chart).collect();
    let parts = charts.into_iter().zip(0_i64..).map(|(chart, place)| (place.to_string(), part(place, chart)));
    let lens = Value::map([("order", Value::from(0)), ("parts", Value::map(parts))]);
    let properties = Value::json(Value::map([
        ("lenses", Value::map([("0", lens)])),
        ("metadata", Value::map([("model", Value::map::<&str, Value>([]))])),
    ]));
    let (name, group, location) = (env.name(""), env.group(), env.location());
    env.add(
        NodeBuilder::new(COMPONENT, dashboard::KIND, "this")
            .set(dashboard::NAME, name)
            .set(dashboard::RESOURCE_GROUP_NAME, group)
            .set(dashboard::LOCATION, location)
            .set(dashboard::DASHBOARD_PROPERTIES, properties)
            .purpose("Shows what the alarms watch"),
    );
}

/// How the portal counts ways to make one value of many.
fn aggregation(name: &str) -> i64 {
    match name {
        "Total" => 1,
        "Minimum" => 2,
        "Maximum" => 3,
        _ => 4,
    }
}

/// What a chart draws: the metric that an alarm watches.
fn chart(node: &Node) -> Option<Value> {
    let criteria = node.block(alert::CRITERIA.name)?;
    let watched = node.get(alert::SCOPES.name)?.as_list()?.first()?.clone();
    let text = |attr: &str| criteria.get(attr).and_then(Value::text);
    let metric = text(alert::criteria::METRIC_NAME.name)?;
    let way = aggregation(&text(alert::criteria::AGGREGATION.name)?);
    let title = format!("{}: {metric}", node.address.component);
    let shown = Value::map([
        ("resourceMetadata", Value::map([("id", watched)])),
        ("name", metric.into()),
        ("namespace", text(alert::criteria::METRIC_NAMESPACE.name)?.into()),
        ("aggregationType", way.into()),
    ]);
    Some(Value::map([
        ("title", Value::from(title)),
        ("metrics", Value::List(vec![shown])),
        ("visualization", Value::map([("chartType", 2)])),
        ("timespan", Value::map([("relative", Value::map([("duration", SHOWN)]))])),
    ]))
}

/// A chart at its place on the grid.
fn part(place: i64, chart: Value) -> Value {
    let (columns, rows) = CHART;
    let position = Value::map([
        ("x", place % ACROSS * columns),
        ("y", place / ACROSS * rows),
        ("colSpan", columns),
        ("rowSpan", rows),
    ]);
    let options = Value::map([
        ("name", Value::from("options")),
        ("isOptional", true.into()),
        ("value", Value::map([("chart", chart)])),
    ]);
    let range = Value::map([("name", Value::from("sharedTimeRange")), ("isOptional", true.into())]);
    let metadata = Value::map([
        ("type", Value::from("Extension/HubsExtension/PartType/MonitorChartPart")),
        ("inputs", Value::List(vec![options, range])),
    ]);
    Value::map([("position", position), ("metadata", metadata)])
}
