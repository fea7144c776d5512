//! The load balancer that all public services and sites share, its certificates and its firewall.
//!
//! With a host name there is HTTPS, and plain HTTP only redirects to it. Without one there is plain HTTP: nobody can
//! have a certificate for an address alone. It comes last, so that it knows everything it leads to.

use std::collections::BTreeMap;

use catalog::google::{
    cloud_run_v2_service as run, compute_backend_bucket, compute_backend_service as backend,
    compute_global_address as address, compute_global_forwarding_rule as rule,
    compute_managed_ssl_certificate as certificate, compute_region_network_endpoint_group as endpoints,
    compute_security_policy, compute_ssl_policy as tls, compute_target_http_proxy as http_proxy,
    compute_target_https_proxy as https_proxy, compute_url_map as map,
};
use design::{Compute, Door, ServiceDesign, usage};
use indexmap::IndexMap;
use ir::key::Handle;
use ir::{Block, Diagnostic, Lifecycle, NodeBuilder, Value};

use super::env::matching;
use super::site::{self, INDEX, is_site};
use super::{Env, armor, run as services};
use crate::names::shortened;

const COMPONENT: &str = "edge";

/// How the load balancer works: the generation that has rules for errors and rewrites.
const SCHEME: &str = "EXTERNAL_MANAGED";
/// Characters of the longest name of a certificate.
const NAME_CHARACTERS: usize = 63;

/// Adds the load balancer; nothing when nothing public is behind it.
pub(crate) fn lower(env: &mut Env) {
    let design = env.design;
    if design.network.door == Door::Ingress {
        return;
    }
    let reached = |s: &ServiceDesign| s.public.is_some() || is_site(s);
    let public: Vec<(&String, &ServiceDesign)> = design.services.iter().filter(|(_, s)| reached(s)).collect();
    if public.is_empty() {
        return;
    }
    let description = "Load balancer, certificates and web application firewall";
    env.component(COMPONENT, "edge", description);
    let filter = design.network.firewall.then(|| armor::lower(env, COMPONENT));
    let mut targets: IndexMap<&str, Value> = IndexMap::new();
    for (name, service) in &public {
        let target = match &service.compute {
            Compute::StaticSite { .. } => site::handle(env, name).get(compute_backend_bucket::ID),
            Compute::Containers(_) => service_backend(env, name, service, filter.as_ref()),
            _ => continue,
        };
        targets.insert(name, target);
    }
    let (hosts, unreached) = Hosts::of(env, &public, &targets);
    for name in unreached {
        env.diagnostics.push(
            Diagnostic::error("address-taken", format!("{name} cannot answer: every path already leads elsewhere"))
                .because("One load balancer serves all services and sites, and tells them apart by host name and path.")
                .help(format!("give {name} a host name, or let the site lead a path to it with `uses`")),
        );
    }
    if hosts.0.is_empty() {
        return;
    }
    let names: BTreeMap<&str, &str> = hosts.names();
    let map = url_map(env, &hosts);
    let name = env.name("");
    let ip = env.add(
        NodeBuilder::new(COMPONENT, address::KIND, "this")
            .set(address::NAME, name)
            .set(address::ADDRESS_TYPE, "EXTERNAL")
            .purpose("The address that host names point to"),
    );
    if names.is_empty() {
        env.plain_http = public.iter().map(|(name, _)| (*name).clone()).collect();
        plain(env, "http", map.get(map::ID), &ip);
    } else {
        secure(env, &names, &map, &ip);
        say_records(env, names.values().copied());
    }
    let url = match names.values().next() {
        Some(host) => Value::from(format!("https://{host}")),
        None => Value::Template(vec!["http://".into(), ip.get(address::ADDRESS)]),
    };
    let outputs = &mut env.graph.component(COMPONENT, "edge", description).outputs;
    outputs.insert("url".into(), ("Where the public services answer.".into(), url));
    outputs.insert(
        "address".into(),
        ("Address that the records of host names point to.".into(), ip.get(address::ADDRESS)),
    );
}

/// What the load balancer leads to by one host name, or by any when there is none.
struct Routes<'r> {
    /// The first service that has the host: the key must not change with the environment.
    key: &'r str,
    /// Paths and what they lead to.
    paths: Vec<(Vec<String>, Value)>,
    /// What everything else leads to.
    rest: Option<Value>,
    /// Whether what everything else leads to is a site without routes: its browser routes what is not there.
    site: bool,
}

