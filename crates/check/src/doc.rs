//! A rule's documentation, read.
//!
//! The Markdown beside a rule is its documentation and its test: the words of its "How to fix" section are
//! what a finding prints, and its fenced `graph good` and `graph bad` blocks are what the tests run. One text,
//! so that the three cannot disagree.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Parser, Tag, TagEnd};

/// What the Markdown says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Doc {
    /// The first heading.
    pub title: String,
    /// The first paragraph under "How to fix", as one line of plain text.
    pub fix: String,
    /// The first paragraph under "Why it matters".
    pub why: String,
    /// Whether the rule must accept it, and the graph in its tiny YAML form.
    pub examples: Vec<(bool, String)>,
}

/// Reads a rule's Markdown.
#[must_use]
pub(crate) fn read(markdown: &str) -> Doc {
    let mut doc = Doc::default();
    let mut section = String::new();
    let mut text = String::new();
    let mut block: Option<bool> = None;
    for event in Parser::new(markdown) {
        match event {
            Event::Start(Tag::Heading { .. } | Tag::Paragraph) => text.clear(),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                text.clear();
                block = match info.as_ref() {
                    "graph good" => Some(true),
                    "graph bad" => Some(false),
                    _ => None,
                };
            }
            Event::End(TagEnd::Heading(HeadingLevel::H1)) => doc.title = std::mem::take(&mut text),
            Event::End(TagEnd::Heading(_)) => section = std::mem::take(&mut text),
            Event::End(TagEnd::Paragraph) => {
                let into = match section.as_str() {
                    "Why it matters" => &mut doc.why,
                    "How to fix" => &mut doc.fix,
                    _ => continue,
                };
                if into.is_empty() {
                    *into = std::mem::take(&mut text);
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                if let Some(good) = block.take() {
                    doc.examples.push((good, std::mem::take(&mut text)));
                }
            }
            Event::Text(part) | Event::Code(part) => text.push_str(&part),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            _ => {}
        }
    }
    doc
}
