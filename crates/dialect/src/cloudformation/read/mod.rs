//! Templates on disk to graphs: CloudFormation in YAML and JSON, SAM, and what the CDK synthesises.
//!
//! Files are found and read (`files`), brought to one form (`tree`), transformed (`transform`, `loops`, `sam`), and each
//! use of a template becomes nodes (`stack`) whose values are worked out (`evaluate`, `conditions`, `scope`). The graph is
//! in CloudFormation's own vocabulary; the maps lead from there to the house's.

mod cidr;
mod conditions;
mod evaluate;
mod files;
mod given;
mod loops;
mod parameters;
mod rules;
mod sam;
mod scope;
mod secrets;
mod session;
mod stack;
mod transform;
mod tree;

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use indexmap::IndexMap;
use ir::{Diagnostic, Diagnostics, Graph, Stack, Value};

use super::VOCABULARY;
use crate::maps;
use crate::reading::{Counts, Place, Reading};
use files::{Files, Found, Template};
use given::Gift;
use scope::Deployment;
use session::Session;

/// Whether there is a template at a place.
#[must_use]
pub fn recognises(place: &Place<'_>) -> bool {
    Files::new(place).any()
}

/// Reads every template of a place.
#[must_use]
pub fn read(place: &Place<'_>) -> (Reading, Diagnostics) {
    let (mut reading, mut diagnostics) = foreign(place);
    let mut gaps = Vec::new();
    for stack in &mut reading.stacks {
        let (house, lost) = maps::out_of(&VOCABULARY, stack);
        *stack = house;
        gaps.extend(lost);
    }
    reading.counts.lost += gaps.iter().filter(|gap| !gap.harmless).count();
    diagnostics.extend(maps::unread(&gaps));
    (reading, diagnostics)
}

/// Reads every template of a place into CloudFormation's vocabulary. A template that another one nests is part of it.
#[must_use]
pub fn foreign(place: &Place<'_>) -> (Reading, Diagnostics) {
    let mut files = Files::new(place);
    let found = files.find(false);
    let gift = given::read(place.options, &mut files);
    let found = roots(found, &mut files);
    let mut session = Session::default();
    let (mut stacks, exports) = all(&found, &gift, &mut files, &session);
    // A template may use what another exports, so they are read again once that is known.
    if session.imports.get() && !exports.is_empty() {
        session = Session::knowing(exports);
        (stacks, _) = all(&found, &gift, &mut files, &session);
    }
    stacks.iter().for_each(|stack| circle(stack, &session));
    unused(&gift, &found, &mut files, &session);
    let lost = files.session.lost.get() + session.lost.get();
    let mut counts = Counts { files: files.count(), lost, ..Counts::default() };
    for node in stacks.iter().flat_map(|stack| stack.graph.nodes()) {
        counts.resources += 1;
        node.attrs.values().for_each(|value| count(value, &mut counts));
    }
    let mut diagnostics = files.session.finish();
    diagnostics.extend(session.finish());
    (Reading { stacks, sources: files.sources, counts }, diagnostics)
}

/// The templates that are deployed by themselves: what no other nests, and one of those that nest each other.
fn roots(found: Vec<Found>, files: &mut Files<'_>) -> Vec<Found> {
    let mut nested: HashMap<PathBuf, Vec<PathBuf>> = HashMap::new();
    let mut waiting: Vec<PathBuf> = found.iter().map(|f| f.path.clone()).collect();
    while let Some(path) = waiting.pop() {
        if let Entry::Vacant(place) = nested.entry(path) {
            let inner = files.template(place.key(), true).map_or(Vec::new(), |t| stack::nests(&t, files));
            waiting.extend(inner.iter().cloned());
            place.insert(inner);
        }
    }
    let inner: HashSet<&PathBuf> = nested.values().flatten().collect();
    let (free, others): (Vec<Found>, Vec<Found>) = found.into_iter().partition(|f| !inner.contains(&f.path));
    let mut reached: HashSet<PathBuf> = HashSet::new();
    let mut roots = Vec::new();
    for root in free.into_iter().chain(others) {
        if reached.contains(&root.path) {
            continue;
        }
        let mut waiting = vec![root.path.clone()];
        while let Some(path) = waiting.pop() {
            waiting
                .extend(nested.get(&path).into_iter().flatten().filter(|p| !reached.contains(*p)).cloned());
            reached.insert(path);
        }
        roots.push(root);
    }
    roots
}

