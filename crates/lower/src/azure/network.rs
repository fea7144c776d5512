//! The network of an environment.
//!
//! Containers stand in one subnet with a way out through NAT; servers of databases stand in subnets that are delegated
//! to them, and what is reached through a private endpoint in another, none of them with a way out. Of the environment's
//! range the first half is for containers; the others take a sixty-fourth each from the third quarter on, and the rest
//! stays free for growth. It must not know which services there are.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use catalog::azurerm::{
    nat_gateway, nat_gateway_public_ip_association, network_security_group, private_dns_zone,
    private_dns_zone_virtual_network_link, private_endpoint, public_ip, subnet,
    subnet_nat_gateway_association, subnet_network_security_group_association, virtual_network,
};
use design::{ResourceChoice, usage};
use ir::key::Handle;
use ir::{Block, Diagnostic, NodeBuilder, Value};

use super::Env;
use super::env::{Network, matching};
use crate::names::join;

const COMPONENT: &str = "network";

/// What a subnet is for.
struct Purpose {
    /// Its key, and the end of its name.
    key: &'static str,
    /// The service that it is delegated to, and what that may do.
    delegation: Option<(&'static str, &'static [&'static str])>,
    /// Services of Azure that are reached from it without leaving Azure's own network.
    endpoints: &'static [&'static str],
    /// Ports that the rest of the network may reach, where not everything inside may.
    ports: &'static [&'static str],
    /// Why it exists.
    why: &'static str,
}

const JOIN: &[&str] = &["Microsoft.Network/virtualNetworks/subnets/join/action"];

/// The subnets, in the order of their ranges.
static APPS: Purpose = Purpose {
    key: "apps",
    delegation: Some(("Microsoft.App/environments", JOIN)),
    endpoints: &["Microsoft.KeyVault", "Microsoft.Storage"],
    ports: &[],
    why: "Holds the containers",
};
static POSTGRES: Purpose = Purpose {
    key: "postgres",
    delegation: Some(("Microsoft.DBforPostgreSQL/flexibleServers", JOIN)),
    endpoints: &[],
    ports: &["5432", "6432"],
    why: "Holds the servers of PostgreSQL, which only the network reaches",
};
static MYSQL: Purpose = Purpose {
    key: "mysql",
    delegation: Some(("Microsoft.DBforMySQL/flexibleServers", JOIN)),
    endpoints: &[],
    ports: &["3306"],
    why: "Holds the servers of MySQL, which only the network reaches",
};
static ENDPOINTS: Purpose = Purpose {
    key: "endpoints",
    delegation: None,
    endpoints: &[],
    ports: &["443", "10000", "10255"],
    why: "Holds private endpoints of what the network reaches elsewhere",
};

/// Adds the network and leaves its handles in `env.network`.
pub(crate) fn lower(env: &mut Env) {
    env.component(COMPONENT, "network", "Virtual network with its subnets, guards and way out");
    let plan = Plan::of(&env.design.network.cidr).unwrap_or_else(|problem| {
        env.diagnostics.push(
            Diagnostic::error(
                "network-range",
                format!("`{}` is no usable address range", env.design.network.cidr),
            )
            .because(problem)
            .help("give the environment an IPv4 range between /16 and /20, such as `10.20.0.0/16`"),
        );
        Plan { base: 0, bits: 16 }
    });
    let cidr = range(env, "cidr", "Address range of the environment.", env.design.network.cidr.clone());
    let (name, group, location) = (env.name(""), env.group(), env.location());
    let network = env.add(
        NodeBuilder::new(COMPONENT, virtual_network::KIND, "this")
            .set(virtual_network::NAME, name)
            .set(virtual_network::RESOURCE_GROUP_NAME, group)
            .set(virtual_network::LOCATION, location)
            .set(virtual_network::ADDRESS_SPACE, vec![cidr])
            .purpose("Keeps the environment's traffic apart from every other environment"),
    );
    let made = |env: &mut Env, purpose, at| guarded_subnet(env, &network, purpose, &plan.range(at));
    let apps = made(env, &APPS, 0);
    way_out(env, &apps);
    let postgres = any(env, |c| sort(c) == Some("postgres")).then(|| made(env, &POSTGRES, 1));
    let mysql = any(env, |c| sort(c) == Some("mysql")).then(|| made(env, &MYSQL, 2));
    let outside = |c: &ResourceChoice| matches!(sort(c), Some("redis" | "mongo"));
    let endpoints = any(env, outside).then(|| made(env, &ENDPOINTS, 3));
    let mut zones = BTreeMap::new();
    for (key, domain) in ZONES {
        if any(env, |c| sort(c) == Some(*key)) {
            // A zone of servers is named after the environment, one of private endpoints as Azure says.
            let own = !domain.starts_with("privatelink.");
            let name =
                if own { join([env.name(""), ".".into(), (*domain).into()]) } else { (*domain).into() };
            zones.insert(*key, zone(env, &network, key, name));
        }
    }
    env.network = Some(Network { apps, endpoints, postgres, mysql, zones });
}

