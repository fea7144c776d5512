//! `observability/prometheus/`: what is scraped and probed, what is computed from it, and tests of the alerts.
//!
//! One file of rules a service, so that a change of one service touches one file. It must not know when an
//! alert rings: that is said in `rules`.

use std::collections::{BTreeMap, BTreeSet};

use design::signals::Signal;
use design::telemetry::rules_path;
use ir::{Bundle, File, Ownership};
use serde::Serialize;
use serde_json::{Value, json};

use super::rules::Watch;
use super::signal::reached;
use super::slo::ROUND_SECONDS;
use super::stack::Stack;
use super::{COLLECTOR_JOB, dashboard_path, rule_tests, runbook_path, yaml};
use crate::Context;
use crate::alerts::{Alert, Rings};

const FOLDER: &str = "observability/prometheus";
/// Probes that ask for a page.
const HTTP: &str = "http_2xx";
/// Probes that open a connection.
const TLS: &str = "tls_connect";

#[derive(Serialize)]
struct RuleFile {
    groups: Vec<Group>,
}

#[derive(Serialize)]
struct Group {
    name: String,
    interval: String,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Rule {
    Record {
        record: String,
        expr: String,
    },
    Alert {
        alert: String,
        expr: String,
        #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
        hold: Option<String>,
        labels: BTreeMap<&'static str, String>,
        annotations: BTreeMap<&'static str, String>,
    },
}

/// The files.
pub fn write(
    context: &Context<'_>,
    watches: &[Watch],
    platform: &[Alert],
    stack: &Stack,
    bundle: &mut Bundle,
) {
    let application = &context.blueprint.name;
    let mut files = Vec::new();
    let mut add = |path: String, text: String| {
        files.extend(path.strip_prefix(FOLDER).map(|name| name.trim_start_matches('/').to_owned()));
        bundle.add(path, text);
    };
    for watch in watches {
        for probed in [false, true] {
            let rules = rules(application, watch, probed);
            if !rules.is_empty() {
                add(path(&watch.service, probed), yaml(&one_group(&watch.service, rules)));
            }
        }
    }
    if !platform.is_empty() {
        let rules = platform.iter().filter_map(|alert| alert_rule(application, alert)).collect();
        // No service begins with an underscore.
        add(format!("{FOLDER}/rules/_platform.yml"), yaml(&one_group("platform", rules)));
    }
    for watch in watches {
        if let Some(test) = rule_tests::of(application, watch) {
            let probed = watch.objectives.iter().any(|o| o.signal == Signal::Probe);
            let rules = path(&watch.service, probed);
            bundle.add(format!("{}.test.yml", rules.trim_end_matches(".yml")), yaml(&test));
        }
    }
    let probed = probes(context, bundle);
    bundle.add(format!("{FOLDER}/prometheus.yml"), yaml(&configuration(context, &files, &probed, stack)));
    if !probed.is_empty() {
        bundle.add(format!("{FOLDER}/blackbox.yml"), yaml(&blackbox(&probed)));
    }
}

/// Where the rules of a service are: those about what it reports hold wherever its metrics go, those about probes only
/// where probes run.
fn path(service: &str, probed: bool) -> String {
    if probed { format!("{FOLDER}/rules/probes/{service}.yml") } else { rules_path(service) }
}

fn rules(application: &str, watch: &Watch, probed: bool) -> Vec<Rule> {
    let recordings = watch.recordings.iter().filter(|r| r.probed == probed);
    let recorded = recordings.map(|r| Rule::Record { record: r.record.clone(), expr: r.expr.clone() });
    let alerts =
        watch.alerts.iter().filter(|a| matches!(&a.rings, Rings::Prometheus(r) if r.probed == probed));
    recorded.chain(alerts.filter_map(|alert| alert_rule(application, alert))).collect()
}

/// One group: alerts see what was recorded in the same round.
fn one_group(name: &str, rules: Vec<Rule>) -> RuleFile {
    let interval = format!("{ROUND_SECONDS}s");
    RuleFile { groups: vec![Group { name: name.to_owned(), interval, rules }] }
}

fn alert_rule(application: &str, alert: &Alert) -> Option<Rule> {
    let Rings::Prometheus(rule) = &alert.rings else { return None };
    Some(Rule::Alert {
        alert: alert.name.clone(),
        expr: rule.expr.clone(),
        hold: (rule.hold_minutes > 0).then(|| format!("{}m", rule.hold_minutes)),
        labels: labels(alert),
        annotations: annotations(application, alert, "{{ $labels.deployment_environment_name }}"),
    })
}

/// Labels that a rule adds to its alert.
pub fn labels(alert: &Alert) -> BTreeMap<&'static str, String> {
    let mut labels = BTreeMap::from([("severity", alert.severity.word().to_owned())]);
    if let Rings::Prometheus(rule) = &alert.rings {
        labels.extend(rule.label.map(|(name, value)| (name, value.to_owned())));
    }
    labels
}

