//! Where a pricer writes its lines.
//!
//! The sheet looks the price up, multiplies, and turns everything that is missing (a setting, a quantity, a
//! price) into a reason, so that no pricer can forget to say what it left out. Must not know any kind.

use ir::Node;
use ir::units::HOURS_A_MONTH;

use crate::estimate::{Estimate, Line, Unpriced};
use crate::read::Known;

/// The lines of one node.
pub(crate) struct Sheet<'a> {
    node: &'a Node,
    region: &'a str,
    estimate: &'a mut Estimate,
    /// How many lines and reasons there were before this node's.
    before: (usize, usize),
}

/// A quantity that depends on use.
pub(crate) struct Use {
    /// As nodes carry it, such as `requests`.
    pub(crate) key: &'static str,
    /// What it counts, completing "the number of", such as `requests`.
    pub(crate) of: &'static str,
    /// How many of them are one unit of the price.
    pub(crate) per: f64,
}

impl Use {
    /// A quantity priced by the piece.
    pub(crate) const fn each(key: &'static str, of: &'static str) -> Self {
        Self { key, of, per: 1.0 }
    }

    /// A quantity priced by the `per`.
    pub(crate) const fn per(key: &'static str, of: &'static str, per: f64) -> Self {
        Self { key, of, per }
    }
}

impl<'a> Sheet<'a> {
    pub(crate) fn new(node: &'a Node, region: &'a str, estimate: &'a mut Estimate) -> Self {
        let before = (estimate.lines.len(), estimate.unpriced.len());
        Self { node, region: node.region.as_deref().unwrap_or(region), estimate, before }
    }

    /// Whether a pricer wrote anything: if not, the node is free as it is set.
    pub(crate) fn touched(&self) -> bool {
        (self.estimate.lines.len(), self.estimate.unpriced.len()) != self.before
    }

    /// A line for what is provisioned: `quantity` units of the price `id` a month.
    pub(crate) fn fixed(&mut self, item: &str, id: Known<String>, quantity: Known<f64>) {
        self.line(item, id, quantity, false);
    }

    /// A line for `count` of something that is paid by the hour, all month.
    pub(crate) fn hourly(&mut self, item: &str, id: Known<String>, count: Known<f64>) {
        self.line(item, id, count.map(|n| n * HOURS_A_MONTH), false);
    }

    /// A line for what depends on use, if the node says how much.
    pub(crate) fn used(&mut self, item: &str, id: &str, quantity: &Use) {
        let units = self.expected(quantity);
        self.line(item, Ok(id.to_owned()), units, true);
    }

    /// A line for a quantity that the pricer derived from expected use.
    pub(crate) fn estimated(&mut self, item: &str, id: Known<String>, quantity: Known<f64>) {
        self.line(item, id, quantity, true);
    }

    /// An expected quantity, in units of its price.
    pub(crate) fn expected(&self, quantity: &Use) -> Known<f64> {
        let missing = || format!("depends on use: the number of {} a month is not known", quantity.of);
        self.node.usage.get(quantity.key).map(|n| n / quantity.per).ok_or_else(missing)
    }

    /// Whether the node says how much of a quantity is expected.
    pub(crate) fn expects(&self, key: &str) -> bool {
        self.node.usage.contains_key(key)
    }

    /// Why a part of the node, or all of it, has no price.
    pub(crate) fn unpriced(&mut self, because: impl Into<String>) {
        let entry = Unpriced { address: self.node.address.to_string(), because: because.into() };
        if !self.estimate.unpriced[self.before.1..].contains(&entry) {
            self.estimate.unpriced.push(entry);
        }
    }

    fn line(&mut self, item: &str, id: Known<String>, quantity: Known<f64>, usage: bool) {
        let (id, quantity) = match (id, quantity) {
            (Ok(id), Ok(quantity)) => (id, quantity),
            (id, quantity) => {
                for because in [id.err(), quantity.err()].into_iter().flatten() {
                    self.unpriced(format!("{item}: {because}"));
                }
                return;
            }
        };
        if !quantity.is_finite() || quantity < 0.0 {
            return self.unpriced(format!("{item}: {quantity} is not an amount that can be bought"));
        }
        let Some(price) = catalog::price(self.region, &id) else {
            return self.unpriced(format!("{item}: no price of `{id}` is known in {}", self.region));
        };
        self.estimate.lines.push(Line {
            component: self.node.address.component.clone(),
            address: self.node.address.to_string(),
            item: item.to_owned(),
            quantity,
            unit: price.unit.to_owned(),
            unit_price: price.usd,
            monthly: ir::Usd(quantity * price.usd).to_the_cent(),
            usage,
            evidence: price.evidence,
            source: format!("{}, {}", price.source, price.date),
        });
    }
}
