//! Address ranges, egress, endpoints and the edge of one environment.

use ir::units::{HOURS_A_MONTH, SECONDS_A_MONTH};
use spec::{ResourceType, UseTarget};

use crate::bill::Bill;
use crate::blueprint::{Decision, Egress};
use crate::context::Context;
use crate::decide::{Candidate, Verdict, cheapest};
use crate::{routing, rules};

/// Availability zones of every network: subnets cost nothing, and adding a zone later moves address ranges.
pub(crate) const ZONES: u8 = 3;

/// Second octets to hand out, so that environments can be peered.
pub(crate) const MOST_ENVIRONMENTS: usize = 255;

/// Managed rule groups and the rate limit of the web application firewall.
const FIREWALL_RULES: f64 = 4.0;

/// The address range of the n-th environment of so many: tens while they last, so that people can read them.
pub(crate) fn cidr(index: usize, environments: usize) -> String {
    let octet = if environments <= 25 { (index + 1) * 10 } else { index + 1 };
    format!("10.{}.0.0/16", octet.min(MOST_ENVIRONMENTS))
}

/// A choice with its decision.
pub(crate) struct Taken<T> {
    /// What was chosen.
    pub value: T,
    /// Why.
    pub decision: Decision,
}

fn taken<T>(question: crate::decide::Question, verdict: Verdict<T>) -> Taken<T> {
    Taken { decision: question.decided(&verdict), value: verdict.chosen.value }
}

/// How private subnets reach the internet.
pub(crate) fn egress(ctx: &Context<'_>) -> Taken<Egress> {
    let of = |gateways: f64, name: &str, value: Egress| {
        let bill = Bill::default().with(ctx.region, "nat/hour", gateways * HOURS_A_MONTH).with(
            ctx.region,
            "public-ipv4/hour",
            gateways * HOURS_A_MONTH,
        );
        Candidate::new(name, name, value, bill)
    };
    let candidates = vec![
        of(1.0, "one NAT gateway for all zones", Egress::SingleNat).breaking(ctx.critical, || {
            "people depend on this environment and one zone would take egress of all three away".to_owned()
        }),
        of(f64::from(ZONES), "a NAT gateway in every zone", Egress::NatPerZone),
    ];
    let mut question = ctx.question("network", "egress", "How do private subnets reach the internet?");
    question.weighty = true;
    question.inputs = vec![("zones", ZONES.to_string())];
    question.because = if ctx.critical {
        "Losing a zone must not take the other zones' way out."
    } else {
        "Nobody depends on this environment, so the cheaper one is enough. What passes through is not in the figure: \
         its amount is not said."
    }
    .to_owned();
    let verdict = cheapest(candidates).expect("a gateway in every zone breaks nothing");
    taken(question, verdict)
}

/// Interface endpoints that cost less than sending the same traffic through the NAT gateway.
pub(crate) fn endpoints(ctx: &Context<'_>) -> Option<Taken<Vec<String>>> {
    let queues: f64 = ctx
        .spec
        .resources
        .iter()
        .filter(|(_, r)| r.ty.value == ResourceType::Queue)
        .map(|(name, _)| ctx.messages(name))
        .sum();
    let gb = queues * SECONDS_A_MONTH * rules::CALLS_A_MESSAGE * rules::MESSAGE_KIB / (1024.0 * 1024.0);
    if gb <= 0.0 {
        return None;
    }
    let hours = f64::from(ZONES) * HOURS_A_MONTH;
    let endpoint =
        Bill::default().with(ctx.region, "vpc-endpoint/hour", hours).with(ctx.region, "vpc-endpoint/gb", gb);
    let candidates = vec![
        Candidate::new(
            "NAT",
            "through the NAT gateway",
            Vec::new(),
            Bill::default().with(ctx.region, "nat/gb", gb),
        ),
        Candidate::new("endpoint", "an interface endpoint for SQS", vec!["sqs".to_owned()], endpoint),
    ];
    let mut question = ctx.question("network", "endpoints", "How do queue calls leave the private subnets?");
    question.inputs = vec![
        ("queue traffic", format!("{gb:.1} GB a month")),
        ("message on the wire", format!("{} KiB (assumed)", rules::MESSAGE_KIB)),
    ];
    question.because =
        "An endpoint is paid by the hour and zone, the NAT gateway by the gigabyte: traffic decides. \
                        S3 has a gateway endpoint, which is free."
            .to_owned();
    let verdict = cheapest(candidates).ok()?;
    Some(taken(question, verdict))
}

