//! Paths into attributes, and getting and putting what stands there.
//!
//! A path is written `A.B[0].C`: names, and `[0]` behind one that holds a list of one.

use indexmap::IndexMap;
use ir::Value;

/// One name of a path, and whether it holds a list of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub name: String,
    pub one: bool,
}

/// Reads a path. An empty one has no parts.
pub fn parts(text: &str) -> Vec<Part> {
    text.split('.')
        .filter(|name| !name.is_empty())
        .map(|name| match name.strip_suffix("[0]") {
            Some(name) => Part { name: name.to_owned(), one: true },
            None => Part { name: name.to_owned(), one: false },
        })
        .collect()
}

/// A name below a path.
pub fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Puts a value at a path, making the maps on the way. An error when another value is there already.
pub fn put(map: &mut IndexMap<String, Value>, path: &[Part], value: Value) -> Result<(), Value> {
    let Some((first, rest)) = path.split_first() else { return Err(value) };
    if rest.is_empty() {
        let value = if first.one { Value::List(vec![value]) } else { value };
        return match map.get_mut(&first.name) {
            None => {
                map.insert(first.name.clone(), value);
                Ok(())
            }
            Some(there) => merge(there, value),
        };
    }
    let empty = || Value::Map(IndexMap::new());
    let wrapped = || if first.one { Value::List(vec![empty()]) } else { empty() };
    let mut next = map.entry(first.name.clone()).or_insert_with(wrapped);
    if let Value::List(items) = next {
        if items.is_empty() {
            items.push(empty());
        }
        next = &mut items[0];
    }
    match next {
        Value::Map(inner) => put(inner, rest, value),
        _ => Err(value),
    }
}

/// Adds to a value what stands at the same place: maps are joined, equal values are one.
fn merge(there: &mut Value, value: Value) -> Result<(), Value> {
    match (there, value) {
        (Value::Map(into), Value::Map(from)) => {
            for (key, value) in from {
                match into.get_mut(&key) {
                    Some(there) => merge(there, value)?,
                    None => _ = into.insert(key, value),
                }
            }
            Ok(())
        }
        (there, value) if *there == value => Ok(()),
        (_, value) => Err(value),
    }
}

/// Takes what stands at a path out of a map, with the maps that are empty then.
pub fn take(map: &mut IndexMap<String, Value>, path: &[Part]) -> Option<Value> {
    let (first, rest) = path.split_first()?;
    if rest.is_empty() {
        return map.shift_remove(&first.name);
    }
    let next = match map.get_mut(&first.name)? {
        Value::List(items) if items.len() == 1 => &mut items[0],
        other => other,
    };
    let Value::Map(inner) = next else { return None };
    let taken = take(inner, rest);
    if taken.is_some() && inner.is_empty() {
        map.shift_remove(&first.name);
    }
    taken
}

/// Adds an item to the list at a path.
pub fn push(map: &mut IndexMap<String, Value>, path: &[Part], item: Value) -> Result<(), Value> {
    let Some((last, way)) = path.split_last() else { return Err(item) };
    let mut map = map;
    for part in way {
        let next = map.entry(part.name.clone()).or_insert_with(|| Value::Map(IndexMap::new()));
        let Value::Map(inner) = next else { return Err(item) };
        map = inner;
    }
    match map.entry(last.name.clone()).or_insert_with(|| Value::List(Vec::new())) {
        Value::List(items) => items.push(item),
        _ => return Err(item),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_is_taken_again() {
        let mut map = IndexMap::new();
        put(&mut map, &parts("A.B[0].C"), Value::Int(1)).expect("free");
        put(&mut map, &parts("A.B[0].D"), Value::Int(2)).expect("free");
        assert_eq!(put(&mut map, &parts("A.B[0].C"), Value::Int(3)), Err(Value::Int(3)));
        assert_eq!(map["A"].get("B").and_then(Value::as_list).map(<[Value]>::len), Some(1));
        assert_eq!(take(&mut map, &parts("A.B[0].C")), Some(Value::Int(1)));
        assert_eq!(take(&mut map, &parts("A.X.C")), None);
        assert_eq!(
            take(&mut map, &parts("A")),
            Some(Value::map([("B", Value::list([Value::map([("D", 2)])]))]))
        );
        assert!(map.is_empty());
        push(&mut map, &parts("L"), Value::Int(1)).expect("free");
        push(&mut map, &parts("L"), Value::Int(2)).expect("a list");
        assert_eq!(map["L"], Value::list([1, 2]));
    }
}
