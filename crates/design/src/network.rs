//! Address ranges, egress, endpoints and the edge of one environment.

use ir::units::{HOURS_A_MONTH, SECONDS_A_MONTH};
use spec::ResourceType;

use crate::bill::Bill;
use crate::blueprint::{Compute, Decision, Egress};
use crate::cloud::{WayOut, charge};
use crate::context::Context;
use crate::decide::{Candidate, Verdict, cheapest};
use crate::rules;

/// Availability zones of a network where the region offers as many: subnets cost nothing, and adding a zone later
/// moves address ranges.
pub(crate) const ZONES: u8 = 3;

/// Second octets to hand out, so that environments can be peered.
pub(crate) const MOST_ENVIRONMENTS: usize = 255;

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
    let running: f64 = ctx.computes.values().map(mean_tasks).sum();
    let of = |way: &WayOut| {
        let gateways = way.gateways.unwrap_or(f64::from(ctx.zones()));
        let mut bill = Bill::default();
        for rate in way.hours {
            charge(&mut bill, ctx.region, *rate, gateways * HOURS_A_MONTH);
        }
        if let Some((rate, most)) = way.copies {
            charge(&mut bill, ctx.region, rate, running.min(most) * HOURS_A_MONTH);
        }
        let weak = way.weak.filter(|_| ctx.critical && ctx.zones() > 1);
        Candidate::new(way.name, way.name, way.egress, bill)
            .breaking(weak.is_some(), || weak.unwrap_or_default().to_owned())
    };
    let candidates = ctx.cloud.ways_out.iter().map(of).collect();
    let mut question = ctx.question("network", "egress", "How do private subnets reach the internet?");
    question.weighty = true;
    question.inputs = vec![("zones", ctx.zones().to_string())];
    question.because = if ctx.critical {
        "Losing a zone must not take the other zones' way out."
    } else {
        "Nobody depends on this environment, so the cheaper one is enough. What passes through is not in the figure: \
         its amount is not said."
    }
    .to_owned();
    let verdict = cheapest(candidates).expect("every cloud has a way out that outlives a zone");
    taken(question, verdict)
}

/// Copies that run on average.
fn mean_tasks(compute: &Compute) -> f64 {
    match compute {
        Compute::Containers(tasks) => tasks.mean_tasks,
        _ => 0.0,
    }
}

/// Private ways to regional services that cost less than sending the same traffic through the NAT gateway.
pub(crate) fn endpoints(ctx: &Context<'_>) -> Option<Taken<Vec<String>>> {
    let passing = &ctx.cloud.passing;
    let way = passing.private.as_ref()?;
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
    let hours = f64::from(ctx.zones()) * HOURS_A_MONTH;
    let (mut endpoint, mut nat) = (Bill::default(), Bill::default());
    charge(&mut endpoint, ctx.region, way.hour, hours);
    charge(&mut endpoint, ctx.region, way.gb, gb);
    charge(&mut nat, ctx.region, passing.gb, gb);
    let candidates = vec![
        Candidate::new("NAT", "through the NAT gateway", Vec::new(), nat),
        Candidate::new("endpoint", way.name, vec![way.service.to_owned()], endpoint),
    ];
    let mut question = ctx.question("network", "endpoints", "How do queue calls leave the private subnets?");
    question.inputs = vec![
        ("queue traffic", format!("{gb:.1} GB a month")),
        ("message on the wire", format!("{} KiB (assumed)", rules::MESSAGE_KIB)),
    ];
    question.because =
        "An endpoint is paid by the hour and zone, the NAT gateway by the gigabyte: traffic decides."
            .to_owned();
    question.because.push_str(way.because);
    let verdict = cheapest(candidates).ok()?;
    Some(taken(question, verdict))
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
