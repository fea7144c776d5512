//! Whether two readings of an infrastructure say the same.
//!
//! What is written in a dialect and read back must be what was there before, in everything that a cloud sees. Dialects
//! spell the same thing in different ways, and only what is declared here counts as the same: nothing written as null or
//! left out, an input and its value, names that differ in case and punctuation, numbers and truth values in quotes where
//! the schema takes them, the order of sets, what is looked up but not used, and the parts of a component. Sentences for people, usage and origins are no part of an infrastructure.
//! Must not know any dialect.

pub mod unnamed;

use std::collections::{BTreeMap, BTreeSet};

use catalog::kinds::{AttrInfo, BlockInfo, Type};
use indexmap::IndexMap;
use ir::names::snake;
use ir::{Address, Mode, Node, Ref, Stack, Step, Value};

/// Something that two readings say differently.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// Where: the stack, the node and the way into it.
    pub place: String,
    /// What of it: `node`, `attribute`, `lifecycle`, `depends-on`, `region`, `tags` or `stack`.
    pub of: &'static str,
    /// What the first says; empty where it says nothing.
    pub first: String,
    /// What the second says; empty where it says nothing.
    pub second: String,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let said = |text: &str| if text.is_empty() { "nothing".to_owned() } else { text.to_owned() };
        write!(f, "{} ({}): {} became {}", self.place, self.of, said(&self.first), said(&self.second))
    }
}

/// Every difference between two sets of stacks, which are matched by name.
#[must_use]
pub fn differences(first: &[Stack], second: &[Stack]) -> Vec<Difference> {
    let mut found = Vec::new();
    let names: BTreeSet<&str> = first.iter().chain(second).map(|s| s.name.as_str()).collect();
    for name in names {
        let of = |stacks: &'_ [Stack]| stacks.iter().position(|s| s.name == name);
        match (of(first), of(second)) {
            (Some(a), Some(b)) => Comparison::new(&first[a], &second[b]).run(&mut found),
            (a, _) => found.push(one_sided(name, "stack", a.is_some())),
        }
    }
    found
}

fn one_sided(place: &str, of: &'static str, in_first: bool) -> Difference {
    let side = |there: bool| if there { "there".to_owned() } else { String::new() };
    Difference { place: place.to_owned(), of, first: side(in_first), second: side(!in_first) }
}

/// Two stacks that are one.
struct Comparison<'s> {
    first: &'s Stack,
    second: &'s Stack,
    /// A stack of one component needs no name for it, so dialects drop it.
    alone: bool,
    /// The components that both have.
    common: BTreeSet<String>,
}

impl<'s> Comparison<'s> {
    fn new(first: &'s Stack, second: &'s Stack) -> Self {
        let components = |stack: &Stack| {
            stack.graph.nodes().map(|n| spelt(&n.address.component)).collect::<BTreeSet<String>>()
        };
        let (own, other) = (components(first), components(second));
        let alone = own.len() <= 1 && other.len() <= 1;
        Self { first, second, alone, common: own.intersection(&other).cloned().collect() }
    }

