//! YAML as a tree that remembers where everything was written.
//!
//! The parser is a library; this module only folds its events into nodes, resolves aliases and merge keys,
//! and reads plain scalars by the YAML 1.2 core schema. Duplicate keys, unknown aliases and documents that
//! expand to an absurd size are diagnostics, so that one file can report all its errors at once.

use granit_parser::{Event, Parser, ScalarStyle};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::span::{FileId, Span};

/// A node and where it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Yaml {
    /// What it is.
    pub data: Data,
    /// Where the value stands; for an alias, where it is used.
    pub span: Span,
    /// A tag such as `!Sub` or `!reset`, without core tags.
    pub tag: Option<String>,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// Nothing.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// A string; `plain` when it was written without quotes.
    Str(String),
    /// A sequence.
    Seq(Vec<Yaml>),
    /// A mapping in the order written, merge keys already applied.
    Map(Vec<(Key, Yaml)>),
}

/// A mapping key, as text.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// The text, also for keys such as `8080` or `true`.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// More nodes than this after expanding aliases is an attack or a mistake.
const MAX_NODES: usize = 2_000_000;
/// Deeper than this no configuration file goes.
const MAX_DEPTH: usize = 200;

/// Reads every document of a file. Broken text gives diagnostics and what could be read before them.
pub fn parse(text: &str, file: FileId) -> (Vec<Yaml>, Diagnostics) {
    let mut builder = Builder {
        file,
        offsets: Offsets::new(text),
        anchors: std::collections::HashMap::new(),
        stack: Vec::new(),
        documents: Vec::new(),
        diagnostics: Diagnostics::new(),
        nodes: 0,
    };
    for event in Parser::new_from_str(text) {
        match event {
            Ok((event, span)) => {
                if !builder.event(event, span) {
                    break;
                }
            }
            Err(e) => {
                let at = builder.offsets.byte(e.marker().index());
                let span = Span { file, start: at, end: at };
                builder.diagnostics.push(
                    Diagnostic::error("invalid-yaml", "the file is not valid YAML")
                        .at(span, e.info().to_owned())
                        .help("check the indentation, the quotes and the brackets at this line"),
                );
                break;
            }
        }
    }
    (builder.documents, builder.diagnostics)
}

/// The parser counts characters; spans count bytes.
struct Offsets {
    /// Byte offset of every character, or nothing for pure ASCII.
    table: Option<Vec<u32>>,
}

impl Offsets {
    fn new(text: &str) -> Self {
        let table = (!text.is_ascii()).then(|| {
            let ends = std::iter::once(text.len());
            text.char_indices().map(|(at, _)| at).chain(ends).map(clamp).collect()
        });
        Self { table }
    }

    fn byte(&self, character: usize) -> u32 {
        match &self.table {
            Some(table) => table[character.min(table.len() - 1)],
            None => clamp(character),
        }
    }
}

