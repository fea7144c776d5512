//! `observability/otel/`: what the OpenTelemetry Collector takes, how it treats it, and where it goes.
//!
//! `collector.yaml` runs anywhere, once for all services; `collector.aws.yaml` runs beside every task on AWS. It
//! must not know which services report.

use serde_json::{Value, json};

use super::signal::INSTRUMENTS;

/// The configuration for anywhere.
pub fn anywhere(application: &str) -> Value {
    json!({
        "receivers": {
            "otlp": {
                "protocols": {
                    "grpc": { "endpoint": "0.0.0.0:4317" },
                    "http": { "endpoint": "0.0.0.0:4318" },
                },
            },
        },
        "processors": {
            "memory_limiter": limits(),
            "resource": { "attributes": attributes(application) },
            "batch": batch(),
        },
        "exporters": {
            "prometheus": {
                "endpoint": "0.0.0.0:8889",
                // Rules tell services and environments apart by labels that start as resource attributes.
                "resource_to_telemetry_conversion": { "enabled": true },
                "metric_expiration": "5m",
            },
            "otlp": {
                "endpoint": "${env:TRACES_ENDPOINT}",
                // Inside one network; a backend elsewhere needs TLS, which is the default without this block.
                "tls": { "insecure": true },
            },
            "debug": { "verbosity": "detailed" },
        },
        "extensions": { "health_check": { "endpoint": "0.0.0.0:13133" } },
        "service": {
            "extensions": ["health_check"],
            "telemetry": { "logs": { "level": "info", "encoding": "json" } },
            "pipelines": {
                "metrics": pipeline(&["resource"], "prometheus"),
                "traces": pipeline(&["resource"], "otlp"),
                "logs": pipeline(&["resource"], "debug"),
            },
        },
    })
}

/// The configuration beside a task on AWS. What differs from task to task is in the environment of its container;
/// credentials come from the task's role.
///
/// A workspace is paid by the sample, so only what rules and dashboards read is forwarded, and attributes that
/// they do not tell apart are merged. Two tasks must never send the same series, so each is told apart by the ARN
/// that the platform gives it.
pub fn beside_tasks(application: &str) -> Value {
    let names: Vec<&str> = INSTRUMENTS.iter().map(|i| i.name).collect();
    let merged = INSTRUMENTS.iter().map(|instrument| {
        json!({
            "include": instrument.name,
            "action": "update",
            "operations": [{
                "action": "aggregate_labels",
                "label_set": instrument.attributes,
                "aggregation_type": instrument.merged,
            }],
        })
    });
    json!({
        "receivers": {
            "otlp": { "protocols": { "http": { "endpoint": "localhost:${env:OTLP_PORT}" } } },
        },
        "processors": {
            "memory_limiter": limits(),
            "filter": { "metrics": { "include": { "match_type": "strict", "metric_names": names } } },
            "metricstransform": { "transforms": merged.collect::<Vec<_>>() },
            "resourcedetection": { "detectors": ["ecs"] },
            "resource": {
                "attributes": attributes(application).into_iter().chain([json!({
                    "key": "service.instance.id",
                    "from_attribute": "aws.ecs.task.arn",
                    "action": "upsert",
                })]).collect::<Vec<_>>(),
            },
            // Resource attributes become labels: those that say what an instance runs on say no more than which it is.
            "resource/labels": {
                "attributes": [{
                    "pattern": "^(aws|cloud|container|faas|host|k8s|os|process|telemetry|webengine)[.].*$",
                    "action": "delete",
                }],
            },
            "batch": batch(),
        },
        "exporters": {
            "prometheusremotewrite": {
                "endpoint": "${env:METRICS_ENDPOINT}",
                "auth": { "authenticator": "sigv4auth" },
                "resource_to_telemetry_conversion": { "enabled": true },
                "target_info": { "enabled": false },
            },
            "awsxray": { "region": "${env:AWS_REGION}" },
        },
        "extensions": {
            "health_check": { "endpoint": "localhost:13133" },
            "sigv4auth": { "region": "${env:AWS_REGION}", "service": "aps" },
        },
        "service": {
            "extensions": ["health_check", "sigv4auth"],
            // The task's ports belong to the program: the collector opens none to tell about itself.
            "telemetry": {
                "logs": { "level": "warn", "encoding": "json" },
                "metrics": { "level": "none" },
            },
            "pipelines": {
                "metrics": pipeline(
                    &["filter", "metricstransform", "resourcedetection", "resource", "resource/labels"],
                    "prometheusremotewrite",
                ),
                "traces": pipeline(&["resourcedetection", "resource"], "awsxray"),
            },
        },
    })
}

fn limits() -> Value {
    json!({ "check_interval": "1s", "limit_percentage": 80, "spike_limit_percentage": 20 })
}

fn batch() -> Value {
    json!({ "timeout": "5s", "send_batch_size": 1024, "send_batch_max_size": 2048 })
}

/// What every report carries besides what its service says of itself.
fn attributes(application: &str) -> [Value; 2] {
    [
        json!({ "key": "service.namespace", "value": application, "action": "insert" }),
        json!({
            "key": "deployment.environment.name",
            "value": "${env:DEPLOYMENT_ENVIRONMENT}",
            "action": "insert",
        }),
    ]
}

/// Memory is guarded first, so that nothing is accepted that cannot be held; batches are made last.
fn pipeline(between: &[&str], exporter: &str) -> Value {
    let processors: Vec<&str> =
        ["memory_limiter"].into_iter().chain(between.iter().copied()).chain(["batch"]).collect();
    json!({ "receivers": ["otlp"], "processors": processors, "exporters": [exporter] })
}
