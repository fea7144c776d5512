//! Which port a service listens on, what it speaks, and whether the internet may reach it.
//!
//! Compose publishes ports for many reasons: to serve users, to debug, to look at a database. The port that users
//! mean is found by evidence in a fixed order. This module must not change a container, and knows no cloud.

use indexmap::IndexMap;

use super::classify::Verdict;
use super::container::{Container, Containers};
use super::images::{self, Role};
use super::rewrite::{Hosts, Mention};
use crate::Protocol;

/// What is known about a service's door.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Door {
    pub(super) port: Option<u16>,
    pub(super) protocol: Protocol,
    /// Whether anything said what it speaks.
    pub(super) protocol_known: bool,
    pub(super) public: bool,
    /// Path of an HTTP health check.
    pub(super) health: Option<String>,
    /// Other ports of the container that nothing will reach.
    pub(super) others: Vec<u16>,
    /// Why it is not public although it is published.
    pub(super) kept_inside: Option<String>,
}

/// Ports that debuggers and profilers listen on.
const DEBUG_PORTS: &[u16] = &[9229, 9230, 5858, 5005, 5678, 2345, 40000, 9222];

/// Ports that users' browsers are usually sent to.
const WEB_PORTS: &[u16] = &[80, 8080, 443, 8443, 3000, 8000, 5000, 4000, 8888, 4200, 5173, 8081, 9000];

/// Ports of protocols that are not HTTP.
const OTHER_PORTS: &[u16] = &[
    21, 22, 23, 25, 53, 110, 143, 389, 465, 587, 636, 993, 995, 1433, 1521, 1883, 4222, 5432, 3306, 6379,
    8883, 9042, 25565, 27017,
];

/// Finds the door of every service.
pub(super) fn doors(
    containers: &Containers,
    verdicts: &IndexMap<String, Verdict>,
    hosts: &Hosts,
) -> IndexMap<String, Door> {
    let services: Vec<(&String, &Container)> =
        containers.iter().filter(|(name, _)| verdicts[*name] == Verdict::Service).collect();
    let mut mentions: IndexMap<&str, Vec<Mention>> = IndexMap::new();
    for (_, container) in &services {
        for (key, setting) in &container.env {
            let Some(value) = &setting.value else { continue };
            for mention in hosts.mentions(container, key, value) {
                if let Some((name, _)) = containers.get_key_value(&mention.name) {
                    mentions.entry(name).or_default().push(mention);
                }
            }
        }
    }
    let routed = routed_by_engine(containers, verdicts);
    let anyone_fixed = services.iter().any(|(_, c)| published(c).any(|p| p.published.is_some()));
    let mut doors: IndexMap<String, Door> = IndexMap::new();
    for (name, container) in &services {
        let spoken = mentions.get(name.as_str()).map_or(&[][..], Vec::as_slice);
        let mut door = door(name, container, spoken);
        let by_port = published(container).any(|p| p.published.is_some() || !anyone_fixed);
        door.public = door.port.is_some() && (by_port || routed.contains(&name.as_str()));
        doors.insert((*name).clone(), door);
    }
    keep_backends_inside(&services, &mut doors, hosts);
    doors
}

fn published(container: &Container) -> impl Iterator<Item = &super::ports::Port> {
    container.ports.iter().filter(|p| !p.datagram && !p.is_loopback() && !DEBUG_PORTS.contains(&p.target))
}

/// Services that a proxy of the container engine sends users to.
fn routed_by_engine<'a>(containers: &'a Containers, verdicts: &IndexMap<String, Verdict>) -> Vec<&'a str> {
    let is_proxy = |c: &Container| c.image.as_deref().and_then(images::role) == Some(Role::EngineProxy);
    let proxies: Vec<&Container> = containers
        .iter()
        .filter(|(n, c)| matches!(verdicts[*n], Verdict::Left { .. }) && is_proxy(c))
        .map(|(_, c)| c)
        .collect();
    if proxies.is_empty() {
        return Vec::new();
    }
    let routed = |name: &str, c: &Container| {
        let labelled = c.labels.iter().any(|(k, v)| {
            (k == "traefik.enable" && v == "true") || k.starts_with("traefik.http.routers.") || k == "caddy"
        });
        labelled || c.env.contains_key("VIRTUAL_HOST") || proxies.iter().any(|p| p.depends.contains_key(name))
    };
    containers.iter().filter(|(n, c)| routed(n, c)).map(|(n, _)| n.as_str()).collect()
}

