//! Services that run when called, as Lambda functions from images.
//!
//! Callers use the alias `live`, so that a release is a change of the alias and going back is another. Queues
//! are read through event source mappings that report single failed messages. A secret's ARN is what a function
//! gets: Lambda injects no secrets, the program reads them.

use catalog::aws::{
    cloudwatch_log_group, iam_role, lambda_alias, lambda_event_source_mapping, lambda_function,
    lambda_permission, lb_target_group, lb_target_group_attachment,
};
use design::{FunctionDesign, ServiceDesign, usage};
use indexmap::IndexMap;
use ir::key::Handle;
use ir::units::SECONDS_A_MONTH;
use ir::{Block, NodeBuilder, Value};

use super::edge::Edge;
use super::env::{number, subnet_ids, text};
use super::identity::{RoleSpec, allow, below, role};
use super::routing::route;
use super::task::{guarded, image, read_secrets};
use super::wiring::Wiring;
use super::{Env, Statement};

/// Adds a function.
pub(crate) fn lower(
    env: &mut Env,
    name: &str,
    service: &ServiceDesign,
    design: &FunctionDesign,
    wiring: &Wiring,
    edge: Option<&Edge>,
) {
    let component = env.service_component(name);
    env.component(&component, "function", format!("{name} on Lambda"));
    let log_name = Value::Template(vec!["/aws/lambda/".into(), env.name(name)]);
    let logs = env.log_group(
        &component,
        "this",
        log_name,
        &format!("Keeps what {name} writes to its output"),
        usage::service_log(service, env.design.log_days),
    );
    let inside = !wiring.doors.is_empty();
    let statements = statements(env, &component, wiring, &logs, inside);
    let own = role(
        env,
        &RoleSpec {
            component: &component,
            name: "function",
            suffix: &format!("{name}-function"),
            service: "lambda.amazonaws.com",
            purpose: &format!("What the program of {name} may do"),
            statements: &statements,
        },
    );
    let function = function(env, &component, name, service, design, wiring, &own, &logs, inside);
    let alias = env.add(
        NodeBuilder::new(&component, lambda_alias::KIND, "live")
            .set(lambda_alias::NAME, "live")
            .set(lambda_alias::DESCRIPTION, "The version that callers get")
            .set(lambda_alias::FUNCTION_NAME, function.get(lambda_function::FUNCTION_NAME))
            .set(lambda_alias::FUNCTION_VERSION, function.get(lambda_function::VERSION))
            .purpose("Callers use the alias, so that a release moves them all at once and can be undone"),
    );
    for (queue, arn) in &wiring.queues {
        read_queue(env, &component, queue, arn, &alias);
    }
    if let (Some(edge), Some(public)) = (edge, &service.public) {
        let targets = targets(env, &component, name, service, &alias);
        route(env, &component, public, edge, &targets, false);
    }
}

/// Logs, secrets, what the program asked for, and network interfaces when it runs inside the VPC.
fn statements(
    env: &mut Env,
    component: &str,
    wiring: &Wiring,
    logs: &Handle<cloudwatch_log_group::M>,
    inside: bool,
) -> Vec<Statement> {
    let streams = below(logs.get(cloudwatch_log_group::ARN), ":*");
    let mut statements =
        vec![allow("WriteLog", &["logs:CreateLogStream", "logs:PutLogEvents"], vec![streams])];
    statements.extend(read_secrets(wiring));
    statements.extend(wiring.statements.iter().cloned());
    if inside {
        // Lambda makes the interfaces before it knows their ids, so AWS accepts no narrower resource.
        let actions = &[
            "ec2:CreateNetworkInterface",
            "ec2:DeleteNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSubnets",
        ];
        let mut join = allow("JoinNetwork", actions, vec!["*".into()]);
        let region = env.region(component);
        join.conditions = vec![("StringEquals", "aws:RequestedRegion", vec![region])];
        statements.push(join);
    }
    statements
}

