//! What holds on every cloud, and what holds between clouds.

use design::{Blueprint, Compute, Door, EnvironmentDesign, ResourceChoice};
use ir::{Availability, Diagnostics, Severity, Usd};
use spec::{Provider, ResourceType, Spec, UseTarget};

use crate::build::{TYPES, bare, empty, generated, resource, server, shop, uses};

const CLOUDS: [(Provider, &str); 3] = [
    (Provider::Aws, "eu-central-1"),
    (Provider::Azure, "germanywestcentral"),
    (Provider::Gcp, "europe-west3"),
];

fn on((provider, region): (Provider, &str), mut spec: Spec) -> Spec {
    spec.cloud.provider = bare(provider);
    spec.cloud.regions = vec![bare(region.to_owned())];
    spec
}

/// The shop with promises that every cloud keeps.
fn modest() -> Spec {
    let mut spec = shop();
    spec.budget = None;
    spec.environments["production"].availability = Some(bare(Availability(0.99)));
    spec.services["api"].slo = None;
    spec
}

fn designed(spec: &Spec) -> Blueprint {
    let (blueprint, said) = design::design(spec);
    assert!(!said.has_errors(), "{said:#?}");
    blueprint.expect("no errors, so there is one")
}

/// Which cloud a product is of; `None`: of a vendor that is in all of them.
fn owner(choice: &ResourceChoice) -> Option<Provider> {
    use ResourceChoice::*;
    match choice {
        Rds(_) | Aurora(_) | ElastiCache(_) | Memcached(_) | Sqs(_) | Sns(_) | S3(_) | DocumentDb(_)
        | RabbitMq(_) | Kafka(_) | OpenSearch(_) => Some(Provider::Aws),
        FlexibleServer(_) | CosmosDb(_) | ManagedRedis(_) | ServiceBusQueue(_) | ServiceBusTopic(_)
        | BlobContainer(_) | EventHubs(_) => Some(Provider::Azure),
        CloudSql(_) | Memorystore(_) | PubSubQueue(_) | PubSubTopic(_) | CloudStorage(_)
        | ManagedKafka(_) => Some(Provider::Gcp),
        Atlas(_) => None,
    }
}

fn check(what: &str, provider: Provider, spec: &Spec, blueprint: &Blueprint) {
    assert_eq!(blueprint.provider, provider, "{what}");
    for (name, environment) in &blueprint.environments {
        let sum: Usd = blueprint
            .decisions
            .iter()
            .filter(|d| d.environment.as_ref() == Some(name))
            .filter_map(|d| d.monthly)
            .sum();
        assert!((sum - environment.monthly).0.abs() < 0.01, "{what}, {name}: every dollar has one decision");
        for (resource, design) in &environment.resources {
            assert!(
                owner(&design.choice).is_none_or(|of| of == provider),
                "{what}: {resource} is {design:?}"
            );
        }
        check_containers(what, provider, environment);
        for decision in blueprint.decisions.iter().filter(|d| d.id.ends_with(".engine")) {
            assert!(decision.monthly.is_some(), "{what}: {} has no price", decision.id);
        }
    }
    assert_eq!(blueprint.environments.len(), spec.environments.len(), "{what}");
}

