//! What connects: networks, addresses, names, gateways and content delivery.

use crate::billing::{Billing, Kinds, priced};
use crate::read::{Known, Settings};
use crate::sheet::{Sheet, Use};

pub(crate) const KINDS: Kinds = &[
    ("azurerm_virtual_network", Billing::Free("networks are not charged")),
    ("azurerm_subnet", Billing::Free("networks are not charged")),
    ("azurerm_subnet_nat_gateway_association", Billing::Through("its gateway")),
    ("azurerm_subnet_network_security_group_association", Billing::Free("rules are not charged")),
    ("azurerm_network_security_group", Billing::Free("rules are not charged")),
    ("azurerm_network_security_rule", Billing::Free("rules are not charged")),
    ("azurerm_network_interface", Billing::Free("interfaces are not charged")),
    ("azurerm_route_table", Billing::Free("routes are not charged")),
    ("azurerm_virtual_network_peering", priced(peering)),
    ("azurerm_nat_gateway", priced(nat)),
    ("azurerm_nat_gateway_public_ip_association", Billing::Through("its gateway")),
    ("azurerm_public_ip", priced(address)),
    ("azurerm_private_endpoint", priced(endpoint)),
    ("azurerm_private_dns_zone", priced(zone)),
    ("azurerm_private_dns_zone_virtual_network_link", Billing::Free("links are not charged")),
    ("azurerm_dns_zone", priced(zone)),
    ("azurerm_dns_a_record", Billing::Through("its zone")),
    ("azurerm_dns_cname_record", Billing::Through("its zone")),
    ("azurerm_dns_txt_record", Billing::Through("its zone")),
    ("azurerm_lb", priced(balancer)),
    ("azurerm_lb_backend_address_pool", Billing::Through("its load balancer")),
    ("azurerm_lb_probe", Billing::Through("its load balancer")),
    ("azurerm_lb_rule", Billing::Through("its load balancer")),
    ("azurerm_application_gateway", priced(gateway)),
    ("azurerm_web_application_firewall_policy", Billing::Through("the gateway it filters for")),
    ("azurerm_cdn_frontdoor_profile", priced(front_door)),
    ("azurerm_cdn_frontdoor_custom_domain", Billing::Through("its profile")),
    ("azurerm_cdn_frontdoor_custom_domain_association", Billing::Through("its profile")),
    ("azurerm_cdn_frontdoor_endpoint", Billing::Through("its profile")),
    ("azurerm_cdn_frontdoor_firewall_policy", Billing::Through("the profile it filters for")),
    ("azurerm_cdn_frontdoor_origin", Billing::Through("its profile")),
    ("azurerm_cdn_frontdoor_origin_group", Billing::Through("its profile")),
    ("azurerm_cdn_frontdoor_route", Billing::Through("its profile")),
    ("azurerm_cdn_frontdoor_rule", Billing::Through("its profile")),
    ("azurerm_cdn_frontdoor_rule_set", Billing::Through("its profile")),
    ("azurerm_cdn_frontdoor_security_policy", Billing::Through("its profile")),
    ("azurerm_firewall", priced(firewall)),
    ("azurerm_bastion_host", priced(bastion)),
    ("azurerm_api_management", priced(api_management)),
];

const TRAFFIC: Use = Use::each("gb", "GB that pass through it");

fn nat(_: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.hourly("NAT gateway", Ok("nat-gateway/hour".to_owned()), Ok(1.0));
    sheet.used("traffic", "nat-gateway/gb", &TRAFFIC);
    Ok(())
}

fn address(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    if settings.needed_text("allocation_method")? == "Static" {
        sheet.hourly("address", Ok("public-ip/static-hour".to_owned()), Ok(1.0));
    } else {
        sheet.unpriced("no price of dynamic addresses is known");
    }
    Ok(())
}

fn endpoint(_: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.hourly("private endpoint", Ok("private-endpoint/hour".to_owned()), Ok(1.0));
    sheet.used("traffic", "private-endpoint/gb", &TRAFFIC);
    Ok(())
}

/// Paid in both directions.
fn peering(_: Settings, sheet: &mut Sheet) -> Known<()> {
    let both = sheet.expected(&TRAFFIC).map(|gb| 2.0 * gb);
    sheet.estimated("traffic", Ok("bandwidth/peering-gb".to_owned()), both);
    Ok(())
}

fn zone(_: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.fixed("zone", Ok("dns/zone-month".to_owned()), Ok(1.0));
    sheet.used("queries", "dns/query-million", &Use::per("queries", "queries", 1e6));
    Ok(())
}

/// Rules that cost the same together as one.
const FIRST_RULES: f64 = 5.0;

fn balancer(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    if settings.text("sku")?.as_deref() == Some("Basic") {
        return Err("load balancers of the basic tier are retired".to_owned());
    }
    let rules = settings.of_kind("azurerm_lb_rule").count() as f64;
    if rules > 0.0 {
        sheet.hourly("first rules", Ok("load-balancer/first-rules-hour".to_owned()), Ok(1.0));
    }
    if rules > FIRST_RULES {
        sheet.hourly("further rules", Ok("load-balancer/rule-hour".to_owned()), Ok(rules - FIRST_RULES));
    }
    sheet.used("traffic", "load-balancer/gb", &TRAFFIC);
    Ok(())
}

fn gateway(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let tier = match settings.needed_block("sku")?.needed_text("tier")?.as_str() {
        "Standard_v2" => "standard-v2",
        "WAF_v2" => "waf-v2",
        tier => return Err(format!("no prices of gateways of the tier {tier} are known")),
    };
    sheet.hourly("gateway", Ok(format!("application-gateway/{tier}-hour")), Ok(1.0));
    let units = Use::each("lcu_hours", "capacity unit hours");
    sheet.used("capacity units", &format!("application-gateway/{tier}-unit-hour"), &units);
    Ok(())
}

/// The rules of a firewall in front of a profile are part of its price.
fn front_door(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let tier = match settings.needed_text("sku_name")?.as_str() {
        "Standard_AzureFrontDoor" => "standard",
        "Premium_AzureFrontDoor" => "premium",
        tier => return Err(format!("no prices of profiles of the tier {tier} are known")),
    };
    sheet.fixed("profile", Ok(format!("front-door/{tier}-month")), Ok(1.0));
    let requests = Use::per("requests", "requests", 1e4);
    sheet.used("requests", &format!("front-door/{tier}-request-10000"), &requests);
    sheet.used("traffic", "front-door/gb-out", &Use::each("gb_out", "GB sent to readers"));
    sheet.used("traffic to origins", "front-door/origin-gb", &Use::each("gb_origin", "GB sent to origins"));
    Ok(())
}

fn firewall(_: Settings, _: &mut Sheet) -> Known<()> {
    Err("no prices of Azure Firewall are known".to_owned())
}

fn bastion(_: Settings, _: &mut Sheet) -> Known<()> {
    Err("no prices of bastion hosts are known".to_owned())
}

fn api_management(_: Settings, _: &mut Sheet) -> Known<()> {
    Err("no prices of API Management are known".to_owned())
}
