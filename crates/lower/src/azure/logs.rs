//! Where logs and telemetry are kept.
//!
//! One workspace of an environment takes what containers write, what servers say about themselves, and what programs
//! measure. It must not know who writes.

use catalog::azurerm::{application_insights, log_analytics_workspace, monitor_diagnostic_setting};
use design::{ResourceChoice, usage};
use ir::{Block, NodeBuilder, Value};

use super::Env;
use super::env::number;

const COMPONENT: &str = "logs";

/// Days that a workspace keeps logs for nothing, and those it keeps at most.
/// Source: learn.microsoft.com/azure/azure-monitor/logs/data-retention-configure, 2025.
const DAYS: (u32, u32) = (30, 730);

/// Days more than these are paid; the workspace alone keeps 31 for nothing.
const FREE_DAYS: f64 = 31.0;

/// Adds the workspace, and where telemetry goes when any is collected.
pub(crate) fn lower(env: &mut Env) {
    env.component(COMPONENT, "logs", "Where logs and telemetry are kept");
    let decl = number("Days that logs are kept.", f64::from(DAYS.0), f64::from(DAYS.1));
    let days = env.design.log_days.clamp(DAYS.0, DAYS.1);
    let kept = env.input(COMPONENT, "log_days", decl, days);
    let written = written_gib(env);
    let (name, group, location) = (env.name(""), env.group(), env.location());
    let workspace = env.add(
        NodeBuilder::new(COMPONENT, log_analytics_workspace::KIND, "this")
            .set(log_analytics_workspace::NAME, name.clone())
            .set(log_analytics_workspace::RESOURCE_GROUP_NAME, group.clone())
            .set(log_analytics_workspace::LOCATION, location.clone())
            .set(log_analytics_workspace::SKU, "PerGB2018")
            .set(log_analytics_workspace::RETENTION_IN_DAYS, kept)
            .usage("ingest_gib", written)
            .usage("storage_gib", written * (f64::from(days) - FREE_DAYS).max(0.0) / 30.0)
            .purpose("Keeps what the environment writes about itself"),
    );
    let outputs = &mut env.graph.components.entry(COMPONENT.to_owned()).or_default().outputs;
    let words = "Workspace that logs are asked for in.".to_owned();
    outputs.insert("workspace".into(), (words, workspace.get(log_analytics_workspace::WORKSPACE_ID)));
    if let Some(telemetry) = env.design.telemetry {
        let insights = env.add(
            NodeBuilder::new(COMPONENT, application_insights::KIND, "this")
                .set(application_insights::NAME, name)
                .set(application_insights::RESOURCE_GROUP_NAME, group)
                .set(application_insights::LOCATION, location)
                .set(application_insights::APPLICATION_TYPE, "other")
                .set(application_insights::WORKSPACE_ID, workspace.get(log_analytics_workspace::ID))
                .set(application_insights::SAMPLING_PERCENTAGE, telemetry.sampling * 100.0)
                .purpose("Takes what programs measure and trace"),
        );
        env.telemetry = Some(insights.get(application_insights::CONNECTION_STRING));
    }
    env.workspace = Some(workspace);
}

/// GiB a month that services, servers and firewalls write.
fn written_gib(env: &Env) -> f64 {
    let design = env.design;
    let services: f64 =
        design.services.values().map(|s| usage::service_log(s, design.log_days).written_gib).sum();
    let servers = design.resources.values().filter(|r| matches!(r.choice, ResourceChoice::FlexibleServer(_)));
    let mut filtered = 0.0;
    if design.network.firewall {
        filtered += usage::firewall_log(usage::balancer_requests(design), design.log_days).written_gib;
    }
    if design.network.site_firewall {
        filtered += usage::firewall_log(usage::delivered_requests(design), design.log_days).written_gib;
    }
    services + servers.count() as f64 * usage::store_log(design.log_days).written_gib + filtered
}

/// Sends logs of a resource to the workspace, by their categories.
pub(crate) fn collect(env: &mut Env, component: &str, resource: &str, target: Value, categories: &[&str]) {
    let workspace = env.workspace_id();
    let mut builder = NodeBuilder::new(component, monitor_diagnostic_setting::KIND, "this")
        .set(monitor_diagnostic_setting::NAME, "logs")
        .set(monitor_diagnostic_setting::TARGET_RESOURCE_ID, target)
        .set(monitor_diagnostic_setting::LOG_ANALYTICS_WORKSPACE_ID, workspace);
    for category in categories {
        let log = Block::new().set(monitor_diagnostic_setting::enabled_log::CATEGORY, *category);
        builder = builder.block(monitor_diagnostic_setting::ENABLED_LOG, log);
    }
    env.add(builder.purpose(format!("Sends what {resource} says about itself to the workspace")));
}
