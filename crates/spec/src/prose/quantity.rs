//! Numbers with their units, and what in the spec they set.
//!
//! Each kind of quantity is one function that looks at the tokens around a number and either takes it or leaves
//! it to the next. A number that none of them takes is left over, and reported as such.

use ir::Usd;

use super::draft::Draft;
use super::load::{MULTIPLES, multiple, rate};
use super::naming::front;
use super::number::{CURRENCIES, DURATIONS, Place, after, of, period};
use super::promise::{downtime, duration, latency, nines, no_loss, share};
use super::reader::{Mentions, nearest_of};
use super::terms::Role;
use super::tokens::{Kind, Token};
use crate::model::ResourceType;

/// In the order in which they may claim a number.
static READERS: &[fn(&Place<'_>, &mut Draft<'_>) -> bool] =
    &[ambiguous, money, nines, share, latency, rate, multiple, size, downtime, duration, port];

/// Reads every number of a sentence.
pub(super) fn read(tokens: &[Token], near: &Mentions, draft: &mut Draft<'_>) {
    for (at, token) in tokens.iter().enumerate() {
        if draft.is_claimed(&(token.start..token.end)) {
            continue;
        }
        let value = match &token.kind {
            Kind::Number(value) => *value,
            // "an hour", "a minute"
            Kind::Word(w)
                if matches!(w.as_str(), "a" | "an") && of(DURATIONS, after(tokens, at)).is_some() =>
            {
                1.0
            }
            Kind::Word(w) => match of(MULTIPLES, w) {
                Some(times) => times,
                None => continue,
            },
            Kind::Sign(_) => continue,
        };
        let place = Place { tokens, at, value, text: draft.text, near };
        let _ = READERS.iter().any(|reader| reader(&place, draft));
    }
    no_loss(tokens, draft);
}

/// "1.200" is twelve hundred in half of the world, and "1 500" may be one number or two: neither is guessed.
fn ambiguous(place: &Place<'_>, draft: &mut Draft<'_>) -> bool {
    let token = &place.tokens[place.at];
    let written = &place.text[token.start..token.end];
    let thousands = written.split_once('.').is_some_and(|(whole, part)| {
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        part.len() == 3 && digits(part) && digits(whole) && !whole.starts_with('0') && whole.len() <= 3
    });
    let share = place.sign(1, '%') || matches!(place.word(1), "percent" | "pct");
    if thousands && !share {
        let what = format!("whether {written} is {} or {}", written.replace('.', ""), place.value);
        draft.ask(token.start..token.end, what);
        return true;
    }
    let before = place.at.checked_sub(1).map(|b| &place.tokens[b]);
    let Some(before) = before.filter(|b| matches!(b.kind, Kind::Number(_)) && b.end + 1 == token.start)
    else {
        return false;
    };
    let digits = |t: &Token| place.text[t.start..t.end].bytes().all(|b| b.is_ascii_digit());
    let grouped = digits(before) && digits(token) && token.end - token.start == 3;
    if !grouped || draft.is_claimed(&(before.start..before.end)) {
        return false;
    }
    let both = before.start..token.end;
    let what = format!("whether \"{}\" is one number or two", &place.text[both.clone()]);
    draft.ask(both, what);
    true
}

fn money(place: &Place<'_>, draft: &mut Draft<'_>) -> bool {
    let sign = |offset| CURRENCIES.iter().copied().find(|c| place.sign(offset, *c));
    // In "99 $800" the sign belongs to the number behind it.
    let next = place.tokens.get(place.at + 2);
    let taken =
        next.is_some_and(|t| matches!(t.kind, Kind::Number(_)) && place.tokens[place.at + 1].end == t.start);
    let (currency, used) = match (sign(-1), sign(1).filter(|_| !taken), of(MONEY, place.word(1))) {
        (Some(sign), _, named) => (named.unwrap_or(sign), usize::from(named.is_some())),
        (None, Some(sign), _) | (None, None, Some(sign)) => (sign, 1),
        (None, None, None) => {
            // "a budget of 800 a month", "under 10k a year"
            let limit = place.clause_has(&["budget", "spend", "cost", "costs"])
                || matches!(place.word(-1), "under" | "below" | "max" | "most");
            let plain = matches!(period(place.tokens, place.at + 1), Some((s, _)) if s >= 2_628_000.0);
            if !(limit && plain) {
                return false;
            }
            ('$', 0)
        }
    };
    let every = period(place.tokens, place.at + used + 1);
    let last = every.map_or(place.at + used, |(_, last)| last);
    let said = place.said(last);
    let phrase = place.phrase(last);
    let budget = [
        "budget", "spend", "cost", "costs", "under", "below", "within", "most", "max", "maximum", "limit",
        "than", "to", "for",
    ];
    let near = place.at.saturating_sub(7)..place.clause().end;
    if every.is_none() && place.distance(near, &budget).is_none() {
        draft.ask(said, format!("what {phrase} is: a price on its own sets no budget"));
        return true;
    }
    if currency != '$' {
        draft.ask(
            said,
            format!("the budget in US dollars: prices are in dollars and {phrase} is not converted"),
        );
        return true;
    }
    let months = every.map_or(1.0, |(seconds, _)| seconds / 2_628_000.0);
    let dollars = (place.value / months * 100.0).round() / 100.0;
    draft.budget = Some(Usd(dollars));
    draft.budget_without_period = every.is_none();
    draft.fact(said, "budget", format!("{dollars} USD/month"));
    true
}

