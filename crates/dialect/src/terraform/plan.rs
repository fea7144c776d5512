//! A plan, as `terraform show -json` prints it, as a graph.
//!
//! The planned values say what is set, the configuration what it was made from: where a value is known only after apply
//! and its expression names one attribute, it is a reference to it. Locals are not part of the format, so what they carry
//! stays unknown. Must not read Terraform's language beyond the names in it.

use std::collections::{BTreeMap, BTreeSet};

use catalog::Type;
use catalog::kinds::Schema;
use hcl_edit::expr::{Expression, TraversalOperator};
use indexmap::IndexMap;
use ir::world::EntryKind;
use ir::{Address, Diagnostic, Diagnostics, FileId, Graph, Kind, Mode, Node, Ref, Span, Stack, Step, Value};
use serde::Deserialize;
use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::read::folder::{Folder, Refusal};
use super::read::{parse, text};
use crate::reading::{MOST_NODES, Place, Reading, plain_secret};

/// How far a reference is followed through variables and outputs.
const MOST_HOPS: usize = 64;

#[derive(Deserialize)]
struct Plan<'t> {
    #[serde(borrow)]
    planned_values: Values<'t>,
    #[serde(borrow, default)]
    prior_state: Option<State<'t>>,
    #[serde(default)]
    configuration: Configuration,
    #[serde(default)]
    variables: BTreeMap<String, Variable>,
}

#[derive(Deserialize)]
struct State<'t> {
    #[serde(borrow, default)]
    values: Option<Values<'t>>,
}

#[derive(Deserialize)]
struct Values<'t> {
    #[serde(borrow, default)]
    root_module: Module<'t>,
}

#[derive(Default, Deserialize)]
struct Module<'t> {
    #[serde(default)]
    address: String,
    #[serde(borrow, default)]
    resources: Vec<&'t RawValue>,
    #[serde(borrow, default)]
    child_modules: Vec<Module<'t>>,
}

#[derive(Deserialize)]
struct Resource {
    mode: String,
    #[serde(rename = "type")]
    kind: String,
    name: String,
    #[serde(default)]
    index: Option<Json>,
    #[serde(default)]
    values: IndexMap<String, Json>,
    #[serde(default)]
    sensitive_values: Json,
}

#[derive(Default, Deserialize)]
struct Variable {
    #[serde(default)]
    value: Json,
}

#[derive(Default, Deserialize)]
struct Configuration {
    #[serde(default)]
    provider_config: BTreeMap<String, Provider>,
    #[serde(default)]
    root_module: Configured,
}

#[derive(Default, Deserialize)]
struct Provider {
    #[serde(default)]
    alias: Option<String>,
    #[serde(default)]
    expressions: BTreeMap<String, Json>,
}

/// A module as it is configured.
#[derive(Default, Deserialize)]
struct Configured {
    #[serde(default)]
    resources: Vec<ConfiguredResource>,
    #[serde(default)]
    module_calls: BTreeMap<String, Call>,
    #[serde(default)]
    outputs: BTreeMap<String, Output>,
}

#[derive(Deserialize)]
struct ConfiguredResource {
    mode: String,
    #[serde(rename = "type")]
    kind: String,
    name: String,
    #[serde(default)]
    provider_config_key: String,
    #[serde(default)]
    expressions: BTreeMap<String, Json>,
    #[serde(default)]
    depends_on: Vec<String>,
}

#[derive(Default, Deserialize)]
struct Call {
    #[serde(default)]
    expressions: BTreeMap<String, Json>,
    #[serde(default)]
    module: Configured,
}

#[derive(Deserialize)]
struct Output {
    #[serde(default)]
    expression: Json,
}