/// Private zones of names, by what stands in them.
static ZONES: &[(&str, &str)] = &[
    ("postgres", "postgres.database.azure.com"),
    ("mysql", "mysql.database.azure.com"),
    ("redis", "privatelink.redis.azure.net"),
    ("mongo", "privatelink.mongo.cosmos.azure.com"),
];

/// Whether any resource of the environment is of some sort.
fn any(env: &Env, fits: impl Fn(&ResourceChoice) -> bool) -> bool {
    env.design.resources.values().any(|r| fits(&r.choice))
}

/// What a resource is to the network; `None` for what it reaches by its public name.
fn sort(choice: &ResourceChoice) -> Option<&'static str> {
    match choice {
        ResourceChoice::FlexibleServer(design) if design.engine.contains("mysql") => Some("mysql"),
        ResourceChoice::FlexibleServer(_) => Some("postgres"),
        ResourceChoice::ManagedRedis(_) => Some("redis"),
        ResourceChoice::CosmosDb(_) => Some("mongo"),
        _ => None,
    }
}

fn range(env: &mut Env, input: &str, words: &str, cidr: String) -> Value {
    let pattern = r"^([0-9]{1,3}\.){3}[0-9]{1,3}/[0-9]{1,2}$";
    env.input(COMPONENT, input, matching(words, pattern, "a range such as 10.20.0.0/16"), cidr)
}

/// A subnet, the group of rules that guards it, and both put together.
fn guarded_subnet(
    env: &mut Env,
    network: &Handle<virtual_network::M>,
    purpose: &Purpose,
    cidr: &str,
) -> Handle<subnet::M> {
    let key = purpose.key;
    let input = format!("{key}_cidr");
    let words = format!("Address range of the subnet {key}.");
    let cidr = range(env, &input, &words, cidr.to_owned());
    let group = env.group();
    let mut builder = NodeBuilder::new(COMPONENT, subnet::KIND, key)
        .set(subnet::NAME, key)
        .set(subnet::RESOURCE_GROUP_NAME, group)
        .set(subnet::VIRTUAL_NETWORK_NAME, network.get(virtual_network::NAME))
        .set(subnet::ADDRESS_PREFIXES, vec![cidr])
        .set(subnet::DEFAULT_OUTBOUND_ACCESS_ENABLED, false);
    if !purpose.endpoints.is_empty() {
        builder = builder.set(subnet::SERVICE_ENDPOINTS, purpose.endpoints.to_vec());
    }
    if let Some((service, actions)) = purpose.delegation {
        use subnet::delegation::service_delegation as to;
        let to = Block::new().set(to::NAME, service).set(to::ACTIONS, actions.to_vec());
        let delegation =
            Block::new().set(subnet::delegation::NAME, key).block(subnet::delegation::SERVICE_DELEGATION, to);
        builder = builder.block(subnet::DELEGATION, delegation);
    }
    let subnet = env.add(builder.purpose(purpose.why));
    let guard = guard(env, purpose);
    env.add(
        NodeBuilder::new(COMPONENT, subnet_network_security_group_association::KIND, key)
            .set(subnet_network_security_group_association::SUBNET_ID, subnet.get(subnet::ID))
            .set(
                subnet_network_security_group_association::NETWORK_SECURITY_GROUP_ID,
                guard.get(network_security_group::ID),
            )
            .purpose(format!("Puts the guard in front of the subnet {key}")),
    );
    subnet
}

