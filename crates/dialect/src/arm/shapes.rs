//! Between the house and Azure's vocabulary, and what no map says: two attributes that are one property.
//!
//! The maps turn one value into one value. Here is what they cannot: before them and after them, for the few types that
//! need it.

use std::collections::BTreeMap;

use ir::{Address, Node, Stack, Step, Value};

use super::{VOCABULARY, spelling};
use crate::maps::{self, Gap};

/// What is joined after the maps, and parted before them, by type.
type Shape = (&'static str, fn(&mut Node), fn(&mut Node));

static SHAPES: &[Shape] = &[
    ("Microsoft.Authorization/roleAssignments", role_joined, role_parted),
    ("Microsoft.Storage/storageAccounts", size_joined, size_parted),
];

/// A stack in Azure's vocabulary, and what it does not say.
#[must_use]
pub fn into(stack: &Stack) -> (Stack, Vec<Gap>) {
    let (stack, gaps) = maps::into(&VOCABULARY, stack);
    (shaped(stack, |node, (_, joined, _)| joined(node)), gaps)
}

/// A stack in the house's vocabulary, and what it does not say.
#[must_use]
pub fn out_of(stack: Stack) -> (Stack, Vec<Gap>) {
    let stack = shaped(stack, |node, (_, _, parted)| parted(node));
    maps::out_of(&VOCABULARY, &unversioned(whole(stack)))
}

fn shaped(stack: Stack, turn: impl Fn(&mut Node, &Shape)) -> Stack {
    each(stack, |node| {
        let kind = node.kind().as_str().to_owned();
        for shape in SHAPES.iter().filter(|(name, ..)| kind.eq_ignore_ascii_case(name)) {
            turn(node, shape);
        }
    })
}

fn each(stack: Stack, mut turn: impl FnMut(&mut Node)) -> Stack {
    let mut graph = ir::Graph::new();
    graph.components = stack.graph.components.clone();
    for node in stack.graph.nodes() {
        let mut node = node.clone();
        turn(&mut node);
        graph.insert(node);
    }
    Stack { graph, ..stack }
}

/// Types are spelt as the catalogue spells them, and of those that it knows the version of the interface says nothing.
fn unversioned(stack: Stack) -> Stack {
    each(stack, |node| {
        if catalog::dialects::foreign(VOCABULARY.name, node.kind().as_str()).is_some() {
            node.attrs.shift_remove("apiVersion");
        }
    })
}

/// Parts of resources that the house says with them, by type. What they answer is an answer of the resource.
const PARTS: &[&str] = &["Microsoft.Cache/redisEnterprise/databases"];

/// The same stack, in which nothing refers to an answer of a part.
fn whole(stack: Stack) -> Stack {
    let mut owners: BTreeMap<Address, Address> = BTreeMap::new();
    for node in stack.graph.nodes().filter(|n| PARTS.contains(&n.kind().as_str())) {
        if let Some(Value::Ref(owner)) = node.get("parent") {
            owners.insert(node.address.clone(), owner.to.clone());
        }
    }
    if owners.is_empty() {
        return stack;
    }
    each(stack, |node| node.attrs.values_mut().for_each(|value| answer(value, &owners)))
}

fn answer(value: &mut Value, owners: &BTreeMap<Address, Address>) {
    match value {
        Value::Ref(r) => {
            let asked = matches!(r.path.first(), Some(Step::Attr(name)) if name.ends_with("()"));
            if let Some(owner) = owners.get(&r.to).filter(|_| asked) {
                let part = r.to.kind.as_str().rsplit('/').next().unwrap_or_default();
                r.path.insert(0, Step::Attr(format!("{part}/default")));
                r.to = owner.clone();
            }
        }
        Value::List(items) | Value::Template(items) => items.iter_mut().for_each(|v| answer(v, owners)),
        Value::Map(entries) => entries.values_mut().for_each(|v| answer(v, owners)),
        Value::Json(inner) => answer(inner, owners),
        Value::Input(input) => answer(&mut input.value, owners),
        _ => {}
    }
}

fn property<'n>(node: &'n mut Node, object: &str) -> Option<&'n mut indexmap::IndexMap<String, Value>> {
    match node.attrs.get_mut(object) {
        Some(Value::Map(entries)) => Some(entries),
        _ => None,
    }
}

/// `Standard` and `LRS` are one name there.
fn size_joined(node: &mut Node) {
    let Some(sku) = property(node, "sku") else { return };
    if let (Some(tier), Some(name)) = (sku.shift_remove("tier"), sku.get_mut("name")) {
        let parts = vec![tier, Value::from("_"), name.clone()];
        let joined = Value::Template(parts);
        *name = joined.text().map_or(joined, Value::Str);
    }
}

fn size_parted(node: &mut Node) {
    let Some(sku) = property(node, "sku") else { return };
    let Some(Value::Str(whole)) = sku.get("name").map(|n| n.known().clone()) else { return };
    if let Some((tier, name)) = whole.split_once('_') {
        sku.insert("tier".to_owned(), Value::from(tier));
        sku.insert("name".to_owned(), Value::from(name));
    }
}

/// A role that is named is the identifier of the built-in role there.
fn role_joined(node: &mut Node) {
    let Some(properties) = property(node, "properties") else { return };
    if let Some(name) = properties.shift_remove("roleDefinitionName") {
        properties.insert("roleDefinitionId".to_owned(), spelling::role(&name));
    }
}

fn role_parted(node: &mut Node) {
    let Some(properties) = property(node, "properties") else { return };
    if let Some(name) = properties.get("roleDefinitionId").and_then(spelling::role_name) {
        properties.shift_remove("roleDefinitionId");
        properties.insert("roleDefinitionName".to_owned(), Value::from(name));
    }
    // A name that only Azure knows is one that the provider makes up too.
    if matches!(node.get("name"), Some(Value::Unknown(_))) {
        node.attrs.shift_remove("name");
    }
}
