//! Tasks that start, work and end: on a schedule, or once at each deployment.
//!
//! EventBridge Scheduler starts a task with a role that may start this task and nothing else; what could not be
//! started after its retries is kept in a queue. A task that runs once has no starter: the pipeline runs it, and
//! reads how from the component's outputs.

use catalog::aws::{ecs_task_definition, iam_role, scheduler_schedule, sqs_queue};
use design::{ServiceDesign, TaskSize};
use ir::{Block, Diagnostic, NodeBuilder, Value};

use super::cluster::Cluster;
use super::env::{matching, number, subnet_ids};
use super::identity::{RoleSpec, allow, below, role};
use super::task::{Task, task};
use super::wiring::Wiring;
use super::{Env, Statement};
use crate::cron::schedules;

/// Adds a task that runs on a schedule of five-field cron, each time for `duration_seconds`.
pub(crate) fn lower_scheduled(
    env: &mut Env,
    name: &str,
    service: &ServiceDesign,
    (size, cron, duration_seconds): (TaskSize, &str, f64),
    wiring: &Wiring,
    cluster: &Cluster,
) {
    let component = env.service_component(name);
    env.component(&component, "task", format!("{name} on a schedule"));
    let schedules = match schedules(cron) {
        Ok(schedules) => schedules,
        Err(problem) => {
            env.diagnostics.push(
                Diagnostic::error("schedule", format!("{name}: `{cron}` is no schedule"))
                    .because(problem)
                    .help("write minute, hour, day of the month, month and day of the week, such as `0 2 * * *`"),
            );
            return;
        }
    };
    let task = task(env, &component, name, service, size, wiring);
    let lost = dead_letters(env, &component, name);
    let tasks = env.arn(&component, "ecs", ["task/".into(), cluster.name.clone(), "/*".into()]);
    let mut statements = starter_statements(&task, cluster, tasks, &lost);
    statements.push(allow("Key", &["kms:Decrypt", "kms:GenerateDataKey"], vec![env.key_arn()]));
    let starter = role(
        env,
        &RoleSpec {
            component: &component,
            name: "schedule",
            suffix: &format!("{name}-schedule"),
            service: "scheduler.amazonaws.com",
            purpose: &format!("Starts {name} when its time has come"),
            statements: &statements,
        },
    );
    let retries =
        env.input(&component, "start_retries", number("Further tries to start the task.", 0.0, 185.0), 3);
    let network = env.network();
    for (i, schedule) in schedules.iter().enumerate() {
        // The second schedule of an expression with both kinds of days.
        let (node, suffix, input) = match i {
            0 => ("this", name.to_owned(), "schedule"),
            _ => ("weekday", format!("{name}-weekday"), "weekday_schedule"),
        };
        let decl = matching(
            "When the task runs, UTC.",
            r"^(cron|rate|at)\(.+\)$",
            "a schedule such as cron(0 2 * * ? *)",
        );
        let expression = env.input(&component, input, decl, schedule.expression.as_str());
        let schedule_name = env.name_within(&component, &format!("{node}_schedule_name"), &suffix, 64);
        use scheduler_schedule as when;
        use when::target;
        let parameters = Block::new()
            .set(target::ecs_parameters::TASK_DEFINITION_ARN, task.definition.get(ecs_task_definition::ARN))
            .set(target::ecs_parameters::LAUNCH_TYPE, "FARGATE")
            .set(target::ecs_parameters::PROPAGATE_TAGS, "TASK_DEFINITION")
            .set(target::ecs_parameters::TASK_COUNT, 1)
            .block(
                target::ecs_parameters::NETWORK_CONFIGURATION,
                Block::new()
                    .set(target::ecs_parameters::network_configuration::SUBNETS, subnet_ids(&network.private))
                    .set(
                        target::ecs_parameters::network_configuration::SECURITY_GROUPS,
                        Value::List(vec![task.group.clone()]),
                    )
                    .set(target::ecs_parameters::network_configuration::ASSIGN_PUBLIC_IP, false),
            );
        env.add(
            NodeBuilder::new(&component, when::KIND, node)
                .set(when::NAME, schedule_name)
                .set(when::DESCRIPTION, format!("Runs {name}"))
                .set(when::SCHEDULE_EXPRESSION, expression)
                .set(when::SCHEDULE_EXPRESSION_TIMEZONE, "UTC")
                .block(when::FLEXIBLE_TIME_WINDOW, Block::new().set(when::flexible_time_window::MODE, "OFF"))
                .block(
                    when::TARGET,
                    Block::new()
                        .set(target::ARN, cluster.arn.clone())
                        .set(target::ROLE_ARN, starter.get(iam_role::ARN))
                        .block(target::ECS_PARAMETERS, parameters)
                        .block(
                            target::RETRY_POLICY,
                            Block::new()
                                .set(target::retry_policy::MAXIMUM_RETRY_ATTEMPTS, retries.clone())
                                .set(target::retry_policy::MAXIMUM_EVENT_AGE_IN_SECONDS, 3600),
                        )
                        .block(
                            target::DEAD_LETTER_CONFIG,
                            Block::new().set(target::dead_letter_config::ARN, lost.clone()),
                        ),
                )
                .usage("task_hours", schedule.runs_month * duration_seconds / 3600.0)
                .usage("runs", schedule.runs_month)
                .purpose(format!("Runs {name} when its time has come")),
        );
    }
}

