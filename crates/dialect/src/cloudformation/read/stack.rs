//! One use of a template: its resources as nodes, its nested stacks as components, its outputs as values.
//!
//! A nested template whose file is at hand becomes a component, and what it puts out leads to its own resources; one that
//! is elsewhere stays a resource. Names are all known before any value is worked out, so order in the file means nothing.
//! Must not know any resource type but that of nested stacks.

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use indexmap::IndexMap;
use ir::yaml::{Data, Key, Yaml};
use ir::{Address, Diagnostic, Graph, Kind, Lifecycle, Node, Span, Value};

use super::conditions::Verdict;
use super::files::{Files, Template};
use super::parameters::{self, Given};
use super::scope::{Deployment, Place, Scope, section};
use super::session::Session;
use super::tree::called;
use super::{rules, secrets, transform};
use crate::cloudformation::VOCABULARY;
use crate::reading::MOST_MODULES;

/// A use of a template.
pub struct Use {
    /// The template.
    pub template: Rc<Template>,
    /// The component that its resources belong to; the root's is empty.
    pub component: String,
    /// What its parameters are given.
    pub given: IndexMap<String, Given>,
    /// What is known of its deployment.
    pub deployment: Deployment,
    /// The templates that lead to it, itself last.
    pub trail: Vec<PathBuf>,
    /// What all its resources wait for.
    pub waits: Vec<Address>,
}

/// What a use of a template leaves for others.
#[derive(Default)]
pub struct Left {
    /// What it puts out, by name.
    pub outputs: IndexMap<String, Value>,
    /// What it exports, by the export's name.
    pub exports: HashMap<String, Value>,
}

/// Adds what a template makes to a graph.
pub fn add(this: &Use, files: &mut Files<'_>, session: &Session, graph: &mut Graph) -> Left {
    let written = &this.template.root;
    let parameters = parameters::read(section(written, "Parameters"), &this.given, session);
    let (root, aliases) = transform::expanded(written, &parameters, &this.deployment, session);
    let mut scope = Scope::new(session, &this.component, &this.deployment, &root, &parameters);
    scope.aliases = aliases;
    rules::check(&root, &scope);
    let description = root.get("Description").and_then(Yaml::scalar).unwrap_or_default();
    graph.component(&this.component, "stack", description.trim().trim_end_matches('.'));

    let folder = this.template.path.parent().unwrap_or(Path::new(""));
    let (kept, nested) = places(&root, folder, files, &mut scope);
    let mut left = Left::default();
    for (id, node, path) in in_order(nested, session) {
        let inner = nest(this, id, node, path, &scope, (files, graph));
        left.exports.extend(inner.exports);
        scope.nested.insert(id, inner.outputs);
    }
    for (key, node) in &kept {
        if let Some(Place::Node(address)) = scope.resources.get(key.text.as_str())
            && session.may_add(node.span)
        {
            let mut node = resource(address.clone(), key.span, node, &scope, graph);
            if session.may_grow(this.waits.len() * 64) {
                node.depends_on.extend_from_slice(&this.waits);
            }
            graph.insert(node);
        }
    }
    outputs(&root, &scope, &mut left);

    let component = graph.components.entry(this.component.clone()).or_default();
    for name in scope.used.borrow().iter() {
        component.inputs.insert(name.clone(), parameters[name].decl.clone());
    }
    if this.component.is_empty() {
        for (name, node) in section(&root, "Outputs").iter().map(|(key, node)| (&key.text, node)) {
            if let Some(value) = left.outputs.get(name) {
                let words = node.get("Description").and_then(Yaml::scalar).unwrap_or_default();
                component.outputs.insert(name.clone(), (words, value.clone()));
            }
        }
    }
    for asked in scope.asked.borrow().iter() {
        graph.insert(Node::new(asked.clone()));
    }
    left
}

