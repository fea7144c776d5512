//! The only I/O.
//!
//! Files, clock, environment and processes are reached through [`World`] alone; clippy's
//! `disallowed-methods` forbids the rest. Tests use [`MemoryWorld`], the program [`OsWorld`].

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

/// What went wrong outside, with the path or program it went wrong on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorldError {
    /// What was attempted, such as `read api/Dockerfile`.
    pub action: String,
    /// What the system said.
    pub reason: String,
    /// Whether the thing was not there.
    pub not_found: bool,
}

impl std::fmt::Display for WorldError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cannot {}: {}", self.action, self.reason)
    }
}

impl std::error::Error for WorldError {}

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, socket or device: listed, never followed.
    Other,
}

/// One entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name without the folder.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
    /// Bytes, for a file.
    pub size: u64,
}

/// A program to run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invocation {
    /// Found on the path.
    pub program: String,
    /// Never joined into a shell line.
    pub args: Vec<String>,
    /// Where to run it.
    pub cwd: PathBuf,
    /// What it reads.
    pub stdin: String,
    /// Added to the environment.
    pub env: Vec<(String, String)>,
}

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it complained.
    pub stderr: String,
}

/// Everything outside the program.
pub trait World {
    /// The bytes of a file.
    fn read(&self, path: &Path) -> Result<Vec<u8>, WorldError>;
    /// A folder's entries, sorted by name.
    fn list(&self, folder: &Path) -> Result<Vec<Entry>, WorldError>;
    /// What a path leads to, if anything.
    fn kind(&self, path: &Path) -> Option<EntryKind>;
    /// A path from the root of the file system; links are not followed.
    fn absolute(&self, path: &Path) -> PathBuf;
    /// Writes a file, making its folders, so that a reader sees the old text or the new and nothing between.
    fn write(&self, path: &Path, bytes: &[u8], executable: bool) -> Result<(), WorldError>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> Result<(), WorldError>;
    /// Creates a file that must not exist yet: the way to take a lock.
    fn create_new(&self, path: &Path, bytes: &[u8]) -> Result<(), WorldError>;
    /// An environment variable.
    fn env(&self, name: &str) -> Option<String>;
    /// Seconds since 1970 in UTC.
    fn now(&self) -> i64;
    /// Milliseconds on a clock that only goes forward, for measuring.
    fn ticks(&self) -> u64;
    /// Runs a program to its end.
    fn run(&self, invocation: &Invocation) -> Result<Outcome, WorldError>;

    /// What a folder is called, also when it is written as `.` or `..`; the root has no name.
    fn folder_name(&self, folder: &Path) -> Option<String> {
        let whole = plain(&self.absolute(folder));
        whole.file_name().map(|n| n.to_string_lossy().into_owned())
    }

    /// A file as text; bytes that are no UTF-8 are an error that says where they start.
    fn read_text(&self, path: &Path) -> Result<String, WorldError> {
        let bytes = self.read(path)?;
        String::from_utf8(bytes).map_err(|e| WorldError {
            action: format!("read {}", path.display()),
            reason: format!("not UTF-8 text (byte {})", e.utf8_error().valid_up_to()),
            not_found: false,
        })
    }
}

/// The machine the program runs on.
#[derive(Debug)]
pub struct OsWorld {
    #[allow(clippy::disallowed_types, reason = "this is the World")]
    started: std::time::Instant,
}

impl Default for OsWorld {
    #[allow(clippy::disallowed_methods, reason = "this is the World")]
    fn default() -> Self {
        Self { started: std::time::Instant::now() }
    }
}

fn failed(action: &str, path: &Path, e: &std::io::Error) -> WorldError {
    WorldError {
        action: format!("{action} {}", path.display()),
        reason: e.to_string(),
        not_found: e.kind() == std::io::ErrorKind::NotFound,
    }
}