/// By host name.
struct Hosts<'r>(IndexMap<Option<&'r str>, Routes<'r>>);

impl<'r> Hosts<'r> {
    /// The hosts, and services that want every path of a host where somebody else has it.
    fn of(
        env: &Env<'r>,
        public: &[(&'r String, &'r ServiceDesign)],
        targets: &IndexMap<&'r str, Value>,
    ) -> (Self, Vec<&'r str>) {
        let mut unreached = Vec::new();
        let mut hosts: IndexMap<Option<&str>, Routes> = IndexMap::new();
        let mut ordered: Vec<_> = public.to_vec();
        ordered.sort_by_key(|(_, service)| service.public.as_ref().map(|p| p.priority));
        for (name, service) in ordered {
            let Some(target) = targets.get(name.as_str()) else { continue };
            let public = service.public.as_ref();
            let routes = hosts.entry(site::host(env, name, service)).or_insert_with(|| Routes {
                key: name,
                paths: Vec::new(),
                rest: None,
                site: false,
            });
            if let Compute::StaticSite { routes: led, .. } = &service.compute {
                for (path, to) in led {
                    if let Some(target) = targets.get(to.as_str()) {
                        routes.add(vec![path.clone()], target);
                    }
                }
                routes.site |= routes.rest.is_none() && led.is_empty();
                if routes.rest.get_or_insert_with(|| target.clone()) != target {
                    unreached.push(name.as_str());
                }
                continue;
            }
            let paths = public.map_or(&[][..], |p| &p.paths);
            let (all, some): (Vec<&String>, Vec<&String>) = paths.iter().partition(|p| is_all(p));
            if !some.is_empty() {
                routes.add(some.into_iter().cloned().collect(), target);
            }
            if all.is_empty() && !paths.is_empty() {
                continue;
            }
            let led = routes.paths.iter().any(|(_, to)| to == target);
            match &routes.rest {
                None => routes.rest = Some(target.clone()),
                Some(rest) if rest != target && !led => unreached.push(name.as_str()),
                Some(_) => {}
            }
        }
        (Hosts(hosts), unreached)
    }

    /// Host names by the key of the first service that has each.
    fn names(&self) -> BTreeMap<&'r str, &'r str> {
        self.0.iter().filter_map(|(host, routes)| Some((routes.key, (*host)?))).collect()
    }
}

impl Routes<'_> {
    /// A path leads to whoever came first.
    fn add(&mut self, mut paths: Vec<String>, target: &Value) {
        paths.retain(|path| !self.paths.iter().any(|(taken, _)| taken.contains(path)));
        if !paths.is_empty() {
            self.paths.push((paths, target.clone()));
        }
    }
}

fn is_all(path: &str) -> bool {
    matches!(path, "/*" | "/" | "*")
}

/// A service behind the load balancer.
fn service_backend(
    env: &mut Env,
    name: &str,
    service: &ServiceDesign,
    filter: Option<&Handle<compute_security_policy::M>>,
) -> Value {
    let component = env.service_component(name);
    let c = component.as_str();
    let backend_name = env.name_within(c, "backend_name", name, NAME_CHARACTERS);
    let region = env.region();
    let target = services::handle(env, name);
    let group = env.add(
        NodeBuilder::new(c, endpoints::KIND, "this")
            .set(endpoints::NAME, backend_name.clone())
            .set(endpoints::REGION, region)
            .set(endpoints::NETWORK_ENDPOINT_TYPE, "SERVERLESS")
            .block(
                endpoints::CLOUD_RUN,
                Block::new().set(endpoints::cloud_run::SERVICE, target.get(run::NAME)),
            )
            .purpose(format!("Leads the load balancer to {name}")),
    );
    let handle = env.add(
        NodeBuilder::new(c, backend::KIND, "this")
            .set(backend::NAME, backend_name)
            .set(backend::LOAD_BALANCING_SCHEME, SCHEME)
            .set(backend::PROTOCOL, "HTTPS")
            .set_opt(backend::SECURITY_POLICY, filter.map(|p| p.get(compute_security_policy::ID)))
            .block(backend::BACKEND, Block::new().set(backend::backend::GROUP, group.get(endpoints::ID)))
            .usage("gb_out", usage::sent_gb(service))
            .purpose(format!("Takes requests to {name} from the load balancer")),
    );
    handle.get(backend::ID)
}

