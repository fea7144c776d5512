//! When a job runs: "every night at 3", "hourly", "every 15 minutes", "on weekdays at 18:30", or cron itself.
//!
//! What cron cannot say, such as every 45 minutes, is asked for and not rounded.

use std::ops::Range;

use super::draft::{Cron, Draft};
use super::reader::{Mentions, nearest_of};
use super::terms::Role;
use super::tokens::{Kind, Token};
use crate::yaml::format::Format;

/// How often, as a word, with minute, hour, day of month, month and day of week. `M` and `H` are the time of day.
static OFTEN: &[(&str, &str)] = &[
    ("nightly", "M H * * *"),
    ("night", "M H * * *"),
    ("nights", "M H * * *"),
    ("daily", "M H * * *"),
    ("day", "M H * * *"),
    ("morning", "M H * * *"),
    ("evening", "M H * * *"),
    ("hourly", "0 * * * *"),
    ("hour", "0 * * * *"),
    ("minute", "* * * * *"),
    ("weekly", "M H * * 1"),
    ("week", "M H * * 1"),
    ("monthly", "M H 1 * *"),
    ("month", "M H 1 * *"),
    ("quarterly", "M H 1 */3 *"),
    ("quarter", "M H 1 */3 *"),
    ("yearly", "M H 1 1 *"),
    ("annually", "M H 1 1 *"),
    ("year", "M H 1 1 *"),
    ("weekday", "M H * * 1-5"),
    ("weekdays", "M H * * 1-5"),
    ("weekend", "M H * * 0,6"),
    ("weekends", "M H * * 0,6"),
];
/// Days by name, as cron counts them.
static DAYS: &[(&str, u8)] = &[
    ("sunday", 0),
    ("monday", 1),
    ("tuesday", 2),
    ("wednesday", 3),
    ("thursday", 4),
    ("friday", 5),
    ("saturday", 6),
];
/// Words after a time of day that move it by hours which depend on the date.
static ZONES: &[&str] = &[
    "cet", "cest", "gmt", "bst", "est", "edt", "cst", "cdt", "mst", "pst", "pdt", "pt", "ist", "jst", "local",
];
/// The hour taken when the text says only how often: few people work then, in the zone the schedule is in.
const QUIET_HOUR: u8 = 2;

/// Gives the nearest job its schedule.
pub(super) fn read(tokens: &[Token], near: &Mentions, draft: &mut Draft<'_>) {
    if let Some((said, expression)) = cron(tokens, draft.text) {
        return give(said, Cron { expression, exact: true }, 0, near, draft);
    }
    let days = named_days(tokens);
    if let (Some(first), Some(last)) = (days.first(), days.last()) {
        let mut numbers: Vec<String> = days.iter().map(|(_, n)| n.to_string()).collect();
        numbers.sort();
        numbers.dedup();
        let pattern = format!("M H * * {}", numbers.join(","));
        return timed(tokens[first.0].start..tokens[last.0].end, &pattern, first.0, tokens, near, draft);
    }
    for at in 0..tokens.len() {
        let before = at.checked_sub(1).map_or("", |b| tokens[b].word());
        let every = matches!(before, "every" | "each");
        let word = tokens[at].word();
        if let (true, Kind::Number(n)) = (every, &tokens[at].kind) {
            let Some(unit) = tokens.get(at + 1) else { continue };
            let said = tokens[at].start..unit.end;
            let whole = |most: f64| n.fract() == 0.0 && *n >= 1.0 && most % *n == 0.0 && *n < most;
            let expression = match unit.word() {
                "minutes" | "minute" | "min" | "mins" if whole(60.0) => format!("*/{n:.0} * * * *"),
                "hours" | "hour" | "h" if whole(24.0) => format!("0 */{n:.0} * * *"),
                "minutes" | "minute" | "min" | "mins" | "hours" | "hour" | "h" | "seconds" | "second"
                | "s" | "days" | "weeks" | "months" => {
                    if job(at, near, draft).is_some() {
                        let phrase = &draft.text[said.clone()];
                        let what = format!("the times at which it runs: no schedule says \"every {phrase}\"");
                        draft.ask(said, what);
                    }
                    continue;
                }
                _ => continue,
            };
            give(said, Cron { expression, exact: true }, at, near, draft);
        } else if let Some((_, pattern)) = OFTEN.iter().find(|(w, _)| *w == word).filter(|_| {
            every
                || word.ends_with("ly")
                || word.starts_with("week") && before == "on"
                || before == "the" && of_period(tokens, at)
        }) {
            timed(tokens[at].start..tokens[at].end, pattern, at, tokens, near, draft);
        } else if matches!(before, "a" | "per") && matches!(word, "day") && at >= 2 {
            // "twice a day"
            let times = match &tokens[at - 2].kind {
                Kind::Word(w) if w == "twice" => 2,
                Kind::Word(w) if w == "once" => 1,
                _ => continue,
            };
            let hours: Vec<String> =
                (0..times).map(|n| (QUIET_HOUR + n * (24 / times)).to_string()).collect();
            let expression = format!("0 {} * * *", hours.join(","));
            give(tokens[at - 2].start..tokens[at].end, Cron { expression, exact: false }, at, near, draft);
        }
    }
}

/// "the first of the month"
fn of_period(tokens: &[Token], at: usize) -> bool {
    at >= 3
        && tokens[at - 2].word() == "of"
        && matches!(tokens[at - 3].word(), "first" | "1st" | "beginning" | "start")
}

