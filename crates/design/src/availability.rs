//! Composed availability: what the longest request path promises, and what that asks of each part.
//!
//! A path is everything that a request waits for: the load balancer, the service, and what it uses, all the
//! way down. Published levels multiply. Parts with several forms (databases, caches, brokers) get a floor:
//! the cheapest combination of forms whose product meets the target. Regional services (queues, topics,
//! buckets, content delivery) have one form each, so no design raises their figure: they count in what is
//! expected, and a target they alone break is a warning and not an error. Knows levels and costs; must not
//! know sizes.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use ir::{Availability, Diagnostic, Diagnostics};
use spec::{ResourceType, Spec, UseTarget};

use crate::blueprint::{AvailabilityDesign, Compute, Decision, ServiceDesign};
use crate::context::Context;
use crate::decide::Candidate;
use crate::load::{Role, role};
use crate::resources::Prepared;
use crate::uptime::{Level, level, product};

/// Rounding of levels must not decide: one part in a thousand million.
const EPSILON: f64 = 1e-9;

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
                Compute::Fargate(tasks) => {
                    let zones = if tasks.min > 1 { "multi-az" } else { "single-az" };
                    settled.extend(level(format!("{name} (ECS on Fargate)"), "aws_ecs_service", zones));
                }
                Compute::Lambda(_) => {
                    settled.extend(level(format!("{name} (Lambda)"), "aws_lambda_function", "-"))
                }
                Compute::StaticSite { routes, .. } => {
                    regional.extend(level(
                        format!("{name} (CloudFront)"),
                        "aws_cloudfront_distribution",
                        "-",
                    ));
                    // A request for a file ends at the bucket, a routed one at the service: the latter is the
                    // longer path whenever there is one.
                    if routes.is_empty() {
                        regional.extend(level(format!("{name} (S3)"), "aws_s3_bucket", "-"));
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
    if balanced {
        settled.extend(level("load balancer", "aws_lb", "multi-az"));
    }
    settled.sort_by(|a: &Level, b| a.name().cmp(b.name()));
    regional.sort_by(|a: &Level, b| a.name().cmp(b.name()));
    let own =
        spec.services[entry].slo.as_ref().and_then(|s| s.availability.as_ref()).filter(|_| ctx.critical);
    let asked = [ctx.environment.availability.as_ref(), own].into_iter().flatten();
    let strictest = asked.max_by(|a, b| a.value.0.total_cmp(&b.value.0));
    Path {
        entry,
        target: strictest.map(|a| a.value),
        span: strictest.and_then(|a| a.span),
        settled,
        regional,
        resources: resources.into_iter().collect(),
    }
}

/// Whether a type of resource has one form only, spread over zones by its provider.
fn is_regional(ty: ResourceType) -> bool {
    matches!(ty, ResourceType::Queue | ResourceType::Topic | ResourceType::Bucket)
}

/// The least level each resource must have so that every path meets its target at the lowest cost. Exact for
/// each path; a resource on several gets the strictest of what they ask.
pub(crate) fn floors<'a>(
    ctx: &Context<'a>,
    paths: &[Path<'a>],
    prepared: &BTreeMap<&'a str, Prepared>,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<&'a str, Availability> {
    let mut floors: BTreeMap<&str, Availability> = BTreeMap::new();
    let mut solved: BTreeSet<(Vec<&str>, u64, u64)> = BTreeSet::new();
    for path in paths {
        let Some(target) = path.target else { continue };
        let base = product(&path.settled);
        let sized: Vec<&str> = path
            .resources
            .iter()
            .copied()
            .filter(|name| ctx.spec.resources.get(*name).is_some_and(|r| !is_regional(r.ty.value)))
            .collect();
        if !solved.insert((sized.clone(), target.0.to_bits(), base.0.to_bits())) {
            continue;
        }
        let options: Vec<Vec<Form>> = sized
            .iter()
            .map(|name| prepared.get(name).map_or(Vec::new(), |p| forms(&p.candidates)))
            .collect();
        let room = loss(target) - loss(base) + EPSILON;
        match cheapest_combination(&options, room) {
            Some(levels) => {
                for (name, level) in sized.iter().zip(levels) {
                    let Some(level) = level else { continue };
                    let floor = floors.entry(name).or_insert(level);
                    if level.0 > floor.0 {
                        *floor = level;
                    }
                }
            }
            None => diagnostics.push(infeasible(ctx, path, &sized, &options, base, target)),
        }
    }
    floors
}

fn infeasible(
    ctx: &Context<'_>,
    path: &Path<'_>,
    sized: &[&str],
    options: &[Vec<Form>],
    base: Availability,
    target: Availability,
) -> Diagnostic {
    let best: Vec<(&str, Availability)> = sized
        .iter()
        .zip(options)
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
        "set the availability to {} or less, or take a part out of the request's way",
        rounded_down(reachable)
    ))
}

/// A level that a reader can type: down to the hundredth of a percent.
fn rounded_down(level: Availability) -> Availability {
    Availability((level.0 * 10_000.0 + EPSILON).floor() / 10_000.0)
}

/// A level that a resource can have, and the least it costs, in cents.
#[derive(Clone, Copy, Debug)]
struct Form {
    level: Availability,
    cents: i64,
}

