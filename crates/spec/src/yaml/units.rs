//! Quantities as people write them.
//!
//! Each function reads one kind of quantity and, when it cannot, says what is wrong with this text; the
//! caller adds where it stands and an example. A number without its unit is refused wherever two units would
//! both make sense: `memory: 300` has been a byte, a kibibyte and a mebibyte to somebody.

/// Splits `800/s` into 800 and `/s`; `None` when it does not start with a number.
fn number(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let end =
        text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_' || c == '-')).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let value: f64 = digits.replace('_', "").parse().ok()?;
    value.is_finite().then_some((value, rest.trim()))
}

fn positive(value: f64) -> Result<f64, String> {
    if value > 0.0 { Ok(value) } else { Err("it must be more than zero".to_owned()) }
}

/// Events a second, from `800/s`, `3000/min`, `2M/day`, `50k/h`.
pub fn rate(text: &str) -> Result<f64, String> {
    let (mut value, rest) = number(text).ok_or("it must start with a number")?;
    let (prefix, per) = rest.split_once('/').ok_or("it does not say per what")?;
    value *= match prefix.trim() {
        "" => 1.0,
        "k" | "K" => 1e3,
        "M" | "m" => 1e6,
        other => return Err(format!("`{other}` is no multiplier")),
    };
    let seconds = match per.trim() {
        "s" | "sec" | "second" => 1.0,
        "min" | "m" | "minute" => 60.0,
        "h" | "hour" => 3600.0,
        "d" | "day" => 86_400.0,
        "month" => ir::units::SECONDS_A_MONTH,
        other => return Err(format!("`/{other}` is no time")),
    };
    positive(value / seconds)
}

/// Seconds, from `6ms`, `1h`, `5m`, `30s`, `2d`, `1h30m`.
pub fn duration(text: &str) -> Result<f64, String> {
    let mut rest = text.trim();
    let mut total = 0.0;
    if rest.is_empty() {
        return Err("it is empty".to_owned());
    }
    while !rest.is_empty() {
        let (value, after) = number(rest).ok_or("it must start with a number")?;
        let end = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, next) = after.split_at(end);
        total += value
            * match unit {
                "us" => 1e-6,
                "ms" => 1e-3,
                "s" => 1.0,
                "m" | "min" => 60.0,
                "h" => 3600.0,
                "d" => 86_400.0,
                "" => return Err("it has no unit".to_owned()),
                other => return Err(format!("`{other}` is no unit of time")),
            };
        rest = next.trim();
    }
    if total > MAX_SECONDS {
        return Err("it is more than a hundred years".to_owned());
    }
    positive(total)
}

/// The longest time, in seconds: beyond it nobody means what is written.
const MAX_SECONDS: f64 = 100.0 * 365.0 * 86_400.0;

/// Seconds whose work may be lost, from `5m`, or `0s` for none.
pub fn loss(text: &str) -> Result<f64, String> {
    if text.trim() == "0s" { Ok(0.0) } else { duration(text) }
}

/// MiB, from `300MiB`, `2GiB`, `1.5GB`, `1TiB`.
pub fn mebibytes(text: &str) -> Result<f64, String> {
    let (value, unit) = number(text).ok_or("it must start with a number")?;
    let bytes = match unit {
        "KiB" | "Ki" => 1024.0,
        "MiB" | "Mi" => 1024.0 * 1024.0,
        "GiB" | "Gi" => 1024.0 * 1024.0 * 1024.0,
        "TiB" | "Ti" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        "KB" | "kB" => 1e3,
        "MB" => 1e6,
        "GB" => 1e9,
        "TB" => 1e12,
        "" => return Err("it has no unit".to_owned()),
        other => return Err(format!("`{other}` is no unit of size")),
    };
    positive(value * bytes / (1024.0 * 1024.0))
}

