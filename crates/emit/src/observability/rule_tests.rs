//! Unit tests of the burn alerts, for `promtool test rules`.
//!
//! Each objective is tried with traffic that must page, with traffic that must not, and with traffic too thin
//! to judge. It must not know how the alerts are computed: only which of them must ring.

use std::collections::BTreeMap;

use design::signals::Signal;
use serde_json::{Value, json};

use super::prometheus::{annotations, labels};
use super::promql::number;
use super::rules::Watch;
use super::signal::{PROBE, metric};
use super::slo::{Objective, Promise, ROUND_SECONDS};
use crate::alerts::Alert;

/// Events a minute in tests where traffic is not thin.
const BUSY: f64 = 6000.0;
/// Samples, one a minute: long enough that every window has seen the same share.
const MINUTES: u32 = 400;
const ENVIRONMENT: &str = "production";

/// The test file of a service's rules; `None` without objectives.
pub fn of(application: &str, watch: &Watch) -> Option<Value> {
    let tests: Vec<Value> =
        watch.objectives.iter().flat_map(|o| of_objective(application, watch, o)).collect();
    (!tests.is_empty()).then(|| {
        json!({
            "rule_files": [format!("{}.yml", watch.service)],
            "evaluation_interval": format!("{ROUND_SECONDS}s"),
            "tests": tests,
        })
    })
}

fn of_objective(application: &str, watch: &Watch, objective: &Objective) -> Vec<Value> {
    let name = match objective.promise {
        Promise::Availability => "AvailabilityBudgetBurn",
        Promise::Latency(_) => "LatencyBudgetBurn",
    };
    let alerts: Vec<&Alert> = watch.alerts.iter().filter(|a| a.name == name).collect();
    let test = |title: &str, share: f64, busy: f64, ringing: &[&Alert]| {
        json!({
            "name": format!("{} {}: {title}", watch.service, name),
            "interval": "1m",
            "input_series": series(objective, share, busy),
            "alert_rule_test": [{
                "eval_time": format!("{MINUTES}m"),
                "alertname": name,
                "exp_alerts": ringing.iter().map(|a| expected(application, objective, a)).collect::<Vec<_>>(),
            }],
        })
    };
    let mut tests = vec![test("everything is bad", 1.0, BUSY, &alerts)];
    if objective.budget() > 0.0 {
        tests.push(test("half of the budget's speed", objective.budget() / 2.0, BUSY, &[]));
        // Between the slowest and the next threshold only the slowest pair may ring. One probe a minute is too
        // few events for that.
        if let ([.., next, slowest], Some(_)) = (objective.burns().as_slice(), metric(objective.signal)) {
            let between = f64::midpoint(objective.threshold(next), objective.threshold(slowest));
            let last: Vec<&Alert> = alerts.last().copied().into_iter().collect();
            tests.push(test("a slow burn", between, BUSY, &last));
        }
    }
    if objective.signal != Signal::Probe {
        // A handful of events in the whole test.
        tests.push(test("too few to judge", 1.0, 0.005, &[]));
    }
    tests
}

fn expected(application: &str, objective: &Objective, alert: &Alert) -> Value {
    let mut all: BTreeMap<&str, String> = labels(alert);
    all.insert("service_name", objective.service.clone());
    all.insert("deployment_environment_name", ENVIRONMENT.to_owned());
    json!({ "exp_labels": all, "exp_annotations": annotations(application, alert, ENVIRONMENT) })
}

/// Series of an objective's signal, `busy` events a minute of which a share is bad.
fn series(objective: &Objective, share: f64, busy: f64) -> Vec<Value> {
    let identity =
        format!("service_name=\"{}\",deployment_environment_name=\"{ENVIRONMENT}\"", objective.service);
    let counter = |name: &str, more: &str, step: f64| {
        json!({
            "series": format!("{name}{{{identity}{more}}}"),
            "values": format!("0+{}x{MINUTES}", number(step)),
        })
    };
    let (bad, good) = (busy * share, busy * (1.0 - share));
    match (metric(objective.signal), objective.promise) {
        (Some(metric), Promise::Availability) => {
            let count = format!("{}_count", metric.histogram);
            let label = |value: &str| format!(",{}=\"{value}\"", metric.label);
            let passed = metric.passed.map(label).unwrap_or_default();
            vec![counter(&count, &label(metric.failed), bad), counter(&count, &passed, good)]
        }
        (Some(metric), Promise::Latency(seconds)) => {
            let bucket = format!("{}_bucket", metric.histogram);
            let le = format!(",le=\"{}\"", number(seconds));
            vec![
                counter(&format!("{}_count", metric.histogram), "", busy),
                counter(&bucket, &le, good),
                counter(&bucket, ",le=\"+Inf\"", busy),
            ]
        }
        // A probe that passes for a share of the time.
        (None, _) => vec![json!({
            "series": format!("{PROBE}{{{identity}}}"),
            "values": format!("{}x{MINUTES}", number(1.0 - share)),
        })],
    }
}
