//! The same warning about many things becomes one warning that names them.
//!
//! Fifteen services with one cause are one problem to a reader, and a screen of repeats hides what stands between
//! them. Errors stay apart, since each has to be mended in its own place. This module must not know any warning.

use indexmap::IndexMap;
use ir::{Diagnostic, Diagnostics, Severity};

/// How many of one kind are named.
const NAMED: usize = 24;

/// Joins the warnings and notes that share their id and their reason, in the order of the first of each.
#[must_use]
pub fn gather(diagnostics: Diagnostics) -> Diagnostics {
    let mut groups: IndexMap<(&'static str, Vec<String>, usize), Vec<Diagnostic>> = IndexMap::new();
    for (at, diagnostic) in diagnostics.into_iter().enumerate() {
        let alone = if diagnostic.severity == Severity::Error { at + 1 } else { 0 };
        let key = (diagnostic.id, diagnostic.notes.clone(), alone);
        let group = groups.entry(key).or_default();
        if alone != 0 || !group.contains(&diagnostic) {
            group.push(diagnostic);
        }
    }
    groups.into_values().filter_map(joined).collect()
}

fn joined(group: Vec<Diagnostic>) -> Option<Diagnostic> {
    let others = group.len().saturating_sub(1);
    let mut rest = group.into_iter();
    let mut first = rest.next()?;
    if others == 0 {
        return Some(first);
    }
    first.summary = format!("{}, and {others} more like it", first.summary);
    for other in rest.take(NAMED) {
        match other.primary {
            Some(place) => {
                first.related.push(ir::diagnostic::Label { span: place.span, text: other.summary })
            }
            None => first.notes.push(format!("Also {}.", other.summary)),
        }
    }
    if others > NAMED {
        first.notes.push(format!("{} others are not listed here.", others - NAMED));
    }
    Some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_are_one_warning_and_errors_stay_apart() {
        let lost = |name: &str| Diagnostic::warning("lost", format!("`{name}` is lost")).because("It ends.");
        let wrong = |name: &str| Diagnostic::error("wrong", name);
        let all = [lost("a"), wrong("x"), lost("b"), wrong("x"), lost("a"), lost("c")];
        let told: Vec<(String, Vec<String>)> =
            gather(all.into_iter().collect()).into_iter().map(|d| (d.summary, d.notes)).collect();
        let notes = ["It ends.", "Also `b` is lost.", "Also `c` is lost."].map(str::to_owned).to_vec();
        assert_eq!(
            told,
            [
                ("`a` is lost, and 2 more like it".to_owned(), notes),
                ("x".to_owned(), Vec::new()),
                ("x".to_owned(), Vec::new())
            ]
        );
        let many: Diagnostics = (0..1000).map(|n| lost(&n.to_string())).collect();
        let one = gather(many);
        assert_eq!((one.len(), one.iter().map(|d| d.notes.len()).sum::<usize>()), (1, NAMED + 2));
    }
}
