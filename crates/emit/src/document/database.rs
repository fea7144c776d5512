//! Commands about one database: to look at it, to get in, and to restore it.
//!
//! Three services of AWS hold databases under three sets of names, and each engine has a client of its own. The
//! runbooks and the page for disaster recovery ask here, so that both say the same. It must not know when a
//! command is wanted.

use crate::place::Place;

/// A service that holds databases, in the words of its commands.
struct Form {
    /// Kind of what bears the database's name.
    kind: &'static str,
    /// Kind of the machines.
    machine: &'static str,
    subnets: &'static str,
    parameters: &'static str,
    /// Group of commands.
    command: &'static str,
    /// What the commands call it: `db-cluster`.
    noun: &'static str,
    /// The list in their answers.
    list: &'static str,
    /// The option that names the restored one.
    target: &'static str,
    /// The option that says to which moment.
    moment: &'static str,
    /// The option that names its parameters.
    parameters_option: &'static str,
    /// What tells how to connect, in the answer of `describe`.
    entry: &'static str,
    /// What tells how it is.
    state: &'static str,
}

static FORMS: [Form; 3] = [
    Form {
        kind: "aws_docdb_cluster",
        machine: "aws_docdb_cluster_instance",
        subnets: "aws_docdb_subnet_group",
        parameters: "aws_docdb_cluster_parameter_group",
        command: "docdb",
        noun: "db-cluster",
        list: "DBClusters",
        target: "db-cluster-identifier",
        moment: "restore-to-time",
        parameters_option: "",
        entry: "{host: Endpoint, user: MasterUsername, secret: MasterUserSecret.SecretArn}",
        state: "[Status, MultiAZ, DBClusterMembers]",
    },
    Form {
        kind: "aws_rds_cluster",
        machine: "aws_rds_cluster_instance",
        subnets: "aws_db_subnet_group",
        parameters: "aws_rds_cluster_parameter_group",
        command: "rds",
        noun: "db-cluster",
        list: "DBClusters",
        target: "db-cluster-identifier",
        moment: "restore-to-time",
        parameters_option: "db-cluster-parameter-group-name",
        entry: "{host: Endpoint, user: MasterUsername, name: DatabaseName, secret: MasterUserSecret.SecretArn}",
        state: "[Status, MultiAZ, DBClusterMembers]",
    },
    Form {
        kind: "aws_db_instance",
        machine: "aws_db_instance",
        subnets: "aws_db_subnet_group",
        parameters: "aws_db_parameter_group",
        command: "rds",
        noun: "db-instance",
        list: "DBInstances",
        target: "target-db-instance-identifier",
        moment: "restore-time",
        parameters_option: "db-parameter-group-name",
        entry: "{host: Endpoint.Address, user: MasterUsername, name: DBName, secret: MasterUserSecret.SecretArn}",
        state: "[DBInstanceStatus, MultiAZ, AvailabilityZone, AllocatedStorage, DBInstanceClass]",
    },
];

impl Form {
    /// The service of the database here; where nothing is known, the most common one.
    fn of(p: &Place) -> &'static Form {
        FORMS.iter().find(|form| p.has(form.kind)).unwrap_or(&FORMS[2])
    }

    fn cluster(&self) -> bool {
        self.noun == "db-cluster"
    }

    /// The command that describes it, without what is asked of the answer.
    fn describe(&self, p: &Place) -> String {
        let (command, noun) = (self.command, self.noun);
        p.aws(&format!("{command} describe-{noun}s --{noun}-identifier {}", p.name(self.kind)))
    }
}

/// A question to a database, in the language of each client.
struct Question {
    postgres: &'static str,
    mysql: &'static str,
    mongo: &'static str,
}

static RUNNING: Question = Question {
    postgres: "select pid, now() - query_start as age, state, wait_event_type, left(query, 80) from pg_stat_activity where state <> 'idle' order by age desc limit 10",
    mysql: "select id, user, time, state, left(info, 80) from information_schema.processlist where command <> 'Sleep' order by time desc limit 10",
    mongo: "db.currentOp({active: true}).inprog.map(o => [o.opid, o.secs_running, o.op, o.ns])",
};

static SESSIONS: Question = Question {
    postgres: "select usename, client_addr, state, count(*), max(now() - state_change) as longest from pg_stat_activity where client_addr is not null group by 1, 2, 3 order by 4 desc",
    mysql: "select user, substring_index(host, ':', 1) as client, command, count(*), max(time) as longest from information_schema.processlist group by 1, 2, 3 order by 4 desc",
    mongo: "db.serverStatus().connections",
};

static CANCEL: Question = Question {
    postgres: "select pg_cancel_backend($PID)",
    mysql: "kill query $ID",
    mongo: "db.killOp($OPID)",
};

