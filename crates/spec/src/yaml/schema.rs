//! The JSON Schema of `mainstay.yaml`, for editors: a projection of the table of keys.

use serde_json::{Map, Value, json};

use super::format::Format;
use super::keys::{Object, SPEC, Ty};

/// The schema, draft 2020-12.
#[must_use]
pub fn json_schema() -> Value {
    let mut schema = object(&SPEC);
    if let Value::Object(entries) = &mut schema {
        entries.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
        entries.insert("title".into(), json!("mainstay.yaml"));
    }
    schema
}

fn object(object: &Object) -> Value {
    let mut properties = Map::new();
    for key in object.keys {
        let mut value = ty(key.ty);
        if let Value::Object(entries) = &mut value {
            entries.insert("description".into(), json!(key.doc));
        }
        properties.insert(key.name.into(), value);
    }
    let required: Vec<&str> = object.keys.iter().filter(|k| k.required).map(|k| k.name).collect();
    json!({
        "type": "object",
        "description": object.doc,
        "additionalProperties": false,
        "required": required,
        "properties": properties,
    })
}

fn ty(ty_: Ty) -> Value {
    match ty_ {
        Ty::Text(format) => text(format),
        Ty::Bool => json!({"type": "boolean"}),
        Ty::Word(now, _) => json!({"enum": now}),
        Ty::List(item) => json!({"type": "array", "items": ty(*item)}),
        Ty::Set(item) => json!({"type": "array", "items": ty(*item), "uniqueItems": true}),
        Ty::Map(names, item) => {
            let mut schema = json!({"type": "object", "additionalProperties": ty(*item)});
            if let Some(pattern) = names.describe().pattern {
                schema["propertyNames"] = json!({"pattern": pattern});
            }
            schema
        }
        Ty::Object(o) => object(o),
        Ty::Either(choices) => json!({"anyOf": choices.iter().map(|c| ty(*c)).collect::<Vec<_>>()}),
    }
}

fn text(format: Format) -> Value {
    let about = format.describe();
    if format == Format::Version {
        return json!({"const": 1});
    }
    if format == Format::Port {
        return json!({"type": "integer", "minimum": 1, "maximum": 65535});
    }
    let mut schema =
        if about.number { json!({"type": ["string", "number"]}) } else { json!({"type": "string"}) };
    if let Some(pattern) = about.pattern {
        schema["pattern"] = json!(pattern);
    }
    schema["examples"] = json!([about.example]);
    schema
}
