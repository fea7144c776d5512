//! Services that always run, as ECS services on Fargate.
//!
//! A rolling release is ECS's own, with a circuit breaker that rolls back. A canary or blue-green release is
//! CodeDeploy's: it needs a load balancer to shift traffic on, so a service without one rolls.

use catalog::aws::{
    ecs_service, ecs_task_definition, lb_target_group, service_discovery_private_dns_namespace,
    service_discovery_service,
};
use design::{Compute, ContainersDesign, ServiceDesign, usage};
use ir::key::Handle;
use ir::{Address, Block, Diagnostic, Lifecycle, NodeBuilder, Value};
use spec::Release;

use super::Env;
use super::cluster::Cluster;
use super::edge::Edge;
use super::env::{number, one_of, subnet_ids};
use super::firewall::{self, Peer};
use super::release::{self, Shift};
use super::routing::{route, task_targets};
use super::scaling::{Signals, scale};
use super::task::task;
use super::wiring::Wiring;

/// The way to a service from the load balancer.
struct Front {
    targets: Handle<lb_target_group::M>,
    /// The second target group, when CodeDeploy shifts traffic between two.
    green: Option<Handle<lb_target_group::M>>,
    rules: Vec<Address>,
    port: u16,
}

/// Adds a service.
pub(crate) fn lower(
    env: &mut Env,
    name: &str,
    service: &ServiceDesign,
    design: &ContainersDesign,
    wiring: &Wiring,
    cluster: &Cluster,
    edge: Option<&Edge>,
) {
    let component = env.service_component(name);
    env.component(&component, "service", format!("{name} on ECS Fargate"));
    let task = task(env, &component, name, service, design.size, wiring);
    let front = front(env, &component, name, service, edge, &task.group);
    let shifts = front.as_ref().is_some_and(|f| f.green.is_some());
    if service.release != Release::Rolling && !shifts {
        env.diagnostics.push(
            Diagnostic::warning("release-without-balancer", format!("{name} is released by rolling replacement"))
                .because("A canary or blue-green release shifts traffic on the load balancer, and this service is not behind it.")
                .help("set `release: rolling`, or make the service public"),
        );
    }

    let min = env.input(&component, "min_tasks", number("Fewest tasks.", 0.0, 5000.0), design.min);
    let max = env.input(&component, "max_tasks", number("Most tasks.", 1.0, 5000.0), design.max);
    let scales = scales_somewhere(env, name);
    let definition = task.definition.get(ecs_task_definition::ARN);
    let mut builder = base(env, &component, name, design, cluster, definition, min.clone());
    let kind = if shifts { "CODE_DEPLOY" } else { "ECS" };
    builder = builder.block(
        ecs_service::DEPLOYMENT_CONTROLLER,
        Block::new().set(ecs_service::deployment_controller::TYPE, kind),
    );
    if !shifts {
        builder = builder.block(
            ecs_service::DEPLOYMENT_CIRCUIT_BREAKER,
            Block::new()
                .set(ecs_service::deployment_circuit_breaker::ENABLE, true)
                .set(ecs_service::deployment_circuit_breaker::ROLLBACK, true),
        );
    }
    let network = env.network();
    builder = builder.block(
        ecs_service::NETWORK_CONFIGURATION,
        Block::new()
            .set(ecs_service::network_configuration::SUBNETS, subnet_ids(&network.private))
            .set(ecs_service::network_configuration::SECURITY_GROUPS, Value::List(vec![task.group.clone()]))
            .set(ecs_service::network_configuration::ASSIGN_PUBLIC_IP, false),
    );
    if let Some(front) = &front {
        let grace = env.input(
            &component,
            "health_grace_seconds",
            number("Seconds a new task may take before failed health checks count.", 0.0, 7200.0),
            60,
        );
        builder = builder.set(ecs_service::HEALTH_CHECK_GRACE_PERIOD_SECONDS, grace).block(
            ecs_service::LOAD_BALANCER,
            Block::new()
                .set(ecs_service::load_balancer::TARGET_GROUP_ARN, front.targets.get(lb_target_group::ARN))
                .set(ecs_service::load_balancer::CONTAINER_NAME, name)
                .set(ecs_service::load_balancer::CONTAINER_PORT, front.port),
        );
        // ECS refuses a target group that no listener uses yet.
        for rule in &front.rules {
            builder = builder.depends_on(rule);
        }
    }
    if service.port.is_some() {
        let registry = registry(env, &component, name);
        builder = builder.block(
            ecs_service::SERVICE_REGISTRIES,
            Block::new().set(
                ecs_service::service_registries::REGISTRY_ARN,
                registry.get(service_discovery_service::ARN),
            ),
        );
    }
    let mut ignored = Vec::new();
    if shifts {
        ignored.extend(["task_definition", "load_balancer"].map(String::from));
    }
    if scales || shifts {
        ignored.push("desired_count".into());
    }
    let handle = env.add(
        builder
            .lifecycle(Lifecycle { ignore_changes: ignored, ..Lifecycle::default() })
            .usage("mean_tasks", design.mean_tasks)
            .usage("traces", usage::telemetry::traces(env.design, service))
            .purpose(format!("Keeps the tasks of {name} running and replaces them at a release")),
    );
    let service_name = handle.get(ecs_service::NAME);
    if scales {
        // Requests a target cannot be tracked while CodeDeploy swaps the target groups.
        let requests = match (&front, edge) {
            (Some(front), Some(edge)) if !shifts => Some((&edge.balancer, &front.targets)),
            _ => None,
        };
        let queue = wiring.backlog.as_ref().map(|(_, name)| name.clone());
        let signals =
            Signals { cluster: cluster.name.clone(), service: service_name.clone(), requests, queue };
        scale(env, &component, design, [min, max], signals);
    }
    if let (Some(Front { targets, green: Some(green), .. }), Some(edge)) = (&front, edge) {
        let shift = Shift { cluster, service: &service_name, task: &task, edge, targets: [targets, green] };
        release::shift_tasks(env, &component, name, service.release, &shift);
    }
}

