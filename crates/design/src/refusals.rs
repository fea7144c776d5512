//! What to say when nothing carries a service or a resource, and what to write instead.
//!
//! Every way out is tried before it is offered, each alone, so that whoever follows the advice does not come back
//! with the same error. Figures have two digits, as people write them. Must not know how anything is chosen: it asks
//! the same functions that list the candidates.

use ir::{Diagnostic, Spanned};
use spec::yaml::units::{print_duration, print_mebibytes, print_rate, trim};
use spec::{Environment, LatencyTarget, Resource, Service};

use crate::blueprint::Rejected;
use crate::context::Context;
use crate::decide::Candidate;
use crate::load::{self, memory_mib};
use crate::{resources, rules, services};

/// How many sizes of a service an error goes through: the largest, which come first, say why nothing larger helps.
const SIZES: usize = 3;

/// How many forms of a resource an error goes through.
const FORMS: usize = 4;

/// No task size carries a service.
pub(crate) fn service(ctx: &Context<'_>, name: &str, service: &Service, rejected: &[Rejected]) -> Diagnostic {
    let beside = ctx.beside().memory_mib;
    let memory = memory_mib(service) * rules::MEMORY_HEADROOM + beside;
    let most = f64::from(ctx.cloud.containers.most_memory_mib());
    if memory > most {
        let enough = print_mebibytes(((most - beside) / rules::MEMORY_HEADROOM / 1024.0).floor() * 1024.0);
        let summary = format!(
            "`{name}` needs {:.0} GiB a copy and a task has at most {:.0} GiB",
            memory / 1024.0,
            most / 1024.0
        );
        return Diagnostic::error("memory-too-large", summary)
            .at(service.load.memory_mib.as_ref().and_then(|m| m.span).or(service.span), "")
            .because(format!(
                "A quarter of headroom is added to the {:.0} MiB asked for.",
                memory_mib(service)
            ))
            .help(format!("set `services.{name}.load.memory` to {enough} or less, or split the service"));
    }
    let latency = service.slo.as_ref().and_then(|s| s.latency.as_ref());
    let span = latency.and_then(|l| l.span).or(service.span);
    let summary = format!("no task size carries `{name}` in {}", ctx.name);
    let mut diagnostic = Diagnostic::error("no-feasible-size", summary).at(span, "");
    for loser in rejected.iter().take(SIZES) {
        diagnostic = diagnostic.because(format!("{}: {}.", loser.option, loser.because));
    }
    let carried = |changed: &Service| {
        let load = load::load(ctx.spec, changed, ctx.scale());
        let (candidates, _) = services::candidates(ctx, name, changed, load);
        candidates.iter().any(Candidate::feasible)
    };
    let ways = ways_out(service, service_figures(ctx, name, service), &carried);
    diagnostic.help(advice(&ways, "split the service, or lower several of its figures at once"))
}

/// No managed service meets what is asked of a resource.
pub(crate) fn resource(
    ctx: &Context<'_>,
    name: &str,
    resource: &Resource,
    rejected: &[Rejected],
) -> Diagnostic {
    let summary = format!("no managed service meets what is asked of `{name}` in {}", ctx.name);
    let mut diagnostic = Diagnostic::error("no-feasible-resource", summary)
        .at(resource.span.or(resource.ty.span), "this resource");
    // The largest of each form come last and say why nothing larger helps.
    let mut seen: Vec<&str> = Vec::new();
    for loser in rejected.iter().rev() {
        if seen.len() < FORMS && !seen.contains(&loser.because.as_str()) {
            seen.push(&loser.because);
            diagnostic = diagnostic.because(format!("{}: {}.", loser.option, loser.because));
        }
    }
    let met = |ctx: &Context<'_>, changed: &Resource| {
        resources::candidates(ctx, name, changed).candidates.iter().any(Candidate::feasible)
    };
    let mut ways = ways_out(resource, resource_figures(name, resource), &|changed| met(ctx, changed));
    let without_version = Resource { version: None, ..resource.clone() };
    if resource.version.is_some() && met(ctx, &without_version) {
        ways.push(format!("leave `resources.{name}.version` out"));
    }
    let without_order = Resource { ordered: false, ..resource.clone() };
    if resource.ordered && met(ctx, &without_order) {
        ways.push(format!("leave `resources.{name}.ordered` out"));
    }
    let later = |changed: &Environment| met(&Context { environment: changed, ..ctx.clone() }, resource);
    ways.extend(ways_out(ctx.environment, objectives(ctx), &later));
    diagnostic.help(advice(&ways, "split it into several resources, or lower several of its figures at once"))
}

fn advice(ways: &[String], otherwise: &str) -> String {
    if ways.is_empty() { otherwise.to_owned() } else { ways.join(", or ") }
}

/// A figure of the spec that could give way.
struct Figure<T> {
    /// The key that holds it.
    key: String,
    /// What it is now.
    now: f64,
    /// Whether it gives way upwards.
    up: bool,
    /// As it is written in a spec.
    print: Box<dyn Fn(f64) -> String>,
    set: fn(&mut T, f64),
}

impl<T> Figure<T> {
    fn less(key: String, now: f64, print: fn(f64) -> String, set: fn(&mut T, f64)) -> Self {
        Self { key, now, up: false, print: Box::new(print), set }
    }
}

