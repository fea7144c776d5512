//! The edge: the load balancer that all public services share, its certificates and its firewall.
//!
//! With a host name there is HTTPS, and plain HTTP only redirects to it. Without one there is plain HTTP:
//! nobody can have a certificate for a load balancer's own name. Which paths lead where is said by the services.

use std::collections::BTreeMap;

use catalog::aws::{
    acm_certificate, acm_certificate_validation, data_ec2_managed_prefix_list, data_route53_zone, lb,
    lb_listener, lb_listener_certificate, route53_record, s3_bucket, security_group, wafv2_web_acl,
    wafv2_web_acl_association,
};
use design::{ServiceDesign, usage};
use ir::key::Handle;
use ir::units::HOURS_A_MONTH;
use ir::{Block, Diagnostic, NodeBuilder, Value};
use spec::Protocol;

use super::Env;
use super::env::{flag, matching, number, one_of, subnet_ids};
use super::firewall::{self, Peer};
use super::policy::{Grant, Principal};
use super::private_bucket::{BucketSpec, private_bucket};
use super::waf::{Scope, web_acl};

const COMPONENT: &str = "edge";

/// What the edge offers to services and sites.
#[derive(Clone)]
pub(crate) struct Edge {
    /// The load balancer.
    pub balancer: Handle<lb::M>,
    /// The listener that services add their rules to.
    pub listener: Handle<lb_listener::M>,
    /// Its security group's id.
    pub group: Value,
    /// A host name on its certificates, when the listener speaks TLS.
    pub host: Option<String>,
}

/// Adds the edge; `None` when no service is public.
pub(crate) fn lower(env: &mut Env) -> Option<Edge> {
    let design = env.design;
    let public: Vec<(&String, &ServiceDesign)> =
        design.services.iter().filter(|(_, s)| usage::balanced(s)).collect();
    if public.is_empty() {
        return None;
    }
    env.component(COMPONENT, "edge", "Load balancer, certificates and web application firewall");
    let hosts = hosts(&public);
    let https = !hosts.is_empty();
    say_limits(env, &public, https);

    let group = firewall::group(env, COMPONENT, "balancer", "balancer", "Guards the load balancer");
    let group_id = group.get(security_group::ID);
    open_to_clients(env, &group_id, https);
    let balancer = balancer(env, &group_id);
    let listener =
        if https { https_listeners(env, &balancer, &hosts) } else { http_listener(env, &balancer) };
    if design.network.firewall {
        let acl = web_acl(env, COMPONENT, &Scope::Regional, usage::balancer_requests(design));
        env.add(
            NodeBuilder::new(COMPONENT, wafv2_web_acl_association::KIND, "this")
                .set(wafv2_web_acl_association::RESOURCE_ARN, balancer.get(lb::ARN))
                .set(wafv2_web_acl_association::WEB_ACL_ARN, acl.get(wafv2_web_acl::ARN))
                .purpose("Puts the firewall in front of the load balancer"),
        );
    }
    let scheme = if https { "https" } else { "http" };
    let address = match hosts.values().next() {
        Some(host) => Value::from(format!("https://{host}")),
        None => Value::Template(vec![format!("{scheme}://").into(), balancer.get(lb::DNS_NAME)]),
    };
    let outputs = &mut env
        .graph
        .component(COMPONENT, "edge", "Load balancer, certificates and web application firewall")
        .outputs;
    outputs.insert("url".into(), ("Where the public services answer.".into(), address));
    let host = hosts.into_values().next();
    Some(Edge { balancer, listener, group: group_id, host })
}

/// Distinct host names, each by the first service that has it: the key must not change with the environment.
fn hosts(public: &[(&String, &ServiceDesign)]) -> BTreeMap<String, String> {
    let mut seen = std::collections::BTreeSet::new();
    let named = public.iter().filter_map(|(name, s)| Some((*name, s.public.as_ref()?.host.as_ref()?)));
    named.filter(|(_, host)| seen.insert((*host).clone())).map(|(n, h)| (n.clone(), h.clone())).collect()
}

