//! The same product in every environment, so that what is tested is what runs.
//!
//! Each environment by itself takes the cheapest product for a resource, and those may differ. Every one of them is
//! then designed in all environments, and the cheapest wins; only a budget without room for it lets them differ.
//! It must not know what the products are.

use ir::{Diagnostics, Severity};

use crate::bill::Bill;
use crate::blueprint::Blueprint;
use crate::budget::GIVEN_UP;
use crate::context::Preferences;
use crate::decide::{Candidate, Question, cheapest};
use crate::environment::{Designer, Drafts};

/// Designs with a designer of each environment by itself, and settles for each resource that environments would run on different products which it is.
pub(crate) fn settle(
    drafts: &Drafts<'_>,
    mut preferences: Preferences,
    designer: Designer,
) -> (Option<Blueprint>, Diagnostics) {
    let (found, mut said) = designer(drafts, preferences.clone());
    let Some(mut best) = found else { return (None, said) };
    if said.has_errors() {
        return (Some(best), said);
    }
    let mut decisions = Vec::new();
    for name in drafts.spec.resources.keys() {
        let by_environment = products(&best, name);
        let mut distinct: Vec<&'static str> = by_environment.iter().map(|(_, product)| *product).collect();
        distinct.sort_unstable();
        distinct.dedup();
        if distinct.len() < 2 {
            continue;
        }
        let given_up = preferences.products_differ;
        let same = |product: &'static str| {
            let mut held = preferences.clone();
            held.products.insert(name.clone(), product);
            let (found, said) = designer(drafts, held.clone());
            let found = found?;
            let problem = said.iter().find(|d| d.severity == Severity::Error).map(|d| d.summary.clone());
            let bill = Bill::of(found.monthly().0);
            let option = format!("{product} in every environment");
            let candidate = Candidate::new(product, option, (held, found, said), bill)
                .breaking(given_up && problem.is_none(), || GIVEN_UP.to_owned());
            Some(candidate.breaking(problem.is_some(), || problem.unwrap_or_default()))
        };
        let mut candidates: Vec<_> = distinct.into_iter().filter_map(same).collect();
        let required = candidates.iter().any(Candidate::feasible);
        let apart: Vec<String> = by_environment
            .iter()
            .map(|(environment, product)| format!("{product} in {environment}"))
            .collect();
        let apart = apart.join(", ");
        let too_dear = candidates.iter().any(|c| c.breaks.iter().any(|why| why == GIVEN_UP));
        let question = question(name, apart.clone(), required, too_dear);
        let bill = Bill::of(best.monthly().0);
        let unchanged = (preferences.clone(), best.clone(), said.clone());
        candidates.push(
            Candidate::new("apart", apart, unchanged, bill)
                .breaking(required, || "what is tested would not be what runs in production".to_owned()),
        );
        let verdict = cheapest(candidates).unwrap_or_else(|_| {
            unreachable!("environments may differ wherever none of the products fits them all")
        });
        let mut decision = question.decided(&verdict);
        // The environments' own decisions carry the cost.
        decision.monthly = None;
        decisions.push(decision);
        (preferences, best, said) = verdict.chosen.value;
    }
    best.decisions.extend(decisions);
    (Some(best), said)
}

/// What a resource is in each environment, by the environment's name.
fn products(blueprint: &Blueprint, resource: &str) -> Vec<(String, &'static str)> {
    let environments = blueprint.environments.iter();
    environments
        .filter_map(|(name, e)| Some((name.clone(), e.resources.get(resource)?.choice.product())))
        .collect()
}

fn question(resource: &str, apart: String, required: bool, too_dear: bool) -> Question {
    let because = match (required, too_dear) {
        (true, _) => {
            "Products differ in versions, parameters and failover: a change that passed on one proves little for another."
        }
        (false, true) => {
            "The same product in every environment does not fit the budget, so each takes the cheapest that meets what is \
             asked of it. Versions, parameters and failover are to be tested in production's own product before a release \
             that depends on them."
        }
        (false, false) => "No product meets what is asked of it in every environment.",
    };
    Question {
        subject: resource.to_owned(),
        topic: "product",
        text: format!("Is {resource} the same product in every environment?"),
        because: because.to_owned(),
        inputs: vec![("cheapest of each environment by itself", apart)],
        weighty: true,
        ..Question::default()
    }
}
