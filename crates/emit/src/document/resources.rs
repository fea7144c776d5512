//! `docs/resources.md`: every resource and its purpose.
//!
//! Things are looked up here, not read, so the list has a page of its own. Environments have most resources in
//! common: a component is listed once, with how many of each there are in every stack.

use indexmap::IndexMap;
use ir::{Mode, Node, Stack};

use super::markdown::{Document, link};
use crate::Context;

/// The page.
pub fn write(context: &Context<'_>) -> String {
    let mut doc = Document::titled(&format!("Every resource of {}", context.blueprint.name));
    doc.line(&[
        "What is there and what for, by component. The code is in ".into(),
        link("infra/terraform", "../infra/terraform"),
        ", the whole picture in ".into(),
        link("infrastructure", "infrastructure.md"),
        ".".into(),
    ]);
    let managed = |stack: &Stack| {
        let count = stack.graph.nodes().filter(|n| n.address.mode == Mode::Managed).count();
        vec![stack.name.clone(), count.to_string()]
    };
    doc.table(&["stack", ">resources"], context.stacks.iter().map(managed));
    let mut components: IndexMap<(&str, bool), &str> = IndexMap::new();
    for stack in context.stacks {
        for (name, component) in &stack.graph.components {
            components.entry((name, stack.environment)).or_insert(&component.description);
        }
    }
    for ((name, environment), description) in components {
        let stacks: Vec<&Stack> = context
            .stacks
            .iter()
            .filter(|s| s.environment == environment && s.graph.components.contains_key(name))
            .collect();
        let rows = rows(&stacks, name);
        if rows.is_empty() {
            continue;
        }
        doc.heading(2, name);
        doc.para(format!("{description}."));
        let mut heading = vec!["resource", "what", "purpose"];
        heading.extend(stacks.iter().map(|s| s.name.as_str()));
        doc.table(&heading, rows);
    }
    doc.print()
}

/// One row a resource, with how many there are in each stack; instances of one name share it where they exist for
/// the same purpose.
fn rows(stacks: &[&Stack], component: &str) -> Vec<Vec<String>> {
    let mut counts: IndexMap<(String, String, String), Vec<usize>> = IndexMap::new();
    for (place, stack) in stacks.iter().enumerate() {
        let own = |n: &&Node| n.address.component == component && n.address.mode == Mode::Managed;
        for node in stack.graph.nodes().filter(own) {
            let noun = catalog::kind(node.kind().as_str()).map_or(node.kind().as_str(), |k| k.noun.as_str());
            let row =
                (format!("`{}.{}`", node.kind(), node.address.name), noun.to_owned(), node.purpose.clone());
            counts.entry(row).or_insert_with(|| vec![0; stacks.len()])[place] += 1;
        }
    }
    let row = |((address, noun, purpose), counts): ((String, String, String), Vec<usize>)| {
        let counts = counts.into_iter().map(|n| if n == 0 { String::new() } else { n.to_string() });
        [address, noun, purpose].into_iter().chain(counts).collect()
    };
    counts.into_iter().map(row).collect()
}