    fn run(&self, found: &mut Vec<Difference>) {
        let (a, b) = (self.first, self.second);
        let mut differ = |place: &str, of, first: String, second: String| {
            if first != second {
                found.push(Difference { place: place.to_owned(), of, first, second });
            }
        };
        differ(&a.name, "stack", kind_of_stack(a), kind_of_stack(b));
        differ(&a.name, "region", a.region.clone(), b.region.clone());
        let tags = |stack: &Stack| format!("{:?}", stack.tags.iter().collect::<BTreeMap<_, _>>());
        differ(&a.name, "tags", tags(a), tags(b));
        let of = |stack: &'s Stack| {
            let used: BTreeSet<&Address> = stack.graph.nodes().flat_map(Node::dependencies).collect();
            // What is looked up without a question and not used does nothing.
            let does = |n: &&Node| {
                n.address.mode == Mode::Managed || !n.attrs.is_empty() || used.contains(&n.address)
            };
            let nodes = stack.graph.nodes().filter(does);
            nodes.map(|n| (self.name(&n.address), n)).collect::<BTreeMap<String, &Node>>()
        };
        let (nodes, others) = (of(a), of(b));
        for name in nodes.keys().chain(others.keys()).collect::<BTreeSet<_>>() {
            match (nodes.get(name), others.get(name)) {
                (Some(first), Some(second)) => self.node(name, first, second, found),
                (first, _) => found.push(one_sided(&format!("{}: {name}", a.name), "node", first.is_some())),
            }
        }
    }

    fn node(&self, name: &str, first: &Node, second: &Node, found: &mut Vec<Difference>) {
        let place = format!("{}: {name}", self.first.name);
        let region = |stack: &Stack, node: &Node| node.region.clone().unwrap_or_else(|| stack.region.clone());
        let facts: [(&'static str, String, String); 3] = [
            ("region", region(self.first, first), region(self.second, second)),
            ("lifecycle", lifecycle(first), lifecycle(second)),
            ("depends-on", self.needs(first), self.needs(second)),
        ];
        for (of, first, second) in facts {
            if first != second {
                found.push(Difference { place: place.clone(), of, first, second });
            }
        }
        let schema = catalog::kinds::of(&first.address).map(|kind| &kind.schema);
        let level = Level::Block(schema.map(|s| (&s.attributes, &s.blocks)));
        let whole = |stack: &Stack, node: &Node| self.plain(&Value::Map(said_here(stack, node)), level);
        let (first, second) = (whole(self.first, first), whole(self.second, second));
        compare(&place, first.as_ref(), second.as_ref(), found);
    }

    /// What a node is called, spelt alike in all dialects.
    fn name(&self, address: &Address) -> String {
        let whole = spelt(&address.component);
        let component = match (self.alone, self.part_of(&whole)) {
            (true, _) => String::new(),
            (false, Some(component)) => component.to_owned(),
            (false, None) => whole,
        };
        Address { component, name: snake(&address.name), ..address.clone() }.to_string()
    }

    /// The component that one is a part of: dialects that make one component after another split those that need each
    /// other, and name the parts after the whole.
    fn part_of<'c>(&self, component: &'c str) -> Option<&'c str> {
        let mut name = component;
        while !self.common.contains(name) {
            name = name.rsplit_once('_')?.0;
        }
        Some(name)
    }

    /// What a node waits for, although no attribute says so.
    fn needs(&self, node: &Node) -> String {
        let mut shown = BTreeSet::new();
        for value in node.attrs.values() {
            value.each_ref(&mut |r| {
                shown.insert(self.name(&r.to));
            });
        }
        let needs: BTreeSet<String> = node.depends_on.iter().map(|to| self.name(to)).collect();
        needs.difference(&shown).cloned().collect::<Vec<_>>().join(", ")
    }

    /// A value as what it means; `None` where it means nothing.
    fn plain(&self, value: &Value, level: Level<'_>) -> Option<Plain> {
        Some(match value.known() {
            Value::Null => return None,
            Value::Unknown(_) => Plain::Word("unknown".to_owned()),
            Value::Secret(_) => Plain::Word("a secret".to_owned()),
            Value::File(path) => Plain::Word(format!("the text of {path}")),
            Value::Ref(r) => Plain::Word(self.reference(r)),
            Value::Bool(b) => scalar(&b.to_string(), level, "bool"),
            Value::Int(n) => scalar(&n.to_string(), level, "number"),
            Value::Float(n) => scalar(&n.to_string(), level, "number"),
            Value::Str(text) => match serde_json::from_str(text) {
                // A document in a string is the document.
                Ok(document @ (serde_json::Value::Array(_) | serde_json::Value::Object(_))) => {
                    Plain::Json(Box::new(self.plain(&document_of(document), Level::Unknown)?))
                }
                _ => scalar(text, level, "text"),
            },
            Value::Template(parts) => match value.text() {
                Some(text) => return self.plain(&Value::Str(text), level),
                None => Plain::Word(parts.iter().map(|part| self.part(part)).collect::<Vec<_>>().concat()),
            },
            Value::Json(inner) => Plain::Json(Box::new(self.plain(inner, Level::Unknown)?)),
            Value::List(items) => {
                let items: Vec<Plain> =
                    items.iter().filter_map(|item| self.plain(item, level.item())).collect();
                if items.is_empty() && level.is_block() {
                    return None;
                }
                if level.is_set() { Plain::Set(items.into_iter().collect()) } else { Plain::List(items) }
            }
            Value::Map(entries) => {
                if level.is_many() {
                    // A lone block is a list of one.
                    let only = self.plain(value, level.item())?;
                    return Some(if level.is_set() {
                        Plain::Set([only].into())
                    } else {
                        Plain::List(vec![only])
                    });
                }
                let entry = |(k, v): (&String, &Value)| Some((k.clone(), self.plain(v, level.entry(k))?));
                Plain::Map(entries.iter().filter_map(entry).collect())
            }
            Value::Input(_) => return None,
        })
    }

    /// A part of a text: what is known of it as it is, also inside other parts.
    fn part(&self, part: &Value) -> String {
        match (part.text(), part.known()) {
            (Some(text), _) => text,
            (None, Value::Template(parts)) => parts.iter().map(|part| self.part(part)).collect(),
            (None, other) => match self.plain(other, Level::Unknown) {
                Some(Plain::Word(word)) => format!("${{{word}}}"),
                other => format!("${{{}}}", said(other.as_ref())),
            },
        }
    }

    fn reference(&self, r: &Ref) -> String {
        let steps = r.path.iter().map(|step| match step {
            Step::Attr(name) => format!(".{name}"),
            Step::Index(i) => format!("[{i}]"),
        });
        format!("{}{}", self.name(&r.to), steps.collect::<String>())
    }
}

