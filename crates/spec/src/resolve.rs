//! Whether the names of a spec fit together.
//!
//! Every front end's spec passes through here. What one file's shape cannot say is said here: names that
//! nothing bears, names borne twice, services that wait for each other, promises that contradict each other.

use std::collections::{BTreeMap, BTreeSet};

use ir::diagnostic::nearest;
use ir::{Diagnostic, Diagnostics, Span};

use crate::model::*;

/// Reports everything that does not fit.
pub fn check(spec: &Spec, out: &mut Diagnostics) {
    names(spec, out);
    if spec.services.is_empty() {
        out.push(
            Diagnostic::error("no-service", "the spec has no service")
                .help("add one under `services`, such as `api: { build: ., port: 8080 }`"),
        );
    }
    for (name, service) in &spec.services {
        shape(name, service, out);
        uses(spec, name, service, out);
        settings(spec, name, service, out);
    }
    let used = used(spec);
    for (name, resource) in &spec.resources {
        resource_fits(spec, name, resource, &used, out);
    }
    environments(spec, out);
    hosts(spec, out);
    cycles(spec, out);
}

/// Services, resources and secrets share one namespace, because `uses` names all three.
fn names(spec: &Spec, out: &mut Diagnostics) {
    let mut seen: BTreeMap<&str, (&str, Option<Span>)> = BTreeMap::new();
    let services = spec.services.iter().map(|(n, s)| (n, "service", s.span));
    let resources = spec.resources.iter().map(|(n, r)| (n, "resource", r.span));
    let secrets = spec.secrets.iter().map(|(n, s)| (n, "secret", s.span));
    for (name, what, span) in services.chain(resources).chain(secrets) {
        if let Some((other, first)) = seen.get(name.as_str()) {
            out.push(
                Diagnostic::error(
                    "duplicate-name",
                    format!("`{name}` is the name of a {other} and of a {what}"),
                )
                .at(span, "second time")
                .related(*first, "first time")
                .because("`uses` could not tell them apart.")
                .help("rename one of them"),
            );
        } else {
            seen.insert(name, (what, span));
        }
    }
}

fn shape(name: &str, service: &Service, out: &mut Diagnostics) {
    let at = |key: &Option<Span>| key.or(service.span);
    if let Source::Build(build) = &service.source
        && build.context.span.is_none()
        && build.scan.is_none()
    {
        out.push(
            Diagnostic::error(
                "no-source",
                format!("service `{name}` does not say where its program comes from"),
            )
            .at(service.span, "")
            .help("add `build: ./folder`, `image: registry/name:tag` or `static: ./folder`"),
        );
    }
    let is_static = matches!(service.source, Source::Static(_));
    if let (Some(port), true) = (&service.port, is_static) {
        out.push(
            Diagnostic::error("port-on-static", format!("service `{name}` is static and listens on no port"))
                .at(port.span, "")
                .help("remove `port`, or serve the files with an image and remove `static`"),
        );
    }
    if *service.public && service.port.is_none() && !is_static {
        out.push(
            Diagnostic::error("public-without-port", format!("service `{name}` is public but has no port"))
                .at(at(&service.public.span), "the internet has nothing to connect to")
                .help("add `port: 8080`, or remove `public`"),
        );
    }
    if let Some(schedule) = &service.schedule
        && (*service.public || service.port.is_some())
    {
        out.push(
            Diagnostic::error(
                "scheduled-server",
                format!("service `{name}` runs on a schedule and serves requests"),
            )
            .at(schedule.span, "it ends after each run")
            .related(service.port.as_ref().and_then(|p| p.span), "and would listen here")
            .help("split it into two services"),
        );
    }
    if service.protocol == Protocol::Tcp && *service.public {
        out.push(
            Diagnostic::error(
                "public-tcp",
                format!("service `{name}` is public but speaks neither HTTP nor gRPC"),
            )
            .at(at(&service.public.span), "")
            .because("The public door is an HTTP load balancer with a web application firewall.")
            .help("remove `public`, or put an HTTP service in front of it"),
        );
    }
    if *service.release != Release::Rolling && !(*service.public && service.port.is_some()) {
        let word = service.release.word();
        out.push(
            Diagnostic::warning(
                "release-without-traffic",
                format!("service `{name}` cannot be released as {word}"),
            )
            .at(service.release.span, "there is no public traffic to shift")
            .help("remove `release`; it is released rolling"),
        );
    }
    if let Some(slo) = &service.slo
        && service.port.is_none()
        && !is_static
        && service.load.messages.is_none()
    {
        let span =
            slo.availability.as_ref().and_then(|a| a.span).or(slo.latency.as_ref().and_then(|l| l.span));
        out.push(
            Diagnostic::warning(
                "slo-without-requests",
                format!("the objective of `{name}` cannot be measured"),
            )
            .at(span.or(service.span), "it answers no requests and reads no messages")
            .help("remove `slo`, or add `port` or `load.messages`"),
        );
    }
}