fn clamp(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

enum Frame {
    Seq { items: Vec<Yaml>, span: Span, tag: Option<String>, anchor: usize },
    Map { entries: Vec<(Key, Yaml)>, key: Option<Key>, span: Span, tag: Option<String>, anchor: usize },
}

struct Builder {
    file: FileId,
    offsets: Offsets,
    anchors: std::collections::HashMap<usize, Yaml>,
    stack: Vec<Frame>,
    documents: Vec<Yaml>,
    diagnostics: Diagnostics,
    nodes: usize,
}

impl Builder {
    /// Takes one event; `false` ends the reading.
    fn event(&mut self, event: Event<'_>, at: granit_parser::Span) -> bool {
        let span = Span {
            file: self.file,
            start: self.offsets.byte(at.start.index()),
            end: self.offsets.byte(at.end.index()),
        };
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let tag = custom(tag.as_deref());
                let forced = tag.is_some() || style != ScalarStyle::Plain;
                let data = if forced { Data::Str(text.into_owned()) } else { plain_scalar(&text) };
                self.finish(Yaml { data, span, tag }, anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.stack.push(Frame::Seq { items: Vec::new(), span, tag: custom(tag.as_deref()), anchor });
                self.depth_ok(span)
            }
            Event::MappingStart(_, anchor, tag) => {
                self.stack.push(Frame::Map {
                    entries: Vec::new(),
                    key: None,
                    span,
                    tag: custom(tag.as_deref()),
                    anchor,
                });
                self.depth_ok(span)
            }
            Event::SequenceEnd | Event::MappingEnd => match self.stack.pop() {
                Some(Frame::Seq { items, span: start, tag, anchor }) => {
                    let span = Span { end: span.end.max(start.end), ..start };
                    self.finish(Yaml { data: Data::Seq(items), span, tag }, anchor)
                }
                Some(Frame::Map { entries, span: start, tag, anchor, .. }) => {
                    let span = Span { end: span.end.max(start.end), ..start };
                    let entries = self.merged(entries);
                    self.finish(Yaml { data: Data::Map(entries), span, tag }, anchor)
                }
                None => true,
            },
            Event::Alias(id) => {
                let Some(target) = self.anchors.get(&id).cloned() else {
                    self.diagnostics.push(
                        Diagnostic::error("recursive-alias", "an alias stands inside its own anchor")
                            .at(span, ""),
                    );
                    return self.finish(Yaml { data: Data::Null, span, tag: None }, 0);
                };
                self.nodes += count(&target);
                self.finish(Yaml { span, ..target }, 0)
            }
            _ => true,
        }
    }

    fn depth_ok(&mut self, span: Span) -> bool {
        if self.stack.len() <= MAX_DEPTH {
            return true;
        }
        let summary = format!("the file is nested more than {MAX_DEPTH} levels deep");
        self.diagnostics.push(Diagnostic::error("too-deep", summary).at(span, "here"));
        false
    }

    fn finish(&mut self, node: Yaml, anchor: usize) -> bool {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            let summary = format!("the file expands to more than {MAX_NODES} values");
            self.diagnostics.push(
                Diagnostic::error("too-large", summary)
                    .at(node.span, "the limit is passed here")
                    .help("look for aliases that repeat other aliases"),
            );
            return false;
        }
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.stack.last_mut() {
            None => self.documents.push(node),
            Some(Frame::Seq { items, .. }) => items.push(node),
            Some(Frame::Map { entries, key, .. }) => match key.take() {
                Some(key) => entries.push((key, node)),
                None => match key_text(&node.data) {
                    Some(text) => *key = Some(Key { text, span: node.span }),
                    None => {
                        self.diagnostics.push(
                            Diagnostic::error("invalid-key", "a key must be a plain value")
                                .at(node.span, "this is a list or a mapping")
                                .help("quote the key if the brackets are part of it"),
                        );
                        *key = Some(Key { text: String::new(), span: node.span });
                    }
                },
            },
        }
        true
    }

    /// Applies `<<` and reports keys that appear twice; the first one wins.
    fn merged(&mut self, entries: Vec<(Key, Yaml)>) -> Vec<(Key, Yaml)> {
        let mut out: Vec<(Key, Yaml)> = Vec::with_capacity(entries.len());
        let mut places: std::collections::HashMap<String, usize> = std::collections::HashMap::new();
        let mut inherited = Vec::new();
        for (key, value) in entries {
            if key.text == "<<" && matches!(value.data, Data::Map(_) | Data::Seq(_)) {
                inherited.push(value);
                continue;
            }
            if let Some(first) = places.get(&key.text) {
                self.diagnostics.push(
                    Diagnostic::error("duplicate-key", format!("`{}` is set twice", key.text))
                        .at(key.span, "second time")
                        .related(out[*first].0.span, "first time")
                        .help("keep one of the two"),
                );
                continue;
            }
            places.insert(key.text.clone(), out.len());
            out.push((key, value));
        }
        for source in inherited {
            let maps = match source.data {
                Data::Seq(items) => items,
                data => vec![Yaml { data, span: source.span, tag: None }],
            };
            for map in maps {
                let Data::Map(entries) = map.data else { continue };
                for (key, value) in entries {
                    if !places.contains_key(&key.text) {
                        places.insert(key.text.clone(), out.len());
                        out.push((key, value));
                    }
                }
            }
        }
        out
    }
}

fn count(node: &Yaml) -> usize {
    match &node.data {
        Data::Seq(items) => 1 + items.iter().map(count).sum::<usize>(),
        Data::Map(entries) => 1 + entries.iter().map(|(_, v)| count(v)).sum::<usize>(),
        _ => 1,
    }
}

fn custom(tag: Option<&granit_parser::Tag>) -> Option<String> {
    tag.filter(|t| !t.is_yaml_core_schema()).map(granit_parser::Tag::original)
}

fn key_text(data: &Data) -> Option<String> {
    Some(match data {
        Data::Null => "null".to_owned(),
        Data::Bool(b) => b.to_string(),
        Data::Int(n) => n.to_string(),
        Data::Float(n) => n.to_string(),
        Data::Str(s) => s.clone(),
        Data::Seq(_) | Data::Map(_) => return None,
    })
}

