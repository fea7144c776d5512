//! Blueprint to Azure.
//!
//! One component per thing an engineer would name: `network`, `logs`, `cluster` (the Container Apps environment),
//! `edge` (Front Door and its firewall), one a service, one a resource, `monitoring`. Everything of an environment
//! stands in one resource group, which belongs to the stack that environments share, together with the vault of its
//! secrets: so whoever deploys an environment needs rights to that group and to nothing else, and secrets are there
//! before the first program asks for them.

mod alarm_rules;
mod alarms;
mod app;
mod bootstrap;
mod bucket;
mod budget;
mod bus;
mod cache;
mod cluster;
mod container;
mod cosmos;
mod dashboard;
mod database;
mod edge;
mod env;
mod event_hubs;
mod identity;
mod job;
mod logs;
mod monitoring;
mod network;
mod offer;
mod pipeline;
mod registry;
mod resources;
mod site;
mod vaults;
mod wiring;

pub(crate) use alarms::describe;
pub(crate) use env::Env;
pub(crate) use offer::{Grant, Offer, Offers};

use design::{Blueprint, Compute, EnvironmentDesign};
use indexmap::IndexMap;
use ir::{Diagnostics, Graph, Stack};
use spec::Spec;

/// The stacks of a blueprint on Azure, in the order they are applied.
pub(crate) fn lower(spec: &Spec, blueprint: &Blueprint) -> (Vec<Stack>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let stack = |name: &str, environment, graph| Stack {
        name: name.to_owned(),
        environment,
        region: blueprint.region.clone(),
        tags: tags(spec, blueprint, name),
        graph,
    };
    let mut stacks = vec![
        stack("bootstrap", false, bootstrap::lower(blueprint)),
        stack("shared", false, shared(spec, blueprint)),
    ];
    for design in blueprint.environments.values() {
        let env = environment(spec, blueprint, design);
        // What holds for a resource in every environment is said once.
        let said: Diagnostics =
            env.diagnostics.into_iter().filter(|d| !diagnostics.iter().any(|before| before == d)).collect();
        diagnostics.extend(said);
        stacks.push(stack(&design.name, true, env.graph));
    }
    diagnostics.extend(vaults::say_what_to_put(spec, blueprint).into_iter().collect());
    (stacks, diagnostics)
}

/// One environment. The order is that of need: each part finds in `env` what the ones before it left there.
fn environment<'a>(spec: &'a Spec, blueprint: &'a Blueprint, design: &'a EnvironmentDesign) -> Env<'a> {
    let mut env = Env::new(spec, blueprint, design);
    network::lower(&mut env);
    logs::lower(&mut env);
    let offers = wiring::Catalogue { resources: resources::lower(&mut env), secrets: vaults::offers(&env) };
    cluster::lower(&mut env);
    edge::lower(&mut env);
    for (name, service) in &design.services {
        let wiring = wiring::wire(&mut env, name, service, &offers);
        match &service.compute {
            Compute::Containers(containers) => app::lower(&mut env, name, service, containers, &wiring),
            Compute::ScheduledTask { size, cron, duration_seconds } => {
                let when = job::When::Scheduled { cron, duration_seconds: *duration_seconds };
                job::lower(&mut env, name, service, *size, when, &wiring);
            }
            Compute::OneShot { size } => {
                job::lower(&mut env, name, service, *size, job::When::Deployment, &wiring);
            }
            // Sites come after everything that they lead to.
            Compute::StaticSite { .. } => {}
            Compute::Function(_) => unreachable!("functions are never designed for Azure"),
        }
    }
    site::lower(&mut env);
    monitoring::lower(&mut env);
    env
}

/// What all environments share: their resource groups and vaults, image registry and the pipeline's identity.
fn shared(spec: &Spec, blueprint: &Blueprint) -> Graph {
    let mut graph = Graph::new();
    let groups = vaults::lower(&mut graph, spec, blueprint);
    registry::lower(&mut graph, blueprint, &groups);
    pipeline::lower(&mut graph, spec, blueprint, &groups);
    graph
}

/// Tags of everything in a stack.
fn tags(spec: &Spec, blueprint: &Blueprint, stack: &str) -> IndexMap<String, String> {
    let owner = spec.owner.as_ref().map_or("unknown", |o| o.value.as_str());
    [
        ("Application", blueprint.name.as_str()),
        ("Environment", stack),
        ("Owner", owner),
        ("ManagedBy", "mainstay"),
    ]
    .map(|(k, v)| (k.to_owned(), v.to_owned()))
    .into_iter()
    .collect()
}
