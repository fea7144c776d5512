//! The network of an environment.
//!
//! One subnet where services and jobs get addresses, with one way out through NAT; databases stand in a network of
//! Google's that is connected to this one, and caches behind endpoints in a subnet of their own. Nothing leaves but
//! HTTPS and what a service opens for what it uses. It must not know which services there are.

use std::net::Ipv4Addr;

use catalog::google::{
    compute_address, compute_firewall, compute_global_address, compute_network, compute_router,
    compute_router_nat, compute_subnetwork, dns_managed_zone, dns_record_set,
    network_connectivity_service_connection_policy as connection_policy,
    service_networking_connection as peering,
};
use design::{ResourceChoice, usage};
use ir::key::Handle;
use ir::{Block, Diagnostic, NodeBuilder, Value};

use super::Env;
use super::env::{Network, matching, number};
use super::offer::Door;
use crate::names::join;

const COMPONENT: &str = "network";

/// Order of the firewall's rules: those that open something come before the one that closes everything.
const OPENING: i64 = 1000;
const CLOSING: i64 = 65_000;

/// Seconds that a name of a store is remembered: short enough to follow a failover by hand.
const NAME_TTL: i64 = 30;

/// Adds the network.
pub(crate) fn lower(env: &mut Env) {
    let design = &env.design.network;
    let plan = Plan::of(&design.cidr).unwrap_or_else(|problem| {
        env.diagnostics.push(
            Diagnostic::error("address-range", format!("`{}` is no usable address range", design.cidr))
                .because(problem)
                .help("give the environment a range such as 10.20.0.0/16"),
        );
        Plan { base: u32::from(Ipv4Addr::new(10, 0, 0, 0)), bits: 16 }
    });
    env.component(COMPONENT, "network", "Network, way out, firewall and private names");
    let name = env.name("");
    let network = env.add(
        NodeBuilder::new(COMPONENT, compute_network::KIND, "this")
            .set(compute_network::NAME, name)
            .set(compute_network::AUTO_CREATE_SUBNETWORKS, false)
            .set(compute_network::ROUTING_MODE, "REGIONAL")
            .purpose("Keeps the environment apart from everything else"),
    );
    let services = subnet(
        env,
        &network,
        "services",
        plan.services(),
        "Gives services and jobs their addresses, and a way to Google's own interfaces",
    );
    way_out(env, &network, &services);
    firewall(env, &network);
    let zone = zone(env, &network);
    let needs = |wanted: fn(&ResourceChoice) -> bool| {
        let environments = env.blueprint.environments.values();
        environments.flat_map(|e| e.resources.values()).any(|r| wanted(&r.choice))
    };
    let databases = needs(|choice| matches!(choice, ResourceChoice::CloudSql(_)));
    let caches = needs(|choice| matches!(choice, ResourceChoice::Memorystore(_)));
    let peering = databases.then(|| connect(env, &network, &plan));
    let endpoints = caches.then(|| endpoints(env, &network, &plan));
    env.network = Some(Network { network, services, zone, peering, endpoints });
}

fn subnet(
    env: &mut Env,
    network: &Handle<compute_network::M>,
    name: &str,
    range: String,
    purpose: &str,
) -> Handle<compute_subnetwork::M> {
    let range = range_input(env, &format!("{name}_cidr"), &format!("Address range of {name}."), range);
    let (subnet_name, region) = (env.name(name), env.region());
    env.add(
        NodeBuilder::new(COMPONENT, compute_subnetwork::KIND, name)
            .set(compute_subnetwork::NAME, subnet_name)
            .set(compute_subnetwork::NETWORK, network.get(compute_network::ID))
            .set(compute_subnetwork::REGION, region)
            .set(compute_subnetwork::IP_CIDR_RANGE, range)
            .set(compute_subnetwork::PRIVATE_IP_GOOGLE_ACCESS, true)
            .purpose(purpose),
    )
}

