//! Spec to Blueprint: the only place that chooses.
//!
//! Capacity from load, availability from composed SLAs, backups from RTO and RPO, and among the candidates
//! that meet every constraint the cheapest. Every choice is a [`Decision`] with its inputs, what was rejected
//! and why, and where each fact came from. Nothing here knows how a choice is written down.

pub mod blueprint;
pub mod schedule;
pub mod signals;
pub mod telemetry;
pub mod upkeep;
pub mod usage;

mod any;
mod availability;
mod bill;
mod binding;
mod brokers;
mod budget;
mod caches;
mod capacity;
mod cloud;
mod compare;
mod context;
mod cron;
mod databases;
mod decide;
mod diff;
mod edge;
mod environment;
mod functions;
mod levels;
mod load;
mod messaging;
mod network;
mod operations;
mod parity;
mod queueing;
mod recovery;
mod refusals;
mod request_units;
mod resources;
mod routing;
mod rules;
mod services;
mod uptime;
mod versions;
mod volumes;

use indexmap::IndexMap;
use ir::{Diagnostic, Diagnostics};
use spec::{Provider, Source, Spec};

pub use binding::Binding;
pub use blueprint::*;
pub use compare::Alternative;
pub use diff::{DecisionChange, diff};
pub use recovery::{Loss, restore_loss, zone_loss};

use cloud::Cloud;
use context::Preferences;
use environment::Drafts;

/// Regions that a design puts something into.
const REGIONS_USED: usize = 2;

/// Designs a spec. `None` when some part has no feasible choice; the diagnostics say which and what to relax. A
/// blueprint beside an error is the best that can be had, and must not be built.
#[must_use]
pub fn design(spec: &Spec) -> (Option<Blueprint>, Diagnostics) {
    match spec.cloud.provider.value {
        Provider::Any => any::design(spec, on_one_cloud),
        Provider::Aws | Provider::Azure | Provider::Gcp => {
            let (own, mut said) = any::in_its_own_regions(spec);
            let (blueprint, more) = on_one_cloud(&own);
            said.extend(more);
            (blueprint, said)
        }
    }
}

/// Designs a spec for the cloud that it names.
fn on_one_cloud(spec: &Spec) -> (Option<Blueprint>, Diagnostics) {
    let drafts = Drafts::new(spec);
    let preferences = Preferences::default();
    let (blueprint, diagnostics) = without_budget(&drafts, preferences.clone());
    match blueprint {
        Some(found) if !diagnostics.has_errors() => {
            let (settled, said) = budget::settle(&drafts, preferences, found, diagnostics, without_budget);
            (Some(settled), said)
        }
        found => (found, diagnostics),
    }
}

/// What a spec would cost and promise under its alternatives: other clouds, other architectures, other databases, one
/// step of availability more and less. The first row is the spec as it stands.
#[must_use]
pub fn compare(spec: &Spec) -> Vec<Alternative> {
    let (asked, _) = design(spec);
    let chosen = asked.as_ref().map_or(spec.cloud.provider.value, |b| b.provider);
    let base = asked.as_ref().map_or_else(Preferences::default, budget::kept);
    let own = any::on(spec, cloud::of(chosen)).unwrap_or_else(|| spec.clone());
    compare::compare(&own, base, without_budget)
}

/// Everything but the budget.
fn without_budget(drafts: &Drafts<'_>, preferences: Preferences) -> (Option<Blueprint>, Diagnostics) {
    parity::settle(drafts, preferences, each_environment)
}

/// Every environment by itself, and what they share.
fn each_environment(drafts: &Drafts<'_>, preferences: Preferences) -> (Option<Blueprint>, Diagnostics) {
    let spec = drafts.spec;
    let mut diagnostics = check(spec);
    if diagnostics.has_errors() {
        return (None, diagnostics);
    }
    let mut decisions = load::assumptions(spec);
    decisions.extend(routing::decision(spec));
    let mut environments = IndexMap::new();
    for (index, name) in spec.environments.keys().enumerate() {
        if let Some((design, taken)) =
            environment::design(drafts, index, preferences.clone(), &mut diagnostics)
        {
            environments.insert(name.clone(), design);
            decisions.extend(taken);
        }
    }
    let mut images: Vec<String> = spec
        .services
        .iter()
        .filter(|(_, s)| matches!(s.source, Source::Build(_)))
        .map(|(name, _)| name.clone())
        .collect();
    images.sort();
    let common = operations::shared(spec, images.len());
    let shared = common.monthly.unwrap_or_default();
    decisions.push(common);
    diagnostics.extend(unpriced(&decisions));
    let complete = environments.len() == spec.environments.len();
    let blueprint = Blueprint {
        name: spec.name.value.clone(),
        owner: spec.owner.as_ref().map(|o| o.value.clone()),
        provider: cloud::of(spec.cloud.provider.value).provider,
        region: spec.cloud.regions.first().map(|r| r.value.clone()).unwrap_or_default(),
        environments,
        decisions,
        budget: spec.budget.as_ref().map(|b| b.value),
        images,
        shared,
        clouds: Vec::new(),
    };
    (complete.then_some(blueprint), diagnostics)
}