fn size(place: &Place<'_>, draft: &mut Draft<'_>) -> bool {
    let Some(gib) = of(SIZES, place.word(1)).map(|f| f * place.value).filter(|g| *g > 0.0) else {
        return false;
    };
    let said = place.said(place.at + 1);
    if let Some((_, last)) = (place.at + 2..place.clause().end).find_map(|at| period(place.tokens, at)) {
        let said = place.said(last);
        let phrase = &place.text[said.clone()];
        draft.ask(said, format!("how much is stored in all: \"{phrase}\" says how fast it grows"));
        return true;
    }
    let shown = format!("{}GiB", (gib * 1e4).round() / 1e4);
    let holder = |r: usize| draft.resources.get(r).map(|r| r.ty);
    let stores: Vec<(usize, usize)> = place
        .near
        .resources
        .iter()
        .copied()
        .filter(|(_, r)| {
            holder(*r).is_some_and(|ty| !matches!(ty, ResourceType::Queue | ResourceType::Topic))
        })
        .collect();
    let holds = |ty| !matches!(ty, ResourceType::Queue | ResourceType::Topic);
    let mut held = (0..draft.resources.len()).filter(|r| holds(draft.resources[*r].ty));
    let only = held.next().filter(|_| held.next().is_none());
    let nearest = nearest_of(&stores, place.at).or(only);
    let caches = |ty| matches!(ty, Some(ResourceType::Redis | ResourceType::Memcached));
    let files = (2..=4).map(|n| place.word(n)).take_while(|w| !w.is_empty()).any(|w| FILES.contains(&w));
    if files {
        let index = draft.resource(ResourceType::Bucket, None);
        draft.resources[index].storage_gib = Some(gib);
        draft.fact(said, format!("resources.{}.size", draft.resources[index].name), shown);
    } else if let Some(index) = nearest.filter(|r| caches(holder(*r))) {
        draft.resources[index].memory_gib = Some(gib);
        draft.fact(said, format!("resources.{}.memory", draft.resources[index].name), shown);
    } else if place.clause_has(&["memory", "ram"]) {
        let near = nearest_of(&place.near.services, place.at);
        let Some(index) = near.or_else(|| draft.only(|_| true)) else { return false };
        draft.services[index].memory_mib = Some(gib * 1024.0);
        draft.fact(said, format!("services.{}.load.memory", draft.services[index].name), shown);
    } else if let Some(index) = nearest {
        draft.resources[index].storage_gib = Some(gib);
        let key = if draft.resources[index].ty == ResourceType::Bucket { "size" } else { "storage" };
        draft.fact(said, format!("resources.{}.{key}", draft.resources[index].name), shown);
    } else {
        draft.storage_gib = Some(gib);
        draft.fact(said, "resources.*.storage", shown);
    }
    true
}

fn port(place: &Place<'_>, draft: &mut Draft<'_>) -> bool {
    let said = place.word(-1) == "port" || (place.word(-2) == "port" && place.word(-1) == "number");
    if !said || place.value.fract() != 0.0 || !(1.0..=65_535.0).contains(&place.value) {
        return false;
    }
    let number = place.value as u16;
    let key = match front(place.near, place.at, draft).filter(|s| draft.services[*s].role == Role::Api) {
        Some(index) => {
            draft.services[index].port = Some(number);
            format!("services.{}.port", draft.services[index].name)
        }
        None => {
            draft.port = Some(number);
            "services.*.port".to_owned()
        }
    };
    draft.fact(place.said(place.at), key, number.to_string());
    true
}

/// What is kept in files and not in a database.
static FILES: &[&str] = &[
    "images",
    "photos",
    "pictures",
    "videos",
    "video",
    "files",
    "documents",
    "pdfs",
    "attachments",
    "media",
    "assets",
    "uploads",
    "recordings",
    "audio",
];

/// Words of money, with its sign.
static MONEY: &[(&str, char)] = &[
    ("dollars", '$'),
    ("dollar", '$'),
    ("usd", '$'),
    ("bucks", '$'),
    ("euros", '€'),
    ("euro", '€'),
    ("eur", '€'),
    ("pounds", '£'),
    ("gbp", '£'),
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
