//! The budget: does the cheapest feasible design fit, and what would make it fit.
//!
//! What a constraint costs is found by designing again without it, not by rule of thumb. Nothing is given up
//! silently: a few preferences go before the budget is called too small, each with a warning that says its price.

use ir::{Diagnostic, Diagnostics, Spanned, Usd};
use spec::Spec;

use crate::blueprint::Blueprint;
use crate::context::Preferences;
use crate::environment;

/// How many ways out are named.
const WAYS_OUT: usize = 5;

/// Designs without looking at the budget.
type Designer = fn(&Spec, Preferences) -> (Option<Blueprint>, Diagnostics);

/// Something that a budget may cost before it is called too small.
struct Sacrifice {
    /// Stable id of the warning.
    id: &'static str,
    /// The warning's summary.
    summary: &'static str,
    /// What is missed, completing "to have".
    missed: &'static str,
    /// Gives it up.
    give_up: fn(&mut Preferences),
}

/// In the order they are given up.
static SACRIFICES: &[Sacrifice] = &[
    Sacrifice {
        id: "calls-over-plain-http",
        summary: "content delivery for every call to the public services does not fit the budget",
        missed: "every call over TLS, or give the public services host names, which costs nothing",
        give_up: |preferences| preferences.open_balancer = true,
    },
    Sacrifice {
        id: "firewall-left-out",
        summary: "the web application firewall does not fit the budget",
        missed: "it",
        give_up: |preferences| preferences.without_firewall = true,
    },
    Sacrifice {
        id: "telemetry-left-out",
        summary: "collecting telemetry in the cloud does not fit the budget",
        missed: "objectives watched there",
        give_up: |preferences| preferences.without_telemetry = true,
    },
];

/// What a settled design has kept, to design its alternatives alike.
pub(crate) fn kept(blueprint: &Blueprint) -> Preferences {
    let chosen = |id: &str, word: &str| {
        blueprint.decisions.iter().any(|d| {
            d.id.ends_with(id) && d.rejected.iter().any(|r| r.option.contains(word) && r.because == GIVEN_UP)
        })
    };
    Preferences {
        open_balancer: chosen(".edge.door", "every call"),
        without_firewall: chosen(".edge.firewall", "WAF"),
        without_telemetry: chosen(".telemetry.collection", "collector"),
        ..Preferences::default()
    }
}

/// Why a preference lost that the budget has no room for.
pub(crate) const GIVEN_UP: &str = "does not fit the budget";

/// Holds a design against the budget: the same, a cheaper one, or with an error.
pub(crate) fn settle(
    spec: &Spec,
    preferences: Preferences,
    blueprint: Blueprint,
    diagnostics: Diagnostics,
    designer: Designer,
) -> (Blueprint, Diagnostics) {
    let Some(budget) = &spec.budget else { return (blueprint, diagnostics) };
    let (mut preferences, mut best, mut said) = (preferences, blueprint, diagnostics);
    let mut warnings = Vec::new();
    for sacrifice in SACRIFICES {
        let before = best.monthly();
        if before.0 <= budget.value.0 {
            break;
        }
        let mut leaner = preferences;
        (sacrifice.give_up)(&mut leaner);
        let (Some(found), diagnostics) = designer(spec, leaner) else { continue };
        preferences = leaner;
        let after = found.monthly();
        if after.0 < before.0 - 0.005 {
            warnings.push(missed(sacrifice, budget, before, after));
        }
        // Giving one up may make the next worth its price: a design is only kept with all that led to it.
        (best, said) = (found, diagnostics);
    }
    said.extend(warnings.into_iter().collect::<Diagnostics>());
    let least = best.monthly();
    if least.0 > budget.value.0 {
        said.push(too_small(spec, preferences, budget, least, designer));
    }
    (share(best, budget.value), said)
}

fn missed(sacrifice: &Sacrifice, budget: &Spanned<Usd>, before: Usd, after: Usd) -> Diagnostic {
    Diagnostic::warning(sacrifice.id, sacrifice.summary)
        .at(budget.span, "this budget")
        .because(format!("It costs {} a month; with it the design costs {before}.", before - after))
        .help(format!("raise the budget to {} to have {}", rounded_up(before), sacrifice.missed))
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

/// Sets each environment's part of the budget, in proportion to its cost; each carries its part of what all share.
fn share(mut blueprint: Blueprint, budget: Usd) -> Blueprint {
    let total = blueprint.environments.values().map(|e| e.monthly.0).sum::<f64>();
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
