//! IAM roles.
//!
//! A role is taken by one service of AWS and carries one inline policy, so that what it may do is read in one
//! place. It must not know why a role exists: statements come from the caller.

use catalog::aws::{iam_role, iam_role_policy};
use ir::key::Handle;
use ir::{Diagnostic, NodeBuilder, Value};

use super::policy::{characters, policy, trust};
use super::{Env, Statement};

/// Characters that the inline policies of a role may have, white space aside.
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>, 2025.
const INLINE_CHARACTERS: usize = 10_240;

/// A role that is yet to be made.
pub(crate) struct RoleSpec<'s> {
    /// The component it belongs to.
    pub component: &'s str,
    /// The node's name, such as `task`.
    pub name: &'s str,
    /// What follows application and environment in the role's name.
    pub suffix: &'s str,
    /// Who takes it, such as `ecs-tasks.amazonaws.com`.
    pub service: &'static str,
    /// Why it exists.
    pub purpose: &'s str,
    /// What it may do; a role without statements gets no policy.
    pub statements: &'s [Statement],
}

/// Adds a role and its policy.
pub(crate) fn role(env: &mut Env, spec: &RoleSpec) -> Handle<iam_role::M> {
    // IAM role names end at 64 characters.
    let input = format!("{}_role_name", spec.name.replace('-', "_"));
    let name = env.name_within(spec.component, &input, spec.suffix, 64);
    let account = env.account(spec.component);
    let role = env.add(
        NodeBuilder::new(spec.component, iam_role::KIND, spec.name)
            .set(iam_role::NAME, name)
            .set(iam_role::DESCRIPTION, spec.purpose)
            .set(iam_role::ASSUME_ROLE_POLICY, trust(spec.service, Some(account)))
            .purpose(spec.purpose),
    );
    let length: usize = spec.statements.iter().map(characters).sum();
    if length > INLINE_CHARACTERS {
        env.diagnostics.push(
            Diagnostic::warning(
                "role-policy-too-long",
                format!("the policy of the role `{}` may be longer than AWS takes", spec.suffix),
            )
            .because(format!(
                "A role holds {INLINE_CHARACTERS} characters of inline policies, and with the longest names this one has more."
            ))
            .help("split the service, so that each part uses fewer resources"),
        );
    }
    if !spec.statements.is_empty() {
        env.add(
            NodeBuilder::new(spec.component, iam_role_policy::KIND, spec.name)
                .set(iam_role_policy::NAME, spec.name)
                .set(iam_role_policy::ROLE, role.get(iam_role::ID))
                .set(iam_role_policy::POLICY, policy(spec.statements))
                .purpose(format!("What the role may do: {}", sids(spec.statements))),
        );
    }
    role
}

/// A statement without conditions.
pub(crate) fn allow(sid: &str, actions: &[&'static str], resources: Vec<Value>) -> Statement {
    Statement { sid: sid.to_owned(), actions: actions.to_vec(), resources, conditions: Vec::new() }
}

/// An ARN with something after it, such as a log group's streams.
pub(crate) fn below(arn: Value, rest: &str) -> Value {
    Value::Template(vec![arn, rest.into()])
}

/// Letters and digits with capitals, as statement ids want them: `order-db` becomes `OrderDb`.
pub(crate) fn camel(name: &str) -> String {
    let mut out = String::new();
    let mut upper = true;
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(if upper { c.to_ascii_uppercase() } else { c });
        }
        upper = !c.is_ascii_alphanumeric();
    }
    out
}

fn sids(statements: &[Statement]) -> String {
    statements.iter().map(|s| s.sid.as_str()).collect::<Vec<_>>().join(", ")
}
