//! Objectives as error budgets, and the burn rates at which somebody is called.
//!
//! The windows and factors are those of Google's Site Reliability Workbook, chapter "Alerting on SLOs", for a
//! budget of 30 days: a long window says that it matters, a short one that it is still going on. It must not
//! know how rules are written down.

use design::signals::{Signal, signals};
use design::{EnvironmentDesign, ServiceDesign};

use super::promql::{number, over};
use super::signal::{events, metric, of};
use crate::alerts::Severity;

/// Days that a budget is for.
pub const BUDGET_DAYS: f64 = 30.0;

/// Bad events that the long window must hold before anybody is called: under them, one unlucky request of a
/// quiet service would burn a month's budget.
pub const FEWEST_EVENTS: u32 = 10;

/// A pair of windows.
#[derive(Debug, PartialEq)]
pub struct Burn {
    /// Says that it matters.
    pub long: &'static str,
    /// Says that it is still going on.
    pub short: &'static str,
    /// Times the speed that would use up the budget in exactly [`BUDGET_DAYS`].
    pub factor: f64,
    /// Share of the budget that is gone when it rings, percent.
    pub spent: f64,
    /// Who is told.
    pub severity: Severity,
}

/// Fastest first.
pub static BURNS: [Burn; 4] = [
    Burn { long: "1h", short: "5m", factor: 14.4, spent: 2.0, severity: Severity::Page },
    Burn { long: "6h", short: "30m", factor: 6.0, spent: 5.0, severity: Severity::Page },
    Burn { long: "1d", short: "2h", factor: 3.0, spent: 10.0, severity: Severity::Ticket },
    Burn { long: "3d", short: "6h", factor: 1.0, spent: 10.0, severity: Severity::Ticket },
];

/// Every window whose share of bad events is recorded, shortest first; the last is the budget's own.
pub static WINDOWS: [&str; 8] = ["5m", "30m", "1h", "2h", "6h", "1d", "3d", "30d"];

/// The window of the recorded speeds from which all others are computed.
pub const SPEED: &str = "5m";

/// Seconds between two evaluations of a rule, and so between two samples of what it records.
pub const ROUND_SECONDS: u32 = 60;

/// A range over recorded samples, and the seconds between those that are read. Long ranges skip most of them: a
/// speed over five minutes says as much every five minutes, and every sample read has its price.
pub fn range(window: &str) -> (String, u32) {
    match window {
        "1d" | "3d" => (format!("{window}:5m"), 300),
        "30d" => (format!("{window}:1h"), 3600),
        short => (short.to_owned(), ROUND_SECONDS),
    }
}

/// Name of the recorded speed of all events of a signal.
pub fn total_record(signal: Signal) -> String {
    format!("sli:{}:rate{SPEED}", events(signal))
}

/// Name of the recorded speed of the failed events of a signal.
pub fn failed_record(signal: Signal) -> String {
    format!("sli:{}_failed:rate{SPEED}", events(signal))
}

/// The sum of what a recorded speed was over a window.
pub fn sum_of(record: &str, service: &str, window: &str) -> String {
    over("sum_over_time", &of(record, service, &[]), &range(window).0)
}

/// How many events a recorded speed stands for over a window.
pub fn number_of(record: &str, service: &str, window: &str) -> String {
    format!("{} * {}", sum_of(record, service, window), range(window).1)
}

/// What is promised about events.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Promise {
    /// They do not fail.
    Availability,
    /// They take at most so many seconds.
    Latency(f64),
}

/// A promise about a share of a service's events.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    /// Whose.
    pub service: String,
    /// Where it is measured.
    pub signal: Signal,
    /// What is promised.
    pub promise: Promise,
    /// About which share, above 0 and at most 1.
    pub share: f64,
}

/// The objectives of a service that can be measured, and how many more it has.
pub fn objectives(
    environment: &EnvironmentDesign,
    name: &str,
    service: &ServiceDesign,
) -> (Vec<Objective>, usize) {
    let Some(slo) = service.slo else { return (Vec::new(), 0) };
    let latency = slo.latency_seconds.zip(slo.latency_quantile);
    let asked: Vec<(Promise, f64)> = slo
        .availability
        .map(|a| (Promise::Availability, a.0))
        .into_iter()
        .chain(latency.map(|(seconds, quantile)| (Promise::Latency(seconds), quantile)))
        .collect();
    let first = signals(environment, service).first().copied();
    let measured: Vec<Objective> = asked
        .iter()
        .filter_map(|(promise, share)| {
            let signal = first?;
            let timed = metric(signal).is_some() || *promise == Promise::Availability;
            timed.then(|| Objective { service: name.to_owned(), signal, promise: *promise, share: *share })
        })
        .collect();
    let unmeasured = asked.len() - measured.len();
    (measured, unmeasured)
}

