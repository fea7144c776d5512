//! The changes between two graphs of one stack.
//!
//! A plan is a value: it says what happens in which order, what each change risks and who gains access, and its
//! hash names exactly these changes with the values they set. Whoever runs a plan derives nothing. Nothing here
//! knows how a change is carried out.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexSet;
use ir::{Address, AddressHasher, Mode, Node, Stack, Value};
use serde::Serialize;

use crate::canonical::canonical;
use crate::risk;

/// The plan that leads from one graph of a stack to another; `None` where there is no stack.
#[must_use]
pub fn plan(before: Option<&Stack>, after: Option<&Stack>) -> Plan {
    let (graph_before, graph_after) = (before.map(|s| &s.graph), after.map(|s| &s.graph));
    let gone = |node: &&Node| graph_after.is_none_or(|g| g.get(&node.address).is_none());
    // Nothing leaves in most plans, and then nobody needs to know in which order.
    let leaving: Vec<&Node> = match before.filter(|s| s.graph.nodes().any(|node| gone(&node))) {
        Some(before) => ordered(before).into_iter().rev().filter(gone).collect(),
        None => Vec::new(),
    };
    let wanted = after.map(ordered).unwrap_or_default();
    let former = |address: &Address| graph_before.and_then(|g| g.get(address));
    let mut changes = Vec::new();
    let mut values = Vec::new();
    for difference in differences(&former, &wanted, &leaving) {
        let Difference { action, node, former, create_first, attributes } = difference;
        let mut value = serde_json::json!({ "action": action, "address": node.address.to_string() });
        let mut grants = Vec::new();
        if action != Action::Delete {
            let set: BTreeMap<&str, _> =
                attributes.iter().filter_map(|a| Some((*a, canonical(node.attrs.get(*a)?)))).collect();
            value["region"] = serde_json::json!(node.region);
            value["values"] = serde_json::json!(set);
            grants = risk::grants(graph_before, former, graph_after, node);
        }
        values.push(value);
        changes.push(Change {
            action,
            address: node.address.clone(),
            reversible: risk::reversible(action, node, &attributes),
            loses_data: risk::loses_data(action, node),
            downtime: risk::downtime(action, node, &attributes),
            shrinks: risk::shrinks(action, former, node),
            create_first,
            attributes: attributes.into_iter().map(str::to_owned).collect(),
            grants,
        });
    }
    let stack = after.or(before).map(|s| s.name.clone()).unwrap_or_default();
    let named = serde_json::json!({ "stack": stack, "changes": values }).to_string();
    Plan { stack, changes, hash: ir::bundle::sha256(named.as_bytes()) }
}

/// What happens to one resource, before anybody asked what it risks.
#[derive(Clone, Debug)]
pub(crate) struct Difference<'a> {
    pub action: Action,
    /// What there will be; of a deletion, what there was.
    pub node: &'a Node,
    /// What there was.
    pub former: Option<&'a Node>,
    /// Of a replacement: whether the new one is made before the old one goes.
    pub create_first: bool,
    /// Attributes that change, sorted where there was something before.
    pub attributes: Vec<&'a str>,
}

/// The differences between what there was and the managed nodes `wanted`, which have dependencies first, and then
/// the deletion of those `leaving`, which have dependents first.
pub(crate) fn differences<'a>(
    former: &dyn Fn(&Address) -> Option<&'a Node>,
    wanted: &[&'a Node],
    leaving: &[&'a Node],
) -> Vec<Difference<'a>> {
    let mut out = Vec::new();
    let mut replaced: BTreeSet<&Address> = BTreeSet::new();
    for node in wanted {
        let former = former(&node.address);
        let attributes = match former {
            None => node.attrs.keys().map(String::as_str).collect(),
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
        out.push(Difference { action, node, former, create_first: false, attributes });
    }
    if !replaced.is_empty() {
        let first = create_first(wanted);
        for difference in out.iter_mut().filter(|d| d.action == Action::Replace) {
            difference.create_first = first.contains(&difference.node.address);
        }
    }
    let delete = |node: &&'a Node| Difference {
        action: Action::Delete,
        node,
        former: Some(node),
        create_first: false,
        attributes: Vec::new(),
    };
    out.extend(leaving.iter().map(delete));
    out
}

