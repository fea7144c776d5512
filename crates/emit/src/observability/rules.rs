//! What Prometheus computes and when it rings: recorded indicators and alerts of every service.
//!
//! Alerts are values of [`crate::alerts`] with an expression, so that rules, documents and runbooks are made
//! from one list. It must not know how a file of rules looks.

use design::schedule::longest_gap;
use design::signals::{Signal, signals};
use design::{Compute, EnvironmentDesign, ServiceDesign};

use super::promql::{Match, by, over, selector};
use super::signal::{self, LAST_SUCCESS, PROBE, events, of, reached};
use super::slo::{
    Burn, FEWEST_EVENTS, Objective, Promise, SPEED, WINDOWS, failed_record, number_of, objectives, range,
    sum_of, total_record,
};
use crate::alerts::{Alert, PrometheusRule, Rings, Severity};

/// A recorded series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// Its name.
    pub record: String,
    /// What it computes.
    pub expr: String,
    /// Whether it rests on probes from outside.
    pub probed: bool,
}

/// Everything watched about one service.
#[derive(Clone, Debug)]
pub struct Watch {
    /// Its name.
    pub service: String,
    /// Where it is measured.
    pub signals: Vec<Signal>,
    /// What it promises and can be measured.
    pub objectives: Vec<Objective>,
    /// Recorded series, in the order they are computed.
    pub recordings: Vec<Recording>,
    /// Alerts.
    pub alerts: Vec<Alert>,
}

/// Share of failed events from which a service without an objective is looked at.
const USUAL_FAILURES: f64 = 0.05;

/// Watches every service that can be watched, in the design's order. Services that run once are watched by
/// the deployment that runs them.
pub fn watches(environment: &EnvironmentDesign) -> Vec<Watch> {
    environment
        .services
        .iter()
        .map(|(name, service)| watch(environment, name, service))
        .filter(|watch| !watch.alerts.is_empty())
        .collect()
}

fn watch(environment: &EnvironmentDesign, name: &str, service: &ServiceDesign) -> Watch {
    let signals = signals(environment, service);
    let (objectives, _) = objectives(environment, name, service);
    let mut recordings = Vec::new();
    let mut alerts = Vec::new();
    for signal in &signals {
        if *signal != Signal::Probe || !objectives.is_empty() {
            recordings.extend(speeds(name, *signal));
        }
    }
    for objective in &objectives {
        recordings.extend(slow_speed(objective));
        recordings.extend(WINDOWS.iter().map(|window| Recording {
            record: objective.record(window),
            expr: objective.bad_share(window),
            probed: objective.signal == Signal::Probe,
        }));
        alerts.extend(objective.burns().into_iter().map(|burn| burning(objective, burn)));
        if let Promise::Latency(seconds) = objective.promise {
            alerts.extend(unmeasured_latency(objective, seconds));
        }
    }
    for signal in &signals {
        let promised = objectives.iter().any(|o| o.signal == *signal && o.promise == Promise::Availability);
        if !promised && *signal != Signal::Probe {
            alerts.push(failing(name, *signal));
        }
        alerts.extend(silent(name, *signal));
    }
    if reached(service) {
        alerts.push(unreachable(name));
    }
    if let Compute::ScheduledTask { cron, duration_seconds, .. } = &service.compute {
        alerts.extend(overdue(name, cron, *duration_seconds));
    }
    Watch { service: name.to_owned(), signals, objectives, recordings, alerts }
}

/// How fast events come and fail. Everything about longer times is computed from these few series: what the service
/// reports has one for each copy and outcome, and every sample read has its price.
fn speeds(service: &str, signal: Signal) -> [Recording; 2] {
    let probed = signal == Signal::Probe;
    // Probes are counted over the window: by its seconds they are a speed like the others.
    let speed = |counted: String| if probed { format!("{counted} / 300") } else { counted };
    let total = total_record(signal);
    let none_yet = format!("0 * {}", of(&total, service, &[]));
    let failed = speed(signal::failed(signal, service, SPEED));
    [
        Recording { record: total, expr: speed(signal::total(signal, service, SPEED)), probed },
        Recording { record: failed_record(signal), expr: format!("{failed} or {none_yet}"), probed },
    ]
}