/// The attributes of a node, without the tags that the whole stack has.
fn said_here(stack: &Stack, node: &Node) -> IndexMap<String, Value> {
    let mut attrs = node.attrs.clone();
    if let Some(Value::Map(tags)) = attrs.get_mut("tags") {
        tags.retain(|name, value| {
            stack.tags.get(name).is_none_or(|common| value.text().as_ref() != Some(common))
        });
        if tags.is_empty() {
            attrs.shift_remove("tags");
        }
    }
    attrs
}

/// What a value means.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Plain {
    /// Something that is not known here, in words.
    Word(String),
    /// Text, a number or a truth value.
    Scalar(String),
    List(Vec<Plain>),
    Set(BTreeSet<Plain>),
    Map(BTreeMap<String, Plain>),
    Json(Box<Plain>),
}

/// A scalar; where the schema does not say that the spelling means nothing, its type is part of it.
fn scalar(text: &str, level: Level<'_>, ty: &str) -> Plain {
    let text = match text.parse::<f64>() {
        Ok(number) if level.is_number() => number.to_string(),
        _ => text.to_owned(),
    };
    if level.is_typed() { Plain::Scalar(text) } else { Plain::Scalar(format!("{ty} {text}")) }
}

fn document_of(document: serde_json::Value) -> Value {
    match document {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(b) => Value::Bool(b),
        serde_json::Value::Number(n) => match n.as_i64() {
            Some(whole) => Value::Int(whole),
            None => Value::Float(n.as_f64().unwrap_or(f64::NAN)),
        },
        serde_json::Value::String(s) => Value::Str(s),
        serde_json::Value::Array(items) => Value::List(items.into_iter().map(document_of).collect()),
        serde_json::Value::Object(entries) => {
            Value::map(entries.into_iter().map(|(k, v)| (k, document_of(v))))
        }
    }
}

type Fields<'k> = (&'k BTreeMap<String, AttrInfo>, &'k BTreeMap<String, BlockInfo>);

