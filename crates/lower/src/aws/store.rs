//! What all data stores share.
//!
//! A store inside the network has a guard, a name that programs written for compose already use, and rules
//! about how it may be destroyed; all of them grant permissions in the same shape. Said once here, so that the
//! stores differ only in what makes them different. It must not know any one store.

use catalog::aws::{
    cloudwatch_log_group, security_group, service_discovery_instance,
    service_discovery_private_dns_namespace, service_discovery_service, vpc,
};
use design::usage;
use ir::key::Handle;
use ir::{Lifecycle, NodeBuilder, Value};

use super::env::flag;
use super::{Env, Offer, Statement};
pub(crate) use crate::names::{join, settings, variable};

/// When backups are taken, UTC: before the maintenance window, so that a failed update finds a fresh copy.
pub(crate) const BACKUP_WINDOW: &str = "02:00-03:00";
/// When the cloud may patch, UTC: after the backup, on the quietest day of most applications.
pub(crate) const MAINTENANCE_WINDOW: &str = "sun:03:30-sun:04:30";
/// Seconds that a name of a store is remembered: short enough to follow a failover by hand.
const NAME_TTL: i64 = 30;

/// Refuses to destroy what holds data, where every environment asks for it.
pub(crate) fn protection(env: &Env) -> Lifecycle {
    Lifecycle { prevent_destroy: protected_everywhere(env), ..Lifecycle::default() }
}

/// Whether every environment protects what holds data. Environments share their modules, and code cannot refuse
/// a deletion in one of them only; the cloud's own protection is set for each.
pub(crate) fn protected_everywhere(env: &Env) -> bool {
    env.blueprint.environments.values().all(|e| e.recovery.protect)
}

/// Replacements are made before the old one goes: for what something running refers to. The name must differ
/// whenever the resource is replaced.
pub(crate) fn replace_first() -> Lifecycle {
    Lifecycle { create_before_destroy: true, ..Lifecycle::default() }
}

/// The input that makes the cloud itself refuse a deletion.
pub(crate) fn deletion_protection(env: &mut Env, component: &str) -> Value {
    let decl = flag("Whether the cloud refuses to delete the store.");
    env.input(component, "deletion_protection", decl, env.design.recovery.protect)
}

/// The input that leaves out the last copy on deletion: only where nothing is protected.
pub(crate) fn skip_final_snapshot(env: &mut Env, component: &str) -> Value {
    let decl = flag("Whether deletion takes no last copy.");
    env.input(component, "skip_final_snapshot", decl, !env.design.recovery.protect)
}

/// The security group that guards a store. It has no rules: each consumer adds its own.
pub(crate) fn door(env: &mut Env, component: &str, resource: &str) -> Handle<security_group::M> {
    let vpc = env.network().vpc.get(vpc::ID);
    let prefix = join([env.name(resource), "-".into()]);
    env.add(
        NodeBuilder::new(component, security_group::KIND, "this")
            .set(security_group::NAME_PREFIX, prefix)
            .set(security_group::DESCRIPTION, format!("Guards {resource}"))
            .set(security_group::VPC_ID, vpc)
            .lifecycle(replace_first())
            .purpose(format!("Lets only the services that use {resource} reach it")),
    )
}

/// A log group of a store, with what it is expected to take in and to hold.
pub(crate) fn log_group(
    env: &mut Env,
    component: &str,
    name: &str,
    log_name: Value,
    purpose: &str,
) -> Handle<cloudwatch_log_group::M> {
    let log = usage::store_log(env.design.log_days);
    env.log_group(component, name, log_name, purpose, log)
}

/// Gives a store the name `<resource>.<namespace>`, which search domains shorten to what compose calls it.
/// Cloud Map owns the zone and refuses records made through Route 53, so the name is an instance of a service.
pub(crate) fn alias(env: &mut Env, component: &str, resource: &str, host: Value) {
    let namespace = env.network().namespace.get(service_discovery_private_dns_namespace::ID);
    let record = ir::Block::new()
        .set(service_discovery_service::dns_config::dns_records::TTL, NAME_TTL)
        .set(service_discovery_service::dns_config::dns_records::TYPE, "CNAME");
    // Cloud Map takes a CNAME only with weighted routing.
    let dns = ir::Block::new()
        .set(service_discovery_service::dns_config::NAMESPACE_ID, namespace)
        .set(service_discovery_service::dns_config::ROUTING_POLICY, "WEIGHTED")
        .block(service_discovery_service::dns_config::DNS_RECORDS, record);
    let service = env.add(
        NodeBuilder::new(component, service_discovery_service::KIND, "this")
            .set(service_discovery_service::NAME, resource)
            .set(service_discovery_service::DESCRIPTION, format!("Name of {resource}"))
            .block(service_discovery_service::DNS_CONFIG, dns)
            .purpose(format!("Keeps the host name {resource} working as it does in compose")),
    );
    env.add(
        NodeBuilder::new(component, service_discovery_instance::KIND, "this")
            .set(service_discovery_instance::INSTANCE_ID, "primary")
            .set(service_discovery_instance::SERVICE_ID, service.get(service_discovery_service::ID))
            .set(service_discovery_instance::ATTRIBUTES, Value::map([("AWS_INSTANCE_CNAME", host)]))
            .purpose(format!("Points the name {resource} at its endpoint")),
    );
}

/// A statement without conditions. `verb` and the resource's name make the id.
pub(crate) fn allow(
    verb: &str,
    resource: &str,
    actions: &[&'static str],
    resources: Vec<Value>,
) -> Statement {
    let mut actions = actions.to_vec();
    actions.sort_unstable();
    Statement { sid: format!("{verb}{}", camel(resource)), actions, resources, conditions: Vec::new() }
}

/// An offer whose facts `host`, `port` and so on also become the settings `<NAME>_HOST`, `<NAME>_PORT`.
pub(crate) fn offer<const N: usize>(resource: &str, facts: [(&'static str, Value); N]) -> Offer {
    let mut offer = Offer::default();
    for (field, value) in facts {
        offer.env.insert(variable(resource, field), value.clone());
        offer.fields.insert(field, value);
    }
    offer
}

/// Adds a setting that comes out of a secret: `suffix` of the resource, read by `value_from`.
pub(crate) fn offer_secret(
    offer: &mut Offer,
    resource: &str,
    suffix: &str,
    value_from: Value,
    secret: Value,
    key: Value,
) {
    offer.secret_env.insert(variable(resource, suffix), value_from);
    offer.secret_arns.push(secret);
    offer.secret_keys.push(key);
}

/// A port as a setting: the platform takes settings only as text.
pub(crate) fn text(port: u16) -> Value {
    port.to_string().into()
}

/// `order-db` to `OrderDb`: letters and digits, as statement ids must be.
pub(crate) fn camel(name: &str) -> String {
    name.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(|w| w[..1].to_ascii_uppercase() + &w[1..])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_statement_ids() {
        for (name, expected) in [("order-db", "OrderDb"), ("--x--", "X"), ("größe", "GrE"), ("", "")] {
            assert_eq!(camel(name), expected);
        }
    }
}
