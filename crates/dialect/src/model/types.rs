//! Types of variables, found from the values they take and the attributes they carry.
//!
//! A variable without a type accepts anything; an engineer declares one. Must not know modules.

use catalog::BlockInfo;
use catalog::kinds::{self, Schema, Type};
use ir::{Address, Step, Value};

use super::term::Ty;

/// The type that fits all the values; `any` when there is none.
pub(crate) fn of_values<'v>(values: impl Iterator<Item = &'v Value>) -> Ty {
    let mut found: Option<Ty> = None;
    for value in values {
        let Some(ty) = of_value(value) else { continue };
        found = Some(match found {
            None => ty,
            Some(before) => wider(before, ty),
        });
    }
    found.unwrap_or(Ty::String)
}

/// The type of a value; `None` when nothing can be said.
fn of_value(value: &Value) -> Option<Ty> {
    Some(match value.known() {
        Value::Null | Value::Unknown(_) | Value::Secret(_) | Value::Input(_) => return None,
        Value::Bool(_) => Ty::Bool,
        Value::Int(_) | Value::Float(_) => Ty::Number,
        Value::Str(_) | Value::Template(_) | Value::Json(_) | Value::File(_) => Ty::String,
        Value::Ref(r) => of_attribute(&r.to, &r.path),
        Value::List(items) => Ty::List(Box::new(of_values(items.iter()))),
        Value::Map(entries) => {
            let types: Vec<Ty> = entries.values().map(|v| of_value(v).unwrap_or(Ty::Any)).collect();
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
pub(crate) fn of_attribute(address: &Address, path: &[Step]) -> Ty {
    attribute_type(address, path).map_or(Ty::String, |t| from_schema(&t))
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

/// The schema's type of an attribute; `None` for blocks and for what the catalogue does not have.
pub(crate) fn attribute_type(address: &Address, path: &[Step]) -> Option<Type> {
    let info = kinds::of(address)?;
    match walk(&info.schema, path)? {
        Place::Value(ty) => Some(ty),
        Place::Blocks(_) => None,
    }
}

/// Whether the value at a path is a set, which has no order and cannot be indexed.
pub(crate) fn is_set(address: &Address, path: &[Step]) -> bool {
    let Some(info) = kinds::of(address) else { return false };
    match walk(&info.schema, path) {
        Some(Place::Value(ty)) => matches!(ty, Type::Set(_)),
        Some(Place::Blocks(block)) => block.nesting.set,
        None => false,
    }
}

/// Whether an attribute must not be shown.
pub(crate) fn is_sensitive(address: &Address, path: &[Step]) -> bool {
    let Some(Step::Attr(name)) = path.first() else { return false };
    kinds::of(address).and_then(|k| k.schema.attributes.get(name)).is_some_and(|a| a.sensitive)
}

enum Place<'s> {
    Value(Type),
    Blocks(&'s BlockInfo),
}

fn walk<'s>(schema: &'s Schema, path: &[Step]) -> Option<Place<'s>> {
    let (mut attributes, mut blocks) = (&schema.attributes, &schema.blocks);
    let mut here: Option<Place<'s>> = None;
    for step in path {
        here = Some(match (here, step) {
            (None, Step::Attr(name)) => match attributes.get(name) {
                Some(attribute) => Place::Value(attribute.ty.clone()),
                None => Place::Blocks(blocks.get(name)?),
            },
            (Some(Place::Blocks(block)), Step::Index(_)) => {
                // Inside a block its attributes come next.
                (attributes, blocks, here) = (&block.attributes, &block.blocks, None);
                continue;
            }
            (Some(Place::Value(Type::List(item) | Type::Set(item))), Step::Index(_)) => Place::Value(*item),
            (Some(Place::Value(Type::Map(item))), Step::Attr(_)) => Place::Value(*item),
            (Some(Place::Value(Type::Object(mut fields))), Step::Attr(name)) => {
                Place::Value(fields.remove(name)?)
            }
            _ => return None,
        });
    }
    here
}
