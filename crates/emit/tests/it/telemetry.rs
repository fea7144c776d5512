//! What runs in the cloud is what the bundle holds: files that stacks read, rules that can be judged there, and a
//! collector that forwards what they read.

use std::collections::BTreeSet;

use design::signals::Signal;
use emit::observability::signal::{INSTRUMENTS, PROBE, metric};
use ir::{Bundle, Value};
use serde_json::Value as Json;

use crate::bundles::{Application, all, bundle, example};

/// Components of the collector that AWS builds, as its own list of defaults names them (pkg/defaultcomponents of
/// aws-otel-collector, read 2026-11-23), and of those only what every release since 0.30 has.
const BUILT_IN: &[(&str, &[&str])] = &[
    ("receivers", &["otlp", "prometheus", "statsd", "awsxray", "zipkin", "jaeger", "awsecscontainermetrics"]),
    (
        "processors",
        &[
            "attributes",
            "batch",
            "cumulativetodelta",
            "deltatorate",
            "filter",
            "groupbytrace",
            "memory_limiter",
            "metricstransform",
            "probabilistic_sampler",
            "resource",
            "resourcedetection",
            "span",
            "tail_sampling",
        ],
    ),
    ("exporters", &["awsxray", "awsemf", "otlp", "otlphttp", "prometheus", "prometheusremotewrite", "file"]),
    ("extensions", &["awsproxy", "ecs_observer", "health_check", "pprof", "sigv4auth", "zpages"]),
];

/// The path of every file that a value of any stack takes its text from.
fn files_read(application: &Application) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for node in application.stacks.iter().flat_map(|s| s.graph.nodes()) {
        for value in node.attrs.values() {
            value.walk(&mut |v| {
                if let Value::File(path) = v {
                    found.insert(path.clone());
                }
            });
        }
    }
    found
}

fn read(files: &Bundle, path: &str) -> Json {
    let text = &files.get(path).unwrap_or_else(|| panic!("nothing writes {path}")).text;
    serde_saphyr::from_str(text).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn collector(application: &Application) -> Option<Json> {
    let path = design::telemetry::COLLECTOR_PATH;
    files_read(application).contains(path).then(|| read(&bundle(application).0, path))
}

#[test]
fn every_file_that_a_stack_reads_is_written_and_every_such_file_is_read() {
    let mut some = 0;
    for application in all().iter().chain([&example()]) {
        let (files, _) = bundle(application);
        let read = files_read(application);
        for path in &read {
            assert!(files.get(path).is_some(), "{}: nothing writes {path}", application.name);
        }
        some += read.len();
        let wanted = |path: &str| {
            let rules = path.strip_prefix("observability/prometheus/rules/").is_some_and(|name| {
                !name.contains('/') && !name.starts_with('_') && !name.ends_with(".test.yml")
            });
            rules || path == design::telemetry::COLLECTOR_PATH
        };
        let collected = application.blueprint.environments.values().all(|e| {
            e.telemetry.is_some_and(|t| t.rules) && e.services.values().all(design::telemetry::collectable)
        });
        for (path, _) in files.iter().filter(|(path, _)| collected && wanted(path)) {
            assert!(read.contains(path), "{}: no stack reads {path}", application.name);
        }
    }
    assert!(some > 10, "only {some} files are read at all");
}

#[test]
fn rules_in_the_cloud_rest_on_what_collectors_forward() {
    // A metric begins with its instrument's name; recorded series are made of others.
    let known: BTreeSet<String> = INSTRUMENTS.iter().map(|i| i.name.replace('.', "_")).collect();
    for application in all().iter().chain([&example()]) {
        let (files, _) = bundle(application);
        let rules = files_read(application);
        for path in rules.iter().filter(|p| p.contains("/rules/")) {
            let file = read(&files, path);
            let mut recorded = BTreeSet::new();
            let groups = file["groups"].as_array().expect("groups");
            for rule in groups.iter().filter_map(|g| g["rules"].as_array()).flatten() {
                let expr = rule["expr"].as_str().expect("an expression");
                for series in series(expr) {
                    let forwarded = known.iter().any(|k| series.starts_with(k.as_str()));
                    assert!(forwarded || recorded.contains(&series), "{path}: {series} in {expr}");
                }
                recorded.extend(rule["record"].as_str().map(str::to_owned));
            }
        }
    }
    for signal in [Signal::Http, Signal::Rpc, Signal::Messages] {
        let metric = metric(signal).expect("is counted by the service");
        let instrument = INSTRUMENTS.iter().find(|i| i.name == metric.instrument).expect("is forwarded");
        let attribute = metric.label.replace('_', ".");
        let kept = instrument.attributes.iter().any(|a| a.replace('_', ".") == attribute);
        assert!(kept, "{}: {} is merged away", metric.instrument, metric.label);
    }
}

/// Names before a `{` in an expression: every selector has one, because every rule names its service.
fn series(expr: &str) -> Vec<String> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    expr.match_indices('{')
        .map(|(at, _)| expr[..at].rsplit(|c| !word(c)).next().unwrap_or_default().to_owned())
        .inspect(|name| assert!(!name.is_empty() && name != PROBE, "{expr}"))
        .collect()
}

