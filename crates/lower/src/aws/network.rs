//! The network of an environment.
//!
//! Three tiers in every zone: public (load balancer, NAT), private (services) and data (stores, no route out).
//! Of the environment's range the first half is for private subnets, an eighth of it each; public and data
//! subnets take a sixty-fourth each from the third and fourth quarter, and the rest stays free for growth:
//! 10.20.0.0/16 gives 10.20.0.0/19, 10.20.128.0/22 and 10.20.192.0/22 to the first zone.
//! It must not know which services there are.

use std::net::Ipv4Addr;

use catalog::aws::{
    cloudwatch_log_group, data_availability_zones, default_security_group, eip, flow_log, iam_role,
    internet_gateway, nat_gateway, route, route_table, route_table_association, security_group,
    service_discovery_private_dns_namespace, subnet, vpc, vpc_dhcp_options, vpc_dhcp_options_association,
    vpc_endpoint,
};
use design::{Egress, usage};
use ir::key::Handle;
use ir::value::{Ref, Step};
use ir::{Block, Diagnostic, NodeBuilder, Value};

use super::Env;
use super::env::{Network, matching, subnet_ids};
use super::firewall::{self, Peer};
use super::identity::{RoleSpec, allow, below, role};

const COMPONENT: &str = "network";

/// Keys of the zones, in the order the region lists them.
const ZONES: &[&str] = &["a", "b", "c"];

/// Adds the network and leaves its handles in `env.network`.
pub(crate) fn lower(env: &mut Env) {
    env.component(
        COMPONENT,
        "network",
        "VPC with public, private and data subnets, NAT, endpoints and private DNS",
    );
    let design = &env.design.network;
    let zones = &ZONES[..usize::from(design.zones).clamp(1, ZONES.len())];
    let plan = Plan::of(&design.cidr).unwrap_or_else(|problem| {
        env.diagnostics.push(
            Diagnostic::error(
                "network-range",
                format!("`{}` is no usable address range", env.design.network.cidr),
            )
            .because(problem)
            .help("give the environment an IPv4 range between /16 and /22, such as `10.20.0.0/16`"),
        );
        Plan { base: 0, bits: 16 }
    });

    let range =
        range_input(env, "cidr", "Address range of the environment.", env.design.network.cidr.clone());
    let name = env.name("");
    let vpc_handle = env.add(
        NodeBuilder::new(COMPONENT, vpc::KIND, "this")
            .set(vpc::CIDR_BLOCK, range)
            .set(vpc::ENABLE_DNS_SUPPORT, true)
            .set(vpc::ENABLE_DNS_HOSTNAMES, true)
            .set(vpc::TAGS, Value::map([("Name", name)]))
            .purpose("Keeps the environment's traffic apart from every other environment"),
    );
    env.add(
        NodeBuilder::new(COMPONENT, default_security_group::KIND, "this")
            .set(default_security_group::VPC_ID, vpc_handle.get(vpc::ID))
            .purpose("Takes all rules from the default group, so that nothing is open by accident"),
    );
    let namespace = names(env, &vpc_handle);
    let available = env.add(
        NodeBuilder::data(COMPONENT, data_availability_zones::KIND, "available")
            .set(data_availability_zones::STATE, "available")
            // An account that opted in to local zones gets these too, and neither NAT nor databases stand there.
            .block(
                data_availability_zones::FILTER,
                Block::new()
                    .set(data_availability_zones::filter::NAME, "opt-in-status")
                    .set(data_availability_zones::filter::VALUES, Value::list(["opt-in-not-required"])),
            )
            .purpose("The zones of the region that can be used"),
    );
    let mut tier = |name: &'static str, purpose: &str| -> Vec<Handle<subnet::M>> {
        zones
            .iter()
            .enumerate()
            .map(|(i, zone)| {
                let input = format!("{name}_cidr_{zone}");
                let words = format!("Address range of the {name} subnet in zone {zone}.");
                let cidr = range_input(env, &input, &words, plan.range(name, i));
                let tag = env.name(&format!("{name}-{zone}"));
                env.add(
                    NodeBuilder::new(COMPONENT, subnet::KIND, name)
                        .key(*zone)
                        .set(subnet::VPC_ID, vpc_handle.get(vpc::ID))
                        .set(subnet::AVAILABILITY_ZONE, zone_name(&available, i))
                        .set(subnet::CIDR_BLOCK, cidr)
                        .set(subnet::TAGS, Value::map([("Name", tag)]))
                        .purpose(purpose),
                )
            })
            .collect()
    };
    let public = tier("public", "Holds the load balancer and NAT gateways");
    let private = tier("private", "Holds the services; nothing on the internet can open a connection to it");
    let data = tier("data", "Holds the data stores; it has no route to the internet");

    let tables = routes(env, &vpc_handle, zones, [&public, &private, &data]);
    gateway_endpoint(env, &vpc_handle, &tables);
    env.network = Some(Network { vpc: vpc_handle, public, private, data, namespace, endpoints: None });
    if !env.design.network.endpoints.is_empty() {
        let group = interface_endpoints(env);
        env.network.as_mut().expect("set above").endpoints = Some(group);
    }
}