/// A published service behind a published proxy is published for the developer.
fn keep_backends_inside(
    services: &[(&String, &Container)],
    doors: &mut IndexMap<String, Door>,
    hosts: &Hosts,
) {
    let mut inside: Vec<(String, String)> = Vec::new();
    for (proxy, container) in services.iter().filter(|(n, c)| doors[*n].public && is_proxy(n, c)) {
        for (name, _) in services.iter().filter(|(n, c)| n != proxy && doors[*n].public && !is_proxy(n, c)) {
            let mut settings = container.env.iter().filter_map(|(k, s)| Some((k, s.value.as_deref()?)));
            let mentioned =
                settings.any(|(k, v)| hosts.mentions(container, k, v).iter().any(|m| m.name == **name));
            if mentioned || container.depends.contains_key(*name) {
                inside.push(((*name).clone(), (*proxy).clone()));
            }
        }
    }
    for (name, proxy) in inside {
        if let Some(door) = doors.get_mut(&name) {
            door.public = false;
            door.kept_inside = Some(proxy);
        }
    }
}

fn is_proxy(name: &str, container: &Container) -> bool {
    let base = container.dockerfile.as_ref().map(|f| f.base.as_str());
    let image = if container.build.is_some() { base } else { container.image.as_deref() };
    let named = |word: &str| {
        matches!(
            word,
            "proxy" | "gateway" | "nginx" | "ingress" | "router" | "edge" | "haproxy" | "envoy" | "caddy"
        )
    };
    image.and_then(images::role) == Some(Role::Proxy) || name.split(['-', '_', '.']).any(named)
}

fn door(name: &str, container: &Container, spoken: &[Mention]) -> Door {
    let health = health(container, name);
    let port = port(name, container, &health, spoken);
    let probe =
        container.health.iter().any(|w| w.ends_with("grpc_health_probe") || w.ends_with("grpc-health-probe"));
    let says = |wanted: &[&str]| {
        let schemes = spoken.iter().filter_map(|m| m.scheme.as_deref());
        let declared = container.ports.iter().filter_map(|p| p.speaks.as_deref());
        schemes.chain(declared).any(|s| wanted.contains(&s))
    };
    let (protocol, protocol_known) =
        if probe || says(&["grpc", "grpcs"]) || (port == Some(50051) && !says(&["http"])) {
            (Protocol::Grpc, true)
        } else if health.is_some() || says(&["http", "https", "ws", "wss", "http2"]) {
            (Protocol::Http, true)
        } else if port.is_some_and(|p| OTHER_PORTS.contains(&p))
            || says(&["tcp", "amqp", "mqtt", "nats", "smtp"])
        {
            (Protocol::Tcp, true)
        } else {
            (Protocol::Http, port.is_some_and(|p| WEB_PORTS.contains(&p)))
        };
    let mut others: Vec<u16> =
        container.ports.iter().map(|p| p.target).filter(|p| Some(*p) != port).collect();
    others.dedup();
    let health = health.filter(|(at, _)| port.is_none() || at.is_none() || *at == port).map(|(_, path)| path);
    Door { port, protocol, protocol_known, public: false, health, others, kept_inside: None }
}

