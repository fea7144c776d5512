//! Front ends: what a person wrote, in whatever form, becomes a [`Spec`].
//!
//! `mainstay.yaml`, compose files, a scan of the sources and a paragraph of prose all end in the same value.
//! This crate must not touch the network, must not choose anything a designer would choose, and must say what
//! it assumed: an assumption is a value in the spec, not a silent default.

pub mod compose;
pub mod defaults;
pub mod model;
pub mod names;
pub mod prose;
pub mod reference;
pub mod repeats;
pub mod resolve;
#[cfg(test)]
mod roundtrip;
pub mod scan;
pub mod words;
pub mod yaml;

pub use model::*;