/// How fast events come that take longer than an objective allows.
fn slow_speed(objective: &Objective) -> Option<Recording> {
    let Promise::Latency(seconds) = objective.promise else { return None };
    let fast = signal::fast(objective.signal, &objective.service, seconds, SPEED)?;
    let total = of(&total_record(objective.signal), &objective.service, &[]);
    Some(Recording { record: objective.bad_record(), expr: format!("{total} - {fast}"), probed: false })
}

/// Alerts about the watching itself.
pub fn of_the_watch() -> Vec<Alert> {
    let up = selector("up", &[("job", Match::Is, super::COLLECTOR_JOB)]);
    vec![Alert {
        name: "CollectorDown".to_owned(),
        severity: Severity::Page,
        environment: None,
        subject: "telemetry".to_owned(),
        meaning: "Nothing is measured any more, so no other alert can ring".to_owned(),
        threshold: "the collector cannot be scraped for 5 minutes".to_owned(),
        runbook: "telemetry-lost".to_owned(),
        rings: Rings::Prometheus(PrometheusRule {
            expr: format!("{up} == 0"),
            hold_minutes: 5,
            label: None,
            service: None,
            probed: false,
        }),
    }]
}

fn burning(objective: &Objective, burn: &Burn) -> Alert {
    let (name, runbook, bad) = match objective.promise {
        Promise::Availability => ("AvailabilityBudgetBurn", "slo-burn", "fail"),
        Promise::Latency(_) => ("LatencyBudgetBurn", "latency", "are too slow"),
    };
    let percent = super::promql::number(objective.threshold(burn) * 100.0);
    let events = events(objective.signal);
    Alert {
        meaning: format!(
            "{} % of the month's error budget of {} is gone within {}: objective {}",
            burn.spent,
            objective.service,
            burn.long,
            objective.words()
        ),
        threshold: format!(
            "more than {percent} % of {events} {bad} over {} and over {}, at least {FEWEST_EVENTS} of them",
            burn.long, burn.short
        ),
        ..prometheus(name, burn.severity, &objective.service, runbook, objective.burning(burn), 0)
            .told_apart("window", burn.long)
            .probed(objective.signal == Signal::Probe)
    }
}

/// The objective is no boundary of the histogram: the share cannot be computed, and silence would look well.
fn unmeasured_latency(objective: &Objective, seconds: f64) -> Option<Alert> {
    let service = &objective.service;
    let bucket = by("count", &signal::bucket(objective.signal, service, seconds)?);
    let count = format!("{}_count", signal::metric(objective.signal)?.histogram);
    let expr = format!("{}\nunless\n{bucket}", by("count", &of(&count, service, &[])));
    let time = spec::yaml::units::print_duration(seconds);
    Some(Alert {
        meaning: format!(
            "{service} is measured without a bucket at {time}, so its latency objective is not watched"
        ),
        threshold: format!("no bucket ends at {time} for 30 minutes"),
        ..prometheus("LatencyNotMeasured", Severity::Ticket, service, "telemetry-lost", expr, 30)
    })
}