/// The nodes whose replacement is made before the old one goes: those that ask for it and, as Terraform does it,
/// everything that they refer to. `ordered` has dependencies first.
fn create_first<'a>(ordered: &[&'a Node]) -> IndexSet<&'a Address, AddressHasher> {
    let mut first = IndexSet::default();
    for node in ordered.iter().rev() {
        if node.lifecycle.create_before_destroy || first.contains(&node.address) {
            first.insert(&node.address);
            node.each_dependency(&mut |to| {
                first.insert(to);
            });
        }
    }
    first
}

/// The managed nodes, dependencies first. A cyclic graph keeps its own order: validation refuses it, and a plan
/// of it is only ever shown.
pub(crate) fn ordered(stack: &Stack) -> Vec<&Node> {
    let nodes = stack.graph.in_order().unwrap_or_else(|_| stack.graph.nodes().collect());
    nodes.into_iter().filter(|n| n.address.mode == Mode::Managed).collect()
}

/// The attributes that differ, sorted, without those that something else owns. An attribute differs too when it
/// refers to what a replaced resource will only know afterwards.
fn changed<'a>(before: &'a Node, after: &'a Node, replaced: &BTreeSet<&Address>) -> Vec<&'a str> {
    let points_to_replaced = |value: &Value| {
        let mut points = false;
        value.each_ref(&mut |r| points |= replaced.contains(&r.to));
        points
    };
    let nothing = |v: Option<&Value>| v.is_none_or(|v| matches!(v, Value::Null));
    let differ = |old: Option<&Value>, new: Option<&Value>| old != new && !(nothing(old) && nothing(new));
    // A node is the same as itself, and most nodes of a next version are those of the one before.
    let itself = std::ptr::eq(before, after);
    let set = after.attrs.iter().filter(|(name, new)| {
        (!itself && differ(before.get(name), Some(new.known())))
            || (!replaced.is_empty() && points_to_replaced(new))
    });
    let left = before
        .attrs
        .iter()
        .filter(|(name, old)| !itself && !after.attrs.contains_key(*name) && differ(Some(old.known()), None));
    let ignored = |name: &str| after.lifecycle.ignore_changes.iter().any(|i| i == name);
    let names = set.chain(left).map(|(name, _)| name.as_str());
    let mut changed: Vec<&str> = names.filter(|name| !ignored(name)).collect();
    changed.sort_unstable();
    changed
}

/// Whether a change cannot be made in place: another region, or an attribute that is fixed at creation.
fn must_replace(before: &Node, after: &Node, attributes: &[&str]) -> bool {
    before.region != after.region || fixed_at_creation(before, after, attributes).is_some()
}

/// The first changed attribute that the provider fixes at creation, as the catalogue lists them.
#[must_use]
pub fn fixed_at_creation<'a>(before: &Node, after: &Node, attributes: &[&'a str]) -> Option<&'a str> {
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
    attributes.iter().copied().find(|name| fixed(name))
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
    /// Whether it asks for less storage than there is, which the provider never gives back.
    pub shrinks: bool,
    /// Who gains access by it: one line each.
    pub grants: Vec<String>,
}

impl Change {
    /// What it risks, a few words each; empty when nothing.
    #[must_use]
    pub fn risks(&self) -> Vec<&'static str> {
        let all = [
            (self.loses_data, "loses data"),
            (self.downtime, "users notice"),
            (!self.reversible, "cannot be undone"),
            (self.shrinks, "storage does not shrink: it stays as it is or the change is refused"),
        ];
        all.into_iter().filter(|(is, _)| *is).map(|(_, what)| what).collect()
    }
}

impl Action {
    /// What happens, as a sentence says it of a resource.
    #[must_use]
    pub fn done(self) -> &'static str {
        match self {
            Action::Create => "created",
            Action::Update => "updated",
            Action::Replace => "replaced",
            Action::Delete => "deleted",
        }
    }
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
