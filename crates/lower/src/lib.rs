//! Blueprint to Graph: one module a cloud.
//!
//! Everything was chosen before; here it is only said in the cloud's own kinds. Kinds and attributes are typed
//! constants, so that a misspelt one does not compile.

mod aws;
mod azure;
mod cron;
mod inputs;
mod names;
mod settings;

use design::Blueprint;
use ir::{Diagnostic, Diagnostics, Node, Stack};
use spec::{Provider, Spec};

/// The stacks of a blueprint, in the order they are applied: `bootstrap`, `shared`, then every environment.
#[must_use]
pub fn lower(spec: &Spec, blueprint: &Blueprint) -> (Vec<Stack>, Diagnostics) {
    match blueprint.provider {
        Provider::Aws => aws::lower(spec, blueprint),
        Provider::Azure => azure::lower(spec, blueprint),
        Provider::Gcp | Provider::Any => {
            let cloud = &spec.cloud.provider;
            let problem = Diagnostic::error("cloud-not-written", "only AWS and Azure can be written as code yet")
                .at(cloud.span, "designed for another cloud")
                .because("The blueprint was designed and priced for this cloud, but its resources are not in the catalogue.")
                .help("set `cloud.provider` to `aws` or `azure`");
            (Vec::new(), Diagnostics::from_iter([problem]))
        }
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
    let describe = |node: &Node| aws::describe(node).or_else(|| azure::describe(node));
    stack.graph.nodes().filter_map(describe).collect()
}
