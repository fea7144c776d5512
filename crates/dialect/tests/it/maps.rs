//! Walks every map: rows that hold on both sides, kinds that come back as they went.

use std::collections::BTreeMap;

use catalog::dialects::{KindMap, Row, kind_maps};
use catalog::{Type, kinds};
use dialect::maps::{self, Vocabulary};
use indexmap::IndexMap;
use ir::{Address, Graph, Kind, Mode, Node, Ref, Step, Value};

/// Every foreign vocabulary, and what the names of its kinds begin with.
static VOCABULARIES: &[(&Vocabulary, &str)] =
    &[(&dialect::arm::VOCABULARY, "azurerm_"), (&dialect::cloudformation::VOCABULARY, "aws_")];

#[test]
fn every_row_names_what_both_sides_have() {
    let faults: Vec<String> = VOCABULARIES.iter().flat_map(|(v, _)| v.faults()).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_attribute_of_every_kind_is_said_or_has_a_reason() {
    for (vocabulary, prefix) in VOCABULARIES {
        let rows = maps::coverage(vocabulary);
        let kinds = catalog::kinds::all().filter(|k| k.kind.starts_with(prefix)).count();
        assert_eq!(rows.len(), kinds);
        let open: Vec<String> =
            rows.iter().flat_map(|r| r.unmapped.iter().map(|a| format!("{} {a}", r.kind))).collect();
        assert!(open.is_empty(), "{} attributes:\n{}", open.len(), open.join("\n"));
    }
}

/// What stands at every path without its indices, nested values in order.
fn leaves(value: &Value, path: &str, out: &mut Vec<(String, Value)>) {
    match value {
        Value::Map(entries) if !entries.is_empty() || path.is_empty() => {
            for (name, value) in entries {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                leaves(value, &path, out);
            }
        }
        Value::List(items) if items.iter().any(|v| matches!(v, Value::Map(_))) => {
            items.iter().for_each(|item| leaves(item, path, out));
        }
        other => out.push((path.to_owned(), other.clone())),
    }
}

/// A value of a type that the map of the attribute takes.
fn value(ty: &Type, row: Option<&Row>) -> Value {
    if let Some(first) = row.and_then(|row| row.values.keys().next()) {
        return match ty {
            Type::Bool => Value::Bool(first == "true"),
            _ => Value::from(first),
        };
    }
    match ty {
        Type::String | Type::Any => Value::from("v1"),
        Type::Number => Value::Int(3600),
        Type::Bool => Value::Bool(true),
        Type::List(item) | Type::Set(item) => Value::List(vec![value(item, None)]),
        Type::Map(item) => Value::map([("k", value(item, None))]),
        Type::Object(fields) => Value::map(fields.iter().map(|(name, ty)| (name.clone(), value(ty, None)))),
    }
}

fn filled(
    map: &KindMap,
    attributes: &BTreeMap<String, catalog::AttrInfo>,
    blocks: &BTreeMap<String, catalog::BlockInfo>,
    prefix: &str,
) -> IndexMap<String, Value> {
    let settable = attributes.iter().filter(|(name, a)| {
        (a.required || a.optional) && !(prefix.is_empty() && ["id", "tags_all"].contains(&name.as_str()))
    });
    let attributes = settable.map(|(name, a)| {
        let path = format!("{prefix}{name}");
        (name.clone(), value(&a.ty, map.rows.get(&path)))
    });
    let mut out: IndexMap<String, Value> = attributes.collect();
    for (name, block) in blocks {
        let inner = filled(map, &block.attributes, &block.blocks, &format!("{prefix}{name}."));
        out.insert(name.clone(), Value::List(vec![Value::Map(inner)]));
    }
    out
}

fn reference(to: &Address, attr: &str) -> Value {
    Value::Ref(Ref { to: to.clone(), path: vec![Step::Attr(attr.to_owned())] })
}

/// One node of a kind with everything set, and the one that it is folded into.
fn graph_of(map: &KindMap) -> (Graph, Address) {
    let info = if map.data { kinds::data_source(&map.kind) } else { kinds::kind(&map.kind) }.expect("a kind");
    let mut graph = Graph::new();
    let mut address = Address::new("c", Kind::named(&map.kind), "this");
    address.mode = if map.data { Mode::Data } else { Mode::Managed };
    let mut node = Node::new(address.clone());
    node.attrs = filled(map, &info.schema.attributes, &info.schema.blocks, "");
    if let Some(fold) = &map.fold {
        let parent = Address::new("c", Kind::named(&fold.into), "this");
        graph.insert(Node::new(parent.clone()));
        node.attrs.insert(fold.by.clone(), reference(&parent, "id"));
    }
    graph.insert(node);
    (graph, address)
}

#[test]
fn every_kind_comes_back_as_it_went_but_for_what_is_said_to_be_lost() {
    let mut wrong = Vec::new();
    let maps = |(vocabulary, _): &(&'static Vocabulary, &str)| {
        let vocabulary = *vocabulary;
        kind_maps(vocabulary.name).map(move |map| (vocabulary, map))
    };
    for (vocabulary, map) in VOCABULARIES.iter().flat_map(maps).filter(|(_, map)| map.foreign.is_some()) {
        if map.fold.as_ref().is_some_and(|fold| fold.at.is_empty()) {
            continue;
        }
        let (mut graph, address) = graph_of(map);
        if map.data {
            let asked = map.references.keys().next().expect("what is looked up is asked for");
            let shown = ("What it is".to_owned(), reference(&address, asked));
            graph.component("c", "c", "C").outputs.insert("shown".to_owned(), shown);
        }
        let stack = crate::stack("production", graph);
        let (there, gaps) = maps::into(vocabulary, &stack);
        let (back, lost) = maps::out_of(vocabulary, &there);
        wrong.extend(
            lost.iter().map(|gap| format!("{}: on the way back: {} {}", map.kind, gap.attribute, gap.reason)),
        );
        let Some(node) = back.graph.get(&address) else {
            wrong.push(format!("{}: it does not come back", map.kind));
            continue;
        };
        let (mut before, mut after) = (Vec::new(), Vec::new());
        let all = |n: &Node| Value::Map(n.attrs.clone());
        leaves(&all(stack.graph.get(&address).expect("it was put in")), "", &mut before);
        leaves(&all(node), "", &mut after);
        // What another attribute stands for on the way back, and what goes without saying.
        let said = |row: &Row| row.one_way || row.unless.is_some();
        let gone = |path: &str| {
            map.rows.iter().any(|(p, row)| said(row) && (p == path || path.starts_with(&format!("{p}."))))
                || gaps.iter().any(|gap| {
                    gap.address == address
                        && (gap.attribute == path || path.starts_with(&format!("{}.", gap.attribute)))
                })
        };
        before.retain(|(path, _)| !gone(path));
        after.retain(|(path, _)| !gone(path));
        let by = map.fold.as_ref().map(|fold| fold.by.as_str());
        let sorted = |leaves: Vec<(String, Value)>| {
            let mut leaves: Vec<(String, Value)> =
                leaves.into_iter().filter(|(path, _)| Some(path.as_str()) != by).collect();
            leaves.sort_by(|a, b| a.0.cmp(&b.0));
            leaves
        };
        let (before, after) = (sorted(before), sorted(after));
        let missing = before.iter().filter(|leaf| !after.contains(leaf));
        wrong.extend(missing.map(|(path, v)| format!("{}.{path}: {v:?} is lost in silence", map.kind)));
        let new = after.iter().filter(|leaf| !before.contains(leaf));
        wrong.extend(new.map(|(path, v)| format!("{}.{path}: {v:?} comes from nowhere", map.kind)));
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}