fn check_containers(what: &str, provider: Provider, environment: &EnvironmentDesign) {
    for (name, service) in &environment.services {
        let Compute::Containers(tasks) = &service.compute else { continue };
        let vcpus = f64::from(tasks.size.cpu) / 1024.0;
        let busy = (service.load.requests + service.load.messages) * service.load.cpu_seconds;
        assert!(
            busy * service.load.peak <= f64::from(tasks.max) * vcpus * 0.6 + 1e-9,
            "{what}, {name}: {tasks:?}"
        );
        assert!(tasks.min <= tasks.max && tasks.mean_tasks > 0.0, "{what}, {name}: {tasks:?}");
        assert!(!environment.critical || tasks.min > 0, "{what}, {name}: {tasks:?}");
        assert!(provider == Provider::Aws || !(tasks.size.arm || tasks.spot), "{what}, {name}: {tasks:?}");
        // Container Apps give two GiB a vCPU and Cloud Run at most four.
        let ratio = f64::from(tasks.size.memory_mib) / 1024.0 / vcpus;
        match provider {
            Provider::Azure => {
                assert!((ratio - 2.0).abs() < 1e-9 && vcpus <= 4.0, "{what}, {name}: {tasks:?}")
            }
            Provider::Gcp => {
                assert!(ratio <= 4.0 && (1.0..=8.0).contains(&vcpus), "{what}, {name}: {tasks:?}")
            }
            _ => {}
        }
    }
}

/// The spec without what the cloud has nothing for.
fn without_refused(mut spec: Spec, said: &Diagnostics) -> Spec {
    for refused in said.iter().filter(|d| d.id == "not-on-this-cloud") {
        let name = refused.summary.split('`').nth(1).expect("names the resource").to_owned();
        spec.resources.shift_remove(&name);
        spec.services.values_mut().for_each(|s| s.uses.retain(|u| u.name != name));
    }
    spec
}

#[test]
fn the_same_applications_are_designed_on_every_cloud_but_for_what_it_does_not_have() {
    for cloud in CLOUDS {
        for (at, spec) in generated().into_iter().chain([modest()]).enumerate() {
            let what = format!("application {at} on {cloud:?}");
            let mut spec = on(cloud, spec);
            // The shop's own promises are more than two of the clouds publish.
            spec.environments["production"].availability = None;
            spec.services.values_mut().for_each(|s| s.slo = None);
            let (_, said) = design::design(&spec);
            for error in said.iter().filter(|d| d.severity == Severity::Error) {
                assert!(error.help.is_some() && !error.notes.is_empty(), "{what}: {error:#?}");
            }
            let spec = without_refused(spec, &said);
            let spec = Spec { budget: None, ..spec };
            check(&what, cloud.0, &spec, &designed(&spec));
        }
    }
}

#[test]
fn every_type_of_resource_is_designed_on_every_cloud_or_refused_by_name() {
    for cloud in CLOUDS {
        for ty in TYPES {
            let mut spec = on(cloud, empty());
            let mut api = server("./api", 10.0, 0.01);
            api.uses = uses(UseTarget::Resource, &["it"]);
            spec.services.insert("api".to_owned(), api);
            spec.resources.insert("it".to_owned(), resource(ty));
            let (blueprint, said) = design::design(&spec);
            let what = format!("{ty:?} on {cloud:?}");
            if let Some(refused) = said.iter().find(|d| d.id == "not-on-this-cloud") {
                assert!(cloud.0 != Provider::Aws && blueprint.is_none(), "{what}");
                assert!(refused.summary.contains("`it`") && refused.help.is_some(), "{what}: {refused:?}");
                continue;
            }
            assert!(
                !said.has_errors() && said.iter().all(|d| d.id != "cannot-be-priced"),
                "{what}: {said:#?}"
            );
            check(&what, cloud.0, &spec, &blueprint.expect("no errors, so there is one"));
        }
    }
}

#[test]
fn recovery_and_importance_cost_something_on_every_cloud() {
    for cloud in CLOUDS {
        let standby = |rto: Option<u64>, rpo: Option<u64>| {
            let mut spec = on(cloud, modest());
            let production = &mut spec.environments["production"];
            (production.rto, production.rpo) = (rto.map(bare), rpo.map(bare));
            production.availability = None;
            let blueprint = designed(&spec);
            let db = blueprint.environments["production"].resources["db"].choice.database().cloned();
            let db = db.expect("a database");
            (db.multi_az || db.instances > 1, blueprint.monthly())
        };
        let (without, cheap) = standby(None, None);
        let (within_minutes, dear) = standby(Some(300), None);
        let (losing_little, _) = standby(None, Some(60));
        assert!(!without && within_minutes && losing_little && dear > cheap, "{cloud:?}");
    }
}

