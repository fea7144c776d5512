//! `mainstay.yaml`: read with every error of the file in one run, and written again for `init`.
//!
//! Reading has three steps that never mix: the shape is checked against the table in [`keys`], the values are
//! taken over into the model, and the model's names are resolved against each other.

pub mod cron;
pub mod format;
pub mod keys;
pub mod schema;
pub mod units;

mod again;
mod decode;
mod print;
mod set;
mod shape;

use ir::span::Source;
use ir::yaml::{self, Data};
use ir::{Diagnostic, Diagnostics, FileId, SourceMap};

use crate::model::Spec;

pub use again::read_again;
pub use print::print;

/// The names under which a spec is looked for in a folder.
pub const FILE_NAMES: &[&str] = &["mainstay.yaml", "mainstay.yml"];

/// Reads a spec. `overrides` are `key=value` pairs that replace what the file says, keys as dotted paths.
pub fn read(
    path: &str,
    text: &str,
    overrides: &[String],
    sources: &mut SourceMap,
) -> (Option<Spec>, Diagnostics) {
    let file = sources.add(path, text);
    read_file(file, overrides, sources)
}

/// Reads a spec that is among the sources already.
fn read_file(file: FileId, overrides: &[String], sources: &mut SourceMap) -> (Option<Spec>, Diagnostics) {
    let Source { path, text, .. } = sources.get(file);
    let (documents, mut diagnostics) = yaml::parse(text, file);
    if diagnostics.has_errors() && documents.is_empty() {
        return (None, diagnostics);
    }
    if let Some(second) = documents.get(1) {
        diagnostics.push(
            Diagnostic::error("several-documents", format!("{path} holds {} documents", documents.len()))
                .at(ir::Span { end: second.span.start, ..second.span }, "the second begins here")
                .because("A spec is one document, and another after `---` would not be read.")
                .help("move it into a file of its own, or remove the `---`"),
        );
    }
    let Some(mut root) = documents.into_iter().next() else {
        diagnostics.push(
            Diagnostic::error("empty-spec", format!("{path} is empty"))
                .help("start with `version: 1`, a `name` and one service, or run `mainstay init`"),
        );
        return (None, diagnostics);
    };
    if !matches!(root.data, Data::Map(_)) {
        diagnostics.push(
            Diagnostic::error(
                "wrong-shape",
                format!("the file holds {} where keys are expected", root.what()),
            )
            .at(root.span, "")
            .help("start with `version: 1`, a `name` and one service"),
        );
        return (None, diagnostics);
    }
    set::apply(&mut root, overrides, sources, &mut diagnostics);
    shape::check(&root, &keys::SPEC, &mut diagnostics);
    let spec = decode::spec(&root);
    let mut said = Diagnostics::new();
    crate::resolve::check(&spec, &mut said);
    // A key that is missing or no mapping was reported as that.
    let listed = matches!(root.get("services").map(|s| &s.data), Some(Data::Map(_)));
    diagnostics.extend(said.into_iter().filter(|d| listed || d.id != "no-service").collect());
    let usable = !diagnostics.has_errors();
    (usable.then_some(spec), diagnostics)
}
