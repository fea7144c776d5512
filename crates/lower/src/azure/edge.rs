//! The edge: Front Door, which carries calls to sites and to services that stand behind content delivery.
//!
//! One profile and, where the design asks for it, one firewall serve all of an environment. Each site and service
//! brings its own origin and routes, so that adding one touches no other. With a firewall the environment of the
//! containers is closed to the internet, and Front Door reaches it by a private link that somebody approves once.

use catalog::azurerm::{
    cdn_frontdoor_custom_domain as domain, cdn_frontdoor_custom_domain_association as domain_association,
    cdn_frontdoor_endpoint as endpoint, cdn_frontdoor_firewall_policy as firewall,
    cdn_frontdoor_origin as origin, cdn_frontdoor_origin_group as origins, cdn_frontdoor_profile as profile,
    cdn_frontdoor_route as route, cdn_frontdoor_security_policy as guard, container_app_environment,
};
use design::{Compute, Door, EnvironmentDesign, ServiceDesign, usage};
use ir::key::Handle;
use ir::{Block, Diagnostic, NodeBuilder, Value};
use spec::Protocol;

use super::env::{number, one_of, text};
use super::{Env, cluster, logs};
use crate::names::join;

const COMPONENT: &str = "edge";
/// Managed rules and their versions, and what is done about a call that breaks one.
/// Source: learn.microsoft.com/azure/web-application-firewall/afds/waf-front-door-drs, 2025.
static MANAGED: &[(&str, &str)] =
    &[("Microsoft_DefaultRuleSet", "2.1"), ("Microsoft_BotManagerRuleSet", "1.1")];

/// Adds the profile, its firewall, and the endpoint that services share; nothing where nothing is delivered.
pub(crate) fn lower(env: &mut Env) {
    if !delivers(env.design) {
        return;
    }
    env.component(COMPONENT, "edge", "Content delivery and its web application firewall");
    let guarded = guarded(env);
    let decl =
        one_of("Tier; the firewall's managed rules and private links need premium.", TIERS.iter().copied());
    let tier = env.input(COMPONENT, "tier", decl, if guarded { TIERS[0] } else { TIERS[1] });
    let (name, group) = (env.name(""), env.group());
    let design = env.design;
    let served = usage::deliveries(design);
    let (calls, calls_gb) = match design.network.door {
        Door::ContentDelivery => (usage::balancer_requests(design), usage::public_gb_out(design)),
        _ => (served.calls, served.calls_gb),
    };
    let made = env.add(
        NodeBuilder::new(COMPONENT, profile::KIND, "this")
            .set(profile::NAME, name)
            .set(profile::RESOURCE_GROUP_NAME, group)
            .set(profile::SKU_NAME, tier.clone())
            .set(profile::RESPONSE_TIMEOUT_SECONDS, 60)
            .usage("requests", served.files + calls)
            .usage("gb_out", served.files_gb + calls_gb)
            .usage("gb_origin", 0.0)
            .purpose("Carries calls from the nearest place, with certificates that renew themselves"),
    );
    if guarded {
        lower_firewall(env, tier);
        let logs = ["FrontDoorWebApplicationFirewallLog"];
        logs::collect(env, COMPONENT, "the firewall", made.get(profile::ID), &logs);
    }
    env.front_door = Some(made);
    if shared_endpoint(env) {
        let made = lower_endpoint(env, COMPONENT, "Where services answer");
        protect(env, COMPONENT, "this", made.get(endpoint::ID));
        let address = join(["https://".into(), made.get(endpoint::HOST_NAME)]);
        let outputs = &mut env.graph.components.entry(COMPONENT.to_owned()).or_default().outputs;
        outputs.insert("url".into(), ("Where the public services answer.".into(), address));
    }
    if cluster::closed(env) {
        say_approval(env);
    }
}

