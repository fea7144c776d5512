//! YAML as a tree that remembers where everything was written.
//!
//! The parser is a library; this module only folds its events into nodes, resolves aliases and merge keys,
//! and reads plain scalars by the YAML 1.2 core schema, or as YAML 1.1 where a file's owner does. Duplicate keys,
//! unknown aliases and documents that expand to an absurd size are diagnostics, so that one file can report all its
//! errors at once. JSON is read as the YAML that it is.

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

/// Which plain scalars are no strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalars {
    /// By the core schema of YAML 1.2.
    Core,
    /// By YAML 1.1, as CloudFormation, Ansible and most programs in Python read them: `yes` is true, `010` is eight.
    /// Keys are texts as they are written.
    Yaml11,
}

/// Reads every document of a file. Broken text gives diagnostics and what could be read before them.
pub fn parse(text: &str, file: FileId) -> (Vec<Yaml>, Diagnostics) {
    let (builder, _) = build(text, file, Scalars::Core);
    (builder.documents, builder.diagnostics)
}

/// Reads every document of a file that somebody else owns: of broken text also the document that was begun, with the
/// collections that were open ended where the text broke.
pub fn parse_begun(text: &str, file: FileId, scalars: Scalars) -> (Vec<Yaml>, Diagnostics) {
    let (mut builder, whole) = build(text, file, scalars);
    if !whole {
        builder.close();
    }
    (builder.documents, builder.diagnostics)
}

