//! SAM.
use std::collections::HashMap;

use indexmap::IndexMap;
use ir::yaml::Yaml;

use super::parameters::Parameter;
use super::session::Session;

/// Expanded.
pub fn expanded(
    root: Yaml,
    _parameters: &IndexMap<String, Parameter>,
    _session: &Session,
) -> (Yaml, HashMap<String, String>) {
    (root, HashMap::new())
}
