//! Which regions of different clouds stand for each other.
//!
//! One row a place in `data/places/near.json`: the region each cloud has there, or the nearest one where it has none,
//! which the row says. Must not know what anybody puts where.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::regions;

/// A place.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    /// Such as `Ireland`.
    place: String,
    aws: Option<String>,
    azure: Option<String>,
    gcp: Option<String>,
    /// Clouds whose region is the nearest and not in the place itself.
    #[serde(default)]
    elsewhere: Vec<String>,
}

/// `data/places/near.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Places {
    source: String,
    date: String,
    places: Vec<Place>,
}

impl Place {
    fn region(&self, cloud: &str) -> Option<&str> {
        match cloud {
            "aws" => self.aws.as_deref(),
            "azure" => self.azure.as_deref(),
            "gcp" => self.gcp.as_deref(),
            _ => None,
        }
    }

    fn is_in(&self, cloud: &str) -> bool {
        !self.elsewhere.iter().any(|c| c == cloud)
    }
}

/// A region that stands for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Near {
    /// Its id.
    pub region: &'static str,
    /// The place that the other is in.
    pub place: &'static str,
    /// Whether this one is there too.
    pub same_place: bool,
}

/// The region of a cloud that stands for one of another cloud; `None` where there is none near.
#[must_use]
pub fn near(region: &str, cloud: &str) -> Option<Near> {
    let own = regions::cloud(region)?.cloud.as_str();
    let named = |p: &&Place| p.region(own) == Some(region);
    let rows = &all().places;
    let place = rows.iter().find(|p| named(p) && p.is_in(own)).or_else(|| rows.iter().find(named))?;
    let same_place = place.is_in(cloud) && place.is_in(own);
    Some(Near { region: place.region(cloud)?, place: &place.place, same_place })
}

/// Where the table is from, and of when.
#[must_use]
pub fn source() -> (&'static str, &'static str) {
    (&all().source, &all().date)
}

fn all() -> &'static Places {
    static PLACES: OnceLock<Places> = OnceLock::new();
    PLACES.get_or_init(|| {
        serde_json::from_str(include_str!("../data/places/near.json"))
            .unwrap_or_else(|e| panic!("data/places/near.json: {e}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLOUDS: [&str; 3] = ["aws", "azure", "gcp"];

    #[test]
    fn every_row_names_regions_that_are_and_every_region_has_a_row_of_its_own_place() {
        for place in &all().places {
            for cloud in CLOUDS {
                let known = |id| regions::of(cloud).iter().any(|r| r.id == id);
                assert!(place.region(cloud).is_none_or(known), "{place:?}");
            }
            assert!(place.elsewhere.iter().all(|c| place.region(c).is_some()), "{place:?}");
            assert!(CLOUDS.iter().any(|c| place.region(c).is_some() && place.is_in(c)), "{place:?}");
        }
        for cloud in regions::clouds() {
            for region in &cloud.regions {
                let own = |p: &Place| p.region(&cloud.cloud) == Some(&region.id) && p.is_in(&cloud.cloud);
                assert!(all().places.iter().any(own), "{} has no place", region.id);
            }
        }
    }

    #[test]
    fn what_stands_for_a_region_in_the_same_place_is_stood_for_by_it_or_by_a_twin() {
        for from in regions::clouds() {
            for region in &from.regions {
                assert_eq!(near(&region.id, &from.cloud).map(|n| n.region), Some(region.id.as_str()));
                for to in CLOUDS {
                    let Some(found) = near(&region.id, to).filter(|n| n.same_place) else { continue };
                    let back = near(found.region, &from.cloud).expect("it is in the same row");
                    assert!(back.region == region.id || back.place == found.place, "{} {found:?}", region.id);
                }
            }
        }
        assert_eq!(near("eu-west-1", "azure").map(|n| n.region), Some("northeurope"));
        assert!(near("nowhere", "azure").is_none() && near("eu-west-1", "mars").is_none());
    }
}
