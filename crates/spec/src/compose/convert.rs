//! Judged containers become a spec.
//!
//! Each service keeps what means something in the cloud; each managed resource keeps its type, version and database;
//! and everything else is noted with its reason. This module must not choose sizes, zones or prices.

use indexmap::IndexMap;
use ir::{Diagnostic, Diagnostics, Spanned};

use super::classify::{Verdict, classify};
use super::container::{Container, Containers};
use super::environment::{self, SecretBook, Settings, Surroundings};
use super::exposure::{self, Door};
use super::fit;
use super::images::{self, Engine, Role};
use super::keys::Fates;
use super::load::Project;
use super::rewrite::{Context, Hosts, Target};
use super::volumes::Purpose;
use super::{Import, Note};
use crate::{
    Access, Assumption, Build, Deliver, EnvPart, Load, Release, Resource, Service, Source, Spec, Use,
    UseTarget, defaults, names,
};

/// Writes the spec; `None` when no service is left to write.
pub(super) fn convert(
    project: &Project,
    containers: &Containers,
    fates: &Fates,
    diagnostics: &mut Diagnostics,
) -> Option<Import> {
    let hosts = Hosts::new(containers);
    let verdicts = classify(containers, &hosts);
    if !verdicts.values().any(|v| *v == Verdict::Service) {
        diagnostics.push(
            Diagnostic::error("no-services", "the compose files start no service of an application")
                .because("Only optional containers, databases or nothing at all is left.")
                .help("declare the program itself under `services:`, with `image` or `build`"),
        );
        return None;
    }
    let names = spec_names(containers);
    let doors = exposure::doors(containers, &verdicts, &hosts);
    let targets = targets(containers, &verdicts, &names, &doors);
    let mut writer = Writer {
        containers,
        verdicts: &verdicts,
        names: &names,
        doors: &doors,
        hosts: &hosts,
        targets: &targets,
        book: SecretBook::default(),
        kept: Vec::new(),
        changed: Vec::new(),
        dropped: Vec::new(),
        assumptions: Vec::new(),
        diagnostics,
    };
    let name = writer.name(project);
    writer.say_left();
    let resources = writer.resources();
    let services = writer.services();
    let Writer { book, kept, mut changed, mut dropped, mut assumptions, .. } = writer;
    let environments = defaults::environments(&mut assumptions);
    let cloud = defaults::cloud(None, Vec::new(), &mut assumptions);
    let gone = |owner: &str| verdicts.get(owner).is_some_and(|v| *v != Verdict::Service);
    fates.warn(&gone, diagnostics);
    let (key_changes, key_drops) = fates.notes(&gone);
    changed.extend(key_changes);
    dropped.extend(key_drops);
    let mut spec = Spec {
        name,
        owner: None,
        cloud,
        budget: None,
        environments,
        services,
        resources,
        secrets: book.finish(),
        deliver: Deliver::default(),
        assumptions,
    };
    let removed = fit::fit(&mut spec, diagnostics);
    changed.extend(removed.changed);
    dropped.extend(removed.dropped);
    Some(Import { spec, kept, changed, dropped })
}

fn assumption(
    subject: impl Into<String>,
    assumed: impl Into<String>,
    because: impl Into<String>,
) -> Assumption {
    Assumption { subject: subject.into(), assumed: assumed.into(), because: because.into() }
}

/// A name in the spec for each container; two that clean to the same are told apart by a number.
fn spec_names(containers: &Containers) -> IndexMap<String, String> {
    let mut names: IndexMap<String, String> = IndexMap::new();
    let mut taken = names::Taken::default();
    for name in containers.keys() {
        names.insert(name.clone(), taken.take(name));
    }
    names
}