/// The port, by the strongest evidence there is.
fn port(
    name: &str,
    container: &Container,
    health: &Option<(Option<u16>, String)>,
    spoken: &[Mention],
) -> Option<u16> {
    let setting =
        |key: &str| container.env.get(key)?.value.as_deref()?.trim().parse::<u16>().ok().filter(|p| *p > 0);
    let label = container
        .labels
        .iter()
        .find(|(k, _)| k.ends_with(".loadbalancer.server.port"))
        .and_then(|(_, v)| v.parse().ok());
    let fixed: Vec<u16> = published(container).filter(|p| p.published.is_some()).map(|p| p.target).collect();
    let loose: Vec<u16> = published(container).filter(|p| p.published.is_none()).map(|p| p.target).collect();
    let declared = |port: &u16| fixed.contains(port) || loose.contains(port) || container.ports.is_empty();
    let web_first = |ports: &[u16]| ports.iter().find(|p| WEB_PORTS.contains(p)).or(ports.first()).copied();
    let own_name = name.to_ascii_uppercase().replace(['-', '.'], "_");
    let asked = |http: bool| {
        let mut asked =
            spoken.iter().filter(|m| !http || m.scheme.as_deref().is_some_and(|s| s.starts_with("http")));
        asked.find_map(|m| m.port.as_ref().map(|(_, port)| *port))
    };
    let exposed = container.dockerfile.as_ref().map_or(&[][..], |f| f.ports.as_slice());
    let image = container.image.as_deref().filter(|_| container.build.is_none());
    let is_server = image.and_then(images::role) == Some(Role::Proxy);
    label
        .or_else(|| setting("PORT").filter(declared))
        .or_else(|| web_first(&fixed))
        .or_else(|| setting(&format!("{own_name}_PORT")).filter(declared))
        .or_else(|| web_first(&loose))
        .or_else(|| container.expose.first().copied())
        .or_else(|| health.as_ref().and_then(|(port, _)| *port))
        .or_else(|| asked(true))
        .or_else(|| asked(false))
        .or_else(|| bound_port(container))
        .or_else(|| web_first(exposed))
        .or_else(|| {
            container.ports.iter().find(|p| !p.datagram && !DEBUG_PORTS.contains(&p.target)).map(|p| p.target)
        })
        .or_else(|| health.as_ref().map(|_| 80))
        .or_else(|| is_server.then_some(80))
}

/// The port of a setting that says where to listen: `0.0.0.0:8000`, `:8000`, `http://*:8000`.
fn bound_port(container: &Container) -> Option<u16> {
    const EVERYWHERE: [&str; 6] = ["", "0.0.0.0", "[::]", "*", "+", "::"];
    container.env.values().filter_map(|s| s.value.as_deref()).find_map(|value| {
        let address = value.split_once("://").map_or(value, |(_, address)| address).trim_end_matches('/');
        let (host, port) = address.rsplit_once(':')?;
        EVERYWHERE.contains(&host).then(|| port.parse().ok()).flatten()
    })
}

/// Port and path of a health check that asks the container itself over HTTP.
fn health(container: &Container, name: &str) -> Option<(Option<u16>, String)> {
    let asks = container.health.iter().any(|w| matches!(w.rsplit('/').next(), Some("curl" | "wget")));
    container.health.iter().find_map(|word| {
        let word = word.trim_matches(['"', '\'', '`', ';', '(', ')']);
        let start =
            match word.find("http://").map(|at| at + 7).or_else(|| word.find("https://").map(|at| at + 8)) {
                Some(start) => start,
                None if asks && word.starts_with("localhost") => 0,
                None => return None,
            };
        let rest = &word[start..];
        let end = rest.find(['"', '\'', ')', ' ', ';', '|', '`', ',']).unwrap_or(rest.len());
        let (authority, path) = rest[..end].split_at(rest[..end].find(['/', '?']).unwrap_or(end));
        let host_port = authority.rsplit('@').next().unwrap_or(authority);
        let (host, port) = match host_port.rsplit_once(':') {
            Some((host, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => {
                (host, port.parse().ok())
            }
            _ => (host_port, None),
        };
        let itself =
            matches!(host, "localhost" | "127.0.0.1" | "0.0.0.0" | "[::1]" | "$HOSTNAME") || host == name;
        // A query may hold a token; the path alone is what a load balancer asks for.
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let path = if path.is_empty() { "/" } else { path };
        itself.then(|| (port, path.to_owned()))
    })
}
