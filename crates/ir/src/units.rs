//! Quantities with a unit in their type, where mixing them up would cost money.

/// United States dollars. Prices are published in it; budgets are given in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Usd(pub f64);

impl Usd {
    /// The nearest whole cent, as a bill has it.
    #[must_use]
    pub fn to_the_cent(self) -> Usd {
        Usd((self.0 * 100.0).round() / 100.0)
    }
}

impl std::ops::Add for Usd {
    type Output = Usd;
    fn add(self, other: Usd) -> Usd {
        Usd(self.0 + other.0)
    }
}

impl std::ops::Sub for Usd {
    type Output = Usd;
    fn sub(self, other: Usd) -> Usd {
        Usd(self.0 - other.0)
    }
}

impl std::ops::AddAssign for Usd {
    fn add_assign(&mut self, other: Usd) {
        self.0 += other.0;
    }
}

impl std::ops::Mul<f64> for Usd {
    type Output = Usd;
    fn mul(self, factor: f64) -> Usd {
        Usd(self.0 * factor)
    }
}

impl std::iter::Sum for Usd {
    fn sum<I: Iterator<Item = Usd>>(iter: I) -> Usd {
        iter.fold(Usd(0.0), |a, b| a + b)
    }
}

impl std::fmt::Display for Usd {
    /// `$1,234.56`; `-$3.00` for a saving.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let cents = (self.0.abs() * 100.0).round();
        let whole = format!("{:.0}", (cents / 100.0).floor());
        let mut grouped = String::new();
        for (i, digit) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        let sign = if self.0 < 0.0 && cents > 0.0 { "-" } else { "" };
        write!(f, "{sign}${grouped}.{:02.0}", cents % 100.0)
    }
}

/// A share of time, 0 to 1, that something answers.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Availability(pub f64);

impl Availability {
    /// All needed at once: the product.
    #[must_use]
    pub fn and(self, other: Availability) -> Availability {
        Availability(self.0 * other.0)
    }

    /// Minutes of a 30-day month in which it may be away.
    #[must_use]
    pub fn downtime_minutes_a_month(self) -> f64 {
        (1.0 - self.0) * 30.0 * 24.0 * 60.0
    }
}

impl std::fmt::Display for Availability {
    /// `99.95%`, with as many digits as say something.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = format!("{:.4}", self.0 * 100.0);
        write!(f, "{}%", text.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// Hours in a billing month, as the clouds' own calculators count it.
pub const HOURS_A_MONTH: f64 = 730.0;

/// Seconds in a billing month.
pub const SECONDS_A_MONTH: f64 = HOURS_A_MONTH * 3600.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_grouped_and_rounded() {
        assert_eq!(Usd(1234567.891).to_string(), "$1,234,567.89");
        assert_eq!(Usd(0.999).to_string(), "$1.00");
        assert_eq!(Usd(-12.5).to_string(), "-$12.50");
        assert_eq!(Usd(-0.001).to_string(), "$0.00");
    }

    #[test]
    fn availability_keeps_what_matters() {
        assert_eq!(Availability(0.9995).to_string(), "99.95%");
        assert_eq!(Availability(1.0).to_string(), "100%");
        assert!((Availability(0.999).downtime_minutes_a_month() - 43.2).abs() < 1e-9);
    }
}
