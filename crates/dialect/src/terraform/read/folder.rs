//! The folder that a reader keeps to.
//!
//! Configurations name files and modules by paths. Every such path is resolved here, in words, before the disk is
//! asked, so that none leads out of the folder, none passes a symbolic link and no file is larger than the limit. Paths
//! are relative to the folder, with forward slashes; the folder itself is the empty path. Must not know HCL.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use ir::World;
use ir::world::{Entry, EntryKind};

use crate::reading::MOST_BYTES;

/// Folders that tools make and nobody writes infrastructure in.
const SKIPPED: &[&str] = &["node_modules", "vendor", "target"];
/// Deepest folder that is looked for roots.
const MOST_LEVELS: usize = 32;
/// Most folders that are looked for roots.
const MOST_FOLDERS: usize = 20_000;

/// A folder, and what is already known to stand in it.
pub(crate) struct Folder<'a> {
    world: &'a dyn World,
    base: PathBuf,
    listings: RefCell<BTreeMap<String, Option<Rc<Vec<Entry>>>>>,
}

/// Why a file was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Nothing stands there.
    Missing,
    /// Larger than the limit, in bytes.
    TooLarge(u64),
    /// A link, or a folder where a file was named, or a disk that failed.
    Unreadable(String),
}

impl<'a> Folder<'a> {
    /// The folder at `base`.
    pub fn new(world: &'a dyn World, base: &Path) -> Self {
        Self { world, base: base.to_owned(), listings: RefCell::default() }
    }

    /// What the folder is called, when it has a name.
    pub fn name(&self) -> Option<String> {
        self.world.folder_name(&self.base)
    }

    /// A path as the user would write it.
    pub fn shown(&self, path: &str) -> String {
        let shown = self.base.join(path).to_string_lossy().replace('\\', "/");
        shown.strip_prefix("./").unwrap_or(&shown).trim_end_matches('/').to_owned()
    }

    /// What stands in a folder; `None` where no folder is, or a link leads to it.
    pub fn entries(&self, path: &str) -> Option<Rc<Vec<Entry>>> {
        if let Some(known) = self.listings.borrow().get(path) {
            return known.clone();
        }
        let there = path.is_empty() || self.kind(path) == Some(EntryKind::Folder);
        let listed = if there { self.world.list(&self.base.join(path)).ok().map(Rc::new) } else { None };
        self.listings.borrow_mut().insert(path.to_owned(), listed.clone());
        listed
    }

    /// What a path leads to; links lead nowhere.
    pub fn kind(&self, path: &str) -> Option<EntryKind> {
        self.entry(path).map(|e| e.kind).or_else(|| path.is_empty().then_some(EntryKind::Folder))
    }

    fn entry(&self, path: &str) -> Option<Entry> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        if name.is_empty() {
            return None;
        }
        let entries = self.entries(folder)?;
        let at = entries.binary_search_by(|e| e.name.as_str().cmp(name)).ok()?;
        Some(entries[at].clone())
    }

    /// The bytes of a file.
    pub fn bytes(&self, path: &str) -> Result<Vec<u8>, Refusal> {
        let entry = self.entry(path).ok_or(Refusal::Missing)?;
        match entry.kind {
            EntryKind::File if entry.size > MOST_BYTES => Err(Refusal::TooLarge(entry.size)),
            EntryKind::File => {
                self.world.read(&self.base.join(path)).map_err(|e| Refusal::Unreadable(e.reason))
            }
            EntryKind::Folder => Err(Refusal::Unreadable("it is a folder".to_owned())),
            EntryKind::Other => {
                Err(Refusal::Unreadable("it is a link, and links are not followed".to_owned()))
            }
        }
    }

    /// The text of a file, without the mark of its encoding and with line feeds only.
    pub fn text(&self, path: &str) -> Result<String, Refusal> {
        let text = String::from_utf8(self.bytes(path)?).map_err(|e| {
            Refusal::Unreadable(format!("it is not UTF-8 text (byte {})", e.utf8_error().valid_up_to()))
        })?;
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        Ok(if text.contains('\r') { text.replace("\r\n", "\n") } else { text })
    }

    /// Every folder in this one that is not hidden and not a tool's, parents first; the flag says whether all were
    /// seen.
    pub fn folders(&self) -> (Vec<String>, bool) {
        let mut found = vec![String::new()];
        let mut next = 0;
        while let Some(folder) = found.get(next).cloned() {
            next += 1;
            if folder.matches('/').count() >= MOST_LEVELS {
                return (found, false);
            }
            for entry in self.entries(&folder).iter().flat_map(|e| e.iter()) {
                let skipped = entry.name.starts_with('.') || SKIPPED.contains(&entry.name.as_str());
                if entry.kind == EntryKind::Folder && !skipped {
                    if found.len() >= MOST_FOLDERS {
                        return (found, false);
                    }
                    found.push(beside(&folder, &entry.name));
                }
            }
        }
        (found, true)
    }
}

/// The path of a name in a folder.
pub(crate) fn beside(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Where `to` leads from a folder; `None` when it leads out, or to the root of the file system.
pub(crate) fn follow(from: &str, to: &str) -> Option<String> {
    if to.starts_with(['/', '~']) || to.contains('\\') || to.contains(':') {
        return None;
    }
    let mut parts: Vec<&str> = from.split('/').filter(|p| !p.is_empty()).collect();
    for part in to.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// The way from one folder to another, as `.` or `../x`.
pub(crate) fn way(from: &str, to: &str) -> String {
    let split = |path: &str| path.split('/').filter(|p| !p.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let (from, to) = (split(from), split(to));
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..".to_owned(), from.len() - common);
    let parts: Vec<String> = up.chain(to[common..].iter().cloned()).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ir::world::MemoryWorld;

    #[test]
    fn no_path_leads_out_of_the_folder() {
        for (from, to, expected) in [
            ("envs/prod", "../../modules/x", Some("modules/x")),
            ("envs/prod", "../../../x", None),
            ("", "./x/../y/", Some("y")),
            ("", "..", None),
            ("a", "/etc/passwd", None),
            ("a", "~/x", None),
            ("a", "C:\\x", None),
        ] {
            assert_eq!(follow(from, to).as_deref(), expected, "{from} {to}");
        }
    }

    #[test]
    fn a_way_leads_where_it_says() {
        for (from, to, expected) in [
            ("", "", "."),
            ("a/b", "a/b", "."),
            ("a/b", "a/c/d", "../c/d"),
            ("", "m", "m"),
            ("e/p", "", "../.."),
        ] {
            assert_eq!(way(from, to), expected);
            assert_eq!(follow(from, expected).as_deref(), Some(to));
        }
    }

    #[test]
    fn encodings_marks_and_line_ends_do_not_matter() {
        let world = MemoryWorld::with([("x/a.tf", "\u{feff}a = 1\r\nb = 2\r\n")]);
        let folder = Folder::new(&world, Path::new("x"));
        assert_eq!(folder.text("a.tf").as_deref(), Ok("a = 1\nb = 2\n"));
        assert_eq!(folder.text("b.tf"), Err(Refusal::Missing));
    }
}
