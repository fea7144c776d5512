//! How each kind is billed: the register of pricers.
//!
//! Every kind of the catalogue is in exactly one family's list, so that a kind nobody thought about fails a
//! test instead of being left out of a bill. Must not know any price.

use crate::read::{Known, Settings};
use crate::sheet::Sheet;
use crate::{api, atlas, azure, compute, database, gcp, instances, messaging, network, operations, storage};

/// Writes the lines of one node. A reason it returns stands for what it had not written yet.
pub(crate) type Pricer = fn(Settings, &mut Sheet) -> Known<()>;

/// How a kind is billed.
#[derive(Clone, Copy, Debug)]
pub enum Billing {
    /// By a pricer; one that writes nothing found the node free as it is set.
    Priced(Priced),
    /// Never; the reason, in a few words.
    Free(&'static str),
    /// Through another resource, in a few words, such as "the service that runs it".
    Through(&'static str),
}

/// A pricer, opaque outside this crate.
#[derive(Clone, Copy, Debug)]
pub struct Priced(pub(crate) Pricer);

/// A family's kinds.
pub(crate) type Kinds = &'static [(&'static str, Billing)];

/// Shorthand for the families' lists.
pub(crate) const fn priced(pricer: Pricer) -> Billing {
    Billing::Priced(Priced(pricer))
}

/// The families of AWS, one file each.
static FAMILIES: &[Kinds] = &[
    api::KINDS,
    compute::KINDS,
    database::KINDS,
    instances::KINDS,
    messaging::KINDS,
    network::KINDS,
    operations::KINDS,
    storage::KINDS,
];

/// How a kind is billed; `None` for one the engine does not know.
#[must_use]
pub fn billing(kind: &str) -> Option<&'static Billing> {
    kinds().find(|(name, _)| *name == kind).map(|(_, billing)| billing)
}

/// The kinds of all families of all clouds.
fn kinds() -> impl Iterator<Item = &'static (&'static str, Billing)> {
    FAMILIES.iter().chain(azure::FAMILIES).chain(gcp::FAMILIES).chain(atlas::FAMILIES).copied().flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn every_kind_of_the_catalogue_is_billed_in_exactly_one_way() {
        let mut ways: BTreeMap<&str, usize> = BTreeMap::new();
        for (kind, _) in kinds() {
            *ways.entry(kind).or_default() += 1;
        }
        let managed: Vec<_> = catalog::kinds::all().filter(|k| !k.data).map(|k| k.kind.as_str()).collect();
        for kind in &managed {
            assert_eq!(ways.remove(kind), Some(1), "{kind} must be listed once");
        }
        assert!(ways.is_empty(), "not in the catalogue: {:?}", ways.keys());
        for (kind, billing) in kinds() {
            if let Billing::Free(why) | Billing::Through(why) = billing {
                assert!(!why.is_empty() && !why.ends_with('.'), "{kind}: {why}");
            }
        }
    }
    /// Every price that a family names in full has a figure; those it puts together are held by the tests that
    /// work dollars out by hand.
    #[test]
    fn every_price_that_is_named_exists() {
        let sources = [
            include_str!("api.rs"),
            include_str!("compute.rs"),
            include_str!("database.rs"),
            include_str!("instances.rs"),
            include_str!("messaging.rs"),
            include_str!("network.rs"),
            include_str!("operations.rs"),
            include_str!("storage.rs"),
        ];
        assert_eq!(sources.len(), FAMILIES.len());
        assert_eq!(azure::SOURCES.len(), azure::FAMILIES.len());
        assert_eq!(gcp::SOURCES.len(), gcp::FAMILIES.len());
        let price = |text: &&str| {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            text.split_once('/').is_some_and(|(a, b)| !a.is_empty() && a.chars().chain(b.chars()).all(plain))
        };
        let named: Vec<_> = sources
            .iter()
            .chain(azure::SOURCES)
            .chain(gcp::SOURCES)
            .flat_map(|s| s.split('"'))
            .filter(price)
            .collect();
        assert!(named.len() > 40, "{named:?}");
        for id in named {
            let mut homes = catalog::regions::clouds().iter().map(|c| &c.home);
            assert!(homes.any(|home| catalog::price(home, id).is_some()), "{id}");
        }
    }
}
