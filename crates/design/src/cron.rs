//! How often a five-field cron expression fires.
//!
//! Only the count matters here, for the price of what runs; the expression itself is passed on unchanged.

/// Days in an average month.
const DAYS: f64 = 365.25 / 12.0;

/// Runs in an average month; `None` when the expression has not five readable fields.
pub(crate) fn runs_a_month(expression: &str) -> Option<f64> {
    let fields: Vec<&str> = expression.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields.as_slice() else { return None };
    let a_day = f64::from(count(minute, 0, 59, &[])? * count(hour, 0, 23, &[])?);
    let months = f64::from(count(month, 1, 12, &MONTHS)?) / 12.0;
    let by_day = f64::from(count(day, 1, 31, &[])?) / 31.0;
    let by_weekday = f64::from(count(weekday, 0, 7, &WEEKDAYS)?.min(7)) / 7.0;
    // When both are restricted, either one is enough.
    let share = match (day.starts_with('*'), weekday.starts_with('*')) {
        (false, false) => by_day + by_weekday - by_day * by_weekday,
        _ => by_day * by_weekday,
    };
    Some(a_day * DAYS * share * months)
}

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// How many values a field matches.
fn count(field: &str, low: u32, high: u32, names: &[&str]) -> Option<u32> {
    let value = |text: &str| {
        let named = names.iter().position(|n| n.eq_ignore_ascii_case(text)).map(|at| at as u32 + low);
        named.or_else(|| text.parse().ok()).filter(|v| (low..=high).contains(v))
    };
    let mut matched = vec![false; high as usize + 1];
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse::<usize>().ok().filter(|s| *s > 0)?),
            None => (part, 1),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" || range == "?" => (low, high),
            Some((from, to)) => (value(from)?, value(to)?),
            None if part.contains('/') => (value(range)?, high),
            None => (value(range)?, value(range)?),
        };
        for slot in matched.get_mut(from as usize..=to as usize)?.iter_mut().step_by(step) {
            *slot = true;
        }
    }
    u32::try_from(matched.iter().filter(|m| **m).count()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_counted_over_an_average_month() {
        for (expression, expected) in [
            ("0 2 * * *", DAYS),
            ("*/15 * * * *", DAYS * 96.0),
            ("0 0 1 * *", DAYS / 31.0),
            ("0 9-17 * * MON-FRI", DAYS * 9.0 * 5.0 / 7.0),
            ("30 4 * 1,7 *", DAYS / 6.0),
            ("0 0,12 * * 0", DAYS * 2.0 / 7.0),
        ] {
            let runs = runs_a_month(expression).expect(expression);
            assert!((runs - expected).abs() < 1e-9, "{expression}: {runs} instead of {expected}");
        }
    }

    #[test]
    fn what_is_no_cron_expression_has_no_count() {
        for wrong in
            ["", "* * * *", "60 * * * *", "* * * * * *", "*/0 * * * *", "5-1 * * * *", "\u{1f980} * * * *"]
        {
            assert_eq!(runs_a_month(wrong), None, "{wrong}");
        }
    }
}
