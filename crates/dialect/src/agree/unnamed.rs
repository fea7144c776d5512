//! Whether two readings say the same where a dialect makes up the names of resources.
//!
//! Such names cannot be held against each other, so resources are held against each other by what they say, and references
//! by the type that they lead to. Two resources that swap a property go unnoticed; one that is lost or changed does not.

use std::collections::BTreeMap;

use ir::{Mode, Stack, Step, Value};

/// What only one side says, a line a property; `second` are the parts of what `first` is.
#[must_use]
pub fn differences(first: &Stack, second: &[&Stack]) -> Vec<String> {
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    said(first).into_iter().for_each(|line| *counts.entry(line).or_default() += 1);
    let there = second.iter().flat_map(|stack| said(stack));
    there.for_each(|line| *counts.entry(line).or_default() -= 1);
    let side = |n: i64| if n > 0 { "only in the first" } else { "only in the second" };
    let unequal = counts.iter().filter(|(_, n)| **n != 0);
    unequal.map(|(line, n)| format!("{} {}: {line}", first.name, side(*n))).collect()
}

/// What each resource of a stack says.
fn said(stack: &Stack) -> Vec<String> {
    let mut out = Vec::new();
    for node in stack.graph.nodes().filter(|node| node.address.mode == Mode::Managed) {
        let kept = if node.lifecycle.prevent_destroy { ", which stays" } else { "" };
        out.push(format!("{}{kept}", node.kind()));
        for (name, value) in &node.attrs {
            leaves(&format!("{}.{name}", node.kind()), value, &mut out);
        }
    }
    out
}

fn leaves(path: &str, value: &Value, out: &mut Vec<String>) {
    match value.known() {
        Value::Map(entries) => {
            entries.iter().for_each(|(name, value)| leaves(&format!("{path}.{name}"), value, out));
        }
        Value::Null => {}
        value => out.push(format!("{path} = {}", text(value))),
    }
}

fn text(value: &Value) -> String {
    match value.known() {
        Value::List(items) => format!("[{}]", items.iter().map(text).collect::<Vec<_>>().join(", ")),
        Value::Map(entries) => {
            let set = entries.iter().filter(|(_, value)| !matches!(value.known(), Value::Null));
            let mut set: Vec<String> = set.map(|(name, value)| format!("{name}: {}", text(value))).collect();
            set.sort();
            format!("({})", set.join(", "))
        }
        Value::Template(parts) => parts.iter().map(text).collect(),
        Value::Json(inner) => format!("json{}", text(inner)),
        Value::Ref(r) => {
            let step = |step: &Step| match step {
                Step::Attr(name) => format!(".{name}"),
                Step::Index(i) => format!("[{i}]"),
            };
            format!("<{}{}>", r.to.kind, r.path.iter().map(step).collect::<String>())
        }
        // Whoever deploys is asked for what is not known, and for secrets.
        Value::Unknown(_) | Value::Secret(_) | Value::File(_) => "?".to_owned(),
        other => other.text().unwrap_or_else(|| "null".to_owned()),
    }
}
