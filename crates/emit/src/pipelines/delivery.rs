//! What is delivered, and how: the facts of one application that every pipeline is made from.
//!
//! Derived once from the blueprint and the graph, and written beside the scripts as `delivery.json`, so that a
//! script serves one service and two hundred, and every CI system, alike. Names come from the graph, because it
//! is what was deployed. Must not know any CI system.

use std::collections::{BTreeMap, BTreeSet};

use design::{Compute, EnvironmentDesign, ServiceDesign};
use indexmap::IndexMap;
use ir::{Node, Ref, Stack, Value, names};
use serde::Serialize;
use spec::{Build, Protocol, Source};

use super::languages::{self, Tool};
use crate::containers::trial::{self, Trial};
use crate::{Context, containers};

/// Everything a pipeline must know.
#[derive(Debug, Serialize)]
pub struct Delivery {
    /// The application's name.
    pub application: String,
    /// Home region.
    pub region: String,
    /// Services that are built here, and the commands that hold them to their own standards.
    pub sources: IndexMap<String, Sources>,
    /// Services whose images are built here.
    pub images: IndexMap<String, Image>,
    /// Migrations that can be tried on an empty database, by service.
    pub migrations: IndexMap<String, Migrations>,
    /// Folders of static sites, by service.
    pub sites: IndexMap<String, String>,
    /// In the order they are deployed.
    pub environments: IndexMap<String, Environment>,
}

/// Sources of one service.
#[derive(Debug, Serialize)]
pub struct Sources {
    /// Relative to the repository.
    pub folder: String,
    /// Installs dependencies; empty when nothing has to be.
    pub install: Vec<String>,
    /// Lints; empty when no command was found.
    pub lint: Vec<String>,
    /// Tests; empty when no command was found.
    pub test: Vec<String>,
    /// Package manager, when there is anything to lint or test.
    #[serde(skip)]
    pub tool: Option<&'static Tool>,
    /// Version of the language.
    #[serde(skip)]
    pub version: String,
    /// What says when the dependencies that were kept are stale, relative to the repository; `None`: none are kept.
    #[serde(skip)]
    pub lockfile: Option<String>,
}

/// An image that is built here.
#[derive(Debug, Serialize)]
pub struct Image {
    /// The root variable that takes it by digest.
    pub variable: String,
    /// Repository below the registry.
    pub repository: String,
    /// What is sent to the builder, relative to the repository of the sources.
    #[serde(skip)]
    pub context: String,
    /// Relative to the repository of the sources.
    #[serde(skip)]
    pub dockerfile: String,
    /// Build stage; empty for the last.
    #[serde(skip)]
    pub target: String,
    /// `NAME=value` lines. Never secrets.
    #[serde(skip)]
    pub arguments: String,
    /// Whether any environment runs it on arm64, and on x86_64.
    #[serde(skip)]
    pub runs_on: (bool, bool),
    /// Whether it may carry provenance and an SBOM: Lambda refuses image indexes, which hold them.
    #[serde(skip)]
    pub attested: bool,
}

/// Migrations that can be tried.
#[derive(Debug, Serialize)]
pub struct Migrations {
    /// What is sent to the builder, relative to the repository of the sources.
    pub context: String,
    /// Relative to the repository of the sources.
    pub dockerfile: String,
    /// What the image finds in its environment. The database holds nothing and asks for no password.
    pub settings: IndexMap<String, String>,
    /// The database that they are tried on.
    #[serde(skip)]
    pub trial: Trial,
}

/// One environment.
#[derive(Debug, Serialize)]
pub struct Environment {
    /// ECS cluster.
    pub cluster: Option<String>,
    /// Run once at each deployment, in this order.
    pub tasks: Vec<Task>,
    /// Replaced by the platform when their task definition changes.
    pub rolling: Vec<Rolling>,
    /// Released by CodeDeploy.
    pub shifted: Vec<Shifted>,
    /// Uploaded.
    pub sites: Vec<Site>,
    /// What must answer afterwards.
    pub checks: Vec<Check>,
    /// Read from the secret store by an apply, and by nothing else.
    pub passwords: Vec<Password>,
    /// Replaced by the cloud when it is asked to.
    pub rotated: Vec<Rotated>,
    /// Whether somebody approves each plan, so that nothing else may be applied.
    pub approved: bool,
}

/// A task that runs once. All but the first two name outputs of the root.
#[derive(Debug, Serialize)]
pub struct Task {
    /// Service, and its container.
    pub service: String,
    /// Module of the root.
    pub module: String,
    /// Output with the task definition.
    pub task_definition: String,
    /// Output with the cluster.
    pub cluster: String,
    /// Output with the subnets.
    pub subnets: String,
    /// Output with the security group.
    pub security_group: String,
}

