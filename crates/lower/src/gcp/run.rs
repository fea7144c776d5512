//! Services on Cloud Run.
//!
//! Instances run in the environment's network. Who reaches them from outside goes through the load balancer, or by the
//! service's own address where the design says so; everything else comes from inside. It must not know the load balancer.

use catalog::google::{cloud_run_v2_service as run, service_account};
use design::{ContainersDesign, Door, Paid, ServiceDesign, usage};
use ir::key::Handle;
use ir::units::SECONDS_A_MONTH;
use ir::{Block, Diagnostic, Lifecycle, NodeBuilder, Value};
use spec::{Protocol, Release};

use super::Env;
use super::container::{access, blocks, program, timeout};
use super::env::{flag, number, project_number};
use super::wiring::Wiring;
use crate::names::join;

/// Characters of the longest name with which a service has an address of its own that is known before.
/// Source: <https://cloud.google.com/run/docs/triggering/https-request>, 2025.
const NAME_CHARACTERS: usize = 49;
/// Requests that an instance takes at a time when nothing is known of them: what the platform does by itself.
const CONCURRENCY: u32 = 80;
/// Seconds that a request may take.
const REQUEST_SECONDS: i64 = 300;

/// Adds a service.
pub(crate) fn lower(
    env: &mut Env,
    name: &str,
    service: &ServiceDesign,
    design: &ContainersDesign,
    wiring: &Wiring,
) {
    let component = env.service_component(name);
    let c = component.as_str();
    let description = format!("{name} on Cloud Run");
    env.component(c, "service", description.as_str());
    if service.protocol == Protocol::Tcp {
        env.diagnostics.push(
            Diagnostic::error("no-bare-tcp", format!("{name}: Cloud Run speaks HTTP and gRPC, not bare TCP"))
                .because("Whatever calls a service on Cloud Run passes a proxy for HTTP.")
                .help("set `protocol: http` or `protocol: grpc`, or choose another cloud"),
        );
    }
    let own_door = env.design.network.door == Door::Ingress && service.public.is_some();
    if own_door && service.public.as_ref().is_some_and(|p| p.host.is_some()) {
        env.diagnostics.push(
            Diagnostic::warning(
                "host-without-load-balancer",
                format!("{name} does not answer at its host name"),
            )
            .because("Here services answer at addresses of their own; a host name wants the load balancer.")
            .help("map the host name to the service by hand, or leave `host` out"),
        );
    }
    let program = program(env, c, name, service, design.size, wiring);
    let service_name = service_name(env, c, name);
    let region = env.region();
    let template = template(env, c, name, service, design, &program, wiring);
    let ingress = match (&service.public, own_door) {
        (Some(_), true) => "INGRESS_TRAFFIC_ALL",
        (Some(_), false) => "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER",
        (None, _) => "INGRESS_TRAFFIC_INTERNAL_ONLY",
    };
    let mut builder = NodeBuilder::new(c, run::KIND, "this")
        .set(run::NAME, service_name)
        .set(run::LOCATION, region)
        .set(run::INGRESS, ingress)
        // Who may call is said by where a call comes from: programs do not sign in to each other.
        .set(run::INVOKER_IAM_DISABLED, true)
        .set(run::DELETION_PROTECTION, false)
        .block(run::TEMPLATE, template)
        .block(
            run::TRAFFIC,
            Block::new()
                .set(run::traffic::TYPE, "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST")
                .set(run::traffic::PERCENT, 100),
        );
    for address in &program.first {
        builder = builder.depends_on(address);
    }
    let mut ignored = vec!["client".to_owned(), "client_version".to_owned()];
    if service.release != Release::Rolling {
        // A release moves it step by step.
        ignored.push("traffic".into());
    }
    if own_door {
        builder = builder.usage("gb_out", usage::sent_gb(service));
    }
    let handle = env.add(
        builder
            .lifecycle(Lifecycle { ignore_changes: ignored, ..Lifecycle::default() })
            .usage("mean_tasks", design.mean_tasks)
            .usage("busy_tasks", design.busy_tasks)
            .usage("requests", service.load.requests * SECONDS_A_MONTH)
            .purpose(format!("Runs {name} and replaces it at a release")),
    );
    let outputs = &mut env.graph.component(c, "service", description).outputs;
    outputs.insert("service".into(), ("Service that the pipeline deploys to.".into(), handle.get(run::NAME)));
    if own_door {
        outputs.insert("url".into(), ("Where the service answers.".into(), handle.get(run::URI)));
    }
}

