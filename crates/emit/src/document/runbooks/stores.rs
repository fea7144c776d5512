//! Trouble with what holds data: databases, caches, search.

use design::{EnvironmentDesign, ResourceChoice};

use super::services::{logs, ringing};
use super::{Runbook, Step, alerted, cause, page, run, say, shown, ticket};
use crate::pipelines::scripts::FOLDER;
use crate::place::Place;

/// The command that describes the database, whatever it is.
fn database(p: &Place) -> String {
    let has = |kind: &str| !p.name(kind).starts_with('"');
    if has("aws_docdb_cluster") {
        return p.aws(&format!("docdb describe-db-clusters --db-cluster-identifier {} --query 'DBClusters[].[Status, MultiAZ, DBClusterMembers]'", p.name("aws_docdb_cluster")));
    }
    if has("aws_rds_cluster") {
        return p.aws(&format!("rds describe-db-clusters --db-cluster-identifier {} --query 'DBClusters[].[Status, MultiAZ, DBClusterMembers]'", p.name("aws_rds_cluster")));
    }
    p.aws(&format!(
        "rds describe-db-instances --db-instance-identifier {} --query 'DBInstances[].[DBInstanceStatus, MultiAZ, AvailabilityZone, AllocatedStorage, DBInstanceClass]'",
        p.name("aws_db_instance")
    ))
}

/// From when to when the database can be restored.
fn restore_window(p: &Place) -> String {
    let has = |kind: &str| !p.name(kind).starts_with('"');
    for (kind, service) in [("aws_docdb_cluster", "docdb"), ("aws_rds_cluster", "rds")] {
        if has(kind) {
            return p.aws(&format!(
                "{service} describe-db-clusters --db-cluster-identifier {} --query 'DBClusters[].[EarliestRestorableTime, LatestRestorableTime]'",
                p.name(kind)
            ));
        }
    }
    p.aws(&format!(
        "rds describe-db-instance-automated-backups --db-instance-identifier {} --query 'DBInstanceAutomatedBackups[].RestoreWindow'",
        p.name("aws_db_instance")
    ))
}

fn events(p: &Place) -> String {
    let has = |kind: &str| !p.name(kind).starts_with('"');
    let (ty, name) = match (has("aws_rds_cluster"), has("aws_docdb_cluster")) {
        (true, _) => ("db-cluster", p.name("aws_rds_cluster")),
        (_, true) => ("db-cluster", p.name("aws_docdb_cluster")),
        _ => ("db-instance", p.name("aws_db_instance")),
    };
    p.aws(&format!(
        "rds describe-events --source-type {ty} --source-identifier {name} --duration 120 --query 'Events[].[Date, Message]' --output text"
    ))
}

/// The slowest statements, for the engines that the relational services run.
fn slow_statements(_: &Place) -> String {
    "# PostgreSQL\npsql \"$DATABASE_URL\" -c \"select pid, now() - query_start as age, state, wait_event_type, left(query, 80) from pg_stat_activity where state <> 'idle' order by age desc limit 10\"\n# MySQL\nmysql -e 'select id, user, time, state, left(info, 80) from information_schema.processlist where command <> \"Sleep\" order by time desc limit 10'".to_owned()
}

fn cache(p: &Place) -> String {
    let has = |kind: &str| !p.name(kind).starts_with('"');
    if has("aws_elasticache_cluster") && !has("aws_elasticache_replication_group") {
        return p.aws(&format!(
            "elasticache describe-cache-clusters --cache-cluster-id {} --show-cache-node-info",
            p.name("aws_elasticache_cluster")
        ));
    }
    p.aws(&format!(
        "elasticache describe-replication-groups --replication-group-id {} --query 'ReplicationGroups[].[Status, NodeGroups[].NodeGroupMembers[].[CacheClusterId, CurrentRole]]'",
        p.name("aws_elasticache_replication_group")
    ))
}

fn search(p: &Place) -> String {
    p.aws(&format!(
        "opensearch describe-domain --domain-name {} --query 'DomainStatus.[DomainProcessingStatus, ClusterConfig.InstanceCount, EBSOptions.VolumeSize]'",
        p.name("aws_opensearch_domain")
    ))
}

fn first_database(e: &EnvironmentDesign) -> Option<String> {
    let database = |choice: &ResourceChoice| {
        matches!(choice, ResourceChoice::Rds(_) | ResourceChoice::Aurora(_) | ResourceChoice::DocumentDb(_))
    };
    e.resources.iter().find(|(_, r)| database(&r.choice)).map(|(name, _)| name.clone())
}

