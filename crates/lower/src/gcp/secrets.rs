//! Places of secrets.
//!
//! They belong to the stack that environments share: the platform refuses a program whose secret has no value, so the
//! operator puts values after that stack and before the environment. Only the place is made here: a value would live in
//! the state. It must not know any value.

use catalog::google::secret_manager_secret as secret;
use design::{Blueprint, EnvironmentDesign, ResourceChoice, usage};
use ir::{Block, Diagnostic, Graph, Lifecycle, NodeBuilder, Value};
use spec::Spec;

use super::bootstrap::application;
use super::env::declare_region;
use super::{Env, Offer, Offers};
use crate::names::join;

const COMPONENT: &str = "secrets";

/// Adds the places of every environment's secrets; nothing when there are none.
pub(crate) fn lower(graph: &mut Graph, spec: &Spec, blueprint: &Blueprint) {
    let environments = blueprint.environments.values();
    let wanted: Vec<(&EnvironmentDesign, String)> =
        environments.flat_map(|e| names(spec, e).into_iter().map(move |name| (e, name))).collect();
    if wanted.is_empty() {
        return;
    }
    graph.component(COMPONENT, "secrets", "Places for the secrets that the operator provides");
    let application = application(graph, COMPONENT, blueprint);
    let region = declare_region(graph, COMPONENT, blueprint);
    for (environment, name) in wanted {
        use secret::replication::user_managed::{REPLICAS, replicas};
        let key = format!("{}-{name}", environment.name);
        let replication = Block::new().block(
            secret::replication::USER_MANAGED,
            Block::new().block(REPLICAS, Block::new().set(replicas::LOCATION, region.clone())),
        );
        graph.add(
            NodeBuilder::new(COMPONENT, secret::KIND, "this")
                .key(key.as_str())
                .set(secret::SECRET_ID, join([application.clone(), format!("-{key}").into()]))
                .block(secret::REPLICATION, replication)
                .lifecycle(Lifecycle {
                    prevent_destroy: environment.recovery.protect,
                    ..Lifecycle::default()
                })
                .usage("requests", usage::secret_reads())
                .purpose(format!(
                    "Holds {name} of {}; its value is put by the operator and never by code",
                    environment.name
                )),
        );
    }
}

/// What is called how in Secret Manager, after application and environment: what the spec declares, and passwords of
/// databases.
fn names(spec: &Spec, environment: &EnvironmentDesign) -> Vec<String> {
    let has_password = |choice: &ResourceChoice| matches!(choice, ResourceChoice::CloudSql(_));
    let databases = environment.resources.iter().filter(|(_, r)| has_password(&r.choice));
    spec.secrets.keys().cloned().chain(databases.map(|(name, _)| password_name(name))).collect()
}

fn password_name(resource: &str) -> String {
    format!("{resource}-password")
}

/// The name of a secret of the environment.
pub(crate) fn place(env: &Env, name: &str) -> Value {
    env.name(name)
}

/// The name of the secret that holds a resource's password.
pub(crate) fn password_place(env: &Env, resource: &str) -> Value {
    place(env, &password_name(resource))
}

/// What services need to read each secret that the spec declares, by its name.
pub(crate) fn offers(env: &Env) -> Offers {
    let offer = |name: &String| {
        let mut offer = Offer::default();
        offer.secrets.insert(name.clone(), place(env, name));
        (name.clone(), offer)
    };
    env.spec.secrets.keys().map(offer).collect()
}

/// Says once what the operator puts where before an environment can be made.
pub(crate) fn say_what_to_put(spec: &Spec, blueprint: &Blueprint) -> Option<Diagnostic> {
    let environments = blueprint.environments.values();
    let full = |e: &EnvironmentDesign| {
        let begin = format!("{}-{}", blueprint.name, e.name);
        names(spec, e).into_iter().map(move |name| format!("`{begin}-{name}`")).collect::<Vec<_>>()
    };
    let names: Vec<String> = environments.flat_map(full).collect();
    (!names.is_empty()).then(|| {
        Diagnostic::note("secrets-to-put", "secrets want a value before an environment is made")
            .because("Cloud Run refuses a program whose secret has no value yet.")
            .help(format!(
                "after the stack `shared`, put a value into {} with `gcloud secrets versions add NAME --data-file=-`",
                names.join(", ")
            ))
    })
}
