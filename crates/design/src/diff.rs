//! Decisions that changed between two designs.

use std::collections::BTreeMap;

use ir::Usd;
use serde::Serialize;

use crate::blueprint::Decision;

/// A decision that is no longer what it was.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DecisionChange {
    /// Its id.
    pub id: String,
    /// What was chosen before; `None`: the question is new.
    pub before: Option<String>,
    /// What is chosen now; `None`: the question no longer arises.
    pub after: Option<String>,
    /// Dollars a month more than before, when both are known; a missing side counts as nothing.
    pub difference: Option<Usd>,
    /// Inputs that differ: name, before, after. They are why the choice changed.
    pub inputs: Vec<(String, Option<String>, Option<String>)>,
}

/// What changed from the decisions recorded earlier to those of now: choices and costs, in the order of now, then
/// what is gone.
#[must_use]
pub fn diff(before: &[Decision], now: &[Decision]) -> Vec<DecisionChange> {
    let old: BTreeMap<&str, &Decision> = before.iter().map(|d| (d.id.as_str(), d)).collect();
    let new: BTreeMap<&str, &Decision> = now.iter().map(|d| (d.id.as_str(), d)).collect();
    let current = now.iter().filter_map(|d| change(old.get(d.id.as_str()).copied(), Some(d)));
    let gone =
        before.iter().filter(|d| !new.contains_key(d.id.as_str())).filter_map(|d| change(Some(d), None));
    current.chain(gone).collect()
}

fn change(before: Option<&Decision>, after: Option<&Decision>) -> Option<DecisionChange> {
    let cost = |side: Option<&Decision>| match side {
        None => Some(0.0),
        Some(decision) => decision.monthly.map(|usd| usd.0),
    };
    let difference = match (cost(before), cost(after)) {
        (Some(old), Some(new)) if (new - old).abs() >= 0.005 => Some(Usd(new - old)),
        _ => None,
    };
    let chosen = |side: Option<&Decision>| side.map(|d| d.chosen.clone());
    if chosen(before) == chosen(after) && difference.is_none() {
        return None;
    }
    let names = [before, after].into_iter().flatten().flat_map(|d| d.inputs.keys());
    let mut inputs: Vec<(String, Option<String>, Option<String>)> = Vec::new();
    for name in names {
        let value = |side: Option<&Decision>| side.and_then(|d| d.inputs.get(name)).cloned();
        if value(before) != value(after) && inputs.iter().all(|(seen, ..)| seen != name) {
            inputs.push((name.clone(), value(before), value(after)));
        }
    }
    let id = after.or(before).map(|d| d.id.clone())?;
    Some(DecisionChange { id, before: chosen(before), after: chosen(after), difference, inputs })
}
