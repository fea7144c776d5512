//! Terraform: graphs written as its configuration language, and read from it.
//!
//! Must not choose anything about the infrastructure.

pub mod plan;
pub mod read;
pub(crate) mod write;

pub use write::write;