#[test]
fn the_collector_in_the_cloud_is_whole_and_small() {
    let mut seen = 0;
    for application in all().iter().chain([&example()]) {
        let Some(configuration) = collector(application) else { continue };
        seen += 1;
        let text =
            &bundle(application).0.get(design::telemetry::COLLECTOR_PATH).expect("was read").text.clone();
        assert!(text.len() <= 4096, "{}: {} bytes", application.name, text.len());
        let ty = |id: &str| id.split('/').next().unwrap_or_default().to_owned();
        let mut used: BTreeSet<(&str, String)> = BTreeSet::new();
        let service = &configuration["service"];
        let listed = |list: &Json| -> Vec<String> {
            list.as_array().into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned)).collect()
        };
        used.extend(listed(&service["extensions"]).into_iter().map(|id| ("extensions", id)));
        for pipeline in service["pipelines"].as_object().expect("pipelines").values() {
            for part in ["receivers", "processors", "exporters"] {
                used.extend(listed(&pipeline[part]).into_iter().map(|id| (part, id)));
            }
            let order = listed(&pipeline["processors"]);
            assert_eq!(order.first().map(String::as_str), Some("memory_limiter"));
            assert_eq!(order.last().map(String::as_str), Some("batch"));
        }
        let mut defined: BTreeSet<(&str, String)> = BTreeSet::new();
        for (part, known) in BUILT_IN {
            for id in configuration[*part].as_object().expect("is there").keys() {
                assert!(known.contains(&ty(id).as_str()), "{part}: the image has no {id}");
                defined.insert((part, id.clone()));
            }
        }
        assert_eq!(defined, used, "{}", application.name);
    }
    assert!(seen > 5, "only {seen} collectors");
}

#[test]
fn the_collector_is_told_every_variable_that_it_reads() {
    for application in all().iter().chain([&example()]) {
        if collector(application).is_none() {
            continue;
        }
        let (files, _) = bundle(application);
        let text = &files.get(design::telemetry::COLLECTOR_PATH).expect("was read").text;
        let read: BTreeSet<String> = text
            .split("${env:")
            .skip(1)
            .filter_map(|rest| rest.split_once('}').map(|(name, _)| name.to_owned()))
            .collect();
        let nodes = application.stacks.iter().flat_map(|s| s.graph.of_kind("aws_ecs_task_definition"));
        for node in nodes {
            let Some(Value::Json(containers)) = node.get("container_definitions") else { continue };
            for container in containers.as_list().expect("a list").iter().skip(1) {
                let pairs = container.get("environment").and_then(Value::as_list).unwrap_or_default();
                let told: BTreeSet<String> = pairs
                    .iter()
                    .filter_map(|pair| pair.get("name").and_then(Value::text))
                    .filter(|name| name != "AOT_CONFIG_CONTENT")
                    .collect();
                assert_eq!(told, read, "{}: {}", application.name, node.address);
                // A program goes on without it, and waits for no more than its start.
                assert_eq!(container.get("essential").and_then(Value::as_bool), Some(false));
            }
        }
    }
}
