//! How long a schedule may be silent.
//!
//! An alert on a run that did not happen needs the longest time between two runs. Only an upper bound is
//! computed: an alert that comes a day late is better than one that comes every weekend. It must not know what
//! is run.

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Seconds between two runs at most; `None` when it runs only in some months, which no store of metrics here
/// remembers, or when the expression is not readable.
pub fn longest_gap(cron: &str) -> Option<u64> {
    let fields: Vec<&str> = cron.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields.as_slice() else { return None };
    let any = |field: &str| matches!(field, "*" | "?");
    if !any(month) {
        return None;
    }
    Some(match (any(day), any(weekday)) {
        // Either one is enough when both are set, and weekdays come round sooner.
        (_, false) => 7 * DAY,
        (false, true) => 31 * DAY,
        (true, true) if !any(hour) => step(hour).filter(|n| *n <= 23).map_or(DAY, |n| n * HOUR),
        (true, true) if !any(minute) => step(minute).filter(|n| *n <= 59).map_or(HOUR, |n| n * MINUTE),
        (true, true) => MINUTE,
    })
}

/// The step of `*/n`.
fn step(field: &str) -> Option<u64> {
    field.strip_prefix("*/")?.parse().ok().filter(|n| *n > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gap_is_an_upper_bound_and_close_where_it_can_be() {
        for (cron, gap) in [
            ("* * * * *", Some(MINUTE)),
            ("*/5 * * * *", Some(5 * MINUTE)),
            ("30 * * * *", Some(HOUR)),
            ("0 */6 * * *", Some(6 * HOUR)),
            ("0 2 * * *", Some(DAY)),
            ("0 9-17 * * mon-fri", Some(7 * DAY)),
            ("0 0 1 * *", Some(31 * DAY)),
            ("0 0 1 1 *", None),
            ("nonsense", None),
            ("", None),
        ] {
            assert_eq!(longest_gap(cron), gap, "{cron}");
        }
    }
}