/// Every stack, and what they export.
fn all(
    found: &[Found],
    gift: &Gift,
    files: &mut Files<'_>,
    session: &Session,
) -> (Vec<Stack>, HashMap<String, Value>) {
    let (mut stacks, mut exports) = (Vec::new(), HashMap::new());
    let paths: Vec<&Path> = found.iter().map(|root| root.path.as_path()).collect();
    for root in found {
        let Some(template) = files.template(&root.path, true) else { continue };
        let named = root.deployment.name.clone();
        let name = named.unwrap_or_else(|| root.path.with_extension("").display().to_string());
        // What the user gives is one deployment; else every file of parameters beside the template is.
        let beside = if gift.from_files { Vec::new() } else { given::deployments(&template, &paths, files) };
        if beside.is_empty() {
            let stack = deployed(root, name, gift.clone(), template, (files, session, &mut exports));
            stacks.push(stack);
            continue;
        }
        for (name, set) in beside {
            let environment = root.path.file_stem().is_none_or(|stem| stem != name.as_str());
            let mut whole = set;
            whole.parameters.extend(gift.parameters.clone());
            let template = template.clone();
            let stack = deployed(root, name, whole, template, (files, session, &mut exports));
            stacks.push(Stack { environment, ..stack });
        }
    }
    (stacks, exports)
}

/// One deployment of a template.
fn deployed(
    root: &Found,
    name: String,
    gift: Gift,
    template: Rc<Template>,
    (files, session, exports): (&mut Files<'_>, &Session, &mut HashMap<String, Value>),
) -> Stack {
    let told = |pseudo: &str| gift.parameters.get(pseudo).and_then(|given| given.value.text());
    let deployment = Deployment {
        region: told("AWS::Region").or_else(|| root.deployment.region.clone()),
        account: told("AWS::AccountId").or_else(|| root.deployment.account.clone()),
        name: told("AWS::StackName").or_else(|| root.deployment.name.clone()),
    };
    let mut graph = Graph::new();
    let region = deployment.region.clone().unwrap_or_default();
    let this = stack::Use {
        template,
        component: String::new(),
        given: gift.parameters,
        deployment,
        trail: vec![root.path.clone()],
        waits: Vec::new(),
    };
    let left = stack::add(&this, files, session, &mut graph);
    for (export, value) in left.exports {
        let value = if value.refs().is_empty() {
            value
        } else {
            Value::Unknown(format!("what the stack `{name}` exports as `{export}`"))
        };
        exports.insert(export, value);
    }
    let mut tags: IndexMap<String, String> = root.tags.iter().cloned().collect();
    tags.extend(gift.tags);
    Stack { name, environment: false, region, tags, graph }
}

/// Says so when resources wait for each other, which the cloud refuses.
fn circle(stack: &Stack, session: &Session) {
    let Err(circle) = stack.graph.in_order() else { return };
    let names: Vec<&str> = circle.iter().map(|address| address.name.as_str()).collect();
    let origin = circle.first().and_then(|address| stack.graph.get(address)).and_then(|node| node.origin);
    session.say(
        Diagnostic::warning("cyclic-reference", "resources refer to each other in a circle")
            .at(origin, "one of them")
            .because(format!("The circle is {}.", names.join(", ")))
            .help("move one of the references into a resource of its own, as for rules of security groups"),
    );
}

/// Says which parameters are given and no template has.
fn unused(gift: &Gift, found: &[Found], files: &mut Files<'_>, session: &Session) {
    let templates: Vec<_> = found.iter().filter_map(|root| files.template(&root.path, true)).collect();
    let declared = |name: &str| {
        templates.iter().any(|t| t.root.get("Parameters").is_some_and(|p| p.get(name).is_some()))
    };
    for name in gift.parameters.keys().filter(|name| !name.starts_with("AWS::") && !declared(name)) {
        let all = templates.iter().flat_map(|t| scope::section(&t.root, "Parameters"));
        let mut said =
            Diagnostic::warning("unknown-parameter", format!("no template has a parameter `{name}`"));
        if let Some(near) = ir::diagnostic::nearest(name, all.map(|(key, _)| key.text.as_str())) {
            said = said.help(format!("write `{near}` if that is meant"));
        }
        session.say(said);
    }
}

/// Counts an attribute and those inside it.
fn count(value: &Value, counts: &mut Counts) {
    counts.attributes += 1;
    match value.known() {
        Value::Unknown(_) => counts.unknown += 1,
        Value::Map(entries) => entries.values().for_each(|inner| count(inner, counts)),
        Value::List(items) => {
            for inner in items.iter().filter_map(Value::as_map).flat_map(IndexMap::values) {
                count(inner, counts);
            }
        }
        _ => {}
    }
}
