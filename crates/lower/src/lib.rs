//! Blueprint to Graph: one module a cloud.
//!
//! Everything was chosen before; here it is only said in the cloud's own kinds. Kinds and attributes are typed
//! constants, so that a misspelt one does not compile.

mod aws;
mod azure;
mod cron;
mod gcp;
mod inputs;
mod names;
mod settings;

use design::Blueprint;
use indexmap::IndexMap;
use ir::{Diagnostic, Diagnostics, Node, Stack};
use spec::{Provider, Spec};

/// The stacks of a blueprint, in the order they are applied: `bootstrap`, `shared`, then every environment.
#[must_use]
pub fn lower(spec: &Spec, blueprint: &Blueprint) -> (Vec<Stack>, Diagnostics) {
    match blueprint.provider {
        Provider::Aws => aws::lower(spec, blueprint),
        Provider::Azure => azure::lower(spec, blueprint),
        Provider::Gcp => gcp::lower(spec, blueprint),
        Provider::Any => unreachable!("a blueprint is designed for one cloud"),
    }
}

/// What documents say about one alarm.
#[derive(Clone, Debug, PartialEq)]
pub struct AlarmInfo {
    /// The alarm's name, `<application>-<environment>-<component>-<metric>`.
    pub name: String,
    /// The component it watches.
    pub component: String,
    /// The metric, such as `CPUUtilization`.
    pub metric: String,
    /// From which value on it rings, such as `above 80 %`.
    pub threshold: String,
    /// Why somebody must act, one sentence without a full stop.
    pub why: String,
    /// Name of the runbook, the same for all alarms of a kind, such as `rds-cpu`.
    pub runbook_slug: String,
}

/// Every alarm of a stack, in the order they were made.
#[must_use]
pub fn alarms(stack: &Stack) -> Vec<AlarmInfo> {
    let describe =
        |node: &Node| aws::describe(node).or_else(|| azure::describe(node)).or_else(|| gcp::describe(node));
    stack.graph.nodes().filter_map(describe).collect()
}

/// Says once which public services answer over plain HTTP, and in which environments.
fn say_plain_http(plain_http: &IndexMap<String, Vec<&str>>, diagnostics: &mut Diagnostics) {
    if plain_http.is_empty() {
        return;
    }
    let services = plain_http.iter().map(|(name, places)| format!("{name} ({})", places.join(", ")));
    let services: Vec<String> = services.collect();
    diagnostics.push(
        Diagnostic::warning("plain-http", "public services answer over plain HTTP")
            .because(format!("No host name was given for {}.", services.join("; ")))
            .because("Nobody can have a certificate for a load balancer's own name.")
            .help("give a service a host name: `host: api.example.com`"),
    );
}
