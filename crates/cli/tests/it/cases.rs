//! Walks `cases/`. A case names its input; its baselines say what each phase made of it, in as few lines as
//! show what matters. `cargo xtask bless` rewrites them; a change that nobody can explain is not merged.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use ir::{Diagnostics, OsWorld, SourceMap};
use mainstay::engine::{self, Delivery};
use mainstay::{input, view};
use serde::Deserialize;

/// `case.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// A path of this repository, or of the folder with shared corpora when it starts with `shared:`.
    pub input: Option<String>,
    /// A description in words instead.
    pub prose: Option<String>,
    /// Overrides, as on the command line.
    #[serde(default)]
    pub set: Vec<String>,
}

/// The folders of all cases, sorted.
fn folders() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join("cases")).expect("there are cases");
    let mut folders: Vec<PathBuf> =
        entries.filter_map(|e| Some(e.ok()?.path())).filter(|p| p.is_dir()).collect();
    folders.sort();
    folders
}

/// What a case's folder says, and the path of its input; `None` when the input is not on this machine.
fn load(folder: &Path) -> Option<(Case, PathBuf)> {
    let text = std::fs::read_to_string(folder.join("case.json")).expect("every case has a case.json");
    let case: Case = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let path = match case.input.as_deref() {
        Some(input) => match input.strip_prefix("shared:") {
            Some(rest) => root().join("../shared").join(rest),
            None => root().join(input),
        },
        None => PathBuf::from("."),
    };
    (case.prose.is_some() || path.exists()).then_some((case, path))
}

/// Every case whose input is on this machine, by name.
pub fn all() -> Vec<(String, Case, PathBuf)> {
    let of = |folder: PathBuf| {
        let (case, path) = load(&folder)?;
        Some((folder.file_name()?.to_string_lossy().into_owned(), case, path))
    };
    folders().into_iter().filter_map(of).collect()
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace exists")
}

#[test]
fn every_case_is_as_its_baselines_say() {
    let bless = std::env::var_os("MAINSTAY_BLESS").is_some();
    let names = folders();
    assert!(names.len() >= 8, "only {} cases", names.len());
    let mut wrong = Vec::new();
    let mut skipped = Vec::new();
    for folder in names {
        let name = folder.file_name().expect("a folder has a name").to_string_lossy().into_owned();
        let Some(phases) = run(&folder) else {
            skipped.push(name);
            continue;
        };
        for (phase, text) in phases {
            let path = folder.join(phase);
            if bless {
                std::fs::write(&path, &text).expect("a baseline can be written");
                continue;
            }
            let expected = std::fs::read_to_string(&path).unwrap_or_default();
            if expected != text {
                wrong.push(format!("{name}/{phase}:\n{}", first_difference(&expected, &text)));
            }
        }
    }
    if !skipped.is_empty() {
        eprintln!("SKIPPED {} cases whose corpus is absent: {}", skipped.len(), skipped.join(", "));
    }
    assert!(
        wrong.is_empty(),
        "{} baselines differ; run `cargo xtask bless` if that is meant\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// What every case delivers, by its name; without those whose input is not on this machine.
pub fn deliveries() -> impl Iterator<Item = (String, Delivery)> {
    all().into_iter().filter_map(|(name, case, path)| {
        let (world, mut sources) = (OsWorld::default(), SourceMap::default());
        let prose = case.prose.as_deref();
        let (understood, mut diagnostics) =
            input::understand(&world, &path, prose, &case.set, &mut sources, &mut Vec::new());
        Some((name, engine::deliver(understood?, &mut diagnostics, &mut |_, _| {})?))
    })
}

fn first_difference(expected: &str, got: &str) -> String {
    let mut lines = expected.lines().zip(got.lines()).enumerate();
    match lines.find(|(_, (a, b))| a != b) {
        Some((n, (a, b))) => format!("  line {}\n  - {a}\n  + {b}", n + 1),
        None => format!("  {} lines expected, {} found", expected.lines().count(), got.lines().count()),
    }
}

/// Every phase's baseline; `None` when the input is not on this machine.
fn run(folder: &Path) -> Option<BTreeMap<&'static str, String>> {
    let (case, path) = load(folder)?;
    let world = OsWorld::default();
    let mut sources = SourceMap::default();
    let (understood, mut diagnostics) =
        input::understand(&world, &path, case.prose.as_deref(), &case.set, &mut sources, &mut Vec::new());
    let mut phases = BTreeMap::new();
    let delivery = understood.and_then(|understood| {
        let read = view::reading::text(&understood).replace(&format!("{}/", path.display()), "");
        phases.insert("understood.txt", read);
        engine::deliver(understood, &mut diagnostics, &mut |_, _| {})
    });
    if let Some(delivery) = &delivery {
        phases.insert("design.txt", decisions(delivery));
        phases.insert("graph.txt", resources(delivery));
        phases.insert("cost.txt", cost(delivery));
        phases.insert("check.txt", findings(delivery));
        phases.insert("rehearsal.txt", view::proof::text(&delivery.rehearsals));
        phases.insert("bundle.txt", files(delivery));
    }
    let base = format!("{}/", ir::world::plain(&path).display());
    phases.insert("messages.txt", messages(&diagnostics).replace(&base, ""));
    Some(phases)
}

fn decisions(delivery: &Delivery) -> String {
    let line = |d: &design::Decision| format!("{}: {} (of {})\n", d.id, d.chosen, d.rejected.len() + 1);
    delivery.blueprint.decisions.iter().map(line).collect()
}

/// How many of each kind, by stack and component: names are in the code itself.
fn resources(delivery: &Delivery) -> String {
    let mut out = String::new();
    for stack in &delivery.stacks {
        let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for node in stack.graph.nodes() {
            *counts.entry((node.address.component.as_str(), node.kind().as_str())).or_default() += 1;
        }
        for ((component, kind), count) in counts {
            let _ = writeln!(out, "{} {component} {kind} {count}", stack.name);
        }
    }
    out
}

fn cost(delivery: &Delivery) -> String {
    let mut out = String::new();
    for estimate in &delivery.estimates {
        for (component, sum) in estimate.by_component() {
            let _ = writeln!(out, "{} {component} {sum}", estimate.stack);
        }
        for unpriced in &estimate.unpriced {
            let _ = writeln!(out, "{} unpriced {}: {}", estimate.stack, unpriced.address, unpriced.because);
        }
        let _ = writeln!(out, "{} total {}", estimate.stack, estimate.total());
    }
    out
}

fn findings(delivery: &Delivery) -> String {
    let mut counts: BTreeMap<(&str, &str, bool), usize> = BTreeMap::new();
    for finding in &delivery.report.findings {
        *counts.entry((finding.stack.as_str(), finding.rule, finding.accepted.is_some())).or_default() += 1;
    }
    let mut out = String::new();
    for ((stack, rule, accepted), count) in counts {
        let _ = writeln!(out, "{stack} {rule} {count}{}", if accepted { " accepted" } else { "" });
    }
    out
}

/// Every file with the start of its hash.
fn files(delivery: &Delivery) -> String {
    let line = |(path, file): (&str, &ir::File)| {
        format!("{} {path}\n", &ir::bundle::sha256(file.text.as_bytes())[..12])
    };
    delivery.bundle.iter().map(line).collect()
}

fn messages(diagnostics: &Diagnostics) -> String {
    // As they are printed: repeats are one message.
    let shown = spec::repeats::gather(diagnostics.clone());
    shown.iter().map(|d| format!("{:?} {}: {}\n", d.severity, d.id, d.summary)).collect()
}
