//! Buckets: a container of blobs in a storage account of its own.
//!
//! How often data is copied and how long replaced versions are kept is a matter of the account, so every bucket has
//! one. Nobody has a key to it and nothing in it is public: programs prove who they are. It must not know who they are.

use catalog::azurerm::{
    storage_account as account, storage_container as container, storage_management_policy as policy,
};
use design::{BucketDesign, usage};
use ir::key::Handle;
use ir::{Block, NodeBuilder, Value};

use super::env::{Letters, number, one_of};
use super::{Env, Grant, Offer};

/// A container with its account and the rules about old versions.
pub(crate) fn lower(env: &mut Env, resource: &str, design: &BucketDesign) -> Offer {
    let component = env.resource_component(resource);
    let c = component.as_str();
    env.component(c, "bucket", format!("Bucket {resource}"));
    let decl = number("Days that replaced and deleted versions are kept.", 1.0, 365.0);
    let days = env.input(c, "noncurrent_days", decl, design.noncurrent_days.clamp(1, 365));
    let protection = env.protection();
    let made = lower_account(
        env,
        c,
        resource,
        replication(env, design.zone_redundant),
        usage::objects(design),
        |b| {
            use account::blob_properties as blobs;
            let deleted = Block::new().set(blobs::delete_retention_policy::DAYS, days.clone());
            let containers = Block::new().set(blobs::container_delete_retention_policy::DAYS, days.clone());
            b.block(
                account::BLOB_PROPERTIES,
                Block::new()
                    .set(blobs::VERSIONING_ENABLED, true)
                    .block(blobs::DELETE_RETENTION_POLICY, deleted)
                    .block(blobs::CONTAINER_DELETE_RETENTION_POLICY, containers),
            )
            .lifecycle(protection)
        },
    );
    let blobs = env.add(
        NodeBuilder::new(c, container::KIND, "this")
            .set(container::NAME, resource)
            .set(container::STORAGE_ACCOUNT_ID, made.get(account::ID))
            .set(container::CONTAINER_ACCESS_TYPE, "private")
            .lifecycle(env.protection())
            .purpose(format!("Holds the objects of {resource}")),
    );
    old_versions(env, c, resource, &made, days);
    env.lock(c, resource, made.get(account::ID));
    let facts = [("name", blobs.get(container::NAME)), ("url", made.get(account::PRIMARY_BLOB_ENDPOINT))];
    let mut offer = Offer::of(resource, facts);
    let grant =
        |what: &str, role| Grant { key: format!("{resource}-{what}"), role, scope: blobs.get(container::ID) };
    offer.read.push(grant("reader", "Storage Blob Data Reader"));
    offer.write.push(grant("writer", "Storage Blob Data Contributor"));
    offer
}

/// How often data is copied: over zones where the design asks for it, and to the paired region where copies go there.
fn replication(env: &Env, zones: bool) -> &'static str {
    let elsewhere = env.design.recovery.copies_buckets() && env.copied_to_pair();
    match (zones, elsewhere) {
        (false, false) => "LRS",
        (true, false) => "ZRS",
        (false, true) => "GRS",
        (true, true) => "GZRS",
    }
}

/// A storage account that nobody has a key to.
pub(crate) fn lower_account(
    env: &mut Env,
    component: &str,
    name: &str,
    replication: &str,
    objects: usage::Objects,
    more: impl FnOnce(NodeBuilder<account::M>) -> NodeBuilder<account::M>,
) -> Handle<account::M> {
    let account_name = env.global_name(component, "account", name, Letters::Plain);
    let decl = one_of("How often data is copied, and where.", ["LRS", "ZRS", "GRS", "GZRS"]);
    let copies = env.input(component, "replication", decl, replication);
    let (group, location) = (env.group(), env.location());
    let builder = NodeBuilder::new(component, account::KIND, "this")
        .set(account::NAME, account_name)
        .set(account::RESOURCE_GROUP_NAME, group)
        .set(account::LOCATION, location)
        .set(account::ACCOUNT_TIER, "Standard")
        .set(account::ACCOUNT_REPLICATION_TYPE, copies)
        .set(account::MIN_TLS_VERSION, "TLS1_2")
        .set(account::SHARED_ACCESS_KEY_ENABLED, false)
        .set(account::DEFAULT_TO_OAUTH_AUTHENTICATION, true)
        .set(account::ALLOW_NESTED_ITEMS_TO_BE_PUBLIC, false)
        .set(account::CROSS_TENANT_REPLICATION_ENABLED, false)
        .set(account::LOCAL_USER_ENABLED, false)
        .usage("storage_gib", objects.gib)
        .usage("put_requests", objects.puts)
        .usage("get_requests", objects.gets)
        .purpose(format!("Holds {name}, for those alone who prove who they are"));
    env.add(more(builder))
}

fn old_versions(env: &mut Env, component: &str, resource: &str, made: &Handle<account::M>, days: Value) {
    use policy::rule::{self, actions, filters};
    let version = Block::new().set(actions::version::DELETE_AFTER_DAYS_SINCE_CREATION, days);
    let rule = Block::new()
        .set(rule::NAME, "old-versions")
        .set(rule::ENABLED, true)
        .block(rule::FILTERS, Block::new().set(filters::BLOB_TYPES, Value::list(["blockBlob"])))
        .block(rule::ACTIONS, Block::new().block(actions::VERSION, version));
    env.add(
        NodeBuilder::new(component, policy::KIND, "this")
            .set(policy::STORAGE_ACCOUNT_ID, made.get(account::ID))
            .block(policy::RULE, rule)
            .purpose(format!("Removes versions of {resource} that nobody can want back any more")),
    );
}
