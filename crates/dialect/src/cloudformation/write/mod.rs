//! Stacks as CloudFormation templates, as an engineer writes them by hand.
//!
//! All environments share one template; they differ in the file of parameters that each is deployed with, and in
//! conditions where one has what another has not. The other stacks have templates of their own. Tags of a stack are
//! given when it is deployed and reach every resource from there.

mod template;
mod terms;
mod vocabulary;
pub(crate) mod yaml;

use std::collections::BTreeMap;

use indexmap::IndexMap;
use ir::graph::InputDecl;
use ir::{Bundle, Diagnostic, Diagnostics, Graph, Input, InputType, Node, Stack, Value};

use super::VOCABULARY;
use crate::maps::{self, snake};
use crate::model::family::Form;
use crate::model::{Model, families};

/// Where everything stands in the bundle.
const FOLDER: &str = "infra/cloudformation";

/// Writes the stacks of one application.
#[must_use]
pub fn write(stacks: &[Stack]) -> (Bundle, Diagnostics) {
    let mut bundle = Bundle::new();
    let mut diagnostics = Diagnostics::new();
    let mut there = Vec::new();
    let mut gaps = Vec::new();
    for stack in stacks {
        let (stack, lost) = maps::into(&VOCABULARY, stack);
        gaps.extend(lost);
        there.push(asked(stack));
    }
    diagnostics.extend(maps::diagnostics(&VOCABULARY, &gaps));
    for (region, stacks) in by_region(there) {
        for family in families(&stacks) {
            write_family(family, region.as_deref(), &mut bundle, &mut diagnostics);
        }
    }
    (bundle, diagnostics)
}

fn write_family(
    stacks: Vec<&Stack>,
    region: Option<&str>,
    bundle: &mut Bundle,
    diagnostics: &mut Diagnostics,
) {
    let form = Form { dialect: "CloudFormation", loops: false, modules: false, roots: false };
    let model = Model::new(stacks, &vocabulary::TYPES, form, diagnostics);
    let environments = model.family.stacks.iter().any(|stack| stack.environment);
    let name = if environments { "application" } else { &model.family.stacks[0].name };
    let suffix = region.map(|region| format!("-{region}")).unwrap_or_default();
    for module in &model.modules {
        let template = template::template(&model, module, diagnostics);
        bundle.add(format!("{FOLDER}/{name}{suffix}.yaml"), yaml::print(&template.text));
        for (stack, parameters) in model.family.stacks.iter().zip(&template.parameters) {
            let file = serde_json::json!({ "Parameters": parameters, "Tags": stack.tags });
            let text = serde_json::to_string_pretty(&file).expect("a tree of plain values prints");
            bundle.add(format!("{FOLDER}/parameters/{}{suffix}.json", stack.name), text + "\n");
        }
    }
}

/// The stacks with what is created in another region than the stack's as stacks of their own: a template is deployed
/// in one region. What leads from one to another is a parameter of the one that needs it.
fn by_region(stacks: Vec<Stack>) -> BTreeMap<Option<String>, Vec<Stack>> {
    let mut out: BTreeMap<Option<String>, Vec<Stack>> = BTreeMap::new();
    for stack in stacks {
        let region_of = |node: &Node| node.region.clone().filter(|region| *region != stack.region);
        let mut regions: BTreeMap<Option<String>, Vec<Node>> = BTreeMap::new();
        for node in stack.graph.nodes() {
            // What is asked of the cloud is asked where it is needed.
            if node.address.mode == ir::Mode::Managed {
                regions.entry(region_of(node)).or_default().push(node.clone());
            }
        }
        let home: BTreeMap<ir::Address, Option<String>> = stack
            .graph
            .nodes()
            .filter(|n| n.address.mode == ir::Mode::Managed)
            .map(|n| (n.address.clone(), region_of(n)))
            .collect();
        for (region, nodes) in regions {
            let mut graph = Graph::new();
            for (name, component) in &stack.graph.components {
                let mut component = component.clone();
                component.outputs.retain(|_, (_, value)| {
                    value.refs().iter().all(|r| home.get(&r.to).is_none_or(|at| *at == region))
                });
                graph.components.insert(name.clone(), component);
            }
            stack
                .graph
                .nodes()
                .filter(|n| n.address.mode == ir::Mode::Data)
                .for_each(|n| graph.insert(n.clone()));
            for mut node in nodes {
                node.depends_on.retain(|to| home.get(to).is_none_or(|at| *at == region));
                node.region = None;
                let component = graph.components.entry(node.address.component.clone()).or_default();
                for value in node.attrs.values_mut() {
                    *value = away(value, &mut component.inputs, &|r| {
                        home.get(&r.to).is_none_or(|at| *at == region)
                    });
                }
                graph.insert(node);
            }
            let there = region.clone().unwrap_or_else(|| stack.region.clone());
            out.entry(region).or_default().push(Stack { graph, region: there, ..stack.clone() });
        }
    }
    out
}

