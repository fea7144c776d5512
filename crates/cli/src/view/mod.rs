//! How results look on a terminal, in a pull request and to a program.
//!
//! Views only read. Text is laid out by [`table`], messages by [`messages`]; JSON comes from the values
//! themselves.

pub mod blueprint;
pub mod findings;
pub mod messages;
pub mod money;
pub mod proof;
pub mod reading;
pub mod report;
pub mod table;
