//! Graphs as Terraform, as an engineer writes it by hand.
//!
//! Environments share modules and differ in the values they give them; graphs are concrete, so the sharing is
//! found by comparing. Modules stand under `modules/`, environments under `envs/`, other stacks in folders of
//! their own. This module must not choose anything about the infrastructure.

mod expr;
mod hcl;
mod layout;
mod module;
mod root;

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::structure::Structure;
use ir::{Bundle, Diagnostic, Diagnostics, Stack};

use crate::model::family::Family;
use crate::model::generalise::generalise;
use crate::model::{names, term, wire};

/// Where everything stands in the bundle.
const FOLDER: &str = "infra/terraform";

/// Writes the stacks of one application.
#[must_use]
pub fn write(stacks: &[Stack]) -> (Bundle, Diagnostics) {
    let mut bundle = Bundle::new();
    let mut diagnostics = Diagnostics::new();
    let (environments, others): (Vec<&Stack>, Vec<&Stack>) = stacks.iter().partition(|s| s.environment);
    let state_region = stacks.first().map_or("", |s| s.region.as_str());
    let mut folders = BTreeSet::new();
    if !environments.is_empty() {
        let family = Family::new(environments);
        write_family(&family, "", state_region, &mut folders, &mut bundle, &mut diagnostics);
    }
    for stack in others {
        let prefix = format!("{}-", stack.name);
        let family = Family::new(vec![stack]);
        write_family(&family, &prefix, state_region, &mut folders, &mut bundle, &mut diagnostics);
    }
    (bundle, diagnostics)
}

/// One note about every lifecycle setting that modules could not say.
fn say_left_out(modules: &[term::Module], diagnostics: &mut Diagnostics) {
    let left_out: Vec<&str> = modules.iter().flat_map(|m| &m.left_out).map(String::as_str).collect();
    if left_out.is_empty() {
        return;
    }
    diagnostics.push(
        Diagnostic::note("lifecycle-differs", "environments differ in lifecycle settings, which are left out")
            .because("Terraform reads lifecycle settings before variables, so a module that environments share cannot switch them.")
            .because(format!("Left out: {}.", left_out.join(", ")))
            .help("rely on the resource's own protection, such as `deletion_protection`, which is a variable"),
    );
}

fn write_family(
    family: &Family<'_>,
    prefix: &str,
    state_region: &str,
    folders: &mut BTreeSet<String>,
    bundle: &mut Bundle,
    diagnostics: &mut Diagnostics,
) {
    let modules: Vec<_> =
        family.components.keys().map(|name| generalise(family, name, diagnostics)).collect();
    say_left_out(&modules, diagnostics);
    let mut calls: BTreeMap<String, &str> = BTreeMap::new();
    for name in family.components.keys() {
        if let Some(other) = calls.insert(names::snake(name), name) {
            diagnostics.push(
                Diagnostic::error("name-clash", format!("`{name}` and `{other}` are one name in Terraform"))
                    .because("Names of module calls are letters, digits and underscores.")
                    .help("rename one of the two"),
            );
        }
    }
    let wiring = wire::wire(&modules, family);
    if let ([stack], [module]) = (family.stacks.as_slice(), modules.as_slice())
        && !stack.environment
    {
        let folder = format!("{FOLDER}/{}", stack.name);
        let files = root::direct(family, module, &wiring, &home(&folder), state_region);
        add(bundle, &folder, files);
        return;
    }
    let mut sources = BTreeMap::new();
    for module in &modules {
        let folder = names::take(folders, &[module_folder(prefix, &module.name)]);
        let place = format!("{FOLDER}/modules/{folder}");
        let mut files = module::files(module, &wiring, family, &home(&place));
        files.insert(
            "versions.tf".to_owned(),
            vec![module::versions(module::PROVIDER_RANGE, &module.aliases.keys().collect::<Vec<_>>())],
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
        let files = root::files(family, i, &modules, &wiring, &source, &home(&folder), state_region);
        add(bundle, &folder, files);
    }
}

/// The way from a folder of the bundle to its root.
fn home(folder: &str) -> String {
    vec![".."; folder.split('/').count()].join("/")
}

/// Folder of a component's module.
fn module_folder(prefix: &str, component: &str) -> String {
    let name = if component.is_empty() { "main" } else { component };
    format!("{prefix}{name}")
}

fn add(bundle: &mut Bundle, folder: &str, files: BTreeMap<String, Vec<Structure>>) {
    for (name, structures) in files {
        if !structures.is_empty() {
            bundle.add(format!("{folder}/{name}"), layout::print(structures));
        }
    }
}
