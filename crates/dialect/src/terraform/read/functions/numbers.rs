//! Functions of numbers.

use ir::Value;

use super::{Outcome, number, string, whole, wrong};
use crate::terraform::read::text;

pub(super) fn abs(args: &[Value]) -> Outcome {
    Ok(text::float(number(&args[0])?.abs()))
}

pub(super) fn ceil(args: &[Value]) -> Outcome {
    Ok(text::float(number(&args[0])?.ceil()))
}

pub(super) fn floor(args: &[Value]) -> Outcome {
    Ok(text::float(number(&args[0])?.floor()))
}

pub(super) fn log(args: &[Value]) -> Outcome {
    finite(number(&args[0])?.log(number(&args[1])?))
}

pub(super) fn pow(args: &[Value]) -> Outcome {
    finite(number(&args[0])?.powf(number(&args[1])?))
}

fn finite(n: f64) -> Outcome {
    if n.is_finite() { Ok(text::float(n)) } else { Err(wrong("the result is no number")) }
}

pub(super) fn signum(args: &[Value]) -> Outcome {
    let n = number(&args[0])?;
    Ok(Value::Int(if n > 0.0 { 1 } else { -i64::from(n < 0.0) }))
}

pub(super) fn max(args: &[Value]) -> Outcome {
    extreme(args, f64::max)
}

pub(super) fn min(args: &[Value]) -> Outcome {
    extreme(args, f64::min)
}

fn extreme(args: &[Value], better: fn(f64, f64) -> f64) -> Outcome {
    let numbers: Vec<f64> = args.iter().map(number).collect::<Result<_, _>>()?;
    numbers.into_iter().reduce(better).map(text::float).ok_or_else(|| wrong("there are no numbers"))
}

pub(super) fn sum(args: &[Value]) -> Outcome {
    let numbers: Vec<f64> = super::items(&args[0])?.iter().map(number).collect::<Result<_, _>>()?;
    if numbers.is_empty() {
        Err(wrong("there are no numbers"))
    } else {
        Ok(text::float(numbers.iter().sum()))
    }
}

pub(super) fn parse_int(args: &[Value]) -> Outcome {
    let base = u32::try_from(whole(&args[1])?).ok().filter(|b| (2..=36).contains(b));
    let base = base.ok_or_else(|| wrong("a base is between 2 and 36"))?;
    let digits = string(&args[0])?;
    i64::from_str_radix(&digits, base).map(Value::Int).map_err(|e| wrong(e.to_string()))
}