const STATE: Step = run("See the database's state", database);
const SLOW: Step = run("See what it is busy with", slow_statements);
const LARGER: Step = say(
    "Choose a larger size in the spec, plan and apply in a quiet hour: it restarts, with a standby for a minute or two",
);

/// A database whose password the cloud made and replaces.
fn managed_password(e: &EnvironmentDesign) -> Option<String> {
    let managed = |choice: &ResourceChoice| {
        matches!(choice, ResourceChoice::Rds(_) | ResourceChoice::Aurora(_) | ResourceChoice::DocumentDb(_))
    };
    e.resources.iter().find(|(_, r)| managed(&r.choice)).map(|(name, _)| name.clone())
}

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
    format!("{FOLDER}/shift.sh {} \"$SERVICE\" \"$({serving})\"", environment(p))
}

pub(super) static RUNBOOKS: &[Runbook] = &[
    Runbook {
        slugs: &[ticket("password-rotation", "The password of a database was or must be replaced")],
        applies: managed_password,
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
            say(
                "End the one statement that hurts: `select pg_cancel_backend(pid)`, `kill query <id>`, `db.killOp(opid)`",
            ),
            say("Add the index, without a lock where the engine can"),
            LARGER,
        ],
        verify: &[say("CPU is under its line for 30 minutes and latency of the services is as before")],
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
            cause(
                "Logs that nobody took",
                "a replication slot that is not read keeps the write-ahead log: `select * from pg_replication_slots`",
            ),
            cause(
                "Growth by itself has stopped",
                "the most storage is reached, or the last growth was under six hours ago",
            ),
        ],
        mend: &[
            say("End the statement, or drop the slot that nobody reads"),
            say("Raise `storage` in the spec and apply: it grows without a restart, and never shrinks"),
            say("Delete old rows in small portions; a large delete needs space first"),
        ],
        verify: &[run("Free storage is above its line and no longer falls", database)],
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
        verify: &[say("Free memory is above its line through a day's traffic")],
        escalate: "when it restarts by itself",
        afterwards: &["Keep copies times pool size under the most connections"],
    },
    Runbook {
        slugs: &[ticket("rds-connections", "Connections to the database run out")],
        applies: alerted,
        users: "some requests fail with refused connections",
        first: &[SLOW, STATE, run("See which services ring", ringing)],
        causes: &[
            cause("More copies than the pools were made for", "a service scaled out just before"),
            cause("Connections leak", "many are `idle in transaction` and old"),
            cause("Slow statements hold them", "many are active and wait for the same lock"),
        ],
        mend: &[
            say("End idle transactions older than minutes: `select pg_terminate_backend(pid)`"),
            say("Lower the pool size or the most copies of the service"),
            LARGER,
        ],
        verify: &[say("Connections are under their line at the peak")],
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
            say("End the long read"),
            say("Read from the writer where a user must see the own change"),
        ],
        verify: &[say("Lag is under its line for 30 minutes")],
        escalate: "when wrong data was shown and somebody acted on it",
        afterwards: &["List the reads that must not be old"],
    },
    Runbook {
        slugs: &[page("database-failover", "The database fails over or is away")],
        applies: first_database,
        users: "errors for a minute or two, then all is well; or errors that stay",
        first: &[
            STATE,
            run("Read what the service says it did", events),
            run("See which services ring", ringing),
        ],
        causes: &[
            shown("The host or zone failed", "events say that a failover started and completed", events),
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
        verify: &[run("It is `available` and events are quiet", database)],
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
            run("See how far back a restore can go", restore_window),
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
                "Restore beside the old database, never over it: the steps are on the page for disaster recovery, in the folder above",
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
        slugs: &[
            ticket("cache-cpu", "The cache's engine is busy"),
            ticket("memcached-cpu", "The cache is short of CPU"),
        ],
        applies: alerted,
        users: "everything that uses the cache becomes slower",
        first: &[run("See its state", cache), run("See what else rings", ringing)],
        causes: &[
            cause("Commands over many keys", "`KEYS`, large `SMEMBERS` or scripts in the slow log"),
            cause("One key is asked for all the time", "commands grew, keys did not"),
            cause("Connections that come and go", "new connections a second are many"),
        ],
        mend: &[
            say("Replace the command (`SCAN`, smaller collections)"),
            say("Keep a hot key in the service's own memory for seconds"),
            say("Choose a larger node in the spec, plan and apply in a quiet hour"),
        ],
        verify: &[say("CPU is under its line for 30 minutes")],
        escalate: "when services wait for the cache longer than for the database",
        afterwards: &["Let services work, more slowly, without the cache"],
    },
    Runbook {
        slugs: &[ticket("cache-memory", "The cache is nearly full")],
        applies: alerted,
        users: "nothing yet; then lost sessions or refused writes, by the eviction policy",
        first: &[run("See its state", cache), say("Find the largest keys: `redis-cli --bigkeys`")],
        causes: &[
            cause("Keys without an end", "the number of keys only grows; `TTL` says -1"),
            cause("Larger values", "the number is even, memory grows"),
            cause("More users", "both grow with traffic"),
        ],
        mend: &[
            say("Give keys a time to live"),
            say("Choose a larger node in the spec, plan and apply in a quiet hour"),
        ],
        verify: &[run("Memory is under its line for a day", cache)],
        escalate: "when writes are refused",
        afterwards: &["Review what is kept there: a cache may forget"],
    },
    Runbook {
        slugs: &[
            ticket("cache-evictions", "The cache throws keys away"),
            ticket("memcached-evictions", "The cache throws values away"),
        ],
        applies: alerted,
        users: "slower pages: what was thrown away is computed again",
        first: &[run("See its state", cache), run("See whether the database behind it rings", ringing)],
        causes: &[
            cause("It is too small for what is used", "hits fall as evictions grow"),
            cause("Values that nobody asks for again", "hits stay as they were"),
        ],
        mend: &[
            say("Shorten the time to live of large values"),
            say("Choose a larger node in the spec, plan and apply in a quiet hour"),
        ],
        verify: &[say("Evictions stop, hits rise")],
        escalate: "when the database behind it rings",
        afterwards: &["Set `memory` in the spec to what is used at the peak"],
    },
    Runbook {
        slugs: &[page("search-red", "Part of the search data cannot be found")],
        applies: alerted,
        users: "searches fail or miss results",
        first: &[
            run("See the domain", search),
            say("Ask it which shards are missing: `GET _cluster/allocation/explain`"),
        ],
        causes: &[
            cause("A node failed", "fewer nodes than configured"),
            cause("Storage is full", "the storage alarm rang before"),
            cause("A change is under way", "the domain is processing"),
        ],
        mend: &[
            say("Wait for the node to be replaced"),
            say("Free storage: delete the oldest indices"),
            say("Restore the missing index from the newest hourly snapshot, or index again"),
        ],
        verify: &[run("`GET _cluster/health` says green or yellow", search)],
        escalate: "after 15 minutes",
        afterwards: &["Give every index at least one replica"],
    },
    Runbook {
        slugs: &[page("search-storage", "The search domain's storage runs out")],
        applies: alerted,
        users: "nothing yet; then new documents are refused",
        first: &[
            run("See the domain", search),
            say("Find the largest indices: `GET _cat/indices?s=store.size:desc`"),
        ],
        causes: &[
            cause("Old indices are kept for ever", "one a day, none deleted"),
            cause("Large documents", "few documents, much storage"),
        ],
        mend: &[say("Delete the oldest indices"), say("Raise `storage` in the spec and apply")],
        verify: &[run("Free storage is above its line, and no write block is left", search)],
        escalate: "when writes are refused",
        afterwards: &["Let a policy delete indices by age"],
    },
    Runbook {
        slugs: &[
            ticket("search-cpu", "The search domain is short of CPU"),
            ticket("search-heap", "The search domain's heap is nearly full"),
        ],
        applies: alerted,
        users: "slow searches",
        first: &[run("See the domain", search), run("Read the callers' log", logs)],
        causes: &[
            cause(
                "Costly queries",
                "wildcards at the beginning, deep pages, large aggregations in the slow log",
            ),
            cause("Too many small shards", "hundreds of shards of a few megabytes"),
            cause("Bulk indexing", "it began and ends with a load"),
        ],
        mend: &[
            say("Limit the query or the load"),
            say("Merge small indices"),
            say("Choose a larger instance in the spec, plan and apply in a quiet hour"),
        ],
        verify: &[say("Under its line for 30 minutes")],
        escalate: "when nodes leave the cluster",
        afterwards: &["Limit the size of results in the service"],
    },
];
