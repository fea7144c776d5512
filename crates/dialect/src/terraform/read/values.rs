//! What a root's variables are set to: by files beside it, by files that the user names, by the command line.
//!
//! Later ones win, in Terraform's order. Must not know types.

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Body, Structure};
use indexmap::IndexMap;
use ir::world::EntryKind;
use ir::{Diagnostic, Diagnostics};

use super::folder::{self, Folder};
use super::module::Module;
use super::types::Shape;
use super::{json, parse};
use crate::reading::Options;

/// The values that are given, by the name of the variable.
pub(crate) fn given(
    folder: &Folder<'_>,
    root: &str,
    module: &Module,
    options: &Options,
    diagnostics: &mut Diagnostics,
) -> IndexMap<String, Expression> {
    let mut values = IndexMap::new();
    for path in automatic(folder, root) {
        file(folder, &path, &mut values, diagnostics);
    }
    for path in &options.var_files {
        let named = path.to_string_lossy().replace('\\', "/");
        // The user names it from where they stand in the folder, or from the root, as Terraform does.
        let places = [folder::follow("", &named), folder::follow(root, &named)];
        match places.into_iter().flatten().find(|p| folder.kind(p) == Some(EntryKind::File)) {
            Some(path) => file(folder, &path, &mut values, diagnostics),
            None => diagnostics.push(
                Diagnostic::error("file-unreadable", format!("`{named}` is not in the folder that is read"))
                    .help("write the path from the folder that is read, or from the root module"),
            ),
        }
    }
    for (name, text) in &options.variables {
        let wants_text =
            matches!(module.variables.get(name).and_then(|v| v.shape.as_ref()), Some(Shape::String) | None);
        let parsed = if wants_text { None } else { parse::expression(text) };
        values.insert(name.clone(), parsed.unwrap_or_else(|| Expression::from(text.as_str())));
    }
    values
}

/// The files that Terraform reads without being told, in its order.
fn automatic(folder: &Folder<'_>, root: &str) -> Vec<String> {
    let entries = folder.entries(root);
    let names: Vec<&str> = entries
        .iter()
        .flat_map(|e| e.iter())
        .filter(|e| e.kind == EntryKind::File)
        .map(|e| e.name.as_str())
        .collect();
    let fixed = ["terraform.tfvars", "terraform.tfvars.json"].into_iter().filter(|name| names.contains(name));
    let auto = |name: &&&str| name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json");
    fixed.chain(names.iter().filter(auto).copied()).map(|name| folder::beside(root, name)).collect()
}

fn file(
    folder: &Folder<'_>,
    path: &str,
    values: &mut IndexMap<String, Expression>,
    diagnostics: &mut Diagnostics,
) {
    let shown = folder.shown(path);
    let broken = |reason: String| {
        Diagnostic::error("terraform-values", format!("`{shown}` is not a file of values"))
            .because(format!("{}.", reason.trim_end_matches('.')))
            .help("write `name = value`, one a line")
    };
    let text = match folder.text(path) {
        Ok(text) => text,
        Err(refusal) => return diagnostics.push(broken(format!("{refusal:?}"))),
    };
    if path.ends_with(".json") {
        match json::values(&text) {
            Ok(found) => values.extend(found),
            Err(reason) => diagnostics.push(broken(reason)),
        }
        return;
    }
    let (pieces, mistakes) = parse::pieces(&text);
    diagnostics_of(mistakes, &broken, diagnostics);
    let body: Body = pieces.into_iter().map(|p| p.structure).collect();
    for structure in body {
        if let Structure::Attribute(attribute) = structure {
            values.insert(attribute.key.as_str().to_owned(), attribute.value);
        }
    }
}

fn diagnostics_of(
    mistakes: Vec<parse::Broken>,
    broken: &dyn Fn(String) -> Diagnostic,
    into: &mut Diagnostics,
) {
    for mistake in mistakes {
        into.push(broken(mistake.reason));
    }
}
