//! Composed availability: what the longest request path promises, and what that asks of each part.
//!
//! A path is everything that a request waits for: the load balancer, the service, and what it uses, all the
//! way down. Published levels multiply. Parts with several forms (databases, caches, brokers) get a floor:
//! the cheapest combination of forms whose product meets the target. Regional services (queues, topics,
//! buckets, content delivery) have one form each, so no design raises their figure: they count in what is
//! expected, and a target they alone break is a warning and not an error. Must not know sizes.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use ir::{Availability, Diagnostic, Diagnostics};
use spec::{ResourceType, Spec, UseTarget};

use crate::blueprint::{AvailabilityDesign, Compute, Decision, ServiceDesign};
use crate::context::Context;
use crate::levels::{Demand, EPSILON, Form, cheapest_combination, forms, loss, shared_levels};
use crate::load::{Role, role};
use crate::resources::Prepared;
use crate::uptime::{Level, level, product};

/// How many services or parts a message names.
const NAMED: usize = 4;

/// What one public request waits for.
pub(crate) struct Path<'a> {
    /// The service it enters by.
    pub entry: &'a str,
    /// What is promised for it, by the environment or by its own objective.
    target: Option<Availability>,
    /// Where the target was asked for.
    span: Option<ir::Span>,
    /// The key that asks for it.
    key: String,
    /// Parts whose form is settled: load balancer and compute.
    settled: Vec<Level>,
    /// Regional services in front of it.
    regional: Vec<Level>,
    /// Resources, sorted.
    resources: Vec<&'a str>,
}

/// The paths of an environment, in the order of their entries' names. Without public services every service that
/// runs all the time is an entry.
pub(crate) fn paths<'a>(ctx: &Context<'a>, services: &IndexMap<String, ServiceDesign>) -> Vec<Path<'a>> {
    let spec = ctx.spec;
    let entries = |wanted: &dyn Fn(&spec::Service) -> bool| -> Vec<&'a str> {
        let mut names: Vec<&str> =
            spec.services.iter().filter(|(_, s)| wanted(s)).map(|(n, _)| n.as_str()).collect();
        names.sort_unstable();
        names
    };
    let public = entries(&|s| s.public.value);
    let found = if public.is_empty() {
        entries(&|s| matches!(role(spec, s), Role::Server | Role::Reader | Role::Worker))
    } else {
        public
    };
    found.into_iter().map(|entry| path(ctx, services, entry)).collect()
}

fn path<'a>(ctx: &Context<'a>, services: &IndexMap<String, ServiceDesign>, entry: &'a str) -> Path<'a> {
    let spec: &'a Spec = ctx.spec;
    let mut settled = Vec::new();
    let mut regional = Vec::new();
    let mut resources = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![entry];
    let mut balanced = false;
    while let Some(name) = open.pop() {
        if !seen.insert(name) {
            continue;
        }
        let Some(service) = spec.services.get(name) else { continue };
        if let Some(design) = services.get(name) {
            balanced |= design.public.is_some() && (name == entry || spec.services[entry].public.value);
            match &design.compute {
                Compute::Containers(tasks) => {
                    let zones = if tasks.min > 1 { "multi-az" } else { "single-az" };
                    let (part, kind) = ctx.cloud.containers.level;
                    settled.extend(level(format!("{name} ({part})"), kind, zones));
                }
                Compute::Function(_) => {
                    let (part, kind) = ctx.cloud.functions.as_ref().map_or(("", ""), |f| f.level);
                    settled.extend(level(format!("{name} ({part})"), kind, "-"))
                }
                Compute::StaticSite { routes, .. } => {
                    let (part, kind) = ctx.cloud.sites.delivery;
                    regional.extend(level(format!("{name} ({part})"), kind, "-"));
                    // A request for a file ends at the bucket, a routed one at the service: the latter is the
                    // longer path whenever there is one.
                    if routes.is_empty() {
                        let (part, kind) = ctx.cloud.sites.files;
                        regional.extend(level(format!("{name} ({part})"), kind, "-"));
                    }
                }
                Compute::ScheduledTask { .. } | Compute::OneShot { .. } => {}
            }
        }
        for used in &service.uses {
            match used.target {
                UseTarget::Service => {
                    open.extend(spec.services.get_key_value(&used.name).map(|(n, _)| n.as_str()))
                }
                UseTarget::Resource => {
                    resources.extend(spec.resources.get_key_value(&used.name).map(|(n, _)| n.as_str()));
                }
                UseTarget::Secret => {}
            }
        }
    }
    if balanced && (ctx.critical || ctx.cloud.door_always) {
        let (part, kind) = ctx.cloud.door;
        settled.extend(level(part, kind, "multi-az"));
    }
    settled.sort_by(|a: &Level, b| a.name().cmp(b.name()));
    regional.sort_by(|a: &Level, b| a.name().cmp(b.name()));
    let own =
        spec.services[entry].slo.as_ref().and_then(|s| s.availability.as_ref()).filter(|_| ctx.critical);
    let whole = ctx.environment.availability.as_ref();
    let asked = [
        whole.map(|a| (a, format!("environments.{}.availability", ctx.name))),
        own.map(|a| (a, format!("services.{entry}.slo.availability"))),
    ];
    let asked = asked.into_iter().flatten();
    let strictest = asked.max_by(|(a, _), (b, _)| a.value.0.total_cmp(&b.value.0));
    let (target, span) = strictest.as_ref().map_or((None, None), |(a, _)| (Some(a.value), a.span));
    Path {
        entry,
        target,
        span,
        key: strictest.map(|(_, key)| key).unwrap_or_default(),
        settled,
        regional,
        resources: resources.into_iter().collect(),
    }
}

