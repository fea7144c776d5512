//! The same spec under other constraints, each really designed.

use indexmap::IndexMap;
use ir::{Availability, Diagnostics, Severity, Spanned, Usd};
use serde::Serialize;
use spec::{ResourceType, Spec};

use crate::any;
use crate::blueprint::Blueprint;
use crate::cloud::{self, CLOUDS, Cloud};
use crate::context::Preferences;
use crate::environment::{Designer, Drafts};

/// Targets that people ask for, from the least.
const STEPS: [f64; 6] = [0.99, 0.995, 0.999, 0.9995, 0.9999, 0.99995];

/// One way the spec could be designed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Alternative {
    /// What is different, such as `RDS for every database`.
    pub name: String,
    /// Dollars a month, all environments together; `None` when it cannot be designed.
    pub monthly: Option<Usd>,
    /// Dollars a month more than what was asked; negative: less.
    pub difference: Option<Usd>,
    /// Expected availability by environment.
    pub availability: IndexMap<String, Availability>,
    /// Why it cannot be designed.
    pub problems: Vec<String>,
}

/// What a spec would cost and promise under its alternatives; the first row is the spec as it stands. The
/// budget constrains none of them beyond what `base` holds.
pub(crate) fn compare(spec: &Spec, base: Preferences, designer: Designer) -> Vec<Alternative> {
    let drafts = Drafts::new(spec);
    let mut rows = vec![row("as asked".to_owned(), designer(&drafts, base.clone()))];
    let cloud = cloud::of(spec.cloud.provider.value);
    for other in CLOUDS.into_iter().filter(|c| c.provider != cloud.provider) {
        rows.push(match any::on(spec, other) {
            Some(moved) => {
                let region = moved.cloud.regions.first().map_or("", |r| r.value.as_str());
                let name = format!("{} in {region}", other.name);
                row(name, designer(&Drafts::new(&moved), base.clone()))
            }
            None => missing(other.name),
        });
    }
    if cloud.containers.tariffs.iter().any(|t| t.arm) {
        let x86 = Preferences { arm: Some(false), ..base.clone() };
        rows.push(row("x86 for every service".to_owned(), designer(&drafts, x86)));
    }
    let relational = |r: &spec::Resource| matches!(r.ty.value, ResourceType::Postgres | ResourceType::Mysql);
    let databases: Vec<&String> =
        spec.resources.iter().filter(|(_, r)| relational(r)).map(|(name, _)| name).collect();
    let products = relational_products(cloud);
    if !databases.is_empty() && products.len() > 1 {
        for product in products {
            let products = databases.iter().map(|name| ((*name).clone(), product)).collect();
            let held = Preferences { products, ..base.clone() };
            rows.push(row(format!("{product} for every relational database"), designer(&drafts, held)));
        }
    }
    for (index, (name, environment)) in spec.environments.iter().enumerate() {
        let Some(asked) = environment.availability.as_ref().map(|a| a.value.0) else { continue };
        let up = STEPS.into_iter().find(|s| *s > asked + 1e-9);
        let down = STEPS.into_iter().rev().find(|s| *s < asked - 1e-9);
        for target in [down, up].into_iter().flatten().map(Availability) {
            let mut changed = spec.clone();
            changed.environments[index].availability = Some(Spanned::bare(target));
            rows.push(row(format!("{target} in {name}"), designer(&Drafts::new(&changed), base.clone())));
        }
    }
    let asked = rows.first().and_then(|r| r.monthly);
    for row in rows.iter_mut().skip(1) {
        row.difference = row.monthly.zip(asked).map(|(own, asked)| own - asked);
    }
    rows
}

/// What a relational database could be on a cloud, each once.
fn relational_products(cloud: &Cloud) -> Vec<&'static str> {
    let mut products: Vec<&'static str> = Vec::new();
    for form in cloud.databases.iter().filter(|f| f.types.contains(&ResourceType::Postgres)) {
        if !products.contains(&form.name) {
            products.push(form.name);
        }
    }
    products
}

/// A cloud that has no region near.
fn missing(cloud: &str) -> Alternative {
    Alternative {
        name: cloud.to_owned(),
        monthly: None,
        difference: None,
        availability: IndexMap::new(),
        problems: vec![format!("{cloud} has no region near the one asked for")],
    }
}

fn row(name: String, (blueprint, diagnostics): (Option<Blueprint>, Diagnostics)) -> Alternative {
    let problems: Vec<String> =
        diagnostics.iter().filter(|d| d.severity == Severity::Error).map(|d| d.summary.clone()).collect();
    let blueprint = blueprint.filter(|_| problems.is_empty());
    Alternative {
        name,
        monthly: blueprint.as_ref().map(Blueprint::monthly),
        difference: None,
        availability: blueprint
            .map(|b| b.environments.into_iter().map(|(name, e)| (name, e.availability.expected)).collect())
            .unwrap_or_default(),
        problems,
    }
}
