//! What is promised: availability, latency, and how soon and how completely a failure is recovered from.
//!
//! A target is never made easier than it was said: downtime is rounded towards more availability, times up.

use ir::Availability;

use super::draft::Draft;
use super::naming::front;
use super::number::{DURATIONS, Place, of, period};
use super::tokens::{Kind, Token};
use crate::model::LatencyTarget;

pub(super) fn nines(place: &Place<'_>, draft: &mut Draft<'_>) -> bool {
    let count = place.value;
    if place.word(1) != "nines" || !(1.0..=6.0).contains(&count) || count.fract() != 0.0 {
        return false;
    }
    // 99.9, not 99.90000000000001.
    let share = ((1.0 - 0.1_f64.powf(count)) * 1e6).round() / 1e6;
    set_availability(place, share, place.at + 1, draft);
    true
}

pub(super) fn share(place: &Place<'_>, draft: &mut Draft<'_>) -> bool {
    let percent = place.sign(1, '%') || matches!(place.word(1), "percent" | "pct");
    let latency = place.tokens.iter().any(|t| matches!(t.word(), "ms" | "milliseconds" | "msec" | "millis"));
    if !percent
        || !(0.0..=100.0).contains(&place.value)
        || (latency && place.clause_has(&["of", "requests", "ms"]))
    {
        return false;
    }
    let share = (place.value * 1e6).round() / 1e8;
    let availability = place.clause_has(&["availability", "uptime", "available", "sla", "slo", "up"]);
    if let Some(name) = environment(place, draft).filter(|_| share <= 0.9 && !availability && share > 0.0) {
        draft.environment(name).scale = Some(share);
        draft.fact(
            place.said(place.at + 1),
            format!("environments.{name}.scale"),
            format!("{}%", place.value),
        );
        return true;
    }
    if (0.9..1.0).contains(&share) && (share >= 0.99 || availability) {
        set_availability(place, share, place.at + 1, draft);
        return true;
    }
    if share == 1.0 && availability {
        let what = "an availability below 100 %: nothing can promise all of the time";
        draft.ask(place.said(place.at + 1), what);
        return true;
    }
    false
}

/// The environment that a number's clause names first.
fn environment(place: &Place<'_>, draft: &Draft<'_>) -> Option<&'static str> {
    let words = &place.tokens[place.clause()];
    words.iter().find_map(|t| {
        let word = if t.word() == "prod" { "production" } else { t.word() };
        draft.environments.iter().find(|e| e.name == word).map(|e| e.name)
    })
}

fn set_availability(place: &Place<'_>, share: f64, last: usize, draft: &mut Draft<'_>) {
    let said = place.said(last);
    let environment = environment(place, draft).filter(|e| *e != "production");
    match environment {
        Some(name) => draft.environment(name).availability = Some(Availability(share)),
        None => draft.availability = Some(Availability(share)),
    }
    let key = format!("environments.{}.availability", environment.unwrap_or("production"));
    draft.fact(said, key, Availability(share).to_string());
}

/// "At most an hour of downtime a year" is an availability.
pub(super) fn downtime(place: &Place<'_>, draft: &mut Draft<'_>) -> bool {
    let Some(seconds) = of(DURATIONS, place.word(1)).map(|s| s * place.value) else { return false };
    if !place.clause_has(&["downtime", "down", "outage", "outages", "unavailable", "offline"]) {
        return false;
    }
    let end = place.clause().end;
    let Some((length, last)) = (place.at + 2..end).find_map(|at| period(place.tokens, at)) else {
        return false;
    };
    // Rounded up: a target is never made easier than it was said.
    let share = ((1.0 - seconds / length) * 1e6).ceil() / 1e6;
    if !(0.9..1.0).contains(&share) {
        return false;
    }
    set_availability(place, share, last, draft);
    true
}

