//! Every cloud designed from one spec, and the cheapest taken that meets it.
//!
//! A region is asked for in the words of one cloud and stands for the nearest of each other. The two that lose are
//! recorded with their price and with what they would bind to, because a choice of cloud outlives every other. Must not
//! know what differs between clouds.

use ir::{Diagnostic, Diagnostics, Severity, Spanned};
use spec::Spec;

use crate::bill::Bill;
use crate::binding::{self, Binding};
use crate::blueprint::{Blueprint, CloudOffer, Decision, Fact};
use crate::cloud::{self, CLOUDS, Cloud};
use crate::decide::{Candidate, Question, cheapest};

/// A cloud's design with what was said about it.
struct Offer {
    cloud: &'static Cloud,
    spec: Option<Spec>,
    blueprint: Option<Blueprint>,
    said: Diagnostics,
}

/// The same application on a cloud, in the regions that stand for those asked for; `None` when one has none near.
/// A runtime of another cloud is left to the design.
pub(crate) fn on(spec: &Spec, cloud: &Cloud) -> Option<Spec> {
    let mut spec = spec.clone();
    spec.cloud.provider = Spanned { value: cloud.provider, span: spec.cloud.provider.span };
    for region in &mut spec.cloud.regions {
        region.value = catalog::places::near(&region.value, cloud.id)?.region.to_owned();
    }
    // Two regions that stand for one: the second would hold nothing that the first does not.
    let mut seen = Vec::new();
    spec.cloud.regions.retain(|r| {
        let new = !seen.contains(&r.value);
        seen.push(r.value.clone());
        new
    });
    if !cloud.runtimes.contains(&spec.deliver.runtime.as_str()) {
        let own = CLOUDS.iter().any(|c| c.runtimes.contains(&spec.deliver.runtime.as_str()));
        if own {
            spec.deliver.runtime = "auto".to_owned();
        }
    }
    Some(spec)
}

/// A spec with the regions of another cloud, in those that stand for them on the cloud it names.
pub(crate) fn in_its_own_regions(spec: &Spec) -> (Spec, Diagnostics) {
    let cloud = cloud::of(spec.cloud.provider.value);
    let mut own = spec.clone();
    let mut said = Diagnostics::new();
    for region in &mut own.cloud.regions {
        let foreign = catalog::regions::cloud(&region.value).filter(|of| of.cloud != cloud.id);
        let near = catalog::places::near(&region.value, cloud.id);
        let Some((foreign, near)) = foreign.zip(near) else { continue };
        let of = CLOUDS.iter().find(|c| c.id == foreign.cloud).map_or("another cloud", |c| c.name);
        let place = if near.same_place { "is in the same place" } else { "is the nearest" };
        said.push(
            Diagnostic::warning(
                "region-of-another-cloud",
                format!("`{}` is a region of {of}: `{}` was taken", region.value, near.region),
            )
            .at(region.span, format!("a region of {of}"))
            .because(format!("It {place} on {}: {}.", cloud.name, near.place))
            .help(format!("write `{}`, or another region of {}", near.region, cloud.name)),
        );
        region.value = near.region.to_owned();
    }
    (own, said)
}

/// Designs a spec for every cloud with a designer of one, and keeps the cheapest that meets it.
pub(crate) fn design(
    spec: &Spec,
    one: fn(&Spec) -> (Option<Blueprint>, Diagnostics),
) -> (Option<Blueprint>, Diagnostics) {
    let unknown = unknown_regions(spec);
    if unknown.has_errors() {
        return (None, unknown);
    }
    let offers: Vec<Offer> = CLOUDS.into_iter().map(|cloud| offer(spec, cloud, one)).collect();
    let terms: Vec<CloudOffer> = offers.iter().map(terms).collect();
    let candidates = offers.into_iter().zip(&terms).map(|(offer, terms)| candidate(offer, terms)).collect();
    match cheapest::<Offer>(candidates) {
        Ok(verdict) => {
            let decision = decision(spec, &terms).decided(&verdict);
            let Offer { blueprint, said, .. } = verdict.chosen.value;
            let mut blueprint = blueprint.expect("a feasible offer was designed");
            blueprint.decisions.insert(0, settled(decision));
            blueprint.clouds = terms;
            (Some(blueprint), said)
        }
        Err(_) => (None, infeasible(spec, &terms)),
    }
}

fn offer(spec: &Spec, cloud: &'static Cloud, one: fn(&Spec) -> (Option<Blueprint>, Diagnostics)) -> Offer {
    let Some(own) = on(spec, cloud) else {
        return Offer { cloud, spec: None, blueprint: None, said: Diagnostics::new() };
    };
    let (blueprint, said) = one(&own);
    Offer { cloud, spec: Some(own), blueprint, said }
}