/// What the load balancer cannot do for what was asked.
fn say_limits(env: &mut Env, public: &[(&String, &ServiceDesign)], https: bool) {
    if !https && !env.design.network.behind_sites {
        env.plain_http = public.iter().map(|(name, _)| (*name).clone()).collect();
    }
    for (name, service) in public {
        if service.protocol == Protocol::Tcp {
            env.diagnostics.push(
                Diagnostic::error(
                    "public-tcp",
                    format!("{name}: the load balancer speaks HTTP and gRPC, not bare TCP"),
                )
                .because("The shared load balancer routes by host and path, which bare TCP does not have.")
                .help("set `protocol: http` or `protocol: grpc`, or take `public` away"),
            );
        }
        if service.protocol == Protocol::Grpc && !https {
            env.diagnostics.push(
                Diagnostic::error("grpc-needs-tls", format!("{name}: public gRPC needs a host name"))
                    .because("A load balancer carries gRPC only over TLS, and TLS needs a host name.")
                    .help("give the service a host name: `host: api.example.com`"),
            );
        }
    }
}

/// Opens the balancer to the world, or only to content delivery where that carries every call.
fn open_to_clients(env: &mut Env, group: &Value, https: bool) {
    if env.design.network.behind_sites {
        use data_ec2_managed_prefix_list as list;
        let cloudfront = env.add(
            NodeBuilder::data(COMPONENT, list::KIND, "cloudfront")
                .set(list::NAME, "com.amazonaws.global.cloudfront.origin-facing")
                .purpose("The addresses CloudFront calls from"),
        );
        let from = Peer::PrefixList(cloudfront.get(list::ID));
        firewall::open(env, COMPONENT, "http", group.clone(), 80, from, "HTTP from CloudFront alone");
        return;
    }
    let anyone = || Peer::Range("0.0.0.0/0".into());
    firewall::open(env, COMPONENT, "http", group.clone(), 80, anyone(), "HTTP from the internet");
    if https {
        firewall::open(env, COMPONENT, "https", group.clone(), 443, anyone(), "HTTPS from the internet");
    }
}

fn balancer(env: &mut Env, group: &Value) -> Handle<lb::M> {
    let (logs, policy) = access_log_bucket(env);
    let protect = env.input(
        COMPONENT,
        "deletion_protection",
        flag("Refuse to delete the load balancer."),
        env.design.critical,
    );
    let idle = env.input(
        COMPONENT,
        "idle_timeout",
        number("Seconds that an idle connection is kept.", 1.0, 4000.0),
        60,
    );
    // Load balancer names end at 32 characters.
    let name = env.name_within(COMPONENT, "balancer_name", "", 32);
    let network = env.network();
    env.add(
        NodeBuilder::new(COMPONENT, lb::KIND, "this")
            .set(lb::NAME, name)
            .set(lb::LOAD_BALANCER_TYPE, "application")
            .set(lb::INTERNAL, false)
            .set(lb::SECURITY_GROUPS, Value::List(vec![group.clone()]))
            .set(lb::SUBNETS, subnet_ids(&network.public))
            .set(lb::IDLE_TIMEOUT, idle)
            .set(lb::DROP_INVALID_HEADER_FIELDS, true)
            .set(lb::DESYNC_MITIGATION_MODE, "defensive")
            .set(lb::ENABLE_DELETION_PROTECTION, protect)
            .block(
                lb::ACCESS_LOGS,
                Block::new()
                    .set(lb::access_logs::BUCKET, logs.get(s3_bucket::ID))
                    .set(lb::access_logs::ENABLED, true),
            )
            .depends_on(&policy)
            .usage("lcu_hours", usage::balancer_units(env.design) * HOURS_A_MONTH)
            .usage("gb_out", usage::balancer_gb_out(env.design))
            .usage("public_ipv4", network.public.len() as f64)
            .purpose("Takes requests from the internet to the public services"),
    )
}

/// The bucket for access logs and the address of its policy. Load balancers cannot write with a customer's key.
fn access_log_bucket(env: &mut Env) -> (Handle<s3_bucket::M>, ir::Address) {
    let days = env.input(
        COMPONENT,
        "access_log_days",
        number("Days that access logs are kept.", 1.0, 3653.0),
        usage::access_log_days(env.design),
    );
    let bucket = env.bucket_name(COMPONENT, "access-logs");
    let account = env.account(COMPONENT);
    let spec = BucketSpec {
        component: COMPONENT,
        name: "access_logs",
        bucket,
        purpose: "Keeps the load balancer's access log",
        key: None,
        expire_days: Some(days.clone()),
        noncurrent_days: days,
        protect: false,
        objects: usage::access_log(env.design),
    };
    let bucket = private_bucket(&mut env.graph, spec, |arn| {
        let objects = Value::Template(vec![arn.clone(), "/AWSLogs/".into(), account, "/*".into()]);
        // One principal holds for every region; the accounts of older regions are its forerunner (Elastic Load
        // Balancing user guide, access logs, 2025).
        vec![Grant {
            sid: "WriteFromService",
            deny: false,
            principal: Principal::Service("logdelivery.elasticloadbalancing.amazonaws.com"),
            actions: vec!["s3:PutObject"],
            resources: vec![objects],
            conditions: Vec::new(),
        }]
    });
    let policy = ir::Address::new(COMPONENT, catalog::aws::s3_bucket_policy::KIND.kind(), "access_logs");
    (bucket, policy)
}

