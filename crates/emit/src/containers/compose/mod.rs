//! `compose.yaml`: the whole application on a laptop, with real databases behind it.
//!
//! Names are those of the cloud: a service reaches `db` as `db`, and gets the same settings, so that a program
//! needs no second configuration. Passwords and secrets are read from a git-ignored `.env`; this file and
//! `.env.example` hold their names only. AWS's queues, topics and buckets are stood in for by one emulator,
//! which forgets everything when it stops.

pub(super) mod backing;
mod model;
pub(super) mod settings;

use indexmap::IndexMap;
use ir::{Bundle, Diagnostic, Diagnostics};
use spec::{ResourceType, Service, Source, Spec, UseTarget};

use crate::{Context, Target};
use backing::EMULATOR;
use model::{Build, Compose, Condition, Depends, Healthcheck, Unit};

/// `compose.yaml`, `.env.example` and the settings of the web server in front of static sites.
pub static TARGET: Target = Target { name: "compose", step: crate::Step::Pipeline, wanted, emit };

/// Serves static sites as a user without rights, on 8080.
pub(super) const SITE_IMAGE: &str = "nginxinc/nginx-unprivileged:1.27-alpine";
const SITE_PORT: u16 = 8080;
const AWS_CLI: &str = "amazon/aws-cli:2.27.50";

/// What stands in for queues, topics and buckets speaks AWS's interface, which no program of another cloud does.
fn wanted(context: &Context<'_>) -> bool {
    context.on_aws() || !emulates(context.spec)
}

fn emit(context: &Context<'_>) -> (Bundle, Diagnostics) {
    compose(context.spec)
}

/// The files that run a spec locally.
pub fn compose(spec: &Spec) -> (Bundle, Diagnostics) {
    let mut bundle = Bundle::new();
    let mut diagnostics = Diagnostics::new();
    let mut out =
        Compose { name: spec.name.value.clone(), services: IndexMap::new(), volumes: IndexMap::new() };
    let mut ports = Vec::new();
    for (name, service) in &spec.services {
        let unit = unit(spec, name, service, &mut ports, &mut bundle, &mut diagnostics);
        out.services.insert(name.clone(), unit);
    }
    for (name, resource) in &spec.resources {
        let Some(backing) = backing::of(resource.ty.value) else { continue };
        let (unit, volume) = backing::unit(backing, name, resource);
        out.volumes.extend(volume.map(|v| (v, None)));
        put(&mut out, name.clone(), unit, &mut diagnostics);
    }
    if emulates(spec) {
        put(&mut out, EMULATOR.to_owned(), backing::emulator(), &mut diagnostics);
        put(&mut out, provisioner(), provision(spec), &mut diagnostics);
    }
    match serde_saphyr::to_string(&out) {
        Ok(text) => bundle.add("compose.yaml", format!("{}{text}", header())),
        Err(e) => diagnostics.push(
            Diagnostic::error("unprintable-compose", "compose.yaml cannot be printed")
                .because(format!("The printer said: {e}.")),
        ),
    }
    let names = settings::secret_names(spec);
    if !names.is_empty() {
        let lines: String = names.iter().map(|n| format!("{n}=\n")).collect();
        bundle.add(".env.example", format!("# Copy to .env, which git must ignore, and fill in\n{lines}"));
    }
    (bundle, diagnostics)
}

/// Adds a container of ours, unless one of the user's services has its name.
fn put(out: &mut Compose, name: String, unit: Unit, diagnostics: &mut Diagnostics) {
    if out.services.contains_key(&name) {
        diagnostics.push(
            Diagnostic::error("name-taken-locally", format!("compose.yaml needs the name {name} for itself"))
                .because("A service of the spec has the name of a container that stands in for the cloud on a laptop.")
                .help("rename the service"),
        );
        return;
    }
    out.services.insert(name, unit);
}

