//! Rules over a graph: security, reliability, cost and operability; and the graph against its schemas.
//!
//! A rule is one file with its documentation beside it. Rules read the graph and never change it; what a
//! rule cannot tell because a value is unknown is counted, never reported as a failure. [`validate`] comes
//! first: it says whether the graph can be written at all.

mod doc;
pub mod exceptions;
pub mod finding;
pub mod network;
pub mod policy;
pub mod rules;
pub mod run;
pub mod secrets;
pub mod setting;
pub mod subject;
pub mod validate;

pub use exceptions::{Circumstances, PartDecision, default_exceptions};
pub use finding::{Category, Exception, Finding, Level, Report, Verdict};
pub use rules::{RULES, Rule};
pub use run::run;
pub use validate::validate;