/// An ECS service that rolls.
#[derive(Debug, Serialize)]
pub struct Rolling {
    /// ECS service.
    pub service: String,
    /// Family of its task definitions.
    pub family: String,
}

/// An ECS service whose traffic CodeDeploy shifts.
#[derive(Debug, Serialize)]
pub struct Shifted {
    /// ECS service.
    pub service: String,
    /// Family of its task definitions.
    pub family: String,
    /// CodeDeploy application.
    pub application: String,
    /// CodeDeploy deployment group.
    pub group: String,
    /// Container that receives traffic.
    pub container: String,
    /// Its port.
    pub port: u16,
}

/// A static site. Bucket and distribution name outputs of the root.
#[derive(Debug, Serialize)]
pub struct Site {
    /// Service.
    pub service: String,
    /// Output with the bucket.
    pub bucket: String,
    /// Output with the distribution.
    pub distribution: String,
}

/// A password that Terraform must be given when it makes what is to carry it.
#[derive(Debug, Serialize)]
pub struct Password {
    /// The root variable that takes it.
    pub variable: String,
    /// What the secret store calls it.
    pub secret: String,
}

/// A password that the cloud made, keeps and replaces.
#[derive(Debug, Serialize)]
pub struct Rotated {
    /// What it opens.
    pub component: String,
    /// Output with the secret that holds it.
    pub secret: String,
    /// ECS services whose tasks read it when they start. Scheduled tasks and functions read it at each run.
    pub readers: Vec<String>,
}

/// An address that must answer.
#[derive(Debug, Serialize)]
pub struct Check {
    /// Service.
    pub service: String,
    /// Scheme and host, when the spec names a host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Output with scheme and host otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// `http` or `grpc`.
    pub protocol: &'static str,
    /// Path.
    pub path: String,
    /// Statuses from 200 up to this one are good: below 400 for a health path, below 500 where all that is
    /// known is that something must answer. A gRPC server answers 200 to every call, also to one it does not know.
    pub below: u16,
}

/// The facts of an application.
pub fn of(context: &Context<'_>) -> Delivery {
    let blueprint = context.blueprint;
    let built = || {
        context.spec.services.iter().filter_map(|(name, service)| match &service.source {
            Source::Build(build) => Some((name, build)),
            Source::Image(_) | Source::Static(_) => None,
        })
    };
    let sites = context.spec.services.iter().filter_map(|(name, service)| match &service.source {
        Source::Static(folder) => Some((name.clone(), tidy(&folder.value))),
        Source::Build(_) | Source::Image(_) => None,
    });
    let environments = context.stacks.iter().filter(|s| s.environment).filter_map(|stack| {
        let design = blueprint.environments.get(&stack.name)?;
        Some((stack.name.clone(), environment(stack, design)))
    });
    Delivery {
        application: blueprint.name.clone(),
        region: blueprint.region.clone(),
        // A folder of migrations is tried as a whole: there is nothing to lint or test by itself.
        sources: built()
            .filter(|(_, build)| !build.migrates())
            .map(|(name, build)| (name.clone(), sources(build)))
            .collect(),
        images: built()
            .filter_map(|(name, build)| Some((name.clone(), image(context, name, build)?)))
            .collect(),
        migrations: built()
            .filter_map(|(name, build)| Some((name.clone(), migrations(context, name, build)?)))
            .collect(),
        sites: sites.collect(),
        environments: environments.collect(),
    }
}

fn sources(build: &Build) -> Sources {
    let folder = tidy(&build.context.value);
    let scan = build.scan.clone().unwrap_or_default();
    let tool = languages::tool(&scan);
    Sources {
        install: tool.map(|t| t.install(&scan)).unwrap_or_default(),
        lint: tool.map(|t| t.within(&scan.lint)).unwrap_or_default(),
        test: tool.map(|t| t.within(&scan.test)).unwrap_or_default(),
        version: scan.version.clone().or(tool.map(|t| t.version.to_owned())).unwrap_or_default(),
        lockfile: tool.and_then(|t| t.key(&scan)).map(|file| join(&folder, &file)),
        tool,
        folder,
    }
}

/// How the migrations of a service are tried, if it has any.
fn migrations(context: &Context<'_>, name: &str, build: &Build) -> Option<Migrations> {
    let mut trial = trial::of(context.spec, context.spec.services.get(name)?)?;
    Some(Migrations {
        context: tidy(&build.context.value),
        dockerfile: containers::dockerfile_path(name),
        settings: std::mem::take(&mut trial.settings),
        trial,
    })
}

