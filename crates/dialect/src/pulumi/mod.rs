//! Pulumi: graphs as programs in TypeScript.
//!
//! Must not choose anything about the infrastructure.

mod component;
mod names;
mod program;
mod scope;

pub use program::write;
