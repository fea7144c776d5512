//! What the user gives templates beside them: parameter files and values by name.
//!
//! Parameter files come in the shapes that the AWS command line, pipelines and people use: a list of
//! `ParameterKey` and `ParameterValue`, a list of `name=value`, a mapping under `Parameters`, and a plain mapping.

use std::collections::HashSet;
use std::path::Path;

use indexmap::IndexMap;
use ir::yaml::{self, Scalars, Yaml};
use ir::{Diagnostic, FileId, Span, Value};

use super::files::{Files, Template};
use super::parameters::Given;
use crate::reading::Options;

/// What the user gives.
#[derive(Clone, Debug, Default)]
pub struct Gift {
    /// Parameters by name.
    pub parameters: IndexMap<String, Given>,
    /// Tags of every resource, as pipelines give them.
    pub tags: IndexMap<String, String>,
    /// Whether the user named files.
    pub from_files: bool,
}

/// Reads the files and values of the options, later ones over earlier ones.
pub fn read(options: &Options, files: &mut Files<'_>) -> Gift {
    let mut gift = Gift { from_files: !options.var_files.is_empty(), ..Gift::default() };
    for path in &options.var_files {
        file(path, files, &mut gift);
    }
    for (name, value) in &options.variables {
        gift.parameters.insert(name.clone(), Given { value: Value::from(value), written: false });
    }
    gift
}

/// What a template is deployed with, by the names of the files in `parameters` beside it that set nothing else than its
/// parameters. A file with the name of a template is that template's alone.
pub fn deployments(template: &Template, templates: &[&Path], files: &mut Files<'_>) -> Vec<(String, Gift)> {
    let stem = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let own = stem(&template.path);
    let folder = template.path.parent().unwrap_or(Path::new(""));
    let taken: HashSet<String> =
        templates.iter().filter(|other| other.parent() == Some(folder)).map(|other| stem(other)).collect();
    let mut found = Vec::new();
    for path in files.in_folder(&folder.join("parameters")) {
        let name = stem(&path);
        if path.extension().is_none_or(|e| e != "json") || (name != own && taken.contains(&name)) {
            continue;
        }
        let Some(file) = files.inner(&path) else { continue };
        let mut gift = Gift::default();
        contents(file, files, &mut gift);
        let declared = |name: &str| template.root.get("Parameters").is_some_and(|p| p.get(name).is_some());
        let meant = name == own || !gift.parameters.is_empty();
        if meant && gift.parameters.keys().all(|name| declared(name)) {
            found.push((name, gift));
        }
    }
    match found.iter().position(|(name, _)| *name == own) {
        Some(place) => vec![found.swap_remove(place)],
        None => found,
    }
}

fn file(path: &Path, files: &mut Files<'_>, gift: &mut Gift) {
    let Some(file) = files.beside(path) else { return };
    let before = gift.parameters.len();
    let root = contents(file, files, gift);
    if gift.parameters.len() == before
        && let Some(span) = root
    {
        files.session.say(
            Diagnostic::warning("no-parameters", "the file holds no parameters")
                .at(span, "expected names with their values")
                .help("write a list of `ParameterKey` and `ParameterValue`, or a mapping under `Parameters`"),
        );
    }
}

/// Adds what a file holds; returns where.
fn contents(file: FileId, files: &Files<'_>, gift: &mut Gift) -> Option<Span> {
    let (documents, said) = yaml::parse_begun(&files.sources.get(file).text, file, Scalars::Yaml11);
    said.into_iter().for_each(|d| files.session.say(d));
    let root = documents.first()?;
    if let Some(tags) = root.get("Tags").and_then(Yaml::entries) {
        let text = |(key, value): &(yaml::Key, Yaml)| Some((key.text.clone(), value.scalar()?));
        gift.tags.extend(tags.iter().filter_map(text));
    }
    for (name, value) in pairs(root) {
        gift.parameters.insert(name, Given { value, written: true });
    }
    Some(root.span)
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
