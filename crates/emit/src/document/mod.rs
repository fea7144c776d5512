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

use ir::{Bundle, Diagnostic, Diagnostics};

use crate::{Context, Step, Target};

/// The documents.
pub static TARGET: Target = Target { name: "documents", step: Step::Document, wanted: |_| true, emit };

fn emit(context: &Context<'_>) -> (Bundle, Diagnostics) {
    let mut bundle = Bundle::new();
    bundle.add("docs/resources.md", resources::write(context));
    decisions::write(context, &mut bundle);
    handoffs::write(context, &mut bundle);
    if context.is_operated() {
        bundle.add("docs/deployment.md", deployment::write(context));
        bundle.add("docs/disaster-recovery.md", recovery::write(context));
        let alerts = crate::alerts::alerts(context);
        bundle.add("docs/monitoring.md", monitoring::write(context, &alerts));
        runbooks::write(context, &alerts, &mut bundle);
        bundle.add("secrets/README.md", secrets::write(context));
    }
    if context.on_aws() {
        bundle.add("docs/infrastructure.md", infrastructure::write(context));
        picture(context, &mut bundle);
    }
    (bundle, unwritten(context).into_iter().collect())
}

/// The topology of the environment on which people depend most.
fn picture(context: &Context<'_>, bundle: &mut Bundle) {
    let shown = context.blueprint.environments.values().rfind(|e| e.critical);
    if let Some(environment) = shown.or(context.blueprint.environments.values().last()) {
        bundle.add("docs/topology.svg", topology::svg(context.blueprint, environment));
    }
}

/// Says what an operator misses where the commands are not known.
fn unwritten(context: &Context<'_>) -> Option<Diagnostic> {
    if context.is_operated() {
        return None;
    }
    let iac = &context.spec.deliver.iac;
    let (of, help) = if context.on_aws() {
        (format!("{iac} on AWS"), "deploy with the tool's own commands, or set `deliver.iac: terraform`")
    } else {
        (
            format!("{iac} on {}", context.blueprint.cloud()),
            "deploy with the tool's own commands, or set `cloud.provider: aws`",
        )
    };
    Some(
        Diagnostic::warning("operation-not-written", format!("pipelines and runbooks of {of} are not written"))
            .because("Those that are written today run the commands of Terraform and of AWS, which would not work here.")
            .because("The infrastructure code, the containers, the decisions and the requests to other roles are complete.")
            .help(help),
    )
}