static TERMINATE: Question = Question {
    postgres: "select pg_terminate_backend(pid) from pg_stat_activity where state = 'idle in transaction' and now() - state_change > interval '5 minutes'",
    mysql: "select concat('kill ', trx_mysql_thread_id, ';') as run_these from information_schema.innodb_trx where trx_started < now() - interval 5 minute",
    mongo: "db.killOp($OPID)",
};

static KEPT_LOGS: Question = Question {
    postgres: "select slot_name, active, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) from pg_replication_slots",
    mysql: "show binary logs",
    // It keeps none; what fills it is the next question.
    mongo: "db.adminCommand({listDatabases: 1})",
};

/// How it is.
pub fn state(p: &Place) -> String {
    let form = Form::of(p);
    format!("{} --query '{}[].{}'", form.describe(p), form.list, form.state)
}

/// From when to when it can be restored.
pub fn restore_window(p: &Place) -> String {
    let form = Form::of(p);
    if form.cluster() {
        return format!(
            "{} --query '{}[].[EarliestRestorableTime, LatestRestorableTime]'",
            form.describe(p),
            form.list
        );
    }
    p.aws(&format!(
        "rds describe-db-instance-automated-backups --db-instance-identifier {} --query 'DBInstanceAutomatedBackups[].RestoreWindow'",
        p.name(form.kind)
    ))
}

/// What the service says it did.
pub fn events(p: &Place) -> String {
    let form = Form::of(p);
    p.aws(&format!(
        "{} describe-events --source-type {} --source-identifier {} --duration 120 --query 'Events[].[Date, Message]' --output text",
        form.command,
        form.noun,
        p.name(form.kind)
    ))
}

/// The statements that take most of its time: from samples that are read without entering it, where there are
/// any, else from inside.
pub fn busiest(p: &Place) -> String {
    let form = Form::of(p);
    if p.fact(form.machine, "performance_insights_enabled") != Some("true") {
        return running(p);
    }
    let machines = if form.cluster() {
        format!("--filters Name=db-cluster-id,Values={}", p.name(form.kind))
    } else {
        format!("--db-instance-identifier {}", p.name(form.kind))
    };
    format!(
        "{} | xargs -n 1 {}",
        p.aws(&format!(
            "rds describe-db-instances {machines} --query 'DBInstances[].DbiResourceId' --output text"
        )),
        p.aws("pi describe-dimension-keys --service-type RDS --metric db.load.avg --start-time \"$(date -d '-15 minutes' +%s)\" --end-time \"$(date +%s)\" --group-by Group=db.sql_tokenized,Dimensions=db.sql_tokenized.statement,Limit=10 --query 'Keys[].[Total, Dimensions]' --identifier")
    )
}

/// The statements that run now, seen from inside.
pub fn running(p: &Place) -> String {
    inside(p, &RUNNING)
}

/// Who is connected, and for how long.
pub fn sessions(p: &Place) -> String {
    inside(p, &SESSIONS)
}

/// Logs that are kept for a reader who does not come.
pub fn kept_logs(p: &Place) -> String {
    inside(p, &KEPT_LOGS)
}

/// Finds the statement that hurts and ends it.
pub fn cancel(p: &Place) -> String {
    format!("{}\n{}", running(p), ask(p, &CANCEL))
}

/// Ends connections that hold something and do nothing. It goes on where [`sessions`] began.
pub fn terminate(p: &Place) -> String {
    ask(p, &TERMINATE)
}

/// Restores it to a moment beside the old one, with as many machines, in the same subnets and behind the same guard.
/// `LAST_GOOD_MOMENT` is the reader's to set.
pub fn restore(p: &Place, machines: u32) -> String {
    let form = Form::of(p);
    let (command, noun, id) = (form.command, form.noun, p.name(form.kind));
    let mut options = format!(
        "--source-{noun}-identifier {id} --{} {id}{RESTORED} --{} \"$LAST_GOOD_MOMENT\" --db-subnet-group-name {} --vpc-security-group-ids $groups --deletion-protection",
        form.target,
        form.moment,
        p.name(form.subnets)
    );
    if !form.parameters_option.is_empty() {
        options.push_str(&format!(" --{} {}", form.parameters_option, p.name(form.parameters)));
    }
    if let Some(standby) = p.fact(form.kind, "multi_az") {
        options.push_str(if standby == "true" { " --multi-az" } else { " --no-multi-az" });
    }
    let mut lines = vec![
        format!(
            "groups=$({} --query '{}[0].VpcSecurityGroups[].VpcSecurityGroupId' --output text)",
            form.describe(p),
            form.list
        ),
        p.aws(&format!("{command} restore-{noun}-to-point-in-time {options}")),
    ];
    if form.cluster() {
        let engine = p.fact(form.kind, "engine").unwrap_or("docdb");
        let class = p.fact(form.machine, "instance_class").unwrap_or("\"$CLASS\"");
        lines.extend((1..=machines).map(|n| {
            p.aws(&format!("{command} create-db-instance --db-cluster-identifier {id}{RESTORED} --db-instance-identifier {id}{RESTORED}-{n} --engine {engine} --db-instance-class {class}"))
        }));
    }
    let first = if form.cluster() { "-1" } else { "" };
    lines.push(p.aws(&format!(
        "{command} wait db-instance-available --db-instance-identifier {id}{RESTORED}{first}"
    )));
    lines.join("\n")
}