/// Adds a task that the pipeline runs once at each deployment.
pub(crate) fn lower_once(
    env: &mut Env,
    name: &str,
    service: &ServiceDesign,
    size: TaskSize,
    wiring: &Wiring,
    cluster: &Cluster,
) {
    let component = env.service_component(name);
    let description = format!("{name}, run once at each deployment");
    env.component(&component, "task", description.as_str());
    let task = task(env, &component, name, service, size, wiring);
    let subnets = subnet_ids(&env.network().private);
    let outputs = &mut env.graph.component(&component, "task", description).outputs;
    let mut put = |name: &str, words: &str, value: Value| {
        outputs.insert(name.to_owned(), (words.to_owned(), value));
    };
    put(
        "task_definition",
        "Task definition that the pipeline runs.",
        task.definition.get(ecs_task_definition::ARN),
    );
    put("cluster", "Cluster that it runs on.", cluster.name.clone());
    put("subnets", "Subnets that it runs in.", subnets);
    put("security_group", "Security group that it runs in.", task.group);
}

/// The queue for starts that failed for good.
pub(crate) fn dead_letters(env: &mut Env, component: &str, name: &str) -> Value {
    let key = env.key_arn();
    let queue_name = env.name_within(component, "dead_letter_name", &format!("{name}-not-started"), 80);
    env.add(
        NodeBuilder::new(component, sqs_queue::KIND, "not_started")
            .set(sqs_queue::NAME, queue_name)
            .set(sqs_queue::MESSAGE_RETENTION_SECONDS, 1_209_600)
            .set(sqs_queue::KMS_MASTER_KEY_ID, key)
            .usage("requests", 0.0)
            .purpose(format!("Keeps runs of {name} that could not be started, for fourteen days")),
    )
    .get(sqs_queue::ARN)
}

/// Starting this task and tagging it, handing it its two roles, and keeping what failed.
fn starter_statements(task: &Task, cluster: &Cluster, tasks: Value, lost: &Value) -> Vec<Statement> {
    let family = task.definition.get(ecs_task_definition::ARN_WITHOUT_REVISION);
    let mut run = allow("RunTask", &["ecs:RunTask"], vec![below(family, ":*")]);
    run.conditions = vec![("ArnEquals", "ecs:cluster", vec![cluster.arn.clone()])];
    let roles = vec![task.execution_role.get(iam_role::ARN), task.task_role.get(iam_role::ARN)];
    let mut pass = allow("PassTaskRoles", &["iam:PassRole"], roles);
    pass.conditions = vec![("StringEquals", "iam:PassedToService", vec!["ecs-tasks.amazonaws.com".into()])];
    // A task that starts with the tags of its definition is tagged by whoever starts it.
    let mut tag = allow("TagTask", &["ecs:TagResource"], vec![tasks]);
    tag.conditions = vec![("StringEquals", "ecs:CreateAction", vec!["RunTask".into()])];
    vec![run, tag, pass, allow("KeepFailures", &["sqs:SendMessage"], vec![lost.clone()])]
}
