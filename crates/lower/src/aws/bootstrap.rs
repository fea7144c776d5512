//! The first stack: where the state of all others is kept.
//!
//! It is applied once with local state, which then moves into the bucket it made. Losing the state loses the
//! knowledge of what exists, so the bucket keeps every version and refuses to be destroyed.

use catalog::aws::{kms_alias, kms_key, s3_bucket};
use design::{Blueprint, usage};
use ir::{Graph, Lifecycle, NodeBuilder, Value};

use super::env::{account, number, partition};
use super::keys::administration;
use super::policy::resource_policy;
use super::private_bucket::{BucketSpec, private_bucket};

const COMPONENT: &str = "state";

/// The graph of the stack.
pub(crate) fn lower(blueprint: &Blueprint) -> Graph {
    let mut graph = Graph::new();
    graph.component(COMPONENT, "state", "Bucket and key for the state of every stack");
    let name = application(&mut graph, COMPONENT, blueprint);
    let administration = administration(partition(&mut graph, COMPONENT), account(&mut graph, COMPONENT));
    let key = graph.add(
        NodeBuilder::new(COMPONENT, kms_key::KIND, "this")
            .set(kms_key::DESCRIPTION, Value::template(["State of ".into(), name.clone()]))
            .set(kms_key::ENABLE_KEY_ROTATION, true)
            .set(kms_key::DELETION_WINDOW_IN_DAYS, 30)
            .set(kms_key::POLICY, resource_policy(&[administration]))
            .lifecycle(Lifecycle { prevent_destroy: true, ..Lifecycle::default() })
            .purpose("Encrypts the state, which names every resource")
            .usage("requests", usage::state().puts + usage::state().gets),
    );
    graph.add(
        NodeBuilder::new(COMPONENT, kms_alias::KIND, "this")
            .set(kms_alias::NAME, Value::template(["alias/".into(), name.clone(), "-state".into()]))
            .set(kms_alias::TARGET_KEY_ID, key.get(kms_key::KEY_ID))
            .purpose("Gives the key a name that people and roles can use"),
    );
    let days = graph.input(
        COMPONENT,
        "noncurrent_days",
        number("Days that replaced versions of the state are kept.", 30.0, 3653.0),
        365,
    );
    let bucket = BucketSpec {
        component: COMPONENT,
        name: "this",
        bucket: Value::template([name, "-state-".into(), account(&mut graph, COMPONENT)]),
        purpose: "Keeps the state of every stack, with all its versions",
        key: Some(key.get(kms_key::ARN)),
        expire_days: None,
        noncurrent_days: days,
        protect: true,
        objects: usage::state(),
    };
    let bucket = private_bucket(&mut graph, bucket, |_| Vec::new());
    let outputs =
        &mut graph.component(COMPONENT, "state", "Bucket and key for the state of every stack").outputs;
    outputs.insert("bucket".into(), ("Bucket that holds the state.".into(), bucket.get(s3_bucket::ID)));
    outputs.insert("key".into(), ("Key that encrypts the state.".into(), key.get(kms_key::ARN)));
    graph
}

/// The input `name` of a component that belongs to no environment: the application's name.
pub(crate) fn application(graph: &mut Graph, component: &str, blueprint: &Blueprint) -> Value {
    graph.input(component, "name", crate::inputs::application(), blueprint.name.as_str())
}