/// With a firewall, and without.
const TIERS: [&str; 2] = ["Premium_AzureFrontDoor", "Standard_AzureFrontDoor"];

/// Whether anything of an environment goes through content delivery.
fn delivers(design: &EnvironmentDesign) -> bool {
    design.services.values().any(|service| match service.compute {
        Compute::StaticSite { .. } => true,
        _ => service.public.is_some() && design.network.door == Door::ContentDelivery,
    })
}

/// Whether services of the environment share an endpoint of their own.
fn shared_endpoint(env: &Env) -> bool {
    let design = env.design;
    design.network.door == Door::ContentDelivery && design.services.values().any(usage::balanced)
}

fn guarded(env: &Env) -> bool {
    env.design.network.firewall || env.design.network.site_firewall
}

fn profile_id(env: &Env) -> Value {
    env.front_door.as_ref().expect("the profile stands where anything is delivered").get(profile::ID)
}

fn lower_firewall(env: &mut Env, tier: Value) {
    let letters: String = env.prefix().chars().filter(char::is_ascii_alphanumeric).collect();
    let name =
        env.input(COMPONENT, "firewall", text("Name of the firewall's rules: letters and digits."), letters);
    let decl = number("Calls a minute from one address from which on it is shut out.", 10.0, 1e9);
    let most = env.input(COMPONENT, "calls_a_minute", decl, CALLS_A_MINUTE);
    let group = env.group();
    use firewall::{custom_rule as custom, custom_rule::match_condition as matches, managed_rule as managed};
    let everybody = Block::new()
        .set(matches::MATCH_VARIABLE, "RemoteAddr")
        .set(matches::OPERATOR, "IPMatch")
        .set(matches::NEGATION_CONDITION, false)
        .set(matches::MATCH_VALUES, Value::list(["0.0.0.0/0", "::/0"]));
    let floods = Block::new()
        .set(custom::NAME, "floods")
        .set(custom::TYPE, "RateLimitRule")
        .set(custom::ACTION, "Block")
        .set(custom::PRIORITY, 100)
        .set(custom::RATE_LIMIT_DURATION_IN_MINUTES, 1)
        .set(custom::RATE_LIMIT_THRESHOLD, most)
        .block(custom::MATCH_CONDITION, everybody);
    let mut builder = NodeBuilder::new(COMPONENT, firewall::KIND, "this")
        .set(firewall::NAME, name)
        .set(firewall::RESOURCE_GROUP_NAME, group)
        .set(firewall::SKU_NAME, tier)
        .set(firewall::ENABLED, true)
        .set(firewall::MODE, "Prevention")
        .block(firewall::CUSTOM_RULE, floods);
    for (ty, version) in MANAGED {
        let rules = Block::new()
            .set(managed::TYPE, *ty)
            .set(managed::VERSION, *version)
            .set(managed::ACTION, "Block");
        builder = builder.block(firewall::MANAGED_RULE, rules);
    }
    env.add(builder.purpose("Stops known attacks, bots and floods before they reach a program"));
}

/// Calls a minute that one address may make: what many people behind one address do.
const CALLS_A_MINUTE: i64 = 2000;

/// Puts the firewall, where there is one, in front of an endpoint or a domain.
fn protect(env: &mut Env, component: &str, node: &str, what: Value) {
    if !guarded(env) {
        return;
    }
    use guard::security_policies::{self as policies, firewall as wall, firewall::association};
    let rules = NodeBuilder::new(COMPONENT, firewall::KIND, "this").get(firewall::ID);
    let domain = Block::new().set(association::domain::CDN_FRONTDOOR_DOMAIN_ID, what);
    let association = Block::new()
        .set(association::PATTERNS_TO_MATCH, Value::list(["/*"]))
        .block(association::DOMAIN, domain);
    let wall =
        Block::new().set(wall::CDN_FRONTDOOR_FIREWALL_POLICY_ID, rules).block(wall::ASSOCIATION, association);
    let (name, profile) = (env.name(&format!("{component}-{node}")), profile_id(env));
    env.add(
        NodeBuilder::new(component, guard::KIND, node)
            .set(guard::NAME, name)
            .set(guard::CDN_FRONTDOOR_PROFILE_ID, profile)
            .block(guard::SECURITY_POLICIES, Block::new().block(policies::FIREWALL, wall))
            .purpose("Puts the firewall in front"),
    );
}

