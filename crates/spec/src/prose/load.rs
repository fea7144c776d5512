//! How much there is to do: requests, messages and queries a second, and how high they rise.
//!
//! A number of people is no load, and says so; the higher of a range is taken.

use super::draft::{Draft, Peak};
use super::number::{PERIODS, Place, after, of, period};
use super::reader::nearest_of;
use super::terms::Role;
use super::tokens::Token;

pub(super) fn rate(place: &Place<'_>, draft: &mut Draft<'_>) -> bool {
    // At most three words between a number and what it counts: "10k daily active users".
    let noun = (1..=4).find_map(|n| {
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
        None => return peak_alone(place, draft),
    };
    // 1.5m requests
    let value = if used > 1 && place.word(1) == "m" { place.value * 1e6 } else { place.value };
    let end = place.at + used;
    let inner = (place.at + 1..end).find_map(|at| period(place.tokens, at).filter(|(_, last)| *last < end));
    let every = match word {
        "rps" | "qps" | "tps" => Some((1.0, end)),
        "rpm" => Some((60.0, end)),
        _ => period(place.tokens, end + 1).or(inner.map(|(seconds, _)| (seconds, end))),
    };
    let last = every.map_or(end, |(_, last)| last);
    let (said, phrase) = (place.said(last), place.phrase(last));
    if counted == Counted::People {
        draft.people = Some(value);
        draft.ask(said, format!("requests a second: {phrase} says who asks, not how often"));
        return true;
    }
    let Some((seconds, last)) = every else { return false };
    let each = |at: usize| place.tokens.get(at).is_some_and(|t| matches!(t.word(), "each" | "per" | "every"));
    let clause = place.clause().start;
    let per_person = (place.at.saturating_sub(3).max(clause)..place.at)
        .any(|at| each(at) && place.tokens[at].word() != "per")
        || (each(last + 1)
            && matches!(after(place.tokens, last + 1), "" | "user" | "customer" | "visitor" | "person"));
    let people = match (per_person, draft.people) {
        (false, _) => 1.0,
        (true, Some(people)) => people,
        (true, None) => {
            draft.ask(said, format!("how many they are: \"{phrase}\" is of each"));
            return true;
        }
    };
    if per_person {
        draft.missing.retain(|m| !m.ends_with("says who asks, not how often"));
    }
    count(place, counted, value * people / seconds, last, draft);
    true
}

/// "400 at peak" after a rate: the unit is the one before.
fn peak_alone(place: &Place<'_>, draft: &mut Draft<'_>) -> bool {
    let known = draft.requests.is_some() || draft.services.iter().any(|s| s.requests.is_some());
    let at_peak = matches!(place.word(1), "at" | "in" | "during" | "on") && PEAKS.contains(&place.word(2));
    let peak_of =
        PEAKS.contains(&place.word(-1)) || (PEAKS.contains(&place.word(-2)) && place.word(-1) == "of");
    let counts = !matches!(place.word(1), "" | "at" | "in" | "during" | "on");
    if !known || !(at_peak || (peak_of && !counts)) || place.sign(1, '%') {
        return false;
    }
    draft.peak = Some(Peak::Requests(place.value));
    let last = if at_peak { place.at + 2 } else { place.at };
    draft.fact(place.said(last), "services.*.load.peak", format!("{}/s", place.value));
    true
}

/// Whether a quantity that ends at `last` is a peak and no mean: by the nearest word for either.
fn is_peak(place: &Place<'_>, last: usize) -> bool {
    let nearest = |words: &[&str]| {
        let comma = |t: &&Token| !t.is(',');
        let before = place.tokens[..place.at].iter().rev().take(4).take_while(comma);
        let after = place.tokens[last + 1..].iter().take(4).take_while(comma);
        let at = |mut tokens: Box<dyn Iterator<Item = &Token> + '_>| {
            tokens.position(|t| words.contains(&t.word()))
        };
        [at(Box::new(before)), at(Box::new(after))].into_iter().flatten().min()
    };
    let up_to = place.word(-1) == "to" && place.word(-2) == "up";
    match (nearest(PEAKS), nearest(MEANS)) {
        // In "40 rps peak 10 rps average" the word before belongs to the number before it.
        (Some(peak), Some(mean)) if peak == mean => {
            let taken = RATES.iter().any(|(unit, _)| place.word(-2) == *unit);
            PEAKS.contains(&place.word(-1)) != taken
        }
        (Some(peak), Some(mean)) => peak < mean,
        (Some(_), None) => true,
        (None, Some(_)) => false,
        (None, None) => up_to,
    }
}

