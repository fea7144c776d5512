//! Text as HCL structures, also where part of it is broken.
//!
//! The library stops at the first mistake. A file that has one is read again in pieces, cut before every line that begins
//! a top-level block as formatted files write them, so that one mistake costs one block. Before the library sees a text,
//! its braces are counted: the parser recurses, and tries every entry of an object against those before it. Must not know
//! what blocks mean.

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::structure::{Body, Structure};
use hcl_edit::template::Template;

use crate::reading::{MOST_DEPTH, MOST_INSTANCES};

/// A top-level structure and where it stands.
pub(crate) struct Piece {
    /// Its first and last byte.
    pub span: Range<usize>,
    /// The block or attribute.
    pub structure: Structure,
}

/// Part of a file that could not be read.
#[derive(Debug)]
pub(crate) struct Broken {
    /// Where the mistake is.
    pub span: Range<usize>,
    /// What the parser said.
    pub reason: String,
    /// Whether the file is refused as a whole.
    pub refused: bool,
}

/// Most pieces that a broken file is cut into.
const MOST_PIECES: usize = 10_000;
/// How many pieces are tried together where a line inside a text looked like the beginning of a block.
const MOST_JOINED: usize = 16;

/// Reads the text of a file.
pub(crate) fn pieces(text: &str) -> (Vec<Piece>, Vec<Broken>) {
    if let Some(broken) = unbearable(text) {
        return (Vec::new(), vec![broken]);
    }
    let whole = match text.parse::<Body>() {
        Ok(body) => return (body.into_iter().map(|s| piece(s, 0)).collect(), Vec::new()),
        Err(e) => vec![broken(text, 0, &e)],
    };
    let starts = starts(text);
    if starts.len() < 2 || starts.len() > MOST_PIECES {
        return (Vec::new(), whole);
    }
    let end_of = |i: usize| starts.get(i).copied().unwrap_or(text.len());
    let (mut found, mut mistakes) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < starts.len() {
        let from = starts[at];
        let first = text[from..end_of(at + 1)].parse::<Body>();
        let longer = |n: &usize| text[from..end_of(at + n)].parse::<Body>().ok().map(|body| (*n, body));
        let parsed = match first {
            Ok(body) => Ok((1, body)),
            Err(e) => (2..=MOST_JOINED.min(starts.len() - at)).find_map(|n| longer(&n)).ok_or(e),
        };
        match parsed {
            Ok((n, body)) => {
                found.extend(body.into_iter().map(|s| piece(s, from)));
                at += n;
            }
            Err(e) => {
                mistakes.push(broken(text, from, &e));
                at += 1;
            }
        }
    }
    // Pieces may each be well while the whole is not, such as an attribute that stands twice.
    (found, if mistakes.is_empty() { whole } else { mistakes })
}

/// Reads a text as a template, as `templatefile` does.
pub(crate) fn template(text: &str) -> Result<Template, String> {
    match unbearable(text) {
        Some(broken) => Err(broken.reason),
        None => text.parse().map_err(|e: hcl_edit::parser::Error| e.message().to_owned()),
    }
}

/// Reads one expression, as JSON syntax and the command line give them.
pub(crate) fn expression(text: &str) -> Option<hcl_edit::expr::Expression> {
    if unbearable(text).is_some() { None } else { text.trim().parse().ok() }
}

/// The library counts from the beginning of what it was given, which is `offset` in the file.
fn piece(structure: Structure, offset: usize) -> Piece {
    let span = structure.span().unwrap_or_default();
    Piece { span: span.start + offset..span.end + offset, structure }
}

fn broken(text: &str, offset: usize, error: &hcl_edit::parser::Error) -> Broken {
    let at = (offset + error.location().offset()).min(text.len());
    let end = text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
    Broken { span: at..end, reason: error.message().to_owned(), refused: false }
}

/// Where lines begin that open a top-level block or attribute in a formatted file.
fn starts(text: &str) -> Vec<usize> {
    let mut at = 0;
    let mut found = Vec::new();
    for line in text.split_inclusive('\n') {
        if line.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            found.push(at);
        }
        at += line.len();
    }
    found
}

/// What the parser must not be given: braces nested too deeply, or more lines between two braces than it takes in
/// bearable time.
fn unbearable(text: &str) -> Option<Broken> {
    // Entries between the braces that are open at a place, outermost first.
    let mut open: Vec<usize> = Vec::new();
    for (at, byte) in text.bytes().enumerate() {
        let reason = match byte {
            b'{' if open.len() == MOST_DEPTH => {
                format!("braces stand within each other more than {MOST_DEPTH} deep")
            }
            b'{' => {
                open.push(0);
                continue;
            }
            b'}' => {
                open.pop();
                continue;
            }
            b'\n' | b',' => match open.last_mut() {
                Some(entries) if *entries == 2 * MOST_INSTANCES => {
                    format!("more than {} lines stand between two braces", 2 * MOST_INSTANCES)
                }
                Some(entries) => {
                    *entries += 1;
                    continue;
                }
                None => continue,
            },
            _ => continue,
        };
        return Some(Broken { span: at..at + 1, reason, refused: true });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> (Vec<String>, usize) {
        let (found, broken) = pieces(text);
        let name = |p: Piece| match p.structure {
            Structure::Attribute(a) => a.key.to_string().trim().to_owned(),
            Structure::Block(b) => b.labels.first().map_or(String::new(), |l| l.as_str().to_owned()),
        };
        (found.into_iter().map(name).collect(), broken.len())
    }

    #[test]
    fn one_mistake_costs_one_block() {
        let text = "a \"one\" {\n}\na \"two\" {\n  x = [\n}\na \"three\" {\n  y = <<E\nnot a block\nE\n}\n";
        assert_eq!(names(text), (vec!["one".to_owned(), "three".to_owned()], 1));
        assert_eq!(names("a \"one\" {\n  x = \n"), (vec![], 1));
        assert_eq!(names("a \"one\" {\n}\n"), (vec!["one".to_owned()], 0));
        assert_eq!(names(""), (vec![], 0));
    }

    #[test]
    fn deep_and_wide_text_is_refused_before_it_is_parsed() {
        let deep = format!("a = {}", "{for x in ".repeat(10_000));
        let wide = format!("a = {{\n{}}}", "k = 1\n".repeat(30_000));
        for text in [deep, wide] {
            let (found, broken) = pieces(&text);
            assert!(found.is_empty() && broken.len() == 1 && broken[0].refused);
            assert!(template(&format!("${{{text}}}")).is_err());
        }
        for opening in ["[", "(", "f(", "!", "-", "a[", "a ? ", "\"${", "[for x in ", "\"%{if true}", "1 + "]
        {
            let (found, broken) = pieces(&format!("a = {}", opening.repeat(10_000)));
            assert!(found.is_empty() && !broken.is_empty(), "{opening}");
        }
    }
}