/// An endpoint, whose name Azure makes unlike any other.
fn lower_endpoint(env: &mut Env, component: &str, purpose: &str) -> Handle<endpoint::M> {
    let suffix = if component == COMPONENT { "" } else { component };
    let name = env.name_within(component, "endpoint", suffix, 46);
    let profile = profile_id(env);
    env.add(
        NodeBuilder::new(component, endpoint::KIND, "this")
            .set(endpoint::NAME, name)
            .set(endpoint::CDN_FRONTDOOR_PROFILE_ID, profile)
            .purpose(purpose),
    )
}

/// Where calls are sent on to.
pub(crate) struct Target {
    /// Host name.
    pub host: Value,
    /// Path that answers when it is well; `None`: nobody asks.
    pub health: Option<Value>,
    /// Whether it is reached by a private link to the environment of the containers.
    pub private: bool,
}

/// What delivers calls to one target.
pub(crate) struct Delivered {
    group: Handle<origins::M>,
    origin: Handle<origin::M>,
}

/// Adds a target under a node name.
pub(crate) fn target(env: &mut Env, component: &str, node: &str, target: Target) -> Delivered {
    let name = env.name_within(component, &format!("{node}_origin"), &format!("{component}-{node}"), 90);
    let profile = profile_id(env);
    let balancing = Block::new()
        .set(origins::load_balancing::SAMPLE_SIZE, 4)
        .set(origins::load_balancing::SUCCESSFUL_SAMPLES_REQUIRED, 3);
    let mut builder = NodeBuilder::new(component, origins::KIND, node)
        .set(origins::NAME, name.clone())
        .set(origins::CDN_FRONTDOOR_PROFILE_ID, profile)
        .set(origins::SESSION_AFFINITY_ENABLED, false)
        .block(origins::LOAD_BALANCING, balancing);
    if let Some(path) = target.health {
        let probe = Block::new()
            .set(origins::health_probe::PROTOCOL, "Https")
            .set(origins::health_probe::PATH, path)
            .set(origins::health_probe::REQUEST_TYPE, "GET")
            .set(origins::health_probe::INTERVAL_IN_SECONDS, 60);
        builder = builder.block(origins::HEALTH_PROBE, probe);
    }
    let group = env.add(builder.purpose("Knows whether what calls are sent on to is well"));
    let mut builder = NodeBuilder::new(component, origin::KIND, node)
        .set(origin::NAME, name)
        .set(origin::CDN_FRONTDOOR_ORIGIN_GROUP_ID, group.get(origins::ID))
        .set(origin::ENABLED, true)
        .set(origin::HOST_NAME, target.host.clone())
        .set(origin::ORIGIN_HOST_HEADER, target.host)
        .set(origin::HTTPS_PORT, 443)
        .set(origin::CERTIFICATE_NAME_CHECK_ENABLED, true);
    if target.private {
        let cluster = env.cluster.as_ref().expect("services run in an environment");
        let link = Block::new()
            .set(origin::private_link::PRIVATE_LINK_TARGET_ID, cluster.get(container_app_environment::ID))
            .set(origin::private_link::TARGET_TYPE, "managedEnvironments")
            .set(origin::private_link::LOCATION, env.location())
            .set(origin::private_link::REQUEST_MESSAGE, "Front Door");
        builder = builder.block(origin::PRIVATE_LINK, link);
    }
    let origin = env.add(builder.purpose("Where calls are sent on to"));
    Delivered { group, origin }
}

