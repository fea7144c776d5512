//! Trouble with services: failing, slow, down, starved, released badly, unheard of.

use design::Compute;

use super::{Cause, Runbook, Step, alerted, cause, page, run, say, shown, ticket};
use crate::place::Place;

/// The last quarter of an hour of logs.
pub(super) fn logs(p: &Place) -> String {
    p.aws(&format!("logs tail {} --since 15m --format short", p.name("aws_cloudwatch_log_group")))
}

fn failed_logs(p: &Place) -> String {
    p.aws(&format!(
        "logs tail {} --since 1h --filter-pattern '{{ $.level = \"error\" }}'",
        p.name("aws_cloudwatch_log_group")
    ))
}

fn service(p: &Place) -> String {
    p.aws(&format!(
        "ecs describe-services --cluster {} --services {} --query 'services[].{{running: runningCount, wanted: desiredCount, deployments: deployments[].[status, rolloutState, createdAt], events: events[:5].message}}'",
        p.name("aws_ecs_cluster"),
        p.name("aws_ecs_service")
    ))
}

fn stopped(p: &Place) -> String {
    format!(
        "{} | xargs -r {}",
        p.aws(&format!(
            "ecs list-tasks --cluster {} --family {} --desired-status STOPPED --query 'taskArns[]' --output text",
            p.name("aws_ecs_cluster"),
            p.name("aws_ecs_task_definition")
        )),
        p.aws(&format!(
            "ecs describe-tasks --cluster {} --query 'tasks[].[stoppedAt, stopCode, stoppedReason, containers[].[name, exitCode, reason]]' --tasks",
            p.name("aws_ecs_cluster")
        ))
    )
}

/// What was deployed last, and when: from the pipeline, or from what the code's history says.
fn recent_changes(p: &Place) -> String {
    if p.automated() {
        return "gh run list --workflow deploy.yml --limit 5 --json displayTitle,conclusion,createdAt,headSha,url".to_owned();
    }
    "git log -5 --date=iso-local --format='%h %ad %an %s' -- infra".to_owned()
}

/// Alarms of the environment that ring now.
pub(super) fn ringing(p: &Place) -> String {
    p.aws(&format!(
        "cloudwatch describe-alarms --alarm-name-prefix {}- --state-value ALARM --query 'MetricAlarms[].[AlarmName, StateReason]' --output text",
        p.prefix()
    ))
}

fn roll_back(p: &Place) -> String {
    if p.automated() {
        return format!("gh workflow run rollback.yml -f environment={}", p.environment);
    }
    format!(
        "# set the image variables to the digests that ran before\nterraform -chdir=infra/terraform/envs/{} apply",
        p.environment
    )
}

/// The health of every target of the load balancer.
fn targets(p: &Place) -> String {
    let groups = p.aws(&format!(
        "elbv2 describe-target-groups --load-balancer-arn \"$({})\" --query 'TargetGroups[].TargetGroupArn' --output text",
        p.aws(&format!(
            "elbv2 describe-load-balancers --names {} --query 'LoadBalancers[0].LoadBalancerArn' --output text",
            p.name("aws_lb")
        ))
    ));
    let health = p.aws("elbv2 describe-target-health --query 'TargetHealthDescriptions[].[Target.Id, TargetHealth.State, TargetHealth.Description]' --output text --target-group-arn");
    format!("{groups} | xargs -n 1 {health}")
}

fn more_tasks(p: &Place) -> String {
    let (cluster, service) = (p.name("aws_ecs_cluster"), p.name("aws_ecs_service"));
    p.aws(&format!(
        "application-autoscaling describe-scalable-targets --service-namespace ecs --resource-ids service/{cluster}/{service}"
    ))
}

fn function(p: &Place) -> String {
    p.aws(&format!(
        "lambda get-function-configuration --function-name {} --query '[LastModified, State, LastUpdateStatus, MemorySize, Timeout]'",
        p.name("aws_lambda_function")
    ))
}

const CHANGED: Cause =
    shown("The newest release", "the trouble began within minutes of a deployment", recent_changes);
