//! What moves bytes: load balancers, gateways, endpoints, names and edges.
//!
//! Most are billed twice: by the hour for being there, and by what passes through. Must not guess the second.

use crate::billing::{Billing, Kinds, priced};
use crate::read::{Known, Settings};
use crate::sheet::{Sheet, Use};

pub(crate) const KINDS: Kinds = &[
    ("aws_lb", priced(load_balancer)),
    ("aws_nat_gateway", priced(nat)),
    ("aws_eip", priced(address)),
    ("aws_vpc_endpoint", priced(endpoint)),
    ("aws_cloudfront_distribution", priced(distribution)),
    ("aws_cloudfront_function", priced(edge_function)),
    ("aws_route53_zone", priced(zone)),
    ("aws_service_discovery_private_dns_namespace", priced(namespace)),
    ("aws_wafv2_web_acl", priced(web_acl)),
    ("aws_acm_certificate", priced(certificate)),
    ("aws_elb", priced(classic_load_balancer)),
    ("aws_acm_certificate_validation", Billing::Free("it only waits for a certificate")),
    ("aws_cloudfront_origin_access_control", Billing::Through("its distribution")),
    ("aws_cloudfront_response_headers_policy", Billing::Through("its distribution")),
    ("aws_cloudfront_vpc_origin", Billing::Through("its distribution")),
    ("aws_default_security_group", Billing::Free("security groups are not charged")),
    ("aws_flow_log", Billing::Through("the log group or bucket it writes to")),
    ("aws_internet_gateway", Billing::Free("the gateway is not charged, the traffic is")),
    ("aws_lb_listener", Billing::Through("its load balancer")),
    ("aws_lb_listener_certificate", Billing::Through("its load balancer")),
    ("aws_lb_listener_rule", Billing::Through("its load balancer")),
    ("aws_lb_target_group", Billing::Through("its load balancer")),
    ("aws_lb_target_group_attachment", Billing::Through("its load balancer")),
    ("aws_network_acl", Billing::Free("network ACLs are not charged")),
    ("aws_network_acl_rule", Billing::Free("network ACLs are not charged")),
    ("aws_route", Billing::Free("routes are not charged")),
    ("aws_route53_record", Billing::Through("its zone")),
    ("aws_route_table", Billing::Free("routes are not charged")),
    ("aws_route_table_association", Billing::Free("routes are not charged")),
    ("aws_security_group", Billing::Free("security groups are not charged")),
    ("aws_security_group_rule", Billing::Free("security groups are not charged")),
    ("aws_service_discovery_instance", priced(registration)),
    ("aws_service_discovery_service", Billing::Through("its namespace")),
    ("aws_subnet", Billing::Free("subnets are not charged")),
    ("aws_vpc", Billing::Free("networks are not charged")),
    ("aws_vpc_dhcp_options", Billing::Free("settings are not charged")),
    ("aws_vpc_dhcp_options_association", Billing::Free("settings are not charged")),
    ("aws_vpc_security_group_egress_rule", Billing::Free("security groups are not charged")),
    ("aws_vpc_security_group_ingress_rule", Billing::Free("security groups are not charged")),
    ("aws_wafv2_web_acl_association", Billing::Through("its web ACL")),
    ("aws_wafv2_web_acl_logging_configuration", Billing::Through("where it logs to")),
];

const GB: Use = Use::each("gb", "GB that pass through it");

fn load_balancer(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let service = match settings.text("load_balancer_type")?.as_deref() {
        None | Some("application") => "alb",
        Some("network") => "nlb",
        Some(other) => return Err(format!("no prices of {other} load balancers are known")),
    };
    sheet.hourly("load balancer", Ok(format!("{service}/hour")), Ok(1.0));
    let capacity = Use::each("lcu_hours", "capacity unit hours");
    sheet.used("capacity units", &format!("{service}/lcu-hour"), &capacity);
    if !settings.flag("internal")? {
        let addresses = addresses(settings, sheet);
        sheet.hourly("public IPv4 addresses", Ok("public-ipv4/hour".to_owned()), addresses);
        let out = Use::each("gb_out", "GB sent to the internet");
        sheet.used("traffic to the internet", "data-transfer/out-gb", &out);
    }
    Ok(())
}

