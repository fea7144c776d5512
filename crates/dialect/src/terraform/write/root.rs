//! A stack's root: which modules it calls with which values, and where its state lives.
//!
//! Values stand in `main.tf`, where a reviewer sees them beside the module they size, and the region beside its
//! provider, as the backend must have it. What only the pipeline knows is a variable without a default. The state
//! bucket's name is given at `terraform init`, because it carries an account's name. Must not know how values were
//! compared.

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::structure::Structure;
use indexmap::IndexMap;
use ir::{Stack, Value};

use super::caller::{Caller, OutputPath};
use super::expr::constant;
use super::hcl;
use super::module;
use super::providers::{self, Pin, REGIONAL, State};
use crate::model::family::Family;
use crate::model::names;
use crate::model::term::{Given, Module, Term};
use crate::model::wire::{self, Wiring};

/// The stack whose state is local: it makes the bucket that the others keep theirs in.
pub(crate) const BOOTSTRAP: &str = "bootstrap";

/// A value that this many modules are given under one name becomes a local.
const SHARED_FROM: usize = 3;

/// The files of a root that calls modules, by name.
pub(crate) fn files(
    family: &Family<'_>,
    stack: usize,
    modules: &[Module],
    wiring: &Wiring,
    folder: &dyn Fn(&str) -> String,
    home: &str,
    state: &State<'_>,
) -> BTreeMap<String, Vec<Structure>> {
    let here: Vec<&Module> = modules.iter().filter(|m| m.present.contains(&stack)).collect();
    let locals = shared(&here, stack);
    let components = here.iter().map(|m| m.name.as_str()).collect();
    let root =
        Root { caller: Caller { family, stack, wiring, home, here: components, output: OF_MODULE }, locals };
    let mut main = Vec::new();
    if !root.locals.is_empty() {
        let locals = root.locals.iter().map(|(name, value)| hcl::attr(name, constant(value)));
        main.push(hcl::block("locals", &[], locals.collect()));
    }
    let mut variables = Vec::new();
    let mut outputs = Vec::new();
    let mut aliases: IndexMap<String, String> = IndexMap::new();
    for module in &here {
        for (alias, regions) in &module.aliases {
            let home = &family.stacks[stack].region;
            let region = regions[stack].clone().unwrap_or_else(|| home.clone());
            aliases.insert(root_alias(alias, &region), region);
        }
        for (name, variable) in &module.variables {
            if matches!(variable.given[stack], Some(Given::Pipeline | Given::Secret)) {
                let root_name = names::joined(&names::snake(&module.name), name);
                variables.push(module::declaration(&root_name, variable, false, variable.secret(), None));
            }
        }
        main.push(root.call(module, &folder(&module.name)));
        outputs.extend(root.outputs(module));
    }
    let mut files = common(family.stacks[stack], &aliases, state);
    files.insert("main.tf".to_owned(), main);
    files.insert("variables.tf".to_owned(), variables);
    files.insert("outputs.tf".to_owned(), outputs);
    files
}

/// The files that turn a module's own files into a root: a stack with one component needs no module call.
pub(crate) fn direct(
    family: &Family<'_>,
    module: &Module,
    wiring: &Wiring,
    home: &str,
    state: &State<'_>,
) -> BTreeMap<String, Vec<Structure>> {
    let stack = family.stacks[0];
    let region_of =
        |regions: &Vec<Option<String>>| regions[0].clone().unwrap_or_else(|| stack.region.clone());
    let aliases: IndexMap<String, String> =
        module.aliases.iter().map(|(alias, regions)| (alias.clone(), region_of(regions))).collect();
    let mut files = common(stack, &aliases, state);
    files.extend(module::files(module, wiring, family, home));
    let mut values = Vec::new();
    let root = Caller { family, stack: 0, wiring, home, here: BTreeSet::new(), output: OF_MODULE };
    for (name, variable) in &module.variables {
        if let Some(Given::Value(value)) = &variable.given[0] {
            values.push(hcl::attr(name, root.value(value)));
        }
    }
    files.insert("terraform.tfvars".to_owned(), values);
    files
}

/// What the root of a stack must say in the call of a module: what is not the module's default.
pub(crate) fn told(module: &Module, stack: usize) -> impl Iterator<Item = (&String, &Given)> {
    module.variables.iter().filter_map(move |(name, variable)| {
        let given = variable.given[stack].as_ref()?;
        let default = variable.default(&module.present);
        let said = matches!(given, Given::Value(value) if default == Some(value));
        (!said).then_some((name, given))
    })
}