fn targets(
    containers: &Containers,
    verdicts: &IndexMap<String, Verdict>,
    names: &IndexMap<String, String>,
    doors: &IndexMap<String, Door>,
) -> IndexMap<String, Target> {
    let target = |name: &String| {
        let (use_as, port, engine) = match &verdicts[name] {
            Verdict::Service => (UseTarget::Service, doors[name].port, None),
            Verdict::Managed { engine, .. } => {
                (UseTarget::Resource, engine.ports.first().copied(), Some(*engine))
            }
            Verdict::Member { .. } | Verdict::Left { .. } => return None,
        };
        Some((name.clone(), Target { use_as, name: names[name].clone(), port, engine }))
    };
    let mut targets: IndexMap<String, Target> = containers.keys().filter_map(target).collect();
    for (member, verdict) in verdicts {
        if let Verdict::Member { leader } = verdict
            && let Some(target) = targets.get(leader).cloned()
        {
            targets.insert(member.clone(), target);
        }
    }
    targets
}

struct Writer<'a> {
    containers: &'a Containers,
    verdicts: &'a IndexMap<String, Verdict>,
    names: &'a IndexMap<String, String>,
    doors: &'a IndexMap<String, Door>,
    hosts: &'a Hosts,
    targets: &'a IndexMap<String, Target>,
    book: SecretBook,
    kept: Vec<String>,
    changed: Vec<Note>,
    dropped: Vec<Note>,
    assumptions: Vec<Assumption>,
    diagnostics: &'a mut Diagnostics,
}

