//! Whole stacks: what is walked, what is said, and how two versions compare.

use catalog::aws::{data_region, kms_key as kms, nat_gateway as nat, vpc, wafv2_web_acl as waf};
use cost::{Billing, billing, diff};
use ir::{Address, Graph, Kind, Node, NodeBuilder, Usd};

use crate::{assert_bill, in_region, of, one};

#[test]
fn an_empty_stack_costs_nothing() {
    let bill = of(Graph::new());
    assert_eq!((bill.total(), bill.free), (Usd(0.0), 0));
    assert!(bill.lines.is_empty() && bill.unpriced.is_empty());
}

#[test]
fn data_sources_are_no_resources_and_strangers_are_named() {
    let mut graph = Graph::new();
    graph.add(NodeBuilder::data("c", data_region::KIND, "this"));
    graph.add(NodeBuilder::new("c", vpc::KIND, "this"));
    graph.insert(Node::new(Address::new("c", Kind::named("acme_rocket"), "\u{1f680}")));
    let bill = of(graph);
    assert_eq!(bill.free, 1);
    assert_bill(&bill, &[], &["no prices of `acme_rocket` are known"]);
}

#[test]
fn a_node_elsewhere_has_the_prices_of_elsewhere() {
    let mut graph = Graph::new();
    graph.add(NodeBuilder::new("c", nat::KIND, "this").region("us-east-1").usage("gb", 0.0));
    let bill = in_region(graph, "sa-east-1");
    assert_bill(&bill, &[("NAT gateway", 0.045 * 730.0), ("traffic", 0.0)], &[]);
    assert_eq!(bill.region, "sa-east-1");
}

#[test]
fn lines_keep_the_order_and_components_of_the_graph_and_name_their_source() {
    let mut graph = Graph::new();
    for component in ["zebra", "ant", "zebra"] {
        let key = graph.len().to_string();
        graph.add(NodeBuilder::new(component, kms::KIND, "this").key(key).usage("requests", 0.0));
    }
    let bill = of(graph);
    let sums: Vec<_> = bill.by_component().into_iter().collect();
    assert_eq!(sums, [("zebra", Usd(2.0)), ("ant", Usd(1.0))]);
    assert_eq!(bill.total(), Usd(3.0));
    assert!(bill.lines.iter().all(|l| l.source.starts_with("aws.amazon.com/kms/pricing, 20")));
}

/// Whoever adds up the figures that are printed gets the total that is printed, line by line and component by
/// component.
#[test]
fn what_is_printed_adds_up_to_the_cent() {
    let cents = |usd: Usd| {
        let text: String = usd.to_string().chars().filter(char::is_ascii_digit).collect();
        text.parse::<u64>().expect("dollars and cents")
    };
    let mut graph = Graph::new();
    for at in 0..500_u32 {
        let node = NodeBuilder::new(&format!("c{}", at % 7), nat::KIND, "this").key(at.to_string());
        graph.add(node.usage("gb", f64::from(at) / 3.0));
    }
    let bill = of(graph);
    assert_eq!(bill.lines.iter().map(|l| cents(l.monthly)).sum::<u64>(), cents(bill.total()));
    assert_eq!(bill.by_component().into_values().map(cents).sum::<u64>(), cents(bill.total()));
}

/// Priced by what is expected of them alone.
const WITHOUT_SETTINGS: &[&str] = &["aws_cloudwatch_event_rule"];

/// Every priced kind, with nothing set and then with every setting not yet known: nothing panics, no use is
/// made up, and what is not known is never taken for free.
#[test]
fn nothing_is_assumed_of_a_node_that_says_nothing() {
    for info in catalog::kinds::all().filter(|k| !k.data) {
        let Some(Billing::Priced(_)) = billing(&info.kind) else { continue };
        let bare = Node::new(Address::new("c", Kind::named(&info.kind), "this"));
        let mut vague = bare.clone();
        for name in info.schema.attributes.keys().chain(info.schema.blocks.keys()) {
            vague.attrs.insert(name.clone(), ir::Value::Unknown("not applied yet".into()));
        }
        for (node, known) in [(bare, true), (vague, false)] {
            let mut graph = Graph::new();
            graph.insert(node);
            let bill = of(graph);
            assert!(bill.lines.iter().all(|l| !l.usage), "{}: use was assumed", info.kind);
            let free = bill.lines.is_empty() && bill.unpriced.is_empty();
            assert_eq!(bill.free, usize::from(free), "{}", info.kind);
            assert!(
                !free || known || WITHOUT_SETTINGS.contains(&&*info.kind),
                "{} was taken for free",
                info.kind
            );
        }
    }
}

#[test]
fn a_difference_names_the_lines_that_moved() {
    let with = |rules: usize| {
        let mut node = NodeBuilder::new("edge", waf::KIND, "this").usage("requests", 0.0);
        for n in 0..rules {
            node = node.block(waf::RULE, ir::Block::new().set(waf::rule::NAME, n.to_string()));
        }
        one(node)
    };
    let difference = diff(&[with(1)], &[with(4)]);
    assert_eq!(difference.delta(), Usd(3.0));
    let stack = &difference.stacks[0];
    assert_eq!(stack.components.len(), 1);
    let moved: Vec<_> = stack.lines.iter().map(|l| (l.item.as_str(), l.delta())).collect();
    assert_eq!(moved, [("rules", Usd(3.0))]);
    assert!(diff(&[with(2)], &[with(2)]).stacks[0].lines.is_empty());
}
