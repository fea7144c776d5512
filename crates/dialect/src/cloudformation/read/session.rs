//! What one reading has used up and said so far.
//!
//! Templates repeat themselves by substitution, loops and nesting, so what they grow to is bounded here and not by the
//! size of their files. Diagnostics of one id end after a hundred, because a file with a million mistakes has one.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};

use ir::{Diagnostic, Diagnostics, Span, Value};

use crate::reading::{MOST_BYTES, MOST_NODES};

/// Diagnostics of one id that are kept.
const MOST_SAID: usize = 100;
/// Bytes of text in values that all templates of a reading grow to.
const MOST_TEXT: u64 = 4 * MOST_BYTES;

/// One reading.
#[derive(Default)]
pub struct Session {
    /// What templates export, by the export's name, once it is known.
    pub exports: HashMap<String, Value>,
    /// Whether a template asked for an export.
    pub imports: Cell<bool>,
    /// Files, blocks and attributes that could not be read at all.
    pub lost: Cell<usize>,
    said: RefCell<(Diagnostics, HashMap<&'static str, usize>)>,
    text: Cell<u64>,
    nodes: Cell<usize>,
}

impl Session {
    /// A reading that knows what templates export.
    #[must_use]
    pub fn knowing(exports: HashMap<String, Value>) -> Self {
        Self { exports, ..Self::default() }
    }

    /// Says something, unless it has been said too often.
    pub fn say(&self, diagnostic: Diagnostic) {
        let (diagnostics, times) = &mut *self.said.borrow_mut();
        let times = times.entry(diagnostic.id).or_default();
        *times += 1;
        if *times <= MOST_SAID {
            diagnostics.push(diagnostic);
        }
    }

    /// Says that something was not read.
    pub fn lose(&self, diagnostic: Diagnostic) {
        self.lost.set(self.lost.get() + 1);
        self.say(diagnostic);
    }

    /// Whether so many more bytes of text may be made.
    pub fn may_grow(&self, bytes: usize) -> bool {
        let before = self.text.get();
        let after = before.saturating_add(bytes as u64);
        self.text.set(after);
        if before <= MOST_TEXT && after > MOST_TEXT {
            let summary = format!("the templates grow to more than {} MiB of values", MOST_TEXT >> 20);
            self.say(
                Diagnostic::error("too-large", summary)
                    .because("Values that are put into each other again and again grow without end.")
                    .help("look for texts that are substituted into themselves"),
            );
        }
        after <= MOST_TEXT
    }

    /// Whether one more resource, loop instance or nested stack may be made.
    pub fn may_add(&self, at: Span) -> bool {
        let before = self.nodes.get();
        self.nodes.set(before + 1);
        if before == MOST_NODES {
            let summary = format!("the templates make more than {MOST_NODES} resources");
            self.say(
                Diagnostic::error("too-large", summary)
                    .at(at, "the limit is passed here")
                    .help("look for loops and nested stacks that repeat each other"),
            );
        }
        before < MOST_NODES
    }

    /// Everything that was said, and how much of it was left out.
    pub fn finish(self) -> Diagnostics {
        let (mut diagnostics, times) = self.said.into_inner();
        let more: BTreeMap<_, _> = times.into_iter().filter(|(_, n)| *n > MOST_SAID).collect();
        for (id, n) in more {
            let left_out = n - MOST_SAID;
            diagnostics.push(Diagnostic::note(
                "more-of-the-same",
                format!("{left_out} more diagnostics of `{id}` are not shown"),
            ));
        }
        diagnostics
    }
}
