//! Graphs as Terragrunt: one unit a component and environment, over modules that all environments share.
//!
//! `root.hcl` says where state is kept, `env.hcl` of an environment its providers and what all its units are given,
//! `_envcommon` what a component is given in every environment, and a unit what only this one gives it. Units are
//! applied one after another, so components that need each other are split first. The modules are the Terraform
//! writer's. Must not choose anything about the infrastructure.

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::expr::Expression;
use hcl_edit::structure::Structure;
use indexmap::IndexMap;
use ir::{Bundle, Diagnostics, Stack, Value};

use crate::model::family::{Family, Form};
use crate::model::term::{Given, Module, Port, Shape, Ty};
use crate::model::vocabulary::HOUSE;
use crate::model::{Model, families, names, split, types, wire};
use crate::terraform::write::caller::{Caller, OutputPath};
use crate::terraform::write::expr::constant;
use crate::terraform::write::hcl::{self, Piece};
use crate::terraform::write::providers::{self, Pin, State};
use crate::terraform::write::{add, home, layout, module, root, uses_files};

/// Where everything stands in the bundle.
const FOLDER: &str = "infra/terragrunt";
/// What Terragrunt can say.
const FORM: Form = Form { dialect: "Terragrunt", loops: true, modules: true, roots: true };
/// Commands that may run before what a unit needs is applied: they take made-up outputs.
const MOCKED: &[&str] = &["init", "validate", "plan"];
/// The account that documentation uses.
const MOCK_ACCOUNT: &str = "123456789012";

/// Writes the stacks of one application.
#[must_use]
pub fn write(stacks: &[Stack]) -> (Bundle, Diagnostics) {
    let mut bundle = Bundle::new();
    let mut diagnostics = Diagnostics::new();
    if stacks.is_empty() {
        return (bundle, diagnostics);
    }
    let state = State::new(stacks);
    bundle.add(format!("{FOLDER}/root.hcl"), layout::print(remote_state(&state, &stacks[0])));
    let mut folders = BTreeSet::new();
    for stacks in families(stacks) {
        let stacks = split::in_turn(&stacks);
        let model = Model::new(stacks.iter().collect(), &HOUSE, FORM, &mut diagnostics);
        write_family(&model, &mut folders, &mut bundle);
    }
    (bundle, diagnostics)
}

/// Every unit keeps its state beside the others, under its own place in the folder.
fn remote_state(state: &State<'_>, first: &Stack) -> Vec<Structure> {
    let place = hcl::call("path_relative_to_include", []);
    let folder = vec![Piece::Text(providers::application(first)), Piece::Value(place)];
    let known = state.backend.named.iter().map(|(setting, variable)| {
        (hcl::path(&[setting]), hcl::call("get_env", [hcl::string(variable), hcl::string("")]))
    });
    let settings = state.settings(folder).into_iter().filter_map(|setting| {
        let setting = setting.into_attribute().ok()?;
        Some((hcl::path(&[setting.key.as_str()]), setting.value))
    });
    let config = hcl::object_of(known.chain(settings));
    vec![remote_state_block(state.backend.name, config)]
}

fn remote_state_block(backend: &str, config: Expression) -> Structure {
    let generate = hcl::object([
        ("path".to_owned(), Expression::from("backend.tf")),
        ("if_exists".to_owned(), Expression::from("overwrite_terragrunt")),
    ]);
    let body =
        vec![hcl::attr("backend", backend), hcl::attr("generate", generate), hcl::attr("config", config)];
    hcl::block("remote_state", &[], body)
}

