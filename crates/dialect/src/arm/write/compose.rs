//! Stacks as templates: one for each component, and one that deploys them with what they need of each other.
//!
//! The templates are those that readers make too, so both dialects are printed from here. Resource groups belong to the
//! template that deploys the others, because the others are deployed to them. Must not know how a dialect is spelt.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use indexmap::IndexMap;
use ir::graph::Validation;
use ir::names::{joined, snake};
use ir::{Address, Diagnostic, Diagnostics, Mode, Stack, Step, Value};

use super::place;
use super::scope::{
    self, Existing, Scope, array, call, constant, form, literal, member, name, nowhere, object,
};
use super::vocabulary::TYPES;
use crate::arm::names::{camel, symbols};
use crate::arm::template::{
    Assignments, Deploys, Entry, Expr, Form, Output, Over, Parameter, Repeat as Turns, Resource as Written,
    Source, TargetScope, Template,
};
use crate::arm::{DEPLOYMENTS, GROUPS, SUBSCRIPTIONS, VOCABULARY};
use crate::model::Model;
use crate::model::family::Form as Dialect;
use crate::model::term::{Given, Item, Module, Port, Repeat, Resource, Shape, Term, Ty, Variable};
use crate::model::types;
use crate::model::wire;

/// A family of stacks as templates.
pub(crate) struct Composition {
    /// What deploys the others.
    pub main: Template,
    /// The others, by the name of their file.
    pub modules: Vec<(String, Rc<Template>)>,
    /// What each stack sets parameters to. Those that only a pipeline knows are named by the variable of the environment
    /// that carries them.
    pub settings: Vec<(String, Assignments)>,
}

/// Composes the templates of one family, given in Azure's vocabulary.
pub(crate) fn compose(
    stacks: &[&Stack],
    dialect: &'static str,
    diagnostics: &mut Diagnostics,
) -> Composition {
    let placed: Vec<Stack> = stacks.iter().map(|stack| place::placed(stack)).collect();
    let stacks = crate::model::split::in_turn(&placed.iter().collect::<Vec<_>>());
    let form = Dialect { dialect, loops: true, modules: true, roots: false };
    let model = Model::new(stacks.iter().collect(), &TYPES, form, diagnostics);
    let mut work = Work {
        model: &model,
        main: Template::default(),
        modules: Vec::new(),
        settings: model.family.stacks.iter().map(|s| (s.name.clone(), Vec::new())).collect(),
        taken: BTreeSet::new(),
        symbols: BTreeMap::new(),
        calls: BTreeMap::new(),
        shared: BTreeMap::new(),
    };
    let named = |n: &ir::Node| place::is_group(n) || n.get("resourceGroup").is_some_and(|g| !around_group(g));
    let above = stacks.iter().flat_map(|s| s.graph.nodes()).any(named);
    work.main.scope = if above { TargetScope::Above } else { TargetScope::ResourceGroup };
    work.run(diagnostics);
    Composition { main: work.main, modules: work.modules, settings: work.settings }
}

/// Whether a value names the group that everything is deployed to, whatever it is called.
fn around_group(value: &Value) -> bool {
    matches!(value.known(), Value::Ref(to) if to.to.mode == Mode::Data && to.to.name == "current")
}

struct Work<'m, 'a> {
    model: &'m Model<'a>,
    main: Template,
    modules: Vec<(String, Rc<Template>)>,
    settings: Vec<(String, Assignments)>,
    /// Names in the main template.
    taken: BTreeSet<String>,
    /// Symbolic names of what the main template makes itself.
    symbols: BTreeMap<Address, String>,
    /// Symbolic names of deployments, by module.
    calls: BTreeMap<String, String>,
    /// Variables that are parameters of the main template, by what they are called there.
    shared: BTreeMap<String, Variable>,
}

/// The parameter that says which environment it is.
const ENVIRONMENT: &str = "environment";