#[expect(clippy::too_many_arguments, reason = "every part of a function meets here and nowhere else")]
fn function(
    env: &mut Env,
    component: &str,
    name: &str,
    service: &ServiceDesign,
    design: &FunctionDesign,
    wiring: &Wiring,
    own: &Handle<iam_role::M>,
    logs: &Handle<cloudwatch_log_group::M>,
    inside: bool,
) -> Handle<lambda_function::M> {
    let memory =
        env.input(component, "memory", number("MiB of memory of a run.", 128.0, 10_240.0), design.memory_mib);
    let timeout =
        env.input(component, "timeout", number("Longest run, seconds.", 1.0, 900.0), design.timeout_seconds);
    let concurrency = env.input(
        component,
        "concurrency",
        number("Most concurrent runs.", 1.0, 100_000.0),
        design.concurrency,
    );
    let image = image(env, component, service);
    let function_name = env.name_within(component, "function_name", name, 64);
    let group = inside.then(|| guarded(env, component, name, wiring));
    let mut variables: IndexMap<String, Value> = wiring.env.clone();
    for (variable, from) in &wiring.secret_env {
        variables.insert(format!("{variable}_SECRET"), from.clone());
    }
    variables.sort_keys();
    let mut builder = NodeBuilder::new(component, lambda_function::KIND, "this")
        .set(lambda_function::FUNCTION_NAME, function_name)
        .set(lambda_function::DESCRIPTION, format!("{name} of {}", env.blueprint.name))
        .set(lambda_function::PACKAGE_TYPE, "Image")
        .set(lambda_function::IMAGE_URI, image)
        .set(lambda_function::ARCHITECTURES, Value::list([if design.arm { "arm64" } else { "x86_64" }]))
        .set(lambda_function::ROLE, own.get(iam_role::ARN))
        .set(lambda_function::MEMORY_SIZE, memory)
        .set(lambda_function::TIMEOUT, timeout)
        .set(lambda_function::RESERVED_CONCURRENT_EXECUTIONS, concurrency)
        .set(lambda_function::PUBLISH, true);
    if service.entrypoint.is_some() || service.command.is_some() {
        let strings = |words: &Vec<String>| Value::list(words.iter().map(String::as_str));
        builder = builder.block(
            lambda_function::IMAGE_CONFIG,
            Block::new()
                .set_opt(lambda_function::image_config::ENTRY_POINT, service.entrypoint.as_ref().map(strings))
                .set_opt(lambda_function::image_config::COMMAND, service.command.as_ref().map(strings)),
        );
    }
    if !variables.is_empty() {
        let key = env.key_arn();
        builder = builder.set(lambda_function::KMS_KEY_ARN, key).block(
            lambda_function::ENVIRONMENT,
            Block::new().set(lambda_function::environment::VARIABLES, Value::Map(variables)),
        );
    }
    if let Some(group) = group {
        let network = env.network();
        builder = builder.block(
            lambda_function::VPC_CONFIG,
            Block::new()
                .set(lambda_function::vpc_config::SUBNET_IDS, subnet_ids(&network.private))
                .set(lambda_function::vpc_config::SECURITY_GROUP_IDS, Value::List(vec![group])),
        );
    }
    let runs = (service.load.requests + service.load.messages) * SECONDS_A_MONTH;
    env.add(
        builder
            .block(
                lambda_function::LOGGING_CONFIG,
                Block::new()
                    .set(lambda_function::logging_config::LOG_FORMAT, "JSON")
                    .set(lambda_function::logging_config::LOG_GROUP, logs.get(cloudwatch_log_group::NAME)),
            )
            .block(
                lambda_function::TRACING_CONFIG,
                Block::new().set(lambda_function::tracing_config::MODE, "PassThrough"),
            )
            .usage("requests", runs)
            .usage("gb_seconds", runs * design.duration_seconds * f64::from(design.memory_mib) / 1024.0)
            .purpose(format!("Runs {name} when it is called")),
    )
}

/// Hands a queue's messages to the function; a failed one goes back alone.
fn read_queue(env: &mut Env, component: &str, queue: &str, arn: &Value, alias: &Handle<lambda_alias::M>) {
    use lambda_event_source_mapping as mapping;
    let batch = env.input(component, "batch_size", number("Most messages of one run.", 1.0, 10_000.0), 10);
    env.add(
        NodeBuilder::new(component, mapping::KIND, "this")
            .key(queue)
            .set(mapping::EVENT_SOURCE_ARN, arn.clone())
            .set(mapping::FUNCTION_NAME, alias.get(lambda_alias::ARN))
            .set(mapping::BATCH_SIZE, batch)
            .set(mapping::FUNCTION_RESPONSE_TYPES, Value::list(["ReportBatchItemFailures"]))
            .purpose(format!("Hands the messages of {queue} to the function")),
    );
}

/// The function as a target of the load balancer.
fn targets(
    env: &mut Env,
    component: &str,
    name: &str,
    service: &ServiceDesign,
    alias: &Handle<lambda_alias::M>,
) -> Handle<lb_target_group::M> {
    let group_name = env.name_within(component, "this_target_group_name", name, 32);
    let mut builder = NodeBuilder::new(component, lb_target_group::KIND, "this")
        .set(lb_target_group::NAME, group_name)
        .set(lb_target_group::TARGET_TYPE, "lambda");
    // Each check is a paid run, so it is only made of a path that is known to be cheap.
    if let Some(path) = &service.health {
        let path = env.input(
            component,
            "health_path",
            text("Path that answers when the service is well."),
            path.as_str(),
        );
        builder = builder.block(
            lb_target_group::HEALTH_CHECK,
            Block::new()
                .set(lb_target_group::health_check::ENABLED, true)
                .set(lb_target_group::health_check::PATH, path)
                .set(lb_target_group::health_check::MATCHER, "200")
                .set(lb_target_group::health_check::INTERVAL, 60)
                .set(lb_target_group::health_check::TIMEOUT, 10),
        );
    }
    let targets = env.add(builder.purpose("Hands requests of the load balancer to the function"));
    let allowed = env.add(
        NodeBuilder::new(component, lambda_permission::KIND, "balancer")
            .set(lambda_permission::STATEMENT_ID, "InvokeFromLoadBalancer")
            .set(lambda_permission::ACTION, "lambda:InvokeFunction")
            .set(lambda_permission::FUNCTION_NAME, alias.get(lambda_alias::FUNCTION_NAME))
            .set(lambda_permission::QUALIFIER, alias.get(lambda_alias::NAME))
            .set(lambda_permission::PRINCIPAL, "elasticloadbalancing.amazonaws.com")
            .set(lambda_permission::SOURCE_ARN, targets.get(lb_target_group::ARN))
            .purpose("Lets this target group call the function, and no other"),
    );
    env.add(
        NodeBuilder::new(component, lb_target_group_attachment::KIND, "this")
            .set(lb_target_group_attachment::TARGET_GROUP_ARN, targets.get(lb_target_group::ARN))
            .set(lb_target_group_attachment::TARGET_ID, alias.get(lambda_alias::ARN))
            .depends_on(&allowed.address)
            .purpose("Registers the function with the load balancer"),
    );
    targets
}
