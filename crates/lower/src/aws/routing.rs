//! How requests reach a service: target groups and the rules of the shared listener.
//!
//! Rules belong to the service's component, so that adding a service touches no other. A rule may hold five
//! values, and priorities leave room between services for the rules that one service needs.

use catalog::aws::{lb_listener, lb_listener_rule, lb_target_group, vpc};
use design::{PublicDesign, ServiceDesign};
use ir::key::Handle;
use ir::{Address, Block, Lifecycle, NodeBuilder, Value};
use spec::Protocol;

use super::Env;
use super::edge::Edge;
use super::env::{number, text};
use super::store::{join, replace_first};

/// Values that one rule may hold, host and path together.
const VALUES_A_RULE: usize = 5;

/// Priorities between two services: the most rules one service can have.
const RULES_A_SERVICE: u32 = 100;

/// Paths that lead to a service when it has neither paths nor a host of its own.
const EVERYTHING: &str = "/*";

/// A target group for tasks.
pub(crate) fn task_targets(
    env: &mut Env,
    component: &str,
    node: &str,
    suffix: &str,
    service: &ServiceDesign,
    port: u16,
) -> Handle<lb_target_group::M> {
    use lb_target_group as group;
    // Port and protocol are fixed at creation and part of the name: a service on another port gets a new group
    // before the old one goes, which a rule still forwards to.
    let kind = format!("-{}{port}", if service.protocol == Protocol::Grpc { "grpc" } else { "" });
    let stem = env.name_within(component, &format!("{node}_target_group_name"), suffix, 32 - kind.len());
    let name = join([stem, kind.into()]);
    let vpc_id = env.network().vpc.get(vpc::ID);
    let delay = env.input(
        component,
        "deregistration_delay",
        number("Seconds that a stopping task may finish its requests.", 0.0, 3600.0),
        30,
    );
    let grpc = service.protocol == Protocol::Grpc;
    let (path, matcher) = match (&service.health, grpc) {
        (Some(path), true) => (path.as_str(), "0"),
        (Some(path), false) => (path.as_str(), "200"),
        // Nothing says which path is healthy: any answer that is no server error shows that it listens.
        (None, true) => ("/", "0-99"),
        (None, false) => ("/", "200-499"),
    };
    let path = env.input(component, "health_path", text("Path that answers when the service is well."), path);
    env.add(
        NodeBuilder::new(component, group::KIND, node)
            .set(group::NAME, name)
            .lifecycle(replace_first())
            .set(group::VPC_ID, vpc_id)
            .set(group::TARGET_TYPE, "ip")
            .set(group::PROTOCOL, "HTTP")
            .set_opt(group::PROTOCOL_VERSION, grpc.then_some("GRPC"))
            .set(group::PORT, port)
            .set(group::DEREGISTRATION_DELAY, delay)
            .block(
                group::HEALTH_CHECK,
                Block::new()
                    .set(group::health_check::PATH, path)
                    .set(group::health_check::MATCHER, matcher)
                    .set(group::health_check::INTERVAL, 15)
                    .set(group::health_check::TIMEOUT, 5)
                    .set(group::health_check::HEALTHY_THRESHOLD, 2)
                    .set(group::health_check::UNHEALTHY_THRESHOLD, 3),
            )
            .purpose("Knows the healthy tasks and spreads requests over them"),
    )
}

/// Adds the rules that lead a service's hosts and paths to its target group; returns their addresses. With
/// `shifted`, CodeDeploy moves the rules between target groups and Terraform leaves them alone.
pub(crate) fn route(
    env: &mut Env,
    component: &str,
    public: &PublicDesign,
    edge: &Edge,
    targets: &Handle<lb_target_group::M>,
    shifted: bool,
) -> Vec<Address> {
    use lb_listener_rule as rule;
    let paths: Vec<&str> = match public.paths.as_slice() {
        [] => vec![EVERYTHING],
        paths => paths.iter().map(String::as_str).collect(),
    };
    // A host that takes every path needs no condition on the path.
    let everything = paths.contains(&EVERYTHING);
    let room = VALUES_A_RULE - usize::from(public.host.is_some());
    let chunks: Vec<Vec<&str>> = match (everything, &public.host) {
        (true, Some(_)) => vec![Vec::new()],
        (true, None) => vec![vec![EVERYTHING]],
        (false, _) => paths.chunks(room).map(<[&str]>::to_vec).collect(),
    };
    let host = public.host.as_ref().map(|host| {
        env.input(component, "host", text("Host name that the service answers for."), host.as_str())
    });
    let mut rules = Vec::new();
    let several = chunks.len() > 1;
    for (i, chunk) in (0u32..).zip(chunks) {
        let priority = public.priority.saturating_mul(RULES_A_SERVICE).saturating_add(i);
        let mut builder = NodeBuilder::new(component, rule::KIND, "this");
        if several {
            builder = builder.key((i + 1).to_string());
        }
        builder = builder
            .set(rule::LISTENER_ARN, edge.listener.get(lb_listener::ARN))
            .set(rule::PRIORITY, priority)
            .block(
                rule::ACTION,
                Block::new()
                    .set(rule::action::TYPE, "forward")
                    .set(rule::action::TARGET_GROUP_ARN, targets.get(lb_target_group::ARN)),
            );
        if let Some(host) = &host {
            let values =
                Block::new().set(rule::condition::host_header::VALUES, Value::List(vec![host.clone()]));
            builder =
                builder.block(rule::CONDITION, Block::new().block(rule::condition::HOST_HEADER, values));
        }
        if !chunk.is_empty() {
            let values = Block::new().set(rule::condition::path_pattern::VALUES, Value::list(chunk));
            builder =
                builder.block(rule::CONDITION, Block::new().block(rule::condition::PATH_PATTERN, values));
        }
        if shifted {
            builder = builder
                .lifecycle(Lifecycle { ignore_changes: vec!["action".into()], ..Lifecycle::default() });
        }
        let handle = env.add(builder.purpose("Leads the service's hosts and paths to it"));
        rules.push(handle.address);
    }
    rules
}
