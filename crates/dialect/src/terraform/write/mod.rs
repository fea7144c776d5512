//! Graphs as Terraform, as an engineer writes it by hand.
//!
//! Environments share modules and differ in the values they give them; graphs are concrete, so the sharing is
//! found by comparing. Modules stand under `modules/`, environments under `envs/`, other stacks in folders of
//! their own. This module must not choose anything about the infrastructure.

pub(crate) mod caller;
pub(crate) mod expr;
pub(crate) mod hcl;
pub(crate) mod layout;
pub(crate) mod module;
pub(crate) mod providers;
pub(crate) mod root;

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::structure::Structure;
use ir::{Bundle, Diagnostics, Stack};

use crate::model::family::Form;
use crate::model::term::{Module, Term};
use crate::model::vocabulary::HOUSE;
use crate::model::{Model, families, names, wire};
use providers::{Pin, State};

/// Where everything stands in the bundle.
const FOLDER: &str = "infra/terraform";
/// What Terraform can say.
const FORM: Form = Form { dialect: "Terraform", loops: true, modules: true, roots: true };

/// Writes the stacks of one application.
#[must_use]
pub fn write(stacks: &[Stack]) -> (Bundle, Diagnostics) {
    let mut bundle = Bundle::new();
    let mut diagnostics = Diagnostics::new();
    let state = State::new(stacks);
    let mut folders = BTreeSet::new();
    for stacks in families(stacks) {
        let model = Model::new(stacks, &HOUSE, FORM, &mut diagnostics);
        write_family(&model, &state, &mut folders, &mut bundle);
    }
    (bundle, diagnostics)
}

fn write_family(
    Model { family, modules, wiring }: &Model<'_>,
    state: &State<'_>,
    folders: &mut BTreeSet<String>,
    bundle: &mut Bundle,
) {
    if let ([stack], [module]) = (family.stacks.as_slice(), modules.as_slice())
        && !stack.environment
    {
        let folder = format!("{FOLDER}/{}", stack.name);
        let files = root::direct(family, module, wiring, &home(&folder), state);
        add(bundle, &folder, files);
        return;
    }
    let mut sources = BTreeMap::new();
    let prefix = match family.stacks.as_slice() {
        [stack] if !stack.environment => format!("{}-", stack.name),
        _ => String::new(),
    };
    for module in modules {
        let folder = names::take(folders, &[module_folder(&prefix, &module.name)]);
        let place = format!("{FOLDER}/modules/{folder}");
        let mut files = module::files(module, wiring, family, &home(&place));
        let asked = providers::of(module.resources.keys());
        files.insert(
            "versions.tf".to_owned(),
            vec![providers::versions(&asked, Pin::Range, &module.aliases.keys().collect::<Vec<_>>())],
        );
        add(bundle, &place, files);
        sources.insert(module.name.as_str(), folder);
    }
    for (i, stack) in family.stacks.iter().enumerate() {
        let (folder, up) = if stack.environment {
            (format!("{FOLDER}/envs/{}", stack.name), "../..")
        } else {
            (format!("{FOLDER}/{}", stack.name), "..")
        };
        let source = |component: &str| format!("{up}/modules/{}", sources[component]);
        let files = root::files(family, i, modules, wiring, &source, &home(&folder), state);
        add(bundle, &folder, files);
    }
}

/// The way from a folder of the bundle to its root.
pub(crate) fn home(folder: &str) -> String {
    vec![".."; folder.split('/').count()].join("/")
}

/// Folder of a component's module.
fn module_folder(prefix: &str, component: &str) -> String {
    let name = if component.is_empty() { "main" } else { component };
    format!("{prefix}{name}")
}

pub(crate) fn add(bundle: &mut Bundle, folder: &str, files: BTreeMap<String, Vec<Structure>>) {
    for (name, structures) in files {
        if !structures.is_empty() {
            bundle.add(format!("{folder}/{name}"), layout::print(structures));
        }
    }
}

/// Whether a module reads files of the bundle.
pub(crate) fn uses_files(module: &Module) -> bool {
    let mut files = false;
    wire::visit_module(module, &mut |term| files |= matches!(term, Term::File(_)));
    files
}
