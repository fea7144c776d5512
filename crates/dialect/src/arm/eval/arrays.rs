//! Functions of lists, and those that take lists, texts and objects alike.

use ir::Value;

use super::functions::Made;
use super::objects::{entries, united};
use super::values::{join, unwrapped};
use crate::reading::MOST_INSTANCES;

fn no() -> String {
    String::new()
}

fn count(value: &Value) -> Result<usize, String> {
    match unwrapped(value) {
        Value::Int(n) => Ok(usize::try_from(n).unwrap_or(0)),
        Value::Unknown(_) | Value::Ref(_) => Err(no()),
        _ => Err("it takes a whole number".to_owned()),
    }
}

fn known_text(value: &Value) -> Option<String> {
    match unwrapped(value) {
        Value::Str(text) => Some(text),
        _ => None,
    }
}

fn number(n: usize) -> Value {
    Value::Int(i64::try_from(n).unwrap_or(i64::MAX))
}

pub(super) fn array(args: &[Value]) -> Made {
    Ok(match args[0].known() {
        list @ Value::List(_) => list.clone(),
        Value::Unknown(_) => return Err(no()),
        _ => Value::List(vec![args[0].clone()]),
    })
}

/// Of lists a list, of anything else a text.
pub(super) fn concat(args: &[Value]) -> Made {
    if !args.iter().any(|a| matches!(a.known(), Value::List(_))) {
        return Ok(join(args.iter().cloned()));
    }
    let mut out = Vec::new();
    for arg in args {
        match arg.known() {
            Value::List(items) => out.extend(items.iter().cloned()),
            Value::Unknown(_) | Value::Ref(_) => return Err(no()),
            _ => return Err("lists and texts do not mix".to_owned()),
        }
    }
    Ok(Value::List(out))
}

pub(super) fn contains(args: &[Value]) -> Made {
    let wanted = unwrapped(&args[1]);
    match unwrapped(&args[0]) {
        Value::List(items) if items.contains(&wanted) => Ok(Value::Bool(true)),
        Value::List(items) if wanted.has_unknown() || items.iter().any(Value::has_unknown) => Err(no()),
        Value::List(_) => Ok(Value::Bool(false)),
        Value::Map(entries) => {
            let name = wanted.text().ok_or_else(no)?;
            Ok(Value::Bool(entries.keys().any(|k| k.eq_ignore_ascii_case(&name))))
        }
        Value::Str(text) => Ok(Value::Bool(text.contains(&wanted.text().ok_or_else(no)?))),
        _ => Err(no()),
    }
}

pub(super) fn empty(args: &[Value]) -> Made {
    Ok(Value::Bool(match args[0].known() {
        Value::Null => true,
        Value::List(items) => items.is_empty(),
        Value::Map(entries) => entries.is_empty(),
        // A reference is to something; a secret that somebody keeps is not empty.
        Value::Ref(_) | Value::Secret(_) => false,
        other => match other.text() {
            Some(text) => text.is_empty(),
            None if matches!(other, Value::Template(parts) if parts.iter().any(|p| p.text().is_some_and(|t| !t.is_empty()))) => {
                false
            }
            None => return Err(no()),
        },
    }))
}

pub(super) fn length(args: &[Value]) -> Made {
    match args[0].known() {
        Value::List(items) => Ok(number(items.len())),
        Value::Map(entries) => Ok(number(entries.len())),
        Value::Null => Ok(Value::Int(0)),
        other => Ok(number(other.text().ok_or_else(no)?.encode_utf16().count())),
    }
}

pub(super) fn first(args: &[Value]) -> Made {
    match args[0].known() {
        Value::List(items) => items.first().cloned().ok_or_else(|| "the list is empty".to_owned()),
        other => Ok(Value::Str(other.text().ok_or_else(no)?.chars().take(1).collect())),
    }
}

pub(super) fn last(args: &[Value]) -> Made {
    match args[0].known() {
        Value::List(items) => items.last().cloned().ok_or_else(|| "the list is empty".to_owned()),
        other => Ok(Value::Str(other.text().ok_or_else(no)?.chars().last().into_iter().collect())),
    }
}

pub(super) fn index_from_end(args: &[Value]) -> Made {
    match try_index_from_end(args)? {
        Value::Null => Err("the list has no such item".to_owned()),
        value => Ok(value),
    }
}

pub(super) fn try_index_from_end(args: &[Value]) -> Made {
    let Value::List(items) = args[0].known() else { return Err(no()) };
    let at = items.len().checked_sub(count(&args[1])?);
    Ok(at.and_then(|at| items.get(at)).cloned().unwrap_or(Value::Null))
}