/// A share of time, 0 to 1, from `99.95%`.
pub fn availability(text: &str) -> Result<f64, String> {
    let (value, unit) = number(text).ok_or("it must start with a number")?;
    if unit != "%" {
        return Err("it has no percent sign".to_owned());
    }
    if value >= 100.0 {
        return Err("nothing is available all the time".to_owned());
    }
    if value > 99.999_99 {
        return Err("it allows less than a second away a month, which nobody can hold to".to_owned());
    }
    if value < 50.0 {
        return Err("less than half of the time is no target".to_owned());
    }
    Ok(hundredth(value))
}

/// A share above 0 and at most 1, from `10%`.
pub fn share(text: &str) -> Result<f64, String> {
    let (value, unit) = number(text).ok_or("it must start with a number")?;
    if unit != "%" {
        return Err("it has no percent sign".to_owned());
    }
    if value > 100.0 {
        return Err("it is more than the whole".to_owned());
    }
    positive(hundredth(value))
}

/// The nearest number to a percentage's share: dividing gives 0.9990000000000001 for 99.9.
fn hundredth(percent: f64) -> f64 {
    format!("{percent}e-2").parse().unwrap_or(percent / 100.0)
}

/// A multiple of the mean, at least 1, from `3x` or `3`.
pub fn multiple(text: &str) -> Result<f64, String> {
    let (value, unit) = number(text).ok_or("it must start with a number")?;
    if !matches!(unit, "" | "x") {
        return Err(format!("`{unit}` does not belong there"));
    }
    if value < 1.0 {
        return Err("a peak is at least as high as the mean".to_owned());
    }
    Ok(value)
}

/// Dollars a month, from `1500 USD/month`, `$1500/month`, `18000 USD/year`.
pub fn dollars(text: &str) -> Result<f64, String> {
    let trimmed = text.trim();
    let (trimmed, signed) = trimmed.strip_prefix('$').map_or((trimmed, false), |t| (t, true));
    let (value, rest) = number(trimmed).ok_or("it must start with an amount")?;
    let (currency, per) = rest.split_once('/').ok_or("it does not say per what")?;
    let currency = currency.trim();
    let dollars = currency.eq_ignore_ascii_case("usd") || (signed && currency.is_empty());
    if !dollars {
        return Err(format!("`{currency}` is no currency that prices are published in"));
    }
    let months = match per.trim() {
        "month" | "mo" => 1.0,
        "year" | "yr" => 12.0,
        other => return Err(format!("`/{other}` is no billing period")),
    };
    positive(value / months)
}

/// Seconds and quantile, from `300ms@p95`.
pub fn latency(text: &str) -> Result<(f64, f64), String> {
    let (time, quantile) = text.split_once('@').ok_or("it does not say for which share of requests")?;
    let digits = quantile.trim().strip_prefix('p').ok_or("the share is written as p95")?;
    let percent: f64 = digits.parse().map_err(|_| "the share is written as p95")?;
    if !(1.0..100.0).contains(&percent) {
        return Err("the share lies between p1 and p99.9".to_owned());
    }
    Ok((duration(time)?, hundredth(percent)))
}

/// Writes seconds back in the largest unit that divides them.
#[must_use]
pub fn print_duration(seconds: f64) -> String {
    if seconds == 0.0 {
        return "0s".to_owned();
    }
    for (unit, length) in [("d", 86_400.0), ("h", 3600.0), ("m", 60.0), ("s", 1.0)] {
        let count = seconds / length;
        if count >= 1.0 && (count - count.round()).abs() < 1e-9 {
            return format!("{}{unit}", count.round());
        }
    }
    format!("{}ms", trim(seconds * 1e3))
}

/// Writes MiB back as GiB where that is a whole number.
#[must_use]
pub fn print_mebibytes(mib: f64) -> String {
    let gib = mib / 1024.0;
    if gib >= 1.0 && (gib * 4.0).fract() == 0.0 { format!("{gib}GiB") } else { format!("{mib}MiB") }
}

