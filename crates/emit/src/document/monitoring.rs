//! `docs/monitoring.md`: what is promised, what is measured, when somebody is told, and what they do then.
//!
//! Also the contract with the application: the names under which it has to report. Alerts are printed from the
//! one list; nothing is added or left out here.

use design::EnvironmentDesign;
use design::signals::{Signal, signals};

use super::markdown::{Document, link};
use super::runbooks;
use crate::Context;
use crate::alerts::{Alert, Rings, Severity};
use crate::observability::rules::{Watch, watches};
use crate::observability::signal::{LAST_SUCCESS, metric};
use crate::observability::slo::{BUDGET_DAYS, BURNS, FEWEST_EVENTS, Promise};
use crate::observability::{self, collector_wanted, grafana_wanted, prometheus_wanted};
use crate::place::Place;

/// Log fields that queries below rely on, and what they hold.
const LOG_FIELDS: &[(&str, &str)] = &[
    ("time", "when, ISO 8601 in UTC"),
    ("level", "`debug`, `info`, `warn` or `error`"),
    ("message", "what happened, the same words each time"),
    ("trace_id", "the trace it belongs to, when there is one"),
    ("error", "what went wrong, without secrets or personal data"),
];

/// Alerts of the cloud listed one by one; beyond that they are grouped by runbook.
const LISTED: usize = 200;

/// The page.
pub fn write(context: &Context<'_>, alerts: &[Alert]) -> String {
    let mut doc = Document::titled(&format!("Monitoring {}", context.blueprint.name));
    let environment = observability::reference(context.blueprint);
    let watches = environment.map(watches).unwrap_or_default();
    on_call(context, &mut doc);
    if let Some(environment) = environment {
        objectives(environment, &watches, &mut doc);
        contract(context, environment, &mut doc);
    }
    list(context, alerts, &mut doc);
    without_alert(context, alerts, &mut doc);
    tools(context, &watches, &mut doc);
    if let Some(environment) = environment {
        logs(context, environment, &mut doc);
    }
    doc.print()
}

fn on_call(context: &Context<'_>, doc: &mut Document) {
    doc.heading(2, "On call");
    let owner = match &context.blueprint.owner {
        Some(owner) => doc.para(format!("{owner} is told about everything below and is the first to call.")),
        None => doc.para("Nobody is named. Until `owner` is set in the spec, alerts reach nobody."),
    };
    owner.steps([
        "Answer: say that you have it, so that nobody else starts as well",
        "Open the runbook that the alert names; it begins with the first five minutes",
        "Help users first: going back to the last good version needs no cause",
        "After 15 minutes without a way forward, or when data may be wrong, call for help as the runbook says",
        "When it is over, say so, and write down what happened within two working days, without blame",
    ]);
    doc.para("A page means now, at any hour. A ticket means within working hours. An alert that asks nobody to act is removed.");
    doc.line(&[
        "The ".into(),
        link("runbooks", "runbooks/README.md"),
        " cover every alert and the failures that no alert can see.".into(),
    ]);
}

fn objectives(environment: &EnvironmentDesign, watches: &[Watch], doc: &mut Document) {
    doc.heading(2, "Objectives");
    let all: Vec<_> = watches.iter().flat_map(|w| &w.objectives).collect();
    if all.is_empty() {
        doc.para("No service has an objective that can be measured. Add `slo` to the services that users would miss: without one, only plain failures are watched.");
        return;
    }
    doc.para(format!(
        "A budget is what may go wrong within {BUDGET_DAYS} days. Numbers are for {} at its expected load.",
        environment.name
    ));
    let seconds = BUDGET_DAYS * 86_400.0;
    let rows = all.iter().map(|o| {
        let load = environment.services.get(&o.service).map(|s| s.load);
        let speed = load.map_or(0.0, |l| if o.signal == Signal::Messages { l.messages } else { l.requests });
        let events = match speed {
            s if s > 0.0 => grouped(s * seconds * o.budget()),
            _ => "load not stated".to_owned(),
        };
        let minutes = match o.promise {
            Promise::Availability => format!(
                "{} minutes",
                observability::promql::number((o.budget() * seconds / 60.0 * 10.0).round() / 10.0)
            ),
            Promise::Latency(_) => "not a time".to_owned(),
        };
        vec![format!("`{}`", o.service), o.words(), format!("`{}`", o.record("5m")), minutes, events]
    });
    doc.table(
        &["service", "objective", "indicator", ">budget, all of it failing", ">budget in events"],
        rows,
    );
    doc.para(format!("Alerts ring by how fast the budget burns. A pair rings when both windows are over the threshold and the long one holds at least {FEWEST_EVENTS} bad events, so that one unlucky request of a quiet service wakes nobody; a quiet service that is down altogether is found by its probe."));
    let rows = BURNS.iter().map(|b| {
        vec![
            format!("{}x", b.factor),
            format!("{} and {}", b.long, b.short),
            format!("{} %", b.spent),
            b.severity.word().to_owned(),
        ]
    });
    doc.table(&[">burn rate", "windows", ">budget gone by then", "who"], rows);
    let fewer: Vec<String> = all
        .iter()
        .filter(|o| o.budget() > 0.0 && o.burns().len() < BURNS.len())
        .map(|o| {
            format!(
                "`{}`, {}: a burn rate above {} cannot happen, so faster pairs are not written",
                o.service,
                o.words(),
                observability::promql::number(1.0 / o.budget())
            )
        })
        .collect();
    doc.bullets(fewer);
    doc.para("Windows and factors are those of the Site Reliability Workbook (Google, 2018), chapter \"Alerting on SLOs\".");
}

