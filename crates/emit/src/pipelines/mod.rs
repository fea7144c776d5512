//! Pipelines: from a change to every environment and back, as the CI system's own files.
//!
//! Three layers. [`delivery`] says what is delivered, from the blueprint and the graph; [`workflows`] say in a
//! general [`model`] how a good team delivers it; a CI system's module prints that model. The work itself is shell
//! in [`scripts`], the same under every system. Must not choose anything: releases, approvers and architectures
//! were chosen before.

pub mod delivery;
pub mod github;
pub mod languages;
pub mod model;
pub mod pins;
pub mod scripts;
pub mod workflows;

use std::collections::BTreeMap;

use ir::{Bundle, Diagnostics};

use crate::{Context, Step, Target};

/// Pipelines of GitHub Actions, and the scripts and facts they run on.
pub static TARGET: Target = Target {
    name: "github-actions",
    step: Step::Pipeline,
    wanted: |context| context.is_operated() && context.spec.deliver.ci == "github-actions",
    emit,
};

fn emit(context: &Context<'_>) -> (Bundle, Diagnostics) {
    let delivery = delivery::of(context);
    let mut bundle = Bundle::new();
    for pipeline in workflows::all(&delivery) {
        bundle.add(github::path(&pipeline), github::print(&pipeline, &delivery.region));
    }
    scripts::write(&mut bundle);
    bundle.add(format!("{}/delivery.json", scripts::FOLDER), json(&delivery));
    if !context.estimates.is_empty() {
        bundle.add("infra/cost.json", json(&costs(context)));
    }
    (bundle, Diagnostics::new())
}

/// Dollars a month of every component of every stack, in whole cents: what a pull request is compared with.
fn costs<'c>(context: &'c Context<'_>) -> BTreeMap<&'c str, BTreeMap<&'c str, f64>> {
    let cents = |usd: ir::Usd| (usd.0 * 100.0).round() / 100.0;
    let components =
        |e: &'c cost::Estimate| e.by_component().into_iter().map(|(c, usd)| (c, cents(usd))).collect();
    context.estimates.iter().map(|e| (e.stack.as_str(), components(e))).collect()
}

fn json(value: &impl serde::Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("maps with text keys print");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests;