/// One gateway for the region with an address of its own, so that partners know where calls come from.
fn way_out(env: &mut Env, network: &Handle<compute_network::M>, services: &Handle<compute_subnetwork::M>) {
    let region = env.region();
    let (router_name, address_name, nat_name) = (env.name(""), env.name("nat"), env.name("nat"));
    let router = env.add(
        NodeBuilder::new(COMPONENT, compute_router::KIND, "this")
            .set(compute_router::NAME, router_name)
            .set(compute_router::NETWORK, network.get(compute_network::ID))
            .set(compute_router::REGION, region.clone())
            .purpose("Carries the gateway"),
    );
    let address = env.add(
        NodeBuilder::new(COMPONENT, compute_address::KIND, "nat")
            .set(compute_address::NAME, address_name)
            .set(compute_address::REGION, region.clone())
            .purpose("The address that calls to others come from"),
    );
    let ports =
        number("Connections to one destination that an instance may have open at once.", 32.0, 65_536.0);
    let most = env.input(COMPONENT, "nat_ports", ports, 4096);
    use compute_router_nat as nat;
    env.add(
        NodeBuilder::new(COMPONENT, nat::KIND, "this")
            .set(nat::NAME, nat_name)
            .set(nat::ROUTER, router.get(compute_router::NAME))
            .set(nat::REGION, region)
            .set(nat::NAT_IP_ALLOCATE_OPTION, "MANUAL_ONLY")
            .set(nat::NAT_IPS, Value::List(vec![address.get(compute_address::SELF_LINK)]))
            .set(nat::SOURCE_SUBNETWORK_IP_RANGES_TO_NAT, "LIST_OF_SUBNETWORKS")
            .set(nat::ENABLE_DYNAMIC_PORT_ALLOCATION, true)
            .set(nat::MIN_PORTS_PER_VM, 32)
            .set(nat::MAX_PORTS_PER_VM, most)
            .block(
                nat::SUBNETWORK,
                Block::new()
                    .set(nat::subnetwork::NAME, services.get(compute_subnetwork::ID))
                    .set(nat::subnetwork::SOURCE_IP_RANGES_TO_NAT, Value::list(["ALL_IP_RANGES"])),
            )
            .block(
                nat::LOG_CONFIG,
                Block::new().set(nat::log_config::ENABLE, true).set(nat::log_config::FILTER, "ERRORS_ONLY"),
            )
            .usage("mean_tasks", usage::running_tasks(env.design))
            .usage("gb", usage::nat_gb(env.design))
            .purpose("Lets services call partners, and nobody call them"),
    );
}

/// Nothing leaves but HTTPS. What a service uses inside, it opens for itself.
fn firewall(env: &mut Env, network: &Handle<compute_network::M>) {
    let (closed, https) = (env.name("closed"), env.name("https"));
    env.add(
        egress(COMPONENT, "closed", closed, network, CLOSING, vec!["0.0.0.0/0".into()])
            .block(compute_firewall::DENY, Block::new().set(compute_firewall::deny::PROTOCOL, "all"))
            .set(compute_firewall::DESCRIPTION, "Everything that no other rule opens")
            .purpose("Lets nothing leave that no other rule opens"),
    );
    env.add(
        egress(COMPONENT, "https", https, network, OPENING, vec!["0.0.0.0/0".into()])
            .block(compute_firewall::ALLOW, tcp(443))
            .set(compute_firewall::DESCRIPTION, "HTTPS to Google and to partners")
            .purpose("Lets services call Google's interfaces and partners over HTTPS"),
    );
}

fn egress(
    component: &str,
    node: &str,
    name: Value,
    network: &Handle<compute_network::M>,
    priority: i64,
    to: Vec<Value>,
) -> NodeBuilder<compute_firewall::M> {
    NodeBuilder::new(component, compute_firewall::KIND, node)
        .set(compute_firewall::NAME, name)
        .set(compute_firewall::NETWORK, network.get(compute_network::ID))
        .set(compute_firewall::DIRECTION, "EGRESS")
        .set(compute_firewall::PRIORITY, priority)
        .set(compute_firewall::DESTINATION_RANGES, Value::List(to))
}

fn tcp(port: u16) -> Block<compute_firewall::allow::M> {
    Block::new()
        .set(compute_firewall::allow::PROTOCOL, "tcp")
        .set(compute_firewall::allow::PORTS, Value::List(vec![port.to_string().into()]))
}

