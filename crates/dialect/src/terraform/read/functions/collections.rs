//! Functions of lists, sets and maps.
//!
//! They move values around, so what is inside may be unknown; where they compare items, those must be known.

use std::collections::HashSet;

use indexmap::IndexMap;
use ir::{Ref, Step, Value};

use super::{Outcome, items, number, string, whole, wrong};
use crate::reading::MOST_INSTANCES;
use crate::terraform::read::eval::{self, Halt, later, unknown};
use crate::terraform::read::{text, types};

fn only(args: Vec<Value>) -> Value {
    text_free(args.into_iter().next().unwrap_or(Value::Null))
}

/// The value behind an input.
fn text_free(value: Value) -> Value {
    match value {
        Value::Input(input) => text_free(input.value),
        other => other,
    }
}

/// The items of a list that is owned.
fn owned(value: Value) -> Result<Vec<Value>, Halt> {
    match text_free(value) {
        Value::List(items) => Ok(items),
        other => Err(later(&other, "an argument that must be a list")),
    }
}

fn entries(value: Value) -> Result<IndexMap<String, Value>, Halt> {
    match text_free(value) {
        Value::Map(entries) => Ok(entries),
        other => Err(later(&other, "an argument that must be a map")),
    }
}

/// Lists that are compared item by item must be known; a reference is the same as itself and no other text.
fn comparable(items: &[Value]) -> Result<(), Halt> {
    let odd = items.iter().find(|v| !matches!(v.known(), Value::Ref(_)) && unknown(v).is_some());
    odd.map_or(Ok(()), |v| Err(later(v, "an item")))
}

pub(super) fn same(args: Vec<Value>) -> Outcome {
    Ok(only(args))
}

/// What somebody called a secret is not shown.
pub(super) fn sensitive(args: Vec<Value>) -> Outcome {
    let value = only(args);
    let written = crate::terraform::read::instance::holds_text(&value);
    Ok(if written { crate::reading::plain_secret() } else { value })
}

pub(super) fn all_true(args: &[Value]) -> Outcome {
    Ok(Value::Bool(items(&args[0])?.iter().all(|v| v.as_bool() == Some(true))))
}

pub(super) fn any_true(args: &[Value]) -> Outcome {
    Ok(Value::Bool(items(&args[0])?.iter().any(|v| v.as_bool() == Some(true))))
}

pub(super) fn length(args: Vec<Value>) -> Outcome {
    let n = match args[0].known() {
        Value::List(items) => items.len(),
        Value::Map(entries) => entries.len(),
        other => string(other)?.chars().count(),
    };
    Ok(Value::Int(i64::try_from(n).unwrap_or(i64::MAX)))
}

pub(super) fn chunk_list(args: Vec<Value>) -> Outcome {
    let size = usize::try_from(whole(&args[1])?).map_err(|_| wrong("a size is not negative"))?;
    let list = items(&args[0])?;
    Ok(match size {
        0 => Value::List(vec![Value::List(list.to_vec())]),
        size => Value::List(list.chunks(size).map(|chunk| Value::List(chunk.to_vec())).collect()),
    })
}

/// The first that is something; what only the cloud knows is taken for something.
pub(super) fn coalesce(args: Vec<Value>) -> Outcome {
    for argument in args {
        match argument.known() {
            Value::Null => {}
            Value::Str(text) if text.is_empty() => {}
            Value::Unknown(reason) => return Err(Halt::Later(reason.clone())),
            _ => return Ok(argument),
        }
    }
    Err(wrong("every argument is nothing"))
}

pub(super) fn coalesce_list(args: Vec<Value>) -> Outcome {
    for argument in args {
        match argument.known() {
            Value::List(items) if items.is_empty() => {}
            Value::Null => {}
            Value::List(_) => return Ok(argument),
            other => return Err(later(other, "an argument that must be a list")),
        }
    }
    Err(wrong("every list is empty"))
}