/// Whether a plan stands here.
#[must_use]
pub fn recognises(place: &Place<'_>) -> bool {
    let json = place.root.extension().is_some_and(|e| e == "json");
    if !json || place.world.kind(place.root) != Some(EntryKind::File) {
        return false;
    }
    file(place).is_some_and(|(folder, name)| {
        folder
            .text(&name)
            .is_ok_and(|text| text.contains("\"planned_values\"") && text.contains("\"format_version\""))
    })
}

fn file<'a>(place: &Place<'a>) -> Option<(Folder<'a>, String)> {
    let name = place.root.file_name()?.to_string_lossy().into_owned();
    Some((Folder::new(place.world, place.root.parent()?), name))
}

/// Reads a plan.
#[must_use]
pub fn read(place: &Place<'_>) -> (Reading, Diagnostics) {
    let mut reading = Reading::default();
    let mut diagnostics = Diagnostics::new();
    let Some((folder, name)) = file(place) else { return (reading, diagnostics) };
    let source = match folder.text(&name) {
        Ok(source) => source,
        Err(refusal) => {
            let shown = folder.shown(&name);
            diagnostics.push(match refusal {
                Refusal::TooLarge(size) => {
                    Diagnostic::error("file-too-large", format!("`{shown}` has {} MiB", size >> 20))
                }
                other => Diagnostic::error("file-unreadable", format!("`{shown}` cannot be read"))
                    .because(format!("{other:?}.")),
            });
            return (reading, diagnostics);
        }
    };
    let id = reading.sources.add(folder.shown(&name), source.clone());
    reading.counts.files = 1;
    let plan: Plan<'_> = match serde_json::from_str(&source) {
        Ok(plan) => plan,
        Err(e) => {
            reading.counts.lost = 1;
            diagnostics.push(
                Diagnostic::error("terraform-plan", format!("`{}` is not a plan", folder.shown(&name)))
                    .because(format!("{e}."))
                    .help("write it with `terraform show -json PLAN`"),
            );
            return (reading, diagnostics);
        }
    };
    let mut reader = Reader {
        plan: &plan,
        source: &source,
        file: id,
        instances: BTreeMap::new(),
        calls: BTreeMap::new(),
        found: Vec::new(),
    };
    reader.collect(&mut diagnostics);
    let provider =
        plan.configuration.provider_config.values().find(|p| p.alias.is_none() && p.region(&plan).is_some());
    let region = provider.and_then(|p| p.region(&plan)).unwrap_or_default();
    let mut graph = Graph::new();
    for found in std::mem::take(&mut reader.found) {
        let node = reader.node(&found, &region, &mut reading.counts);
        if graph.get(&node.address).is_none() {
            graph.component(&node.address.component, "", "");
            graph.insert(node);
        }
    }
    let tags = plan
        .configuration
        .provider_config
        .values()
        .filter(|p| p.alias.is_none())
        .flat_map(Provider::tags)
        .collect();
    let stem = name.trim_end_matches(".json").to_owned();
    reading.stacks.push(Stack { name: stem, environment: false, region, tags, graph });
    (reading, diagnostics)
}

impl Provider {
    fn region(&self, plan: &Plan<'_>) -> Option<String> {
        let region = self.expressions.get("region")?;
        if let Some(constant) = region.get("constant_value") {
            return constant.as_str().map(str::to_owned);
        }
        let name = references(region).into_iter().find_map(|r| r.strip_prefix("var.").map(str::to_owned))?;
        plan.variables.get(&name)?.value.as_str().map(str::to_owned)
    }

    fn tags(&self) -> Vec<(String, String)> {
        let tags = self
            .expressions
            .get("default_tags")
            .and_then(|t| t.get(0)?.get("tags")?.get("constant_value")?.as_object());
        tags.into_iter().flatten().filter_map(|(k, v)| Some((k.clone(), v.as_str()?.to_owned()))).collect()
    }
}

/// What an expression names, the longest first.
fn references(expression: &Json) -> Vec<String> {
    let listed = expression.get("references").and_then(Json::as_array);
    listed.into_iter().flatten().filter_map(|r| r.as_str().map(str::to_owned)).collect()
}

