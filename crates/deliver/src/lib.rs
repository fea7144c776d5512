//! From a graph to something that ran: plan, rehearse, merge into the user's tree, lock, submit.
//!
//! A plan is a value with a hash; a run executes the plan it was given and derives nothing. The embedded cloud
//! is a model of what a cloud refuses: missing references, deletes with dependents, names taken, data lost.

mod canonical;
pub mod cloud;
pub mod git;
mod in_use;
pub mod lock;
pub mod merge;
pub mod plan;
pub mod rehearse;
pub mod report;
mod risk;
mod run;

pub use git::{Submission, submit};
pub use lock::Lock;
pub use merge::{Reconciled, commit, reconcile};
pub use plan::{Action, Change, Plan, plan};
pub use rehearse::rehearse;
pub use report::{Rehearsal, Trial};
