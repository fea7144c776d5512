//! What was read, made ready to be written in another dialect.
//!
//! A reading says "unknown" where only the cloud or a person knows a value. Code must still say something there, and what
//! an engineer would say is a parameter without a value: whoever applies the translation is asked for it. Stacks that
//! are one application in several environments become one family again. Nothing is guessed and nothing is dropped
//! silently: what has no place is listed. This module must not know a dialect.

use indexmap::IndexMap;
use ir::graph::InputDecl;
use ir::names::{joined, snake};
use ir::value::{Input, SecretRef};
use ir::{Graph, InputType, Node, Span, Stack, Value};

use crate::reading::is_plain_secret;

/// A value of the source that became a parameter, or that could not be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The resource, as Terraform would address it.
    pub address: String,
    /// The attribute, with dots between nested blocks.
    pub attribute: String,
    /// Why the value is not known.
    pub because: String,
    /// The parameter that asks for it; `None`: the attribute is left out.
    pub parameter: Option<String>,
    /// The resource in the source.
    pub origin: Option<Span>,
}

/// The stacks of a reading as stacks that can be written, and what became of every unknown value.
#[must_use]
pub fn ready(stacks: Vec<Stack>) -> (Vec<Stack>, Vec<Gap>) {
    let mut gaps = Vec::new();
    let mut stacks: Vec<Stack> = stacks
        .into_iter()
        .map(|stack| {
            let graph = asked(&stack.graph, &mut gaps);
            Stack { graph, ..stack }
        })
        .collect();
    name_families(&mut stacks);
    (stacks, gaps)
}

/// A graph whose unknown values are parameters.
fn asked(graph: &Graph, gaps: &mut Vec<Gap>) -> Graph {
    let mut out = Graph::new();
    out.components.clone_from(&graph.components);
    for node in graph.nodes() {
        let mut node = node.clone();
        let attrs = std::mem::take(&mut node.attrs);
        for (name, value) in attrs {
            let mut visitor = Visitor { node: &node, inputs: IndexMap::new(), gaps };
            let kept = visitor.value(value, &name, shape(&node, &name));
            let declared = visitor.inputs;
            let component = out.components.entry(node.address.component.clone()).or_default();
            for (input, decl) in declared {
                component.inputs.entry(input).and_modify(|d| d.from_pipeline = true).or_insert(decl);
            }
            if let Some(kept) = kept {
                node.attrs.insert(name, kept);
            }
        }
        out.insert(node);
    }
    out
}

/// What kind of parameter can stand for a top-level attribute; `None`: it is a nested block, or nothing that a
/// parameter can be.
fn shape(node: &Node, attribute: &str) -> Option<InputType> {
    use catalog::Type;
    let Some(info) = catalog::kinds::of(&node.address) else { return Some(InputType::String) };
    match &info.schema.attributes.get(attribute)?.ty {
        Type::String | Type::Any => Some(InputType::String),
        Type::Number => Some(InputType::Number),
        Type::Bool => Some(InputType::Bool),
        Type::List(item) | Type::Set(item) => (**item == Type::String).then_some(InputType::StringList),
        Type::Map(item) => (**item == Type::String).then_some(InputType::StringMap),
        Type::Object(_) => None,
    }
}

struct Visitor<'a> {
    node: &'a Node,
    inputs: IndexMap<String, InputDecl>,
    gaps: &'a mut Vec<Gap>,
}

impl Visitor<'_> {
    /// A value with parameters for its unknown parts; `None` when nothing of it is left.
    fn value(&mut self, value: Value, path: &str, ty: Option<InputType>) -> Option<Value> {
        match value {
            Value::Unknown(reason) => self.parameter(None, path, ty, reason),
            Value::Input(input) => match *input {
                Input { name, value: Value::Unknown(reason) } => self.parameter(Some(name), path, ty, reason),
                Input { name, value } => {
                    let value = self.value(value, path, ty)?;
                    Some(match value {
                        // A parameter inside a parameter is the inner one: it says what is asked.
                        inner @ Value::Input(_) => inner,
                        value => Value::Input(Box::new(Input { name, value })),
                    })
                }
            },
            Value::List(items) => {
                let item = match ty {
                    Some(InputType::StringList) => Some(InputType::String),
                    _ => None,
                };
                let kept = items.into_iter().enumerate();
                let kept: Vec<Value> =
                    kept.filter_map(|(i, v)| self.value(v, &place(path, i), item.clone())).collect();
                Some(Value::List(kept))
            }
            Value::Map(entries) => {
                let kept = entries.into_iter().filter_map(|(key, v)| {
                    let kept = self.value(v, &format!("{path}.{key}"), Some(InputType::String))?;
                    Some((key, kept))
                });
                Some(Value::Map(kept.collect()))
            }
            Value::Template(parts) => {
                let kept: Vec<Value> = parts
                    .into_iter()
                    .enumerate()
                    .filter_map(|(i, v)| self.value(v, &place(path, i), Some(InputType::String)))
                    .collect();
                Some(Value::Template(kept))
            }
            Value::Json(inner) => {
                let kept = self.value(*inner, path, Some(InputType::String))?;
                Some(Value::Json(Box::new(kept)))
            }
            known => Some(known),
        }
    }

    /// The parameter that asks for a value.
    fn parameter(
        &mut self,
        name: Option<String>,
        path: &str,
        ty: Option<InputType>,
        because: String,
    ) -> Option<Value> {
        let value = Value::Unknown(because.clone());
        let secret = is_plain_secret(&value);
        let name = ty.is_some().then(|| name.unwrap_or_else(|| self.name(path)));
        self.gaps.push(Gap {
            address: self.node.address.to_string(),
            attribute: path.to_owned(),
            because: because.clone(),
            parameter: name.clone(),
            origin: self.node.origin,
        });
        let (name, ty) = (name?, ty?);
        let description = format!("{} of {}.", capital(&path.replace(['_', '.'], " ")), self.node.address);
        let decl = InputDecl { ty, description, validation: None, from_pipeline: true };
        let value = if secret { Value::Secret(SecretRef { name: name.clone() }) } else { value };
        self.inputs.insert(name.clone(), decl);
        Some(Value::Input(Box::new(Input { name, value })))
    }

    /// Says which resource, unless it is the component's main one, and which attribute. The kind keeps resources of one
    /// name apart.
    fn name(&self, path: &str) -> String {
        let address = &self.node.address;
        let kind = address.kind.as_str().split_once('_').map_or("", |(_, rest)| rest);
        let subject =
            if address.name == "this" { snake(kind) } else { joined(&snake(kind), &snake(&address.name)) };
        let subject = match &address.key {
            Some(key) => joined(&subject, &snake(key)),
            None => subject,
        };
        joined(&subject, &snake(path))
    }
}

