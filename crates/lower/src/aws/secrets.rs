//! Secrets that the user provides.
//!
//! Only the place is made: a value would live in state, so the operator puts it there once, and the platform
//! injects it when a program starts. It must not know any value.

use catalog::aws::secretsmanager_secret;
use design::usage;
use ir::key::Handle;
use ir::{NodeBuilder, Value};

use super::env::number;
use super::store::join;
use super::{Env, Offer, Offers};

const COMPONENT: &str = "secrets";

/// One secret for each that the spec declares, and what a service needs to read it, by the secret's name.
pub(crate) fn lower_secrets(env: &mut Env) -> Offers {
    let names: Vec<String> = env.spec.secrets.keys().cloned().collect();
    if names.is_empty() {
        return Offers::new();
    }
    env.component(COMPONENT, "secrets", "Places for the secrets that the operator provides");
    names.into_iter().map(|name| (name.clone(), lower_secret(env, &name))).collect()
}

fn lower_secret(env: &mut Env, name: &str) -> Offer {
    let path = join([env.name(""), format!("/{name}").into()]);
    let window = recovery_window(env, COMPONENT);
    let key = env.key_arn();
    let secret = env.add(
        NodeBuilder::new(COMPONENT, secretsmanager_secret::KIND, "this")
            .key(name)
            .set(secretsmanager_secret::NAME, path)
            .set(secretsmanager_secret::DESCRIPTION, "Put here by the operator")
            .set(secretsmanager_secret::KMS_KEY_ID, key.clone())
            .set(secretsmanager_secret::RECOVERY_WINDOW_IN_DAYS, window)
            .purpose(format!("Holds {name}; its value is put by the operator and never by code"))
            .usage("requests", usage::secret_reads()),
    );
    reader(name, &secret, key)
}

/// What the store calls a secret of a resource.
pub(crate) fn operator_secret_name(env: &Env, resource: &str, what: &str) -> Value {
    join([env.name(""), format!("/{resource}/{what}").into()])
}

/// A secret of a resource whose value the operator puts, such as a broker's password.
pub(crate) fn operator_secret(
    env: &mut Env,
    component: &str,
    resource: &str,
    what: &str,
) -> Handle<secretsmanager_secret::M> {
    let path = operator_secret_name(env, resource, what);
    let window = recovery_window(env, component);
    let key = env.key_arn();
    env.add(
        NodeBuilder::new(component, secretsmanager_secret::KIND, "this")
            .set(secretsmanager_secret::NAME, path)
            .set(
                secretsmanager_secret::DESCRIPTION,
                format!("The {what} of {resource}, put here by the operator"),
            )
            .set(secretsmanager_secret::KMS_KEY_ID, key)
            .set(secretsmanager_secret::RECOVERY_WINDOW_IN_DAYS, window)
            .purpose(format!("Gives the {what} of {resource} to the services that use it"))
            .usage("requests", usage::secret_reads()),
    )
}

fn recovery_window(env: &mut Env, component: &str) -> Value {
    // Seven days is the least that Secrets Manager grants.
    let days = if env.design.recovery.protect { 30 } else { 7 };
    let decl = number("Days in which the deletion of a secret can be taken back.", 7.0, 30.0);
    env.input(component, "recovery_window_days", decl, days)
}

fn reader(name: &str, secret: &Handle<secretsmanager_secret::M>, key: Value) -> Offer {
    let arn = secret.get(secretsmanager_secret::ARN);
    let mut offer = Offer::default();
    offer.secret_env.insert(name.to_owned(), arn.clone());
    offer.secret_arns.push(arn.clone());
    offer.secret_keys.push(key);
    offer.fields.insert("arn", arn);
    offer
}