fn contract(context: &Context<'_>, environment: &EnvironmentDesign, doc: &mut Document) {
    if !prometheus_wanted(context) {
        return;
    }
    doc.heading(2, "What the application must report");
    doc.para("Alerts and dashboards rest on these names. They are OpenTelemetry's semantic conventions, which its SDKs write by themselves; durations are histograms in seconds.");
    let rows = environment.services.iter().flat_map(|(name, service)| {
        signals(environment, service).into_iter().filter_map(move |signal| {
            let metric = metric(signal)?;
            Some(vec![
                format!("`{name}`"),
                format!("`{}`", metric.instrument),
                format!("`{}_bucket`, `{}_count`", metric.histogram, metric.histogram),
                format!("`{}`: {}", metric.label, metric.failure),
            ])
        })
    });
    doc.table(&["service", "instrument", "in Prometheus", "a failure is"], rows);
    let mut items = vec![
        "Every series carries `service_name` and `deployment_environment_name`, from the resource attributes `service.name` and `deployment.environment.name`".to_owned(),
        "For the panels of CPU and memory, if you want them: `process.cpu.time` and `process.memory.usage`, with `service.instance.id`".to_owned(),
    ];
    for (name, service) in &environment.services {
        let (objectives, _) = observability::slo::objectives(environment, name, service);
        for objective in objectives {
            if let Promise::Latency(seconds) = objective.promise {
                items.push(format!(
                    "`{name}` needs a histogram boundary at exactly {} s: a latency objective counts a bucket and does not estimate",
                    observability::promql::number(seconds)
                ));
            }
        }
        if matches!(service.compute, design::Compute::ScheduledTask { .. }) {
            items.push(format!("`{name}` sets the gauge `job.last_success.timestamp` (unit s, in Prometheus `{LAST_SUCCESS}`) to the time at which a run succeeded, and flushes before it ends"));
        }
    }
    doc.bullets(items);
    if collector_wanted(context) {
        doc.para("Each process finds the collector by its environment. `observability/compose.yaml` sets these on a laptop; in the cloud add them to `env` in the spec once a collector runs there:");
        let first = environment.services.keys().next().map_or("<service>", String::as_str);
        let lines = [
            format!("OTEL_SERVICE_NAME={first}"),
            "OTEL_EXPORTER_OTLP_ENDPOINT=http://<collector>:4318".to_owned(),
            "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf".to_owned(),
            format!("OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name={}", environment.name),
            "OTEL_SEMCONV_STABILITY_OPT_IN=http,rpc,messaging   # for SDKs from before these names were stable".to_owned(),
        ];
        doc.code("sh", &lines.join("\n"));
    }
}

/// Whether rules judge anywhere in the cloud what services report.
fn watched_in_the_cloud(context: &Context<'_>) -> bool {
    context.blueprint.environments.values().any(|e| e.telemetry.is_some_and(|t| t.rules))
}

