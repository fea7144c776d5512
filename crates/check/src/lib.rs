//! Rules over a graph: security, reliability, cost and operability.
//!
//! A rule is one file with its documentation beside it. Rules read the graph and never change it; what a
//! rule cannot tell because a value is unknown is counted, never reported as a failure.

pub mod finding;

pub use finding::{Category, Exception, Finding, Report, Verdict};
