//! CloudFormation and SAM templates.

pub mod read;
