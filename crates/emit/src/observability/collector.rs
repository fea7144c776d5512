//! `observability/otel/`: what the OpenTelemetry Collector takes, how it treats it, and where it goes.
//!
//! `collector.yaml` runs anywhere; `collector.aws.yaml` is given after it and sends traces and logs to AWS
//! instead. The collector replaces lists and merges maps, so the second file names only what differs. It must
//! not know which services report.

use serde_json::{Value, json};

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
            "memory_limiter": { "check_interval": "1s", "limit_percentage": 80, "spike_limit_percentage": 20 },
            "resource": {
                "attributes": [
                    { "key": "service.namespace", "value": application, "action": "insert" },
                    {
                        "key": "deployment.environment.name",
                        "value": "${env:DEPLOYMENT_ENVIRONMENT}",
                        "action": "insert",
                    },
                ],
            },
            "batch": { "timeout": "5s", "send_batch_size": 1024, "send_batch_max_size": 2048 },
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
                "metrics": pipeline("prometheus"),
                "traces": pipeline("otlp"),
                "logs": pipeline("debug"),
            },
        },
    })
}

/// What differs on AWS. Credentials come from the task's role.
pub fn on_aws(application: &str, region: &str, log_days: u32) -> Value {
    json!({
        "exporters": {
            "awsxray": { "region": region },
            "awscloudwatchlogs": {
                "region": region,
                "log_group_name": format!("/otel/{application}-${{env:DEPLOYMENT_ENVIRONMENT}}"),
                "log_stream_name": "collector",
                "log_retention": log_days,
            },
        },
        "service": { "pipelines": { "traces": pipeline("awsxray"), "logs": pipeline("awscloudwatchlogs") } },
    })
}

/// Memory is guarded first, so that nothing is accepted that cannot be held; batches are made last.
fn pipeline(exporter: &str) -> Value {
    json!({
        "receivers": ["otlp"],
        "processors": ["memory_limiter", "resource", "batch"],
        "exporters": [exporter],
    })
}
