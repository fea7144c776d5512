//! One service of a compose file as plain values.
//!
//! Every short form is read, `env_file` is opened, and the Dockerfile is looked at. What each container means for
//! the cloud is decided later. This module must not judge: only what cannot be read is said here.

use std::path::Path;

use indexmap::{IndexMap, IndexSet};
use ir::yaml::{Data, Yaml};
use ir::{Diagnostic, Diagnostics, SourceMap, Span, World};

use super::load::{Project, unknown_service};
use super::ports::{self, Port};
use super::volumes::{self, Mount};
use super::{dotenv, forms};
use crate::scan::Dockerfile;
use crate::{Limits, words};

/// Every container by name, in the order of the files; those with profiles too.
pub(super) type Containers = IndexMap<String, Container>;

/// One service or job.
pub(super) struct Container {
    /// Of the service's name.
    pub(super) span: Span,
    pub(super) image: Option<String>,
    pub(super) build: Option<BuildOf>,
    /// What its Dockerfile says, when it could be read.
    pub(super) dockerfile: Option<Dockerfile>,
    pub(super) env: IndexMap<String, Setting>,
    pub(super) ports: Vec<Port>,
    pub(super) expose: Vec<u16>,
    pub(super) mounts: Vec<Mount>,
    pub(super) depends: IndexMap<String, Depends>,
    /// Other names that it answers to.
    pub(super) aliases: Vec<String>,
    /// What a link calls another service: alias, service.
    pub(super) links: Vec<(String, String)>,
    /// Containers whose volumes it mounts.
    pub(super) volumes_from: Vec<String>,
    /// The words of the health command; empty when there is none.
    pub(super) health: Vec<String>,
    /// Source and path in the container of each secret.
    pub(super) secrets: Vec<(String, String)>,
    pub(super) configs: Vec<String>,
    pub(super) profiles: Vec<String>,
    pub(super) command: Option<Vec<String>>,
    pub(super) entrypoint: Option<Vec<String>>,
    /// `restart: "no"` or a policy of `none`.
    pub(super) never_restarts: bool,
    /// `restart: always`, `unless-stopped`, or a policy of `any`.
    pub(super) always_restarts: bool,
    pub(super) limits: Limits,
    pub(super) network_mode: Option<String>,
    pub(super) labels: IndexMap<String, String>,
    /// Cron expression of a job.
    pub(super) schedule: Option<String>,
    /// A plugin starts it instead of an image.
    pub(super) provider: Option<String>,
    /// It is a job: it ends.
    pub(super) is_job: bool,
}

/// How an image is built.
pub(super) struct BuildOf {
    pub(super) context: String,
    pub(super) dockerfile: Option<String>,
    pub(super) target: Option<String>,
    pub(super) args: IndexMap<String, String>,
}

/// One setting of the environment. Its value may be secret: never printed.
pub(super) struct Setting {
    /// `None`: taken from the shell, which is not read.
    pub(super) value: Option<String>,
    pub(super) span: Option<Span>,
    /// Such as `compose.yaml:12`.
    pub(super) place: String,
}

/// An entry of `depends_on`.
pub(super) struct Depends {
    /// Waits until the other has ended well.
    pub(super) waits_for_end: bool,
    pub(super) span: Span,
}

/// Reads every service and job.
pub(super) fn read(
    world: &dyn World,
    project: &Project,
    sources: &SourceMap,
    diagnostics: &mut Diagnostics,
) -> Containers {
    let mut containers = Containers::new();
    for section in ["services", "jobs"] {
        let Some(services) = project.tree.get(section) else { continue };
        let Some(entries) = services.entries() else {
            if services.data != Data::Null {
                diagnostics.push(wrong_type(section, "a mapping of names", services));
            }
            continue;
        };
        for (name, node) in entries.iter().filter(|(n, _)| !n.text.starts_with("x-")) {
            if node.entries().is_none() {
                diagnostics.push(wrong_type(&name.text, "a mapping with `image` or `build`", node));
                continue;
            }
            let mut reader = Reader { world, project, sources, diagnostics, name: &name.text, node };
            let container = reader.container(name.span, section == "jobs");
            if containers.insert(name.text.clone(), container).is_some() {
                diagnostics.push(
                    Diagnostic::error(
                        "duplicate-key",
                        format!("`{}` is both a service and a job", name.text),
                    )
                    .at(name.span, "second time")
                    .help("rename one of the two"),
                );
            }
        }
    }
    check_dependencies(&containers, diagnostics);
    check_secrets(&containers, project, diagnostics);
    containers
}

