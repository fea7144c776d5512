//! The files of a source folder, listed once within bounds and read on demand.
//!
//! Bounds keep a scan of any folder short: depth, number of entries and size are limited, links are never
//! followed, and folders that tools fill are skipped. What the files mean is not known here.

use std::path::{Path, PathBuf};

use ir::world::EntryKind;
use ir::{Diagnostic, Diagnostics, World};

/// Folders that tools or package managers fill, never people.
static SKIPPED: &[&str] = &[
    "node_modules",
    "vendor",
    "target",
    "__pycache__",
    "venv",
    "site-packages",
    "coverage",
    "bower_components",
    "Pods",
    "bin",
    "obj",
];
const MAX_DEPTH: usize = 6;
const MAX_ENTRIES: usize = 20_000;
/// Larger than this no manifest and no source written by hand is, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// A listed folder.
pub(crate) struct Sources<'a> {
    world: &'a dyn World,
    root: PathBuf,
    /// Paths below the root with forward slashes, and bytes; by folder, then by name.
    files: Vec<(String, u64)>,
    folders: Vec<String>,
}

impl<'a> Sources<'a> {
    /// Lists a folder.
    pub fn open(world: &'a dyn World, root: &Path) -> (Self, Diagnostics) {
        let mut sources = Self { world, root: root.to_owned(), files: Vec::new(), folders: Vec::new() };
        let mut diagnostics = Diagnostics::new();
        let mut queue = std::collections::VecDeque::from([(String::new(), 0)]);
        let mut seen = 0;
        while let Some((folder, depth)) = queue.pop_front() {
            let entries = match world.list(&root.join(&folder)) {
                Ok(entries) => entries,
                Err(e) => {
                    diagnostics.push(
                        Diagnostic::warning(
                            "unreadable-folder",
                            format!("{} cannot be listed", root.join(&folder).display()),
                        )
                        .because(format!("The system said: {}.", e.reason))
                        .help("check that the path is right and can be read"),
                    );
                    continue;
                }
            };
            for entry in entries {
                seen += 1;
                let path =
                    if folder.is_empty() { entry.name.clone() } else { format!("{folder}/{}", entry.name) };
                match entry.kind {
                    EntryKind::File => sources.files.push((path, entry.size)),
                    EntryKind::Folder if depth < MAX_DEPTH && !is_skipped(&entry.name) => {
                        sources.folders.push(path.clone());
                        queue.push_back((path, depth + 1));
                    }
                    EntryKind::Folder | EntryKind::Other => {}
                }
            }
            if seen > MAX_ENTRIES {
                diagnostics.push(
                    Diagnostic::note(
                        "scan-cut-short",
                        format!("only a part of {} was scanned", sources.shown()),
                    )
                    .because(format!("It holds more than {MAX_ENTRIES} entries."))
                    .help("point `build` at the folder of the service itself"),
                );
                break;
            }
        }
        (sources, diagnostics)
    }

    /// A view of one folder below, without listing again.
    pub fn below(&self, folder: &str) -> Self {
        let inside =
            |path: &str| path.strip_prefix(folder).and_then(|p| p.strip_prefix('/')).map(str::to_owned);
        Self {
            world: self.world,
            root: self.root.join(folder),
            files: self.files.iter().filter_map(|(p, size)| Some((inside(p)?, *size))).collect(),
            folders: self.folders.iter().filter_map(|p| inside(p)).collect(),
        }
    }

    /// Every file, nearest to the root first.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|(path, _)| path.as_str())
    }

    /// Every folder below, nearest to the root first.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        self.folders.iter().map(String::as_str)
    }

    /// Whether a file is there.
    pub fn has(&self, path: &str) -> bool {
        self.files().any(|p| p == path)
    }

    /// The first of several files that is there.
    pub fn first_of(&self, paths: &[&'static str]) -> Option<&'static str> {
        paths.iter().copied().find(|p| self.has(p))
    }

    /// A file's text: `None` when it is not there, too large or not UTF-8.
    pub fn text(&self, path: &str) -> Option<String> {
        let (_, size) = self.files.iter().find(|(p, _)| p == path)?;
        if *size > MAX_FILE {
            return None;
        }
        let text = self.world.read_text(&self.root.join(path)).ok()?;
        Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
    }

    /// The folder as a person would name it.
    pub fn shown(&self) -> String {
        let shown = self.root.display().to_string();
        if shown.is_empty() { "the folder".to_owned() } else { shown }
    }

    /// A file as a person would name it.
    pub fn shown_file(&self, file: &str) -> String {
        self.root.join(file).display().to_string()
    }

    /// What the folder is called.
    pub fn name(&self) -> Option<String> {
        self.world.folder_name(&self.root)
    }
}

fn is_skipped(name: &str) -> bool {
    name.starts_with('.') || SKIPPED.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ir::MemoryWorld;

    #[test]
    fn folders_of_tools_are_not_entered() {
        let mut files: Vec<String> = SKIPPED.iter().map(|f| format!("app/{f}/package.json")).collect();
        files.extend(["app/.git/config".to_owned(), "app/src/main.js".to_owned()]);
        let world = MemoryWorld::with(files.iter().map(|f| (f, "")));
        let (sources, diagnostics) = Sources::open(&world, Path::new("app"));
        assert!(sources.files().eq(["src/main.js"]));
        assert!(diagnostics.is_empty());
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let deep = format!("{}x", "a/".repeat(50));
        let world = MemoryWorld::with([(deep.as_str(), vec![]), ("big.txt", vec![b'a'; 2 << 20])]);
        let (sources, _) = Sources::open(&world, Path::new(""));
        assert!(sources.files().eq(["big.txt"]));
        assert_eq!(sources.text("big.txt"), None);
        assert_eq!(sources.folders().count(), MAX_DEPTH);
    }
}
