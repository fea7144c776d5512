//! What a change does to the bill.
//!
//! Stacks are matched by name and lines by resource and item, so that a change reads as the lines that moved and
//! the components they belong to. What was or became impossible to price is part of the answer: a total that
//! falls because a price went missing is no saving.

use indexmap::{IndexMap, IndexSet};
use ir::Usd;
use serde::Serialize;

use crate::estimate::{Estimate, Line, Unpriced};

/// A difference below this many dollars a month is arithmetic, not a change.
const NOTHING: f64 = 1e-9;

/// What changes between two versions of all stacks.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Difference {
    /// Dollars a month before.
    pub before: Usd,
    /// Dollars a month after.
    pub after: Usd,
    /// Every stack of either version, those of the first version first.
    pub stacks: Vec<StackDifference>,
}

/// What changes in one stack.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct StackDifference {
    /// Which.
    pub stack: String,
    /// Dollars a month before; zero when it did not exist.
    pub before: Usd,
    /// Dollars a month after; zero when it is gone.
    pub after: Usd,
    /// Components whose cost changes.
    pub components: Vec<ComponentChange>,
    /// Lines whose cost changes.
    pub lines: Vec<LineChange>,
    /// What cannot be priced after and could, or did not exist, before.
    pub newly_unpriced: Vec<Unpriced>,
    /// What could not be priced before and can be, or is gone, after.
    pub no_longer_unpriced: Vec<Unpriced>,
}

/// A component whose cost changes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ComponentChange {
    /// Which.
    pub component: String,
    /// Dollars a month before.
    pub before: Usd,
    /// Dollars a month after.
    pub after: Usd,
}

/// A line whose cost changes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LineChange {
    /// Resource, as Terraform prints it.
    pub address: String,
    /// What is paid for.
    pub item: String,
    /// The line before; nothing when it is new.
    pub before: Option<Line>,
    /// The line after; nothing when it is gone.
    pub after: Option<Line>,
}

impl Difference {
    /// Dollars a month more, or less when negative.
    #[must_use]
    pub fn delta(&self) -> Usd {
        self.after - self.before
    }
}

impl LineChange {
    /// Dollars a month more, or less when negative.
    #[must_use]
    pub fn delta(&self) -> Usd {
        let monthly = |line: &Option<Line>| line.as_ref().map_or(Usd(0.0), |l| l.monthly);
        monthly(&self.after) - monthly(&self.before)
    }
}

/// What changes between two versions of all stacks.
#[must_use]
pub fn diff(before: &[Estimate], after: &[Estimate]) -> Difference {
    let names: IndexSet<&str> = before.iter().chain(after).map(|e| e.stack.as_str()).collect();
    let of = |side: &[Estimate], name: &str| side.iter().find(|e| e.stack == name).cloned();
    let stacks: Vec<_> = names
        .into_iter()
        .map(|name| {
            let (old, new) = (of(before, name).unwrap_or_default(), of(after, name).unwrap_or_default());
            stack(name, &old, &new)
        })
        .collect();
    Difference {
        before: stacks.iter().map(|s| s.before).sum(),
        after: stacks.iter().map(|s| s.after).sum(),
        stacks,
    }
}

fn stack(name: &str, before: &Estimate, after: &Estimate) -> StackDifference {
    let missing = |from: &[Unpriced], in_: &[Unpriced]| {
        from.iter().filter(|u| !in_.contains(u)).cloned().collect::<Vec<_>>()
    };
    StackDifference {
        stack: name.to_owned(),
        before: before.total(),
        after: after.total(),
        components: components(before, after),
        lines: lines(before, after),
        newly_unpriced: missing(&after.unpriced, &before.unpriced),
        no_longer_unpriced: missing(&before.unpriced, &after.unpriced),
    }
}

fn components(before: &Estimate, after: &Estimate) -> Vec<ComponentChange> {
    let (old, new) = (before.by_component(), after.by_component());
    let names: IndexSet<&str> = old.keys().chain(new.keys()).copied().collect();
    let sum = |side: &IndexMap<&str, Usd>, name: &str| side.get(name).copied().unwrap_or_default();
    names
        .into_iter()
        .map(|name| ComponentChange {
            component: name.to_owned(),
            before: sum(&old, name),
            after: sum(&new, name),
        })
        .filter(|c| differs(c.before, c.after))
        .collect()
}

