//! How an input was read: what was understood, assumed, changed, lost, missing, and refused.

use serde_json::{Value, json};

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
    let note = |n: &spec::compose::Note| format!("{}: {} ({})", n.subject, n.what, n.why);
    lines("Changed", understood.changed.iter().map(note).collect(), &mut out);
    lines("Not kept", understood.dropped.iter().map(note).collect(), &mut out);
    let assumed = spec.assumptions.iter().map(|a| format!("{} = {} ({})", a.subject, a.assumed, a.because));
    lines("Assumed", assumed.collect(), &mut out);
    lines("Not said", understood.missing.clone(), &mut out);
    let refused = understood.refusals.iter().map(|r| format!("{} is for {}: {}", r.asked, r.role, r.because));
    lines("Not our work; a handoff is written", refused.collect(), &mut out);
    out
}

/// For programs.
#[must_use]
pub fn json(understood: &Understood) -> Value {
    let notes = |notes: &[spec::compose::Note]| -> Value {
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
        "refused": understood.refusals.iter().map(|r| json!({"role": r.role, "asked": r.asked, "because": r.because})).collect::<Vec<_>>(),
    })
}

/// A handoff for every role whose work was asked for: path and text.
#[must_use]
pub fn handoffs(understood: &Understood) -> Vec<(String, String)> {
    let mut by_role: std::collections::BTreeMap<&str, Vec<&spec::prose::Refusal>> = Default::default();
    for refusal in &understood.refusals {
        by_role.entry(refusal.role).or_default().push(refusal);
    }
    let text = |role: &str, refusals: &[&spec::prose::Refusal]| {
        emit::document::handoffs::asked(role, &understood.spec, refusals)
    };
    by_role.iter().map(|(role, r)| (format!("handoffs/{role}-request.md"), text(role, r))).collect()
}
