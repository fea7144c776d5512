//! Terraform on disk as graphs: one stack a root module.
//!
//! Files are read through the World on this thread and parsed on all; each module is parsed once, however often it is
//! called. Then everything is evaluated as far as it can be without a cloud. Must not decide anything about the
//! infrastructure, and never fails: what cannot be read is a diagnostic.

pub(crate) mod eval;
pub(crate) mod folder;
pub(crate) mod functions;
pub(crate) mod instance;
pub(crate) mod json;
pub(crate) mod load;
pub(crate) mod module;
pub(crate) mod nodes;
pub(crate) mod parse;
pub(crate) mod providers;
pub(crate) mod template;
pub(crate) mod text;
pub(crate) mod types;
pub(crate) mod values;

use std::collections::{BTreeMap, BTreeSet};

use ir::world::EntryKind;
use ir::{Diagnostic, Diagnostics, Stack, Value};

use crate::reading::{Place, Reading};
use eval::{Context, or_unknown};
use folder::Folder;
use instance::{Given, Instance};
use load::Loaded;
use module::Module;
use nodes::Collector;
use providers::Providers;

/// Folders whose folders are environments.
pub(crate) const ENVIRONMENTS: &[&str] = &["env", "envs", "environment", "environments", "live", "stages"];

/// Whether Terraform files stand here.
#[must_use]
pub fn recognises(place: &Place<'_>) -> bool {
    match place.world.kind(place.root) {
        Some(EntryKind::File) => place.root.to_str().is_some_and(load::is_code),
        Some(EntryKind::Folder) => {
            let folder = Folder::new(place.world, place.root);
            folder.folders().0.iter().any(|f| load::has_code(&folder, f))
        }
        Some(EntryKind::Other) | None => false,
    }
}

/// Reads every root module.
#[must_use]
pub fn read(place: &Place<'_>) -> (Reading, Diagnostics) {
    let is_file = place.world.kind(place.root) == Some(EntryKind::File);
    let (base, only) = match (is_file, place.root.parent(), place.root.file_name()) {
        (true, Some(parent), Some(name)) => (parent, Some(name.to_string_lossy().into_owned())),
        _ => (place.root, None),
    };
    let folder = Folder::new(place.world, base);
    let mut reading = Reading::default();
    let mut diagnostics = Diagnostics::new();
    let own = only.is_some() || load::has_code(&folder, "");
    let candidates: Vec<String> = if own {
        vec![String::new()]
    } else {
        let (all, whole) = folder.folders();
        if !whole {
            diagnostics.push(
                Diagnostic::warning("too-many-folders", "the folder holds more folders than are searched")
                    .help("name the folder of one root module"),
            );
        }
        all.into_iter().filter(|f| load::has_code(&folder, f)).collect()
    };
    let mut loaded = Loaded::default();
    load::load(&folder, &candidates, only.as_deref(), &mut loaded, &mut reading, &mut diagnostics);
    let roots = if own { candidates } else { roots(&loaded.modules) };
    let names = names(&folder, &roots);
    for (root, name) in roots.iter().zip(names) {
        let Some(module) = loaded.modules.get(root) else { continue };
        let given = Given::Root(values::given(&folder, root, module, place.options, &mut diagnostics));
        let environment = is_environment(root, &loaded.modules);
        let root = Root { name, environment, folder: root, module, given };
        stack(&folder, &loaded.modules, root, &mut reading, &mut diagnostics);
    }
    reading.counts.lost += loaded.modules.values().map(|module| module.lost).sum::<usize>();
    load::say_absent(&loaded.modules, &mut reading.counts, &mut diagnostics);
    (reading, diagnostics)
}

/// The folders that no module of another folder calls. Where all are called, every one is a root.
fn roots(modules: &BTreeMap<String, Module>) -> Vec<String> {
    let called: BTreeSet<String> = modules
        .values()
        .flat_map(|module| load::sources(module).into_iter().filter(|folder| *folder != module.folder))
        .collect();
    let free: Vec<String> = modules.keys().filter(|folder| !called.contains(*folder)).cloned().collect();
    if free.is_empty() { modules.keys().cloned().collect() } else { free }
}