fn service_figures(ctx: &Context<'_>, name: &str, service: &Service) -> Vec<Figure<Service>> {
    let now = load::load(ctx.spec, service, 1.0);
    let key = |part: &str| format!("services.{name}.{part}");
    let mut all = Vec::new();
    if let Some(latency) = service.slo.as_ref().and_then(|s| s.latency.as_ref()) {
        let LatencyTarget { seconds, quantile } = latency.value;
        let print = move |s: f64| format!("{}@p{}", print_duration(s), trim(quantile * 100.0));
        let set = |service: &mut Service, seconds: f64| {
            let latency = service.slo.as_mut().and_then(|slo| slo.latency.as_mut());
            latency.into_iter().for_each(|l| l.value.seconds = seconds);
        };
        all.push(Figure { key: key("slo.latency"), now: seconds, up: true, print: Box::new(print), set });
    }
    all.push(Figure::less(key("load.cpu"), now.cpu_seconds, print_duration, |s, v| {
        s.load.cpu = Some(Spanned::bare(v));
    }));
    all.push(Figure::less(key("load.requests"), now.requests, print_rate, |s, v| {
        s.load.requests = Some(Spanned::bare(v));
    }));
    all.push(Figure::less(key("load.messages"), now.messages, print_rate, |s, v| {
        s.load.messages = Some(Spanned::bare(v));
    }));
    let times = |peak| format!("{}x", trim(peak));
    all.push(Figure::less(key("load.peak"), now.peak, times, |s, v| {
        s.load.peak = Some(Spanned::bare(v));
    }));
    all
}

fn resource_figures(name: &str, resource: &Resource) -> Vec<Figure<Resource>> {
    let gib = |gib: f64| print_mebibytes(gib * 1024.0);
    let mut all: Vec<Figure<Resource>> = Vec::new();
    let mut add = |said: &Option<Spanned<f64>>, part: &str, print, set| {
        let figure = |s: &Spanned<f64>| Figure::less(format!("resources.{name}.{part}"), s.value, print, set);
        all.extend(said.as_ref().map(figure));
    };
    add(&resource.queries, "load.queries", print_rate, |r, v| r.queries = Some(Spanned::bare(v)));
    add(&resource.storage_gib, "storage", gib, |r, v| r.storage_gib = Some(Spanned::bare(v)));
    add(&resource.memory_gib, "memory", gib, |r, v| r.memory_gib = Some(Spanned::bare(v)));
    all
}

/// The recovery objectives of the environment, which give way upwards.
fn objectives(ctx: &Context<'_>) -> Vec<Figure<Environment>> {
    let of = |part: &str, said: &Option<Spanned<u64>>, set: fn(&mut Environment, f64)| {
        let key = format!("environments.{}.{part}", ctx.name);
        let print = Box::new(print_duration);
        said.as_ref().map(|s| Figure { key, now: s.value as f64, up: true, print, set })
    };
    let rto = of("rto", &ctx.environment.rto, |e, v| e.rto = Some(Spanned::bare(v.ceil() as u64)));
    let rpo = of("rpo", &ctx.environment.rpo, |e, v| e.rpo = Some(Spanned::bare(v.ceil() as u64)));
    rto.into_iter().chain(rpo).collect()
}

/// The figures that are enough by themselves, each with how far it must give way.
fn ways_out<T: Clone>(thing: &T, figures: Vec<Figure<T>>, feasible: &dyn Fn(&T) -> bool) -> Vec<String> {
    let way = |figure: Figure<T>| {
        let steps = steps(figure.now, figure.up);
        let refused = |value: &f64| {
            let mut changed = thing.clone();
            (figure.set)(&mut changed, *value);
            !feasible(&changed)
        };
        let enough = steps.get(steps.partition_point(refused))?;
        let direction = if figure.up { "more" } else { "less" };
        Some(format!("set `{}` to {} or {direction}", figure.key, (figure.print)(*enough)))
    };
    figures.into_iter().filter_map(way).collect()
}

/// Powers of ten that a figure is followed over.
const DECADES: i32 = 6;

/// Figures of two digits beyond `from`, the nearest first.
fn steps(from: f64, up: bool) -> Vec<f64> {
    if !from.is_finite() || from <= 0.0 {
        return Vec::new();
    }
    let decade = from.log10().floor() as i32 - 1;
    let ten = |at: i32| if up { decade + at } else { decade - at };
    let written = |digits: i32, ten: i32| format!("{digits}e{ten}").parse::<f64>().ok();
    let digits = |at: i32| (10..100).map(move |n| if up { n } else { 109 - n }).map(move |n| (n, ten(at)));
    let all = (0..DECADES).flat_map(digits).filter_map(|(digits, ten)| written(digits, ten));
    all.filter(|figure| if up { *figure > from } else { *figure < from }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_begin_beside_the_figure_and_lead_away_from_it() {
        for from in [0.003, 0.0999, 1.0, 9.95, 10.0, 123.0, 1e9] {
            for up in [true, false] {
                let steps = steps(from, up);
                let away = |w: &[f64]| if up { w[0] < w[1] } else { w[0] > w[1] };
                assert!(steps.windows(2).all(away), "{from} {up}");
                let nearest = steps[0] / from;
                let beside =
                    if up { 1.0 < nearest && nearest <= 1.1001 } else { (0.9..1.0).contains(&nearest) };
                assert!(beside, "{from} {up}: {}", steps[0]);
                let far = steps[steps.len() - 1] / from;
                assert!(if up { far > 1e4 } else { far < 1e-4 }, "{from} {up}: {far}");
            }
        }
        for nothing in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(steps(nothing, true).is_empty(), "{nothing}");
        }
    }
}
