//! The policy templates of AWS SAM: what the name of one allows a function to do.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

/// A policy template.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyTemplate {
    /// What it is given.
    pub parameters: Vec<String>,
    /// What it allows.
    pub statements: Vec<Statement>,
}

/// One statement of a policy template; every one allows something.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Such as `sqs:ReceiveMessage`.
    pub actions: Vec<String>,
    /// Texts with parameters as `${Name}`, pseudo parameters among them.
    pub resources: Vec<String>,
    /// By operator, then by key: texts as in resources.
    #[serde(default)]
    pub conditions: BTreeMap<String, BTreeMap<String, String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[allow(dead_code, reason = "provenance stays in the data")]
    source: String,
    #[allow(dead_code, reason = "provenance stays in the data")]
    date: String,
    templates: BTreeMap<String, PolicyTemplate>,
}

/// A policy template by its name.
#[must_use]
pub fn policy_template(name: &str) -> Option<&'static PolicyTemplate> {
    templates().get(name)
}

fn templates() -> &'static BTreeMap<String, PolicyTemplate> {
    static FILE: OnceLock<File> = OnceLock::new();
    let read = || serde_json::from_str(include_str!("../data/sam/policies.json")).expect("checked by a test");
    &FILE.get_or_init(read).templates
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_given_what_its_texts_name_and_nothing_else() {
        assert!(templates().len() > 70);
        for (name, template) in templates() {
            let mut named: Vec<&str> = Vec::new();
            for statement in &template.statements {
                assert!(!statement.actions.is_empty() && !statement.resources.is_empty(), "{name}");
                let conditions = statement.conditions.values().flat_map(BTreeMap::values);
                for text in statement.resources.iter().chain(conditions) {
                    named.extend(text.split("${").skip(1).filter_map(|rest| rest.split('}').next()));
                }
            }
            named.retain(|n| !n.starts_with("AWS::"));
            let unknown: Vec<_> =
                named.iter().filter(|n| !template.parameters.iter().any(|p| p == *n)).collect();
            assert!(unknown.is_empty(), "{name}: {unknown:?}");
            for parameter in &template.parameters {
                assert!(named.contains(&parameter.as_str()), "{name}: {parameter} is not used");
            }
        }
    }
}