/// The rules of a subnet. Where ports are named, nothing but the network reaches them and it reaches nothing else; in
/// front of containers the environment's own load balancer lets in what is public.
fn guard(env: &mut Env, purpose: &Purpose) -> Handle<network_security_group::M> {
    use network_security_group::security_rule as rule;
    let inward = |name: &str, priority: u32, access: &str, source: &str| {
        Block::new()
            .set(rule::NAME, name)
            .set(rule::PRIORITY, priority)
            .set(rule::DIRECTION, "Inbound")
            .set(rule::ACCESS, access)
            .set(rule::PROTOCOL, "Tcp")
            .set(rule::SOURCE_ADDRESS_PREFIX, source)
            .set(rule::SOURCE_PORT_RANGE, "*")
    };
    let (name, group, location) = (env.name(purpose.key), env.group(), env.location());
    let mut builder = NodeBuilder::new(COMPONENT, network_security_group::KIND, purpose.key)
        .set(network_security_group::NAME, name)
        .set(network_security_group::RESOURCE_GROUP_NAME, group)
        .set(network_security_group::LOCATION, location);
    if purpose.ports.is_empty() {
        let web = inward("web", 100, "Allow", "Internet")
            .set(rule::DESTINATION_ADDRESS_PREFIX, "*")
            .set(rule::DESTINATION_PORT_RANGES, Value::list(["80", "443", "31080", "31443"]));
        builder = builder.block(network_security_group::SECURITY_RULE, web);
    } else {
        let known = inward("network", 100, "Allow", "VirtualNetwork")
            .set(rule::DESTINATION_ADDRESS_PREFIX, "VirtualNetwork")
            .set(rule::DESTINATION_PORT_RANGES, purpose.ports.to_vec());
        let others = inward("others", 4000, "Deny", "*")
            .set(rule::PROTOCOL, "*")
            .set(rule::DESTINATION_ADDRESS_PREFIX, "*")
            .set(rule::DESTINATION_PORT_RANGE, "*");
        builder = builder
            .block(network_security_group::SECURITY_RULE, known)
            .block(network_security_group::SECURITY_RULE, others);
    }
    env.add(builder.purpose(format!("Says what reaches the subnet {}", purpose.key)))
}

/// A NAT gateway with an address of its own, which partners can let in. It stands in no zone, and Azure moves it.
fn way_out(env: &mut Env, apps: &Handle<subnet::M>) {
    let (name, group, location) = (env.name("nat"), env.group(), env.location());
    let address = env.add(
        NodeBuilder::new(COMPONENT, public_ip::KIND, "nat")
            .set(public_ip::NAME, name.clone())
            .set(public_ip::RESOURCE_GROUP_NAME, group.clone())
            .set(public_ip::LOCATION, location.clone())
            .set(public_ip::ALLOCATION_METHOD, "Static")
            .set(public_ip::SKU, "Standard")
            .purpose("The address that partners see"),
    );
    let gb = usage::nat_gb(env.design);
    let gateway = env.add(
        NodeBuilder::new(COMPONENT, nat_gateway::KIND, "this")
            .set(nat_gateway::NAME, name)
            .set(nat_gateway::RESOURCE_GROUP_NAME, group)
            .set(nat_gateway::LOCATION, location)
            .set(nat_gateway::SKU_NAME, "Standard")
            .usage("gb", gb)
            .purpose("Lets containers reach the internet, and nothing from there reach them"),
    );
    env.add(
        NodeBuilder::new(COMPONENT, nat_gateway_public_ip_association::KIND, "this")
            .set(nat_gateway_public_ip_association::NAT_GATEWAY_ID, gateway.get(nat_gateway::ID))
            .set(nat_gateway_public_ip_association::PUBLIC_IP_ADDRESS_ID, address.get(public_ip::ID))
            .purpose("Gives the gateway its address"),
    );
    env.add(
        NodeBuilder::new(COMPONENT, subnet_nat_gateway_association::KIND, "apps")
            .set(subnet_nat_gateway_association::SUBNET_ID, apps.get(subnet::ID))
            .set(subnet_nat_gateway_association::NAT_GATEWAY_ID, gateway.get(nat_gateway::ID))
            .purpose("Sends what leaves the containers through the gateway"),
    );
    let outputs = &mut env.graph.components.entry(COMPONENT.to_owned()).or_default().outputs;
    let words = "Address that everything comes from on its way out.".to_owned();
    outputs.insert("address".into(), (words, address.get(public_ip::IP_ADDRESS)));
}

