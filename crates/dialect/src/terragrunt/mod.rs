//! Terragrunt: units that each apply one module of Terraform.
//!
//! Must not choose anything about the infrastructure.

pub mod read;
mod write;

pub use write::write;