pub(super) fn compact(args: Vec<Value>) -> Outcome {
    let empty =
        |v: &Value| matches!(v.known(), Value::Null) || matches!(v.known(), Value::Str(s) if s.is_empty());
    Ok(Value::List(owned(only(args))?.into_iter().filter(|v| !empty(v)).collect()))
}

pub(super) fn concat(args: Vec<Value>) -> Outcome {
    let mut all = Vec::new();
    for argument in args {
        all.extend(owned(argument)?);
    }
    Ok(Value::List(all))
}

pub(super) fn contains(args: Vec<Value>) -> Outcome {
    let list = items(&args[0])?;
    let wanted = args[1].known();
    if list
        .iter()
        .any(|item| eval::same(item, wanted) || text::of(item).is_some_and(|t| Some(t) == text::of(wanted)))
    {
        return Ok(Value::Bool(true));
    }
    match list.iter().chain(std::iter::once(wanted)).find_map(unknown) {
        Some(reason) => Err(Halt::Later(reason)),
        None => Ok(Value::Bool(false)),
    }
}

pub(super) fn distinct(args: Vec<Value>) -> Outcome {
    let list = owned(only(args))?;
    comparable(&list)?;
    let mut seen = HashSet::new();
    Ok(Value::List(list.into_iter().filter(|v| seen.insert(text::fingerprint(v))).collect()))
}

pub(super) fn element(args: Vec<Value>) -> Outcome {
    let index = whole(&args[1])?;
    let list = match args[0].known() {
        // How long a list of a resource is, is not known, but a small index means the same in all that are long enough.
        Value::Ref(_) if index >= 0 => {
            return eval::step(std::borrow::Cow::Borrowed(&args[0]), &Value::Int(index))
                .map(std::borrow::Cow::into_owned);
        }
        _ => items(&args[0])?,
    };
    let length = i64::try_from(list.len()).unwrap_or(i64::MAX);
    if length == 0 {
        return Err(wrong("the list is empty"));
    }
    Ok(list[usize::try_from(index.rem_euclid(length)).unwrap_or(0)].clone())
}

pub(super) fn flatten(args: Vec<Value>) -> Outcome {
    fn into(list: Vec<Value>, all: &mut Vec<Value>) -> Result<(), Halt> {
        for item in list {
            match item {
                Value::List(inner) => into(inner, all)?,
                Value::Unknown(reason) => return Err(Halt::Later(reason)),
                other => all.push(other),
            }
        }
        Ok(())
    }
    let mut all = Vec::new();
    into(owned(only(args))?, &mut all)?;
    Ok(Value::List(all))
}

pub(super) fn index(args: Vec<Value>) -> Outcome {
    let list = items(&args[0])?;
    match list.iter().position(|item| eval::same(item, &args[1])) {
        Some(at) => Ok(Value::Int(i64::try_from(at).unwrap_or(i64::MAX))),
        None => match list.iter().chain(&args[1..]).find_map(unknown) {
            Some(reason) => Err(Halt::Later(reason)),
            None => Err(wrong("the list does not hold the value")),
        },
    }
}

pub(super) fn keys(args: Vec<Value>) -> Outcome {
    let entries = entries(only(args))?;
    Ok(Value::list(text::sorted(&entries).into_iter().map(|(k, _)| k)))
}

pub(super) fn values(args: Vec<Value>) -> Outcome {
    let entries = entries(only(args))?;
    Ok(Value::List(text::sorted(&entries).into_iter().map(|(_, v)| v.clone()).collect()))
}

pub(super) fn lookup(mut args: Vec<Value>) -> Outcome {
    let key = string(&args[1])?;
    let default = (args.len() == 3).then(|| args.swap_remove(2));
    match text_free(args.swap_remove(0)) {
        Value::Map(mut entries) => {
            entries.swap_remove(&key).or(default).ok_or_else(|| wrong(format!("the map has no `{key}`")))
        }
        Value::Ref(Ref { to, mut path }) => {
            path.push(Step::Attr(key));
            Ok(Value::Ref(Ref { to, path }))
        }
        other => Err(later(&other, "an argument that must be a map")),
    }
}

