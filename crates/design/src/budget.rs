//! The budget: does the cheapest feasible design fit, and what would make it fit.
//!
//! What a constraint costs is found by designing again without it, not by rule of thumb. Nothing is given up
//! silently: preferences go before the budget is called too small, the least missed first, each with a warning that says
//! its price.

use ir::{Diagnostic, Diagnostics, Spanned, Usd};
use spec::Spec;

use crate::blueprint::Blueprint;
use crate::context::Preferences;
use crate::environment::{self, Designer, Drafts};

/// How many ways out are named.
const WAYS_OUT: usize = 5;

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

/// What may go, what goes first at the front.
static SACRIFICES: &[Sacrifice] = &[
    Sacrifice {
        id: "products-differ",
        summary: "the same database products in every environment do not fit the budget",
        missed: "what is tested run in production",
        give_up: |preferences| preferences.products_differ = true,
    },
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
        products_differ: chosen(".product", "in every environment"),
        open_balancer: chosen(".edge.door", "answers nobody else"),
        without_firewall: chosen(".edge.firewall", "") || chosen(".edge.door", "WAF"),
        without_telemetry: chosen(".telemetry.collection", "collector"),
        ..Preferences::default()
    }
}

/// Why a preference lost that the budget has no room for.
pub(crate) const GIVEN_UP: &str = "does not fit the budget";

/// A design with what was given up for it, as bits of the places in [`SACRIFICES`].
struct Tried {
    given_up: u32,
    preferences: Preferences,
    blueprint: Blueprint,
    said: Diagnostics,
}

/// Holds a design against the budget: the same, a cheaper one, or with an error. Sets of sacrifices are designed and not
/// added up, because giving one up may make another worth its price, or cost more than it saves.
pub(crate) fn settle(
    drafts: &Drafts<'_>,
    preferences: Preferences,
    blueprint: Blueprint,
    said: Diagnostics,
    designer: Designer,
) -> (Blueprint, Diagnostics) {
    let Some(budget) = &drafts.spec.budget else { return (blueprint, said) };
    let fits = |t: &Tried| t.blueprint.monthly().0 <= budget.value.0;
    let all = preferences.clone();
    let mut tried = vec![Tried { given_up: 0, preferences, blueprint, said }];
    let mut more = (1..1 << SACRIFICES.len()).filter_map(|set| without(drafts, all.clone(), set, designer));
    // Sets are in the order of what is missed, so nothing after the first that fits would be taken.
    while !tried.last().is_some_and(fits) {
        let Some(next) = more.next() else { break };
        tried.push(next);
    }
    let place = affordable(&tried, budget.value);
    let warnings: Diagnostics =
        (0..SACRIFICES.len()).filter_map(|which| missed(which, &tried, place, budget)).collect();
    let Tried { preferences, blueprint, mut said, .. } = tried.swap_remove(place);
    said.extend(warnings);
    let least = blueprint.monthly();
    if least.0 > budget.value.0 {
        said.push(too_small(drafts.spec, preferences, budget, least, designer));
    }
    (share(blueprint, budget.value), said)
}

/// The design that gives up a set of sacrifices; `None` when there is none.
fn without(drafts: &Drafts<'_>, mut preferences: Preferences, set: u32, designer: Designer) -> Option<Tried> {
    let given_up = SACRIFICES.iter().enumerate().filter(|(which, _)| set & (1 << which) != 0);
    given_up.for_each(|(_, sacrifice)| (sacrifice.give_up)(&mut preferences));
    let (found, said) = designer(drafts, preferences.clone());
    let blueprint = found.filter(|_| !said.has_errors())?;
    Some(Tried { given_up: set, preferences, blueprint, said })
}

/// The place of the first design that a budget has room for, else of the cheapest.
fn affordable(tried: &[Tried], budget: Usd) -> usize {
    let cents = |t: &Tried| (t.blueprint.monthly().0 * 100.0).round() as i64;
    let cheapest = || (0..tried.len()).min_by_key(|place| cents(&tried[*place])).unwrap_or(0);
    tried.iter().position(|t| t.blueprint.monthly().0 <= budget.0).unwrap_or_else(cheapest)
}

/// What to say of a sacrifice that the design at a place has made: the least budget that brings it back.
fn missed(which: usize, tried: &[Tried], place: usize, budget: &Spanned<Usd>) -> Option<Diagnostic> {
    let has = |t: &Tried| t.given_up & (1 << which) == 0;
    if has(&tried[place]) {
        return None;
    }
    let enough = tried.iter().map(|t| rounded_up(t.blueprint.monthly()));
    let enough = enough.filter(|b| has(&tried[affordable(tried, *b)])).min_by(|a, b| a.0.total_cmp(&b.0))?;
    let with = tried[affordable(tried, enough)].blueprint.monthly();
    let more = with - tried[place].blueprint.monthly();
    let sacrifice = &SACRIFICES[which];
    Some(
        Diagnostic::warning(sacrifice.id, sacrifice.summary)
            .at(budget.span, "this budget")
            .because(format!("With it the design costs {with} a month, {more} more."))
            .help(format!("raise the budget to {enough} to have {}", sacrifice.missed)),
    )
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
            let (found, said) = designer(&Drafts::new(&relaxed), preferences.clone());
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
