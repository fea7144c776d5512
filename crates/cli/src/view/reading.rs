//! How an input was read: what was understood, assumed, changed, lost, missing, and refused.

use emit::document::handoffs::request_path;
use indexmap::IndexMap;
use ir::{Diagnostic, Diagnostics, Severity};
use serde_json::{Value, json};
use spec::compose::Note;
use spec::prose::Refusal;

use crate::input::Understood;

/// For a terminal.
#[must_use]
pub fn text(understood: &Understood) -> String {
    let spec = &understood.spec;
    let mut out = format!("{} from {}\n", *spec.name, understood.origin.describe());
    let names = |names: Vec<&String>| names.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    out.push_str(&format!("  services   {}\n", names(spec.services.keys().collect())));
    if !spec.resources.is_empty() {
        let resources: Vec<String> =
            spec.resources.iter().map(|(name, r)| format!("{name} ({})", r.ty.word())).collect();
        out.push_str(&format!("  resources  {}\n", resources.join(", ")));
    }
    if !spec.secrets.is_empty() {
        out.push_str(&format!("  secrets    {}\n", names(spec.secrets.keys().collect())));
    }
    let lines = |heading: &str, lines: Vec<String>, out: &mut String| {
        if !lines.is_empty() {
            out.push_str(&format!("\n{heading}\n"));
            lines.iter().for_each(|l| out.push_str(&format!("  - {l}\n")));
        }
    };
    let facts = understood.understood.iter().map(|(phrase, fact)| format!("\"{phrase}\" -> {fact}"));
    lines("Understood", facts.collect(), &mut out);
    lines("Kept", understood.kept.clone(), &mut out);
    let notes = |notes: &[Note]| {
        by_reason(notes.iter().map(|n| (n.subject.as_str(), n.what.clone(), n.why.as_str())))
    };
    lines("Changed", notes(&understood.changed), &mut out);
    lines("Not kept", notes(&understood.dropped), &mut out);
    let assumed = spec.assumptions.iter();
    lines(
        "Assumed",
        by_reason(assumed.map(|a| (a.subject.as_str(), format!("= {}", a.assumed), a.because.as_str()))),
        &mut out,
    );
    lines("Not said", understood.missing.clone(), &mut out);
    lines("Not understood, so not part of the spec", understood.not_understood.clone(), &mut out);
    let refused = understood
        .refusals
        .iter()
        .map(|r| format!("\"{}\": {} The request is in {}", r.asked, r.because, request_path(r.role)));
    lines("Work of other roles", refused.collect(), &mut out);
    out
}

/// For programs.
#[must_use]
pub fn json(understood: &Understood) -> Value {
    let notes = |notes: &[Note]| -> Value {
        notes.iter().map(|n| json!({"subject": n.subject, "what": n.what, "why": n.why})).collect()
    };
    json!({
        "version": 1,
        "name": *understood.spec.name,
        "origin": understood.origin.describe(),
        "spec": spec::yaml::print(&understood.spec),
        "understood": understood.understood.iter().map(|(p, f)| json!({"phrase": p, "fact": f})).collect::<Vec<_>>(),
        "kept": understood.kept,
        "changed": notes(&understood.changed),
        "dropped": notes(&understood.dropped),
        "assumed": understood.spec.assumptions,
        "missing": understood.missing,
        "not_understood": understood.not_understood,
        "refused": understood.refusals.iter().map(|r| json!({"role": r.role, "asked": r.asked, "because": r.because})).collect::<Vec<_>>(),
    })
}

/// One line a reason: what has the same reason is one thing to a reader, however many services it concerns.
fn by_reason<'a>(notes: impl Iterator<Item = (&'a str, String, &'a str)>) -> Vec<String> {
    let mut reasons: IndexMap<&str, IndexMap<String, Vec<&str>>> = IndexMap::new();
    for (subject, what, why) in notes {
        reasons.entry(why).or_default().entry(what).or_default().push(subject);
    }
    let told = |(why, whats): (&str, IndexMap<String, Vec<&str>>)| {
        let whats: Vec<String> = whats
            .into_iter()
            .map(|(what, subjects)| {
                let sign = if what.starts_with('=') { "" } else { ":" };
                format!("{}{sign} {what}", together(&subjects))
            })
            .collect();
        format!("{} ({why})", limited(&whats, "; "))
    };
    reasons.into_iter().map(told).collect()
}

/// Subjects that differ in the service or resource alone are named together.
fn together(subjects: &[&str]) -> String {
    let mut keys: IndexMap<(&str, &str), Vec<&str>> = IndexMap::new();
    for subject in subjects {
        let mut parts = subject.splitn(3, '.');
        let (section, name, rest) = (
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
        );
        keys.entry((section, rest)).or_default().push(name);
    }
    let told: Vec<String> = keys
        .into_iter()
        .map(|((section, rest), names)| match (names.as_slice(), rest) {
            ([""], _) => section.to_owned(),
            ([one], "") => format!("{section}.{one}"),
            ([one], rest) => format!("{section}.{one}.{rest}"),
            (names, "") => format!("{section} {}", limited(names, ", ")),
            (names, rest) => format!("{rest} of {}", limited(names, ", ")),
        })
        .collect();
    limited(&told, ", ")
}

/// A list that stays readable; the JSON has all of it.
fn limited<T: AsRef<str>>(items: &[T], between: &str) -> String {
    const SHOWN: usize = 16;
    let shown: Vec<&str> = items.iter().take(SHOWN).map(AsRef::as_ref).collect();
    let more = items.len().saturating_sub(SHOWN);
    let tail = if more == 0 { String::new() } else { format!("{between}and {more} more") };
    format!("{}{tail}", shown.join(between))
}

/// Says of each role's work that it is handed over; an error when there is nothing else to do.
#[must_use]
pub fn refused(refusals: &[Refusal], severity: Severity) -> Diagnostics {
    let one = |r: &Refusal| {
        Diagnostic::new(
            "work-of-another-role",
            severity,
            format!("\"{}\" is for the {} role", r.asked, r.role),
        )
        .because(r.because)
        .help(format!("hand {} to that role", request_path(r.role)))
    };
    refusals.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_reason_is_one_line_and_names_what_it_concerns() {
        let notes = [
            ("services.a.environment", "X left out", "set elsewhere"),
            ("services.b.environment", "X left out", "set elsewhere"),
            ("services.c", "gone", "set elsewhere"),
            ("networks", "not carried over", "no names"),
            ("services.d.ports", "1 not reachable", "one port"),
        ];
        let lines = by_reason(notes.iter().map(|(s, what, why)| (*s, (*what).to_owned(), *why)));
        assert_eq!(
            lines,
            [
                "environment of a, b: X left out; services.c: gone (set elsewhere)",
                "networks: not carried over (no names)",
                "services.d.ports: 1 not reachable (one port)",
            ]
        );
        let many: Vec<String> = (0..1000).map(|n| format!("services.s{n}")).collect();
        let lines = by_reason(many.iter().map(|s| (s.as_str(), "= 1".to_owned(), "so")));
        assert_eq!(lines.len(), 1);
        assert!(lines[0].ends_with("s15, and 984 more = 1 (so)"), "{}", lines[0]);
    }
}
