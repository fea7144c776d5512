//! What each container is: a service, a managed resource, or something that stays on the laptop.
//!
//! A known image settles it. A container that is built is judged by its Dockerfile, and without one by the evidence
//! of its names, settings, ports and data folders, counted so that no single hint decides.
//! This module must not change anything: it returns one verdict a container.

use std::path::Path;

use indexmap::{IndexMap, IndexSet};

use super::cluster;
use super::container::{Container, Containers};
use super::images::{self, Engine, Role};
use super::rewrite::Hosts;

/// What a container is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    /// A service of the application.
    Service,
    /// A managed resource; the reason when it was inferred.
    Managed { engine: &'static Engine, inferred: Option<String> },
    /// A copy of a store that another container stands for.
    Member { leader: String },
    /// Not deployed: what it is and why.
    Left { what: &'static str, why: String },
}

/// Judges every container.
pub(super) fn classify(containers: &Containers, hosts: &Hosts) -> IndexMap<String, Verdict> {
    let mut verdicts: IndexMap<String, Verdict> = containers
        .iter()
        .map(|(name, container)| (name.clone(), verdict(name, container, containers, true)))
        .collect();
    if !verdicts.values().any(|v| *v == Verdict::Service) {
        // A file whose programs all have a profile: then a profile is how the application is started.
        for (name, container) in containers.iter().filter(|(_, c)| !c.profiles.is_empty()) {
            let verdict = verdict(name, container, containers, false);
            if !matches!(verdict, Verdict::Left { .. }) {
                verdicts.insert(name.clone(), verdict);
            }
        }
    }
    if !verdicts.values().any(|v| *v == Verdict::Service) {
        // A file of nothing but tools: then the tools are the application.
        for (name, verdict) in &mut verdicts {
            if matches!(verdict, Verdict::Left { .. })
                && containers[name].profiles.is_empty()
                && containers[name].provider.is_none()
            {
                *verdict = Verdict::Service;
            }
        }
        return verdicts;
    }
    let users = users(containers, hosts);
    for name in containers.keys() {
        if matches!(verdicts[name], Verdict::Managed { .. })
            && users.get(name.as_str()).is_some_and(|u| all_are_left(u, containers, &verdicts))
        {
            let why = "only containers that are not deployed use it".to_owned();
            verdicts.insert(name.clone(), Verdict::Left { what: "store of a tool", why });
        }
    }
    for (member, leader) in cluster::members(containers, &verdicts, hosts) {
        verdicts.insert(member, Verdict::Member { leader });
    }
    verdicts
}

/// By container: those that wait for it or name it in a setting.
fn users<'a>(containers: &'a Containers, hosts: &Hosts) -> IndexMap<String, IndexSet<&'a str>> {
    let mut users: IndexMap<String, IndexSet<&str>> = IndexMap::new();
    for (name, container) in containers {
        let settings = container.env.iter().filter_map(|(k, s)| Some((k, s.value.as_deref()?)));
        let mentioned = settings.flat_map(|(k, v)| hosts.mentions(container, k, v)).map(|m| m.name);
        for used in mentioned.chain(container.depends.keys().cloned()).filter(|used| used != name) {
            users.entry(used).or_default().insert(name);
        }
    }
    users
}

/// Whether all that use a container are left behind, and not only because of a profile.
fn all_are_left(
    users: &IndexSet<&str>,
    containers: &Containers,
    verdicts: &IndexMap<String, Verdict>,
) -> bool {
    let left = |user: &&str| matches!(verdicts[*user], Verdict::Left { .. });
    users.iter().all(left) && users.iter().any(|user| containers[*user].profiles.is_empty())
}

fn verdict(name: &str, container: &Container, all: &Containers, optional: bool) -> Verdict {
    let left = |what, why: &str| Verdict::Left { what, why: why.to_owned() };
    if optional && !container.profiles.is_empty() {
        let why = format!("it only starts with the profile {}", container.profiles.join(" or "));
        return Verdict::Left { what: "optional container", why };
    }
    if container.limits.replicas == Some(0) {
        return left("container without copies", "the file starts no copy of it");
    }
    if container.provider.is_some() {
        return left("provider", "a plugin of the container engine makes it, and there is none there");
    }
    if is_only_a_disk(name, container, all) {
        return left("container without a program", "it only holds volumes for other containers");
    }
    let (role, inferred) = role(name, container);
    match role {
        Some(Role::Managed(engine)) if !is_client(name, container, engine, all) => {
            Verdict::Managed { engine, inferred }
        }
        Some(Role::Companion) => left("part of a managed service", "the managed service brings its own"),
        Some(Role::Telemetry) => {
            left("telemetry backend", "collecting and showing telemetry is part of what is generated")
        }
        Some(Role::DevTool) => {
            left("developer's tool", "it helps on a laptop and would be an open door in the cloud")
        }
        Some(Role::TestTool) => {
            left("test tooling", "it tests the application and is no part of it; the pipeline is its place")
        }
        Some(Role::EngineProxy) => {
            left("proxy of one machine", "the load balancer routes to the services instead")
        }
        _ => Verdict::Service,
    }
}

/// Whether a container runs nothing of its own and lends its volumes to others.
fn is_only_a_disk(name: &str, container: &Container, all: &Containers) -> bool {
    let idle = container.command.as_ref().is_none_or(|words| {
        let program = words.first().map_or("", |w| w.rsplit('/').next().unwrap_or(w));
        matches!(program, "" | "true" | "sleep" | "tail")
    });
    idle && container.build.is_none()
        && container.ports.is_empty()
        && container.expose.is_empty()
        && all.values().any(|c| c.volumes_from.iter().any(|from| from == name))
}

