//! What an attribute is set to, with "not set" and "cannot be known" kept apart.
//!
//! A provider's default applies to the first and never to the second, so a rule that confused them would
//! accuse or acquit by guessing. This module knows values and paths, no rule and no cloud.

use indexmap::IndexMap;
use ir::Value;

/// What was found at a path.
#[derive(Clone, Debug, PartialEq)]
pub enum Setting<'a> {
    /// Nothing is written: the provider's default holds.
    Unset,
    /// A value; it may be a reference.
    Set(&'a Value),
    /// Not known before the cloud or the pipeline has spoken; the reason.
    Unknown(String),
}

impl<'a> Setting<'a> {
    /// Follows a dotted path such as `settings.0.name` through blocks, maps and JSON documents. A block list
    /// without an index means its first block.
    #[must_use]
    pub fn at(attrs: &'a IndexMap<String, Value>, path: &str) -> Setting<'a> {
        let mut steps = path.split('.');
        let Some(first) = steps.next().and_then(|name| attrs.get(name)) else { return Setting::Unset };
        Self::within(first, steps)
    }

    /// The same, from a value such as a block.
    #[must_use]
    pub fn of(value: &'a Value, path: &str) -> Setting<'a> {
        Self::within(value, path.split('.'))
    }

    fn within<'p>(start: &'a Value, steps: impl Iterator<Item = &'p str>) -> Setting<'a> {
        let mut value = open(start);
        for step in steps {
            if let (Value::List(items), Err(_)) = (value, step.parse::<usize>()) {
                let Some(first) = items.first() else { return Setting::Unset };
                value = open(first);
            }
            let next = match value {
                Value::Map(entries) => entries.get(step),
                Value::List(items) => step.parse::<usize>().ok().and_then(|i| items.get(i)),
                Value::Ref(_) | Value::File(_) | Value::Unknown(_) | Value::Secret(_) => {
                    return Self::from_value(value, true);
                }
                _ => None,
            };
            let Some(next) = next else { return Setting::Unset };
            value = open(next);
        }
        Self::from_value(value, false)
    }

    fn from_value(value: &'a Value, midway: bool) -> Setting<'a> {
        match value {
            Value::Null => Setting::Unset,
            Value::Unknown(reason) => Setting::Unknown(reason.clone()),
            other if midway => Setting::Unknown(unknown_because(other)),
            other => Setting::Set(other),
        }
    }

    /// The truth value, or the default when not set; an error is the reason why it cannot be told.
    pub fn truth(&self, default: bool) -> Result<bool, String> {
        match self {
            Setting::Unset => Ok(default),
            Setting::Set(value) => value.as_bool().ok_or_else(|| unknown_because(value)),
            Setting::Unknown(reason) => Err(reason.clone()),
        }
    }

    /// The number, or the default when not set.
    pub fn number(&self, default: f64) -> Result<f64, String> {
        match self {
            Setting::Unset => Ok(default),
            Setting::Set(value) => value.as_f64().ok_or_else(|| unknown_because(value)),
            Setting::Unknown(reason) => Err(reason.clone()),
        }
    }

    /// The text, or the default when not set.
    pub fn text(&self, default: &str) -> Result<String, String> {
        match self {
            Setting::Unset => Ok(default.to_owned()),
            Setting::Set(value) => value.text().ok_or_else(|| unknown_because(value)),
            Setting::Unknown(reason) => Err(reason.clone()),
        }
    }

    /// Whether anything is set. A reference counts: something stands there, whatever its value. An empty
    /// string or list does not.
    pub fn is_set(&self) -> Result<bool, String> {
        match self {
            Setting::Unset => Ok(false),
            Setting::Set(Value::Str(text)) => Ok(!text.is_empty()),
            Setting::Set(Value::List(items)) => Ok(!items.is_empty()),
            Setting::Set(_) => Ok(true),
            Setting::Unknown(reason) => Err(reason.clone()),
        }
    }
}

/// The value behind inputs and JSON documents.
fn open(value: &Value) -> &Value {
    match value.known() {
        Value::Json(inner) => open(inner),
        other => other,
    }
}

/// Why a value cannot be read, in words a finding can print. Never the value itself.
#[must_use]
pub fn unknown_because(value: &Value) -> String {
    match value.known() {
        Value::Ref(r) => format!("the value comes from {}", r.to),
        Value::Unknown(reason) => reason.clone(),
        Value::Secret(secret) => format!("the value is the secret {}", secret.name),
        Value::File(path) => format!("the text is that of {path}"),
        Value::Template(_) => "the text is joined from values that are not known yet".to_owned(),
        _ => "the value has another type than expected".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attrs() -> IndexMap<String, Value> {
        let inner = Value::list([Value::map([
            ("on", Value::Bool(true)),
            ("later", Value::Unknown("a plan".into())),
        ])]);
        IndexMap::from([
            ("block".to_owned(), Value::list([Value::map([("inner", inner)])])),
            ("doc".to_owned(), Value::json(Value::list([Value::map([("k", 3)])]))),
            ("none".to_owned(), Value::Null),
            ("empty".to_owned(), Value::List(Vec::new())),
        ])
    }

    #[test]
    fn paths_lead_through_blocks_indices_and_documents() {
        let attrs = attrs();
        assert_eq!(Setting::at(&attrs, "block.inner.on").truth(false), Ok(true));
        assert_eq!(Setting::at(&attrs, "block.0.inner.0.on").truth(false), Ok(true));
        assert_eq!(Setting::at(&attrs, "doc.0.k").number(0.0), Ok(3.0));
        assert_eq!(Setting::at(&attrs, "block.inner.later").truth(false), Err("a plan".into()));
        for unset in ["none", "nowhere", "block.1.inner", "block.inner.on.deeper", "empty.x", ""] {
            assert_eq!(Setting::at(&attrs, unset), Setting::Unset, "{unset}");
        }
        assert_eq!(Setting::at(&attrs, "empty").is_set(), Ok(false));
    }
}
