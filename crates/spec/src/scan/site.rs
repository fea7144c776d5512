//! Static sites without a manifest: a folder with an `index.html`.

use ir::Diagnostics;

use super::Sources;
use crate::model::{Scan, Stack};

/// Where pages lie, outputs of generators first: beside an output, the root holds its sources.
static FOLDERS: &[&str] = &["dist", "build", "public", "_site", "out", "www", "html", ""];

pub(super) fn claims(sources: &Sources<'_>) -> bool {
    folder(sources).is_some()
}

pub(super) fn read(sources: &Sources<'_>, _: &mut Diagnostics) -> Scan {
    let artifact = folder(sources).map(|f| if f.is_empty() { ".".to_owned() } else { f.to_owned() });
    Scan { stack: Some(Stack::Static), artifact, ..Scan::default() }
}

fn folder(sources: &Sources<'_>) -> Option<&'static str> {
    FOLDERS.iter().copied().find(|f| sources.has(format!("{f}/index.html").trim_start_matches('/')))
}