const BEHIND: Cause = shown("Something it uses", "a database, cache or queue of it rings too", ringing);
const ROLL_BACK: Step =
    run("If a release is the cause, put the last good one back before looking further", roll_back);

pub(super) static RUNBOOKS: &[Runbook] = &[
    Runbook {
        slugs: &[
            page("slo-burn", "The error budget burns"),
            page("service-errors", "A service fails requests"),
            ticket("service-failing", "A service fails often"),
        ],
        applies: alerted,
        users: "error pages, failed actions, calls that have to be repeated",
        first: &[
            run("See what else rings: the part that failed first is often behind this one", ringing),
            run("Read the newest errors", failed_logs),
            run("See whether copies run and whether a deployment is under way", service),
        ],
        causes: &[
            CHANGED,
            BEHIND,
            shown(
                "Copies crash and restart",
                "stopped tasks with exit code 137 (memory) or any other than 0",
                stopped,
            ),
            cause(
                "More traffic than it was sized for",
                "the traffic panel of its dashboard is above its usual shape, CPU too",
            ),
            cause(
                "A bad caller",
                "one route, one client or one address makes up most of the failures in the logs",
            ),
        ],
        mend: &[
            ROLL_BACK,
            run(
                "If it is short of copies, see how far it may grow and raise the most tasks in the spec",
                more_tasks,
            ),
            say("If a part behind it fails, go to that part's runbook"),
            say(
                "If one caller is the cause, block it: in the web application firewall where there is one, else in the network's rules or the service",
            ),
        ],
        verify: &[run(
            "The share of failures is back under the line on the dashboard, and no alarm is left",
            ringing,
        )],
        escalate: "after 15 minutes without a cause, or at once when data may be wrong",
        afterwards: &[
            "Write down how much of the month's error budget is gone; when all of it is, only repairs are released",
            "Add the check that would have stopped the release",
        ],
    },
    Runbook {
        slugs: &[page("balancer-errors", "The load balancer answers with errors of its own")],
        applies: alerted,
        users: "error pages that the application never wrote",
        first: &[
            run("See what else rings: usually it is the service behind", ringing),
            run("See which targets it holds for well", targets),
        ],
        causes: &[
            cause(
                "502: a copy closed the connection",
                "copies crash, or keep idle connections for less long than the load balancer's idle timeout",
            ),
            shown("503: no copy is well", "no target is healthy, or none is registered", targets),
            cause(
                "504: no copy answered in time",
                "latency of the service grew to the load balancer's timeout",
            ),
            CHANGED,
        ],
        mend: &[
            ROLL_BACK,
            say("Bring copies back: see the page for a service that is down"),
            say("Let the service keep idle connections longer than the load balancer does"),
        ],
        verify: &[run("Every target is healthy, and no alarm is left", targets)],
        escalate: "after 10 minutes, or at once when no target is healthy",
        afterwards: &["Let a copy that is told to stop finish its requests first"],
    },
    Runbook {
        slugs: &[page("function-errors", "A function fails")],
        applies: alerted,
        users: "failed actions, or later work that is never done",
        first: &[
            run("Read the newest errors", failed_logs),
            run("See whether it changed", function),
            run("See what else rings", ringing),
        ],
        causes: &[
            CHANGED,
            BEHIND,
            cause(
                "It runs out of time or memory",
                "the log says `Task timed out`, or the most memory used is what it has",
            ),
            cause("One event fails again and again", "the same identifier in every error"),
        ],
        mend: &[
            ROLL_BACK,
            say("Raise its memory through `load.memory` in the spec: CPU grows with it"),
            say("Events that can never be handled: see the page for dead letters"),
        ],
        verify: &[run("No new errors", failed_logs)],
        escalate: "after 15 minutes without a cause",
        afterwards: &["Add a test with the event that failed"],
    },
    Runbook {
        slugs: &[
            page("latency", "A service is too slow"),
            page("service-latency", "A service answers slower than its objective"),
        ],
        applies: alerted,
        users: "pages and actions that take long; some give up",
        first: &[
            say("Open its dashboard: are all requests slow, or only the slowest few"),
            run("See what else rings", ringing),
            run("See whether it is at its most copies", service),
        ],
        causes: &[
            cause("A slow query or call", "traces of slow requests spend their time in one span"),
            BEHIND,
            cause("Short of CPU", "the CPU panel touches its line while latency grows"),
            CHANGED,
            cause("Cold copies", "slowness follows every scaling step and ends by itself"),
        ],
        mend: &[
            ROLL_BACK,
            run("Give it more copies by the limits in the spec", more_tasks),
            say("Take the slow feature out of the way (a flag, a shorter page, a cached answer)"),
        ],
        verify: &[say("The quantile of the objective is under its line for half an hour")],
        escalate: "after 30 minutes, or when the slow part is not yours",
        afterwards: &[
            "Keep a trace of a slow request with the incident",
            "Correct `load.cpu` in the spec when a request costs more than was assumed",
        ],
    },
    Runbook {
        slugs: &[
            page("service-down", "A service cannot be reached"),
            page("tasks-running", "Fewer copies run than are needed"),
            ticket("service-unhealthy", "A copy does not answer its health check"),
        ],
        applies: alerted,
        users: "nothing answers, or every second request fails",
        first: &[
            run("See how many copies run and what the platform says about them", service),
            run("See why copies stopped", stopped),
            run("Read its last words", logs),
        ],
        causes: &[
            shown(
                "It crashes at its start",
                "stopped tasks with an exit code; the last log line says why",
                stopped,
            ),
            cause(
                "Its image cannot be pulled",
                "`CannotPullContainerError`: the digest is gone, or the way to the registry is",
            ),
            cause("A secret has no value", "`ResourceInitializationError` that names Secrets Manager"),
            cause(
                "The health path answers slowly or not with 200",
                "copies start, live a few minutes and are replaced",
            ),
            CHANGED,
            cause(
                "Name or certificate",
                "copies are healthy and only callers from outside fail: `curl -v` says whether the name or the certificate is at fault",
            ),
        ],
        mend: &[
            ROLL_BACK,
            say("Put the missing value into the secret store; copies start again by themselves"),
            run("If copies are healthy again but stuck, replace them", |p| {
                p.aws(&format!("ecs update-service --cluster {} --service {} --force-new-deployment --query service.serviceName", p.name("aws_ecs_cluster"), p.name("aws_ecs_service")))
            }),
        ],
        verify: &[run("As many copies run as are wanted, and the probe passes", service)],
        escalate: "at once when nothing of the application answers, otherwise after 10 minutes",
        afterwards: &[
            "Add the cause to the smoke test of the deployment",
            "Count the minutes against the error budget",
        ],
    },
    Runbook {
        slugs: &[ticket("tasks-cpu", "Copies are short of CPU")],
        applies: alerted,
        users: "answers become slower",
        first: &[
            run("See whether it is at its most copies", service),
            run("See what its limits are", more_tasks),
        ],
        causes: &[
            cause("More traffic", "the traffic panel grew along with CPU"),
            cause("Each request costs more", "CPU grew and traffic did not; it began with a release"),
            cause("A loop", "CPU stays at its line when there is no traffic"),
            CHANGED,
        ],
        mend: &[
            say("Raise the most copies or the size of a copy: `load` in the spec, then plan and apply"),
            ROLL_BACK,
        ],
        verify: &[say("CPU stays under its target for an hour at the usual traffic")],
        escalate: "when it is at its most copies and latency grows",
        afterwards: &[
            "Set `load.requests`, `load.peak` and `load.cpu` in the spec to what was measured, so that the sizes follow",
        ],
    },
    Runbook {
        slugs: &[ticket("tasks-memory", "Copies are short of memory or are killed")],
        applies: alerted,
        users: "single requests fail when a copy is killed; sessions are lost",
        first: &[
            run("See whether copies were killed: exit code 137, `OutOfMemoryError`", stopped),
            run("Read what it did last", logs),
        ],
        causes: &[
            cause("A leak", "memory rises in a straight line since the last start, whatever the traffic"),
            cause(
                "One large request or message",
                "memory jumps; the log shows an upload, an export, a page without a limit",
            ),
            cause("Too small", "memory is flat and near its line since the first minute"),
            CHANGED,
        ],
        mend: &[
            ROLL_BACK,
            say("Raise `load.memory` in the spec, plan and apply"),
            say("Until a leak is found, replace copies on a schedule and write that down"),
        ],
        verify: &[say(
            "Memory stays flat under its line through a day's traffic, and no task stops with 137",
        )],
        escalate: "when copies are killed faster than they start",
        afterwards: &[
            "Keep a heap dump or profile from before the restart",
            "Limit the size of requests and pages",
        ],
    },
    Runbook {
        slugs: &[ticket("function-throttles", "Calls of a function are refused")],
        applies: alerted,
        users: "some calls fail at once; messages arrive late",
        first: &[
            run("See what the function is allowed", |p| {
                p.aws(&format!(
                    "lambda get-function-concurrency --function-name {}",
                    p.name("aws_lambda_function")
                ))
            }),
            run("See what the account is allowed", |p| {
                p.aws("lambda get-account-settings --query AccountLimit")
            }),
            run("See whether it changed", function),
        ],
        causes: &[
            cause("More calls at once than it may run", "concurrent executions touch the function's limit"),
            cause("Runs take longer", "duration grew, calls did not: something behind it is slow"),
            cause(
                "Another function uses up the account's limit",
                "the account's concurrent executions touch its limit",
            ),
            CHANGED,
        ],
        mend: &[
            say("Raise the function's concurrency through its load in the spec"),
            say("Ask AWS for a higher account limit"),
            say("Mend what makes runs slow"),
        ],
        verify: &[say("No refused call for 30 minutes")],
        escalate: "when refused calls are users' requests",
        afterwards: &["Set the load in the spec to what was measured"],
    },
    Runbook {
        slugs: &[ticket("schedule-failed", "A scheduled job failed or did not run")],
        applies: |e| {
            let scheduled = |c: &Compute| matches!(c, Compute::ScheduledTask { .. });
            e.services.iter().find(|(_, s)| scheduled(&s.compute)).map(|(name, _)| name.clone())
        },
        users: "reports, invoices or clean-ups are late; nothing at once",
        first: &[
            run("See whether the schedule is on", |p| {
                p.aws(&format!(
                    "scheduler get-schedule --name {} --query '[State, ScheduleExpression]'",
                    p.name("aws_scheduler_schedule")
                ))
            }),
            run("See how the last run ended", stopped),
            run("Read it", logs),
        ],
        causes: &[
            cause("It ran and failed", "a stopped task with an exit code other than 0"),
            cause(
                "It never started",
                "no stopped task: the schedule is off, or its role may not run the task",
            ),
            cause("It still runs", "a task of the family is running for longer than expected"),
            BEHIND,
        ],
        mend: &[run(
            "Run it again once the cause is gone; first make sure that a second run does no harm",
            |p| {
                // The scheduler writes the names of these fields in capitals, and ECS does not.
                let network = p.aws(&format!("scheduler get-schedule --name {} --query 'Target.EcsParameters.NetworkConfiguration.{{awsvpcConfiguration: awsvpcConfiguration.{{subnets: Subnets, securityGroups: SecurityGroups, assignPublicIp: AssignPublicIp}}}}' --output json", p.name("aws_scheduler_schedule")));
                p.aws(&format!("ecs run-task --cluster {} --task-definition {} --launch-type FARGATE --network-configuration \"$({network})\"", p.name("aws_ecs_cluster"), p.name("aws_ecs_task_definition")))
            },
        )],
        verify: &[run("The run ended with exit code 0 and wrote what it should", stopped)],
        escalate: "when the result is needed before the next run",
        afterwards: &[
            "Make the job safe to run twice",
            "Let it report `job.last_success.timestamp` if it does not yet",
        ],
    },
    Runbook {
        slugs: &[page("telemetry-lost", "Measurements are missing")],
        applies: alerted,
        users: "nothing, but trouble would go unseen",
        first: &[
            say("Assume that the service is down until you have seen it answer"),
            say(
                "Read the collector's log. On AWS one runs beside every task, and its log is in the service's log group, in streams that begin with `collector`; elsewhere ask its health: `curl -fsS http://<collector>:13133/`",
            ),
            run("See whether the service runs", service),
        ],
        causes: &[
            cause("The service is down", "no copies run, or the probe fails: go to the service's runbook"),
            cause(
                "The collector is down or full",
                "its health check fails; its log says that the memory limiter refuses data",
            ),
            cause(
                "The task may not send",
                "the collector's log says 403: its role lacks `aps:RemoteWrite` on the workspace, or the workspace is another",
            ),
            cause(
                "The service does not know the collector",
                "`OTEL_EXPORTER_OTLP_ENDPOINT` is not set or cannot be reached",
            ),
            cause(
                "Other names",
                "metrics arrive, but not under the names that the monitoring page lists; a latency objective needs a bucket that ends at it",
            ),
        ],
        mend: &[
            say(
                "Restart the collector, which beside a task happens by itself; give it more memory when the limiter refused data",
            ),
            say("Set the endpoint and the resource attributes as the monitoring page says"),
            say("Add the missing bucket boundary to the histogram's view"),
        ],
        verify: &[say("The traffic panel draws again and the alert is gone")],
        escalate: "after 30 minutes: until it is mended somebody has to look by hand",
        afterwards: &["Look through the gap by hand: logs and the cloud's own metrics were not interrupted"],
    },
    Runbook {
        slugs: &[
            page("deployment-failed", "A deployment failed or was rolled back"),
            ticket("release", "A release was stopped"),
        ],
        applies: |e| e.services.keys().next().cloned(),
        users: "for a few minutes a share of requests may have failed; the version before is back",
        first: &[
            run("See what failed", recent_changes),
            run("See which version runs", service),
            run("Read the new version's last words", logs),
        ],
        causes: &[
            cause("It does not start", "no new task became healthy"),
            cause(
                "It started and failed requests",
                "the alarm of the release rang, traffic was shifted back",
            ),
            cause("The smoke test failed", "the deployment's last step is red, tasks are healthy"),
            cause("The plan could not be applied", "the apply step is red; the cloud's own words are in it"),
            cause(
                "A migration or another one-off task failed",
                "the one-off task before the services ended with an exit code other than 0",
            ),
        ],
        mend: &[
            say("If the platform went back by itself, leave it: the old version runs and there is time"),
            run("If a bad version still takes traffic, go back", roll_back),
            say(
                "A one-off task that stopped half way: read its log, and finish or take back what it did before the next attempt",
            ),
            say("Mend the cause on a branch and let the pipeline deploy it"),
        ],
        verify: &[run("One deployment, all its tasks running", service), run("No alarm rings", ringing)],
        escalate: "when going back fails, or when the version before cannot read what the new one wrote",
        afterwards: &[
            "Keep the failed task's log with the pull request",
            "Add the missing test to the pipeline",
        ],
    },
    Runbook {
        slugs: &[ticket(super::ANY_ALARM, "An alarm without a page of its own")],
        applies: alerted,
        users: "unknown: the alarm's description says what it watches",
        first: &[run("See what rings and why", ringing), run("Read the part's log", logs)],
        causes: &[
            CHANGED,
            BEHIND,
            cause("The alarm is wrong", "nothing else shows trouble and users are well"),
        ],
        mend: &[
            ROLL_BACK,
            say("Mend the part that the alarm names"),
            say("An alarm that asks nobody to act is removed, not silenced"),
        ],
        verify: &[run("The alarm is quiet", ringing)],
        escalate: "after 30 minutes without a cause",
        afterwards: &["Write the page that was missing and name it in the alarm's description"],
    },
];
