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
pub(super) struct Slot<'v, C> {
    /// What identifies it, when a word does.
    pub name: Option<String>,
    /// The lists that have it, with their item.
    pub cells: Vec<(C, &'v Value)>,
}

/// Matches the items of several lists, keeping the order of each.
pub(super) fn align<'v, C: Copy>(lists: &[(C, &'v [Value])]) -> Vec<Slot<'v, C>> {
    let Some((_, first)) = lists.first() else { return Vec::new() };
    if lists.iter().all(|(_, l)| l.len() == first.len() && l.iter().zip(*first).all(|(a, b)| alike(a, b))) {
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

/// Whether two items at the same position are the same thing with other settings.
fn alike(a: &Value, b: &Value) -> bool {
    let (a, b) = (a.known(), b.known());
    std::mem::discriminant(a) == std::mem::discriminant(b) && identity(a) == identity(b)
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
            let slots = align(&[(0, &a[..]), (1, &b[..])]);
            for (cell, list) in [(0, &a), (1, &b)] {
                let back: Vec<Value> = slots
                    .iter()
                    .filter_map(|s| s.cells.iter().find(|(c, _)| *c == cell).map(|(_, v)| (*v).clone()))
                    .collect();
                if slots.iter().all(|s| s.cells.len() <= 2) {
                    assert_eq!(&back, list);
                }
            }
        }
    }

    #[test]
    fn named_items_meet_although_their_settings_differ() {
        let item = |name: &str, value: &str| Value::map([("name", name), ("value", value)]);
        let a = [item("HOST", "one"), item("LEVEL", "debug")];
        let b = [item("HOST", "two")];
        let slots = align(&[('a', &a[..]), ('b', &b[..])]);
        let shape: Vec<_> = slots.iter().map(|s| (s.name.as_deref(), s.cells.len())).collect();
        assert_eq!(shape, [(Some("HOST"), 2), (Some("LEVEL"), 1)]);
    }
}