/// The shared load balancer, when anything is public behind it.
pub(crate) fn balancer(ctx: &Context<'_>) -> Option<Decision> {
    let public = || ctx.spec.services.iter().filter(|(_, s)| routing::balanced(ctx.spec, s));
    public().next()?;
    let loads = || public().filter_map(|(name, _)| ctx.loads.get(name.as_str()));
    let rate: f64 = loads().map(|l| l.requests).sum();
    let kib: f64 = loads().map(|l| l.requests * l.response_kib).sum();
    // A capacity unit is 25 new connections a second or 1 GB an hour, whichever is more (Elastic Load Balancing
    // pricing page, 2025).
    let hourly_gb = kib * 3600.0 / (1024.0 * 1024.0);
    let units = (rate * rules::NEW_CONNECTIONS / 25.0).max(hourly_gb);
    let monthly_gb = kib * SECONDS_A_MONTH / (1024.0 * 1024.0);
    let bill = Bill::default()
        .with(ctx.region, "alb/hour", HOURS_A_MONTH)
        .with(ctx.region, "alb/lcu-hour", units * HOURS_A_MONTH)
        .with(ctx.region, "public-ipv4/hour", f64::from(ZONES) * HOURS_A_MONTH)
        .with(ctx.region, "data-transfer/out-gb", monthly_gb);
    let unsaid: Vec<&str> = public()
        .filter(|(name, _)| ctx.loads.get(name.as_str()).is_none_or(|l| l.response_kib <= 0.0))
        .map(|(name, _)| name.as_str())
        .collect();
    let mut question = ctx.question("edge", "balancer", "What do public services stand behind?");
    question.inputs = vec![
        ("requests", format!("{rate:.1}/s")),
        ("capacity units", format!("{units:.2}")),
        ("data sent", format!("{monthly_gb:.0} GB a month")),
    ];
    question.because =
        "One load balancer over three zones serves every public service by host and path; each more would be paid by \
         the hour."
            .to_owned();
    if !unsaid.is_empty() {
        let names = unsaid.join(", ");
        question.because.push_str(&format!(
            " What {names} sends to the internet is not in the figure: `load.response` is not said."
        ));
    }
    let candidates = vec![Candidate::new("ALB", "one application load balancer over three zones", (), bill)];
    cheapest(candidates).ok().map(|verdict| question.decided(&verdict))
}

/// The web application firewall in front of the load balancer.
pub(crate) fn firewall(ctx: &Context<'_>) -> Option<Taken<bool>> {
    let public = || ctx.spec.services.iter().filter(|(_, s)| routing::balanced(ctx.spec, s));
    public().next()?;
    let rate: f64 = public().filter_map(|(name, _)| ctx.loads.get(name.as_str())).map(|l| l.requests).sum();
    let millions = rate * SECONDS_A_MONTH / 1e6;
    let bill = Bill::default()
        .with(ctx.region, "waf/acl-month", 1.0)
        .with(ctx.region, "waf/rule-month", FIREWALL_RULES)
        .with(ctx.region, "waf/request-million", millions);
    let required = ctx.critical && !ctx.preferences.without_firewall;
    let candidates = vec![
        Candidate::new("none", "no web application firewall", false, Bill::default())
            .breaking(required, || {
                "public requests to an environment that people depend on are filtered".to_owned()
            }),
        Candidate::new("WAF", "AWS WAF with the managed rules and a rate limit", true, bill)
            .breaking(ctx.critical && !required, || "does not fit the budget".to_owned()),
    ];
    let mut question = ctx.question("edge", "firewall", "Are public requests filtered?");
    question.weighty = ctx.critical;
    question.inputs = vec![("requests", format!("{millions:.1} million a month"))];
    question.because = match (required, ctx.critical) {
        (true, _) => "People depend on this environment, and the budget has room for the filter.",
        (false, true) => {
            "The filter is paid by the request and does not fit the budget. Requests reach the services unfiltered; \
             a larger budget brings it back."
        }
        (false, false) => "Nobody depends on this environment, and the filter is paid by the request.",
    }
    .to_owned();
    let verdict = cheapest(candidates).expect("one of the two is never refused");
    Some(taken(question, verdict))
}

/// Keys and secrets: small, certain and in every environment.
pub(crate) fn operations(ctx: &Context<'_>) -> Decision {
    let passwords = ctx.spec.resources.values().filter(|r| {
        matches!(
            r.ty.value,
            ResourceType::Postgres | ResourceType::Mysql | ResourceType::Mongodb | ResourceType::Rabbitmq
        )
    });
    let used = |name: &String| {
        let uses =
            |s: &spec::Service| s.uses.iter().any(|u| u.target == UseTarget::Secret && u.name == *name);
        ctx.spec.services.values().any(uses)
    };
    let unused = ctx.spec.secrets.keys().filter(|name| !used(name)).count();
    let secrets = ctx.spec.secrets.len() + passwords.count();
    let bill = Bill::default().with(ctx.region, "kms/key-month", 1.0).with(
        ctx.region,
        "secretsmanager/secret-month",
        secrets as f64,
    );
    let mut question = ctx.question("operations", "keys", "Where do keys and secrets live?");
    question.inputs = vec![
        ("secrets", secrets.to_string()),
        ("secrets that no service uses", unused.to_string()),
        ("keys", "1".to_owned()),
    ];
    question.because = "One customer-managed key encrypts everything of the environment, and each secret is its own \
                        entry that only the services using it may read. Logs, metrics and alarms are not in the \
                        figure: their volume is not said."
        .to_owned();
    let candidates =
        vec![Candidate::new("KMS", "one KMS key, and Secrets Manager for every secret", (), bill)];
    let verdict = cheapest(candidates).expect("the only candidate breaks nothing");
    question.decided(&verdict)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ranges_never_overlap() {
        for environments in [1, 2, 25, 26, MOST_ENVIRONMENTS] {
            let ranges: BTreeSet<String> = (0..environments).map(|i| cidr(i, environments)).collect();
            assert_eq!(ranges.len(), environments);
        }
    }
}
