//! From a type of resource to the managed services that could be it.
//!
//! Each type has one function that lists its candidates; the floor of availability that a request path needs
//! and the choice itself are the same for all. Must not know any type's sizes.

use std::collections::BTreeMap;

use ir::{Availability, Diagnostics};
use spec::{Resource, ResourceType};

use crate::blueprint::{Decision, ResourceChoice, ResourceDesign};
use crate::context::Context;
use crate::decide::{Candidate, Question, cheapest};
use crate::uptime::Level;
use crate::{brokers, caches, databases, messaging, refusals, versions};

/// What a resource could become.
pub(crate) struct Prepared {
    /// In order of preference at equal cost.
    pub candidates: Vec<Candidate<ResourceChoice>>,
    /// What the decision will say.
    pub question: Question,
}

/// Lists what a resource could become.
type Prepare = fn(&Context<'_>, &str, &Resource) -> Prepared;

/// Every type of resource.
static TYPES: &[(ResourceType, Prepare)] = &[
    (ResourceType::Postgres, databases::relational),
    (ResourceType::Mysql, databases::relational),
    (ResourceType::Mongodb, databases::document),
    (ResourceType::Redis, caches::replicated),
    (ResourceType::Memcached, caches::memcached),
    (ResourceType::Queue, messaging::queue),
    (ResourceType::Topic, messaging::topic),
    (ResourceType::Bucket, messaging::bucket),
    (ResourceType::Rabbitmq, brokers::rabbitmq),
    (ResourceType::Kafka, brokers::kafka),
    (ResourceType::Opensearch, brokers::opensearch),
];

/// The candidates of every resource, by name.
pub(crate) fn prepare<'a>(ctx: &Context<'a>) -> BTreeMap<&'a str, Prepared> {
    let all = ctx.spec.resources.iter();
    all.map(|(name, resource)| (name.as_str(), candidates(ctx, name, resource))).collect()
}

/// The candidates of one resource.
pub(crate) fn candidates(ctx: &Context<'_>, name: &str, resource: &Resource) -> Prepared {
    let row = TYPES.iter().find(|(ty, _)| *ty == resource.ty.value);
    let (_, prepare) = row.expect("a test walks every type and finds its row");
    prepare(ctx, name, resource)
}

/// A chosen resource.
pub(crate) struct Chosen {
    /// What it became.
    pub design: ResourceDesign,
    /// Why.
    pub decision: Decision,
    /// Its published service level, when there is one.
    pub uptime: Option<Level>,
}

/// Picks the cheapest candidate that a request path's floor allows.
pub(crate) fn choose(
    ctx: &Context<'_>,
    name: &str,
    resource: &Resource,
    prepared: Prepared,
    floor: Option<Availability>,
    diagnostics: &mut Diagnostics,
) -> Option<Chosen> {
    let Prepared { mut candidates, mut question } = prepared;
    if let Some(product) = ctx.preferences.products.get(name) {
        for candidate in candidates.iter_mut().filter(|c| c.value.product() != *product) {
            candidate.breaks.push(format!("every environment runs {product}"));
        }
    }
    if let Some(floor) = floor {
        question.inputs.push(("availability the request path leaves for it", floor.to_string()));
        for candidate in &mut candidates {
            let promised = candidate.uptime.as_ref().map(Level::share);
            if promised.is_none_or(|sla| sla < floor) {
                let has = promised.map_or("has no published service level".to_owned(), |sla| {
                    format!("is promised {sla} of a month")
                });
                candidate.breaks.push(format!("{has} and the request path needs {floor}"));
            }
        }
    }
    let verdict = match cheapest(candidates) {
        Ok(verdict) => verdict,
        Err(rejected) => {
            diagnostics.push(refusals::resource(ctx, name, resource, &rejected));
            return None;
        }
    };
    let mut decision = question.decided(&verdict);
    let chosen = verdict.chosen;
    decision.facts.extend(chosen.uptime.as_ref().map(Level::fact));
    decision.facts.extend(versions::fact(&chosen.value));
    let design = ResourceDesign { ty: resource.ty.value, choice: chosen.value };
    Some(Chosen { design, decision, uptime: chosen.uptime })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_exactly_one_row() {
        use ResourceType::*;
        let all =
            [Postgres, Mysql, Mongodb, Redis, Memcached, Queue, Topic, Rabbitmq, Kafka, Opensearch, Bucket];
        for ty in all {
            assert_eq!(TYPES.iter().filter(|(t, _)| *t == ty).count(), 1, "{ty:?}");
        }
        assert_eq!(TYPES.len(), all.len());
    }
}
