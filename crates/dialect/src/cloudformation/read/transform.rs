//! What CloudFormation does to a template before it reads it: loops of the language extensions, then SAM.
//!
//! A template that asks for neither is not copied. Other macros run in somebody's account and are noted.

use std::borrow::Cow;
use std::collections::HashMap;

use indexmap::IndexMap;
use ir::Diagnostic;
use ir::yaml::Yaml;

use super::parameters::Parameter;
use super::scope::{Deployment, section};
use super::session::Session;
use super::{loops, sam};

/// The template as it is after its transforms, and names that people use for what these make.
pub fn expanded<'a>(
    root: &'a Yaml,
    parameters: &IndexMap<String, Parameter>,
    deployment: &Deployment,
    session: &Session,
) -> (Cow<'a, Yaml>, HashMap<String, String>) {
    for name in transforms(root) {
        let known = ["AWS::Serverless-2016-10-31", "AWS::LanguageExtensions"].contains(&name);
        if !known && let Some(transform) = root.get("Transform") {
            session.say(
                Diagnostic::note("macro", format!("what the transform `{name}` does is not known"))
                    .at(transform.span, "read as if it were not there")
                    .because("A macro runs in the account that the template is deployed to."),
            );
        }
    }
    let mut root = Cow::Borrowed(root);
    if loops::any(&root) {
        root = Cow::Owned(loops::unrolled(&root, parameters, deployment, session));
    }
    let serverless = |(_, resource): &(ir::yaml::Key, Yaml)| {
        let kind = resource.get("Type").and_then(Yaml::as_str);
        kind.is_some_and(|kind| kind.starts_with("AWS::Serverless::"))
    };
    if section(&root, "Resources").iter().any(serverless) {
        let (expanded, aliases) = sam::expanded(root.into_owned(), parameters, session);
        return (Cow::Owned(expanded), aliases);
    }
    (root, HashMap::new())
}

fn transforms(root: &Yaml) -> Vec<&str> {
    let Some(transform) = root.get("Transform") else { return Vec::new() };
    let named = |node| Yaml::as_str(node).or_else(|| node.get("Name").and_then(Yaml::as_str));
    transform.items().unwrap_or(std::slice::from_ref(transform)).iter().filter_map(named).collect()
}