/// A value whose references to other regions are parameters.
fn away(value: &Value, inputs: &mut IndexMap<String, InputDecl>, here: &dyn Fn(&ir::Ref) -> bool) -> Value {
    match value {
        Value::Ref(r) if !here(r) => {
            let path: Vec<String> = r
                .path
                .iter()
                .map(|step| match step {
                    ir::Step::Attr(name) => snake(name),
                    ir::Step::Index(i) => i.to_string(),
                })
                .collect();
            let kind = r.to.kind.as_str().rsplit("::").next().unwrap_or_default();
            let words = [snake(&r.to.component), snake(kind), path.join("_")];
            let words: Vec<&str> = words.iter().map(String::as_str).filter(|w| !w.is_empty()).collect();
            let name = ir::names::snake(&words.join("_"));
            let description =
                format!("{} of the template for {}.", path.last().map_or("Reference", String::as_str), r.to);
            let decl =
                InputDecl { ty: InputType::String, description, validation: None, from_pipeline: true };
            inputs.insert(name.clone(), decl);
            let value = Value::Unknown("it is created in another region".to_owned());
            Value::Input(Box::new(Input { name, value }))
        }
        other => each(other, &mut |v| away(v, inputs, here)),
    }
}

/// A value with each value in it turned.
fn each(value: &Value, turn: &mut dyn FnMut(&Value) -> Value) -> Value {
    match value {
        Value::List(items) => Value::List(items.iter().map(turn).collect()),
        Value::Template(parts) => Value::Template(parts.iter().map(turn).collect()),
        Value::Map(entries) => Value::Map(entries.iter().map(|(k, v)| (k.clone(), turn(v))).collect()),
        Value::Json(inner) => Value::Json(Box::new(turn(inner))),
        Value::Input(input) => {
            Value::Input(Box::new(Input { name: input.name.clone(), value: turn(&input.value) }))
        }
        other => other.clone(),
    }
}

/// A stack whose unknown values are parameters that whoever deploys it is asked for.
fn asked(mut stack: Stack) -> Stack {
    let mut graph = Graph::new();
    graph.components = std::mem::take(&mut stack.graph.components);
    for node in stack.graph.nodes() {
        let mut node = node.clone();
        let component = node.address.component.clone();
        let subject = snake(node.kind().as_str().rsplit("::").next().unwrap_or_default());
        for (name, value) in &mut node.attrs {
            let path = ir::names::joined(&subject, &snake(name));
            let inputs = &mut graph.components.entry(component.clone()).or_default().inputs;
            *value = open(value, &path, inputs);
        }
        graph.insert(node);
    }
    // What nobody knows is shown to nobody.
    for component in graph.components.values_mut() {
        component.outputs.retain(|_, (_, value)| {
            let mut known = true;
            value.walk(&mut |v| known &= !matches!(v, Value::Unknown(_)));
            known
        });
    }
    Stack { graph, ..stack }
}

fn open(value: &Value, path: &str, inputs: &mut IndexMap<String, InputDecl>) -> Value {
    let mut ask = |words: String| {
        let name = ir::names::snake(path);
        let description = crate::model::names::capital(&words) + ".";
        let decl = InputDecl { ty: InputType::String, description, validation: None, from_pipeline: true };
        inputs.entry(name.clone()).or_insert(decl);
        Value::Input(Box::new(Input { name, value: Value::Unknown(words) }))
    };
    match value {
        Value::Input(input) if matches!(input.value.known(), Value::Unknown(_) | Value::Secret(_)) => {
            value.clone()
        }
        Value::Unknown(reason) => ask(reason.clone()),
        Value::File(file) => ask(format!("the text of {file}")),
        Value::Map(entries) => {
            let inner = entries
                .iter()
                .map(|(name, v)| (name.clone(), open(v, &format!("{path}_{}", snake(name)), inputs)));
            Value::Map(inner.collect())
        }
        other => each(other, &mut |v| open(v, path, inputs)),
    }
}

/// What a template or stack may hold: from "Understand CloudFormation quotas" of the CloudFormation User Guide, 2026-11.
pub(super) fn over(limit: usize, count: usize, what: &str, diagnostics: &mut Diagnostics) {
    if count > limit {
        diagnostics.push(
            Diagnostic::error("template-too-large", format!("the template has {count} {what}"))
                .because(format!("CloudFormation takes {limit} at most."))
                .help("split the application in two"),
        );
    }
}