impl<'m> Work<'m, '_> {
    fn run(&mut self, diagnostics: &mut Diagnostics) {
        let own = self.model.modules.iter().find(|m| m.name.is_empty());
        for module in &self.model.modules {
            if !module.name.is_empty() {
                let symbol = self
                    .free(&[camel(&snake(&module.name)), format!("{}Module", camel(&snake(&module.name)))]);
                self.calls.insert(module.name.clone(), symbol);
            }
        }
        if let Some(module) = own {
            self.own(module);
        }
        for module in self.model.modules.iter().filter(|m| !m.name.is_empty()) {
            let file = snake(&module.name).replace('_', "-");
            let template = Rc::new(self.template(module, &format!("modules/{file}"), diagnostics));
            let call = self.call(module, &file, &template);
            self.main.resources.push(call);
            self.shown(module);
            self.modules.push((file, template));
        }
        self.main.path = "main".to_owned();
    }

    fn free(&mut self, candidates: &[String]) -> String {
        let last = candidates.last().cloned().unwrap_or_default();
        let numbered = (2..).map(|n| format!("{last}{n}"));
        let found = candidates.iter().cloned().chain(numbered).find(|c| !self.taken.contains(c));
        let found = found.expect("numbers never end");
        self.taken.insert(found.clone());
        found
    }

    /// What stands in no component: it is made by the main template.
    fn own(&mut self, module: &'m Module) {
        for (local, _) in &module.locals {
            self.taken.insert(named(local));
        }
        for (variable, declared) in &module.variables {
            self.taken.insert(named(variable));
            self.given(&named(variable), declared, &module.present, true);
        }
        let taken = std::mem::take(&mut self.taken);
        let (symbols, mut template) = self.contents(module, taken, "../..");
        self.symbols = symbols.0;
        self.taken = symbols.1;
        self.main.variables.append(&mut template.variables);
        self.main.resources.append(&mut template.resources);
        self.main.outputs.append(&mut template.outputs);
    }

    /// A module as a template.
    fn template(&self, module: &'m Module, path: &str, diagnostics: &mut Diagnostics) -> Template {
        let none = IndexMap::new();
        let inputs = self.model.wiring.inputs.get(&module.name).unwrap_or(&none);
        let mut taken: BTreeSet<String> = module.variables.keys().map(|v| named(v)).collect();
        taken.extend(inputs.values().map(|v| named(v)));
        taken.extend(module.locals.iter().map(|(local, _)| named(local)));
        let (_, mut template) = self.contents(module, taken, "../../..");
        template.path = path.to_owned();
        for (variable, declared) in &module.variables {
            let default =
                declared.default(&module.present).filter(|v| !declared.secret() && **v != Value::Null);
            let mut parameter = parameter(declared, default);
            parameter.nullable = declared.nullable(&module.present);
            template.parameters.insert(named(variable), parameter);
        }
        for (port, carried) in inputs {
            let one = types::of_attribute(&TYPES, &port.block, &port.path);
            let ty = if port.shape == Shape::One { ty(&one) } else { "array" };
            let of = self.model.family.noun(&port.block);
            let words: Vec<&str> = port.path.iter().filter_map(attr).collect();
            let description = crate::model::names::sentence(&snake(&words.join("_")), &of);
            let secure = (TYPES.sensitive)(&port.block, &port.path);
            let parameter = Parameter { ty: ty.to_owned(), description, secure, ..Parameter::default() };
            template.parameters.insert(named(carried), parameter);
        }
        template.scope = self.target(module, diagnostics);
        let used = used(&template);
        template.parameters.retain(|name, _| used.contains(name));
        template
    }

    /// What a module is deployed to.
    fn target(&self, module: &Module, diagnostics: &mut Diagnostics) -> TargetScope {
        let above = |r: &&Resource| matches!(scope_of(r), Some(to) if to.kind.as_str() == SUBSCRIPTIONS);
        let managed = || module.resources.values().filter(|r| r.address.mode == Mode::Managed);
        let count = managed().filter(above).count();
        if count == 0 {
            return TargetScope::ResourceGroup;
        }
        if count < managed().count() {
            diagnostics.push(
                Diagnostic::warning(
                    "several-scopes",
                    format!("`{}` is deployed to a subscription and to a group", module.name),
                )
                .because("A template is deployed to one of them.")
                .help("keep what belongs to the subscription in a component of its own"),
            );
        }
        TargetScope::Above
    }

    /// The resource group that a module is deployed to.
    fn group(&mut self, module: &'m Module) -> Option<Expr> {
        let items = module.resources.values().flat_map(|r| &r.items);
        let term = items
            .filter_map(|item| match item {
                Item::Attr(key, term) if key == "resourceGroup" => Some(term),
                _ => None,
            })
            .next()?;
        match term {
            Term::Ref(r) => {
                let symbol = name(self.symbols.get(&r.block)?);
                let own = self.model.modules.iter().find(|m| m.name.is_empty())?;
                let Some(Term::Literal(key)) = r.key.as_deref() else { return Some(symbol) };
                let keys: Vec<String> = self.model.family.block(&own.resources.get(&r.block)?.address)?[0]
                    .iter()
                    .filter_map(|(key, _)| (*key).map(str::to_owned))
                    .collect();
                let place = keys.iter().position(|k| Some(k) == key.text().as_ref())?;
                let place = literal(Value::Int(i64::try_from(place).ok()?));
                Some(form(Form::Index(Box::new(symbol), Box::new(place), false)))
            }
            Term::Literal(value) => Some(call("resourceGroup", vec![constant(value)])),
            Term::Var(variable) => {
                let declared = &module.variables[variable];
                let long = self.long(module, variable);
                let value = self.given(&long, declared, &module.present, false)?;
                Some(call("resourceGroup", vec![value]))
            }
            _ => None,
        }
    }

    /// Resources, variables and outputs of a module, with the symbolic names of its blocks and every name in it.
    fn contents(&self, module: &'m Module, mut taken: BTreeSet<String>, home: &str) -> (Symbols, Template) {
        let mut symbolic = BTreeMap::new();
        for address in module.resources.keys() {
            let plain = camel(&snake(&address.name));
            let mut candidates = symbols(address.kind.as_str(), &address.name);
            candidates.push(plain.clone());
            let numbered = (2..).map(|n| format!("{plain}{n}"));
            let symbol =
                candidates.into_iter().chain(numbered).find(|c| !taken.contains(c)).unwrap_or_default();
            taken.insert(symbol.clone());
            symbolic.insert(address.clone(), symbol);
        }
        let none = IndexMap::new();
        let inputs = self.model.wiring.inputs.get(&module.name).unwrap_or(&none);
        let existing = RefCell::new(Existing { written: Vec::new(), taken });
        let scope = Scope {
            module,
            family: &self.model.family,
            inputs,
            symbols: &symbolic,
            home,
            resource: None,
            existing: &existing,
        };
        let mut template = Template::default();
        for (local, term) in &module.locals {
            template.variables.insert(named(local), scope.expression(term));
        }
        let mut resources = Vec::new();
        for (address, resource) in &module.resources {
            if scope::around(address, &[]).is_none() {
                let scope = Scope { resource: Some(resource), ..scope };
                resources.push(self.resource(resource, &scope));
            }
        }
        for (output, (description, term)) in &module.outputs {
            let value = scope.expression(term);
            template
                .outputs
                .insert(camel(output), Output { description: description.clone(), condition: None, value });
        }
        for (port, output) in self.model.wiring.outputs.get(&module.name).into_iter().flatten() {
            if !module.name.is_empty() && !template.outputs.contains_key(&camel(output)) {
                let of = self.model.family.noun(&port.block);
                let words: Vec<&str> = port.path.iter().filter_map(attr).collect();
                let description = crate::model::names::sentence(&snake(&words.join("_")), &of);
                let value = scope.port(port);
                template.outputs.insert(camel(output), Output { description, condition: None, value });
            }
        }
        let existing = existing.into_inner();
        template.resources = existing.written.into_iter().chain(resources).collect();
        ((symbolic, existing.taken), template)
    }

    fn resource(&self, resource: &Resource, scope: &Scope<'_, '_>) -> Written {
        let kind = resource.address.kind.as_str();
        let symbol = scope.symbols[&resource.address].clone();
        let mut out = plain(Some(symbol.clone()), kind);
        out.existing = resource.address.mode == Mode::Data;
        out.repeat = scope.turns(&resource.repeat, &symbol);
        out.condition = match &resource.repeat {
            Repeat::When(flag) => Some(scope.expression(flag)),
            _ => None,
        };
        for item in &resource.items {
            let Item::Attr(key, term) = item else { continue };
            match key.as_str() {
                "name" => out.name = Some(scope.expression(term)),
                "apiVersion" => out.api = Some(scope.expression(term)),
                "parent" => out.parent = self.parent(kind, term, scope, &mut out.name),
                "scope" => out.scope = scope_expr(term, scope),
                "resourceGroup" if out.existing => {
                    out.scope = Some(call("resourceGroup", vec![scope.expression(term)]));
                }
                "resourceGroup" => {}
                _ => out.body.push((key.clone(), keyed(key, scope.expression(term)))),
            }
        }
        if out.name.is_none() {
            out.name = Some(made_up(&out, &symbol));
        }
        let located =
            |f: &catalog::dialects::Foreign| f.properties.get("location").is_some_and(|p| p.required);
        let placed = out.body.iter().any(|(key, _)| key == "location");
        if !out.existing && !placed && catalog::dialects::foreign(VOCABULARY.name, kind).is_some_and(located)
        {
            out.body
                .insert(0, ("location".to_owned(), member(call("resourceGroup", Vec::new()), "location")));
        }
        out.depends_on = resource
            .depends_on
            .iter()
            .filter(|to| scope.family.module(&to.component) == scope.module.name)
            .filter_map(|to| scope.symbols.get(to))
            .map(|symbol| name(symbol))
            .collect();
        out
    }

    /// The resource that another is part of. Between the two may be a service that is always there.
    fn parent(&self, kind: &str, term: &Term, scope: &Scope<'_, '_>, own: &mut Option<Expr>) -> Option<Expr> {
        let parent_kind = match term {
            Term::Ref(r) => r.block.kind.as_str(),
            _ => "",
        };
        let Some(parent) = scope.resource_of(term) else {
            // A name alone: it begins the resource's own.
            let before = scope.expression(term);
            let after = own.take().unwrap_or_else(|| literal(""));
            *own = Some(form(Form::Join(vec![before, literal("/"), after])));
            return None;
        };
        let between: Vec<&str> = kind.split('/').collect();
        let depth = parent_kind.split('/').count();
        if between.len() > depth + 1 {
            return Some(scope.service(&between[..=depth].join("/"), &parent));
        }
        Some(parent)
    }

    /// The deployment of a module.
    fn call(&mut self, module: &'m Module, file: &str, template: &Rc<Template>) -> Written {
        let symbol = self.calls[&module.name].clone();
        let mut out = plain(Some(symbol.clone()), DEPLOYMENTS);
        out.name = Some(literal(file));
        if template.scope == TargetScope::ResourceGroup && self.main.scope == TargetScope::Above {
            out.scope = self.group(module);
        }
        out.condition = self.flag(module);
        let mut arguments = Vec::new();
        for (variable, declared) in &module.variables {
            if !template.parameters.contains_key(&named(variable)) {
                continue;
            }
            let long = self.long(module, variable);
            if let Some(value) = self.given(&long, declared, &module.present, false) {
                arguments.push((named(variable), value));
            }
        }
        let none = IndexMap::new();
        let inputs = self.model.wiring.inputs.get(&module.name).unwrap_or(&none);
        for (port, carried) in inputs {
            if template.parameters.contains_key(&named(carried)) {
                arguments.push((named(carried), self.output(port)));
            }
        }
        out.deploys = Some(Deploys { source: Source::File(format!("modules/{file}")), arguments });
        out
    }

    /// What a module's variable is called in the main template. Those that several modules have and that are set the same
    /// are one.
    fn long(&self, module: &Module, variable: &str) -> String {
        let declared = &module.variables[variable];
        let shared =
            self.model.modules.iter().filter(|m| m.variables.get(variable) == Some(declared)).count() > 1;
        let others =
            self.model.modules.iter().filter_map(|m| m.variables.get(variable)).any(|d| d != declared);
        let plain = shared && !others && !declared.secret();
        camel(&if plain { variable.to_owned() } else { joined(&snake(&module.name), variable) })
    }

    /// The parameter that says whether a module is there, where it is not everywhere.
    fn flag(&mut self, module: &Module) -> Option<Expr> {
        if module.present.len() == self.model.family.stacks.len() {
            return None;
        }
        let flag = camel(&format!("deploy_{}", snake(&module.name)));
        if !self.main.parameters.contains_key(&flag) {
            let description = format!("Whether {} is deployed.", module.name);
            let parameter = Parameter { ty: "bool".into(), description, ..Parameter::default() };
            self.main.parameters.insert(flag.clone(), parameter);
            for (v, (_, given)) in self.settings.iter_mut().enumerate() {
                given.push((flag.clone(), literal(module.present.contains(&v))));
            }
        }
        Some(name(&flag))
    }

    /// What a variable of a module is set to; `None` where its own default will do. What stacks say differently is a
    /// parameter of the main template.
    fn given(&mut self, long: &str, variable: &Variable, present: &[usize], own: bool) -> Option<Expr> {
        let values: Vec<Option<&Given>> = present.iter().map(|v| variable.given[*v].as_ref()).collect();
        let asked = values.iter().flatten().any(|g| matches!(g, Given::Pipeline | Given::Secret));
        let constants = values.iter().flatten().all(|g| matches!(g, Given::Value(v) if v.refs().is_empty()));
        let same = values.windows(2).all(|two| two[0] == two[1]);
        if !asked && !own {
            if variable.default(present).is_some() && same {
                return None;
            }
            if let (true, Some(Given::Value(value))) = (same, values.first().copied().flatten()) {
                return Some(self.value(value, present[0]));
            }
            if !constants {
                return Some(self.by_environment(&values, present));
            }
        }
        // Another module has the same, or this one asked before.
        if !own && self.shared.get(long) == Some(variable) {
            return Some(name(&called(long)));
        }
        let parameter_name = if own { long.to_owned() } else { self.free(&[called(long)]) };
        if !own {
            self.shared.insert(long.to_owned(), variable.clone());
        }
        let default = variable.default(present).filter(|v| own && **v != Value::Null);
        let mut declared = parameter(variable, default);
        declared.nullable =
            !asked && values.iter().any(|v| matches!(v, None | Some(Given::Value(Value::Null))));
        self.main.parameters.insert(parameter_name.clone(), declared);
        for (place, v) in present.iter().enumerate() {
            let value = match values[place] {
                Some(Given::Value(Value::Null)) | None => continue,
                Some(Given::Value(value)) if Some(value) == default => continue,
                Some(Given::Value(value)) => setting(variable, value),
                Some(Given::Pipeline | Given::Secret) => {
                    let carried = snake(&parameter_name).to_uppercase();
                    call("readEnvironmentVariable", vec![literal(carried), literal("")])
                }
            };
            self.settings[*v].1.push((parameter_name.clone(), value));
        }
        Some(name(&parameter_name))
    }

    /// Values that lead to other modules and differ: chosen by the environment's name.
    fn by_environment(&mut self, values: &[Option<&Given>], present: &[usize]) -> Expr {
        if !self.main.parameters.contains_key(ENVIRONMENT) {
            let names: Vec<String> = self.model.family.stacks.iter().map(|s| s.name.clone()).collect();
            let parameter = Parameter {
                ty: "string".into(),
                description: "Which environment it is.".into(),
                allowed: names.iter().map(literal).collect(),
                ..Parameter::default()
            };
            self.taken.insert(ENVIRONMENT.to_owned());
            self.main.parameters.insert(ENVIRONMENT.to_owned(), parameter);
            for (stack, given) in &mut self.settings {
                given.push((ENVIRONMENT.to_owned(), literal(stack.as_str())));
            }
        }
        let mut out = literal(Value::Null);
        for (given, v) in values.iter().zip(present).rev() {
            let Some(Given::Value(value)) = given else { continue };
            let stack = literal(self.model.family.stacks[*v].name.as_str());
            let here = call("equals", vec![name(ENVIRONMENT), stack]);
            out = call("if", vec![here, self.value(value, *v), out]);
        }
        out
    }

    /// A value as the main template writes it.
    fn value(&self, value: &Value, stack: usize) -> Expr {
        match value.known() {
            Value::List(items) => match self.model.family.cover(stack, items) {
                Some((block, path)) => self.output(&Port { block, path: path.to_vec(), shape: Shape::All }),
                None => array(items.iter().map(|v| self.value(v, stack))),
            },
            Value::Map(entries) => object(entries.iter().map(|(k, v)| (k.clone(), self.value(v, stack)))),
            Value::Json(inner) => call("string", vec![self.value(inner, stack)]),
            Value::File(path) => call("loadTextContent", vec![literal(format!("../../{path}"))]),
            Value::Template(parts) => {
                let parts = parts.iter().map(|part| match part.text() {
                    Some(text) => literal(text),
                    None => self.value(part, stack),
                });
                form(Form::Join(parts.collect()))
            }
            Value::Ref(r) => {
                let carried = self.output(&wire::root_port(r));
                match &r.to.key {
                    Some(key) => {
                        let part = |part: &str| {
                            let body = Box::new(member(name(scope::ENTRY), part));
                            form(Form::Lambda(vec![scope::ENTRY.to_owned()], body))
                        };
                        let table = call("toObject", vec![carried, part("key"), part("value")]);
                        form(Form::Index(Box::new(table), Box::new(literal(key.as_str())), false))
                    }
                    None => carried,
                }
            }
            other => constant(other),
        }
    }

    /// What another module offers, or the main template itself.
    fn output(&self, port: &Port) -> Expr {
        let producer = self.model.family.module(&port.block.component);
        if producer.is_empty() {
            let symbol = self.symbols.get(&port.block).map_or("", String::as_str);
            return scope::steps(name(symbol), &port.path);
        }
        let output = self.model.wiring.outputs.get(producer).and_then(|o| o.get(port));
        let (Some(output), Some(symbol)) = (output, self.calls.get(producer)) else {
            return literal(Value::Null);
        };
        let value = member(member(name(symbol), "outputs"), &camel(output));
        let everywhere = self
            .model
            .modules
            .iter()
            .any(|m| m.name == producer && m.present.len() == self.model.family.stacks.len());
        if everywhere {
            return value;
        }
        let nothing = if port.shape == Shape::One { literal("") } else { array([]) };
        call("if", vec![name(&camel(&format!("deploy_{}", snake(producer)))), value, nothing])
    }

    /// What people and pipelines are shown of a module.
    fn shown(&mut self, module: &Module) {
        let everywhere = module.present.len() == self.model.family.stacks.len();
        for (output, (description, _)) in &module.outputs {
            let value = member(member(name(&self.calls[&module.name]), "outputs"), &camel(output));
            let flag = || name(&camel(&format!("deploy_{}", snake(&module.name))));
            let value = if everywhere { value } else { call("if", vec![flag(), value, literal("")]) };
            let long = camel(&joined(&snake(&module.name), output));
            self.main
                .outputs
                .insert(long, Output { description: description.clone(), condition: None, value });
        }
    }
}

