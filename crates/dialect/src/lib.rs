//! Graph to files and back, one module a dialect.
//!
//! A dialect never decides and never writes a file: it returns them. What it cannot say is a diagnostic.

use ir::{Bundle, Diagnostics, Stack};

/// A dialect that graphs can be written in.
pub struct Writer {
    /// As `deliver.iac` names it.
    pub name: &'static str,
    /// Writes the stacks of one application.
    pub write: fn(&[Stack]) -> (Bundle, Diagnostics),
}