/// Whether a type of resource has one form only, spread over zones by its provider.
fn is_regional(ty: ResourceType) -> bool {
    matches!(ty, ResourceType::Queue | ResourceType::Topic | ResourceType::Bucket)
}

/// The least level each resource must have so that every path meets its target at the lowest cost.
pub(crate) fn floors<'a>(
    ctx: &Context<'a>,
    paths: &[Path<'a>],
    prepared: &BTreeMap<&'a str, Prepared>,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<&'a str, Availability> {
    let names: Vec<&'a str> = prepared.keys().copied().collect();
    let options: Vec<Vec<Form>> = prepared.values().map(|p| forms(&p.candidates)).collect();
    let mut asked: BTreeSet<(Vec<usize>, u64)> = BTreeSet::new();
    let mut demands = Vec::new();
    for path in paths {
        let Some(target) = path.target else { continue };
        let base = product(&path.settled);
        let regional = |name: &&str| ctx.spec.resources.get(*name).is_some_and(|r| is_regional(r.ty.value));
        let sized = path.resources.iter().filter(|name| !regional(name));
        let resources: Vec<usize> = sized.filter_map(|name| names.binary_search(name).ok()).collect();
        let room = loss(target) - loss(base) + EPSILON;
        if !asked.insert((resources.clone(), room.to_bits())) {
            continue;
        }
        if cheapest_combination(resources.iter().map(|at| options[*at].as_slice()), room).is_some() {
            demands.push(Demand { resources, room });
        } else {
            let sized: Vec<(&str, &[Form])> =
                resources.iter().map(|at| (names[*at], options[*at].as_slice())).collect();
            diagnostics.push(infeasible(ctx, path, &sized, base, target));
        }
    }
    let levels = shared_levels(&options, &demands);
    names.into_iter().zip(levels).filter_map(|(name, level)| level.map(|level| (name, level))).collect()
}

fn infeasible(
    ctx: &Context<'_>,
    path: &Path<'_>,
    sized: &[(&str, &[Form])],
    base: Availability,
    target: Availability,
) -> Diagnostic {
    let best: Vec<(&str, Availability)> = sized
        .iter()
        .filter_map(|(name, forms)| {
            forms.iter().map(|f| f.level).max_by(|a, b| a.0.total_cmp(&b.0)).map(|level| (*name, level))
        })
        .collect();
    let reachable = best.iter().fold(base, |sum, (_, level)| sum.and(*level));
    let mut names: Vec<String> = path.settled.iter().map(|l| format!("{} {}", l.name(), l.share())).collect();
    names.extend(best.iter().map(|(name, level)| format!("{name} {level}")));
    Diagnostic::error(
        "availability-infeasible",
        format!("{target} in {} cannot be had: the best is {reachable}", ctx.name),
    )
    .at(path.span, "asked for here")
    .because(format!("A request to `{}` waits for all of: {}.", path.entry, names.join(", ")))
    .because(format!(
        "That allows {:.0} minutes away a month where {:.0} were asked for.",
        reachable.downtime_minutes_a_month(),
        target.downtime_minutes_a_month()
    ))
    .help(format!(
        "set `{}` to {} or less, or take a part out of the request's way",
        path.key,
        rounded_down(reachable)
    ))
}

/// A level that a reader can type: down to the hundredth of a percent.
fn rounded_down(level: Availability) -> Availability {
    Availability((level.0 * 10_000.0 + EPSILON).floor() / 10_000.0)
}

/// What the chosen parts add up to on the path that promises least, and what that says about the target.
pub(crate) fn compose<'a>(
    ctx: &Context<'a>,
    paths: &[Path<'a>],
    levels: &BTreeMap<&'a str, Level>,
    diagnostics: &mut Diagnostics,
) -> (AvailabilityDesign, Decision) {
    let full = |path: &Path<'a>| -> Availability {
        let used = path.resources.iter().filter_map(|name| levels.get(name));
        product(path.settled.iter().chain(&path.regional).chain(used))
    };
    let worst = paths
        .iter()
        .map(|path| (path, full(path)))
        .min_by(|(a, x), (b, y)| x.0.total_cmp(&y.0).then_with(|| a.entry.cmp(b.entry)));
    let (entry, expected) = worst.map_or(("", Availability(1.0)), |(path, expected)| (path.entry, expected));
    let parts = worst.map_or(Vec::new(), |(path, _)| parts(path, levels));
    if !diagnostics.iter().any(|d| d.id == "availability-infeasible") {
        diagnostics.extend(warnings(ctx, paths, levels, &full));
    }
    let design = AvailabilityDesign {
        target: ctx.environment.availability.as_ref().map(|a| a.value),
        expected,
        parts: parts.iter().map(|level| level.part()).collect(),
    };
    let unknown: Vec<&str> = paths
        .iter()
        .filter(|p| p.entry == entry)
        .flat_map(|p| p.resources.iter().copied())
        .filter(|name| !levels.contains_key(name))
        .collect();
    let mut question =
        ctx.question("availability", "path", "What do the parts on the longest request path promise?");
    question.weighty = ctx.environment.availability.is_some();
    question.inputs = vec![
        ("path", if entry.is_empty() { "none".to_owned() } else { format!("requests to {entry}") }),
        ("target", design.target.map_or("none".to_owned(), |t| t.to_string())),
        ("away at most", format!("{:.0} minutes a month", expected.downtime_minutes_a_month())),
    ];
    question.because =
        "Every part must answer, so published levels multiply. They are what the provider pays back for \
                        below, not a measurement: parts usually do better, and rarely fail together."
            .to_owned();
    if !unknown.is_empty() {
        let names = unknown.join(", ");
        question
            .because
            .push_str(&format!(" No level is published for {names}, which is left out of the product."));
    }
    let mut decision = question.settled(format!("{expected} expected"));
    decision.facts = parts.iter().map(|level| level.fact()).collect();
    (design, decision)
}