fn list(context: &Context<'_>, alerts: &[Alert], doc: &mut Document) {
    doc.heading(2, "Alerts");
    if alerts.is_empty() {
        doc.para("There are none: nothing that was designed can ring.");
        return;
    }
    let runbook = |alert: &Alert| link(alert.runbook.clone(), format!("runbooks/{}.md", alert.runbook));
    let (measured, cloud): (Vec<&Alert>, Vec<&Alert>) =
        alerts.iter().partition(|a| matches!(a.rings, Rings::Prometheus(_)));
    if !measured.is_empty() {
        doc.heading(3, "By Prometheus");
        doc.para(if watched_in_the_cloud(context) {
            "They ring for every environment that reports. Those about probes and about the collector ring only where a Prometheus of your own runs, as on a laptop (see Tools); in the cloud the load balancer's alarms and `telemetry-lost` see the same. A page from an environment that nobody depends on becomes a ticket."
        } else {
            "They ring for every environment that reports to it. This bundle runs it on a laptop; in the cloud nothing runs it until you do (see Tools), and until then only the alarms of the cloud ring there. A page from an environment that nobody depends on becomes a ticket."
        });
        let rows = measured.iter().map(|a| {
            vec![
                format!("`{}`", a.name).into(),
                format!("`{}`", a.subject).into(),
                a.severity.word().into(),
                a.meaning.clone().into(),
                a.threshold.clone().into(),
                runbook(a),
            ]
        });
        doc.table(&["alert", "about", "who", "means", "rings when", "runbook"], rows);
    }
    if cloud.is_empty() {
        return;
    }
    doc.heading(3, "By the cloud");
    if cloud.len() <= LISTED {
        let rows = cloud.iter().map(|a| {
            vec![
                format!("`{}`", a.name).into(),
                a.severity.word().into(),
                a.meaning.clone().into(),
                a.threshold.clone().into(),
                runbook(a),
            ]
        });
        doc.table(&["alarm", "who", "means", "rings when", "runbook"], rows);
        return;
    }
    doc.para(format!("There are {}; here by what they mean.", cloud.len()));
    let mut grouped: indexmap::IndexMap<&str, (usize, Severity, &Alert)> = indexmap::IndexMap::new();
    for alert in cloud {
        let entry = grouped.entry(&alert.runbook).or_insert((0, alert.severity, alert));
        entry.0 += 1;
        entry.1 = entry.1.min(alert.severity);
    }
    let rows = grouped.values().map(|(count, severity, alert)| {
        vec![
            count.to_string().into(),
            severity.word().into(),
            alert.meaning.clone().into(),
            alert.threshold.clone().into(),
            runbook(alert),
        ]
    });
    doc.table(&[">alarms", "who, at most", "means", "rings when, for example", "runbook"], rows);
}

fn without_alert(context: &Context<'_>, alerts: &[Alert], doc: &mut Document) {
    let pages = runbooks::pages(context, alerts);
    let silent: Vec<_> = pages.iter().filter(|p| p.alerts.is_empty()).collect();
    if silent.is_empty() {
        return;
    }
    doc.heading(2, "What no alert tells you");
    doc.para("People or other tools notice these. Each has a runbook.");
    doc.bullets(silent.iter().map(|p| link(p.slug.title, format!("runbooks/{}.md", p.slug.slug))));
}

fn tools(context: &Context<'_>, watches: &[Watch], doc: &mut Document) {
    if !(collector_wanted(context) || prometheus_wanted(context) || grafana_wanted(context)) {
        return;
    }
    doc.heading(2, "Tools");
    in_the_cloud(context, doc);
    doc.para("`observability/` runs beside the application on a laptop. If the application came with a compose file of its own, name that one in place of `compose.yaml`:");
    doc.code("sh", "docker compose -f compose.yaml -f observability/compose.yaml up");
    doc.para("The versions of the images were not checked against their registries.");
    let mut items = Vec::new();
    if collector_wanted(context) {
        items.push("Collector: `observability/otel/collector.yaml`. It reads DEPLOYMENT_ENVIRONMENT and TRACES_ENDPOINT from its environment".to_owned());
    }
    if prometheus_wanted(context) {
        items.push("Prometheus: http://localhost:9090. Rules are tested: `promtool test rules` with the files that end in `.test.yml`, in `observability/prometheus/rules/` and in `probes/` there".to_owned());
        items.push("Probes: `observability/prometheus/targets/`. A service without a host of its own gets its address from the cloud: write it there after the first apply, the file is not written again".to_owned());
        items.push("Alertmanager: http://localhost:9093. Mail leaves through the relay beside it; on a laptop it is caught and shown at http://localhost:8025. Elsewhere put your own relay under that name: it holds the credentials".to_owned());
    }
    if grafana_wanted(context) {
        items.push("Grafana: http://localhost:3000".to_owned());
    }
    doc.bullets(items);
    if grafana_wanted(context) && !watches.is_empty() {
        doc.para("Dashboards, one a service: traffic, errors, latency, burn rate, budget left, CPU and memory, and a link to the logs.");
        let rows = watches.iter().map(|w| {
            vec![
                format!("`{}`", w.service),
                format!("`{}`", observability::dashboard_path(&context.blueprint.name, &w.service)),
            ]
        });
        doc.table(&["service", "path in Grafana"], rows);
    }
}