fn classic_load_balancer(_: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.hourly("load balancer", Ok("elb/hour".to_owned()), Ok(1.0));
    sheet.used("traffic", "elb/gb", &GB);
    Ok(())
}

/// Public addresses of a load balancer: as many as expected, or else one a subnet, which is the least it can
/// have. Addresses that are allocated by themselves are paid for there.
fn addresses(settings: Settings, sheet: &Sheet) -> Known<f64> {
    if sheet.expects("public_ipv4") {
        return sheet.expected(&Use::each("public_ipv4", "public addresses"));
    }
    let mappings = settings.blocks("subnet_mapping")?;
    if !mappings.is_empty() {
        return Ok(mappings.iter().filter(|m| !m.has("allocation_id")).count() as f64);
    }
    settings.count("subnets")?.ok_or_else(|| "`subnets` is not set".to_owned())
}

fn nat(_: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.hourly("NAT gateway", Ok("nat/hour".to_owned()), Ok(1.0));
    sheet.used("traffic", "nat/gb", &GB);
    Ok(())
}

fn address(_: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.hourly("public IPv4 address", Ok("public-ipv4/hour".to_owned()), Ok(1.0));
    Ok(())
}

/// Gateway endpoints are free; an interface endpoint is paid for in every zone it stands in.
fn endpoint(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    match settings.text("vpc_endpoint_type")?.as_deref() {
        None | Some("Gateway") => {}
        Some("Interface") => {
            let missing = || "the zones it stands in are not known".to_owned();
            let zones = settings.count("subnet_ids").and_then(|n| n.ok_or_else(missing));
            sheet.hourly("interface endpoint", Ok("vpc-endpoint/hour".to_owned()), zones);
            sheet.used("traffic", "vpc-endpoint/gb", &GB);
        }
        Some(other) => return Err(format!("no prices of {other} endpoints are known")),
    }
    Ok(())
}

fn distribution(_: Settings, sheet: &mut Sheet) -> Known<()> {
    let requests = Use::per("requests", "requests", 1e4);
    sheet.used("requests", "cloudfront/request-10000-https", &requests);
    let out = Use::each("gb_out", "GB sent to readers");
    sheet.used("traffic to the internet", "cloudfront/gb-out", &out);
    Ok(())
}

fn edge_function(_: Settings, sheet: &mut Sheet) -> Known<()> {
    let calls = Use::per("invocations", "invocations", 1e6);
    sheet.used("invocations", "cloudfront/function-million", &calls);
    Ok(())
}

/// Queries within a private zone are not charged.
fn zone(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.fixed("hosted zone", Ok("route53/zone-month".to_owned()), Ok(1.0));
    if settings.block("vpc")?.is_none() {
        sheet.used("queries", "route53/query-million", &Use::per("queries", "queries", 1e6));
    }
    Ok(())
}

/// A private namespace is a hosted zone that ECS keeps filled; what ECS registers is not charged.
fn namespace(_: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.fixed("hosted zone", Ok("route53/zone-month".to_owned()), Ok(1.0));
    Ok(())
}

/// What is registered by hand is paid for; ECS registers its tasks without charge and writes no such resource.
fn registration(_: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.fixed("registered name", Ok("servicediscovery/instance-month".to_owned()), Ok(1.0));
    Ok(())
}

fn web_acl(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.fixed("web ACL", Ok("waf/acl-month".to_owned()), Ok(1.0));
    if settings.has("rule_json") {
        sheet.unpriced("rules: they are written as JSON and not counted");
    } else {
        let rules = settings.count("rule").map(|n| n.unwrap_or(0.0));
        sheet.fixed("rules", Ok("waf/rule-month".to_owned()), rules);
    }
    sheet.used("requests", "waf/request-million", &Use::per("requests", "requests", 1e6));
    Ok(())
}

/// Public certificates are free; those of one's own authority are not.
fn certificate(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    if settings.has("certificate_authority_arn") {
        sheet.unpriced("no prices of private certificates are known");
    }
    Ok(())
}
