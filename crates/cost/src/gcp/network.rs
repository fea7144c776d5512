//! Networks, load balancers, names and what filters what comes in.
//!
//! A load balancer is many resources; what it costs stands at its forwarding rules and its backends, where the traffic
//! is known.

use crate::billing::{Billing, Kinds, priced};
use crate::read::{Known, Settings};
use crate::sheet::{Sheet, Use};

pub(crate) const KINDS: Kinds = &[
    ("google_compute_network", Billing::Free("networks are not charged")),
    ("google_compute_subnetwork", priced(subnet)),
    ("google_compute_router", Billing::Free("routers are not charged")),
    ("google_compute_router_nat", priced(nat)),
    ("google_compute_firewall", Billing::Free("rules of the network's firewall are not charged")),
    ("google_compute_address", priced(address)),
    ("google_compute_global_address", priced(global_address)),
    ("google_compute_forwarding_rule", priced(rule)),
    ("google_compute_global_forwarding_rule", priced(rule)),
    ("google_compute_backend_service", priced(backend)),
    ("google_compute_backend_bucket", priced(backend)),
    ("google_compute_url_map", Billing::Through("the forwarding rules that lead to it")),
    ("google_compute_target_http_proxy", Billing::Through("the forwarding rules that lead to it")),
    ("google_compute_target_https_proxy", Billing::Through("the forwarding rules that lead to it")),
    ("google_compute_ssl_policy", Billing::Free("policies of TLS are not charged")),
    (
        "google_compute_managed_ssl_certificate",
        Billing::Free("certificates of load balancers are not charged"),
    ),
    ("google_compute_health_check", Billing::Free("health checks are not charged")),
    ("google_compute_region_network_endpoint_group", Billing::Through("the services it leads to")),
    ("google_compute_security_policy", priced(armor)),
    ("google_compute_service_attachment", Billing::Through("the endpoints of those who use it")),
    ("google_certificate_manager_certificate", Billing::Free("a hundred certificates are free")),
    ("google_certificate_manager_certificate_map", Billing::Free("maps of certificates are not charged")),
    (
        "google_certificate_manager_certificate_map_entry",
        Billing::Free("maps of certificates are not charged"),
    ),
    ("google_certificate_manager_dns_authorization", Billing::Free("proofs of names are not charged")),
    (
        "google_network_connectivity_service_connection_policy",
        Billing::Through("the endpoints it lets services place"),
    ),
    ("google_service_networking_connection", Billing::Free("the connection itself is not charged")),
    ("google_vpc_access_connector", priced(connector)),
    ("google_dns_managed_zone", priced(zone)),
    ("google_dns_record_set", Billing::Through("the queries of its zone")),
];

/// What leads to load balancers and to services of others.
const RULES: [&str; 2] = ["google_compute_forwarding_rule", "google_compute_global_forwarding_rule"];

/// Flow logs are paid as logs.
fn subnet(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    if settings.block("log_config")?.is_some() && sheet.expects("ingest_gib") {
        sheet.used("flow logs", "cloud-logging/ingest-gib", &Use::each("ingest_gib", "GiB of flow logs"));
    }
    Ok(())
}

/// By the machine and hour up to 32 machines, and no more for more of them, which is what is counted when nobody says.
fn nat(_: Settings, sheet: &mut Sheet) -> Known<()> {
    /// Machines from which on the price stays.
    const MOST: f64 = 32.0;
    let machines = Use::each("mean_tasks", "instances that use the gateway");
    match sheet.expects(machines.key).then(|| sheet.expected(&machines)) {
        Some(Ok(few)) if few < MOST => {
            let hours = few * ir::units::HOURS_A_MONTH;
            sheet.estimated("gateway", Ok("cloud-nat/vm-hour".to_owned()), Ok(hours));
        }
        _ => sheet.hourly("gateway", Ok("cloud-nat/gateway-hour".to_owned()), Ok(1.0)),
    }
    sheet.used("traffic", "cloud-nat/gb", &Use::each("gb", "GB through the gateway"));
    Ok(())
}

fn address(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    if settings.text("address_type")?.as_deref() != Some("INTERNAL") {
        sheet.hourly("address", Ok("external-ip/in-use-hour".to_owned()), Ok(1.0));
    }
    Ok(())
}

/// One that a forwarding rule uses is paid with it.
fn global_address(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let led_to = RULES.iter().any(|kind| settings.of_kind(kind).any(|rule| rule.has("ip_address")));
    if settings.text("address_type")?.as_deref() != Some("INTERNAL") && !led_to {
        sheet.hourly("address", Ok("external-ip/unused-hour".to_owned()), Ok(1.0));
    }
    Ok(())
}

/// The first five rules of a project cost as much as one; those of a stack bear it in equal parts.
fn rule(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    /// Rules that one price covers.
    const TOGETHER: f64 = 5.0;
    if settings.text("load_balancing_scheme")?.as_deref() == Some("") {
        sheet.hourly("endpoint", Ok("google-network/psc-endpoint-hour".to_owned()), Ok(1.0));
        return Ok(());
    }
    let rules: usize = RULES.iter().map(|kind| settings.of_kind(kind).count()).sum();
    let rules = rules.max(1) as f64;
    sheet.hourly("forwarding rule", Ok("cloud-load-balancing/rule-hour".to_owned()), Ok(1.0 / rules));
    if rules > TOGETHER {
        let more = (rules - TOGETHER) / rules;
        sheet.hourly("further rules", Ok("cloud-load-balancing/more-rule-hour".to_owned()), Ok(more));
    }
    Ok(())
}

/// What readers get from a cache is paid there; the rest leaves through the load balancer.
fn backend(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    if settings.flag("enable_cdn")? {
        sheet.used("sent from caches", "cloud-cdn/gb-out", &Use::each("gb_out", "GB sent to readers"));
        sheet.used("requests to caches", "cloud-cdn/lookup-10000", &Use::per("requests", "requests", 1e4));
        sheet.used("filled into caches", "cloud-cdn/fill-gb", &Use::each("fill_gb", "GB read into caches"));
        return Ok(());
    }
    sheet.used("processed", "cloud-load-balancing/gb-out", &Use::each("gb_out", "GB sent to callers"));
    sheet.used(
        "sent to the internet",
        "google-network/internet-gb",
        &Use::each("gb_out", "GB sent to callers"),
    );
    Ok(())
}

fn armor(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.fixed("policy", Ok("cloud-armor/policy-month".to_owned()), Ok(1.0));
    let rules = settings.blocks("rule").map(|rules| rules.len() as f64);
    sheet.fixed("rules", Ok("cloud-armor/rule-month".to_owned()), rules);
    sheet.used("requests", "cloud-armor/request-million", &Use::per("requests", "requests", 1e6));
    Ok(())
}

fn connector(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let count = settings.number("min_instances").map(|n| n.unwrap_or(2.0));
    let ty = settings.text("machine_type").map(|t| t.unwrap_or_else(|| "e2-micro".to_owned()));
    sheet.hourly("machines", ty.map(|t| format!("compute-engine/{t}")), count);
    Ok(())
}

fn zone(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.fixed("zone", Ok("cloud-dns/zone-month".to_owned()), Ok(1.0));
    if settings.text("visibility")?.as_deref() != Some("private") {
        sheet.used("queries", "cloud-dns/query-million", &Use::per("queries", "queries", 1e6));
    }
    Ok(())
}
