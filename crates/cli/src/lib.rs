//! The engine wired together, and what its results look like.
//!
//! A library so that tests and benchmarks run exactly what the binary runs; the binary itself only parses
//! arguments, prints and sets the exit code.

pub mod args;
pub mod commands;
pub mod engine;
pub mod exit;
pub mod input;
pub mod output;
pub mod view;
