//! `observability/grafana/`: one dashboard a service, and the files that load it.
//!
//! Panels answer in the order a person on call asks: is it used, does it fail, is it slow, how fast does the
//! budget burn, what is it short of. Ids and places are computed, so that a second run gives the same bytes.
//! It must not know when an alert rings, only which lines to draw.

use design::signals::Signal;
use design::{Compute, EnvironmentDesign};
use ir::Bundle;
use serde_json::{Value, json};

use super::promql::{Match, by, number, over};
use super::rules::Watch;
use super::signal::{LAST_SUCCESS, events, failed, metric, of, total};
use super::slo::{BURNS, Objective, Promise};
use super::stack::Stack;
use super::{dashboard_uid, prometheus_wanted, yaml};
use crate::Context;

/// The dashboard format that the panels are written for; newer editions of Grafana migrate it when it loads.
const SCHEMA_VERSION: u32 = 39;
/// Width and height of a panel; two fill a row of 24.
const WIDTH: usize = 12;
const HEIGHT: usize = 8;
const FOLDER: &str = "observability/grafana";

/// A panel before it has its place.
struct Panel {
    title: String,
    why: &'static str,
    unit: &'static str,
    queries: Vec<(String, String)>,
    /// Where a line is drawn.
    limit: Option<f64>,
}

/// The files.
pub fn write(context: &Context<'_>, watches: &[Watch], stack: &Stack, bundle: &mut Bundle) {
    let Some(environment) = super::reference(context.blueprint) else { return };
    for watch in watches {
        let dashboard = dashboard(context, environment, watch);
        let text = serde_json::to_string_pretty(&dashboard).expect("a tree of plain values prints");
        bundle.add(format!("{FOLDER}/dashboards/{}.json", watch.service), format!("{text}\n"));
    }
    let source = json!({
        "apiVersion": 1,
        "datasources": [{
            "name": "Prometheus",
            "uid": "prometheus",
            "type": "prometheus",
            "access": "proxy",
            "url": format!("http://{}", stack.address("prometheus", 9090)),
            "isDefault": true,
        }],
    });
    if prometheus_wanted(context) {
        bundle.add(format!("{FOLDER}/provisioning/datasources/prometheus.yaml"), yaml(&source));
    }
    let provider = json!({
        "apiVersion": 1,
        "providers": [{
            "name": context.blueprint.name,
            "folder": context.blueprint.name,
            "type": "file",
            "allowUiUpdates": false,
            "options": { "path": "/var/lib/grafana/dashboards" },
        }],
    });
    bundle.add(format!("{FOLDER}/provisioning/dashboards/{}.yaml", context.blueprint.name), yaml(&provider));
}

fn dashboard(context: &Context<'_>, environment: &EnvironmentDesign, watch: &Watch) -> Value {
    let application = &context.blueprint.name;
    let panels: Vec<Value> = panels(environment, watch)
        .into_iter()
        .enumerate()
        .map(|(place, panel)| placed(place, panel))
        .collect();
    json!({
        "uid": dashboard_uid(application, &watch.service),
        "title": format!("{application} / {}", watch.service),
        "tags": [application, "service"],
        "timezone": "utc",
        "editable": true,
        "graphTooltip": 1,
        "schemaVersion": SCHEMA_VERSION,
        "version": 1,
        "refresh": "30s",
        "time": { "from": "now-6h", "to": "now" },
        "templating": { "list": variables() },
        "annotations": { "list": [] },
        "links": logs(context, environment, &watch.service),
        "panels": panels,
    })
}

fn variables() -> Value {
    json!([
        {
            "name": "datasource",
            "label": "Data source",
            "type": "datasource",
            "query": "prometheus",
            "hide": 0,
        },
        {
            "name": "environment",
            "label": "Environment",
            "type": "query",
            "datasource": source(),
            "query": {
                "query": "label_values(deployment_environment_name)",
                "refId": "environment",
            },
            "refresh": 2,
            "sort": 1,
            "hide": 0,
        },
    ])
}

fn source() -> Value {
    json!({ "type": "prometheus", "uid": "${datasource}" })
}