pub(super) fn merge(args: Vec<Value>) -> Outcome {
    let mut all = IndexMap::new();
    for argument in args {
        if matches!(argument.known(), Value::Null) {
            continue;
        }
        all.extend(entries(argument)?);
    }
    Ok(Value::Map(all))
}

pub(super) fn match_keys(args: Vec<Value>) -> Outcome {
    let (values, keys, wanted) = (items(&args[0])?, items(&args[1])?, items(&args[2])?);
    comparable(keys)?;
    comparable(wanted)?;
    let matched = values.iter().zip(keys).filter(|(_, key)| wanted.iter().any(|w| eval::same(w, key)));
    Ok(Value::List(matched.map(|(value, _)| value.clone()).collect()))
}

pub(super) fn one(args: Vec<Value>) -> Outcome {
    let mut list = owned(only(args))?;
    match list.len() {
        0 => Ok(Value::Null),
        1 => Ok(list.swap_remove(0)),
        _ => Err(wrong("the list has more than one item")),
    }
}

pub(super) fn range(args: &[Value]) -> Outcome {
    let numbers: Vec<f64> = args.iter().map(number).collect::<Result<_, _>>()?;
    let (start, limit) = if numbers.len() == 1 { (0.0, numbers[0]) } else { (numbers[0], numbers[1]) };
    let step = numbers.get(2).copied().unwrap_or(if limit < start { -1.0 } else { 1.0 });
    if step == 0.0 || (step > 0.0) != (limit > start) && limit != start {
        return Err(wrong("the range has no end"));
    }
    let length = ((limit - start) / step).ceil().max(0.0);
    if length > MOST_INSTANCES as f64 {
        return Err(Halt::Later(format!("a range has more than {MOST_INSTANCES} numbers")));
    }
    let mut all = Vec::new();
    let mut next = start;
    while if step > 0.0 { next < limit } else { next > limit } {
        all.push(text::float(next));
        next += step;
    }
    Ok(Value::List(all))
}

pub(super) fn reverse(args: Vec<Value>) -> Outcome {
    let mut list = owned(only(args))?;
    list.reverse();
    Ok(Value::List(list))
}

pub(super) fn slice(args: Vec<Value>) -> Outcome {
    let list = items(&args[0])?;
    let place = |v: &Value| Ok(usize::try_from(whole(v)?).ok().filter(|at| *at <= list.len()));
    match (place(&args[1])?, place(&args[2])?) {
        (Some(from), Some(to)) if from <= to => Ok(Value::List(list[from..to].to_vec())),
        _ => Err(wrong("the slice is not in the list")),
    }
}

pub(super) fn sort(args: &[Value]) -> Outcome {
    let mut texts: Vec<String> = items(&args[0])?.iter().map(string).collect::<Result<_, _>>()?;
    texts.sort();
    Ok(Value::list(texts))
}

fn sets(args: Vec<Value>) -> Result<Vec<Vec<Value>>, Halt> {
    let sets: Vec<Vec<Value>> = args.into_iter().map(owned).collect::<Result<_, _>>()?;
    sets.iter().try_for_each(|set| comparable(set))?;
    Ok(sets)
}

pub(super) fn union(args: Vec<Value>) -> Outcome {
    Ok(types::set(sets(args)?.into_iter().flatten().collect()))
}

pub(super) fn intersection(args: Vec<Value>) -> Outcome {
    let mut sets = sets(args)?.into_iter();
    let first = sets.next().unwrap_or_default();
    let others: Vec<HashSet<String>> = sets.map(|set| set.iter().map(text::fingerprint).collect()).collect();
    let everywhere = |v: &Value| others.iter().all(|set| set.contains(&text::fingerprint(v)));
    Ok(types::set(first.into_iter().filter(everywhere).collect()))
}

