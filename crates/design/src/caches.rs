//! Caches: engine, node type and nodes.

use catalog::machines;
use ir::units::HOURS_A_MONTH;
use spec::Resource;

use crate::bill::Bill;
use crate::blueprint::{CacheDesign, ResourceChoice};
use crate::context::Context;
use crate::decide::{Candidate, Question};
use crate::load::amount;
use crate::resources::Prepared;
use crate::{rules, uptime, versions};

/// Redis, by whatever speaks its protocol.
pub(crate) fn replicated(ctx: &Context<'_>, name: &str, resource: &Resource) -> Prepared {
    let mut question = question(ctx, name, resource);
    question.because = ctx.cloud.caches_because.to_owned();
    Prepared { candidates: nodes(ctx, name, resource), question }
}

/// Memcached: nodes share the keys and none holds a copy of another's.
pub(crate) fn memcached(ctx: &Context<'_>, name: &str, resource: &Resource) -> Prepared {
    let mut question = question(ctx, name, resource);
    question.because =
        "Nodes share the keys between them; the cheapest node type and number that holds the data \
                        and meets what requests need."
            .to_owned();
    Prepared { candidates: nodes(ctx, name, resource), question }
}

fn question(ctx: &Context<'_>, name: &str, resource: &Resource) -> Question {
    let mut question = ctx.question(name, "engine", format!("Which cache is {name}, and how large?"));
    let assumed = if resource.memory_gib.is_none() { " (assumed)" } else { "" };
    question.inputs = vec![
        ("data", format!("{:.2} GiB{assumed}", memory_gib(ctx, resource))),
        ("usable share of a node", format!("{:.0} %", rules::CACHE_USABLE * 100.0)),
    ];
    question
}

fn memory_gib(ctx: &Context<'_>, resource: &Resource) -> f64 {
    let said = resource.memory_gib.as_ref().map_or(rules::ASSUMED_CACHE_GIB, |m| m.value);
    amount(said, rules::ASSUMED_CACHE_GIB) * ctx.scale()
}

fn nodes(ctx: &Context<'_>, name: &str, resource: &Resource) -> Vec<Candidate<ResourceChoice>> {
    let need = memory_gib(ctx, resource);
    let mut candidates = Vec::new();
    for form in ctx.cloud.caches.iter().filter(|form| form.ty == resource.ty.value) {
        let version = versions::resolve(ctx.cloud, form.family, resource.version.as_ref());
        let (kind, configuration) = form.level;
        let level = uptime::level(format!("{name} ({})", form.group), kind, configuration);
        for machine in machines(form.sizes) {
            let price = format!("{}/{}", form.prices, machine.name);
            let bill = Bill::default().with(ctx.region, &price, form.paid * HOURS_A_MONTH);
            let design = CacheDesign {
                engine: form.engine.to_owned(),
                version: version.clone().unwrap_or_default(),
                node_type: machine.name.to_owned(),
                memory_gib: machine.memory_gib,
                nodes: form.nodes,
            };
            // A replica holds what the first node holds; nodes that divide the keys hold a part each.
            let each = if form.divides { need / f64::from(form.nodes) } else { need };
            let usable = machine.memory_gib * rules::CACHE_USABLE;
            let mut found = Candidate::new(
                form.group,
                format!("{}, {}", form.group, machine.name),
                (form.product)(design),
                bill,
            )
            .breaking(usable < each, || format!("{usable:.2} GiB usable and {each:.2} are needed"))
            .breaking(version.is_none(), || "does not run the version asked for".to_owned());
            found.uptime = level.clone();
            candidates.push(found);
        }
    }
    candidates
}
