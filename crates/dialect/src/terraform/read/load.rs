//! From files to modules: which files stand where, read here, parsed on every core.
//!
//! Modules that are called bring in their folders, until no new ones come. Must not know values.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;

use ir::world::EntryKind;
use ir::{Diagnostic, Diagnostics, FileId, Span};

use super::folder::{self, Folder, Refusal};
use super::instance::local_source;
use super::module::{self, Module};
use super::parse::{Broken, Piece};
use super::{json, parse};
use crate::reading::{Counts, MOST_BYTES, Reading};

/// Every module that was found, by its folder.
#[derive(Default)]
pub(crate) struct Loaded {
    pub modules: BTreeMap<String, Module>,
}

/// Whether a file holds configuration.
pub(crate) fn is_code(name: &str) -> bool {
    name.ends_with(".tf") || name.ends_with(".tf.json")
}

/// Whether a folder holds configuration.
pub(crate) fn has_code(folder: &Folder<'_>, path: &str) -> bool {
    folder.entries(path).is_some_and(|e| e.iter().any(|e| e.kind == EntryKind::File && is_code(&e.name)))
}

/// The folders of the modules that a module calls.
pub(crate) fn sources(module: &Module) -> BTreeSet<String> {
    let source =
        |call: &module::Declared| folder::follow(&module.folder, local_source(call.text("source")?)?);
    module.calls.values().filter_map(source).collect()
}

/// A file that was read.
struct Text {
    folder: String,
    name: String,
    text: String,
}

/// Reads the modules of some folders and of all that they call.
pub(crate) fn load(
    folder: &Folder<'_>,
    folders: &[String],
    only: Option<&str>,
    loaded: &mut Loaded,
    reading: &mut Reading,
    diagnostics: &mut Diagnostics,
) {
    let mut waiting: BTreeSet<String> = folders.iter().cloned().collect();
    while !waiting.is_empty() {
        let mut texts = Vec::new();
        for path in &waiting {
            let names = names(folder, path);
            let names = names.into_iter().filter(|name| only.is_none_or(|only| only == name));
            for name in names {
                match folder.text(&folder::beside(path, &name)) {
                    Ok(text) => texts.push(Text { folder: path.clone(), name, text }),
                    Err(refusal) => {
                        reading.counts.lost += 1;
                        diagnostics.push(refused(&folder.shown(&folder::beside(path, &name)), refusal));
                    }
                }
            }
            let module = Module { folder: path.clone(), ..Module::default() };
            loaded.modules.insert(path.clone(), module);
        }
        let parsed = parse_all(&texts);
        for (text, (pieces, broken)) in texts.into_iter().zip(parsed) {
            let path = folder.shown(&folder::beside(&text.folder, &text.name));
            let file = reading.sources.add(path, text.text);
            reading.counts.files += 1;
            reading.counts.lost += broken.len();
            diagnostics.extend(mistakes(broken, file));
            if let Some(module) = loaded.modules.get_mut(&text.folder) {
                module.add(file, pieces, module::overrides(&text.name), diagnostics);
            }
        }
        let called: BTreeSet<String> =
            waiting.iter().filter_map(|f| loaded.modules.get(f)).flat_map(sources).collect();
        waiting = called
            .into_iter()
            .filter(|path| !loaded.modules.contains_key(path) && has_code(folder, path))
            .collect();
    }
}

/// The files of a folder, those that override others last.
fn names(folder: &Folder<'_>, path: &str) -> Vec<String> {
    let entries = folder.entries(path);
    let files = entries.iter().flat_map(|e| e.iter());
    let mut names: Vec<String> = files
        .filter(|e| e.kind == EntryKind::File && is_code(&e.name) && !e.name.starts_with('.'))
        .map(|e| e.name.clone())
        .collect();
    names.sort_by_key(|name| module::overrides(name));
    names
}

/// What a file was parsed to.
type Parsed = (Vec<Piece>, Vec<Broken>);

/// Stack of a thread that parses: the parser recurses.
const STACK: usize = 16 << 20;