/// The documents, and whether the text was read to its end.
fn build(text: &str, file: FileId, scalars: Scalars) -> (Builder, bool) {
    let mut builder = Builder {
        file,
        scalars,
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
                    return (builder, false);
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
                return (builder, false);
            }
        }
    }
    (builder, true)
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
    scalars: Scalars,
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
                let string = tag.as_deref().is_some_and(|t| t.core_suffix() == Some("str"));
                let tag = custom(tag.as_deref());
                let key = self.scalars == Scalars::Yaml11
                    && matches!(self.stack.last(), Some(Frame::Map { key: None, .. }));
                let data = if string || key || tag.is_some() || style != ScalarStyle::Plain {
                    Data::Str(text.into_owned())
                } else if self.scalars == Scalars::Yaml11 {
                    old_scalar(&text)
                } else {
                    plain_scalar(&text)
                };
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
            Event::SequenceEnd | Event::MappingEnd => self.end(span.end),
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

    /// Ends the innermost collection.
    fn end(&mut self, at: u32) -> bool {
        match self.stack.pop() {
            Some(Frame::Seq { items, span, tag, anchor }) => {
                let span = Span { end: at.max(span.end), ..span };
                self.finish(Yaml { data: Data::Seq(items), span, tag }, anchor)
            }
            Some(Frame::Map { entries, span, tag, anchor, .. }) => {
                let span = Span { end: at.max(span.end), ..span };
                let entries = self.merged(entries);
                self.finish(Yaml { data: Data::Map(entries), span, tag }, anchor)
            }
            None => true,
        }
    }

    /// Ends every collection that is open, where the last thing in it ended.
    fn close(&mut self) {
        while let Some(frame) = self.stack.last() {
            let last = match frame {
                Frame::Seq { items, .. } => items.last(),
                Frame::Map { entries, .. } => entries.last().map(|(_, value)| value),
            };
            let at = last.map_or(0, |node| node.span.end);
            // The limits have spoken already, and what is ended here was counted when it began.
            self.nodes = 0;
            self.end(at);
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
            self.nodes += count(&node);
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

/// The types of YAML 1.1 that are not written with a tag. Dates stay strings, as every owner of such files has them;
/// numbers of base sixty do too, because nobody who writes `22:22` means 1342.
fn old_scalar(text: &str) -> Data {
    match text {
        "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return Data::Bool(true),
        "no" | "No" | "NO" | "off" | "Off" | "OFF" => return Data::Bool(false),
        _ => {}
    }
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return plain_scalar(text);
    }
    let plain = digits.replace('_', "");
    let whole = |digits: &str, base| i64::from_str_radix(digits, base).ok();
    let number = match plain.as_bytes() {
        [b'0', b'x', rest @ ..] if !rest.is_empty() => whole(&plain[2..], 16),
        [b'0', b'b', rest @ ..] if !rest.is_empty() => whole(&plain[2..], 2),
        // An account's number such as 012345678901 is no octal number, and 0o17 is one in YAML 1.2 only.
        [b'0', next, ..] if next.is_ascii_digit() && !plain.contains('.') => match whole(&plain[1..], 8) {
            Some(n) => Some(n),
            None => return Data::Str(text.to_owned()),
        },
        [b'0', b'o', ..] => return Data::Str(text.to_owned()),
        _ => None,
    };
    if let Some(n) = number {
        return Data::Int(if negative { -n } else { n });
    }
    match plain_scalar(&text.replace('_', "")) {
        // A number with an exponent has a point, which a commit such as 12e5678 has not.
        Data::Float(n) if plain.contains('.') => Data::Float(n),
        Data::Int(n) => Data::Int(n),
        _ => Data::Str(text.to_owned()),
    }
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
    fn scalars_of_files_of_old_follow_yaml_1_1() {
        let text = |s: &str| Data::Str(s.into());
        let cases = [
            ("yes", Data::Bool(true)),
            ("Off", Data::Bool(false)),
            ("y", text("y")),
            ("010", Data::Int(8)),
            ("-010", Data::Int(-8)),
            ("012345678901", text("012345678901")),
            ("0x1F", Data::Int(31)),
            ("0b11", Data::Int(3)),
            ("0o17", text("0o17")),
            ("1_000", Data::Int(1000)),
            ("12e5678", text("12e5678")),
            ("1.5e+3", Data::Float(1500.0)),
            ("0", Data::Int(0)),
            ("0.5", Data::Float(0.5)),
            ("2012-10-17", text("2012-10-17")),
            ("22:22", text("22:22")),
            ("!!str 12", text("12")),
            ("\"yes\"", text("yes")),
        ];
        for (written, expected) in cases {
            let source = format!("k: {written}\n");
            let (documents, _) = parse_begun(&source, SourceMap::default().add("t", ""), Scalars::Yaml11);
            assert_eq!(documents[0].get("k").map(|v| &v.data), Some(&expected), "{written}");
        }
        let (documents, _) =
            parse_begun("on: 1\n1.10: 2\n", SourceMap::default().add("t", ""), Scalars::Yaml11);
        assert!(documents[0].get("on").is_some() && documents[0].get("1.10").is_some());
    }

    #[test]
    fn what_stands_before_the_break_is_kept() {
        let text = "a:\n  b: 1\n  c: [x, y]\nd: }\n";
        let (documents, diagnostics) =
            parse_begun(text, SourceMap::default().add("t", text), Scalars::Yaml11);
        assert!(diagnostics.has_errors());
        let a = documents[0].get("a").expect("begun");
        assert_eq!(a.get("b").map(|v| &v.data), Some(&Data::Int(1)));
        assert_eq!(a.get("c").and_then(Yaml::items).map(<[Yaml]>::len), Some(2));
        assert!(read(text).0.is_empty(), "a spec is read whole or not at all");
    }

    #[test]
    fn json_is_yaml() {
        let text = "{\n\t\"a\": [1,\n\t\t\"x\\/y \\ud83d\\ude00\"],\"b\":null}";
        let (documents, diagnostics, _) = read(text);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        let items = documents[0].get("a").and_then(Yaml::items).expect("a list");
        assert_eq!(items[1].data, Data::Str("x/y \u{1f600}".into()));
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
        let anchored: String = (0..150).map(|i| format!("&a{i} [")).collect();
        let anchored = format!("{anchored}{}", "x,".repeat(40_000)) + &"]".repeat(150);
        for (text, id) in [
            (bomb.as_str(), "too-large"),
            (anchored.as_str(), "too-large"),
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
