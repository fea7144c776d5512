//! Bundles of applications of every shape, made the way the command line makes them.

use check::Report;
use design::Blueprint;
use emit::{Context, Step, TARGETS};
use ir::{Bundle, Diagnostics, SourceMap, Stack};
use spec::Spec;

/// An application that was designed and lowered.
pub struct Application {
    pub name: String,
    pub spec: Spec,
    pub blueprint: Blueprint,
    pub stacks: Vec<Stack>,
}

/// Reads, designs and lowers a spec.
#[track_caller]
pub fn application(name: &str, text: &str) -> Application {
    let (spec, said) = spec::yaml::read("mainstay.yaml", text, &[], &mut SourceMap::default());
    let spec = spec.unwrap_or_else(|| panic!("{name}: {said:#?}"));
    let (blueprint, said) = design::design(&spec);
    let blueprint = blueprint.unwrap_or_else(|| panic!("{name}: {said:#?}"));
    let (stacks, _) = lower::lower(&spec, &blueprint);
    Application { name: name.to_owned(), spec, blueprint, stacks }
}

/// What the targets of the observability and document steps write.
pub fn bundle(application: &Application) -> (Bundle, Diagnostics) {
    let report = Report::default();
    let context = context(application, &report);
    let mut bundle = Bundle::new();
    let mut diagnostics = Diagnostics::new();
    for target in TARGETS.iter().filter(|t| t.step >= Step::Observability && (t.wanted)(&context)) {
        let (files, said) = (target.emit)(&context);
        bundle.extend(files);
        diagnostics.extend(said);
    }
    (bundle, diagnostics)
}

/// The context of an application without evidence.
pub fn context<'a>(application: &'a Application, report: &'a Report) -> Context<'a> {
    Context {
        spec: &application.spec,
        blueprint: &application.blueprint,
        stacks: &application.stacks,
        estimates: &[],
        report,
        rehearsals: &[],
    }
}

/// Specs that differ in what can be watched: head, then services and resources.
const SHAPES: &[(&str, &str)] = &[
    ("no-slo", "services:\n  api: { build: ./api, port: 8080, public: true }\n"),
    (
        "availability-only",
        "services:\n  api: { build: ./api, port: 8080, host: api.app.example, health: /healthz, load: { requests: 50/s }, slo: { availability: 99.95% } }\n",
    ),
    (
        "latency-only",
        "services:\n  api: { build: ./api, port: 8080, public: true, load: { requests: 50/s }, slo: { latency: 1s@p90 } }\n",
    ),
    (
        "median",
        "services:\n  api: { build: ./api, port: 8080, public: true, load: { requests: 0.01/s }, slo: { latency: 300ms@p50 } }\n",
    ),
    (
        "readers",
        "services:\n  reader: { build: ./r, uses: [jobs], load: { messages: 40/s }, slo: { availability: 99%, latency: 2s@p99 } }\n  quiet: { build: ./q, uses: [jobs] }\nresources:\n  jobs: { type: queue }\n",
    ),
    (
        "schedules",
        "services:\n  hourly: { build: ./h, schedule: \"0 * * * *\" }\n  monthly: { build: ./m, schedule: \"0 0 1 * *\" }\n  yearly: { build: ./y, schedule: \"0 0 1 1 *\" }\n",
    ),
    ("static", "services:\n  web: { static: ./dist, public: true, slo: { availability: 99.5% } }\n"),
    (
        "grpc-and-tcp",
        "services:\n  calls: { build: ./c, port: 9000, protocol: grpc, slo: { availability: 99.9%, latency: 200ms@p99 } }\n  raw: { build: ./t, port: 7000, protocol: tcp, slo: { availability: 99.9% } }\n",
    ),
    (
        "own-prometheus",
        "services:\n  observability-prometheus: { image: \"prom/prometheus:v2.55.1\", port: 9090 }\n  api: { build: ./api, port: 8080, uses: [prometheus-data] }\nresources:\n  prometheus-data: { type: bucket }\n",
    ),
    (
        "calls",
        "services:\n  web: { build: ./web, port: 8080, public: true, uses: [api, feed] }\n  api: { build: ./api, port: 9000, uses: [feed] }\n  feed: { image: feed:1, port: 7000, protocol: tcp }\n",
    ),
    (
        "stores",
        "services:\n  api: { build: ./api, port: 8080, public: true, uses: [pg, my, doc, cache, mem, q, t, rabbit, kafka, search, files, KEY] }\nsecrets: [KEY]\nresources:\n  pg: { type: postgres }\n  my: { type: mysql }\n  doc: { type: mongodb }\n  cache: { type: redis }\n  mem: { type: memcached }\n  q: { type: queue }\n  t: { type: topic }\n  rabbit: { type: rabbitmq }\n  kafka: { type: kafka }\n  search: { type: opensearch }\n  files: { type: bucket }\n",
    ),
];

/// Every shape, with each set of tools, an application of many services, and the example.
pub fn all() -> &'static [Application] {
    static ALL: std::sync::LazyLock<Vec<Application>> = std::sync::LazyLock::new(every);
    &ALL
}

fn every() -> Vec<Application> {
    let tools = "deliver: { observability: [opentelemetry, prometheus, grafana] }\n";
    let mut all: Vec<Application> = SHAPES
        .iter()
        .map(|(name, body)| {
            let head = "version: 1\nname: app\nowner: team@app.example\n";
            application(name, &format!("{head}{body}{tools}"))
        })
        .collect();
    for tools in ["cloud", "prometheus", "grafana", "opentelemetry"] {
        let body = SHAPES[1].1;
        let text = format!("version: 1\nname: app\n{body}deliver: {{ observability: [{tools}] }}\n");
        all.push(application(&format!("only-{tools}"), &text));
    }
    all.push(many(200));
    all.push(example());
    all
}

/// An application of so many services.
pub fn many(count: usize) -> Application {
    let mut text =
        "version: 1\nname: a-name-of-24-characters\nowner: team@app.example\nservices:\n".to_owned();
    for n in 0..count {
        let port = if n % 2 == 0 { "port: 8080, " } else { "" };
        let slo = if n % 3 == 0 && n % 2 == 0 { "slo: { availability: 99.9% }, " } else { "" };
        text.push_str(&format!("  s{n}: {{ build: ./s{n}, {port}{slo}load: {{ cpu: 5ms }} }}\n"));
    }
    application("many", &text)
}

/// The example application.
pub fn example() -> Application {
    application("example", include_str!("../../../../examples/shop/mainstay.yaml"))
}
