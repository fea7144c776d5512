//! What the last run wrote: `mainstay.lock`, and the texts it wrote, from which the next merge starts.
//!
//! The lock is small, sorted JSON that people read in a diff. The texts are compressed beside it and can always
//! be had again from an older commit; a damaged copy only means that a file edited since is kept as a conflict
//! instead of merged. Neither holds a secret: generated files hold none.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use ir::{Diagnostic, World};
use serde::{Deserialize, Serialize};

/// The version of the format.
const VERSION: u32 = 1;
/// Where the lock is, relative to the output folder.
pub const LOCK: &str = "mainstay.lock";
/// Where the texts are, relative to the output folder.
pub const BASE: &str = ".mainstay/base.gz";
/// More than this the texts of a bundle never are; a file that expands further is not ours.
const MAX_BASE_BYTES: u64 = 256 * 1024 * 1024;

/// What the last run wrote.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// Of this format.
    pub version: u32,
    /// Of the catalogue that the decisions were made with.
    pub catalogue: String,
    /// SHA-256 of the spec.
    pub spec: String,
    /// SHA-256 of every file as it was generated, by path.
    pub files: BTreeMap<String, String>,
    /// Every decision, as the designer explains it.
    pub decisions: serde_json::Value,
}

/// What every version of the format begins with.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

impl Lock {
    /// A lock of the current version.
    #[must_use]
    pub fn new(catalogue: &str, spec: &str, decisions: serde_json::Value) -> Self {
        let (catalogue, spec) = (catalogue.to_owned(), spec.to_owned());
        Self { version: VERSION, catalogue, spec, files: BTreeMap::new(), decisions }
    }

    /// As it is written: sorted, two spaces, a newline at the end.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a lock has only string keys");
        text.push('\n');
        text
    }
}

/// Reads the lock of an output folder; `None` when there is none yet.
pub fn read(world: &dyn World, out: &Path) -> Result<Option<Lock>, Box<Diagnostic>> {
    let path = out.join(LOCK);
    let text = match world.read_text(&path) {
        Ok(text) => text,
        Err(e) if e.not_found => return Ok(None),
        Err(e) => return Err(unreadable(&path, &e.to_string())),
    };
    // A newer version may hold what this one does not know, so its number is read before anything else.
    let Versioned { version } = serde_json::from_str(&text).map_err(|e| unreadable(&path, &e.to_string()))?;
    if version > VERSION {
        let found = format!("{} is of version {version}, and this program reads {VERSION}", path.display());
        return Err(Box::new(Diagnostic::error("lock-too-new", found).help("update mainstay")));
    }
    serde_json::from_str(&text).map(Some).map_err(|e| unreadable(&path, &e.to_string()))
}

fn unreadable(path: &Path, reason: &str) -> Box<Diagnostic> {
    let diagnostic = Diagnostic::error("lock-unreadable", format!("{} cannot be read", path.display()))
        .because(reason.to_owned())
        .because("without it, generated files cannot be told from yours")
        .help("restore it from version control, or delete it to have every existing file kept as yours");
    Box::new(diagnostic)
}

/// The texts of the last run by path; empty when they are missing or damaged.
#[must_use]
pub fn read_base(world: &dyn World, out: &Path) -> BTreeMap<String, String> {
    let unpacked = world.read(&out.join(BASE)).ok().and_then(|bytes| {
        let mut text = String::new();
        let decoder = flate2::read::GzDecoder::new(bytes.as_slice());
        decoder.take(MAX_BASE_BYTES).read_to_string(&mut text).ok()?;
        serde_json::from_str(&text).ok()
    });
    unpacked.unwrap_or_default()
}

/// The texts as they are stored: the same bytes for the same texts.
#[must_use]
pub(crate) fn pack(texts: &BTreeMap<String, String>) -> Vec<u8> {
    let json = serde_json::to_vec(texts).expect("strings serialize");
    // The header carries neither a name nor a time.
    let mut encoder = flate2::GzBuilder::new().mtime(0).write(Vec::new(), flate2::Compression::default());
    encoder.write_all(&json).expect("a vector takes every byte");
    encoder.finish().expect("a vector takes every byte")
}

/// Where both are.
#[must_use]
pub(crate) fn paths(out: &Path) -> (PathBuf, PathBuf) {
    (out.join(LOCK), out.join(BASE))
}
