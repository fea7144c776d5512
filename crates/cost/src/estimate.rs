//! What a month costs.
//!
//! One estimate a stack. What has no price is listed with the reason rather than counted as nothing, so a total
//! is always a lower bound that says what it leaves out. Lines are in whole cents, as on a bill, so that what is
//! printed adds up. Must not know any kind: that is the pricers' part.

use catalog::Evidence;
use ir::{Mode, Stack, Usd};
use serde::Serialize;

use crate::billing::{Billing, billing};
use crate::read::Settings;
use crate::sheet::Sheet;

/// What a stack costs a month, in the order of its graph.
#[must_use]
pub fn estimate(stack: &Stack) -> Estimate {
    let mut estimate =
        Estimate { stack: stack.name.clone(), region: stack.region.clone(), ..Estimate::default() };
    for node in stack.graph.nodes().filter(|n| n.address.mode == Mode::Managed) {
        let mut sheet = Sheet::new(node, &stack.region, &mut estimate);
        match billing(node.kind().as_str()) {
            Some(Billing::Priced(pricer)) => {
                if let Err(because) = (pricer.0)(Settings::of(node, &stack.graph), &mut sheet) {
                    sheet.unpriced(because);
                }
            }
            Some(Billing::Free(_) | Billing::Through(_)) => {}
            None => sheet.unpriced(format!("no prices of `{}` are known", node.kind())),
        }
        if !sheet.touched() {
            estimate.free += 1;
        }
    }
    estimate
}

/// The monthly cost of one stack.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Estimate {
    /// Which stack.
    pub stack: String,
    /// Region.
    pub region: String,
    /// Priced lines, in the graph's order.
    pub lines: Vec<Line>,
    /// What could not be priced and why.
    pub unpriced: Vec<Unpriced>,
    /// How many resources cost nothing by themselves.
    pub free: usize,
}

/// One priced line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// Component it belongs to.
    pub component: String,
    /// Resource, as Terraform prints it.
    pub address: String,
    /// What is paid for, such as `vCPU`.
    pub item: String,
    /// How much of it a month.
    pub quantity: f64,
    /// Unit, such as `vCPU-hour`.
    pub unit: String,
    /// Dollars for one unit.
    pub unit_price: f64,
    /// Dollars a month, in whole cents.
    pub monthly: Usd,
    /// Whether it depends on expected use rather than on what is provisioned.
    pub usage: bool,
    /// How well the price is known.
    pub evidence: Evidence,
    /// Where it was published and when.
    pub source: String,
}

/// Something without a price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unpriced {
    /// Resource.
    pub address: String,
    /// Why.
    pub because: String,
}

impl Estimate {
    /// All lines together.
    #[must_use]
    pub fn total(&self) -> Usd {
        self.lines.iter().map(|l| l.monthly).sum()
    }

    /// By component, in the order they first appear.
    #[must_use]
    pub fn by_component(&self) -> indexmap::IndexMap<&str, Usd> {
        let mut sums = indexmap::IndexMap::new();
        for line in &self.lines {
            *sums.entry(line.component.as_str()).or_default() += line.monthly;
        }
        sums
    }
}