impl Objective {
    /// Share of events that may be bad.
    pub fn budget(&self) -> f64 {
        // 1 - 0.999 is 0.001 only after rounding.
        ((1.0 - self.share) * 1e9).round().max(0.0) / 1e9
    }

    /// The windows whose threshold can be crossed at all: a promise about half of the events cannot be broken
    /// fourteen times over. Without any budget the fastest one is left, and every bad event breaks it.
    pub fn burns(&self) -> Vec<&'static Burn> {
        if self.budget() <= 0.0 {
            return BURNS.iter().take(1).collect();
        }
        BURNS.iter().filter(|burn| self.threshold(burn) < 1.0).collect()
    }

    /// Share of bad events from which a pair of windows rings.
    pub fn threshold(&self, burn: &Burn) -> f64 {
        burn.factor * self.budget()
    }

    /// Name of the recorded share of bad events over a window.
    pub fn record(&self, window: &str) -> String {
        format!("sli:{}_{}:ratio_rate{window}", events(self.signal), self.bad())
    }

    /// Name of the recorded speed of bad events.
    pub fn bad_record(&self) -> String {
        format!("sli:{}_{}:rate{SPEED}", events(self.signal), self.bad())
    }

    /// The share of bad events over a window.
    pub fn bad_share(&self, window: &str) -> String {
        let (bad, total) = (self.bad_record(), total_record(self.signal));
        if window == SPEED {
            return format!("{} / {}", of(&bad, &self.service, &[]), of(&total, &self.service, &[]));
        }
        format!("{} / {}", sum_of(&bad, &self.service, window), sum_of(&total, &self.service, window))
    }

    /// When a pair of windows rings.
    pub fn burning(&self, burn: &Burn) -> String {
        let threshold = number(self.threshold(burn));
        let above = |window: &str| format!("{} > {threshold}", of(&self.record(window), &self.service, &[]));
        format!(
            "{}\nand\n{}\nand\n{} >= {FEWEST_EVENTS}",
            above(burn.long),
            above(burn.short),
            number_of(&self.bad_record(), &self.service, burn.long)
        )
    }

    /// What it promises, in words.
    pub fn words(&self) -> String {
        let share = ir::Availability(self.share);
        match self.promise {
            Promise::Availability => format!("{share} of {} succeed", events(self.signal)),
            Promise::Latency(seconds) => {
                let time = spec::yaml::units::print_duration(seconds);
                format!("{share} of {} take at most {time}", events(self.signal))
            }
        }
    }

    /// What bad events are, in names of series.
    fn bad(&self) -> &'static str {
        match self.promise {
            Promise::Availability => "failed",
            Promise::Latency(_) => "slow",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objective(share: f64) -> Objective {
        Objective { service: "api".into(), signal: Signal::Http, promise: Promise::Availability, share }
    }

    fn hours(window: &str) -> f64 {
        let (count, unit) = window.split_at(window.len() - 1);
        let unit = match unit {
            "m" => 1.0 / 60.0,
            "h" => 1.0,
            _ => 24.0,
        };
        count.parse::<f64>().expect("a number") * unit
    }

    #[test]
    fn each_factor_spends_what_it_says_in_its_long_window_and_the_short_one_is_a_twelfth() {
        for burn in &BURNS {
            let spent = burn.factor * hours(burn.long) / (BUDGET_DAYS * 24.0) * 100.0;
            assert!((spent - burn.spent).abs() < 1e-9, "{burn:?} spends {spent}");
            assert!((hours(burn.long) / hours(burn.short) - 12.0).abs() < 1e-9, "{burn:?}");
            assert!(WINDOWS.contains(&burn.long) && WINDOWS.contains(&burn.short), "{burn:?}");
        }
    }

    #[test]
    fn only_thresholds_that_can_be_crossed_are_left() {
        let count = |share| objective(share).burns().len();
        assert_eq!([0.999, 0.95, 0.9, 0.5, 1.0].map(count), [4, 4, 3, 1, 1]);
    }

    #[test]
    fn budgets_are_exact() {
        for (share, budget) in [(0.999, 0.001), (0.9995, 0.0005), (0.95, 0.05), (0.99999, 0.00001)] {
            assert!((objective(share).budget() - budget).abs() < 1e-15, "{share}");
        }
    }
}
