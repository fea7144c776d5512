//! Static sites: files in a private bucket, served by CloudFront.
//!
//! CloudFront alone may read the bucket, with signed requests. Some paths may lead to a service behind the load
//! balancer instead, so that a browser sees one origin. CloudFront's firewall and certificates live in
//! us-east-1 whatever the region: AWS has them nowhere else.

use catalog::aws::{
    cloudfront_distribution, cloudfront_function, cloudfront_origin_access_control, lb, s3_bucket,
    wafv2_web_acl,
};
use cloudfront_distribution as dist;
use design::{Compute, ServiceDesign, usage};
use ir::key::Handle;
use ir::{Block, Diagnostic, NodeBuilder, Value};

use super::Env;
use super::edge::{Edge, certificate};
use super::env::{number, one_of};
use super::identity::below;
use super::policy::{Grant, Principal};
use super::private_bucket::{BucketSpec, private_bucket};
use super::waf::{Scope, web_acl};

/// Where CloudFront's firewalls and certificates are kept.
const GLOBAL_REGION: &str = "us-east-1";

/// The component that all sites share.
const SHARED: &str = "cdn";

/// Policies that CloudFront maintains, by their published ids, written down from general knowledge and not
/// verified. Where they are published:
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html>,
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html>,
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-response-headers-policies.html>.
mod managed {
    /// `CachingOptimized`: caches by path alone.
    pub(super) const CACHE: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";
    /// `CachingDisabled`.
    pub(super) const NO_CACHE: &str = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
    /// `AllViewer`: hands everything the browser sent to the origin, its host name too.
    pub(super) const ALL_VIEWER: &str = "216adef6-5c7f-47e4-b989-5492eafa07d3";
    /// `AllViewerExceptHostHeader`: as above, but the origin sees its own host name.
    pub(super) const ALL_BUT_HOST: &str = "b689b0a8-53d0-40ab-baf2-68738e2966ac";
    /// `SecurityHeadersPolicy`: HSTS, no sniffing, no framing by others, a strict referrer.
    pub(super) const SECURITY_HEADERS: &str = "67f7725c-6f97-4210-82d7-5512b31e9d03";
}

/// Leads a path without an extension to the page that routes it in the browser. A distribution-wide error page
/// would do the same, and would also turn a service's own 404 into a 200.
const REWRITE: &str = "function handler(event) {
  var request = event.request;
  if (!request.uri.split('/').pop().includes('.')) {
    request.uri = '/index.html';
  }
  return request;
}
";

/// Adds all static sites and what they share.
pub(crate) fn lower(env: &mut Env, edge: Option<&Edge>) {
    let design = env.design;
    let sites: Vec<_> = design
        .services
        .iter()
        .filter_map(|(name, service)| match &service.compute {
            Compute::StaticSite { routes, .. } => Some((name, service, routes.as_slice())),
            _ => None,
        })
        .collect();
    if sites.is_empty() {
        return;
    }
    let region = (env.blueprint.region != GLOBAL_REGION).then_some(GLOBAL_REGION);
    let acl = design.network.site_firewall.then(|| {
        env.component(SHARED, "cdn", "Web application firewall of the content delivery network");
        let scope = region.map_or(Scope::CloudFrontAtHome, Scope::CloudFront);
        web_acl(env, SHARED, &scope, usage::delivered_requests(design))
    });
    for (name, service, routes) in sites {
        site(env, name, service, routes, edge, acl.as_ref(), region);
    }
}

