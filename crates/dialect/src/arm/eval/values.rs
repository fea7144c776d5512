//! Questions that every function asks of values.

use ir::{Ref, Step, Value};

/// Longest text that a function makes, bytes: as much as a template may hold.
pub(crate) const MOST_TEXT: usize = 4 << 20;

/// An unknown value and why it is.
pub(crate) fn unknown(reason: impl Into<String>) -> Value {
    Value::Unknown(reason.into())
}

/// A value without inputs, its templates as text where every part is known.
pub(crate) fn unwrapped(value: &Value) -> Value {
    match value {
        Value::Input(input) => unwrapped(&input.value),
        Value::List(items) => Value::List(items.iter().map(unwrapped).collect()),
        Value::Map(entries) => Value::Map(entries.iter().map(|(k, v)| (k.clone(), unwrapped(v))).collect()),
        Value::Template(_) => value.text().map_or_else(|| value.clone(), Value::Str),
        other => other.clone(),
    }
}

/// Text from parts. One part that is text alone stays as it is.
pub(crate) fn join(parts: impl IntoIterator<Item = Value>) -> Value {
    let mut out: Vec<Value> = Vec::new();
    let mut length = 0;
    for part in parts {
        let pieces = match part {
            Value::Template(inner) => inner,
            other => vec![other],
        };
        for piece in pieces {
            let plain = match &piece {
                Value::Str(text) => Some(text.clone()),
                Value::Bool(b) => Some(if *b { "True" } else { "False" }.to_owned()),
                Value::Int(_) | Value::Float(_) => piece.text(),
                Value::Null => Some(String::new()),
                _ => None,
            };
            length += plain.as_ref().map_or(64, String::len);
            if length > MOST_TEXT {
                return unknown("it is a longer text than a template may hold");
            }
            match (out.last_mut(), plain) {
                (Some(Value::Str(last)), Some(text)) => last.push_str(&text),
                (_, Some(text)) if text.is_empty() => {}
                (_, Some(text)) => out.push(Value::Str(text)),
                (_, None) => out.push(match piece {
                    Value::List(_) | Value::Map(_) => match json(&unwrapped(&piece)) {
                        Some(text) => Value::Str(text),
                        None => {
                            unknown("it holds a list or an object that is known only when it is deployed")
                        }
                    },
                    other => other,
                }),
            }
        }
    }
    if let Some(Value::Unknown(reason)) = out.iter().find(|v| matches!(v, Value::Unknown(_)))
        && out.len() == 1
    {
        return Value::Unknown(reason.clone());
    }
    match out.len() {
        0 => Value::Str(String::new()),
        1 if matches!(out[0], Value::Str(_) | Value::Ref(_) | Value::Secret(_) | Value::Input(_)) => {
            out.remove(0)
        }
        _ => Value::Template(out),
    }
}

/// How much memory a value takes, in values.
pub(crate) fn weight(value: &Value) -> usize {
    match value {
        Value::List(items) | Value::Template(items) => 1 + items.iter().map(weight).sum::<usize>(),
        Value::Map(entries) => 1 + entries.iter().map(|(k, v)| k.len() / 64 + weight(v)).sum::<usize>(),
        Value::Json(inner) => 1 + weight(inner),
        Value::Input(input) => 1 + weight(&input.value),
        Value::Str(text) | Value::Unknown(text) => 1 + text.len() / 64,
        _ => 1,
    }
}

/// Text that is equal for equal values, also where they are unknown.
pub(crate) fn text_key(value: &Value) -> String {
    match value.known() {
        Value::Str(text) => text.clone(),
        Value::Template(parts) => parts.iter().map(text_key).collect(),
        Value::Ref(to) => format!("<{}{}>", to.to, path(to)),
        Value::Unknown(reason) => format!("<{reason}>"),
        Value::Secret(secret) => format!("<{}>", secret.name),
        Value::List(items) => format!("[{}]", items.iter().map(text_key).collect::<Vec<_>>().join(",")),
        Value::Map(entries) => {
            let entries: Vec<String> = entries.iter().map(|(k, v)| format!("{k}:{}", text_key(v))).collect();
            format!("{{{}}}", entries.join(","))
        }
        other => other.text().unwrap_or_default(),
    }
}

fn path(to: &Ref) -> String {
    let step = |s: &Step| match s {
        Step::Attr(name) => format!(".{name}"),
        Step::Index(n) => format!("[{n}]"),
    };
    to.path.iter().map(step).collect()
}

/// A question to Azure, spelt so that equal questions are equal and long ones stay short.
pub(crate) fn asked(name: &str, args: &[Value]) -> String {
    const LONGEST: usize = 160;
    let args: Vec<String> = args.iter().map(text_key).collect();
    let mut text = format!("{name}({})", args.join(", "));
    if text.len() > LONGEST {
        let hash = ir::bundle::sha256(text.as_bytes());
        let end = (0..=LONGEST).rev().find(|n| text.is_char_boundary(*n)).unwrap_or(0);
        text.truncate(end);
        text.push_str("... ");
        text.push_str(&hash[..8]);
    }
    text
}

/// A known value as JSON.
pub(crate) fn json(value: &Value) -> Option<String> {
    serde_json::to_string(&as_json(value)?).ok()
}

fn as_json(value: &Value) -> Option<serde_json::Value> {
    Some(match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(b) => (*b).into(),
        Value::Int(n) => (*n).into(),
        Value::Float(n) => serde_json::Number::from_f64(*n)?.into(),
        Value::Str(text) => text.clone().into(),
        Value::List(items) => items.iter().map(as_json).collect::<Option<Vec<_>>>()?.into(),
        Value::Map(entries) => {
            let entries = entries.iter().map(|(k, v)| Some((k.clone(), as_json(v)?)));
            serde_json::Value::Object(entries.collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

/// A value from JSON.
pub(crate) fn from_json(value: serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(b) => Value::Bool(b),
        serde_json::Value::Number(n) => {
            n.as_i64().map_or_else(|| Value::Float(n.as_f64().unwrap_or_default()), Value::Int)
        }
        serde_json::Value::String(text) => Value::Str(text),
        serde_json::Value::Array(items) => Value::List(items.into_iter().map(from_json).collect()),
        serde_json::Value::Object(entries) => {
            Value::Map(entries.into_iter().map(|(k, v)| (k, from_json(v))).collect())
        }
    }
}
