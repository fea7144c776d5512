//! The one mechanism by which every topic chooses: price the candidates, keep the feasible ones, take the cheapest.
//!
//! A topic lists what could be chosen, with a bill and the constraints each breaks; this module picks and
//! writes down why the others lost. It knows nothing of clouds or services, so no topic can choose by
//! another rule.

use indexmap::IndexMap;
use ir::Usd;

use crate::bill::Bill;
use crate::blueprint::{Decision, Rejected};
use crate::uptime::Level;

/// One thing that could be chosen.
#[derive(Clone, Debug)]
pub(crate) struct Candidate<T> {
    /// Alternatives of one sort, such as every size of one platform: a decision records the best of each other sort.
    pub group: String,
    /// In a few words.
    pub name: String,
    /// What it would become.
    pub value: T,
    /// What it costs a month.
    pub bill: Bill,
    /// The published service level, when there is one.
    pub uptime: Option<Level>,
    /// The constraints it breaks, each a sentence part; empty: feasible.
    pub breaks: Vec<String>,
}

impl<T> Candidate<T> {
    /// A feasible candidate without a service level.
    pub fn new(group: impl Into<String>, name: impl Into<String>, value: T, bill: Bill) -> Self {
        Self { group: group.into(), name: name.into(), value, bill, uptime: None, breaks: Vec::new() }
    }

    /// Adds a constraint it breaks, when it does.
    #[must_use]
    pub fn breaking(mut self, broken: bool, why: impl FnOnce() -> String) -> Self {
        if broken {
            self.breaks.push(why());
        }
        self
    }

    /// The same candidate as another type.
    pub fn map<U>(self, into: impl FnOnce(T) -> U) -> Candidate<U> {
        Candidate {
            group: self.group,
            name: self.name,
            value: into(self.value),
            bill: self.bill,
            uptime: self.uptime,
            breaks: self.breaks,
        }
    }

    /// Whether it meets every constraint.
    pub fn feasible(&self) -> bool {
        self.breaks.is_empty()
    }
}

/// What was picked and why the rest was not.
#[derive(Clone, Debug)]
pub(crate) struct Verdict<T> {
    /// The candidate that won.
    pub chosen: Candidate<T>,
    /// The others: those nearest in cost of its own group, and of every other group
    /// the cheapest of those that break the fewest constraints.
    pub rejected: Vec<Rejected>,
}

/// The input of a decision whose cost is not known: which prices are missing.
pub(crate) const UNPRICED: &str = "missing prices";

/// How many losers of the winner's own group are recorded on either side of its cost.
const NEIGHBOURS: usize = 2;

/// Picks the cheapest feasible candidate. At equal cost (to the cent) the earlier one wins. Candidates
/// without a price lose to any that has one. `Err` holds every candidate with the constraint it breaks.
pub(crate) fn cheapest<T>(mut candidates: Vec<Candidate<T>>) -> Result<Verdict<T>, Vec<Rejected>> {
    let rank = |c: &Candidate<T>| c.bill.rank();
    let best = candidates
        .iter()
        .enumerate()
        .filter(|(_, c)| c.feasible())
        .min_by_key(|(at, c)| (rank(c), *at))
        .map(|(at, _)| at);
    let Some(best) = best else {
        return Err(candidates.iter().map(|c| reject(c, None)).collect());
    };
    let chosen = candidates.remove(best);
    candidates.sort_by_key(rank);
    let mut rejected = Vec::new();
    let (own, other): (Vec<_>, Vec<_>) = candidates.iter().partition(|c| c.group == chosen.group);
    let (below, above): (Vec<_>, Vec<_>) = own.into_iter().partition(|c| rank(c) < rank(&chosen));
    rejected.extend(below.iter().rev().take(NEIGHBOURS).rev().map(|c| reject(c, Some(&chosen))));
    rejected.extend(above.iter().take(NEIGHBOURS).map(|c| reject(c, Some(&chosen))));
    let mut groups: IndexMap<&str, &Candidate<T>> = IndexMap::new();
    for candidate in other {
        let held = groups.entry(&candidate.group).or_insert(candidate);
        if candidate.breaks.len() < held.breaks.len() {
            *held = candidate;
        }
    }
    rejected.extend(groups.values().map(|c| reject(c, Some(&chosen))));
    Ok(Verdict { chosen, rejected })
}

