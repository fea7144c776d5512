//! From templates to a graph: which instances there are, what they are called, and what they are set to.
//!
//! In two passes. The first finds every instance with its type and name, so that an identifier anywhere leads to its node;
//! the second works out everything else. Deployments within deployments become components. The graph speaks Azure's own
//! vocabulary; what the house calls these things is the maps' work.

use std::rc::Rc;

use indexmap::IndexMap;
use ir::graph::{InputDecl, InputType, Validation};
use ir::{Address, Diagnostic, Kind, Mode, Node, Ref, Stack, Value};

use super::eval::values::{join, text_key, unknown, unwrapped};
use super::eval::{Deployment, Engine, Given, Locals, Site, name_key, unwrapped_top};
use super::names;
use super::template::{Deploys, Parameter, Repeat, Resource, Source, TargetScope, Template};
use super::{DEPLOYMENTS, GROUPS};
use crate::reading::{Counts, MOST_MODULES, MOST_NODES};

/// One instance of a resource of a template.
pub(crate) struct Instance {
    address: Address,
    locals: Locals,
    kind: String,
    name: Value,
    parent: Option<Address>,
    /// Whether it is made; `None` when only Azure knows.
    made: Option<bool>,
}

/// Deploys a template and everything in it.
pub(crate) fn deploy(engine: &Engine<'_>, root: &Rc<Deployment>, name: &str, counts: &mut Counts) -> Stack {
    let mut all = Vec::new();
    expand(engine, root, &mut all);
    all.iter().for_each(|at| at.forget());
    engine.complete.set(true);
    let mut stack = Stack {
        name: name.to_owned(),
        environment: true,
        region: String::new(),
        tags: IndexMap::new(),
        graph: ir::Graph::new(),
    };
    let mut after: Vec<(Vec<Address>, Vec<Value>)> = Vec::new();
    let mut nodes: IndexMap<Address, Node> = IndexMap::new();
    for at in &all {
        for (place, resource) in at.template.resources.iter().enumerate() {
            let Some(instances) = engine.instances(at, place) else { continue };
            for instance in instances.iter().filter(|i| i.made != Some(false)) {
                let site = Site { at, locals: &instance.locals };
                let needs = resource.depends_on.iter().map(|d| engine.eval(d, site)).collect();
                if resource.kind.eq_ignore_ascii_case(DEPLOYMENTS) {
                    if let Some(inner) = engine.modules.borrow().get(&instance.address) {
                        after.push((
                            vec![Address { name: inner.component.clone(), ..instance.address.clone() }],
                            needs,
                        ));
                    }
                    continue;
                }
                let node = engine.node(resource, instance, site);
                after.push((vec![instance.address.clone()], needs));
                nodes.insert(instance.address.clone(), node);
            }
        }
    }
    let lookups = engine.lookups.borrow().clone();
    nodes.extend(lookups);
    wire(engine, &mut nodes, after, counts);
    for at in &all {
        declare(engine, at, &mut stack);
    }
    for node in nodes.into_values() {
        counts.resources += 1;
        node.attrs.values().for_each(|v| count(v, counts));
        if stack.region.is_empty()
            && let Some(region) = node.get("location").and_then(Value::text)
        {
            stack.region = region;
        }
        stack.graph.insert(node);
    }
    stack
}

fn count(value: &Value, counts: &mut Counts) {
    counts.attributes += 1;
    match value.known() {
        Value::Map(entries) => entries.values().for_each(|v| count(v, counts)),
        Value::List(items) => items.iter().filter(|v| v.as_map().is_some()).for_each(|v| count(v, counts)),
        Value::Unknown(_) => counts.unknown += 1,
        _ => {}
    }
}

