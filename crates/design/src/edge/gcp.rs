//! The way in on Google Cloud: the own address of each Cloud Run service, or an application load balancer.
//!
//! Cloud Run brings a name and a certificate and filters nothing. The load balancer serves hosts, paths and the buckets
//! of sites and can be filtered by Cloud Armor, but has a certificate only for a host name. Must not know what lies
//! behind the services.

use ir::units::HOURS_A_MONTH;

use crate::bill::Bill;
use crate::blueprint::{Decision, Door, EnvironmentDesign};
use crate::budget::GIVEN_UP;
use crate::context::Context;
use crate::decide::Candidate;
use crate::{upkeep, usage};

use super::{FIREWALL_RULES, public, taken};

/// Decides about everything that requests pass on their way in, and writes it into the design.
pub(crate) fn design(ctx: &Context<'_>, design: &mut EnvironmentDesign) -> Vec<Decision> {
    let door = door(ctx, design);
    let firewall = firewall(ctx, design);
    door.into_iter().chain(firewall).collect()
}

fn door(ctx: &Context<'_>, design: &mut EnvironmentDesign) -> Option<Decision> {
    let sites = upkeep::has_sites(design);
    let named = public(design).any(|(_, s)| s.public.as_ref().is_some_and(|p| p.host.is_some()));
    if !sites && public(design).next().is_none() {
        return None;
    }
    let filtered = ctx.critical && !ctx.preferences.without_firewall;
    let gb_out = usage::public_gb_out(design);
    let mut candidates = Vec::new();
    if !sites {
        let own = Bill::default().with(ctx.region, "google-network/internet-gb", gb_out);
        candidates.push(
            Candidate::new(
                "Cloud Run",
                "the own address of every Cloud Run service, with a certificate",
                Door::Ingress,
                own,
            )
            .breaking(filtered && named, || {
                "requests to an environment that people depend on are filtered".to_owned()
            }),
        );
    }
    candidates.push(
        Candidate::new(
            "load balancer",
            "one global application load balancer",
            Door::LoadBalancer,
            balancer(ctx, design, gb_out),
        )
        .breaking(!sites && !named, || {
            "no service has a host name, so it has no certificate and calls would cross the internet in plain text"
                .to_owned()
        }),
    );
    let mut question = ctx.question("edge", "door", "How do callers reach what is public?");
    question.weighty = ctx.critical;
    question.inputs =
        vec![("public requests", format!("{:.1} million a month", usage::balancer_requests(design) / 1e6))];
    question.because = match (sites, named) {
        (true, true) => "One load balancer serves the buckets of sites and the services, by host and path.",
        (true, false) => {
            "A site's bucket is served by a load balancer only. It has no certificate without a host name, so pages and \
             their calls cross the internet in plain text: a host name brings TLS."
        }
        (false, true) => "A load balancer is worth its price where requests are filtered; else the own address serves.",
        (false, false) => {
            "Without a host name only the own address of each service has a certificate. It cannot be filtered: a host \
             name brings the load balancer and with it the filter."
        }
    }
    .to_owned();
    let (door, decision) = taken(question, candidates);
    design.network.door = door;
    Some(decision)
}

/// What the load balancer costs a month with everything that passes it.
fn balancer(ctx: &Context<'_>, design: &EnvironmentDesign, gb_out: f64) -> Bill {
    let served = usage::deliveries(design);
    Bill::default()
        .with(ctx.region, "cloud-load-balancing/rule-hour", HOURS_A_MONTH)
        .with(ctx.region, "cloud-load-balancing/gb-out", gb_out)
        .with(ctx.region, "google-network/internet-gb", gb_out)
        .with(ctx.region, "cloud-cdn/gb-out", served.files_gb)
        .with(ctx.region, "cloud-cdn/lookup-10000", served.files / 1e4)
}

/// Cloud Armor at the load balancer.
fn firewall(ctx: &Context<'_>, design: &mut EnvironmentDesign) -> Option<Decision> {
    // Files come from caches and buckets, which have nothing that rules protect.
    public(design).next()?;
    if design.network.door != Door::LoadBalancer {
        return None;
    }
    let given_up = ctx.preferences.without_firewall;
    let requests = usage::balancer_requests(design);
    let armor = Bill::default()
        .with(ctx.region, "cloud-armor/policy-month", 1.0)
        .with(ctx.region, "cloud-armor/rule-month", FIREWALL_RULES)
        .with(ctx.region, "cloud-armor/request-million", requests / 1e6);
    let candidates = vec![
        Candidate::new("none", "no web application firewall", false, Bill::default())
            .breaking(ctx.critical && !given_up, || {
                "requests to an environment that people depend on are filtered".to_owned()
            }),
        Candidate::new("WAF", "Cloud Armor with preconfigured rules and a rate limit", true, armor)
            .breaking(ctx.critical && given_up, || GIVEN_UP.to_owned()),
    ];
    let mut question = ctx.question("edge", "firewall", "Are public requests filtered at the load balancer?");
    question.weighty = ctx.critical;
    question.inputs = vec![("requests", format!("{:.1} million a month", requests / 1e6))];
    question.because = match (ctx.critical, given_up) {
        (true, false) => "People depend on this environment, and the budget has room for the filter.",
        (true, true) => {
            "The filter does not fit the budget. Requests reach the services unfiltered; a larger budget brings it back."
        }
        (false, _) => "Nobody depends on this environment, and the filter is paid by the month and the request.",
    }
    .to_owned();
    let (value, decision) = taken(question, candidates);
    design.network.firewall = value;
    Some(decision)
}
