//! `observability/`: what the application is watched with, outside of the cloud's own alarms.
//!
//! OpenTelemetry brings measurements in, Prometheus judges them, Alertmanager tells people, Grafana shows
//! them; each is written when `deliver.observability` asks for it. Alarms of the cloud are resources and are
//! not written here. It must not decide what matters: objectives come from the blueprint.

pub mod promql;
pub mod rules;
pub mod signal;
pub mod slo;

mod alertmanager;
mod collector;
mod grafana;
mod prometheus;
mod rule_tests;
mod stack;

use design::telemetry::COLLECTOR_PATH;
use design::{Blueprint, EnvironmentDesign};
use ir::{Bundle, Diagnostic, Diagnostics};
use serde::Serialize;

use crate::{Context, Step, Target};

/// What watches it.
pub static TARGET: Target = Target {
    name: "observability",
    step: Step::Observability,
    wanted: |context| prometheus_wanted(context) || collector_wanted(context) || grafana_wanted(context),
    emit,
};

/// The job under which Prometheus scrapes the collector.
pub const COLLECTOR_JOB: &str = "otel-collector";
/// What a laptop calls its environment.
pub const LOCAL: &str = "local";

fn emit(context: &Context<'_>) -> (Bundle, Diagnostics) {
    let mut bundle = Bundle::new();
    let diagnostics = unwatched(context);
    let application = &context.blueprint.name;
    let stack = stack::Stack::beside(context);
    let reference = reference(context.blueprint);
    let watches = reference.map(rules::watches).unwrap_or_default();
    if collector_wanted(context) {
        bundle.add("observability/otel/collector.yaml", yaml(&collector::anywhere(application)));
    }
    if context.blueprint.environments.values().any(|e| e.telemetry.is_some()) {
        bundle.add(COLLECTOR_PATH, yaml(&collector::beside_tasks(application)));
    }
    if prometheus_wanted(context) {
        let platform = if collector_wanted(context) { rules::of_the_watch() } else { Vec::new() };
        prometheus::write(context, &watches, &platform, &stack, &mut bundle);
        bundle
            .add("observability/alertmanager/alertmanager.yml", yaml(&alertmanager::write(context, &stack)));
    }
    if grafana_wanted(context) {
        grafana::write(context, &watches, &stack, &mut bundle);
    }
    bundle.add("observability/compose.yaml", yaml(&stack::overlay(context, &stack)));
    (bundle, diagnostics)
}

/// Objectives that nothing can measure, and alerts that reach nobody.
fn unwatched(context: &Context<'_>) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    if !prometheus_wanted(context) {
        return diagnostics;
    }
    let environment = reference(context.blueprint);
    for (environment, name, service) in
        environment.iter().flat_map(|e| e.services.iter().map(move |(name, service)| (e, name, service)))
    {
        let (_, unmeasured) = slo::objectives(environment, name, service);
        if unmeasured > 0 {
            let span = context.spec.services.get(name).and_then(|s| s.span);
            diagnostics.push(
                Diagnostic::warning("objective-not-measured", format!("an objective of `{name}` is not watched"))
                    .at(span, "nothing here measures it")
                    .because("Objectives are watched through requests, calls or messages that the service counts itself, and availability also through probes from outside. This service has neither for what it promises.")
                    .help("state the objective on the service that users call, or make this one speak HTTP or gRPC"),
            );
        }
    }
    if context.blueprint.owner.is_none() {
        diagnostics.push(
            Diagnostic::warning("alerts-reach-nobody", "nobody is told about alerts")
                .because("The spec has no `owner`, so the receivers are empty.")
                .help("add `owner: team@example.com`"),
        );
    }
    diagnostics
}

/// Whether the spec asks for the collector.
pub fn collector_wanted(context: &Context<'_>) -> bool {
    asked(context, "opentelemetry")
}

/// Whether the spec asks for Prometheus; Alertmanager comes with it, or nobody would be told.
pub fn prometheus_wanted(context: &Context<'_>) -> bool {
    asked(context, "prometheus")
}

/// Whether the spec asks for Grafana.
pub fn grafana_wanted(context: &Context<'_>) -> bool {
    asked(context, "grafana")
}

fn asked(context: &Context<'_>, name: &str) -> bool {
    context.spec.deliver.observability.iter().any(|asked| asked == name)
}

/// The environment whose load and objectives count: the last that people depend on.
pub fn reference(blueprint: &Blueprint) -> Option<&EnvironmentDesign> {
    let critical = blueprint.environments.values().rfind(|e| e.critical);
    critical.or(blueprint.environments.values().last())
}

/// Whether any service of any environment is reached from outside.
pub fn anything_public(blueprint: &Blueprint) -> bool {
    blueprint.environments.values().flat_map(|e| e.services.values()).any(signal::reached)
}

/// Where a runbook is, from the root of the bundle.
pub fn runbook_path(slug: &str) -> String {
    format!("docs/runbooks/{slug}.md")
}

/// Where Grafana shows a service.
pub fn dashboard_path(application: &str, service: &str) -> String {
    format!("/d/{}", dashboard_uid(application, service))
}

/// A stable id of a service's dashboard: Grafana allows 40 characters.
pub fn dashboard_uid(application: &str, service: &str) -> String {
    let full = format!("{application}-{service}");
    if full.len() <= 40 {
        return full;
    }
    let digest = ir::bundle::sha256(full.as_bytes());
    let kept: String = full.chars().filter(char::is_ascii).take(31).collect();
    format!("{kept}-{}", &digest[..8])
}

fn yaml(value: &impl Serialize) -> String {
    serde_saphyr::to_string(value).expect("a tree of plain values prints")
}
