//! Go modules: `go.mod` and the `main` packages below it.
//!
//! A module may hold several programs; the one to deploy is the root's, or the only one, or the one named like
//! the module.

use ir::{Diagnostic, Diagnostics};

use super::{Sources, version_in, words};
use crate::model::{Scan, Stack};

pub(super) fn claims(sources: &Sources<'_>) -> bool {
    sources.has("go.mod")
}

pub(super) fn read(sources: &Sources<'_>, diagnostics: &mut Diagnostics) -> Scan {
    let manifest = sources.text("go.mod").unwrap_or_default();
    let directive = |name: &str| {
        manifest.lines().find_map(|l| l.trim().strip_prefix(name)?.strip_prefix(' ').map(str::trim))
    };
    let artifact = program(sources, directive("module").unwrap_or_default(), diagnostics);
    let linter = sources.first_of(&[".golangci.yml", ".golangci.yaml", ".golangci.toml"]).is_some();
    Scan {
        stack: Some(Stack::Go),
        version: directive("go").and_then(|v| version_in(v, 2)),
        lockfile: sources.has("go.sum").then(|| "go.sum".to_owned()),
        build: artifact.as_ref().map(|a| words(&format!("go build -o app {a}"))),
        start: artifact.as_ref().map(|_| words("./app")),
        test: Some(words("go test ./...")),
        lint: Some(words(if linter { "golangci-lint run" } else { "go vet ./..." })),
        artifact,
        ..Scan::default()
    }
}

/// The package to build, as `go build` takes it.
fn program(sources: &Sources<'_>, module: &str, diagnostics: &mut Diagnostics) -> Option<String> {
    let is_program = |f: &&str| {
        let text = sources.text(f).unwrap_or_default();
        text.lines().any(|l| l.trim() == "package main") && text.contains("func main()")
    };
    let go = sources.files().filter(|f| f.ends_with(".go") && !f.ends_with("_test.go"));
    let mut folders: Vec<&str> =
        go.filter(is_program).map(|f| f.rsplit_once('/').map_or(".", |(d, _)| d)).collect();
    folders.dedup();
    let shown = |folder: &&str| if *folder == "." { ".".to_owned() } else { format!("./{folder}") };
    if folders.len() <= 1 || folders.first() == Some(&".") {
        return folders.first().map(shown);
    }
    let name = module.rsplit('/').next().unwrap_or_default();
    let named = folders.iter().find(|f| f.rsplit('/').next() == Some(name));
    if named.is_none() {
        diagnostics.push(
            Diagnostic::warning(
                "several-programs",
                format!("{} holds {} programs", sources.shown(), folders.len()),
            )
            .because(format!(
                "Each of {} has a main package, and none is named like the module.",
                folders.join(", ")
            ))
            .help("write a service with a Dockerfile for each program that is deployed"),
        );
    }
    named.map(shown)
}
