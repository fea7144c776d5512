//! The files of a folder that may be templates, each read once.
//!
//! Only what lies in the folder is read: a path that leads out of it, and a link, are not among its files. Both dialects name
//! files of the other, so both are read here.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use ir::world::EntryKind;
use ir::yaml::Yaml;
use ir::{Diagnostic, Diagnostics, FileId, SourceMap, Span};

use super::json;
use crate::arm::eval::Files;
use crate::arm::template::Template;
use crate::bicep::read::{Arguments, parse as parse_bicep};
use crate::reading::{MOST_BYTES, Place};

/// A template, and what its file gives as parameters.
type Parsed = (Rc<Template>, Rc<Arguments>);

/// Deepest nesting of folders that is searched.
const MOST_FOLDERS: usize = 16;
/// Most files that are looked at.
const MOST_FILES: usize = 20_000;

/// A folder.
pub(crate) struct Folder<'w> {
    world: &'w dyn ir::World,
    root: PathBuf,
    /// Size by path from the root.
    files: BTreeMap<String, u64>,
    read: RefCell<State>,
}

#[derive(Default)]
struct State {
    sources: SourceMap,
    diagnostics: Diagnostics,
    templates: BTreeMap<String, Option<Parsed>>,
    /// Files that another one deploys or imports.
    named: BTreeSet<String>,
    files: usize,
    lost: usize,
}

impl<'w> Folder<'w> {
    /// The folder of a place, and the file that it names if it names one.
    pub fn new(place: &Place<'w>) -> (Self, Option<String>) {
        let single = place.world.kind(place.root) == Some(EntryKind::File);
        let root = if single { place.root.parent().unwrap_or(Path::new("")) } else { place.root };
        let mut files = BTreeMap::new();
        walk(place.world, root, "", 0, &mut files);
        let only = place.root.file_name().filter(|_| single).map(|n| n.to_string_lossy().into_owned());
        (Self { world: place.world, root: root.to_owned(), files, read: RefCell::default() }, only)
    }

    /// Paths that end so, in order.
    pub fn ending(&self, end: &str) -> Vec<String> {
        self.files.keys().filter(|p| p.to_ascii_lowercase().ends_with(end)).cloned().collect()
    }

    /// The text of a file that is not too large.
    pub fn load(&self, path: &str) -> Result<String, Box<Diagnostic>> {
        let warning = |id, summary: String| Box::new(Diagnostic::warning(id, summary));
        let Some(size) = self.files.get(path) else {
            let missing = *warning("missing-file", format!("`{path}` is not among the files that are read"));
            let missing = missing.because("Only files within the folder are read; links are not followed.");
            return Err(Box::new(missing.help("check the path, and that it stays within the folder")));
        };
        if *size > MOST_BYTES {
            let large = *warning("too-large", format!("`{path}` is larger than {} MiB", MOST_BYTES >> 20));
            return Err(Box::new(
                large.because("No template that Azure takes is so large, so it was not read."),
            ));
        }
        let text = self.world.read_text(&self.root.join(path));
        text.map_err(|e| Box::new(warning("unreadable-file", e.to_string()).because("It was left out.")))
    }

    /// A JSON file as a tree.
    pub fn json(&self, path: &str) -> Option<Yaml> {
        let text = self.loaded(path, None)?;
        let state = &mut *self.read.borrow_mut();
        let file = state.sources.add(path, text.as_str());
        json::parse(&text, file, &mut state.diagnostics)
    }

    fn loaded(&self, path: &str, span: Option<Span>) -> Option<String> {
        match self.load(path) {
            Ok(text) => Some(text),
            Err(diagnostic) => {
                let state = &mut *self.read.borrow_mut();
                state.lost += 1;
                state.diagnostics.push(diagnostic.at(span, "named here"));
                None
            }
        }
    }