/// A service's name.
fn service_name(env: &mut Env, component: &str, name: &str) -> Value {
    env.name_within(component, "service_name", name, NAME_CHARACTERS)
}

/// The address of a service, told without asking it: services may call each other in a circle.
pub(crate) fn host(env: &mut Env, component: &str, name: &str) -> Value {
    let input = format!("{}_service_name", name.replace('-', "_"));
    let service = env.name_within(component, &input, name, NAME_CHARACTERS);
    let number = project_number(&mut env.graph, component);
    let region = env.region();
    join([service, "-".into(), number, ".".into(), region, ".run.app".into()])
}

/// A service by its name, for whoever stands before it.
pub(crate) fn handle(env: &Env, name: &str) -> Handle<run::M> {
    NodeBuilder::new(&env.service_component(name), run::KIND, "this").handle()
}

fn template(
    env: &mut Env,
    c: &str,
    name: &str,
    service: &ServiceDesign,
    design: &ContainersDesign,
    program: &super::container::Program,
    wiring: &Wiring,
) -> Block<run::template::M> {
    use run::template::{self, containers, scaling};
    let instances = |what: &str| number(what, 0.0, 1000.0);
    let min = env.input(c, "min", instances("Fewest instances."), design.min);
    let max = env.input(c, "max", instances("Most instances."), design.max.max(1));
    let decl = number("Requests that an instance takes at a time.", 1.0, 1000.0);
    let concurrency =
        env.input(c, "concurrency", decl, design.concurrency.unwrap_or(CONCURRENCY).clamp(1, 1000));
    let decl = flag("Whether an instance has its CPU, and is paid, only while it answers.");
    let idle = env.input(c, "cpu_idle", decl, design.paid == Paid::Answering);
    let resources = Block::new()
        .set(containers::resources::LIMITS, program.limits.clone())
        .set(containers::resources::CPU_IDLE, idle)
        .set(containers::resources::STARTUP_CPU_BOOST, true);
    let mut container =
        blocks!(run::template, name, service, program, wiring).block(containers::RESOURCES, resources);
    if let Some(port) = service.port {
        let mut ports = Block::new().set(containers::ports::CONTAINER_PORT, port);
        if service.protocol == Protocol::Grpc {
            ports = ports.set(containers::ports::NAME, "h2c");
        }
        container = probes(container.block(containers::PORTS, ports), service, port);
    }
    let seconds = timeout(env, c, "Seconds that a request may take.", REQUEST_SECONDS, 3600.0);
    Block::new()
        .set(template::SERVICE_ACCOUNT, program.account.get(service_account::EMAIL))
        .set(template::EXECUTION_ENVIRONMENT, "EXECUTION_ENVIRONMENT_GEN2")
        .set(template::MAX_INSTANCE_REQUEST_CONCURRENCY, concurrency)
        .set(template::TIMEOUT, seconds)
        .block(
            template::SCALING,
            Block::new().set(scaling::MIN_INSTANCE_COUNT, min).set(scaling::MAX_INSTANCE_COUNT, max),
        )
        .block(template::VPC_ACCESS, access!(run::template, env, program))
        .block(template::CONTAINERS, container)
}

/// An instance takes requests when it is ready, and is replaced when it hangs. Where no health path is known, an open
/// port has to do.
fn probes(
    container: Block<run::template::containers::M>,
    service: &ServiceDesign,
    port: u16,
) -> Block<run::template::containers::M> {
    use run::template::containers::{self, liveness_probe as alive, startup_probe as ready};
    let starting = Block::new()
        .set(ready::PERIOD_SECONDS, 5)
        .set(ready::TIMEOUT_SECONDS, 3)
        .set(ready::FAILURE_THRESHOLD, 24);
    let Some(path) = service.health.as_ref().filter(|_| service.protocol == Protocol::Http) else {
        let socket = Block::new().set(ready::tcp_socket::PORT, port);
        return container.block(containers::STARTUP_PROBE, starting.block(ready::TCP_SOCKET, socket));
    };
    let ask = Block::new().set(ready::http_get::PATH, path.as_str()).set(ready::http_get::PORT, port);
    let ask_again = Block::new().set(alive::http_get::PATH, path.as_str()).set(alive::http_get::PORT, port);
    container.block(containers::STARTUP_PROBE, starting.block(ready::HTTP_GET, ask)).block(
        containers::LIVENESS_PROBE,
        Block::new()
            .set(alive::PERIOD_SECONDS, 10)
            .set(alive::TIMEOUT_SECONDS, 3)
            .set(alive::FAILURE_THRESHOLD, 3)
            .block(alive::HTTP_GET, ask_again),
    )
}