fn header() -> &'static str {
    "# The whole application on a laptop: docker compose up --build\n# A scheduled service runs when asked: docker compose run --rm NAME\n"
}

fn unit(
    spec: &Spec,
    name: &str,
    service: &Service,
    ports: &mut Vec<u16>,
    bundle: &mut Bundle,
    diagnostics: &mut Diagnostics,
) -> Unit {
    let mut unit = Unit {
        environment: settings::environment(spec, name, service, diagnostics),
        entrypoint: service.entrypoint.as_deref().map(escaped),
        command: service.command.as_deref().map(escaped),
        depends_on: depends(spec, service),
        init: Some(true),
        security_opt: vec!["no-new-privileges:true".to_owned()],
        ..Unit::default()
    };
    let mut port = service.port.as_ref().map(|p| p.value);
    match &service.source {
        Source::Image(image) => unit.image = Some(escape(&image.value)),
        Source::Build(build) => {
            unit.build = Some(Build {
                context: escape(&build.context.value),
                dockerfile: dockerfile(name, build),
                target: build.target.as_ref().map(|t| t.value.clone()),
                args: build.args.iter().map(|(k, v)| (k.clone(), escape(v))).collect(),
            });
        }
        Source::Static(folder) => {
            let config = format!("containers/{name}/nginx.conf");
            bundle.add(&config, site_config(&routes(spec, service), SITE_PORT));
            port = Some(SITE_PORT);
            unit.image = Some(SITE_IMAGE.to_owned());
            unit.environment.clear();
            unit.volumes = vec![
                format!("{}:/usr/share/nginx/html:ro", relative(&folder.value)),
                format!("./{config}:/etc/nginx/conf.d/default.conf:ro"),
            ];
            unit.healthcheck =
                Some(Healthcheck::of(["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/"]));
        }
    }
    if let (true, Some(port)) = (service.public.value, port) {
        let free = (port.max(1024)..=u16::MAX).find(|p| !ports.contains(p)).unwrap_or(port);
        ports.push(free);
        unit.ports = vec![format!("127.0.0.1:{free}:{port}")];
    }
    match (&service.schedule, service.once) {
        (Some(_), _) => unit.profiles = vec!["jobs".to_owned()],
        (None, true) => unit.restart = Some("no"),
        (None, false) => unit.restart = Some("unless-stopped"),
    }
    unit
}

/// Where the Dockerfile is, relative to the context.
fn dockerfile(name: &str, build: &spec::Build) -> Option<String> {
    if let Some(own) = &build.dockerfile {
        return Some(own.value.clone());
    }
    if super::has_own(build) {
        return None;
    }
    let parts = std::path::Path::new(&build.context.value).components();
    let depth = parts.filter(|p| matches!(p, std::path::Component::Normal(_))).count();
    Some(format!("{}{}", "../".repeat(depth), super::dockerfile_path(name)))
}

/// Path prefixes of a site that other services answer.
fn routes(spec: &Spec, service: &Service) -> Vec<(String, String)> {
    let used = service.uses.iter().filter(|u| u.target == UseTarget::Service);
    let port = |name: &str| spec.services.get(name).and_then(|s| s.port.as_ref()).map(|p| p.value);
    used.filter_map(|u| Some((format!("/{}/", u.name), format!("{}:{}", u.name, port(&u.name)?)))).collect()
}

/// Settings of the web server: unknown paths are the page's own routes.
pub(super) fn site_config(routes: &[(String, String)], port: u16) -> String {
    let mut text = format!("server {{\n    listen {port};\n    root /usr/share/nginx/html;\n");
    for (prefix, upstream) in routes {
        text.push_str(&format!("\n    location {prefix} {{\n        proxy_set_header Host $host;\n"));
        // A name in a variable is looked up at each request: the site starts before the service is there.
        text.push_str(&format!("        resolver 127.0.0.11;\n        set $upstream {upstream};\n"));
        text.push_str("        proxy_pass http://$upstream;\n    }\n");
    }
    text.push_str("\n    location / {\n        try_files $uri $uri/ /index.html;\n    }\n}\n");
    text
}

