//! What requests pass on their way in: load balancer, content delivery, firewalls.
//!
//! Everything here is billed by what passes through, so it is decided last, when all loads are known. Clouds differ in
//! what there is and not only in what it is called, so each has a module; a table of the cloud names it. Must not know
//! what lies behind the services.

pub(crate) mod aws;
pub(crate) mod azure;
pub(crate) mod gcp;

use crate::blueprint::{Decision, EnvironmentDesign, ServiceDesign};
use crate::decide::{Candidate, Question, cheapest};
use crate::usage;

/// Managed rule groups and the rate limit of a web application firewall.
const FIREWALL_RULES: f64 = 4.0;

/// Services that callers from outside reach.
fn public(design: &EnvironmentDesign) -> impl Iterator<Item = (&String, &ServiceDesign)> {
    design.services.iter().filter(|(_, s)| usage::balanced(s))
}

/// Takes one of several candidates, of which one is always feasible.
fn taken<T>(question: Question, candidates: Vec<Candidate<T>>) -> (T, Decision) {
    let verdict = cheapest(candidates).expect("one of the candidates is never refused");
    let decision = question.decided(&verdict);
    (verdict.chosen.value, decision)
}