const RESTORED: &str = "-restored";
const REPLACED: &str = "-replaced";

/// Gives the restored one the name of the old one, and with it its address: nothing else has to learn a new name.
pub fn swap(p: &Place, machines: u32) -> String {
    let form = Form::of(p);
    let id = p.name(form.kind);
    let rename = |noun: &str, from: String, to: String| {
        p.aws(&format!(
            "{} modify-{noun} --{noun}-identifier {from} --new-{noun}-identifier {to} --apply-immediately",
            form.command
        ))
    };
    let mut lines = Vec::new();
    for (from, to) in [("", REPLACED), (RESTORED, "")] {
        lines.push(rename(form.noun, format!("{id}{from}"), format!("{id}{to}")));
        if form.cluster() {
            lines.extend(
                (1..=machines)
                    .map(|n| rename("db-instance", format!("{id}{from}-{n}"), format!("{id}{to}-{n}"))),
            );
        }
        // A waiter gives up at once on a name that is not there yet.
        let last = if form.cluster() { format!("-{machines}") } else { String::new() };
        lines.push(format!(
            "until {} 2> /dev/null; do sleep 20; done",
            p.aws(&format!(
                "{} wait db-instance-available --db-instance-identifier {id}{to}{last}",
                form.command
            ))
        ));
    }
    lines.join("\n")
}

/// Gets into the database and asks it.
fn inside(p: &Place, question: &Question) -> String {
    let form = Form::of(p);
    let guard = p.guest().map_or(String::new(), |g| format!(" with the security group `{g}...`"));
    let mut lines = vec![
        format!(
            "# Nothing outside the network reaches it. Run this inside, such as in a VPC environment of AWS CloudShell in a private subnet of {}{guard}",
            p.prefix()
        ),
        format!("entry=$({} --query '{}[0].{}' --output json)", form.describe(p), form.list, form.entry),
        format!(
            "secret=$({})",
            p.aws("secretsmanager get-secret-value --secret-id \"$(jq -r .secret <<< \"$entry\")\" --query SecretString --output text")
        ),
    ];
    lines.extend(client(p));
    lines.push(ask(p, question));
    lines.join("\n")
}

#[derive(Clone, Copy)]
enum Engine {
    Postgres,
    Mysql,
    Mongo,
}

fn engine(p: &Place) -> Option<Engine> {
    let form = Form::of(p);
    if form.command == "docdb" {
        return Some(Engine::Mongo);
    }
    let name = p.fact(form.kind, "engine")?;
    Some(if name.contains("postgres") { Engine::Postgres } else { Engine::Mysql })
}

/// Tells the engine's client where the database is and who asks.
fn client(p: &Place) -> Option<String> {
    let of = |key: &str| format!("\"$(jq -r .{key} <<< \"$entry\")\"");
    let (host, user, name) = (of("host"), of("user"), of("name"));
    let password = "\"$(jq -r .password <<< \"$secret\")\"";
    Some(match engine(p)? {
        Engine::Postgres => format!(
            "export PGSSLMODE=require PGHOST={host} PGUSER={user} PGDATABASE={name} PGPASSWORD={password}"
        ),
        Engine::Mysql => {
            format!("export MYSQL_PWD={password}\nclient=(mariadb --ssl --host={host} --user={user} {name})")
        }
        Engine::Mongo => format!(
            "curl --fail --silent --remote-name https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem\nclient=(mongosh --quiet --host {host} --username {user} --password {password} --tls --tlsCAFile global-bundle.pem --retryWrites=false)"
        ),
    })
}

fn ask(p: &Place, question: &Question) -> String {
    match engine(p) {
        Some(Engine::Postgres) => format!("psql -c \"{}\"", question.postgres),
        Some(Engine::Mysql) => format!("\"${{client[@]}}\" -e \"{}\"", question.mysql),
        Some(Engine::Mongo) => format!("\"${{client[@]}}\" --eval \"{}\"", question.mongo),
        None => "# with the client of its engine: the graph does not say which".to_owned(),
    }
}
