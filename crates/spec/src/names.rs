//! Foreign names made to fit the spec's rule: lower-case letters, digits and single dashes, a letter first, at
//! most 24 characters.
//!
//! Every front end names things that others named first, so all of them come here: two that cleaned differently
//! would call one folder by two names. This module must not know what is being named.

use std::collections::{BTreeMap, BTreeSet};

use crate::yaml::format::MAX_NAME;

/// The nearest name that fits; `app` when nothing of it does. A long one is cut between two words where that
/// keeps more than half of it.
#[must_use]
pub fn clean(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        match c {
            'a'..='z' => out.push(c),
            '0'..='9' if !out.is_empty() => out.push(c),
            _ if !out.is_empty() && !out.ends_with('-') => out.push('-'),
            _ => {}
        }
    }
    let whole = out.trim_end_matches('-');
    if whole.is_empty() { "app".to_owned() } else { cut(whole, MAX_NAME).to_owned() }
}

/// The nearest name that fits and that nothing bears yet: a number tells apart what cleans to the same.
#[must_use]
pub fn unique(name: &str, taken: impl Fn(&str) -> bool) -> String {
    let base = clean(name);
    if !taken(&base) {
        return base;
    }
    (2..).map(|n| numbered(&base, n)).find(|n| !taken(n)).expect("the numbers do not end")
}

fn numbered(base: &str, number: u64) -> String {
    let suffix = format!("-{number}");
    format!("{}{suffix}", cut(base, MAX_NAME - suffix.len()))
}

/// Names that are given one after another, each once.
#[derive(Debug, Default)]
pub struct Taken {
    all: BTreeSet<String>,
    /// The number that was last given to a clean name, so that thousands of one name are not counted anew.
    numbers: BTreeMap<String, u64>,
}

impl Taken {
    /// The nearest name that fits and was not given yet.
    pub fn take(&mut self, name: &str) -> String {
        let base = clean(name);
        let mut fits = base.clone();
        let number = self.numbers.entry(base.clone()).or_insert(1);
        while !self.all.insert(fits.clone()) {
            *number += 1;
            fits = numbered(&base, *number);
        }
        fits
    }
}

/// At most `longest` characters of a clean name, itself clean.
fn cut(name: &str, longest: usize) -> &str {
    let short = &name[..longest.min(name.len())];
    let between_words =
        short.rfind('-').filter(|at| !name[short.len()..].starts_with('-') && *at > longest / 2);
    match between_words {
        Some(at) if short.len() < name.len() => &short[..at],
        _ => short.trim_end_matches('-'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::format::Format;

    #[test]
    fn every_cleaned_name_fits() {
        for (name, expected) in [
            ("My_App", "my-app"),
            ("3scale--x-", "scale-x"),
            ("\u{1f980}", "app"),
            ("", "app"),
            ("a-very-long-name-that-goes-on-and-on", "a-very-long-name-that"),
            ("a-very-long-name-that-go-on-and-on", "a-very-long-name-that-go"),
            ("averyverylongnamewithoutanydashes", "averyverylongnamewithout"),
            ("exactly-twenty-four-long", "exactly-twenty-four-long"),
        ] {
            assert_eq!(clean(name), expected);
            assert_eq!(Format::Name.check(&clean(name)), Ok(()));
        }
    }

    #[test]
    fn equal_names_are_told_apart_and_still_fit() {
        for name in ["web", "a-very-long-name-that-goes-on-and-on", "averyverylongnamewithoutanydashes", "9"]
        {
            let mut taken: BTreeSet<String> = BTreeSet::new();
            for _ in 0..120 {
                let next = unique(name, |n| taken.contains(n));
                assert_eq!(Format::Name.check(&next), Ok(()), "{next}");
                assert!(taken.insert(next));
            }
            let mut given = Taken::default();
            assert_eq!((0..120).map(|_| given.take(name)).collect::<BTreeSet<_>>(), taken);
        }
    }
}
