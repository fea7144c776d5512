//! The crate from outside: every rule through its own documentation, and the schemas through broken graphs.

mod examples;
mod rules;
mod validation;