/// What can be said before anything is designed.
fn check(spec: &Spec) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let cloud = cloud::of(spec.cloud.provider.value);
    diagnostics.extend(unknown_regions(spec, cloud));
    diagnostics.extend(needless_regions(spec));
    if spec.cloud.regions.is_empty() {
        diagnostics.push(
            Diagnostic::error("no-region", "no region is given")
                .help(format!("add `regions` under `cloud`, such as {}", cloud.regions)),
        );
    }
    if spec.environments.len() > network::MOST_ENVIRONMENTS {
        let most = network::MOST_ENVIRONMENTS;
        diagnostics.push(
            Diagnostic::error(
                "too-many-environments",
                format!("more than {most} environments share 10.0.0.0/8"),
            )
            .help("split the environments over several specs"),
        );
    }
    let runtime = spec.deliver.runtime.as_str();
    if runtime != "auto" && !cloud.runtimes.contains(&runtime) {
        let others: Vec<String> = cloud.runtimes.iter().map(|name| format!("`{name}`")).collect();
        diagnostics.push(
            Diagnostic::error(
                "runtime-not-designed",
                format!("the runtime `{runtime}` is not designed on {} today", cloud.name),
            )
            .help(format!("set `deliver.runtime` to `auto` or {}", others.join(" or "))),
        );
    }
    diagnostics.extend(resources::check(spec, cloud));
    diagnostics.extend(telemetry::check(spec, cloud));
    diagnostics.extend(recovery::check_pair(spec, cloud));
    diagnostics.extend(routing::check(spec, cloud));
    diagnostics.extend(versions::check(spec, cloud));
    diagnostics.extend(messaging::check(spec));
    diagnostics.extend(services::release_warnings(spec));
    diagnostics
}

/// Regions that the cloud does not have.
fn unknown_regions(spec: &Spec, cloud: &Cloud) -> Diagnostics {
    let of = |region: &ir::Spanned<String>| {
        if catalog::regions::of(cloud.id).iter().any(|known| known.id == region.value) {
            return None;
        }
        let near = catalog::regions::nearest_names(cloud.id, &region.value);
        let help = if near.is_empty() {
            format!("write a region such as {}", cloud.regions)
        } else {
            format!("write {}", near.join(" or "))
        };
        Some(
            Diagnostic::error("unknown-region", format!("`{}` is no region of {}", region.value, cloud.name))
                .at(region.span, "this region")
                .help(help),
        )
    };
    spec.cloud.regions.iter().filter_map(of).collect()
}

/// Regions that nothing would be put into: the first is home, the second holds copies of backups.
fn needless_regions(spec: &Spec) -> Diagnostics {
    let regions = &spec.cloud.regions;
    let of = |(at, region): (usize, &ir::Spanned<String>)| {
        let again = regions[..at].iter().any(|earlier| earlier.value == region.value);
        let diagnostic = if again {
            Diagnostic::error("region-twice", format!("`{}` is given twice", region.value))
                .help("name another region for copies of backups, or leave it out")
        } else if at >= REGIONS_USED {
            Diagnostic::warning("region-not-used", format!("nothing is put into `{}`", region.value))
                .help("leave it out, or write a spec of its own for it")
        } else {
            return None;
        };
        let because =
            "The first region is home and the second holds copies of backups; no more are designed.";
        Some(diagnostic.at(region.span, "this region").because(because))
    };
    regions.iter().enumerate().filter_map(of).collect()
}

/// Choices whose cost is not known: the total leaves them out, so it must be said.
fn unpriced(decisions: &[Decision]) -> Diagnostics {
    let of = |decision: &Decision| {
        let missing = decision.inputs.get(decide::UNPRICED)?;
        let summary = format!("the cost of `{}` is not in the total", decision.id);
        Some(
            Diagnostic::warning("cannot-be-priced", summary)
                .because(format!("The catalogue has a hole: {missing}.")),
        )
    };
    decisions.iter().filter_map(of).collect()
}
