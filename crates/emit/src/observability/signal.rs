//! What a service must measure, and under which names: the contract between the application and its alerts.
//!
//! Names are OpenTelemetry's semantic conventions as Prometheus writes them, so that a stock SDK meets the
//! contract. It must not know objectives or alerts.

use design::signals::Signal;
use design::{Compute, ServiceDesign};

use super::promql::{Match, boundary, by, over, selector};

/// The names behind a signal that a service measures itself.
#[derive(Debug, PartialEq, Eq)]
pub struct Metric {
    /// The instrument as OpenTelemetry names it.
    pub instrument: &'static str,
    /// The histogram as Prometheus names it, in seconds, without `_bucket`, `_count`, `_sum`.
    pub histogram: &'static str,
    /// The label that tells a failure.
    pub label: &'static str,
    /// How it is compared.
    pub how: Match,
    /// With what.
    pub value: &'static str,
    /// What counts as a failure, for documents.
    pub failure: &'static str,
    /// A value of the label that is a failure.
    pub failed: &'static str,
    /// A value of the label that is none; `None`: the label is absent.
    pub passed: Option<&'static str>,
}

static HTTP: Metric = Metric {
    instrument: "http.server.request.duration",
    histogram: "http_server_request_duration_seconds",
    label: "http_response_status_code",
    how: Match::Like,
    value: "5..",
    failure: "a status of 500 to 599",
    failed: "503",
    passed: Some("200"),
};
static RPC: Metric = Metric {
    instrument: "rpc.server.call.duration",
    histogram: "rpc_server_call_duration_seconds",
    label: "rpc_response_status_code",
    how: Match::Like,
    value: "UNKNOWN|DEADLINE_EXCEEDED|UNIMPLEMENTED|INTERNAL|UNAVAILABLE|DATA_LOSS",
    failure: "a status that is the server's fault, such as `INTERNAL` or `UNAVAILABLE`",
    failed: "UNAVAILABLE",
    passed: Some("OK"),
};
static MESSAGES: Metric = Metric {
    instrument: "messaging.process.duration",
    histogram: "messaging_process_duration_seconds",
    label: "error_type",
    how: Match::IsNot,
    value: "",
    failure: "an `error.type` on the measurement",
    failed: "timeout",
    passed: None,
};

/// The result of a probe, 1 or 0, and how long it took, as the blackbox exporter names them.
pub const PROBE: &str = "probe_success";

/// When a job that ends last succeeded, Unix seconds; the gauge `job.last_success.timestamp` in seconds.
pub const LAST_SUCCESS: &str = "job_last_success_timestamp_seconds";

/// An instrument that rules and dashboards read.
pub struct Instrument {
    /// As OpenTelemetry names it.
    pub name: &'static str,
    /// Attributes that are told apart; measurements that differ in others are one.
    pub attributes: &'static [&'static str],
    /// How they become one: `sum` or `max`.
    pub merged: &'static str,
}

/// Every one of them: what is not here is read by nobody.
pub static INSTRUMENTS: [Instrument; 6] = [
    Instrument { name: HTTP.instrument, attributes: &["http.response.status_code"], merged: "sum" },
    Instrument { name: RPC.instrument, attributes: &["rpc.response.status_code"], merged: "sum" },
    Instrument { name: MESSAGES.instrument, attributes: &["error.type"], merged: "sum" },
    Instrument { name: "job.last_success.timestamp", attributes: &[], merged: "max" },
    Instrument { name: "process.cpu.time", attributes: &[], merged: "sum" },
    Instrument { name: "process.memory.usage", attributes: &[], merged: "sum" },
];

/// What one event is called, in the plural.
pub fn events(signal: Signal) -> &'static str {
    match signal {
        Signal::Http => "requests",
        Signal::Rpc => "calls",
        Signal::Messages => "messages",
        Signal::Probe => "probes",
    }
}

/// The names behind a signal; `None` for probes.
pub fn metric(signal: Signal) -> Option<&'static Metric> {
    match signal {
        Signal::Http => Some(&HTTP),
        Signal::Rpc => Some(&RPC),
        Signal::Messages => Some(&MESSAGES),
        Signal::Probe => None,
    }
}

/// All events of a service over a window: their speed, or the number of probes.
pub fn total(signal: Signal, service: &str, window: &str) -> String {
    match metric(signal) {
        Some(metric) => by("sum", &over("rate", &count(metric, service), window)),
        None => by("sum", &over("count_over_time", &of(PROBE, service, &[]), window)),
    }
}

/// Failed events of a service over a window, as [`total`] counts them; no series when nothing has failed yet.
pub fn failed(signal: Signal, service: &str, window: &str) -> String {
    match metric(signal) {
        Some(metric) => {
            let count = format!("{}_count", metric.histogram);
            let series = of(&count, service, &[(metric.label, metric.how, metric.value)]);
            by("sum", &over("rate", &series, window))
        }
        None => {
            let passed = by("sum", &over("sum_over_time", &of(PROBE, service, &[]), window));
            format!("({} - {passed})", total(signal, service, window))
        }
    }
}

/// Events that took at most `seconds`, as [`total`] counts them; `None` where no histogram is kept.
pub fn fast(signal: Signal, service: &str, seconds: f64, window: &str) -> Option<String> {
    Some(by("sum", &over("rate", &bucket(signal, service, seconds)?, window)))
}

/// The bucket that counts events of at most `seconds`.
pub fn bucket(signal: Signal, service: &str, seconds: f64) -> Option<String> {
    let name = format!("{}_bucket", metric(signal)?.histogram);
    Some(of(&name, service, &[("le", Match::Like, &boundary(seconds))]))
}

fn count(metric: &Metric, service: &str) -> String {
    of(&format!("{}_count", metric.histogram), service, &[])
}

/// A series of a service.
pub fn of(metric: &str, service: &str, more: &[(&str, Match, &str)]) -> String {
    let mut matchers = vec![("service_name", Match::Is, service)];
    matchers.extend_from_slice(more);
    selector(metric, &matchers)
}

/// Whether the internet reaches it: a site always, through its delivery network.
pub fn reached(service: &ServiceDesign) -> bool {
    service.public.is_some() || matches!(service.compute, Compute::StaticSite { .. })
}