pub(super) fn subtract(args: Vec<Value>) -> Outcome {
    let mut sets = sets(args)?.into_iter();
    let first = sets.next().unwrap_or_default();
    let taken: HashSet<String> = sets.flatten().map(|v| text::fingerprint(&v)).collect();
    Ok(types::set(first.into_iter().filter(|v| !taken.contains(&text::fingerprint(v))).collect()))
}

pub(super) fn product(args: Vec<Value>) -> Outcome {
    let lists: Vec<Vec<Value>> = args.into_iter().map(owned).collect::<Result<_, _>>()?;
    let size =
        lists.iter().try_fold(1_usize, |n, list| n.checked_mul(list.len()).filter(|n| *n <= MOST_INSTANCES));
    if size.is_none() {
        return Err(Halt::Later(format!("a product has more than {MOST_INSTANCES} combinations")));
    }
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for list in &lists {
        let longer = |row: &Vec<Value>| {
            let row = row.clone();
            list.iter()
                .map(move |v| row.iter().cloned().chain(std::iter::once(v.clone())).collect())
                .collect::<Vec<_>>()
        };
        rows = rows.iter().flat_map(longer).collect();
    }
    Ok(Value::List(rows.into_iter().map(Value::List).collect()))
}

pub(super) fn to_set(args: Vec<Value>) -> Outcome {
    match only(args) {
        Value::List(list) => {
            comparable(&list)?;
            Ok(types::set(list))
        }
        other => Ok(other),
    }
}

pub(super) fn list(args: Vec<Value>) -> Outcome {
    Ok(Value::List(args))
}

pub(super) fn map(args: Vec<Value>) -> Outcome {
    let mut entries = IndexMap::new();
    for pair in args.chunks(2) {
        let [key, value] = pair else { return Err(wrong("a map is made of pairs")) };
        entries.insert(string(key)?, value.clone());
    }
    Ok(Value::Map(entries))
}

pub(super) fn to_string(args: Vec<Value>) -> Outcome {
    match only(args) {
        value @ (Value::Null
        | Value::Ref(_)
        | Value::Unknown(_)
        | Value::Template(_)
        | Value::Json(_)
        | Value::File(_)
        | Value::Secret(_)) => Ok(value),
        value => string(&value).map(Value::Str),
    }
}

pub(super) fn to_number(args: Vec<Value>) -> Outcome {
    match only(args) {
        Value::Str(s) => text::number(&s).ok_or_else(|| wrong("the text is no number")),
        value @ (Value::Null | Value::Ref(_) | Value::Unknown(_) | Value::Int(_) | Value::Float(_)) => {
            Ok(value)
        }
        other => Err(later(&other, "an argument that must be a number")),
    }
}

pub(super) fn to_bool(args: Vec<Value>) -> Outcome {
    match only(args) {
        value @ (Value::Null | Value::Ref(_) | Value::Unknown(_)) => Ok(value),
        other => other
            .as_bool()
            .map(Value::Bool)
            .ok_or_else(|| later(&other, "an argument that must be a truth value")),
    }
}

pub(super) fn transpose(args: &[Value]) -> Outcome {
    let map = args[0].as_map().ok_or_else(|| later(&args[0], "an argument that must be a map"))?;
    let mut turned: std::collections::BTreeMap<String, Vec<Value>> = std::collections::BTreeMap::new();
    for (key, list) in text::sorted(map) {
        for item in items(list)? {
            turned.entry(string(item)?).or_default().push(Value::from(key));
        }
    }
    Ok(Value::map(turned))
}

pub(super) fn zip_map(args: Vec<Value>) -> Outcome {
    let (keys, values) = (items(&args[0])?, items(&args[1])?);
    if keys.len() != values.len() {
        return Err(wrong("the lists differ in length"));
    }
    let pairs = keys.iter().zip(values).map(|(k, v)| Ok((string(k)?, v.clone())));
    pairs.collect::<Result<IndexMap<_, _>, Halt>>().map(Value::Map)
}
