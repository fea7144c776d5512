//! Graph to Estimate: what a month costs, line by line, with the source of every price.
//!
//! A price that depends on use is computed from the node's expected usage; without any, the line says that it
//! cannot tell. Nothing here changes a graph.

pub mod estimate;

pub use estimate::{Estimate, Line, Unpriced};
