//! Values in one canonical form, for hashing.
//!
//! Two graphs that mean the same have the same form, whatever order their maps were written in. Secrets appear
//! by name, as everywhere.

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
        Value::Secret(secret) => json!({ "$secret": secret.name }),
        Value::Input(input) => canonical(&input.value),
        Value::Unknown(reason) => json!({ "$unknown": reason }),
    }
}