/// The resources and the nested stacks that the conditions keep; every logical id gets its place.
fn places<'a>(
    root: &'a Yaml,
    folder: &Path,
    files: &mut Files<'_>,
    scope: &mut Scope<'a>,
) -> (Vec<(&'a Key, &'a Yaml)>, Vec<Nested<'a>>) {
    let (mut kept, mut nested) = (Vec::new(), Vec::new());
    for (key, node) in section(root, "Resources") {
        let Some(kind) = node.get("Type").and_then(Yaml::as_str) else {
            scope.session.lose(
                Diagnostic::warning("no-type", format!("`{}` has no type", key.text))
                    .at(key.span, "is not read")
                    .help("give it a `Type` such as AWS::S3::Bucket"),
            );
            continue;
        };
        // What the CDK writes to count its own use makes nothing.
        if kind == "AWS::CDK::Metadata" {
            continue;
        }
        let place = if !wanted(node, &key.text, scope) {
            Place::Absent
        } else if let Some(path) = nested_path(node, folder, files, scope.session) {
            nested.push((key.text.as_str(), node, path));
            Place::Nested
        } else {
            kept.push((key, node));
            Place::Node(Address::new(scope.component, Kind::named(kind), &key.text))
        };
        if kind.ends_with("::MODULE") {
            scope.session.say(
                Diagnostic::note("module", format!("what the module `{kind}` makes is not known"))
                    .at(node.span, "kept as one resource")
                    .because(
                        "A module is kept in the registry of the account that the template is deployed to.",
                    ),
            );
        }
        if let Some(properties) = node.get("Properties") {
            scope.written.insert(&key.text, properties);
        }
        scope.resources.insert(&key.text, place);
    }
    (kept, nested)
}

/// Whether the condition of a resource or output keeps it. What cannot be told is kept.
fn wanted(node: &Yaml, id: &str, scope: &Scope<'_>) -> bool {
    let Some(condition) = node.get("Condition") else { return true };
    let Some(name) = condition.as_str() else { return true };
    match scope.condition(name, condition.span) {
        Verdict::Is(wanted) => wanted,
        Verdict::Unknown(reason) => {
            scope.session.say(
                Diagnostic::note(
                    "condition-unknown",
                    format!("`{id}` is kept: its condition cannot be told"),
                )
                .at(condition.span, "depends on what is not known")
                .because(format!("It depends on {reason}.")),
            );
            true
        }
    }
}

/// The template of a nested stack, when it is a file at hand.
fn nested_path(node: &Yaml, folder: &Path, files: &mut Files<'_>, session: &Session) -> Option<PathBuf> {
    let properties = node.get("Properties")?;
    let named = match node.get("Type").and_then(Yaml::as_str)? {
        // The CDK names the file beside the place where it will be published.
        "AWS::CloudFormation::Stack" => node
            .get("Metadata")
            .and_then(|m| m.get("aws:asset:path"))
            .or_else(|| properties.get("TemplateURL"))?,
        "AWS::Serverless::Application" => properties.get("Location")?,
        _ => return None,
    };
    let text = named.as_str().filter(|text| text.starts_with("file://") || !text.contains("://"))?;
    let path = files.within(folder, text, named.span, session)?;
    files.template(&path, true).map(|_| path)
}

/// The paths of the templates that a template nests, whatever its conditions say.
#[must_use]
pub fn nests(template: &Template, files: &mut Files<'_>) -> Vec<PathBuf> {
    let folder = template.path.parent().unwrap_or(Path::new(""));
    // What leads out of the folder is said when it is used.
    let quiet = Session::default();
    let resources = section(&template.root, "Resources").iter();
    resources.filter_map(|(_, node)| nested_path(node, folder, files, &quiet)).collect()
}

/// A nested stack: its logical id, its resource and its template.
type Nested<'a> = (&'a str, &'a Yaml, PathBuf);

