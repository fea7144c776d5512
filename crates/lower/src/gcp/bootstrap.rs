//! The first stack: the interfaces that everything else needs, and where the state of all others is kept.
//!
//! It is applied once with local state, which then moves into the bucket it made. Losing the state loses the
//! knowledge of what exists, so the bucket keeps every version and refuses to be destroyed.

use catalog::google::{project_service, storage_bucket};
use design::{Blueprint, Compute, EnvironmentDesign, ResourceChoice, usage};
use ir::{Graph, Lifecycle, NodeBuilder, Value};

use super::bucket::{BucketSpec, private_bucket};
use super::env::{declare_region, number, project_number};
use crate::names::join;

const APIS: &str = "apis";
const STATE: &str = "state";

/// Interfaces that every application needs.
const ALWAYS: &[&str] = &[
    "artifactregistry.googleapis.com",
    "billingbudgets.googleapis.com",
    "cloudresourcemanager.googleapis.com",
    "compute.googleapis.com",
    "dns.googleapis.com",
    "iam.googleapis.com",
    "iamcredentials.googleapis.com",
    "logging.googleapis.com",
    "monitoring.googleapis.com",
    "run.googleapis.com",
    "secretmanager.googleapis.com",
    "serviceusage.googleapis.com",
    "storage.googleapis.com",
    "sts.googleapis.com",
];

/// Whether an environment needs something.
type Wanted = fn(&EnvironmentDesign) -> bool;

/// Interfaces that some applications need, and when.
static SOMETIMES: &[(&str, Wanted)] = &[
    ("cloudscheduler.googleapis.com", |e| {
        e.services.values().any(|s| matches!(s.compute, Compute::ScheduledTask { .. }))
    }),
    ("managedkafka.googleapis.com", |e| has(e, |c| matches!(c, ResourceChoice::ManagedKafka(_)))),
    ("memorystore.googleapis.com", |e| has(e, |c| matches!(c, ResourceChoice::Memorystore(_)))),
    ("networkconnectivity.googleapis.com", |e| has(e, |c| matches!(c, ResourceChoice::Memorystore(_)))),
    ("pubsub.googleapis.com", |e| {
        has(e, |c| matches!(c, ResourceChoice::PubSubQueue(_) | ResourceChoice::PubSubTopic(_)))
    }),
    ("servicenetworking.googleapis.com", |e| has(e, |c| matches!(c, ResourceChoice::CloudSql(_)))),
    ("sqladmin.googleapis.com", |e| has(e, |c| matches!(c, ResourceChoice::CloudSql(_)))),
];

fn has(environment: &EnvironmentDesign, wanted: fn(&ResourceChoice) -> bool) -> bool {
    environment.resources.values().any(|r| wanted(&r.choice))
}

/// The graph of the stack.
pub(crate) fn lower(blueprint: &Blueprint) -> Graph {
    let mut graph = Graph::new();
    apis(&mut graph, blueprint);
    state(&mut graph, blueprint);
    graph
}

fn apis(graph: &mut Graph, blueprint: &Blueprint) {
    graph.component(APIS, "apis", "Interfaces of Google Cloud that the application uses");
    let needed = |wanted: Wanted| blueprint.environments.values().any(wanted);
    let sometimes = SOMETIMES.iter().filter(|(_, wanted)| needed(*wanted)).map(|(name, _)| name);
    let mut names: Vec<&str> = ALWAYS.iter().chain(sometimes).copied().collect();
    names.sort_unstable();
    for name in names {
        graph.add(
            NodeBuilder::new(APIS, project_service::KIND, "this")
                .key(name)
                .set(project_service::SERVICE, name)
                // Others in the project may use it too.
                .set(project_service::DISABLE_ON_DESTROY, false)
                .purpose(format!("Lets the project use {name}")),
        );
    }
}

fn state(graph: &mut Graph, blueprint: &Blueprint) {
    let description = "Bucket for the state of every stack";
    graph.component(STATE, "state", description);
    let name = application(graph, STATE, blueprint);
    let region = declare_region(graph, STATE, blueprint);
    let decl = number("Days that replaced versions of the state are kept.", 30.0, 3653.0);
    let days = graph.input(STATE, "noncurrent_days", decl, 365);
    let number = project_number(graph, STATE);
    let spec = BucketSpec {
        component: STATE,
        name: "this",
        bucket: state_bucket(name, number),
        location: region,
        noncurrent_days: days,
        lifecycle: Lifecycle { prevent_destroy: true, ..Lifecycle::default() },
        purpose: "Keeps the state of every stack, with all its versions",
        objects: usage::state(),
    };
    let bucket = private_bucket(graph, spec);
    let outputs = &mut graph.component(STATE, "state", description).outputs;
    outputs
        .insert("bucket".into(), ("Bucket that holds the state.".into(), bucket.get(storage_bucket::NAME)));
}

/// The name of the bucket that holds the state.
pub(crate) fn state_bucket(application: Value, project_number: Value) -> Value {
    join([application, "-state-".into(), project_number])
}

/// The input `name` of a component that belongs to no environment: the application's name.
pub(crate) fn application(graph: &mut Graph, component: &str, blueprint: &Blueprint) -> Value {
    graph.input(component, "name", crate::inputs::application(), blueprint.name.as_str())
}