impl Writer<'_> {
    fn name(&mut self, project: &Project) -> Spanned<String> {
        let declared =
            project.tree.get("name").and_then(|n| Some((n.scalar().filter(|t| !t.is_empty())?, n.span)));
        // Without a `name`, compose takes this variable and then the folder.
        let variable = project.variables.get("COMPOSE_PROJECT_NAME").filter(|v| !v.is_empty());
        let (text, span) = match (declared, variable) {
            (Some((text, span)), _) => (text, Some(span)),
            (None, Some(text)) => (text.clone(), None),
            (None, None) => (project.folder_name.clone().unwrap_or_else(|| "app".to_owned()), None),
        };
        let name = names::clean(&text);
        if span.is_none() && variable.is_none() {
            self.assumptions.push(assumption("name", &name, "compose names a project after its folder"));
        } else if name != text {
            let why = "names start with a letter, hold lower-case letters, digits and dashes, and are short";
            self.changed.push(Note::new("name", format!("became `{name}`"), why));
        }
        Spanned { value: name, span }
    }

    fn say_left(&mut self) {
        for (name, container) in self.containers {
            let subject = format!("services.{name}");
            if self.verdicts[name] == Verdict::Service && !container.profiles.is_empty() {
                let why = "every program of the file starts with a profile only";
                self.assumptions.push(assumption(&subject, "part of the application", why));
            }
            match &self.verdicts[name] {
                Verdict::Left { what, why } => {
                    self.dropped.push(Note::new(subject, format!("{what}, not deployed"), why))
                }
                Verdict::Service => {
                    let waits = container.depends.keys().filter(|d| {
                        let gone = self.containers.get(*d).is_some_and(|c| !c.profiles.is_empty());
                        gone && matches!(self.verdicts.get(*d), Some(Verdict::Left { .. }))
                    });
                    for other in waits {
                        self.diagnostics.push(
                            Diagnostic::warning(
                                "depends-on-profile",
                                format!("`{name}` waits for `{other}`, which only starts with a profile"),
                            )
                            .at(container.depends[other].span, "not part of the default application")
                            .help(format!("remove the profile of `{other}`, or the dependency")),
                        );
                    }
                }
                Verdict::Member { leader } => {
                    let what = format!("became a part of the managed resource `{}`", self.names[leader]);
                    let why =
                        "settings list them together, and the managed service runs several copies itself";
                    self.changed.push(Note::new(subject, what, why));
                }
                Verdict::Managed { .. } => {}
            }
            let stays = matches!(self.verdicts[name], Verdict::Service | Verdict::Managed { .. });
            if self.names[name] != *name && stays {
                let why = "names hold lower-case letters, digits and dashes";
                self.changed.push(Note::new(
                    format!("services.{name}"),
                    format!("is called `{}`", self.names[name]),
                    why,
                ));
            }
        }
    }

    fn resources(&mut self) -> IndexMap<String, Resource> {
        let mut resources = IndexMap::new();
        for (name, container) in self.containers {
            let Verdict::Managed { engine, inferred } = &self.verdicts[name] else { continue };
            let spec_name = self.names[name].clone();
            let resource = self.resource(name, container, engine, inferred.as_deref());
            let version = resource.version.as_ref().map_or_else(String::new, |v| format!(" {}", v.value));
            self.kept.push(format!("resource {spec_name}: {}{version}", engine.name));
            resources.insert(spec_name, resource);
        }
        resources
    }

    fn resource(
        &mut self,
        name: &str,
        container: &Container,
        engine: &'static Engine,
        inferred: Option<&str>,
    ) -> Resource {
        let subject = format!("resources.{}", self.names[name]);
        let base = container.dockerfile.as_ref().map(|f| f.base.clone());
        let image = if container.build.is_some() { base } else { container.image.clone() };
        self.changed.push(Note::new(
            format!("services.{name}"),
            format!("became the managed resource `{}` ({})", self.names[name], engine.name),
            "the cloud runs, patches and backs it up; its users and passwords are managed too",
        ));
        if let Some(reason) = inferred {
            self.assumptions.push(assumption(
                format!("{subject}.type"),
                engine.name,
                format!("nothing says what its image is, so it was judged by {reason}"),
            ));
            let key = if container.build.is_some() { "build" } else { "image" };
            let why = "a managed service runs no image of yours; run such steps as migrations";
            self.dropped.push(Note::new(
                format!("services.{name}.{key}"),
                "what the image adds is not carried over",
                why,
            ));
        }
        let version = image.as_deref().and_then(images::version);
        if image.as_deref().is_some_and(images::counts_its_own_versions) {
            let why = "the image counts versions of its own; the managed service offers a compatible engine";
            self.changed.push(Note::new(format!("{subject}.version"), "not taken from the image", why));
        } else if version.is_none() {
            let because = "no tag names a version, and the designer takes the current one";
            self.assumptions.push(assumption(format!("{subject}.version"), "current", because));
        }
        if container.ports.iter().any(|p| !p.is_loopback()) {
            let why = "a database is reached from the application's own network only";
            self.dropped.push(Note::new(format!("services.{name}.ports"), "not published", why));
        }
        for mount in &container.mounts {
            let (what, why) = match mount.purpose {
                Purpose::Data | Purpose::Scratch => continue,
                _ if mount.target.starts_with("/docker-entrypoint-initdb.d") => (
                    "scripts that prepare the database are not run",
                    "a managed service runs no files; give them as migrations",
                ),
                _ => (
                    "settings of the server are not carried over",
                    "the managed service is configured by parameters",
                ),
            };
            self.dropped.push(Note::new(
                format!("services.{name}.volumes"),
                format!("`{}`: {what}", mount.target),
                why,
            ));
        }
        if container.command.as_ref().is_some_and(|c| !c.is_empty()) {
            let why = "the managed service is configured by parameters";
            self.dropped.push(Note::new(
                format!("services.{name}.command"),
                "flags of the server are not carried over",
                why,
            ));
        }
        Resource {
            ty: Spanned::at(engine.ty, container.span),
            version: version.map(Spanned::bare),
            storage_gib: None,
            memory_gib: None,
            queries: None,
            retention: None,
            migrations: None,
            ordered: false,
            subscribers: Vec::new(),
            database: self.database(container, engine),
            local_image: container.image.clone().filter(|_| container.build.is_none()).or(image),
            span: Some(container.span),
        }
    }

    /// The database that is made at the start: PostgreSQL's image calls it after the user when nobody names one.
    fn database(&self, container: &Container, engine: &Engine) -> Option<String> {
        let first = |keys| environment::credentials(container, keys).into_iter().next();
        let after_user = || first(engine.user).filter(|_| engine.ty == crate::ResourceType::Postgres);
        first(engine.database).or_else(after_user)
    }

    fn services(&mut self) -> IndexMap<String, Service> {
        let containers = self.containers;
        let managed = || {
            containers.iter().filter_map(|(n, c)| match &self.verdicts[n] {
                Verdict::Managed { engine, .. } => Some((n, c, *engine)),
                _ => None,
            })
        };
        let is_bucket = |e: &Engine| e.ty == crate::ResourceType::Bucket;
        let passwords: IndexMap<String, Vec<String>> = managed()
            .filter(|(.., e)| !is_bucket(e))
            .map(|(n, c, e)| (n.clone(), environment::credentials(c, e.password)))
            .collect();
        let users: IndexMap<String, Vec<String>> =
            managed().map(|(n, c, e)| (n.clone(), environment::credentials(c, e.user))).collect();
        let bucket_keys: Vec<String> = managed()
            .filter(|(.., e)| is_bucket(e))
            .flat_map(|(_, c, e)| {
                [environment::credentials(c, e.user), environment::credentials(c, e.password)].concat()
            })
            .collect();
        let secret_owners: IndexMap<String, Target> = managed()
            .flat_map(|(n, c, _)| c.secrets.iter().map(move |(s, _)| (s.clone(), n)))
            .map(|(secret, n)| (secret, self.targets[n].clone()))
            .collect();
        let telemetry: Vec<&str> = self
            .verdicts
            .iter()
            .filter(|(_, v)| matches!(v, Verdict::Left { what: "telemetry backend", .. }))
            .map(|(n, _)| n.as_str())
            .collect();
        let mut services = IndexMap::new();
        for (name, container) in containers.iter().filter(|(n, _)| self.verdicts[*n] == Verdict::Service) {
            let spec_name = self.names[name].clone();
            let around = Surroundings {
                context: Context {
                    container,
                    hosts: self.hosts,
                    targets: self.targets,
                    passwords: &passwords,
                    users: &users,
                    own: name,
                },
                name: &spec_name,
                secret_owners: &secret_owners,
                telemetry: &telemetry,
                bucket_keys: &bucket_keys,
            };
            let settings = environment::settings(container, &around, &mut self.book);
            if let Some(service) = self.service(name, container, settings) {
                services.insert(spec_name, service);
            }
        }
        services
    }

    fn service(&mut self, name: &str, container: &Container, mut settings: Settings) -> Option<Service> {
        let spec_name = self.names[name].clone();
        let Some(source) = self.source(name, container) else {
            self.diagnostics.push(
                Diagnostic::error(
                    "service-without-image",
                    format!("`{name}` has neither an image nor a build"),
                )
                .at(container.span, "")
                .because(
                    "A file that only changes services of another is read together with that other file.",
                )
                .help("add `image` or `build`, or name the base file first"),
            );
            return None;
        };
        self.changed.append(&mut settings.changed);
        self.dropped.append(&mut settings.dropped);
        let mut door = self.doors[name].clone();
        if matches!(source, Source::Static(_)) {
            let why = "the files need no server of their own: they are served from a bucket near the users";
            self.changed.push(Note::new(format!("services.{name}"), "became a static site", why));
            door = Door { public: door.public, host: door.host, ..Door::default() };
        } else {
            self.mounts(name, container);
        }
        let awaited = self.containers.values().any(|c| c.depends.get(name).is_some_and(|d| d.waits_for_end));
        let once = container.schedule.is_none() && (awaited || is_setup(name, container));
        let runs = !once && container.schedule.is_none() && !container.is_job;
        if container.is_job && container.schedule.is_none() {
            let why = "a job without a schedule is started by hand; it runs at each deployment instead";
            self.changed.push(Note::new(format!("services.{name}"), "runs once at each deployment", why));
        }
        let uses = self.uses(name, container, &settings);
        self.say_unaddressed(name, container, &uses, &settings);
        let door = if runs { self.say_door(name, container, door) } else { Door::default() };
        self.kept.push(describe(&spec_name, container, &door));
        Some(Service {
            source,
            port: door.port.map(Spanned::bare),
            protocol: door.protocol,
            public: Spanned::bare(door.public),
            host: door.host.map(Spanned::bare),
            health: door.health.map(Spanned::bare),
            load: Load::default(),
            slo: None,
            uses,
            release: Spanned::bare(Release::Rolling),
            schedule: container.schedule.clone().map(Spanned::bare),
            once: once || (container.is_job && container.schedule.is_none()),
            env: settings.env,
            entrypoint: settings.entrypoint,
            command: settings.command,
            limits: container.limits,
            span: Some(container.span),
        })
    }

    fn source(&mut self, name: &str, container: &Container) -> Option<Source> {
        let Some(build) = &container.build else {
            if let Some(folder) = site_folder(container) {
                return Some(Source::Static(Spanned::bare(folder.to_owned())));
            }
            let image = container.image.clone()?;
            if matches!(images::role(&image), Some(Role::Stateful(_))) {
                self.diagnostics.push(
                    Diagnostic::warning(
                        "stateful-container",
                        format!("`{name}` keeps data, and no managed resource replaces it"),
                    )
                    .at(container.span, "loses its data when it is replaced")
                    .because("Containers keep nothing when they stop.")
                    .help("use a hosted service for it, or one of the managed resource types"),
                );
            }
            return Some(Source::Image(Spanned::bare(image)));
        };
        let (args, secrets) = environment::build_args(&build.args);
        if !secrets.is_empty() {
            let why = "an image keeps its build arguments for everyone to read; use a secret of the pipeline";
            self.dropped.push(Note::new(
                format!("services.{name}.build.args"),
                format!("{} left out", secrets.join(", ")),
                why,
            ));
        }
        let dev_stage = build.target.as_deref().filter(|t| environment::is_dev_stage(t));
        if let Some(stage) = dev_stage {
            let why = "that stage is for developing; the last stage of the Dockerfile is built";
            self.changed.push(Note::new(
                format!("services.{name}.build.target"),
                format!("`{stage}` left out"),
                why,
            ));
        }
        Some(Source::Build(Build {
            context: Spanned::bare(build.context.clone()),
            dockerfile: build.dockerfile.clone().map(Spanned::bare),
            target: build.target.clone().filter(|_| dev_stage.is_none()).map(Spanned::bare),
            args,
            scan: None,
        }))
    }

    fn mounts(&mut self, name: &str, container: &Container) {
        let subject = format!("services.{name}.volumes");
        let mut lost: Vec<&str> = Vec::new();
        for mount in &container.mounts {
            let target = mount.target.as_str();
            let (what, why) = match mount.purpose {
                Purpose::Scratch => continue,
                Purpose::Data => {
                    lost.push(target);
                    continue;
                }
                Purpose::Code if container.build.is_some() => (
                    "the source folder is not mounted",
                    "only matters while developing; the image holds the code",
                ),
                Purpose::Code | Purpose::Config => {
                    ("the file or folder is not mounted", "copy it into the image while building")
                }
                Purpose::Host => {
                    ("a folder of the machine is not mounted", "containers cannot see a machine's disk there")
                }
                Purpose::EngineSocket => (
                    "the container engine's socket is not mounted",
                    "there is no container engine to speak to",
                ),
            };
            self.dropped.push(Note::new(&subject, format!("`{target}`: {what}"), why));
            let (id, summary) = match mount.purpose {
                Purpose::EngineSocket => (
                    "docker-socket",
                    format!("`{name}` speaks to the container engine, which it cannot there"),
                ),
                Purpose::Host => {
                    ("host-folder", format!("`{name}` reads a folder of the machine, which it cannot there"))
                }
                Purpose::Config => (
                    "mounted-config",
                    format!("`{name}` reads `{target}` from a mount, which will be missing"),
                ),
                Purpose::Code if container.build.is_none() => (
                    "mounted-config",
                    format!("`{name}` reads `{target}` from a mount, which will be missing"),
                ),
                _ => continue,
            };
            self.diagnostics.push(
                Diagnostic::warning(id, summary)
                    .at(container.span, "")
                    .because(format!("{}{}.", why[..1].to_uppercase(), &why[1..]))
                    .help("build an image that holds what it needs"),
            );
        }
        if !container.configs.is_empty() {
            let why = "no file is mounted into a container there; copy it into the image while building";
            self.dropped.push(Note::new(
                format!("services.{name}.configs"),
                container.configs.join(", "),
                why,
            ));
        }
        if !lost.is_empty() {
            let why = "containers keep nothing when they stop; use a database or a bucket";
            self.dropped.push(Note::new(&subject, format!("data under {} is lost", lost.join(", ")), why));
            self.diagnostics.push(
                Diagnostic::warning(
                    "lost-volume",
                    format!("`{name}` keeps data in {}, which is lost", lost.join(", ")),
                )
                .at(container.span, "")
                .because("Containers there keep nothing when they stop, and several copies share no disk.")
                .help("keep the data in a database or a bucket"),
            );
        }
        if let Some(mode) = container.network_mode.as_deref().filter(|m| *m == "host" || m.contains(':')) {
            self.diagnostics.push(
                Diagnostic::warning(
                    "shared-network",
                    format!("`{name}` shares a network with its machine or another container"),
                )
                .at(container.span, "")
                .because(format!(
                    "`network_mode: {mode}` has no counterpart: each container has an address of its own."
                ))
                .help("reach other services by their names"),
            );
            self.dropped.push(Note::new(
                format!("services.{name}.network_mode"),
                "not carried over",
                "each container has an address of its own",
            ));
        }
    }

    fn uses(&mut self, name: &str, container: &Container, settings: &Settings) -> Vec<Use> {
        let mut uses: IndexMap<(UseTarget, String), Option<ir::Span>> = IndexMap::new();
        let mut add = |target: UseTarget, name: &str, span: Option<ir::Span>| {
            uses.entry((target, name.to_owned())).or_insert(span);
        };
        for (other, depends) in &container.depends {
            if let Some(target) = self.targets.get(other) {
                add(target.use_as, &target.name, Some(depends.span));
            }
        }
        for (_, service) in &container.links {
            if let Some(target) = self.targets.get(service) {
                add(target.use_as, &target.name, None);
            }
        }
        for (key, value) in &settings.env {
            let span = container.env.get(key).and_then(|s| s.span);
            for part in &value.parts {
                match part {
                    EnvPart::Reference { target, name, .. } => add(*target, name, span),
                    EnvPart::Secret(name) => add(UseTarget::Secret, name, span),
                    EnvPart::Text(_) => {}
                }
            }
        }
        for resource in &settings.hosts_in_secrets {
            add(UseTarget::Resource, resource, None);
        }
        let mut named: Vec<&str> = Vec::new();
        for other in settings.hosts_in_command.iter().filter(|o| *o != name) {
            if let Some(target) = self.targets.get(other) {
                add(target.use_as, &target.name, None);
                if !named.contains(&other.as_str()) {
                    named.push(other);
                }
            }
        }
        if !named.is_empty() {
            self.diagnostics.push(
                Diagnostic::warning(
                    "host-in-command",
                    format!("the command of `{name}` names the host {}", named.join(", ")),
                )
                .at(container.span, "")
                .because("A command line is fixed before the other side has an address.")
                .help("give the address as a setting under `environment`"),
            );
        }
        uses.into_iter()
            .map(|((target, name), span)| Use { target, name, access: Access::ReadWrite, span })
            .collect()
    }

    /// A program that finds a database by its container's name will not find the managed one.
    fn say_unaddressed(&mut self, name: &str, container: &Container, uses: &[Use], settings: &Settings) {
        let parts = || settings.env.values().flat_map(|v| &v.parts);
        let mut unaddressed = Vec::new();
        for used in uses.iter().filter(|u| u.target == UseTarget::Resource) {
            let Some(address) = self.managed(&used.name).and_then(|ty| ty.fields().first()) else { continue };
            let tells = |part: &EnvPart| {
                matches!(part, EnvPart::Reference { target: UseTarget::Resource, name, field }
                    if *name == used.name && (field == address || field == "url"))
            };
            if !parts().any(tells) {
                unaddressed.push((used, *address));
            }
        }
        for (used, address) in unaddressed {
            self.diagnostics.push(
                Diagnostic::warning("address-not-set", format!("no setting tells `{name}` where `{}` is", used.name))
                    .at(used.span.unwrap_or(container.span), "used here")
                    .because("In compose a container is found by its name, which may be written into the program; the managed service has an address of its own.")
                    .help(format!("read the address from a setting such as `${{{}.{address}}}`", used.name)),
            );
        }
    }

    /// What a container became, by the name of its resource.
    fn managed(&self, resource: &str) -> Option<crate::ResourceType> {
        self.verdicts.iter().find_map(|(container, verdict)| match verdict {
            Verdict::Managed { engine, .. } if self.names[container] == resource => Some(engine.ty),
            _ => None,
        })
    }

    /// Records what was decided about a service's port.
    fn say_door(&mut self, name: &str, container: &Container, door: Door) -> Door {
        let subject = format!("services.{}", self.names[name]);
        if let Some(proxy) = &door.kept_inside {
            let why = format!("`{proxy}` is published too and passes requests on to it");
            self.assumptions.push(assumption(format!("{subject}.public"), "false", why));
        }
        let public = self.doors.values().filter(|d| d.public).count();
        if door.public && public > 1 {
            let why = format!("its port is published, as those of {} other services are", public - 1);
            self.assumptions.push(assumption(format!("{subject}.public"), "true", why));
        }
        if let (Some(port), false) = (door.port, door.protocol_known) {
            let why = "nothing in the file says what it speaks";
            self.assumptions.push(assumption(
                format!("{subject}.protocol"),
                format!("http on port {port}"),
                why,
            ));
        }
        if !door.others.is_empty() {
            let others: Vec<String> = door.others.iter().map(u16::to_string).collect();
            let why = match door.port {
                Some(port) => format!("one port of a service is reached, and {port} is the one that serves"),
                None => "no port of it serves requests over TCP".to_owned(),
            };
            self.dropped.push(Note::new(
                format!("services.{name}.ports"),
                format!("{} not reachable", others.join(", ")),
                why,
            ));
        }
        if container.ports.iter().any(|p| p.datagram) {
            self.diagnostics.push(
                Diagnostic::warning(
                    "udp-port",
                    format!("`{name}` publishes a UDP port, which will not be reachable"),
                )
                .at(container.span, "")
                .because("The services here are reached over TCP.")
                .help("serve it over TCP, or run it elsewhere"),
            );
        }
        door
    }
}

