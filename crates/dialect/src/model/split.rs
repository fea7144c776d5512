//! Splits components that need each other, for dialects that make one component after another.
//!
//! Terraform's modules may lead back and forth, because it orders resources; a unit of Terragrunt, a construct or a
//! nested stack is made as a whole, after those it needs. What everything hangs on and what watches everything are
//! often one component, such as the topic of alarms and the alarms: its lower part becomes a component of its own.
//! Must not know terms.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use ir::{Address, Component, Graph, Input, Kind, Node, Stack, Value};

use super::names;

/// What the lower part of a component is called: the component's name and this.
const LOWER: &str = "base";

/// The same stacks, in components that can be made one after another. Graphs whose resources need each other are
/// returned as they are split when nothing more can be.
pub(crate) fn in_turn(stacks: &[&Stack]) -> Vec<Stack> {
    let mut parts = Parts::new(stacks);
    while let Some((unit, lower)) = parts.best_split() {
        parts.split(&unit, lower);
    }
    stacks.iter().map(|stack| parts.apply(stack)).collect()
}

/// The blocks of all stacks, what they need, and the unit that each is in.
struct Parts {
    units: IndexMap<Address, String>,
    needs: IndexMap<Address, BTreeSet<Address>>,
    needed_by: BTreeMap<Address, BTreeSet<Address>>,
}

impl Parts {
    fn new(stacks: &[&Stack]) -> Self {
        let mut needs: IndexMap<Address, BTreeSet<Address>> = IndexMap::new();
        for stack in stacks {
            for node in stack.graph.nodes() {
                let block = needs.entry(node.address.without_key()).or_default();
                node.each_dependency(&mut |to| _ = block.insert(to.without_key()));
            }
            for (component, declared) in &stack.graph.components {
                for (name, (_, value)) in &declared.outputs {
                    let block = needs.entry(output(component, name)).or_default();
                    value.each_ref(&mut |r| _ = block.insert(r.to.without_key()));
                }
            }
        }
        let mut needed_by: BTreeMap<Address, BTreeSet<Address>> = BTreeMap::new();
        for (block, to) in &needs {
            to.iter().for_each(|to| _ = needed_by.entry(to.clone()).or_default().insert(block.clone()));
        }
        let units = needs.keys().map(|block| (block.clone(), block.component.clone())).collect();
        Self { units, needs, needed_by }
    }

    /// The units that need each other, largest groups of them together.
    fn circles(&self, units: &IndexMap<Address, String>) -> Vec<BTreeSet<String>> {
        let mut edges: IndexMap<&str, BTreeSet<&str>> = IndexMap::new();
        for (block, to) in &self.needs {
            let own = units[block].as_str();
            let others = to.iter().filter_map(|to| units.get(to)).map(String::as_str).filter(|u| *u != own);
            edges.entry(own).or_default().extend(others);
        }
        let reached: IndexMap<&str, BTreeSet<&str>> =
            edges.keys().map(|unit| (*unit, reach(unit, &edges))).collect();
        let mut found: Vec<BTreeSet<String>> = Vec::new();
        for (unit, to) in &reached {
            if !to.contains(unit) || found.iter().any(|circle| circle.contains(*unit)) {
                continue;
            }
            let back = to.iter().filter(|other| reached.get(*other).is_some_and(|r| r.contains(unit)));
            found.push(back.map(|u| (*u).to_owned()).collect());
        }
        found
    }

    /// The unit whose splitting leaves the smallest circles, with the blocks of its lower part.
    fn best_split(&self) -> Option<(String, BTreeSet<Address>)> {
        let circle = self.circles(&self.units).into_iter().next()?;
        let mut best: Option<(usize, usize, String, BTreeSet<Address>)> = None;
        for unit in &circle {
            let lower = self.lower(unit, &circle);
            if lower.is_empty() {
                continue;
            }
            let mut units = self.units.clone();
            lower.iter().for_each(|block| _ = units.insert(block.clone(), format!("{unit}-{LOWER}")));
            let left = self.circles(&units).iter().map(BTreeSet::len).max().unwrap_or(0);
            if best.as_ref().is_none_or(|(l, moved, ..)| (left, lower.len()) < (*l, *moved)) {
                best = Some((left, lower.len(), unit.clone(), lower));
            }
        }
        best.map(|(.., unit, lower)| (unit, lower))
    }