/// What the stacks are called: the last folder of each path where that tells them apart, the path where it does not.
pub(crate) fn names(folder: &Folder<'_>, roots: &[String]) -> Vec<String> {
    let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for root in roots {
        *times.entry(last(root)).or_default() += 1;
    }
    let name = |root: &String| match last(root) {
        whole if whole.is_empty() => folder.name().unwrap_or_else(|| "root".to_owned()),
        short if times[&short] == 1 => short,
        _ => root.clone(),
    };
    roots.iter().map(name).collect()
}

/// Whether a root is one environment of several: it stands among environments, or shares a module with another root.
fn is_environment(root: &str, modules: &BTreeMap<String, Module>) -> bool {
    let parent = root.rsplit_once('/').map_or("", |(parent, _)| parent);
    if ENVIRONMENTS.contains(&parent.rsplit('/').next().unwrap_or_default()) {
        return true;
    }
    let Some(own) = modules.get(root).map(load::sources) else { return false };
    let others = modules.values().filter(|m| m.folder != root && !load::sources(m).is_empty());
    let shares = |other: &Module| load::sources(other).iter().any(|source| own.contains(source));
    let called: BTreeSet<String> = modules.values().flat_map(load::sources).collect();
    others.filter(|m| !called.contains(&m.folder)).any(shares)
}

/// A root module, ready to be evaluated.
pub(crate) struct Root<'r> {
    /// What the stack is called.
    pub name: String,
    /// Whether it is an environment.
    pub environment: bool,
    /// The folder that Terraform runs in.
    pub folder: &'r str,
    /// The module.
    pub module: &'r Module,
    /// What its variables are set to.
    pub given: Given<'r>,
}

/// Adds the stack of a root module.
pub(crate) fn stack<'r>(
    folder: &'r Folder<'r>,
    modules: &'r BTreeMap<String, Module>,
    root: Root<'r>,
    reading: &mut Reading,
    diagnostics: &mut Diagnostics,
) {
    let Root { name, environment, folder: place, module, given } = root;
    let context = Context::new(folder);
    let instance = Instance::new(&context, modules, module, String::new(), place, 0, given);
    let providers = Providers::of(&context, &instance, &Providers::default());
    let region = providers.home().unwrap_or_default().to_owned();
    let mut collector = Collector::new(&context, &region);
    collector.instance(&instance, &providers, &[]);
    let (mut graph, counts) = collector.finish();
    for (name, output) in &module.outputs {
        let value = match instance.output(&context, name) {
            Ok(value) => (*value).clone(),
            Err(halt) => or_unknown(Err(halt)),
        };
        show(&mut graph, name, &output.description, value);
    }
    let tags = providers::tags(&context, &instance);
    if context.exhausted() {
        diagnostics.push(
            Diagnostic::error("too-large", format!("`{name}` is larger than a reader evaluates"))
                .because("What was left when the limit was reached is read as unknown.")
                .help("look for values that multiply each other, such as lists of lists of lists"),
        );
    }
    diagnostics.extend(context.diagnostics.into_inner());
    reading.counts.resources += counts.resources;
    reading.counts.attributes += counts.attributes;
    reading.counts.unknown += counts.unknown;
    reading.counts.lost += counts.lost;
    reading.stacks.push(Stack { name, environment, region, tags, graph });
}

/// Puts an output of the root where it belongs: to the component that it shows something of.
fn show(graph: &mut ir::Graph, name: &str, description: &str, value: Value) {
    let mut components = BTreeSet::new();
    value.each_ref(&mut |r| {
        components.insert(r.to.component.clone());
    });
    let component = match components.len() {
        1 => components.pop_first().unwrap_or_default(),
        _ => String::new(),
    };
    let Some(component) = graph.components.get_mut(&component) else { return };
    component.outputs.insert(name.to_owned(), (description.to_owned(), value));
}
