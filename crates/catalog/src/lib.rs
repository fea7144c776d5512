//! Facts, as data with a strict loader: kinds and their schemas, prices, SLAs, machines, regions.
//!
//! Every fact carries its source and date. Nothing here decides anything, and nothing here reads a disk:
//! the data is part of the binary, parsed when first asked for.

pub mod aws;
pub mod kinds;
pub mod machines;
pub mod prices;
pub mod regions;
pub mod slas;

pub use kinds::{AttrInfo, BlockInfo, KindInfo, Nesting, Schema, Type, kind};
pub use machines::{Machine, machines};
pub use prices::{Evidence, Price, price};
pub use slas::{Sla, sla};
