//! What is said to the user about their input.
//!
//! A diagnostic is a value: the command line, SARIF, JSON and the console all render the same one. The id
//! names the problem in kebab case and reads well after "allow". Summaries are one line without a full
//! stop; `help` says what to write instead.

use crate::span::{SourceMap, Span};

/// How bad it is. Only [`Severity::Error`] stops a phase from writing anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing to do.
    Note,
    /// Probably not what was meant, or something that could not be kept.
    Warning,
    /// Nothing is written while one exists.
    Error,
}

/// How sure the engine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A hint.
    Low,
    /// Likely.
    Medium,
    /// Certain.
    High,
}

/// A span with a few words about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is there; may be empty.
    pub text: String,
}

/// Text that would mend the problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What is replaced.
    pub span: Span,
    /// By what.
    pub replacement: String,
    /// Whether it can be applied without a look.
    pub safe: bool,
}

/// One message.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// Stable kebab-case id, such as `unknown-key`.
    pub id: &'static str,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// One line, no full stop.
    pub summary: String,
    /// Where, when there is a place.
    pub primary: Option<Label>,
    /// Other places that explain it.
    pub related: Vec<Label>,
    /// What happened and why, in full sentences.
    pub notes: Vec<String>,
    /// What to do, in the imperative.
    pub help: Option<String>,
    /// Text that would mend it.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// A diagnostic with nothing but its id, severity and summary.
    pub fn new(id: &'static str, severity: Severity, summary: impl Into<String>) -> Self {
        Self {
            id,
            severity,
            confidence: Confidence::High,
            summary: summary.into(),
            primary: None,
            related: Vec::new(),
            notes: Vec::new(),
            help: None,
            fix: None,
        }
    }

    /// An error.
    pub fn error(id: &'static str, summary: impl Into<String>) -> Self {
        Self::new(id, Severity::Error, summary)
    }

    /// A warning.
    pub fn warning(id: &'static str, summary: impl Into<String>) -> Self {
        Self::new(id, Severity::Warning, summary)
    }

    /// A note.
    pub fn note(id: &'static str, summary: impl Into<String>) -> Self {
        Self::new(id, Severity::Note, summary)
    }

    /// Sets the primary place; takes an `Option` because defaults have none.
    #[must_use]
    pub fn at(mut self, span: impl Into<Option<Span>>, text: impl Into<String>) -> Self {
        self.primary = span.into().map(|span| Label { span, text: text.into() });
        self
    }

    /// Adds a place that explains it.
    #[must_use]
    pub fn related(mut self, span: impl Into<Option<Span>>, text: impl Into<String>) -> Self {
        self.related.extend(span.into().map(|span| Label { span, text: text.into() }));
        self
    }

    /// Adds a sentence.
    #[must_use]
    pub fn because(mut self, sentence: impl Into<String>) -> Self {
        self.notes.push(sentence.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with every place where the user wrote it. A replacement of what nobody wrote is left out.
    #[must_use]
    pub fn located(mut self, sources: &SourceMap) -> Self {
        let moved = |label: Label| Some(Label { span: sources.origin(label.span)?, ..label });
        self.primary = self.primary.and_then(moved);
        self.related = self.related.into_iter().filter_map(moved).collect();
        self.fix = self.fix.filter(|fix| sources.origin(fix.span) == Some(fix.span));
        self
    }

    /// Offers a replacement.
    #[must_use]
    pub fn fix(mut self, span: Span, replacement: impl Into<String>) -> Self {
        self.fix = Some(Fix { span, replacement: replacement.into(), safe: true });
        self
    }
}

/// Everything a phase had to say, in the order it said it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds another phase's.
    pub fn extend(&mut self, other: Diagnostics) {
        self.0.extend(other.0);
    }

    /// Whether anything may be written.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|d| d.severity == Severity::Error)
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(iter: I) -> Self {
        Self(iter.into_iter().collect())
    }
}

/// The candidate nearest to what was written, if one is near enough to be a slip of the pen.
#[must_use]
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (written.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|c| (edit_distance(written, c), c))
        .filter(|(d, _)| *d <= limit)
        .min()
        .map(|(_, c)| c)
}

/// Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours.
fn edit_distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let substitution = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = substitution.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(rows[i - 2][j - 2] + 1);
            }
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_finds_slips_and_refuses_guesses() {
        let keys = ["services", "resources", "secrets", "environments"];
        assert_eq!(nearest("servcies", keys), Some("services"));
        assert_eq!(nearest("secret", keys), Some("secrets"));
        assert_eq!(nearest("database", keys), None);
        assert_eq!(nearest("", keys), None);
    }
}
