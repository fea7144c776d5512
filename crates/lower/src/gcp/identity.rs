//! Service accounts and what they may do.
//!
//! Every program has an account of its own, which holds roles on single resources and none on the project. It must not
//! know why an account exists: roles come from the caller.

use catalog::google::{
    pubsub_subscription_iam_member as on_subscription, pubsub_topic_iam_member as on_topic,
    secret_manager_secret_iam_member as on_secret, service_account, storage_bucket_iam_member as on_bucket,
};
use ir::key::Handle;
use ir::{NodeBuilder, Value};

use super::Env;
use super::offer::{Grant, On};

/// Characters of the shortest and longest id of an account.
/// Source: <https://cloud.google.com/iam/docs/service-accounts-create>, 2025.
pub(crate) const ID_CHARACTERS: usize = 30;

/// Adds an account; `suffix` follows application and environment in its id.
pub(crate) fn account(
    env: &mut Env,
    component: &str,
    node: &str,
    suffix: &str,
    purpose: &str,
) -> Handle<service_account::M> {
    let input = if node == "this" { "account_id".to_owned() } else { format!("{node}_account_id") };
    let id = env.name_within(component, &input, suffix, ID_CHARACTERS);
    env.add(
        NodeBuilder::new(component, service_account::KIND, node)
            .set(service_account::ACCOUNT_ID, id)
            .set(service_account::DISPLAY_NAME, purpose)
            .purpose(purpose),
    )
}

/// Gives an account a role on a resource, from the component of who gets it.
pub(crate) fn grant(env: &mut Env, component: &str, account: &Handle<service_account::M>, grant: &Grant) {
    let member = account.get(service_account::MEMBER);
    let purpose = format!("Gives the account {} on one resource", grant.role);
    match &grant.on {
        On::Topic(topic) => {
            env.add(
                NodeBuilder::new(component, on_topic::KIND, "this")
                    .key(grant.key.as_str())
                    .set(on_topic::TOPIC, topic.clone())
                    .set(on_topic::ROLE, grant.role)
                    .set(on_topic::MEMBER, member)
                    .purpose(purpose),
            );
        }
        On::Subscription(subscription) => {
            env.add(
                NodeBuilder::new(component, on_subscription::KIND, "this")
                    .key(grant.key.as_str())
                    .set(on_subscription::SUBSCRIPTION, subscription.clone())
                    .set(on_subscription::ROLE, grant.role)
                    .set(on_subscription::MEMBER, member)
                    .purpose(purpose),
            );
        }
        On::Bucket(bucket) => {
            env.add(
                NodeBuilder::new(component, on_bucket::KIND, "this")
                    .key(grant.key.as_str())
                    .set(on_bucket::BUCKET, bucket.clone())
                    .set(on_bucket::ROLE, grant.role)
                    .set(on_bucket::MEMBER, member)
                    .purpose(purpose),
            );
        }
    }
}

/// Lets an account read a secret, given by its name; `key` tells it from the account's others.
pub(crate) fn read_secret(
    env: &mut Env,
    component: &str,
    account: &Handle<service_account::M>,
    key: &str,
    secret: &Value,
) -> ir::Address {
    let handle = env.add(
        NodeBuilder::new(component, on_secret::KIND, "this")
            .key(key)
            .set(on_secret::SECRET_ID, secret.clone())
            .set(on_secret::ROLE, "roles/secretmanager.secretAccessor")
            .set(on_secret::MEMBER, account.get(service_account::MEMBER))
            .purpose(format!("Lets the program read the secret behind {key}")),
    );
    handle.address
}
