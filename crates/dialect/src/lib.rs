//! Graph to files and back, one module a dialect.
//!
//! A dialect never decides and never writes a file: it returns them. What it cannot say is a diagnostic.

pub mod agree;
pub mod arm;
pub mod bicep;
pub mod cloudformation;
pub mod maps;
mod model;
pub mod reading;
pub mod terraform;
pub mod terragrunt;
pub mod translate;
mod typescript;

use ir::{Bundle, Diagnostics, Stack};

pub use reading::{Counts, Options, Place, Reading};

/// A dialect that graphs can be written in.
pub struct Writer {
    /// As `deliver.iac` names it.
    pub name: &'static str,
    /// The beginnings of the kinds it can say, such as `aws`; empty: every kind.
    pub providers: &'static [&'static str],
    /// Writes the stacks of one application.
    pub write: fn(&[Stack]) -> (Bundle, Diagnostics),
}

/// Every dialect that can be written.
pub static WRITERS: &[Writer] = &[
    Writer { name: "terraform", providers: &[], write: terraform::write },
    Writer { name: "terragrunt", providers: &[], write: terragrunt::write },
    Writer { name: "cloudformation", providers: &["aws"], write: cloudformation::write },
];

/// A dialect that graphs can be read from.
pub struct Reader {
    /// As `deliver.iac` names it, or what people call the file.
    pub name: &'static str,
    /// Whether this is the reader of what stands at a place; the first that says so reads it.
    pub recognises: fn(&Place<'_>) -> bool,
    /// Reads it.
    pub read: fn(&Place<'_>) -> (Reading, Diagnostics),
}

/// Every dialect that can be read, the more particular before the more general.
pub static READERS: &[Reader] = &[
    Reader { name: "terraform-plan", recognises: terraform::plan::recognises, read: terraform::plan::read },
    Reader { name: "terragrunt", recognises: terragrunt::read::recognises, read: terragrunt::read::read },
    Reader { name: "terraform", recognises: terraform::read::recognises, read: terraform::read::read },
    Reader { name: "bicep", recognises: bicep::read::recognises, read: bicep::read::read },
    Reader { name: "arm", recognises: arm::read::recognises, read: arm::read::read },
];