#[allow(clippy::disallowed_methods, reason = "this is the World")]
impl World for OsWorld {
    fn absolute(&self, path: &Path) -> PathBuf {
        let here = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        // It fails only where the current folder is gone, and then nothing has a name.
        std::path::absolute(here).unwrap_or_else(|_| path.to_owned())
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, WorldError> {
        std::fs::read(path).map_err(|e| failed("read", path, &e))
    }

    fn list(&self, folder: &Path) -> Result<Vec<Entry>, WorldError> {
        let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(here).map_err(|e| failed("list", folder, &e))? {
            let entry = entry.map_err(|e| failed("list", folder, &e))?;
            let Ok(kind) = entry.file_type() else { continue };
            let (kind, size) = if kind.is_file() {
                (EntryKind::File, entry.metadata().map_or(0, |m| m.len()))
            } else if kind.is_dir() {
                (EntryKind::Folder, 0)
            } else {
                (EntryKind::Other, 0)
            };
            entries.push(Entry { name: entry.file_name().to_string_lossy().into_owned(), kind, size });
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    fn kind(&self, path: &Path) -> Option<EntryKind> {
        let here = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        let meta = std::fs::metadata(here).ok()?;
        Some(if meta.is_file() {
            EntryKind::File
        } else if meta.is_dir() {
            EntryKind::Folder
        } else {
            EntryKind::Other
        })
    }

    fn write(&self, path: &Path, bytes: &[u8], executable: bool) -> Result<(), WorldError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|e| failed("create", folder, &e))?;
        }
        let mut beside = path.as_os_str().to_owned();
        beside.push(format!(".{}.new", std::process::id()));
        let beside = PathBuf::from(beside);
        std::fs::write(&beside, bytes).map_err(|e| failed("write", path, &e))?;
        #[cfg(unix)]
        if executable {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::Permissions::from_mode(0o755);
            std::fs::set_permissions(&beside, mode).map_err(|e| failed("write", path, &e))?;
        }
        #[cfg(not(unix))]
        let _ = executable;
        std::fs::rename(&beside, path).map_err(|e| {
            let _ = std::fs::remove_file(&beside);
            failed("write", path, &e)
        })
    }

    fn remove(&self, path: &Path) -> Result<(), WorldError> {
        std::fs::remove_file(path).map_err(|e| failed("remove", path, &e))
    }