/// Names under which many modules are given one and the same text, number or map of texts: it is written once.
pub(crate) fn shared<'m>(modules: &[&'m Module], stack: usize) -> IndexMap<&'m str, &'m Value> {
    let mut values: IndexMap<&str, (usize, Option<&Value>)> = IndexMap::new();
    for (name, given) in modules.iter().flat_map(|module| told(module, stack)) {
        let Given::Value(value) = given else { continue };
        let plain = is_plain(value).then_some(value);
        let (times, one) = values.entry(name).or_insert((0, plain));
        *times += 1;
        *one = one.filter(|one| Some(*one) == plain);
    }
    let often = |(name, (times, one)): (_, (usize, Option<&'m Value>))| {
        Some((name, one.filter(|_| times >= SHARED_FROM)?))
    };
    values.into_iter().filter_map(often).collect()
}

/// Texts and numbers, and the tags that every resource carries.
fn is_plain(value: &Value) -> bool {
    let text = |v: &Value| matches!(v, Value::Str(_));
    let tags = value.as_map().is_some_and(|m| !m.is_empty() && m.values().all(text));
    tags || matches!(value, Value::Str(_) | Value::Int(_) | Value::Float(_))
}

/// Two modules may use one alias for different regions; the root's name for it carries the region then.
fn root_alias(alias: &str, region: &str) -> String {
    let plain = names::snake(region);
    if alias == plain { plain } else { names::joined(alias, &plain) }
}

fn common(
    stack: &Stack,
    aliases: &IndexMap<String, String>,
    state: &State<'_>,
) -> BTreeMap<String, Vec<Structure>> {
    let asked = providers::of(stack.graph.nodes().map(|n| &n.address));
    let mut blocks: Vec<Structure> =
        asked.iter().filter_map(|p| providers::block(p, None, stack, &stack.region)).collect();
    for provider in asked.iter().filter(|p| p.name == REGIONAL) {
        let others = aliases.iter().map(|(alias, region)| (Some(alias.as_str()), region));
        blocks.extend(others.filter_map(|(alias, region)| providers::block(provider, alias, stack, region)));
    }
    let backend = if stack.name == BOOTSTRAP {
        hcl::block("backend", &["local"], vec![hcl::attr("path", "terraform.tfstate")])
    } else {
        state.block(stack)
    };
    BTreeMap::from([
        ("providers.tf".to_owned(), blocks),
        ("versions.tf".to_owned(), vec![providers::versions(&asked, Pin::Exact, &[])]),
        ("backend.tf".to_owned(), vec![hcl::block("terraform", &[], vec![backend])]),
    ])
}

struct Root<'r, 'a> {
    caller: Caller<'r, 'a>,
    /// Values that many modules are given under one name.
    locals: IndexMap<&'r str, &'r Value>,
}

/// How a root refers to what a module shows.
const OF_MODULE: OutputPath = |call, output| hcl::path(&["module", call, output]);

impl Root<'_, '_> {
    fn call(&self, module: &Module, source: &str) -> Structure {
        let mut body = vec![hcl::attr("source", source)];
        if !module.aliases.is_empty() {
            let plain = || hcl::path(&[REGIONAL]);
            let passed = module.aliases.iter().map(|(alias, regions)| {
                let home = &self.caller.family.stacks[self.caller.stack].region;
                let region = regions[self.caller.stack].as_ref().unwrap_or(home);
                (hcl::path(&[REGIONAL, alias]), hcl::path(&[REGIONAL, &root_alias(alias, region)]))
            });
            body.push(hcl::attr(
                "providers",
                hcl::object_of(std::iter::once((plain(), plain())).chain(passed)),
            ));
        }
        for (name, given) in told(module, self.caller.stack) {
            let value = match given {
                Given::Value(_) if self.locals.contains_key(name.as_str()) => hcl::path(&["local", name]),
                Given::Value(value) => self.caller.value(value),
                Given::Pipeline | Given::Secret => {
                    let root_name = names::joined(&names::snake(&module.name), name);
                    hcl::path(&["var", &root_name])
                }
            };
            body.push(hcl::attr(name, value));
        }
        for (port, name) in self.caller.wiring.inputs.get(&module.name).into_iter().flatten() {
            body.extend(self.caller.output(port).map(|value| hcl::attr(name, value)));
        }
        hcl::block("module", &[&names::snake(&module.name)], body)
    }

    fn outputs(&self, module: &Module) -> Vec<Structure> {
        let call = names::snake(&module.name);
        let own = |(name, (description, term)): (&String, &(String, Term))| {
            let value = hcl::path(&["module", &call, name]);
            module::output(
                &names::joined(&call, name),
                description,
                value,
                wire::is_sensitive(term, self.caller.family),
            )
        };
        module.outputs.iter().map(own).collect()
    }
}
