//! The named functions of maps: what two types cannot say about a value, each with both directions.
//!
//! The list is closed: a map that needs something irregular names one of these.

use catalog::dialects::{Foreign, Object, Shape};
use indexmap::IndexMap;
use ir::Value;

use super::convert::{as_shape, literal, passes, spelt};
use super::{Vocabulary, names};

/// One direction: the value, what it is there, and the type.
pub type Direction = fn(Value, &Shape, &Foreign) -> Result<Value, Value>;

/// A function with a name that rows use.
#[derive(Debug)]
pub struct Function {
    /// As rows name it.
    pub name: &'static str,
    /// From the house's spelling; the value again when it has no counterpart.
    pub into: Direction,
    /// To the house's spelling; the value again when it has no counterpart.
    pub out: Direction,
}

/// Every function, by name.
pub static FUNCTIONS: &[Function] = &[
    Function { name: "camel", into: camel_into, out: camel_out },
    Function { name: "comma", into: |v, _, _| comma(v), out: |v, _, _| split(v) },
    Function { name: "entries", into: |v, _, _| entries(v), out: |v, _, _| listed(v) },
    Function { name: "first", into: |v, _, _| first(v), out: |v, _, _| Ok(Value::List(vec![v])) },
    Function {
        name: "lower",
        into: |v, _, _| cased(v, str::to_lowercase),
        out: |v, _, _| cased(v, str::to_uppercase),
    },
    Function { name: "minutes", into: |v, _, _| divided(v, 60), out: |v, _, _| multiplied(v, 60) },
    Function { name: "names", into: named_into, out: named_out },
    Function { name: "not", into: |v, _, _| not(v), out: |v, _, _| not(v) },
    Function { name: "seconds", into: |v, _, _| seconds_into(v), out: |v, _, _| seconds_out(v) },
    Function {
        name: "upper",
        into: |v, _, _| cased(v, str::to_uppercase),
        out: |v, _, _| cased(v, str::to_lowercase),
    },
];

/// A function by its name: one of all vocabularies, or of this one.
pub fn function(vocabulary: &Vocabulary, name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().chain(vocabulary.functions).find(|f| f.name == name)
}

/// A list of texts as one text.
fn comma(value: Value) -> Result<Value, Value> {
    match &value {
        Value::List(items) => {
            let mut parts = Vec::new();
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    parts.push(Value::from(","));
                }
                parts.push(item.clone());
            }
            let whole = Value::Template(parts);
            Ok(whole.text().map_or(whole, Value::Str))
        }
        _ => passes(value),
    }
}

fn split(value: Value) -> Result<Value, Value> {
    let parts = match value {
        Value::Str(text) => return Ok(Value::list(text.split(',').map(str::trim))),
        Value::Template(parts) => parts,
        other => return passes(other),
    };
    let mut items: Vec<Vec<Value>> = vec![Vec::new()];
    for part in parts {
        let Value::Str(text) = part else {
            items.last_mut().expect("there is always an item").push(part);
            continue;
        };
        for (i, piece) in text.split(',').enumerate() {
            if i > 0 {
                items.push(Vec::new());
            }
            if !piece.is_empty() {
                items.last_mut().expect("there is always an item").push(Value::from(piece));
            }
        }
    }
    let item =
        |mut parts: Vec<Value>| if parts.len() == 1 { parts.remove(0) } else { Value::Template(parts) };
    Ok(Value::List(items.into_iter().map(item).collect()))
}

/// The only item of a list.
fn first(value: Value) -> Result<Value, Value> {
    match value {
        Value::List(mut items) if items.len() == 1 => Ok(items.remove(0)),
        other => passes(other),
    }
}

fn cased(value: Value, case: fn(&str) -> String) -> Result<Value, Value> {
    spelt(value, |text| Some(Value::Str(case(text))))
}

fn not(value: Value) -> Result<Value, Value> {
    match value.as_bool() {
        Some(b) => Ok(Value::Bool(!b)),
        None => passes(value),
    }
}

fn divided(value: Value, by: i64) -> Result<Value, Value> {
    match value {
        Value::Int(n) if n % by == 0 => Ok(Value::Int(n / by)),
        other => passes(other),
    }
}

fn multiplied(value: Value, by: i64) -> Result<Value, Value> {
    match value {
        Value::Int(n) => Ok(Value::Int(n.saturating_mul(by))),
        other => passes(other),
    }
}

