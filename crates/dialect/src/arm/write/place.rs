//! Which resources a template can hold together: those of one resource group.
//!
//! A template is deployed to a group, and what it makes lies there. What extends a resource of another group, such as a role
//! on it, is moved to a component of its own, which is deployed to that group. Resource groups themselves belong to no
//! component, because the others are deployed to them. Must not know how a template is spelt.

use std::collections::{BTreeMap, BTreeSet};

use ir::names::{joined, snake};
use ir::{Address, Component, Graph, Kind, Mode, Node, Ref, Stack, Step, Value};

use crate::arm::{GROUPS, SUBSCRIPTIONS};

/// The same stack, each of its components within one group.
pub(super) fn placed(stack: &Stack) -> Stack {
    let mut turned: BTreeMap<Address, Address> = BTreeMap::new();
    let mut found: Vec<Node> = Vec::new();
    let homes = homes(stack);
    let mut taken: BTreeSet<Address> = stack.graph.nodes().map(|n| n.address.clone()).collect();
    for node in stack.graph.nodes() {
        let mut address = node.address.clone();
        if is_group(node) {
            address.component = String::new();
            if taken.contains(&address) {
                address.name = joined(&snake(&node.address.component), &address.name);
            }
        } else if node.get("scope").is_some() {
            // Instances of a loop extend resources of several types, which no loop can.
            if let Some(key) = address.key.take() {
                address.name = joined(&snake(&address.name), &snake(&key));
            }
            if let Some(home) = home(stack, node).filter(|h| homes.get(&node.address.component) != Some(h)) {
                address.component = format!("{}-in-{}", node.address.component, spelt(&home));
            }
        }
        let plain = address.name.clone();
        let mut number = 2;
        while address != node.address && taken.contains(&address) {
            address.name = format!("{plain}_{number}");
            number += 1;
        }
        if address != node.address {
            taken.insert(address.clone());
            turned.insert(node.address.clone(), address);
        }
    }
    let readdress = |address: &Address| turned.get(address).unwrap_or(address).clone();
    let mut graph = Graph::new();
    for (name, component) in &stack.graph.components {
        let mut component: Component = component.clone();
        component.outputs.values_mut().for_each(|(_, value)| *value = readdressed(value, &readdress));
        graph.components.insert(name.clone(), component);
    }
    for node in stack.graph.nodes() {
        let mut node = node.clone();
        let before = node.address.component.clone();
        let own = home(stack, &node);
        node.address = readdress(&node.address);
        node.depends_on = node.depends_on.iter().map(&readdress).collect();
        node.attrs.values_mut().for_each(|value| *value = readdressed(value, &readdress));
        if node.address.component != before && !is_group(&node) {
            let declared = graph.components.get(&before).cloned().unwrap_or_default();
            let component = graph.components.entry(node.address.component.clone()).or_default();
            component.inputs.extend(declared.inputs);
            component.description = declared.description;
        }
        extends(&mut node, own, &mut found);
        graph.insert(node);
    }
    for node in found {
        if graph.get(&node.address).is_none() {
            graph.insert(node);
        }
    }
    Stack { graph, ..stack.clone() }
}

pub(super) fn is_group(node: &Node) -> bool {
    node.kind().as_str() == GROUPS && node.address.mode == Mode::Managed
}

/// The group that most of a component lies in: that of its first resource which says one.
fn homes(stack: &Stack) -> BTreeMap<String, Value> {
    let mut homes = BTreeMap::new();
    for node in stack.graph.nodes().filter(|n| n.address.mode == Mode::Managed) {
        if let Some(group) = node.get("resourceGroup") {
            homes.entry(node.address.component.clone()).or_insert_with(|| group.clone());
        }
    }
    homes
}

/// The group that a node lies in, or that what it extends lies in.
fn home(stack: &Stack, node: &Node) -> Option<Value> {
    let Some(scope) = node.get("scope") else { return node.get("resourceGroup").cloned() };
    match scope {
        Value::Ref(to) if to.to.kind.as_str() == GROUPS => {
            Some(Value::Ref(Ref { to: to.to.clone(), path: vec![Step::Attr("name".into())] }))
        }
        Value::Ref(to) => match stack.graph.get(&to.to) {
            Some(on) if on.address != node.address => match on.get("resourceGroup") {
                Some(group) => Some(group.clone()),
                // A part lies where the whole does.
                None => match on.get("parent") {
                    Some(Value::Ref(parent)) => stack.graph.get(&parent.to)?.get("resourceGroup").cloned(),
                    _ => None,
                },
            },
            _ => None,
        },
        text => Identifier::of(text).map(|id| Value::Str(id.group)),
    }
}

