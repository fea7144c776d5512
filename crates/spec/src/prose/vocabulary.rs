//! Finds the vocabulary's phrases in a sentence: exactly, or with a slip of the pen forgiven.
//!
//! Some words of the vocabulary are also common words; only what stands beside them tells. What a phrase does to
//! the spec is not known here.

use ir::diagnostic::nearest;

use super::terms::{ALSO_ENVIRONMENTS, ALSO_WORDS, FORGIVEN, Means, NOT_NAMES, TERMS};
use super::tokens::Token;

/// What a phrase in lower case means.
pub(super) fn exact(phrase: &str) -> Option<Means> {
    TERMS.iter().find(|(t, _)| *t == phrase).map(|(_, m)| *m)
}

/// Whether a word means something on its own.
pub(super) fn is_known(word: &str) -> bool {
    exact(word).is_some() || forgiven(word).is_some()
}

/// The longest phrase that begins at a token: how many tokens, and what it means.
pub(super) fn longest(tokens: &[Token], at: usize, text: &str) -> Option<(usize, Means)> {
    // What follows "called" is a name, whatever else it means.
    if at > 0 && matches!(tokens[at - 1].word(), "called" | "named") {
        return None;
    }
    for length in (1..=3.min(tokens.len() - at)).rev() {
        let window = &tokens[at..at + length];
        if window[0].word().is_empty() && !window[0].is('.') {
            return None;
        }
        let phrase = text[window[0].start..window[length - 1].end].to_lowercase();
        let phrase = phrase.split_whitespace().collect::<Vec<_>>().join(" ");
        let phrase = phrase.trim_end_matches("'s").trim_end_matches("’s");
        let means =
            exact(phrase).or_else(|| (length == 1).then(|| forgiven(phrase)).flatten().and_then(exact));
        let meant = (!ALSO_WORDS.contains(&phrase) || is_language(tokens, at, text))
            && (!ALSO_ENVIRONMENTS.contains(&phrase) || is_environment(tokens, at));
        if let Some(means) = means.filter(|_| meant) {
            return Some((length, means));
        }
    }
    None
}

/// The name that a word was meant to be, when it is long and only a letter or two away.
fn forgiven(word: &str) -> Option<&'static str> {
    let length = word.chars().count();
    if !(7..=20).contains(&length) || NOT_NAMES.contains(&word) {
        return None;
    }
    nearest(word, FORGIVEN.iter().copied())
        .filter(|n| n.chars().next() == word.chars().next() && n.len().abs_diff(length) <= 2)
}

fn is_language(tokens: &[Token], at: usize, text: &str) -> bool {
    let runs = |word: &str| matches!(exact(word), Some(Means::Runs(_)));
    let before = at.checked_sub(1).map_or("", |b| tokens[b].word());
    let next = tokens.get(at + 1);
    let capital = text[tokens[at].start..].starts_with(char::is_uppercase);
    let bracketed = at > 0 && tokens[at - 1].is('(');
    // "API: Go" and "API go, ..." name it; "the API go live" does not.
    let last = next.is_none_or(|t| t.word().is_empty());
    runs(next.map_or("", Token::word))
        || matches!(before, "in" | "using")
        || bracketed
        || (last && runs(before))
        || (capital && at > 0)
}

/// Whether `dev` or `qa` stands beside an environment or the word itself, and is no team or testing.
fn is_environment(tokens: &[Token], at: usize) -> bool {
    let beside = |word: &str| {
        matches!(word, "env" | "envs" | "environment" | "environments")
            || matches!(exact(word), Some(Means::Environment(_)))
    };
    let between =
        |t: &&Token| !(t.is(',') || t.is('/') || t.is('+') || t.is('&') || matches!(t.word(), "and" | "a"));
    let next = tokens[at + 1..].iter().find(between);
    let before = tokens[..at].iter().rev().find(between);
    next.into_iter().chain(before).any(|t| beside(t.word()))
}
