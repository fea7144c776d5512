//! Terraform: graphs written as its configuration language.
//!
//! Must not choose anything about the infrastructure.

pub(crate) mod write;

pub use write::write;
