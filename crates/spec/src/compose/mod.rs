//! Compose files become a [`Spec`].
//!
//! A compose file describes one machine; a spec describes an application. Databases, caches and brokers become
//! managed resources, host names become references, inline secrets become declared secrets, and what only makes
//! sense on a laptop is left behind. Whatever cannot be kept is said, because a silent loss is found in production.
//! The steps: [`load`] merges the files into one tree, [`keys`] checks it against the table of every known key,
//! [`container`] reads it into plain values, [`classify`] says what each container is, [`convert`] writes the spec.
//! This module must not read the process environment: the same files give the same spec on every machine.

mod classify;
mod cluster;
mod container;
mod convert;
mod dotenv;
mod environment;
mod exposure;
mod fit;
mod forms;
mod images;
pub(crate) mod interpolate;
mod keys;
mod load;
mod merge;
mod ports;
#[cfg(test)]
mod practice;
mod rewrite;
mod secret;
#[cfg(test)]
mod tests;
mod volumes;

use std::path::{Path, PathBuf};

use ir::{Diagnostics, SourceMap, World};

use crate::Spec;

/// A spec that was read from compose files, and what became of everything in them.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// What the files ask for.
    pub spec: Spec,
    /// What was kept as it was, one line a service or resource.
    pub kept: Vec<String>,
    /// What means the same but is said differently.
    pub changed: Vec<Note>,
    /// What has no place in the cloud, or could not be carried over.
    pub dropped: Vec<Note>,
}

/// What became of one thing in a compose file.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Note {
    /// The thing, such as `services.web.volumes`.
    pub subject: String,
    /// What happened to it.
    pub what: String,
    /// Why.
    pub why: String,
}

impl Note {
    fn new(subject: impl Into<String>, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { subject: subject.into(), what: what.into(), why: why.into() }
    }
}

/// Reads compose files, merged in the order given. Relative paths start at the first file's folder, and variables
/// come from the `.env` beside it and from defaults only.
///
/// There is no import when no service could be read; the diagnostics then say why.
pub fn read(world: &dyn World, files: &[PathBuf], sources: &mut SourceMap) -> (Option<Import>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let import = load::load(world, files, sources, &mut diagnostics).and_then(|project| {
        let fates = keys::check(&project.tree, &mut diagnostics);
        let containers = container::read(world, &project, sources, &mut diagnostics);
        let mut said = Diagnostics::new();
        let import = convert::convert(&project, &containers, &fates, &mut said);
        // What is missing because of a mistake is no second mistake.
        if !diagnostics.has_errors() {
            diagnostics.extend(said);
        }
        import
    });
    (import, diagnostics)
}

/// The names compose looks for, in its own order.
const FILES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// The names of the file that is merged on top, in compose's own order.
const OVERRIDES: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// The compose files of a folder, by compose's own search: the first default name and the first override.
pub fn find(world: &dyn World, folder: &Path) -> Option<Vec<PathBuf>> {
    let first = |names: [&str; 4]| {
        names.into_iter().map(|n| folder.join(n)).find(|p| world.kind(p) == Some(ir::world::EntryKind::File))
    };
    let mut files = vec![first(FILES)?];
    files.extend(first(OVERRIDES));
    Some(files)
}