/// What a person reads first. `environment` is its name, or what Prometheus puts in its place.
pub fn annotations(application: &str, alert: &Alert, environment: &str) -> BTreeMap<&'static str, String> {
    let mut words = BTreeMap::from([
        ("summary", format!("{application} {environment}: {} {}", alert.subject, heading(&alert.name))),
        ("description", format!("{}. Threshold: {}.", alert.meaning, alert.threshold)),
        ("runbook_url", runbook_path(&alert.runbook)),
    ]);
    if let Rings::Prometheus(rule) = &alert.rings {
        words.extend(rule.service.as_ref().map(|s| ("dashboard", dashboard_path(application, s))));
    }
    words
}

/// `AvailabilityBudgetBurn` as words.
fn heading(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

fn configuration(
    context: &Context<'_>,
    rules: &[String],
    probed: &BTreeSet<&'static str>,
    stack: &Stack,
) -> Value {
    let mut jobs = vec![json!({
        "job_name": "prometheus",
        "static_configs": [{ "targets": ["localhost:9090"] }],
    })];
    if super::collector_wanted(context) {
        jobs.push(json!({
            "job_name": COLLECTOR_JOB,
            // The services' own labels stay as they are.
            "honor_labels": true,
            "static_configs": [{ "targets": [stack.address("collector", 8889)] }],
        }));
    } else {
        jobs.extend(direct(context));
    }
    jobs.extend(probed.iter().map(|module| probe_job(module, stack)));
    json!({
        "global": {
            "scrape_interval": "15s",
            "evaluation_interval": "30s",
            "external_labels": { "application": context.blueprint.name },
        },
        "alerting": {
            "alertmanagers": [{ "static_configs": [{ "targets": [stack.address("alertmanager", 9093)] }] }],
        },
        "rule_files": rules,
        "scrape_configs": jobs,
    })
}

/// Without a collector every service that listens is scraped by itself, under the labels that rules expect.
fn direct(context: &Context<'_>) -> Vec<Value> {
    let Some(environment) = super::reference(context.blueprint) else { return Vec::new() };
    let listening = environment.services.iter().filter_map(|(name, s)| Some((name, s.port?)));
    listening
        .map(|(name, port)| {
            json!({
                "job_name": name,
                "static_configs": [{
                    "targets": [format!("{name}:{port}")],
                    "labels": { "service_name": name, "deployment_environment_name": super::LOCAL },
                }],
            })
        })
        .collect()
}

fn probe_job(module: &str, stack: &Stack) -> Value {
    json!({
        "job_name": format!("probe-{module}"),
        "metrics_path": "/probe",
        "params": { "module": [module] },
        "file_sd_configs": [{ "files": [format!("targets/{module}/*.yml")] }],
        "relabel_configs": [
            { "source_labels": ["__address__"], "target_label": "__param_target" },
            { "source_labels": ["__param_target"], "target_label": "instance" },
            { "target_label": "__address__", "replacement": stack.address("blackbox", 9115) },
        ],
    })
}

/// One file of targets for each service that the internet reaches, by the module that probes it; the modules
/// used. Addresses that only the cloud knows are left to be filled in, in files that are not written again.
fn probes(context: &Context<'_>, bundle: &mut Bundle) -> BTreeSet<&'static str> {
    let mut modules = BTreeSet::new();
    let mut targets: BTreeMap<String, (Vec<Value>, bool)> = BTreeMap::new();
    let reference = super::reference(context.blueprint).map(|e| e.name.as_str());
    for environment in context.blueprint.environments.values() {
        for (name, service) in environment.services.iter().filter(|(_, s)| reached(s)) {
            let module = if service.protocol == spec::Protocol::Grpc { TLS } else { HTTP };
            modules.insert(module);
            // A spec has one host a service: it belongs to the environment that people depend on.
            let host = service.public.as_ref().and_then(|p| p.host.as_ref());
            let host = host.filter(|_| reference == Some(environment.name.as_str()));
            let path = service.health.as_deref().unwrap_or("/");
            let address = host.map(|host| match module {
                TLS => format!("{host}:443"),
                _ => format!("https://{host}{path}"),
            });
            let known = address.is_some();
            let entry = json!({
                "targets": address.into_iter().collect::<Vec<_>>(),
                "labels": { "service_name": name, "deployment_environment_name": environment.name },
            });
            let file = targets.entry(format!("{FOLDER}/targets/{module}/{name}.yml")).or_default();
            file.0.push(entry);
            file.1 |= !known;
        }
    }
    for (path, (entries, open)) in targets {
        let ownership = if open { Ownership::Scaffold } else { Ownership::Generated };
        bundle.add_file(path, File { text: yaml(&entries), executable: false, ownership });
    }
    modules
}

fn blackbox(modules: &BTreeSet<&'static str>) -> Value {
    let module = |name: &&'static str| {
        let how = match *name {
            // gRPC answers no plain request: that the port speaks TLS is what can be seen from outside.
            TLS => json!({
                "prober": "tcp",
                "timeout": "10s",
                "tcp": { "preferred_ip_protocol": "ip4", "tls": true },
            }),
            _ => json!({
                "prober": "http",
                "timeout": "10s",
                "http": { "preferred_ip_protocol": "ip4", "follow_redirects": true },
            }),
        };
        ((*name).to_owned(), how)
    };
    json!({ "modules": modules.iter().map(module).collect::<serde_json::Map<_, _>>() })
}
