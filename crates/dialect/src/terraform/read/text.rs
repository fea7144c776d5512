//! Values as text, numbers and JSON, and back.
//!
//! Terraform turns values into text in templates and function arguments, and documents into values and back. Text of
//! what is not wholly known does not exist. Must not know expressions.

use indexmap::IndexMap;
use ir::Value;
use serde_json::Value as Json;

/// The text of a string, number or truth value that is wholly known, also of a JSON document.
pub(crate) fn of(value: &Value) -> Option<String> {
    match value.known() {
        Value::Json(inner) => Some(print_json(&json(inner)?)),
        Value::Template(parts) => parts.iter().map(of).collect(),
        Value::Float(n) => Some(fraction(*n)),
        other => other.text(),
    }
}

/// A number as Terraform prints it: without a fraction where there is none.
fn fraction(n: f64) -> String {
    if n.fract() == 0.0 && n.abs() < 1e21 { format!("{n:.0}") } else { n.to_string() }
}

/// A number, whole where it is whole.
pub(crate) fn number(text: &str) -> Option<Value> {
    let text = text.trim();
    if let Ok(whole) = text.parse::<i64>() {
        return Some(Value::Int(whole));
    }
    let plain = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
    text.parse::<f64>().ok().filter(|n| plain && n.is_finite()).map(float)
}

/// A number, whole where it is whole.
pub(crate) fn float(n: f64) -> Value {
    // Every whole number up to 2^53 is a float exactly; above it, a float says nothing about the last digits.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[allow(clippy::cast_possible_truncation, reason = "whole and within the range of exact whole floats")]
    if n.fract() == 0.0 && n.abs() <= EXACT { Value::Int(n as i64) } else { Value::Float(n) }
}

/// Without inputs: templates that are wholly known become text.
pub(crate) fn plain(value: Value) -> Value {
    match value {
        Value::Input(input) => plain(input.value),
        Value::List(items) => Value::List(items.into_iter().map(plain).collect()),
        Value::Map(entries) => Value::Map(entries.into_iter().map(|(k, v)| (k, plain(v))).collect()),
        Value::Json(inner) => Value::json(plain(*inner)),
        Value::Template(parts) => join(parts.into_iter().map(plain).collect()),
        other => other,
    }
}

/// Text joined from parts: one string where all are known, a template where they are not.
pub(crate) fn join(parts: Vec<Value>) -> Value {
    let mut joined: Vec<Value> = Vec::with_capacity(parts.len());
    for part in parts {
        let part = match part {
            Value::Template(inner) => {
                joined.extend(inner);
                continue;
            }
            Value::Input(_) => part,
            other => of(&other).map_or(other, Value::Str),
        };
        match (joined.last_mut(), part) {
            (_, Value::Str(text)) if text.is_empty() => {}
            (Some(Value::Str(before)), Value::Str(text)) => before.push_str(&text),
            (_, part) => joined.push(part),
        }
    }
    match joined.len() {
        0 => Value::Str(String::new()),
        1 if matches!(joined[0], Value::Str(_)) => joined.swap_remove(0),
        _ => Value::Template(joined),
    }
}

/// A document of values that are wholly known.
pub(crate) fn json(value: &Value) -> Option<Json> {
    Some(match value.known() {
        Value::Null => Json::Null,
        Value::Bool(b) => Json::Bool(*b),
        Value::Int(n) => Json::from(*n),
        Value::Float(n) => Json::from(*n),
        Value::Str(s) => Json::String(s.clone()),
        Value::List(items) => Json::Array(items.iter().map(json).collect::<Option<_>>()?),
        Value::Map(entries) => {
            // Terraform prints the keys of an object in order.
            let sorted: std::collections::BTreeMap<&String, &Value> = entries.iter().collect();
            let entries = sorted.into_iter().map(|(k, v)| Some((k.clone(), json(v)?)));
            Json::Object(entries.collect::<Option<_>>()?)
        }
        text @ (Value::Template(_) | Value::Json(_)) => Json::String(of(text)?),
        _ => return None,
    })
}

/// A document as Terraform prints it, with the characters that mean something in HTML escaped.
pub(crate) fn print_json(document: &Json) -> String {
    let text = document.to_string();
    if !text.contains(['<', '>', '&', '\u{2028}', '\u{2029}']) {
        return text;
    }
    text.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

/// The values of a document.
pub(crate) fn from_json(document: Json) -> Value {
    match document {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(b),
        Json::Number(n) => {
            n.as_i64().map(Value::Int).or_else(|| n.as_f64().map(float)).unwrap_or(Value::Null)
        }
        Json::String(s) => Value::Str(s),
        Json::Array(items) => Value::List(items.into_iter().map(from_json).collect()),
        Json::Object(entries) => Value::Map(entries.into_iter().map(|(k, v)| (k, from_json(v))).collect()),
    }
}

/// The same text for the same value, whatever the order of its keys: to find repeats.
pub(crate) fn fingerprint(value: &Value) -> String {
    match value.known() {
        Value::List(items) => format!("[{}]", items.iter().map(fingerprint).collect::<Vec<_>>().join(",")),
        Value::Map(entries) => {
            let sorted: std::collections::BTreeMap<&String, String> =
                entries.iter().map(|(k, v)| (k, fingerprint(v))).collect();
            format!("{sorted:?}")
        }
        Value::Int(n) => n.to_string(),
        other => format!("{other:?}"),
    }
}

/// How much a value holds, in nodes and long texts, and how deeply it nests.
pub(crate) fn measure(value: &Value) -> (usize, usize) {
    /// Bytes that weigh as much as one value.
    const BYTES: usize = 64;
    let many = |inner: &mut dyn Iterator<Item = &Value>| {
        let start = (1_usize, 0_usize);
        let (size, depth) = inner.map(measure).fold(start, |(s, d), (size, depth)| (s + size, d.max(depth)));
        (size, depth + 1)
    };
    match value {
        Value::List(items) | Value::Template(items) => many(&mut items.iter()),
        Value::Map(entries) => {
            // A table, and a name for each entry.
            let (size, depth) = many(&mut entries.values());
            (size + entries.len() + 2, depth)
        }
        Value::Json(inner) => many(&mut std::iter::once(&**inner)),
        Value::Input(input) => many(&mut std::iter::once(&input.value)),
        Value::Str(text) | Value::File(text) | Value::Unknown(text) => (1 + text.len() / BYTES, 1),
        Value::Ref(r) => (1 + r.path.len(), 1),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Secret(_) => (1, 1),
    }
}

/// The entries of a map in the order in which Terraform walks them.
pub(crate) fn sorted(entries: &IndexMap<String, Value>) -> Vec<(&String, &Value)> {
    let mut sorted: Vec<(&String, &Value)> = entries.iter().collect();
    sorted.sort_by(|a, b| a.0.cmp(b.0));
    sorted
}
