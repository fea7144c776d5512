//! Blueprint to AWS.
//!
//! One component per thing an engineer would name: `network`, `edge` (load balancer, WAF), `cluster`, one a
//! service, one a resource, `secrets`, `monitoring`, `backup`. What a data store offers to services travels as
//! [`Offer`] values, so that services never look into another module's nodes.

mod alarm_rules;
mod alarms;
mod aurora;
mod backup;
mod bootstrap;
mod broker;
mod bucket;
mod budget;
mod cache;
mod cluster;
mod database;
mod documentdb;
mod edge;
mod env;
mod fargate;
mod firewall;
mod function;
mod identity;
mod images;
mod kafka;
mod keys;
mod messaging;
mod monitoring;
mod network;
mod offer;
mod pipeline;
mod policy;
mod private_bucket;
mod release;
mod resources;
mod rights;
mod routing;
mod scaling;
mod schedule;
mod search;
mod secrets;
mod services;
mod site;
mod sql;
mod store;
mod task;
mod telemetry;
mod waf;
mod wiring;

pub(crate) use alarms::describe;
pub(crate) use env::Env;
pub(crate) use offer::{Offer, Offers, Statement};

use design::{Blueprint, EnvironmentDesign};
use indexmap::IndexMap;
use ir::{Diagnostic, Diagnostics, Graph, Stack};
use spec::Spec;

/// The stacks of a blueprint on AWS, in the order they are applied.
pub(crate) fn lower(spec: &Spec, blueprint: &Blueprint) -> (Vec<Stack>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let stack = |name: &str, environment, graph| Stack {
        name: name.to_owned(),
        environment,
        region: blueprint.region.clone(),
        tags: tags(spec, blueprint, name),
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
    diagnostics.extend(refused_name(spec).into_iter().collect());
    pipeline::say_overlaps(spec, blueprint, &mut diagnostics);
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
    keys::lower_keys(&mut env);
    network::lower_flow_log(&mut env);
    let secrets = secrets::lower_secrets(&mut env);
    let resources = resources::lower_resources(&mut env);
    telemetry::lower(&mut env);
    let cluster = cluster::lower(&mut env);
    let edge = edge::lower(&mut env);
    let offers = wiring::Catalogue { resources, secrets };
    services::lower(&mut env, &offers, cluster.as_ref(), edge.as_ref());
    site::lower(&mut env, edge.as_ref());
    backup::lower_backup(&mut env);
    monitoring::lower_monitoring(&mut env);
    env
}

/// How the name of an application must not begin, because names of resources begin with it: the beginning and what
/// AWS keeps it for (API references of Elastic Load Balancing, EC2 and S3, 2025).
static KEPT: &[(&str, &str)] = &[
    ("internal-", "load balancers that are not public"),
    ("sg-", "ids of security groups"),
    ("sthree-", "buckets of its own"),
    ("amzn-s3-demo-", "buckets of its own"),
];

fn refused_name(spec: &Spec) -> Option<Diagnostic> {
    let begins = |kept: &str| format!("{}-", spec.name.value).starts_with(kept);
    let (kept, what) = KEPT.iter().find(|(kept, _)| begins(kept))?;
    Some(
        Diagnostic::error("name-kept-by-aws", format!("AWS refuses names that begin with `{kept}`"))
            .at(spec.name.span, "begins the name of every resource")
            .because(format!("AWS keeps that beginning for {what}."))
            .help("give the application another name"),
    )
}

/// What all environments share: image repositories and the pipeline's identity.
fn shared(spec: &Spec, blueprint: &Blueprint, environments: &[Stack]) -> Graph {
    let mut graph = Graph::new();
    images::lower(&mut graph, blueprint);
    pipeline::lower(&mut graph, spec, blueprint, environments);
    graph
}

/// Tags of everything in a stack.
fn tags(spec: &Spec, blueprint: &Blueprint, stack: &str) -> IndexMap<String, String> {
    let owner = spec.owner.as_ref().map_or("unknown", |o| o.value.as_str());
    let whole = format!("{}-{stack}", blueprint.name);
    [
        ("Application", blueprint.name.as_str()),
        ("Environment", stack),
        ("Owner", owner),
        (budget::STACK_TAG, whole.as_str()),
        ("ManagedBy", "mainstay"),
    ]
    .map(|(k, v)| (k.to_owned(), v.to_owned()))
    .into_iter()
    .collect()
}