/// What a cloud offers, in figures.
fn terms(offer: &Offer) -> CloudOffer {
    let mut problems: Vec<String> = match &offer.spec {
        None => vec![format!("{} has no region near the one asked for", offer.cloud.name)],
        Some(_) => {
            let errors = offer.said.iter().filter(|d| d.severity == Severity::Error);
            errors.map(|d| d.summary.clone()).collect()
        }
    };
    if offer.blueprint.is_none() && problems.is_empty() {
        problems.push(format!("nothing could be designed for {}", offer.cloud.name));
    }
    let warnings = offer.said.iter().filter(|d| d.severity == Severity::Warning);
    CloudOffer {
        provider: offer.cloud.provider,
        name: offer.cloud.name.to_owned(),
        region: offer.spec.as_ref().and_then(|s| s.cloud.regions.first()).map(|r| r.value.clone()),
        monthly: offer.blueprint.as_ref().map(Blueprint::monthly),
        warnings: warnings.map(|d| d.summary.clone()).collect(),
        binding: offer.blueprint.as_ref().map(binding::of),
        problems,
    }
}

fn candidate(offer: Offer, terms: &CloudOffer) -> Candidate<Offer> {
    let region = terms.region.as_deref().unwrap_or("no region");
    let mut bill = Bill::of(terms.monthly.map_or(0.0, |usd| usd.0));
    if terms.monthly.is_none() {
        bill.lack("it is not designed");
    }
    for hole in offer.said.iter().filter(|d| d.id == "cannot-be-priced") {
        bill.lack(&hole.summary);
    }
    let name = format!("{} in {region}", offer.cloud.name);
    let mut candidate = Candidate::new(offer.cloud.name, name, offer, bill);
    candidate.breaks.extend(terms.problems.clone());
    candidate
}

fn decision(spec: &Spec, terms: &[CloudOffer]) -> Question {
    let asked: Vec<&str> = spec.cloud.regions.iter().map(|r| r.value.as_str()).collect();
    let mut inputs = vec![("regions asked for", asked.join(", "))];
    for (cloud, offer) in CLOUDS.into_iter().zip(terms) {
        let bound = offer.binding.as_ref().map_or("not designed".to_owned(), Binding::words);
        inputs.push((cloud.name, bound));
    }
    Question {
        subject: "cloud".to_owned(),
        topic: "provider",
        text: "Which cloud?".to_owned(),
        because: "All three were designed from the same spec, each with its own products, and the cheapest that meets \
                  every constraint is taken. What each binds to is beside the price, because leaving is paid once and \
                  staying every month."
            .to_owned(),
        inputs,
        weighty: true,
        ..Question::default()
    }
}

/// The environments' own decisions carry the cost.
fn settled(decision: Decision) -> Decision {
    let (source, date) = catalog::places::source();
    let fact = Fact {
        fact: "which regions of different clouds stand for each other".to_owned(),
        source: source.to_owned(),
        date: date.to_owned(),
        verified: false,
    };
    Decision { monthly: None, facts: vec![fact], ..decision }
}

/// Regions that no cloud has.
fn unknown_regions(spec: &Spec) -> Diagnostics {
    let of = |region: &Spanned<String>| {
        if catalog::regions::known(&region.value) {
            return None;
        }
        let near: Vec<String> = CLOUDS
            .iter()
            .flat_map(|cloud| catalog::regions::nearest_names(cloud.id, &region.value))
            .map(|id| format!("`{id}`"))
            .collect();
        let help = if near.is_empty() {
            "write a region of any cloud, such as `eu-west-1`".to_owned()
        } else {
            format!("write {}", near.join(" or "))
        };
        Some(
            Diagnostic::error("unknown-region", format!("`{}` is no region of any cloud", region.value))
                .at(region.span, "this region")
                .help(help),
        )
    };
    spec.cloud.regions.iter().filter_map(of).collect()
}

/// No cloud meets the spec: why, for each.
fn infeasible(spec: &Spec, terms: &[CloudOffer]) -> Diagnostics {
    let mut diagnostic = Diagnostic::error("no-cloud-meets-it", "no cloud meets this spec")
        .at(spec.cloud.provider.span, "any of them");
    for offer in terms {
        diagnostic = diagnostic.because(format!("{}: {}.", offer.name, offer.problems.join("; ")));
    }
    let nearest = CLOUDS.into_iter().zip(terms).min_by_key(|(_, offer)| offer.problems.len());
    let nearest = nearest.map_or("aws", |(cloud, _)| cloud.id);
    let help = format!("set `cloud.provider` to `{nearest}` to see what would have to give way there");
    Diagnostics::from_iter([diagnostic.help(help)])
}
