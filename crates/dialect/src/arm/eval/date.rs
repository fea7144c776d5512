//! Functions of points in time, in the calendar that is used everywhere and without zones.

use ir::Value;

use super::functions::Made;

const DAY: i64 = 86_400;

/// Days since 1970 of a date, by the rule that shifts the year to begin in March.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

fn spelt(seconds: i64) -> String {
    let (year, month, day) = date(seconds.div_euclid(DAY));
    let rest = seconds.rem_euclid(DAY);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
}

/// Seconds since 1970 of `2024-01-31`, `2024-01-31T10:00:00Z` and `20240131T100000Z`.
fn seconds(text: &str) -> Option<i64> {
    let digits: String = text.trim_end_matches('Z').chars().filter(char::is_ascii_digit).collect();
    let plain = text.chars().all(|c| c.is_ascii_digit() || "-:TZ ".contains(c));
    if !plain || !(digits.len() == 8 || digits.len() == 14) {
        return None;
    }
    let part = |from: usize, to: usize| digits.get(from..to).map_or(Some(0), |d| d.parse::<i64>().ok());
    let (month, day) = (part(4, 6)?, part(6, 8)?);
    let (hour, minute, second) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
    let sensible =
        (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 61;
    sensible.then(|| days(part(0, 4).unwrap_or(0), month, day) * DAY + hour * 3600 + minute * 60 + second)
}

fn read(value: &Value) -> Result<i64, String> {
    let text = value.text().ok_or("it takes a point in time")?;
    seconds(&text).ok_or_else(|| "the point in time cannot be read".to_owned())
}

/// Adds a duration such as `P1Y2M3DT4H` or `-P1D`.
pub(super) fn add(args: &[Value]) -> Made {
    let start = read(&args[0])?;
    if args.len() > 2 {
        return Err("the format of a point in time is not worked out".to_owned());
    }
    let text = args[1].text().ok_or("it takes a duration")?;
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest.to_owned()),
        None => (1, text),
    };
    let text = text.strip_prefix('P').ok_or("the duration cannot be read")?;
    let (mut months, mut plain, mut in_time) = (0_i64, 0_i64, false);
    let mut number = String::new();
    for c in text.chars() {
        match c {
            'T' => in_time = true,
            '0'..='9' => number.push(c),
            _ => {
                let n: i64 =
                    number.parse().ok().filter(|n| *n < 1_000_000).ok_or("the duration cannot be read")?;
                number.clear();
                match (c, in_time) {
                    ('Y', false) => months += n * 12,
                    ('M', false) => months += n,
                    ('W', false) => plain += n * 7 * DAY,
                    ('D', false) => plain += n * DAY,
                    ('H', true) => plain += n * 3600,
                    ('M', true) => plain += n * 60,
                    ('S', true) => plain += n,
                    _ => return Err("the duration cannot be read".to_owned()),
                }
            }
        }
    }
    let (year, month, day) = date(start.div_euclid(DAY));
    let month = year * 12 + month - 1 + sign * months;
    let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
    let next = if month == 12 { days(year + 1, 1, 1) } else { days(year, month + 1, 1) };
    let first = days(year, month, 1);
    let moved = (first + day - 1).min(next - 1) * DAY + start.rem_euclid(DAY);
    Ok(Value::Str(spelt(moved + sign * plain)))
}

pub(super) fn from_epoch(args: &[Value]) -> Made {
    match args[0] {
        // Years of four digits.
        Value::Int(n) if (0..253_402_300_800).contains(&n) => Ok(Value::Str(spelt(n))),
        _ => Err("it takes seconds since 1970".to_owned()),
    }
}

pub(super) fn to_epoch(args: &[Value]) -> Made {
    read(&args[0]).map(Value::Int)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (text, epoch) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T23:59:59Z", 951_868_799),
            ("2100-03-01T00:00:00Z", 4_107_542_400),
        ] {
            assert_eq!(seconds(text), Some(epoch), "{text}");
            assert_eq!(spelt(epoch), text);
        }
        for (start, duration, end) in [
            ("2024-01-31T10:00:00Z", "P1M", "2024-02-29T10:00:00Z"),
            ("2024-03-01T00:00:00Z", "-PT1S", "2024-02-29T23:59:59Z"),
            ("20240101T000000Z", "P1Y2M3DT4H5M6S", "2025-03-04T04:05:06Z"),
        ] {
            assert_eq!(add(&[start.into(), duration.into()]), Ok(end.into()), "{start} {duration}");
        }
        for broken in ["", "today", "2024-13-01", "2024-01-01T99:00:00Z", "\u{1f980}"] {
            assert!(to_epoch(&[broken.into()]).is_err(), "{broken}");
        }
    }
}
