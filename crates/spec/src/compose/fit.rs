//! What a compose file may say and `mainstay.yaml` may not is taken out, and said.
//!
//! An imported spec is printed and read again, so it has to hold to the same rules as one that a person wrote. Every
//! value is held against the format of its own key, and names against each other. This module must not know
//! containers: it sees the finished spec, so that a new way to read a setting cannot slip past it.

use std::collections::{BTreeMap, BTreeSet};

use ir::{Diagnostic, Diagnostics};

use super::Note;
use crate::yaml::format::Format;
use crate::{EnvPart, Protocol, ResourceType, SERVICE_FIELDS, Service, Source, Spec, Use, UseTarget};

/// What was taken out, by what it means for the user.
#[derive(Default)]
pub(super) struct Removed {
    /// Said otherwise in the spec.
    pub(super) changed: Vec<Note>,
    /// Gone.
    pub(super) dropped: Vec<Note>,
}

/// Makes a spec fit.
pub(super) fn fit(spec: &mut Spec, diagnostics: &mut Diagnostics) -> Removed {
    let mut removed = Removed::default();
    let types: BTreeMap<String, ResourceType> =
        spec.resources.iter().map(|(name, r)| (name.clone(), *r.ty)).collect();
    reached(spec, diagnostics);
    for (name, service) in &mut spec.services {
        source(name, service, &mut removed, diagnostics);
        settings(name, service, &types, &mut removed, diagnostics);
        scalars(name, service, &mut removed, diagnostics);
        door(name, service, &mut removed);
    }
    for (name, resource) in &mut spec.resources {
        if let Some(odd) = resource.database.take_if(|d| Format::Identifier.check(d).is_err()) {
            let why = "a managed database's name holds letters, digits and underscores; the program must take it \
                       from the setting";
            removed.changed.push(Note::new(
                format!("resources.{name}.database"),
                format!("`{odd}` becomes a name of the managed service's own"),
                why,
            ));
        }
    }
    circles(spec, &mut removed);
    removed
}

/// A service that others name in their settings has an address only when its port is known.
fn reached(spec: &Spec, diagnostics: &mut Diagnostics) {
    let mut said: BTreeSet<&str> = BTreeSet::new();
    for (name, service) in &spec.services {
        for (target, other) in crate::resolve::references(service) {
            let Some(callee) = spec.services.get(other).filter(|_| target == UseTarget::Service) else {
                continue;
            };
            let is_site = matches!(callee.source, Source::Static(_));
            if callee.port.is_some() || is_site || !said.insert(other) {
                continue;
            }
            diagnostics.push(
                Diagnostic::error(
                    "unknown-port",
                    format!("`{name}` reaches `{other}`, and nothing says at which port it listens"),
                )
                .at(callee.span, "has no `ports`, no `expose` and no Dockerfile that says so")
                .related(service.span, "names it in a setting")
                .help(format!("add `expose: [\"8080\"]`, with its own port, to `{other}`")),
            );
        }
    }
}

/// Folders and images must be ones that another machine can find.
fn source(name: &str, service: &mut Service, removed: &mut Removed, diagnostics: &mut Diagnostics) {
    let mut wrong = |what: &str, text: &str, reason: String| {
        diagnostics.push(
            Diagnostic::error("unusable-source", format!("`{name}` cannot be built from here"))
                .at(service.span, format!("its {what} is `{text}`"))
                .because(format!("A pipeline sees this folder and nothing outside it: {reason}."))
                .help("run Mainstay on the folder that holds both, build it in its own repository and name its image, or write the path relative to this folder"),
        );
    };
    match &mut service.source {
        Source::Build(build) => {
            if let Err(reason) = Format::Path.check(&build.context) {
                wrong("context", &build.context.value, reason);
            }
            if let Some(file) = &build.dockerfile
                && let Err(reason) = Format::Path.check(file)
            {
                wrong("Dockerfile", &file.value, reason);
            }
            let odd: Vec<String> =
                build.args.keys().filter(|k| Format::EnvName.check(k).is_err()).cloned().collect();
            if !odd.is_empty() {
                build.args.retain(|k, _| !odd.contains(k));
                let why = "a build argument is a variable: letters, digits and underscores";
                removed.dropped.push(Note::new(
                    format!("services.{name}.build.args"),
                    format!("{} left out", odd.join(", ")),
                    why,
                ));
            }
        }
        Source::Image(image) => {
            if let Err(reason) = Format::Image.check(image) {
                diagnostics.push(
                    Diagnostic::error("invalid-image", format!("the image of `{name}` has no usable name"))
                        .at(service.span, format!("`{}`: {reason}", image.value))
                        .help("write it like `ghcr.io/acme/api:1.4`"),
                );
            }
        }
        Source::Static(_) => {}
    }
}

