//! A document as a value, printed as Markdown.
//!
//! Documents are built from headings, paragraphs, lists, tables and code, and printed by a library that knows
//! what must be escaped. Words between backticks become code; nothing else in a text is markup, so that a name
//! with an underscore or a star prints as it is.

use pulldown_cmark::{Alignment, CodeBlockKind, CowStr, Event, HeadingLevel, LinkType, Options, Tag, TagEnd};

/// A document under construction.
#[derive(Debug, Default)]
pub struct Document {
    events: Vec<Event<'static>>,
}

/// A piece of a line.
#[derive(Clone, Debug)]
pub enum Inline {
    /// Words; between backticks: code.
    Text(String),
    /// A link: text and target.
    Link(String, String),
}

impl From<&str> for Inline {
    fn from(text: &str) -> Self {
        Inline::Text(text.to_owned())
    }
}

impl From<String> for Inline {
    fn from(text: String) -> Self {
        Inline::Text(text)
    }
}

/// A link.
pub fn link(text: impl Into<String>, target: impl Into<String>) -> Inline {
    Inline::Link(text.into(), target.into())
}

impl Document {
    /// A document with its title.
    pub fn titled(title: &str) -> Self {
        let mut document = Self::default();
        document.heading(1, title);
        document
    }

    /// A heading of level 1 to 4.
    pub fn heading(&mut self, level: u8, text: &str) -> &mut Self {
        let level = match level {
            1 => HeadingLevel::H1,
            2 => HeadingLevel::H2,
            3 => HeadingLevel::H3,
            _ => HeadingLevel::H4,
        };
        let tag = Tag::Heading { level, id: None, classes: Vec::new(), attrs: Vec::new() };
        self.events.push(Event::Start(tag));
        self.inline(&text.into());
        self.events.push(Event::End(TagEnd::Heading(level)));
        self
    }

    /// A paragraph.
    pub fn para(&mut self, text: impl Into<Inline>) -> &mut Self {
        self.line(&[text.into()])
    }

    /// A paragraph of several pieces.
    pub fn line(&mut self, pieces: &[Inline]) -> &mut Self {
        self.events.push(Event::Start(Tag::Paragraph));
        pieces.iter().for_each(|p| self.inline(p));
        self.events.push(Event::End(TagEnd::Paragraph));
        self
    }

    /// A picture on a line of its own.
    pub fn picture(&mut self, alt: &str, file: &str) -> &mut Self {
        self.events.push(Event::Start(Tag::Paragraph));
        self.events.push(Event::Start(Tag::Image {
            link_type: LinkType::Inline,
            dest_url: file.to_owned().into(),
            title: CowStr::Borrowed(""),
            id: CowStr::Borrowed(""),
        }));
        self.events.push(Event::Text(alt.to_owned().into()));
        self.events.push(Event::End(TagEnd::Image));
        self.events.push(Event::End(TagEnd::Paragraph));
        self
    }

    /// A bulleted list; nothing when it is empty.
    pub fn bullets<I: Into<Inline>>(&mut self, items: impl IntoIterator<Item = I>) -> &mut Self {
        self.list(None, items)
    }

    /// A numbered list; nothing when it is empty.
    pub fn steps<I: Into<Inline>>(&mut self, items: impl IntoIterator<Item = I>) -> &mut Self {
        self.list(Some(1), items)
    }

    fn list<I: Into<Inline>>(&mut self, first: Option<u64>, items: impl IntoIterator<Item = I>) -> &mut Self {
        let items: Vec<Inline> = items.into_iter().map(Into::into).collect();
        if items.is_empty() {
            return self;
        }
        self.events.push(Event::Start(Tag::List(first)));
        for item in &items {
            self.events.push(Event::Start(Tag::Item));
            self.inline(item);
            self.events.push(Event::End(TagEnd::Item));
        }
        self.events.push(Event::End(TagEnd::List(first.is_some())));
        self
    }

