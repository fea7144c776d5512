//! Every case on every cloud: designed, or refused with a reason for each cloud.

use std::collections::BTreeMap;

use ir::{OsWorld, Severity, SourceMap};
use mainstay::input;
use spec::Provider;

use crate::cases;

#[test]
fn every_case_is_designed_on_every_cloud_or_refused_with_a_reason() {
    let mut designed: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, case, path) in cases::all() {
        for cloud in ["aws", "azure", "gcp", "any"] {
            let mut set = case.set.clone();
            set.push(format!("cloud.provider={cloud}"));
            let world = OsWorld::default();
            let mut sources = SourceMap::default();
            let prose = case.prose.as_deref();
            let (understood, said) =
                input::understand(&world, &path, prose, &set, &mut sources, &mut Vec::new());
            let Some(understood) = understood else { panic!("{name} on {cloud}: {said:#?}") };
            let (blueprint, said) = design::design(&understood.spec);
            let errors: Vec<_> = said.iter().filter(|d| d.severity == Severity::Error).collect();
            for error in &errors {
                assert!(error.help.is_some() && !error.notes.is_empty(), "{name} on {cloud}: {error:#?}");
            }
            let Some(blueprint) = blueprint.filter(|_| errors.is_empty()) else {
                assert!(!errors.is_empty(), "{name} on {cloud} is not designed, and nothing says why");
                continue;
            };
            *designed.entry(cloud).or_default() += 1;
            assert!(said.iter().all(|d| d.id != "cannot-be-priced"), "{name} on {cloud}: {said:#?}");
            let own = |id: &str| catalog::regions::cloud(id).map(|c| c.cloud.as_str());
            let expected = match blueprint.provider {
                Provider::Aws => "aws",
                Provider::Azure => "azure",
                Provider::Gcp => "gcp",
                Provider::Any => panic!("{name}: a design is for one cloud"),
            };
            assert!(cloud == "any" || cloud == expected, "{name} on {cloud} is designed for {expected}");
            assert_eq!(own(&blueprint.region), Some(expected), "{name} on {cloud}");
            assert_eq!(blueprint.clouds.len(), if cloud == "any" { 3 } else { 0 }, "{name} on {cloud}");
            if cloud == "any" {
                let least =
                    blueprint.clouds.iter().filter(|o| o.problems.is_empty()).filter_map(|o| o.monthly);
                let least = least.min_by(|a, b| a.0.total_cmp(&b.0)).expect("one was taken");
                assert!((blueprint.monthly().0 - least.0).abs() < 0.01, "{name}: {:#?}", blueprint.clouds);
            }
        }
    }
    for (cloud, count) in &designed {
        assert!(*count >= 3, "{cloud}: {designed:?}");
    }
}
