//! Terragrunt: Terraform modules, their values and their order, one folder a unit.

pub mod read;