/// Which host and path leads where. What leads nowhere is refused, rather than answered by whoever comes first.
fn url_map(env: &mut Env, hosts: &Hosts) -> Handle<map::M> {
    use map::path_matcher as matcher;
    let name = env.name("");
    let mut builder = NodeBuilder::new(COMPONENT, map::KIND, "this").set(map::NAME, name);
    let unnamed = hosts.0.get(&None);
    let first = hosts.0.values().find_map(Routes::any).expect("every host leads somewhere");
    builder = match unnamed.and_then(|r| r.rest.clone()) {
        Some(rest) => builder.set(map::DEFAULT_SERVICE, rest),
        None => builder.set(map::DEFAULT_SERVICE, first).block(map::DEFAULT_ROUTE_ACTION, {
            use map::default_route_action::{FAULT_INJECTION_POLICY, fault_injection_policy as fault};
            let abort = Block::new().set(fault::abort::HTTP_STATUS, 404).set(fault::abort::PERCENTAGE, 100);
            Block::new().block(FAULT_INJECTION_POLICY, Block::new().block(fault::ABORT, abort))
        }),
    };
    for (host, routes) in &hosts.0 {
        if host.is_none() && routes.paths.is_empty() && !routes.site {
            continue;
        }
        let to = host.map_or_else(|| Value::from("*"), |host| host_input(env, routes.key, host));
        builder = builder.block(
            map::HOST_RULE,
            Block::new()
                .set(map::host_rule::HOSTS, Value::List(vec![to]))
                .set(map::host_rule::PATH_MATCHER, routes.key),
        );
        let mut block = Block::new().set(matcher::NAME, routes.key);
        block = match &routes.rest {
            Some(rest) => block.set(matcher::DEFAULT_SERVICE, rest.clone()),
            None => block.set(matcher::DEFAULT_SERVICE, routes.any().expect("a host leads somewhere")).block(
                matcher::DEFAULT_ROUTE_ACTION,
                {
                    use matcher::default_route_action::{
                        FAULT_INJECTION_POLICY, fault_injection_policy as fault,
                    };
                    let abort =
                        Block::new().set(fault::abort::HTTP_STATUS, 404).set(fault::abort::PERCENTAGE, 100);
                    Block::new().block(FAULT_INJECTION_POLICY, Block::new().block(fault::ABORT, abort))
                },
            ),
        };
        if routes.site && routes.paths.is_empty() {
            use matcher::default_custom_error_response_policy::{
                self as errors, error_response_rule as error,
            };
            let page = Block::new()
                .set(error::MATCH_RESPONSE_CODES, Value::list(["404"]))
                .set(error::PATH, format!("/{INDEX}"))
                .set(error::OVERRIDE_RESPONSE_CODE, 200);
            let policy = Block::new()
                .set_opt(errors::ERROR_SERVICE, routes.rest.clone())
                .block(errors::ERROR_RESPONSE_RULE, page);
            block = block.block(matcher::DEFAULT_CUSTOM_ERROR_RESPONSE_POLICY, policy);
        }
        for (paths, target) in &routes.paths {
            let paths = Value::list(paths.iter().map(String::as_str));
            block = block.block(
                matcher::PATH_RULE,
                Block::new()
                    .set(matcher::path_rule::PATHS, paths)
                    .set(matcher::path_rule::SERVICE, target.clone()),
            );
        }
        builder = builder.block(map::PATH_MATCHER, block);
    }
    env.add(builder.purpose("Says which host and path leads where"))
}

impl Routes<'_> {
    /// Anything that it leads to.
    fn any(&self) -> Option<Value> {
        self.rest.clone().or_else(|| self.paths.first().map(|(_, target)| target.clone()))
    }
}

/// A host name as the input of the edge.
fn host_input(env: &mut Env, key: &str, host: &str) -> Value {
    let decl = matching(
        "Host name that is answered.",
        r"^[a-z0-9*]([a-z0-9.-]*[a-z0-9])?$",
        "a host name such as api.example.com",
    );
    env.input(COMPONENT, &format!("{}_host", key.replace('-', "_")), decl, host)
}