fn uses(spec: &Spec, name: &str, service: &Service, out: &mut Diagnostics) {
    for entry in &service.uses {
        let exists = match entry.target {
            UseTarget::Service => spec.services.contains_key(&entry.name),
            UseTarget::Resource => spec.resources.contains_key(&entry.name),
            UseTarget::Secret => spec.secrets.contains_key(&entry.name),
        };
        if !exists {
            let wrong = Diagnostic::error(
                "unknown-name",
                format!("`{name}` uses `{}`, which is not declared", entry.name),
            )
            .at(entry.span.or(service.span), "nothing has this name");
            out.push(suggest(spec, &entry.name, wrong, entry.span));
        }
        if entry.name == name {
            out.push(
                Diagnostic::error("uses-itself", format!("service `{name}` uses itself"))
                    .at(entry.span, "")
                    .help("remove the entry"),
            );
        }
    }
}

fn settings(spec: &Spec, name: &str, service: &Service, out: &mut Diagnostics) {
    for (variable, value) in &service.env {
        for part in &value.parts {
            let (known, fields): (bool, &[&str]) = match part {
                EnvPart::Text(_) => continue,
                EnvPart::Secret(secret) => {
                    if !spec.secrets.contains_key(secret) {
                        let wrong = Diagnostic::error(
                            "unknown-name",
                            format!(
                                "`{variable}` of `{name}` names the secret `{secret}`, which is not declared"
                            ),
                        )
                        .at(service.span, "");
                        let help =
                            format!("add it to `secrets`, or write `$${{{secret}}}` for the text itself");
                        out.push(wrong.help(help));
                    } else if value.parts.len() > 1 {
                        out.push(mixed_secret(name, variable, secret, service));
                    }
                    continue;
                }
                EnvPart::Reference { name: other, field, .. }
                    if field == "password" && value.parts.len() > 1 =>
                {
                    out.push(mixed_secret(name, variable, &format!("{other}.password"), service));
                    continue;
                }
                EnvPart::Reference { target: UseTarget::Service, name: other, .. } => {
                    (spec.services.contains_key(other), SERVICE_FIELDS)
                }
                EnvPart::Reference { name: other, .. } => match spec.resources.get(other) {
                    Some(resource) => (true, resource.ty.fields()),
                    None => (false, &[]),
                },
            };
            let EnvPart::Reference { name: other, field, .. } = part else { continue };
            if !known {
                let wrong = Diagnostic::error(
                    "unknown-name",
                    format!("`{variable}` of `{name}` names `{other}`, which is not declared"),
                )
                .at(service.span, "in `env` of this service");
                out.push(suggest(spec, other, wrong, None));
            } else if !fields.contains(&field.as_str()) {
                let all: Vec<String> = fields.iter().map(|f| format!("`{other}.{f}`")).collect();
                out.push(
                    Diagnostic::error(
                        "unknown-field",
                        format!("`{variable}` of `{name}` names `{other}.{field}`"),
                    )
                    .at(service.span, "in `env` of this service")
                    .help(format!("there are {}", all.join(", "))),
                );
            }
        }
    }
}

/// Platforms inject a secret as a whole variable; joining it with text would need its value.
fn mixed_secret(name: &str, variable: &str, secret: &str, service: &Service) -> Diagnostic {
    Diagnostic::error("secret-in-text", format!("`{variable}` of `{name}` joins the secret `{secret}` with text"))
        .at(service.span, "in `env` of this service")
        .because("The platform injects a secret as a whole variable, so that its value is written nowhere.")
        .help(format!("give `{secret}` a variable of its own and join them in the program, or store the whole text as the secret"))
}

