//! Turns the value of one attribute into the foreign spelling, and back.
//!
//! Most of it follows from the types on both sides: text that is a number there, a JSON document that is an object there, a
//! map that is a list of pairs there. Values that are not known yet pass as they are.

use catalog::Type;
use catalog::dialects::{Foreign, Shape};
use indexmap::IndexMap;
use ir::Value;

use super::functions::Function;

/// How a value is turned.
#[derive(Debug)]
pub enum Turn {
    /// It is the same; numbers, truth values and texts as the types want them.
    Plain { ty: Type, shape: Shape },
    /// A text that holds JSON is an object there.
    Json,
    /// A map is a list of objects there, with these two properties.
    Pairs { key: String, value: String, ty: Type, shape: Shape },
    /// A value is a list of one there.
    One { ty: Type, shape: Shape },
    /// Some values are spelt differently.
    Values(&'static IndexMap<String, serde_json::Value>),
    /// By a named function.
    Named { function: &'static Function, shape: Shape, foreign: &'static Foreign },
}

impl Turn {
    /// What follows from the types; `None` when nothing does and a row must say it.
    pub fn of(ty: &Type, shape: &Shape, foreign: &Foreign) -> Option<Turn> {
        let plain = || Some(Turn::Plain { ty: ty.clone(), shape: shape.clone() });
        match (ty, shape) {
            (Type::Any, _) => plain(),
            (Type::String, Shape::Json | Shape::Object(_) | Shape::Map(_)) => Some(Turn::Json),
            (Type::Map(inner), Shape::List(item)) => {
                // What names the entry stands before what it holds in every vocabulary: `Key` and `Value`, `Name` and `Value`.
                let object = foreign.object(item)?;
                let properties: Vec<_> = object.iter().collect();
                let [(key, _), (value, held)] = properties.as_slice() else { return None };
                Some(Turn::Pairs {
                    key: (*key).clone(),
                    value: (*value).clone(),
                    ty: (**inner).clone(),
                    shape: held.shape.clone(),
                })
            }
            (Type::Map(_), Shape::Map(_) | Shape::Json) => plain(),
            (Type::List(item) | Type::Set(item), Shape::List(inner)) if scalar(item) && simple(inner) => {
                plain()
            }
            (Type::List(_) | Type::Set(_) | Type::Object(_), Shape::Json) => plain(),
            (Type::String | Type::Number | Type::Bool, Shape::List(item)) if simple(item) => {
                Some(Turn::One { ty: ty.clone(), shape: (**item).clone() })
            }
            (Type::String | Type::Number | Type::Bool, shape) if simple(shape) => plain(),
            (Type::Number | Type::Bool, Shape::Json) => plain(),
            _ => None,
        }
    }

    /// Whether the house has a list there.
    pub fn lists(&self) -> bool {
        matches!(self, Turn::Plain { ty: Type::List(_) | Type::Set(_), .. })
    }

    /// The foreign spelling; the value again when it has none.
    pub fn into(&self, value: Value) -> Result<Value, Value> {
        through_inputs(value, &|value| match self {
            Turn::Plain { shape, .. } => Ok(as_shape(value, shape)),
            Turn::Json => Ok(match value {
                Value::Json(inner) => *inner,
                Value::Str(text) => match serde_json::from_str::<serde_json::Value>(&text) {
                    Ok(parsed @ (serde_json::Value::Object(_) | serde_json::Value::Array(_))) => {
                        literal(&parsed)
                    }
                    _ => Value::Str(text),
                },
                other => other,
            }),
            Turn::Pairs { key, value: name, shape, .. } => match value {
                Value::Map(entries) => Ok(Value::List(
                    entries
                        .into_iter()
                        .map(|(k, v)| {
                            Value::map([(key.clone(), Value::Str(k)), (name.clone(), as_shape(v, shape))])
                        })
                        .collect(),
                )),
                other => passes(other),
            },
            Turn::One { shape, .. } => Ok(Value::List(vec![as_shape(value, shape)])),
            Turn::Values(values) => spelt(value, |text| values.get(text).map(literal)),
            Turn::Named { function, shape, foreign } => (function.into)(value, shape, foreign),
        })
    }

    /// The house's spelling; the value again when it has none.
    pub fn out(&self, value: Value) -> Result<Value, Value> {
        through_inputs(value, &|value| match self {
            Turn::Plain { ty, .. } => Ok(as_type(value, ty)),
            Turn::Json => Ok(match value {
                Value::Map(_) | Value::List(_) => Value::json(value),
                other => other,
            }),
            Turn::Pairs { key, value: name, ty, .. } => match value {
                Value::List(items) => {
                    let pairs = items
                        .iter()
                        .map(|item| Some((item.get(key)?.text()?, as_type(item.get(name)?.clone(), ty))));
                    match pairs.collect::<Option<IndexMap<String, Value>>>() {
                        Some(entries) => Ok(Value::Map(entries)),
                        None => Err(Value::List(items)),
                    }
                }
                other => passes(other),
            },
            Turn::One { ty, .. } => match value {
                Value::List(mut items) if items.len() == 1 => Ok(as_type(items.remove(0), ty)),
                other => passes(other),
            },
            Turn::Values(values) => spelt_back(value, |v| {
                values.iter().find(|(_, there)| same(&literal(there), v)).map(|(house, _)| word(house))
            }),
            Turn::Named { function, shape, foreign } => (function.out)(value, shape, foreign),
        })
    }
}

/// A literal of a data file.
pub fn literal(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(b) => Value::Bool(*b),
        serde_json::Value::Number(n) => match n.as_i64() {
            Some(n) => Value::Int(n),
            None => Value::Float(n.as_f64().unwrap_or_default()),
        },
        serde_json::Value::String(s) => Value::Str(s.clone()),
        serde_json::Value::Array(items) => Value::List(items.iter().map(literal).collect()),
        serde_json::Value::Object(entries) => {
            Value::Map(entries.iter().map(|(k, v)| (k.clone(), literal(v))).collect())
        }
    }
}

