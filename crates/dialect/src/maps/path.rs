//! Paths into attributes, and getting and putting what stands there.
//!
//! A path is written `A.B[0].C[Key=name].D[]`: names, and behind the name of a list which item of it is meant.

use indexmap::IndexMap;
use ir::Value;

/// One name of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub name: String,
    pub item: Item,
}

/// Which item of a list is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// None: the value itself.
    Whole,
    /// The only one.
    One,
    /// The one whose property has this value.
    Pick(String, String),
    /// Every one.
    Every,
}

impl Part {
    /// A name alone.
    pub fn named(name: &str) -> Part {
        Part { name: name.to_owned(), item: Item::Whole }
    }

    /// As rules are found by: lists of one are passed through.
    pub fn spelt(&self) -> String {
        match &self.item {
            Item::Whole | Item::One => self.name.clone(),
            Item::Pick(property, value) => format!("{}[{property}={value}]", self.name),
            Item::Every => format!("{}[]", self.name),
        }
    }
}

/// Reads a path. An empty one has no parts.
pub fn parts(text: &str) -> Vec<Part> {
    let read = |text: &str| {
        let Some((name, rest)) = text.split_once('[') else { return Part::named(text) };
        let item = match rest.trim_end_matches(']') {
            "0" => Item::One,
            "" => Item::Every,
            pick => match pick.split_once('=') {
                Some((property, value)) => Item::Pick(property.to_owned(), value.to_owned()),
                None => Item::Pick("Key".to_owned(), pick.to_owned()),
            },
        };
        Part { name: name.to_owned(), item }
    };
    catalog::dialects::names(text).map(read).collect()
}

/// Parts as rules are found by.
pub fn spelt(parts: &[Part]) -> String {
    parts.iter().map(Part::spelt).collect::<Vec<_>>().join(".")
}

/// A name below a path.
pub fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Puts a value at a path, making what is on the way. A list at a path with every item is spread over items of their own.
/// The value again when another is there already.
pub fn put(map: &mut IndexMap<String, Value>, path: &[Part], value: Value) -> Result<(), Value> {
    let Some((first, rest)) = path.split_first() else { return Err(value) };
    if rest.is_empty() {
        let value = if first.item == Item::One { Value::List(vec![value]) } else { value };
        return match map.get_mut(&first.name) {
            None => {
                map.insert(first.name.clone(), value);
                Ok(())
            }
            Some(there) => merge(there, value),
        };
    }
    let empty = || Value::Map(IndexMap::new());
    if first.item == Item::Whole {
        return match map.entry(first.name.clone()).or_insert_with(empty) {
            Value::Map(inner) => put(inner, rest, value),
            _ => Err(value),
        };
    }
    let Value::List(items) = map.entry(first.name.clone()).or_insert_with(|| Value::List(Vec::new())) else {
        return Err(value);
    };
    match (&first.item, value) {
        (Item::One, value) => {
            if items.is_empty() {
                items.push(empty());
            }
            match &mut items[0] {
                Value::Map(inner) => put(inner, rest, value),
                _ => Err(value),
            }
        }
        (item, Value::List(values)) if spread(item, rest) => {
            for value in values {
                let mut inner = IndexMap::new();
                pick(item, &mut inner);
                put(&mut inner, rest, value)?;
                items.push(Value::Map(inner));
            }
            Ok(())
        }
        (item, value) => {
            let of = |v: &Value| match item {
                Item::Pick(property, wanted) => {
                    v.get(property).and_then(Value::text).as_ref() == Some(wanted)
                }
                _ => false,
            };
            let place = items.iter().position(of).unwrap_or_else(|| {
                let mut inner = IndexMap::new();
                pick(item, &mut inner);
                items.push(Value::Map(inner));
                items.len() - 1
            });
            match &mut items[place] {
                Value::Map(inner) => put(inner, rest, value),
                _ => Err(value),
            }
        }
    }
}

/// Whether a list is spread over the items of another: it is for every item, or the path ends behind those picked.
fn spread(item: &Item, rest: &[Part]) -> bool {
    matches!(item, Item::Every | Item::Pick(..)) && rest.iter().all(|part| part.item == Item::Whole)
}

fn pick(item: &Item, inner: &mut IndexMap<String, Value>) {
    if let Item::Pick(property, value) = item {
        inner.insert(property.clone(), Value::from(value));
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

/// Takes what stands at a path of names out of a map, with the maps that are empty then.
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
    let Some((first, rest)) = path.split_first() else { return Err(item) };
    if rest.is_empty() {
        return match map.entry(first.name.clone()).or_insert_with(|| Value::List(Vec::new())) {
            Value::List(items) => {
                items.push(item);
                Ok(())
            }
            _ => Err(item),
        };
    }
    let empty = || Value::Map(IndexMap::new());
    let make = || if first.item == Item::One { Value::List(vec![empty()]) } else { empty() };
    let next = match map.entry(first.name.clone()).or_insert_with(make) {
        Value::List(items) if items.len() == 1 => &mut items[0],
        other => other,
    };
    match next {
        Value::Map(inner) => push(inner, rest, item),
        _ => Err(item),
    }
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
        assert_eq!(take(&mut map, &parts("A.B.C")), Some(Value::Int(1)));
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

    #[test]
    fn items_are_picked_and_lists_spread_over_them() {
        let mut map = IndexMap::new();
        put(&mut map, &parts("L[Key=a.b].Value"), Value::from("x")).expect("free");
        put(&mut map, &parts("L[Key=c].Value"), Value::from("y")).expect("free");
        put(&mut map, &parts("N[].Name"), Value::list(["p", "q"])).expect("free");
        let pair = |k: &str, v: &str| Value::map([("Key", k), ("Value", v)]);
        assert_eq!(map["L"], Value::List(vec![pair("a.b", "x"), pair("c", "y")]));
        assert_eq!(map["N"], Value::List(vec![Value::map([("Name", "p")]), Value::map([("Name", "q")])]));
        assert_eq!(spelt(&parts("A[0].L[Key=a.b].Value")), "A.L[Key=a.b].Value");
    }
}