    /// The blocks of a unit that need nothing of the others in its circle.
    fn lower(&self, unit: &str, circle: &BTreeSet<String>) -> BTreeSet<Address> {
        let others = |u: &String| u != unit && circle.contains(u);
        let mut upper: BTreeSet<&Address> = BTreeSet::new();
        let mut open: Vec<&Address> =
            self.units.iter().filter(|(_, u)| others(u)).map(|(block, _)| block).collect();
        let mut seen: BTreeSet<&Address> = open.iter().copied().collect();
        while let Some(block) = open.pop() {
            for by in self.needed_by.get(block).into_iter().flatten() {
                if self.units[by] == unit {
                    upper.insert(by);
                }
                if seen.insert(by) {
                    open.push(by);
                }
            }
        }
        let own = self.units.iter().filter(|(_, u)| *u == unit).map(|(block, _)| block);
        own.filter(|block| !upper.contains(block)).cloned().collect()
    }

    fn split(&mut self, unit: &str, lower: BTreeSet<Address>) {
        let mut name = format!("{unit}-{LOWER}");
        while self.units.values().any(|known| names::snake(known) == names::snake(&name)) {
            name = format!("{name}-{LOWER}");
        }
        for block in lower {
            self.units.insert(block, name.clone());
        }
    }

    fn apply(&self, stack: &Stack) -> Stack {
        let mut graph = Graph::new();
        for (name, component) in &stack.graph.components {
            let own: BTreeSet<&String> = std::iter::once(name)
                .chain(self.units.iter().filter(|(block, _)| block.component == *name).map(|(_, unit)| unit))
                .collect();
            // Lower parts are said first; their names are the longer ones.
            for unit in own.into_iter().rev() {
                let outputs = component.outputs.iter().filter(|(o, _)| self.unit(&output(name, o)) == unit);
                let outputs =
                    outputs.map(|(o, (words, value))| (o.clone(), (words.clone(), self.value(value))));
                let part = Component { outputs: outputs.collect(), ..component.clone() };
                graph.components.insert(unit.clone(), part);
            }
        }
        for node in stack.graph.nodes() {
            graph.insert(Node {
                address: self.address(&node.address),
                attrs: node.attrs.iter().map(|(name, value)| (name.clone(), self.value(value))).collect(),
                depends_on: node.depends_on.iter().map(|to| self.address(to)).collect(),
                ..node.clone()
            });
        }
        Stack { graph, ..stack.clone() }
    }

    fn unit<'s>(&'s self, block: &'s Address) -> &'s str {
        self.units.get(block).map_or(&block.component, String::as_str)
    }

    fn address(&self, address: &Address) -> Address {
        Address { component: self.unit(&address.without_key()).to_owned(), ..address.clone() }
    }

    fn value(&self, value: &Value) -> Value {
        let each = |values: &[Value]| values.iter().map(|v| self.value(v)).collect();
        match value {
            Value::Ref(r) => Value::Ref(ir::Ref { to: self.address(&r.to), path: r.path.clone() }),
            Value::List(items) => Value::List(each(items)),
            Value::Template(parts) => Value::Template(each(parts)),
            Value::Map(entries) => {
                Value::Map(entries.iter().map(|(k, v)| (k.clone(), self.value(v))).collect())
            }
            Value::Json(inner) => Value::Json(Box::new(self.value(inner))),
            Value::Input(input) => {
                Value::Input(Box::new(Input { name: input.name.clone(), value: self.value(&input.value) }))
            }
            other => other.clone(),
        }
    }
}

/// What stands for an output of a component among blocks.
fn output(component: &str, name: &str) -> Address {
    Address::new(component, Kind::of("output"), name)
}

