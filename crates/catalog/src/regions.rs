//! Regions: names, zones and how their prices relate to the home region's.
//!
//! One file a cloud under `data/regions`, one row a region that is open to everybody. A region too new to have
//! published machine prices has no factor, so nothing is derived for it. An id names one region of one cloud, so
//! an id alone says which cloud is meant. Must not know where anybody wants to be.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::prices::Evidence;

/// A region.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// Such as `eu-west-1` or `westeurope`.
    pub id: String,
    /// Such as `Europe (Ireland)`.
    pub name: String,
    /// Availability zones that a new account can use; 1 where the region has none.
    pub zones: u32,
    /// Machine prices as a multiple of the cloud's home region.
    pub factor: Option<f64>,
    /// How well the factor is known, where that is not as the file says.
    pub evidence: Option<Evidence>,
    /// Where the cloud itself puts geo-redundant copies, where it says so. Not every such region is open.
    pub pair: Option<String>,
}

/// The regions of one cloud.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regions {
    /// `aws`, `azure` or `gcp`.
    pub cloud: String,
    /// The region whose prices others are multiples of.
    pub home: String,
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
    clouds().iter().flat_map(|c| &c.regions).find(|r| r.id == id)
}

/// Whether a region exists.
#[must_use]
pub fn known(id: &str) -> bool {
    region(id).is_some()
}

/// The cloud of a region.
#[must_use]
pub fn cloud(id: &str) -> Option<&'static Regions> {
    clouds().iter().find(|c| c.regions.iter().any(|r| r.id == id))
}

/// What a region's prices are as a multiple of its cloud's home region; `None` for a region nobody published.
#[must_use]
pub fn factor(id: &str) -> Option<f64> {
    region(id)?.factor
}

impl Regions {
    /// The factor of one of these regions, and how well it is known.
    #[must_use]
    pub fn factor(&self, id: &str) -> Option<(f64, Evidence)> {
        let region = self.regions.iter().find(|r| r.id == id)?;
        Some((region.factor?, region.evidence.unwrap_or(self.evidence)))
    }
}

/// The regions of a cloud; none for a cloud nobody wrote down.
#[must_use]
pub fn of(cloud: &str) -> &'static [Region] {
    clouds().iter().find(|c| c.cloud == cloud).map_or(&[], |c| c.regions.as_slice())
}

/// Regions of a cloud that somebody may have meant, for an error message: the one that differs by a slip of the
/// pen, or those that begin with what was written or carry it in their name. At most five.
#[must_use]
pub fn nearest_names(cloud: &str, written: &str) -> Vec<&'static str> {
    let written = written.trim().to_lowercase();
    if written.is_empty() {
        return Vec::new();
    }
    let regions = of(cloud);
    let fits = |r: &&Region| r.id.starts_with(&written) || r.name.to_lowercase().contains(&written);
    let close: Vec<&str> = regions.iter().filter(fits).map(|r| r.id.as_str()).take(5).collect();
    if !close.is_empty() {
        return close;
    }
    ir::diagnostic::nearest(&written, regions.iter().map(|r| r.id.as_str())).into_iter().collect()
}

/// Every cloud with its regions.
#[must_use]
pub fn clouds() -> &'static [Regions] {
    static CLOUDS: OnceLock<Vec<Regions>> = OnceLock::new();
    CLOUDS.get_or_init(|| {
        let parse = |(name, text): &(&str, &str)| {
            let file: Regions =
                serde_json::from_str(text).unwrap_or_else(|e| panic!("data/regions/{name}.json: {e}"));
            assert_eq!(file.cloud, *name, "data/regions/{name}.json names another cloud");
            file
        };
        TABLE.iter().map(parse).collect()
    })
}

/// The data files by name; a test compares this list with the folder.
static TABLE: &[(&str, &str)] = &[
    ("aws", include_str!("../data/regions/aws.json")),
    ("azure", include_str!("../data/regions/azure.json")),
    ("gcp", include_str!("../data/regions/gcp.json")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_the_folder() {
        assert_eq!(crate::folder("regions"), TABLE.iter().map(|(n, _)| (*n).to_owned()).collect());
    }

    #[test]
    fn regions_are_sorted_and_sane() {
        let mut seen = std::collections::BTreeSet::new();
        for Regions { cloud, home, regions, .. } in clouds() {
            assert!(regions.windows(2).all(|w| w[0].id < w[1].id), "{cloud}");
            assert_eq!(factor(home), Some(1.0));
            for region in regions {
                assert!(seen.insert(&region.id), "{} is a region of two clouds", region.id);
                assert!((1..=6).contains(&region.zones), "{}", region.id);
                assert!(region.factor.is_none_or(|f| (0.9..2.0).contains(&f)), "{}", region.id);
                assert_ne!(region.pair.as_ref(), Some(&region.id));
                assert_eq!(super::cloud(&region.id).map(|c| &c.cloud), Some(cloud));
            }
        }
    }

    #[test]
    fn what_was_meant_is_found_and_nonsense_is_not() {
        assert_eq!(nearest_names("aws", "eu-wset-1"), ["eu-west-1"]);
        assert_eq!(nearest_names("aws", "Ireland"), ["eu-west-1"]);
        assert_eq!(nearest_names("azure", "West Europe"), ["westeurope"]);
        assert_eq!(nearest_names("azure", "Ireland"), ["northeurope"]);
        assert_eq!(nearest_names("aws", "eu-west-"), ["eu-west-1", "eu-west-2", "eu-west-3"]);
        for nonsense in ["", " ", "mars", "\u{1f30d}\u{1f30d}\u{1f30d}"] {
            for cloud in ["aws", "azure", "nowhere"] {
                assert!(nearest_names(cloud, nonsense).is_empty(), "{nonsense}");
            }
        }
        assert!(known("ap-southeast-6") && factor("ap-southeast-6").is_none());
        assert!(!known("eu-west-9"));
    }
}
