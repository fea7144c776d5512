//! Spec to Blueprint: the only place that chooses.
//!
//! Capacity from load, availability from composed SLAs, backups from RTO and RPO, and among the candidates
//! that meet every constraint the cheapest. Every choice is a [`Decision`] with its inputs, what was rejected
//! and why, and where each fact came from. Nothing here knows how a choice is written down.

pub mod blueprint;

pub use blueprint::*;