fn reject<T>(loser: &Candidate<T>, chosen: Option<&Candidate<T>>) -> Rejected {
    let difference = match (chosen.and_then(|c| c.bill.monthly()), loser.bill.monthly()) {
        (Some(chosen), Some(cost)) => Some(cost - chosen),
        _ => None,
    };
    let because = if !loser.feasible() {
        loser.breaks.join("; ")
    } else if let Some(missing) = loser.bill.missing() {
        format!("cannot be priced: {missing}")
    } else {
        match difference {
            Some(more) if more.0 >= 0.005 => format!("costs {more} a month more"),
            _ => "costs the same, and the chosen one is preferred at equal cost".to_owned(),
        }
    };
    Rejected { option: loser.name.clone(), because, difference }
}

/// What a decision is about, before it is taken.
#[derive(Clone, Debug, Default)]
pub(crate) struct Question {
    /// Environment, when it concerns one.
    pub environment: Option<String>,
    /// Service, resource or part of the platform.
    pub subject: String,
    /// Last part of the id.
    pub topic: &'static str,
    /// The question itself.
    pub text: String,
    /// Why the chosen one, in full sentences.
    pub because: String,
    /// Name and value with unit.
    pub inputs: Vec<(&'static str, String)>,
    /// Whether an architect would write it down.
    pub weighty: bool,
}

impl Question {
    /// The decision that a verdict makes of it.
    pub fn decided<T>(mut self, verdict: &Verdict<T>) -> Decision {
        let chosen = &verdict.chosen;
        self.inputs.extend(chosen.bill.missing().map(|missing| (UNPRICED, missing)));
        Decision {
            monthly: chosen.bill.monthly(),
            rejected: verdict.rejected.clone(),
            facts: chosen.bill.facts(),
            ..self.settled(chosen.name.clone())
        }
    }

    /// A decision that has no price and no alternatives to compare.
    pub fn settled(self, chosen: impl Into<String>) -> Decision {
        let scope = self.environment.as_deref().unwrap_or("all");
        Decision {
            id: format!("{scope}.{}.{}", self.subject, self.topic),
            environment: self.environment,
            subject: Some(self.subject),
            question: self.text,
            chosen: chosen.into(),
            because: self.because,
            inputs: self.inputs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect(),
            monthly: None::<Usd>,
            rejected: Vec::new(),
            facts: Vec::new(),
            weighty: self.weighty,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(group: &str, name: &str, monthly: f64, feasible: bool) -> Candidate<usize> {
        Candidate::new(group, name, 0, Bill::of(monthly))
            .breaking(!feasible, || "breaks a constraint".to_owned())
    }

    #[test]
    fn the_cheapest_feasible_wins_for_every_pattern_of_feasibility() {
        let costs = [30.0, 10.0, 20.0, 10.0];
        for pattern in 0..16_u32 {
            let list: Vec<_> = costs
                .iter()
                .enumerate()
                .map(|(i, cost)| {
                    candidate(&format!("g{i}"), &format!("c{i}"), *cost, pattern & (1 << i) != 0)
                })
                .collect();
            let expected = (0..4)
                .filter(|i| pattern & (1 << i) != 0)
                .min_by(|a, b| costs[*a].total_cmp(&costs[*b]))
                .map(|i| format!("c{i}"));
            let verdict = cheapest(list);
            assert_eq!(verdict.as_ref().ok().map(|v| v.chosen.name.clone()), expected, "{pattern:04b}");
            match verdict {
                Ok(v) => assert_eq!(v.rejected.len(), 3, "{pattern:04b}"),
                Err(all) => assert_eq!(all.len(), 4),
            }
        }
    }

    #[test]
    fn every_other_group_is_recorded_by_its_best() {
        let list = vec![
            candidate("a", "a1", 10.0, true),
            candidate("b", "b1", 5.0, false),
            candidate("b", "b2", 15.0, true),
            candidate("c", "c1", 4.0, false),
        ];
        let verdict = cheapest(list).expect("a1 is feasible");
        let names: Vec<_> = verdict.rejected.iter().map(|r| r.option.as_str()).collect();
        assert_eq!(names, ["c1", "b2"]);
        assert_eq!(verdict.rejected[0].because, "breaks a constraint");
        assert_eq!(verdict.rejected[1].because, "costs $5.00 a month more");
    }

    #[test]
    fn a_candidate_without_a_price_loses_and_says_so() {
        let mut bill = Bill::default();
        bill.add("nowhere-1", "no/such-price", 1.0);
        let unpriced = Candidate::new("a", "unpriced", 0, bill);
        let verdict =
            cheapest(vec![unpriced.clone(), candidate("a", "priced", 99.0, true)]).expect("feasible");
        assert_eq!(verdict.chosen.name, "priced");
        assert!(verdict.rejected[0].because.starts_with("cannot be priced"), "{:?}", verdict.rejected);
        let alone = cheapest(vec![unpriced]).expect("feasible though unpriced");
        assert_eq!(alone.chosen.bill.monthly(), None);
    }
}