/// What the schema says about a value.
#[derive(Clone, Copy)]
enum Level<'k> {
    /// Nested blocks, or one of them.
    Blocks(&'k BlockInfo),
    /// The entries of a kind or block.
    Block(Option<Fields<'k>>),
    /// An attribute of a type.
    Typed(&'k Type),
    /// Nothing.
    Unknown,
}

impl<'k> Level<'k> {
    fn entry(self, name: &str) -> Level<'k> {
        match self {
            Level::Block(Some((attributes, blocks))) => match (attributes.get(name), blocks.get(name)) {
                (Some(attribute), _) => Level::Typed(&attribute.ty),
                (None, Some(block)) => Level::Blocks(block),
                (None, None) => Level::Unknown,
            },
            Level::Typed(Type::Map(item)) => Level::Typed(item),
            Level::Typed(Type::Object(fields)) => fields.get(name).map_or(Level::Unknown, Level::Typed),
            _ => Level::Unknown,
        }
    }

    fn item(self) -> Level<'k> {
        match self {
            Level::Blocks(block) => Level::Block(Some((&block.attributes, &block.blocks))),
            Level::Typed(Type::List(item) | Type::Set(item)) => Level::Typed(item),
            _ => Level::Unknown,
        }
    }

    fn is_block(self) -> bool {
        matches!(self, Level::Blocks(_))
    }

    fn is_many(self) -> bool {
        matches!(self, Level::Blocks(_) | Level::Typed(Type::List(_) | Type::Set(_)))
    }

    fn is_set(self) -> bool {
        match self {
            Level::Blocks(block) => block.nesting.set,
            Level::Typed(ty) => matches!(ty, Type::Set(_)),
            _ => false,
        }
    }

    fn is_typed(self) -> bool {
        matches!(self, Level::Typed(Type::String | Type::Number | Type::Bool))
    }

    fn is_number(self) -> bool {
        matches!(self, Level::Typed(Type::Number))
    }
}

fn compare(place: &str, first: Option<&Plain>, second: Option<&Plain>, found: &mut Vec<Difference>) {
    match (first, second) {
        (a, b) if a == b => {}
        (Some(Plain::Map(a)), Some(Plain::Map(b))) => {
            for key in a.keys().chain(b.keys()).collect::<BTreeSet<_>>() {
                compare(&format!("{place}.{key}"), a.get(key), b.get(key), found);
            }
        }
        (Some(Plain::Json(a)), Some(Plain::Json(b))) => compare(place, Some(a), Some(b), found),
        (Some(Plain::List(a)), Some(Plain::List(b))) if a.len() == b.len() => {
            for (i, (a, b)) in a.iter().zip(b).enumerate() {
                compare(&format!("{place}[{i}]"), Some(a), Some(b), found);
            }
        }
        (Some(Plain::Set(a)), Some(Plain::Set(b))) => {
            let only = |a: &BTreeSet<Plain>, b: &BTreeSet<Plain>| {
                a.difference(b).map(|v| said(Some(v))).collect::<Vec<_>>().join(", ")
            };
            found.push(difference(place, only(a, b), only(b, a)));
        }
        (a, b) => found.push(difference(place, said(a), said(b))),
    }
}

fn difference(place: &str, first: String, second: String) -> Difference {
    Difference { place: place.to_owned(), of: "attribute", first, second }
}