fn site(
    env: &mut Env,
    name: &str,
    service: &ServiceDesign,
    routes: &[(String, String)],
    edge: Option<&Edge>,
    acl: Option<&Handle<wafv2_web_acl::M>>,
    region: Option<&str>,
) {
    let component = env.service_component(name);
    let description = format!("{name} as a static site on CloudFront");
    env.component(&component, "site", description.as_str());
    let routes = known_routes(env, name, routes, edge);
    let files = files(env, &component, name, service);
    let access_name = env.name_within(&component, "access_control_name", name, 64);
    let access = env.add(
        NodeBuilder::new(&component, cloudfront_origin_access_control::KIND, "this")
            .set(cloudfront_origin_access_control::NAME, access_name)
            .set(cloudfront_origin_access_control::DESCRIPTION, format!("Reads the files of {name}"))
            .set(cloudfront_origin_access_control::ORIGIN_ACCESS_CONTROL_ORIGIN_TYPE, "s3")
            .set(cloudfront_origin_access_control::SIGNING_BEHAVIOR, "always")
            .set(cloudfront_origin_access_control::SIGNING_PROTOCOL, "sigv4")
            .purpose("Signs CloudFront's requests to the bucket, which answers no others"),
    );
    let host = service.public.as_ref().and_then(|p| p.host.as_deref());
    let own = NodeBuilder::new(&component, dist::KIND, "this").handle();
    let proven = host.map(|host| {
        let alias = (own.get(dist::DOMAIN_NAME), own.get(dist::HOSTED_ZONE_ID));
        certificate(env, &component, name, host, region, alias)
    });
    let price_class = env.input(
        &component,
        "price_class",
        one_of("Where CloudFront answers from.", ["PriceClass_100", "PriceClass_200", "PriceClass_All"]),
        "PriceClass_100",
    );
    let comment = Value::Template(vec![env.name(""), format!(": {name}").into()]);
    let mut builder = NodeBuilder::new(&component, dist::KIND, "this")
        .set(dist::COMMENT, comment)
        .set(dist::ENABLED, true)
        .set(dist::IS_IPV6_ENABLED, true)
        .set(dist::HTTP_VERSION, "http2and3")
        .set(dist::DEFAULT_ROOT_OBJECT, "index.html")
        .set(dist::PRICE_CLASS, price_class)
        .set_opt(dist::ALIASES, host.map(|_| host_list(env, &component, name, host)))
        .set_opt(dist::WEB_ACL_ID, acl.map(|acl| acl.get(wafv2_web_acl::ARN)))
        .block(
            dist::ORIGIN,
            Block::new()
                .set(dist::origin::ORIGIN_ID, FILES)
                .set(dist::origin::DOMAIN_NAME, files.get(s3_bucket::BUCKET_REGIONAL_DOMAIN_NAME))
                .set(
                    dist::origin::ORIGIN_ACCESS_CONTROL_ID,
                    access.get(cloudfront_origin_access_control::ID),
                ),
        );
    let services: std::collections::BTreeSet<&str> = routes.iter().map(|(_, to)| to.as_str()).collect();
    if let Some(edge) = edge {
        for to in services {
            builder = builder.block(dist::ORIGIN, balancer_origin(env, edge, to));
        }
    }
    let served = usage::delivery(env.design, service);
    let rewrite = (!routes.is_empty()).then(|| rewrite(env, &component, name, served.files));
    builder = builder.block(dist::DEFAULT_CACHE_BEHAVIOR, file_behavior(rewrite.as_ref()));
    for (path, to) in &routes {
        builder = builder.block(dist::ORDERED_CACHE_BEHAVIOR, service_behavior(env, path, to, edge));
    }
    if routes.is_empty() {
        for code in [403, 404] {
            builder = builder.block(dist::CUSTOM_ERROR_RESPONSE, browser_routed(code));
        }
    }
    use dist::restrictions::geo_restriction;
    let certificate = match &proven {
        Some(arn) => Block::new()
            .set(dist::viewer_certificate::ACM_CERTIFICATE_ARN, arn.clone())
            .set(dist::viewer_certificate::SSL_SUPPORT_METHOD, "sni-only")
            .set(dist::viewer_certificate::MINIMUM_PROTOCOL_VERSION, "TLSv1.2_2021"),
        None => Block::new().set(dist::viewer_certificate::CLOUDFRONT_DEFAULT_CERTIFICATE, true),
    };
    let site = env.add(
        builder
            .block(
                dist::RESTRICTIONS,
                Block::new().block(
                    dist::restrictions::GEO_RESTRICTION,
                    Block::new().set(geo_restriction::RESTRICTION_TYPE, "none"),
                ),
            )
            .block(dist::VIEWER_CERTIFICATE, certificate)
            .usage("requests", served.requests())
            .usage("gb_out", served.gb_out())
            .purpose(format!("Serves {name} from near its users, over TLS alone")),
    );
    let address = match host {
        Some(host) => Value::from(format!("https://{host}")),
        None => Value::Template(vec!["https://".into(), site.get(dist::DOMAIN_NAME)]),
    };
    let outputs = &mut env.graph.component(&component, "site", description).outputs;
    outputs.insert("url".into(), ("Where the site answers.".into(), address));
    outputs.insert(
        "bucket".into(),
        ("Bucket that the pipeline copies the files to.".into(), files.get(s3_bucket::ID)),
    );
    outputs.insert(
        "distribution".into(),
        ("Distribution whose cache the pipeline clears.".into(), site.get(dist::ID)),
    );
}