/// HTTPS with certificates that Google renews, and plain HTTP that leads to it.
fn secure(env: &mut Env, names: &BTreeMap<&str, &str>, map: &Handle<map::M>, ip: &Handle<address::M>) {
    let mut certificates = Vec::new();
    for (key, host) in names {
        let value = host_input(env, key, host);
        // A certificate cannot change, so its name says what it is for.
        let name = shortened(&format!("{}-{host}", env.prefix()).replace(['.', '*'], "-"), NAME_CHARACTERS);
        let decl = super::env::text("Name of the certificate, told apart by what it is for.");
        let name = env.input(COMPONENT, &format!("{}_certificate", key.replace('-', "_")), decl, name);
        let handle = env.add(
            NodeBuilder::new(COMPONENT, certificate::KIND, "this")
                .key(*key)
                .set(certificate::NAME, name)
                .block(
                    certificate::MANAGED,
                    Block::new().set(certificate::managed::DOMAINS, Value::List(vec![value])),
                )
                .lifecycle(Lifecycle { create_before_destroy: true, ..Lifecycle::default() })
                .purpose(format!("Proves that {host} is ours; Google renews it")),
        );
        certificates.push(handle.get(certificate::ID));
    }
    let (policy_name, proxy_name, rule_name) = (env.name(""), env.name(""), env.name("https"));
    let policy = env.add(
        NodeBuilder::new(COMPONENT, tls::KIND, "this")
            .set(tls::NAME, policy_name)
            .set(tls::PROFILE, "MODERN")
            .set(tls::MIN_TLS_VERSION, "TLS_1_2")
            .purpose("Refuses versions and ciphers of TLS that are out of date"),
    );
    let proxy = env.add(
        NodeBuilder::new(COMPONENT, https_proxy::KIND, "this")
            .set(https_proxy::NAME, proxy_name)
            .set(https_proxy::URL_MAP, map.get(map::ID))
            .set(https_proxy::SSL_CERTIFICATES, Value::List(certificates))
            .set(https_proxy::SSL_POLICY, policy.get(tls::ID))
            .purpose("Speaks TLS with callers"),
    );
    env.add(
        NodeBuilder::new(COMPONENT, rule::KIND, "https")
            .set(rule::NAME, rule_name)
            .set(rule::TARGET, proxy.get(https_proxy::ID))
            .set(rule::IP_ADDRESS, ip.get(address::ID))
            .set(rule::IP_PROTOCOL, "TCP")
            .set(rule::PORT_RANGE, "443")
            .set(rule::LOAD_BALANCING_SCHEME, SCHEME)
            .purpose("Takes HTTPS from the internet"),
    );
    let name = env.name("redirect");
    let redirect = env.add(
        NodeBuilder::new(COMPONENT, map::KIND, "redirect")
            .set(map::NAME, name)
            .block(
                map::DEFAULT_URL_REDIRECT,
                Block::new()
                    .set(map::default_url_redirect::HTTPS_REDIRECT, true)
                    .set(map::default_url_redirect::REDIRECT_RESPONSE_CODE, "MOVED_PERMANENTLY_DEFAULT")
                    .set(map::default_url_redirect::STRIP_QUERY, false),
            )
            .purpose("Leads plain HTTP to HTTPS"),
    );
    plain(env, "redirect", redirect.get(map::ID), ip);
}

/// Plain HTTP to a map.
fn plain(env: &mut Env, suffix: &str, map: Value, ip: &Handle<address::M>) {
    let (proxy_name, rule_name) = (env.name(suffix), env.name("http"));
    let proxy = env.add(
        NodeBuilder::new(COMPONENT, http_proxy::KIND, "this")
            .set(http_proxy::NAME, proxy_name)
            .set(http_proxy::URL_MAP, map)
            .purpose("Speaks plain HTTP with callers"),
    );
    env.add(
        NodeBuilder::new(COMPONENT, rule::KIND, "http")
            .set(rule::NAME, rule_name)
            .set(rule::TARGET, proxy.get(http_proxy::ID))
            .set(rule::IP_ADDRESS, ip.get(address::ID))
            .set(rule::IP_PROTOCOL, "TCP")
            .set(rule::PORT_RANGE, "80")
            .set(rule::LOAD_BALANCING_SCHEME, SCHEME)
            .purpose("Takes plain HTTP from the internet"),
    );
}

fn say_records<'h>(env: &mut Env, hosts: impl Iterator<Item = &'h str>) {
    let hosts: Vec<&str> = hosts.collect();
    env.diagnostics.push(
        Diagnostic::note("records-to-make", format!("records of {} are made by hand", hosts.join(", ")))
            .because("Where the zones of host names are kept is not known.")
            .help("point an A record of each host name to the output `address` of `edge`; its certificate is given out within the hour after"),
    );
}