#[test]
fn what_people_depend_on_is_filtered_unless_a_budget_has_no_room() {
    for cloud in CLOUDS {
        let mut spec = on(cloud, modest());
        spec.services["api"].host = Some(bare("api.shop.example".to_owned()));
        spec.deliver.observability.clear();
        let with = designed(&spec);
        let network = |b: &Blueprint| b.environments["production"].network.clone();
        assert!(network(&with).firewall, "{cloud:?}");
        let filtered = match cloud.0 {
            Provider::Azure => Door::ContentDelivery,
            _ => Door::LoadBalancer,
        };
        assert_eq!(network(&with).door, filtered, "{cloud:?}");
        assert!(!with.environments["staging"].network.firewall, "{cloud:?}");
        spec.budget = Some(bare(with.monthly() - Usd(1.0)));
        let (without, said) = design::design(&spec);
        let told = said.iter().any(|d| ["firewall-left-out", "products-differ"].contains(&d.id));
        assert!(told && !said.has_errors(), "{cloud:?}: {said:#?}");
        assert!(without.expect("a budget never leaves nothing").monthly() <= with.monthly() - Usd(1.0));
    }
}

#[test]
fn any_cloud_is_the_cheapest_that_meets_the_spec_with_the_others_beside_it() {
    let mut spec = modest();
    spec.cloud.provider = bare(Provider::Any);
    spec.cloud.regions = vec![bare("westeurope".to_owned())];
    let taken = designed(&spec);
    assert_eq!(taken.clouds.len(), 3);
    for offer in &taken.clouds {
        let region = offer.region.as_deref().expect("each has a region near Amsterdam");
        let alone = designed(&on((offer.provider, region), modest()));
        assert!((alone.monthly() - offer.monthly.expect("designed")).0.abs() < 0.01, "{offer:?}");
        assert!(taken.monthly() <= alone.monthly() + Usd(0.01), "{offer:?}");
        let binding = offer.binding.as_ref().expect("designed");
        assert!(
            !binding.interfaces.is_empty() && binding.leaving.is_some_and(|usd| usd.0 > 0.0),
            "{binding:?}"
        );
    }
    let decision = &taken.decisions[0];
    assert_eq!(
        (decision.id.as_str(), decision.rejected.len(), decision.weighty),
        ("all.cloud.provider", 2, true)
    );
    assert!(decision.rejected.iter().all(|r| r.difference.is_some_and(|d| d.0 >= 0.0)), "{decision:?}");
    // What one cloud alone has decides, whatever it costs.
    spec.resources.insert("search".to_owned(), resource(ResourceType::Opensearch));
    let forced = designed(&spec);
    assert_eq!(forced.provider, Provider::Aws);
    let refused: Vec<_> =
        forced.clouds.iter().filter(|o| !o.problems.is_empty()).map(|o| o.provider).collect();
    assert_eq!(refused, [Provider::Azure, Provider::Gcp]);
    assert!(forced.decisions[0].rejected.iter().all(|r| r.difference.is_none()), "{:?}", forced.decisions[0]);
}

#[test]
fn clouds_are_rows_of_a_comparison() {
    for cloud in CLOUDS {
        let spec = on(cloud, modest());
        let rows = design::compare(&spec);
        let others: Vec<&design::Alternative> = rows
            .iter()
            .filter(|r| ["AWS in", "Azure in", "Google Cloud in"].iter().any(|n| r.name.starts_with(n)))
            .collect();
        assert_eq!(others.len(), 2, "{rows:#?}");
        assert!(others.iter().all(|r| r.monthly.is_some() && r.difference.is_some()), "{others:#?}");
        assert!(rows[0].monthly.is_some_and(|m| (m - designed(&spec).monthly()).0.abs() < 0.01));
    }
}