/// A module in an address: its name, and its key as it is written.
type Way = Vec<(String, Option<Json>)>;

/// A resource of the plan.
struct Found {
    way: Way,
    resource: Resource,
    span: Span,
}

/// The instances of a resource by the module they stand in: what tells them apart.
type Instances = BTreeMap<(Vec<String>, String, String, String), Vec<(Way, Option<Json>)>>;

struct Reader<'p, 't> {
    plan: &'p Plan<'t>,
    source: &'t str,
    file: FileId,
    instances: Instances,
    /// The keys of every module call, by the module that it stands in and its name.
    calls: BTreeMap<(String, String), BTreeSet<String>>,
    found: Vec<Found>,
}

impl Reader<'_, '_> {
    fn collect(&mut self, diagnostics: &mut Diagnostics) {
        let plan = self.plan;
        let prior = plan.prior_state.as_ref().and_then(|s| s.values.as_ref()).map(|v| &v.root_module);
        self.module(&plan.planned_values.root_module, false, diagnostics);
        // What was looked up for the plan stands in the state before it.
        prior.into_iter().for_each(|module| self.module(module, true, diagnostics));
    }

    fn module(&mut self, module: &Module<'_>, looked_up: bool, diagnostics: &mut Diagnostics) {
        let way = way(&module.address);
        if let Some(((name, key), outer)) = way.split_last() {
            let call = (format!("{outer:?}"), name.clone());
            self.calls.entry(call).or_default().insert(key.as_ref().map(Json::to_string).unwrap_or_default());
        }
        for raw in &module.resources {
            let Ok(resource) = serde_json::from_str::<Resource>(raw.get()) else { continue };
            if (resource.mode == "data") != looked_up && looked_up {
                continue;
            }
            if self.found.len() >= MOST_NODES {
                if !diagnostics.iter().any(|d| d.id == "too-many-resources") {
                    diagnostics.push(Diagnostic::error(
                        "too-many-resources",
                        format!("the plan has more than {MOST_NODES} resources"),
                    ));
                }
                return;
            }
            let start = (raw.get().as_ptr() as usize).saturating_sub(self.source.as_ptr() as usize);
            let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            let span = Span { file: self.file, start: place(start), end: place(start + raw.get().len()) };
            let names = way.iter().map(|(name, _)| name.clone()).collect();
            let key = (names, resource.mode.clone(), resource.kind.clone(), resource.name.clone());
            self.instances.entry(key).or_default().push((way.clone(), resource.index.clone()));
            self.found.push(Found { way: way.clone(), resource, span });
        }
        module.child_modules.iter().for_each(|child| self.module(child, looked_up, diagnostics));
    }

    fn node(&self, found: &Found, home: &str, counts: &mut crate::reading::Counts) -> Node {
        let resource = &found.resource;
        let address =
            self.address(&found.way, &resource.mode, &resource.kind, &resource.name, resource.index.as_ref());
        let schema = catalog::kinds::of(&address).map(|kind| &kind.schema);
        let mut node = Node::new(address);
        node.origin = Some(found.span);
        for (name, value) in &resource.values {
            let computed = schema
                .and_then(|s| s.attributes.get(name))
                .is_some_and(|a| a.computed && !a.optional && !a.required);
            let hidden = resource.sensitive_values.get(name).unwrap_or(&Json::Null);
            let block = schema.is_some_and(|s| s.blocks.contains_key(name));
            if let Some(value) =
                set(value, hidden).filter(|v| !(computed || block && *v == Value::List(Vec::new())))
            {
                node.attrs.insert(name.clone(), value);
            }
        }
        if let Some((configured, scope)) = self.configured(&found.way, resource) {
            let mut needed = Vec::new();
            for (name, expression) in &configured.expressions {
                let to = self.targets(&scope, expression, &found.way);
                if !node.attrs.contains_key(name)
                    && let Some(value) = unknown(name, expression, &to, schema)
                {
                    node.attrs.insert(name.clone(), value);
                }
                needed.extend(to.into_iter().flat_map(|(refs, _)| refs).map(|r| r.to));
            }
            for name in &configured.depends_on {
                needed.extend(self.resolve(&scope, name, &found.way, 0).into_iter().flatten().map(|r| r.to));
            }
            let shown: BTreeSet<Address> = node.dependencies().into_iter().cloned().collect();
            let own = node.address.clone();
            let hidden: BTreeSet<Address> =
                needed.into_iter().filter(|to| *to != own && !shown.contains(to)).collect();
            node.depends_on = hidden.into_iter().collect();
            let provider = self.plan.configuration.provider_config.get(&configured.provider_config_key);
            node.region = provider.and_then(|p| p.region(self.plan)).filter(|region| region != home);
        }
        counts.resources += 1;
        super::read::nodes::count(&node.attrs, counts);
        node
    }

