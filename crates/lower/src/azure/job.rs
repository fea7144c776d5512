//! Programs that start, work and end: on a schedule, or once at each deployment.
//!
//! The platform starts what has a schedule; what runs once has no starter: the pipeline runs it, and reads how from the
//! component's outputs.

use catalog::azurerm::{container_app_environment, container_app_job as job, user_assigned_identity};
use design::{ServiceDesign, TaskSize};
use ir::{Block, Diagnostic, NodeBuilder};

use super::app::app_name;
use super::container::{self, container_blocks};
use super::env::{number, text};
use super::wiring::Wiring;
use super::{Env, cluster, identity};
use crate::cron::schedules;

container_blocks!(container_app_job, equipped, program);

/// When a job runs.
#[derive(Clone, Copy)]
pub(crate) enum When<'w> {
    /// By five-field cron, UTC.
    Scheduled {
        /// The expression.
        cron: &'w str,
        /// Expected length of a run.
        duration_seconds: f64,
    },
    /// Once at each deployment.
    Deployment,
}

/// Seconds that a run may take when nothing says how long it takes, and as a multiple of how long it does.
const TIMEOUT: (f64, f64) = (3600.0, 4.0);
/// Seconds that the platform lets a run take.
const LONGEST: f64 = 604_800.0;

/// Adds a job.
pub(crate) fn lower(
    env: &mut Env,
    name: &str,
    service: &ServiceDesign,
    size: TaskSize,
    when: When<'_>,
    wiring: &Wiring,
) {
    let component = env.service_component(name);
    let c = component.as_str();
    let description = match when {
        When::Scheduled { .. } => format!("{name} on a schedule"),
        When::Deployment => format!("{name}, run once at each deployment"),
    };
    env.component(c, "task", description.as_str());
    let runs = match when {
        When::Deployment => 0.0,
        When::Scheduled { cron, .. } => match schedules(cron) {
            Ok(schedules) => schedules.iter().map(|s| s.runs_month).sum(),
            Err(problem) => {
                env.diagnostics.push(
                    Diagnostic::error("schedule", format!("{name}: `{cron}` is no schedule"))
                        .because(problem)
                        .help("write minute, hour, day of the month, month and day of the week, such as `0 2 * * *`"),
                );
                return;
            }
        },
    };
    let (who, rights) = identity::lower(env, c, name, &wiring.grants);
    let who = who.get(user_assigned_identity::ID);
    let image = container::image(env, c, service);
    let size = container::size(env, c, size);
    let program = program(name, service, wiring, image, size);
    let duration = match when {
        When::Scheduled { duration_seconds, .. } => duration_seconds,
        When::Deployment => 0.0,
    };
    let (least, multiple) = TIMEOUT;
    let decl = number("Seconds after which a run is ended.", 1.0, LONGEST);
    // The cast is of a number within the range above.
    let timeout = env.input(c, "timeout_seconds", decl, (duration * multiple).clamp(least, LONGEST) as i64);
    let retries = env.input(c, "retries", number("Further tries of a run that failed.", 0.0, 10.0), 1);
    let cluster = env.cluster.as_ref().expect("the environment stands where anything runs as a container");
    let cluster = cluster.get(container_app_environment::ID);
    let mut builder = NodeBuilder::new(c, job::KIND, "this")
        .set(job::NAME, app_name(name))
        .set(job::RESOURCE_GROUP_NAME, env.group())
        .set(job::LOCATION, env.location())
        .set(job::CONTAINER_APP_ENVIRONMENT_ID, cluster)
        .set(job::WORKLOAD_PROFILE_NAME, cluster::BY_USE)
        .set(job::REPLICA_TIMEOUT_IN_SECONDS, timeout)
        .set(job::REPLICA_RETRY_LIMIT, retries);
    builder = equipped(env, builder, service, wiring, &who);
    builder = match when {
        When::Scheduled { cron, .. } => {
            use job::schedule_trigger_config as trigger;
            let words = "When the job runs, UTC: minute, hour, day of the month, month, day of the week.";
            let cron = env.input(c, "schedule", text(words), cron);
            let one = Block::new()
                .set(trigger::CRON_EXPRESSION, cron)
                .set(trigger::PARALLELISM, 1)
                .set(trigger::REPLICA_COMPLETION_COUNT, 1);
            builder.block(job::SCHEDULE_TRIGGER_CONFIG, one)
        }
        When::Deployment => {
            use job::manual_trigger_config as trigger;
            let one = Block::new().set(trigger::PARALLELISM, 1).set(trigger::REPLICA_COMPLETION_COUNT, 1);
            builder.block(job::MANUAL_TRIGGER_CONFIG, one)
        }
    };
    for right in &rights {
        builder = builder.depends_on(right);
    }
    let job = env.add(
        builder
            .block(job::TEMPLATE, Block::new().block(job::template::CONTAINER, program))
            .usage("runs", runs)
            .usage("task_hours", runs * duration / 3600.0)
            .purpose(format!("Runs {name} to its end")),
    );
    let outputs = &mut env.graph.component(c, "task", description).outputs;
    outputs.insert("job".into(), ("Job by its name.".into(), job.get(job::NAME)));
}