fn write_family(model: &Model<'_>, folders: &mut BTreeSet<String>, bundle: &mut Bundle) {
    let Model { family, modules, wiring } = model;
    let prefix = match family.stacks.as_slice() {
        [stack] if !stack.environment => format!("{}-", stack.name),
        _ => String::new(),
    };
    let shares = prefix.is_empty();
    let mut sources = BTreeMap::new();
    for module in modules {
        let folder = names::take(folders, &[format!("{prefix}{}", unit_name(&module.name))]);
        let place = format!("{FOLDER}/modules/{folder}");
        let mut files = module::files(module, wiring, family, &home(&place));
        files.insert("versions.tf".to_owned(), vec![versions(module, family)]);
        add(bundle, &place, files);
        if shares {
            let unit = Unit { model, module, source: &folder, stack: None };
            let path = format!("{FOLDER}/_envcommon/{}.hcl", unit_name(&module.name));
            bundle.add(path, layout::print(unit.common()));
        }
        sources.insert(module.name.as_str(), folder);
    }
    for (i, stack) in family.stacks.iter().enumerate() {
        let here: Vec<&Module> = modules.iter().filter(|m| m.present.contains(&i)).collect();
        let mut shared = root::shared(&here, i);
        // What all units are given must not reach one that keeps its default.
        let keeps = |m: &&Module, name: &str| {
            m.variables.contains_key(name) && !root::told(m, i).any(|(told, _)| told == name)
        };
        shared.retain(|name, _| !here.iter().any(|m| keeps(m, name)));
        let folder = format!("{FOLDER}/{}", stack.name);
        bundle.add(format!("{folder}/env.hcl"), layout::print(environment(stack, &shared)));
        for module in here {
            let unit = Unit { model, module, source: &sources[module.name.as_str()], stack: Some(i) };
            let path = format!("{folder}/{}/terragrunt.hcl", unit_name(&module.name));
            bundle.add(path, layout::print(unit.print(&shared, shares)));
        }
    }
}

/// The folder of a component's unit.
fn unit_name(component: &str) -> &str {
    if component.is_empty() { "main" } else { component }
}

/// A unit's module is a root: it pins its providers, and those that its environment sets up.
fn versions(module: &Module, family: &Family<'_>) -> Structure {
    let own = providers::of(module.resources.keys());
    let all = providers::of(family.stacks.iter().flat_map(|s| s.graph.nodes()).map(|n| &n.address));
    let asked: Vec<_> =
        all.into_iter().filter(|p| p.is_cloud() || own.iter().any(|o| o.name == p.name)).collect();
    providers::versions(&asked, Pin::Exact, &[])
}

/// What all units of an environment have: its providers, and values that many of them are given.
fn environment(stack: &Stack, shared: &IndexMap<&str, &Value>) -> Vec<Structure> {
    let asked = providers::of(stack.graph.nodes().map(|n| &n.address));
    let blocks = asked.iter().filter_map(|p| providers::block(p, None, stack, &stack.region));
    let text = layout::print(blocks.collect());
    let mut out = Vec::new();
    if !text.is_empty() {
        out.push(generate("providers", "providers.tf", &text));
    }
    if !shared.is_empty() {
        let values = shared.iter().map(|(name, value)| ((*name).to_owned(), constant(value)));
        out.push(hcl::attr("inputs", hcl::object(values)));
    }
    out
}

fn generate(name: &str, file: &str, text: &str) -> Structure {
    let body = vec![
        hcl::attr("path", file),
        hcl::attr("if_exists", "overwrite_terragrunt"),
        hcl::attr("contents", hcl::document(text)),
    ];
    hcl::block("generate", &[name], body)
}

/// A component in one environment, or in what all of them share.
struct Unit<'u, 'a> {
    model: &'u Model<'a>,
    module: &'u Module,
    /// The folder of its module.
    source: &'u str,
    stack: Option<usize>,
}

/// How a unit refers to what another shows.
const OF_DEPENDENCY: OutputPath = |unit, output| hcl::path(&["dependency", unit, "outputs", output]);

impl Unit<'_, '_> {
    /// What the component is given in every environment that has it.
    fn common(&self) -> Vec<Structure> {
        let mut out = vec![self.terraform()];
        let carried = self.carried(true);
        out.extend(self.dependencies(carried.iter().map(|(port, _)| *port)));
        out.extend(inputs(
            carried.iter().filter_map(|(port, name)| Some(((*name).to_owned(), self.output(port)?))),
        ));
        out
    }

