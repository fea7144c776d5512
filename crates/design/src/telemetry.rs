//! How what services measure and trace is collected.
//!
//! Objectives are promises only where somebody watches them, so a collector beside every task is the rule and
//! nothing is the exception that a budget makes. What the collector itself takes is in the sizes of the tasks. Must
//! not know how a collector is configured.

use ir::{Diagnostic, Diagnostics};
use spec::Spec;

use crate::bill::Bill;
use crate::blueprint::{Compute, Decision, EnvironmentDesign, ServiceDesign, TelemetryDesign};
use crate::budget::GIVEN_UP;
use crate::cloud::Cloud;
use crate::context::Context;
use crate::decide::{Candidate, cheapest};
use crate::usage::telemetry as usage;
use crate::{operations, rules};

/// The file of the bundle that says what collectors forward.
pub const COLLECTOR_PATH: &str = "observability/otel/collector.aws.yaml";
/// The collector that AWS builds, from its own registry: tasks pull it without a limit that others could exhaust.
pub const COLLECTOR_IMAGE: &str = "public.ecr.aws/aws-observability/aws-otel-collector:v0.45.1";
/// MiB that a collector is kept to.
pub const COLLECTOR_MIB: u32 = rules::COLLECTOR_MIB as u32;
/// Labels that every alert carries: whose it is and where.
pub const ALERT_LABELS: [&str; 2] = ["service_name", "deployment_environment_name"];

/// The file of the bundle with the rules about what a service reports.
#[must_use]
pub fn rules_path(service: &str) -> String {
    format!("observability/prometheus/rules/{service}.yml")
}

/// How people are told about alerts of one severity.
#[derive(Clone, Copy, Debug)]
pub struct Notice {
    /// Value of the label `severity`.
    pub severity: &'static str,
    /// Name of the receiver.
    pub receiver: &'static str,
    /// How long alerts of a group are gathered before the first word.
    pub group_wait: &'static str,
    /// How long until a group that grew is told again.
    pub group_interval: &'static str,
    /// How long until an unchanged group is told again.
    pub repeat_interval: &'static str,
}

/// Somebody is called, at once and again.
pub const PAGES: Notice = Notice {
    severity: "page",
    receiver: "pages",
    group_wait: "30s",
    group_interval: "5m",
    repeat_interval: "1h",
};

/// Somebody reads it in working hours.
pub const TICKETS: Notice = Notice {
    severity: "ticket",
    receiver: "tickets",
    group_wait: "5m",
    group_interval: "30m",
    repeat_interval: "1d",
};

impl Notice {
    /// The matcher of its alerts.
    #[must_use]
    pub fn matcher(&self) -> String {
        format!("severity=\"{}\"", self.severity)
    }

    /// The first line of a message about them, as a template of Alertmanager's.
    #[must_use]
    pub fn subject(&self, application: &str) -> String {
        let labels = ["deployment_environment_name", "alertname", "service_name"]
            .map(|label| format!("{{{{ .CommonLabels.{label} }}}}"));
        let [environment, alert, service] = labels;
        format!("[{}] {application} {environment} {{{{ .Status }}}}: {alert} {service}", self.severity)
    }
}

/// Whether a collector can run beside a service: what runs once is watched by the deployment that runs it, and
/// functions and sites have no place for it.
#[must_use]
pub fn collectable(service: &ServiceDesign) -> bool {
    matches!(service.compute, Compute::Containers(_) | Compute::ScheduledTask { .. })
}

/// Decides whether telemetry is collected, where the spec asks for it and tasks run.
pub(crate) fn design(ctx: &Context<'_>, design: &mut EnvironmentDesign) -> Option<Decision> {
    if !ctx.telemetry_asked() || !design.services.values().any(collectable) {
        return None;
    }
    let given_up = ctx.preferences.without_telemetry;
    let collected =
        TelemetryDesign { sampling: usage::sampling(design), rules: ctx.asks_to_watch("prometheus") };
    design.telemetry = Some(collected);
    let mut question = ctx.question("telemetry", "collection", "How is telemetry collected?");
    question.weighty = ctx.critical;
    question.inputs = vec![
        (
            "samples",
            format!("{:.1} million a month, one a minute and series (assumed)", usage::samples(design) / 1e6),
        ),
        ("traces kept", format!("{} % (assumed to be enough)", percent(collected.sampling))),
        (
            "collector beside a task",
            format!("{} MiB, {} vCPU (assumed)", rules::COLLECTOR_MIB, rules::COLLECTOR_VCPUS),
        ),
    ];
    question.because = if given_up {
        "What collectors send is paid by the sample and does not fit the budget. Rules and dashboards are written and \
         work on a laptop; in the cloud only the platform's own alarms watch. A larger budget brings it back."
    } else {
        "Objectives are watched where users are: a collector beside every task forwards what rules and dashboards \
         read, and a managed workspace judges it, so that no server of its own has to be kept alive to watch the \
         others. What the collector takes is in the sizes of the tasks."
    }
    .to_owned();
    let candidates = vec![
        Candidate::new(
            "collector",
            "a collector beside every task, Amazon Managed Service for Prometheus and X-Ray",
            Some(collected),
            bill(ctx, design),
        )
        .breaking(given_up, || GIVEN_UP.to_owned()),
        Candidate::new("nothing", "nothing is collected", None, Bill::default())
            .breaking(!given_up, || "objectives would be watched on laptops only".to_owned()),
    ];
    let verdict = cheapest(candidates).expect("one of the two is never refused");
    let decision = question.decided(&verdict);
    design.telemetry = verdict.chosen.value;
    Some(decision)
}

/// A cloud where nothing collects what a spec asks to have collected.
pub(crate) fn check(spec: &Spec, cloud: &Cloud) -> Diagnostics {
    if cloud.telemetry || !spec.deliver.observability.iter().any(|asked| asked == "opentelemetry") {
        return Diagnostics::new();
    }
    let warning = Diagnostic::warning(
        "telemetry-not-designed",
        format!("nothing collects what services report on {}", cloud.name),
    )
    .because("Rules and dashboards are written and work on a laptop; in the cloud the platform's own alarms watch.")
    .help("send reports to a collector of your own by `OTEL_EXPORTER_OTLP_ENDPOINT`, or set `cloud.provider` to `aws`");
    Diagnostics::from_iter([warning])
}

fn bill(ctx: &Context<'_>, design: &EnvironmentDesign) -> Bill {
    let region = ctx.region;
    let traces: f64 = design.services.values().map(|service| usage::traces(design, service)).sum();
    let mut bill = Bill::default()
        .with(region, "prometheus/sample-10-million", usage::samples(design) / 1e7)
        .with(region, "prometheus/read-billion", usage::reads(design) / 1e9)
        .with(region, "prometheus/gb-month", usage::stored_gib(design))
        .with(region, "xray/trace-million", traces / 1e6)
        .with(region, "nat/gb", usage::sent_gb(design));
    operations::add_log(&mut bill, ctx.cloud, region, usage::log(design.log_days));
    bill
}

fn percent(share: f64) -> String {
    let text = format!("{:.6}", share * 100.0);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
