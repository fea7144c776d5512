//! Functions of numbers and truth values, and comparisons.

use std::cmp::Ordering;

use ir::Value;

use super::functions::Made;
use super::values::{text_key, unwrapped};

fn two(args: &[Value]) -> Result<(i64, i64), String> {
    match (&args[0], &args[1]) {
        (Value::Int(a), Value::Int(b)) => Ok((*a, *b)),
        _ => Err("it takes whole numbers".to_owned()),
    }
}

fn whole(result: Option<i64>) -> Made {
    result.map(Value::Int).ok_or_else(|| "the result is no whole number".to_owned())
}

pub(super) fn add(args: &[Value]) -> Made {
    let (a, b) = two(args)?;
    whole(a.checked_add(b))
}

pub(super) fn sub(args: &[Value]) -> Made {
    let (a, b) = two(args)?;
    whole(a.checked_sub(b))
}

pub(super) fn mul(args: &[Value]) -> Made {
    let (a, b) = two(args)?;
    whole(a.checked_mul(b))
}

pub(super) fn div(args: &[Value]) -> Made {
    let (a, b) = two(args)?;
    whole(a.checked_div(b))
}

pub(super) fn modulo(args: &[Value]) -> Made {
    let (a, b) = two(args)?;
    whole(a.checked_rem(b))
}

pub(super) fn int(args: &[Value]) -> Made {
    match &args[0] {
        Value::Int(n) => Ok(Value::Int(*n)),
        Value::Str(text) => whole(text.trim().parse().ok()),
        // Whole numbers beyond 2^53 have no exact float, so a cast is as exact as the value was.
        Value::Float(n) if n.is_finite() => Ok(Value::Int(*n as i64)),
        _ => Err("it is no number".to_owned()),
    }
}

pub(super) fn float(args: &[Value]) -> Made {
    args[0].as_f64().map(Value::Float).ok_or_else(|| "it is no number".to_owned())
}

pub(super) fn boolean(args: &[Value]) -> Made {
    match &args[0] {
        Value::Bool(b) => Ok(Value::Bool(*b)),
        Value::Int(n) => Ok(Value::Bool(*n != 0)),
        Value::Str(text) if text.eq_ignore_ascii_case("true") || text == "1" => Ok(Value::Bool(true)),
        Value::Str(text) if text.eq_ignore_ascii_case("false") || text == "0" => Ok(Value::Bool(false)),
        _ => Err("it is no truth value".to_owned()),
    }
}

pub(super) fn not(args: &[Value]) -> Made {
    args[0].as_bool().map(|b| Value::Bool(!b)).ok_or_else(|| "it is no truth value".to_owned())
}

fn extreme(args: &[Value], wanted: Ordering) -> Made {
    let items = match args {
        [Value::List(items)] => items,
        _ => args,
    };
    let numbers: Option<Vec<i64>> = items
        .iter()
        .map(|v| match v {
            Value::Int(n) => Some(*n),
            _ => None,
        })
        .collect();
    let numbers = numbers.ok_or("it takes whole numbers")?;
    let found = numbers.into_iter().reduce(|a, b| if b.cmp(&a) == wanted { b } else { a });
    found.map(Value::Int).ok_or_else(|| "there is no number".to_owned())
}

pub(super) fn max(args: &[Value]) -> Made {
    extreme(args, Ordering::Greater)
}

pub(super) fn min(args: &[Value]) -> Made {
    extreme(args, Ordering::Less)
}

/// How two values of one type stand to each other; texts as Azure orders them, by their code.
pub(super) fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Str(a), Value::Str(b)) => Some(a.cmp(b)),
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}

fn compared(args: &[Value], holds: fn(Ordering) -> bool) -> Made {
    let order = order(&args[0], &args[1]).ok_or("it compares numbers, or texts")?;
    Ok(Value::Bool(holds(order)))
}

pub(super) fn less(args: &[Value]) -> Made {
    compared(args, Ordering::is_lt)
}

pub(super) fn less_or_equals(args: &[Value]) -> Made {
    compared(args, Ordering::is_le)
}

pub(super) fn greater(args: &[Value]) -> Made {
    compared(args, Ordering::is_gt)
}

pub(super) fn greater_or_equals(args: &[Value]) -> Made {
    compared(args, Ordering::is_ge)
}

/// Equal questions have equal answers, also while nobody knows them.
pub(super) fn equals(args: &[Value]) -> Made {
    let (a, b) = (unwrapped(&args[0]), unwrapped(&args[1]));
    if !a.has_unknown() && !b.has_unknown() {
        return Ok(Value::Bool(a == b));
    }
    if a == b {
        return Ok(Value::Bool(true));
    }
    // A reference or a secret is never nothing.
    match (&a, &b) {
        (Value::Null, Value::Ref(_)) | (Value::Ref(_), Value::Null) => Ok(Value::Bool(false)),
        _ => Err(String::new()),
    }
}

pub(super) fn equals_in_any_case(args: &[Value]) -> Made {
    Ok(Value::Bool(text_key(&args[0]).to_lowercase() == text_key(&args[1]).to_lowercase()))
}
