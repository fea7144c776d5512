//! Blueprint to Google Cloud.
//!
//! One component per thing an engineer would name: `network`, `logs`, `edge` (load balancer, Cloud Armor), one a service,
//! one a resource, `monitoring`. What a data store offers to services travels as [`Offer`] values, so that services never
//! look into another module's nodes. Secrets belong to the stack that environments share: they are there before the first
//! program asks for them.

mod alert_rules;
mod armor;
mod bootstrap;
mod bucket;
mod budget;
mod cache;
mod container;
mod edge;
mod env;
mod identity;
mod images;
mod job;
mod kafka;
mod logs;
mod messaging;
mod monitoring;
mod network;
mod offer;
mod pipeline;
mod resources;
mod rights;
mod run;
mod secrets;
mod site;
mod sql;
mod wiring;

pub(crate) use env::Env;
pub(crate) use monitoring::describe;
pub(crate) use offer::{Offer, Offers};

use design::{Blueprint, Compute, EnvironmentDesign};
use indexmap::IndexMap;
use ir::{Diagnostics, Graph, Stack};
use spec::Spec;

/// The stacks of a blueprint on Google Cloud, in the order they are applied.
pub(crate) fn lower(spec: &Spec, blueprint: &Blueprint) -> (Vec<Stack>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let stack = |name: &str, environment, graph| Stack {
        name: name.to_owned(),
        environment,
        region: blueprint.region.clone(),
        tags: labels(spec, blueprint, name),
        graph,
    };
    let mut environments = Vec::new();
    let mut plain_http: IndexMap<String, Vec<&str>> = IndexMap::new();
    for design in blueprint.environments.values() {
        let env = environment(spec, blueprint, design);
        // What holds for a resource in every environment is said once.
        let said: Diagnostics =
            env.diagnostics.into_iter().filter(|d| !diagnostics.iter().any(|before| before == d)).collect();
        diagnostics.extend(said);
        for service in env.plain_http {
            plain_http.entry(service).or_default().push(&design.name);
        }
        environments.push(stack(&design.name, true, env.graph));
    }
    crate::say_plain_http(&plain_http, &mut diagnostics);
    diagnostics.extend(secrets::say_what_to_put(spec, blueprint).into_iter().collect());
    let mut stacks = vec![
        stack("bootstrap", false, bootstrap::lower(blueprint)),
        stack("shared", false, shared(spec, blueprint, &environments)),
    ];
    stacks.append(&mut environments);
    (stacks, diagnostics)
}

/// One environment. The order is that of need: each part finds in `env` what the ones before it left there.
fn environment<'a>(spec: &'a Spec, blueprint: &'a Blueprint, design: &'a EnvironmentDesign) -> Env<'a> {
    let mut env = Env::new(spec, blueprint, design);
    network::lower(&mut env);
    logs::lower(&mut env);
    let offers = wiring::Catalogue { resources: resources::lower(&mut env), secrets: secrets::offers(&env) };
    for (name, service) in &design.services {
        let wiring = wiring::wire(&mut env, name, service, &offers);
        match &service.compute {
            Compute::Containers(containers) => run::lower(&mut env, name, service, containers, &wiring),
            Compute::ScheduledTask { size, cron, duration_seconds } => {
                let when = (*size, cron.as_str(), *duration_seconds);
                job::lower_scheduled(&mut env, name, service, when, &wiring);
            }
            Compute::OneShot { size } => job::lower_once(&mut env, name, service, *size, &wiring),
            Compute::StaticSite { .. } => site::lower(&mut env, name, service),
            Compute::Function(_) => unreachable!("functions are never designed for Google Cloud"),
        }
    }
    edge::lower(&mut env);
    monitoring::lower(&mut env);
    env
}

/// What all environments share: places of secrets, the image repository and the pipeline's identity.
fn shared(spec: &Spec, blueprint: &Blueprint, environments: &[Stack]) -> Graph {
    let mut graph = Graph::new();
    secrets::lower(&mut graph, spec, blueprint);
    let images = images::lower(&mut graph, blueprint);
    pipeline::lower(&mut graph, spec, blueprint, images.as_ref(), environments);
    graph
}

/// Labels of everything in a stack.
fn labels(spec: &Spec, blueprint: &Blueprint, stack: &str) -> IndexMap<String, String> {
    let owner = spec.owner.as_ref().map_or("unknown", |o| o.value.as_str());
    let whole = format!("{}-{stack}", blueprint.name);
    [
        ("application", blueprint.name.as_str()),
        ("environment", stack),
        ("owner", owner),
        (budget::STACK_LABEL, whole.as_str()),
        ("managed-by", "mainstay"),
    ]
    .map(|(k, v)| (k.to_owned(), label(v)))
    .into_iter()
    .collect()
}

/// A value as labels take it: at most 63 lower-case letters, digits, dashes and underscores.
fn label(value: &str) -> String {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    value.to_lowercase().chars().map(|c| if fits(c) { c } else { '_' }).take(63).collect()
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn labels_are_what_google_takes() {
        for (value, written) in
            [("platform@shop.example", "platform_shop_example"), ("Größe", "gr__e"), ("", "")]
        {
            assert_eq!(label(value), written);
        }
        assert_eq!(label(&"x".repeat(80)).len(), 63);
    }
}
