//! The middle of Mainstay: the types every phase speaks, and no behaviour of any one of them.
//!
//! Spans and diagnostics, the [`World`] through which all I/O goes, the YAML tree that keeps its spans,
//! [`Value`], the [`Graph`] of cloud resources, and the [`Bundle`] of files.
//! This crate must not know any cloud, any dialect or any command: kinds and attributes are names here, and
//! what they mean is data in `catalog`.

pub mod bundle;
pub mod diagnostic;
pub mod graph;
pub mod key;
pub mod names;
pub mod span;
pub mod units;
pub mod value;
pub mod world;
pub mod yaml;

pub use bundle::{Bundle, File, Ownership};
pub use diagnostic::{Confidence, Diagnostic, Diagnostics, Fix, Label, Severity};
pub use graph::{
    Address, AddressHasher, Component, Graph, InputDecl, InputType, Lifecycle, Mode, Node, Stack, Validation,
};
pub use key::{Attr, Block, BlockKey, Kind, NodeBuilder, TypedKind};
pub use span::{FileId, SourceMap, Span, Spanned};
pub use units::{Availability, Usd};
pub use value::{Input, Ref, SecretRef, Step, Value};
pub use world::{MemoryWorld, OsWorld, World, WorldError};