/// Every name that a template's expressions use.
fn used(template: &Template) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    template.variables.values().for_each(|e| e.names(&mut found));
    template.outputs.values().for_each(|o| o.value.names(&mut found));
    for resource in &template.resources {
        let own = [&resource.name, &resource.parent, &resource.scope, &resource.condition];
        own.into_iter().flatten().for_each(|e| e.names(&mut found));
        resource.body.iter().for_each(|(_, e)| e.names(&mut found));
        if let Some(Turns { over: Over::Each(list) | Over::Times(list), .. }) = &resource.repeat {
            list.names(&mut found);
        }
    }
    found
}

/// What a parameter is called: not as a function is.
fn called(name: &str) -> String {
    match name {
        "resourceGroup" => "resourceGroupName".to_owned(),
        _ if crate::arm::eval::is_function(name) => format!("{name}Value"),
        _ => name.to_owned(),
    }
}

/// A name of the model as templates spell names.
pub(super) fn named(name: &str) -> String {
    called(&camel(name))
}

type Symbols = (BTreeMap<Address, String>, BTreeSet<String>);

fn attr(step: &Step) -> Option<&str> {
    match step {
        Step::Attr(name) => Some(name),
        Step::Index(_) => None,
    }
}

/// What a resource extends.
fn scope_of(resource: &Resource) -> Option<&Address> {
    resource.items.iter().find_map(|item| match item {
        Item::Attr(key, Term::Ref(r)) if key == "scope" => Some(&r.block),
        _ => None,
    })
}