pub(super) fn skip(args: &[Value]) -> Made {
    let n = count(&args[1])?;
    match args[0].known() {
        Value::List(items) => Ok(Value::List(items.iter().skip(n).cloned().collect())),
        other => Ok(Value::Str(other.text().ok_or_else(no)?.chars().skip(n).collect())),
    }
}

pub(super) fn take(args: &[Value]) -> Made {
    let n = count(&args[1])?;
    match args[0].known() {
        Value::List(items) => Ok(Value::List(items.iter().take(n).cloned().collect())),
        // The beginning of a text may be known though its end is not.
        Value::Template(parts) => match parts.first().and_then(known_text) {
            Some(text) if text.chars().count() >= n => Ok(Value::Str(text.chars().take(n).collect())),
            _ => match args[0].text() {
                Some(text) => Ok(Value::Str(text.chars().take(n).collect())),
                None => Err(no()),
            },
        },
        other => Ok(Value::Str(other.text().ok_or_else(no)?.chars().take(n).collect())),
    }
}

pub(super) fn flatten(args: &[Value]) -> Made {
    let Value::List(items) = args[0].known() else { return Err(no()) };
    let mut out = Vec::new();
    for item in items {
        match item.known() {
            Value::List(inner) => out.extend(inner.iter().cloned()),
            Value::Unknown(_) | Value::Ref(_) => return Err(no()),
            _ => out.push(item.clone()),
        }
    }
    Ok(Value::List(out))
}

pub(super) fn range(args: &[Value]) -> Made {
    let (Value::Int(start), Value::Int(count)) = (&args[0], &args[1]) else {
        return Err("it takes whole numbers".to_owned());
    };
    if *count > i64::try_from(MOST_INSTANCES).unwrap_or(i64::MAX) {
        return Err(format!("it makes {MOST_INSTANCES} numbers at most"));
    }
    let end = start.checked_add((*count).max(0)).ok_or("the numbers are too large")?;
    Ok(Value::List((*start..end).map(Value::Int).collect()))
}

pub(super) fn union(args: &[Value]) -> Made {
    if let Value::Map(first) = args[0].known() {
        let mut out = first.clone();
        for arg in &args[1..] {
            united(&mut out, entries(arg)?);
        }
        return Ok(Value::Map(out));
    }
    let mut out: Vec<Value> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for arg in args {
        let Value::List(items) = arg.known() else { return Err(no()) };
        let fresh = items.iter().filter(|item| seen.insert(format!("{:?}", unwrapped(item))));
        out.extend(fresh.cloned());
    }
    Ok(Value::List(out))
}

pub(super) fn intersection(args: &[Value]) -> Made {
    if let Value::Map(first) = args[0].known() {
        let mut out = first.clone();
        for arg in &args[1..] {
            let other = entries(arg)?;
            out.retain(|key, value| other.get(key).is_some_and(|v| unwrapped(v) == unwrapped(value)));
        }
        return Ok(Value::Map(out));
    }
    let Value::List(first) = args[0].known() else { return Err(no()) };
    let mut out = first.clone();
    for arg in &args[1..] {
        let Value::List(items) = arg.known() else { return Err(no()) };
        let there: std::collections::HashSet<String> =
            items.iter().map(|v| format!("{:?}", unwrapped(v))).collect();
        out.retain(|item| there.contains(&format!("{:?}", unwrapped(item))));
    }
    Ok(Value::List(out))
}

fn place(found: Option<usize>) -> Value {
    found.map_or(Value::Int(-1), number)
}

pub(super) fn index_of(args: &[Value]) -> Made {
    match (&args[0], &args[1]) {
        (Value::List(items), wanted) => Ok(place(items.iter().position(|v| v == wanted))),
        (Value::Str(text), Value::Str(wanted)) => {
            let at = text.to_lowercase().find(&wanted.to_lowercase());
            Ok(place(at.map(|at| text.to_lowercase()[..at].encode_utf16().count())))
        }
        _ => Err("it takes a list, or two texts".to_owned()),
    }
}

pub(super) fn last_index_of(args: &[Value]) -> Made {
    match (&args[0], &args[1]) {
        (Value::List(items), wanted) => Ok(place(items.iter().rposition(|v| v == wanted))),
        (Value::Str(text), Value::Str(wanted)) => {
            let at = text.to_lowercase().rfind(&wanted.to_lowercase());
            Ok(place(at.map(|at| text.to_lowercase()[..at].encode_utf16().count())))
        }
        _ => Err("it takes a list, or two texts".to_owned()),
    }
}
