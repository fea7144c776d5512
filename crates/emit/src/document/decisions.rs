//! `docs/adr/`: one architecture decision record a weighty decision, with the alternatives that were priced.

use design::Decision;
use ir::Bundle;

use super::markdown::{Document, link};
use crate::Context;

/// The records and their index. Decisions that came out the same in every environment share a record.
pub fn write(context: &Context<'_>, bundle: &mut Bundle) {
    let mut index = Document::titled("Decisions");
    index.para("Each record says what was asked, what was chosen, what the alternatives cost, and which facts that rests on. They change only when a requirement, a price or a service level does.");
    let records = records(&context.blueprint.decisions);
    let rows: Vec<Vec<super::markdown::Inline>> = records
        .iter()
        .enumerate()
        .map(|(place, decisions)| {
            let file = file_name(place, decisions[0]);
            vec![
                link(format!("{:04}", place + 1), file),
                decisions[0].question.as_str().into(),
                by_environment(decisions, |d| &d.chosen).join("; ").into(),
                environments(decisions).into(),
            ]
        })
        .collect();
    index.table(&["no.", "question", "decision", "environments"], rows);
    bundle.add("docs/adr/README.md", index.print());
    for (place, decisions) in records.iter().enumerate() {
        bundle.add(format!("docs/adr/{}", file_name(place, decisions[0])), record(place, decisions));
    }
}

/// Weighty decisions, one group a question.
fn records(decisions: &[Decision]) -> Vec<Vec<&Decision>> {
    let mut records: Vec<Vec<&Decision>> = Vec::new();
    for decision in decisions.iter().filter(|d| d.weighty) {
        match records.iter_mut().find(|r| topic(r[0]) == topic(decision)) {
            Some(record) => record.push(decision),
            None => records.push(vec![decision]),
        }
    }
    records
}

/// What was chosen, or why, for each environment; once where it is the same for all of them.
fn by_environment(decisions: &[&Decision], said: fn(&Decision) -> &str) -> Vec<String> {
    let first = said(decisions[0]);
    if decisions.len() > 1 && decisions.iter().all(|d| said(d) == first) {
        return vec![first.to_owned()];
    }
    let one = |d: &&Decision| match &d.environment {
        Some(environment) => format!("{environment}: {}", said(d)),
        None => said(d).to_owned(),
    };
    decisions.iter().map(one).collect()
}

/// The id without its environment.
fn topic(decision: &Decision) -> &str {
    match &decision.environment {
        Some(environment) => decision.id.strip_prefix(environment.as_str()).unwrap_or(&decision.id),
        None => &decision.id,
    }
}

fn file_name(place: usize, decision: &Decision) -> String {
    let slug = topic(decision).trim_matches('.').replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    format!("{:04}-{slug}.md", place + 1)
}

fn environments(decisions: &[&Decision]) -> String {
    let names: Vec<&str> = decisions.iter().filter_map(|d| d.environment.as_deref()).collect();
    if names.is_empty() { "all".to_owned() } else { names.join(", ") }
}

fn record(place: usize, decisions: &[&Decision]) -> String {
    let first = decisions[0];
    let mut doc = Document::titled(&format!("Decision {:04}: {}", place + 1, first.question));
    doc.para(format!("Status: accepted. Holds for: {}.", environments(decisions)));
    doc.heading(2, "Context");
    for decision in decisions {
        if decisions.len() > 1 {
            doc.para(format!("In {}:", decision.environment.as_deref().unwrap_or("all environments")));
        }
        doc.table(&["input", "value"], decision.inputs.iter().map(|(k, v)| vec![k.clone(), v.clone()]));
    }
    doc.heading(2, "Decision");
    doc.bullets(by_environment(decisions, |d| &d.chosen));
    match by_environment(decisions, |d| &d.because).as_slice() {
        [_] => doc.para(first.because.clone()),
        reasons => doc.para("The reasons:").bullets(reasons.iter().cloned()),
    };
    let costs: Vec<String> = decisions
        .iter()
        .filter_map(|d| {
            Some(format!(
                "{} a month in {}",
                d.monthly?,
                d.environment.as_deref().unwrap_or("all environments")
            ))
        })
        .collect();
    if !costs.is_empty() {
        doc.para(format!("It costs {}.", costs.join(", ")));
    }
    if decisions.iter().any(|d| !d.rejected.is_empty()) {
        doc.heading(2, "Alternatives");
        let rows = decisions.iter().flat_map(|d| {
            d.rejected.iter().map(|r| {
                let more = r.difference.map_or("not priced".to_owned(), |m| {
                    if m.0 > 0.0 { format!("+{m}") } else { m.to_string() }
                });
                let environment = d.environment.clone().unwrap_or_else(|| "all".to_owned());
                vec![environment, r.option.clone(), r.because.clone(), more]
            })
        });
        doc.table(&["environment", "alternative", "why not", ">difference a month"], rows);
    }
    let mut facts: Vec<&design::Fact> = decisions.iter().flat_map(|d| &d.facts).collect();
    facts.dedup();
    if !facts.is_empty() {
        doc.heading(2, "Facts");
        let rows = facts.iter().map(|f| {
            let verified = if f.verified { "yes" } else { "no" };
            vec![f.fact.clone(), f.source.clone(), f.date.clone(), verified.to_owned()]
        });
        doc.table(&["fact", "published by", "date", "verified"], rows);
    }
    doc.heading(2, "Consequences");
    doc.para("A change of any input above is made in the spec; the next `mainstay design` shows what it changes in cost and availability before anything is written.");
    doc.print()
}
