//! Reads folders of other people's infrastructure code and prints how much of it was understood.
//!
//! Every folder that holds files itself is read by itself, by the first reader that recognises it, because corpora are
//! collections of small examples. The table is Markdown, for the documentation.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a developer's tool"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use dialect::{Counts, Options, Place};
use ir::OsWorld;

/// What one reader made of one corpus.
#[derive(Default)]
struct Row {
    folders: usize,
    counts: Counts,
    /// Diagnostics by id.
    said: BTreeMap<&'static str, usize>,
    /// Why values are unknown, the most frequent reasons.
    reasons: BTreeMap<String, usize>,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("corpora: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Result<(), String> {
    if args.is_empty() {
        return Err("usage: cargo xtask corpora FOLDER...".into());
    }
    let mut rows: BTreeMap<(String, &'static str), Row> = BTreeMap::new();
    for corpus in args {
        let mut folders = Vec::new();
        folders_of(Path::new(corpus), &mut folders)?;
        for folder in folders {
            read(corpus, &folder, &mut rows);
        }
    }
    println!("| corpus | reader | folders | files | resources | attributes | unknown | lost |");
    println!("|---|---|--:|--:|--:|--:|--:|--:|");
    for ((corpus, reader), row) in &rows {
        let Counts { files, resources, attributes, unknown, lost } = row.counts;
        let name = Path::new(corpus).file_name().unwrap_or_default().to_string_lossy();
        println!(
            "| {name} | {reader} | {} | {files} | {resources} | {attributes} | {unknown} | {lost} |",
            row.folders
        );
    }
    for ((corpus, reader), row) in &rows {
        println!("\n{corpus}, {reader}: {:?}", row.said);
        let mut reasons: Vec<_> = row.reasons.iter().collect();
        reasons.sort_by_key(|(_, times)| std::cmp::Reverse(**times));
        for (reason, times) in reasons.into_iter().take(20) {
            println!("  {times} x {reason}");
        }
    }
    Ok(())
}

fn read(corpus: &str, folder: &Path, rows: &mut BTreeMap<(String, &'static str), Row>) {
    let (world, options) = (OsWorld::default(), Options::default());
    let place = |root| Place { world: &world, root, options: &options };
    // A folder counts where it holds code itself, and not only in folders within it.
    let files = files_of(folder);
    let recognised = dialect::READERS.iter().find_map(|reader| {
        let file = files.iter().find(|file| (reader.recognises)(&place(file)))?;
        Some((reader, if (reader.recognises)(&place(folder)) { folder } else { file }))
    });
    let Some((reader, root)) = recognised else { return };
    let (reading, diagnostics) = (reader.read)(&place(root));
    let row = rows.entry((corpus.to_owned(), reader.name)).or_default();
    row.folders += 1;
    row.counts.files += reading.counts.files;
    row.counts.resources += reading.counts.resources;
    row.counts.attributes += reading.counts.attributes;
    row.counts.unknown += reading.counts.unknown;
    row.counts.lost += reading.counts.lost;
    for diagnostic in &diagnostics {
        *row.said.entry(diagnostic.id).or_default() += 1;
    }
    for node in reading.stacks.iter().flat_map(|stack| stack.graph.nodes()) {
        for value in node.attrs.values() {
            value.walk(&mut |v| {
                if let ir::Value::Unknown(reason) = v {
                    *row.reasons.entry(reason.clone()).or_default() += 1;
                }
            });
        }
    }
}

fn files_of(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let files = entries.filter(|e| e.file_type().is_ok_and(|t| t.is_file()));
    let mut files: Vec<PathBuf> = files.map(|e| e.path()).collect();
    files.sort();
    files
}

/// A folder and every folder in it, parents first.
fn folders_of(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), String> {
    let listed = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut entries: Vec<_> = listed.filter_map(Result::ok).collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    found.push(folder.to_owned());
    for entry in entries.iter().filter(|e| e.file_type().is_ok_and(|t| t.is_dir())) {
        folders_of(&entry.path(), found)?;
    }
    Ok(())
}