/// Writes events a second back over the shortest time in which their number is round: 2 million a day is no
/// round number a second.
#[must_use]
pub fn print_rate(a_second: f64) -> String {
    let round = |(per, seconds): (&str, f64)| {
        let text = format!("{}/{per}", trim(a_second * seconds));
        (rate(&text) == Ok(a_second)).then_some(text)
    };
    let times =
        [("s", 1.0), ("min", 60.0), ("h", 3600.0), ("day", 86_400.0), ("month", ir::units::SECONDS_A_MONTH)];
    times.into_iter().find_map(round).unwrap_or_else(|| format!("{a_second}/s"))
}

/// At most six digits after the point, none of them idle.
#[must_use]
pub fn trim(value: f64) -> String {
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_read_as_people_write_them() {
        type Reader = fn(&str) -> Result<f64, String>;
        let cases: &[(Reader, &str, f64)] = &[
            (rate, "800/s", 800.0),
            (rate, "3000/min", 50.0),
            (rate, "8.64M/day", 100.0),
            (duration, "6ms", 0.006),
            (duration, "1h30m", 5400.0),
            (mebibytes, "300MiB", 300.0),
            (mebibytes, "2GiB", 2048.0),
            (availability, "99.95%", 0.9995),
            (share, "10%", 0.1),
            (multiple, "3x", 3.0),
            (dollars, "1500 USD/month", 1500.0),
            (dollars, "$18000/year", 1500.0),
        ];
        for (reader, text, expected) in cases {
            let got = reader(text).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert!((got - expected).abs() < 1e-9, "{text}: {got}");
        }
        for (text, expected) in [("99.9%", 0.999), ("99.99%", 0.9999), ("99.5%", 0.995)] {
            assert_eq!(availability(text), Ok(expected));
        }
        assert_eq!(latency("300ms@p95"), Ok((0.3, 0.95)));
    }

    #[test]
    fn what_is_ambiguous_is_refused() {
        type Reader = fn(&str) -> Result<f64, String>;
        let cases: &[(Reader, &[&str])] = &[
            (rate, &["800", "/s", "800/fortnight", "-1/s", "0/s", "", "NaN/s"]),
            (duration, &["6", "ms", "", "5 parsecs", "0s"]),
            (mebibytes, &["300", "2 GiBi", "-1GiB", ""]),
            (availability, &["99.95", "100%", "12%", "%"]),
            (share, &["10", "0%", "101%"]),
            (multiple, &["0.5x", "3y"]),
            (dollars, &["1500", "1500 EUR/month", "0 USD/month", "1500 USD/week"]),
        ];
        for (reader, texts) in cases {
            for text in *texts {
                assert!(reader(text).is_err(), "{text}");
            }
        }
    }

    #[test]
    fn what_is_printed_reads_back() {
        for seconds in [0.006, 0.3, 1.0, 90.0, 300.0, 3600.0, 86_400.0, 0.0125] {
            let text = print_duration(seconds);
            assert!((duration(&text).expect(&text) - seconds).abs() < 1e-9, "{text}");
        }
        assert_eq!((loss(&print_duration(0.0)), loss("5m")), (Ok(0.0), Ok(300.0)));
        for mib in [300.0, 1024.0, 1536.0, 102_400.0, 2.5, 1430.511474609375, 1e-9] {
            let text = print_mebibytes(mib);
            assert!((mebibytes(&text).expect(&text) - mib).abs() < 1e-12, "{text}");
        }
        for (a_second, expected) in
            [(800.0, "800/s"), (0.5, "0.5/s"), (2e6 / 86_400.0, "2000000/day"), (1.0 / 60.0, "1/min")]
        {
            assert_eq!(print_rate(a_second), expected);
        }
        for a_second in [1.0 / 3.0, 1e-9, 1.0 / 31_536_000.0, 12_345.678_901_234] {
            let text = print_rate(a_second);
            assert_eq!(rate(&text), Ok(a_second), "{text}");
        }
    }
}
