//! The registry of images, shared by all environments so that an image is built once and promoted.
//!
//! Programs pull with their own identities, the pipeline pushes with its own: there is no password.

use catalog::azurerm::{container_registry as registry, resource_group};
use design::{Blueprint, usage};
use ir::key::Handle;
use ir::{Graph, NodeBuilder, Value};

use super::bootstrap::application;
use super::env::{Letters, group_name, subscription, text, unique};
use super::vaults::Groups;
use super::{Env, Grant};
use crate::names::join;

const COMPONENT: &str = "images";
/// What follows the application's name in the registry's.
const SUFFIX: &str = "images";

/// Adds the registry; nothing when no image is built.
pub(crate) fn lower(graph: &mut Graph, blueprint: &Blueprint, groups: &Groups) {
    if blueprint.images.is_empty() {
        return;
    }
    graph.component(COMPONENT, "images", "Registry of the images that are built here");
    application(graph, COMPONENT, blueprint);
    let name = registry_name(blueprint);
    let decl = text("Name of the registry, which nobody else in all of Azure may have.");
    let name = graph.input(COMPONENT, "registry", decl, name);
    let group: &Handle<resource_group::M> = &groups.shared;
    let images = blueprint.images.len() as f64;
    let registry = graph.add(
        NodeBuilder::new(COMPONENT, registry::KIND, "this")
            .set(registry::NAME, name)
            .set(registry::RESOURCE_GROUP_NAME, group.get(resource_group::NAME))
            .set(registry::LOCATION, group.get(resource_group::LOCATION))
            .set(registry::SKU, "Standard")
            .set(registry::ADMIN_ENABLED, false)
            .set(registry::ANONYMOUS_PULL_ENABLED, false)
            .usage("storage_gib", images * usage::repository_gib())
            .purpose("Holds the images of every service that is built here"),
    );
    let outputs = &mut graph.components.entry(COMPONENT.to_owned()).or_default().outputs;
    let words = "Server that images are pushed to.".to_owned();
    outputs.insert("server".into(), (words, registry.get(registry::LOGIN_SERVER)));
}

fn registry_name(blueprint: &Blueprint) -> String {
    unique(blueprint, &format!("{}-{SUFFIX}", blueprint.name), Letters::Plain)
}

/// The server of the registry.
pub(crate) fn server(env: &Env) -> Value {
    format!("{}.azurecr.io", registry_name(env.blueprint)).into()
}

/// The id of the registry, which another stack holds.
pub(crate) fn id(graph: &mut Graph, component: &str, blueprint: &Blueprint) -> Value {
    let subscription = subscription(graph, component);
    let (group, name) = (group_name(blueprint, "shared"), registry_name(blueprint));
    let rest = format!("/resourceGroups/{group}/providers/Microsoft.ContainerRegistry/registries/{name}");
    join([subscription, rest.into()])
}

/// Pulling the image of a service.
pub(crate) fn pull(env: &mut Env, service: &str) -> Grant {
    let component = env.service_component(service);
    let scope = id(&mut env.graph, &component, env.blueprint);
    Grant { key: "image".into(), role: "AcrPull", scope }
}
