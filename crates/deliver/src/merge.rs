//! Bringing a bundle into a folder that people work in.
//!
//! Three texts decide about each file: what was generated last time, what is generated now, and what is there.
//! What a user wrote is never overwritten: edits are merged, edits that contradict are shown and left alone, and
//! files that are not ours stay as they are. Deciding and writing are two functions, so that everything can be
//! said before anything is touched.

use std::collections::BTreeMap;
use std::path::Path;

use ir::bundle::sha256;
use ir::world::EntryKind;
use ir::{Bundle, Diagnostic, Diagnostics, Ownership, World, WorldError};

use crate::lock::{self, Lock};

/// What is to be done with the files, decided and not yet done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reconciled {
    /// New files and files nobody edited: path, text and whether it is a script.
    pub write: BTreeMap<String, (String, bool)>,
    /// Files that are already as they should be, or that the user has made their own.
    pub unchanged: Vec<String>,
    /// Files whose edits were merged with ours: path, text and whether it is a script.
    pub merged: BTreeMap<String, (String, bool)>,
    /// Files whose edits contradict ours, with both sides marked.
    pub conflicts: BTreeMap<String, String>,
    /// Files we wrote before and no longer need, unedited: to be deleted.
    pub removed: Vec<String>,
    /// Files we no longer need and the user has edited: kept.
    pub kept: Vec<String>,
    /// Files that are in the way and not ours.
    pub foreign: Vec<String>,
    /// The lock to write, with the files as generated.
    pub lock: Lock,
    /// What was generated, for the next merge.
    pub base: BTreeMap<String, String>,
}

/// Decides what happens to every file of a bundle in `out`. An error in the diagnostics means that nothing may
/// be written. `next` is the lock to be written, without its files.
#[must_use]
pub fn reconcile(
    world: &dyn World,
    out: &Path,
    bundle: &Bundle,
    lock: Option<Lock>,
    next: Lock,
) -> (Reconciled, Diagnostics) {
    let base = lock::read_base(world, out);
    let before = lock.map(|l| l.files).unwrap_or_default();
    let mut result = Reconciled { lock: next, ..Reconciled::default() };
    let mut diagnostics = Diagnostics::new();
    for (path, file) in bundle.iter() {
        let ours = file.text.as_str();
        result.lock.files.insert(path.to_owned(), sha256(ours.as_bytes()));
        result.base.insert(path.to_owned(), ours.to_owned());
        let write = |text: &str| (text.to_owned(), file.executable);
        let theirs = match there(world, &out.join(path)) {
            There::Nothing if file.ownership == Ownership::Scaffold && before.contains_key(path) => {
                // Written once; deleting it was a decision.
                result.unchanged.push(path.to_owned());
                continue;
            }
            There::Nothing => {
                result.write.insert(path.to_owned(), write(ours));
                continue;
            }
            There::Blocked(what) => {
                diagnostics.push(in_the_way(path, what));
                result.foreign.push(path.to_owned());
                continue;
            }
            There::Text(text) => text,
        };
        let generated = before.get(path);
        if theirs == ours || file.ownership == Ownership::Scaffold {
            result.unchanged.push(path.to_owned());
        } else if generated.is_some_and(|hash| *hash == sha256(theirs.as_bytes())) {
            result.write.insert(path.to_owned(), write(ours));
        } else if generated.is_some_and(|hash| *hash == sha256(ours.as_bytes())) {
            // Edited since, and nothing new to say: the edits stand.
            result.unchanged.push(path.to_owned());
        } else if generated.is_none() {
            diagnostics.push(in_the_way(path, "a file that Mainstay did not write"));
            result.foreign.push(path.to_owned());
        } else {
            match merge(base.get(path), ours, &theirs) {
                Ok(text) if text == theirs => result.unchanged.push(path.to_owned()),
                Ok(text) => {
                    result.merged.insert(path.to_owned(), write(&text));
                }
                Err(conflict) => {
                    diagnostics.push(contradiction(path, &conflict));
                    result.conflicts.insert(path.to_owned(), conflict);
                }
            }
        }
    }
    for (path, hash) in before.iter().filter(|(path, _)| bundle.get(path).is_none()) {
        // A lock is a file that anybody may edit: a path that leads out of the folder is not followed.
        match there(world, &out.join(path)) {
            There::Text(text) if sha256(text.as_bytes()) == *hash && is_inside(path) => {
                result.removed.push(path.clone());
            }
            There::Nothing => {}
            _ => {
                diagnostics.push(
                    Diagnostic::note(
                        "kept-file",
                        format!("{path} is no longer generated and was edited: it stays"),
                    )
                    .help("delete it if you do not need it"),
                );
                result.kept.push(path.clone());
            }
        }
    }
    (result, diagnostics)
}