/// What must be there first. Services wait for no other service: they may need each other.
fn depends(spec: &Spec, service: &Service) -> IndexMap<String, Depends> {
    let mut out = IndexMap::new();
    let mut wait = |name: String, condition| {
        out.insert(name, Depends { condition });
    };
    for used in &service.uses {
        match used.target {
            UseTarget::Resource => {
                let Some(resource) = spec.resources.get(&used.name) else { continue };
                if backing::of(resource.ty.value).is_none() {
                    wait(provisioner(), Condition::ServiceCompletedSuccessfully);
                    continue;
                }
                wait(used.name.clone(), Condition::ServiceHealthy);
                if resource.migrations.is_some() && !service.once {
                    for task in spec.prepared_by(&used.name) {
                        wait(task.to_owned(), Condition::ServiceCompletedSuccessfully);
                    }
                }
            }
            UseTarget::Service if !service.once && spec.services.get(&used.name).is_some_and(|s| s.once) => {
                wait(used.name.clone(), Condition::ServiceCompletedSuccessfully);
            }
            UseTarget::Service | UseTarget::Secret => {}
        }
    }
    out
}

fn emulates(spec: &Spec) -> bool {
    spec.resources.values().any(|r| backing::of(r.ty.value).is_none())
}

fn provisioner() -> String {
    format!("{EMULATOR}-setup")
}

/// Makes the queues, topics and buckets once the emulator answers.
fn provision(spec: &Spec) -> Unit {
    let fifo = |name: &str, ordered: bool| {
        if ordered { format!("{name}.fifo --attributes FifoQueue=true") } else { name.to_owned() }
    };
    let mut script = String::new();
    for (name, resource) in &spec.resources {
        match resource.ty.value {
            ResourceType::Queue => script
                .push_str(&format!("aws sqs create-queue --queue-name {}\n", fifo(name, resource.ordered))),
            ResourceType::Topic => {
                let fifo = fifo(name, resource.ordered).replace("FifoQueue", "FifoTopic");
                script.push_str(&format!("aws sns create-topic --name {fifo}\n"));
            }
            ResourceType::Bucket => {
                script.push_str(&format!("aws s3api create-bucket --bucket {name} --acl private\n"))
            }
            _ => {}
        }
    }
    // Subscriptions last: both ends are there.
    for (name, resource) in &spec.resources {
        for subscriber in &resource.subscribers {
            let to = spec.resources.get(&subscriber.value).filter(|r| r.ty.value == ResourceType::Queue);
            if let Some(queue) = to {
                let topic = backing::arn("sns", name, resource.ordered);
                let queue = backing::arn("sqs", &subscriber.value, queue.ordered);
                script.push_str(&format!(
                    "aws sns subscribe --topic-arn {topic} --protocol sqs --notification-endpoint {queue}\n"
                ));
            }
        }
    }
    Unit {
        image: Some(AWS_CLI.to_owned()),
        entrypoint: Some(vec!["/bin/sh".to_owned(), "-euc".to_owned()]),
        command: Some(vec![script]),
        environment: backing::emulator_settings(),
        depends_on: IndexMap::from([(EMULATOR.to_owned(), Depends { condition: Condition::ServiceHealthy })]),
        restart: Some("no"),
        ..Unit::default()
    }
}

/// Compose reads `$` as the start of a variable: text that is not one doubles it.
fn escape(text: &str) -> String {
    text.replace('$', "$$")
}

fn escaped(words: &[String]) -> Vec<String> {
    words.iter().map(|w| escape(w)).collect()
}

/// A bind mount must start with a dot, or it would be the name of a volume.
fn relative(folder: &str) -> String {
    let explicit = folder.starts_with('.') || folder.starts_with('/');
    escape(&if explicit { folder.to_owned() } else { format!("./{folder}") })
}