/// Services read secrets that are declared.
fn check_secrets(containers: &Containers, project: &Project, diagnostics: &mut Diagnostics) {
    let declared = project.tree.get("secrets").and_then(Yaml::entries).unwrap_or(&[]);
    let names = || declared.iter().map(|(k, _)| k.text.as_str());
    for (name, container) in containers {
        for (source, _) in container.secrets.iter().filter(|(source, _)| !names().any(|n| n == source)) {
            let diagnostic = Diagnostic::error(
                "unknown-secret",
                format!("`{name}` reads the secret `{source}`, which is not declared"),
            )
            .at(container.span, "");
            diagnostics.push(match ir::diagnostic::nearest(source, names()) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                None => diagnostic.help("declare it under `secrets:` at the top of the file"),
            });
        }
    }
}

fn wrong_type(what: &str, wanted: &str, node: &Yaml) -> Diagnostic {
    Diagnostic::error("wrong-type", format!("`{what}` must be {wanted}, not {}", node.what()))
        .at(node.span, "")
        .help(format!("write {wanted}"))
}

/// Dependencies name services that exist, and no service waits for itself.
fn check_dependencies(containers: &Containers, diagnostics: &mut Diagnostics) {
    for container in containers.values() {
        for (name, depends) in container.depends.iter().filter(|(name, _)| !containers.contains_key(*name)) {
            diagnostics.push(unknown_service(name, containers.keys().map(String::as_str), depends.span));
        }
    }
    // Services are taken away while nothing is left for them to wait for; whoever remains stands in a circle or
    // behind one.
    let mut waiting_for: IndexMap<&str, Vec<&str>> = IndexMap::new();
    let mut left: IndexMap<&str, usize> = IndexMap::new();
    for (name, container) in containers {
        let known = container.depends.keys().filter(|d| containers.contains_key(*d));
        left.insert(name, known.clone().count());
        known.for_each(|d| waiting_for.entry(d).or_default().push(name));
    }
    let mut free: Vec<&str> = left.iter().filter(|(_, waits)| **waits == 0).map(|(n, _)| *n).collect();
    while let Some(name) = free.pop() {
        for waiter in waiting_for.get(name).into_iter().flatten() {
            let waits = left.get_mut(waiter).expect("every container was counted");
            *waits -= 1;
            if *waits == 0 {
                free.push(waiter);
            }
        }
    }
    left.retain(|_, waits| *waits > 0);
    let Some(first) = left.first().map(|(name, _)| *name) else { return };
    let mut path: IndexSet<&str> = IndexSet::from([first]);
    let mut last = first;
    loop {
        let next = containers[last].depends.iter().find(|(name, _)| left.contains_key(name.as_str()));
        let Some((next, depends)) = next else { return };
        if let Some(start) = path.get_index_of(next.as_str()) {
            let circle: Vec<String> =
                path.iter().skip(start).copied().chain([next.as_str()]).map(|n| format!("`{n}`")).collect();
            diagnostics.push(
                Diagnostic::error("cycle", format!("{} wait for each other", circle.join(" > ")))
                    .at(depends.span, "closes the circle")
                    .because("None of them could ever start.")
                    .help("remove one of these `depends_on`"),
            );
            return;
        }
        path.insert(next);
        last = next;
    }
}

/// Keys whose value may have one shape or two, what to write, and whether a value is of it.
type Shape = (&'static str, &'static str, fn(&Yaml) -> bool);
const SHAPES: [Shape; 5] = [
    ("image", "the name of an image", |v| v.scalar().is_some()),
    ("build", "a folder, or a mapping with `context`", |v| v.as_str().is_some() || v.entries().is_some()),
    ("environment", "a mapping, or a list of `KEY=value`", |v| v.entries().is_some() || v.items().is_some()),
    ("command", "a line, or a list of words", |v| v.entries().is_none()),
    ("entrypoint", "a line, or a list of words", |v| v.entries().is_none()),
];

