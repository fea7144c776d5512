//! Task definitions: how a container runs on Fargate, whatever starts it.
//!
//! The program's container and what is collected beside it, their log group, the role that starts them (pull, log,
//! read secrets) and the role the program has. It must not know whether the task is a service, a schedule or runs once.

use catalog::aws::{cloudwatch_log_group, ecs_task_definition, iam_role, security_group};
use design::{ServiceDesign, TaskSize, usage};
use indexmap::IndexMap;
use ir::key::Handle;
use ir::{Block, NodeBuilder, Value};

use super::env::{number, one_of};
use super::firewall::{self, Peer};
use super::identity::{RoleSpec, allow, below, camel, role};
use super::wiring::Wiring;
use super::{Env, Statement, telemetry};

/// vCPU sizes that Fargate has, in CPU units.
const CPU_UNITS: &[&str] = &["256", "512", "1024", "2048", "4096", "8192", "16384"];

/// A task that can be started.
pub(crate) struct Task {
    /// Its definition.
    pub definition: Handle<ecs_task_definition::M>,
    /// Its security group's id.
    pub group: Value,
    /// The role that starts it.
    pub execution_role: Handle<iam_role::M>,
    /// The role the program has.
    pub task_role: Handle<iam_role::M>,
}

/// Adds the task of a service: log group, roles, security group with its doors, task definition.
pub(crate) fn task(
    env: &mut Env,
    component: &str,
    name: &str,
    service: &ServiceDesign,
    size: TaskSize,
    wiring: &Wiring,
) -> Task {
    let log_name = Value::Template(vec!["/ecs/".into(), env.name(""), format!("/{name}").into()]);
    let logs = env.log_group(
        component,
        "this",
        log_name,
        &format!("Keeps what {name} writes to its output"),
        usage::service_log(service, env.design.log_days),
    );
    let group = guarded(env, component, name, wiring);
    let execution_role = execution_role(env, component, name, service, wiring, &logs);
    let task_role = role(
        env,
        &RoleSpec {
            component,
            name: "task",
            suffix: &format!("{name}-task"),
            service: "ecs-tasks.amazonaws.com",
            purpose: &format!("What the program of {name} may do"),
            statements: &wiring.statements,
        },
    );
    let definition =
        definition(env, component, name, service, size, wiring, &logs, [&execution_role, &task_role]);
    Task { definition, group, execution_role, task_role }
}

/// The security group of a program: out to HTTPS and to what it uses, and a way in there for it.
pub(crate) fn guarded(env: &mut Env, component: &str, name: &str, wiring: &Wiring) -> Value {
    let group = firewall::group(env, component, "this", name, &format!("Guards {name}"));
    let id = group.get(security_group::ID);
    firewall::leave(
        env,
        component,
        "https",
        id.clone(),
        443,
        Peer::Range("0.0.0.0/0".into()),
        "HTTPS to AWS and to partners",
    );
    for (target, door, port) in &wiring.doors {
        let key = format!("to-{target}");
        let why = format!("{name} to {target}");
        firewall::leave(env, component, &key, id.clone(), *port, Peer::Group(door.clone()), &why);
        firewall::open(env, component, &key, door.clone(), *port, Peer::Group(id.clone()), &why);
    }
    id
}

/// The role that ECS itself has while it starts the task.
fn execution_role(
    env: &mut Env,
    component: &str,
    name: &str,
    service: &ServiceDesign,
    wiring: &Wiring,
    logs: &Handle<cloudwatch_log_group::M>,
) -> Handle<iam_role::M> {
    let group = logs.get(cloudwatch_log_group::ARN);
    let mut statements = Vec::new();
    if service.image.is_none() {
        statements.extend(pull(env, component, name));
    }
    statements.push(allow(
        "WriteLog",
        &["logs:CreateLogStream", "logs:PutLogEvents"],
        vec![below(group, ":*")],
    ));
    statements.extend(read_secrets(wiring));
    role(
        env,
        &RoleSpec {
            component,
            name: "execution",
            suffix: &format!("{name}-execution"),
            service: "ecs-tasks.amazonaws.com",
            purpose: &format!("Starts {name}: pulls its image, reads its secrets, writes its log"),
            statements: &statements,
        },
    )
}

