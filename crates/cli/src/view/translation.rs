//! What a translation read, what it wrote, and what could not be said.

use std::collections::BTreeMap;

use dialect::Counts;
use dialect::translate::Gap;
use ir::{Bundle, SourceMap};
use serde_json::{Value, json};

use super::count;

/// A translation that was written.
pub struct Translation<'a> {
    /// The dialect that was read.
    pub from: &'a str,
    /// The dialect that was written.
    pub to: &'a str,
    /// How much was read.
    pub counts: Counts,
    /// What became of values that are not known.
    pub gaps: &'a [Gap],
    /// The files.
    pub bundle: &'a Bundle,
    /// Where everything was read from.
    pub sources: &'a SourceMap,
}

/// For a terminal.
#[must_use]
pub fn text(translation: &Translation<'_>) -> String {
    let Translation { from, to, counts, gaps, bundle, .. } = translation;
    let mut out = format!(
        "{} of {from} with {}: {}, {} unknown, {} lost\n{} of {to} written\n",
        count(counts.files, "file", "files"),
        count(counts.resources, "resource", "resources"),
        count(counts.attributes, "attribute", "attributes"),
        counts.unknown,
        counts.lost,
        count(bundle.len(), "file", "files"),
    );
    let (asked, left): (Vec<&Gap>, Vec<&Gap>) = gaps.iter().partition(|g| g.parameter.is_some());
    section(
        "Parameters that have no value in the source; set them before the first deployment",
        &asked,
        translation,
        &mut out,
    );
    section("Left out, because no parameter can stand for it", &left, translation, &mut out);
    out
}

fn section(heading: &str, gaps: &[&Gap], translation: &Translation<'_>, out: &mut String) {
    if gaps.is_empty() {
        return;
    }
    out.push_str(&format!("\n{heading}\n"));
    let mut resources: BTreeMap<&str, Vec<&Gap>> = BTreeMap::new();
    for gap in gaps {
        resources.entry(&gap.address).or_default().push(gap);
    }
    for (address, gaps) in resources {
        let place = gaps.iter().find_map(|g| place(g, translation.sources));
        out.push_str(&format!("  {address}{}\n", place.map_or_else(String::new, |p| format!(" ({p})"))));
        for gap in gaps {
            let name = gap.parameter.as_ref().map_or_else(String::new, |p| format!(" = {p}"));
            out.push_str(&format!("    {}{name}: {}\n", gap.attribute, gap.because));
        }
    }
}

/// File and line of the resource in the source.
fn place(gap: &Gap, sources: &SourceMap) -> Option<String> {
    let span = sources.origin(gap.origin?)?;
    Some(format!("{}:{}", sources.get(span.file).path, sources.line_col(span).0))
}

/// For programs.
#[must_use]
pub fn json(translation: &Translation<'_>) -> Value {
    let Translation { from, to, counts, gaps, bundle, sources } = translation;
    let gaps: Vec<Value> = gaps
        .iter()
        .map(|gap| {
            json!({
                "address": gap.address,
                "attribute": gap.attribute,
                "because": gap.because,
                "parameter": gap.parameter,
                "place": place(gap, sources),
            })
        })
        .collect();
    json!({
        "version": 1,
        "from": from,
        "to": to,
        "read": {
            "files": counts.files,
            "resources": counts.resources,
            "attributes": counts.attributes,
            "unknown": counts.unknown,
            "lost": counts.lost,
        },
        "gaps": gaps,
        "files": bundle.iter().map(|(path, _)| path).collect::<Vec<_>>(),
    })
}