/// An item of a list: the first is named after the list.
fn place(path: &str, at: usize) -> String {
    if at == 0 { path.to_owned() } else { format!("{path}.{}", at + 1) }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Stacks of the same components are one application in several environments; a stack is called by the last part of
/// its path, or by more of it where that is not enough.
fn name_families(stacks: &mut [Stack]) {
    let components = |stack: &Stack| -> Vec<String> {
        let mut names: Vec<String> = stack.graph.components.keys().cloned().collect();
        names.sort();
        names
    };
    let all: Vec<Vec<String>> = stacks.iter().map(components).collect();
    for (i, stack) in stacks.iter_mut().enumerate() {
        let modules = all[i].iter().any(|name| !name.is_empty());
        let again = all.iter().enumerate().any(|(j, other)| j != i && *other == all[i]);
        stack.environment |= modules && again;
    }
    let last = |path: &str| {
        snake(path.rsplit('/').find(|part| !part.is_empty()).unwrap_or("main")).replace('_', "-")
    };
    let short: Vec<String> = stacks.iter().map(|s| last(&s.name)).collect();
    for (i, stack) in stacks.iter_mut().enumerate() {
        let clash = short.iter().enumerate().any(|(j, other)| j != i && *other == short[i]);
        stack.name = if clash { snake(&stack.name).replace('_', "-") } else { short[i].clone() };
    }
}

#[cfg(test)]
mod tests {
    use ir::{Address, Kind};

    use super::*;

    fn stack(name: &str, component: &str, attrs: &[(&str, Value)]) -> Stack {
        let mut graph = Graph::new();
        graph.component(component, "", "");
        let mut node = Node::new(Address::new(component, Kind::of("aws_db_instance"), "this"));
        node.attrs.extend(attrs.iter().map(|(k, v)| ((*k).to_owned(), v.clone())));
        graph.insert(node);
        Stack { name: name.into(), environment: false, region: String::new(), tags: IndexMap::new(), graph }
    }

    fn unknown() -> Value {
        Value::Unknown("only the cloud knows".into())
    }

    #[test]
    fn every_unknown_value_becomes_a_parameter_or_is_listed() {
        let nested = Value::list([Value::map([("source_id", unknown())])]);
        let attrs = [
            ("instance_class", unknown()),
            ("allocated_storage", unknown()),
            ("vpc_security_group_ids", Value::list([Value::from("sg-1"), unknown()])),
            ("identifier", Value::template([Value::from("a-"), unknown()])),
            ("password", crate::reading::plain_secret()),
            ("restore_to_point_in_time", unknown()),
            ("s3_import", nested),
        ];
        let (stacks, gaps) = ready(vec![stack("db", "", &attrs)]);
        assert_eq!(gaps.len(), attrs.len());
        let lost: Vec<&str> =
            gaps.iter().filter(|g| g.parameter.is_none()).map(|g| g.attribute.as_str()).collect();
        assert_eq!(lost, ["restore_to_point_in_time"], "a nested block cannot be a parameter");
        let declared = &stacks[0].graph.components[""].inputs;
        assert_eq!(declared.len(), attrs.len() - 1);
        assert_eq!(declared["db_instance_allocated_storage"].ty, InputType::Number);
        assert!(declared.values().all(|d| d.from_pipeline));
        let node = stacks[0].graph.nodes().next().expect("one node");
        assert!(matches!(node.get("password"), Some(Value::Secret(_))));
        assert!(node.get("restore_to_point_in_time").is_none());
    }

    #[test]
    fn stacks_of_the_same_components_are_environments() {
        let names = |stacks: &[(&str, &str)]| -> Vec<(String, bool)> {
            let stacks = stacks.iter().map(|(name, component)| stack(name, component, &[])).collect();
            ready(stacks).0.into_iter().map(|s| (s.name, s.environment)).collect()
        };
        let two = names(&[("envs/staging", "api"), ("envs/production", "api"), ("bootstrap", "state")]);
        let expected = [("staging", true), ("production", true), ("bootstrap", false)];
        assert_eq!(two, expected.map(|(n, e)| (n.to_owned(), e)));
        let flat = names(&[("eu/db", ""), ("us/db", "")]);
        assert_eq!(flat, [("eu-db", false), ("us-db", false)].map(|(n, e)| (n.to_owned(), e)));
    }
}