struct Reader<'a> {
    world: &'a dyn World,
    project: &'a Project,
    sources: &'a SourceMap,
    diagnostics: &'a mut Diagnostics,
    name: &'a str,
    node: &'a Yaml,
}

impl<'a> Reader<'a> {
    fn container(&mut self, span: Span, is_job: bool) -> Container {
        let node = self.node;
        let build = node.get("build").and_then(build);
        let named = |key| node.get(key).map(forms::named).unwrap_or_default();
        let strings = |key| -> Vec<String> {
            node.get(key).map(forms::strings).unwrap_or_default().into_iter().map(|(text, _)| text).collect()
        };
        let mut aliases: Vec<String> =
            ["container_name", "hostname"].iter().filter_map(|k| forms::text(node, k)).collect();
        for (_, network) in named("networks") {
            aliases.extend(
                network.get("aliases").map(forms::strings).unwrap_or_default().into_iter().map(|(a, _)| a),
            );
        }
        let links: Vec<(String, String)> = strings("links")
            .into_iter()
            .map(|link| match link.split_once(':') {
                Some((service, alias)) => (alias.to_owned(), service.to_owned()),
                None => (link.clone(), link),
            })
            .collect();
        let policy = node
            .get("deploy")
            .and_then(|d| d.get("restart_policy"))
            .and_then(|p| forms::text(p, "condition"));
        let restart = forms::text(node, "restart");
        let active = self.project.variables.get("COMPOSE_PROFILES").map_or("", String::as_str);
        let mut profiles = strings("profiles");
        if profiles.iter().any(|p| active.split(',').any(|a| a.trim() == p || a.trim() == "*")) {
            profiles.clear();
        }
        let mut labels: IndexMap<String, String> = IndexMap::new();
        for node in [node.get("deploy").and_then(|d| d.get("labels")), node.get("labels")] {
            let pairs = node.map(forms::pairs).unwrap_or_default();
            labels.extend(pairs.into_iter().map(|p| (p.key, p.value.unwrap_or_default())));
        }
        for (key, wanted, fits) in SHAPES {
            if let Some(value) = node.get(key).filter(|v| !matches!(v.data, Data::Null) && !fits(v)) {
                self.diagnostics.push(wrong_type(&format!("{}.{key}", self.name), wanted, value));
            }
        }
        Container {
            span,
            image: forms::text(node, "image").filter(|i| !i.is_empty()),
            dockerfile: build.as_ref().and_then(|b| self.dockerfile(b)),
            build,
            env: self.environment(),
            ports: self.ports(),
            expose: strings("expose")
                .iter()
                .filter_map(|e| ports::range(e.split('/').next()?))
                .map(|(p, _)| p)
                .collect(),
            mounts: self.mounts(),
            depends: self.depends(),
            aliases,
            links,
            volumes_from: strings("volumes_from")
                .iter()
                .map(|from| from.split(':').next().unwrap_or(from).to_owned())
                .collect(),
            health: node.get("healthcheck").map(health).unwrap_or_default(),
            secrets: mounted(node.get("secrets")),
            configs: mounted(node.get("configs")).into_iter().map(|(source, _)| source).collect(),
            profiles,
            command: node.get("command").and_then(command),
            entrypoint: node.get("entrypoint").and_then(command),
            never_restarts: restart.as_deref().is_some_and(|r| r == "no" || r == "false")
                || policy.as_deref() == Some("none"),
            always_restarts: restart.as_deref().is_some_and(|r| r == "always" || r == "unless-stopped")
                || policy.as_deref() == Some("any"),
            limits: self.limits(),
            network_mode: forms::text(node, "network_mode"),
            labels,
            schedule: if is_job { self.schedule() } else { None },
            provider: node.get("provider").and_then(|p| forms::text(p, "type")),
            is_job,
        }
    }

