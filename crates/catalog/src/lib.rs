//! Facts, as data with a strict loader: kinds and their schemas, prices, SLAs, machines, regions.
//!
//! Every fact carries its source and date. Nothing here decides anything, and nothing here reads a disk:
//! the data is part of the binary, parsed when first asked for.

pub mod aws;
pub mod azurerm;
pub mod dialects;
pub mod google;
pub mod iam;
pub mod kinds;
pub mod machines;
pub mod mongodbatlas;
pub mod places;
pub mod prices;
pub mod pulumi;
pub mod regions;
pub mod slas;

pub use kinds::{AttrInfo, BlockInfo, KindInfo, Nesting, Schema, Type, kind};
pub use machines::{Machine, machines};
pub use prices::{Evidence, Price, price};
pub use slas::{Sla, sla};

/// The names of the data files in a folder, for tests that compare a list with it.
#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test looks at the folder that the build embeds")]
fn folder(name: &str) -> std::collections::BTreeSet<String> {
    let path = format!("{}/data/{name}", env!("CARGO_MANIFEST_DIR"));
    let entries = std::fs::read_dir(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let stem = |e: std::io::Result<std::fs::DirEntry>| {
        let file = e.expect("readable").file_name().into_string().expect("UTF-8");
        file.strip_suffix(".json").map(str::to_owned)
    };
    entries.filter_map(stem).collect()
}

/// The catalogue's edition, written into every lock: the month its facts were last refreshed.
pub const VERSION: &str = "2026-11";