/// The forms worth considering: each dearer one promises more.
fn forms<T>(candidates: &[Candidate<T>]) -> Vec<Form> {
    let mut found: Vec<Form> = candidates
        .iter()
        .filter(|c| c.feasible())
        .filter_map(|c| {
            c.uptime
                .as_ref()
                .map(|u| Form { level: u.share(), cents: c.bill.cents().unwrap_or(i64::MAX / 1024) })
        })
        .collect();
    found.sort_by(|a, b| a.cents.cmp(&b.cents).then(b.level.0.total_cmp(&a.level.0)));
    let mut best = f64::NEG_INFINITY;
    found.retain(|form| {
        let better = form.level.0 > best;
        best = best.max(form.level.0);
        better
    });
    found
}

/// What a level gives away, so that products become sums.
fn loss(level: Availability) -> f64 {
    -level.0.max(f64::MIN_POSITIVE).ln()
}

/// A way to have come so far: cost, loss, and the step before.
#[derive(Clone, Copy)]
struct State {
    cents: i64,
    loss: f64,
    before: usize,
    form: usize,
}

/// One form for each resource so that the losses fit into `room`, at the least cost; `None` when nothing fits. A
/// resource without a published level has no say and gets none. Dynamic programming over the resources; states
/// that cost more and lose more than another are dropped, so the number of distinct levels bounds the work.
fn cheapest_combination(options: &[Vec<Form>], room: f64) -> Option<Vec<Option<Availability>>> {
    if room < 0.0 {
        return None;
    }
    let mut layers = vec![vec![State { cents: 0, loss: 0.0, before: 0, form: 0 }]];
    for forms in options.iter().filter(|f| !f.is_empty()) {
        let last = layers.last().expect("starts with one layer");
        let mut next: Vec<State> = Vec::with_capacity(last.len() * forms.len());
        for (before, state) in last.iter().enumerate() {
            next.extend(forms.iter().enumerate().map(|(form, f)| State {
                cents: state.cents.saturating_add(f.cents),
                loss: state.loss + loss(f.level),
                before,
                form,
            }));
        }
        next.retain(|s| s.loss <= room);
        next.sort_by(|a, b| a.cents.cmp(&b.cents).then(a.loss.total_cmp(&b.loss)));
        let mut least = f64::INFINITY;
        next.retain(|s| {
            let better = s.loss < least - EPSILON;
            least = least.min(s.loss);
            better
        });
        layers.push(next);
    }
    let mut at = 0;
    layers.last().expect("starts with one layer").first()?;
    let mut layer = layers.len();
    let mut chosen = Vec::with_capacity(options.len());
    for forms in options.iter().rev() {
        if forms.is_empty() {
            chosen.push(None);
            continue;
        }
        layer -= 1;
        let state = layers[layer][at];
        chosen.push(Some(forms[state.form].level));
        at = state.before;
    }
    chosen.reverse();
    Some(chosen)
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
            "answer without waiting for those services (an outbox, a retry), or set the availability to {}",
            rounded_down(*expected)
        )),
    );
    diagnostics
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(level: f64, cents: i64) -> Form {
        Form { level: Availability(level), cents }
    }

    #[test]
    fn the_combination_is_the_cheapest_that_fits_by_brute_force() {
        let options = vec![
            vec![form(0.995, 100), form(0.9995, 220), form(0.9999, 300)],
            vec![form(0.995, 50), form(0.9999, 90)],
            vec![],
            vec![form(0.99, 10), form(0.999, 500), form(0.9999, 900)],
        ];
        for target in [0.9, 0.98, 0.985, 0.99, 0.994, 0.998, 0.999, 0.9994, 0.9997, 0.99999] {
            let room = loss(Availability(target)) + EPSILON;
            let mut best: Option<i64> = None;
            for a in &options[0] {
                for b in &options[1] {
                    for c in &options[3] {
                        if loss(a.level) + loss(b.level) + loss(c.level) <= room {
                            let cents = a.cents + b.cents + c.cents;
                            best = Some(best.map_or(cents, |held| held.min(cents)));
                        }
                    }
                }
            }
            let found = cheapest_combination(&options, room);
            let cost = found.map(|levels| {
                assert_eq!(levels[2], None);
                let cents = |at: usize| {
                    let level = levels[at].expect("has forms");
                    options[at].iter().find(|f| f.level == level).expect("is one of them").cents
                };
                cents(0) + cents(1) + cents(3)
            });
            assert_eq!(cost, best, "{target}");
        }
    }

    #[test]
    fn nothing_fits_into_less_than_no_room() {
        assert!(cheapest_combination(&[], -1.0).is_none());
        assert_eq!(cheapest_combination(&[], 0.0), Some(Vec::new()));
    }

    #[test]
    fn dearer_forms_that_promise_no_more_are_dropped() {
        let level = |share: f64| Some(catalog_level(share));
        let mut all: Vec<Candidate<()>> = Vec::new();
        for (share, cost) in [(0.995, 10.0), (0.995, 5.0), (0.9999, 20.0), (0.999, 30.0)] {
            let mut c = Candidate::new("g", "c", (), crate::bill::Bill::of(cost));
            c.uptime = level(share);
            all.push(c);
        }
        let kept: Vec<i64> = forms(&all).iter().map(|f| f.cents).collect();
        assert_eq!(kept, [500, 2000]);
    }

    fn catalog_level(share: f64) -> Level {
        Level::of(catalog::Sla {
            uptime: Availability(share),
            evidence: catalog::Evidence::Official,
            source: "a test",
            date: "2025",
        })
    }
}