/// Whether two values are the same, whichever of text, number and truth value they are written as.
pub fn same(a: &Value, b: &Value) -> bool {
    a == b || a.text().is_some_and(|text| Some(text) == b.text())
}

/// Whether a value is one that passes through every turn: it is not known, or stands elsewhere.
pub fn opaque(value: &Value) -> bool {
    matches!(
        value,
        Value::Ref(_)
            | Value::Template(_)
            | Value::File(_)
            | Value::Secret(_)
            | Value::Unknown(_)
            | Value::Null
    )
}

pub fn passes(value: Value) -> Result<Value, Value> {
    if opaque(&value) { Ok(value) } else { Err(value) }
}

fn scalar(ty: &Type) -> bool {
    matches!(ty, Type::String | Type::Number | Type::Bool | Type::Any)
}

fn simple(shape: &Shape) -> bool {
    matches!(shape, Shape::String(_) | Shape::Integer | Shape::Number | Shape::Boolean)
}

/// Turns the value that an input stands for; it stays an input while its value says the same.
fn through_inputs(value: Value, turn: &dyn Fn(Value) -> Result<Value, Value>) -> Result<Value, Value> {
    match value {
        Value::Input(mut input) => {
            let turned = through_inputs(input.value.clone(), turn)?;
            if same(&turned, &input.value) {
                Ok(Value::Input(input))
            } else if opaque(&turned) {
                input.value = turned;
                Ok(Value::Input(input))
            } else {
                Ok(turned)
            }
        }
        value => turn(value),
    }
}

/// A value as a shape wants it.
pub fn as_shape(value: Value, shape: &Shape) -> Value {
    match (value, shape) {
        (value @ (Value::Int(_) | Value::Float(_) | Value::Bool(_)), Shape::String(_)) => {
            Value::Str(value.text().unwrap_or_default())
        }
        (Value::Str(text), Shape::Integer | Shape::Number) => number(text),
        (Value::Str(text), Shape::Boolean) => truth(text),
        (Value::List(items), Shape::List(item)) => {
            Value::List(items.into_iter().map(|v| as_shape(v, item)).collect())
        }
        (Value::Map(entries), Shape::Map(item)) => {
            Value::Map(entries.into_iter().map(|(k, v)| (k, as_shape(v, item))).collect())
        }
        (value, _) => value,
    }
}

fn as_type(value: Value, ty: &Type) -> Value {
    match (value, ty) {
        (value @ (Value::Int(_) | Value::Float(_) | Value::Bool(_)), Type::String) => {
            Value::Str(value.text().unwrap_or_default())
        }
        (Value::Str(text), Type::Number) => number(text),
        (Value::Str(text), Type::Bool) => truth(text),
        (Value::List(items), Type::List(item) | Type::Set(item)) => {
            Value::List(items.into_iter().map(|v| as_type(v, item)).collect())
        }
        (Value::Map(entries), Type::Map(item)) => {
            Value::Map(entries.into_iter().map(|(k, v)| (k, as_type(v, item))).collect())
        }
        (value, _) => value,
    }
}

fn number(text: String) -> Value {
    match (text.parse::<i64>(), text.parse::<f64>()) {
        (Ok(n), _) => Value::Int(n),
        (_, Ok(n)) if n.is_finite() => Value::Float(n),
        _ => Value::Str(text),
    }
}

fn truth(text: String) -> Value {
    match text.as_str() {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => Value::Str(text),
    }
}

/// A word of a data file: truth values are written as words there.
fn word(text: &str) -> Value {
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => Value::Str(text.to_owned()),
    }
}

/// Turns a text, or every text of a list.
pub fn spelt(value: Value, turn: impl Fn(&str) -> Option<Value> + Copy) -> Result<Value, Value> {
    match value {
        Value::List(items) => {
            let turned: Result<Vec<Value>, Value> = items.iter().cloned().map(|v| spelt(v, turn)).collect();
            turned.map(Value::List).map_err(|_| Value::List(items))
        }
        value if opaque(&value) => Ok(value),
        value => match value.text().and_then(|text| turn(&text)) {
            Some(turned) => Ok(turned),
            None => Err(value),
        },
    }
}

fn spelt_back(value: Value, turn: impl Fn(&Value) -> Option<Value> + Copy) -> Result<Value, Value> {
    match value {
        Value::List(items) if turn(&Value::List(items.clone())).is_none() => {
            let turned: Result<Vec<Value>, Value> =
                items.iter().cloned().map(|v| spelt_back(v, turn)).collect();
            turned.map(Value::List).map_err(|_| Value::List(items))
        }
        value if opaque(&value) => Ok(value),
        value => turn(&value).ok_or(value),
    }
}
