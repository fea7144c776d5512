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
use crate::yaml::format::Format;

/// What is known about a service's door.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Door {
    pub(super) port: Option<u16>,
    pub(super) protocol: Protocol,
    /// Whether anything said what it speaks.
    pub(super) protocol_known: bool,
    pub(super) public: bool,
    /// The host name that users know it by.
    pub(super) host: Option<String>,
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
    6650, 7687, 8883, 9042, 19530, 25565, 26257, 27017, 28015, 61616,
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
        let mut door = door(name, container, spoken, works_beside(name, container, &services, &mentions));
        let by_port = published(container).any(|p| p.published.is_some() || !anyone_fixed);
        door.public = door.port.is_some() && (by_port || routed.contains(&name.as_str()));
        doors.insert((*name).clone(), door);
    }
    keep_backends_inside(&services, &mut doors, hosts);
    for (name, container) in &services {
        let taken = doors.values().filter_map(|d| d.host.clone()).collect::<Vec<_>>();
        let door = doors.get_mut(*name).expect("every service has a door");
        door.host = hosts_of(container).find(|h| door.public && !taken.contains(h));
    }
    doors
}

/// Ports published to others; a debugger's port is one only when the program has no other.
fn published(container: &Container) -> impl Iterator<Item = &super::ports::Port> {
    let is_debug = |p: &super::ports::Port| DEBUG_PORTS.contains(&p.target);
    let all_debug = container.ports.iter().all(is_debug);
    container.ports.iter().filter(move |p| !p.datagram && !p.is_loopback() && (all_debug || !is_debug(p)))
}

/// Whether a container runs another command of a program that another container serves with: a worker has the port
/// of the image and of the shared settings, and does not listen on it.
fn works_beside(
    name: &str,
    container: &Container,
    services: &[(&String, &Container)],
    mentions: &IndexMap<&str, Vec<Mention>>,
) -> bool {
    let own_command = |c: &Container| c.command.is_some() || c.entrypoint.is_some();
    let reached = |name: &str, c: &Container| {
        !c.ports.is_empty() || !c.expose.is_empty() || mentions.contains_key(name)
    };
    let program = |c: &Container| match &c.build {
        Some(b) => Some((b.context.clone(), b.dockerfile.clone(), b.target.clone())),
        None => c.image.clone().map(|image| (image, None, None)),
    };
    own_command(container)
        && !reached(name, container)
        && services.iter().any(|(other, c)| {
            other.as_str() != name
                && program(c) == program(container)
                && (reached(other, c) || !own_command(c))
        })
}

/// Host names by which a proxy of the container engine finds a container, where one name leads to the whole of it.
fn hosts_of(container: &Container) -> impl Iterator<Item = String> {
    let rules = container
        .labels
        .iter()
        .filter(|(k, v)| {
            k.starts_with("traefik.http.routers.") && k.ends_with(".rule") && !v.contains("Path")
        })
        .filter_map(|(_, rule)| rule.split_once("Host(")?.1.split(['`', '"', '\'']).nth(1));
    let setting = container.env.get("VIRTUAL_HOST").and_then(|s| s.value.as_deref());
    let caddy = container.labels.get("caddy").map(String::as_str);
    let names = rules.chain(setting.into_iter().chain(caddy).filter_map(|v| v.split([',', ' ']).next()));
    names.filter(|n| is_public_name(n)).map(str::to_owned)
}

/// Whether a name can be had on the internet: names of one machine or one network cannot.
fn is_public_name(name: &str) -> bool {
    const PRIVATE: [&str; 8] =
        ["localhost", "local", "test", "internal", "lan", "home", "invalid", "localdomain"];
    let last = name.rsplit('.').next().unwrap_or_default();
    name.contains('.')
        && !PRIVATE.contains(&last)
        && !last.bytes().all(|b| b.is_ascii_digit())
        && Format::Host.check(name).is_ok()
}

