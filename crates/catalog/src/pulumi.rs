//! What Pulumi's packages call the kinds of the house.
//!
//! One file a provider in `data/dialects/pulumi`, written by `conformance/pulumi_names.py` from the packages'
//! declarations. It holds exceptions only: the rules of names are the dialect's. Must not know programs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde::Deserialize;

/// What a package calls its kinds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// On npm, such as `@pulumi/aws`.
    pub package: String,
    /// The version that the names were read in.
    pub version: String,
    /// By kind; data sources as `aws_data_region`.
    pub kinds: BTreeMap<String, Names>,
}

/// What one kind is called.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// Such as `aws:rds/instance:Instance`.
    pub token: String,
    /// Properties that do not follow the rules, by the path of the attribute, such as `origin.domain_name`.
    #[serde(default)]
    pub names: BTreeMap<String, String>,
    /// Lists that are objects.
    #[serde(default)]
    pub objects: BTreeSet<String>,
    /// Blocks that stand once at most and are lists all the same.
    #[serde(default)]
    pub lists: BTreeSet<String>,
    /// Attributes and blocks that the package does not have.
    #[serde(default)]
    pub missing: BTreeSet<String>,
    /// Whether each resource says its region.
    #[serde(default)]
    pub regional: bool,
}

/// Package by what its kinds begin with, and its file.
static FILES: &[(&str, &str)] = &[
    ("aws", include_str!("../data/dialects/pulumi/aws.json")),
    ("azurerm", include_str!("../data/dialects/pulumi/azurerm.json")),
    ("google", include_str!("../data/dialects/pulumi/google.json")),
    ("mongodbatlas", include_str!("../data/dialects/pulumi/mongodbatlas.json")),
];

/// The package of the kinds that begin with a prefix such as `aws`.
#[must_use]
pub fn package(prefix: &str) -> Option<&'static Package> {
    static PACKAGES: [OnceLock<Package>; 4] = [const { OnceLock::new() }; 4];
    let at = FILES.iter().position(|(name, _)| *name == prefix)?;
    Some(PACKAGES[at].get_or_init(|| {
        serde_json::from_str(FILES[at].1)
            .unwrap_or_else(|e| panic!("data/dialects/pulumi/{prefix}.json: {e}"))
    }))
}

/// Every package, by what its kinds begin with.
pub fn packages() -> impl Iterator<Item = (&'static str, &'static Package)> {
    FILES.iter().filter_map(|(prefix, _)| Some((*prefix, package(prefix)?)))
}

/// What the kind of a node's address is called; `None` when its package does not have it.
#[must_use]
pub fn names(address: &ir::Address) -> Option<&'static Names> {
    let (prefix, rest) = address.kind.as_str().split_once('_')?;
    let kinds = &package(prefix)?.kinds;
    match address.mode {
        ir::Mode::Managed => kinds.get(address.kind.as_str()),
        ir::Mode::Data => kinds.get(&format!("{prefix}_data_{rest}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_names_and_every_exception_an_attribute() {
        let mut tokens = BTreeSet::new();
        for info in crate::kinds::all() {
            let mut address = ir::Address::new("", ir::Kind::named(&info.kind), "this");
            address.mode = if info.data { ir::Mode::Data } else { ir::Mode::Managed };
            let names = names(&address).unwrap_or_else(|| panic!("{} has no names", info.kind));
            assert!(tokens.insert(&names.token), "two kinds are {}", names.token);
            let exceptions =
                names.names.keys().chain(&names.objects).chain(&names.lists).chain(&names.missing);
            for path in exceptions {
                let first = path.split('.').next().expect("split gives one");
                let known =
                    info.schema.attributes.contains_key(first) || info.schema.blocks.contains_key(first);
                assert!(known, "{}: `{path}`", info.kind);
            }
        }
        let rows: usize = packages().map(|(_, p)| p.kinds.len()).sum();
        assert_eq!(rows, tokens.len(), "names of kinds that are no more");
    }
}
