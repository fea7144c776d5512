//! What a scalar of `mainstay.yaml` must look like.
//!
//! One variant a format, with its words, its example, its JSON Schema and its test in one place: the reader,
//! the schema and the error messages cannot disagree.

use super::units;

/// The longest name: it begins the names of resources that have limits of their own.
pub const MAX_NAME: usize = 24;

/// A format of a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Anything.
    Any,
    /// The version of the file's format.
    Version,
    /// A name that can begin a resource's name.
    Name,
    /// A name that can be a variable.
    EnvName,
    /// A name that can be a setting's: programs read dots and dashes in them too.
    SettingName,
    /// The value of a setting.
    EnvValue,
    /// A name that can be a database's.
    Identifier,
    /// An e-mail address.
    Email,
    /// A path below the file's folder.
    Path,
    /// A container image.
    Image,
    /// A host name.
    Host,
    /// A path of a URL.
    UrlPath,
    /// A TCP port.
    Port,
    /// A region of a cloud.
    Region,
    /// Five fields of cron.
    Cron,
    /// Events in a time.
    Rate,
    /// A time.
    Duration,
    /// A time whose work may be lost; it may be none.
    Loss,
    /// An amount of memory or storage.
    Size,
    /// A share of time.
    Availability,
    /// A share.
    Share,
    /// A multiple.
    Multiple,
    /// Money in a time.
    Money,
    /// A latency at a quantile.
    Latency,
    /// A positive number.
    Number,
    /// A positive whole number.
    Count,
}

/// What is known about a format.
pub struct Description {
    /// Completes "expected ".
    pub expected: &'static str,
    /// Something that fits.
    pub example: &'static str,
    /// Pattern of the JSON Schema, where a pattern can say it.
    pub pattern: Option<&'static str>,
    /// Whether a number may stand there without quotes.
    pub number: bool,
}

impl Format {
    /// Words, example and pattern.
    #[must_use]
    pub fn describe(self) -> Description {
        let row = |expected, example, pattern, number| Description { expected, example, pattern, number };
        match self {
            Format::Any => row("a text", "text", None, true),
            Format::Version => row("the version of the format, 1", "1", Some("^1$"), true),
            Format::Name => row(
                "a name of lower-case letters, digits and dashes that starts with a letter, at most 24 characters",
                "orders-api",
                Some("^[a-z]([a-z0-9-]{0,22}[a-z0-9])?$"),
                false,
            ),
            Format::EnvName => {
                row("the name of a variable", "STRIPE_KEY", Some("^[A-Za-z_][A-Za-z0-9_]*$"), false)
            }
            Format::SettingName => {
                row("the name of a setting", "LOG_LEVEL", Some("^[A-Za-z_][A-Za-z0-9_.-]*$"), false)
            }
            Format::EnvValue => {
                row("a text with `${...}` references", "http://${cart.host}:7070", None, true)
            }
            Format::Identifier => row(
                "a name of letters, digits and underscores that starts with a letter",
                "orders",
                Some("^[A-Za-z][A-Za-z0-9_]{0,62}$"),
                false,
            ),
            Format::Email => {
                row("an e-mail address", "platform@shop.example", Some("^[^@\\s]+@[^@\\s]+$"), false)
            }
            Format::Path => row("a path below this file's folder", "./api", Some("^[^/].*$"), false),
            Format::Image => row("a container image", "ghcr.io/acme/api:1.4", Some("^[^\\s]+$"), false),
            Format::Host => row(
                "a host name",
                "api.shop.example",
                Some("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$"),
                false,
            ),
            Format::UrlPath => row("a path that starts with a slash", "/healthz", Some("^/[^\\s]*$"), false),
            Format::Port => row("a port from 1 to 65535", "8080", Some("^[0-9]+$"), true),
            Format::Region => row("a region", "eu-west-1", Some("^[a-z]+(-[a-z]+)*-?[0-9]*$"), false),
            Format::Cron => {
                row("five fields of cron in UTC", "0 2 * * *", Some("^(\\S+\\s+){4}\\S+$"), false)
            }
            Format::Rate => row("a rate", "800/s", Some("^[0-9._]+\\s*[kKmM]?\\s*/\\s*[a-z]+$"), false),
            Format::Duration => {
                row("a time", "300ms", Some("^([0-9._]+\\s*(us|ms|s|m|min|h|d)\\s*)+$"), false)
            }
            Format::Loss => {
                row("a time, or `0s` for none", "5m", Some("^([0-9._]+\\s*(us|ms|s|m|min|h|d)\\s*)+$"), false)
            }
            Format::Size => row("a size", "2GiB", Some("^[0-9._]+\\s*[kKMGT]i?B?$"), false),
            Format::Availability => row("a percentage below 100", "99.95%", Some("^[0-9.]+\\s*%$"), false),
            Format::Share => row("a percentage up to 100", "10%", Some("^[0-9.]+\\s*%$"), false),
            Format::Multiple => row("a multiple of the mean", "3x", Some("^[0-9.]+x?$"), true),
            Format::Money => row(
                "an amount in a time",
                "1500 USD/month",
                Some("^\\$?[0-9._]+\\s*([uU][sS][dD])?\\s*/\\s*(month|mo|year|yr)$"),
                false,
            ),
            Format::Latency => {
                row("a time at a quantile", "300ms@p95", Some("^[0-9.]+\\s*(ms|s)\\s*@\\s*p[0-9.]+$"), false)
            }
            Format::Number => row("a positive number", "0.5", Some("^[0-9.]+$"), true),
            Format::Count => row("a positive whole number", "2", Some("^[0-9]+$"), true),
        }
    }

