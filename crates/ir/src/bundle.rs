//! The files that the engine would write.
//!
//! Emitters return files; nobody below the command line writes one. A bundle keeps them sorted by path, so
//! that what is printed, hashed and merged is always in the same order.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

/// Who a file belongs to once it exists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ownership {
    /// Regenerated; user edits survive by three-way merge.
    #[default]
    Generated,
    /// Written once as a starting point and never touched again.
    Scaffold,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// What is in it.
    pub text: String,
    /// Whether it is a script.
    pub executable: bool,
    /// Who owns it.
    pub ownership: Ownership,
}

/// Files by their path relative to the output folder, with forward slashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bundle {
    files: BTreeMap<String, File>,
}

impl Bundle {
    /// An empty bundle.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file. Two emitters writing one path is a defect: the program stops.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.add_file(path, File { text: text.into(), executable: false, ownership: Ownership::Generated });
    }

    /// Adds an executable file.
    pub fn add_script(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.add_file(path, File { text: text.into(), executable: true, ownership: Ownership::Generated });
    }

    /// Adds a file with everything said.
    pub fn add_file(&mut self, path: impl Into<String>, file: File) {
        let path = path.into();
        let clash = self.files.insert(path.clone(), file);
        assert!(clash.is_none(), "two emitters write {path}");
    }

    /// Adds another bundle's files.
    pub fn extend(&mut self, other: Bundle) {
        for (path, file) in other.files {
            self.add_file(path, file);
        }
    }

    /// The files, by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &File)> {
        self.files.iter().map(|(p, f)| (p.as_str(), f))
    }

    /// One file.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

/// Lower-case hexadecimal SHA-256 of some bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_hash_is_the_published_one() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(super::sha256(b""), empty);
    }
}
