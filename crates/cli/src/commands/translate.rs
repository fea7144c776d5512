//! `translate`: infrastructure code in one dialect, written in another, with a list of what could not be said.
//!
//! Files that are there already are kept: a translation is a starting point for people, and theirs from then on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use dialect::{Place, READERS, Reader, Reading, WRITERS, Writer};
use ir::{Bundle, Diagnostic, Stack};

use super::{Heard, Session};
use crate::args::Format;
use crate::exit::Exit;
use crate::view;

/// What the command line says.
pub struct Asked<'a> {
    pub path: &'a Path,
    pub to: &'a str,
    pub from: Option<&'a str>,
    pub var_files: &'a [PathBuf],
    pub variables: &'a [String],
    pub out: &'a Path,
}

pub fn run(session: &Session<'_>, asked: &Asked<'_>) -> Exit {
    let mut heard = Heard::default();
    let Some((writer, reader, reading)) = read(session, asked, &mut heard) else {
        return session.refuse(&heard);
    };
    let Reading { stacks, counts, .. } = reading;
    let (stacks, gaps) = dialect::translate::ready(stacks);
    heard.diagnostics.extend(unsayable(writer, &stacks).into_iter().collect());
    if heard.diagnostics.has_errors() {
        return session.refuse(&heard);
    }
    let (bundle, said) = (writer.write)(&stacks);
    heard.diagnostics.extend(said);
    heard.diagnostics.extend(there_already(session, asked.out, &bundle).into_iter().collect());
    if heard.diagnostics.has_errors() {
        return session.refuse(&heard);
    }
    if let Err(exit) = session.folder(asked.out, &mut heard) {
        return exit;
    }
    for (path, file) in bundle.iter() {
        if let Err(e) = session.world.write(&asked.out.join(path), file.text.as_bytes(), file.executable) {
            return session.unwritable(&e, &mut heard);
        }
    }
    session.finish(&heard);
    let translation = view::translation::Translation {
        from: reader.name,
        to: writer.name,
        counts,
        gaps: &gaps,
        bundle: &bundle,
        sources: &heard.sources,
    };
    match session.printer.format {
        Format::Text | Format::Markdown => session.printer.result(&view::translation::text(&translation)),
        Format::Json | Format::Sarif => session.json(&view::translation::json(&translation)),
    }
    Exit::Done
}

/// Reads the path; `None` when something the user said or wrote is in the way.
fn read(
    session: &Session<'_>,
    asked: &Asked<'_>,
    heard: &mut Heard,
) -> Option<(&'static Writer, &'static Reader, Reading)> {
    let writer = WRITERS.iter().find(|w| w.name == asked.to);
    if writer.is_none() {
        heard.diagnostics.push(unknown_dialect("--to", asked.to, WRITERS.iter().map(|w| w.name)));
    }
    let options = options(asked, heard);
    if session.world.kind(asked.path).is_none() {
        let nothing =
            Diagnostic::error("no-such-path", format!("there is nothing at {}", asked.path.display()));
        heard.diagnostics.push(nothing.help("name a folder or a file of infrastructure code"));
        return None;
    }
    let place = Place { world: session.world, root: asked.path, options: &options };
    let reader = match asked.from {
        Some(name) => {
            let found = READERS.iter().find(|r| r.name == name);
            if found.is_none() {
                heard.diagnostics.push(unknown_dialect("--from", name, READERS.iter().map(|r| r.name)));
            }
            found
        }
        None => {
            let found = READERS.iter().find(|r| (r.recognises)(&place));
            if found.is_none() {
                heard.diagnostics.push(nothing_to_read(asked.path));
            }
            found
        }
    };
    let (writer, reader) = (writer?, reader?);
    let (mut reading, said) = (reader.read)(&place);
    heard.diagnostics.extend(said);
    heard.sources = std::mem::take(&mut reading.sources);
    if reading.stacks.iter().all(|stack| stack.graph.is_empty()) && !heard.diagnostics.has_errors() {
        heard.diagnostics.push(nothing_to_read(asked.path));
    }
    (!heard.diagnostics.has_errors()).then_some((writer, reader, reading))
}

fn options(asked: &Asked<'_>, heard: &mut Heard) -> dialect::Options {
    let mut variables = BTreeMap::new();
    for text in asked.variables {
        match text.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => {
                variables.insert(name.trim().to_owned(), value.to_owned());
            }
            _ => heard.diagnostics.push(
                Diagnostic::error("no-value", format!("`--var {text}` has no name and value"))
                    .help("write `--var NAME=VALUE`"),
            ),
        }
    }
    dialect::Options { var_files: asked.var_files.to_vec(), variables }
}

fn unknown_dialect(option: &str, name: &str, known: impl Iterator<Item = &'static str>) -> Diagnostic {
    let known: Vec<&str> = known.collect();
    Diagnostic::error("unknown-dialect", format!("`{option} {name}` is no dialect"))
        .help(format!("write one of: {}", known.join(", ")))
}

fn nothing_to_read(path: &Path) -> Diagnostic {
    let known: Vec<&str> = READERS.iter().map(|r| r.name).collect();
    Diagnostic::error("no-infrastructure-code", format!("{} holds no infrastructure code", path.display()))
        .because("No file in it is of a dialect that is read, or none declares a resource.")
        .help(format!("name the dialect with `--from`, one of: {}", known.join(", ")))
}

/// Refuses what belongs to a cloud that the dialect does not know.
fn unsayable(writer: &Writer, stacks: &[Stack]) -> Option<Diagnostic> {
    if writer.providers.is_empty() {
        return None;
    }
    let nodes = || stacks.iter().flat_map(|stack| stack.graph.nodes());
    let provider = |kind: &str| kind.split('_').next().unwrap_or_default().to_owned();
    let providers: BTreeSet<String> = nodes().map(|n| provider(n.kind().as_str())).collect();
    let says = |name: &String| writer.providers.contains(&name.as_str());
    if providers.iter().any(says) {
        return None;
    }
    let providers: Vec<String> = providers.into_iter().collect();
    Some(
        Diagnostic::error("another-cloud", format!("{} cannot say what is in this code", writer.name))
            .because(format!(
                "It describes {}, and the resources are of {}.",
                writer.providers.join(" and "),
                providers.join(", ")
            ))
            .because("A translation keeps the resources as they are: moving to another cloud is a new design.")
            .help("choose a dialect of the same cloud, or design for another one with `mainstay design --cloud`"),
    )
}

/// Refuses to write over files that say something else.
fn there_already(session: &Session<'_>, out: &Path, bundle: &Bundle) -> Option<Diagnostic> {
    let differs = |path: &&str| {
        let target = out.join(path);
        session.world.kind(&target).is_some()
            && session.world.read_text(&target).ok().as_deref() != bundle.get(path).map(|f| f.text.as_str())
    };
    let there: Vec<&str> = bundle.iter().map(|(path, _)| path).filter(differs).collect();
    let first = there.first()?;
    Some(
        Diagnostic::error("file-exists", format!("{} is there already", out.join(first).display()))
            .because(format!("{} would be replaced.", view::count(there.len(), "file", "files")))
            .help("name another folder with --out, or remove the files"),
    )
}