/// Whether a service has room to grow in any environment: all share its module, and what an autoscaler owns is not
/// Terraform's to set. Where there is no room the autoscaler has one number to choose from.
fn scales_somewhere(env: &Env, name: &str) -> bool {
    let mut designs = env.blueprint.environments.values().filter_map(|e| e.services.get(name));
    designs.any(|s| matches!(&s.compute, Compute::Containers(design) if design.max > design.min))
}

/// What a service has whatever it does.
fn base(
    env: &mut Env,
    component: &str,
    name: &str,
    design: &ContainersDesign,
    cluster: &Cluster,
    definition: Value,
    desired: Value,
) -> NodeBuilder<ecs_service::M> {
    let provider = env.input(
        component,
        "capacity_provider",
        one_of("Fargate, or its interruptible capacity.", ["FARGATE", "FARGATE_SPOT"]),
        if design.spot { "FARGATE_SPOT" } else { "FARGATE" },
    );
    let service_name = env.name(name);
    use ecs_service::capacity_provider_strategy as strategy;
    NodeBuilder::new(component, ecs_service::KIND, "this")
        .set(ecs_service::NAME, service_name)
        .set(ecs_service::CLUSTER, cluster.name.clone())
        .set(ecs_service::TASK_DEFINITION, definition)
        .set(ecs_service::DESIRED_COUNT, desired)
        .set(ecs_service::ENABLE_EXECUTE_COMMAND, false)
        .set(ecs_service::ENABLE_ECS_MANAGED_TAGS, true)
        .set(ecs_service::PROPAGATE_TAGS, "SERVICE")
        .set(ecs_service::DEPLOYMENT_MINIMUM_HEALTHY_PERCENT, 100)
        .set(ecs_service::DEPLOYMENT_MAXIMUM_PERCENT, 200)
        .block(
            ecs_service::CAPACITY_PROVIDER_STRATEGY,
            Block::new().set(strategy::CAPACITY_PROVIDER, provider).set(strategy::WEIGHT, 1),
        )
}

/// Target groups, rules and doors between the load balancer and the service; `None` when it is not behind it.
fn front(
    env: &mut Env,
    component: &str,
    name: &str,
    service: &ServiceDesign,
    edge: Option<&Edge>,
    group: &Value,
) -> Option<Front> {
    let (Some(edge), Some(public)) = (edge, &service.public) else { return None };
    let Some(port) = service.port else {
        env.diagnostics.push(
            Diagnostic::error("public-without-port", format!("{name} is public but listens on no port"))
                .because("The load balancer must know which port to send requests to.")
                .help("add `port: 8080`, with the port the program listens on"),
        );
        return None;
    };
    let shifted = service.release != Release::Rolling;
    let targets = if shifted {
        let blue = task_targets(env, component, "blue", &format!("{name}-blue"), service, port);
        let green = task_targets(env, component, "green", &format!("{name}-green"), service, port);
        (blue, Some(green))
    } else {
        (task_targets(env, component, "this", name, service, port), None)
    };
    let rules = route(env, component, public, edge, &targets.0, shifted);
    let why = format!("load balancer to {name}");
    firewall::leave(env, component, "balancer", edge.group.clone(), port, Peer::Group(group.clone()), &why);
    firewall::open(env, component, "balancer", group.clone(), port, Peer::Group(edge.group.clone()), &why);
    Some(Front { targets: targets.0, green: targets.1, rules, port })
}

/// The service's name inside the VPC.
fn registry(env: &mut Env, component: &str, name: &str) -> Handle<service_discovery_service::M> {
    use service_discovery_service as discovery;
    let namespace = env.network().namespace.get(service_discovery_private_dns_namespace::ID);
    let records = Block::new()
        .set(discovery::dns_config::dns_records::TYPE, "A")
        .set(discovery::dns_config::dns_records::TTL, 10);
    env.add(
        NodeBuilder::new(component, discovery::KIND, "this")
            .set(discovery::NAME, name)
            .set(discovery::DESCRIPTION, format!("Tasks of {name}"))
            .block(
                discovery::DNS_CONFIG,
                Block::new()
                    .set(discovery::dns_config::NAMESPACE_ID, namespace)
                    .set(discovery::dns_config::ROUTING_POLICY, "MULTIVALUE")
                    .block(discovery::dns_config::DNS_RECORDS, records),
            )
            .block(
                discovery::HEALTH_CHECK_CUSTOM_CONFIG,
                Block::new().set(discovery::health_check_custom_config::FAILURE_THRESHOLD, 1),
            )
            .purpose(format!("Lets other services call {name} by name")),
    )
}