fn scope_expr(term: &Term, scope: &Scope<'_, '_>) -> Option<Expr> {
    match term {
        // What a template is deployed to needs no word.
        Term::Ref(r) if matches!(r.block.kind.as_str(), GROUPS | SUBSCRIPTIONS) => None,
        _ => scope.resource_of(term),
    }
}

/// Identities are the keys of an object.
fn keyed(key: &str, value: Expr) -> Expr {
    if key != "identity" {
        return value;
    }
    let Form::Object(entries) = value.form else { return value };
    let turned = entries.into_iter().map(|entry| {
        let named = entry.key.as_ref().and_then(Expr::text) == Some("userAssignedIdentities");
        let value = match entry.value.form {
            Form::Array(items) if named => {
                let items = items.into_iter().map(|item| {
                    let key = form(Form::Join(vec![item.value]));
                    Entry { key: Some(key), spread: false, value: object([]) }
                });
                form(Form::Object(items.collect()))
            }
            other if named => {
                let id = || "id".to_owned();
                let key = form(Form::Lambda(vec![id()], Box::new(name("id"))));
                let empty = form(Form::Lambda(vec![id()], Box::new(object([]))));
                call("toObject", vec![form(other), key, empty])
            }
            other => form(other),
        };
        Entry { value, ..entry }
    });
    form(Form::Object(turned.collect()))
}

