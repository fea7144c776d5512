//! Every key of the table, alone: written, read, printed and found again.

use std::collections::BTreeMap;

use ir::SourceMap;
use serde_json::{Value, json};
use spec::yaml::keys::{Object, SPEC, Ty};

/// A specification in which every key may stand: what they name is declared.
const AROUND: &str = r#"{
    "version": 1, "name": "shop",
    "services": {"cart": {"image": "cart:1", "port": 7070}, "x": {"image": "x:1"}},
    "resources": {"q": {"type": "queue"}, "db": {"type": "postgres"}},
    "secrets": ["OTHER_KEY"]
}"#;

/// What a key needs beside it: its path, and the other key with its value.
const NEEDS: &[(&str, &str, &str)] = &[
    ("services.x.public", "services.x.port", "8080"),
    ("services.x.host", "services.x.port", "8080"),
    ("services.x.build", "services.x.image", ""),
    ("services.x.static", "services.x.image", ""),
    ("services.x.build.dockerfile", "services.x.build.context", "./x"),
    ("services.x.build.target", "services.x.build.context", "./x"),
    ("services.x.build.args", "services.x.build.context", "./x"),
    ("resources.db.size", "resources.db.type", "bucket"),
    ("resources.db.subscribers", "resources.db.type", "topic"),
];

/// Where a format's example would not do: the key, and a value that survives unchanged.
const EXAMPLES: &[(&str, &str)] = &[
    ("services.x.uses", "q"),
    ("resources.db.subscribers", "q"),
    ("environments.x.rto", "1h"),
    ("resources.db.retention", "4d"),
    ("services.x.load.response", "4KiB"),
];

/// Keys with one supported value, which is the default and so is never written.
const ONLY_DEFAULTS: &[&str] = &["deliver.ci", "deliver.secrets"];

/// Keys whose value is written in a shorter form when it stands alone: the path it is then found at.
const SHORTER: &[(&str, &str)] = &[("services.x.build.context", "services.x.build")];

/// The name under which a value stands in a mapping of names, where `x` would not do.
const PLACEHOLDERS: &[(&str, &str)] =
    &[("services.x.uses", "q"), ("resources", "db"), ("secrets", "X_Y"), ("services.x.env", "X.Y-Z")];

/// Path and value, below the root.
type Leaf = (Vec<String>, Value);

fn leaves(object: &Object, path: &[String], out: &mut Vec<Leaf>) {
    for key in object.keys {
        values(key.ty, &with(path, key.name), out);
    }
}

fn with(path: &[String], key: &str) -> Vec<String> {
    path.iter().cloned().chain([key.to_owned()]).collect()
}

fn values(ty: Ty, path: &[String], out: &mut Vec<Leaf>) {
    let dotted = path.join(".");
    match ty {
        Ty::Text(format) => {
            let own = EXAMPLES.iter().find(|(p, _)| *p == dotted).map(|(_, v)| *v);
            out.push((path.to_vec(), json!(own.unwrap_or(format.describe().example))));
        }
        Ty::Bool => out.push((path.to_vec(), json!(true))),
        Ty::Word(words, _) => out.extend(words.iter().map(|w| (path.to_vec(), json!(w)))),
        Ty::List(item) | Ty::Set(item) => {
            let mut items = Vec::new();
            values(*item, path, &mut items);
            out.extend(items.into_iter().map(|(below, value)| {
                let mut nested = Value::Null;
                put(&mut nested, &below[path.len()..], value);
                (path.to_vec(), json!([nested]))
            }));
        }
        Ty::Map(_, value) => {
            let name = PLACEHOLDERS.iter().find(|(p, _)| *p == dotted).map_or("x", |(_, name)| name);
            values(*value, &with(path, name), out);
        }
        Ty::Object(object) => leaves(object, path, out),
        Ty::Either(choices) => choices.iter().for_each(|choice| values(*choice, path, out)),
    }
}

fn put(tree: &mut Value, path: &[String], value: Value) {
    let Some((first, rest)) = path.split_first() else {
        *tree = value;
        return;
    };
    if !tree.is_object() {
        *tree = json!({});
    }
    put(&mut tree[first.as_str()], rest, value);
}

fn split(path: &str) -> Vec<String> {
    path.split('.').map(str::to_owned).collect()
}

/// Scalars as text: `8080` and `"8080"` are the same port.
fn plain(value: &Value) -> Value {
    match value {
        Value::Number(_) | Value::Bool(_) => json!(value.to_string()),
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(entries) => entries.iter().map(|(k, v)| (k.clone(), plain(v))).collect(),
        other => other.clone(),
    }
}

fn printed(tree: &Value, path: &[String]) -> Value {
    let text = tree.to_string();
    let (spec, diagnostics) = spec::yaml::read("mainstay.yaml", &text, &[], &mut SourceMap::default());
    let spec = spec.unwrap_or_else(|| panic!("{path:?}: {text}\n{diagnostics:#?}"));
    let printed = spec::yaml::print(&spec);
    serde_saphyr::from_str(&printed).unwrap_or_else(|e| panic!("{path:?}: {printed}\n{e}"))
}

#[test]
fn every_key_of_the_table_is_read_and_printed() {
    let mut all = Vec::new();
    leaves(&SPEC, &[], &mut all);
    // A key is kept when one of its values is found again: the default among them is not written.
    let mut kept: BTreeMap<String, bool> = BTreeMap::new();
    for (path, value) in all {
        let dotted = path.join(".");
        let mut tree: Value = serde_json::from_str(AROUND).expect("valid");
        for (_, other, needed) in
            NEEDS.iter().filter(|(p, ..)| dotted == *p || dotted.starts_with(&format!("{p}.")))
        {
            match *needed {
                "" => drop(tree["services"]["x"].as_object_mut().expect("a service").remove("image")),
                needed => put(&mut tree, &split(other), json!(needed)),
            }
        }
        put(&mut tree, &path, value.clone());
        let printed = printed(&tree, &path);
        let shorter = SHORTER.iter().find(|(p, _)| *p == dotted).map(|(_, to)| split(to));
        let at = shorter.unwrap_or(path);
        let found = at.iter().try_fold(&printed, |tree, key| tree.get(key));
        *kept.entry(dotted).or_default() |= found.map(plain) == Some(plain(&value));
    }
    assert!(kept.len() > 60, "the whole table is walked: {}", kept.len());
    let lost: Vec<&str> = kept.iter().filter(|(_, kept)| !**kept).map(|(path, _)| path.as_str()).collect();
    let mut expected = ONLY_DEFAULTS.to_vec();
    expected.sort_unstable();
    assert_eq!(lost, expected, "a key that is read and not printed, or not read at all, is lost");
}