/// Nested stacks with those first whose outputs others take; those that wait for each other come last.
fn in_order<'a>(stacks: Vec<Nested<'a>>, session: &Session) -> Vec<Nested<'a>> {
    let places: HashMap<&str, usize> = stacks.iter().enumerate().map(|(i, (id, ..))| (*id, i)).collect();
    let mut waiting = vec![0_usize; stacks.len()];
    let mut dependents: Vec<Vec<usize>> = vec![Vec::new(); stacks.len()];
    for (place, (_, node, _)) in stacks.iter().enumerate() {
        let mut needs = HashSet::new();
        mentions(node, &mut |name| needs.extend(places.get(name).copied()));
        waiting[place] = needs.len();
        needs.into_iter().for_each(|need| dependents[need].push(place));
    }
    let mut ready: VecDeque<usize> = (0..stacks.len()).filter(|i| waiting[*i] == 0).collect();
    let mut order = Vec::with_capacity(stacks.len());
    while let Some(next) = ready.pop_front() {
        order.push(next);
        let mut freed: Vec<usize> = Vec::new();
        for dependent in &dependents[next] {
            waiting[*dependent] -= 1;
            if waiting[*dependent] == 0 {
                freed.push(*dependent);
            }
        }
        freed.sort_unstable();
        ready.extend(freed);
    }
    let stuck: Vec<usize> = (0..stacks.len()).filter(|i| !order.contains(i)).collect();
    if let Some(first) = stuck.first() {
        let names: Vec<&str> = stuck.iter().map(|i| stacks[*i].0).collect();
        session.say(
            Diagnostic::warning("cyclic-reference", "nested stacks wait for each other's outputs")
                .at(stacks[*first].1.span, format!("one of {}", names.join(", "))),
        );
    }
    order.extend(stuck);
    let mut stacks: Vec<Option<Nested<'a>>> = stacks.into_iter().map(Some).collect();
    order.into_iter().filter_map(|i| stacks[i].take()).collect()
}

/// The logical ids that functions in a tree name.
fn mentions<'a>(node: &'a Yaml, visit: &mut impl FnMut(&'a str)) {
    match (called(node), &node.data) {
        (Some(("Fn::GetAtt", argument)), _) => {
            let first = argument.items().and_then(<[Yaml]>::first).unwrap_or(argument);
            let name = first.as_str().unwrap_or_default();
            visit(name.split('.').next().unwrap_or(name));
        }
        (Some(("Fn::Sub", argument)), _) => {
            let text = argument.items().and_then(<[Yaml]>::first).unwrap_or(argument).as_str();
            for name in text.unwrap_or_default().split("${").skip(1) {
                visit(name.split(['.', '}']).next().unwrap_or(name));
            }
            argument.items().unwrap_or_default().iter().skip(1).for_each(|item| mentions(item, visit));
        }
        (_, Data::Seq(items)) => items.iter().for_each(|item| mentions(item, visit)),
        (_, Data::Map(entries)) => entries.iter().for_each(|(_, value)| mentions(value, visit)),
        _ => {}
    }
}