/// Links to the groups that hold the service's logs, as the stacks name them.
fn logs(context: &Context<'_>, environment: &EnvironmentDesign, service: &str) -> Value {
    let place = crate::place::Place::of_part(context, environment, service);
    let Some(group) = place.log_group() else { return json!([]) };
    let region = place.region();
    // The console's own way to carry a slash in the fragment of an address.
    let escaped = group.replace('$', "$2524").replace('/', "$252F");
    json!([{
        "title": format!("Logs of {service} in {}", environment.name),
        "type": "link",
        "icon": "doc",
        "tags": [],
        "asDropdown": false,
        "includeVars": false,
        "keepTime": false,
        "targetBlank": true,
        "tooltip": group,
        "url": format!("https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#logsV2:log-groups/log-group/{escaped}"),
    }])
}

fn placed(place: usize, panel: Panel) -> Value {
    let steps = match panel.limit {
        Some(limit) => json!([{ "color": "green", "value": null }, { "color": "red", "value": limit }]),
        None => json!([{ "color": "green", "value": null }]),
    };
    let style = if panel.limit.is_some() { "line" } else { "off" };
    let targets: Vec<Value> = panel
        .queries
        .iter()
        .zip('A'..='Z')
        .map(|((legend, expr), id)| {
            json!({
                "refId": id.to_string(),
                "datasource": source(),
                "expr": expr,
                "legendFormat": legend,
                "range": true,
            })
        })
        .collect();
    json!({
        "id": place + 1,
        "type": "timeseries",
        "title": panel.title,
        "description": panel.why,
        "datasource": source(),
        "gridPos": { "x": place % 2 * WIDTH, "y": place / 2 * HEIGHT, "w": WIDTH, "h": HEIGHT },
        "fieldConfig": {
            "defaults": {
                "unit": panel.unit,
                "min": 0,
                "custom": { "lineWidth": 1, "fillOpacity": 10, "thresholdsStyle": { "mode": style } },
                "thresholds": { "mode": "absolute", "steps": steps },
            },
            "overrides": [],
        },
        "options": {
            "legend": { "displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": [] },
            "tooltip": { "mode": "multi", "sort": "desc" },
        },
        "targets": targets,
    })
}

fn panels(environment: &EnvironmentDesign, watch: &Watch) -> Vec<Panel> {
    let mut panels = Vec::new();
    for signal in &watch.signals {
        panels.push(traffic(&watch.service, *signal));
        panels.push(failures(watch, *signal));
        panels.extend(latency(watch, *signal));
    }
    for objective in &watch.objectives {
        panels.push(burn(objective));
        panels.push(left(objective));
    }
    panels.extend(saturation(environment, &watch.service));
    panels
}

fn traffic(service: &str, signal: Signal) -> Panel {
    let events = events(signal);
    let unit = if signal == Signal::Probe { "short" } else { "reqps" };
    Panel {
        title: format!("Traffic: {events}"),
        why: "Whether it is used as much as it usually is",
        unit,
        queries: vec![(events.to_owned(), here(&total(signal, service, "$__rate_interval")))],
        limit: None,
    }
}

fn failures(watch: &Watch, signal: Signal) -> Panel {
    let promised = watch.objectives.iter().find(|o| o.signal == signal && o.promise == Promise::Availability);
    let window = "$__rate_interval";
    let share =
        super::promql::share(&failed(signal, &watch.service, window), &total(signal, &watch.service, window));
    Panel {
        title: format!("Errors: share of {}", events(signal)),
        why: "Whether it fails; the line is what the objective allows",
        unit: "percentunit",
        queries: vec![("failed".to_owned(), here(&share))],
        limit: promised.map(Objective::budget),
    }
}

fn latency(watch: &Watch, signal: Signal) -> Option<Panel> {
    let bucket = format!("{}_bucket", metric(signal)?.histogram);
    let series = of(&bucket, &watch.service, &[ENVIRONMENT]);
    let speed = over("rate", &series, "$__rate_interval");
    let promised = watch.objectives.iter().filter(|o| o.signal == signal).find_map(|o| match o.promise {
        Promise::Latency(seconds) => Some((o.share, seconds)),
        Promise::Availability => None,
    });
    let mut quantiles = vec![0.5, 0.95, 0.99];
    quantiles.extend(promised.map(|(share, _)| share).filter(|share| !quantiles.contains(share)));
    quantiles.sort_by(f64::total_cmp);
    let query = |quantile: f64| {
        let name = format!("p{}", number(quantile * 100.0));
        (name, format!("histogram_quantile({}, sum by (le) ({speed}))", number(quantile)))
    };
    Some(Panel {
        title: format!("Latency of {}", events(signal)),
        why: "Whether it is slow; the line is the objective",
        unit: "s",
        queries: quantiles.into_iter().map(query).collect(),
        limit: promised.map(|(_, seconds)| seconds),
    })
}