    fn create_new(&self, path: &Path, bytes: &[u8]) -> Result<(), WorldError> {
        use std::io::Write;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|e| failed("create", folder, &e))?;
        }
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(path)
            .map_err(|e| failed("create", path, &e))?;
        file.write_all(bytes).map_err(|e| failed("write", path, &e))
    }

    fn env(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn now(&self) -> i64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX))
    }

    fn ticks(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn run(&self, invocation: &Invocation) -> Result<Outcome, WorldError> {
        use std::io::Write;
        use std::process::{Command, Stdio};
        let trouble = |e: std::io::Error| WorldError {
            action: format!("run {}", invocation.program),
            reason: e.to_string(),
            not_found: e.kind() == std::io::ErrorKind::NotFound,
        };
        let mut command = Command::new(&invocation.program);
        command.args(&invocation.args).envs(invocation.env.iter().map(|(k, v)| (k, v)));
        if !invocation.cwd.as_os_str().is_empty() {
            command.current_dir(&invocation.cwd);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(trouble)?;
        let stdin = child.stdin.take();
        // A program that does not read its input closes the pipe: not an error of ours.
        let fed = std::thread::scope(|scope| {
            let feeder = scope.spawn(move || {
                if let Some(mut stdin) = stdin {
                    let _ = stdin.write_all(invocation.stdin.as_bytes());
                }
            });
            let output = child.wait_with_output();
            let _ = feeder.join();
            output
        });
        let output = fed.map_err(trouble)?;
        Ok(Outcome {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }
}

/// A world of maps, for tests.
#[derive(Debug, Default)]
pub struct MemoryWorld {
    files: RefCell<BTreeMap<PathBuf, Vec<u8>>>,
    /// Environment variables.
    pub env: BTreeMap<String, String>,
    /// Seconds since 1970.
    pub clock: i64,
}

impl MemoryWorld {
    /// A world with these files.
    pub fn with<P: AsRef<Path>, T: AsRef<[u8]>>(files: impl IntoIterator<Item = (P, T)>) -> Self {
        let world = Self::default();
        for (path, text) in files {
            world.files.borrow_mut().insert(plain(path.as_ref()), text.as_ref().to_vec());
        }
        world
    }

    /// Every path that exists, sorted.
    #[must_use]
    pub fn paths(&self) -> Vec<PathBuf> {
        self.files.borrow().keys().cloned().collect()
    }
}

/// Drops `.` and resolves `..` without looking at any disk.
#[must_use]
pub fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if out.file_name().is_some() => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

fn missing(action: &str, path: &Path) -> WorldError {
    WorldError {
        action: format!("{action} {}", path.display()),
        reason: "no such file".to_owned(),
        not_found: true,
    }
}

impl World for MemoryWorld {
    fn absolute(&self, path: &Path) -> PathBuf {
        Path::new("/").join(path)
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, WorldError> {
        self.files.borrow().get(&plain(path)).cloned().ok_or_else(|| missing("read", path))
    }

    fn list(&self, folder: &Path) -> Result<Vec<Entry>, WorldError> {
        let folder = plain(folder);
        let files = self.files.borrow();
        let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
        for (path, bytes) in files.iter() {
            let Ok(rest) = path.strip_prefix(&folder) else { continue };
            let mut parts = rest.components();
            let Some(first) = parts.next() else { continue };
            let name = first.as_os_str().to_string_lossy().into_owned();
            let entry = if parts.next().is_some() {
                Entry { name: name.clone(), kind: EntryKind::Folder, size: 0 }
            } else {
                Entry { name: name.clone(), kind: EntryKind::File, size: bytes.len() as u64 }
            };
            entries.insert(name, entry);
        }
        if entries.is_empty() && !folder.as_os_str().is_empty() {
            return Err(missing("list", &folder));
        }
        Ok(entries.into_values().collect())
    }

    fn kind(&self, path: &Path) -> Option<EntryKind> {
        let path = plain(path);
        let files = self.files.borrow();
        if files.contains_key(&path) {
            return Some(EntryKind::File);
        }
        let inside: BTreeSet<_> = files.keys().filter(|p| p.starts_with(&path)).collect();
        (!inside.is_empty() || path.as_os_str().is_empty()).then_some(EntryKind::Folder)
    }

    fn write(&self, path: &Path, bytes: &[u8], _executable: bool) -> Result<(), WorldError> {
        self.files.borrow_mut().insert(plain(path), bytes.to_vec());
        Ok(())
    }

    fn remove(&self, path: &Path) -> Result<(), WorldError> {
        let removed = self.files.borrow_mut().remove(&plain(path));
        removed.map(|_| ()).ok_or_else(|| missing("remove", path))
    }

    fn create_new(&self, path: &Path, bytes: &[u8]) -> Result<(), WorldError> {
        if self.files.borrow().contains_key(&plain(path)) {
            let action = format!("create {}", path.display());
            return Err(WorldError { action, reason: "it exists".into(), not_found: false });
        }
        self.write(path, bytes, false)
    }

    fn env(&self, name: &str) -> Option<String> {
        self.env.get(name).cloned()
    }

    fn now(&self) -> i64 {
        self.clock
    }

    fn ticks(&self) -> u64 {
        0
    }

    fn run(&self, invocation: &Invocation) -> Result<Outcome, WorldError> {
        Err(missing("run", Path::new(&invocation.program)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memory_world_lists_like_a_disk() {
        let world = MemoryWorld::with([("a/b/c.txt", "1"), ("a/d.txt", "22"), ("e", "")]);
        let names = |p: &str| world.list(Path::new(p)).expect("exists").into_iter().map(|e| e.name);
        assert!(names("").eq(["a", "e"]));
        assert!(names("./a/b/..").eq(["b", "d.txt"]));
        assert!(world.list(Path::new("nowhere")).expect_err("missing").not_found);
        assert_eq!(world.kind(Path::new("a/b")), Some(EntryKind::Folder));
    }

    #[test]
    fn a_lock_file_is_created_once() {
        let world = MemoryWorld::default();
        assert!(world.create_new(Path::new("lock"), b"1").is_ok());
        assert!(world.create_new(Path::new("lock"), b"2").is_err());
        assert_eq!(world.read(Path::new("lock")).expect("there"), b"1");
    }
}