/// Calls of some paths.
pub(crate) struct Route {
    /// The node's name.
    pub node: String,
    /// The endpoint.
    pub endpoint: Value,
    /// Paths, such as `/api/*`.
    pub paths: Vec<Value>,
    /// A domain of its own; the endpoint's otherwise.
    pub domain: Option<Value>,
    /// Rules of files, which are kept near their readers.
    pub files: Option<Value>,
}

/// Adds a route to a target.
pub(crate) fn add_route(env: &mut Env, component: &str, to: &Delivered, asked: Route) -> Handle<route::M> {
    let name = env.name_within(
        component,
        &format!("{}_route", asked.node),
        &format!("{component}-{}", asked.node),
        90,
    );
    let mut builder = NodeBuilder::new(component, route::KIND, &asked.node)
        .set(route::NAME, name)
        .set(route::CDN_FRONTDOOR_ENDPOINT_ID, asked.endpoint)
        .set(route::CDN_FRONTDOOR_ORIGIN_GROUP_ID, to.group.get(origins::ID))
        .set(route::CDN_FRONTDOOR_ORIGIN_IDS, vec![to.origin.get(origin::ID)])
        .set(route::PATTERNS_TO_MATCH, Value::List(asked.paths))
        .set(route::SUPPORTED_PROTOCOLS, Value::list(["Http", "Https"]))
        .set(route::HTTPS_REDIRECT_ENABLED, true)
        .set(route::FORWARDING_PROTOCOL, "HttpsOnly")
        .set(route::LINK_TO_DEFAULT_DOMAIN, asked.domain.is_none());
    if let Some(domain) = asked.domain {
        builder = builder.set(route::CDN_FRONTDOOR_CUSTOM_DOMAIN_IDS, vec![domain]);
    }
    if let Some(rules) = asked.files {
        let cache = Block::new()
            .set(route::cache::QUERY_STRING_CACHING_BEHAVIOR, "IgnoreQueryString")
            .set(route::cache::COMPRESSION_ENABLED, true)
            .set(route::cache::CONTENT_TYPES_TO_COMPRESS, Value::list(COMPRESSED.iter().copied()));
        builder = builder.set(route::CDN_FRONTDOOR_RULE_SET_IDS, vec![rules]).block(route::CACHE, cache);
    }
    env.add(builder.purpose("Says which calls lead there, and redirects plain HTTP to TLS"))
}

/// Types of files that are sent compressed.
static COMPRESSED: &[&str] = &[
    "application/javascript",
    "application/json",
    "application/wasm",
    "image/svg+xml",
    "text/css",
    "text/html",
    "text/javascript",
    "text/plain",
];

/// An endpoint of a component's own, behind the firewall; with its custom domain where a host is given.
pub(crate) fn own_endpoint(
    env: &mut Env,
    component: &str,
    host: Option<&str>,
    purpose: &str,
) -> (Handle<endpoint::M>, Option<Handle<domain::M>>) {
    let made = lower_endpoint(env, component, purpose);
    protect(env, component, "this", made.get(endpoint::ID));
    let domain = host.map(|host| lower_domain(env, component, host));
    (made, domain)
}