fn lines(before: &Estimate, after: &Estimate) -> Vec<LineChange> {
    let (old, new) = (by_key(before), by_key(after));
    let keys: IndexSet<Key> = old.keys().chain(new.keys()).copied().collect();
    let change = |key: Key| LineChange {
        address: key.0.to_owned(),
        item: key.1.to_owned(),
        before: old.get(&key).map(|l| (*l).clone()),
        after: new.get(&key).map(|l| (*l).clone()),
    };
    let moved = |c: &LineChange| c.before.is_none() != c.after.is_none() || differs(c.delta(), Usd(0.0));
    keys.into_iter().map(change).filter(moved).collect()
}

/// Resource, item, and which of several such lines.
type Key<'a> = (&'a str, &'a str, usize);

fn by_key(estimate: &Estimate) -> IndexMap<Key<'_>, &Line> {
    let mut seen: IndexMap<(&str, &str), usize> = IndexMap::new();
    let mut keyed = IndexMap::new();
    for line in &estimate.lines {
        let nth = seen.entry((&line.address, &line.item)).or_default();
        keyed.insert((line.address.as_str(), line.item.as_str(), *nth), line);
        *nth += 1;
    }
    keyed
}

fn differs(a: Usd, b: Usd) -> bool {
    (a - b).0.abs() > NOTHING
}

#[cfg(test)]
mod tests {
    use catalog::Evidence;

    use super::*;

    fn line(component: &str, address: &str, item: &str, monthly: f64) -> Line {
        Line {
            component: component.to_owned(),
            address: address.to_owned(),
            item: item.to_owned(),
            quantity: monthly,
            unit: "hour".to_owned(),
            unit_price: 1.0,
            monthly: Usd(monthly),
            usage: false,
            evidence: Evidence::Secondary,
            source: "somewhere".to_owned(),
        }
    }

    fn of(stack: &str, lines: Vec<Line>) -> Estimate {
        Estimate { stack: stack.to_owned(), lines, ..Estimate::default() }
    }

    #[test]
    fn lines_and_components_that_stay_are_left_out() {
        let before = of("prod", vec![line("db", "d", "instance", 10.0), line("web", "w", "vCPU", 5.0)]);
        let after = of("prod", vec![line("db", "d", "instance", 20.0), line("web", "w", "vCPU", 5.0)]);
        let difference = diff(&[before], &[after]);
        assert_eq!(difference.delta(), Usd(10.0));
        let [stack] = difference.stacks.as_slice() else { panic!("{difference:?}") };
        assert_eq!(stack.components.len(), 1);
        assert_eq!(stack.components[0].component, "db");
        assert_eq!(stack.lines.len(), 1);
        assert_eq!(stack.lines[0].delta(), Usd(10.0));
    }

    #[test]
    fn whole_stacks_come_and_go() {
        let (old, new) =
            (of("old", vec![line("a", "a", "i", 3.0)]), of("new", vec![line("b", "b", "i", 4.0)]));
        let difference = diff(&[old], &[new]);
        assert_eq!((difference.before, difference.after), (Usd(3.0), Usd(4.0)));
        let lines: Vec<_> = difference.stacks.iter().flat_map(|s| &s.lines).collect();
        assert!(lines[0].after.is_none() && lines[1].before.is_none());
        assert_eq!(diff(&[], &[]), Difference::default());
    }

    #[test]
    fn a_price_that_went_missing_is_named() {
        let unpriced = Unpriced { address: "w".into(), because: "no price".into() };
        let mut after = of("prod", vec![]);
        after.unpriced.push(unpriced.clone());
        let difference = diff(&[of("prod", vec![line("web", "w", "vCPU", 5.0)])], &[after.clone()]);
        assert_eq!(difference.stacks[0].newly_unpriced, std::slice::from_ref(&unpriced));
        let back = diff(&[after], &[of("prod", vec![])]);
        assert_eq!(back.stacks[0].no_longer_unpriced, [unpriced]);
    }

    #[test]
    fn two_lines_of_one_item_are_compared_in_order() {
        let twice = |a, b| of("s", vec![line("c", "x", "vCPU", a), line("c", "x", "vCPU", b)]);
        let difference = diff(&[twice(1.0, 2.0)], &[twice(1.0, 3.0)]);
        assert_eq!(difference.stacks[0].lines.len(), 1);
        assert_eq!(difference.delta(), Usd(1.0));
    }
}