/// A number a second of what is counted, for the service or the resource that it stands next to.
fn count(place: &Place<'_>, counted: Counted, a_second: f64, last: usize, draft: &mut Draft<'_>) {
    let said = place.said(last);
    let shown = format!("{}/s", (a_second * 1e4).round() / 1e4);
    let service = |draft: &Draft<'_>, role: Role| {
        let of_role = place.near.services.iter().copied();
        let of_role: Vec<(usize, usize)> =
            of_role.filter(|(_, s)| draft.services.get(*s).is_some_and(|s| s.role == role)).collect();
        nearest_of(&of_role, place.at).or_else(|| draft.only(|s| s.role == role))
    };
    let key = match counted {
        Counted::Requests if is_peak(place, last) => {
            draft.peak = Some(Peak::Requests(a_second));
            "services.*.load.peak".to_owned()
        }
        Counted::Requests => match service(draft, Role::Api) {
            Some(index) => {
                draft.services[index].requests = Some(a_second);
                format!("services.{}.load.requests", draft.services[index].name)
            }
            None => {
                draft.requests = Some(a_second);
                "services.*.load.requests".to_owned()
            }
        },
        Counted::Messages => match service(draft, Role::Worker) {
            Some(index) => {
                draft.services[index].messages = Some(a_second);
                format!("services.{}.load.messages", draft.services[index].name)
            }
            None => {
                draft.messages = Some(a_second);
                "services.*.load.messages".to_owned()
            }
        },
        Counted::Queries | Counted::People => {
            draft.queries = Some(a_second);
            "resources.*.load.queries".to_owned()
        }
    };
    draft.fact(said, key, shown);
}

pub(super) fn multiple(place: &Place<'_>, draft: &mut Draft<'_>) -> bool {
    let word = of(MULTIPLES, place.tokens[place.at].word()).is_some();
    let times = word || matches!(place.word(1), "x" | "times" | "fold") || place.sign(1, '×');
    let has = |words: &[&str]| place.tokens.iter().any(|t| words.contains(&t.word()));
    let grows = has(&["every", "growth", "grow", "grows", "year", "years", "monthly"]);
    if !times || place.value < 1.0 || grows || !(has(PEAKS) || has(LOADS)) {
        return false;
    }
    draft.peak = Some(Peak::Times(place.value));
    let last = if word { place.at } else { place.at + 1 };
    draft.fact(place.said(last), "services.*.load.peak", format!("{}x", place.value));
    true
}

/// Words for the highest load.
static PEAKS: &[&str] = &[
    "peak",
    "peaks",
    "peaking",
    "spike",
    "spikes",
    "spiking",
    "burst",
    "bursts",
    "bursting",
    "maximum",
    "surge",
    "surges",
    "rush",
    "busiest",
    "friday",
    "christmas",
    "holidays",
    "campaign",
    "campaigns",
    "sale",
    "sales",
];

/// Words for the usual load.
static MEANS: &[&str] =
    &["average", "avg", "mean", "normal", "normally", "usual", "usually", "typical", "typically"];

/// Words beside which a multiple is one of the load.
static LOADS: &[&str] =
    &["traffic", "load", "scale", "scales", "scaling", "requests", "demand", "busy", "weekends"];

/// Words that multiply.
pub(super) static MULTIPLES: &[(&str, f64)] =
    &[("doubles", 2.0), ("double", 2.0), ("triples", 3.0), ("triple", 3.0), ("quadruples", 4.0)];

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
    ("visits", Counted::People),
    ("sessions", Counted::People),
    ("customers", Counted::People),
    ("people", Counted::People),
];