/// Plain HTTP: what is not routed by a service's rule is not found.
fn http_listener(env: &mut Env, balancer: &Handle<lb::M>) -> Handle<lb_listener::M> {
    env.add(
        NodeBuilder::new(COMPONENT, lb_listener::KIND, "http")
            .set(lb_listener::LOAD_BALANCER_ARN, balancer.get(lb::ARN))
            .set(lb_listener::PORT, 80)
            .set(lb_listener::PROTOCOL, "HTTP")
            .block(lb_listener::DEFAULT_ACTION, not_found())
            .purpose("Takes HTTP requests; there is no host name to have a certificate for"),
    )
}

/// HTTPS with a certificate for every host, and HTTP that redirects to it.
fn https_listeners(
    env: &mut Env,
    balancer: &Handle<lb::M>,
    hosts: &BTreeMap<String, String>,
) -> Handle<lb_listener::M> {
    use lb_listener::default_action as action;
    env.add(
        NodeBuilder::new(COMPONENT, lb_listener::KIND, "http")
            .set(lb_listener::LOAD_BALANCER_ARN, balancer.get(lb::ARN))
            .set(lb_listener::PORT, 80)
            .set(lb_listener::PROTOCOL, "HTTP")
            .block(
                lb_listener::DEFAULT_ACTION,
                Block::new().set(action::TYPE, "redirect").block(
                    action::REDIRECT,
                    Block::new()
                        .set(action::redirect::PORT, "443")
                        .set(action::redirect::PROTOCOL, "HTTPS")
                        .set(action::redirect::STATUS_CODE, "HTTP_301"),
                ),
            )
            .purpose("Sends plain HTTP to HTTPS"),
    );
    let certificates: Vec<(String, Value)> = hosts
        .iter()
        .map(|(service, host)| {
            let alias = (balancer.get(lb::DNS_NAME), balancer.get(lb::ZONE_ID));
            (service.clone(), certificate(env, COMPONENT, service, host, None, alias))
        })
        .collect();
    let policy = env.input(
        COMPONENT,
        "tls_policy",
        one_of(
            "Which TLS versions and ciphers the load balancer accepts.",
            ["ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-TLS13-1-3-2021-06"],
        ),
        "ELBSecurityPolicy-TLS13-1-2-2021-06",
    );
    let mut certificates = certificates.into_iter();
    let (_, first) = certificates.next().expect("HTTPS is only chosen when there is a host");
    let listener = env.add(
        NodeBuilder::new(COMPONENT, lb_listener::KIND, "https")
            .set(lb_listener::LOAD_BALANCER_ARN, balancer.get(lb::ARN))
            .set(lb_listener::PORT, 443)
            .set(lb_listener::PROTOCOL, "HTTPS")
            .set(lb_listener::SSL_POLICY, policy)
            .set(lb_listener::CERTIFICATE_ARN, first)
            .block(lb_listener::DEFAULT_ACTION, not_found())
            .purpose("Takes HTTPS requests; what no service asked for is not found"),
    );
    for (service, certificate) in certificates {
        env.add(
            NodeBuilder::new(COMPONENT, lb_listener_certificate::KIND, "this")
                .key(service)
                .set(lb_listener_certificate::LISTENER_ARN, listener.get(lb_listener::ARN))
                .set(lb_listener_certificate::CERTIFICATE_ARN, certificate)
                .purpose("Lets the listener answer for one more host name"),
        );
    }
    listener
}

