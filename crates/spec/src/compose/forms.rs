//! The short and long forms of compose, read as one.
//!
//! Most keys may be written as a list or a mapping, a string or a list. Merging and reading both need the one
//! form, so it is made here. This module must not say anything: what it cannot read it leaves out, and `keys`
//! has already said so.

use ir::Span;
use ir::yaml::{Data, Key, Yaml};

/// One entry of a mapping that may also be written as a list of `KEY=value`.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) key: String,
    /// `None` when only the key was written.
    pub(super) value: Option<String>,
    pub(super) span: Span,
}

/// `environment`, `labels`, `args`: a mapping, or a list of `KEY=value`.
pub(super) fn pairs(node: &Yaml) -> Vec<Pair> {
    match &node.data {
        Data::Map(entries) => entries
            .iter()
            .map(|(key, value)| Pair { key: key.text.clone(), value: value.scalar(), span: value.span })
            .collect(),
        Data::Seq(items) => items
            .iter()
            .filter_map(|item| {
                let text = item.scalar()?;
                let (key, value) = match text.split_once('=') {
                    Some((key, value)) => (key.to_owned(), Some(value.to_owned())),
                    None => (text, None),
                };
                (!key.is_empty()).then_some(Pair { key, value, span: item.span })
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// `env_file`, `dns`, `profiles`: a scalar, or a list of scalars.
pub(super) fn strings(node: &Yaml) -> Vec<(String, Span)> {
    match &node.data {
        Data::Seq(items) => items.iter().filter_map(|i| Some((i.scalar()?, i.span))).collect(),
        Data::Map(_) | Data::Null => Vec::new(),
        _ => node.scalar().map(|text| (text, node.span)).into_iter().collect(),
    }
}

/// `depends_on`, `networks`, `models`: a mapping by name, or a list of names.
pub(super) fn named(node: &Yaml) -> Vec<(Key, Yaml)> {
    match &node.data {
        Data::Map(entries) => entries.clone(),
        Data::Seq(items) => items
            .iter()
            .filter_map(|i| {
                let key = Key { text: i.scalar()?, span: i.span };
                Some((key, Yaml { data: Data::Null, span: i.span, tag: i.tag.clone() }))
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// The scalar under a key.
pub(super) fn text(node: &Yaml, key: &str) -> Option<String> {
    node.get(key)?.scalar()
}

/// Whether a key is set to true, also as a string.
pub(super) fn flag(node: &Yaml, key: &str) -> bool {
    text(node, key).is_some_and(|t| t.eq_ignore_ascii_case("true"))
}

/// Bytes of `512m`, `1.5gb` or a plain number, in MiB.
pub(super) fn mebibytes(text: &str) -> Option<f64> {
    let lower = text.trim().to_ascii_lowercase();
    let digits = lower.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(lower.len());
    let number: f64 = lower[..digits].parse().ok()?;
    let bytes = match lower[digits..].trim() {
        "" | "b" => 1.0,
        "k" | "kb" | "kib" => 1024.0,
        "m" | "mb" | "mib" => 1024.0 * 1024.0,
        "g" | "gb" | "gib" => 1024.0 * 1024.0 * 1024.0,
        "t" | "tb" | "tib" => 1024.0f64.powi(4),
        _ => return None,
    };
    Some(number * bytes / (1024.0 * 1024.0)).filter(|m| m.is_finite() && *m > 0.0)
}
