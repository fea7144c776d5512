//! A number in a sentence, and the words around it that tell what it is a number of.
//!
//! A clause ends at a comma, "and" or "but": what stands in the same clause as a number counts before anything
//! else. Which key a number sets is not known here.

use std::ops::Range;

use super::reader::Mentions;
use super::tokens::{Kind, Token};

/// A number in a sentence.
pub(super) struct Place<'a> {
    pub tokens: &'a [Token],
    pub at: usize,
    pub value: f64,
    pub text: &'a str,
    pub near: &'a Mentions,
}

impl<'a> Place<'a> {
    pub fn word(&self, offset: isize) -> &'a str {
        let at = self.at.checked_add_signed(offset);
        at.and_then(|at| self.tokens.get(at)).map_or("", Token::word)
    }

    pub fn sign(&self, offset: isize, sign: char) -> bool {
        let at = self.at.checked_add_signed(offset);
        at.and_then(|at| self.tokens.get(at)).is_some_and(|t| t.is(sign))
    }

    /// From the number, with the first of a range, to a token.
    pub fn said(&self, last: usize) -> Range<usize> {
        let first = self.range().unwrap_or(self.at);
        let money = first > 0 && CURRENCIES.iter().any(|c| self.tokens[first - 1].is(*c));
        let first = if money { first - 1 } else { first };
        self.tokens[first].start..self.tokens[last.min(self.tokens.len() - 1)].end
    }

    pub fn phrase(&self, last: usize) -> &'a str {
        &self.text[self.said(last)]
    }

    /// The lower number of "100-200", "100 to 200" and "between 100 and 200", of which the upper one counts.
    pub fn range(&self) -> Option<usize> {
        let between = self.at.checked_sub(1)?;
        let low = between.checked_sub(1)?;
        let joint = &self.tokens[between];
        let joined = joint.is('-')
            || joint.is('–')
            || joint.word() == "to"
            || (joint.word() == "and" && low > 0 && self.tokens[low - 1].word() == "between");
        let Kind::Number(lower) = self.tokens[low].kind else { return None };
        (joined && lower <= self.value).then_some(low)
    }

    /// The tokens of the clause: up to a comma, "and" or "but" on either side.
    pub fn clause(&self) -> Range<usize> {
        let ends = |t: &Token| t.is(',') || t.is('(') || matches!(t.word(), "and" | "but" | "with");
        let first = self.range().unwrap_or(self.at);
        let start = self.tokens[..first].iter().rposition(ends).map_or(0, |at| at + 1);
        let end = self.tokens[self.at..].iter().position(ends).map_or(self.tokens.len(), |n| self.at + n);
        start..end
    }

    /// Whether one of some words stands in the clause.
    pub fn clause_has(&self, words: &[&str]) -> bool {
        self.tokens[self.clause()].iter().any(|t| words.contains(&t.word()))
    }

    /// How far away the nearest of some words is among these tokens; before counts as nearer than behind.
    pub fn distance(&self, among: Range<usize>, words: &[&str]) -> Option<usize> {
        let far = |i: usize| 2 * i.abs_diff(self.at) + usize::from(i > self.at);
        among.filter(|i| words.contains(&self.tokens[*i].word())).map(far).min()
    }

    /// Which of two topics a number belongs to: in its own clause, or else what stands within seven tokens before.
    pub fn topic(&self, one: &[&str], two: &[&str]) -> Option<bool> {
        let before = self.at.saturating_sub(7)..self.at;
        [self.clause(), before].into_iter().find_map(|among| {
            match (self.distance(among.clone(), one), self.distance(among, two)) {
                (None, None) => None,
                (Some(a), Some(b)) => Some(a < b),
                (a, _) => Some(a.is_some()),
            }
        })
    }
}

/// Signs of money.
pub(super) static CURRENCIES: &[char] = &['$', '€', '£'];

/// Seconds of a period.
pub(super) static PERIODS: &[(&str, f64)] = &[
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

/// Seconds of a duration.
pub(super) static DURATIONS: &[(&str, f64)] = &[
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

pub(super) fn of<T: Copy>(table: &[(&str, T)], word: &str) -> Option<T> {
    table.iter().find(|(w, _)| *w == word).map(|(_, v)| *v)
}

/// Period that begins at a token: `a second`, `per day`, `/s`, `daily`. Gives seconds and the last token.
pub(super) fn period(tokens: &[Token], at: usize) -> Option<(f64, usize)> {
    let first = tokens.get(at)?;
    if first.is('/') || matches!(first.word(), "per" | "a" | "an" | "each" | "every") {
        return of(PERIODS, tokens.get(at + 1)?.word()).map(|s| (s, at + 1));
    }
    let adverb = first.word().ends_with("ly");
    of(PERIODS, first.word()).filter(|_| adverb).map(|s| (s, at))
}

pub(super) fn after(tokens: &[Token], at: usize) -> &str {
    tokens.get(at + 1).map_or("", Token::word)
}
