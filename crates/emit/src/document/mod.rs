//! The document set: what a person needs who did not write this.

mod database;
pub mod decisions;
pub mod deployment;
pub mod handoffs;
pub mod infrastructure;
pub mod markdown;
pub mod monitoring;
pub mod pull_request;
pub mod recovery;
pub mod removal;
pub mod resources;
pub mod runbooks;
pub mod secrets;
pub mod topology;

use ir::{Bundle, Diagnostics};

use crate::{Context, Step, Target};

/// The documents.
pub static TARGET: Target = Target { name: "documents", step: Step::Document, wanted: |_| true, emit };

fn emit(context: &Context<'_>) -> (Bundle, Diagnostics) {
    let mut bundle = Bundle::new();
    bundle.add("docs/infrastructure.md", infrastructure::write(context));
    bundle.add("docs/resources.md", resources::write(context));
    bundle.add("docs/deployment.md", deployment::write(context));
    bundle.add("docs/disaster-recovery.md", recovery::write(context));
    let alerts = crate::alerts::alerts(context);
    bundle.add("docs/monitoring.md", monitoring::write(context, &alerts));
    runbooks::write(context, &alerts, &mut bundle);
    bundle.add("secrets/README.md", secrets::write(context));
    decisions::write(context, &mut bundle);
    handoffs::write(context, &mut bundle);
    let shown = context.blueprint.environments.values().rfind(|e| e.critical);
    if let Some(environment) = shown.or(context.blueprint.environments.values().last()) {
        bundle.add("docs/topology.svg", topology::svg(context.blueprint, environment));
    }
    (bundle, Diagnostics::new())
}