    fn address(&self, way: &Way, mode: &str, kind: &str, name: &str, index: Option<&Json>) -> Address {
        let names = way.iter().map(|(name, _)| name.clone()).collect();
        let key = (names, mode.to_owned(), kind.to_owned(), name.to_owned());
        let siblings = self.instances.get(&key).map_or(0, |all| all.iter().filter(|(w, _)| w == way).count());
        let key = match index {
            Some(Json::Number(_)) if siblings <= 1 => None,
            Some(Json::String(key)) => Some(key.clone()),
            Some(other) => Some(other.to_string()),
            None => None,
        };
        let mode = if mode == "data" { Mode::Data } else { Mode::Managed };
        Address { component: self.component(way), mode, kind: Kind::named(kind), name: name.to_owned(), key }
    }

    /// The name of the component that a module's resources belong to; a lone instance of a list has no key.
    fn component(&self, way: &Way) -> String {
        let part = |(i, (name, key)): (usize, &(String, Option<Json>))| {
            let call = (format!("{:?}", &way[..i]), name.clone());
            let lone = self.calls.get(&call).is_none_or(|keys| keys.len() <= 1);
            match key {
                Some(Json::Number(_)) if lone => name.clone(),
                Some(key) => format!("{name}[{key}]"),
                None => name.clone(),
            }
        };
        way.iter().enumerate().map(part).collect::<Vec<_>>().join(".")
    }

    /// The configuration of a resource, and the modules on the way to it.
    fn configured(&self, way: &Way, resource: &Resource) -> Option<(&ConfiguredResource, Vec<&Configured>)> {
        let scope = self.scope(way)?;
        let same = |r: &&ConfiguredResource| {
            r.mode == resource.mode && r.kind == resource.kind && r.name == resource.name
        };
        Some((scope.last()?.resources.iter().find(same)?, scope))
    }

    fn scope(&self, way: &Way) -> Option<Vec<&Configured>> {
        let mut scope = vec![&self.plan.configuration.root_module];
        for (name, _) in way {
            scope.push(&scope.last()?.module_calls.get(name)?.module);
        }
        Some(scope)
    }

    /// What the attributes that an expression names lead to, by what it names; the flag says whether the name is of an
    /// attribute.
    fn targets(&self, scope: &[&Configured], expression: &Json, way: &Way) -> Vec<(Vec<Ref>, bool)> {
        let mut named: Vec<String> = Vec::new();
        each_reference(expression, &mut |name| {
            // The format names an attribute and then the resource that it is of.
            let longer =
                named.iter().any(|n| n.strip_prefix(name).is_some_and(|rest| rest.starts_with(['.', '['])));
            if !longer && !named.iter().any(|n| n == name) {
                named.push(name.to_owned());
            }
        });
        named
            .iter()
            .filter(|name| !name.starts_with("each.") && !name.starts_with("count."))
            .map(|name| match self.resolve(scope, name, way, 0) {
                Some(refs) => {
                    let whole = !refs.is_empty() && refs.iter().all(|r| !r.path.is_empty());
                    (refs, whole)
                }
                None => (Vec::new(), false),
            })
            .collect()
    }

