//! Static sites: files in a storage account, delivered by Front Door.
//!
//! Some paths may lead to a service instead, so that a browser sees one origin. A path without an extension is answered
//! with the page that routes it in the browser. It must not know how files get there: the pipeline puts them.

use catalog::azurerm::{
    cdn_frontdoor_custom_domain as domain, cdn_frontdoor_endpoint as endpoint, cdn_frontdoor_route as route,
    cdn_frontdoor_rule as rule, cdn_frontdoor_rule_set as rule_set, container_app_environment,
    storage_account as account, storage_account_static_website as website,
};
use design::{Compute, ServiceDesign, usage};
use ir::{Block, NodeBuilder, Value};

use super::app::app_name;
use super::bucket::lower_account;
use super::edge::{self, Route, Target};
use super::env::text;
use super::{Env, cluster};
use crate::names::join;

/// The page that everything begins with.
const INDEX: &str = "index.html";
/// What browsers are told about every answer.
static HEADERS: &[(&str, &str)] = &[
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Strict-Transport-Security", "max-age=31536000"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "SAMEORIGIN"),
];

/// The host of a site: the one that was given, or what Front Door calls it.
pub(crate) fn host(env: &Env, name: &str, service: &ServiceDesign) -> Value {
    match service.public.as_ref().and_then(|p| p.host.as_deref()) {
        Some(host) => host.into(),
        None => {
            NodeBuilder::new(&env.service_component(name), endpoint::KIND, "this").get(endpoint::HOST_NAME)
        }
    }
}

/// Adds all static sites.
pub(crate) fn lower(env: &mut Env) {
    let design = env.design;
    for (name, service) in &design.services {
        if let Compute::StaticSite { routes, .. } = &service.compute {
            lower_site(env, name, service, routes);
        }
    }
}

fn lower_site(env: &mut Env, name: &str, service: &ServiceDesign, routes: &[(String, String)]) {
    let component = env.service_component(name);
    let c = component.as_str();
    env.component(c, "site", format!("Static site {name}"));
    let copies = if env.zonal() { "ZRS" } else { "LRS" };
    let files = lower_account(env, c, name, copies, usage::site_files(&service.load), |builder| {
        use account::blob_properties as blobs;
        let deleted = Block::new().set(blobs::delete_retention_policy::DAYS, 30);
        builder.block(
            account::BLOB_PROPERTIES,
            Block::new().set(blobs::VERSIONING_ENABLED, true).block(blobs::DELETE_RETENTION_POLICY, deleted),
        )
    });
    env.add(
        NodeBuilder::new(c, website::KIND, "this")
            .set(website::STORAGE_ACCOUNT_ID, files.get(account::ID))
            .set(website::INDEX_DOCUMENT, INDEX)
            .set(website::ERROR_404_DOCUMENT, INDEX)
            .purpose("Answers with the files"),
    );
    let given = service.public.as_ref().and_then(|p| p.host.as_deref());
    let (endpoint, domain) = edge::own_endpoint(env, c, given, &format!("Where {name} answers"));
    let rules = rules(env, c);
    let to_files = Target {
        host: files.get(account::PRIMARY_WEB_HOST),
        health: Some(format!("/{INDEX}").into()),
        private: false,
    };
    let to_files = edge::target(env, c, "files", to_files);
    let named = domain.as_ref().map(|d| d.get(domain::ID));
    let asked = |node: &str, paths, files| Route {
        node: node.to_owned(),
        endpoint: endpoint.get(endpoint::ID),
        paths,
        domain: named.clone(),
        files,
    };
    let mut made = Vec::new();
    let all = asked("files", vec!["/*".into()], Some(rules));
    made.push(edge::add_route(env, c, &to_files, all).get(route::ID));
    for (place, (target, paths)) in by_service(routes).into_iter().enumerate() {
        let node = format!("calls{}", place + 1);
        let Some(host) = service_host(env, &target) else { continue };
        let private = cluster::closed(env);
        let health = env.design.services.get(&target).and_then(|s| s.health.clone());
        let health = health.map(|path| {
            let words = format!("Path of {target} that answers when it is well.");
            env.input(c, &format!("{node}_health_path"), text(words), path)
        });
        let to = edge::target(env, c, &node, Target { host, health, private });
        let asked = asked(&node, paths.into_iter().map(Value::from).collect(), None);
        made.push(edge::add_route(env, c, &to, asked).get(route::ID));
    }
    if let Some(domain) = &domain {
        edge::tie(env, c, domain, made);
    }
    let url = join(["https://".into(), host(env, name, service)]);
    let outputs = &mut env.graph.components.entry(component.clone()).or_default().outputs;
    outputs.insert("url".into(), ("Where the site answers.".into(), url));
    outputs.insert("account".into(), ("Account that holds the files.".into(), files.get(account::NAME)));
    outputs.insert("endpoint".into(), ("Endpoint by its name.".into(), endpoint.get(endpoint::NAME)));
}

