//! The changes between two graphs of one stack.

use ir::Address;
use serde::Serialize;

/// What happens to one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Made.
    Create,
    /// Changed in place.
    Update,
    /// Destroyed and made again, or the other way round.
    Replace,
    /// Destroyed.
    Delete,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// What happens.
    pub action: Action,
    /// To which resource.
    #[serde(serialize_with = "printed")]
    pub address: Address,
    /// Attributes that change, sorted.
    pub attributes: Vec<String>,
    /// Whether going back restores it exactly.
    pub reversible: bool,
    /// Whether data is lost.
    pub loses_data: bool,
    /// Whether users notice.
    pub downtime: bool,
    /// Who gains access by it: one line each.
    pub grants: Vec<String>,
}

fn printed<S: serde::Serializer>(address: &Address, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(address)
}

/// All changes of one stack, in the order they must happen, and a hash that names exactly them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Plan {
    /// Which stack.
    pub stack: String,
    /// In order.
    pub changes: Vec<Change>,
    /// SHA-256 over the changes and the values they set.
    pub hash: String,
}
