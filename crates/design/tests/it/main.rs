//! The designer as its callers see it: specs in, choices and reasons out.

mod build;

use build::{TYPES, bare, empty, generated, resource, server, service, shop, uses};
use design::{Blueprint, Compute, Decision, Egress, ResourceChoice};
use ir::{Availability, Diagnostic, Diagnostics, Usd};
use spec::{Protocol, Provider, Release, ResourceType, Source, Spec, UseTarget};

fn designed(spec: &Spec) -> (Blueprint, Diagnostics) {
    let (blueprint, diagnostics) = design::design(spec);
    assert!(!diagnostics.has_errors(), "{diagnostics:#?}");
    (blueprint.expect("no errors, so there is one"), diagnostics)
}

fn diagnostic(spec: &Spec, id: &str) -> Diagnostic {
    let (_, diagnostics) = design::design(spec);
    let found = diagnostics.iter().find(|d| d.id == id).cloned();
    found.unwrap_or_else(|| panic!("no {id} among {diagnostics:#?}"))
}

fn decision<'a>(blueprint: &'a Blueprint, id: &str) -> &'a Decision {
    blueprint.decisions.iter().find(|d| d.id == id).unwrap_or_else(|| panic!("no decision {id}"))
}

#[test]
fn show() {
    let (b, d) = design::design(&shop());
    println!("{d:#?}");
    let b = b.unwrap();
    for e in b.environments.values() {
        println!("{} {} {:?} {}", e.name, e.monthly, e.availability.expected, e.network.firewall);
    }
    for d in &b.decisions {
        println!(
            "{} [{:?}] {} \n    because {} {:?}",
            d.id,
            d.monthly.map(|m| m.to_string()),
            d.chosen,
            d.because,
            d.inputs
        );
        for r in &d.rejected {
            println!("      - {} | {} | {:?}", r.option, r.because, r.difference.map(|x| x.to_string()));
        }
    }
    for a in design::compare(&shop()) {
        println!("{a:?}");
    }
}