/// Services that a proxy of the container engine sends users to.
fn routed_by_engine<'a>(containers: &'a Containers, verdicts: &IndexMap<String, Verdict>) -> Vec<&'a str> {
    let is_proxy = |c: &Container| c.image.as_deref().and_then(images::role) == Some(Role::EngineProxy);
    // The proxy itself may be another application's, and then the labels alone say that it routes here.
    let proxies: Vec<&Container> = containers
        .iter()
        .filter(|(n, c)| matches!(verdicts[*n], Verdict::Left { .. }) && is_proxy(c))
        .map(|(_, c)| c)
        .collect();
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

fn door(name: &str, container: &Container, spoken: &[Mention], worker: bool) -> Door {
    let health = health(container, name);
    let port = port(name, container, &health, spoken, worker);
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
            || (port == Some(9000) && speaks_fastcgi(container))
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
    Door { port, protocol, protocol_known, public: false, host: None, health, others, kept_inside: None }
}

/// PHP's process manager speaks FastCGI and not HTTP; its images say so in their tags.
fn speaks_fastcgi(container: &Container) -> bool {
    let base = container.dockerfile.as_ref().map(|f| f.base.as_str());
    let image = if container.build.is_some() { base } else { container.image.as_deref() };
    image.and_then(|i| images::parse(i).tag).is_some_and(|tag| tag.split('-').any(|word| word == "fpm"))
}

/// The port, by the strongest evidence there is.
fn port(
    name: &str,
    container: &Container,
    health: &Option<(Option<u16>, String)>,
    spoken: &[Mention],
    worker: bool,
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
    let base = container.dockerfile.as_ref().map(|f| f.base.as_str());
    let usual = match image.or(base).and_then(images::role) {
        Some(Role::Stateful(port)) => Some(port),
        Some(Role::Proxy) => Some(80),
        _ => None,
    };
    let inside = container.ports.iter().filter(|p| !p.datagram && !DEBUG_PORTS.contains(&p.target));
    let inside: Vec<u16> = inside.map(|p| p.target).collect();
    label
        .or_else(|| setting("PORT").filter(|port| declared(port) && !worker))
        .or_else(|| web_first(&fixed))
        .or_else(|| setting(&format!("{own_name}_PORT")).filter(declared))
        .or_else(|| web_first(&loose))
        .or_else(|| web_first(&inside))
        .or_else(|| container.expose.first().copied())
        .or_else(|| health.as_ref().and_then(|(port, _)| *port))
        .or_else(|| asked(true))
        .or_else(|| asked(false))
        .or_else(|| commanded_port(container))
        .or_else(|| {
            let values = container.env.values().filter_map(|s| s.value.as_deref());
            values.filter(|_| !worker).find_map(bound_port)
        })
        .or_else(|| web_first(exposed).filter(|_| !worker))
        .or_else(|| health.as_ref().map(|_| 80))
        .or(usual)
}

/// The port of a command line that says where to listen: `--bind 0.0.0.0:8000`, `--port=3000`.
fn commanded_port(container: &Container) -> Option<u16> {
    const FLAGS: [&str; 3] = ["--port", "--http-port", "-p"];
    let lines = container.entrypoint.iter().chain(&container.command).flatten();
    let words: Vec<&str> = lines.flat_map(|line| line.split_whitespace()).collect();
    words.iter().enumerate().find_map(|(at, word)| {
        let (flag, value) = match word.split_once('=') {
            Some((flag, value)) => (flag, Some(value)),
            None => (*word, words.get(at + 1).copied()),
        };
        let numbered = value.filter(|_| FLAGS.contains(&flag)).and_then(|v| v.parse().ok());
        numbered.or_else(|| bound_port(word.rsplit('=').next().unwrap_or(word)))
    })
}

/// The port of a value that says where to listen: `0.0.0.0:8000`, `:8000`, `http://*:8000`.
fn bound_port(value: &str) -> Option<u16> {
    const EVERYWHERE: [&str; 6] = ["", "0.0.0.0", "[::]", "*", "+", "::"];
    let address = value.split_once("://").map_or(value, |(_, address)| address).trim_end_matches('/');
    let (host, port) = address.rsplit_once(':')?;
    EVERYWHERE.contains(&host).then(|| port.parse().ok()).flatten()
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