/// Settings have names that a platform takes, and name facts that exist.
fn settings(
    name: &str,
    service: &mut Service,
    types: &BTreeMap<String, ResourceType>,
    removed: &mut Removed,
    diagnostics: &mut Diagnostics,
) {
    let subject = format!("services.{name}.environment");
    let mut odd: Vec<String> = Vec::new();
    let mut lost: Vec<(String, &'static str, bool)> = Vec::new();
    service.env.retain(|key, value| {
        if Format::SettingName.check(key).is_err() {
            odd.push(key.clone());
            return false;
        }
        let unknown = value.parts.iter().find_map(|part| missing_fact(part, types));
        if let Some(why) = unknown {
            let is_address = |part: &EnvPart| match part {
                EnvPart::Reference { name, field, .. } => {
                    let broker =
                        matches!(types.get(name), Some(ResourceType::Rabbitmq | ResourceType::Kafka));
                    broker && field == "host"
                }
                _ => false,
            };
            lost.push((key.clone(), why, value.parts.iter().any(is_address)));
        }
        unknown.is_none()
    });
    if !odd.is_empty() {
        let why = "a setting is called by letters, digits, dots, dashes and underscores, no digit first";
        removed.dropped.push(Note::new(&subject, format!("{} left out", odd.join(", ")), why));
    }
    let addresses: Vec<&str> =
        lost.iter().filter(|(_, _, address)| *address).map(|(key, ..)| key.as_str()).collect();
    if !addresses.is_empty() {
        diagnostics.push(
            Diagnostic::warning(
                "address-left-out",
                format!("`{name}` is not given {}", addresses.join(", ")),
            )
            .at(service.span, "")
            .because("The managed service tells its address in another form than the container had.")
            .help("let the program read what the service is given instead: `<NAME>_URL` of a RabbitMQ broker, `<NAME>_BROKERS` of a Kafka cluster"),
        );
    }
    for (key, why, _) in lost {
        removed.dropped.push(Note::new(format!("{subject}.{key}"), "left out", why));
    }
}

/// Why the managed counterpart has no such fact, if it has not.
fn missing_fact(part: &EnvPart, types: &BTreeMap<String, ResourceType>) -> Option<&'static str> {
    let EnvPart::Reference { target, name, field } = part else { return None };
    if *target == UseTarget::Service {
        return (!SERVICE_FIELDS.contains(&field.as_str())).then_some("services have no such fact");
    }
    let ty = *types.get(name)?;
    if ty.fields().contains(&field.as_str()) {
        return None;
    }
    Some(match (ty, field.as_str()) {
        (ResourceType::Bucket, _) => {
            "the cloud's own library finds the bucket by its name and region; there is no server to name"
        }
        (_, "user" | "password") => "the managed service lets its network in and has no password",
        _ => "the managed service has no such fact",
    })
}

/// Values that only one machine's container engine understands.
fn scalars(name: &str, service: &mut Service, removed: &mut Removed, diagnostics: &mut Diagnostics) {
    if let Some(path) = service.health.take_if(|h| Format::UrlPath.check(h).is_err()) {
        let why = "a load balancer asks for a plain path";
        removed.dropped.push(Note::new(format!("services.{name}.healthcheck"), path.value, why));
    }
    if let Some(schedule) = &service.schedule
        && let Err(reason) = Format::Cron.check(schedule)
    {
        diagnostics.push(
            Diagnostic::error("invalid-schedule", format!("the schedule of `{name}` cannot be kept"))
                .at(service.span, format!("`{}`: {reason}", schedule.value))
                .help("write five fields of cron, such as `0 2 * * *`"),
        );
    }
    let limits = &mut service.limits;
    limits.cpus = limits.cpus.filter(|c| c.is_finite() && *c > 0.0);
    limits.memory_mib = limits.memory_mib.filter(|m| m.is_finite() && *m > 0.0);
    limits.replicas = limits.replicas.filter(|r| *r > 0);
}

/// The public door speaks HTTP and gRPC.
fn door(name: &str, service: &mut Service, removed: &mut Removed) {
    if service.protocol == Protocol::Tcp && *service.public {
        service.public.value = false;
        let port = service.port.as_ref().map_or_else(String::new, |p| format!("port {} ", p.value));
        let why = "the public door is an HTTP load balancer, and it speaks neither HTTP nor gRPC";
        removed.dropped.push(Note::new(
            format!("services.{name}.ports"),
            format!("{port}not reachable from the internet"),
            why,
        ));
    }
}

/// Services may call each other; only one of them can be up first. The edge that closes a circle leaves `uses`, and
/// stays where a setting names the other side.
fn circles(spec: &mut Spec, removed: &mut Removed) {
    let names: Vec<String> = spec.services.keys().cloned().collect();
    let mut done: BTreeSet<String> = BTreeSet::new();
    for start in names {
        // Depth first without recursion: a service and the place in its `uses`.
        let mut path: Vec<(String, usize)> = vec![(start, 0)];
        let mut open: BTreeSet<String> = path.iter().map(|(n, _)| n.clone()).collect();
        while let Some((name, at)) = path.last_mut() {
            let Some(service) =
                spec.services.get_mut(name.as_str()).filter(|_| !done.contains(name.as_str()))
            else {
                open.remove(name.as_str());
                path.pop();
                continue;
            };
            let Some(next) = service.uses.get(*at).cloned() else {
                done.insert(name.clone());
                continue;
            };
            if next.target == UseTarget::Service && open.contains(&next.name) {
                service.uses.remove(*at);
                removed.changed.extend(called_back(name, &next, service));
                continue;
            }
            *at += 1;
            if next.target == UseTarget::Service && !done.contains(&next.name) {
                open.insert(next.name.clone());
                path.push((next.name, 0));
            }
        }
    }
}

fn called_back(name: &str, next: &Use, service: &Service) -> Option<Note> {
    if next.name == name {
        return None;
    }
    let named = crate::resolve::references(service).any(|(_, other)| other == next.name);
    let what = if named {
        format!("`{}` left `uses` and stays in `env`", next.name)
    } else {
        format!("`{}` left `uses`", next.name)
    };
    let why = format!("`{}` uses `{name}` too, and only one of the two can be up first", next.name);
    Some(Note::new(format!("services.{name}.uses"), what, why))
}