fn failing(service: &str, signal: Signal) -> Alert {
    let window = "15m";
    let (failed, total) = (failed_record(signal), total_record(signal));
    let expr = format!(
        "{} / {} > {}\nand\n{} >= {FEWEST_EVENTS}",
        sum_of(&failed, service, window),
        sum_of(&total, service, window),
        super::promql::number(USUAL_FAILURES),
        number_of(&failed, service, window)
    );
    let (name, runbook) = match signal {
        Signal::Messages => ("MessagesFailing", "messages-failing"),
        _ => ("RequestsFailing", "service-failing"),
    };
    let (percent, events) = (USUAL_FAILURES * 100.0, events(signal));
    Alert {
        meaning: format!(
            "{service} fails many of its {events}; it has no objective that says how many are too many"
        ),
        threshold: format!(
            "more than {percent} % of {events} fail over {window}, at least {FEWEST_EVENTS} of them, for 5 minutes"
        ),
        ..prometheus(name, Severity::Ticket, service, runbook, expr, 5)
    }
}

/// A series that was there within a day and is gone: works for every environment without naming one.
fn silent(service: &str, signal: Signal) -> Option<Alert> {
    signal::metric(signal)?;
    let speed = of(&total_record(signal), service, &[]);
    let expr = format!("{}\nunless\n{speed}", over("last_over_time", &speed, &range("1d").0));
    Some(Alert {
        meaning: format!(
            "{service} no longer reports its {}: it is down, or cannot reach the collector",
            events(signal)
        ),
        threshold: "reported within the last day, silent for 15 minutes".to_owned(),
        ..prometheus("TelemetrySilent", Severity::Ticket, service, "telemetry-lost", expr, 15)
            .told_apart("signal", events(signal))
    })
}

fn unreachable(service: &str) -> Alert {
    let expr = format!("{} == 0", by("max", &of(PROBE, service, &[])));
    Alert {
        meaning: format!("{service} does not answer a probe from outside: users cannot reach it"),
        threshold: "every probe fails for 2 minutes".to_owned(),
        ..prometheus("ProbeFailing", Severity::Page, service, "service-down", expr, 2).probed(true)
    }
}

fn overdue(service: &str, cron: &str, duration_seconds: f64) -> Option<Alert> {
    let gap = longest_gap(cron)?;
    // A run may take twice as long as expected before anybody is told.
    let patience = gap + ((2.0 * duration_seconds.max(0.0)).min(86_400.0) as u64).max(600);
    let window = format!("{}s", gap * 2 + 86_400);
    let last = by("max", &over("last_over_time", &of(LAST_SUCCESS, service, &[]), &window));
    let (hours, minutes) = (patience / 3600, patience % 3600 / 60);
    let time = match (hours, minutes) {
        (0, minutes) => format!("{minutes}m"),
        (hours, 0) => format!("{hours}h"),
        (hours, minutes) => format!("{hours}h {minutes}m"),
    };
    Some(Alert {
        meaning: format!("The scheduled job {service} (`{cron}`, UTC) has not succeeded when it should have"),
        threshold: format!("no success for {time}"),
        ..prometheus(
            "ScheduleOverdue",
            Severity::Ticket,
            service,
            "schedule-failed",
            format!("time() - {last} > {patience}"),
            0,
        )
    })
}

/// An alert of a service with its words still to be said.
fn prometheus(
    name: &str,
    severity: Severity,
    service: &str,
    runbook: &str,
    expr: String,
    hold_minutes: u32,
) -> Alert {
    Alert {
        name: name.to_owned(),
        severity,
        environment: None,
        subject: service.to_owned(),
        meaning: String::new(),
        threshold: String::new(),
        runbook: runbook.to_owned(),
        rings: Rings::Prometheus(PrometheusRule {
            expr,
            hold_minutes,
            label: None,
            service: Some(service.to_owned()),
            probed: false,
        }),
    }
}

impl Alert {
    /// Tells alerts of one name and service apart.
    fn told_apart(mut self, label: &'static str, value: &'static str) -> Self {
        if let Rings::Prometheus(rule) = &mut self.rings {
            rule.label = Some((label, value));
        }
        self
    }

    /// Says whether it rests on probes from outside.
    fn probed(mut self, probed: bool) -> Self {
        if let Rings::Prometheus(rule) = &mut self.rings {
            rule.probed = probed;
        }
        self
    }
}