/// The project's folder that a plain web server serves as it is, when it does nothing else.
fn site_folder(container: &Container) -> Option<&str> {
    const ROOTS: [&str; 4] =
        ["/usr/share/nginx/html", "/usr/local/apache2/htdocs", "/usr/share/caddy", "/srv"];
    let image = container.image.as_deref()?;
    let plain = images::role(image) == Some(Role::Proxy)
        && container.command.is_none()
        && container.entrypoint.is_none()
        && container.configs.is_empty();
    let [mount] = container.mounts.as_slice() else { return None };
    let root = ROOTS.contains(&mount.target.trim_end_matches('/'));
    mount.source.as_deref().filter(|_| plain && root && mount.purpose == Purpose::Code)
}

/// Whether a container prepares something and ends.
fn is_setup(name: &str, container: &Container) -> bool {
    const SETUP: [&str; 12] = [
        "migrate",
        "migration",
        "migrations",
        "migrator",
        "seed",
        "seeder",
        "setup",
        "init",
        "bootstrap",
        "provision",
        "provisioner",
        "initializer",
    ];
    !container.always_restarts
        && container.ports.is_empty()
        && name.split(['-', '_', '.']).any(|word| SETUP.contains(&word))
}

fn describe(name: &str, container: &Container, door: &Door) -> String {
    let mut facts = vec![if container.build.is_some() { "build" } else { "image" }.to_owned()];
    facts.extend(door.port.map(|port| format!("port {port}")));
    facts.extend(door.public.then(|| "public".to_owned()));
    facts.extend(door.health.as_ref().map(|path| format!("health {path}")));
    if !container.env.is_empty() {
        facts.push("environment".to_owned());
    }
    for (is_set, what) in [
        (container.command.is_some(), "command"),
        (container.entrypoint.is_some(), "entrypoint"),
        (container.limits != crate::Limits::default(), "limits"),
        (!container.depends.is_empty(), "dependencies"),
    ] {
        facts.extend(is_set.then(|| what.to_owned()));
    }
    format!("service {name}: {}", facts.join(", "))
}