/// The name of a resource that nobody named: for assignments of roles a number that follows from what they say.
fn made_up(resource: &Written, symbol: &str) -> Expr {
    if resource.kind != "Microsoft.Authorization/roleAssignments" {
        return literal(symbol);
    }
    let said = |key: &str| {
        let properties = resource.body.iter().find(|(name, _)| name == "properties").map(|(_, v)| v);
        properties.and_then(|p| p.entries()?.into_iter().find(|(k, _)| *k == key).map(|(_, v)| v.clone()))
    };
    let on = match &resource.scope {
        Some(scope) => member(scope.clone(), "id"),
        None => member(call("resourceGroup", Vec::new()), "id"),
    };
    // What only a deployment knows cannot be part of a name: the identity stands for its principal.
    let principal = said("principalId").map(|principal| match principal.form {
        Form::Member(properties, _, _) => match properties.form {
            Form::Member(identity, ..) => member(*identity, "id"),
            other => form(other),
        },
        other => form(other),
    });
    let parts = [Some(on), principal, said("roleDefinitionId")];
    call("guid", parts.into_iter().flatten().collect())
}

/// A resource that says nothing yet.
pub(super) fn plain(symbol: Option<String>, kind: &str) -> Written {
    let version = catalog::dialects::foreign(VOCABULARY.name, kind).map(|f| f.version.as_str());
    Written {
        symbol,
        kind: kind.to_owned(),
        api: version.filter(|v| !v.is_empty()).map(literal),
        name: None,
        existing: false,
        condition: None,
        repeat: None,
        parent: None,
        scope: None,
        group: None,
        depends_on: Vec::new(),
        body: Vec::new(),
        within: None,
        deploys: None,
        span: nowhere(),
    }
}

