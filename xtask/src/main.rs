//! The project's chores, each a subcommand: `cargo xtask NAME`.
//!
//! This is a developer's tool, not part of the product: it talks to the disk and to programs directly.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a developer's tool"
)]

mod bless;
mod codegen;
mod refresh;
mod schemas;
mod spec;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

struct Chore {
    name: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result<(), String>,
}

static CHORES: &[Chore] = &[
    Chore { name: "bless", about: "rewrite the baselines of the cases", run: bless::run },
    Chore {
        name: "codegen",
        about: "write the typed keys of every kind from the catalogue's data (--check: only compare)",
        run: codegen::run,
    },
    Chore {
        name: "corpora",
        about: "read FOLDER... of other people's code and print how much was understood",
        run: print_corpora,
    },
    Chore {
        name: "refresh",
        about: "fill the schemas of the catalogue's kinds from the installed Terraform provider",
        run: refresh::run,
    },
    Chore {
        name: "schemas",
        about: "write the CloudFormation types that maps name from the installed package cfn-lint",
        run: schemas::run,
    },
    Chore {
        name: "spec",
        about: "print a mainstay.yaml with COUNT services, for benchmarks",
        run: print_spec,
    },
    Chore { name: "tidy", about: "hold the house rules that no compiler knows", run: tidy::run },
];

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let name = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    let Some(chore) = CHORES.iter().find(|c| c.name == name) else {
        eprintln!("usage: cargo xtask CHORE\n");
        for chore in CHORES {
            eprintln!("  {:<10} {}", chore.name, chore.about);
        }
        return ExitCode::from(2);
    };
    match (chore.run)(&rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask {name}: {why}");
            ExitCode::FAILURE
        }
    }
}

fn print_spec(args: &[String]) -> Result<(), String> {
    let count = args.first().and_then(|a| a.parse().ok()).ok_or("usage: cargo xtask spec COUNT")?;
    print!("{}", spec::spec(count));
    Ok(())
}

/// Runs the tool that may see the readers.
fn print_corpora(args: &[String]) -> Result<(), String> {
    let status = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--package", "dialect", "--example", "corpora", "--"])
        .args(args)
        .status()
        .map_err(|e| format!("cargo run: {e}"))?;
    if status.success() { Ok(()) } else { Err("some folders could not be read".into()) }
}

/// The workspace's root.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace").to_path_buf()
}

/// The kinds' data files, sorted.
fn kind_files() -> Result<Vec<PathBuf>, String> {
    json_files("crates/catalog/data/kinds")
}

/// The JSON files of a folder of the repository, sorted.
fn json_files(folder: &str) -> Result<Vec<PathBuf>, String> {
    let folder = root().join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .map_err(|e| format!("{}: {e}", folder.display()))?
        .filter_map(|e| e.ok().map(|e| e.path()))
        .filter(|p| p.extension().is_some_and(|e| e == "json"))
        .collect();
    files.sort();
    Ok(files)
}

fn read_json(path: &Path) -> Result<serde_json::Value, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))
}