    /// What is wrong with a text, if anything is.
    ///
    /// # Errors
    ///
    /// Returns the reason, a clause such as `it has no unit`.
    pub fn check(self, text: &str) -> Result<(), String> {
        let none = |_| ();
        match self {
            Format::Any | Format::EnvValue => Ok(()),
            Format::Version => say(text == "1", "this version of Mainstay reads version 1"),
            Format::Name => name(text),
            Format::EnvName => say(
                identifier(text, |c| c.is_ascii_alphabetic() || c == '_'),
                "only letters, digits and underscores may stand there, and no digit first",
            ),
            Format::SettingName => say(
                text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                    && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')),
                "only letters, digits, dots, dashes and underscores may stand there, and a letter first",
            ),
            Format::Identifier => say(
                identifier(text, |c| c.is_ascii_alphabetic()) && text.len() <= 63,
                "only letters, digits and underscores may stand there, and a letter first",
            ),
            Format::Email => {
                let fits = text.split_once('@').is_some_and(|(user, host)| {
                    !user.is_empty()
                        && !host.is_empty()
                        && !host.contains('@')
                        && !text.contains(char::is_whitespace)
                });
                say(fits, "one @ with something on both sides")
            }
            Format::Path => path(text),
            Format::Image => {
                say(!text.is_empty() && !text.contains(char::is_whitespace), "an image has no spaces")
            }
            Format::Host => host(text),
            Format::UrlPath => say(
                text.starts_with('/') && !text.contains(char::is_whitespace),
                "it does not start with a slash",
            ),
            Format::Port => match text.parse::<u32>() {
                Ok(1..=65_535) => Ok(()),
                Ok(_) => Err("it is out of range".to_owned()),
                Err(_) => Err("it is no whole number".to_owned()),
            },
            Format::Region => say(
                !text.is_empty()
                    && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
                "regions are written in lower case with dashes",
            ),
            Format::Cron => super::cron::check(text),
            Format::Rate => units::rate(text).map(none),
            Format::Duration => units::duration(text).map(none),
            Format::Loss => units::loss(text).map(none),
            Format::Size => units::mebibytes(text).map(none),
            Format::Availability => units::availability(text).map(none),
            Format::Share => units::share(text).map(none),
            Format::Multiple => units::multiple(text).map(none),
            Format::Money => units::dollars(text).map(none),
            Format::Latency => units::latency(text).map(|_| ()),
            Format::Number => match text.parse::<f64>() {
                Ok(n) if n > 0.0 && n.is_finite() => Ok(()),
                _ => Err("it is no positive number".to_owned()),
            },
            Format::Count => match text.parse::<u32>() {
                Ok(1..) => Ok(()),
                _ => Err("it is no positive whole number".to_owned()),
            },
        }
    }
}

fn say(fits: bool, otherwise: &str) -> Result<(), String> {
    if fits { Ok(()) } else { Err(otherwise.to_owned()) }
}

fn identifier(text: &str, first: fn(char) -> bool) -> bool {
    text.chars().next().is_some_and(first) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn name(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    if let Some(odd) = text.chars().find(|c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-')) {
        return Err(format!("`{odd}` may not stand in it"));
    }
    if !text.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Err("it does not start with a letter".to_owned());
    }
    if text.ends_with('-') || text.contains("--") {
        return Err("a dash stands between letters or digits".to_owned());
    }
    say(text.len() <= MAX_NAME, "it is longer than 24 characters, and some resources' names would not fit")
}

fn host(text: &str) -> Result<(), String> {
    let labels: Vec<&str> = text.split('.').collect();
    let label_fits = |l: &&str| {
        !l.is_empty()
            && l.len() <= 63
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    say(
        labels.len() >= 2 && text.len() <= 253 && labels.iter().all(label_fits),
        "it is no lower-case host name with a domain",
    )
}

fn path(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    if text.contains(char::is_control) {
        return Err("it holds a control character".to_owned());
    }
    if text.starts_with('/') || text.contains('\\') || text.contains(':') {
        return Err("only relative paths with forward slashes work on every machine".to_owned());
    }
    let mut depth = 0_i32;
    for part in text.split('/') {
        depth += match part {
            "" | "." => 0,
            ".." => -1,
            _ => 1,
        };
        if depth < 0 {
            return Err("it leads out of the application's folder".to_owned());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    pub const ALL: &[Format] = &[
        Format::Any,
        Format::Version,
        Format::Name,
        Format::EnvName,
        Format::SettingName,
        Format::EnvValue,
        Format::Identifier,
        Format::Email,
        Format::Path,
        Format::Image,
        Format::Host,
        Format::UrlPath,
        Format::Port,
        Format::Region,
        Format::Cron,
        Format::Rate,
        Format::Duration,
        Format::Loss,
        Format::Size,
        Format::Availability,
        Format::Share,
        Format::Multiple,
        Format::Money,
        Format::Latency,
        Format::Number,
        Format::Count,
    ];

    #[test]
    fn every_example_fits_its_own_format() {
        for format in ALL {
            let example = format.describe().example;
            assert_eq!(format.check(example), Ok(()), "{format:?}: {example}");
        }
    }

    #[test]
    fn every_format_with_a_pattern_refuses_nonsense() {
        for format in ALL.iter().filter(|f| f.describe().pattern.is_some()) {
            for nonsense in ["", " \u{0}\n "] {
                assert!(format.check(nonsense).is_err(), "{format:?} takes {nonsense:?}");
            }
        }
    }

    #[test]
    fn paths_stay_inside() {
        for wrong in ["/etc/passwd", "../x", "a/../../b", "c:\\x", ""] {
            assert!(Format::Path.check(wrong).is_err(), "{wrong}");
        }
        for right in ["./api", "api/", ".", "a/../b"] {
            assert_eq!(Format::Path.check(right), Ok(()), "{right}");
        }
    }
}