/// A validated certificate for a host in a public Route 53 zone, and the record that leads the host to `alias`
/// (name and zone). `key` names the instance; returns the certificate's ARN once it is valid.
pub(crate) fn certificate(
    env: &mut Env,
    component: &str,
    key: &str,
    host: &str,
    region: Option<&str>,
    alias: (Value, Value),
) -> Value {
    let input = |what: &str| format!("{}_{what}", key.replace('-', "_"));
    let pattern = r"^([a-z0-9_]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$";
    let host_value = env.input(
        component,
        &input("host"),
        matching(format!("Host name of {key}."), pattern, "a host name such as api.example.com"),
        host,
    );
    let zone_value = env.input(
        component,
        &input("zone"),
        matching(
            format!("Public hosted zone that holds the host name of {key}."),
            pattern,
            "a domain such as example.com",
        ),
        parent_domain(host),
    );
    let zone = env.add(
        NodeBuilder::data(component, data_route53_zone::KIND, "this")
            .key(key)
            .set(data_route53_zone::NAME, zone_value)
            .set(data_route53_zone::PRIVATE_ZONE, false)
            .purpose("The zone where the host name's records are kept"),
    );
    let zone_id = zone.get(data_route53_zone::ZONE_ID);
    let mut builder = NodeBuilder::new(component, acm_certificate::KIND, "this")
        .key(key)
        .set(acm_certificate::DOMAIN_NAME, host_value.clone())
        .set(acm_certificate::VALIDATION_METHOD, "DNS")
        .lifecycle(ir::Lifecycle { create_before_destroy: true, ..Default::default() })
        .purpose("Proves to browsers that the host is ours");
    if let Some(region) = region {
        builder = builder.region(region);
    }
    let certificate = env.add(builder);
    let option = |field| certificate.get_at(acm_certificate::DOMAIN_VALIDATION_OPTIONS, 0, field);
    let proof = env.add(
        NodeBuilder::new(component, route53_record::KIND, "validation")
            .key(key)
            .set(route53_record::ZONE_ID, zone_id.clone())
            .set(route53_record::NAME, option("resource_record_name"))
            .set(route53_record::TYPE, option("resource_record_type"))
            .set(route53_record::TTL, 60)
            .set(route53_record::RECORDS, Value::List(vec![option("resource_record_value")]))
            .set(route53_record::ALLOW_OVERWRITE, true)
            .purpose("Proves to the certificate authority that the domain is ours, also at each renewal"),
    );
    let mut builder = NodeBuilder::new(component, acm_certificate_validation::KIND, "this")
        .key(key)
        .set(acm_certificate_validation::CERTIFICATE_ARN, certificate.get(acm_certificate::ARN))
        .set(
            acm_certificate_validation::VALIDATION_RECORD_FQDNS,
            Value::List(vec![proof.get(route53_record::FQDN)]),
        )
        .purpose("Waits until the certificate may be used");
    if let Some(region) = region {
        builder = builder.region(region);
    }
    let valid = env.add(builder);
    for record in ["A", "AAAA"] {
        // A load balancer of this network has IPv4 addresses only; CloudFront has both.
        if record == "AAAA" && region.is_none() {
            continue;
        }
        env.add(
            NodeBuilder::new(component, route53_record::KIND, &format!("host_{}", record.to_lowercase()))
                .key(key)
                .set(route53_record::ZONE_ID, zone_id.clone())
                .set(route53_record::NAME, host_value.clone())
                .set(route53_record::TYPE, record)
                .block(
                    route53_record::ALIAS,
                    Block::new()
                        .set(route53_record::alias::NAME, alias.0.clone())
                        .set(route53_record::alias::ZONE_ID, alias.1.clone())
                        .set(route53_record::alias::EVALUATE_TARGET_HEALTH, false),
                )
                .purpose("Leads the host name here"),
        );
    }
    valid.get(acm_certificate_validation::CERTIFICATE_ARN)
}

/// The zone that a host is most likely in: its parent, or itself when it has only two labels.
fn parent_domain(host: &str) -> String {
    match host.split_once('.') {
        Some((_, parent)) if parent.contains('.') => parent.to_owned(),
        _ => host.to_owned(),
    }
}

fn not_found() -> Block<lb_listener::default_action::M> {
    use lb_listener::default_action as action;
    Block::new().set(action::TYPE, "fixed-response").block(
        action::FIXED_RESPONSE,
        Block::new()
            .set(action::fixed_response::CONTENT_TYPE, "text/plain")
            .set(action::fixed_response::MESSAGE_BODY, "Not found")
            .set(action::fixed_response::STATUS_CODE, "404"),
    )
}

#[cfg(test)]
mod tests {
    use super::parent_domain;

    #[test]
    fn a_hosts_zone_is_its_parent_unless_that_is_a_top_level_domain() {
        for (host, zone) in
            [("api.shop.example", "shop.example"), ("shop.example", "shop.example"), ("x", "x"), ("", "")]
        {
            assert_eq!(parent_domain(host), zone);
        }
    }
}