/// Writes what was decided, the lock last: a run that is killed leaves the old lock, and the next one finds files
/// that are already as they should be. What is unchanged is not touched.
pub fn commit(world: &dyn World, out: &Path, decided: &Reconciled) -> Result<(), WorldError> {
    // Packing the texts takes about as long as writing them, and neither waits for the other.
    let packed = std::thread::scope(|scope| {
        let packing = scope.spawn(|| lock::pack(&decided.base));
        for (path, (text, executable)) in decided.write.iter().chain(&decided.merged) {
            world.write(&out.join(path), text.as_bytes(), *executable)?;
        }
        for path in &decided.removed {
            world.remove(&out.join(path))?;
        }
        Ok(packing.join().expect("packing strings cannot fail"))
    })?;
    let (lock, base) = lock::paths(out);
    if_different(world, &base, &packed)?;
    if_different(world, &lock, decided.lock.text().as_bytes())
}

fn if_different(world: &dyn World, path: &Path, bytes: &[u8]) -> Result<(), WorldError> {
    if world.read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    world.write(path, bytes, false)
}

/// What stands at a path.
enum There {
    Nothing,
    Text(String),
    Blocked(&'static str),
}

fn there(world: &dyn World, path: &Path) -> There {
    match world.kind(path) {
        None => {
            // A file where a folder should be is in the way too. Above the first thing that exists are folders.
            let mut above = path.ancestors().skip(1).filter(|p| !p.as_os_str().is_empty());
            let blocked = above.find_map(|p| world.kind(p)) == Some(EntryKind::File);
            if blocked { There::Blocked("a file where a folder should be") } else { There::Nothing }
        }
        Some(EntryKind::Folder) => There::Blocked("a folder"),
        Some(EntryKind::Other) => There::Blocked("something that is no regular file"),
        Some(EntryKind::File) if is_link(world, path) => There::Blocked("a symbolic link"),
        Some(EntryKind::File) => match world.read_text(path) {
            Ok(text) => There::Text(text),
            Err(_) => There::Blocked("a file that cannot be read as text"),
        },
    }
}

/// Whether a file is reached through a link of its own name: writing would replace the link, and reading it says
/// nothing about what is ours.
fn is_link(world: &dyn World, path: &Path) -> bool {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return false };
    let entries = world.list(folder).unwrap_or_default();
    entries.iter().any(|e| e.kind == EntryKind::Other && name == e.name.as_str())
}

fn is_inside(path: &str) -> bool {
    let parts = || Path::new(path).components();
    parts().all(|part| matches!(part, std::path::Component::Normal(_)))
}

/// Merges edits into what is generated now. Line endings follow the edited file, so that an editor that changed
/// all of them has changed nothing; where they are mixed, each is an edit of its line. An error is the text with both
/// sides marked.
fn merge(base: Option<&String>, ours: &str, theirs: &str) -> Result<String, String> {
    let lines = theirs.matches('\n').count();
    let windows = lines > 0 && theirs.matches("\r\n").count() == lines;
    let plain = if windows { theirs.replace("\r\n", "\n") } else { theirs.to_owned() };
    // Without the former text every difference is a contradiction.
    let base = base.map_or("", String::as_str);
    let back = |text: String| if windows { text.replace('\n', "\r\n") } else { text };
    match diffy::merge(base, &plain, ours) {
        Ok(text) => Ok(back(text)),
        Err(conflict) => Err(conflict),
    }
}

fn in_the_way(path: &str, what: &str) -> Diagnostic {
    Diagnostic::error("file-in-the-way", format!("{path} cannot be written: {what} is there"))
        .because("Mainstay never overwrites what it did not write")
        .help("move it away, or generate into another folder with --out")
}

fn contradiction(path: &str, conflict: &str) -> Diagnostic {
    Diagnostic::error("merge-conflict", format!("your edits of {path} contradict what is generated now"))
        .because(format!("both sides, yours first:\n{}", hunks(conflict)))
        .help("change your edit to agree, or take it back, and generate again; the file was not touched")
}

/// The marked parts of a conflict, with nothing around them.
fn hunks(conflict: &str) -> String {
    let mut inside = false;
    let mut out = String::new();
    for line in conflict.lines() {
        inside |= line.starts_with("<<<<<<<");
        if inside {
            out.push_str(line);
            out.push('\n');
        }
        inside &= !line.starts_with(">>>>>>>");
    }
    out
}
