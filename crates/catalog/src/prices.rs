//! What things cost, by region, each price with its source and date.
//!
//! One file a service under `data/prices/aws`. A region without a listed price gets the home region's price
//! times a published factor and is marked as an estimate; without a factor there is no price, and whoever
//! asks must say so.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

/// How well a fact is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// Read on the vendor's own page or in the vendor's own data.
    Official,
    /// Read in somebody else's published table.
    Secondary,
    /// Computed from an official or secondary figure, such as another region's price times a factor.
    Derived,
    /// Written down from general knowledge and not verified: shown as unverified.
    Unverified,
}

/// A price.
#[derive(Clone, Debug, PartialEq)]
pub struct Price {
    /// Such as `fargate/vcpu-arm`.
    pub id: String,
    /// US dollars for one unit.
    pub usd: f64,
    /// Such as `vCPU-hour`.
    pub unit: &'static str,
    /// How well it is known.
    pub evidence: Evidence,
    /// Where it was published.
    pub source: &'static str,
    /// When, `YYYY-MM` or `YYYY-MM-DD`.
    pub date: &'static str,
}

/// A file under `data/prices/aws`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceFile {
    /// The first part of every id in the file.
    service: String,
    prices: BTreeMap<String, PriceRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceRow {
    unit: String,
    source: String,
    date: String,
    evidence: Evidence,
    /// By region; `*` where it is the same everywhere.
    usd: BTreeMap<String, f64>,
    /// Whether other regions may be derived from `us-east-1` by the general region factor.
    #[serde(default)]
    scales: bool,
}

/// The price of one unit of `id` (such as `fargate/vcpu-arm`) in a region; `None` when no source gives one.
#[must_use]
pub fn price(region: &str, id: &str) -> Option<Price> {
    let (service, item) = id.split_once('/')?;
    let row = files().get(service)?.prices.get(item)?;
    let known = |usd: f64, evidence: Evidence| Price {
        id: id.to_owned(),
        usd,
        unit: &row.unit,
        evidence,
        source: &row.source,
        date: &row.date,
    };
    if let Some(usd) = row.usd.get(region).or_else(|| row.usd.get("*")) {
        return Some(known(*usd, row.evidence));
    }
    if !row.scales {
        return None;
    }
    let home = row.usd.get("us-east-1")?;
    let factor = crate::regions::factor(region)?;
    Some(known(home * factor, row.evidence.max(Evidence::Derived)))
}

/// Every price id, sorted.
pub fn ids() -> impl Iterator<Item = String> {
    files().values().flat_map(|f| f.prices.keys().map(|item| format!("{}/{item}", f.service)))
}

fn files() -> &'static BTreeMap<String, PriceFile> {
    static FILES: OnceLock<BTreeMap<String, PriceFile>> = OnceLock::new();
    FILES.get_or_init(|| {
        let parse = |(name, text): &(&str, &str)| {
            let file: PriceFile =
                serde_json::from_str(text).unwrap_or_else(|e| panic!("data/prices/aws/{name}.json: {e}"));
            assert_eq!(file.service, *name, "data/prices/aws/{name}.json names another service");
            ((*name).to_owned(), file)
        };
        TABLE.iter().map(parse).collect()
    })
}

/// The data files by name; a test compares this list with the folder.
static TABLE: &[(&str, &str)] = &[("fargate", include_str!("../data/prices/aws/fargate.json"))];
