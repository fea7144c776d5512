//! How much telemetry an environment reports and reads in a month.
//!
//! Bounded by design: collectors forward only what rules and dashboards read and merge the rest away, so that the
//! bill follows the number of tasks and not the imagination of a library. Must not know a price.

use ir::units::SECONDS_A_MONTH;

use super::{KIB_A_GIB, Log};
use crate::blueprint::{Compute, EnvironmentDesign, ServiceDesign};
use crate::signals::{Signal, signals};

/// Seconds between two reports of a series: what SDKs of OpenTelemetry do when nothing else is said.
pub const REPORT_SECONDS: f64 = 60.0;
/// Series of a histogram: a bucket for each of the fourteen boundaries that OpenTelemetry advises for durations and
/// one above them, the count and the sum (semantic conventions, HTTP metrics, 1.27).
const HISTOGRAM: f64 = 17.0;
/// Outcomes of requests and calls that a task sees, each with a histogram: it worked, it worked and says no more, the
/// caller erred, it failed. Messages work or fail.
const OUTCOMES: (f64, f64) = (4.0, 2.0);
/// Series of a task about itself: its CPU time and its memory.
const PROCESS: f64 = 2.0;
/// Series recorded from what a service reports: two for each signal and nine for each objective.
const RECORDED: (f64, f64) = (2.0, 9.0);
/// Samples that one round of rules reads: for each reported outcome of a task, for each signal and for each
/// objective of a service. Long windows are read from what was recorded.
const READ: (f64, f64, f64) = (20.0, 2000.0, 5000.0);
/// Seconds between two rounds of rules.
const ROUND_SECONDS: f64 = 60.0;
/// Bytes of a sample at rest (Amazon Managed Service for Prometheus pricing page: one or two), and on the wire with
/// its labels, compressed.
const SAMPLE_BYTES: (f64, f64) = (2.0, 30.0);
/// Seconds that a workspace keeps samples when nothing else is said: 150 days.
const KEPT_SECONDS: f64 = 150.0 * 86_400.0;
/// KiB of a trace on the wire.
const TRACE_KIB: f64 = 5.0;
/// Traces that are kept a month at most, where people depend on the environment and elsewhere: enough to find an
/// example of whatever metrics show.
const TRACES: (f64, f64) = (100_000.0, 10_000.0);
/// GiB a month of a workspace's log, which holds what went wrong with rules and notifications.
const LOG_GIB: f64 = 0.01;

const BYTES_A_GIB: f64 = KIB_A_GIB * 1024.0;

/// Samples that tasks report and rules record a month.
#[must_use]
pub fn samples(environment: &EnvironmentDesign) -> f64 {
    let series: f64 = reporting(environment)
        .map(|(service, tasks)| {
            let outcomes: f64 = signals(environment, service).iter().map(|s| outcomes(*s)).sum();
            tasks * (outcomes * HISTOGRAM + PROCESS) + recorded(environment, service, RECORDED)
        })
        .sum();
    series * SECONDS_A_MONTH / REPORT_SECONDS
}

/// Samples that rules read a month.
#[must_use]
pub fn reads(environment: &EnvironmentDesign) -> f64 {
    let (reported, signal, objective) = READ;
    let round: f64 = reporting(environment)
        .map(|(service, tasks)| {
            let outcomes: f64 = signals(environment, service).iter().map(|s| outcomes(*s)).sum();
            tasks * outcomes * reported + recorded(environment, service, (signal, objective))
        })
        .sum();
    round * SECONDS_A_MONTH / ROUND_SECONDS
}

/// GiB of samples at rest.
#[must_use]
pub fn stored_gib(environment: &EnvironmentDesign) -> f64 {
    let kept = samples(environment) * KEPT_SECONDS / SECONDS_A_MONTH;
    kept * SAMPLE_BYTES.0 / BYTES_A_GIB
}

