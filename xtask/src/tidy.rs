//! Holds the house rules that no compiler knows: who may depend on whom, how files open, that documents name
//! paths that exist, that generated code is fresh.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The only edges between the workspace's crates, in the order of the flow. What is not here is not allowed.
static EDGES: &[(&str, &[&str])] = &[
    ("ir", &[]),
    ("catalog", &["ir"]),
    ("spec", &["ir"]),
    ("design", &["catalog", "ir", "spec"]),
    ("lower", &["catalog", "design", "ir", "spec"]),
    ("dialect", &["catalog", "ir"]),
    ("check", &["catalog", "ir"]),
    ("cost", &["catalog", "ir"]),
    ("deliver", &["catalog", "check", "cost", "ir"]),
    ("emit", &["catalog", "check", "cost", "deliver", "design", "ir", "spec"]),
    (
        "mainstay",
        &["catalog", "check", "cost", "deliver", "design", "dialect", "emit", "ir", "lower", "spec"],
    ),
    ("xtask", &[]),
];

/// A file longer than this is two ideas.
const LONGEST: usize = 800;

type Rule = fn(&[PathBuf]) -> Result<Vec<String>, String>;

static RULES: &[(&str, Rule)] = &[
    ("dependencies run only as the flow does", edges),
    ("a source file opens with its idea and stays short", sources),
    ("nothing is left half done", leftovers),
    ("no text names a machine", machines),
    ("every path that a document names exists", paths),
    ("generated code is fresh", |_| {
        Ok(crate::codegen::run(&["--check".to_owned()]).err().into_iter().collect())
    }),
];

pub fn run(_: &[String]) -> Result<(), String> {
    let files = tracked()?;
    let mut broken = 0;
    for (rule, check) in RULES {
        let problems = check(&files)?;
        broken += problems.len();
        println!("{} {rule}", if problems.is_empty() { "ok  " } else { "FAIL" });
        problems.iter().for_each(|p| println!("       {p}"));
    }
    if broken == 0 { Ok(()) } else { Err(format!("{broken} problems")) }
}

fn tracked() -> Result<Vec<PathBuf>, String> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(crate::root())
        .output()
        .map_err(|e| format!("git: {e}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().map(PathBuf::from).filter(|p| crate::root().join(p).is_file()).collect())
}

fn read(path: &Path) -> Option<String> {
    std::fs::read_to_string(crate::root().join(path)).ok()
}

fn with_extension<'a>(files: &'a [PathBuf], extension: &str) -> impl Iterator<Item = &'a PathBuf> {
    files.iter().filter(move |f| f.extension().is_some_and(|e| e == extension))
}

fn edges(_: &[PathBuf]) -> Result<Vec<String>, String> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(crate::root())
        .output()
        .map_err(|e| format!("cargo metadata: {e}"))?;
    let metadata: Value = serde_json::from_slice(&output.stdout).map_err(|e| e.to_string())?;
    let allowed: BTreeMap<&str, BTreeSet<&str>> =
        EDGES.iter().map(|(from, to)| (*from, to.iter().copied().collect())).collect();
    let mut problems = Vec::new();
    let packages = metadata["packages"].as_array().cloned().unwrap_or_default();
    for package in &packages {
        let name = package["name"].as_str().unwrap_or_default();
        let Some(allowed) = allowed.get(name) else {
            problems.push(format!("{name} is not in the list of crates"));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let to = dependency["name"].as_str().unwrap_or_default();
            let ours = !dependency["path"].is_null();
            let for_tests = dependency["kind"] == "dev";
            if ours && !for_tests && !allowed.contains(to) {
                problems.push(format!("{name} depends on {to}"));
            }
        }
    }
    if packages.len() != EDGES.len() {
        problems.push(format!("{} crates, {} in the list", packages.len(), EDGES.len()));
    }
    Ok(problems)
}

fn sources(files: &[PathBuf]) -> Result<Vec<String>, String> {
    let mut problems = Vec::new();
    for path in with_extension(files, "rs").filter(|p| !crate::codegen::writes(p)) {
        let Some(text) = read(path) else { continue };
        let lines = text.lines().count();
        if lines > LONGEST {
            problems.push(format!("{} has {lines} lines", path.display()));
        }
        let test = path.components().any(|c| c.as_os_str() == "tests" || c.as_os_str() == "benches");
        if !test && !text.starts_with("//!") {
            problems.push(format!("{} does not open with `//!`", path.display()));
        }
    }
    Ok(problems)
}

fn leftovers(files: &[PathBuf]) -> Result<Vec<String>, String> {
    // Spelt apart so that this file does not find itself.
    let words =
        [concat!("to", "do!("), concat!("unimple", "mented!("), concat!("FIX", "ME"), concat!("TO", "DO")];
    let mut problems = Vec::new();
    for path in with_extension(files, "rs") {
        let Some(text) = read(path) else { continue };
        for (number, line) in text.lines().enumerate() {
            if words.iter().any(|w| line.contains(w)) {
                problems.push(format!("{}:{}: {}", path.display(), number + 1, line.trim()));
            }
        }
    }
    Ok(problems)
}

fn machines(files: &[PathBuf]) -> Result<Vec<String>, String> {
    // Folders inside images, such as a package manager's cache, are no folders of a machine.
    let places =
        [concat!("/wo", "rk/"), concat!("/ho", "me/user"), concat!("/Us", "ers/"), concat!("/tmp", "/tfs")];
    let mut problems = Vec::new();
    for path in files {
        let Some(text) = read(path) else { continue };
        for (number, line) in text.lines().enumerate() {
            if places.iter().any(|p| line.contains(p)) {
                problems.push(format!("{}:{}: {}", path.display(), number + 1, line.trim()));
            }
        }
    }
    Ok(problems)
}

/// Backticked words of the project's own documents that look like paths of this repository.
fn paths(files: &[PathBuf]) -> Result<Vec<String>, String> {
    let tops = ["crates/", "xtask", "cases/", "conformance/", "docs/", "examples/", "benches/", ".ci/"];
    let own = |p: &&PathBuf| {
        let name = p.to_string_lossy();
        !name.contains('/') || name.starts_with("docs/") || name.starts_with("conformance/")
    };
    let mut problems = Vec::new();
    for path in with_extension(files, "md").filter(own) {
        let Some(text) = read(path) else { continue };
        for (number, line) in text.lines().enumerate() {
            for word in line.split('`').skip(1).step_by(2) {
                let looks = tops.iter().any(|t| word.starts_with(t)) && !word.contains(['<', '*', ' ', '{']);
                if looks && !crate::root().join(word.trim_end_matches('/')).exists() {
                    problems.push(format!("{}:{}: {word} does not exist", path.display(), number + 1));
                }
            }
        }
    }
    Ok(problems)
}