/// A number of seconds as an ISO 8601 duration.
fn seconds_into(value: Value) -> Result<Value, Value> {
    match value.as_f64() {
        Some(seconds) if seconds >= 0.0 && seconds.fract() == 0.0 && seconds < 1e15 => {
            let whole = seconds as u64;
            let (days, rest) = (whole / 86_400, whole % 86_400);
            let mut text = String::from("P");
            if days > 0 {
                text += &format!("{days}D");
            }
            let parts = [(rest / 3600, 'H'), (rest % 3600 / 60, 'M'), (rest % 60, 'S')];
            let time: String =
                parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n}{unit}")).collect();
            if !time.is_empty() || days == 0 {
                text += "T";
                text += if time.is_empty() { "0S" } else { &time };
            }
            Ok(Value::Str(text))
        }
        _ => passes(value),
    }
}

fn seconds_out(value: Value) -> Result<Value, Value> {
    let read = |text: &str| -> Option<i64> {
        let rest = text.strip_prefix('P')?;
        let (date, time) = rest.split_once('T').unwrap_or((rest, ""));
        let sum = |text: &str, units: &[(char, i64)]| -> Option<i64> {
            let mut total: i64 = 0;
            let mut digits = String::new();
            for c in text.chars() {
                if c.is_ascii_digit() {
                    digits.push(c);
                } else {
                    let (_, size) = units.iter().find(|(unit, _)| *unit == c)?;
                    total = total.checked_add(digits.parse::<i64>().ok()?.checked_mul(*size)?)?;
                    digits.clear();
                }
            }
            digits.is_empty().then_some(total)
        };
        sum(date, &[('D', 86_400), ('W', 604_800)])?
            .checked_add(sum(time, &[('H', 3600), ('M', 60), ('S', 1)])?)
    };
    match value.text().and_then(|text| read(&text)) {
        Some(seconds) => Ok(Value::Int(seconds)),
        None => passes(value),
    }
}

/// Blocks that hold blocks without end, by name alone: what the foreign type does not have is not turned.
fn named_into(value: Value, shape: &Shape, foreign: &Foreign) -> Result<Value, Value> {
    match (value, shape) {
        (Value::List(items), Shape::List(item)) => {
            let turned: Result<Vec<Value>, Value> =
                items.into_iter().map(|v| named_into(v, item, foreign)).collect();
            turned.map(Value::List)
        }
        (Value::List(mut items), Shape::Object(_)) if items.len() == 1 => {
            named_into(items.remove(0), shape, foreign)
        }
        (Value::Map(entries), Shape::Object(owner)) => {
            let object: &Object = match foreign.object(shape) {
                Some(object) => object,
                None => return Err(Value::Map(entries)),
            };
            let mut out = IndexMap::new();
            for (name, value) in &entries {
                if *value == Value::Null {
                    continue;
                }
                let Some(property) = names::find(name, owner, object) else {
                    return Err(Value::Map(entries));
                };
                out.insert(property.to_owned(), named_into(value.clone(), &object[property].shape, foreign)?);
            }
            Ok(Value::Map(out))
        }
        (value, _) => Ok(value),
    }
}

/// The way back: every object is a block, and blocks are lists.
fn named_out(value: Value, shape: &Shape, foreign: &Foreign) -> Result<Value, Value> {
    match (value, shape) {
        (Value::Map(entries), Shape::Object(_)) => {
            let object = foreign.object(shape);
            let mut out = IndexMap::new();
            for (name, value) in entries {
                let shape = object.and_then(|o| o.get(&name)).map_or(&Shape::Json, |p| &p.shape);
                let block = matches!(shape, Shape::Object(_));
                let value = named_out(value, shape, foreign)?;
                out.insert(names::snake(&name), if block { Value::List(vec![value]) } else { value });
            }
            Ok(Value::Map(out))
        }
        (Value::List(items), Shape::List(item)) => items
            .into_iter()
            .map(|v| named_out(v, item, foreign))
            .collect::<Result<Vec<Value>, Value>>()
            .map(Value::List),
        (value, _) => Ok(value),
    }
}