/// GB of telemetry that tasks send a month; nothing where none is collected.
#[must_use]
pub fn sent_gb(environment: &EnvironmentDesign) -> f64 {
    if environment.telemetry.is_none() {
        return 0.0;
    }
    let traces: f64 = environment.services.values().map(|service| traces(environment, service)).sum();
    samples(environment) * SAMPLE_BYTES.1 / BYTES_A_GIB + traces * TRACE_KIB / KIB_A_GIB
}

/// Traces that begin at a service and are kept, a month; nothing where none are collected.
#[must_use]
pub fn traces(environment: &EnvironmentDesign, service: &ServiceDesign) -> f64 {
    let kept = environment.telemetry.map_or(0.0, |t| t.sampling);
    if running(service).is_some() { calls(service) * kept } else { 0.0 }
}

/// The share of traces that keeps their number in bounds: two digits, rounded down.
#[must_use]
pub fn sampling(environment: &EnvironmentDesign) -> f64 {
    let calls: f64 = reporting(environment).map(|(service, _)| calls(service)).sum();
    bounded(calls, if environment.critical { TRACES.0 } else { TRACES.1 })
}

/// The largest share with two digits that leaves at most so many of all calls.
fn bounded(calls: f64, most: f64) -> f64 {
    if calls <= most {
        return 1.0;
    }
    // Less than one in a trillion is no share that anybody means, and has no digits left to print.
    let share = (most / calls).max(1e-12);
    let digits = 1 - share.log10().floor() as i32;
    // Multiplied by a power of ten and divided by the same one: what is printed has no further digits.
    (share * 10f64.powi(digits)).floor() / 10f64.powi(digits)
}

/// The log of a workspace.
#[must_use]
pub fn log(days: u32) -> Log {
    super::log(LOG_GIB, days)
}

fn calls(service: &ServiceDesign) -> f64 {
    (service.load.requests + service.load.messages) * SECONDS_A_MONTH
}

/// Services that report all the time, with their mean number of tasks.
fn reporting(environment: &EnvironmentDesign) -> impl Iterator<Item = (&ServiceDesign, f64)> {
    environment.services.values().filter_map(|s| Some((s, running(s)?)))
}

fn running(service: &ServiceDesign) -> Option<f64> {
    match &service.compute {
        Compute::Containers(tasks) => Some(tasks.mean_tasks),
        _ => None,
    }
}

fn outcomes(signal: Signal) -> f64 {
    match signal {
        Signal::Http | Signal::Rpc => OUTCOMES.0,
        Signal::Messages => OUTCOMES.1,
        Signal::Probe => 0.0,
    }
}

/// So much for each signal of a service and so much for each of its objectives.
fn recorded(
    environment: &EnvironmentDesign,
    service: &ServiceDesign,
    (signal, objective): (f64, f64),
) -> f64 {
    let objectives = service.slo.map_or(0, |slo| {
        usize::from(slo.availability.is_some()) + usize::from(slo.latency_seconds.is_some())
    });
    signal * signals(environment, service).len() as f64 + objective * objectives as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_traces_has_two_digits_and_keeps_their_number_in_bounds() {
        for exponent in -3..14 {
            for digit in [1.0, 1.7, 2.0, 3.3, 4.999, 9.99] {
                let calls = digit * 10f64.powi(exponent);
                for most in [TRACES.0, TRACES.1] {
                    let share = bounded(calls, most);
                    assert!(share > 0.0 && share <= 1.0, "{calls}");
                    assert!(calls <= most || calls * share <= most * (1.0 + 1e-9), "{calls} x {share}");
                    assert!(calls <= most || calls * share >= most * 0.9, "{calls} x {share}");
                    let text = share.to_string();
                    let digits = text.trim_start_matches(['0', '.']).len();
                    assert!(digits <= 2, "{text}");
                }
            }
        }
        assert!([1e300, f64::MAX, f64::INFINITY].iter().all(|calls| bounded(*calls, 1.0) > 0.0));
    }
}
