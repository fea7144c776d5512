//! Values in one canonical form, for hashing.
//!
//! Two graphs that mean the same have the same form, whatever order their maps were written in. Secrets appear
//! by name, as everywhere.

use std::hash::{BuildHasher, Hash, Hasher};

use ir::{Step, Value};
use serde_json::json;

/// A value as JSON with sorted keys; what is no literal becomes an object with one `$` key.
#[must_use]
pub(crate) fn canonical(value: &Value) -> serde_json::Value {
    match value.known() {
        Value::Null => serde_json::Value::Null,
        Value::Bool(b) => json!(b),
        Value::Int(n) => json!(n),
        Value::Float(n) => json!(n),
        Value::Str(s) => json!(s),
        Value::List(items) => items.iter().map(canonical).collect(),
        Value::Map(entries) => {
            let mut sorted: Vec<_> = entries.iter().collect();
            sorted.sort_by_key(|(key, _)| *key);
            sorted.into_iter().map(|(key, value)| (key.clone(), canonical(value))).collect()
        }
        Value::Ref(r) => {
            let path: Vec<_> = r
                .path
                .iter()
                .map(|step| match step {
                    Step::Attr(name) => json!(name),
                    Step::Index(i) => json!(i),
                })
                .collect();
            json!({ "$ref": r.to.to_string(), "path": path })
        }
        Value::Template(parts) => json!({ "$join": parts.iter().map(canonical).collect::<Vec<_>>() }),
        Value::Json(inner) => json!({ "$json": canonical(inner) }),
        Value::File(path) => json!({ "$file": path }),
        Value::Secret(secret) => json!({ "$secret": secret.name }),
        Value::Input(input) => canonical(&input.value),
        Value::Unknown(reason) => json!({ "$unknown": reason }),
    }
}

/// A fingerprint of attributes: equal for equal canonical forms, without printing any.
#[must_use]
pub(crate) fn digest<'a>(attributes: impl Iterator<Item = (&'a String, &'a Value)>) -> u64 {
    let mut hasher = foldhash::quality::FixedState::default().build_hasher();
    for (name, value) in attributes {
        name.hash(&mut hasher);
        feed(value, &mut hasher);
    }
    hasher.finish()
}

/// Feeds a value with a mark of its shape and, where it has parts, their number, so that no two forms run into
/// each other.
fn feed(value: &Value, hasher: &mut impl Hasher) {
    let value = value.known();
    std::mem::discriminant(value).hash(hasher);
    match value {
        Value::Null => {}
        Value::Bool(b) => b.hash(hasher),
        Value::Int(n) => n.hash(hasher),
        Value::Float(n) => n.to_bits().hash(hasher),
        Value::Str(s) | Value::File(s) | Value::Unknown(s) => s.hash(hasher),
        Value::List(items) | Value::Template(items) => {
            items.len().hash(hasher);
            items.iter().for_each(|item| feed(item, hasher));
        }
        Value::Map(entries) => {
            entries.len().hash(hasher);
            let mut sorted: Vec<_> = entries.iter().collect();
            sorted.sort_unstable_by_key(|(key, _)| *key);
            for (key, value) in sorted {
                key.hash(hasher);
                feed(value, hasher);
            }
        }
        Value::Ref(r) => {
            r.to.hash(hasher);
            r.path.hash(hasher);
        }
        Value::Json(inner) => feed(inner, hasher),
        Value::Secret(secret) => secret.hash(hasher),
        Value::Input(input) => feed(&input.value, hasher),
    }
}

#[cfg(test)]
mod tests {
    use ir::{Address, Input, Kind, Ref, SecretRef};

    use super::*;

    /// Every shape of a value, in pairs that are easily taken for each other.
    fn shapes() -> Vec<Value> {
        let to = |name: &str, step: Step| {
            Value::Ref(Ref { to: Address::new("c", Kind::of("k"), name), path: vec![step] })
        };
        let input = |value: Value| Value::Input(Box::new(Input { name: "n".into(), value }));
        vec![
            Value::Null,
            false.into(),
            true.into(),
            0.into(),
            1.into(),
            0.5.into(),
            "".into(),
            "1".into(),
            Value::list::<Value>([]),
            Value::list(["ab"]),
            Value::list(["a", "b"]),
            Value::list([Value::list(["a"]), "b".into()]),
            Value::list([Value::list(["a", "b"])]),
            Value::map::<&str, Value>([]),
            Value::map([("a", "b"), ("b", "a")]),
            Value::map([("b", "a"), ("a", "b")]),
            Value::map([("a", "a"), ("b", "b")]),
            Value::template(["a", "b"]),
            Value::json(Value::list(["a", "b"])),
            Value::File("a".into()),
            Value::File("b".into()),
            to("a", Step::Attr("id".into())),
            to("a", Step::Index(0)),
            to("b", Step::Attr("id".into())),
            Value::Secret(SecretRef { name: "a".into() }),
            Value::Unknown("a".into()),
            input(1.into()),
            input(Value::list([input("a".into()), "b".into()])),
        ]
    }

    #[test]
    fn fingerprints_tell_apart_what_the_canonical_form_tells_apart() {
        let name = "name".to_owned();
        for a in &shapes() {
            for b in &shapes() {
                let same = canonical(a) == canonical(b);
                assert_eq!(
                    digest([(&name, a)].into_iter()) == digest([(&name, b)].into_iter()),
                    same,
                    "{a:?} {b:?}"
                );
            }
        }
    }
}