/// Everything that a unit leads to; itself only if something leads back.
fn reach<'u>(unit: &'u str, edges: &IndexMap<&'u str, BTreeSet<&'u str>>) -> BTreeSet<&'u str> {
    let mut found = BTreeSet::new();
    let mut open = vec![unit];
    while let Some(next) = open.pop() {
        let to = edges.get(next).into_iter().flatten();
        open.extend(to.filter(|to| found.insert(**to)));
    }
    found
}

#[cfg(test)]
#[allow(clippy::type_complexity, reason = "graphs are told in a line each")]
mod tests {
    use super::*;
    use ir::{Ref, Step};

    fn stack(nodes: &[(&str, &str, &[(&str, &str)])]) -> Stack {
        let address = |component: &str, name: &str| Address::new(component, Kind::of("aws_sqs_queue"), name);
        let mut graph = Graph::new();
        for (component, name, needs) in nodes {
            let mut node = Node::new(address(component, name));
            for (component, name) in *needs {
                let path = vec![Step::Attr("arn".into())];
                node.attrs.insert((*name).into(), Value::Ref(Ref { to: address(component, name), path }));
            }
            graph.components.entry((*component).into()).or_default();
            graph.insert(node);
        }
        let region = "eu-west-1".to_owned();
        Stack { name: "s".into(), environment: true, region, tags: IndexMap::new(), graph }
    }

    fn components(stacks: &[Stack]) -> Vec<(&str, &str)> {
        let nodes = stacks.iter().flat_map(|s| s.graph.nodes());
        nodes.map(|n| (n.address.component.as_str(), n.address.name.as_str())).collect()
    }

    #[test]
    fn what_everything_hangs_on_stands_apart_from_what_watches_everything() {
        let watched = stack(&[
            ("monitoring", "topic", &[]),
            ("db", "db", &[("monitoring", "topic")]),
            ("api", "api", &[("db", "db"), ("monitoring", "topic")]),
            ("monitoring", "alarm", &[("api", "api"), ("monitoring", "topic")]),
        ]);
        let split = in_turn(&[&watched]);
        let expected = [("monitoring-base", "topic"), ("db", "db"), ("api", "api"), ("monitoring", "alarm")];
        assert_eq!(components(&split), expected);
        assert!(split[0].graph.in_order().is_ok());
        let names: Vec<&String> = split[0].graph.components.keys().collect();
        assert_eq!(names, ["monitoring-base", "monitoring", "db", "api"]);
    }

    #[test]
    fn stacks_in_turn_stay_as_they_are_and_circles_of_resources_end() {
        let turn = stack(&[("a", "a", &[]), ("b", "b", &[("a", "a")])]);
        assert_eq!(in_turn(&[&turn]), [turn]);
        let circle = stack(&[("a", "a", &[("b", "b")]), ("b", "b", &[("a", "a")])]);
        assert_eq!(in_turn(&[&circle]), [circle]);
    }

    #[test]
    fn parts_that_lead_back_and_forth_are_split_until_each_can_follow_the_last() {
        let woven: Vec<(String, String, Vec<(String, String)>)> = (0..12)
            .map(|i| {
                let unit = |i: i32| format!("u{}", i % 3);
                let before = (i > 0).then(|| (unit(i - 1), format!("n{}", i - 1)));
                (unit(i), format!("n{i}"), before.into_iter().collect())
            })
            .collect();
        let needs: Vec<Vec<(&str, &str)>> =
            woven.iter().map(|(.., n)| n.iter().map(|(c, n)| (c.as_str(), n.as_str())).collect()).collect();
        let nodes: Vec<(&str, &str, &[(&str, &str)])> =
            woven.iter().zip(&needs).map(|((c, n, _), needs)| (c.as_str(), n.as_str(), &needs[..])).collect();
        let woven = stack(&nodes);
        let split = in_turn(&[&woven]);
        let parts = Parts::new(&split.iter().collect::<Vec<_>>());
        assert!(parts.circles(&parts.units).is_empty(), "{:?}", components(&split));
    }
}