    /// The unit's own file.
    fn print(&self, shared: &IndexMap<&str, &Value>, shares: bool) -> Vec<Structure> {
        let stack = self.stack.expect("a unit stands in an environment");
        let own = &self.model.family.stacks[stack];
        let found = |file: &str| hcl::call("find_in_parent_folders", [hcl::string(file)]);
        let mut out = vec![include("root", found("root.hcl")), include("env", found("env.hcl"))];
        let mut carried = self.carried(false);
        if shares {
            let folder = hcl::call("dirname", [found("root.hcl")]);
            let file = format!("/_envcommon/{}.hcl", unit_name(&self.module.name));
            out.push(include("envcommon", hcl::template(vec![Piece::Value(folder), Piece::Text(file)])));
        } else {
            out.push(self.terraform());
            carried.extend(self.carried(true));
        }
        if own.name == root::BOOTSTRAP {
            let folder = hcl::call("get_terragrunt_dir", []);
            let path = vec![Piece::Value(folder), Piece::Text("/terraform.tfstate".to_owned())];
            let config = hcl::object([("path".to_owned(), hcl::template(path))]);
            out.push(remote_state_block("local", config));
        }
        for (alias, regions) in &self.module.aliases {
            let region = regions[stack].as_ref().unwrap_or(&own.region);
            let asked = providers::of(self.module.resources.keys());
            let regional = asked.iter().filter(|p| p.name == providers::REGIONAL);
            let blocks = regional.filter_map(|p| providers::block(p, Some(alias), own, region));
            let file = format!("provider_{alias}.tf");
            out.push(generate(&format!("provider_{alias}"), &file, &layout::print(blocks.collect())));
        }
        let home = home(&format!("{FOLDER}/{}/{}", own.name, unit_name(&self.module.name)));
        let caller = self.caller(stack, &home);
        let mut values = Vec::new();
        let mut ports: Vec<Port> = Vec::new();
        for (name, given) in root::told(self.module, stack) {
            let value = match given {
                Given::Value(_) if shared.contains_key(name.as_str()) => continue,
                Given::Value(value) => {
                    ports.extend(wire::ports(value, stack, &self.model.family));
                    caller.value(value)
                }
                Given::Pipeline | Given::Secret => {
                    let variable = names::joined(&names::snake(&self.module.name), name);
                    hcl::call("get_env", [hcl::string(&format!("TF_VAR_{variable}"))])
                }
            };
            values.push((name.clone(), value));
        }
        let here = |port: &&Port| caller.output(port).is_some();
        let mut needed: Vec<&Port> =
            carried.iter().map(|(port, _)| *port).chain(&ports).filter(here).collect();
        // A unit's block of a dependency replaces the shared one, so it names what that one does too.
        let replaced: BTreeSet<&str> = needed.iter().map(|port| port.block.component.as_str()).collect();
        let common = self.carried(true).into_iter().map(|(port, _)| port);
        needed.extend(common.filter(|port| replaced.contains(port.block.component.as_str())));
        out.extend(self.dependencies(needed.into_iter()));
        for (port, name) in &carried {
            values.extend(caller.output(port).map(|value| ((*name).to_owned(), value)));
        }
        out.extend(inputs(values.into_iter()));
        out
    }