/// Finds every instance, and every deployment in it.
fn expand(engine: &Engine<'_>, at: &Rc<Deployment>, all: &mut Vec<Rc<Deployment>>) {
    all.push(at.clone());
    for (place, resource) in at.template.resources.iter().enumerate() {
        if engine.instances.get() > MOST_NODES {
            engine.once("too-many-instances", "all", || {
                Diagnostic::warning(
                    "too-many-instances",
                    format!("there are more than {MOST_NODES} resources"),
                )
                .at(resource.span, "the limit is passed here")
                .because("What comes after was left out.")
            });
            return;
        }
        let Some(instances) = engine.instances(at, place) else { continue };
        for instance in instances.iter().filter(|i| i.made != Some(false)) {
            let inner = engine.modules.borrow().get(&instance.address).cloned();
            if let Some(inner) = inner {
                expand(engine, &inner, all);
            }
        }
    }
}

/// Dependencies that no attribute shows.
fn wire(
    engine: &Engine<'_>,
    nodes: &mut IndexMap<Address, Node>,
    after: Vec<(Vec<Address>, Vec<Value>)>,
    counts: &mut Counts,
) {
    /// More pairs than this say nothing that the parts do not say better.
    const MOST_PAIRS: usize = 10_000;
    let within = |component: &str, nodes: &IndexMap<Address, Node>| -> Vec<Address> {
        let inside = format!("{component}.");
        let there = |a: &&Address| a.component == component || a.component.starts_with(&inside);
        nodes.keys().filter(there).filter(|a| a.mode == Mode::Managed).cloned().collect()
    };
    for (from, needs) in after {
        let mut targets = Vec::new();
        for need in &needs {
            engine.needed(need, &mut targets);
        }
        let mut to: Vec<Address> = Vec::new();
        for target in targets {
            let module = engine.modules.borrow().get(&target).map(|m| m.component.clone());
            match module {
                Some(component) => to.extend(within(&component, nodes)),
                None => to.push(target),
            }
        }
        if to.is_empty() {
            continue;
        }
        let from: Vec<Address> = from
            .into_iter()
            .flat_map(|a| if a.kind.as_str() == DEPLOYMENTS { within(&a.name, nodes) } else { vec![a] })
            .collect();
        if from.len().saturating_mul(to.len()) > MOST_PAIRS {
            counts.lost += 1;
            continue;
        }
        for address in from {
            let Some(node) = nodes.get_mut(&address) else { continue };
            for need in &to {
                let known = node.dependencies().contains(need) || *need == node.address;
                if !known {
                    node.depends_on.push(need.clone());
                }
            }
        }
    }
}

/// What a deployment takes and gives.
fn declare(engine: &Engine<'_>, at: &Rc<Deployment>, stack: &mut Stack) {
    if at.outer.is_some() {
        return;
    }
    let locals = Locals::default();
    let site = Site { at, locals: &locals };
    let mut inputs = IndexMap::new();
    for (name, parameter) in &at.template.parameters {
        if let Value::Input(_) = engine.parameter(name, site) {
            inputs.insert(name.clone(), input(engine, parameter, site));
        }
    }
    let mut outputs = IndexMap::new();
    for (name, output) in &at.template.outputs {
        if output.condition.as_ref().map(|c| engine.eval(c, site).as_bool()) == Some(Some(false)) {
            continue;
        }
        let value = engine.settled(engine.eval(&output.value, site));
        outputs.insert(name.clone(), (output.description.clone(), value));
    }
    let component = stack.graph.components.entry(at.component.clone()).or_default();
    component.inputs.extend(inputs);
    component.outputs.extend(outputs);
}

fn input(engine: &Engine<'_>, parameter: &Parameter, site: Site<'_>) -> InputDecl {
    let ty = match parameter.ty.as_str() {
        "int" => InputType::Number,
        "bool" => InputType::Bool,
        _ => InputType::String,
    };
    let allowed: Option<Vec<String>> =
        parameter.allowed.iter().map(|a| engine.eval(a, site).text()).collect();
    let validation = match (allowed, parameter.range) {
        (Some(allowed), _) if !allowed.is_empty() && ty == InputType::String => {
            Some(Validation::OneOf(allowed))
        }
        (_, (Some(least), Some(most))) if ty == InputType::Number => {
            Some(Validation::Range(least as f64, most as f64))
        }
        _ => None,
    };
    InputDecl { ty, description: parameter.description.clone(), validation, from_pipeline: false }
}

