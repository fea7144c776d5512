//! When a job runs: "every night at 3", "hourly", "every 15 minutes".

use super::draft::{Cron, Draft};
use super::reader::{Mentions, nearest_of};
use super::terms::Role;
use super::tokens::{Kind, Token};

/// How often, as a word, with minute, hour, day of month, month and day of week. `H` is the hour.
static OFTEN: &[(&str, &str)] = &[
    ("nightly", "0 H * * *"),
    ("night", "0 H * * *"),
    ("daily", "0 H * * *"),
    ("day", "0 H * * *"),
    ("morning", "0 H * * *"),
    ("hourly", "0 * * * *"),
    ("hour", "0 * * * *"),
    ("weekly", "0 H * * 1"),
    ("week", "0 H * * 1"),
    ("monthly", "0 H 1 * *"),
    ("month", "0 H 1 * *"),
    ("monday", "0 H * * 1"),
    ("tuesday", "0 H * * 2"),
    ("wednesday", "0 H * * 3"),
    ("thursday", "0 H * * 4"),
    ("friday", "0 H * * 5"),
    ("saturday", "0 H * * 6"),
    ("sunday", "0 H * * 0"),
];
/// The hour taken when the text says only how often: few people work then, in the zone the schedule is in.
const QUIET_HOUR: f64 = 2.0;

/// Gives the nearest job its schedule.
pub(super) fn read(tokens: &[Token], text: &str, near: &Mentions, draft: &mut Draft) {
    for at in 0..tokens.len() {
        let every = at > 0 && matches!(tokens[at - 1].word(), "every" | "each");
        let word = tokens[at].word();
        let alone = word.ends_with("ly");
        let (expression, exact, last) = if let (true, Kind::Number(n)) = (every, &tokens[at].kind) {
            let unit = tokens.get(at + 1).map_or("", Token::word);
            match unit {
                "minutes" | "minute" | "min" if (1.0..60.0).contains(n) => {
                    (format!("*/{n:.0} * * * *"), true, at + 1)
                }
                "hours" | "hour" | "h" if (1.0..24.0).contains(n) => {
                    (format!("0 */{n:.0} * * *"), true, at + 1)
                }
                _ => continue,
            }
        } else if let Some((_, pattern)) = OFTEN.iter().find(|(w, _)| *w == word).filter(|_| every || alone) {
            let hour = hour(tokens);
            let exact = hour.is_some() || !pattern.contains('H');
            (pattern.replace('H', &format!("{:.0}", hour.unwrap_or(QUIET_HOUR))), exact, at)
        } else {
            continue;
        };
        let jobs: Vec<(usize, usize)> =
            near.services.iter().copied().filter(|(_, s)| draft.services[*s].role == Role::Job).collect();
        let known = draft.services.iter().rposition(|s| s.role == Role::Job && s.schedule.is_none());
        let Some(job) = nearest_of(&jobs, at).or(known.filter(|_| jobs.is_empty())) else { continue };
        if draft.services[job].schedule.as_ref().is_some_and(|s| s.exact) {
            continue;
        }
        let phrase = &text[tokens[at].start..tokens[last].end];
        draft.fact(phrase, format!("services.{}.schedule", draft.services[job].name), expression.clone());
        draft.services[job].schedule = Some(Cron { expression, exact });
    }
}

/// The hour in "at 3", "at 3 am", "at 14:30", "at midnight".
fn hour(tokens: &[Token]) -> Option<f64> {
    let at = tokens.windows(2).position(|w| {
        w[0].word() == "at"
            && (matches!(w[1].kind, Kind::Number(_)) || matches!(w[1].word(), "midnight" | "noon"))
    })?;
    let hour = match &tokens[at + 1].kind {
        Kind::Number(n) => *n,
        Kind::Word(w) if w == "noon" => 12.0,
        _ => 0.0,
    };
    let after = tokens.get(at + 2).map_or("", Token::word);
    let hour = if after == "pm" && hour < 12.0 { hour + 12.0 } else { hour };
    let hour = if after == "am" && hour == 12.0 { 0.0 } else { hour };
    (hour.fract() == 0.0 && (0.0..24.0).contains(&hour)).then_some(hour)
}
