//! The way in on Azure: the ingress of Container Apps, or Front Door before everything.
//!
//! The ingress has a name and a certificate for every service and filters nothing. Front Door is one profile for all
//! sites and services of an environment; only its Premium tier has managed rules. Must not know what lies behind the
//! services.

use crate::bill::Bill;
use crate::blueprint::{Decision, Door, EnvironmentDesign};
use crate::budget::GIVEN_UP;
use crate::context::Context;
use crate::decide::Candidate;
use crate::{upkeep, usage};

use super::{public, taken};

/// A way in.
#[derive(Clone, Copy)]
struct Way {
    door: Door,
    filtered: bool,
}

/// Decides about everything that requests pass on their way in, and writes it into the design.
pub(crate) fn design(ctx: &Context<'_>, design: &mut EnvironmentDesign) -> Vec<Decision> {
    let sites = upkeep::has_sites(design);
    let services = public(design).next().is_some();
    if !sites && !services {
        return Vec::new();
    }
    let given_up = ctx.preferences.without_firewall;
    let required = ctx.critical && !given_up;
    let unfiltered = || "requests to an environment that people depend on are filtered".to_owned();
    let mut candidates = Vec::new();
    if !sites {
        candidates.push(
            Candidate::new(
                "ingress",
                "the ingress of Container Apps, with a name and a certificate for every service",
                Way { door: Door::Ingress, filtered: false },
                direct(ctx, design, false),
            )
            .breaking(required, unfiltered),
        );
    } else {
        let mut bill = profile(ctx, design, "standard", false);
        bill.merge(direct(ctx, design, true));
        candidates.push(
            Candidate::new(
                "Front Door Standard",
                "Front Door Standard for sites and the calls of their pages, the ingress of Container Apps for others",
                Way { door: Door::Ingress, filtered: false },
                bill,
            )
            .breaking(required, unfiltered),
        );
    }
    candidates.push(
        Candidate::new(
            "Front Door Premium",
            "Front Door Premium for every call, with WAF, its managed rules and a rate limit",
            Way { door: Door::ContentDelivery, filtered: true },
            profile(ctx, design, "premium", true),
        )
        .breaking(given_up, || GIVEN_UP.to_owned()),
    );
    let mut question = ctx.question("edge", "door", "How do callers reach what is public?");
    question.weighty = ctx.critical;
    question.inputs = vec![
        ("public requests", format!("{:.1} million a month", usage::balancer_requests(design) / 1e6)),
        ("requests for files", format!("{:.1} million a month", usage::deliveries(design).files / 1e6)),
    ];
    question.because = match (required, ctx.critical) {
        (true, _) => {
            "People depend on this environment, so requests are filtered by managed rules, which only the Premium tier \
             has. Nothing but Front Door reaches the services."
        }
        (false, true) => {
            "Managed rules come with a tier whose price does not fit the budget. Requests reach the services over TLS \
             and unfiltered; a larger budget brings the filter back."
        }
        (false, false) => "Nobody depends on this environment, and every name of the platform has a certificate.",
    }
    .to_owned();
    let (way, decision) = taken(question, candidates);
    design.network.door = way.door;
    design.network.firewall = way.filtered && services;
    design.network.site_firewall = way.filtered && sites;
    vec![decision]
}

/// What a profile of Front Door costs a month that carries files and either every call or those of pages.
fn profile(ctx: &Context<'_>, design: &EnvironmentDesign, tier: &str, every: bool) -> Bill {
    let served = usage::deliveries(design);
    let (calls, calls_gb) = if every {
        (usage::balancer_requests(design), usage::public_gb_out(design))
    } else {
        (served.calls, served.calls_gb)
    };
    Bill::default()
        .with(ctx.region, &format!("front-door/{tier}-month"), 1.0)
        .with(ctx.region, &format!("front-door/{tier}-request-10000"), (served.files + calls) / 1e4)
        .with(ctx.region, "front-door/gb-out", served.files_gb + calls_gb)
}

/// What answers cost that leave the region by themselves: all, or those that no page asked for.
fn direct(ctx: &Context<'_>, design: &EnvironmentDesign, sites: bool) -> Bill {
    let through = if sites { usage::deliveries(design).calls_gb } else { 0.0 };
    Bill::default().with(ctx.region, "bandwidth/out-gb", usage::public_gb_out(design) - through)
}
