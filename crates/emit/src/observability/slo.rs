//! Objectives as error budgets, and the burn rates at which somebody is called.
//!
//! The windows and factors are those of Google's Site Reliability Workbook, chapter "Alerting on SLOs", for a
//! budget of 30 days: a long window says that it matters, a short one that it is still going on. It must not
//! know how rules are written down.

use design::{EnvironmentDesign, ServiceDesign};

use super::promql::{number, share};
use super::signal::{Signal, of, signals};
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

/// Every window that is recorded, shortest first.
pub static WINDOWS: [&str; 7] = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"];

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
            let timed = signal.metric().is_some() || *promise == Promise::Availability;
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
        let what = match self.promise {
            Promise::Availability => "failed",
            Promise::Latency(_) => "slow",
        };
        format!("sli:{}_{what}:ratio_rate{window}", self.signal.events())
    }

    /// The share of bad events over a window.
    pub fn bad_share(&self, window: &str) -> String {
        share(&self.bad("rate", window), &self.signal.total(&self.service, "rate", window))
    }

    /// When a pair of windows rings.
    pub fn burning(&self, burn: &Burn) -> String {
        let threshold = number(self.threshold(burn));
        let above = |window: &str| format!("{} > {threshold}", of(&self.record(window), &self.service, &[]));
        format!(
            "{}\nand\n{}\nand\n{} >= {FEWEST_EVENTS}",
            above(burn.long),
            above(burn.short),
            self.bad("increase", burn.long)
        )
    }

    /// What it promises, in words.
    pub fn words(&self) -> String {
        let share = ir::Availability(self.share);
        match self.promise {
            Promise::Availability => format!("{share} of {} succeed", self.signal.events()),
            Promise::Latency(seconds) => {
                let time = spec::yaml::units::print_duration(seconds);
                format!("{share} of {} take at most {time}", self.signal.events())
            }
        }
    }

    fn bad(&self, function: &str, window: &str) -> String {
        match self.promise {
            Promise::Availability => self.signal.failed(&self.service, function, window),
            Promise::Latency(seconds) => self
                .signal
                .slow(&self.service, seconds, function, window)
                .expect("latency is promised only where a histogram is kept"),
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
