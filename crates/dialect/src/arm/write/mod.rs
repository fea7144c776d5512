//! Stacks as templates of Azure Resource Manager: composed for both dialects, printed here as JSON.
//!
//! A family is one template with the deployments of its components within, and a file of parameters an environment. What is
//! larger than Azure takes is a file a component, which the template links to.

pub(crate) mod compose;
mod json;
mod place;
mod scope;
mod vocabulary;

use ir::{Bundle, Diagnostic, Diagnostics, Stack, Value};
use serde_json::{Map, Value as Json, json};

use super::template::{Expr, Form};
use super::{VOCABULARY, shapes};
use crate::maps;
use crate::model::families;
use compose::{Composition, compose};

/// Where everything stands in the bundle.
const FOLDER: &str = "infra/arm";

/// Limits of one template, from "Azure Resource Manager limits", 2026-11: bytes, resources, parameters, outputs.
const MOST_BYTES: usize = 4 << 20;
const MOST_RESOURCES: usize = 800;
const MOST_PARAMETERS: usize = 256;
const MOST_OUTPUTS: usize = 64;

/// Writes the stacks of one application.
#[must_use]
pub fn write(stacks: &[Stack]) -> (Bundle, Diagnostics) {
    let mut bundle = Bundle::new();
    let mut diagnostics = Diagnostics::new();
    let (there, gaps): (Vec<Stack>, Vec<Vec<maps::Gap>>) = stacks.iter().map(shapes::into).unzip();
    diagnostics.extend(maps::diagnostics(&VOCABULARY, &gaps.concat()));
    for family in families(&there) {
        let environments = family.iter().any(|stack| stack.environment);
        let name = if environments { "application" } else { family[0].name.as_str() };
        let composition = compose(&family, "ARM JSON", &mut diagnostics);
        write_family(&composition, name, &mut bundle, &mut diagnostics);
    }
    (bundle, diagnostics)
}

fn write_family(composition: &Composition, name: &str, bundle: &mut Bundle, diagnostics: &mut Diagnostics) {
    let module = |path: &str| {
        let file = path.strip_prefix("modules/")?;
        composition.modules.iter().find(|(own, _)| own == file).map(|(_, template)| template)
    };
    let within = |path: &str| module(path).map(|template| json::template(template, &|_| None));
    let whole = printed(&json::template(&composition.main, &within));
    let all = || std::iter::once(&composition.main).chain(composition.modules.iter().map(|(_, t)| &**t));
    let resources: usize = all().map(|t| t.resources.len()).sum();
    let apart = whole.len() > MOST_BYTES || resources > MOST_RESOURCES;
    for template in all() {
        over(MOST_RESOURCES, template.resources.len(), "resources", diagnostics);
        over(MOST_PARAMETERS, template.parameters.len(), "parameters", diagnostics);
        over(MOST_OUTPUTS, template.outputs.len(), "outputs", diagnostics);
    }
    if apart {
        bundle.add(format!("{FOLDER}/{name}.json"), printed(&json::template(&composition.main, &|_| None)));
        for (file, template) in &composition.modules {
            let text = printed(&json::template(template, &|_| None));
            bundle.add(format!("{FOLDER}/modules/{file}.json"), text);
        }
    } else {
        bundle.add(format!("{FOLDER}/{name}.json"), whole);
    }
    for (stack, given) in &composition.settings {
        let mut parameters = Map::new();
        for (name, value) in given {
            // What only a pipeline knows is given when it deploys.
            if let Some(value) = plain(value) {
                parameters.insert(name.clone(), json!({ "value": value }));
            }
        }
        let file = json!({
            "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
            "contentVersion": "1.0.0.0",
            "parameters": parameters,
        });
        bundle.add(format!("{FOLDER}/{name}.parameters.{stack}.json"), printed(&file));
    }
}

fn printed(value: &Json) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("a tree of plain values prints");
    text.push('\n');
    text
}

/// A constant.
fn plain(expr: &Expr) -> Option<Json> {
    Some(match &expr.form {
        Form::Literal(Value::Str(text)) => json!(text),
        Form::Literal(Value::Bool(b)) => json!(b),
        Form::Literal(Value::Int(n)) => json!(n),
        Form::Literal(_) => Json::Null,
        Form::Array(items) => items.iter().map(|item| plain(&item.value)).collect::<Option<Vec<_>>>()?.into(),
        Form::Object(_) => {
            let entries = expr.entries()?;
            let entries = entries.into_iter().map(|(key, value)| Some((key.to_owned(), plain(value)?)));
            Json::Object(entries.collect::<Option<_>>()?)
        }
        Form::Call(name, args) if name == "json" => serde_json::from_str(args.first()?.text()?).ok()?,
        _ => return None,
    })
}

fn over(most: usize, count: usize, what: &str, diagnostics: &mut Diagnostics) {
    if count > most {
        diagnostics.push(
            Diagnostic::error(
                "too-large",
                format!("a component has {count} {what} and a template {most} at most"),
            )
            .because("Azure takes no larger one.")
            .help("divide the component"),
        );
    }
}
