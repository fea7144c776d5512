//! Security groups.
//!
//! A group starts empty and every opening is a rule of its own, owned by the component that needs it: so two
//! services may call each other without a cycle, and removing a consumer closes its door. It must not know what
//! stands behind a group.

use catalog::aws::{security_group, vpc, vpc_security_group_egress_rule, vpc_security_group_ingress_rule};
use ir::key::Handle;
use ir::{NodeBuilder, Value};

use super::Env;
use super::store::{join, replace_first};

/// Who is on the other side of a rule.
pub(crate) enum Peer {
    /// A security group, by id.
    Group(Value),
    /// An address range.
    Range(Value),
    /// A managed prefix list, by id.
    PrefixList(Value),
}

/// A group without rules.
pub(crate) fn group(
    env: &mut Env,
    component: &str,
    name: &str,
    suffix: &str,
    purpose: &str,
) -> Handle<security_group::M> {
    let network = env.network();
    let group_name = env.name(suffix);
    env.add(
        NodeBuilder::new(component, security_group::KIND, name)
            .set(security_group::NAME_PREFIX, join([group_name.clone(), "-".into()]))
            .lifecycle(replace_first())
            .set(security_group::DESCRIPTION, purpose)
            .set(security_group::VPC_ID, network.vpc.get(vpc::ID))
            .set(security_group::TAGS, Value::map([("Name", group_name)]))
            .purpose(purpose),
    )
}

/// Lets TCP on `port` into `group`. The rule belongs to `component` and is told apart by `key`.
pub(crate) fn open(
    env: &mut Env,
    component: &str,
    key: &str,
    group: Value,
    port: impl Into<Value>,
    from: Peer,
    why: &str,
) {
    use vpc_security_group_ingress_rule as rule;
    let port = port.into();
    let builder = NodeBuilder::new(component, rule::KIND, "this")
        .key(key)
        .set(rule::SECURITY_GROUP_ID, group)
        .set(rule::DESCRIPTION, why);
    let builder = match from {
        Peer::Group(id) => builder.set(rule::REFERENCED_SECURITY_GROUP_ID, id),
        Peer::Range(range) => builder.set(rule::CIDR_IPV4, range),
        Peer::PrefixList(id) => builder.set(rule::PREFIX_LIST_ID, id),
    };
    env.add(
        builder
            .set(rule::IP_PROTOCOL, "tcp")
            .set(rule::FROM_PORT, port.clone())
            .set(rule::TO_PORT, port)
            .purpose(why),
    );
}

/// Lets TCP on `port` out of `group`.
pub(crate) fn leave(
    env: &mut Env,
    component: &str,
    key: &str,
    group: Value,
    port: impl Into<Value>,
    to: Peer,
    why: &str,
) {
    use vpc_security_group_egress_rule as rule;
    let port = port.into();
    let builder = NodeBuilder::new(component, rule::KIND, "this")
        .key(key)
        .set(rule::SECURITY_GROUP_ID, group)
        .set(rule::DESCRIPTION, why);
    let builder = match to {
        Peer::Group(id) => builder.set(rule::REFERENCED_SECURITY_GROUP_ID, id),
        Peer::Range(range) => builder.set(rule::CIDR_IPV4, range),
        Peer::PrefixList(id) => builder.set(rule::PREFIX_LIST_ID, id),
    };
    env.add(
        builder
            .set(rule::IP_PROTOCOL, "tcp")
            .set(rule::FROM_PORT, port.clone())
            .set(rule::TO_PORT, port)
            .purpose(why),
    );
}
