//! What every reader is given, what it returns, and the limits that all of them hold.
//!
//! A reader looks at files that anybody wrote: it reaches them through [`World`] alone, keeps to its folder, and stops at
//! limits that bound its time and memory. What it cannot evaluate is an unknown value, what it cannot read is a
//! diagnostic. Nothing here knows a dialect.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ir::{SourceMap, Stack, Value, World};

/// Largest file that is read, bytes. The largest that a cloud takes is a template of 4 MiB (Azure Resource Manager).
pub const MOST_BYTES: u64 = 16 << 20;
/// Deepest nesting of brackets, blocks or values in a file.
pub const MOST_DEPTH: usize = 200;
/// Most instances of one resource or module.
pub const MOST_INSTANCES: usize = 10_000;
/// Most instances in all stacks of a reading together.
pub const MOST_NODES: usize = 100_000;
/// Deepest nesting of modules.
pub const MOST_MODULES: usize = 32;

/// What a reader is given.
pub struct Place<'a> {
    /// Where the files are.
    pub world: &'a dyn World,
    /// The folder or file to read. No path leads out of the folder.
    pub root: &'a Path,
    /// What the user said beside the files.
    pub options: &'a Options,
}

/// What the user says beside the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Files of variables or parameters, later ones over earlier ones.
    pub var_files: Vec<PathBuf>,
    /// Variables or parameters by name, over every file.
    pub variables: BTreeMap<String, String>,
}

/// What was read.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// One a root module, template or program.
    pub stacks: Vec<Stack>,
    /// The files, for diagnostics and for the origins of nodes.
    pub sources: SourceMap,
    /// How much.
    pub counts: Counts,
}

/// How much was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Files that hold infrastructure code.
    pub files: usize,
    /// Resource and data instances.
    pub resources: usize,
    /// Attributes of resources, nested ones included.
    pub attributes: usize,
    /// Attributes whose value is unknown.
    pub unknown: usize,
    /// Files, blocks and attributes that could not be read at all.
    pub lost: usize,
}

/// What stands for a secret that somebody wrote down: a check must see it, and nobody must be shown it.
#[must_use]
pub fn plain_secret() -> Value {
    Value::Unknown(PLAIN_SECRET.to_owned())
}

/// Whether a value stands for a secret that somebody wrote down.
#[must_use]
pub fn is_plain_secret(value: &Value) -> bool {
    matches!(value.known(), Value::Unknown(reason) if reason == PLAIN_SECRET)
}

const PLAIN_SECRET: &str = "a secret that the file holds in plain text";
