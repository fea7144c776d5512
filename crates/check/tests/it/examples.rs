//! Graphs in the tiny YAML form that rules' documentation uses.
//!
//! `kind.name: {attributes}`; `!ref kind.name.path` refers, `!json` marks a document, `!secret NAME` and
//! `!unknown reason` are what they say. `data.kind.name` is a data source.

use ir::yaml::{self, Data, Yaml};
use ir::{Address, Graph, Kind, Mode, Node, Ref, SecretRef, Stack, Step, Value};

/// A stack of one graph.
pub(crate) fn stack(text: &str) -> Stack {
    let mut sources = ir::SourceMap::default();
    let (documents, diagnostics) = yaml::parse(text, sources.add("example", text));
    assert!(diagnostics.is_empty(), "{diagnostics:?}\n{text}");
    let mut graph = Graph::new();
    for (key, attrs) in documents.first().and_then(Yaml::entries).unwrap_or(&[]) {
        let (address, path) = address(&key.text);
        assert!(path.is_empty(), "`{}` is no address", key.text);
        let mut node = Node::new(address);
        for (name, attr) in attrs.entries().unwrap_or(&[]) {
            node.attrs.insert(name.text.clone(), value(attr));
        }
        graph.insert(node);
    }
    Stack {
        name: "example".into(),
        environment: true,
        region: "eu-west-1".into(),
        tags: Default::default(),
        graph,
    }
}

fn address(text: &str) -> (Address, Vec<Step>) {
    let mut parts = text.split('.').peekable();
    let data = parts.next_if_eq(&"data").is_some();
    let kind = parts.next().expect("a kind");
    let name = parts.next().unwrap_or_else(|| panic!("`{text}` has no name"));
    let mut address = Address::new("", Kind::named(kind), name);
    if data {
        address.mode = Mode::Data;
    }
    let step = |p: &str| p.parse().map_or_else(|_| Step::Attr(p.to_owned()), Step::Index);
    (address, parts.map(step).collect())
}

fn value(yaml: &Yaml) -> Value {
    match (yaml.tag.as_deref(), yaml.scalar()) {
        (Some("!ref"), Some(text)) => {
            let (to, path) = address(&text);
            return Value::Ref(Ref { to, path });
        }
        (Some("!secret"), Some(name)) => return Value::Secret(SecretRef { name }),
        (Some("!unknown"), Some(reason)) => return Value::Unknown(reason),
        _ => {}
    }
    let plain = match &yaml.data {
        Data::Null => Value::Null,
        Data::Bool(b) => Value::Bool(*b),
        Data::Int(n) => Value::Int(*n),
        Data::Float(n) => Value::Float(*n),
        Data::Str(s) => Value::Str(s.clone()),
        Data::Seq(items) => Value::List(items.iter().map(value).collect()),
        Data::Map(entries) => Value::Map(entries.iter().map(|(k, v)| (k.text.clone(), value(v))).collect()),
    };
    if yaml.tag.as_deref() == Some("!json") { Value::json(plain) } else { plain }
}
