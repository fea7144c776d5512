//! The whole engine on real inputs: every folder under `cases/` is one input with a baseline for every phase, and
//! the binary is run as a user would.
#![allow(clippy::disallowed_methods, clippy::print_stderr, reason = "tests look at the disk from outside")]

mod agreement;
mod binary;
mod cases;
mod clouds;
