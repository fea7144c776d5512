//! The observability stack on a laptop: an overlay for the application's `compose.yaml`.
//!
//! Names, ports and versions of its parts are said once here, because the configuration of each part names the
//! others. A part never takes the name of one of the application's own services. It must not know what the
//! parts are configured to do.

use std::collections::{BTreeMap, BTreeSet};

use design::{Compute, ServiceDesign};
use serde_json::{Value, json};

use super::{LOCAL, collector_wanted, grafana_wanted, prometheus_wanted};
use crate::Context;

/// A part of the stack.
struct Part {
    /// Its name, after the stack's own prefix.
    name: &'static str,
    /// Image with its version.
    image: &'static str,
    /// Arguments.
    command: &'static [&'static str],
    /// Where each file or folder under `observability/` is mounted.
    mounts: &'static [(&'static str, &'static str)],
    /// A port for people and the variable that moves it.
    port: Option<(u16, &'static str)>,
    /// Settings.
    env: &'static [(&'static str, Setting)],
    /// Whether the spec asks for it.
    wanted: fn(&Context<'_>) -> bool,
}

/// What a part is told.
enum Setting {
    /// As it is.
    Text(&'static str),
    /// Where another part listens.
    Address(&'static str, u16),
}

static PARTS: &[Part] = &[
    Part {
        name: "collector",
        image: "otel/opentelemetry-collector-contrib:0.119.0",
        command: &["--config=/etc/otelcol/collector.yaml"],
        mounts: &[("otel/collector.yaml", "/etc/otelcol/collector.yaml")],
        port: None,
        env: &[
            ("DEPLOYMENT_ENVIRONMENT", Setting::Text(LOCAL)),
            ("TRACES_ENDPOINT", Setting::Address("traces", 4317)),
        ],
        wanted: collector_wanted,
    },
    Part {
        name: "traces",
        image: "jaegertracing/jaeger:2.3.0",
        command: &[],
        mounts: &[],
        port: Some((16686, "TRACES_PORT")),
        env: &[],
        wanted: collector_wanted,
    },
    Part {
        name: "prometheus",
        image: "prom/prometheus:v2.55.1",
        // Monthly jobs and budgets look back over more than a month.
        command: &["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.retention.time=70d"],
        mounts: &[("prometheus", "/etc/prometheus")],
        port: Some((9090, "PROMETHEUS_PORT")),
        env: &[],
        wanted: prometheus_wanted,
    },
    Part {
        name: "blackbox",
        image: "prom/blackbox-exporter:v0.25.0",
        command: &["--config.file=/etc/blackbox/blackbox.yml"],
        mounts: &[("prometheus/blackbox.yml", "/etc/blackbox/blackbox.yml")],
        port: None,
        env: &[],
        wanted: |context| prometheus_wanted(context) && super::anything_public(context.blueprint),
    },
    Part {
        name: "alertmanager",
        image: "prom/alertmanager:v0.28.0",
        command: &["--config.file=/etc/alertmanager/alertmanager.yml"],
        mounts: &[("alertmanager", "/etc/alertmanager")],
        port: Some((9093, "ALERTMANAGER_PORT")),
        env: &[],
        wanted: prometheus_wanted,
    },
    Part {
        name: "mail",
        image: "axllent/mailpit:v1.22.0",
        command: &["--smtp=0.0.0.0:25"],
        mounts: &[],
        port: Some((8025, "MAIL_PORT")),
        env: &[],
        wanted: prometheus_wanted,
    },
    Part {
        name: "grafana",
        image: "grafana/grafana:11.5.1",
        command: &[],
        mounts: &[
            ("grafana/provisioning", "/etc/grafana/provisioning"),
            ("grafana/dashboards", "/var/lib/grafana/dashboards"),
        ],
        port: Some((3000, "GRAFANA_PORT")),
        // On a laptop only: whoever reaches the port may look.
        env: &[
            ("GF_AUTH_ANONYMOUS_ENABLED", Setting::Text("true")),
            ("GF_AUTH_ANONYMOUS_ORG_ROLE", Setting::Text("Viewer")),
        ],
        wanted: grafana_wanted,
    },
];

/// Names of the parts beside an application.
pub struct Stack {
    names: BTreeMap<&'static str, String>,
}

impl Stack {
    /// The parts, named so that none takes the name of one of the application's services or resources.
    pub fn beside(context: &Context<'_>) -> Self {
        let mut taken: BTreeSet<String> =
            context.spec.services.keys().chain(context.spec.resources.keys()).cloned().collect();
        let mut free = |part: &'static str| {
            let plain = format!("observability-{part}");
            let numbered = (2..).map(|n| format!("observability-{part}-{n}"));
            let name = std::iter::once(plain).chain(numbered).find(|name| taken.insert(name.clone()));
            (part, name.expect("the numbers do not end"))
        };
        Self { names: PARTS.iter().map(|part| free(part.name)).collect() }
    }

    /// Host and port of a part, as the others reach it.
    pub fn address(&self, part: &str, port: u16) -> String {
        format!("{}:{port}", self.host(part))
    }

    /// Host of a part.
    pub fn host(&self, part: &str) -> &str {
        self.names.get(part).expect("parts are named in the table above")
    }
}

/// The overlay. Paths in it are relative to the folder of the application's `compose.yaml`.
pub fn overlay(context: &Context<'_>, stack: &Stack) -> Value {
    let mut services = serde_json::Map::new();
    for part in PARTS.iter().filter(|part| (part.wanted)(context)) {
        services.insert(stack.host(part.name).to_owned(), service(part, stack));
    }
    if collector_wanted(context)
        && let Some(environment) = super::reference(context.blueprint)
    {
        let told = environment.services.iter().filter(|(_, s)| runs(s));
        services.extend(told.map(|(name, _)| (name.clone(), reporting(name, stack))));
    }
    json!({ "services": services })
}

fn service(part: &Part, stack: &Stack) -> Value {
    let mut service = serde_json::Map::new();
    service.insert("image".into(), part.image.into());
    service.insert("restart".into(), "unless-stopped".into());
    if !part.command.is_empty() {
        service.insert("command".into(), json!(part.command));
    }
    if !part.env.is_empty() {
        let value = |setting: &Setting| match setting {
            Setting::Text(text) => (*text).to_owned(),
            Setting::Address(part, port) => stack.address(part, *port),
        };
        let env: BTreeMap<&str, String> = part.env.iter().map(|(k, v)| (*k, value(v))).collect();
        service.insert("environment".into(), json!(env));
    }
    if !part.mounts.is_empty() {
        let mounts: Vec<String> =
            part.mounts.iter().map(|(from, to)| format!("./observability/{from}:{to}:ro")).collect();
        service.insert("volumes".into(), json!(mounts));
    }
    if let Some((port, variable)) = part.port {
        service.insert("ports".into(), json!([format!("127.0.0.1:${{{variable}:-{port}}}:{port}")]));
    }
    Value::Object(service)
}

/// Whether it is a process that can report.
fn runs(service: &ServiceDesign) -> bool {
    !matches!(service.compute, Compute::StaticSite { .. })
}

fn reporting(name: &str, stack: &Stack) -> Value {
    json!({
        "environment": {
            "OTEL_SERVICE_NAME": name,
            "OTEL_EXPORTER_OTLP_ENDPOINT": format!("http://{}", stack.address("collector", 4318)),
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
            "OTEL_RESOURCE_ATTRIBUTES": format!("deployment.environment.name={LOCAL}"),
        },
    })
}
