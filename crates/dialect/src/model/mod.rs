//! What stacks have in common, before any dialect is spelt: modules with variables, loops and conditions.
//!
//! Graphs are concrete, one an environment; people write what environments share once. Every writer prints from
//! these modules, so that all dialects take the same parameters. Nothing here may know how a dialect is spelt.

mod align;
pub(crate) mod family;
pub(crate) mod generalise;
pub(crate) mod names;
pub(crate) mod term;
pub(crate) mod types;
pub(crate) mod wire;