/// An image, when an environment runs it and there is a repository to push it to.
fn image(context: &Context<'_>, service: &str, build: &Build) -> Option<Image> {
    let repository =
        context.stacks.iter().flat_map(|s| s.graph.of_kind("aws_ecr_repository")).find_map(|node| {
            (node.address.key.as_deref() == Some(service))
                .then(|| node.get("name").and_then(Value::text))
                .flatten()
        })?;
    let variable = context.stacks.iter().filter(|s| s.environment).find_map(|stack| {
        let component = component(stack, service)?;
        let found = names::set_by_pipeline(stack)
            .into_iter()
            .find(|(_, c, input)| *c == component && *input == "image");
        found.map(|(variable, ..)| variable)
    })?;
    let computes = || {
        context.blueprint.environments.values().filter_map(|e| e.services.get(service)).map(|s| &s.compute)
    };
    let folder = tidy(&build.context.value);
    let own = build.dockerfile.as_ref().map(|d| d.value.as_str());
    let own = own.or(build.scan.as_ref().and_then(|s| s.dockerfile.as_deref()));
    Some(Image {
        variable,
        repository,
        dockerfile: own.map_or_else(|| containers::dockerfile_path(service), |d| join(&folder, d)),
        context: folder,
        target: build.target.as_ref().map(|t| t.value.clone()).unwrap_or_default(),
        arguments: build.args.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("\n"),
        runs_on: (computes().any(|c| arm(c) == Some(true)), computes().any(|c| arm(c) == Some(false))),
        attested: !computes().any(|c| matches!(c, Compute::Function(_))),
    })
}

fn arm(compute: &Compute) -> Option<bool> {
    match compute {
        Compute::Containers(design) => Some(design.size.arm),
        Compute::Function(design) => Some(design.arm),
        Compute::ScheduledTask { size, .. } | Compute::OneShot { size } => Some(size.arm),
        Compute::StaticSite { .. } => None,
    }
}

fn environment(stack: &Stack, design: &EnvironmentDesign) -> Environment {
    let text = |node: &Node, attr: &str| node.get(attr).and_then(Value::text);
    let mut found = Environment {
        cluster: stack.graph.of_kind("aws_ecs_cluster").find_map(|n| text(n, "name")),
        tasks: Vec::new(),
        rolling: Vec::new(),
        shifted: Vec::new(),
        sites: Vec::new(),
        checks: Vec::new(),
        passwords: passwords(stack),
        rotated: rotated(stack),
        approved: !design.approvers.is_empty(),
    };
    for (name, service) in &design.services {
        let Some(component) = component(stack, name) else { continue };
        let output = |what: &str| names::in_root(stack, component, what);
        let named = |kind: &str, attr: &str| {
            stack.graph.of_kind(kind).filter(|n| n.address.component == component).find_map(|n| text(n, attr))
        };
        match &service.compute {
            Compute::OneShot { .. } => found.tasks.push(Task {
                service: name.clone(),
                module: names::snake(component),
                task_definition: output("task_definition"),
                cluster: output("cluster"),
                subnets: output("subnets"),
                security_group: output("security_group"),
            }),
            Compute::StaticSite { .. } => found.sites.push(Site {
                service: name.clone(),
                bucket: output("bucket"),
                distribution: output("distribution"),
            }),
            Compute::Containers(_) => {
                let ecs = named("aws_ecs_service", "name").zip(named("aws_ecs_task_definition", "family"));
                let group = named("aws_codedeploy_app", "name")
                    .zip(named("aws_codedeploy_deployment_group", "deployment_group_name"));
                match (ecs, group, service.port) {
                    (Some((service, family)), Some((application, group)), Some(port)) => {
                        let container = name.clone();
                        found.shifted.push(Shifted { service, family, application, group, container, port });
                    }
                    (Some((service, family)), ..) => found.rolling.push(Rolling { service, family }),
                    (None, ..) => {}
                }
            }
            // A function's alias moves when it is applied; a schedule's next run takes what was applied.
            Compute::Function(_) | Compute::ScheduledTask { .. } => {}
        }
        found.checks.extend(check(stack, name, component, service));
    }
    found
}

fn passwords(stack: &Stack) -> Vec<Password> {
    let password = |(component, input, secret): (&str, &str, &str)| Password {
        variable: names::in_root(stack, component, input),
        secret: secret.to_owned(),
    };
    stack.graph.secret_inputs().into_iter().map(password).collect()
}

