//! Templates of Azure Resource Manager on disk into graphs.
//!
//! Every template that no other one deploys is a stack, once a file of parameters that stands beside it. What is common with
//! Bicep is here too: one is read into the other's model.

mod expression;
pub(crate) mod folder;
pub(crate) mod house;
pub(crate) mod json;

use std::collections::HashMap;
use std::rc::Rc;

use ir::{Diagnostics, Stack};

use super::deploy::deploy;
use super::eval::{Deployment, Engine, Given, Locals};
use super::template::{Assignments, Template};
use crate::reading::{Counts, Place, Reading};
use folder::Folder;

/// Whether a folder holds templates in JSON, or is one.
#[must_use]
pub fn recognises(place: &Place<'_>) -> bool {
    let (folder, only) = Folder::new(place);
    let paths = only.map_or_else(|| folder.ending(".json"), |one| vec![one]);
    paths.iter().any(|path| folder.load(path).is_ok_and(|text| may_be_template(&text)))
}

fn may_be_template(text: &str) -> bool {
    text.to_ascii_lowercase().contains("deploymenttemplate.json")
}

/// Reads the templates of a place.
#[must_use]
pub fn read(place: &Place<'_>) -> (Reading, Diagnostics) {
    let (reading, diagnostics) = foreign(place);
    house::housed(reading, diagnostics)
}

/// Reads the templates of a place into Azure's vocabulary.
#[must_use]
pub fn foreign(place: &Place<'_>) -> (Reading, Diagnostics) {
    let (folder, only) = Folder::new(place);
    let mut templates: Vec<(String, Rc<Template>)> = Vec::new();
    for path in only.as_ref().map_or_else(|| folder.ending(".json"), |one| vec![one.clone()]) {
        // What is too large to be read may be a template; what can be read says whether it is one.
        let known = folder.load(&path).map_or(only.is_some(), |text| may_be_template(&text));
        if known && let Some((template, _)) = folder.template_at(&path, None) {
            templates.push((path, template));
        }
    }
    let mut work = Work::new(&folder, place);
    for (path, template) in &templates {
        work.root(path, template, &parameter_files(&folder, path, templates.len() == 1));
    }
    let (stacks, diagnostics, counts) = work.finish();
    finished(folder, stacks, diagnostics, counts)
}

/// What was made of a folder.
pub(crate) fn finished(
    folder: Folder<'_>,
    stacks: Vec<(String, Stack)>,
    more: Diagnostics,
    mut counts: Counts,
) -> (Reading, Diagnostics) {
    // A template that another one deploys is part of that one.
    let stacks =
        stacks.into_iter().filter(|(path, _)| !folder.is_named(path)).map(|(_, stack)| stack).collect();
    let (sources, mut diagnostics, files, lost) = folder.finish();
    diagnostics.extend(more);
    counts.files = files;
    counts.lost += lost;
    (Reading { stacks, sources, counts }, diagnostics)
}

/// What one file sets parameters to, with the file itself, whose names its expressions use.
pub(crate) type ByFile = (Rc<Template>, Assignments);

/// What parameters are set to for one deployment of a template.
pub(crate) struct Setting {
    /// What it is for, such as an environment.
    pub name: String,
    /// Later ones over earlier ones.
    pub given: Vec<ByFile>,
}

/// Deploys the templates of a folder one after the other.
pub(crate) struct Work<'f> {
    folder: &'f Folder<'f>,
    place: &'f Place<'f>,
    stacks: Vec<(String, Stack)>,
    diagnostics: Diagnostics,
    counts: Counts,
}

impl<'f> Work<'f> {
    /// Nothing deployed yet.
    pub fn new(folder: &'f Folder<'f>, place: &'f Place<'f>) -> Self {
        Self { folder, place, stacks: Vec::new(), diagnostics: Diagnostics::new(), counts: Counts::default() }
    }

    /// Deploys a template once a setting, or once without.
    pub fn root(&mut self, path: &str, template: &Rc<Template>, settings: &[Setting]) {
        let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
        let bare = [Setting { name: stem.to_owned(), given: Vec::new() }];
        for setting in if settings.is_empty() { &bare } else { settings } {
            let engine = Engine::new(self.folder);
            let mut root = Deployment::new(template.clone(), String::new());
            for (file, values) in &setting.given {
                let at = Rc::new(Deployment::new(file.clone(), String::new()));
                let values = values.iter().map(|(k, v)| (k.to_ascii_lowercase(), v.clone()));
                root.given.extend(values.map(|(k, v)| (k, Given::Expr(v, at.clone(), Locals::default()))));
            }
            root.given.extend(self.said());
            let mut counts = Counts::default();
            let stack = deploy(&engine, &Rc::new(root), &setting.name, &mut counts);
            self.counts.resources += counts.resources;
            self.counts.attributes += counts.attributes;
            self.counts.unknown += counts.unknown;
            self.counts.lost += counts.lost;
            self.diagnostics.extend(engine.diagnostics.into_inner());
            self.stacks.push((path.to_owned(), stack));
        }
    }

    /// What the user said over every file. Text that is JSON is what it spells.
    fn said(&self) -> HashMap<String, Given> {
        let value = |text: &String| match serde_json::from_str(text) {
            Ok(value @ (serde_json::Value::Bool(_) | serde_json::Value::Number(_))) => {
                super::eval::values::from_json(value)
            }
            Ok(value @ (serde_json::Value::Array(_) | serde_json::Value::Object(_))) => {
                super::eval::values::from_json(value)
            }
            _ => ir::Value::from(text),
        };
        let variables = self.place.options.variables.iter();
        variables.map(|(k, v)| (k.to_ascii_lowercase(), Given::Value(value(v)))).collect()
    }

    /// What came of it.
    pub fn finish(self) -> (Vec<(String, Stack)>, Diagnostics, Counts) {
        (self.stacks, self.diagnostics, self.counts)
    }
}

/// The files of parameters of a template: those that are named after it, or all when it is the only one. Each with the
/// name of what it is for.
fn parameter_files(folder: &Folder<'_>, path: &str, only: bool) -> Vec<Setting> {
    let (home, file) = path.rsplit_once('/').map_or(("", path), |(home, file)| (home, file));
    let stem = file.trim_end_matches(".json").to_ascii_lowercase();
    let mut out = Vec::new();
    for candidate in folder.ending(".json") {
        let Some(below) = candidate.strip_prefix(home) else { continue };
        let below = below.trim_start_matches('/');
        let folders = below.matches('/').count();
        if candidate == path
            || folders > 1
            || (folders == 1 && !below.to_ascii_lowercase().starts_with("param"))
        {
            continue;
        }
        let name = below.rsplit('/').next().unwrap_or(below).to_ascii_lowercase();
        let own = name.strip_prefix(&stem).and_then(|rest| rest.strip_prefix(['.', '-']));
        let Some(rest) = own.or_else(|| only.then_some(name.as_str())) else { continue };
        let text = folder.load(&candidate).unwrap_or_default().to_ascii_lowercase();
        if !text.contains("deploymentparameters.json") {
            continue;
        }
        let Some(root) = folder.json(&candidate) else { continue };
        let words = rest.trim_end_matches("json").split(['.', '-']);
        let words: Vec<&str> =
            words.filter(|w| !matches!(*w, "" | "parameters" | "params" | "azuredeploy")).collect();
        let called = if words.is_empty() { stem.clone() } else { words.join("-") };
        let given = vec![(Rc::new(Template::default()), json::arguments(&root))];
        out.push(Setting { name: called, given });
    }
    out
}
