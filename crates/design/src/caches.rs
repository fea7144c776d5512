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

/// Redis: Valkey or Redis OSS, one node or two with automatic failover.
pub(crate) fn replicated(ctx: &Context<'_>, name: &str, resource: &Resource) -> Prepared {
    let engines = [("valkey", "Valkey"), ("redis", "Redis OSS")];
    let mut candidates = Vec::new();
    for (engine, label) in engines {
        candidates.extend(nodes(ctx, name, resource, engine, label, "aws_elasticache_replication_group"));
    }
    let mut question = question(ctx, name, resource);
    question.because =
        "Valkey is a fork of Redis 7.2 under the same protocol, so clients do not change; the engine \
                        and number of nodes are the cheapest that hold the data and meet what requests need."
            .to_owned();
    Prepared { candidates, question }
}

/// Memcached: nodes share the keys and none holds a copy of another's.
pub(crate) fn memcached(ctx: &Context<'_>, name: &str, resource: &Resource) -> Prepared {
    let mut question = question(ctx, name, resource);
    question.because =
        "Nodes share the keys between them; the cheapest node type and number that holds the data \
                        and meets what requests need."
            .to_owned();
    let candidates = nodes(ctx, name, resource, "memcached", "Memcached", "aws_elasticache_cluster");
    Prepared { candidates, question }
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

fn nodes(
    ctx: &Context<'_>,
    name: &str,
    resource: &Resource,
    engine: &str,
    label: &str,
    kind: &str,
) -> Vec<Candidate<ResourceChoice>> {
    let need = memory_gib(ctx, resource);
    let memcached = engine == "memcached";
    let family = format!("elasticache-{engine}");
    let version = versions::resolve(&family, resource.version.as_ref());
    let mut candidates = Vec::new();
    for nodes in [1_u32, 2] {
        let group = format!(
            "{label} on {} node{}",
            if nodes == 1 { "one" } else { "two" },
            if nodes == 1 { "" } else { "s" }
        );
        let configuration = if nodes > 1 { "multi-az" } else { "single-az" };
        let level = uptime::level(format!("{name} ({group})"), kind, configuration);
        for machine in machines("elasticache") {
            let bill = Bill::default().with(
                ctx.region,
                &format!("{family}/{}", machine.name),
                f64::from(nodes) * HOURS_A_MONTH,
            );
            let design = CacheDesign {
                engine: engine.to_owned(),
                version: version.clone().unwrap_or_default(),
                node_type: machine.name.to_owned(),
                memory_gib: machine.memory_gib,
                nodes,
            };
            let value = if memcached {
                ResourceChoice::Memcached(design)
            } else {
                ResourceChoice::ElastiCache(design)
            };
            // A replica holds what the first node holds; Memcached nodes divide the keys.
            let each = if memcached { need / f64::from(nodes) } else { need };
            let usable = machine.memory_gib * rules::CACHE_USABLE;
            let mut found = Candidate::new(&group, format!("{group}, {}", machine.name), value, bill)
                .breaking(usable < each, || format!("{usable:.2} GiB usable and {each:.2} are needed"))
                .breaking(version.is_none(), || "does not run the version asked for".to_owned());
            found.uptime = level.clone();
            candidates.push(found);
        }
    }
    candidates
}
