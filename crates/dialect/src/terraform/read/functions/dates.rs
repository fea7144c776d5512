//! Functions of points in time, as RFC 3339 writes them.
//!
//! The days are counted as in the proleptic Gregorian calendar, by the civil-day algorithm of eras of 400 years.

use ir::Value;

use super::{Outcome, string, wrong};
use crate::terraform::read::eval::Halt;

/// A point in time and how it was written.
#[derive(Clone, Copy)]
struct Point {
    /// Seconds since 1970 in UTC.
    seconds: i64,
    /// Seconds that the local clock is ahead of UTC.
    ahead: i64,
}

/// Days since 1970 of a date.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date of a number of days since 1970.
fn date(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

fn read(value: &Value) -> Result<Point, Halt> {
    let text = string(value)?;
    let bad = || wrong(format!("`{text}` is no time"));
    if !text.is_ascii() || text.len() < 20 {
        return Err(bad());
    }
    let number = |from: usize, to: usize| text[from..to].parse::<i64>().ok().filter(|n| *n >= 0);
    let part = |from: usize, to: usize| number(from, to).ok_or_else(bad);
    let (year, month, day) = (part(0, 4)?, part(5, 7)?, part(8, 10)?);
    let (hour, minute, second) = (part(11, 13)?, part(14, 16)?, part(17, 19)?);
    let zone = text[19..].trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let ahead = match zone.as_bytes() {
        [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let hours: i64 = zone[1..3].parse().map_err(|_| bad())?;
            let minutes: i64 = zone[4..6].parse().map_err(|_| bad())?;
            (hours * 3600 + minutes * 60) * if *sign == b'-' { -1 } else { 1 }
        }
        _ => return Err(bad()),
    };
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return Err(bad());
    }
    let local = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    Ok(Point { seconds: local - ahead, ahead })
}

/// Year, month, day, hour, minute, second and day of the week (0 is Sunday) where the clock is.
fn fields(point: Point) -> ([i64; 6], i64) {
    let local = point.seconds + point.ahead;
    let (day_number, of_day) = (local.div_euclid(86_400), local.rem_euclid(86_400));
    let (year, month, day) = date(day_number);
    ([year, month, day, of_day / 3600, of_day / 60 % 60, of_day % 60], (day_number + 4).rem_euclid(7))
}

pub(super) fn compare(args: &[Value]) -> Outcome {
    let (a, b) = (read(&args[0])?, read(&args[1])?);
    Ok(Value::Int(match a.seconds.cmp(&b.seconds) {
        std::cmp::Ordering::Less => -1,
        std::cmp::Ordering::Equal => 0,
        std::cmp::Ordering::Greater => 1,
    }))
}

pub(super) fn add(args: &[Value]) -> Outcome {
    let mut point = read(&args[0])?;
    let duration = string(&args[1])?;
    let bad = || wrong(format!("`{duration}` is no duration"));
    let (negative, mut rest) = match duration.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, duration.strip_prefix('+').unwrap_or(&duration)),
    };
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(bad)?;
        let amount: f64 = rest[..digits].parse().map_err(|_| bad())?;
        rest = &rest[digits..];
        let unit = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        seconds += amount
            * match &rest[..unit] {
                "h" => 3600.0,
                "m" => 60.0,
                "s" => 1.0,
                "ms" => 1e-3,
                "us" | "µs" => 1e-6,
                "ns" => 1e-9,
                _ => return Err(bad()),
            };
        rest = &rest[unit..];
    }
    if !(seconds.is_finite() && seconds < 1e11) {
        return Err(bad());
    }
    #[allow(clippy::cast_possible_truncation, reason = "checked to be less than 1e11")]
    let whole = seconds.trunc() as i64;
    point.seconds += if negative { -whole } else { whole };
    let ([year, month, day, hour, minute, second], _) = fields(point);
    Ok(Value::Str(format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{}",
        zone(point.ahead, true, ":")
    )))
}

fn zone(ahead: i64, letter: bool, separator: &str) -> String {
    if ahead == 0 && letter {
        return "Z".to_owned();
    }
    let sign = if ahead < 0 { '-' } else { '+' };
    format!("{sign}{:02}{separator}{:02}", ahead.abs() / 3600, ahead.abs() / 60 % 60)
}

const MONTHS: &[&str] = &[
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: &[&str] = &["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

pub(super) fn format(args: &[Value]) -> Outcome {
    let pattern = string(&args[0])?;
    let point = read(&args[1])?;
    let ([year, month, day, hour, minute, second], weekday) = fields(point);
    let name = |names: &[&str], index: i64| names[usize::try_from(index).unwrap_or(0)].to_owned();
    let twelve = (hour + 11) % 12 + 1;
    let half = if hour < 12 { "am" } else { "pm" };
    let mut out = String::new();
    let mut rest = pattern.as_str();
    while let Some(c) = rest.chars().next() {
        if c == '\'' {
            let text = &rest[1..];
            let end = text.find('\'').ok_or_else(|| wrong("a quotation in the format has no end"))?;
            out.push_str(if end == 0 { "'" } else { &text[..end] });
            rest = &text[end + 1..];
            continue;
        }
        let run = rest.len() - rest.trim_start_matches(c).len();
        let (verb, after) = rest.split_at(run);
        rest = after;
        out.push_str(&match verb {
            "YYYY" => format!("{year:04}"),
            "YY" => format!("{:02}", year % 100),
            "MMMM" => name(MONTHS, month - 1),
            "MMM" => name(MONTHS, month - 1)[..3].to_owned(),
            "MM" => format!("{month:02}"),
            "M" => month.to_string(),
            "DD" => format!("{day:02}"),
            "D" => day.to_string(),
            "EEEE" => name(WEEKDAYS, weekday),
            "EEE" => name(WEEKDAYS, weekday)[..3].to_owned(),
            "hh" => format!("{hour:02}"),
            "h" => hour.to_string(),
            "HH" => format!("{twelve:02}"),
            "H" => twelve.to_string(),
            "mm" => format!("{minute:02}"),
            "m" => minute.to_string(),
            "ss" => format!("{second:02}"),
            "s" => second.to_string(),
            "AA" => half.to_uppercase(),
            "aa" => half.to_owned(),
            "ZZZZZ" => zone(point.ahead, false, ":"),
            "ZZZZ" => zone(point.ahead, false, ""),
            "ZZZ" => {
                if point.ahead == 0 {
                    "UTC".to_owned()
                } else {
                    zone(point.ahead, false, "")
                }
            }
            "Z" => zone(point.ahead, true, ":"),
            other if c.is_ascii_alphabetic() => return Err(wrong(format!("`{other}` is no part of a date"))),
            other => other.to_owned(),
        });
    }
    Ok(Value::Str(out))
}
