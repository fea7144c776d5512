//! Blueprint to Graph: one module a cloud.
//!
//! Everything was chosen before; here it is only said in the cloud's own kinds. Kinds and attributes are typed
//! constants, so that a misspelt one does not compile.

pub mod aws;

use design::Blueprint;
use ir::{Diagnostics, Stack};
use spec::Spec;

/// The stacks of a blueprint, in the order they are applied.
#[must_use]
pub fn lower(_spec: &Spec, _blueprint: &Blueprint) -> (Vec<Stack>, Diagnostics) {
    (Vec::new(), Diagnostics::new())
}
