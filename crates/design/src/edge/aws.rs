//! The way in on AWS: an application load balancer, CloudFront in front of it, AWS WAF on either.
//!
//! A load balancer has a certificate only with a host name, and CloudFront always has one: that is why every call may
//! go by way of the sites. Must not know what lies behind the services.

use ir::units::HOURS_A_MONTH;

use crate::bill::Bill;
use crate::blueprint::{Compute, Decision, EnvironmentDesign};
use crate::budget::GIVEN_UP;
use crate::context::Context;
use crate::decide::Candidate;
use crate::{rules, upkeep, usage};

use super::{FIREWALL_RULES, public, taken};

/// Decides about everything that requests pass on their way in, and writes it into the design.
pub(crate) fn design(ctx: &Context<'_>, design: &mut EnvironmentDesign) -> Vec<Decision> {
    let mut decisions = Vec::new();
    decisions.extend(door(ctx, design));
    decisions.extend(site_firewall(ctx, design));
    decisions.extend(firewall(ctx, design));
    decisions.extend(balancer(ctx, design));
    decisions
}

/// What calls cost that content delivery hands on to services.
fn handed_on(ctx: &Context<'_>, design: &EnvironmentDesign) -> Bill {
    let mut bill = Bill::default();
    for site in design.services.values().filter(|s| matches!(s.compute, Compute::StaticSite { .. })) {
        let served = usage::delivery(design, site);
        bill.add(ctx.region, "cloudfront/request-10000-https", served.calls / 1e4);
        bill.add(ctx.region, "cloudfront/gb-out", served.calls_gb);
    }
    bill
}

/// Whether callers reach public services by way of the sites alone. It is a question only without a host name:
/// the load balancer's own name has no certificate, and content delivery's has one.
fn door(ctx: &Context<'_>, design: &mut EnvironmentDesign) -> Option<Decision> {
    let routed = |name: &str| {
        design.services.values().any(|s| {
            matches!(&s.compute, Compute::StaticSite { routes, .. } if routes.iter().any(|(_, to)| to == name))
        })
    };
    let any = public(design).any(|(name, _)| routed(name));
    let named = public(design).any(|(_, s)| s.public.as_ref().is_some_and(|p| p.host.is_some()));
    let closable = any && !named && public(design).all(|(name, _)| routed(name));
    if !any {
        return None;
    }
    let given_up = ctx.preferences.open_balancer;
    let open =
        "content delivery for the calls of the sites' own pages, the load balancer for all other callers";
    let mut candidates = vec![
        Candidate::new("open", open, false, handed_on(ctx, design)).breaking(closable && !given_up, || {
            "calls to the load balancer's own name cross the internet in plain text".to_owned()
        }),
    ];
    if closable {
        design.network.behind_sites = true;
        let closed = "content delivery for every call, over TLS; the load balancer answers nobody else";
        candidates.push(
            Candidate::new("closed", closed, true, handed_on(ctx, design))
                .breaking(given_up, || GIVEN_UP.to_owned()),
        );
    }
    let mut question = ctx.question("edge", "door", "How do callers reach the public services?");
    question.weighty = ctx.critical && closable;
    question.inputs =
        vec![("public requests", format!("{:.1} million a month", usage::balancer_requests(design) / 1e6))];
    question.because = match (closable, given_up) {
        (false, _) => "Services with a host name answer there; sites hand on what their own pages call.",
        (true, false) => {
            "No service has a host name, so only content delivery can prove to a browser who answers. It is paid by \
             the request; a host name would let callers reach the load balancer over TLS directly."
        }
        (true, true) => {
            "Content delivery is paid by the request, and for every call it does not fit the budget. Calls that no \
             page of a site makes reach the load balancer over plain HTTP; a host name brings them TLS at no cost."
        }
    }
    .to_owned();
    let (value, decision) = taken(question, candidates);
    design.network.behind_sites = value;
    Some(decision)
}

/// What a firewall costs that sees so many requests a month.
fn filter(region: &str, requests: f64) -> Bill {
    Bill::default().with(region, "waf/acl-month", 1.0).with(region, "waf/rule-month", FIREWALL_RULES).with(
        region,
        "waf/request-million",
        requests / 1e6,
    )
}