/// Every name that a service uses or refers to, or that a topic feeds.
fn used(spec: &Spec) -> BTreeSet<&str> {
    let by_services = spec
        .services
        .values()
        .flat_map(|s| s.uses.iter().map(|u| u.name.as_str()).chain(references(s).map(|(_, other)| other)));
    let fed = spec.resources.values().flat_map(|r| r.subscribers.iter().map(|s| s.value.as_str()));
    by_services.chain(fed).collect()
}

fn resource_fits(spec: &Spec, name: &str, resource: &Resource, used: &BTreeSet<&str>, out: &mut Diagnostics) {
    for subscriber in &resource.subscribers {
        if *resource.ty != ResourceType::Topic {
            out.push(
                Diagnostic::error(
                    "subscribers-without-topic",
                    format!("`{name}` is no topic and has no subscribers"),
                )
                .at(subscriber.span, "")
                .help("make it `type: topic`, or remove `subscribers`"),
            );
            break;
        }
        let queue = spec.resources.get(&subscriber.value);
        if queue.is_none_or(|q| *q.ty != ResourceType::Queue) {
            let wrong = Diagnostic::error(
                "unknown-name",
                format!("`{name}` has the subscriber `{}`, which is no queue", subscriber.value),
            )
            .at(subscriber.span, "");
            out.push(suggest(spec, &subscriber.value, wrong, subscriber.span));
        }
    }
    without_effect(name, resource, out);
    if !used.contains(name) {
        out.push(
            Diagnostic::warning("unused-resource", format!("nothing uses `{name}`"))
                .at(resource.span, "it would be paid for all the same")
                .help("add it to the `uses` of a service, or remove it"),
        );
    }
}

/// Keys that mean nothing for a resource of its type, which would otherwise be lost without a word.
fn without_effect(name: &str, resource: &Resource, out: &mut Diagnostics) {
    use ResourceType::{Bucket, Memcached, Mongodb, Mysql, Opensearch, Postgres, Queue, Redis, Topic};
    let ty = *resource.ty;
    let (service, message) = (matches!(ty, Queue | Topic | Bucket), matches!(ty, Queue | Topic));
    let cache = matches!(ty, Redis | Memcached);
    let relational = matches!(ty, Postgres | Mysql);
    fn place<T>(value: Option<&ir::Spanned<T>>) -> Option<Option<Span>> {
        value.map(|v| v.span)
    }
    let unmigrated = service || cache || ty == Opensearch;
    let keys = [
        ("version", place(resource.version.as_ref()), service),
        ("storage", place(resource.storage_gib.as_ref()), message || cache),
        ("memory", place(resource.memory_gib.as_ref()), !cache),
        ("load.queries", place(resource.queries.as_ref()), !(relational || ty == Mongodb)),
        ("retention", place(resource.retention.as_ref()), !message),
        ("ordered", resource.ordered.then_some(resource.span), !message),
        ("migrations", place(resource.migrations.as_ref()), unmigrated),
    ];
    let lost = keys.into_iter().filter_map(|(key, place, foreign)| Some((key, place.filter(|_| foreign)?)));
    for (key, place) in lost {
        out.push(
            Diagnostic::warning("key-without-effect", format!("`{key}` of `{name}` has no effect"))
                .at(place.or(resource.span), format!("{} does not have it", ty.word()))
                .help(format!("remove `{key}`")),
        );
    }
}

fn environments(spec: &Spec, out: &mut Diagnostics) {
    for (name, environment) in &spec.environments {
        if ["bootstrap", "shared"].contains(&name.as_str()) {
            out.push(
                Diagnostic::error("reserved-name", format!("`{name}` is no name for an environment"))
                    .at(environment.span, "Mainstay calls its own stacks so")
                    .help("choose another name"),
            );
        }
        if let (Some(rto), Some(rpo)) = (&environment.rto, &environment.rpo)
            && rpo.value > rto.value.saturating_mul(1000)
        {
            out.push(
                Diagnostic::warning("odd-objectives", format!("`{name}` recovers fast and loses much"))
                    .at(rpo.span, "a thousand times the recovery time")
                    .help("check that `rto` and `rpo` are not swapped"),
            );
        }
    }
}