/// Opens the way from a program, known by its tag, through a door.
pub(crate) fn open(env: &mut Env, component: &str, service: &str, tag: &Value, door: &Door) {
    let network = env.network().network;
    let name = env.name_within(
        component,
        &format!("to_{}_name", door.name.replace('-', "_")),
        &format!("{service}-to-{}", door.name),
        63,
    );
    let builder = egress(component, "door", name, &network, OPENING, vec![door.range.clone()]);
    env.add(
        builder
            .key(door.name.as_str())
            .block(compute_firewall::ALLOW, tcp(door.port))
            .set(compute_firewall::TARGET_TAGS, Value::List(vec![tag.clone()]))
            .set(compute_firewall::DESCRIPTION, format!("{service} to {}", door.name))
            .purpose(format!("Lets {service} reach {}", door.name)),
    );
}

fn zone(env: &mut Env, network: &Handle<compute_network::M>) -> Handle<dns_managed_zone::M> {
    use dns_managed_zone::private_visibility_config as visible;
    let name = env.name("");
    let dns_name = join([env.name(""), ".internal.".into()]);
    let networks = Block::new().set(visible::networks::NETWORK_URL, network.get(compute_network::ID));
    env.add(
        NodeBuilder::new(COMPONENT, dns_managed_zone::KIND, "this")
            .set(dns_managed_zone::NAME, name)
            .set(dns_managed_zone::DNS_NAME, dns_name)
            .set(dns_managed_zone::DESCRIPTION, "Names of stores")
            .set(dns_managed_zone::VISIBILITY, "private")
            .block(
                dns_managed_zone::PRIVATE_VISIBILITY_CONFIG,
                Block::new().block(visible::NETWORKS, networks),
            )
            .purpose("Gives stores names that stay when an address changes"),
    )
}

/// Gives a store the name `<resource>.<application>-<environment>.internal`; the value is that name.
pub(crate) fn name_store(env: &mut Env, component: &str, resource: &str, address: Value) -> Value {
    let zone = env.network().zone;
    let host = join([format!("{resource}.").into(), env.name(""), ".internal".into()]);
    let record = join([host.clone(), ".".into()]);
    env.add(
        NodeBuilder::new(component, dns_record_set::KIND, "this")
            .set(dns_record_set::NAME, record)
            .set(dns_record_set::MANAGED_ZONE, zone.get(dns_managed_zone::NAME))
            .set(dns_record_set::TYPE, "A")
            .set(dns_record_set::TTL, NAME_TTL)
            .set(dns_record_set::RRDATAS, Value::List(vec![address]))
            .purpose(format!("Points the name of {resource} at its address")),
    );
    host
}

/// Addresses for the network that Google keeps databases in, and the connection to it.
fn connect(
    env: &mut Env,
    network: &Handle<compute_network::M>,
    plan: &Plan,
) -> (Handle<compute_global_address::M>, Handle<peering::M>) {
    let (first, bits) = plan.databases();
    let decl = matching(
        "First address of those that databases get.",
        r"^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$",
        "an address such as 10.20.64.0",
    );
    let first = env.input(COMPONENT, "databases_address", decl, first);
    let decl = number("Length of the prefix of the addresses that databases get.", 16.0, 24.0);
    let bits = env.input(COMPONENT, "databases_prefix", decl, bits);
    let name = env.name("databases");
    let range = env.add(
        NodeBuilder::new(COMPONENT, compute_global_address::KIND, "databases")
            .set(compute_global_address::NAME, name)
            .set(compute_global_address::PURPOSE, "VPC_PEERING")
            .set(compute_global_address::ADDRESS_TYPE, "INTERNAL")
            .set(compute_global_address::ADDRESS, first)
            .set(compute_global_address::PREFIX_LENGTH, bits)
            .set(compute_global_address::NETWORK, network.get(compute_network::ID))
            .purpose("Keeps addresses free for databases"),
    );
    let connection = env.add(
        NodeBuilder::new(COMPONENT, peering::KIND, "databases")
            .set(peering::NETWORK, network.get(compute_network::ID))
            .set(peering::SERVICE, "servicenetworking.googleapis.com")
            .set(peering::RESERVED_PEERING_RANGES, Value::List(vec![range.get(compute_global_address::NAME)]))
            .purpose("Connects the network to the one that databases stand in"),
    );
    (range, connection)
}

/// The range of addresses that databases get.
pub(crate) fn database_range(range: &Handle<compute_global_address::M>) -> Value {
    let address = range.get(compute_global_address::ADDRESS);
    join([address, "/".into(), range.get(compute_global_address::PREFIX_LENGTH)])
}