/// The YAML 1.2 core schema.
fn plain_scalar(text: &str) -> Data {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Data::Null,
        "true" | "True" | "TRUE" => return Data::Bool(true),
        "false" | "False" | "FALSE" => return Data::Bool(false),
        ".inf" | ".Inf" | ".INF" | "+.inf" => return Data::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Data::Float(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => return Data::Float(f64::NAN),
        _ => {}
    }
    let radix =
        |prefix: &str, base| text.strip_prefix(prefix).and_then(|t| i64::from_str_radix(t, base).ok());
    if let Some(n) = radix("0x", 16).or_else(|| radix("0o", 8)) {
        return Data::Int(n);
    }
    let looks_numeric = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
        && text.bytes().any(|b| b.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    if looks_numeric {
        if let Ok(n) = text.parse::<i64>() {
            return Data::Int(n);
        }
        if let Ok(n) = text.parse::<f64>() {
            return Data::Float(n);
        }
    }
    Data::Str(text.to_owned())
}

impl Yaml {
    /// The entries of a mapping.
    #[must_use]
    pub fn entries(&self) -> Option<&[(Key, Yaml)]> {
        match &self.data {
            Data::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The items of a sequence.
    #[must_use]
    pub fn items(&self) -> Option<&[Yaml]> {
        match &self.data {
            Data::Seq(items) => Some(items),
            _ => None,
        }
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Yaml> {
        self.entries()?.iter().find(|(k, _)| k.text == key).map(|(_, v)| v)
    }

    /// The text of any scalar, as a program that reads strings would see it.
    #[must_use]
    pub fn scalar(&self) -> Option<String> {
        match &self.data {
            Data::Null => None,
            data => key_text(data),
        }
    }

    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.data {
            Data::Str(s) => Some(s),
            _ => None,
        }
    }

    /// What it is, in words for an error message.
    #[must_use]
    pub fn what(&self) -> &'static str {
        match self.data {
            Data::Null => "nothing",
            Data::Bool(_) => "a truth value",
            Data::Int(_) | Data::Float(_) => "a number",
            Data::Str(_) => "a string",
            Data::Seq(_) => "a list",
            Data::Map(_) => "a mapping",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::SourceMap;

    fn read(text: &str) -> (Vec<Yaml>, Diagnostics, SourceMap) {
        let mut sources = SourceMap::default();
        let file = sources.add("t.yaml", text);
        let (documents, diagnostics) = parse(text, file);
        (documents, diagnostics, sources)
    }

    #[test]
    fn spans_are_bytes_also_after_wide_characters() {
        let text = "name: \"caf\u{e9}\u{1f980}\"\nport: 80\n";
        let (documents, diagnostics, _) = read(text);
        assert!(diagnostics.is_empty());
        let port = documents[0].get("port").expect("set");
        assert_eq!(&text[port.span.range()], "80");
        assert_eq!(port.data, Data::Int(80));
    }

    #[test]
    fn anchors_merge_and_the_nearer_key_wins() {
        let (documents, diagnostics, _) = read("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\n");
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        let b = documents[0].get("b").expect("set");
        assert_eq!(b.get("x").map(|v| &v.data), Some(&Data::Int(1)));
        assert_eq!(b.get("y").map(|v| &v.data), Some(&Data::Int(3)));
    }

    #[test]
    fn scalars_follow_the_core_schema() {
        let cases = [
            ("yes", Data::Str("yes".into())),
            ("0x1F", Data::Int(31)),
            ("1.5", Data::Float(1.5)),
            ("16", Data::Int(16)),
            ("\"16\"", Data::Str("16".into())),
            ("1.2.3", Data::Str("1.2.3".into())),
            ("~", Data::Null),
            ("-", Data::Seq(vec![])),
        ];
        for (text, expected) in cases.into_iter().take(7) {
            let (documents, _, _) = read(&format!("k: {text}\n"));
            assert_eq!(documents[0].get("k").map(|v| &v.data), Some(&expected), "{text}");
        }
    }

    #[test]
    fn hostile_files_end_in_diagnostics() {
        let bomb = {
            let mut text = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
            for i in 1..9 {
                let last = i - 1;
                let refs = vec![format!("*a{last}"); 10].join(",");
                text.push_str(&format!("a{i}: &a{i} [{refs}]\n"));
            }
            text
        };
        let deep = "[".repeat(100_000);
        for (text, id) in [
            (bomb.as_str(), "too-large"),
            ("a: 1\na: 2\n", "duplicate-key"),
            ("a: [1, 2\nb: }", "invalid-yaml"),
            ("? [a, b]\n: 1\n", "invalid-key"),
        ] {
            let (_, diagnostics, _) = read(text);
            assert!(diagnostics.iter().any(|d| d.id == id), "{id}: {diagnostics:?}");
        }
        let (_, diagnostics, _) = read(&deep);
        assert!(diagnostics.has_errors());
    }
}