    /// `env_file` in order, then `environment` over it.
    fn environment(&mut self) -> IndexMap<String, Setting> {
        let mut env = IndexMap::new();
        let variables = &self.project.variables;
        let files = match self.node.get("env_file") {
            Some(Yaml { data: Data::Seq(items), .. }) => items.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        for item in files {
            let Some(path) = item.scalar().or_else(|| forms::text(item, "path")) else { continue };
            let required = item.get("required").is_none() || forms::flag(item, "required");
            let raw = forms::text(item, "format").as_deref() == Some("raw");
            match self.world.read_text(&self.project.folder.join(&path)) {
                Ok(text) => {
                    for (key, value) in dotenv::parse(&text, variables, raw).entries {
                        let value = value.or_else(|| variables.get(&key).cloned());
                        env.insert(key, Setting { value, span: None, place: path.clone() });
                    }
                }
                Err(_) if !required => {}
                Err(_) => self.diagnostics.push(
                    Diagnostic::warning(
                        "missing-env-file",
                        format!("the settings in `{path}` were not read"),
                    )
                    .at(item.span, "no such file")
                    .because("The file is not there, so its settings are missing from the service.")
                    .help("put the file in its place, or declare the settings under `environment`"),
                ),
            }
        }
        for pair in self.node.get("environment").map(forms::pairs).unwrap_or_default() {
            let value = pair.value.or_else(|| variables.get(&pair.key).cloned());
            env.insert(pair.key, Setting { value, span: Some(pair.span), place: self.place(pair.span) });
        }
        env
    }

    fn place(&self, span: Span) -> String {
        let path = Path::new(&self.sources.get(span.file).path);
        let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        format!("{name}:{}", self.sources.line_col(span).0)
    }

    fn ports(&mut self) -> Vec<Port> {
        let mut all = Vec::new();
        let items = self.list("ports");
        for item in items {
            match ports::read(item) {
                Some(ports) => all.extend(ports),
                // A variable without a value was already reported.
                None if item.scalar().is_some_and(|t| t.trim_matches(':').is_empty()) => {}
                None => self.diagnostics.push(
                    Diagnostic::error(
                        "invalid-port",
                        format!("`{}` publishes something that is no port", self.name),
                    )
                    .at(item.span, "not a port")
                    .help("write `\"8080:80\"`: the host's port, then the container's"),
                ),
            }
        }
        all
    }

    fn mounts(&mut self) -> Vec<Mount> {
        self.list("volumes").iter().filter_map(volumes::read).filter(|m| !m.target.is_empty()).collect()
    }

    fn list(&mut self, key: &str) -> &'a [Yaml] {
        let Some(node) = self.node.get(key) else { return &[] };
        match &node.data {
            Data::Seq(items) => return items,
            Data::Null => {}
            _ => self.diagnostics.push(wrong_type(&format!("{}.{key}", self.name), "a list", node)),
        }
        &[]
    }

    fn depends(&mut self) -> IndexMap<String, Depends> {
        let mut all = IndexMap::new();
        for (name, how) in self.node.get("depends_on").map(forms::named).unwrap_or_default() {
            let optional = forms::text(&how, "required").is_some_and(|r| r == "false");
            let known =
                |section: &str| self.project.tree.get(section).is_some_and(|s| s.get(&name.text).is_some());
            if optional && !known("services") && !known("jobs") {
                continue;
            }
            let waits_for_end =
                forms::text(&how, "condition").as_deref() == Some("service_completed_successfully");
            all.insert(name.text, Depends { waits_for_end, span: name.span });
        }
        all
    }

    fn limits(&self) -> Limits {
        let deploy = self.node.get("deploy");
        let limits = deploy.and_then(|d| d.get("resources")).and_then(|r| r.get("limits"));
        let limit =
            |key, short| limits.and_then(|l| forms::text(l, key)).or_else(|| forms::text(self.node, short));
        let replicas =
            deploy.and_then(|d| forms::text(d, "replicas")).or_else(|| forms::text(self.node, "scale"));
        Limits {
            cpus: limit("cpus", "cpus")
                .and_then(|c| c.parse().ok())
                .filter(|c: &f64| c.is_finite() && *c > 0.0),
            memory_mib: limit("memory", "mem_limit").and_then(|m| forms::mebibytes(&m)),
            replicas: replicas.and_then(|r| r.parse().ok()),
        }
    }

