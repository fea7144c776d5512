//! Reads a source folder: what it is written in, how it is built, started and checked, where it listens.
//!
//! Manifests are read with their formats' own parsers, sources only by looking for a short list of phrases, so
//! the scan says nothing rather than guess: a field stays `None` when the folder does not say. It must not run
//! anything, follow links, or know what the answers are used for.

mod assemble;
mod dockerfile;
mod frameworks;
mod go;
mod java;
mod migrations;
mod node;
mod phrases;
mod prepare;
mod python;
mod repository;
mod site;
mod sources;

use std::path::Path;

use ir::{Diagnostic, Diagnostics, World};

pub use assemble::spec;
pub use dockerfile::Dockerfile;
pub use prepare::prepare;
pub use repository::{Found, Repository, repository};
pub(crate) use sources::Sources;

use crate::model::{Build, Scan};

/// One language.
struct Detector {
    /// As a person calls it.
    name: &'static str,
    /// Whether the folder holds this language's manifest.
    claims: fn(&Sources<'_>) -> bool,
    /// What the manifest and the files beside it say.
    read: fn(&Sources<'_>, &mut Diagnostics) -> Scan,
}

/// In order of precedence: a web application often carries a `package.json` for its assets, so Node.js
/// comes after the languages that servers beside it are written in. A folder of migrations holds nothing else.
static DETECTORS: &[Detector] = &[
    Detector { name: "Go", claims: go::claims, read: go::read },
    Detector { name: "Maven", claims: java::claims_maven, read: java::read_maven },
    Detector { name: "Gradle", claims: java::claims_gradle, read: java::read_gradle },
    Detector { name: "Python", claims: python::claims, read: python::read },
    Detector { name: "Node.js", claims: node::claims, read: node::read },
    Detector { name: "migrations", claims: migrations::claims, read: migrations::read },
    Detector { name: "static files", claims: site::claims, read: site::read },
];

/// Scans one folder. A folder that is not there or not recognised gives an empty scan and says why.
pub fn scan(world: &dyn World, folder: &Path) -> (Scan, Diagnostics) {
    let (sources, mut diagnostics) = Sources::open(world, folder);
    let scan = scan_sources(&sources, &mut diagnostics);
    (scan, diagnostics)
}

/// Scans what a service is built from: its context below `root`, and the Dockerfile that it names.
///
/// A Dockerfile in a folder below the context packs that folder's program with the whole context at hand, so the
/// context's own manifests say nothing about it.
pub fn build(world: &dyn World, root: &Path, build: &Build) -> (Scan, Diagnostics) {
    let context = root.join(build.context.as_str());
    let Some(named) = &build.dockerfile else { return scan(world, &context) };
    let own_folder = ir::world::plain(Path::new(named.as_str())).components().count() == 1;
    let (mut scan, mut diagnostics) = Default::default();
    if own_folder {
        let (sources, said) = Sources::open(world, &context);
        scan = scan_language(&sources, &mut diagnostics);
        diagnostics.extend(said);
    }
    dockerfile::fill_from(world, &context, named, build, &mut scan, &mut diagnostics);
    (scan, diagnostics)
}

fn scan_sources(sources: &Sources<'_>, diagnostics: &mut Diagnostics) -> Scan {
    let mut scan = scan_language(sources, diagnostics);
    dockerfile::fill(sources, &mut scan, diagnostics);
    if scan.stack.is_none() && scan.dockerfile.is_none() {
        diagnostics.push(
            Diagnostic::warning(
                "unknown-language",
                format!("the language of {} is not known", sources.shown()),
            )
            .because("The folder has no Dockerfile and no manifest of Node.js, Python, Go, Maven or Gradle.")
            .help("add a Dockerfile, or point `build` at the folder that holds the manifest"),
        );
    }
    scan
}

/// What the manifests and sources say, without any Dockerfile.
fn scan_language(sources: &Sources<'_>, diagnostics: &mut Diagnostics) -> Scan {
    let mut claims = DETECTORS.iter().filter(|d| (d.claims)(sources));
    let first = claims.next();
    let mut scan = first.map(|d| (d.read)(sources, diagnostics)).unwrap_or_default();
    let others: Vec<&str> = claims.map(|d| d.name).filter(|n| *n != "static files").collect();
    if let (Some(first), false) = (first, others.is_empty()) {
        diagnostics.push(
            Diagnostic::note("several-languages", format!("{} is read as {}", sources.shown(), first.name))
                .because(format!("The folder also holds manifests of {}.", others.join(" and ")))
                .help("add a Dockerfile if the other language is the program"),
        );
    }
    phrases::fill(sources, &mut scan, diagnostics);
    scan
}

/// A command as the words it is run with.
fn words(command: &str) -> Vec<String> {
    command.split_whitespace().map(str::to_owned).collect()
}

/// The first version number in a text such as `>=22.1 <23`, `v20.11.0` or `python-3.12.4`, cut to `parts` parts.
fn version_in(text: &str, parts: usize) -> Option<String> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let number: String = text[start..].chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    let kept: Vec<&str> = number.split('.').filter(|p| !p.is_empty()).take(parts).collect();
    (!kept.is_empty()).then(|| kept.join("."))
}

/// Says that a manifest cannot be read, once for each.
fn unreadable(sources: &Sources<'_>, file: &str, reason: &str) -> Diagnostic {
    let first = reason.lines().next().unwrap_or_default();
    Diagnostic::warning("unreadable-manifest", format!("{} cannot be read", sources.shown_file(file)))
        .because(format!("The parser said: {first}."))
        .help("correct the file; until then nothing is known from it")
}

#[cfg(test)]
mod cases;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_cut_where_the_images_are_tagged() {
        for (text, parts, expected) in [
            (">=22", 1, Some("22")),
            ("^20.11.0", 1, Some("20")),
            ("lts/*", 1, None),
            (">=3.12,<4", 2, Some("3.12")),
            ("python-3.11.4\n", 2, Some("3.11")),
            ("3", 2, Some("3")),
            ("..", 2, None),
            ("", 1, None),
        ] {
            assert_eq!(version_in(text, parts).as_deref(), expected, "{text}");
        }
    }
}
