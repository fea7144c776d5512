//! Roles that SAM makes, and what their policies come to: managed ones by name, templates by what they are given, and
//! documents as they are.

use ir::Diagnostic;
use ir::yaml::Yaml;

use super::{Origin, Sam, same, tags};
use crate::cloudformation::read::tree::called;

/// Properties of a function or state machine that its role is made of.
pub const READ: &[&str] =
    &["AssumeRolePolicyDocument", "PermissionsBoundary", "Policies", "Role", "RolePath"];

/// A role that SAM makes for a function or state machine.
pub struct Role {
    /// Its logical id.
    pub id: String,
    /// Who takes it, such as `lambda.amazonaws.com`.
    pub service: &'static str,
    /// Managed policies that what it is for needs.
    pub managed: Vec<&'static str>,
    /// Policies beside those that people wrote.
    pub own: Vec<Yaml>,
}

/// Makes a role with the policies that the properties name.
pub fn role(sam: &mut Sam<'_>, origin: &Origin<'_>, properties: &Yaml, role: Role) {
    let mut arns: Vec<Yaml> = role.managed.iter().map(|name| origin.sub(&managed(name))).collect();
    let mut policies = role.own;
    if let Some(written) = properties.get("Policies") {
        // A document by itself is no list; one that a condition chooses stays as it is.
        let items = written.items().unwrap_or(std::slice::from_ref(written));
        for (place, item) in items.iter().enumerate() {
            match policy(sam, origin, item) {
                Some(Policy::Managed(arn)) => arns.push(arn),
                Some(Policy::Document(document)) => {
                    let name = format!("{}Policy{place}", role.id);
                    policies
                        .push(origin.map([("PolicyName", origin.text(&name)), ("PolicyDocument", document)]));
                }
                None => {}
            }
        }
    }
    let trust = properties.get("AssumeRolePolicyDocument").cloned();
    let mut made = vec![("AssumeRolePolicyDocument", trust.unwrap_or_else(|| trusts(origin, role.service)))];
    if !arns.is_empty() {
        made.push(("ManagedPolicyArns", origin.list(arns)));
    }
    if !policies.is_empty() {
        made.push(("Policies", origin.list(policies)));
    }
    made.extend(same(properties, &["PermissionsBoundary"]));
    made.extend(properties.get("RolePath").map(|path| ("Path", path.clone())));
    made.extend(tags(origin, properties).map(|tags| ("Tags", tags)));
    sam.make(origin, &role.id, "AWS::IAM::Role", origin.map(made));
}

/// A role for one thing: `service` may do `action` on `resource`.
pub fn small_role(
    sam: &mut Sam<'_>,
    origin: &Origin<'_>,
    id: &str,
    service: &str,
    (name, action, resource): (&str, &str, Yaml),
) {
    let document = origin.map([("Statement", origin.list([allows(origin, &[action], [resource])]))]);
    let policy = origin.map([("PolicyName", origin.text(name)), ("PolicyDocument", document)]);
    let made = origin
        .map([("AssumeRolePolicyDocument", trusts(origin, service)), ("Policies", origin.list([policy]))]);
    sam.make(origin, id, "AWS::IAM::Role", made);
}

fn trusts(origin: &Origin<'_>, service: &str) -> Yaml {
    let statement = origin.map([
        ("Action", origin.list([origin.text("sts:AssumeRole")])),
        ("Effect", origin.text("Allow")),
        ("Principal", origin.map([("Service", origin.list([origin.text(service)]))])),
    ]);
    origin.map([("Version", origin.text("2012-10-17")), ("Statement", origin.list([statement]))])
}

/// A statement that allows actions.
pub fn allows(origin: &Origin<'_>, actions: &[&str], resources: impl IntoIterator<Item = Yaml>) -> Yaml {
    let one = |mut items: Vec<Yaml>| if items.len() == 1 { items.remove(0) } else { origin.list(items) };
    origin.map([
        ("Effect", origin.text("Allow")),
        ("Action", one(actions.iter().map(|action| origin.text(action)).collect())),
        ("Resource", one(resources.into_iter().collect())),
    ])
}

enum Policy {
    Managed(Yaml),
    Document(Yaml),
}

fn policy(sam: &Sam<'_>, origin: &Origin<'_>, item: &Yaml) -> Option<Policy> {
    if let Some(name) = item.as_str() {
        let arn = if name.starts_with("arn:") { item.clone() } else { origin.sub(&managed(name)) };
        return Some(Policy::Managed(arn));
    }
    if called(item).is_some() {
        return Some(Policy::Managed(item.clone()));
    }
    if item.get("Statement").is_some() {
        return Some(Policy::Document(item.clone()));
    }
    if let [(key, given)] = item.entries()?
        && let Some(template) = catalog::sam::policy_template(&key.text)
    {
        return Some(Policy::Document(filled(origin, template, given)));
    }
    sam.session.lose(
        Diagnostic::warning("unknown-policy", format!("a policy of `{}` is not known", origin.id))
            .at(item.span, "left out")
            .help("name a policy template of SAM, a managed policy, or write a document with `Statement`"),
    );
    None
}

/// The document of a policy template.
fn filled(origin: &Origin<'_>, template: &catalog::sam::PolicyTemplate, given: &Yaml) -> Yaml {
    let text = |text: &str| {
        let named: Vec<(&str, Yaml)> = template
            .parameters
            .iter()
            .filter(|name| text.contains(&format!("${{{name}}}")))
            .filter_map(|name| Some((name.as_str(), given.get(name)?.clone())))
            .collect();
        match named.as_slice() {
            [(name, value)] if text == format!("${{{name}}}") => value.clone(),
            [] if text.contains("${") => origin.sub(text),
            [] => origin.text(text),
            _ => origin.sub_with(text, named),
        }
    };
    let statements = template.statements.iter().map(|statement| {
        let actions: Vec<&str> = statement.actions.iter().map(String::as_str).collect();
        let mut made = allows(origin, &actions, statement.resources.iter().map(|r| text(r)));
        if !statement.conditions.is_empty() {
            let keys = |(operator, keys): (&'_ String, &'_ std::collections::BTreeMap<String, String>)| {
                let keys: Vec<(&str, Yaml)> = keys.iter().map(|(key, v)| (key.as_str(), text(v))).collect();
                (operator.clone(), origin.map(keys))
            };
            let conditions: Vec<(String, Yaml)> = statement.conditions.iter().map(keys).collect();
            let conditions = origin.map(conditions.iter().map(|(name, node)| (name.as_str(), node.clone())));
            crate::cloudformation::read::tree::set(&mut made, "Condition", conditions);
        }
        made
    });
    origin.map([("Statement", origin.list(statements))])
}

/// The template of a managed policy's name. Those for the roles of services have a path of their own.
fn managed(name: &str) -> String {
    let service = name.starts_with("AWSLambda") && (name.ends_with("Role") || name.ends_with("Access"))
        || name.starts_with("AWSCodeDeployRole");
    let path = if service { "service-role/" } else { "" };
    format!("arn:${{AWS::Partition}}:iam::aws:policy/{path}{name}")
}
