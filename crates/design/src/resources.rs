//! From a type of resource to the managed services that could be it.
//!
//! Each type has one function that lists its candidates; the floor of availability that a request path needs
//! and the choice itself are the same for all. Must not know any type's sizes.

use std::collections::BTreeMap;

use ir::{Availability, Diagnostic, Diagnostics};
use spec::{Resource, ResourceType, Spec};

use crate::blueprint::{Decision, ResourceChoice, ResourceDesign};
use crate::cloud::{Cloud, Store};
use crate::context::Context;
use crate::decide::{Candidate, Question, cheapest};
use crate::uptime::Level;
use crate::{refusals, versions};

/// What a resource could become.
pub(crate) struct Prepared {
    /// In order of preference at equal cost.
    pub candidates: Vec<Candidate<ResourceChoice>>,
    /// What the decision will say.
    pub question: Question,
}

/// Lists what a resource could become.
pub(crate) type Prepare = fn(&Context<'_>, &str, &Resource) -> Prepared;

/// The candidates of every resource, by name.
pub(crate) fn prepare<'a>(ctx: &Context<'a>) -> BTreeMap<&'a str, Prepared> {
    let all = ctx.spec.resources.iter();
    all.map(|(name, resource)| (name.as_str(), candidates(ctx, name, resource))).collect()
}

/// The candidates of one resource.
pub(crate) fn candidates(ctx: &Context<'_>, name: &str, resource: &Resource) -> Prepared {
    match store(ctx.cloud, resource.ty.value) {
        Store::Offered(prepare) => prepare(ctx, name, resource),
        Store::Missing(..) => {
            unreachable!("what a cloud does not have is refused before anything is designed")
        }
    }
}

/// What a type of resource could be on a cloud.
fn store(cloud: &Cloud, ty: ResourceType) -> &'static Store {
    let row = cloud.stores.iter().find(|(of, _)| *of == ty);
    let (_, store) = row.expect("a test walks every type and finds its row");
    store
}

/// Resources that the cloud has nothing for.
pub(crate) fn check(spec: &Spec, cloud: &Cloud) -> Diagnostics {
    let of = |(name, resource): (&String, &Resource)| match store(cloud, resource.ty.value) {
        Store::Offered(_) => None,
        Store::Missing(why, instead) => Some(
            Diagnostic::error(
                "not-on-this-cloud",
                format!("`{name}` has nothing to become on {}", cloud.name),
            )
            .at(resource.ty.span.or(resource.span), "this type")
            .because(*why)
            .help(*instead),
        ),
    };
    spec.resources.iter().filter_map(of).collect()
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
    use crate::cloud::CLOUDS;

    #[test]
    fn every_cloud_has_exactly_one_row_for_every_type() {
        use ResourceType::*;
        let all =
            [Postgres, Mysql, Mongodb, Redis, Memcached, Queue, Topic, Rabbitmq, Kafka, Opensearch, Bucket];
        for cloud in CLOUDS {
            for ty in all {
                assert_eq!(
                    cloud.stores.iter().filter(|(t, _)| *t == ty).count(),
                    1,
                    "{ty:?} on {}",
                    cloud.name
                );
            }
            assert_eq!(cloud.stores.len(), all.len(), "{}", cloud.name);
        }
    }
}