    /// The attributes that a name leads to, through variables and outputs; `None` where it cannot be followed.
    fn resolve(&self, scope: &[&Configured], name: &str, way: &Way, hops: usize) -> Option<Vec<Ref>> {
        if hops > MOST_HOPS {
            return None;
        }
        let Expression::Traversal(traversal) = parse::expression(name)? else { return None };
        let root = traversal.expr.as_variable()?.as_str().to_owned();
        let steps: Vec<Json> = traversal
            .operators
            .iter()
            .map_while(|o| match o.value() {
                TraversalOperator::GetAttr(name) => Some(Json::String(name.as_str().to_owned())),
                TraversalOperator::Index(Expression::Number(n)) => n.value().as_u64().map(Json::from),
                TraversalOperator::Index(Expression::String(key)) => {
                    Some(Json::Array(vec![Json::String(key.value().clone())]))
                }
                _ => None,
            })
            .collect();
        let text = |i: usize| steps.get(i).and_then(Json::as_str);
        let follow = |scope: &[&Configured], expression: &Json, way: &Way| {
            let all: Option<Vec<Vec<Ref>>> = self
                .leading(expression)
                .iter()
                .map(|name| self.resolve(scope, name, way, hops + 1))
                .collect();
            all.map(|refs| refs.concat())
        };
        match root.as_str() {
            "local" | "path" | "terraform" | "each" | "count" | "self" => None,
            "var" => {
                let (last, outer) = way.split_last()?;
                let call = scope.get(scope.len().checked_sub(2)?)?.module_calls.get(&last.0)?;
                follow(&scope[..scope.len() - 1], call.expressions.get(text(0)?)?, &outer.to_vec())
            }
            "module" => {
                let call = scope.last()?.module_calls.get(text(0)?)?;
                let key = steps.get(1).filter(|s| !s.is_string()).map(unquoted);
                let output = text(if key.is_some() { 2 } else { 1 })?;
                let inner: Vec<&Configured> = scope.iter().copied().chain([&call.module]).collect();
                let mut way = way.clone();
                way.push((text(0)?.to_owned(), key));
                follow(&inner, &call.module.outputs.get(output)?.expression, &way)
            }
            _ => {
                let data = root == "data";
                let (kind, name, rest) =
                    if data { (text(0)?, text(1)?, 2) } else { (root.as_str(), text(0)?, 1) };
                let mode = if data { "data" } else { "managed" };
                let names: Vec<String> = way.iter().map(|(name, _)| name.clone()).collect();
                let all = self.instances.get(&(names, mode.to_owned(), kind.to_owned(), name.to_owned()))?;
                let key = steps.get(rest).filter(|s| !s.is_string()).map(unquoted);
                let rest = if key.is_some() { rest + 1 } else { rest };
                let path: Vec<Step> = steps[rest.min(steps.len())..]
                    .iter()
                    .map(|s| match unquoted(s) {
                        Json::Number(n) => {
                            Step::Index(n.as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(0))
                        }
                        other => Step::Attr(other.as_str().unwrap_or_default().to_owned()),
                    })
                    .collect();
                // A module without a key in the name stands for all its instances.
                let here = |w: &Way| w.iter().zip(way).all(|((_, a), (_, b))| b.is_none() || a == b);
                let meant = all
                    .iter()
                    .filter(|(w, index)| here(w) && key.as_ref().is_none_or(|k| Some(k) == index.as_ref()));
                let refs = meant.map(|(w, index)| Ref {
                    to: self.address(w, mode, kind, name, index.as_ref()),
                    path: path.clone(),
                });
                Some(refs.collect())
            }
        }
    }