fn hosts(spec: &Spec, out: &mut Diagnostics) {
    let mut seen: BTreeMap<&str, (&str, Option<Span>)> = BTreeMap::new();
    for (name, service) in &spec.services {
        let Some(host) = &service.host else { continue };
        if let Some((other, first)) = seen.get(host.value.as_str()) {
            out.push(
                Diagnostic::error("duplicate-host", format!("`{other}` and `{name}` have the same host"))
                    .at(host.span, "second time")
                    .related(*first, "first time")
                    .help("give one of them another host"),
            );
        } else {
            seen.insert(&host.value, (name, host.span));
        }
        if service.public.span.is_some() && !*service.public {
            out.push(
                Diagnostic::error("private-host", format!("service `{name}` has a host but is not public"))
                    .at(service.public.span, "")
                    .related(host.span, "the host")
                    .help("remove one of the two"),
            );
        }
    }
}

/// Services that wait for each other through `uses` could never start in any order.
fn cycles(spec: &Spec, out: &mut Diagnostics) {
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for start in spec.services.keys() {
        let mut path: Vec<&str> = Vec::new();
        // Depth first, iteratively: (service, next edge to follow).
        let mut stack: Vec<(&str, usize)> = vec![(start, 0)];
        while let Some((name, edge)) = stack.pop() {
            if edge == 0 {
                if done.contains(name) {
                    continue;
                }
                path.push(name);
            }
            let next = spec.services.get(name).and_then(|s| {
                let services = s.uses.iter().filter(|u| u.target == UseTarget::Service && u.name != name);
                services.into_iter().nth(edge)
            });
            let Some(next) = next else {
                done.insert(name);
                path.pop();
                continue;
            };
            stack.push((name, edge + 1));
            if let Some(at) = path.iter().position(|p| *p == next.name) {
                let cycle: Vec<&str> = path[at..].iter().copied().chain([next.name.as_str()]).collect();
                out.push(cycle_found(spec, &cycle, next.span));
                return;
            }
            stack.push((&next.name, 0));
        }
    }
}

fn cycle_found(spec: &Spec, cycle: &[&str], closing: Option<Span>) -> Diagnostic {
    let mut found =
        Diagnostic::error("uses-cycle", format!("services wait for each other: {}", cycle.join(" -> ")))
            .at(closing, "this closes the circle")
            .because("`uses` says what must be up before a service starts.");
    for pair in cycle.windows(2).take(cycle.len().saturating_sub(2)) {
        let edge = spec.services.get(pair[0]).and_then(|s| s.uses.iter().find(|u| u.name == pair[1]));
        found = found.related(edge.and_then(|e| e.span), format!("`{}` waits for `{}`", pair[0], pair[1]));
    }
    let (from, to) = (cycle[cycle.len() - 2], cycle[cycle.len() - 1]);
    let variable = to.to_uppercase().replace('-', "_");
    found.help(format!(
        "if `{from}` only calls `{to}` while running, remove `{to}` from its `uses` and name it in `env`: `{variable}_URL: ${{{to}.url}}`"
    ))
}

/// The services and resources that a service's settings name: target and name.
pub fn references(service: &Service) -> impl Iterator<Item = (UseTarget, &str)> {
    service.env.values().flat_map(|v| &v.parts).filter_map(|part| match part {
        EnvPart::Reference { target, name, .. } => Some((*target, name.as_str())),
        EnvPart::Secret(name) => Some((UseTarget::Secret, name.as_str())),
        EnvPart::Text(_) => None,
    })
}

fn suggest(spec: &Spec, written: &str, wrong: Diagnostic, span: Option<Span>) -> Diagnostic {
    let all = spec.services.keys().chain(spec.resources.keys()).chain(spec.secrets.keys());
    match (nearest(written, all.map(String::as_str)), span) {
        (Some(near), Some(span)) => wrong.help(format!("did you mean `{near}`?")).fix(span, near),
        (Some(near), None) => wrong.help(format!("did you mean `{near}`?")),
        (None, _) => wrong.help("declare it under `services`, `resources` or `secrets`"),
    }
}
