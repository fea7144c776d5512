//! Where it is to run: places and regions by name.
//!
//! "Never outside Germany" names Germany twice denied, so denials before a place are counted. Which cloud has a
//! region there is the table's knowledge.

use super::draft::{Draft, Region};
use super::places::{PLACES, Place, WIDE, owner};
use super::stance;
use super::tokens::Token;
use crate::model::Provider;

/// Words that deny a place, one by one.
static DENIALS: &[&str] =
    &["not", "no", "never", "don't", "cannot", "can't", "outside", "leave", "leaves", "except", "without"];

/// Reads the places of a sentence.
pub(super) fn read(tokens: &[Token], draft: &mut Draft<'_>) {
    let mut corrects = false;
    for at in 0..tokens.len() {
        corrects |= stance::corrects(&tokens[at..(at + 2).min(tokens.len())]);
        let Some((place, named, last, wide)) = named(tokens, at, draft) else { continue };
        let said = tokens[at].start..tokens[last].end;
        let before = tokens[..at].iter().rev().take(4).take_while(|t| !t.is(',') && t.word() != "but");
        let denied = before.filter(|t| DENIALS.contains(&t.word())).count() % 2 == 1;
        if denied {
            draft.ask(said.clone(), format!("where it may run: the text rules out {}", &draft.text[said]));
            continue;
        }
        if std::mem::take(&mut corrects) {
            draft.regions.pop();
        }
        // "In Europe, in Frankfurt": the narrower place is the one that is meant.
        draft.regions.retain(|r| !r.wide);
        let known = draft.regions.iter().any(|r| std::ptr::eq(r.place, place));
        if !known && (!wide || draft.regions.is_empty()) {
            draft.regions.push(Region { place, named, wide });
        }
        draft.fact(said, "cloud.regions", named);
    }
}

/// The place that begins at a token, what it is called, its last token, and whether it is wider than a region.
fn named(
    tokens: &[Token],
    at: usize,
    draft: &mut Draft<'_>,
) -> Option<(&'static Place, &'static str, usize, bool)> {
    let word = tokens[at].word().trim_end_matches("'s");
    let two = tokens.get(at + 1).map(|t| format!("{word} {}", t.word())).unwrap_or_default();
    if let Some((provider, place)) = owner(word) {
        draft.provider = draft.provider.filter(|p| *p != Provider::Any).or(Some(provider));
        return Some((place, place.names[0], at, false));
    }
    let among = |names: &'static [&'static str]| {
        names
            .iter()
            .find(|n| **n == two)
            .map(|n| (*n, at + 1))
            .or_else(|| names.iter().find(|n| **n == word).map(|n| (*n, at)))
    };
    if let Some((place, (name, last))) = PLACES.iter().find_map(|p| Some((p, among(p.names)?))) {
        return Some((place, name, last, false));
    }
    let (area, (name, last)) = WIDE.iter().find_map(|w| Some((w, among(w.names)?)))?;
    // "Help us" is not the country.
    let pronoun = name == "us" && !draft.text[tokens[at].start..].starts_with("US");
    let place = PLACES.iter().find(|p| p.names.contains(&area.place)).filter(|_| !pronoun)?;
    Some((place, name, last, true))
}