fn rotated(stack: &Stack) -> Vec<Rotated> {
    // What each service's tasks are given, looked through once for all stores.
    let mut given: BTreeMap<&str, BTreeSet<&Ref>> = BTreeMap::new();
    for task in stack.graph.of_kind("aws_ecs_task_definition") {
        let refs = task.get("container_definitions").map(Value::refs).unwrap_or_default();
        given.entry(&task.address.component).or_default().extend(refs);
    }
    let services: Vec<&Node> = stack.graph.of_kind("aws_ecs_service").collect();
    let of = |rotation: &Node| {
        let component = &rotation.address.component;
        let secret = rotation.get("secret_id")?;
        let outputs = &stack.graph.components.get(component)?.outputs;
        let (output, _) = outputs.iter().find(|(_, (_, value))| value == secret)?;
        let reads = |service: &&&Node| {
            let given = given.get(service.address.component.as_str());
            given.is_some_and(|given| secret.refs().iter().any(|secret| given.contains(secret)))
        };
        Some(Rotated {
            component: component.clone(),
            secret: names::in_root(stack, component, output),
            readers: services
                .iter()
                .filter(reads)
                .filter_map(|s| s.get("name").and_then(Value::text))
                .collect(),
        })
    };
    stack.graph.of_kind("aws_secretsmanager_secret_rotation").filter_map(of).collect()
}

/// The component of a service: by its container where there is one, and by its name otherwise. A service whose
/// name something else has already taken is called `<name>-service`, with a number from the second on.
fn component<'s>(stack: &'s Stack, service: &str) -> Option<&'s str> {
    let task = stack.graph.of_kind("aws_ecs_task_definition").find(|node| {
        let Some(Value::Json(containers)) = node.get("container_definitions") else { return false };
        let named = |c: &Value| c.get("name").and_then(Value::text).as_deref() == Some(service);
        containers.as_list().is_some_and(|list| list.iter().any(named))
    });
    if let Some(node) = task {
        return Some(&node.address.component);
    }
    let reserved = format!("{service}-service");
    let ours = |name: &str| {
        name == service
            || name.strip_prefix(&reserved).is_some_and(|rest| {
                rest.is_empty() || rest.strip_prefix('-').is_some_and(|n| n.parse::<u32>().is_ok())
            })
    };
    let mut components = stack.graph.components.iter();
    components
        .find(|(name, c)| matches!(c.role.as_str(), "site" | "function") && ours(name))
        .map(|(n, _)| n.as_str())
}

/// What must answer once a public service is released.
fn check(stack: &Stack, name: &str, component: &str, service: &ServiceDesign) -> Option<Check> {
    let has_url = |c: &str| stack.graph.components.get(c).is_some_and(|c| c.outputs.contains_key("url"));
    let output = |c: &str| has_url(c).then(|| names::in_root(stack, c, "url"));
    if matches!(service.compute, Compute::StaticSite { .. }) {
        let output = Some(output(component)?);
        let protocol = Protocol::Http.word();
        let service = name.to_owned();
        return Some(Check { service, address: None, output, protocol, path: "/".into(), below: 400 });
    }
    let public = service.public.as_ref().filter(|_| service.protocol != Protocol::Tcp)?;
    let address = public.host.as_ref().map(|host| format!("https://{host}"));
    let output = if address.is_some() { None } else { Some(output("edge")?) };
    let health = service.health.as_ref().filter(|h| public.paths.iter().any(|p| leads(p, h)));
    let (path, below) = match health {
        Some(path) => (path.clone(), 400),
        None => {
            let first = public.paths.first().map_or("/", |p| p.split(['*', '?']).next().unwrap_or("/"));
            (format!("/{}", first.trim_start_matches('/')), 500)
        }
    };
    let below = if service.protocol == Protocol::Grpc { 300 } else { below };
    Some(Check { service: name.to_owned(), address, output, protocol: service.protocol.word(), path, below })
}

/// Whether a path pattern of the load balancer leads a path to the service. Only a star at the end is understood;
/// anything finer is taken not to.
fn leads(pattern: &str, path: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => !prefix.contains(['*', '?']) && path.starts_with(prefix),
        None => pattern == path,
    }
}

/// A folder as it is written in a workflow: no `./` in front, `.` for the repository itself.
fn tidy(folder: &str) -> String {
    let trimmed = folder.trim_start_matches("./").trim_end_matches('/');
    if trimmed.is_empty() { ".".to_owned() } else { trimmed.to_owned() }
}

fn join(folder: &str, path: &str) -> String {
    let path = path.trim_start_matches("./");
    if folder == "." { path.to_owned() } else { format!("{folder}/{path}") }
}