/// A domain of the user's, with a certificate that Front Door renews once the name points here.
pub(crate) fn lower_domain(env: &mut Env, component: &str, host: &str) -> Handle<domain::M> {
    let decl = text("Host name that people know.");
    let value = env.input(component, "host", decl, host);
    let (name, profile) = (env.name(&host_label(host)), profile_id(env));
    let name = env.input(
        component,
        "domain_name",
        text("Name of the domain within the profile."),
        name.text().unwrap_or_default(),
    );
    let made = env.add(
        NodeBuilder::new(component, domain::KIND, "this")
            .set(domain::NAME, name)
            .set(domain::CDN_FRONTDOOR_PROFILE_ID, profile)
            .set(domain::HOST_NAME, value)
            .block(
                domain::TLS,
                Block::new()
                    .set(domain::tls::CERTIFICATE_TYPE, "ManagedCertificate")
                    .set(domain::tls::MINIMUM_VERSION, "TLS12"),
            )
            .purpose(format!("Answers as {host}")),
    );
    protect(env, component, "domain", made.get(domain::ID));
    let outputs = &mut env.graph.components.entry(component.to_owned()).or_default().outputs;
    let words =
        "Value of the TXT record `_dnsauth` below the host name, which proves that it is yours.".to_owned();
    outputs.insert("domain_proof".into(), (words, made.get(domain::VALIDATION_TOKEN)));
    env.diagnostics.push(
        Diagnostic::note("host-to-point", format!("the name {host} is to be pointed at Front Door"))
            .because("Front Door takes a name once its owner has proved that it is theirs, and makes its certificate then.")
            .help(format!(
                "make a TXT record `_dnsauth.{host}` with the output `domain_proof`, and a CNAME record `{host}` to the endpoint's host name"
            )),
    );
    made
}

/// Ties a domain to the routes that answer for it.
pub(crate) fn tie(env: &mut Env, component: &str, to: &Handle<domain::M>, routes: Vec<Value>) {
    env.add(
        NodeBuilder::new(component, domain_association::KIND, "this")
            .set(domain_association::CDN_FRONTDOOR_CUSTOM_DOMAIN_ID, to.get(domain::ID))
            .set(domain_association::CDN_FRONTDOOR_ROUTE_IDS, Value::List(routes))
            .purpose("Ties the domain to what answers for it"),
    );
}

/// A host name as a name within a profile: dots become dashes.
fn host_label(host: &str) -> String {
    host.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}

/// Puts a public service behind the shared endpoint.
pub(crate) fn publish(env: &mut Env, component: &str, name: &str, service: &ServiceDesign, host: Value) {
    let Some(public) = &service.public else { return };
    if env.design.network.door != Door::ContentDelivery {
        return;
    }
    if service.protocol != Protocol::Http {
        env.diagnostics.push(
            Diagnostic::error("front-door-speaks-http", format!("{name}: Front Door carries HTTP alone"))
                .because("Neither gRPC nor bare TCP passes through it.")
                .help("set `protocol: http`, or take `public` away"),
        );
        return;
    }
    let health = service.health.as_ref().map(|path| {
        env.input(
            component,
            "health_path",
            text("Path that answers when the service is well."),
            path.as_str(),
        )
    });
    let private = cluster::closed(env);
    let to = target(env, component, "this", Target { host, health, private });
    let endpoint = NodeBuilder::new(COMPONENT, endpoint::KIND, "this").get(endpoint::ID);
    let paths = if public.paths.is_empty() {
        vec!["/*".into()]
    } else {
        public.paths.iter().map(Value::from).collect()
    };
    let domain = public.host.as_ref().map(|host| lower_domain(env, component, host));
    let asked = Route {
        node: "this".to_owned(),
        endpoint,
        paths,
        domain: domain.as_ref().map(|d| d.get(domain::ID)),
        files: None,
    };
    let made = add_route(env, component, &to, asked);
    if let Some(domain) = domain {
        tie(env, component, &domain, vec![made.get(route::ID)]);
    }
}

fn say_approval(env: &mut Env) {
    let group = super::env::group_name(env.blueprint, &env.design.name);
    env.diagnostics.push(
        Diagnostic::note("private-link-to-approve", format!("{}: a private link waits to be approved", env.design.name))
            .because("Front Door asks to be let into the environment of the containers, and Azure wants a person to agree once.")
            .help(format!(
                "after the first apply, run `az network private-endpoint-connection list --resource-group {group} --name {prefix} --type Microsoft.App/managedEnvironments`, and `approve` with the id that is pending",
                prefix = env.prefix(),
            )),
    );
}
