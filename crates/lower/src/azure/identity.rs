//! What a program is, and what it may do.
//!
//! Every program has an identity of its own, so that rights are given to it alone. A right is a role on one thing: the
//! roles are Azure's own and name no more than the access asks for. It must not know why a right is given.

use catalog::azurerm::{role_assignment, user_assigned_identity};
use ir::key::Handle;
use ir::{Address, Graph, NodeBuilder, Value};

use super::{Env, Grant};

/// Adds the identity of a program and its rights. What is started with the identity waits for the rights.
pub(crate) fn lower(
    env: &mut Env,
    component: &str,
    name: &str,
    grants: &[Grant],
) -> (Handle<user_assigned_identity::M>, Vec<Address>) {
    let full = env.name_within(component, "identity_name", name, 128);
    let (group, location) = (env.group(), env.location());
    let identity = env.add(
        NodeBuilder::new(component, user_assigned_identity::KIND, "this")
            .set(user_assigned_identity::NAME, full)
            .set(user_assigned_identity::RESOURCE_GROUP_NAME, group)
            .set(user_assigned_identity::LOCATION, location)
            .purpose(format!("What {name} is to everything it uses")),
    );
    let principal = identity.get(user_assigned_identity::PRINCIPAL_ID);
    let mut rights = Vec::new();
    for grant in grants {
        let purpose = format!("Lets {name} act as {} where it must", grant.role);
        rights.push(assign(&mut env.graph, component, "this", grant, principal.clone(), purpose));
    }
    (identity, rights)
}

/// Adds one role of a principal that is an identity.
pub(crate) fn assign(
    graph: &mut Graph,
    component: &str,
    node: &str,
    grant: &Grant,
    principal: Value,
    purpose: String,
) -> Address {
    let builder = NodeBuilder::new(component, role_assignment::KIND, node)
        .key(grant.key.as_str())
        .set(role_assignment::SCOPE, grant.scope.clone())
        .set(role_assignment::ROLE_DEFINITION_NAME, grant.role)
        .set(role_assignment::PRINCIPAL_ID, principal)
        .set(role_assignment::PRINCIPAL_TYPE, "ServicePrincipal")
        .purpose(purpose);
    graph.add(builder).address
}
