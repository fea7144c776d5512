//! What kinds of Azure cost, one file a family.
//!
//! Meters of Azure differ from those of other clouds in what they count, so nothing here is shared with them but
//! the sheet. Must not know any other cloud.

mod compute;
mod database;
mod messaging;
mod network;
mod operations;
mod storage;

use crate::billing::Kinds;
use crate::read::{Known, Settings};

/// The families.
pub(crate) static FAMILIES: &[Kinds] =
    &[compute::KINDS, database::KINDS, messaging::KINDS, network::KINDS, operations::KINDS, storage::KINDS];

/// The families' sources, for a test that looks every price up.
#[cfg(test)]
pub(crate) static SOURCES: &[&str] = &[
    include_str!("compute.rs"),
    include_str!("database.rs"),
    include_str!("messaging.rs"),
    include_str!("network.rs"),
    include_str!("operations.rs"),
    include_str!("storage.rs"),
];

/// A truth value that is `true` when it is not set.
fn unless_denied(settings: Settings, name: &str) -> Known<bool> {
    if settings.has(name) { settings.flag(name) } else { Ok(true) }
}

/// One for each of two that a truth value asks for.
fn doubled(pair: Known<bool>) -> Known<f64> {
    pair.map(|pair| if pair { 2.0 } else { 1.0 })
}

/// The product of two quantities.
fn times(a: Known<f64>, b: Known<f64>) -> Known<f64> {
    Ok(a? * b?)
}