/// A private zone of names by its key, tied to the network; one serves everything of a sort. Returns its name, as what
/// ties it says it.
fn zone(env: &mut Env, network: &Handle<virtual_network::M>, key: &str, name: Value) -> Value {
    use private_dns_zone_virtual_network_link as link;
    let group = env.group();
    let zone = env.add(
        NodeBuilder::new(COMPONENT, private_dns_zone::KIND, key)
            .set(private_dns_zone::NAME, name)
            .set(private_dns_zone::RESOURCE_GROUP_NAME, group.clone())
            .usage("queries", 0.0)
            .purpose(format!("Holds the names of {key} inside the network")),
    );
    let name = env.name(key);
    env.add(
        NodeBuilder::new(COMPONENT, link::KIND, key)
            .set(link::NAME, name)
            .set(link::RESOURCE_GROUP_NAME, group)
            .set(link::PRIVATE_DNS_ZONE_NAME, zone.get(private_dns_zone::NAME))
            .set(link::VIRTUAL_NETWORK_ID, network.get(virtual_network::ID))
            .purpose(format!("Lets the network resolve the names of {key}")),
    )
    .get(link::PRIVATE_DNS_ZONE_NAME)
}

/// A private endpoint: an address inside the network for what stands outside of it, with its names.
pub(crate) fn endpoint(
    env: &mut Env,
    component: &str,
    resource: &str,
    target: Value,
    (part, zone): (&str, &str),
) {
    use private_endpoint::{private_dns_zone_group as zones, private_service_connection as connection};
    let zone = env.zone_id(component, zone);
    let subnet = env.network().endpoints.expect("a subnet for endpoints is made where there are any");
    let name = env.name_within(component, "endpoint_name", resource, 80);
    let (group, location) = (env.group(), env.location());
    env.add(
        NodeBuilder::new(component, private_endpoint::KIND, "this")
            .set(private_endpoint::NAME, name.clone())
            .set(private_endpoint::RESOURCE_GROUP_NAME, group)
            .set(private_endpoint::LOCATION, location)
            .set(private_endpoint::SUBNET_ID, subnet.get(subnet::ID))
            .block(
                private_endpoint::PRIVATE_SERVICE_CONNECTION,
                Block::new()
                    .set(connection::NAME, name)
                    .set(connection::PRIVATE_CONNECTION_RESOURCE_ID, target)
                    .set(connection::SUBRESOURCE_NAMES, Value::list([part]))
                    .set(connection::IS_MANUAL_CONNECTION, false),
            )
            .block(
                private_endpoint::PRIVATE_DNS_ZONE_GROUP,
                Block::new().set(zones::NAME, "default").set(zones::PRIVATE_DNS_ZONE_IDS, vec![zone]),
            )
            .usage("gb", 0.0)
            .purpose(format!("Lets the network reach {resource} without the internet")),
    );
}

/// How a range is divided.
struct Plan {
    base: u32,
    bits: u32,
}

impl Plan {
    fn of(cidr: &str) -> Result<Plan, String> {
        let (address, bits) = cidr.split_once('/').ok_or("A range has a slash and a number of bits.")?;
        let address: Ipv4Addr = address.parse().map_err(|_| "It begins with no IPv4 address.".to_owned())?;
        let bits: u32 = bits.parse().map_err(|_| "It ends with no number of bits.".to_owned())?;
        if !(16..=20).contains(&bits) {
            return Err("Half of it must hold the containers, and a sixty-fourth a server.".to_owned());
        }
        let base = u32::from(address);
        if base.trailing_zeros() < 32 - bits {
            return Err("Its address has bits behind its length.".to_owned());
        }
        Ok(Plan { base, bits })
    }

    /// The range of a subnet by its place: the first is half of all, the others a sixty-fourth each.
    fn range(&self, place: u32) -> String {
        let (offset, bits) = match place {
            0 => (0, self.bits + 1),
            _ => ((1 << (31 - self.bits)) + (place - 1) * (1 << (26 - self.bits)), self.bits + 6),
        };
        format!("{}/{bits}", Ipv4Addr::from(self.base + offset))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_lie_within_and_beside_each_other() {
        for (cidr, expected) in [
            ("10.20.0.0/16", ["10.20.0.0/17", "10.20.128.0/22", "10.20.132.0/22", "10.20.136.0/22"]),
            ("10.20.16.0/20", ["10.20.16.0/21", "10.20.24.0/26", "10.20.24.64/26", "10.20.24.128/26"]),
        ] {
            let plan = Plan::of(cidr).expect("valid");
            assert_eq!([0, 1, 2, 3].map(|n| plan.range(n)), expected);
        }
        for wrong in ["", "10.20.0.0", "10.20.0.0/8", "10.20.0.0/24", "10.20.0.1/16", "x/16", "10.20.0.0/x"] {
            assert!(Plan::of(wrong).is_err(), "{wrong}");
        }
    }
}
