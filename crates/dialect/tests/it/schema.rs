//! Walks the whole catalogue: every kind, every attribute and block, equal, different and absent.

use catalog::kinds::{self, AttrInfo};
use catalog::{BlockInfo, Type};
use ir::{Address, Graph, Mode, Node, Stack, Value};
use std::collections::BTreeMap;

use crate::declared;

fn value(ty: &Type, seed: i64) -> Value {
    match ty {
        Type::String | Type::Any => Value::from(format!("v{seed}")),
        Type::Number => Value::Int(seed),
        Type::Bool => Value::Bool(seed % 2 == 0),
        Type::List(item) | Type::Set(item) => Value::List(vec![value(item, seed)]),
        Type::Map(item) => Value::map([("k", value(item, seed))]),
        Type::Object(fields) => Value::map(fields.iter().map(|(name, ty)| (name.clone(), value(ty, seed)))),
    }
}

fn fill(
    attributes: &BTreeMap<String, AttrInfo>,
    blocks: &BTreeMap<String, BlockInfo>,
    seed: i64,
    depth: usize,
) -> indexmap::IndexMap<String, Value> {
    let settable = attributes.iter().filter(|(_, a)| a.required || a.optional);
    let mut out: indexmap::IndexMap<String, Value> =
        settable.map(|(name, a)| (name.clone(), value(&a.ty, seed))).collect();
    if depth > 0 {
        for (name, block) in blocks {
            let inner = Value::Map(fill(&block.attributes, &block.blocks, seed, depth - 1));
            out.insert(name.clone(), Value::List(vec![inner]));
        }
    }
    out
}

/// One component with every kind in it, filled from the seed; with a seed of 0 mod 3 blocks are left out.
fn everything(seed: i64) -> Graph {
    let mut graph = Graph::new();
    for info in kinds::all() {
        let mut address = Address::new(&info.kind, ir::Kind::named(&info.kind), "this");
        address.mode = if info.data { Mode::Data } else { Mode::Managed };
        let mut node = Node::new(address);
        let depth = if seed % 3 == 0 { 0 } else { 3 };
        node.attrs = fill(&info.schema.attributes, &info.schema.blocks, seed, depth);
        graph.insert(node);
    }
    graph
}

#[test]
fn every_kind_is_written_equal_different_and_absent() {
    let stack = |name: &str, seed| Stack {
        name: name.into(),
        environment: true,
        region: "eu-west-1".into(),
        tags: [].into(),
        graph: everything(seed),
    };
    for seeds in [(1, 1), (1, 2), (1, 3), (3, 1)] {
        let (bundle, diagnostics) =
            dialect::terraform::write(&[stack("staging", seeds.0), stack("production", seeds.1)]);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        declared::check(&bundle);
        for info in kinds::all().filter(|i| !i.data) {
            let files = bundle
                .iter()
                .filter(|(p, _)| p.starts_with(&format!("infra/terraform/modules/{}/", info.kind)));
            let text: String = files.map(|(_, f)| f.text.as_str()).collect();
            for (name, attribute) in &info.schema.attributes {
                let settable = attribute.required || attribute.optional;
                assert!(!settable || text.contains(&format!("{name} ")), "{}.{name}", info.kind);
            }
            for name in info.schema.blocks.keys() {
                let block = format!("{name} {{");
                let dynamic = format!("dynamic \"{name}\" {{");
                let partial = seeds.0 % 3 != seeds.1 % 3 && seeds.0.max(seeds.1) == 3;
                assert!(text.contains(if partial { &dynamic } else { &block }), "{}.{name}", info.kind);
            }
        }
    }
}