fn burn(objective: &Objective) -> Panel {
    // Without a budget there is no speed at which it burns: the share itself is shown.
    let budget = if objective.budget() > 0.0 { objective.budget() } else { 1.0 };
    let windows = ["5m", "1h", "6h", "3d"];
    let query = |window: &str| {
        let recorded = of(&objective.record(window), &objective.service, &[ENVIRONMENT]);
        (window.to_owned(), format!("{recorded} / {}", number(budget)))
    };
    Panel {
        title: format!("Burn rate: {}", objective.words()),
        why: "At 1 the month's error budget lasts exactly the month; the line is where somebody is paged",
        unit: "none",
        queries: windows.map(query).to_vec(),
        limit: objective.burns().first().map(|burn| burn.factor).or(Some(BURNS[0].factor)),
    }
}

fn left(objective: &Objective) -> Panel {
    let recorded = of(&objective.record("30d"), &objective.service, &[ENVIRONMENT]);
    let budget = if objective.budget() > 0.0 { objective.budget() } else { 1.0 };
    Panel {
        title: format!("Error budget left: {}", objective.words()),
        why: "What may still go wrong within these 30 days",
        unit: "percentunit",
        queries: vec![("left".to_owned(), format!("1 - {recorded} / {}", number(budget)))],
        limit: None,
    }
}

/// What the service is short of, against what it was given.
fn saturation(environment: &EnvironmentDesign, service: &str) -> Vec<Panel> {
    let Some(design) = environment.services.get(service) else { return Vec::new() };
    let (cores, mebibytes) = match &design.compute {
        Compute::Containers(f) => (Some(f64::from(f.size.cpu) / 1024.0), f.size.memory_mib),
        Compute::ScheduledTask { size, .. } | Compute::OneShot { size } => {
            (Some(f64::from(size.cpu) / 1024.0), size.memory_mib)
        }
        Compute::Function(function) => (None, function.memory_mib),
        Compute::StaticSite { .. } => return Vec::new(),
    };
    let cpu =
        over("rate", &of("process_cpu_time_seconds_total", service, &[ENVIRONMENT]), "$__rate_interval");
    let mut panels = vec![
        Panel {
            title: "CPU of a copy".to_owned(),
            why: "Busiest copy, in vCPU; the line is what a copy has",
            unit: "none",
            queries: vec![("busiest".to_owned(), format!("max(sum by (service_instance_id) ({cpu}))"))],
            limit: cores,
        },
        Panel {
            title: "Memory of a copy".to_owned(),
            why: "Largest copy; at the line it is killed",
            unit: "bytes",
            queries: vec![(
                "largest".to_owned(),
                format!("max({})", of("process_memory_usage_bytes", service, &[ENVIRONMENT])),
            )],
            limit: Some(f64::from(mebibytes) * 1024.0 * 1024.0),
        },
    ];
    if matches!(design.compute, Compute::ScheduledTask { .. }) {
        let last = by("max", &over("last_over_time", &of(LAST_SUCCESS, service, &[ENVIRONMENT]), "7d"));
        panels.push(Panel {
            title: "Time since the last success".to_owned(),
            why: "Grows until a run succeeds",
            unit: "s",
            queries: vec![("since".to_owned(), format!("time() - {last}"))],
            limit: None,
        });
    }
    panels
}

/// The chosen environment.
const ENVIRONMENT: (&str, Match, &str) = ("deployment_environment_name", Match::Is, "$environment");

/// Narrows an expression that keeps the environment to the chosen one.
fn here(expression: &str) -> String {
    format!(
        "({expression}) and on (deployment_environment_name) label_replace(vector(1), \"deployment_environment_name\", \"$environment\", \"\", \"\")"
    )
}