    fn caller<'c>(&'c self, stack: usize, home: &'c str) -> Caller<'c, 'c> {
        let Model { family, modules, wiring } = self.model;
        let here = modules.iter().filter(|m| m.present.contains(&stack)).map(|m| m.name.as_str()).collect();
        Caller { family, stack, wiring, home, here, output: OF_DEPENDENCY }
    }

    /// The folder of the modules is copied with the module, so that both are found where they are looked for; all of
    /// the bundle, where the module reads its files.
    fn terraform(&self) -> Structure {
        let root = hcl::call("dirname", [hcl::call("find_in_parent_folders", [hcl::string("root.hcl")])]);
        let path = if uses_files(self.module) {
            format!("/{}//{FOLDER}/modules/{}", home(FOLDER), self.source)
        } else {
            format!("/modules//{}", self.source)
        };
        let source = hcl::template(vec![Piece::Value(root), Piece::Text(path)]);
        hcl::block("terraform", &[], vec![hcl::attr("source", source)])
    }

    /// Attributes of other components that the module is given: those of components that stand wherever it does, or
    /// the others.
    fn carried(&self, everywhere: bool) -> Vec<(&Port, &str)> {
        let all = self.model.wiring.inputs.get(&self.module.name).into_iter().flatten();
        let stands = |port: &Port| {
            let producer = self.model.modules.iter().find(|m| m.name == port.block.component);
            producer.is_some_and(|p| self.module.present.iter().all(|v| p.present.contains(v)))
        };
        all.filter(|(port, _)| stands(port) == everywhere).map(|(port, name)| (port, name.as_str())).collect()
    }

    fn output(&self, port: &Port) -> Option<Expression> {
        let component = &port.block.component;
        let name = self.model.wiring.outputs.get(component)?.get(port)?;
        Some(OF_DEPENDENCY(&names::snake(component), name))
    }

    /// A `dependency` block for each component, with outputs made up for commands that run before it is applied.
    fn dependencies<'p>(&self, ports: impl Iterator<Item = &'p Port>) -> Vec<Structure> {
        let mut mocks: IndexMap<&str, IndexMap<&String, Expression>> = IndexMap::new();
        for port in ports {
            let component = port.block.component.as_str();
            let Some(name) = self.model.wiring.outputs.get(component).and_then(|o| o.get(port)) else {
                continue;
            };
            mocks.entry(component).or_default().entry(name).or_insert_with(|| self.mock(port, name));
        }
        let block = |(component, outputs): (&str, IndexMap<&String, Expression>)| {
            let folder = hcl::call("get_terragrunt_dir", []);
            let path = vec![Piece::Value(folder), Piece::Text(format!("/../{}", unit_name(component)))];
            let outputs = hcl::object(outputs.into_iter().map(|(name, mock)| (name.clone(), mock)));
            let commands = hcl::array(MOCKED.iter().map(|c| hcl::string(c)));
            let body = vec![
                hcl::attr("config_path", hcl::template(path)),
                hcl::attr("mock_outputs", outputs),
                hcl::attr("mock_outputs_allowed_terraform_commands", commands),
            ];
            hcl::block("dependency", &[&names::snake(component)], body)
        };
        mocks.into_iter().map(block).collect()
    }

    /// A value of a port's type, by the keys that its block has.
    fn mock(&self, port: &Port, name: &str) -> Expression {
        let family = &self.model.family;
        let one = || mock(&types::of_attribute(family.vocabulary, &port.block, &port.path), name);
        match port.shape {
            Shape::One => one(),
            Shape::All => hcl::array([one()]),
            Shape::ByKey => {
                let instances = family.block(&port.block).unwrap_or_default().iter().flatten();
                let keys: BTreeSet<&str> = instances.filter_map(|(key, _)| *key).collect();
                hcl::object(keys.into_iter().map(|key| (key.to_owned(), one())))
            }
        }
    }
}

fn include(name: &str, path: Expression) -> Structure {
    hcl::block("include", &[name], vec![hcl::attr("path", path)])
}

fn inputs(values: impl Iterator<Item = (String, Expression)>) -> Option<Structure> {
    let mut values = values.peekable();
    values.peek().is_some().then(|| hcl::attr("inputs", hcl::object(values)))
}

/// A made-up value; providers look at the form of an ARN before anything is applied.
fn mock(ty: &Ty, name: &str) -> Expression {
    match ty {
        Ty::Number => Expression::from(0),
        Ty::Bool => Expression::from(false),
        Ty::List(item) | Ty::Set(item) => hcl::array([mock(item, name)]),
        Ty::Map(_) => hcl::object([]),
        Ty::Object(fields) => hcl::object(fields.iter().map(|(key, ty)| (key.clone(), mock(ty, key)))),
        Ty::String | Ty::Any if name.ends_with("arn") || name.contains("_arns") => {
            hcl::string(&format!("arn:aws:mock:eu-west-1:{MOCK_ACCOUNT}:mock"))
        }
        Ty::String | Ty::Any => hcl::string(&format!("mock-{}", name.replace('_', "-"))),
    }
}
