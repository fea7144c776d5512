//! Blueprint to Graph: one module a cloud.
//!
//! Everything was chosen before; here it is only said in the cloud's own kinds. Kinds and attributes are typed
//! constants, so that a misspelt one does not compile.

mod aws;
mod inputs;
mod names;
mod settings;

pub use aws::{AlarmInfo, alarms};

use design::Blueprint;
use ir::{Diagnostic, Diagnostics, Stack};
use spec::{Provider, Spec};

/// The stacks of a blueprint, in the order they are applied: `bootstrap`, `shared`, then every environment.
#[must_use]
pub fn lower(spec: &Spec, blueprint: &Blueprint) -> (Vec<Stack>, Diagnostics) {
    match blueprint.provider {
        Provider::Aws => aws::lower(spec, blueprint),
        Provider::Azure | Provider::Gcp | Provider::Any => {
            let cloud = &spec.cloud.provider;
            let problem = Diagnostic::error("cloud-not-written", "only AWS can be written as code yet")
                .at(cloud.span, "designed for another cloud")
                .because("The blueprint was designed and priced for this cloud, but its resources are not in the catalogue.")
                .help("set `cloud.provider: aws`");
            (Vec::new(), Diagnostics::from_iter([problem]))
        }
    }
}
