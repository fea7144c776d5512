//! Which public service answers which host and path.
//!
//! One load balancer serves an environment. A service with a host answers that host; among those without, the
//! busiest takes every path that no other claims, and the rest get their name as a prefix. The busiest and
//! not the first, so that the order of the spec means nothing.

use std::collections::BTreeMap;

use ir::{Diagnostic, Diagnostics};
use spec::{Protocol, Service, Source, Spec, UseTarget};

use crate::blueprint::{Decision, PublicDesign};
use crate::cloud::Cloud;
use crate::decide::Question;
use crate::load::{Role, amount, role};

/// Whether a service stands behind the load balancer.
pub(crate) fn balanced(spec: &Spec, service: &Service) -> bool {
    service.public.value && role(spec, service) == Role::Server && service.protocol != Protocol::Tcp
}

/// Public services behind the load balancer, with their rules.
pub(crate) fn routes(spec: &Spec) -> BTreeMap<&str, PublicDesign> {
    let busiest = catch_all(spec);
    // More specific rules come first: a rule for every path would hide the prefixes after it.
    let mut order: Vec<(bool, &str, &Service)> = spec
        .services
        .iter()
        .filter(|(_, s)| balanced(spec, s))
        .map(|(name, s)| (busiest == Some(name.as_str()), name.as_str(), s))
        .collect();
    order.sort_by_key(|(last, name, _)| (*last, *name));
    let design = |(at, (last, name, service)): (usize, (bool, &'_ str, &Service))| {
        let everything = last || service.host.is_some();
        PublicDesign {
            host: service.host.as_ref().map(|h| h.value.clone()),
            paths: vec![if everything { "/*".to_owned() } else { format!("/{name}/*") }],
            priority: u32::try_from(at + 1).unwrap_or(u32::MAX),
        }
    };
    let names: Vec<&str> = order.iter().map(|(_, name, _)| *name).collect();
    names.into_iter().zip(order.into_iter().enumerate().map(design)).collect()
}

/// The service without a host that answers what no other claims.
fn catch_all(spec: &Spec) -> Option<&str> {
    let load = |s: &Service| {
        s.load.requests.as_ref().map_or(crate::rules::ASSUMED_REQUESTS, |r| amount(r.value, 0.0))
    };
    let open = spec.services.iter().filter(|(_, s)| balanced(spec, s) && s.host.is_none());
    open.max_by(|(a, x), (b, y)| load(x).total_cmp(&load(y)).then_with(|| b.cmp(a)))
        .map(|(name, _)| name.as_str())
}

/// Paths of a static site that go to the public services it uses.
pub(crate) fn site_routes(spec: &Spec, site: &Service) -> Vec<(String, String)> {
    let rules = routes(spec);
    let mut found: Vec<(String, String)> = site
        .uses
        .iter()
        .filter(|u| u.target == UseTarget::Service)
        .filter_map(|u| rules.get(u.name.as_str()).map(|rule| (u.name.as_str(), rule)))
        .filter(|(_, rule)| rule.host.is_none())
        .map(|(name, rule)| {
            let own = &rule.paths[0];
            (if own == "/*" { "/api/*".to_owned() } else { own.clone() }, name.to_owned())
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

/// How public services are told apart, when there is more than one way in.
pub(crate) fn decision(spec: &Spec) -> Option<Decision> {
    let rules = routes(spec);
    let sites: Vec<(&String, Vec<(String, String)>)> = spec
        .services
        .iter()
        .filter(|(_, s)| matches!(s.source, Source::Static(_)))
        .map(|(name, s)| (name, site_routes(spec, s)))
        .filter(|(_, found)| !found.is_empty())
        .collect();
    if rules.is_empty() || (rules.len() == 1 && sites.is_empty()) {
        return None;
    }
    let mut said: Vec<String> = rules
        .iter()
        .map(|(name, rule)| match &rule.host {
            Some(host) => format!("{host} to {name}"),
            None => format!("{} to {name}", rule.paths.join(", ")),
        })
        .collect();
    for (site, found) in &sites {
        said.extend(found.iter().map(|(path, name)| format!("{path} of {site} to {name}")));
    }
    let question = Question {
        subject: "public".to_owned(),
        topic: "routes",
        text: "Which public service answers which host and path?".to_owned(),
        because: "A service with a host answers that host. Without one the busiest takes every path that no other \
                  claims, and the others get their name as a prefix. A site sends the prefix of each public service \
                  that it uses to that service, so that a browser sees one origin. Prefixes are passed on, not \
                  removed."
            .to_owned(),
        ..Question::default()
    };
    Some(question.settled(said.join("; ")))
}

/// What cannot be published as it was asked.
pub(crate) fn check(spec: &Spec, cloud: &Cloud) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for (name, service) in &spec.services {
        if !service.public.value || matches!(service.source, Source::Static(_)) {
            continue;
        }
        let at = service.public.span.or(service.span);
        if service.port.is_none() {
            diagnostics.push(
                Diagnostic::error("public-without-port", format!("`{name}` is public and has no port"))
                    .at(at, "public here")
                    .because("A load balancer sends requests to a port.")
                    .help(format!("add `services.{name}.port`, or remove `public`")),
            );
        } else if service.protocol == Protocol::Tcp {
            diagnostics.push(
                Diagnostic::error("public-tcp", format!("`{name}` is public and speaks plain TCP"))
                    .at(at, "public here")
                    .because("The load balancer that is designed today carries HTTP and gRPC.")
                    .help("remove `public`, or speak HTTP on that port"),
            );
        } else if service.protocol == Protocol::Grpc && service.host.is_none() {
            diagnostics.push(
                Diagnostic::error(
                    "public-grpc-without-host",
                    format!("`{name}` speaks gRPC and has no host"),
                )
                .at(at, "public here")
                .because("gRPC needs TLS at the load balancer, and a certificate needs a host name.")
                .help(format!("add `services.{name}.host`")),
            );
        }
    }
    let rules = routes(spec).len();
    let most = cloud.most_rules;
    if rules > most {
        diagnostics.push(
            Diagnostic::warning(
                "too-many-public-services",
                format!("{rules} public services share one way in with {most} rules"),
            )
            .because("The number of rules is a quota of the account, which the provider raises on request.")
            .help("ask for a higher quota before the first deployment, or make some services private"),
        );
    }
    diagnostics
}
