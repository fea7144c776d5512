//! What a candidate costs a month, with every price that went into it.
//!
//! A price that the catalogue does not have makes the whole bill unknown and is named: a sum with a hole in
//! it would be a guess. Candidates must be compared even so, and then the home of the price lists fills the hole.

use catalog::{Evidence, Price};
use ir::Usd;

use crate::blueprint::Fact;

/// The region of the same cloud whose price lists have every item.
pub(crate) fn listed(region: &str) -> &'static str {
    catalog::regions::cloud(region).map_or("us-east-1", |cloud| cloud.home.as_str())
}

/// What an unknown bill ranks behind every known one by, in cents; many of them can be added.
const UNKNOWN: i64 = i64::MAX / 2048;

/// A sum of prices times quantities.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bill {
    monthly: f64,
    prices: Vec<Price>,
    missing: Vec<String>,
    /// What the items with missing prices cost where price lists have them all: for comparing, not for a sum.
    elsewhere: f64,
}

impl Bill {
    /// A bill over a known sum.
    pub fn of(monthly: f64) -> Self {
        Self { monthly, ..Self::default() }
    }

    /// Adds a quantity a month of what a price id names. Nothing is looked up for a quantity of zero.
    pub fn add(&mut self, region: &str, id: &str, quantity: f64) {
        if quantity <= 0.0 {
            return;
        }
        match catalog::price(region, id) {
            Some(price) => {
                self.monthly += price.usd * quantity;
                if self.prices.iter().all(|p| p.id != price.id) {
                    self.prices.push(price);
                }
            }
            None => {
                self.elsewhere +=
                    catalog::price(listed(region), id).map_or(0.0, |price| price.usd * quantity);
                let hole = format!("no price of {id} in {region} is known");
                if !self.missing.contains(&hole) {
                    self.missing.push(hole);
                }
            }
        }
    }

    /// The same with one more line.
    #[must_use]
    pub fn with(mut self, region: &str, id: &str, quantity: f64) -> Self {
        self.add(region, id, quantity);
        self
    }

    /// Says that something is not in the sum.
    pub fn lack(&mut self, what: &str) {
        self.missing.push(what.to_owned());
    }

    /// Adds another bill.
    pub fn merge(&mut self, other: Bill) {
        self.monthly += other.monthly;
        for price in other.prices {
            if self.prices.iter().all(|p| p.id != price.id) {
                self.prices.push(price);
            }
        }
        self.missing.extend(other.missing);
        self.elsewhere += other.elsewhere;
    }

    /// The sum; `None` when a price is missing.
    pub fn monthly(&self) -> Option<Usd> {
        self.missing.is_empty().then_some(Usd(self.monthly))
    }

    /// Cents by which bills are compared: unknown ones come after all known ones, and among themselves as they do
    /// where their prices are listed.
    pub fn rank(&self) -> i64 {
        let cents = ((self.monthly + self.elsewhere) * 100.0).round() as i64;
        if self.missing.is_empty() { cents } else { UNKNOWN.saturating_add(cents) }
    }

    /// Which prices are missing.
    pub fn missing(&self) -> Option<String> {
        (!self.missing.is_empty()).then(|| self.missing.join(", "))
    }

    /// Every price used, as facts.
    pub fn facts(&self) -> Vec<Fact> {
        self.prices.iter().map(fact).collect()
    }
}

fn fact(price: &Price) -> Fact {
    Fact {
        fact: format!("{} = {} USD per {}", price.id, rounded(price.usd), price.unit),
        source: price.source.to_owned(),
        date: price.date.to_owned(),
        verified: price.evidence == Evidence::Official,
    }
}

/// Six significant decimals are more than any published price has; a derived one would show float noise.
fn rounded(usd: f64) -> String {
    let text = format!("{usd:.8}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