/// Id of the origin that holds the files.
const FILES: &str = "files";

/// Routes whose service is behind the load balancer; the others are said and left out.
fn known_routes(
    env: &mut Env,
    name: &str,
    routes: &[(String, String)],
    edge: Option<&Edge>,
) -> Vec<(String, String)> {
    let mut known = Vec::new();
    for (path, to) in routes {
        let reached = env.design.services.get(to).is_some_and(usage::balanced);
        if edge.is_some() && reached {
            known.push((path.clone(), to.clone()));
            continue;
        }
        env.diagnostics.push(
            Diagnostic::warning(
                "route-to-nothing",
                format!("{name}: `{path}` leads to {to}, which is not behind the load balancer"),
            )
            .because("CloudFront reaches services through the load balancer, where only public ones are.")
            .help(format!("make {to} public, or take the route away")),
        );
    }
    known
}

/// The input that [`certificate`] declared, as a list.
fn host_list(env: &Env, component: &str, key: &str, host: Option<&str>) -> Value {
    let name = format!("{}_host", key.replace('-', "_"));
    debug_assert!(env.graph.components[component].inputs.contains_key(&name));
    Value::List(vec![Value::Input(Box::new(ir::Input { name, value: host.unwrap_or_default().into() }))])
}

/// The bucket of a site's files. They are made again at each deployment, so losing it loses nothing.
fn files(env: &mut Env, component: &str, name: &str, service: &ServiceDesign) -> Handle<s3_bucket::M> {
    let days = env.input(
        component,
        "noncurrent_days",
        number("Days that replaced files are kept.", 1.0, 3653.0),
        30,
    );
    let bucket = env.bucket_name(component, name);
    let key = env.key_arn();
    let distribution = NodeBuilder::new(component, dist::KIND, "this").get(dist::ARN);
    let purpose = format!("Holds the files of {name}");
    let spec = BucketSpec {
        component,
        name: "files",
        bucket,
        purpose: &purpose,
        key: Some(key),
        expire_days: None,
        noncurrent_days: days,
        protect: false,
        objects: usage::site_files(&service.load),
    };
    private_bucket(&mut env.graph, spec, |arn| {
        vec![Grant {
            sid: "ReadFromCloudFront",
            deny: false,
            principal: Principal::Service("cloudfront.amazonaws.com"),
            actions: vec!["s3:GetObject"],
            resources: vec![below(arn.clone(), "/*")],
            conditions: vec![("StringEquals", "aws:SourceArn", vec![distribution])],
        }]
    })
}

/// The load balancer as an origin for one service: by the service's own host, or any host of the load
/// balancer's, since CloudFront asks for that name on the certificate.
fn balancer_origin(env: &Env, edge: &Edge, to: &str) -> Block<dist::origin::M> {
    let host = origin_host(env, edge, to);
    let protocol = if host.is_some() { "https-only" } else { "http-only" };
    let domain = host.map_or_else(|| edge.balancer.get(lb::DNS_NAME), Value::from);
    Block::new().set(dist::origin::ORIGIN_ID, to).set(dist::origin::DOMAIN_NAME, domain).block(
        dist::origin::CUSTOM_ORIGIN_CONFIG,
        Block::new()
            .set(dist::origin::custom_origin_config::HTTP_PORT, 80)
            .set(dist::origin::custom_origin_config::HTTPS_PORT, 443)
            .set(dist::origin::custom_origin_config::ORIGIN_PROTOCOL_POLICY, protocol)
            .set(dist::origin::custom_origin_config::ORIGIN_SSL_PROTOCOLS, Value::list(["TLSv1.2"])),
    )
}

