//! Load balancers, gateways, endpoints, names and edges.

use catalog::aws::{
    acm_certificate as certificate, cloudfront_distribution as distribution,
    cloudfront_function as edge_function, eip, lb, nat_gateway as nat, route53_zone as zone,
    service_discovery_private_dns_namespace as namespace, vpc_endpoint as endpoint, wafv2_web_acl as waf,
};
use ir::{Block, Graph, NodeBuilder, Value};

use crate::{MONTH, assert_bill, in_region, one};

fn public() -> NodeBuilder<lb::M> {
    NodeBuilder::new("lb", lb::KIND, "this").usage("lcu_hours", 730.0).usage("gb_out", 100.0)
}

#[test]
fn a_load_balancer_costs_hours_capacity_addresses_and_traffic() {
    let alb = |n: f64| {
        [
            ("load balancer", 0.0225 * MONTH),
            ("capacity units", 0.008 * 730.0),
            ("public IPv4 addresses", n * 0.005 * MONTH),
            ("traffic to the internet", 9.0),
        ]
    };
    assert_bill(&one(public().usage("public_ipv4", 4.0)), &alb(4.0), &[]);
    assert_bill(&one(public().set(lb::SUBNETS, Value::list(["a", "b"]))), &alb(2.0), &[]);
    let mapped = public().block(lb::SUBNET_MAPPING, Block::new().set(lb::subnet_mapping::SUBNET_ID, "a"));
    let fixed = Block::new().set(lb::subnet_mapping::ALLOCATION_ID, "eipalloc-1");
    assert_bill(&one(mapped.block(lb::SUBNET_MAPPING, fixed)), &alb(1.0), &[]);
    let internal = public().set(lb::INTERNAL, true);
    assert_bill(&one(internal), &alb(0.0)[..2], &[]);
}

#[test]
fn a_load_balancer_that_says_little_is_priced_by_what_it_says() {
    let bare = one(NodeBuilder::new("lb", lb::KIND, "this"));
    let reasons = ["capacity unit hours", "`subnets` is not set", "GB sent to the internet"];
    assert_bill(&bare, &[("load balancer", 0.0225 * MONTH)], &reasons);
    let nlb = one(public().set(lb::LOAD_BALANCER_TYPE, "network").set(lb::INTERNAL, true));
    assert_bill(&nlb, &[("load balancer", 0.0225 * MONTH), ("capacity units", 4.38)], &[]);
    assert_bill(&one(public().set(lb::LOAD_BALANCER_TYPE, "gateway")), &[], &["gateway load balancers"]);
}

#[test]
fn gateways_and_addresses_cost_hours() {
    let with = NodeBuilder::new("n", nat::KIND, "this").usage("gb", 100.0);
    assert_bill(&one(with), &[("NAT gateway", 0.045 * MONTH), ("traffic", 4.5)], &[]);
    let without = NodeBuilder::new("n", nat::KIND, "this");
    assert_bill(&one(without), &[("NAT gateway", 0.045 * MONTH)], &["GB that pass through it"]);
    assert_bill(&one(NodeBuilder::new("n", eip::KIND, "this")), &[("public IPv4 address", 3.65)], &[]);
}

#[test]
fn an_interface_endpoint_costs_in_every_zone_and_a_gateway_endpoint_nothing() {
    let node = || NodeBuilder::new("n", endpoint::KIND, "this");
    assert_eq!(one(node()).free, 1);
    assert_eq!(one(node().set(endpoint::VPC_ENDPOINT_TYPE, "Gateway")).free, 1);
    let interface = || node().set(endpoint::VPC_ENDPOINT_TYPE, "Interface").usage("gb", 10.0);
    let three = interface().set(endpoint::SUBNET_IDS, Value::list(["a", "b", "c"]));
    assert_bill(&one(three), &[("interface endpoint", 0.03 * MONTH), ("traffic", 0.1)], &[]);
    assert_bill(&one(interface()), &[("traffic", 0.1)], &["the zones it stands in"]);
    let other = node().set(endpoint::VPC_ENDPOINT_TYPE, "GatewayLoadBalancer");
    assert_bill(&one(other), &[], &["GatewayLoadBalancer endpoints"]);
}

#[test]
fn a_distribution_costs_where_its_readers_are() {
    let node =
        || NodeBuilder::new("cdn", distribution::KIND, "this").usage("requests", 1e6).usage("gb_out", 100.0);
    assert_bill(&one(node()), &[("requests", 1.0), ("traffic to the internet", 8.5)], &[]);
    let mut graph = Graph::new();
    graph.add(node());
    let tokyo = in_region(graph, "ap-northeast-1");
    assert_bill(&tokyo, &[("requests", 1.2), ("traffic to the internet", 11.4)], &[]);
    let calls = NodeBuilder::new("cdn", edge_function::KIND, "this").usage("invocations", 1e7);
    assert_bill(&one(calls), &[("invocations", 1.0)], &[]);
}

#[test]
fn zones_cost_a_month_and_public_ones_their_queries() {
    let node = || NodeBuilder::new("dns", zone::KIND, "this");
    let public = one(node().usage("queries", 1e7));
    assert_bill(&public, &[("hosted zone", 0.5), ("queries", 4.0)], &[]);
    let private = node().block(zone::VPC, Block::new().set(zone::vpc::VPC_ID, "vpc-1"));
    assert_bill(&one(private), &[("hosted zone", 0.5)], &[]);
    assert_bill(&one(NodeBuilder::new("dns", namespace::KIND, "this")), &[("hosted zone", 0.5)], &[]);
}

#[test]
fn a_web_acl_costs_its_rules_and_requests() {
    let rule = |name: &str| Block::new().set(waf::rule::NAME, name);
    let node =
        NodeBuilder::new("waf", waf::KIND, "this").block(waf::RULE, rule("a")).block(waf::RULE, rule("b"));
    let lines = [("web ACL", 5.0), ("rules", 2.0), ("requests", 1.2)];
    assert_bill(&one(node.usage("requests", 2e6)), &lines, &[]);
    let json = NodeBuilder::new("waf", waf::KIND, "this").set(waf::RULE_JSON, "[]").usage("requests", 0.0);
    assert_bill(&one(json), &[("web ACL", 5.0), ("requests", 0.0)], &["rules: they are written as JSON"]);
}

#[test]
fn only_public_certificates_are_free() {
    let node = || NodeBuilder::new("tls", certificate::KIND, "this");
    assert_eq!(one(node()).free, 1);
    let private = node().set(certificate::CERTIFICATE_AUTHORITY_ARN, "arn:aws:acm-pca:::ca");
    assert_bill(&one(private), &[], &["private certificates"]);
}
