//! Reads a short paragraph of English into a spec.
//!
//! The reader knows a vocabulary and a few dozen ways to state a quantity, and nothing else: what it recognised
//! is listed phrase by phrase, what it had to assume has a reason, what nobody said is listed as missing, words
//! that set nothing are quoted, and work that belongs to another role is handed off. It must not make anything
//! up, so a text without a known word gives no spec at all.

mod assemble;
mod draft;
mod leftover;
mod load;
mod naming;
mod number;
mod places;
mod promise;
mod quantity;
mod reader;
mod refusals;
mod regions;
mod schedule;
mod stance;
mod terms;
mod tokens;
mod vocabulary;

#[cfg(test)]
mod cases;

use crate::model::{Assumption, Spec};

pub use refusals::Refusal;

/// What was understood of a paragraph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Understanding {
    /// The spec, when the text names at least one service.
    pub spec: Option<Spec>,
    /// What the text said, in its order.
    pub understood: Vec<Fact>,
    /// What was assumed because the text did not say it; the same as in the spec.
    pub assumed: Vec<Assumption>,
    /// What nobody said and nothing can stand in for, each as the end of the sentence "Please say ...".
    pub missing: Vec<String>,
    /// Words that set nothing, as written: what a careful reader would ask about.
    pub not_understood: Vec<String>,
    /// What was asked and belongs to somebody else.
    pub refusals: Vec<Refusal>,
}

/// One thing the text said.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Fact {
    /// The words, as written.
    pub phrase: String,
    /// The key of the spec it sets, such as `services.api.load.requests`.
    pub key: String,
    /// The value, as the spec would write it.
    pub value: String,
}

/// A paragraph is short: of a longer text this many bytes are read.
const MAX_BYTES: usize = 16 << 10;

/// Reads a paragraph.
#[must_use]
pub fn read(text: &str) -> Understanding {
    let cut = (0..=MAX_BYTES.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let mut draft = draft::Draft::new(&text[..cut]);
    if cut < text.len() {
        draft.miss(format!("the rest in fewer words: only the first {MAX_BYTES} bytes were read"));
    }
    let mut refusals = Vec::new();
    for sentence in tokens::sentences(&text[..cut]) {
        refusals.extend(refusals::find(&sentence, &mut draft));
        reader::read(&sentence, &mut draft);
    }
    assemble::assemble(draft, refusals)
}
