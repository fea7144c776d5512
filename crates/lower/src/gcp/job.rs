//! Programs that start, work and end: on a schedule, or once at each deployment.
//!
//! Cloud Scheduler starts a job with an account that may start this job and nothing else. A job that runs once has no
//! starter: the pipeline runs it, and reads which from the component's outputs.

use catalog::google::{
    cloud_run_v2_job as job, cloud_run_v2_job_iam_member as on_job, cloud_scheduler_job as schedule,
    service_account,
};
use design::{ServiceDesign, TaskSize};
use ir::key::Handle;
use ir::{Block, Diagnostic, Lifecycle, NodeBuilder};

use super::Env;
use super::container::{access, blocks, program, timeout};
use super::env::{matching, number};
use super::identity::account;
use super::wiring::Wiring;
use crate::cron::schedules;
use crate::names::join;

/// Characters of the longest name of a job.
const NAME_CHARACTERS: usize = 63;
/// Seconds that a run may take when little is known of it.
const RUN_SECONDS: i64 = 3600;
/// Seconds that Cloud Scheduler waits for an answer: starting takes that of a call, the run is not waited for.
const START_SECONDS: i64 = 180;

/// Adds a job that runs on a schedule of five-field cron, UTC, each time for `duration_seconds`.
pub(crate) fn lower_scheduled(
    env: &mut Env,
    name: &str,
    service: &ServiceDesign,
    (size, cron, duration_seconds): (TaskSize, &str, f64),
    wiring: &Wiring,
) {
    let component = env.service_component(name);
    let c = component.as_str();
    env.component(c, "task", format!("{name} on a schedule"));
    // Cloud Scheduler reads cron itself; only how often it fires is taken from here.
    let runs: f64 = match schedules(cron) {
        Ok(schedules) => schedules.iter().map(|s| s.runs_month).sum(),
        Err(problem) => {
            env.diagnostics.push(
                Diagnostic::error("schedule", format!("{name}: `{cron}` is no schedule"))
                    .because(problem)
                    .help("write minute, hour, day of the month, month and day of the week, such as `0 2 * * *`"),
            );
            return;
        }
    };
    let hours = runs * duration_seconds / 3600.0;
    let job = add(env, c, name, service, size, wiring, hours, duration_seconds);
    let starter = account(env, c, "starter", &format!("start-{name}"), &format!("Starts {name}"));
    let may = env.add(
        NodeBuilder::new(c, on_job::KIND, "starter")
            .set(on_job::NAME, job.get(job::NAME))
            .set(on_job::LOCATION, job.get(job::LOCATION))
            .set(on_job::ROLE, "roles/run.invoker")
            .set(on_job::MEMBER, starter.get(service_account::MEMBER))
            .purpose(format!("Lets the schedule start {name} and nothing else")),
    );
    let decl =
        matching("When the job runs, UTC: five fields of cron.", r"^(\S+ ){4}\S+$", "cron such as 0 2 * * *");
    let when = env.input(c, "schedule", decl, cron);
    let retries = env.input(c, "start_retries", number("Further tries to start the job.", 0.0, 5.0), 3);
    let schedule_name = env.name(name);
    let (project, region) = (env.project(c), env.region());
    let uri = join([
        "https://run.googleapis.com/v2/projects/".into(),
        project,
        "/locations/".into(),
        region.clone(),
        "/jobs/".into(),
        job.get(job::NAME),
        ":run".into(),
    ]);
    use schedule::http_target::{self, oauth_token};
    env.add(
        NodeBuilder::new(c, schedule::KIND, "this")
            .set(schedule::NAME, schedule_name)
            .set(schedule::REGION, region)
            .set(schedule::DESCRIPTION, format!("Runs {name}"))
            .set(schedule::SCHEDULE, when)
            .set(schedule::TIME_ZONE, "Etc/UTC")
            .set(schedule::ATTEMPT_DEADLINE, format!("{START_SECONDS}s"))
            .block(schedule::RETRY_CONFIG, Block::new().set(schedule::retry_config::RETRY_COUNT, retries))
            .block(
                schedule::HTTP_TARGET,
                Block::new().set(http_target::HTTP_METHOD, "POST").set(http_target::URI, uri).block(
                    http_target::OAUTH_TOKEN,
                    Block::new().set(oauth_token::SERVICE_ACCOUNT_EMAIL, starter.get(service_account::EMAIL)),
                ),
            )
            .depends_on(&may.address)
            .purpose(format!("Runs {name} when its time has come")),
    );
}

/// Adds a job that the pipeline runs once at each deployment.
pub(crate) fn lower_once(
    env: &mut Env,
    name: &str,
    service: &ServiceDesign,
    size: TaskSize,
    wiring: &Wiring,
) {
    let component = env.service_component(name);
    let c = component.as_str();
    let description = format!("{name}, run once at each deployment");
    env.component(c, "task", description.as_str());
    let job = add(env, c, name, service, size, wiring, 0.0, 0.0);
    let outputs = &mut env.graph.component(c, "task", description).outputs;
    outputs.insert("job".into(), ("Job that the pipeline runs.".into(), job.get(job::NAME)));
}

#[expect(clippy::too_many_arguments, reason = "every part of a job meets here and nowhere else")]
fn add(
    env: &mut Env,
    c: &str,
    name: &str,
    service: &ServiceDesign,
    size: TaskSize,
    wiring: &Wiring,
    hours: f64,
    duration_seconds: f64,
) -> Handle<job::M> {
    use job::template::template::{self as run, containers};
    let program = program(env, c, name, service, size, wiring);
    let job_name = env.name_within(c, "job_name", name, NAME_CHARACTERS);
    let region = env.region();
    // Four times what is expected: a run that hangs ends, one that is slow does not.
    let longest = RUN_SECONDS.max((duration_seconds * 4.0) as i64).min(86_400);
    let seconds = timeout(env, c, "Seconds that a run may take.", longest, 86_400.0);
    let retries = env.input(c, "retries", number("Further tries of a run that failed.", 0.0, 10.0), 0);
    let container = blocks!(job::template::template, name, service, program, wiring).block(
        containers::RESOURCES,
        Block::new().set(containers::resources::LIMITS, program.limits.clone()),
    );
    let inner = Block::new()
        .set(run::SERVICE_ACCOUNT, program.account.get(service_account::EMAIL))
        .set(run::EXECUTION_ENVIRONMENT, "EXECUTION_ENVIRONMENT_GEN2")
        .set(run::TIMEOUT, seconds)
        .set(run::MAX_RETRIES, retries)
        .block(run::VPC_ACCESS, access!(job::template::template, env, program))
        .block(run::CONTAINERS, container);
    let mut builder = NodeBuilder::new(c, job::KIND, "this")
        .set(job::NAME, job_name)
        .set(job::LOCATION, region)
        .set(job::DELETION_PROTECTION, false)
        .block(
            job::TEMPLATE,
            Block::new()
                .set(job::template::TASK_COUNT, 1)
                .set(job::template::PARALLELISM, 1)
                .block(job::template::TEMPLATE, inner),
        );
    for address in &program.first {
        builder = builder.depends_on(address);
    }
    let ignored = ["client", "client_version"].map(String::from).to_vec();
    env.add(
        builder
            .lifecycle(Lifecycle { ignore_changes: ignored, ..Lifecycle::default() })
            .usage("task_hours", hours)
            .purpose(format!("How a run of {name} works")),
    )
}