/// What is collected where users are, and how to look at it.
fn in_the_cloud(context: &Context<'_>, doc: &mut Document) {
    doc.heading(3, "In the cloud");
    let environments = &context.blueprint.environments;
    let collected: Vec<_> =
        environments.values().filter_map(|e| e.telemetry.map(|telemetry| (e, telemetry))).collect();
    if collected.is_empty() {
        doc.para("The infrastructure code of this bundle runs none of these parts: alarms of the cloud watch what they can see from outside, and alerts by Prometheus ring once you run it somewhere that the services' collector reaches.");
        return;
    }
    let rows = collected.iter().map(|(environment, telemetry)| {
        let place = Place::of_part(context, environment, "telemetry");
        vec![
            environment.name.clone(),
            format!("`{}-{}`", context.blueprint.name, environment.name),
            format!("`{}`", place.region()),
            format!("{} of every one", telemetry.sampling),
            if telemetry.rules {
                "the workspace, through its alert manager"
            } else {
                "nobody: `prometheus` is not asked for"
            }
            .to_owned(),
        ]
    });
    doc.table(&["environment", "workspace", "region", "traces kept", "who tells the owner"], rows);
    let mut items = vec![
        format!("Collector: a container beside the program in every task that runs always or on a schedule, configured by `{}`. It forwards only the measurements that rules and dashboards read, once a minute; a change of the file is a release. It may fail without the program: ECS starts it again, but a task whose collector's image cannot be pulled does not start", design::telemetry::COLLECTOR_PATH),
        "Metrics: a workspace of Amazon Managed Service for Prometheus for each environment, which keeps them for 150 days. It evaluates the rules in `observability/prometheus/rules/` that are about what services report; those about probes stay in `probes/`, because no probe runs there. What went wrong with a rule or a message is in its log group, `/aws/vendedlogs/prometheus/`".to_owned(),
        "Traces: X-Ray, kept for 30 days. A trace is kept or dropped as a whole where it begins, by the share above; `OTEL_TRACES_SAMPLER_ARG` in a service's `env` sets another, and its price".to_owned(),
        "Logs: CloudWatch, as below; the collector takes none".to_owned(),
    ];
    if collected.iter().any(|(_, telemetry)| telemetry.rules) {
        items.push("Messages: the topic of the alarms. Its subscribers can tell pages from tickets by the message attribute `severity`".to_owned());
    }
    doc.bullets(items);
    if grafana_wanted(context) {
        doc.para("No Grafana runs in the cloud: Amazon's managed one is paid by the person who edits and signs people in through IAM Identity Center, which belongs to an organisation and not to an application. Point one that you have at a workspace: a Prometheus data source with the workspace's query URL up to `/workspaces/<id>`, SigV4 authentication with the service `aps` and the region above, a scrape interval of 60 s, and a role that may `aps:QueryMetrics`, `aps:GetLabels`, `aps:GetSeries` and `aps:GetMetricMetadata` on it. Then import `observability/grafana/dashboards/`.");
        doc.code(
            "sh",
            "aws amp list-workspaces --query 'workspaces[].[alias, workspaceId, arn]' --output table",
        );
    }
    doc.heading(3, "On a laptop");
}

fn logs(context: &Context<'_>, environment: &EnvironmentDesign, doc: &mut Document) {
    doc.heading(2, "Logs");
    let kept: Vec<String> = context
        .blueprint
        .environments
        .values()
        .map(|e| format!("{} days in {}", e.log_days, e.name))
        .collect();
    doc.para(format!("One JSON object a line on standard output; kept {}. No secrets and no personal data: a log is read by more people than a database.", kept.join(", ")));
    doc.table(
        &["field", "what"],
        LOG_FIELDS.iter().map(|(field, what)| vec![format!("`{field}`"), (*what).to_owned()]),
    );
    let groups: Vec<(String, String, String)> = environment
        .services
        .keys()
        .filter_map(|service| {
            let place = Place::of_part(context, environment, service);
            let group = place.log_group()?.to_owned();
            Some((service.clone(), group, place.region().to_owned()))
        })
        .collect();
    doc.table(
        &["service", "log group"],
        groups.iter().map(|(s, g, _)| vec![format!("`{s}`"), format!("`{g}`")]),
    );
    let Some((_, group, region)) = groups.first() else { return };
    doc.para("Follow one:");
    doc.code("sh", &format!("aws logs tail {group} --follow --region {region}"));
    doc.para("Questions for CloudWatch Logs Insights:");
    for (question, query) in [
        (
            "The newest errors",
            "fields @timestamp, message, error, trace_id\n| filter level = \"error\"\n| sort @timestamp desc\n| limit 50",
        ),
        (
            "Which errors are new or grow",
            "filter level = \"error\"\n| stats count() as errors by message, bin(15m)\n| sort errors desc",
        ),
        (
            "Everything about one request",
            "fields @timestamp, level, message\n| filter trace_id = \"<trace id>\"\n| sort @timestamp asc",
        ),
        (
            "What fills the bill",
            "stats sum(strlen(@message)) as bytes by message\n| sort bytes desc\n| limit 20",
        ),
    ] {
        doc.para(format!("{question}:")).code("text", query);
    }
}

/// `2,073,600`.
fn grouped(count: f64) -> String {
    let text = format!("{:.0}", count.floor());
    let mut out = String::new();
    for (place, digit) in text.chars().enumerate() {
        if place > 0 && (text.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
