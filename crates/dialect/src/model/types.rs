//! Types of variables, found from the values they take and the attributes they carry.
//!
//! A variable without a type accepts anything; an engineer declares one. Must not know modules.

use catalog::Type;
use ir::{Address, Step, Value};

use super::term::Ty;
use super::vocabulary::Vocabulary;

/// The type that fits all the values; `any` when there is none.
pub(crate) fn of_values<'v>(vocabulary: &Vocabulary, values: impl Iterator<Item = &'v Value>) -> Ty {
    let mut found: Option<Ty> = None;
    for value in values {
        let Some(ty) = of_value(vocabulary, value) else { continue };
        found = Some(match found {
            None => ty,
            Some(before) => wider(before, ty),
        });
    }
    found.unwrap_or(Ty::String)
}

/// The type of a value; `None` when nothing can be said.
fn of_value(vocabulary: &Vocabulary, value: &Value) -> Option<Ty> {
    Some(match value.known() {
        Value::Null | Value::Unknown(_) | Value::Secret(_) | Value::Input(_) => return None,
        Value::Bool(_) => Ty::Bool,
        Value::Int(_) | Value::Float(_) => Ty::Number,
        Value::Str(_) | Value::Template(_) | Value::Json(_) | Value::File(_) => Ty::String,
        Value::Ref(r) => of_attribute(vocabulary, &r.to, &r.path),
        Value::List(items) => Ty::List(Box::new(of_values(vocabulary, items.iter()))),
        Value::Map(entries) => {
            let types: Vec<Ty> =
                entries.values().map(|v| of_value(vocabulary, v).unwrap_or(Ty::Any)).collect();
            match types.first() {
                None => Ty::Map(Box::new(Ty::String)),
                Some(first) if types.iter().all(|t| t == first && *t != Ty::Any) => {
                    Ty::Map(Box::new(first.clone()))
                }
                Some(_) => Ty::Object(entries.keys().cloned().zip(types).collect()),
            }
        }
    })
}

fn wider(a: Ty, b: Ty) -> Ty {
    match (a, b) {
        (a, b) if a == b => a,
        (Ty::List(a), Ty::List(b)) => Ty::List(Box::new(wider(*a, *b))),
        (Ty::Map(a), Ty::Map(b)) => Ty::Map(Box::new(wider(*a, *b))),
        _ => Ty::Any,
    }
}

/// The type of an attribute, as the provider's schema has it; a string when the schema does not say.
pub(crate) fn of_attribute(vocabulary: &Vocabulary, address: &Address, path: &[Step]) -> Ty {
    (vocabulary.type_of)(address, path).map_or(Ty::String, |t| from_schema(&t))
}

fn from_schema(ty: &Type) -> Ty {
    match ty {
        Type::String => Ty::String,
        Type::Number => Ty::Number,
        Type::Bool => Ty::Bool,
        Type::List(item) | Type::Set(item) => Ty::List(Box::new(from_schema(item))),
        Type::Map(item) => Ty::Map(Box::new(from_schema(item))),
        Type::Object(fields) => Ty::Object(fields.iter().map(|(k, t)| (k.clone(), from_schema(t))).collect()),
        Type::Any => Ty::Any,
    }
}
