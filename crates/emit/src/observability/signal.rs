//! What a service must measure, and under which names: the contract between the application and its alerts.
//!
//! Names are OpenTelemetry's semantic conventions as Prometheus writes them, so that a stock SDK meets the
//! contract. What cannot measure itself (a site) is measured from outside by a probe. It must not
//! know objectives or alerts.

use design::{Compute, EnvironmentDesign, ResourceChoice, ServiceDesign};
use spec::{Access, Protocol};

use super::promql::{Match, boundary, by, over, selector};

/// Where a service's successes and failures are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl Signal {
    /// What one event is called, in the plural.
    pub fn events(self) -> &'static str {
        match self {
            Signal::Http => "requests",
            Signal::Rpc => "calls",
            Signal::Messages => "messages",
            Signal::Probe => "probes",
        }
    }

    /// The names it stands for; `None` for probes.
    pub fn metric(self) -> Option<&'static Metric> {
        match self {
            Signal::Http => Some(&HTTP),
            Signal::Rpc => Some(&RPC),
            Signal::Messages => Some(&MESSAGES),
            Signal::Probe => None,
        }
    }

    /// All events of a service in a window; a speed for `rate`, an amount for `increase`.
    pub fn total(self, service: &str, function: &str, window: &str) -> String {
        match self.metric() {
            Some(metric) => {
                let count = format!("{}_count", metric.histogram);
                by("sum", &over(function, &of(&count, service, &[]), window))
            }
            None => by("sum", &over("count_over_time", &of(PROBE, service, &[]), window)),
        }
    }

    /// Failed events of a service in a window.
    pub fn failed(self, service: &str, function: &str, window: &str) -> String {
        match self.metric() {
            Some(metric) => {
                let count = format!("{}_count", metric.histogram);
                let series = of(&count, service, &[(metric.label, metric.how, metric.value)]);
                by("sum", &over(function, &series, window))
            }
            None => {
                let passed = by("sum", &over("sum_over_time", &of(PROBE, service, &[]), window));
                format!("({} - {passed})", self.total(service, function, window))
            }
        }
    }

    /// Events that took longer than `seconds`; `None` where no histogram is kept.
    pub fn slow(self, service: &str, seconds: f64, function: &str, window: &str) -> Option<String> {
        let fast = by("sum", &over(function, &self.bucket(service, seconds)?, window));
        Some(format!("({} - {fast})", self.total(service, function, window)))
    }

    /// The bucket that counts events of at most `seconds`.
    pub fn bucket(self, service: &str, seconds: f64) -> Option<String> {
        let name = format!("{}_bucket", self.metric()?.histogram);
        Some(of(&name, service, &[("le", Match::Like, &boundary(seconds))]))
    }
}

/// A series of a service.
pub fn of(metric: &str, service: &str, more: &[(&str, Match, &str)]) -> String {
    let mut matchers = vec![("service_name", Match::Is, service)];
    matchers.extend_from_slice(more);
    selector(metric, &matchers)
}

/// What a service is measured by; the first carries its objectives. Empty for what runs and ends, and for what
/// only its own platform can see.
pub fn signals(environment: &EnvironmentDesign, service: &ServiceDesign) -> Vec<Signal> {
    match service.compute {
        Compute::ScheduledTask { .. } | Compute::OneShot { .. } => Vec::new(),
        Compute::StaticSite { .. } => vec![Signal::Probe],
        Compute::Fargate(_) | Compute::Lambda(_) => {
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

/// Whether the internet reaches it: a site always, through its delivery network.
pub fn reached(service: &ServiceDesign) -> bool {
    service.public.is_some() || matches!(service.compute, Compute::StaticSite { .. })
}

/// Whether a service may take messages from anything it uses.
fn takes_messages(environment: &EnvironmentDesign, service: &ServiceDesign) -> bool {
    let queue = |choice: &ResourceChoice| {
        matches!(choice, ResourceChoice::Sqs(_) | ResourceChoice::RabbitMq(_) | ResourceChoice::Kafka(_))
    };
    service
        .uses
        .iter()
        .filter(|u| u.target == spec::UseTarget::Resource && u.access != Access::Write)
        .any(|u| environment.resources.get(&u.name).is_some_and(|r| queue(&r.choice)))
}