/// The role and, when no image name settled it, the reason for it.
fn role(name: &str, container: &Container) -> (Option<Role>, Option<String>) {
    let Some(build) = &container.build else {
        let known = container.image.as_deref().and_then(images::role);
        return if known.is_some() { (known, None) } else { store_of_unknown_make(name, container) };
    };
    if is_test_tool(name, &[&build.context]) {
        return (Some(Role::TestTool), None);
    }
    if let Some(base) = container.dockerfile.as_ref().map(|f| f.base.as_str()) {
        return (images::role(base), Some(format!("its Dockerfile ends on `{base}`")));
    }
    let best = images::engines()
        .map(|engine| (evidence(name, container, engine), engine))
        .max_by_key(|((points, _), _)| *points);
    if let Some(((_, reasons), engine)) = best.filter(|((points, _), _)| *points >= ENOUGH) {
        return (Some(Role::Managed(engine)), Some(reasons.join(", ")));
    }
    let telemetry = |word: &str| images::role(word) == Some(Role::Telemetry);
    if telemetry(name) && folders(container).any(telemetry) {
        return (Some(Role::Telemetry), Some("its name and its folder say so".to_owned()));
    }
    (None, None)
}

/// An image that nobody listed and that keeps an engine's data where that engine keeps it.
fn store_of_unknown_make(name: &str, container: &Container) -> (Option<Role>, Option<String>) {
    let keeps_data = |engine: &&Engine| {
        container.mounts.iter().any(|m| engine.data.iter().any(|d| m.target.starts_with(d)))
    };
    let judged = images::engines().filter(keeps_data).map(|e| (evidence(name, container, e), e));
    match judged.max_by_key(|((points, _), _)| *points) {
        Some(((points, reasons), engine)) if points > ENOUGH => {
            (Some(Role::Managed(engine)), Some(reasons.join(", ")))
        }
        _ => (None, None),
    }
}

/// Points of evidence that make a container a database: a name alone is not enough.
const ENOUGH: u32 = 3;

fn evidence(name: &str, container: &Container, engine: &'static Engine) -> (u32, Vec<String>) {
    let is_engine = |word: &str| images::engine_named(word).is_some_and(|e| e.ty == engine.ty);
    let mut points = 0;
    let mut reasons = Vec::new();
    let mut count = |holds: bool, weight: u32, reason: &str| {
        if holds {
            points += weight;
            reasons.push(reason.to_owned());
        }
    };
    count(is_engine(name), 2, "its name");
    count(folders(container).any(is_engine), 1, "its build folder");
    let image = container.image.as_deref().map(images::parse);
    let image_words = image.iter().flat_map(|i| i.repository.rsplit('/').next().into_iter().chain(i.tag));
    count(image_words.flat_map(|w| w.split(['-', '_'])).any(is_engine), 1, "its image's name");
    let configured = container.env.keys().any(|k| engine.prefixes.iter().any(|p| k.starts_with(p)));
    count(configured, 2, "settings that only such an image reads");
    let mut ports = container.ports.iter().map(|p| p.target).chain(container.expose.iter().copied());
    count(ports.any(|p| engine.ports.contains(&p)), 2, "its port");
    count(
        container.mounts.iter().any(|m| engine.data.iter().any(|d| m.target.starts_with(d))),
        2,
        "its data folder",
    );
    (points, reasons)
}

/// The last folder of the build context and the one that holds the Dockerfile.
fn folders(container: &Container) -> impl Iterator<Item = &str> {
    let build = container.build.as_ref();
    let context = build.and_then(|b| Path::new(&b.context).file_name()?.to_str());
    let holder = build.and_then(|b| Path::new(b.dockerfile.as_deref()?).parent()?.file_name()?.to_str());
    context.into_iter().chain(holder)
}

/// Programs that speak to a server and then end.
const CLIENTS: &[&str] = &[
    "psql",
    "pg_dump",
    "pg_restore",
    "pg_isready",
    "createdb",
    "mysql",
    "mysqldump",
    "mysqladmin",
    "mariadb",
    "mongosh",
    "mongo",
    "mongoimport",
    "mongorestore",
    "mongodump",
    "redis-cli",
    "valkey-cli",
    "rabbitmqadmin",
    "kafka-topics",
    "kafka-topics.sh",
    "curl",
    "wget",
];

/// Whether a container uses a database's image only for the client in it.
fn is_client(name: &str, container: &Container, engine: &Engine, all: &Containers) -> bool {
    let words = container.entrypoint.iter().chain(&container.command).flatten();
    let runs_client = words
        .flat_map(|w| w.split_whitespace())
        .any(|word| CLIENTS.contains(&word.rsplit('/').next().unwrap_or(word)));
    let awaited = all.values().any(|c| c.depends.get(name).is_some_and(|d| d.waits_for_end));
    let waits_for_its_kind = container.depends.keys().filter_map(|d| all.get(d)).any(|other| {
        let image = other.image.as_deref().and_then(images::role);
        matches!(image, Some(Role::Managed(e)) if e.ty == engine.ty)
    });
    container.is_job || awaited || runs_client || (waits_for_its_kind && container.never_restarts)
}

/// Names of load generators and test runners that a project builds itself.
const TEST_NAMES: &[&str] = &[
    "load-gen",
    "load-generator",
    "loadgenerator",
    "loadgen",
    "load-test",
    "loadtest",
    "load-tester",
    "locust",
    "k6",
    "cypress",
    "playwright",
    "e2e",
    "e2e-tests",
    "smoke-tests",
    "integration-tests",
];

fn is_test_tool(name: &str, paths: &[&str]) -> bool {
    let last =
        |path: &str| path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().replace('_', "-");
    TEST_NAMES.contains(&name.replace('_', "-").as_str())
        || paths.iter().any(|p| TEST_NAMES.contains(&last(p).as_str()))
}
