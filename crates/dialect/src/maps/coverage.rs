//! Counts what maps say, kind by kind.

use catalog::dialects::{Foreign, Object, Shape};

use super::Vocabulary;
use super::table::{Rule, Table};

/// How much of a kind is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// The kind, as its data file is named.
    pub kind: String,
    /// The foreign type; empty when there is none.
    pub foreign: String,
    /// Attributes that have a property.
    pub mapped: usize,
    /// Attributes that have one in another resource or a companion.
    pub folded: usize,
    /// Properties that no attribute stands for.
    pub target_only: usize,
    /// Attributes that cannot be said, with a reason.
    pub gaps: usize,
    /// Attributes that nothing is known of.
    pub unmapped: Vec<String>,
}

/// The coverage of every kind that a vocabulary has a map for.
#[must_use]
pub fn coverage(vocabulary: &Vocabulary) -> Vec<Coverage> {
    let mut out = Vec::new();
    for (map, prepared) in vocabulary.tables().all(vocabulary) {
        let mut row = Coverage {
            kind: if map.data { format!("data.{}", map.kind) } else { map.kind.clone() },
            foreign: map.foreign.clone().unwrap_or_default(),
            unmapped: prepared.table.unmapped.clone(),
            ..Coverage::default()
        };
        let (said, gaps) = count(&prepared.table);
        row.gaps = gaps;
        row.folded = prepared.companions.values().map(|table| count(table).0).sum();
        if map.fold.is_some() {
            row.folded += said;
        } else {
            row.mapped = said;
        }
        let foreign =
            map.foreign.as_deref().and_then(|name| catalog::dialects::foreign(vocabulary.name, name));
        if let (Some(foreign), None) = (foreign, &map.fold) {
            let folds = vocabulary.tables().folds_into(&map.kind);
            let at: Vec<&str> = folds.iter().filter_map(|m| Some(m.fold.as_ref()?.at.as_str())).collect();
            row.target_only = unreached(foreign, &foreign.properties, "", &prepared.table, &at, 0);
        }
        out.push(row);
    }
    out
}

fn count(table: &Table) -> (usize, usize) {
    let (mut said, mut gaps) = (0, 0);
    for rule in table.rules.values() {
        match rule {
            Rule::Elsewhere => {}
            Rule::Gap { .. } => gaps += 1,
            Rule::Value { .. } => said += 1,
            Rule::Each { table, .. } => {
                let (inner, lost) = count(table);
                said += inner;
                gaps += lost;
            }
        }
    }
    (said, gaps)
}

/// Properties that nothing leads to; an object that nothing leads into counts once.
fn unreached(
    foreign: &Foreign,
    object: &Object,
    prefix: &str,
    table: &Table,
    folds: &[&str],
    depth: usize,
) -> usize {
    let mut count = 0;
    for (name, property) in object {
        let path = super::path::join(prefix, name);
        if folds.iter().any(|at| *at == path) || (prefix.is_empty() && foreign.read_only.contains(&path)) {
            continue;
        }
        let rule = table.back.get(&path).and_then(|all| table.rules.get(all.first()?));
        let mut shape = &property.shape;
        if let Shape::List(item) = shape {
            shape = item;
        }
        let below = format!("{path}.");
        match (rule, foreign.object(shape)) {
            (Some(Rule::Each { table, .. }), Some(inner)) if depth < 8 => {
                count += unreached(foreign, inner, "", table, &[], depth + 1);
            }
            (Some(_), _) => {}
            (None, Some(inner)) if depth < 8 && table.back.keys().any(|there| there.starts_with(&below)) => {
                count += unreached(foreign, inner, &path, table, folds, depth + 1);
            }
            (None, _) => count += 1,
        }
    }
    count
}