/// A JSON document of an interface whose names begin in lower case, as objects whose names do not.
fn camel_into(value: Value, shape: &Shape, foreign: &Foreign) -> Result<Value, Value> {
    match (value, shape) {
        (Value::Json(inner), shape) => camel_into(*inner, shape, foreign),
        (Value::List(items), Shape::List(item)) => items
            .into_iter()
            .map(|v| camel_into(v, item, foreign))
            .collect::<Result<Vec<Value>, Value>>()
            .map(Value::List),
        (Value::Map(entries), Shape::Object(_)) => {
            let Some(object) = foreign.object(shape) else { return Err(Value::Map(entries)) };
            let mut out = IndexMap::new();
            for (name, value) in &entries {
                let same = |property: &&String| property.eq_ignore_ascii_case(name);
                let Some(property) = object.keys().find(same) else { return Err(Value::Map(entries)) };
                out.insert(property.clone(), camel_into(value.clone(), &object[property].shape, foreign)?);
            }
            Ok(Value::Map(out))
        }
        (Value::Str(text), Shape::List(_) | Shape::Object(_)) => match serde_json::from_str(&text) {
            Ok(parsed @ (serde_json::Value::Array(_) | serde_json::Value::Object(_))) => {
                camel_into(literal(&parsed), shape, foreign)
            }
            _ => Err(Value::Str(text)),
        },
        (value, shape) => Ok(as_shape(value, shape)),
    }
}

fn camel_out(value: Value, shape: &Shape, foreign: &Foreign) -> Result<Value, Value> {
    fn lowered(value: Value, shape: &Shape, foreign: &Foreign) -> Value {
        match (value, shape) {
            (Value::List(items), Shape::List(item)) => {
                Value::List(items.into_iter().map(|v| lowered(v, item, foreign)).collect())
            }
            (Value::Map(entries), Shape::Object(_)) => {
                let object = foreign.object(shape);
                let entry = |(name, value): (String, Value)| {
                    let shape = object.and_then(|o| o.get(&name)).map_or(&Shape::Json, |p| &p.shape);
                    let mut letters = name.chars();
                    let first = letters.next().map(|c| c.to_ascii_lowercase());
                    (first.into_iter().chain(letters).collect(), lowered(value, shape, foreign))
                };
                Value::Map(entries.into_iter().map(entry).collect())
            }
            (value, _) => value,
        }
    }
    match value {
        Value::List(_) | Value::Map(_) => Ok(Value::json(lowered(value, shape, foreign))),
        other => passes(other),
    }
}

/// Blocks of a name and a value, as a map.
fn entries(value: Value) -> Result<Value, Value> {
    let Value::List(items) = value else { return passes(value) };
    let pair = |item: &Value| Some((item.get("name")?.text()?, item.get("value")?.clone()));
    match items.iter().map(pair).collect::<Option<IndexMap<String, Value>>>() {
        Some(entries) if entries.len() == items.len() => Ok(Value::Map(entries)),
        _ => Err(Value::List(items)),
    }
}

fn listed(value: Value) -> Result<Value, Value> {
    let Value::Map(entries) = value else { return passes(value) };
    let pair = |(name, value): (String, Value)| {
        let value = value.text().map_or(value, Value::Str);
        Value::map([("name", Value::Str(name)), ("value", value)])
    };
    Ok(Value::List(entries.into_iter().map(pair).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_written_as_durations_and_read_again() {
        for (seconds, text) in
            [(0, "PT0S"), (90, "PT1M30S"), (86_400, "P1D"), (90_061, "P1DT1H1M1S"), (3600, "PT1H")]
        {
            assert_eq!(seconds_into(Value::Int(seconds)), Ok(Value::from(text)));
            assert_eq!(seconds_out(Value::from(text)), Ok(Value::Int(seconds)));
        }
        for wrong in ["", "P", "1H", "PT1X", "PT9999999999999999999H", "PTH"] {
            let value = Value::from(wrong);
            assert!(wrong == "P" || seconds_out(value.clone()) == Err(value), "{wrong}");
        }
    }

    #[test]
    fn lists_are_joined_and_split_around_what_is_not_known() {
        let unknown = Value::Unknown("later".into());
        let list = Value::List(vec!["a".into(), unknown.clone(), "b".into()]);
        let joined = comma(list.clone()).expect("a list");
        assert_eq!(joined, Value::template(["a".into(), Value::from(","), unknown, ",".into(), "b".into()]));
        assert_eq!(split(joined), Ok(list));
    }

    #[test]
    fn functions_are_sorted_and_named_once() {
        assert!(FUNCTIONS.is_sorted_by(|a, b| a.name < b.name));
    }
}