/// Whether values of a variable are numbers with a fraction, which no parameter can be.
pub(super) fn has_fraction(variable: &Variable) -> bool {
    variable.ty == Ty::Number
        && variable
            .given
            .iter()
            .flatten()
            .any(|g| matches!(g, Given::Value(v) if matches!(v.known(), Value::Float(_))))
}

fn setting(variable: &Variable, value: &Value) -> Expr {
    if has_fraction(variable) { literal(value.text().unwrap_or_default()) } else { constant(value) }
}

fn parameter(variable: &Variable, default: Option<&Value>) -> Parameter {
    let mut out = Parameter {
        ty: if has_fraction(variable) { "string" } else { ty(&variable.ty) }.to_owned(),
        secure: variable.secret(),
        default: default.map(|v| setting(variable, v)),
        description: variable.description.clone(),
        ..Parameter::default()
    };
    match &variable.validation {
        Some(Validation::OneOf(options)) if out.ty == "string" => {
            out.allowed = options.iter().map(literal).collect();
        }
        Some(Validation::Range(least, most)) if out.ty == "int" => {
            out.range = (Some(*least as i64), Some(*most as i64));
        }
        _ => {}
    }
    out
}

fn ty(ty: &Ty) -> &'static str {
    match ty {
        Ty::String => "string",
        Ty::Number => "int",
        Ty::Bool => "bool",
        Ty::List(_) | Ty::Set(_) => "array",
        Ty::Map(_) | Ty::Object(_) => "object",
        Ty::Any => "string",
    }
}
