//! What every front end must hold to: its spec, printed, reads back without an error and says the same.
//!
//! A spec that only its own front end can hold would be lost on the way to `mainstay.yaml`. Each front end's tests
//! call [`check`] on everything they read. Spans, assumptions and scans are not written and do not count.

use ir::SourceMap;

use crate::{Source, Spec};

/// Prints the spec, reads it back and compares; `what` names the input in a failure.
#[track_caller]
pub(crate) fn check(what: &str, spec: &Spec) {
    let differences = differences(spec);
    assert!(differences.is_empty(), "{what}:\n{}", differences.join("\n"));
}

/// Every error of the second reading and every line in which the two specs differ.
pub(crate) fn differences(spec: &Spec) -> Vec<String> {
    let printed = crate::yaml::print(spec);
    let mut sources = SourceMap::default();
    let (again, diagnostics) = crate::yaml::read("printed.yaml", &printed, &[], &mut sources);
    let Some(again) = again else {
        // What was asked for and is not done yet is no loss of the front end's.
        let errors =
            diagnostics.iter().filter(|d| d.severity == ir::Severity::Error && d.id != "not-supported");
        return errors
            .map(|d| {
                let at = d.primary.as_ref().map_or_else(String::new, |l| {
                    let source = &sources.get(l.span.file).text;
                    source[l.span.start as usize..l.span.end as usize].to_owned()
                });
                format!("{}: {} `{at}`", d.id, d.summary)
            })
            .collect();
    };
    let (before, after) = (bare(spec), bare(&again));
    let mut out: Vec<String> = before
        .lines()
        .zip(after.lines())
        .filter(|(b, a)| b != a)
        .map(|(b, a)| format!("was {}, became {}", b.trim(), a.trim()))
        .collect();
    if before.lines().count() != after.lines().count() {
        out.truncate(3);
        out.push(format!("{printed}\nhas other fields than it was printed from"));
    }
    out
}

/// The spec as text, without what is not written.
fn bare(spec: &Spec) -> String {
    let mut spec = spec.clone();
    spec.assumptions.clear();
    for service in spec.services.values_mut() {
        if let Source::Build(build) = &mut service.source {
            build.scan = None;
        }
    }
    let text = format!("{spec:#?}");
    let mut out = String::new();
    let mut hidden: Option<usize> = None;
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        match hidden {
            Some(depth) if indent > depth => continue,
            Some(_) => {
                hidden = None;
                continue;
            }
            None => {}
        }
        if line.trim_start().starts_with("span: ") {
            hidden = line.ends_with('(').then_some(indent);
            continue;
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}