/// The web application firewall in front of content delivery.
fn site_firewall(ctx: &Context<'_>, design: &mut EnvironmentDesign) -> Option<Decision> {
    if !upkeep::has_sites(design) {
        return None;
    }
    let requests = usage::delivered_requests(design);
    let mut question = ctx.question("edge", "site-firewall", "Are requests to sites filtered?");
    question.inputs = vec![("requests", format!("{:.1} million a month", requests / 1e6))];
    question.because = if ctx.critical {
        "People depend on this environment, and one filter serves all its sites."
    } else {
        "Nobody depends on this environment, and the filter is paid by the month and the request."
    }
    .to_owned();
    let candidates = vec![
        Candidate::new("none", "no web application firewall", false, Bill::default())
            .breaking(ctx.critical, || {
                "requests to an environment that people depend on are filtered".to_owned()
            }),
        Candidate::new(
            "WAF",
            "AWS WAF with the managed rules and a rate limit",
            true,
            filter(ctx.region, requests),
        ),
    ];
    let (value, decision) = taken(question, candidates);
    design.network.site_firewall = value;
    Some(decision)
}

/// The web application firewall in front of the load balancer.
fn firewall(ctx: &Context<'_>, design: &mut EnvironmentDesign) -> Option<Decision> {
    public(design).next()?;
    let requests = usage::balancer_requests(design);
    let filtered = design.network.behind_sites && design.network.site_firewall;
    let given_up = ctx.preferences.without_firewall;
    let required = ctx.critical && !given_up && !filtered;
    let candidates = vec![
        Candidate::new("none", "no web application firewall", false, Bill::default())
            .breaking(required, || {
                "public requests to an environment that people depend on are filtered".to_owned()
            }),
        Candidate::new(
            "WAF",
            "AWS WAF with the managed rules and a rate limit",
            true,
            filter(ctx.region, requests),
        )
        .breaking(ctx.critical && given_up && !filtered, || GIVEN_UP.to_owned()),
    ];
    let mut question = ctx.question("edge", "firewall", "Are public requests filtered at the load balancer?");
    question.weighty = ctx.critical;
    question.inputs = vec![("requests", format!("{:.1} million a month", requests / 1e6))];
    question.because = match (filtered, required, ctx.critical) {
        (true, ..) => "Content delivery filters every request before it arrives here; a second filter would repeat it.",
        (false, true, _) => "People depend on this environment, and the budget has room for the filter.",
        (false, false, true) => {
            "The filter is paid by the request and does not fit the budget. Requests reach the services unfiltered; \
             a larger budget brings it back."
        }
        (false, false, false) => "Nobody depends on this environment, and the filter is paid by the request.",
    }
    .to_owned();
    let (value, decision) = taken(question, candidates);
    design.network.firewall = value;
    Some(decision)
}

/// The shared load balancer, when anything is public behind it.
fn balancer(ctx: &Context<'_>, design: &EnvironmentDesign) -> Option<Decision> {
    public(design).next()?;
    let units = usage::balancer_units(design);
    let gb_out = usage::balancer_gb_out(design);
    let bill = Bill::default()
        .with(ctx.region, "alb/hour", HOURS_A_MONTH)
        .with(ctx.region, "alb/lcu-hour", units * HOURS_A_MONTH)
        .with(ctx.region, "public-ipv4/hour", f64::from(design.network.zones) * HOURS_A_MONTH)
        .with(ctx.region, "data-transfer/out-gb", gb_out);
    let unsaid: Vec<&str> =
        public(design).filter(|(_, s)| s.load.response_kib <= 0.0).map(|(name, _)| name.as_str()).collect();
    let mut question = ctx.question("edge", "balancer", "What do public services stand behind?");
    let rate: f64 = public(design).map(|(_, s)| s.load.requests).sum();
    question.inputs = vec![
        ("requests", format!("{rate:.1}/s")),
        ("requests that open a connection", format!("{:.0} % (assumed)", rules::NEW_CONNECTIONS * 100.0)),
        ("capacity units", format!("{units:.2}")),
        ("data sent", format!("{gb_out:.0} GB a month")),
    ];
    question.because =
        "One load balancer over every zone serves every public service by host and path; each more would be paid by \
         the hour."
            .to_owned();
    if !unsaid.is_empty() {
        let names = unsaid.join(", ");
        question.because.push_str(&format!(
            " What {names} sends to the internet is not in the figure: `load.response` is not said."
        ));
    }
    let candidates = vec![Candidate::new("ALB", "one application load balancer over every zone", (), bill)];
    Some(taken(question, candidates).1)
}