/// A subnet for endpoints of caches, and the leave to place them there.
fn endpoints(
    env: &mut Env,
    network: &Handle<compute_network::M>,
    plan: &Plan,
) -> (Handle<compute_subnetwork::M>, Handle<connection_policy::M>) {
    let subnet = subnet(env, network, "endpoints", plan.endpoints(), "Holds the endpoints of caches");
    let (name, region) = (env.name("caches"), env.region());
    let policy = env.add(
        NodeBuilder::new(COMPONENT, connection_policy::KIND, "caches")
            .set(connection_policy::NAME, name)
            .set(connection_policy::LOCATION, region)
            .set(connection_policy::SERVICE_CLASS, "gcp-memorystore")
            .set(connection_policy::NETWORK, network.get(compute_network::ID))
            .block(
                connection_policy::PSC_CONFIG,
                Block::new().set(
                    connection_policy::psc_config::SUBNETWORKS,
                    Value::List(vec![subnet.get(compute_subnetwork::ID)]),
                ),
            )
            .purpose("Lets Memorystore place endpoints in the subnet for them"),
    );
    (subnet, policy)
}

fn range_input(env: &mut Env, name: &str, words: &str, range: String) -> Value {
    let pattern = r"^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+/[0-9]+$";
    env.input(COMPONENT, name, matching(words, pattern, "a range such as 10.20.0.0/16"), range)
}

/// How an address range is divided.
struct Plan {
    base: u32,
    bits: u32,
}

impl Plan {
    /// Reads a range; the error is a sentence that says why it cannot be divided.
    fn of(cidr: &str) -> Result<Plan, String> {
        let wrong = || "It is not an IPv4 address and a prefix length.".to_owned();
        let (address, bits) = cidr.split_once('/').ok_or_else(wrong)?;
        let base: Ipv4Addr = address.parse().map_err(|_| wrong())?;
        let bits: u32 = bits.parse().map_err(|_| wrong())?;
        // Databases want a /24 at least, and they get a quarter.
        if !(8..=22).contains(&bits) {
            return Err(format!(
                "Services, databases and caches need a range between /8 and /22, and this is a /{bits}."
            ));
        }
        let base = u32::from(base);
        if base & (u32::MAX >> bits) != 0 {
            return Err("The address is not the first of its range.".to_owned());
        }
        Ok(Plan { base, bits })
    }

    /// The first quarter.
    fn services(&self) -> String {
        format!("{}/{}", Ipv4Addr::from(self.base), self.bits + 2)
    }

    /// The second quarter, or as much of it as Google takes: its first address and the length of its prefix.
    fn databases(&self) -> (String, u32) {
        let quarter = 1 << (32 - self.bits - 2);
        (Ipv4Addr::from(self.base + quarter).to_string(), (self.bits + 2).max(16))
    }

    /// A sixty-fourth, from the middle on.
    fn endpoints(&self) -> String {
        let half = 1 << (32 - self.bits - 1);
        format!("{}/{}", Ipv4Addr::from(self.base + half), self.bits + 6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_divided_without_overlap() {
        for (cidr, services, databases, endpoints) in [
            ("10.20.0.0/16", "10.20.0.0/18", ("10.20.64.0", 18), "10.20.128.0/22"),
            ("10.20.4.0/22", "10.20.4.0/24", ("10.20.5.0", 24), "10.20.6.0/28"),
            ("10.0.0.0/8", "10.0.0.0/10", ("10.64.0.0", 16), "10.128.0.0/14"),
        ] {
            let plan = Plan::of(cidr).expect("valid");
            assert_eq!((plan.services().as_str(), plan.endpoints().as_str()), (services, endpoints));
            assert_eq!(plan.databases(), (databases.0.to_owned(), databases.1));
        }
    }

    #[test]
    fn ranges_that_cannot_be_divided_are_refused() {
        for cidr in [
            "",
            "10.0.0.0",
            "10.0.0.0/23",
            "10.0.0.0/7",
            "10.0.0.1/16",
            "300.0.0.0/16",
            "::/16",
            "10.0.0.0/x",
        ] {
            assert!(Plan::of(cidr).is_err(), "{cidr}");
        }
    }
}
