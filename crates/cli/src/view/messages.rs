//! Diagnostics as text, JSON and SARIF.

use annotate_snippets::{AnnotationKind, Group, Level, Patch, Renderer, Snippet};
use ir::{Diagnostic, Diagnostics, Severity, SourceMap, Span};
use serde_json::{Value, json};

/// Messages with their source lines, errors first when there are more than anybody reads at once.
#[must_use]
pub fn text(diagnostics: &Diagnostics, sources: &SourceMap, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut shown: Vec<&Diagnostic> = diagnostics.iter().collect();
    if shown.len() > SHOWN {
        shown.sort_by_key(|d| d.severity != Severity::Error);
    }
    let mut out = String::new();
    for diagnostic in shown.iter().take(SHOWN) {
        out.push_str(&renderer.render(&report(diagnostic, sources)));
        out.push_str("\n\n");
    }
    if shown.len() > SHOWN {
        out.push_str(&format!("... and {} more; `--format json` has all of them\n\n", shown.len() - SHOWN));
    }
    out
}

/// Messages that a terminal gets at most: each shows a part of its file.
const SHOWN: usize = 50;

fn report<'a>(diagnostic: &'a Diagnostic, sources: &'a SourceMap) -> Vec<Group<'a>> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(diagnostic.summary.as_str()).id(diagnostic.id);
    let mut group = Group::with_title(title);
    if let Some(primary) = &diagnostic.primary {
        let mut snippet = snippet(primary.span, sources).annotation(
            AnnotationKind::Primary.span(range(primary.span, sources)).label(label(&primary.text)),
        );
        for related in diagnostic.related.iter().filter(|r| r.span.file == primary.span.file) {
            let kind = AnnotationKind::Context;
            snippet = snippet.annotation(kind.span(range(related.span, sources)).label(label(&related.text)));
        }
        group = group.element(snippet);
        for related in diagnostic.related.iter().filter(|r| r.span.file != primary.span.file) {
            let kind = AnnotationKind::Context;
            let annotation = kind.span(range(related.span, sources)).label(label(&related.text));
            group = group.element(self::snippet(related.span, sources).annotation(annotation));
        }
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(note.as_str()));
    }
    let mut groups = Vec::new();
    match (&diagnostic.help, &diagnostic.fix) {
        (Some(help), Some(fix)) => {
            groups.push(group);
            let patch = Patch::new(range(fix.span, sources), fix.replacement.as_str());
            let title = Level::HELP.secondary_title(help.as_str());
            let source = sources.get(fix.span.file);
            groups.push(
                title.element(Snippet::source(source.text.as_str()).path(source.path.as_str()).patch(patch)),
            );
        }
        (Some(help), None) => groups.push(group.element(Level::HELP.message(help.as_str()))),
        (None, _) => groups.push(group),
    }
    groups
}

fn snippet(span: Span, sources: &SourceMap) -> Snippet<'_, annotate_snippets::Annotation<'_>> {
    let source = sources.get(span.file);
    Snippet::source(source.text.as_str()).line_start(1).path(source.path.as_str())
}

fn label(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// The renderer needs ranges inside the text, and does not like empty files.
fn range(span: Span, sources: &SourceMap) -> std::ops::Range<usize> {
    let length = sources.get(span.file).text.len();
    let start = (span.start as usize).min(length);
    start..(span.end as usize).clamp(start, length)
}

/// Messages for programs.
#[must_use]
pub fn json(diagnostics: &Diagnostics, sources: &SourceMap) -> Value {
    diagnostics.iter().map(|d| one(d, sources)).collect()
}

/// Messages as SARIF 2.1.0.
#[must_use]
pub fn sarif(diagnostics: &Diagnostics, sources: &SourceMap) -> Value {
    let results = diagnostics.iter().map(|d| {
        let level = match d.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let more = d.notes.iter().chain(&d.help).map(|text| format!("\n{text}"));
        let locations: Vec<Value> = d.primary.iter().map(|label| location(label.span, sources)).collect();
        json!({
            "ruleId": d.id,
            "level": level,
            "message": {"text": std::iter::once(d.summary.clone()).chain(more).collect::<String>()},
            "locations": locations,
        })
    });
    let rules: std::collections::BTreeSet<&str> = diagnostics.iter().map(|d| d.id).collect();
    super::sarif(&rules, results.collect())
}

fn location(span: Span, sources: &SourceMap) -> Value {
    let (line, column) = sources.line_col(span);
    json!({"physicalLocation": {
        "artifactLocation": {"uri": sources.get(span.file).path},
        "region": {"startLine": line, "startColumn": column},
    }})
}

fn one(diagnostic: &Diagnostic, sources: &SourceMap) -> Value {
    let place = |span: Span, text: &str| {
        let (line, column) = sources.line_col(span);
        json!({"file": sources.get(span.file).path, "line": line, "column": column, "text": text})
    };
    json!({
        "id": diagnostic.id,
        "severity": diagnostic.severity,
        "summary": diagnostic.summary,
        "place": diagnostic.primary.as_ref().map(|l| place(l.span, &l.text)),
        "related": diagnostic.related.iter().map(|l| place(l.span, &l.text)).collect::<Vec<_>>(),
        "notes": diagnostic.notes,
        "help": diagnostic.help,
    })
}
