//! Trouble with databases: starved, full, behind, away, restored, not migrated, and locked out of.

use design::{Compute, EnvironmentDesign, ServiceDesign, UseDesign};

use super::services::{logs, ringing};
use super::{Runbook, Step, alerted, cause, page, run, say, shown, ticket};
use crate::document::database;
use crate::pipelines::scripts::FOLDER;
use crate::place::Place;

fn first_database(e: &EnvironmentDesign) -> Option<String> {
    e.resources.iter().find(|(_, r)| r.choice.database().is_some()).map(|(name, _)| name.clone())
}

/// The one-off service that runs the migrations of a store here.
fn migrated(environment: &EnvironmentDesign) -> Option<String> {
    let migrates = |used: &UseDesign| {
        let database = environment.resources.get(&used.name).and_then(|r| r.choice.database());
        database.is_some_and(|db| db.migrations.is_some())
    };
    let once = |s: &ServiceDesign| matches!(s.compute, Compute::OneShot { .. });
    let mut services = environment.services.iter();
    services.find(|(_, s)| once(s) && s.uses.iter().any(migrates)).map(|(name, _)| name.clone())
}

const STATE: Step = run("See the database's state", database::state);
const SLOW: Step = run("See what it is busy with", database::busiest);
const LARGER: Step = say(
    "Choose a larger size in the spec, plan and apply in a quiet hour: it restarts, with a standby for a minute or two",
);

/// When each password that a database service keeps was replaced last, and when it will be.
fn rotations(p: &Place) -> String {
    p.aws("secretsmanager list-secrets --filters Key=owning-service,Values=rds --query 'SecretList[].[Name, Description, LastRotatedDate, NextRotationDate]' --output text")
}

/// The environment, for the pipeline's scripts.
fn environment(p: &Place) -> &str {
    if p.environment.is_empty() { "\"$ENVIRONMENT\"" } else { &p.environment }
}

/// The replacement of passwords, with the restart of what reads them.
fn rotate(p: &Place) -> String {
    if !p.automated() {
        return p.aws("secretsmanager rotate-secret --secret-id \"$SECRET\" # then new tasks, as below");
    }
    let name = environment(p);
    format!(
        "gh workflow run rotate.yml -f environment={name} # or, with the deploy role's rights: {FOLDER}/rotate.sh {name}"
    )
}

/// New tasks of a service that the platform replaces.
fn restart(p: &Place) -> String {
    p.aws(&format!(
        "ecs update-service --cluster {} --service \"$SERVICE\" --force-new-deployment --query service.serviceArn",
        p.name("aws_ecs_cluster")
    ))
}

/// New tasks of a service whose traffic CodeDeploy shifts.
fn shift(p: &Place) -> String {
    let serving = p.aws(&format!(
        "ecs describe-services --cluster {} --services \"$SERVICE\" --query \"services[0].taskSets[?status=='PRIMARY'].taskDefinition | [0]\" --output text",
        p.name("aws_ecs_cluster")
    ));
    if !p.automated() {
        return p.aws(&format!(
            "deploy list-deployments --application-name \"$SERVICE\" --deployment-group-name \"$GROUP\" --include-only-statuses Succeeded --query 'deployments[0]' # repeat it for \"$({serving})\""
        ));
    }
    format!("{FOLDER}/shift.sh {} \"$SERVICE\" \"$({serving})\"", environment(p))
}