/// A value in words.
fn said(value: Option<&Plain>) -> String {
    let all =
        |items: &mut dyn Iterator<Item = &Plain>| items.map(|v| said(Some(v))).collect::<Vec<_>>().join(", ");
    match value {
        None => String::new(),
        Some(Plain::Word(word)) => word.clone(),
        Some(Plain::Scalar(text)) => format!("`{text}`"),
        Some(Plain::List(items)) => format!("[{}]", all(&mut items.iter())),
        Some(Plain::Set(items)) => format!("[{}]", all(&mut items.iter())),
        Some(Plain::Json(inner)) => format!("the document {}", said(Some(inner))),
        Some(Plain::Map(entries)) => {
            let entries = entries.iter().map(|(k, v)| format!("{k} = {}", said(Some(v))));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

/// The name of a component, spelt alike in all dialects. A key in it is no name.
fn spelt(component: &str) -> String {
    let part = |part: &str| if part.contains('[') { part.to_owned() } else { snake(part) };
    if component.is_empty() {
        String::new()
    } else {
        component.split('.').map(part).collect::<Vec<_>>().join(".")
    }
}

fn kind_of_stack(stack: &Stack) -> String {
    if stack.environment { "an environment" } else { "a stack of its own" }.to_owned()
}

fn lifecycle(node: &Node) -> String {
    let mut said: Vec<String> = Vec::new();
    if node.lifecycle.prevent_destroy {
        said.push("prevent_destroy".to_owned());
    }
    if node.lifecycle.create_before_destroy {
        said.push("create_before_destroy".to_owned());
    }
    said.extend(node.lifecycle.ignore_changes.iter().map(|path| format!("ignores {path}")));
    said.sort();
    said.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ir::{Graph, Input, Kind};

    fn stack(component: &str, kind: &str, attrs: &[(&str, Value)]) -> Stack {
        let mut graph = Graph::new();
        let mut node = Node::new(Address::new(component, Kind::named(kind), "this"));
        node.attrs = attrs.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
        graph.insert(node);
        let tags = [("App".to_owned(), "shop".to_owned())].into();
        Stack { name: "s".into(), environment: true, region: "eu-west-1".into(), tags, graph }
    }

    /// Two nodes, in two components.
    fn both(one: &str, other: &str) -> Stack {
        let mut stack = stack(one, "t", &[]);
        stack.graph.insert(Node::new(Address::new(other, Kind::of("u"), "this")));
        stack.graph.insert(Node::new(Address::new("z", Kind::of("u"), "this")));
        stack
    }

    fn input(value: Value) -> Value {
        Value::Input(Box::new(Input { name: "x".into(), value }))
    }

    #[test]
    fn spellings_of_the_same_thing_agree() {
        let instance = |attrs: &[(&str, Value)]| stack("a-b", "aws_db_instance", attrs);
        let block = |v: Value| [("timeouts_are_unknown_here", Value::Null), ("restore_to_point_in_time", v)];
        let point = Value::map([("use_latest_restorable_time", true)]);
        for (a, b) in [
            (instance(&[("port", 5432.into())]), instance(&[("port", "5432".into())])),
            (instance(&[("multi_az", true.into())]), instance(&[("multi_az", input("true".into()))])),
            (instance(&[("engine", Value::Null)]), instance(&[])),
            (instance(&[("engine", Value::template(["a", "b"]))]), instance(&[("engine", "ab".into())])),
            (
                instance(&[("vpc_security_group_ids", Value::list(["a", "b"]))]),
                instance(&[("vpc_security_group_ids", Value::list(["b", "a"]))]),
            ),
            (instance(&block(Value::list([point.clone()]))), instance(&block(point.clone()))),
            (instance(&block(Value::List(vec![]))), instance(&[])),
            (instance(&[("tags", Value::map([("App", "shop")]))]), instance(&[])),
            (stack("a-b", "t", &[]), stack("a_b", "t", &[])),
            (both("a", "a"), both("a", "a-base")),
            (
                stack("", "t", &[("p", Value::json(Value::map([("a", 1)])))]),
                stack("", "t", &[("p", "{\"a\":1}".into())]),
            ),
        ] {
            assert_eq!(differences(&[a], &[b]), []);
        }
    }

    #[test]
    fn what_a_cloud_would_see_differs() {
        let t = |attrs: &[(&str, Value)]| stack("c", "t", attrs);
        let x = |v: Value| t(&[("x", v)]);
        let reference = |name: &str| {
            let to = Address::new("c", Kind::of("t"), name);
            Value::Ref(Ref { to, path: vec![Step::Attr("id".into())] })
        };
        for (a, b, of) in [
            (x(1.into()), x(2.into()), "attribute"),
            (x(1.into()), x("1".into()), "attribute"),
            (x(1.into()), t(&[]), "attribute"),
            (x(Value::list([1, 2])), x(Value::list([2, 1])), "attribute"),
            (x(Value::list([1])), x(Value::list([1, 1])), "attribute"),
            (x(reference("a")), x(reference("b")), "attribute"),
            (x(Value::Unknown("a".into())), x("a".into()), "attribute"),
            (t(&[]), stack("c", "u", &[]), "node"),
            (both("a", "a"), both("a", "b"), "node"),
            (t(&[]), Stack { region: "eu-west-2".into(), ..t(&[]) }, "region"),
            (t(&[]), Stack { tags: [].into(), ..t(&[]) }, "tags"),
            (t(&[]), Stack { environment: false, ..t(&[]) }, "stack"),
            (t(&[]), Stack { name: "z".into(), ..t(&[]) }, "stack"),
        ] {
            let found = differences(&[a], &[b]);
            assert!(found.iter().any(|d| d.of == of), "{of}: {found:?}");
        }
    }
}
