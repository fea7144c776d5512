//! A service as a function on Lambda.
//!
//! Queue readers and public HTTP services can be one; the candidate is priced always and feasible only when the
//! spec asks for functions, because the program has to follow the function's contract and nothing in an image
//! says that it does. Must not know how tasks are sized.

use ir::units::SECONDS_A_MONTH;
use spec::{Protocol, Release, Service, Source};

use crate::bill::Bill;
use crate::blueprint::{Compute, FunctionDesign};
use crate::capacity::{Answer, Demand};
use crate::context::Context;
use crate::decide::Candidate;
use crate::load::{self, Role};
use crate::rules;

/// Memory at which a function gets one whole vCPU, MiB (AWS Lambda documentation, "Configure memory", 2025).
const LAMBDA_VCPU_MIB: f64 = 1769.0;

/// Sizes of functions worth offering, MiB.
const LAMBDA_SIZES: [u32; 7] = [256, 512, 1024, 1769, 3072, 6144, 10_240];

/// Longest run of a function, seconds (AWS Lambda quotas, 2025).
const LAMBDA_SECONDS: f64 = 900.0;

/// Concurrent runs that a new account may have in a region (AWS Lambda quotas, 2025).
const LAMBDA_CONCURRENCY: f64 = 1000.0;

/// A service as a function; `None` for what a function cannot be at all.
pub(crate) fn candidate(
    ctx: &Context<'_>,
    name: &str,
    service: &Service,
    role: Role,
    demand: &Demand,
) -> Option<Candidate<Compute>> {
    let asked = ctx.spec.deliver.runtime == "lambda";
    let request = role == Role::Server && service.public.value && service.protocol == Protocol::Http;
    if !matches!(service.source, Source::Build(_)) || !(request || demand.backlog) {
        return None;
    }
    let need = demand.memory_mib * rules::MEMORY_HEADROOM;
    let limit = match demand.answer {
        Some(Answer::Within(seconds, _)) => seconds * rules::LATENCY_SHARE,
        _ => LAMBDA_SECONDS,
    };
    let duration = |mib: u32| demand.cpu_seconds / (f64::from(mib) / LAMBDA_VCPU_MIB).min(1.0);
    let fits = |mib: &u32| f64::from(*mib) >= need && duration(*mib) <= limit;
    let memory_mib = LAMBDA_SIZES.into_iter().find(fits);
    let size = memory_mib.unwrap_or(LAMBDA_SIZES[LAMBDA_SIZES.len() - 1]);
    let duration_seconds = duration(size);
    let arm = ctx.preferences.arm.unwrap_or(true);
    let runs = demand.rate * SECONDS_A_MONTH;
    let price = if arm { "lambda/gb-second-arm" } else { "lambda/gb-second-x86" };
    let bill = Bill::default().with(ctx.region, "lambda/request-million", runs / 1e6).with(
        ctx.region,
        price,
        runs * duration_seconds * f64::from(size) / 1024.0,
    );
    let concurrency = (demand.rate * demand.peak * duration_seconds * rules::PEAK_HEADROOM).ceil().max(1.0);
    let value = FunctionDesign {
        memory_mib: size,
        arm,
        timeout_seconds: (duration_seconds * 10.0).ceil().clamp(10.0, LAMBDA_SECONDS) as u32,
        concurrency: concurrency as u32,
        duration_seconds,
    };
    // A static site reaches it through the load balancer; anything else calls it by name.
    let by_name =
        |user: &&str| ctx.spec.services.get(*user).is_some_and(|s| load::role(ctx.spec, s) != Role::Site);
    let called = service.port.is_some() && ctx.users.get(name).is_some_and(|users| users.iter().any(by_name));
    let candidate = Candidate::new("Lambda", format!("Lambda, {size} MiB"), Compute::Function(value), bill)
        .breaking(!asked, || {
            "the program has to follow the function's contract, and nothing says that it does: `deliver.runtime: \
             lambda` says so"
                .to_owned()
        })
        .breaking(memory_mib.is_none(), || "no size has the memory and the speed it needs".to_owned())
        .breaking(concurrency > LAMBDA_CONCURRENCY, || {
            format!("{concurrency:.0} runs at once are more than an account may have ({LAMBDA_CONCURRENCY:.0})")
        })
        .breaking(called, || "other services call it by name, which a function does not have".to_owned())
        .breaking(request && service.release.value == Release::BlueGreen, || {
            "a function has no second set of copies to switch to".to_owned()
        });
    Some(candidate)
}
