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

/// An instance: its key, and the seed of its values. With a seed of 0 mod 3 blocks are left out.
pub type Instance = (Option<&'static str>, i64);

/// One component a kind, every kind of the catalogue in the given instances.
fn everything(instances: &[Instance]) -> Graph {
    let mut graph = Graph::new();
    for info in kinds::all() {
        for (key, seed) in instances {
            let mut address = Address::new(&info.kind, ir::Kind::named(&info.kind), "this");
            address.mode = if info.data { Mode::Data } else { Mode::Managed };
            address.key = key.map(str::to_owned);
            let mut node = Node::new(address);
            let depth = if seed % 3 == 0 { 0 } else { 3 };
            node.attrs = fill(&info.schema.attributes, &info.schema.blocks, *seed, depth);
            graph.insert(node);
        }
    }
    graph
}

pub fn stack(name: &str, instances: &[Instance]) -> Stack {
    Stack {
        name: name.into(),
        environment: true,
        region: "eu-west-1".into(),
        tags: [].into(),
        graph: everything(instances),
    }
}

/// Everything written for a kind.
fn module(bundle: &ir::Bundle, kind: &str) -> String {
    let folder = format!("infra/terraform/modules/{kind}/");
    bundle.iter().filter(|(path, _)| path.starts_with(&folder)).map(|(_, file)| file.text.as_str()).collect()
}

/// The instances in two environments, and whether blocks are everywhere: where an instance lacks them they are dynamic.
const CASES: &[(&[Instance], &[Instance], bool)] = &[
    (&[(None, 1)], &[(None, 1)], true),
    (&[(None, 1)], &[(None, 2)], true),
    (&[(None, 1)], &[(None, 3)], false),
    (&[(None, 3)], &[(None, 1)], false),
    (&[(Some("a"), 1), (Some("b"), 2)], &[(Some("a"), 1), (Some("b"), 2)], true),
    (&[(Some("a"), 1), (Some("b"), 3)], &[(Some("a"), 1), (Some("b"), 3)], false),
    (&[(Some("a"), 1)], &[(Some("a"), 4), (Some("b"), 2)], true),
    (&[(Some("a"), 3)], &[(Some("a"), 1), (Some("b"), 2)], false),
];

#[test]
fn every_kind_is_read_back_as_it_was_written() {
    for (i, (staging, production, _)) in CASES.iter().enumerate() {
        let mut stacks = [stack("staging", staging), stack("production", production)];
        // Secrets that somebody wrote down are not read: of those the graph says only that they were there.
        for stack in &mut stacks {
            let nodes: Vec<Node> = stack.graph.nodes().cloned().map(without_secrets).collect();
            stack.graph = Graph::new();
            nodes.into_iter().for_each(|node| stack.graph.insert(node));
        }
        // Terragrunt's modules are Terraform's: what is its own are the values, which differ in some of the cases.
        let dialects: &[(&str, Write)] = match i % 4 {
            1 => &[("terraform", dialect::terraform::write), ("terragrunt", dialect::terragrunt::write)],
            _ => &[("terraform", dialect::terraform::write)],
        };
        for (name, write) in dialects {
            let (bundle, _) = write(&stacks);
            let found = dialect::agree::differences(&stacks, &crate::agreement::read_back(&bundle));
            let lines: Vec<String> = found.iter().take(40).map(ToString::to_string).collect();
            let lines = lines.join("\n");
            assert!(
                found.is_empty(),
                "{name}: {} differences, of {staging:?} and {production:?}\n{lines}",
                found.len()
            );
        }
    }
}

/// How a dialect writes.
type Write = fn(&[Stack]) -> (ir::Bundle, ir::Diagnostics);

fn without_secrets(mut node: Node) -> Node {
    fn level(
        attrs: &mut indexmap::IndexMap<String, Value>,
        attributes: &BTreeMap<String, AttrInfo>,
        blocks: &BTreeMap<String, BlockInfo>,
    ) {
        attrs.retain(|name, _| attributes.get(name).is_none_or(|a| !a.sensitive));
        for (name, block) in blocks {
            if let Some(Value::List(items)) = attrs.get_mut(name) {
                for item in items {
                    if let Value::Map(inner) = item {
                        level(inner, &block.attributes, &block.blocks);
                    }
                }
            }
        }
    }
    let schema = &kinds::of(&node.address).expect("of the catalogue").schema;
    level(&mut node.attrs, &schema.attributes, &schema.blocks);
    node
}

#[test]
fn every_kind_is_written_equal_different_and_absent() {
    for (staging, production, everywhere) in CASES {
        let stacks = [stack("staging", staging), stack("production", production)];
        let (bundle, diagnostics) = dialect::terraform::write(&stacks);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        declared::check(&bundle);
        for info in kinds::all().filter(|i| !i.data) {
            let text = module(&bundle, &info.kind);
            for (name, attribute) in &info.schema.attributes {
                let settable = attribute.required || attribute.optional;
                assert!(!settable || text.contains(&format!("{name} ")), "{}.{name}", info.kind);
            }
            for name in info.schema.blocks.keys() {
                let block = if *everywhere { format!("{name} {{") } else { format!("dynamic \"{name}\" {{") };
                assert!(text.contains(&block), "{}: {block}", info.kind);
            }
        }
    }
}
