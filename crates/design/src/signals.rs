//! What a service is measured by.
//!
//! Decided once, because the rules that judge it, the collector that forwards it and the bill for it must agree.
//! What cannot measure itself (a site) is measured from outside by a probe. It must not know the names of metrics.

use serde::Serialize;
use spec::{Access, Protocol};

use crate::blueprint::{Compute, EnvironmentDesign, ResourceChoice, ServiceDesign};
use crate::schedule::longest_gap;

/// Where a service's successes and failures are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signal {
    /// Answered HTTP requests.
    Http,
    /// Answered gRPC calls.
    Rpc,
    /// Messages taken from a queue, topic or broker.
    Messages,
    /// Probes from outside.
    Probe,
}

/// What a service is measured by; the first carries its objectives. Empty for what runs and ends, and for what
/// only its own platform can see.
#[must_use]
pub fn signals(environment: &EnvironmentDesign, service: &ServiceDesign) -> Vec<Signal> {
    match service.compute {
        Compute::ScheduledTask { .. } | Compute::OneShot { .. } => Vec::new(),
        Compute::StaticSite { .. } => vec![Signal::Probe],
        Compute::Containers(_) | Compute::Function(_) => {
            let answers = (service.port.is_some() || service.public.is_some()).then_some(service.protocol);
            let first = match answers {
                Some(Protocol::Http) => Some(Signal::Http),
                Some(Protocol::Grpc) => Some(Signal::Rpc),
                // Plain TCP is never public, so no probe reaches it either.
                Some(Protocol::Tcp) | None => None,
            };
            let idle = answers.is_none() && takes_messages(environment, service);
            let reads = (service.load.messages > 0.0 || idle).then_some(Signal::Messages);
            first.into_iter().chain(reads).collect()
        }
    }
}

/// Whether a service reports something that rules can judge: what it counts, or when it last succeeded.
#[must_use]
pub fn reports(environment: &EnvironmentDesign, service: &ServiceDesign) -> bool {
    match &service.compute {
        Compute::ScheduledTask { cron, .. } => longest_gap(cron).is_some(),
        _ => signals(environment, service).iter().any(|signal| *signal != Signal::Probe),
    }
}

/// Whether a service may take messages from anything it uses.
fn takes_messages(environment: &EnvironmentDesign, service: &ServiceDesign) -> bool {
    let queue = |choice: &ResourceChoice| choice.queue().is_some() || choice.broker().is_some();
    service
        .uses
        .iter()
        .filter(|u| u.target == spec::UseTarget::Resource && u.access != Access::Write)
        .any(|u| environment.resources.get(&u.name).is_some_and(|r| queue(&r.choice)))
}