/// Adds the resources of a nested stack.
fn nest(
    outer: &Use,
    id: &str,
    node: &Yaml,
    path: PathBuf,
    scope: &Scope<'_>,
    (files, graph): (&mut Files<'_>, &mut Graph),
) -> Left {
    let session = scope.session;
    if outer.trail.contains(&path) {
        session.lose(
            Diagnostic::error("self-nesting", format!("{} nests itself", path.display()))
                .at(node.span, "again here")
                .because("A stack that contains itself has no end."),
        );
        return Left::default();
    }
    if outer.trail.len() >= MOST_MODULES {
        let summary = format!("stacks are nested more than {MOST_MODULES} levels deep");
        session.lose(Diagnostic::error("too-deep", summary).at(node.span, "not read any further"));
        return Left::default();
    }
    let Some(template) = files.template(&path, true).filter(|_| session.may_add(node.span)) else {
        return Left::default();
    };
    let written = node.get("Properties").and_then(|p| p.get("Parameters")).and_then(Yaml::entries);
    let value = |(key, node): &(Key, Yaml)| {
        let written = called(node).is_none();
        Some((key.text.clone(), Given { value: passed(scope.value(node)?), written }))
    };
    let given = written.unwrap_or_default().iter().filter_map(value).collect();
    let component =
        if outer.component.is_empty() { id.to_owned() } else { format!("{}.{id}", outer.component) };
    let mut trail = outer.trail.clone();
    trail.push(path);
    let deployment = Deployment { name: None, ..outer.deployment.clone() };
    let mut waits = depends_on(node, scope, graph);
    waits.extend_from_slice(&outer.waits);
    add(&Use { template, component, given, deployment, trail, waits }, files, session, graph)
}

/// A parameter's value without the parameter of the parent that it comes from.
fn passed(value: Value) -> Value {
    match value {
        Value::Input(input) => passed(input.value),
        other => other,
    }
}

fn resource(address: Address, key: Span, node: &Yaml, scope: &Scope<'_>, graph: &Graph) -> Node {
    let mut made = Node::new(address);
    match node.get("Properties") {
        None => {}
        Some(properties) => match scope.value(properties) {
            Some(Value::Map(attrs)) => made.attrs = attrs,
            Some(Value::Null) | None => {}
            Some(_) => scope.session.lose(
                Diagnostic::warning("unknown-properties", "the properties of the resource are not known")
                    .at(properties.span, "expected a mapping"),
            ),
        },
    }
    secrets::hide(&mut made.attrs);
    made.depends_on = depends_on(node, scope, graph);
    let text = |name: &str| node.get(name).and_then(|n| scope.value(n)).and_then(|v| scope.text(&v));
    let deletion = text("DeletionPolicy");
    let retained = deletion.as_deref().is_some_and(|policy| policy.starts_with("Retain"));
    made.lifecycle = Lifecycle { prevent_destroy: retained, ..Lifecycle::default() };
    // Some types are asked what becomes of their data; a resource that stays says it of its replacement.
    let policy = if retained { text("UpdateReplacePolicy") } else { deletion };
    if let Some(policy) = policy.filter(|policy| ["Delete", "Snapshot"].contains(&policy.as_str()))
        && catalog::dialects::foreign(VOCABULARY.name, made.address.kind.as_str())
            .is_some_and(|known| known.properties.contains_key("DeletionPolicy"))
    {
        made.attrs.insert("DeletionPolicy".to_owned(), Value::Str(policy));
    }
    made.origin = Some(Span { end: node.span.end.max(key.end), ..key });
    made
}

/// What `DependsOn` names; a nested stack stands for everything in it.
fn depends_on(node: &Yaml, scope: &Scope<'_>, graph: &Graph) -> Vec<Address> {
    let Some(named) = node.get("DependsOn") else { return Vec::new() };
    let mut found = Vec::new();
    for item in named.items().unwrap_or(std::slice::from_ref(named)) {
        let Some(name) = item.as_str() else { continue };
        let name = scope.aliases.get(name).map_or(name, String::as_str);
        match scope.resources.get(name) {
            Some(Place::Node(address)) => found.push(address.clone()),
            Some(Place::Nested) => {
                let inner = if scope.component.is_empty() {
                    name.to_owned()
                } else {
                    format!("{}.{name}", scope.component)
                };
                let below = format!("{inner}.");
                let within = |component: &str| component == inner || component.starts_with(&below);
                for node in graph.nodes().filter(|node| within(&node.address.component)) {
                    if node.address.mode == ir::Mode::Managed && scope.session.may_grow(64) {
                        found.push(node.address.clone());
                    }
                }
            }
            Some(Place::Absent) => {}
            None => {
                scope.reference(name, item.span);
            }
        }
    }
    found
}

fn outputs(root: &Yaml, scope: &Scope<'_>, left: &mut Left) {
    for (key, node) in section(root, "Outputs") {
        if !wanted(node, &key.text, scope) {
            continue;
        }
        let Some(value) = node.get("Value").and_then(|value| scope.value(value)) else { continue };
        let export = node.get("Export").and_then(|export| export.get("Name"));
        if let Some(name) = export.and_then(|name| scope.value(name)).and_then(|name| scope.text(&name)) {
            left.exports.insert(name, value.clone());
        }
        left.outputs.insert(key.text.clone(), value);
    }
}
