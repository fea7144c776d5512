//! Graph to files and back, one module a dialect.
//!
//! A dialect never decides and never writes a file: it returns them. What it cannot say is a diagnostic.

pub mod terraform;

use ir::{Bundle, Diagnostics, Stack};

/// A dialect that graphs can be written in.
pub struct Writer {
    /// As `deliver.iac` names it.
    pub name: &'static str,
    /// Writes the stacks of one application.
    pub write: fn(&[Stack]) -> (Bundle, Diagnostics),
}

/// Every dialect that can be written.
pub static WRITERS: &[Writer] = &[Writer { name: "terraform", write: terraform::write }];
