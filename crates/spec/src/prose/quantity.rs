//! Numbers with their units, and what in the spec they set.
//!
//! Each kind of quantity is one function that looks at the tokens around a number and either takes it or leaves
//! it to the next. A number that none of them takes is not used.

use ir::{Availability, Usd};

use super::draft::{Draft, Peak};
use super::reader::{Mentions, nearest_of};
use super::terms::Role;
use super::tokens::{Kind, Token};
use crate::model::{LatencyTarget, ResourceType};

/// A number in a sentence.
struct Place<'a> {
    tokens: &'a [Token],
    at: usize,
    value: f64,
    text: &'a str,
    near: &'a Mentions,
}

/// In the order in which they may claim a number.
static READERS: &[fn(&Place<'_>, &mut Draft) -> bool] =
    &[money, nines, share, latency, rate, multiple, size, duration, port];

/// Reads every number of a sentence.
pub(super) fn read(tokens: &[Token], text: &str, near: &Mentions, draft: &mut Draft) {
    for (at, token) in tokens.iter().enumerate() {
        let value = match &token.kind {
            Kind::Number(value) => *value,
            // "an hour", "a minute"
            Kind::Word(w) if matches!(w.as_str(), "a" | "an") && duration_unit(tokens, at + 1).is_some() => {
                1.0
            }
            _ => continue,
        };
        let place = Place { tokens, at, value, text, near };
        let _ = READERS.iter().any(|reader| reader(&place, draft));
    }
}

/// Whether a number is followed by something that makes it a quantity and not a version.
pub(super) fn has_unit(tokens: &[Token], at: usize) -> bool {
    let next = tokens.get(at + 1);
    let word = next.map_or("", Token::word);
    next.is_some_and(|t| t.is('%') || t.is('/') || t.is('$'))
        || RATES.iter().any(|(n, _)| *n == word)
        || SIZES.iter().any(|(n, _)| *n == word)
        || DURATIONS.iter().any(|(n, _)| *n == word)
        || matches!(
            word,
            "x" | "times" | "nines" | "percent" | "dollars" | "usd" | "nodes" | "instances" | "replicas"
        )
}

impl Place<'_> {
    fn word(&self, offset: isize) -> &str {
        let at = self.at.checked_add_signed(offset);
        at.and_then(|at| self.tokens.get(at)).map_or("", Token::word)
    }

    fn sign(&self, offset: isize, sign: char) -> bool {
        let at = self.at.checked_add_signed(offset);
        at.and_then(|at| self.tokens.get(at)).is_some_and(|t| t.is(sign))
    }

    /// The words from the number on, as written.
    fn phrase(&self, last: usize) -> &str {
        let last = last.min(self.tokens.len() - 1);
        &self.text[self.tokens[self.at].start..self.tokens[last].end]
    }

    /// Whether one of some words stands right before or after a quantity that ends at `last`, within its commas.
    fn beside(&self, last: usize, words: &[&str]) -> bool {
        let before = self.tokens[..self.at].iter().rev().take(3).take_while(|t| !t.is(','));
        let after = self.tokens[last + 1..].iter().take(3).take_while(|t| !t.is(','));
        before.chain(after).any(|t| words.contains(&t.word()))
    }

    /// Distance to the nearest of some words, within a few tokens, not across a comma to the right.
    fn distance(&self, words: &[&str]) -> Option<usize> {
        let first = self.at.saturating_sub(7);
        let last = (self.at + 6).min(self.tokens.len() - 1);
        let comma = (self.at..=last).find(|i| self.tokens[*i].is(',')).unwrap_or(last + 1);
        (first..comma).filter(|i| words.contains(&self.tokens[*i].word())).map(|i| i.abs_diff(self.at)).min()
    }
}

/// Words for the highest load.
static PEAKS: &[&str] = &["peak", "peaks", "peaking", "spike", "spikes", "burst", "bursts", "maximum"];

/// What is counted a second.
#[derive(Clone, Copy, PartialEq)]
enum Counted {
    Requests,
    Messages,
    Queries,
    People,
}

static RATES: &[(&str, Counted)] = &[
    ("requests", Counted::Requests),
    ("request", Counted::Requests),
    ("req", Counted::Requests),
    ("reqs", Counted::Requests),
    ("rps", Counted::Requests),
    ("rpm", Counted::Requests),
    ("calls", Counted::Requests),
    ("hits", Counted::Requests),
    ("pageviews", Counted::Requests),
    ("views", Counted::Requests),
    ("messages", Counted::Messages),
    ("message", Counted::Messages),
    ("msgs", Counted::Messages),
    ("msg", Counted::Messages),
    ("events", Counted::Messages),
    ("jobs", Counted::Messages),
    ("emails", Counted::Messages),
    ("mails", Counted::Messages),
    ("queries", Counted::Queries),
    ("qps", Counted::Queries),
    ("transactions", Counted::Queries),
    ("tps", Counted::Queries),
    ("users", Counted::People),
    ("visitors", Counted::People),
    ("customers", Counted::People),
    ("people", Counted::People),
];
/// Seconds of a period.
static PERIODS: &[(&str, f64)] = &[
    ("s", 1.0),
    ("sec", 1.0),
    ("second", 1.0),
    ("seconds", 1.0),
    ("min", 60.0),
    ("minute", 60.0),
    ("m", 60.0),
    ("h", 3600.0),
    ("hour", 3600.0),
    ("hourly", 3600.0),
    ("day", 86_400.0),
    ("d", 86_400.0),
    ("daily", 86_400.0),
    ("week", 604_800.0),
    ("weekly", 604_800.0),
    ("month", 2_628_000.0),
    ("monthly", 2_628_000.0),
    ("year", 31_536_000.0),
    ("yearly", 31_536_000.0),
    ("annually", 31_536_000.0),
];
/// GiB of a size.
static SIZES: &[(&str, f64)] = &[
    ("gb", 1.0),
    ("gib", 1.0),
    ("gig", 1.0),
    ("gigs", 1.0),
    ("gigabytes", 1.0),
    ("tb", 1024.0),
    ("tib", 1024.0),
    ("terabyte", 1024.0),
    ("terabytes", 1024.0),
    ("mb", 1.0 / 1024.0),
    ("mib", 1.0 / 1024.0),
    ("megabytes", 1.0 / 1024.0),
];
/// Seconds of a duration.
static DURATIONS: &[(&str, f64)] = &[
    ("s", 1.0),
    ("sec", 1.0),
    ("secs", 1.0),
    ("second", 1.0),
    ("seconds", 1.0),
    ("m", 60.0),
    ("min", 60.0),
    ("mins", 60.0),
    ("minute", 60.0),
    ("minutes", 60.0),
    ("h", 3600.0),
    ("hr", 3600.0),
    ("hrs", 3600.0),
    ("hour", 3600.0),
    ("hours", 3600.0),
    ("day", 86_400.0),
    ("days", 86_400.0),
];

fn of(table: &[(&str, f64)], word: &str) -> Option<f64> {
    table.iter().find(|(w, _)| *w == word).map(|(_, v)| *v)
}

/// Period that begins at a token: `a second`, `per day`, `/s`, `daily`. Gives seconds and the last token.
fn period(tokens: &[Token], at: usize) -> Option<(f64, usize)> {
    let first = tokens.get(at)?;
    if first.is('/') || matches!(first.word(), "per" | "a" | "an" | "each" | "every") {
        return of(PERIODS, tokens.get(at + 1)?.word()).map(|s| (s, at + 1));
    }
    let adverb = first.word().ends_with("ly");
    of(PERIODS, first.word()).filter(|_| adverb).map(|s| (s, at))
}

fn duration_unit(tokens: &[Token], at: usize) -> Option<f64> {
    of(DURATIONS, tokens.get(at)?.word())
}

fn money(place: &Place<'_>, draft: &mut Draft) -> bool {
    let sign = |offset| ['$', '€', '£'].into_iter().find(|c| place.sign(offset, *c));
    let (currency, used) = match (sign(-1), sign(1), place.word(1)) {
        (Some(sign), _, _) => (sign, 0),
        (None, Some(sign), _) => (sign, 1),
        (None, None, "dollars" | "dollar" | "usd" | "bucks") => ('$', 1),
        (None, None, "euros" | "euro" | "eur") => ('€', 1),
        (None, None, "pounds" | "gbp") => ('£', 1),
        _ => {
            // "a budget of 800 a month", "under 10k a year"
            let limit = place.distance(&["budget", "spend", "cost", "costs"]).is_some()
                || matches!(place.word(-1), "under" | "below" | "max" | "most");
            let plain = matches!(period(place.tokens, place.at + 1), Some((s, _)) if s >= 2_628_000.0);
            if !(limit && plain) {
                return false;
            }
            ('$', 0)
        }
    };
    let used = if used == 0 && matches!(place.word(1), "usd" | "dollars") { 1 } else { used };
    let every = period(place.tokens, place.at + used + 1);
    let budget = [
        "budget", "spend", "cost", "costs", "under", "below", "within", "most", "max", "maximum", "limit",
        "than", "to", "for",
    ];
    if every.is_none() && place.distance(&budget).is_none() {
        draft.miss(format!("what {} is: a price on its own sets no budget", place.phrase(place.at + used)));
        return true;
    }
    let last = every.map_or(place.at + used, |(_, last)| last);
    if currency != '$' {
        draft.miss(format!(
            "the budget in US dollars: prices are in dollars and {currency}{} is not converted",
            place.value
        ));
        return true;
    }
    let months = every.map_or(1.0, |(seconds, _)| seconds / 2_628_000.0);
    let dollars = (place.value / months * 100.0).round() / 100.0;
    draft.budget = Some(Usd(dollars));
    let phrase = place.phrase(last).to_owned();
    draft.fact(&phrase, "budget", format!("{dollars} USD/month"));
    true
}

fn nines(place: &Place<'_>, draft: &mut Draft) -> bool {
    let count = place.value;
    if place.word(1) != "nines" || !(1.0..=6.0).contains(&count) || count.fract() != 0.0 {
        return false;
    }
    // 99.9, not 99.90000000000001.
    let share = ((1.0 - 0.1_f64.powf(count)) * 1e6).round() / 1e6;
    set_availability(place, share, draft);
    true
}

fn share(place: &Place<'_>, draft: &mut Draft) -> bool {
    let percent = place.sign(1, '%') || matches!(place.word(1), "percent" | "pct");
    if !percent || !(0.0..=100.0).contains(&place.value) || !place.value.is_finite() {
        return false;
    }
    let share = (place.value * 1e6).round() / 1e8;
    if place.distance(&["ms", "milliseconds"]).is_some() {
        return true;
    }
    if let Some(environment) = draft
        .environments
        .iter_mut()
        .find(|(n, _)| place.distance(&[*n]).is_some_and(|d| d <= 5) && share <= 0.9)
    {
        environment.1 = Some(share);
        let key = format!("environments.{}.scale", environment.0);
        let phrase = place.phrase(place.at + 1).to_owned();
        draft.fact(&phrase, key, format!("{}%", place.value));
    } else if (0.9..1.0).contains(&share)
        && (share >= 0.99 || place.distance(&["availability", "uptime", "available", "sla", "up"]).is_some())
    {
        set_availability(place, share, draft);
    } else if share == 1.0 && place.distance(&["availability", "uptime", "available", "up"]).is_some() {
        draft.miss("an availability below 100 %: nothing can promise all of the time");
    }
    true
}

fn set_availability(place: &Place<'_>, share: f64, draft: &mut Draft) {
    draft.availability = Some(Availability(share));
    let phrase = place.phrase(place.at + 1).to_owned();
    draft.fact(&phrase, "environments.production.availability", Availability(share).to_string());
}

fn latency(place: &Place<'_>, draft: &mut Draft) -> bool {
    if !matches!(place.word(1), "ms" | "msec" | "milliseconds" | "millis") || place.value <= 0.0 {
        return false;
    }
    if place.distance(&["cpu"]).is_some() {
        return true;
    }
    let quantile = |t: &Token| {
        t.word().strip_prefix('p').and_then(|n| n.parse::<f64>().ok()).filter(|n| (50.0..100.0).contains(n))
    };
    let said = place.tokens.iter().find_map(quantile).or_else(|| {
        let percent = place.tokens.windows(2).find(|w| {
            w[1].is('%') || w[1].word() == "percent" || w[1].word() == "percentile" || w[1].word() == "th"
        })?;
        if let Kind::Number(n) = percent[0].kind {
            Some(n).filter(|n| (50.0..100.0).contains(n))
        } else {
            None
        }
    });
    let target = LatencyTarget { seconds: place.value / 1000.0, quantile: said.unwrap_or(95.0) / 100.0 };
    draft.latency = Some((target, said.is_some()));
    let phrase = place.phrase(place.at + 1).to_owned();
    draft.fact(&phrase, "services.*.slo.latency", format!("{}ms@p{}", place.value, said.unwrap_or(95.0)));
    true
}

fn rate(place: &Place<'_>, draft: &mut Draft) -> bool {
    // At most two words between a number and what it counts: "500 concurrent API requests".
    let noun = (1..=3).find_map(|n| {
        let word = place.word(n);
        let stop =
            word.is_empty() || matches!(word, "and" | "with" | "in" | "on" | "of" | "a" | "an" | "per");
        if stop {
            Some(None)
        } else {
            RATES.iter().find(|(w, _)| *w == word).map(|(w, c)| Some((n.unsigned_abs(), *w, *c)))
        }
    });
    let (used, word, counted) = match noun.flatten() {
        Some(found) => found,
        None if place.sign(1, '/') && of(PERIODS, place.word(2)).is_some() => (0, "", Counted::Requests),
        None => return false,
    };
    let end = place.at + used;
    let every = match word {
        "rps" | "qps" | "tps" => Some((1.0, end)),
        "rpm" => Some((60.0, end)),
        _ => period(place.tokens, end + 1),
    };
    let Some((seconds, last)) = every else {
        if counted == Counted::People {
            draft.miss(format!("requests a second: {} says who asks, not how often", place.phrase(end)));
        }
        return counted == Counted::People;
    };
    let a_second = place.value / seconds;
    let phrase = place.phrase(last).to_owned();
    let service = |draft: &Draft, roles: &[Role]| {
        let of_role: Vec<(usize, usize)> = place
            .near
            .services
            .iter()
            .copied()
            .filter(|(_, s)| draft.services.get(*s).is_some_and(|s| roles.contains(&s.role)))
            .collect();
        nearest_of(&of_role, place.at)
    };
    let shown = format!("{}/s", (a_second * 1e4).round() / 1e4);
    match counted {
        Counted::People => draft.miss(format!("requests a second: {phrase} says who asks, not how often")),
        Counted::Requests if place.beside(last, PEAKS) => {
            draft.peak = Some(Peak::Requests(a_second));
            draft.fact(&phrase, "services.*.load.peak", shown);
        }
        Counted::Requests => match service(draft, &[Role::Api]) {
            Some(index) => {
                draft.services[index].requests = Some(a_second);
                draft.fact(&phrase, format!("services.{}.load.requests", draft.services[index].name), shown);
            }
            None => {
                draft.requests = Some(a_second);
                draft.fact(&phrase, "services.*.load.requests", shown);
            }
        },
        Counted::Messages => match service(draft, &[Role::Worker]) {
            Some(index) => {
                draft.services[index].messages = Some(a_second);
                draft.fact(&phrase, format!("services.{}.load.messages", draft.services[index].name), shown);
            }
            None => {
                draft.messages = Some(a_second);
                draft.fact(&phrase, "services.*.load.messages", shown);
            }
        },
        Counted::Queries => {
            draft.queries = Some(a_second);
            draft.fact(&phrase, "resources.*.load.queries", shown);
        }
    }
    true
}

fn multiple(place: &Place<'_>, draft: &mut Draft) -> bool {
    let times = matches!(place.word(1), "x" | "times" | "fold") || place.sign(1, '×');
    if !times
        || place.value < 1.0
        || place.distance(&["peak", "peaks", "spike", "spikes", "burst", "bursts", "busy", "rush"]).is_none()
    {
        return false;
    }
    draft.peak = Some(Peak::Times(place.value));
    let phrase = place.phrase(place.at + 1).to_owned();
    draft.fact(&phrase, "services.*.load.peak", format!("{}x", place.value));
    true
}

fn size(place: &Place<'_>, draft: &mut Draft) -> bool {
    let Some(gib) = of(SIZES, place.word(1)).map(|f| f * place.value).filter(|g| *g > 0.0) else {
        return false;
    };
    let phrase = place.phrase(place.at + 1).to_owned();
    let memory = place.distance(&["memory", "ram"]).is_some_and(|d| d <= 4);
    let holder = |r: usize| draft.resources.get(r);
    let caches =
        |r: usize| holder(r).is_some_and(|r| matches!(r.ty, ResourceType::Redis | ResourceType::Memcached));
    let stores =
        |r: usize| holder(r).is_some_and(|r| !matches!(r.ty, ResourceType::Queue | ResourceType::Topic));
    let nearest = nearest_of(
        &place.near.resources.iter().copied().filter(|(_, r)| stores(*r)).collect::<Vec<_>>(),
        place.at,
    );
    let shown = format!("{}GiB", (gib * 1e4).round() / 1e4);
    match nearest {
        Some(index) if caches(index) => {
            draft.resources[index].memory_gib = Some(gib);
            draft.fact(&phrase, format!("resources.{}.memory", draft.resources[index].name), shown);
        }
        _ if memory => {
            if let Some(index) = nearest_of(&place.near.services, place.at) {
                draft.services[index].memory_mib = Some(gib * 1024.0);
                draft.fact(&phrase, format!("services.{}.load.memory", draft.services[index].name), shown);
            }
        }
        Some(index) => {
            draft.resources[index].storage_gib = Some(gib);
            let key = if draft.resources[index].ty == ResourceType::Bucket { "size" } else { "storage" };
            draft.fact(&phrase, format!("resources.{}.{key}", draft.resources[index].name), shown);
        }
        None => {
            draft.storage_gib = Some(gib);
            draft.fact(&phrase, "resources.*.storage", shown);
        }
    }
    true
}

fn duration(place: &Place<'_>, draft: &mut Draft) -> bool {
    // "RPO zero", "zero data loss": nothing of nothing needs no unit.
    if place.value == 0.0 && (place.word(-1) == "rpo" || (place.word(1) == "data" && place.word(2) == "loss"))
    {
        draft.rpo = Some(0);
        let phrase = place.phrase(place.at).to_owned();
        draft.fact(&phrase, "environments.production.rpo", "0s");
        return true;
    }
    let Some(seconds) = duration_unit(place.tokens, place.at + 1).map(|s| s * place.value) else {
        return false;
    };
    let rto = place.distance(&[
        "rto",
        "recover",
        "recovered",
        "recovery",
        "restore",
        "restored",
        "back",
        "downtime",
        "outage",
    ]);
    let rpo = place.distance(&["rpo", "point", "lose", "losing", "loss", "lost"]);
    // Rounded up: a target is never made easier than it was said.
    let whole = seconds.ceil().min(1e9) as u64;
    let phrase = place.phrase(place.at + 1).to_owned();
    match (rto, rpo) {
        (rto, Some(d)) if rto.is_none_or(|r| d <= r) => {
            draft.rpo = Some(whole);
            draft.fact(&phrase, "environments.production.rpo", format!("{whole}s"));
        }
        (Some(_), _) => {
            draft.rto = Some(whole);
            draft.fact(&phrase, "environments.production.rto", format!("{whole}s"));
        }
        _ => return false,
    }
    true
}

fn port(place: &Place<'_>, draft: &mut Draft) -> bool {
    let said = place.word(-1) == "port" || (place.word(-2) == "port" && place.word(-1) == "number");
    if !said || place.value.fract() != 0.0 || !(1.0..=65_535.0).contains(&place.value) {
        return false;
    }
    draft.port = Some(place.value as u16);
    let phrase = place.phrase(place.at).to_owned();
    draft.fact(&phrase, "services.*.port", phrase.clone());
    true
}
