//! The changes between two graphs of one stack.
//!
//! A plan is a value: it says what happens in which order, what each change risks and who gains access, and its
//! hash names exactly these changes with the values they set. Whoever runs a plan derives nothing. Nothing here
//! knows how a change is carried out.

use std::collections::{BTreeMap, BTreeSet};

use ir::{Address, Mode, Node, Stack, Value};
use serde::Serialize;

use crate::canonical::canonical;
use crate::risk;

/// The plan that leads from one graph of a stack to another; `None` where there is no stack.
#[must_use]
pub fn plan(before: Option<&Stack>, after: Option<&Stack>) -> Plan {
    let mut changes = Vec::new();
    let mut values = Vec::new();
    let mut replaced: BTreeSet<&Address> = BTreeSet::new();
    let graph_before = before.map(|s| &s.graph);
    let wanted = after.map(ordered).unwrap_or_default();
    let first = create_first(&wanted);
    for node in wanted {
        let former = graph_before.and_then(|g| g.get(&node.address));
        let attributes = match former {
            None => node.attrs.keys().cloned().collect(),
            Some(former) => changed(former, node, &replaced),
        };
        let action = match former {
            None => Action::Create,
            Some(former) if must_replace(former, node, &attributes) => {
                replaced.insert(&node.address);
                Action::Replace
            }
            Some(_) if attributes.is_empty() => continue,
            Some(_) => Action::Update,
        };
        values.push(serde_json::json!({
            "action": action,
            "address": node.address.to_string(),
            "region": node.region,
            "values": attributes.iter().filter_map(|a| Some((a.clone(), canonical(node.attrs.get(a)?)))).collect::<BTreeMap<_, _>>(),
        }));
        let grants = risk::grants(graph_before, former, after.map(|s| &s.graph), node);
        let create_first = action == Action::Replace && first.contains(&node.address);
        changes.push(Change { create_first, ..change(action, node, attributes, grants) });
    }
    let mut leaving = before.map(ordered).unwrap_or_default();
    leaving.retain(|node| after.is_none_or(|s| s.graph.get(&node.address).is_none()));
    for node in leaving.into_iter().rev() {
        values.push(serde_json::json!({ "action": Action::Delete, "address": node.address.to_string() }));
        changes.push(change(Action::Delete, node, Vec::new(), Vec::new()));
    }
    let stack = after.or(before).map(|s| s.name.clone()).unwrap_or_default();
    let named = serde_json::json!({ "stack": stack, "changes": values }).to_string();
    Plan { stack, changes, hash: ir::bundle::sha256(named.as_bytes()) }
}

fn change(action: Action, node: &Node, attributes: Vec<String>, grants: Vec<String>) -> Change {
    Change {
        action,
        address: node.address.clone(),
        reversible: risk::reversible(action, node, &attributes),
        loses_data: risk::loses_data(action, node),
        downtime: risk::downtime(action, node, &attributes),
        create_first: false,
        attributes,
        grants,
    }
}

/// The nodes whose replacement is made before the old one goes: those that ask for it and, as Terraform does it,
/// everything that they refer to. `ordered` has dependencies first.
fn create_first(ordered: &[&Node]) -> BTreeSet<Address> {
    let mut first = BTreeSet::new();
    for node in ordered.iter().rev() {
        if node.lifecycle.create_before_destroy || first.contains(&node.address) {
            first.insert(node.address.clone());
            first.extend(node.dependencies().into_iter().cloned());
        }
    }
    first
}

/// The managed nodes, dependencies first. A cyclic graph keeps its own order: validation refuses it, and a plan
/// of it is only ever shown.
fn ordered(stack: &Stack) -> Vec<&Node> {
    let nodes = stack.graph.in_order().unwrap_or_else(|_| stack.graph.nodes().collect());
    nodes.into_iter().filter(|n| n.address.mode == Mode::Managed).collect()
}

/// The attributes that differ, sorted, without those that something else owns. An attribute differs too when it
/// refers to what a replaced resource will only know afterwards.
fn changed(before: &Node, after: &Node, replaced: &BTreeSet<&Address>) -> Vec<String> {
    let names: BTreeSet<&String> = before.attrs.keys().chain(after.attrs.keys()).collect();
    let ignored = |name: &String| after.lifecycle.ignore_changes.contains(name);
    let differs = |name: &String| {
        let (old, new) = (before.get(name), after.get(name));
        let nothing = |v: Option<&Value>| v.is_none_or(|v| matches!(v, Value::Null));
        let same = old == new || (nothing(old) && nothing(new));
        !same || new.is_some_and(|v| v.refs().iter().any(|r| replaced.contains(&r.to)))
    };
    names.into_iter().filter(|name| !ignored(name) && differs(name)).cloned().collect()
}

/// Whether a change cannot be made in place: another region, or an attribute that is fixed at creation.
fn must_replace(before: &Node, after: &Node, attributes: &[String]) -> bool {
    before.region != after.region || fixed_at_creation(before, after, attributes).is_some()
}

/// The first changed attribute that the provider fixes at creation, as the catalogue lists them.
#[must_use]
pub fn fixed_at_creation<'a>(before: &Node, after: &Node, attributes: &'a [String]) -> Option<&'a str> {
    let info = catalog::kinds::of(&after.address)?;
    let fixed = |name: &str| {
        info.create_only.iter().any(|path| match path.split_once('.') {
            None => path == name,
            Some((first, rest)) => {
                first == name && {
                    let old = check::setting::Setting::at(&before.attrs, path);
                    !rest.is_empty() && old != check::setting::Setting::at(&after.attrs, path)
                }
            }
        })
    };
    attributes.iter().map(String::as_str).find(|name| fixed(name))
}

/// What happens to one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Made.
    Create,
    /// Changed in place.
    Update,
    /// Destroyed and made again, or the other way round.
    Replace,
    /// Destroyed.
    Delete,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// What happens.
    pub action: Action,
    /// To which resource.
    #[serde(serialize_with = "printed")]
    pub address: Address,
    /// Of a replacement: whether the new one is made before the old one goes.
    pub create_first: bool,
    /// Attributes that change, sorted.
    pub attributes: Vec<String>,
    /// Whether going back restores it exactly.
    pub reversible: bool,
    /// Whether data is lost.
    pub loses_data: bool,
    /// Whether users notice.
    pub downtime: bool,
    /// Who gains access by it: one line each.
    pub grants: Vec<String>,
}

fn printed<S: serde::Serializer>(address: &Address, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(address)
}

/// All changes of one stack, in the order they must happen, and a hash that names exactly them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Plan {
    /// Which stack.
    pub stack: String,
    /// In order.
    pub changes: Vec<Change>,
    /// SHA-256 over the changes and the values they set.
    pub hash: String,
}