/// Every level on a path: what is settled, what stands in front, what it uses.
fn parts<'p>(path: &'p Path<'_>, levels: &'p BTreeMap<&str, Level>) -> Vec<&'p Level> {
    let used = path.resources.iter().filter_map(|name| levels.get(name));
    path.settled.iter().chain(&path.regional).chain(used).collect()
}

/// Targets that only regional services break.
fn warnings<'a>(
    ctx: &Context<'a>,
    paths: &[Path<'a>],
    levels: &BTreeMap<&'a str, Level>,
    full: &dyn Fn(&Path<'a>) -> Availability,
) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let below = |path: &Path<'a>| {
        let expected = full(path);
        path.target.filter(|t| expected.0 < t.0 - EPSILON).map(|target| (expected, target))
    };
    let missed: Vec<(&Path<'a>, Availability, Availability)> =
        paths.iter().filter_map(|p| below(p).map(|(expected, target)| (p, expected, target))).collect();
    let worst = missed.iter().min_by(|(_, a, _), (_, b, _)| a.0.total_cmp(&b.0));
    let Some((path, expected, target)) = worst else { return diagnostics };
    let mut limiting = parts(path, levels);
    limiting.sort_by(|a, b| a.share().0.total_cmp(&b.share().0));
    let names: Vec<String> =
        limiting.iter().take(NAMED).map(|l| format!("{} {}", l.name(), l.share())).collect();
    let mut entries: Vec<String> =
        missed.iter().take(NAMED).map(|(p, ..)| format!("`{}`", p.entry)).collect();
    if missed.len() > NAMED {
        entries.push(format!("{} more services", missed.len() - NAMED));
    }
    diagnostics.push(
        Diagnostic::warning(
            "availability-not-promised",
            format!("published levels promise {expected} in {} where {target} was asked for", ctx.name),
        )
        .at(path.span, "asked for here")
        .because(format!(
            "Requests to {} pass regional services that have one form only.",
            entries.join(", ")
        ))
        .because(format!("The lowest levels on the way to `{}` are: {}.", path.entry, names.join(", ")))
        .because(
            "Everything that can be doubled is: databases, caches and copies meet the target by themselves.",
        )
        .help(format!(
            "answer without waiting for those services (an outbox, a retry), or set `{}` to {}",
            path.key,
            rounded_down(*expected)
        )),
    );
    diagnostics
}
