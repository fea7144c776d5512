//! IAM policy documents.
//!
//! A document is a JSON value with references in it, so that checks read permissions as data and every
//! dialect prints them in its own way. It must not know which resource asks.

use indexmap::IndexMap;
use ir::Value;

use super::Statement;

/// One statement of a resource policy or trust policy: who, besides what and where.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    /// Letters and digits.
    pub sid: &'static str,
    /// Whether it denies instead of allowing.
    pub deny: bool,
    /// Who.
    pub principal: Principal,
    /// Such as `s3:PutObject`.
    pub actions: Vec<&'static str>,
    /// ARNs; empty in trust policies, which have none.
    pub resources: Vec<Value>,
    /// Operator, key, values.
    pub conditions: Vec<(&'static str, &'static str, Vec<Value>)>,
}

/// Who a [`Grant`] is for.
#[derive(Clone, Debug)]
pub(crate) enum Principal {
    /// Everybody; only sensible in a denial.
    Anyone,
    /// A service of AWS, such as `ecs-tasks.amazonaws.com`.
    Service(&'static str),
    /// A service of AWS in one region, such as `logs` in `eu-west-1`: CloudWatch Logs asks a key by that name.
    Regional(&'static str, Value),
    /// Accounts or roles, by ARN.
    Aws(Vec<Value>),
    /// An identity provider, by ARN.
    Federated(Value),
}

/// The policy of a role.
pub(crate) fn policy(statements: &[Statement]) -> Value {
    document(statements.iter().map(|s| {
        let mut map = head(&s.sid, "Allow");
        body(&mut map, &s.actions, &s.resources, &s.conditions);
        Value::Map(map)
    }))
}

/// How long a statement is at most as JSON, white space aside: what AWS counts.
pub(crate) fn characters(statement: &Statement) -> usize {
    let actions: usize = statement.actions.iter().map(|a| a.len() + 3).sum();
    let conditions: usize =
        statement.conditions.iter().map(|(o, k, v)| o.len() + k.len() + 110 * v.len()).sum();
    let resources: usize = statement.resources.iter().map(|r| 3 + length(r)).sum();
    80 + statement.sid.len() + actions + resources + conditions
}

/// How long a value is at most: a reference within a text is an account, a region or a name, one alone is an ARN.
fn length(value: &Value) -> usize {
    match value {
        Value::Template(parts) => parts.iter().map(|p| p.text().map_or(40, |text| text.len())).sum(),
        other => other.text().map_or(110, |text| text.len()),
    }
}

/// The policy of a resource, or the trust policy of a role.
pub(crate) fn resource_policy(grants: &[Grant]) -> Value {
    document(grants.iter().map(|g| {
        let mut map = head(g.sid, if g.deny { "Deny" } else { "Allow" });
        let principal = match &g.principal {
            Principal::Anyone => Value::from("*"),
            Principal::Service(name) => Value::map([("Service", *name)]),
            Principal::Regional(service, region) => Value::map([(
                "Service",
                Value::template([format!("{service}.").into(), region.clone(), ".amazonaws.com".into()]),
            )]),
            Principal::Aws(arns) => Value::map([("AWS", one_or_many(arns.clone()))]),
            Principal::Federated(arn) => Value::map([("Federated", arn.clone())]),
        };
        map.insert("Principal".into(), principal);
        body(&mut map, &g.actions, &g.resources, &g.conditions);
        Value::Map(map)
    }))
}

/// A trust policy: a service of AWS may take the role, only on behalf of this account when `account` is given
/// (the confused deputy).
pub(crate) fn trust(service: &'static str, account: Option<Value>) -> Value {
    resource_policy(&[Grant {
        sid: "Assume",
        deny: false,
        principal: Principal::Service(service),
        actions: vec!["sts:AssumeRole"],
        resources: Vec::new(),
        conditions: account.into_iter().map(|a| ("StringEquals", "aws:SourceAccount", vec![a])).collect(),
    }])
}

/// Refuses every request to a bucket, queue or topic that does not use TLS. `actions` is the service's own
/// list: a denial of all of them is the one place where a wildcard narrows.
pub(crate) fn tls_only(actions: &'static str, resources: Vec<Value>) -> Grant {
    Grant {
        sid: "DenyInsecureTransport",
        deny: true,
        principal: Principal::Anyone,
        actions: vec![actions],
        resources,
        conditions: vec![("Bool", "aws:SecureTransport", vec!["false".into()])],
    }
}

fn document(statements: impl Iterator<Item = Value>) -> Value {
    Value::json(Value::map([
        ("Version", Value::from("2012-10-17")),
        ("Statement", Value::List(statements.collect())),
    ]))
}

fn head(sid: &str, effect: &str) -> IndexMap<String, Value> {
    IndexMap::from([("Sid".to_owned(), sid.into()), ("Effect".to_owned(), effect.into())])
}

fn body(
    map: &mut IndexMap<String, Value>,
    actions: &[&'static str],
    resources: &[Value],
    conditions: &[(&'static str, &'static str, Vec<Value>)],
) {
    map.insert("Action".into(), one_or_many(actions.iter().map(|a| Value::from(*a)).collect()));
    if !resources.is_empty() {
        map.insert("Resource".into(), one_or_many(resources.to_vec()));
    }
    let mut operators: IndexMap<String, Value> = IndexMap::new();
    for (operator, key, values) in conditions {
        let entry = operators.entry((*operator).to_owned()).or_insert_with(|| Value::Map(IndexMap::new()));
        if let Value::Map(keys) = entry {
            keys.insert((*key).to_owned(), one_or_many(values.clone()));
        }
    }
    if !operators.is_empty() {
        map.insert("Condition".into(), Value::Map(operators));
    }
}

/// AWS stores a list of one as its only item; writing it so keeps plans empty.
fn one_or_many(mut values: Vec<Value>) -> Value {
    if values.len() == 1 { values.remove(0) } else { Value::List(values) }
}