    fn schedule(&mut self) -> Option<String> {
        let schedules = self.node.get("triggers")?.get("schedule")?;
        let items = schedules.items()?;
        let first = items.first()?;
        if items.len() > 1 {
            self.diagnostics.push(
                Diagnostic::warning(
                    "several-schedules",
                    format!("`{}` runs by several schedules; the first was taken", self.name),
                )
                .at(schedules.span, "")
                .help("declare a job for each schedule"),
            );
        }
        if let Some(zone) =
            forms::text(first, "timezone").filter(|z| !matches!(z.as_str(), "UTC" | "Etc/UTC" | ""))
        {
            self.diagnostics.push(
                Diagnostic::warning(
                    "schedule-timezone",
                    format!("`{}` is scheduled in {zone}; schedules here are in UTC", self.name),
                )
                .at(first.span, "")
                .help("write the schedule in UTC"),
            );
        }
        first.scalar().or_else(|| forms::text(first, "cron"))
    }

    /// One that cannot be read is said when the build folder is scanned.
    fn dockerfile(&self, build: &BuildOf) -> Option<Dockerfile> {
        let name = build.dockerfile.as_deref().unwrap_or("Dockerfile");
        let path = self.project.folder.join(&build.context).join(name);
        let text = self.world.read_text(&path).ok()?;
        Dockerfile::read(&text, build.target.as_deref(), &build.args).ok()
    }
}

fn build(node: &Yaml) -> Option<BuildOf> {
    if let Some(context) = node.as_str() {
        return Some(BuildOf {
            context: context.to_owned(),
            dockerfile: None,
            target: None,
            args: IndexMap::new(),
        });
    }
    node.entries()?;
    let args = node.get("args").map(forms::pairs).unwrap_or_default();
    Some(BuildOf {
        context: forms::text(node, "context").filter(|c| !c.is_empty()).unwrap_or_else(|| ".".to_owned()),
        dockerfile: forms::text(node, "dockerfile").filter(|d| !d.is_empty()),
        target: forms::text(node, "target").filter(|t| !t.is_empty()),
        args: args.into_iter().filter_map(|p| Some((p.key, p.value?))).collect(),
    })
}

/// A command as words; an empty string or list clears the image's own.
fn command(node: &Yaml) -> Option<Vec<String>> {
    match &node.data {
        Data::Null => None,
        Data::Seq(items) => Some(items.iter().filter_map(Yaml::scalar).collect()),
        _ => node.scalar().map(|line| words::split(&line)),
    }
}

/// The words of a health command, `CMD` left out; none when it is switched off.
fn health(node: &Yaml) -> Vec<String> {
    if forms::flag(node, "disable") {
        return Vec::new();
    }
    let Some(test) = node.get("test") else { return Vec::new() };
    let mut words: Vec<String> = match &test.data {
        Data::Seq(items) => items.iter().filter_map(Yaml::scalar).collect(),
        _ => test.scalar().into_iter().flat_map(|line| words::split(&line)).collect(),
    };
    match words.first().map(String::as_str) {
        Some("NONE") => return Vec::new(),
        Some("CMD") => drop(words.remove(0)),
        Some("CMD-SHELL") => words = words[1..].iter().flat_map(|line| words::split(line)).collect(),
        _ => {}
    }
    words
}

/// Source and target of `secrets` or `configs`.
fn mounted(node: Option<&Yaml>) -> Vec<(String, String)> {
    let items = node.and_then(Yaml::items).unwrap_or(&[]);
    let read = |item: &Yaml| {
        let source = item.scalar().or_else(|| forms::text(item, "source"))?;
        let target = forms::text(item, "target").unwrap_or_else(|| source.clone());
        let path = if target.starts_with('/') { target } else { format!("/run/secrets/{target}") };
        Some((source, path))
    };
    items.iter().filter_map(read).collect()
}