    /// A template by its path from the root, with what it gives as parameters.
    pub fn template_at(&self, path: &str, span: Option<Span>) -> Option<Parsed> {
        if let Some(known) = self.read.borrow().templates.get(path) {
            return known.clone();
        }
        let text = self.loaded(path, span);
        let state = &mut *self.read.borrow_mut();
        let read = text.and_then(|text| {
            let file = state.sources.add(path, text.as_str());
            read(&text, path, file, &mut state.diagnostics)
        });
        state.files += usize::from(read.is_some());
        let read = read.map(|(template, arguments)| (Rc::new(template), Rc::new(arguments)));
        state.templates.insert(path.to_owned(), read.clone());
        read
    }

    /// Whether another file names this one.
    pub fn is_named(&self, path: &str) -> bool {
        self.read.borrow().named.contains(path)
    }

    /// What was read: files, what was said, how many files, how many lost.
    pub fn finish(self) -> (SourceMap, Diagnostics, usize, usize) {
        let state = self.read.into_inner();
        (state.sources, state.diagnostics, state.files, state.lost)
    }
}

fn read(
    text: &str,
    path: &str,
    file: FileId,
    diagnostics: &mut Diagnostics,
) -> Option<(Template, Arguments)> {
    if path.ends_with(".bicep") || path.ends_with(".bicepparam") {
        return Some(parse_bicep(text, path, file, diagnostics));
    }
    let root = json::parse(text, file, diagnostics)?;
    Some((json::template(&root, path, diagnostics), Arguments::default()))
}

fn walk(world: &dyn ir::World, folder: &Path, prefix: &str, depth: usize, into: &mut BTreeMap<String, u64>) {
    let Ok(entries) = world.list(folder) else { return };
    for entry in entries {
        if into.len() >= MOST_FILES {
            return;
        }
        let path = if prefix.is_empty() { entry.name.clone() } else { format!("{prefix}/{}", entry.name) };
        match entry.kind {
            EntryKind::File => {
                into.insert(path, entry.size);
            }
            EntryKind::Folder
                if depth < MOST_FOLDERS && !entry.name.starts_with('.') && entry.name != "node_modules" =>
            {
                walk(world, &folder.join(&entry.name), &path, depth + 1, into);
            }
            _ => {}
        }
    }
}

/// A path from the root, of one that a file names; `None` when it leads out.
pub(crate) fn beside(from: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    (!path.starts_with(['/', '\\']) && !path.contains(':')).then(|| parts.join("/"))
}

impl Files for Folder<'_> {
    fn template(&self, from: &str, path: &str, span: Span) -> Option<Rc<Template>> {
        let Some(path) = beside(from, path) else {
            let state = &mut *self.read.borrow_mut();
            state.lost += 1;
            state.diagnostics.push(
                Diagnostic::warning(
                    "outside-folder",
                    format!("`{path}` leads out of the folder that is read"),
                )
                .at(span, "named here")
                .because("Only files within the folder are read.")
                .help("read the folder that holds both"),
            );
            return None;
        };
        self.read.borrow_mut().named.insert(path.clone());
        Some(self.template_at(&path, Some(span))?.0)
    }

    fn text(&self, from: &str, path: &str) -> Result<String, String> {
        let inside =
            beside(from, path).ok_or_else(|| format!("`{path}` leads out of the folder that is read"))?;
        self.load(&inside).map_err(|d| d.summary)
    }
}

#[cfg(test)]
mod tests {
    use super::beside;

    #[test]
    fn paths_stay_within_the_folder() {
        for (from, path, there) in [
            ("main.bicep", "modules/a.bicep", Some("modules/a.bicep")),
            ("a/main.bicep", "../b/./c.bicep", Some("b/c.bicep")),
            ("a/main.bicep", "..\\b.bicep", Some("b.bicep")),
            ("main.bicep", "../b.bicep", None),
            ("a/main.bicep", "../../b.bicep", None),
            ("main.bicep", "/etc/passwd", None),
            ("main.bicep", "C:\\x", None),
        ] {
            assert_eq!(beside(from, path).as_deref(), there, "{from} {path}");
        }
    }
}