/// A group in the name of a component.
fn spelt(home: &Value) -> String {
    match home.known() {
        Value::Ref(to) => match &to.to.key {
            Some(key) => snake(key),
            None => snake(&joined(&snake(&to.to.component), &to.to.name)),
        },
        other => snake(&other.text().unwrap_or_default()),
    }
    .replace('_', "-")
}

/// Says what a node extends by a node, and the group that it lies in.
fn extends(node: &mut Node, home: Option<Value>, found: &mut Vec<Node>) {
    let Some(scope) = node.attrs.get("scope").map(Value::known).cloned() else { return };
    match &scope {
        Value::Ref(to) if to.to.kind.as_str() == SUBSCRIPTIONS => return,
        Value::Ref(to) if to.to.kind.as_str() == GROUPS => _ = node.attrs.shift_remove("scope"),
        Value::Ref(_) => {}
        text => match Identifier::of(text) {
            Some(Identifier { kind: Some((kind, name)), .. }) => {
                let address = Address::new(&node.address.component, Kind::named(&kind), &snake(&name));
                let address = Address { mode: Mode::Data, ..address };
                let mut on = Node::new(address.clone());
                on.attrs.insert("name".to_owned(), Value::Str(name));
                found.push(on);
                let path = vec![Step::Attr("id".to_owned())];
                node.attrs.insert("scope".to_owned(), Value::Ref(Ref { to: address, path }));
            }
            Some(_) => _ = node.attrs.shift_remove("scope"),
            None => return,
        },
    }
    if let Some(home) = home {
        node.attrs.insert("resourceGroup".to_owned(), home);
    }
}

/// An identifier that is written out.
struct Identifier {
    group: String,
    /// The type and the name, unless it is the group's own.
    kind: Option<(String, String)>,
}

impl Identifier {
    fn of(value: &Value) -> Option<Self> {
        // The subscription may be a reference; what comes after it is text.
        let text: String = match value.known() {
            Value::Template(parts) => {
                parts.iter().map(|p| p.text().unwrap_or_else(|| "-".to_owned())).collect()
            }
            other => other.text()?,
        };
        let mut parts = text.split('/').skip(3);
        if !parts.next()?.eq_ignore_ascii_case("resourceGroups") {
            return None;
        }
        let group = parts.next()?.to_owned();
        let rest: Vec<&str> = parts.collect();
        let kind = match rest.as_slice() {
            [_, provider, tail @ ..] if tail.len() > 1 && tail.len().is_multiple_of(2) => {
                let kinds: Vec<&str> = tail.iter().step_by(2).copied().collect();
                let names: Vec<&str> = tail.iter().skip(1).step_by(2).copied().collect();
                Some((format!("{provider}/{}", kinds.join("/")), names.join("/")))
            }
            _ => None,
        };
        Some(Self { group, kind })
    }
}

fn readdressed(value: &Value, turned: &dyn Fn(&Address) -> Address) -> Value {
    let each = |items: &[Value]| items.iter().map(|v| readdressed(v, turned)).collect();
    match value {
        Value::Ref(r) => Value::Ref(Ref { to: turned(&r.to), path: r.path.clone() }),
        Value::List(items) => Value::List(each(items)),
        Value::Template(parts) => Value::Template(each(parts)),
        Value::Map(entries) => {
            Value::Map(entries.iter().map(|(k, v)| (k.clone(), readdressed(v, turned))).collect())
        }
        Value::Json(inner) => Value::Json(Box::new(readdressed(inner, turned))),
        Value::Input(input) => {
            let value = readdressed(&input.value, turned);
            Value::Input(Box::new(ir::Input { name: input.name.clone(), value }))
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_say_their_group_type_and_name() {
        let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/x/slots/y";
        let read = Identifier::of(&Value::from(id)).expect("an identifier");
        assert_eq!(
            (read.group.as_str(), read.kind),
            ("g", Some(("Microsoft.Web/sites/slots".into(), "x/y".into())))
        );
        let group = Identifier::of(&Value::from("/subscriptions/s/resourceGroups/g")).expect("a group");
        assert_eq!((group.group.as_str(), group.kind), ("g", None));
        for other in ["", "/", "/subscriptions/s", "x", "/providers/Microsoft.Web/sites/x"] {
            assert!(Identifier::of(&Value::from(other)).is_none(), "{other}");
        }
    }
}