/// Pulling the image of a service from its own repository.
pub(crate) fn pull(env: &mut Env, component: &str, name: &str) -> [Statement; 2] {
    let repository = repository_name(&env.blueprint.name, name);
    let repository = env.arn(component, "ecr", [format!("repository/{repository}")]);
    [
        // The token is for the registry as a whole; AWS knows no narrower resource.
        allow("LogInToRegistry", &["ecr:GetAuthorizationToken"], vec!["*".into()]),
        allow(
            &format!("Pull{}", camel(name)),
            &["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            vec![repository],
        ),
    ]
}

/// Reading the secrets of a service and decrypting them.
pub(crate) fn read_secrets(wiring: &Wiring) -> Vec<Statement> {
    let mut statements = Vec::new();
    if !wiring.secret_arns.is_empty() {
        statements.push(allow("ReadSecrets", &["secretsmanager:GetSecretValue"], wiring.secret_arns.clone()));
    }
    if !wiring.secret_keys.is_empty() {
        statements.push(allow("DecryptSecrets", &["kms:Decrypt"], wiring.secret_keys.clone()));
    }
    statements
}

/// The repository of a service's image, shared by all environments so that an image is built once.
pub(crate) fn repository_name(application: &str, service: &str) -> String {
    format!("{application}/{service}")
}

/// The image of a service: given by the pipeline when it is built here.
pub(crate) fn image(env: &mut Env, component: &str, service: &ServiceDesign) -> Value {
    let mut decl = crate::inputs::image();
    match &service.image {
        Some(image) => env.input(component, "image", decl, image.as_str()),
        None => {
            decl.from_pipeline = true;
            let reason = "the pipeline builds the image and passes its digest";
            env.input(component, "image", decl, Value::Unknown(reason.into()))
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "every part of a task definition meets here and nowhere else")]
fn definition(
    env: &mut Env,
    component: &str,
    name: &str,
    service: &ServiceDesign,
    size: TaskSize,
    wiring: &Wiring,
    logs: &Handle<cloudwatch_log_group::M>,
    [execution_role, task_role]: [&Handle<iam_role::M>; 2],
) -> Handle<ecs_task_definition::M> {
    use ecs_task_definition as def;
    let cpu = env.input(
        component,
        "cpu",
        one_of("CPU units of a task, 1024 a vCPU.", CPU_UNITS.iter().copied()),
        size.cpu.to_string(),
    );
    let memory =
        env.input(component, "memory", number("MiB of memory of a task.", 512.0, 122_880.0), size.memory_mib);
    let image = image(env, component, service);
    let region = env.region(component);
    let log = |prefix: &str| log_configuration(logs.get(cloudwatch_log_group::NAME), region.clone(), prefix);
    let first = telemetry::dependency(env, service);
    let mut containers = vec![container(name, service, wiring, image, log(name), first)];
    containers.extend(telemetry::container(env, service, log("collector"), region.clone()));
    let family = env.name(name);
    let architecture = if size.arm { "ARM64" } else { "X86_64" };
    env.add(
        NodeBuilder::new(component, def::KIND, "this")
            .set(def::FAMILY, family)
            .set(def::REQUIRES_COMPATIBILITIES, Value::list(["FARGATE"]))
            .set(def::NETWORK_MODE, "awsvpc")
            .set(def::CPU, cpu)
            .set(def::MEMORY, memory)
            .set(def::EXECUTION_ROLE_ARN, execution_role.get(iam_role::ARN))
            .set(def::TASK_ROLE_ARN, task_role.get(iam_role::ARN))
            .block(
                def::RUNTIME_PLATFORM,
                Block::new()
                    .set(def::runtime_platform::OPERATING_SYSTEM_FAMILY, "LINUX")
                    .set(def::runtime_platform::CPU_ARCHITECTURE, architecture),
            )
            .block(def::VOLUME, Block::new().set(def::volume::NAME, SCRATCH))
            .set(def::CONTAINER_DEFINITIONS, Value::json(Value::List(containers)))
            .purpose(format!("How a container of {name} runs")),
    )
}

/// The volume behind `/tmp`: the only place a program may write.
const SCRATCH: &str = "tmp";

/// The container, with its keys as ECS stores them, so that a plan after an apply is empty.
fn container(
    name: &str,
    service: &ServiceDesign,
    wiring: &Wiring,
    image: Value,
    log_configuration: Value,
    first: Option<Value>,
) -> Value {
    let mut map: IndexMap<String, Value> = IndexMap::new();
    let mut put = |key: &str, value: Value| map.insert(key.to_owned(), value);
    put("name", name.into());
    put("image", image);
    put("essential", true.into());
    if let Some(first) = first {
        put("dependsOn", first);
    }
    let strings = |words: &Vec<String>| Value::list(words.iter().map(String::as_str));
    if let Some(entrypoint) = &service.entrypoint {
        put("entryPoint", strings(entrypoint));
    }
    if let Some(command) = &service.command {
        put("command", strings(command));
    }
    if let Some(port) = service.port {
        let mapping = Value::map([
            ("containerPort", Value::from(port)),
            ("hostPort", port.into()),
            ("protocol", "tcp".into()),
        ]);
        put("portMappings", Value::List(vec![mapping]));
    }
    let pairs = |entries: &IndexMap<String, Value>, value: &str| {
        let mut sorted: Vec<_> = entries.iter().collect();
        sorted.sort_by_key(|(name, _)| *name);
        let pair =
            |(name, v): (&String, &Value)| Value::map([("name", Value::from(name)), (value, v.clone())]);
        Value::List(sorted.into_iter().map(pair).collect())
    };
    put("environment", pairs(&wiring.env, "value"));
    if !wiring.secret_env.is_empty() {
        put("secrets", pairs(&wiring.secret_env, "valueFrom"));
    }
    put("readonlyRootFilesystem", true.into());
    let scratch = Value::map([
        ("sourceVolume", Value::from(SCRATCH)),
        ("containerPath", "/tmp".into()),
        ("readOnly", false.into()),
    ]);
    put("mountPoints", Value::List(vec![scratch]));
    // A first process that reaps children and forwards signals, so that a stop is graceful.
    put("linuxParameters", Value::map([("initProcessEnabled", true)]));
    put("stopTimeout", STOP_SECONDS.into());
    put("logConfiguration", log_configuration);
    Value::Map(map)
}

fn log_configuration(log_group: Value, region: Value, prefix: &str) -> Value {
    let options = Value::map([
        ("awslogs-group", log_group),
        ("awslogs-region", region),
        ("awslogs-stream-prefix", prefix.into()),
    ]);
    Value::map([("logDriver", Value::from("awslogs")), ("options", options)])
}

/// Seconds between the request to stop and the end.
const STOP_SECONDS: i64 = 30;