/// The name that CloudFront calls a service by; `None` where the load balancer speaks plain HTTP.
fn origin_host(env: &Env, edge: &Edge, service: &str) -> Option<String> {
    let own = env.design.services.get(service).and_then(|s| s.public.as_ref()?.host.clone());
    own.or_else(|| edge.host.clone())
}

fn file_behavior(rewrite: Option<&Handle<cloudfront_function::M>>) -> Block<dist::default_cache_behavior::M> {
    use dist::default_cache_behavior as behavior;
    let mut block = Block::new()
        .set(behavior::TARGET_ORIGIN_ID, FILES)
        .set(behavior::VIEWER_PROTOCOL_POLICY, "redirect-to-https")
        .set(behavior::ALLOWED_METHODS, Value::list(["GET", "HEAD", "OPTIONS"]))
        .set(behavior::CACHED_METHODS, Value::list(["GET", "HEAD"]))
        .set(behavior::COMPRESS, true)
        .set(behavior::CACHE_POLICY_ID, managed::CACHE)
        .set(behavior::RESPONSE_HEADERS_POLICY_ID, managed::SECURITY_HEADERS);
    if let Some(function) = rewrite {
        block = block.block(
            behavior::FUNCTION_ASSOCIATION,
            Block::new()
                .set(behavior::function_association::EVENT_TYPE, "viewer-request")
                .set(behavior::function_association::FUNCTION_ARN, function.get(cloudfront_function::ARN)),
        );
    }
    block
}

fn service_behavior(
    env: &Env,
    path: &str,
    to: &str,
    edge: Option<&Edge>,
) -> Block<dist::ordered_cache_behavior::M> {
    use dist::ordered_cache_behavior as behavior;
    // Over TLS the origin must be called by the name on its certificate.
    let secure = edge.is_some_and(|edge| origin_host(env, edge, to).is_some());
    let forwarded = if secure { managed::ALL_BUT_HOST } else { managed::ALL_VIEWER };
    Block::new()
        .set(behavior::PATH_PATTERN, path)
        .set(behavior::TARGET_ORIGIN_ID, to)
        .set(behavior::VIEWER_PROTOCOL_POLICY, "redirect-to-https")
        .set(
            behavior::ALLOWED_METHODS,
            Value::list(["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]),
        )
        .set(behavior::CACHED_METHODS, Value::list(["GET", "HEAD"]))
        .set(behavior::COMPRESS, true)
        .set(behavior::CACHE_POLICY_ID, managed::NO_CACHE)
        .set(behavior::ORIGIN_REQUEST_POLICY_ID, forwarded)
        .set(behavior::RESPONSE_HEADERS_POLICY_ID, managed::SECURITY_HEADERS)
}

fn rewrite(env: &mut Env, component: &str, name: &str, calls: f64) -> Handle<cloudfront_function::M> {
    let function_name = env.name_within(component, "rewrite_name", &format!("{name}-rewrite"), 64);
    env.add(
        NodeBuilder::new(component, cloudfront_function::KIND, "rewrite")
            .set(cloudfront_function::NAME, function_name)
            .set(cloudfront_function::COMMENT, format!("Leads page addresses of {name} to its index"))
            .set(cloudfront_function::RUNTIME, "cloudfront-js-2.0")
            .set(cloudfront_function::PUBLISH, true)
            .set(cloudfront_function::CODE, REWRITE)
            .usage("invocations", calls)
            .purpose("Lets addresses that the browser routes be opened directly"),
    )
}

/// A missing file is a page that the browser routes. The bucket says 403 for it, since CloudFront may not list.
fn browser_routed(code: i64) -> Block<dist::custom_error_response::M> {
    Block::new()
        .set(dist::custom_error_response::ERROR_CODE, code)
        .set(dist::custom_error_response::RESPONSE_CODE, 200)
        .set(dist::custom_error_response::RESPONSE_PAGE_PATH, "/index.html")
        .set(dist::custom_error_response::ERROR_CACHING_MIN_TTL, 10)
}
