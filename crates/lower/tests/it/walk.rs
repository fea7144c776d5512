//! A walk along a node's values and its kind's schema.

use std::collections::BTreeMap;

use catalog::kinds::{self, AttrInfo, BlockInfo};
use indexmap::IndexMap;
use ir::{Graph, Node, Step, Value};

/// What is wrong with a node: unknown attributes, missing ones, too many blocks, references to nothing.
pub fn problems(node: &Node, graph: &Graph) -> Vec<String> {
    let mut found = Vec::new();
    let Some(info) = kinds::of(&node.address) else { return vec![format!("{}: unknown kind", node.address)] };
    let place = node.address.to_string();
    body(&node.attrs, &info.schema.attributes, &info.schema.blocks, &place, &mut found);
    for reference in node.attrs.values().flat_map(Value::refs) {
        let Some(Step::Attr(first)) = reference.path.first() else {
            found.push(format!("{place}: a reference without an attribute"));
            continue;
        };
        let known = kinds::of(&reference.to)
            .is_some_and(|k| k.schema.attributes.contains_key(first) || k.schema.blocks.contains_key(first));
        if graph.get(&reference.to).is_none() || !known {
            found.push(format!("{place} -> {}.{first}", reference.to));
        }
    }
    for other in &node.depends_on {
        if graph.get(other).is_none() {
            found.push(format!("{place} depends on {other}"));
        }
        if other.component != node.address.component {
            found.push(format!("{place} depends on {other} of another component, which no module can say"));
        }
    }
    found
}

fn body(
    values: &IndexMap<String, Value>,
    attributes: &BTreeMap<String, AttrInfo>,
    blocks: &BTreeMap<String, BlockInfo>,
    place: &str,
    found: &mut Vec<String>,
) {
    for (name, value) in values {
        if let Some(block) = blocks.get(name) {
            let items = value.as_list().unwrap_or_default();
            if block.nesting.max.is_some_and(|max| items.len() as u64 > u64::from(max)) {
                found.push(format!("{place}: {} times {name}", items.len()));
            }
            for item in items {
                match item.as_map() {
                    Some(map) => {
                        body(map, &block.attributes, &block.blocks, &format!("{place}.{name}"), found)
                    }
                    None => found.push(format!("{place}.{name} is no block")),
                }
            }
        } else if !attributes.get(name).is_some_and(|a| a.required || a.optional) {
            found.push(format!("{place}.{name} cannot be set"));
        }
    }
    for (name, info) in attributes {
        if info.required && !values.contains_key(name) {
            found.push(format!("{place}.{name} is missing"));
        }
    }
    for (name, info) in blocks {
        let given = values.get(name).and_then(Value::as_list).map_or(0, <[Value]>::len);
        if (given as u64) < u64::from(info.nesting.min) {
            found.push(format!("{place}.{name} is missing"));
        }
    }
}

/// Every action that a policy document inside a value allows.
pub fn allowed_actions(value: &Value) -> Vec<String> {
    let mut actions = Vec::new();
    value.walk(&mut |v| {
        let allows = v.get("Effect").and_then(Value::text).is_some_and(|e| e == "Allow");
        if let Some(action) = v.get("Action").filter(|_| allows) {
            let listed = action.as_list().map_or_else(|| vec![action.clone()], <[Value]>::to_vec);
            actions.extend(listed.iter().filter_map(Value::text));
        }
    });
    actions
}