pub(super) fn latency(place: &Place<'_>, draft: &mut Draft<'_>) -> bool {
    let unit = match place.word(1) {
        "ms" | "msec" | "milliseconds" | "millis" => 1e-3,
        "s" | "sec" | "second" | "seconds"
            if place.clause_has(&["latency", "respond", "responds", "response", "answers", "answer"]) =>
        {
            1.0
        }
        _ => return false,
    };
    let seconds = place.value * unit;
    if seconds <= 0.0 || place.clause_has(&["timeout", "timeouts"]) {
        return false;
    }
    let said = place.said(place.at + 1);
    if place.clause_has(&["cpu"]) {
        let Some(index) = front(place.near, place.at, draft) else { return false };
        draft.services[index].cpu = Some(seconds);
        draft.fact(
            said,
            format!("services.{}.load.cpu", draft.services[index].name),
            format!("{}ms", place.value),
        );
        return true;
    }
    let quantile = |t: &Token| match t.word() {
        "median" => Some(50.0),
        word => word.strip_prefix('p').and_then(|n| n.parse::<f64>().ok()),
    };
    let named = place.tokens.iter().find_map(|t| Some((quantile(t)?, t.start..t.end))).or_else(|| {
        let percent = place
            .tokens
            .windows(2)
            .find(|w| w[1].is('%') || matches!(w[1].word(), "percent" | "percentile" | "th"))?;
        let Kind::Number(share) = percent[0].kind else { return None };
        Some((share, percent[0].start..percent[1].end))
    });
    let named = named.filter(|(n, _)| (50.0..100.0).contains(n));
    if let Some((_, words)) = &named {
        draft.claim(words.clone());
    }
    let said_share = named.map(|(n, _)| n);
    let quantile = said_share.unwrap_or(95.0);
    let target = LatencyTarget { seconds, quantile: (quantile * 1e6).round() / 1e8 };
    draft.latency = Some((target, said_share.is_some()));
    draft.fact(said, "services.*.slo.latency", format!("{}ms@p{quantile}", (seconds * 1e6).round() / 1e3));
    true
}

pub(super) fn duration(place: &Place<'_>, draft: &mut Draft<'_>) -> bool {
    // "RPO zero", "zero data loss": nothing of nothing needs no unit.
    if place.value == 0.0
        && (place.word(-1) == "rpo"
            || place.word(1) == "rpo"
            || (place.word(1) == "data" && place.word(2) == "loss"))
    {
        draft.rpo = Some(0);
        draft.fact(place.said(place.at), "environments.production.rpo", "0s");
        return true;
    }
    let Some(seconds) = of(DURATIONS, place.word(1)).map(|s| s * place.value) else { return false };
    // Rounded up: a target is never made easier than it was said.
    let whole = seconds.ceil().min(1e9) as u64;
    let said = place.said(place.at + 1);
    match place.topic(RECOVERY, LOSS) {
        Some(true) => {
            draft.rto = Some(whole);
            draft.fact(said, "environments.production.rto", format!("{whole}s"));
        }
        Some(false) => {
            draft.rpo = Some(whole);
            draft.fact(said, "environments.production.rpo", format!("{whole}s"));
        }
        None => return false,
    }
    true
}

/// "No data loss", "must not lose any data".
pub(super) fn no_loss(tokens: &[Token], draft: &mut Draft<'_>) {
    static NONE: &[&[&str]] = &[
        &["no", "data", "loss"],
        &["without", "data", "loss"],
        &["no", "loss", "of", "data"],
        &["not", "lose", "any", "data"],
        &["not", "lose", "data"],
        &["cannot", "lose", "any", "data"],
        &["cannot", "lose", "data"],
        &["can't", "lose", "any", "data"],
        &["can't", "lose", "data"],
        &["never", "lose", "any", "data"],
        &["never", "lose", "data"],
    ];
    let found = NONE.iter().find_map(|words| {
        let said =
            tokens.windows(words.len()).find(|w| w.iter().map(Token::word).eq(words.iter().copied()))?;
        Some(said[0].start..said[said.len() - 1].end)
    });
    if let Some(said) = found {
        draft.rpo = Some(0);
        draft.fact(said, "environments.production.rpo", "0s");
    }
}

static RECOVERY: &[&str] = &[
    "rto",
    "recover",
    "recovers",
    "recovered",
    "recovery",
    "restore",
    "restored",
    "back",
    "downtime",
    "outage",
];

static LOSS: &[&str] = &["rpo", "point", "lose", "losing", "loss", "lost"];
