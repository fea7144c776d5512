//! A service as a function.
//!
//! Queue readers and public HTTP services can be one; the candidate is priced always and feasible only when the
//! spec asks for functions, because the program has to follow the function's contract and nothing in an image
//! says that it does. Must not know how tasks are sized.

use ir::units::SECONDS_A_MONTH;
use spec::{Protocol, Release, Service, Source};

use crate::bill::Bill;
use crate::blueprint::{Compute, FunctionDesign};
use crate::capacity::{Answer, Demand};
use crate::cloud::charge;
use crate::context::Context;
use crate::decide::Candidate;
use crate::load::{self, Role};
use crate::rules;

/// A service as a function; `None` for what a function cannot be at all.
pub(crate) fn candidate(
    ctx: &Context<'_>,
    name: &str,
    service: &Service,
    role: Role,
    demand: &Demand,
) -> Option<Candidate<Compute>> {
    let functions = ctx.cloud.functions.as_ref()?;
    let asked = ctx.spec.deliver.runtime == functions.runtime;
    let request = role == Role::Server && service.public.value && service.protocol == Protocol::Http;
    if !matches!(service.source, Source::Build(_)) || !(request || demand.backlog) {
        return None;
    }
    let need = demand.memory_mib * rules::MEMORY_HEADROOM;
    let limit = match demand.answer {
        Some(Answer::Within(seconds, _)) => seconds * rules::LATENCY_SHARE,
        _ => functions.seconds,
    };
    let duration = |mib: u32| demand.cpu_seconds / (f64::from(mib) / functions.vcpu_mib).min(1.0);
    let fits = |mib: &u32| f64::from(*mib) >= need && duration(*mib) <= limit;
    let memory_mib = functions.sizes.iter().copied().find(fits);
    let size = memory_mib.or(functions.sizes.last().copied())?;
    let duration_seconds = duration(size);
    let arm = ctx.preferences.arm.unwrap_or(true);
    let runs = demand.rate * SECONDS_A_MONTH;
    let gib_second = if arm { functions.gib_seconds.0 } else { functions.gib_seconds.1 };
    let mut bill = Bill::default();
    charge(&mut bill, ctx.region, functions.requests, runs);
    charge(&mut bill, ctx.region, gib_second, runs * duration_seconds * f64::from(size) / 1024.0);
    let concurrency = (demand.rate * demand.peak * duration_seconds * rules::PEAK_HEADROOM).ceil().max(1.0);
    let value = FunctionDesign {
        memory_mib: size,
        arm,
        timeout_seconds: (duration_seconds * 10.0).ceil().clamp(10.0, functions.seconds) as u32,
        concurrency: concurrency as u32,
        duration_seconds,
    };
    // A static site reaches it through the load balancer; anything else calls it by name.
    let by_name =
        |user: &&str| ctx.spec.services.get(*user).is_some_and(|s| load::role(ctx.spec, s) != Role::Site);
    let called = service.port.is_some() && ctx.users.get(name).is_some_and(|users| users.iter().any(by_name));
    let candidate = Candidate::new(
        functions.level.0,
        format!("{}, {size} MiB", functions.level.0),
        Compute::Function(value),
        bill,
    )
    .breaking(!asked, || {
        format!(
            "the program has to follow the function's contract, and nothing says that it does: \
                 `deliver.runtime: {}` says so",
            functions.runtime
        )
    })
    .breaking(memory_mib.is_none(), || "no size has the memory and the speed it needs".to_owned())
    .breaking(concurrency > functions.concurrency, || {
        let most = functions.concurrency;
        format!("{concurrency:.0} runs at once are more than an account may have ({most:.0})")
    })
    .breaking(called, || "other services call it by name, which a function does not have".to_owned())
    .breaking(request && service.release.value == Release::BlueGreen, || {
        "a function has no second set of copies to switch to".to_owned()
    });
    Some(candidate)
}
