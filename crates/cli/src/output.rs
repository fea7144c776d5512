//! What goes to the terminal: results to standard output, everything about them to standard error.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is where the program prints")]

use std::cell::Cell;
use std::io::{ErrorKind, IsTerminal, Write};

use ir::{Diagnostics, SourceMap};

use crate::args::{Color, Format, Global};
use crate::view;

/// How to print.
#[derive(Debug)]
pub struct Printer {
    /// How to print the result.
    pub format: Format,
    quiet: bool,
    color: bool,
    progress: bool,
    /// Whether a result could not be written in full, as on a full disk.
    lost: Cell<bool>,
}

impl Printer {
    /// From the global options and the terminal.
    #[must_use]
    pub fn new(global: &Global, world: &dyn ir::World) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let color = match global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && world.env("NO_COLOR").is_none_or(|v| v.is_empty()),
        };
        Self {
            format: global.format,
            quiet: global.quiet,
            color,
            progress: terminal && !global.quiet && global.format == Format::Text,
            lost: Cell::new(false),
        }
    }

    /// The result itself. A reader that closed its end (`| head`) is not an error.
    pub fn result(&self, text: &str) {
        let mut out = std::io::stdout().lock();
        if let Err(e) = out.write_all(text.as_bytes()).and_then(|()| out.flush())
            && e.kind() != ErrorKind::BrokenPipe
        {
            self.lost.set(true);
            let _ = writeln!(std::io::stderr(), "error: the result cannot be written: {e}");
        }
    }

    /// Whether a part of the result never arrived.
    #[must_use]
    pub fn has_lost(&self) -> bool {
        self.lost.get()
    }

    /// A line about the run.
    pub fn say(&self, line: &str) {
        if !self.quiet && self.format == Format::Text {
            eprintln!("{line}");
        }
    }

    /// A step of the eight, when somebody is watching or the log is kept.
    pub fn step(&self, number: usize, name: &str, detail: &str) {
        if self.quiet || self.format != Format::Text {
            return;
        }
        let (bold, plain) = if self.color && self.progress { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") };
        eprintln!("{number}/8 {bold}{name:<26}{plain} {detail}");
    }

    /// Every message, with its source.
    pub fn messages(&self, diagnostics: &Diagnostics, sources: &SourceMap) {
        let shown: Diagnostics = diagnostics
            .iter()
            .filter(|d| !self.quiet || d.severity == ir::Severity::Error)
            .map(|d| d.clone().located(sources))
            .collect();
        let shown = spec::repeats::gather(shown);
        if shown.is_empty() {
            return;
        }
        match self.format {
            Format::Json | Format::Sarif => {
                if diagnostics.has_errors() {
                    let value = match self.format {
                        Format::Sarif => view::messages::sarif(&shown, sources),
                        _ => {
                            serde_json::json!({"version": 1, "messages": view::messages::json(&shown, sources)})
                        }
                    };
                    self.result(&format!("{value:#}\n"));
                } else {
                    eprint!("{}", view::messages::text(&shown, sources, false));
                }
            }
            Format::Text | Format::Markdown => {
                eprint!("{}", view::messages::text(&shown, sources, self.color))
            }
        }
    }
}
