//! Types of variables, and values made to fit them.
//!
//! A variable's type adds what a caller left out (`optional` with a default) and turns numbers into text and back, as
//! Terraform does. A value that does not fit stays as it is: readers say what stands there, not whether it may. Must not
//! know modules.

use std::collections::BTreeSet;

use hcl_edit::expr::{Expression, ObjectKey};
use indexmap::IndexMap;
use ir::{InputType, Value};

use super::text;

/// The type of a variable.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    String,
    Number,
    Bool,
    List(Box<Shape>),
    Set(Box<Shape>),
    Map(Box<Shape>),
    Tuple(Vec<Shape>),
    /// By name: the type, and for what may be left out its default.
    Object(IndexMap<String, Field>),
    Any,
}

/// A field of an object.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub shape: Shape,
    /// Given with `optional`, a literal.
    pub default: Option<Expression>,
}

/// Reads a type; one that cannot be read is any.
pub(crate) fn shape(expression: &Expression) -> Shape {
    match expression {
        Expression::Variable(name) => match name.as_str() {
            "string" => Shape::String,
            "number" => Shape::Number,
            "bool" => Shape::Bool,
            "list" => Shape::List(Box::new(Shape::Any)),
            "set" => Shape::Set(Box::new(Shape::Any)),
            "map" => Shape::Map(Box::new(Shape::Any)),
            _ => Shape::Any,
        },
        // Written so before Terraform 0.12.
        Expression::String(name) => match name.as_str() {
            "string" => Shape::String,
            "list" => Shape::List(Box::new(Shape::Any)),
            "map" => Shape::Map(Box::new(Shape::Any)),
            _ => Shape::Any,
        },
        Expression::FuncCall(call) => {
            let Some(inner) = call.args.get(0) else { return Shape::Any };
            match call.name.name.as_str() {
                "list" => Shape::List(Box::new(shape(inner))),
                "set" => Shape::Set(Box::new(shape(inner))),
                "map" => Shape::Map(Box::new(shape(inner))),
                "optional" => shape(inner),
                "tuple" => {
                    Shape::Tuple(inner.as_array().map(|a| a.iter().map(shape).collect()).unwrap_or_default())
                }
                "object" => Shape::Object(inner.as_object().map(fields).unwrap_or_default()),
                _ => Shape::Any,
            }
        }
        Expression::Parenthesis(inner) => shape(inner.inner()),
        _ => Shape::Any,
    }
}

fn fields(object: &hcl_edit::expr::Object) -> IndexMap<String, Field> {
    let field = |(key, value): (&ObjectKey, &hcl_edit::expr::ObjectValue)| {
        let name = match key {
            ObjectKey::Ident(name) => name.as_str().to_owned(),
            ObjectKey::Expression(e) => e.as_str()?.to_owned(),
        };
        let optional = value.expr().as_func_call().filter(|call| call.name.name.as_str() == "optional");
        let default = optional.and_then(|call| call.args.get(1)).cloned();
        Some((name, Field { shape: shape(value.expr()), default }))
    };
    object.iter().filter_map(field).collect()
}

/// The value as the type has it. `literal` evaluates a default.
pub(crate) fn conform(value: Value, shape: &Shape, literal: &dyn Fn(&Expression) -> Value) -> Value {
    match (value, shape) {
        (value @ (Value::Int(_) | Value::Float(_) | Value::Bool(_)), Shape::String) => {
            text::of(&value).map_or(value, Value::Str)
        }
        (Value::Str(s), Shape::Number) => text::number(&s).unwrap_or(Value::Str(s)),
        (Value::Str(s), Shape::Bool) => match s.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => Value::Str(s),
        },
        (Value::List(items), Shape::List(item)) => {
            Value::List(items.into_iter().map(|v| conform(v, item, literal)).collect())
        }
        (Value::List(items), Shape::Set(item)) => {
            set(items.into_iter().map(|v| conform(v, item, literal)).collect())
        }
        (Value::List(items), Shape::Tuple(shapes)) if items.len() == shapes.len() => {
            Value::List(items.into_iter().zip(shapes).map(|(v, s)| conform(v, s, literal)).collect())
        }
        (Value::Map(entries), Shape::Map(item)) => {
            Value::Map(entries.into_iter().map(|(k, v)| (k, conform(v, item, literal))).collect())
        }
        (Value::Map(mut entries), Shape::Object(fields)) => {
            let given = |(name, field): (&String, &Field)| {
                let value = entries.swap_remove(name).filter(|v| *v != Value::Null);
                let value = match (value, &field.default) {
                    (Some(value), _) => value,
                    (None, Some(default)) => literal(default),
                    (None, None) => Value::Null,
                };
                (name.clone(), conform(value, &field.shape, literal))
            };
            Value::Map(fields.iter().map(given).collect())
        }
        (value, _) => value,
    }
}

/// A set: without repeats; sorted when all its items are text, as Terraform walks it.
pub(crate) fn set(items: Vec<Value>) -> Value {
    let texts: Option<BTreeSet<String>> = items
        .iter()
        .map(|v| match v {
            Value::Str(s) => Some(s.clone()),
            _ => None,
        })
        .collect();
    if let Some(texts) = texts {
        return Value::List(texts.into_iter().map(Value::Str).collect());
    }
    let mut kept: Vec<Value> = Vec::with_capacity(items.len());
    let mut seen = std::collections::HashSet::new();
    for item in items {
        if seen.insert(text::fingerprint(&item)) {
            kept.push(item);
        }
    }
    Value::List(kept)
}

/// The type of an input that carries such values; `None` where inputs have no such type.
pub(crate) fn input_type(shape: Option<&Shape>, value: &Value) -> Option<InputType> {
    let text = |shape: &Shape| matches!(shape, Shape::String | Shape::Any);
    match shape {
        Some(Shape::String) => Some(InputType::String),
        Some(Shape::Number) => Some(InputType::Number),
        Some(Shape::Bool) => Some(InputType::Bool),
        Some(Shape::List(item) | Shape::Set(item)) if text(item) && all_text(value) => {
            Some(InputType::StringList)
        }
        Some(Shape::Map(item)) if text(item) && all_text(value) => Some(InputType::StringMap),
        None | Some(Shape::Any) => match value {
            Value::Str(_) => Some(InputType::String),
            Value::Int(_) | Value::Float(_) => Some(InputType::Number),
            Value::Bool(_) => Some(InputType::Bool),
            Value::List(_) if all_text(value) => Some(InputType::StringList),
            Value::Map(_) if all_text(value) => Some(InputType::StringMap),
            _ => None,
        },
        Some(_) => None,
    }
}

fn all_text(value: &Value) -> bool {
    match value {
        Value::List(items) => items.iter().all(|v| matches!(v, Value::Str(_))),
        Value::Map(entries) => entries.values().all(|v| matches!(v, Value::Str(_))),
        Value::Unknown(_) => true,
        _ => false,
    }
}