/// Parses every text, on as many threads as there are cores.
fn parse_all(texts: &[Text]) -> Vec<Parsed> {
    let one = |text: &Text| match text.name.ends_with(".json") {
        true => json::pieces(&text.text),
        false => parse::pieces(&text.text),
    };
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let total: usize = texts.iter().map(|t| t.text.len()).sum();
    let share = total / cores + 1;
    let mut parts: Vec<&[Text]> = Vec::new();
    let (mut start, mut size) = (0, 0);
    for (i, text) in texts.iter().enumerate() {
        size += text.text.len();
        if size >= share || i + 1 == texts.len() {
            parts.push(&texts[start..=i]);
            (start, size) = (i + 1, 0);
        }
    }
    std::thread::scope(|scope| {
        let part = |part: &'_ [Text]| part.iter().map(one).collect::<Vec<_>>();
        let threads: Vec<_> = parts
            .iter()
            .map(|texts| {
                std::thread::Builder::new()
                    .stack_size(STACK)
                    .spawn_scoped(scope, move || part(texts))
                    .map_err(|_| texts)
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| match thread {
                Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
                // No thread is to be had: this one does it.
                Err(texts) => part(texts),
            })
            .collect()
    })
}

fn refused(path: &str, refusal: Refusal) -> Diagnostic {
    match refusal {
        Refusal::TooLarge(size) => {
            Diagnostic::error("file-too-large", format!("`{path}` has {} MiB", size >> 20))
                .because(format!("Files of more than {} MiB are not read.", MOST_BYTES >> 20))
                .help("leave generated data out of the configuration, or split the file")
        }
        Refusal::Missing => Diagnostic::error("file-unreadable", format!("`{path}` is not there any more")),
        Refusal::Unreadable(reason) => {
            Diagnostic::error("file-unreadable", format!("`{path}` cannot be read"))
                .because(format!("{reason}."))
        }
    }
}

/// What is said about the parts of a file that cannot be read.
pub(crate) fn mistakes(broken: Vec<Broken>, file: FileId) -> Diagnostics {
    let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let span = |broken: &Broken| Span { file, start: place(broken.span.start), end: place(broken.span.end) };
    broken
        .into_iter()
        .map(|broken| {
            let span = span(&broken);
            mistake(broken, span)
        })
        .collect()
}

fn mistake(broken: Broken, span: Span) -> Diagnostic {
    let help = "run `terraform fmt` on the file, which points at the same place";
    if broken.refused {
        return Diagnostic::error("terraform-too-deep", "the file is not one that a person wrote")
            .at(span, broken.reason)
            .because("A parser takes stack and time for what it has not seen the end of, so such files are not read.");
    }
    Diagnostic::error("terraform-syntax", "the file is not valid Terraform")
        .at(span, broken.reason)
        .because("The blocks before and after this one are read all the same.")
        .help(help)
}

/// One note a source that is not in the folder.
pub(crate) fn say_absent(
    modules: &BTreeMap<String, Module>,
    counts: &mut Counts,
    diagnostics: &mut Diagnostics,
) {
    let mut said = BTreeSet::new();
    for module in modules.values() {
        for call in module.calls.values() {
            let source = call.text("source").unwrap_or_default();
            let local = local_source(source);
            let target = local.and_then(|source| folder::follow(&module.folder, source));
            if target.as_ref().is_some_and(|folder| modules.contains_key(folder)) {
                continue;
            }
            counts.lost += 1;
            if !said.insert((source.to_owned(), local.map(|_| module.folder.clone()))) {
                continue;
            }
            let diagnostic = match (local, &target) {
                (Some(_), None) => Diagnostic::error(
                    "path-leaves-folder",
                    format!("the module `{source}` is outside the folder that is read"),
                )
                .at(call.span, "leads out")
                .because("Nothing outside the folder that was named is read.")
                .help("name the folder that holds both the root and its modules"),
                (Some(_), Some(_)) => {
                    Diagnostic::warning("module-missing", format!("the module `{source}` is not there"))
                        .at(call.span, "holds no Terraform files, or is a link")
                        .because("Its resources are left out and its outputs are unknown.")
                }
                (None, _) => Diagnostic::note(
                    "module-elsewhere",
                    format!("the module `{source}` is not in this folder"),
                )
                .at(call.span, "not read")
                .because("Its resources are left out and its outputs are unknown."),
            };
            diagnostics.push(diagnostic);
        }
    }
}