pub(super) static RUNBOOKS: &[Runbook] = &[
    Runbook {
        slugs: &[
            ticket("rds-cpu", "The database is short of CPU"),
            ticket("aurora-cpu", "An instance of the database is short of CPU"),
            ticket("docdb-cpu", "An instance of the document database is short of CPU"),
        ],
        applies: alerted,
        users: "everything that reads or writes becomes slower",
        first: &[STATE, SLOW, run("See what else rings", ringing)],
        causes: &[
            cause(
                "A statement without an index",
                "one statement is most of the work; its plan scans a table",
            ),
            cause("A migration or a report", "it began with one and will end with it"),
            cause("More traffic", "all statements are more frequent and none is slower by itself"),
            cause("Burst credits are gone", "a class that begins with `db.t` whose credit balance is zero"),
        ],
        mend: &[
            run("End the one statement that hurts", database::cancel),
            say("Add the index, without a lock where the engine can"),
            LARGER,
        ],
        verify: &[run("CPU is under its line for 30 minutes and no alarm is left", ringing)],
        escalate: "when users notice and no single statement is the cause",
        afterwards: &[
            "Test the statement against as many rows as production has",
            "Set `load.queries` in the spec to what was measured",
        ],
    },
    Runbook {
        slugs: &[page("rds-storage", "The database's storage runs out")],
        applies: alerted,
        users: "nothing yet; a full database refuses every write",
        first: &[STATE, say("See how fast it falls: hours or weeks are left"), SLOW],
        causes: &[
            cause("It grows as it should", "an even slope for weeks"),
            cause(
                "One statement writes temporary files",
                "it fell within minutes and the statement still runs",
            ),
            shown(
                "Logs that nobody took",
                "a replica or a stream of changes that stopped reading keeps them from being removed",
                database::kept_logs,
            ),
            cause(
                "Growth by itself has stopped",
                "the most storage is reached, or the last growth was under six hours ago",
            ),
        ],
        mend: &[
            run("End the statement, or remove the reader that no longer reads", database::cancel),
            say("Raise `storage` in the spec and apply: it grows without a restart, and never shrinks"),
            say("Delete old rows in small portions; a large delete needs space first"),
        ],
        verify: &[run("Free storage is above its line and no longer falls", database::state)],
        escalate: "when less than a day is left",
        afterwards: &["Move or expire old rows by a scheduled job"],
    },
    Runbook {
        slugs: &[
            ticket("rds-memory", "The database is short of memory"),
            ticket("aurora-memory", "An instance of the database is short of memory"),
            ticket("docdb-memory", "An instance of the document database is short of memory"),
        ],
        applies: alerted,
        users: "slower reads; a restart in the worst case",
        first: &[STATE, SLOW],
        causes: &[
            cause("Too many connections", "connections grew as memory fell; each takes its share"),
            cause("Large sorts and joins", "one statement runs whenever it falls"),
            cause("More data in use than fits", "reads from disk grew for weeks"),
        ],
        mend: &[
            say("Lower the pool of connections of each service copy"),
            say("Rewrite or limit the statement"),
            LARGER,
        ],
        verify: &[run("Free memory is above its line through a day's traffic", ringing)],
        escalate: "when it restarts by itself",
        afterwards: &["Keep copies times pool size under the most connections"],
    },
    Runbook {
        slugs: &[ticket("rds-connections", "Connections to the database run out")],
        applies: alerted,
        users: "some requests fail with refused connections",
        first: &[
            run("See who is connected", database::sessions),
            STATE,
            run("See which services ring", ringing),
        ],
        causes: &[
            cause("More copies than the pools were made for", "a service scaled out just before"),
            cause("Connections leak", "many are old, hold a transaction open and do nothing"),
            cause("Slow statements hold them", "many are active and wait for the same lock"),
        ],
        mend: &[
            run("End transactions that are open for minutes, in the same shell", database::terminate),
            say("Lower the pool size or the most copies of the service"),
            LARGER,
        ],
        verify: &[run("Connections are under their line at the peak", ringing)],
        escalate: "when new connections are refused",
        afterwards: &["Set a limit for idle transactions and a pool size by number of copies"],
    },
    Runbook {
        slugs: &[ticket("aurora-lag", "Readers of the database are behind")],
        applies: alerted,
        users: "what was just saved is not there yet",
        first: &[STATE, SLOW],
        causes: &[
            cause("A large write", "a migration or bulk load runs on the writer"),
            cause("A reader is too small or busy", "its CPU is high, the others are not behind"),
            cause("A long read holds the reader back", "a statement of hours runs on it"),
        ],
        mend: &[
            say("Write in portions"),
            run("End the long read", database::cancel),
            say("Read from the writer where a user must see the own change"),
        ],
        verify: &[run("Lag is under its line for 30 minutes", ringing)],
        escalate: "when wrong data was shown and somebody acted on it",
        afterwards: &["List the reads that must not be old"],
    },
    Runbook {
        slugs: &[page("database-failover", "The database fails over or is away")],
        applies: first_database,
        users: "errors for a minute or two, then all is well; or errors that stay",
        first: &[
            STATE,
            run("Read what the service says it did", database::events),
            run("See which services ring", ringing),
        ],
        causes: &[
            shown(
                "The host or zone failed",
                "events say that a failover started and completed",
                database::events,
            ),
            cause("Maintenance", "events say so; it was in the maintenance window"),
            cause("It ran out of memory or storage", "an alarm of either rang just before"),
            cause(
                "Services keep the old address",
                "the database is `available`, only some copies fail: they hold the name's old answer",
            ),
        ],
        mend: &[
            say("With a standby: wait two minutes; do nothing to the database"),
            say("Replace the copies that did not connect again"),
            say("Without a standby: wait until the zone is back, or restore into another one"),
        ],
        verify: &[run("It is `available` and events are quiet", database::state)],
        escalate: "after 5 minutes, or at once without a standby",
        afterwards: &[
            "Let clients connect again by themselves and ask for the name each time",
            "Measure how long it took and hold it against the recovery time objective",
        ],
    },
    Runbook {
        slugs: &[page("database-restore", "Data is gone or wrong and must be restored")],
        applies: first_database,
        users: "missing or wrong records",
        first: &[
            say("Stop what destroys: disable the job, the deployment or the account; stop deployments"),
            say("Write down the last moment at which the data was right"),
            run("See how far back a restore can go", database::restore_window),
        ],
        causes: &[
            cause("A release or migration", "the first wrong row is as old as a deployment"),
            cause(
                "A person or a stolen key",
                "the audit trail names a principal that should not have been there: see also the page for a leaked secret",
            ),
            cause("A job that ran twice", "rows are doubled, not missing"),
        ],
        mend: &[
            say(
                "Restore beside the old database, never over it: the commands are on the page for disaster recovery, in the folder above",
            ),
            say("Compare before switching: counts, newest rows, the application's own checks"),
            say("Bring over what was written since, from the old database"),
        ],
        verify: &[run("The services use the restored database and are well", ringing)],
        escalate: "at once; the product owner decides what may be lost",
        afterwards: &[
            "Tell those whose data was touched, as the law asks",
            "Keep the old database for a week",
        ],
    },
    Runbook {
        slugs: &[ticket("migration-failed", "A migration failed")],
        applies: migrated,
        users: "nothing, because the deployment stopped before any service changed",
        first: &[
            run("Read what the database said; the last file that is named is the one that failed", logs),
            say(
                "See whether something holds a lock, while the task still runs: the page for a database short of CPU asks what it is busy with",
            ),
        ],
        causes: &[
            cause(
                "The data is not as the file expects",
                "the log ends with the database's own error, and the trial on an empty database passed",
            ),
            cause(
                "Something holds a lock on the table",
                "the log stands still, and an old statement is active or idle in a transaction",
            ),
            cause(
                "It takes longer than the pipeline waits",
                "the step says that it still runs after an hour",
            ),
            cause("The database cannot be reached", "the log names no file, only the connection"),
        ],
        mend: &[
            say(
                "Find out what is left of the failed file: nothing, where it ran in a transaction; on MySQL, and in a file that runs without a transaction, whatever came before the error",
            ),
            say(
                "Finish or take back by hand what is left; a tool that marks the failure (golang-migrate, Flyway on MySQL) must then be told by its own command",
            ),
            say(
                "Correct that file on a branch and let the pipeline deploy it; a file that any environment has passed stays as it is, and a new one corrects it",
            ),
            say("When data is wrong or gone, restore as the disaster recovery page says"),
        ],
        verify: &[
            run("The task's log ends without an error", logs),
            say("The deployment passes the step and changes the services"),
        ],
        escalate: "when data may be lost, or after 30 minutes when a release waits for it",
        afterwards: &[
            "Try the next large change on a restored copy of the data first: an empty database proves only that it can be read",
            "Split a change that locks a large table into small ones",
        ],
    },
    Runbook {
        slugs: &[ticket("password-rotation", "The password of a database was or must be replaced")],
        applies: first_database,
        users: "nothing while connections stay open; errors wherever a new one is needed",
        first: &[
            run("See when each password was replaced, and when the cloud will do it by itself", rotations),
            say("Read the run of `rotate.yml`: it names what has the former password"),
            run("See what else rings", ringing),
        ],
        causes: &[
            cause(
                "The cloud replaced it and nothing was restarted",
                "the last rotation is younger than the last run of `rotate.yml`, and tasks log refused logins",
            ),
            cause("A reader could not be restarted", "the run names the service"),
            cause(
                "The pipeline does not run",
                "runs of `rotate.yml` wait for an approval, fail, or are missing",
            ),
            cause(
                "A rotation stopped half way",
                "`rotate-secret` says that one is under way, and the date of the last rotation does not move",
            ),
        ],
        mend: &[
            run("Replace it again: that restarts what reads it", rotate),
            run("Where the password is right and one rolling service is not: give it new tasks", restart),
            run("One whose traffic is shifted cannot be forced: deploy what serves again", shift),
            say(
                "A rotation that stopped half way: `rds modify-db-instance` or `modify-db-cluster` with `--rotate-master-user-password --apply-immediately`, then new tasks",
            ),
        ],
        verify: &[run(
            "The date of the last rotation is today's, and services log no refused logins",
            rotations,
        )],
        escalate: "when new tasks do not start either: the password in the store and the database's own differ",
        afterwards: &["Find why the pipeline had not done it, before the next month"],
    },
];