/// Records accepted and refused connections. Comes after the keys, because the log is encrypted.
pub(crate) fn lower_flow_log(env: &mut Env) {
    let log_name = Value::Template(vec!["/vpc/".into(), env.name(""), "/flow".into()]);
    let group = env.log_group(
        COMPONENT,
        "flow",
        log_name,
        "Keeps the record of connections for investigations",
        usage::flow_log(env.design),
    );
    let arn = group.get(cloudwatch_log_group::ARN);
    let statements = [allow(
        "WriteFlowLog",
        &["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        vec![arn.clone(), below(arn.clone(), ":*")],
    )];
    let writer = role(
        env,
        &RoleSpec {
            component: COMPONENT,
            name: "flow",
            suffix: "flow-log",
            service: "vpc-flow-logs.amazonaws.com",
            purpose: "Writes the flow log of the VPC",
            statements: &statements,
        },
    );
    let vpc_id = env.network().vpc.get(vpc::ID);
    env.add(
        NodeBuilder::new(COMPONENT, flow_log::KIND, "this")
            .set(flow_log::VPC_ID, vpc_id)
            .set(flow_log::TRAFFIC_TYPE, "ALL")
            .set(flow_log::LOG_DESTINATION_TYPE, "cloud-watch-logs")
            .set(flow_log::LOG_DESTINATION, arn)
            .set(flow_log::IAM_ROLE_ARN, writer.get(iam_role::ARN))
            .set(flow_log::MAX_AGGREGATION_INTERVAL, 600)
            .purpose("Records who talked to whom, for investigations"),
    );
}

/// Private DNS: the namespace where services and stores get names, and the search domain that lets a program
/// say `db` as it did on a laptop.
fn names(env: &mut Env, vpc_handle: &Handle<vpc::M>) -> Handle<service_discovery_private_dns_namespace::M> {
    use service_discovery_private_dns_namespace as namespace;
    let domain = Value::Template(vec![env.name(""), ".internal".into()]);
    let handle = env.add(
        NodeBuilder::new(COMPONENT, namespace::KIND, "this")
            .set(namespace::NAME, domain.clone())
            .set(namespace::DESCRIPTION, "Names of services and data stores inside the VPC")
            .set(namespace::VPC, vpc_handle.get(vpc::ID))
            .purpose("Gives services and data stores stable names inside the VPC"),
    );
    let name = env.name("");
    let options = env.add(
        NodeBuilder::new(COMPONENT, vpc_dhcp_options::KIND, "this")
            .set(vpc_dhcp_options::DOMAIN_NAME, domain)
            .set(vpc_dhcp_options::DOMAIN_NAME_SERVERS, Value::list(["AmazonProvidedDNS"]))
            .set(vpc_dhcp_options::TAGS, Value::map([("Name", name)]))
            .purpose("Searches the private namespace first, so that short names resolve"),
    );
    env.add(
        NodeBuilder::new(COMPONENT, vpc_dhcp_options_association::KIND, "this")
            .set(vpc_dhcp_options_association::VPC_ID, vpc_handle.get(vpc::ID))
            .set(vpc_dhcp_options_association::DHCP_OPTIONS_ID, options.get(vpc_dhcp_options::ID))
            .purpose("Hands the search domain to everything in the VPC"),
    );
    handle
}

/// Gateways, route tables, routes and associations; returns the tables of private and data subnets.
fn routes(
    env: &mut Env,
    vpc_handle: &Handle<vpc::M>,
    zones: &[&str],
    [public, private, data]: [&[Handle<subnet::M>]; 3],
) -> Vec<Handle<route_table::M>> {
    let name = env.name("");
    let internet = env.add(
        NodeBuilder::new(COMPONENT, internet_gateway::KIND, "this")
            .set(internet_gateway::VPC_ID, vpc_handle.get(vpc::ID))
            .set(internet_gateway::TAGS, Value::map([("Name", name)]))
            .purpose("Lets the load balancer be reached and NAT gateways go out"),
    );
    let outgoing = match env.design.network.egress {
        Egress::NatPerZone => zones,
        Egress::SingleNat | Egress::RegionalNat => &zones[..1],
    };
    let nats: Vec<_> =
        outgoing.iter().zip(public).map(|(zone, subnet)| nat(env, zone, subnet, &internet)).collect();
    let mut table = |tier: &str, zone: Option<&str>, purpose: &str| {
        let suffix = zone.map_or(tier.to_owned(), |z| format!("{tier}-{z}"));
        let tag = env.name(&suffix);
        let mut builder = NodeBuilder::new(COMPONENT, route_table::KIND, tier);
        if let Some(zone) = zone {
            builder = builder.key(zone);
        }
        env.add(
            builder
                .set(route_table::VPC_ID, vpc_handle.get(vpc::ID))
                .set(route_table::TAGS, Value::map([("Name", tag)]))
                .purpose(purpose),
        )
    };
    let public_table = table("public", None, "Routes of the public subnets: to the internet");
    let private_tables: Vec<_> = zones
        .iter()
        .map(|zone| table("private", Some(zone), "Routes of a private subnet: out through NAT"))
        .collect();
    let data_table = table("data", None, "Routes of the data subnets: none beyond the VPC and S3");
    env.add(
        NodeBuilder::new(COMPONENT, route::KIND, "public")
            .set(route::ROUTE_TABLE_ID, public_table.get(route_table::ID))
            .set(route::DESTINATION_CIDR_BLOCK, "0.0.0.0/0")
            .set(route::GATEWAY_ID, internet.get(internet_gateway::ID))
            .purpose("The way from the public subnets to the internet"),
    );
    for (i, (zone, table)) in zones.iter().zip(&private_tables).enumerate() {
        let through = &nats[i.min(nats.len() - 1)];
        env.add(
            NodeBuilder::new(COMPONENT, route::KIND, "private")
                .key(*zone)
                .set(route::ROUTE_TABLE_ID, table.get(route_table::ID))
                .set(route::DESTINATION_CIDR_BLOCK, "0.0.0.0/0")
                .set(route::NAT_GATEWAY_ID, through.get(nat_gateway::ID))
                .purpose("The way from a private subnet to the internet"),
        );
    }
    for (i, zone) in zones.iter().enumerate() {
        for (tier, subnet, table) in [
            ("public", &public[i], &public_table),
            ("private", &private[i], &private_tables[i]),
            ("data", &data[i], &data_table),
        ] {
            env.add(
                NodeBuilder::new(COMPONENT, route_table_association::KIND, tier)
                    .key(*zone)
                    .set(route_table_association::SUBNET_ID, subnet.get(subnet::ID))
                    .set(route_table_association::ROUTE_TABLE_ID, table.get(route_table::ID))
                    .purpose("Gives a subnet the routes of its tier"),
            );
        }
    }
    private_tables.into_iter().chain([data_table]).collect()
}

/// One NAT gateway with its address.
fn nat(
    env: &mut Env,
    zone: &str,
    subnet: &Handle<subnet::M>,
    internet: &Handle<internet_gateway::M>,
) -> Handle<nat_gateway::M> {
    let tag = Value::map([("Name", env.name(&format!("nat-{zone}")))]);
    let address = env.add(
        NodeBuilder::new(COMPONENT, eip::KIND, "nat")
            .key(zone)
            .set(eip::DOMAIN, "vpc")
            .set(eip::TAGS, tag.clone())
            .purpose("The address that partners see and may allow"),
    );
    env.add(
        NodeBuilder::new(COMPONENT, nat_gateway::KIND, "this")
            .key(zone)
            .set(nat_gateway::ALLOCATION_ID, address.get(eip::ID))
            .set(nat_gateway::SUBNET_ID, subnet.get(subnet::ID))
            .set(nat_gateway::TAGS, tag)
            .depends_on(&internet.address)
            .usage("gb", usage::nat_gb(env.design))
            .purpose("Lets services call out without being reachable"),
    )
}

/// S3 without NAT: free, and most image layers come from there.
fn gateway_endpoint(env: &mut Env, vpc_handle: &Handle<vpc::M>, tables: &[Handle<route_table::M>]) {
    let service = endpoint_service(env, "s3");
    let tag = env.name("s3");
    env.add(
        NodeBuilder::new(COMPONENT, vpc_endpoint::KIND, "s3")
            .set(vpc_endpoint::VPC_ID, vpc_handle.get(vpc::ID))
            .set(vpc_endpoint::SERVICE_NAME, service)
            .set(vpc_endpoint::VPC_ENDPOINT_TYPE, "Gateway")
            .set(
                vpc_endpoint::ROUTE_TABLE_IDS,
                Value::List(tables.iter().map(|t| t.get(route_table::ID)).collect()),
            )
            .set(vpc_endpoint::TAGS, Value::map([("Name", tag)]))
            .purpose("Reaches S3 without NAT: image layers and objects cost no NAT traffic"),
    );
}

/// Endpoints for the services that the blueprint named, and the group that guards them.
fn interface_endpoints(env: &mut Env) -> Handle<security_group::M> {
    let network = env.network();
    let group = firewall::group(env, COMPONENT, "endpoints", "endpoints", "Guards the interface endpoints");
    let id = group.get(security_group::ID);
    firewall::open(
        env,
        COMPONENT,
        "endpoints",
        id.clone(),
        443,
        Peer::Range(network.vpc.get(vpc::CIDR_BLOCK)),
        "HTTPS from inside the VPC",
    );
    let services = env.design.network.endpoints.clone();
    for service in &services {
        let service_name = endpoint_service(env, service);
        let tag = env.name(&service.replace('.', "-"));
        env.add(
            NodeBuilder::new(COMPONENT, vpc_endpoint::KIND, "interface")
                .key(service.as_str())
                .set(vpc_endpoint::VPC_ID, network.vpc.get(vpc::ID))
                .set(vpc_endpoint::SERVICE_NAME, service_name)
                .set(vpc_endpoint::VPC_ENDPOINT_TYPE, "Interface")
                .set(vpc_endpoint::SUBNET_IDS, subnet_ids(&network.private))
                .set(vpc_endpoint::SECURITY_GROUP_IDS, Value::List(vec![id.clone()]))
                .set(vpc_endpoint::PRIVATE_DNS_ENABLED, true)
                .set(vpc_endpoint::TAGS, Value::map([("Name", tag)]))
                .usage("gb", usage::endpoint_gb(env.design, service))
                .purpose(format!("Reaches {service} without leaving the network of AWS")),
        );
    }
    group
}

fn endpoint_service(env: &mut Env, service: &str) -> Value {
    Value::Template(vec!["com.amazonaws.".into(), env.region(COMPONENT), format!(".{service}").into()])
}

/// The `index`th zone that is available. Zones are named by the region, not by us: `eu-west-1a` need not exist
/// for every account.
fn zone_name(available: &Handle<data_availability_zones::M>, index: usize) -> Value {
    let path = vec![Step::Attr(data_availability_zones::NAMES.name.to_owned()), Step::Index(index)];
    Value::Ref(Ref { to: available.address.clone(), path })
}

fn range_input(env: &mut Env, name: &str, description: &str, value: String) -> Value {
    let decl =
        matching(description, r"^(\d{1,3}\.){3}\d{1,3}/\d{1,2}$", "an IPv4 range such as 10.20.0.0/16");
    env.input(COMPONENT, name, decl, value)
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
        // A VPC holds at most a /16; a sixty-fourth of it must be a /28 or larger.
        if !(16..=22).contains(&bits) {
            return Err(format!("Nine subnets need a range between /16 and /22, and this is a /{bits}."));
        }
        let base = u32::from(base);
        if base & (u32::MAX >> bits) != 0 {
            return Err("The address is not the first of its range.".to_owned());
        }
        Ok(Plan { base, bits })
    }

    /// The range of a tier's subnet in the `zone`th zone.
    fn range(&self, tier: &str, zone: usize) -> String {
        let zone = u32::try_from(zone).expect("there are at most three zones");
        let (more, index) = match tier {
            "private" => (3, zone),
            "public" => (6, 32 + zone),
            _ => (6, 48 + zone),
        };
        let bits = self.bits + more;
        format!("{}/{bits}", Ipv4Addr::from(self.base + (index << (32 - bits))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_divided_without_overlap() {
        for (cidr, expected) in [
            ("10.20.0.0/16", ["10.20.0.0/19", "10.20.32.0/19", "10.20.128.0/22", "10.20.200.0/22"]),
            ("172.16.4.0/22", ["172.16.4.0/25", "172.16.4.128/25", "172.16.6.0/28", "172.16.7.32/28"]),
        ] {
            let plan = Plan::of(cidr).expect("valid");
            let ranges = [
                plan.range("private", 0),
                plan.range("private", 1),
                plan.range("public", 0),
                plan.range("data", 2),
            ];
            assert_eq!(ranges, expected);
        }
    }

    #[test]
    fn what_cannot_be_divided_is_refused_with_a_reason() {
        for cidr in
            ["", "10.0.0.0", "10.0.0.0/8", "10.0.0.0/23", "10.0.0.1/16", "::/16", "ten/16", "10.0.0.0/x"]
        {
            assert!(Plan::of(cidr).is_err(), "{cidr}");
        }
    }
}