/// A pattern with the time of day of the sentence in it.
fn timed(
    said: Range<usize>,
    pattern: &str,
    at: usize,
    tokens: &[Token],
    near: &Mentions,
    draft: &mut Draft<'_>,
) {
    let time = if pattern.contains('H') { time_of_day(tokens, draft.text) } else { None };
    if job(at, near, draft).is_some()
        && let Some(time) = &time
    {
        draft.claim(tokens[time.first].start..tokens[time.last].end);
        let zone = tokens.get(time.last + 1).filter(|t| ZONES.contains(&t.word()));
        let place = tokens.get(time.last + 2).filter(|t| t.word() == "time");
        if let Some(end) = zone.or(place) {
            let said = tokens[time.first].start..end.end;
            let phrase = &draft.text[said.clone()];
            let what = format!("the time in UTC: \"{phrase}\" is taken as UTC, in which schedules are");
            draft.ask(said, what);
        }
    }
    let exact = time.is_some() || !pattern.contains('H');
    let (hour, minute) = time.map_or((QUIET_HOUR, 0), |t| (t.hour, t.minute));
    let expression = pattern.replace('H', &hour.to_string()).replace('M', &minute.to_string());
    give(said, Cron { expression, exact }, at, near, draft);
}

/// The job that a schedule at a token belongs to.
fn job(at: usize, near: &Mentions, draft: &Draft<'_>) -> Option<usize> {
    let here = near.services.iter().copied();
    let jobs: Vec<(usize, usize)> =
        here.filter(|(_, s)| draft.services.get(*s).is_some_and(|s| s.role == Role::Job)).collect();
    let known = draft.services.iter().rposition(|s| s.role == Role::Job && s.schedule.is_none());
    nearest_of(&jobs, at).or(known.filter(|_| jobs.is_empty()))
}

fn give(said: Range<usize>, cron: Cron, at: usize, near: &Mentions, draft: &mut Draft<'_>) {
    let Some(job) = job(at, near, draft) else { return };
    if draft.services[job].schedule.as_ref().is_some_and(|s| s.exact) {
        return;
    }
    // "A nightly job on Mondays at 3": the more exact of the two is meant.
    let corrected = std::mem::replace(&mut draft.corrects, true);
    draft.fact(said, format!("services.{}.schedule", draft.services[job].name), cron.expression.clone());
    draft.corrects = corrected;
    draft.services[job].schedule = Some(cron);
}

/// Five fields of cron between quotes.
fn cron(tokens: &[Token], text: &str) -> Option<(Range<usize>, String)> {
    ['"', '`', '\''].into_iter().find_map(|quote| {
        let mut quotes = tokens.iter().filter(|t| t.is(quote));
        let said = quotes.next()?.end..quotes.next()?.start;
        let expression = text[said.clone()].split_whitespace().collect::<Vec<_>>().join(" ");
        Format::Cron.check(&expression).is_ok().then_some((said, expression))
    })
}

/// Days that are named after "on" or "every", or in the plural: token and number.
fn named_days(tokens: &[Token]) -> Vec<(usize, u8)> {
    let mut found: Vec<(usize, u8)> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let word = token.word();
        let Some((name, number)) = DAYS.iter().find(|(d, _)| *d == word.trim_end_matches('s')) else {
            continue;
        };
        let before = at.checked_sub(1).map_or("", |b| tokens[b].word());
        let goes_on = found.last().is_some_and(|(last, _)| at - last <= 2);
        if *name != word || matches!(before, "on" | "every" | "each") || goes_on {
            found.push((at, *number));
        }
    }
    // "Black Friday" is no schedule.
    found.retain(|(at, _)| *at == 0 || tokens[at - 1].word() != "black");
    found
}

/// A time of day and the tokens that say it.
struct Time {
    hour: u8,
    minute: u8,
    first: usize,
    last: usize,
}

/// "at 3", "at 3 am", "2am", "14:30", "at 11:45 pm", "at midnight".
fn time_of_day(tokens: &[Token], text: &str) -> Option<Time> {
    (0..tokens.len()).find_map(|at| {
        let announced = at > 0 && matches!(tokens[at - 1].word(), "at" | "around");
        if let "midnight" | "noon" = tokens[at].word() {
            let hour = if tokens[at].word() == "noon" { 12 } else { 0 };
            return Some(Time { hour, minute: 0, first: at, last: at });
        }
        if !matches!(tokens[at].kind, Kind::Number(_)) {
            return None;
        }
        let colon = tokens.get(at + 1).is_some_and(|t| t.is(':') && t.start == tokens[at].end)
            && tokens.get(at + 2).is_some_and(|t| matches!(t.kind, Kind::Number(_)));
        let mut last = if colon { at + 2 } else { at };
        let half = tokens.get(last + 1).map_or("", Token::word);
        let written = text[tokens[at].start..tokens[last].end].replace('.', ":");
        let (hour, minute) = written.split_once(':').unwrap_or((&written, "0"));
        let (mut hour, minute) = (hour.parse::<u8>().ok()?, minute.parse::<u8>().ok()?);
        match half {
            "am" | "a.m" | "pm" | "p.m" if (1..=12).contains(&hour) => {
                last += 1;
                hour = hour % 12 + if half.starts_with('p') { 12 } else { 0 };
            }
            // A plain number is a time only where one is announced and it counts nothing else.
            _ if colon
                || (announced && matches!(half, "" | "every" | "each" | "and" | "on" | "in" | "o'clock")) => {
            }
            _ if announced && ZONES.contains(&half) || half == "utc" => {}
            _ => return None,
        }
        if half == "utc" {
            last += 1;
        }
        (hour < 24 && minute < 60).then_some(Time { hour, minute, first: at, last })
    })
}
