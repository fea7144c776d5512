//! What was read in Azure's vocabulary, in the house's.
//!
//! Secrets that a file holds in plain text go no further than here, and what the house has no word for is listed.

use std::collections::{BTreeMap, BTreeSet};

use catalog::kinds::{AttrInfo, BlockInfo};
use indexmap::IndexMap;
use ir::{Diagnostic, Diagnostics, Node, Stack, Value};

use crate::arm::shapes;
use crate::maps::Gap;
use crate::reading::{Reading, plain_secret};

/// A reading in the house's vocabulary.
pub(crate) fn housed(reading: Reading, mut diagnostics: Diagnostics) -> (Reading, Diagnostics) {
    let Reading { stacks, sources, mut counts } = reading;
    let mut gaps = Vec::new();
    let mut out = Vec::with_capacity(stacks.len());
    for stack in stacks {
        let (stack, lost) = shapes::out_of(stack);
        gaps.extend(lost);
        out.push(kept_secret(with_tags(stack)));
    }
    counts.lost += gaps.len();
    diagnostics.extend(listed(&gaps));
    (Reading { stacks: out, sources, counts }, diagnostics)
}

/// One note for each property that has no counterpart.
fn listed(gaps: &[Gap]) -> Diagnostics {
    let mut groups: BTreeMap<(&str, &str, &str), Vec<&Gap>> = BTreeMap::new();
    for gap in gaps {
        groups.entry((gap.address.kind.as_str(), &gap.attribute, &gap.reason)).or_default().push(gap);
    }
    let said = groups.into_iter().map(|((kind, attribute, reason), gaps)| {
        let what = if attribute.is_empty() { kind.to_owned() } else { format!("{kind}.{attribute}") };
        let addresses: BTreeSet<String> = gaps.iter().map(|g| g.address.to_string()).collect();
        let addresses: Vec<String> = addresses.into_iter().collect();
        Diagnostic::note("not-carried-over", format!("`{what}` was not carried over"))
            .at(gaps.first().and_then(|g| g.origin), "set here")
            .because(format!("{}.", crate::model::names::capital(reason)))
            .because(format!("It concerns {}.", addresses.join(", ")))
    });
    said.collect()
}

/// A stack whose own tags are those that every resource carries which carries any.
fn with_tags(mut stack: Stack) -> Stack {
    let tagged: Vec<&IndexMap<String, Value>> =
        stack.graph.nodes().filter_map(|n| n.get("tags")?.as_map()).collect();
    let Some(first) = tagged.first().filter(|_| tagged.len() > 1) else { return stack };
    let common = first.iter().filter(|(name, value)| {
        value.text().is_some()
            && tagged.iter().all(|tags| tags.get(*name).and_then(Value::text) == value.text())
    });
    stack.tags = common.filter_map(|(name, value)| Some((name.clone(), value.text()?))).collect();
    stack
}

/// A stack without the secrets that somebody wrote down.
fn kept_secret(stack: Stack) -> Stack {
    let mut graph = ir::Graph::new();
    graph.components = stack.graph.components.clone();
    for node in stack.graph.nodes() {
        let mut node: Node = node.clone();
        match catalog::kinds::of(&node.address) {
            Some(info) => hide(&mut node.attrs, &info.schema.attributes, &info.schema.blocks),
            None => node.attrs.values_mut().for_each(hide_by_name),
        }
        graph.insert(node);
    }
    Stack { graph, ..stack }
}

fn hide(
    attrs: &mut IndexMap<String, Value>,
    attributes: &BTreeMap<String, AttrInfo>,
    blocks: &BTreeMap<String, BlockInfo>,
) {
    for (name, value) in attrs {
        if attributes.get(name).is_some_and(|a| a.sensitive) && value.text().is_some() {
            *value = plain_secret();
        }
        if let (Some(block), Value::List(items)) = (blocks.get(name), value) {
            for item in items {
                if let Value::Map(inner) = item {
                    hide(inner, &block.attributes, &block.blocks);
                }
            }
        }
    }
}

/// Of a type that nobody knows, what is called a password is one.
fn hide_by_name(value: &mut Value) {
    match value {
        Value::Map(entries) => {
            for (name, value) in entries {
                let lower = name.to_ascii_lowercase();
                if (lower.ends_with("password") || lower.ends_with("secret")) && value.text().is_some() {
                    *value = plain_secret();
                } else {
                    hide_by_name(value);
                }
            }
        }
        Value::List(items) => items.iter_mut().for_each(hide_by_name),
        _ => {}
    }
}
