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

mod availability;
mod bill;
mod brokers;
mod budget;
mod caches;
mod capacity;
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
mod resources;
mod routing;
mod rules;
mod services;
mod uptime;
mod versions;

use indexmap::IndexMap;
use ir::{Diagnostic, Diagnostics};
use spec::{Provider, Source, Spec};

pub use blueprint::*;
pub use compare::Alternative;
pub use diff::{DecisionChange, diff};
pub use recovery::{Loss, restore_loss, zone_loss};

use context::Preferences;
use environment::Drafts;

/// Regions that a design puts something into.
const REGIONS_USED: usize = 2;

/// Designs a spec. `None` when some part has no feasible choice; the diagnostics say which and what to relax. A
/// blueprint beside an error is the best that can be had, and must not be built.
#[must_use]
pub fn design(spec: &Spec) -> (Option<Blueprint>, Diagnostics) {
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

/// What a spec would cost and promise under its alternatives: other architectures, other databases, one step of
/// availability more and less. The first row is the spec as it stands.
#[must_use]
pub fn compare(spec: &Spec) -> Vec<Alternative> {
    let (asked, _) = design(spec);
    let base = asked.map_or_else(Preferences::default, |b| budget::kept(&b));
    compare::compare(spec, base, without_budget)
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
        provider: Provider::Aws,
        region: spec.cloud.regions.first().map(|r| r.value.clone()).unwrap_or_default(),
        environments,
        decisions,
        budget: spec.budget.as_ref().map(|b| b.value),
        images,
        shared,
    };
    (complete.then_some(blueprint), diagnostics)
}

/// What can be said before anything is designed.
fn check(spec: &Spec) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let provider = &spec.cloud.provider;
    match provider.value {
        Provider::Aws => {}
        Provider::Any => diagnostics.push(
            Diagnostic::note("only-aws-is-designed", "AWS was taken: it is the only cloud designed today")
                .at(provider.span, "any cloud"),
        ),
        Provider::Azure | Provider::Gcp => diagnostics.push(
            Diagnostic::error("provider-not-designed", "AWS is the only cloud designed today")
                .at(provider.span, "this cloud")
                .help("set `cloud.provider` to `aws` or `any`"),
        ),
    }
    for region in &spec.cloud.regions {
        if provider.value == Provider::Aws && !catalog::regions::known(&region.value) {
            let near = catalog::regions::nearest_names("aws", &region.value);
            let help = if near.is_empty() {
                "write a region such as `eu-west-1` or `us-east-1`".to_owned()
            } else {
                format!("write {}", near.join(" or "))
            };
            diagnostics.push(
                Diagnostic::error("unknown-region", format!("`{}` is no region of AWS", region.value))
                    .at(region.span, "this region")
                    .help(help),
            );
        }
    }
    diagnostics.extend(needless_regions(spec));
    if spec.cloud.regions.is_empty() {
        diagnostics.push(
            Diagnostic::error("no-region", "no region is given")
                .help("add `regions: [eu-west-1]` under `cloud`"),
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
    if !["auto", "ecs", "lambda"].contains(&spec.deliver.runtime.as_str()) {
        diagnostics.push(
            Diagnostic::error(
                "runtime-not-designed",
                format!("the runtime `{}` is not designed today", spec.deliver.runtime),
            )
            .help("set `deliver.runtime` to `auto`, `ecs` or `lambda`"),
        );
    }
    diagnostics.extend(routing::check(spec));
    diagnostics.extend(versions::check(spec));
    diagnostics.extend(messaging::check(spec));
    diagnostics.extend(services::release_warnings(spec));
    diagnostics
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
