//! What Prometheus computes and when it rings: recorded indicators and alerts of every service.
//!
//! Alerts are values of [`crate::alerts`] with an expression, so that rules, documents and runbooks are made
//! from one list. It must not know how a file of rules looks.

use design::{Compute, EnvironmentDesign, ServiceDesign};

use super::promql::{Match, by, over, selector};
use super::schedule::longest_gap;
use super::signal::{LAST_SUCCESS, PROBE, Signal, of, reached, signals};
use super::slo::{Burn, FEWEST_EVENTS, Objective, Promise, WINDOWS, objectives};
use crate::alerts::{Alert, PrometheusRule, Rings, Severity};

/// A recorded series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// Its name.
    pub record: String,
    /// What it computes.
    pub expr: String,
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
    for objective in &objectives {
        recordings.extend(
            WINDOWS.iter().map(|window| Recording {
                record: objective.record(window),
                expr: objective.bad_share(window),
            }),
        );
        let month = "30d";
        recordings.push(Recording { record: objective.record(month), expr: objective.bad_share(month) });
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
        }),
    }]
}

fn burning(objective: &Objective, burn: &Burn) -> Alert {
    let (name, runbook, bad) = match objective.promise {
        Promise::Availability => ("AvailabilityBudgetBurn", "slo-burn", "fail"),
        Promise::Latency(_) => ("LatencyBudgetBurn", "latency", "are too slow"),
    };
    let percent = super::promql::number(objective.threshold(burn) * 100.0);
    let events = objective.signal.events();
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
    }
}

/// The objective is no boundary of the histogram: the share cannot be computed, and silence would look well.
fn unmeasured_latency(objective: &Objective, seconds: f64) -> Option<Alert> {
    let service = &objective.service;
    let bucket = by("count", &objective.signal.bucket(service, seconds)?);
    let count = format!("{}_count", objective.signal.metric()?.histogram);
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
    let expr = format!(
        "{} > {}\nand\n{} >= {FEWEST_EVENTS}",
        super::promql::share(&signal.failed(service, "rate", window), &signal.total(service, "rate", window)),
        super::promql::number(USUAL_FAILURES),
        signal.failed(service, "increase", window)
    );
    let (name, runbook) = match signal {
        Signal::Messages => ("MessagesFailing", "messages-failing"),
        _ => ("RequestsFailing", "service-failing"),
    };
    let (percent, events) = (USUAL_FAILURES * 100.0, signal.events());
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
    let count = of(&format!("{}_count", signal.metric()?.histogram), service, &[]);
    let expr =
        format!("{}\nunless\n{}", by("count", &over("last_over_time", &count, "1d")), by("count", &count));
    Some(Alert {
        meaning: format!(
            "{service} no longer reports its {}: it is down, or cannot reach the collector",
            signal.events()
        ),
        threshold: "reported within the last day, silent for 15 minutes".to_owned(),
        ..prometheus("TelemetrySilent", Severity::Ticket, service, "telemetry-lost", expr, 15)
            .told_apart("signal", signal.events())
    })
}

fn unreachable(service: &str) -> Alert {
    let expr = format!("{} == 0", by("max", &of(PROBE, service, &[])));
    Alert {
        meaning: format!("{service} does not answer a probe from outside: users cannot reach it"),
        threshold: "every probe fails for 2 minutes".to_owned(),
        ..prometheus("ProbeFailing", Severity::Page, service, "service-down", expr, 2)
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
}
