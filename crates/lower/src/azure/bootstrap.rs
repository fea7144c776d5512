//! The first stack: where the state of all others is kept.
//!
//! It is applied once with local state, which then moves into the container it made. Losing the state loses the
//! knowledge of what exists, so the account keeps every version and refuses to be destroyed. Nobody has a key to it:
//! whoever reads the state does so as who they are.

use catalog::azurerm::{
    data_client_config, resource_group, role_assignment, storage_account, storage_container,
};
use design::{Blueprint, usage};
use ir::{Block, Graph, Lifecycle, NodeBuilder, Value};

use super::env::{Letters, client, group_name, matching, number, subscription, text, unique};
use crate::names::join;

const COMPONENT: &str = "state";
/// The container that holds the state.
const CONTAINER: &str = "state";

/// The graph of the stack.
pub(crate) fn lower(blueprint: &Blueprint) -> Graph {
    let mut graph = Graph::new();
    let words = "Storage account for the state of every stack";
    graph.component(COMPONENT, "state", words);
    let name = application(&mut graph, COMPONENT, blueprint);
    let decl = matching("Region that the state is kept in.", "^[a-z0-9]+$", "a region such as westeurope");
    let location = graph.input(COMPONENT, "location", decl, blueprint.region.as_str());
    let group = graph.add(
        NodeBuilder::new(COMPONENT, resource_group::KIND, "this")
            .set(resource_group::NAME, join(["rg-".into(), name, "-state".into()]))
            .set(resource_group::LOCATION, location.clone())
            .lifecycle(Lifecycle { prevent_destroy: true, ..Lifecycle::default() })
            .purpose("Holds the state, apart from everything that it describes"),
    );
    let decl = number("Days that replaced and deleted versions of the state are kept.", 30.0, 365.0);
    let days = graph.input(COMPONENT, "kept_days", decl, 365);
    let decl = text("Name of the account, which nobody else in all of Azure may have.");
    let account = graph.input(COMPONENT, "account", decl, account_name(blueprint));
    let objects = usage::state();
    use storage_account::blob_properties as blobs;
    let deleted = Block::new().set(blobs::delete_retention_policy::DAYS, days.clone());
    let containers = Block::new().set(blobs::container_delete_retention_policy::DAYS, days);
    let account = graph.add(
        NodeBuilder::new(COMPONENT, storage_account::KIND, "this")
            .set(storage_account::NAME, account)
            .set(storage_account::RESOURCE_GROUP_NAME, group.get(resource_group::NAME))
            .set(storage_account::LOCATION, location)
            .set(storage_account::ACCOUNT_TIER, "Standard")
            .set(storage_account::ACCOUNT_REPLICATION_TYPE, replication(blueprint))
            .set(storage_account::MIN_TLS_VERSION, "TLS1_2")
            .set(storage_account::SHARED_ACCESS_KEY_ENABLED, false)
            .set(storage_account::ALLOW_NESTED_ITEMS_TO_BE_PUBLIC, false)
            .set(storage_account::CROSS_TENANT_REPLICATION_ENABLED, false)
            .set(storage_account::LOCAL_USER_ENABLED, false)
            .block(
                storage_account::BLOB_PROPERTIES,
                Block::new()
                    .set(blobs::VERSIONING_ENABLED, true)
                    .block(blobs::DELETE_RETENTION_POLICY, deleted)
                    .block(blobs::CONTAINER_DELETE_RETENTION_POLICY, containers),
            )
            .lifecycle(Lifecycle { prevent_destroy: true, ..Lifecycle::default() })
            .usage("storage_gib", objects.gib)
            .usage("put_requests", objects.puts)
            .usage("get_requests", objects.gets)
            .purpose("Keeps the state of every stack, with all its versions"),
    );
    let container = graph.add(
        NodeBuilder::new(COMPONENT, storage_container::KIND, "this")
            .set(storage_container::NAME, CONTAINER)
            .set(storage_container::STORAGE_ACCOUNT_ID, account.get(storage_account::ID))
            .set(storage_container::CONTAINER_ACCESS_TYPE, "private")
            .lifecycle(Lifecycle { prevent_destroy: true, ..Lifecycle::default() })
            .purpose("Holds one state a stack"),
    );
    let who = client(&mut graph, COMPONENT).get(data_client_config::OBJECT_ID);
    graph.add(
        NodeBuilder::new(COMPONENT, role_assignment::KIND, "founder")
            .set(role_assignment::SCOPE, account.get(storage_account::ID))
            .set(role_assignment::ROLE_DEFINITION_NAME, "Storage Blob Data Contributor")
            .set(role_assignment::PRINCIPAL_ID, who)
            // Whoever applies the stack next is another, and needs no other rights.
            .lifecycle(Lifecycle { ignore_changes: vec!["principal_id".into()], ..Lifecycle::default() })
            .purpose("Lets whoever sets the application up move the first state into the account"),
    );
    let outputs = &mut graph.component(COMPONENT, "state", words).outputs;
    outputs.insert(
        "account".into(),
        ("Account that holds the state.".into(), account.get(storage_account::NAME)),
    );
    outputs.insert(
        "container".into(),
        ("Container that holds it.".into(), container.get(storage_container::NAME)),
    );
    graph
}

/// Copies in several zones, where the region has any.
fn replication(blueprint: &Blueprint) -> &'static str {
    let zones = catalog::regions::region(&blueprint.region).map_or(1, |r| r.zones);
    if zones > 1 { "ZRS" } else { "LRS" }
}

fn account_name(blueprint: &Blueprint) -> String {
    unique(blueprint, &format!("{}-state", blueprint.name), Letters::Plain)
}

/// The id of the container of the state, which the first stack made.
pub(crate) fn state_id(graph: &mut Graph, component: &str, blueprint: &Blueprint) -> Value {
    let (group, account) = (group_name(blueprint, "state"), account_name(blueprint));
    let rest = format!(
        "/resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts/{account}/blobServices/default/containers/{CONTAINER}"
    );
    join([subscription(graph, component), rest.into()])
}

/// The input `name` of a component that belongs to no environment: the application's name.
pub(crate) fn application(graph: &mut Graph, component: &str, blueprint: &Blueprint) -> Value {
    graph.input(component, "name", crate::inputs::application(), blueprint.name.as_str())
}
