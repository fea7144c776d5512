//! What each kind costs, as small graphs with the dollars worked out by hand.
//!
//! Prices are written into the expectations rather than looked up, so that a change of a figure or of a rule
//! shows here. All in `us-east-1`, or in `eastus`, unless a test is about regions.

mod atlas;
mod azure;
mod compute;
mod database;
mod gcp;
mod instances;
mod messaging;
mod network;
mod operations;
mod stacks;
mod storage;

use cost::{Estimate, estimate};
use ir::{Graph, NodeBuilder, Stack};

/// Hours in a billing month.
const MONTH: f64 = 730.0;

/// The estimate of a graph in a region.
fn in_region(graph: Graph, region: &str) -> Estimate {
    let stack = Stack {
        name: "test".to_owned(),
        environment: true,
        region: region.to_owned(),
        tags: indexmap::IndexMap::new(),
        graph,
    };
    estimate(&stack)
}

/// The estimate of a graph.
fn of(graph: Graph) -> Estimate {
    in_region(graph, "us-east-1")
}

/// The estimate of one node.
fn one<M>(node: NodeBuilder<M>) -> Estimate {
    let mut graph = Graph::new();
    graph.add(node);
    of(graph)
}

/// Asserts the items and dollars of all lines, in order, and that everything else was left out for the reasons
/// given, of which parts are enough. Lines are held to the dollars before they are rounded to cents.
#[track_caller]
fn assert_bill(estimate: &Estimate, lines: &[(&str, f64)], unpriced: &[&str]) {
    let found: Vec<_> = estimate.lines.iter().map(|l| (l.item.as_str(), l.quantity * l.unit_price)).collect();
    assert!(estimate.lines.iter().all(|l| l.monthly == ir::Usd(l.quantity * l.unit_price).to_the_cent()));
    let same = |(a, b): (&(&str, f64), &(&str, f64))| a.0 == b.0 && (a.1 - b.1).abs() < 1e-6;
    let all = found.len() == lines.len() && found.iter().zip(lines).all(same);
    assert!(all, "expected {lines:?}\n   found {found:?}\nunpriced {:?}", estimate.unpriced);
    let reasons: Vec<_> = estimate.unpriced.iter().map(|u| u.because.as_str()).collect();
    let fits = reasons.len() == unpriced.len() && reasons.iter().zip(unpriced).all(|(r, u)| r.contains(u));
    assert!(fits, "expected reasons {unpriced:?}\n          found {reasons:?}");
}