/// The paths of each service, in the order they are first named.
fn by_service(routes: &[(String, String)]) -> indexmap::IndexMap<String, Vec<String>> {
    let mut found: indexmap::IndexMap<String, Vec<String>> = indexmap::IndexMap::new();
    for (path, service) in routes {
        found.entry(service.clone()).or_default().push(path.clone());
    }
    found
}

/// A service as Front Door reaches it.
pub(crate) fn service_host(env: &Env, service: &str) -> Option<Value> {
    let domain = env.cluster.as_ref()?.get(container_app_environment::DEFAULT_DOMAIN);
    env.design.services.get(service)?.port?;
    Some(join([app_name(service).into(), ".".into(), domain]))
}

/// What is said about every answer, and which page answers a path without an extension.
fn rules(env: &mut Env, component: &str) -> Value {
    let letters: String =
        format!("{}{component}", env.prefix()).chars().filter(char::is_ascii_alphanumeric).collect();
    let name = env.input(component, "rules", text("Name of the rules: letters and digits."), letters);
    let profile = env.front_door.as_ref().expect("the profile stands where anything is delivered");
    let profile = profile.get(catalog::azurerm::cdn_frontdoor_profile::ID);
    let set = env.add(
        NodeBuilder::new(component, rule_set::KIND, "this")
            .set(rule_set::NAME, name)
            .set(rule_set::CDN_FRONTDOOR_PROFILE_ID, profile)
            .purpose("Rules about the site's answers"),
    );
    use rule::{actions, conditions};
    let mut headers = Block::new();
    for (header, value) in HEADERS {
        let one = Block::new()
            .set(actions::response_header_action::HEADER_ACTION, "Overwrite")
            .set(actions::response_header_action::HEADER_NAME, *header)
            .set(actions::response_header_action::VALUE, *value);
        headers = headers.block(actions::RESPONSE_HEADER_ACTION, one);
    }
    env.add(
        NodeBuilder::new(component, rule::KIND, "headers")
            .set(rule::NAME, "headers")
            .set(rule::CDN_FRONTDOOR_RULE_SET_ID, set.get(rule_set::ID))
            .set(rule::ORDER, 1)
            .set(rule::BEHAVIOR_ON_MATCH, "Continue")
            .block(rule::ACTIONS, headers)
            .purpose("Tells browsers what the site never does"),
    );
    // An extension shorter than one letter is none.
    let without = Block::new()
        .set(conditions::url_file_extension_condition::OPERATOR, "LessThan")
        .set(conditions::url_file_extension_condition::MATCH_VALUES, Value::list(["1"]));
    let page = Block::new()
        .set(actions::url_rewrite_action::SOURCE_PATTERN, "/")
        .set(actions::url_rewrite_action::DESTINATION, format!("/{INDEX}"))
        .set(actions::url_rewrite_action::PRESERVE_UNMATCHED_PATH, false);
    env.add(
        NodeBuilder::new(component, rule::KIND, "pages")
            .set(rule::NAME, "pages")
            .set(rule::CDN_FRONTDOOR_RULE_SET_ID, set.get(rule_set::ID))
            .set(rule::ORDER, 2)
            .set(rule::BEHAVIOR_ON_MATCH, "Stop")
            .block(rule::CONDITIONS, Block::new().block(conditions::URL_FILE_EXTENSION_CONDITION, without))
            .block(rule::ACTIONS, Block::new().block(actions::URL_REWRITE_ACTION, page))
            .purpose("Leads paths that the browser routes to the page that does so"),
    );
    set.get(rule_set::ID)
}
