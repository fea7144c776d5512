//! Lines lists of several instances up, so that what is the same in all stands together.
//!
//! Two environments' policies differ in a statement, two services' containers in a setting: items are matched
//! by what identifies them (a name, a sid, the whole value), never reordered. Must not know variables.

use ir::Value;

/// Entries that identify an item, in order of preference.
const IDENTITIES: &[&str] =
    &["name", "Name", "sid", "Sid", "id", "Id", "rule_name", "key", "target_key", "origin_id", "metric_name"];

/// One position of the common list: what it is called, and the item of every list that has it.
#[derive(Debug)]
pub(crate) struct Slot<'v, C> {
    /// What identifies it, when a word does.
    pub name: Option<String>,
    /// The lists that have it, with their item.
    pub cells: Vec<(C, &'v Value)>,
}

/// What makes items of two lists the same thing with other settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Match {
    /// A common name, such as the sid of a statement.
    Name,
    /// A common name, or the same place where neither name is in the other list: nested blocks, whose names
    /// may carry the environment's.
    Place,
}

/// Matches the items of several lists, keeping the order of each.
pub(crate) fn align<'v, C: Copy>(by: Match, lists: &[(C, &'v [Value])]) -> Vec<Slot<'v, C>> {
    let Some((_, first)) = lists.first() else { return Vec::new() };
    let strangers = |list: &[Value], a: &Value, b: &Value| {
        by == Match::Place
            && !list.iter().any(|x| identity(x) == identity(a))
            && !first.iter().any(|x| identity(x) == identity(b))
    };
    let alike = |list: &[Value], a: &Value, b: &Value| {
        std::mem::discriminant(a.known()) == std::mem::discriminant(b.known())
            && (identity(a) == identity(b) || strangers(list, a, b))
    };
    let paired =
        |list: &[Value]| list.len() == first.len() && first.iter().zip(list).all(|(a, b)| alike(list, a, b));
    if lists.iter().all(|(_, l)| paired(l)) {
        let slot = |i: usize| Slot {
            name: identity(&first[i]),
            cells: lists.iter().map(|(c, l)| (*c, &l[i])).collect(),
        };
        return (0..first.len()).map(slot).collect();
    }
    let mut slots: Vec<Slot<'v, C>> = Vec::new();
    for (cell, list) in lists {
        let mut cursor = 0;
        for item in *list {
            let found = slots[cursor..].iter().position(|s| same(s.cells[0].1, item)).map(|i| i + cursor);
            let at = found.unwrap_or_else(|| {
                slots.insert(cursor, Slot { name: identity(item), cells: Vec::new() });
                cursor
            });
            slots[at].cells.push((*cell, item));
            cursor = at + 1;
        }
    }
    slots
}

/// Whether two items at different positions are the same thing.
fn same(a: &Value, b: &Value) -> bool {
    match (identity(a), identity(b)) {
        (Some(a), Some(b)) => a == b,
        (None, None) => a == b,
        _ => false,
    }
}

/// The word that identifies an item.
fn identity(value: &Value) -> Option<String> {
    let entries = value.as_map()?;
    IDENTITIES.iter().find_map(|name| entries.get(*name)?.text())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Value> {
        text.split_whitespace().map(Value::from).collect()
    }

    #[test]
    fn every_list_is_a_subsequence_of_the_slots() {
        for (a, b) in
            [("", ""), ("x", ""), ("a b c", "a c"), ("a c", "a b c d"), ("a b", "b a"), ("a a", "a")]
        {
            let (a, b) = (words(a), words(b));
            let slots = align(Match::Name, &[(0, &a[..]), (1, &b[..])]);
            for (cell, list) in [(0, &a), (1, &b)] {
                let back: Vec<Value> = slots
                    .iter()
                    .filter_map(|s| s.cells.iter().find(|(c, _)| *c == cell).map(|(_, v)| (*v).clone()))
                    .collect();
                assert_eq!(&back, list);
            }
        }
    }

    #[test]
    fn items_with_other_names_meet_only_by_place() {
        let (a, b) = ([Value::map([("name", "shop-staging")])], [Value::map([("name", "shop-production")])]);
        let lists = [(0, &a[..]), (1, &b[..])];
        assert_eq!(align(Match::Place, &lists).len(), 1);
        assert_eq!(align(Match::Name, &lists).len(), 2);
    }

    #[test]
    fn named_items_meet_although_their_settings_differ() {
        let item = |name: &str, value: &str| Value::map([("name", name), ("value", value)]);
        let a = [item("HOST", "one"), item("LEVEL", "debug")];
        let b = [item("HOST", "two")];
        let slots = align(Match::Name, &[('a', &a[..]), ('b', &b[..])]);
        let shape: Vec<_> = slots.iter().map(|s| (s.name.as_deref(), s.cells.len())).collect();
        assert_eq!(shape, [(Some("HOST"), 2), (Some("LEVEL"), 1)]);
    }
}
