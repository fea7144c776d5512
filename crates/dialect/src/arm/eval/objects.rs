//! Functions of objects.

use indexmap::IndexMap;
use ir::Value;

use super::functions::Made;
use super::values::unwrapped;

pub(super) fn entries(value: &Value) -> Result<&IndexMap<String, Value>, String> {
    match value.known() {
        Value::Map(entries) => Ok(entries),
        Value::Unknown(_) | Value::Ref(_) | Value::Secret(_) => Err(String::new()),
        _ => Err("it is no object".to_owned()),
    }
}

pub(super) fn create(args: &[Value]) -> Made {
    let mut out = IndexMap::new();
    for pair in args.chunks(2) {
        let [name, value] = pair else { return Err("a name has no value".to_owned()) };
        out.insert(name.text().ok_or(String::new())?, value.clone());
    }
    Ok(Value::Map(out))
}

/// By name, as Azure orders them.
pub(super) fn items(args: &[Value]) -> Made {
    let mut pairs: Vec<(&String, &Value)> = entries(&args[0])?.iter().collect();
    pairs.sort_by(|a, b| a.0.cmp(b.0));
    let item =
        |(key, value): (&String, &Value)| Value::map([("key", Value::from(key)), ("value", value.clone())]);
    Ok(Value::List(pairs.into_iter().map(item).collect()))
}

pub(super) fn keys(args: &[Value]) -> Made {
    let mut keys: Vec<&String> = entries(&args[0])?.keys().collect();
    keys.sort();
    Ok(Value::list(keys))
}

pub(super) fn shallow_merge(args: &[Value]) -> Made {
    let Value::List(all) = args[0].known() else { return Err(String::new()) };
    let mut out = IndexMap::new();
    for object in all {
        out.extend(entries(object)?.iter().map(|(k, v)| (k.clone(), v.clone())));
    }
    Ok(Value::Map(out))
}

/// The later over the earlier; objects in both are united themselves.
pub(super) fn united(into: &mut IndexMap<String, Value>, from: &IndexMap<String, Value>) {
    for (key, value) in from {
        match (into.get_mut(key), value) {
            (Some(Value::Map(before)), Value::Map(after)) => united(before, after),
            _ => {
                into.insert(key.clone(), value.clone());
            }
        }
    }
}

pub(super) fn try_get(args: &[Value]) -> Made {
    let mut here = args[0].known().clone();
    for step in &args[1..] {
        let next = match (&here, unwrapped(step)) {
            (Value::Map(entries), Value::Str(name)) => entries.get(&name).cloned(),
            (Value::List(items), Value::Int(n)) => {
                usize::try_from(n).ok().and_then(|n| items.get(n).cloned())
            }
            (Value::Null, _) => None,
            _ => return Err(String::new()),
        };
        match next {
            Some(value) => here = value.known().clone(),
            None => return Ok(Value::Null),
        }
    }
    Ok(here)
}
