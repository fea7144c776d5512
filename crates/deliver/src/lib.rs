//! From a graph to something that ran: plan, rehearse, merge into the user's tree, lock, submit.
//!
//! A plan is a value with a hash; a run executes the plan it was given and derives nothing. The embedded cloud
//! is a model of what a cloud refuses: missing references, deletes with dependents, names taken, data lost.

pub mod plan;
pub mod report;

pub use plan::{Action, Change, Plan};
pub use report::{Rehearsal, Trial};
