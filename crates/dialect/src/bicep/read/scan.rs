//! The smallest parts of Bicep's text: blanks, comments, marks, names.
//!
//! A line break ends a declaration or an item, so it is passed only where the caller says that it means nothing.

use ir::{FileId, Span};

/// Deepest nesting of expressions and resources: a level takes some twenty kilobytes of the stack where nothing is optimised.
pub(super) const MOST_OPEN: usize = 64;

/// What stands in the way, and where.
#[derive(Debug)]
pub(super) struct Trouble {
    /// In words, completing a sentence.
    pub reason: String,
    /// Where.
    pub span: Span,
}

pub(super) type Read<T> = Result<T, Trouble>;

/// A place in a file.
pub(super) struct Scanner<'t> {
    /// The file.
    pub file: FileId,
    /// Its text.
    pub text: &'t str,
    /// Byte offset.
    pub at: usize,
    /// How many levels of expressions are open.
    pub depth: usize,
}

impl<'t> Scanner<'t> {
    /// What has not been read.
    pub fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// From a place to here.
    pub fn since(&self, start: usize) -> Span {
        let at = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span { file: self.file, start: at(start), end: at(self.at.max(start)) }
    }

    /// Passes blanks and comments, but no line break.
    pub fn blank(&mut self) {
        loop {
            let rest = self.rest();
            let plain = rest.trim_start_matches([' ', '\t', '\r', '\u{feff}']);
            self.at += rest.len() - plain.len();
            if plain.starts_with("//") || plain.starts_with('#') {
                self.at += plain.find('\n').unwrap_or(plain.len());
            } else if let Some(comment) = plain.strip_prefix("/*") {
                self.at += comment.find("*/").map_or(plain.len(), |n| n + 4);
            } else {
                return;
            }
        }
    }

    /// Passes blanks, comments and line breaks.
    pub fn lines(&mut self) {
        self.blank();
        while self.rest().starts_with('\n') {
            self.at += 1;
            self.blank();
        }
    }

    /// Passes a mark, if it comes next on this line.
    pub fn takes(&mut self, mark: &str) -> bool {
        self.blank();
        let there = self.rest().starts_with(mark);
        if there {
            self.at += mark.len();
        }
        there
    }

    /// Passes a mark that must come next, also on a later line.
    pub fn expects(&mut self, mark: &str) -> Read<()> {
        self.lines();
        if self.takes(mark) { Ok(()) } else { Err(self.trouble(&format!("`{mark}` is expected"))) }
    }

    /// Whether a word comes next, whole.
    pub fn word(&mut self, word: &str) -> bool {
        self.blank();
        let rest = self.rest();
        let whole = rest.strip_prefix(word).is_some_and(|after| !after.starts_with(is_inner));
        if whole {
            self.at += word.len();
        }
        whole
    }

    /// A name.
    pub fn name(&mut self) -> Read<&'t str> {
        self.blank();
        let rest = self.rest();
        if !rest.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            return Err(self.trouble("a name is expected"));
        }
        let end = rest.find(|c| !is_inner(c)).unwrap_or(rest.len());
        self.at += end;
        Ok(&rest[..end])
    }

    /// Something that is not there, said where it is missing.
    pub fn trouble(&self, expected: &str) -> Trouble {
        let found = match self.rest().chars().next() {
            None => "the file ends".to_owned(),
            Some('\n' | '\r') => "the line ends".to_owned(),
            Some(c) => format!("`{c}` stands"),
        };
        let length = self.rest().chars().next().map_or(0, char::len_utf8);
        let mut span = self.since(self.at);
        span.end += u32::try_from(length).unwrap_or(0);
        Trouble { reason: format!("{expected} where {found}"), span }
    }
}

fn is_inner(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