    /// What an expression names, without the resources that its attributes are of.
    fn leading(&self, expression: &Json) -> Vec<String> {
        let mut named: Vec<String> = Vec::new();
        each_reference(expression, &mut |name| {
            if !named.iter().any(|n| n.starts_with(name)) {
                named.push(name.to_owned());
            }
        });
        named
    }
}

/// A key in brackets, as the plan has it in an index.
fn unquoted(step: &Json) -> Json {
    match step {
        Json::Array(items) => items.first().cloned().unwrap_or(Json::Null),
        other => other.clone(),
    }
}

/// Calls `visit` on every name in an expression, also in those of nested blocks.
fn each_reference(expression: &Json, visit: &mut impl FnMut(&str)) {
    match expression {
        Json::Object(entries) => match entries.get("references") {
            Some(Json::Array(names)) => names.iter().filter_map(Json::as_str).for_each(visit),
            _ => entries.values().for_each(|inner| each_reference(inner, visit)),
        },
        Json::Array(items) => items.iter().for_each(|inner| each_reference(inner, visit)),
        _ => {}
    }
}

/// What stands for an attribute that is known only after apply; `None` where the configuration says nothing.
fn unknown(name: &str, expression: &Json, to: &[(Vec<Ref>, bool)], schema: Option<&Schema>) -> Option<Value> {
    // Nested blocks and what is nothing are no attributes that wait.
    let named = expression.get("references").is_some();
    if !named {
        return None;
    }
    let ty = schema.and_then(|s| s.attributes.get(name)).map(|a| &a.ty);
    let many = matches!(ty, Some(Type::List(_) | Type::Set(_)));
    match to {
        [(refs, true)] if refs.len() == 1 && !many => Some(Value::Ref(refs[0].clone())),
        [] => None,
        all if many && all.iter().all(|(_, attribute)| *attribute) => {
            Some(Value::List(all.iter().flat_map(|(refs, _)| refs).cloned().map(Value::Ref).collect()))
        }
        _ => Some(Value::Unknown("it is known only after apply".to_owned())),
    }
}

/// A planned value without what is nothing; secrets are not kept.
fn set(value: &Json, hidden: &Json) -> Option<Value> {
    match (value, hidden) {
        (Json::Null, _) => None,
        (_, Json::Bool(true)) => Some(plain_secret()),
        (Json::Object(entries), hidden) => {
            let entry =
                |(k, v): (&String, &Json)| Some((k.clone(), set(v, hidden.get(k).unwrap_or(&Json::Null))?));
            Some(Value::Map(entries.iter().filter_map(entry).collect()))
        }
        (Json::Array(items), hidden) => {
            let item = |(i, v): (usize, &Json)| set(v, hidden.get(i).unwrap_or(&Json::Null));
            Some(Value::List(items.iter().enumerate().filter_map(item).collect()))
        }
        (scalar, _) => Some(text::from_json(scalar.clone())),
    }
}

/// The modules in an address such as `module.a["x"].module.b`.
fn way(address: &str) -> Way {
    let mut way = Way::new();
    let Some(Expression::Traversal(traversal)) = parse::expression(address) else { return way };
    let mut is_name = true;
    for operator in &traversal.operators {
        match operator.value() {
            TraversalOperator::GetAttr(name) if is_name => {
                way.push((name.as_str().to_owned(), None));
                is_name = false;
            }
            TraversalOperator::GetAttr(_) => is_name = true,
            TraversalOperator::Index(Expression::Number(n)) => {
                if let Some(last) = way.last_mut() {
                    last.1 = n.value().as_u64().map(Json::from);
                }
            }
            TraversalOperator::Index(Expression::String(key)) => {
                if let Some(last) = way.last_mut() {
                    last.1 = Some(Json::String(key.value().clone()));
                }
            }
            _ => {}
        }
    }
    way
}
