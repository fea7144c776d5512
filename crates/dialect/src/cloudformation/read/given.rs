//! What the user gives templates beside them: parameter files and values by name.
//!
//! Parameter files come in the shapes that the AWS command line, pipelines and people use: a list of
//! `ParameterKey` and `ParameterValue`, a list of `name=value`, a mapping under `Parameters`, and a plain mapping.

use std::path::Path;

use indexmap::IndexMap;
use ir::yaml::{self, Scalars, Yaml};
use ir::{Diagnostic, Value};

use super::files::Files;
use super::parameters::Given;
use crate::reading::Options;

/// What the user gives.
#[derive(Debug, Default)]
pub struct Gift {
    /// Parameters by name.
    pub parameters: IndexMap<String, Given>,
    /// Tags of every resource, as pipelines give them.
    pub tags: IndexMap<String, String>,
}

/// Reads the files and values of the options, later ones over earlier ones.
pub fn read(options: &Options, files: &mut Files<'_>) -> Gift {
    let mut gift = Gift::default();
    for path in &options.var_files {
        file(path, files, &mut gift);
    }
    for (name, value) in &options.variables {
        gift.parameters.insert(name.clone(), Given { value: Value::from(value), written: false });
    }
    gift
}

fn file(path: &Path, files: &mut Files<'_>, gift: &mut Gift) {
    let Some(file) = files.beside(path) else { return };
    let (documents, said) = yaml::parse_begun(&files.sources.get(file).text, file, Scalars::Yaml11);
    said.into_iter().for_each(|d| files.session.say(d));
    let Some(root) = documents.first() else { return };
    if let Some(tags) = root.get("Tags").and_then(Yaml::entries) {
        let text = |(key, value): &(yaml::Key, Yaml)| Some((key.text.clone(), value.scalar()?));
        gift.tags.extend(tags.iter().filter_map(text));
    }
    let found = pairs(root);
    if found.is_empty() {
        files.session.say(
            Diagnostic::warning("no-parameters", "the file holds no parameters")
                .at(root.span, "expected names with their values")
                .help("write a list of `ParameterKey` and `ParameterValue`, or a mapping under `Parameters`"),
        );
    }
    for (name, value) in found {
        gift.parameters.insert(name, Given { value, written: true });
    }
}

fn pairs(root: &Yaml) -> Vec<(String, Value)> {
    if let Some(items) = root.items() {
        let one = |item: &Yaml| match item.as_str() {
            Some(text) => text.split_once('=').map(|(name, value)| (name.to_owned(), Value::from(value))),
            None => Some((item.get("ParameterKey")?.scalar()?, value(item.get("ParameterValue")?)?)),
        };
        return items.iter().filter_map(one).collect();
    }
    let entries = root.get("Parameters").unwrap_or(root).entries().unwrap_or_default();
    entries.iter().filter_map(|(key, node)| Some((key.text.clone(), value(node)?))).collect()
}

fn value(node: &Yaml) -> Option<Value> {
    match node.items() {
        Some(items) => Some(Value::List(items.iter().filter_map(Yaml::scalar).map(Value::Str).collect())),
        None => node.scalar().map(Value::Str),
    }
}
