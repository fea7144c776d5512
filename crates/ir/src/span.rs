//! Where something was written.
//!
//! A [`Span`] is a byte range in one file of a [`SourceMap`]; line and column are computed only when a
//! diagnostic is rendered, so that carrying a span costs twelve bytes and no thought.

use std::ops::Range;

/// A file of a [`SourceMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

/// A byte range in one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The range, for slicing the file's text.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A value and where it was written; `None` when nobody wrote it (a default, an assumption).
#[derive(Clone, Debug, PartialEq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub span: Option<Span>,
}

impl<T> Spanned<T> {
    /// A value that was written at `span`.
    pub fn at(value: T, span: Span) -> Self {
        Self { value, span: Some(span) }
    }

    /// A value that no file holds.
    pub fn bare(value: T) -> Self {
        Self { value, span: None }
    }
}

impl<T> std::ops::Deref for Spanned<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// One source file.
#[derive(Clone, Debug)]
pub struct Source {
    /// As the user named it, with forward slashes.
    pub path: String,
    /// The whole text.
    pub text: String,
    /// For a text that no user wrote: which part of it came from where.
    origins: Option<Vec<(Range<u32>, Span)>>,
}

/// The files that were read, by id.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<Source>,
}

impl SourceMap {
    /// Adds a file and returns its id.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> FileId {
        let id = u32::try_from(self.files.len()).expect("fewer than four thousand million files");
        self.files.push(Source { path: path.into(), text: text.into(), origins: None });
        FileId(id)
    }

    /// Says that a file was made by the program, and which parts of it came from what the user wrote. Parts may lie
    /// within each other; the smallest counts.
    pub fn made_from(&mut self, file: FileId, origins: Vec<(Range<u32>, Span)>) {
        self.files[file.0 as usize].origins = Some(origins);
    }

    /// Where the user wrote what a span points at; `None` when nobody wrote it.
    #[must_use]
    pub fn origin(&self, span: Span) -> Option<Span> {
        let Some(origins) = &self.get(span.file).origins else { return Some(span) };
        let around = origins.iter().filter(|(part, _)| part.contains(&span.start));
        around.min_by_key(|(part, _)| part.end - part.start).map(|(_, origin)| *origin)
    }

    /// The file of an id that this map gave out.
    #[must_use]
    pub fn get(&self, id: FileId) -> &Source {
        &self.files[id.0 as usize]
    }

    /// One-based line and column (in characters) of a span's start.
    #[must_use]
    pub fn line_col(&self, span: Span) -> (usize, usize) {
        let text = &self.get(span.file).text;
        let start = floor_boundary(text, span.start as usize);
        let before = &text[..start];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
        (line, column)
    }
}

fn floor_boundary(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