impl Engine<'_> {
    /// What a symbolic name stands for: a node, or the nodes of a loop.
    pub fn symbol(&self, name: &str, site: Site<'_>) -> Option<Value> {
        let resources = &site.at.template.resources;
        let Some(place) = resources.iter().position(|r| r.symbol.as_deref() == Some(name)) else {
            let (outer, locals) = site.at.outer.as_ref()?;
            return self.symbol(name, Site { at: outer, locals });
        };
        let Some(instances) = self.instances(site.at, place) else {
            return Some(unknown(format!("`{name}` needs itself")));
        };
        let value = |i: &Instance| match i.made {
            Some(false) => unknown(format!("`{name}` is not made")),
            _ => Self::reference(i.address.clone(), &[]),
        };
        Some(match (&resources[place].repeat, instances.as_slice()) {
            (None, [one]) => value(one),
            _ => Value::List(instances.iter().map(value).collect()),
        })
    }

    /// What an output of a deployment is.
    pub fn output(&self, deployment: &Address, name: &str) -> Value {
        let Some(inner) = self.modules.borrow().get(deployment).cloned() else {
            return unknown("its template is somewhere else");
        };
        let outputs = &inner.template.outputs;
        let found = outputs
            .get(name)
            .or_else(|| outputs.iter().find(|(k, _)| k.eq_ignore_ascii_case(name)).map(|(_, o)| o));
        let Some(output) = found else { return unknown(format!("the template has no output `{name}`")) };
        let locals = Locals::default();
        let locals = inner.outer.as_ref().map_or(&locals, |(_, l)| l);
        self.eval(&output.value, Site { at: &inner, locals })
    }

    /// The instances of a resource; `None` while they are being found.
    pub(super) fn instances(&self, at: &Rc<Deployment>, place: usize) -> Option<Rc<Vec<Instance>>> {
        if let Some(found) = at.found.borrow().get(&place) {
            return found.clone();
        }
        at.found.borrow_mut().insert(place, None);
        let resource = &at.template.resources[place];
        let around: Vec<(Option<Address>, String, Locals)> = match resource.within {
            Some(parent) => {
                let parents = self.instances(at, parent).unwrap_or_default();
                let made = parents.iter().filter(|p| p.made != Some(false));
                made.map(|p| (Some(p.address.clone()), p.kind.clone(), p.locals.clone())).collect()
            }
            None => {
                let locals = at.outer.as_ref().map(|(_, l)| l.clone()).unwrap_or_default();
                vec![(None, String::new(), locals)]
            }
        };
        let mut out = Vec::new();
        for (parent, kind, locals) in around {
            let turns = self.resource_turns(resource, Site { at, locals: &locals });
            let keyed =
                resource.repeat.is_some() && (turns.len() != 1 || turns[0].0.parse::<usize>().is_err());
            for (key, locals) in turns {
                let key = keyed.then_some(key).filter(|k| !k.is_empty());
                out.push(self.instance(at, resource, (parent.clone(), &kind), key, locals));
            }
        }
        self.instances.set(self.instances.get() + out.len());
        let out = Some(Rc::new(out));
        at.found.borrow_mut().insert(place, out.clone());
        out
    }

    /// The turns of a resource's loop. Where nobody knows how many there are it is kept once.
    fn resource_turns(&self, resource: &Resource, site: Site<'_>) -> Vec<(String, Locals)> {
        let Some(repeat) = &resource.repeat else { return vec![("0".into(), site.locals.clone())] };
        match self.turns(repeat, site) {
            Ok(turns) if self.instances.get().saturating_add(turns.len()) > MOST_NODES => {
                self.instances.set(MOST_NODES + 1);
                Vec::new()
            }
            Ok(turns) => turns,
            Err(reason) => vec![("0".into(), any_turn(repeat, site.locals, &reason))],
        }
    }

    fn instance(
        &self,
        at: &Rc<Deployment>,
        resource: &Resource,
        (around, kind): (Option<Address>, &str),
        key: Option<String>,
        locals: Locals,
    ) -> Instance {
        let site = Site { at, locals: &locals };
        let made = match &resource.condition {
            Some(condition) => self.eval(condition, site).as_bool(),
            None => Some(true),
        };
        let name = resource.name.as_ref().map_or_else(
            || match &resource.symbol {
                Some(symbol) => Value::from(symbol),
                None => unknown("it has no name"),
            },
            |n| self.eval(n, site),
        );
        let whole = |part: &str| if part.contains('.') { part.to_owned() } else { format!("{kind}/{part}") };
        let kind = if kind.is_empty() { resource.kind.clone() } else { whole(&resource.kind) };
        let parent = around.or_else(|| match unwrapped_top(self.eval(resource.parent.as_ref()?, site)) {
            Value::Ref(to) => Some(to.to),
            _ => None,
        });
        let address = self.address(at, resource, &kind, &name, key);
        let full = match parent.as_ref().and_then(|p| self.named.borrow().get(p).cloned()) {
            Some((_, before)) => format!("{before}/{}", name_key(&name)),
            None => name_key(&name),
        };
        let lower = kind.to_ascii_lowercase();
        self.named.borrow_mut().insert(address.clone(), (lower.clone(), full.clone()));
        if made == Some(false) {
            self.unmade.borrow_mut().insert(address.clone());
            self.index.borrow_mut().entry((lower, full)).or_insert_with(|| address.clone());
        } else {
            // Of several of one name, of which conditions choose one, the one that is made.
            let mut index = self.index.borrow_mut();
            let there = index.entry((lower, full)).or_insert_with(|| address.clone());
            if self.unmade.borrow().contains(there) {
                *there = address.clone();
            }
        }
        if let Some(deploys) = resource.deploys.as_ref().filter(|_| made != Some(false)) {
            self.inner(site, resource, deploys, &address);
        }
        Instance { address, locals, kind, name, parent, made }
    }

    /// What a node is called: by its symbolic name, or else by the text of its name.
    fn address(
        &self,
        at: &Deployment,
        resource: &Resource,
        kind: &str,
        name: &Value,
        key: Option<String>,
    ) -> Address {
        let called = match &resource.symbol {
            Some(symbol) => names::called(kind, symbol),
            None => match unwrapped(name) {
                Value::Str(text) => ir::names::snake(text.rsplit('/').next().unwrap_or_default()),
                _ => "this".to_owned(),
            },
        };
        let mode = if resource.existing { Mode::Data } else { Mode::Managed };
        let kind = super::names::spelt(kind);
        let plain = Address { mode, key, ..Address::new(&at.component, Kind::named(kind), &called) };
        let named = self.named.borrow();
        let mut address = plain.clone();
        let mut number = 2;
        while named.contains_key(&address) {
            address.name = format!("{called}_{number}");
            number += 1;
        }
        address
    }

    /// The deployment within a deployment.
    fn inner(&self, site: Site<'_>, resource: &Resource, deploys: &Deploys, address: &Address) {
        let at = site.at;
        let template = match &deploys.source {
            Source::Inner(template) | Source::Outer(template) => template.clone(),
            Source::File(path) => match self.files.template(&at.template.path, path, resource.span) {
                Some(template) => template,
                None => return,
            },
            Source::Elsewhere(place) => {
                self.once("template-elsewhere", place, || {
                    Diagnostic::note(
                        "template-elsewhere",
                        "a template that is kept somewhere else was not read",
                    )
                    .at(resource.span, "deployed here")
                    .because("Its resources are not known, and what it gives is unknown.")
                });
                return;
            }
        };
        let path = template.path.clone();
        let cyclic = !path.is_empty() && at.way.contains(&path);
        if cyclic || at.way.len() >= MOST_MODULES {
            let (id, summary) = match cyclic {
                true => ("template-cycle", format!("`{path}` deploys itself")),
                false => {
                    ("too-deep", format!("templates deploy each other more than {MOST_MODULES} levels deep"))
                }
            };
            self.once(id, &path, || {
                Diagnostic::warning(id, summary).at(resource.span, "here").because("It was left out.")
            });
            return;
        }
        let mut component =
            if at.component.is_empty() { String::new() } else { format!("{}.", at.component) };
        component.push_str(&address.name);
        component.extend(address.key.iter().flat_map(|key| [".", key.as_str()]));
        let mut inner = Deployment::new(template.clone(), component);
        inner.way = at.way.iter().cloned().chain([path]).collect();
        inner.group = self.inner_group(resource, &template, site);
        if matches!(deploys.source, Source::Outer(_)) {
            inner.outer = Some((at.clone(), site.locals.clone()));
        }
        for (name, expr) in &deploys.arguments {
            inner.given.insert(
                name.to_ascii_lowercase(),
                Given::Expr(expr.clone(), at.clone(), site.locals.clone()),
            );
        }
        self.modules.borrow_mut().insert(address.clone(), Rc::new(inner));
    }

    fn inner_group(&self, resource: &Resource, template: &Template, site: Site<'_>) -> Option<Value> {
        let group = match (&resource.group, &resource.scope) {
            (Some(group), _) => Some(self.group_named(&self.eval(group, site))),
            (None, Some(scope)) => match unwrapped_top(self.eval(scope, site)) {
                Value::Ref(to) if to.to.kind.as_str().eq_ignore_ascii_case(GROUPS) => {
                    Some(Value::Ref(Ref { to: to.to, path: Vec::new() }))
                }
                _ => None,
            },
            (None, None) => None,
        };
        let inherited =
            || (template.scope == TargetScope::ResourceGroup).then(|| site.at.group.clone()).flatten();
        group.filter(|g| matches!(g, Value::Ref(_))).or_else(inherited)
    }

    /// The node of an instance.
    fn node(&self, resource: &Resource, instance: &Instance, site: Site<'_>) -> Node {
        let mut node = Node::new(instance.address.clone());
        node.origin = Some(resource.span);
        let mut set = |name: &str, value: Value| {
            if *value.known() != Value::Null {
                node.attrs.insert(name.to_owned(), value);
            }
        };
        let mut versioned = Some(resource);
        while let Some(r) = versioned.filter(|r| r.api.is_none()) {
            versioned = r.within.map(|place| &site.at.template.resources[place]);
        }
        if let Some(api) = versioned.and_then(|r| r.api.as_ref()) {
            set("apiVersion", self.eval(api, site));
        }
        let (parent, name) = self.placed(instance);
        set("name", self.settled(name));
        let scope = resource.scope.as_ref().map(|s| self.settled(self.eval(s, site)));
        let scope = scope.map(|scope| match scope {
            Value::Ref(to) if to.path.is_empty() => Self::reference(to.to, &["id"]),
            other => other,
        });
        let grouped = site.at.template.scope == TargetScope::ResourceGroup
            && scope.is_none()
            && !instance.kind.eq_ignore_ascii_case(GROUPS);
        let group_scope = scope
            .as_ref()
            .is_some_and(|s| matches!(s, Value::Ref(to) if to.to.kind.as_str().eq_ignore_ascii_case(GROUPS)));
        if let Some(parent) = parent {
            set("parent", Self::reference(parent, &["id"]));
        }
        if grouped && let Value::Ref(group) = self.group(site) {
            set("resourceGroup", Self::reference(group.to, &["name"]));
        }
        if let Some(Value::Ref(to)) = scope.clone().filter(|_| group_scope && resource.existing) {
            set("resourceGroup", Self::reference(to.to, &["name"]));
        } else if let Some(scope) = scope {
            set("scope", scope);
        }
        for (key, expr) in &resource.body {
            set(canonical(key), self.settled(self.eval(expr, site)));
        }
        node
    }

    /// The node that an instance is part of and its own name, also where both stand in one name.
    fn placed(&self, instance: &Instance) -> (Option<Address>, Value) {
        if instance.parent.is_some() {
            return (instance.parent.clone(), instance.name.clone());
        }
        let Some((owner, _)) = instance.kind.rsplit_once('/').filter(|(owner, _)| owner.contains('/')) else {
            return (None, instance.name.clone());
        };
        let whole = Value::Str("/".to_owned());
        let parts = match super::eval::split_name(&instance.name, &whole) {
            Some(parts) if parts.len() > 1 => parts,
            _ => return (None, instance.name.clone()),
        };
        let (last, before) = parts.split_last().expect("two parts at least");
        let before = join(before.iter().enumerate().flat_map(|(n, v)| {
            let slash = (n > 0).then(|| whole.clone());
            slash.into_iter().chain([v.clone()])
        }));
        let found = self.index.borrow().get(&(owner.to_ascii_lowercase(), name_key(&before))).cloned();
        match found {
            Some(parent) => (Some(parent), last.clone()),
            None => (None, instance.name.clone()),
        }
    }

    /// A value as it stays: identifiers as references, nothing for what is nothing.
    fn settled(&self, value: Value) -> Value {
        match value {
            Value::Template(parts) => self.as_id(join(parts.into_iter().map(|p| self.settled(p)))),
            Value::List(items) => Value::List(items.into_iter().map(|v| self.settled(v)).collect()),
            Value::Map(entries) => {
                let entries = entries.into_iter().map(|(k, v)| (k, self.settled(v)));
                Value::Map(entries.filter(|(_, v)| *v.known() != Value::Null).collect())
            }
            Value::Json(inner) => Value::Json(Box::new(self.settled(*inner))),
            Value::Ref(to) if to.to.kind.as_str() == DEPLOYMENTS => {
                unknown(format!("what Azure says of the deployment `{}`", to.to.name))
            }
            Value::Input(mut input) => {
                input.value = self.settled(input.value);
                Value::Input(input)
            }
            other => other,
        }
    }

    /// The nodes and deployments that a value names.
    fn needed(&self, value: &Value, into: &mut Vec<Address>) {
        match value.known() {
            Value::Ref(to) => into.push(to.to.clone()),
            Value::List(items) => items.iter().for_each(|v| self.needed(v, into)),
            Value::Template(_) => {
                if let Value::Ref(to) = self.as_id(value.clone()) {
                    into.push(to.to);
                }
            }
            Value::Str(_) => {
                let wanted = text_key(value).to_lowercase();
                let wanted = wanted.rsplit('/').next().unwrap_or_default();
                let index = self.index.borrow();
                let mut all = index.iter().filter(|((_, name), _)| name.rsplit('/').next() == Some(wanted));
                if let (Some((_, only)), None) = (all.next(), all.next()) {
                    into.push(only.clone());
                }
            }
            _ => {}
        }
    }
}

/// A turn of a loop that nobody knows the turns of.
fn any_turn(repeat: &Repeat, locals: &Locals, reason: &str) -> Locals {
    let name = repeat.name.to_ascii_lowercase();
    let mut locals = locals.with("copy()", Value::from(&name)).with(&format!("copy.{name}"), unknown(reason));
    for bound in [&repeat.binds.0, &repeat.binds.1].into_iter().flatten() {
        locals = locals.with(bound, unknown(reason));
    }
    locals
}

/// What a property of every resource is called, in whatever case it is written.
fn canonical(key: &str) -> &str {
    const KNOWN: &[&str] = &[
        "location",
        "extendedLocation",
        "tags",
        "sku",
        "kind",
        "identity",
        "plan",
        "zones",
        "managedBy",
        "managedByExtended",
        "properties",
    ];
    KNOWN.iter().find(|k| k.eq_ignore_ascii_case(key)).copied().unwrap_or(key)
}
