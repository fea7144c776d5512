//! Regions: names, zones and how their prices relate to the home region's.
//!
//! One row a commercial region in `data/regions/aws.json`. A region too new to have published machine prices
//! has no factor, so nothing is derived for it. Must not know where anybody wants to be.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::prices::Evidence;

/// A region.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// Such as `eu-west-1`.
    pub id: String,
    /// Such as `Europe (Ireland)`.
    pub name: String,
    /// Availability zones that a new account can use.
    pub zones: u32,
    /// Machine prices as a multiple of `us-east-1`.
    pub factor: Option<f64>,
}

/// `data/regions/aws.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regions {
    /// Where it was published.
    pub source: String,
    /// When, `YYYY-MM`.
    pub date: String,
    /// How well the factors are known.
    pub evidence: Evidence,
    /// By id.
    pub regions: Vec<Region>,
}

/// A region by its id.
#[must_use]
pub fn region(id: &str) -> Option<&'static Region> {
    all().regions.iter().find(|r| r.id == id)
}

/// Whether a region exists.
#[must_use]
pub fn known(id: &str) -> bool {
    region(id).is_some()
}

/// What a region's prices are as a multiple of `us-east-1`; `None` for a region nobody published.
#[must_use]
pub fn factor(id: &str) -> Option<f64> {
    region(id)?.factor
}

/// Regions that somebody may have meant, for an error message: the one that differs by a slip of the pen, or
/// those that begin with what was written or carry it in their name. At most five.
#[must_use]
pub fn nearest_names(written: &str) -> Vec<&'static str> {
    let written = written.trim().to_lowercase();
    if written.is_empty() {
        return Vec::new();
    }
    let regions = &all().regions;
    let fits = |r: &&Region| r.id.starts_with(&written) || r.name.to_lowercase().contains(&written);
    let close: Vec<&str> = regions.iter().filter(fits).map(|r| r.id.as_str()).take(5).collect();
    if !close.is_empty() {
        return close;
    }
    ir::diagnostic::nearest(&written, regions.iter().map(|r| r.id.as_str())).into_iter().collect()
}

/// Every commercial region, with the source of what is known about them.
#[must_use]
pub fn all() -> &'static Regions {
    static REGIONS: OnceLock<Regions> = OnceLock::new();
    REGIONS.get_or_init(|| {
        serde_json::from_str(include_str!("../data/regions/aws.json"))
            .unwrap_or_else(|e| panic!("data/regions/aws.json: {e}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_sorted_and_sane() {
        let regions = &all().regions;
        assert!(regions.windows(2).all(|w| w[0].id < w[1].id));
        for region in regions {
            assert!(region.zones >= 2, "{}", region.id);
            assert!(region.factor.is_none_or(|f| (0.9..2.0).contains(&f)), "{}", region.id);
        }
        assert_eq!(factor("us-east-1"), Some(1.0));
    }

    #[test]
    fn what_was_meant_is_found_and_nonsense_is_not() {
        assert_eq!(nearest_names("eu-wset-1"), ["eu-west-1"]);
        assert_eq!(nearest_names("Ireland"), ["eu-west-1"]);
        assert_eq!(nearest_names("eu-west-"), ["eu-west-1", "eu-west-2", "eu-west-3"]);
        for nonsense in ["", " ", "mars", "\u{1f30d}\u{1f30d}\u{1f30d}"] {
            assert!(nearest_names(nonsense).is_empty(), "{nonsense}");
        }
        assert!(known("ap-southeast-6") && factor("ap-southeast-6").is_none());
        assert!(!known("eu-west-9"));
    }
}