    /// A table; a heading that starts with `>` has numbers under it. Nothing when there are no rows.
    pub fn table<C: Into<Inline>>(
        &mut self,
        heading: &[&str],
        rows: impl IntoIterator<Item = Vec<C>>,
    ) -> &mut Self {
        let rows: Vec<Vec<Inline>> =
            rows.into_iter().map(|r| r.into_iter().map(Into::into).collect()).collect();
        if rows.is_empty() {
            return self;
        }
        let align = |h: &&str| if h.starts_with('>') { Alignment::Right } else { Alignment::None };
        self.events.push(Event::Start(Tag::Table(heading.iter().map(align).collect())));
        self.events.push(Event::Start(Tag::TableHead));
        for cell in heading {
            self.cell(&cell.trim_start_matches('>').into());
        }
        self.events.push(Event::End(TagEnd::TableHead));
        for row in &rows {
            self.events.push(Event::Start(Tag::TableRow));
            row.iter().for_each(|c| self.cell(c));
            self.events.push(Event::End(TagEnd::TableRow));
        }
        self.events.push(Event::End(TagEnd::Table));
        self
    }

    fn cell(&mut self, content: &Inline) {
        self.events.push(Event::Start(Tag::TableCell));
        self.inline(content);
        self.events.push(Event::End(TagEnd::TableCell));
    }

    /// A block of code in a language.
    pub fn code(&mut self, language: &'static str, text: &str) -> &mut Self {
        self.events.push(Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language.into()))));
        let text = format!("{}\n", text.trim_end());
        self.events.push(Event::Text(text.into()));
        self.events.push(Event::End(TagEnd::CodeBlock));
        self
    }

    fn inline(&mut self, piece: &Inline) {
        match piece {
            Inline::Text(text) => self.text(text),
            Inline::Link(text, target) => {
                self.events.push(Event::Start(Tag::Link {
                    link_type: LinkType::Inline,
                    dest_url: target.clone().into(),
                    title: CowStr::Borrowed(""),
                    id: CowStr::Borrowed(""),
                }));
                self.text(text);
                self.events.push(Event::End(TagEnd::Link));
            }
        }
    }

    fn text(&mut self, text: &str) {
        for (place, part) in text.split('`').enumerate().filter(|(_, part)| !part.is_empty()) {
            let part = CowStr::from(part.replace('\n', " "));
            self.events.push(if place % 2 == 1 { Event::Code(part) } else { Event::Text(part) });
        }
    }

    /// The text.
    #[must_use]
    pub fn print(&self) -> String {
        let options = pulldown_cmark_to_cmark::Options {
            list_token: '-',
            code_block_token_count: 3,
            increment_ordered_list_bullets: true,
            ..Default::default()
        };
        let mut out = String::new();
        pulldown_cmark_to_cmark::cmark_with_options(
            self.events.iter(),
            &mut out,
            Options::ENABLE_TABLES,
            options,
        )
        .expect("writing to a string does not fail");
        out.truncate(out.trim_end().len());
        out.push('\n');
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_reads_back_as_what_was_meant() {
        let mut document = Document::titled("A_b *c* <d>");
        document
            .para("see `x|y` and 1_000 | 2")
            .bullets(["one", "`two`"])
            .steps(["first", "second"])
            .table(&["name", ">cost"], [vec!["a|b".to_owned(), "$1".to_owned()]])
            .code("sh", "echo \"hi\"\n```\n");
        let text = document.print();
        let html: Vec<String> = pulldown_cmark::Parser::new_ext(&text, Options::ENABLE_TABLES)
            .filter_map(|e| match e {
                Event::Text(t) => Some(format!("t:{t}")),
                Event::Code(c) => Some(format!("c:{c}")),
                _ => None,
            })
            .collect();
        let joined = html.join("").replace("t:", "");
        for expected in ["A_b *c* <d>", "c:x|y", "1_000 | 2", "c:two", "a|b", "echo \"hi\""] {
            assert!(joined.contains(expected), "{expected} in\n{text}\n{joined}");
        }
    }

    #[test]
    fn empty_lists_and_tables_leave_no_trace() {
        let mut document = Document::titled("T");
        document.bullets(Vec::<String>::new()).table(&["a"], Vec::<Vec<String>>::new());
        assert_eq!(document.print(), "# T\n");
    }
}
