//! The budget: does the cheapest feasible design fit, and what would make it fit.
//!
//! What a constraint costs is found by designing again without it, not by rule of thumb. One thing is given up
//! silently by nobody: the firewall is a preference and goes before the budget is called too small, with a
//! warning.

use ir::{Diagnostic, Diagnostics, Usd};
use spec::Spec;

use crate::blueprint::Blueprint;
use crate::context::Preferences;
use crate::environment;

/// How many ways out are named.
const WAYS_OUT: usize = 5;

/// Designs without looking at the budget.
type Designer = fn(&Spec, Preferences) -> (Option<Blueprint>, Diagnostics);

/// Holds a design against the budget: the same, a cheaper one, or with an error.
pub(crate) fn settle(
    spec: &Spec,
    preferences: Preferences,
    blueprint: Blueprint,
    diagnostics: Diagnostics,
    designer: Designer,
) -> (Blueprint, Diagnostics) {
    let Some(budget) = &spec.budget else { return (blueprint, diagnostics) };
    let total = blueprint.monthly();
    if total.0 <= budget.value.0 {
        return (share(blueprint, budget.value), diagnostics);
    }
    let lean = Preferences { without_firewall: true, ..preferences };
    let filtered = blueprint.environments.values().any(|e| e.network.firewall);
    let (mut cheapest, mut said) = (blueprint, diagnostics);
    let mut least = total;
    if filtered && let (Some(without), diagnostics) = designer(spec, lean) {
        least = without.monthly();
        (cheapest, said) = (without, diagnostics);
    }
    if least.0 <= budget.value.0 {
        said.push(
            Diagnostic::warning("firewall-left-out", "the web application firewall does not fit the budget")
                .at(budget.span, "this budget")
                .because(format!("It costs {} a month; with it the design costs {total}.", total - least))
                .help(format!("raise the budget to {} to have it", rounded_up(total))),
        );
        return (share(cheapest, budget.value), said);
    }
    said.push(too_small(spec, lean, budget, least, designer));
    (share(cheapest, budget.value), said)
}

fn too_small(
    spec: &Spec,
    preferences: Preferences,
    budget: &ir::Spanned<Usd>,
    least: Usd,
    designer: Designer,
) -> Diagnostic {
    let over = least - budget.value;
    let mut ways: Vec<(String, Usd)> = relaxations(spec)
        .into_iter()
        .filter_map(|(name, relaxed)| {
            let (found, said) = designer(&relaxed, preferences);
            let saving = least - found.filter(|_| !said.has_errors())?.monthly();
            (saving.0 >= 0.01).then_some((name, saving))
        })
        .collect();
    ways.sort_by(|(a, x), (b, y)| y.0.total_cmp(&x.0).then_with(|| a.cmp(b)));
    let mut diagnostic = Diagnostic::error(
        "budget-too-small",
        format!("the cheapest design costs {least} a month, {over} more than the budget"),
    )
    .at(budget.span, format!("{} a month", budget.value));
    for (name, saving) in ways.iter().take(WAYS_OUT) {
        let enough = if saving.0 >= over.0 { ", which is enough" } else { "" };
        diagnostic = diagnostic.because(format!("To {name} saves {saving} a month{enough}."));
    }
    // The least sacrifice that is enough comes first.
    match ways.iter().rev().find(|(_, saving)| saving.0 >= over.0) {
        Some((name, _)) => diagnostic.help(format!("{name}, or raise the budget to {}", rounded_up(least))),
        None => diagnostic.help(format!("raise the budget to {}, or lower the load", rounded_up(least))),
    }
}

/// The spec with one constraint relaxed, each with what that is called.
fn relaxations(spec: &Spec) -> Vec<(String, Spec)> {
    let mut all = Vec::new();
    let mut with = |name: String, index: usize, change: &dyn Fn(&mut spec::Environment)| {
        let mut relaxed = spec.clone();
        if let Some((_, environment)) = relaxed.environments.get_index_mut(index) {
            change(environment);
            all.push((name, relaxed));
        }
    };
    for (index, (name, environment)) in spec.environments.iter().enumerate() {
        if environment.availability.is_some() {
            with(format!("drop the availability target of {name}"), index, &|e| e.availability = None);
        }
        if environment.rto.is_some() || environment.rpo.is_some() {
            let change = |e: &mut spec::Environment| (e.rto, e.rpo) = (None, None);
            with(format!("drop the RTO and RPO of {name}"), index, &change);
        }
        if !environment::is_critical(spec, index) {
            with(format!("halve the scale of {name}"), index, &|e| e.scale.value /= 2.0);
        }
    }
    for (index, name) in spec.environments.keys().enumerate() {
        if !environment::is_critical(spec, index) {
            let mut relaxed = spec.clone();
            relaxed.environments.shift_remove(name);
            all.push((format!("do without {name}"), relaxed));
        }
    }
    all
}

/// Sets each environment's part of the budget, in proportion to its cost.
fn share(mut blueprint: Blueprint, budget: Usd) -> Blueprint {
    let total = blueprint.monthly().0;
    let environments = blueprint.environments.len().max(1) as f64;
    for environment in blueprint.environments.values_mut() {
        let part = if total > 0.0 { environment.monthly.0 / total } else { 1.0 / environments };
        environment.budget = Some(budget * part);
    }
    blueprint
}

/// The next round figure that is enough.
fn rounded_up(usd: Usd) -> Usd {
    Usd((usd.0 / 10.0).ceil() * 10.0)
}
