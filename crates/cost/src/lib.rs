//! Graph to Estimate: what a month costs, line by line, with the source of every price.
//!
//! A price that depends on use is computed from the node's expected usage; without any, the line says that it
//! cannot tell. Nothing here changes a graph.
//!
//! - [`billing`] says for every kind whether it is priced, free, or paid for through another.
//! - [`estimate`] walks a stack and lets each kind's pricer write its lines.
//! - [`diff()`] compares the estimates of two versions.

mod api;
mod atlas;
mod azure;
pub mod billing;
mod compute;
mod database;
pub mod diff;
pub mod estimate;
mod gcp;
mod instances;
mod messaging;
mod network;
mod operations;
mod read;
mod sheet;
mod storage;

pub use billing::{Billing, billing};
pub use diff::{ComponentChange, Difference, LineChange, StackDifference, diff};
pub use estimate::{Estimate, Line, Unpriced, estimate};
