//! Functions that see their arguments unevaluated: choices, and those that take a function.

use std::cmp::Ordering;

use indexmap::IndexMap;
use ir::Value;

use super::functions::Asked;
use super::numbers::order;
use super::unwrapped_top;
use super::values::{unknown, unwrapped};
use super::{Locals, Site};
use crate::arm::template::Form;

fn undecided(name: &str) -> Value {
    unknown(format!("what `{name}` decides is known only when it is deployed"))
}

pub(super) fn choose(asked: &Asked<'_>) -> Value {
    match asked.arg(0).as_bool() {
        Some(true) => asked.arg(1),
        Some(false) => asked.arg(2),
        None => {
            let (yes, no) = (asked.arg(1), asked.arg(2));
            if yes == no { yes } else { undecided("if") }
        }
    }
}

pub(super) fn and(asked: &Asked<'_>) -> Value {
    decided(asked, false)
}

pub(super) fn or(asked: &Asked<'_>) -> Value {
    decided(asked, true)
}

/// One argument that is `stop` decides, whatever the others are.
fn decided(asked: &Asked<'_>, stop: bool) -> Value {
    let mut open = false;
    for n in 0..asked.args.len() {
        match asked.arg(n).as_bool() {
            Some(b) if b == stop => return Value::Bool(stop),
            Some(_) => {}
            None => open = true,
        }
    }
    if open { undecided(asked.name) } else { Value::Bool(!stop) }
}

pub(super) fn coalesce(asked: &Asked<'_>) -> Value {
    for n in 0..asked.args.len() {
        let value = asked.arg(n);
        if *value.known() != Value::Null {
            return value;
        }
    }
    Value::Null
}

/// The number of the turn, with something added to it; the first argument may name an outer loop.
pub(super) fn copy_index(asked: &Asked<'_>) -> Value {
    let mut name = asked.site.locals.get("copy()").and_then(Value::text);
    let mut offset = 0;
    for n in 0..asked.args.len() {
        match unwrapped(&asked.arg(n)) {
            Value::Str(loop_name) => name = Some(loop_name.to_ascii_lowercase()),
            Value::Int(n) => offset = n,
            _ => return undecided("copyIndex"),
        }
    }
    let Some(name) = name else { return unknown("`copyIndex` stands in no loop") };
    match asked.site.locals.get(&format!("copy.{name}")) {
        Some(Value::Int(n)) => Value::Int(n.saturating_add(offset)),
        _ => unknown(format!("`{name}` is no loop around it")),
    }
}

/// Calls the function that is the nth argument.
fn apply(asked: &Asked<'_>, nth: usize, values: &[Value]) -> Value {
    let Some(expr) = asked.args.get(nth) else { return unknown("a function is missing") };
    let Form::Lambda(names, body) = &expr.form else { return unknown("a function is expected") };
    let mut locals: Locals = asked.site.locals.clone();
    for (name, value) in names.iter().zip(values) {
        locals = locals.with(&format!("lambdaVariables.{}", name.to_ascii_lowercase()), value.clone());
        locals = locals.with(name, value.clone());
    }
    asked.engine.eval(body, Site { at: asked.site.at, locals: &locals })
}

/// What a function is called with: an item, and its number where the function takes two.
fn with_number(item: &Value, n: usize) -> [Value; 2] {
    [item.clone(), Value::Int(i64::try_from(n).unwrap_or(i64::MAX))]
}

fn list(asked: &Asked<'_>) -> Result<Vec<Value>, Box<Value>> {
    match unwrapped_top(asked.arg(0)) {
        Value::List(items) => Ok(items),
        Value::Unknown(reason) => Err(Box::new(Value::Unknown(reason))),
        _ => Err(Box::new(undecided(asked.name))),
    }
}

pub(super) fn map(asked: &Asked<'_>) -> Value {
    match list(asked) {
        Ok(items) => {
            let each = items.iter().enumerate().map(|(n, item)| apply(asked, 1, &with_number(item, n)));
            Value::List(each.collect())
        }
        Err(unknown) => *unknown,
    }
}

pub(super) fn filter(asked: &Asked<'_>) -> Value {
    let items = match list(asked) {
        Ok(items) => items,
        Err(unknown) => return *unknown,
    };
    let mut out = Vec::new();
    for (n, item) in items.into_iter().enumerate() {
        match apply(asked, 1, &with_number(&item, n)).as_bool() {
            Some(true) => out.push(item),
            Some(false) => {}
            None => return undecided("filter"),
        }
    }
    Value::List(out)
}

pub(super) fn reduce(asked: &Asked<'_>) -> Value {
    match list(asked) {
        Ok(items) => items.into_iter().enumerate().fold(asked.arg(1), |sum, (n, item)| {
            let number = Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
            apply(asked, 2, &[sum, item, number])
        }),
        Err(unknown) => *unknown,
    }
}

/// The function says whether its first argument stands before its second.
pub(super) fn sort(asked: &Asked<'_>) -> Value {
    let mut items = match list(asked) {
        Ok(items) => items,
        Err(unknown) => return *unknown,
    };
    let mut open = false;
    // Not by the library: the function is the user's and may contradict itself. Lists are short; a long one costs n log n.
    let mut before = |a: &Value, b: &Value| {
        let answer = apply(asked, 1, &[a.clone(), b.clone()]).as_bool();
        open |= answer.is_none();
        answer.unwrap_or(true)
    };
    items = merge_sort(items, &mut before);
    if open { undecided("sort") } else { Value::List(items) }
}

fn merge_sort(mut items: Vec<Value>, before: &mut impl FnMut(&Value, &Value) -> bool) -> Vec<Value> {
    if items.len() < 2 {
        return items;
    }
    let right = items.split_off(items.len() / 2);
    let (left, right) = (merge_sort(items, before), merge_sort(right, before));
    let mut out = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let later = before(b, a) && !before(a, b);
        out.extend(if later { right.next() } else { left.next() });
    }
    out.extend(left);
    out.extend(right);
    out
}

pub(super) fn to_object(asked: &Asked<'_>) -> Value {
    let items = match list(asked) {
        Ok(items) => items,
        Err(unknown) => return *unknown,
    };
    let mut out = IndexMap::new();
    for item in items {
        let Some(key) = apply(asked, 1, std::slice::from_ref(&item)).text() else {
            return undecided("toObject");
        };
        let value = if asked.args.len() > 2 { apply(asked, 2, &[item]) } else { item };
        out.insert(key, value);
    }
    Value::Map(out)
}

pub(super) fn group_by(asked: &Asked<'_>) -> Value {
    let items = match list(asked) {
        Ok(items) => items,
        Err(unknown) => return *unknown,
    };
    let mut out: IndexMap<String, Vec<Value>> = IndexMap::new();
    for item in items {
        let Some(key) = apply(asked, 1, std::slice::from_ref(&item)).text() else {
            return undecided("groupBy");
        };
        out.entry(key).or_default().push(item);
    }
    out.sort_by(|a, _, b, _| order(&Value::from(a), &Value::from(b)).unwrap_or(Ordering::Equal));
    Value::map(out.into_iter().map(|(key, items)| (key, Value::List(items))))
}

pub(super) fn map_values(asked: &Asked<'_>) -> Value {
    match unwrapped_top(asked.arg(0)) {
        Value::Map(entries) => {
            Value::Map(entries.into_iter().map(|(k, v)| (k, apply(asked, 1, &[v]))).collect())
        }
        _ => undecided("mapValues"),
    }
}
