//! Relational and document databases: class, copies and storage.
//!
//! A class is feasible when the peak's queries fit its CPUs, the working set fits its memory, the copies of the
//! services that use it find connections, and a burstable one's baseline carries the mean. A standby is forced by an RTO shorter than a restore, by an RPO shorter
//! than the log shipping interval, or by the availability that the request path needs; else cost decides.

use catalog::{Machine, machines};
use ir::units::{HOURS_A_MONTH, SECONDS_A_MONTH};
use ir::{Diagnostic, Diagnostics};
use spec::{Resource, ResourceType};

use crate::bill::{Bill, LISTED};
use crate::blueprint::{Compute, DatabaseDesign, ResourceChoice};
use crate::context::Context;
use crate::decide::Candidate;
use crate::load::amount;
use crate::recovery;
use crate::resources::Prepared;
use crate::{rules, uptime, usage, versions};

/// GiB from which gp3 volumes of RDS come with the higher baseline (RDS user guide, gp3 storage, 2025).
const STRIPED_GIB: f64 = 400.0;

/// I/O operations a second that gp3 brings below and from [`STRIPED_GIB`], and at most.
const GP3_IOPS: (f64, f64, f64) = (3000.0, 12_000.0, 64_000.0);

/// GiB that one RDS volume or Aurora cluster may hold (RDS and Aurora quotas, 2025).
const MOST_GIB: (f64, f64) = (65_536.0, 131_072.0);

/// What one database has to do in one environment.
struct Need {
    queries: f64,
    peak: f64,
    storage_gib: f64,
    connections: f64,
}

impl Need {
    fn of(ctx: &Context<'_>, name: &str, resource: &Resource) -> Self {
        let said = |value: &Option<ir::Spanned<f64>>, otherwise: f64| {
            value.as_ref().map_or(otherwise, |v| amount(v.value, otherwise)) * ctx.scale()
        };
        let users = ctx.users.get(name).map(Vec::as_slice).unwrap_or_default();
        Self {
            queries: said(&resource.queries, rules::ASSUMED_QUERIES),
            peak: ctx.peak(name),
            storage_gib: said(&resource.storage_gib, rules::ASSUMED_STORAGE_GIB)
                .max(rules::ASSUMED_STORAGE_GIB),
            connections: users.iter().filter_map(|u| ctx.computes.get(u)).map(connections).sum(),
        }
    }

    fn mean_vcpus(&self) -> f64 {
        self.queries * rules::QUERY_CPU_SECONDS
    }

    fn peak_vcpus(&self) -> f64 {
        self.mean_vcpus() * self.peak / rules::DATABASE_PEAK_CPU
    }

    fn memory_gib(&self) -> f64 {
        self.storage_gib * rules::WORKING_SET / rules::DATABASE_CACHE
    }

    fn peak_io(&self) -> f64 {
        self.queries * self.peak * rules::QUERY_IO
    }

    fn io_millions(&self) -> f64 {
        self.queries * rules::QUERY_IO * SECONDS_A_MONTH / 1e6
    }

    fn inputs(&self, resource: &Resource) -> Vec<(&'static str, String)> {
        let assumed = |missing: bool| if missing { " (assumed)" } else { "" };
        vec![
            ("queries", format!("{:.1}/s{}", self.queries, assumed(resource.queries.is_none()))),
            ("peak", format!("{}x", self.peak)),
            ("CPU a query", format!("{} ms (assumed)", rules::QUERY_CPU_SECONDS * 1000.0)),
            ("vCPUs at peak", format!("{:.2}", self.peak_vcpus())),
            ("storage", format!("{:.0} GiB{}", self.storage_gib, assumed(resource.storage_gib.is_none()))),
            (
                "memory for the working set",
                format!("{:.1} GiB (a tenth of the data, assumed)", self.memory_gib()),
            ),
            (
                "connections",
                format!("{:.0} at most ({} a task, assumed)", self.connections, rules::POOL_CONNECTIONS),
            ),
        ]
    }

    /// Adds the constraints that a class breaks.
    fn constrain<T>(&self, candidate: Candidate<T>, machine: &Machine) -> Candidate<T> {
        let sustained = machine.vcpus * machine.baseline;
        candidate
            .breaking(machine.vcpus < self.peak_vcpus(), || {
                format!("{} vCPU and the peak takes {:.2}", machine.vcpus, self.peak_vcpus())
            })
            .breaking(machine.memory_gib < self.memory_gib(), || {
                format!(
                    "{} GiB of memory and the working set takes {:.1}",
                    machine.memory_gib,
                    self.memory_gib()
                )
            })
            .breaking(machine.burstable && sustained < self.mean_vcpus(), || {
                format!("its baseline of {sustained:.2} vCPU is below the mean of {:.2}", self.mean_vcpus())
            })
    }
}

/// Connections that all copies of a service may hold at once. A function holds one a run.
fn connections(compute: &Compute) -> f64 {
    match compute {
        Compute::Containers(tasks) => f64::from(tasks.max) * rules::POOL_CONNECTIONS,
        Compute::Function(function) => f64::from(function.concurrency),
        Compute::ScheduledTask { .. } | Compute::OneShot { .. } => rules::POOL_CONNECTIONS,
        Compute::StaticSite { .. } => 0.0,
    }
}

/// Connections that an engine takes by default with so much memory (RDS user guide, "Quotas and constraints"; Aurora
/// user guide, "Maximum connections to Aurora MySQL", not verified; 2025).
fn most_connections(family: &str, memory_gib: f64) -> f64 {
    let bytes = memory_gib * 1024.0 * 1024.0 * 1024.0;
    match family {
        "rds-mysql" => bytes / 12_582_880.0,
        "aurora-mysql" => {
            let small = (bytes / 805_306_368.0).log2() * 45.0;
            small.max((bytes / 8_187_281_408.0).log2() * 1000.0)
        }
        _ => (bytes / 9_531_392.0).min(5000.0),
    }
}

/// Connections of a class that services may take.
fn usable_connections(family: &str, machine: &Machine) -> f64 {
    most_connections(family, machine.memory_gib) * rules::USABLE_CONNECTIONS
}

/// Connections that services may take of the class that has most.
fn largest_offer(family: &str) -> f64 {
    machines("rds").iter().map(|m| usable_connections(family, m)).fold(0.0, f64::max)
}

/// Databases whose users may want more connections than any class offers.
pub(crate) fn check(ctx: &Context<'_>) -> Diagnostics {
    let of = |(name, resource): (&String, &Resource)| {
        let offered = largest_offer(&format!("rds-{}", engine(resource.ty.value)?));
        let taken = Need::of(ctx, name, resource).connections;
        (taken > offered).then(|| {
            let pool = rules::POOL_CONNECTIONS;
            Diagnostic::warning(
                "too-many-connections",
                format!("the services that use `{name}` in {} may open {taken:.0} connections", ctx.name),
            )
            .at(resource.span.or(resource.ty.span), "this database")
            .because(format!("No class offers them more than {offered:.0} by default."))
            .because(format!("Each of their copies is taken to keep {pool} connections at most."))
            .help("give each copy a smaller pool, or put a connection pooler in front of the database")
        })
    };
    ctx.spec.resources.iter().filter_map(of).collect()
}

/// The engine of a relational database; `None` for any other resource.
fn engine(ty: ResourceType) -> Option<&'static str> {
    match ty {
        ResourceType::Postgres => Some("postgres"),
        ResourceType::Mysql => Some("mysql"),
        _ => None,
    }
}

/// A way to run a database: a family and its copies.
struct Form {
    group: &'static str,
    aurora: bool,
    instances: u32,
    standby: bool,
    failover: recovery::Failover,
}

static RELATIONAL: &[Form] = &[
    Form {
        group: "RDS in one zone",
        aurora: false,
        instances: 1,
        standby: false,
        failover: recovery::Failover::Restore,
    },
    Form {
        group: "RDS Multi-AZ",
        aurora: false,
        instances: 1,
        standby: true,
        failover: recovery::Failover::Seconds(recovery::RDS_FAILOVER_SECONDS),
    },
    Form {
        group: "Aurora with one instance",
        aurora: true,
        instances: 1,
        standby: false,
        failover: recovery::Failover::Seconds(recovery::CLUSTER_REBUILD_SECONDS),
    },
    Form {
        group: "Aurora with two instances",
        aurora: true,
        instances: 2,
        standby: true,
        failover: recovery::Failover::Seconds(recovery::CLUSTER_FAILOVER_SECONDS),
    },
];

/// PostgreSQL and MySQL: RDS with or without a standby, Aurora with one or two instances.
pub(crate) fn relational(ctx: &Context<'_>, name: &str, resource: &Resource) -> Prepared {
    let need = Need::of(ctx, name, resource);
    let mut question = ctx.question(name, "engine", format!("Which database is {name}, and how large?"));
    question.inputs = need.inputs(resource);
    question.inputs.extend(recovery::inputs(ctx));
    question.weighty = true;
    question.because =
        "The cheapest class and form that carries the peak, holds the working set, and meets the \
                        recovery objectives and the availability that requests need."
            .to_owned();
    let of = |form: &Form| relational_form(ctx, name, resource, &need, form);
    Prepared { candidates: RELATIONAL.iter().flat_map(of).collect(), question }
}

fn relational_form(
    ctx: &Context<'_>,
    name: &str,
    resource: &Resource,
    need: &Need,
    form: &Form,
) -> Vec<Candidate<ResourceChoice>> {
    let engine = engine(resource.ty.value).expect("only relational databases are prepared here");
    let family = format!("{}-{engine}", if form.aurora { "aurora" } else { "rds" });
    let version = versions::resolve(&family, resource.version.as_ref());
    let configuration = if form.standby { "multi-az" } else { "single-az" };
    let kind = if form.aurora { "aws_rds_cluster" } else { "aws_db_instance" };
    let level = uptime::level(format!("{name} ({})", form.group), kind, configuration);
    let storage = if form.aurora { Storage::aurora(need) } else { Storage::rds(need) };
    // Aurora offers a part of the sizes that RDS does; a size without a price in the home of the price lists is
    // not sold.
    let sold =
        |m: &&Machine| !form.aurora || catalog::price(LISTED, &format!("{family}/{}", m.name)).is_some();
    // More than any class offers is no reason to refuse all of them: a warning says so.
    let most = largest_offer(&family);
    let of = |machine: &Machine| {
        let copies = if form.aurora { form.instances } else { 1 + u32::from(form.standby) };
        let mut bill = Bill::default().with(
            ctx.region,
            &format!("{family}/{}", machine.name),
            f64::from(copies) * HOURS_A_MONTH,
        );
        if form.aurora {
            bill.add(ctx.region, "aurora/storage-gb-month", f64::from(storage.gib));
            bill.add(ctx.region, "aurora/io-million", need.io_millions());
            bill.add(ctx.region, "aurora/backup-gb-month", backups(ctx, storage.gib));
        } else {
            bill.add(ctx.region, "rds/gp3-gb-month", f64::from(storage.gib) * f64::from(copies));
            let (_, own, _) = GP3_IOPS;
            let bought = (f64::from(storage.iops) - own).max(0.0);
            bill.add(ctx.region, "rds/gp3-iops-month", bought * f64::from(copies));
            bill.add(ctx.region, "rds/backup-gb-month", backups(ctx, storage.gib));
        }
        let design = DatabaseDesign {
            engine: engine.to_owned(),
            version: version.clone().unwrap_or_default(),
            class: machine.name.to_owned(),
            instances: form.instances,
            multi_az: form.standby,
            storage_gib: storage.gib,
            max_storage_gib: storage.gib.saturating_mul(2).min(storage.most),
            iops: storage.iops,
            throughput: 0,
            database: database_name(name, resource),
            queries: need.queries,
            migrations: resource.migrations.as_ref().map(|m| m.value.clone()),
        };
        let value = if form.aurora { ResourceChoice::Aurora(design) } else { ResourceChoice::Rds(design) };
        let found = Candidate::new(form.group, format!("{} on {}", form.group, machine.name), value, bill)
            .breaking(version.is_none(), || "does not run the version asked for".to_owned())
            .breaking(form.aurora && machine.burstable && ctx.critical, || {
                "Aurora's burstable classes are meant for development".to_owned()
            })
            .breaking(storage.broken.is_some(), || storage.broken.clone().unwrap_or_default());
        let offered = usable_connections(&family, machine);
        let taken = need.connections.min(most);
        let found = found.breaking(taken > offered, || {
            format!("its memory offers services {offered:.0} connections and they may take {taken:.0}")
        });
        let mut found = need.constrain(found, machine);
        found.breaks.extend(recovery::broken(ctx, &form.failover, need.storage_gib, form.standby));
        found.uptime = level.clone();
        found
    };
    machines("rds").iter().filter(sold).map(of).collect()
}

/// Storage of a relational database.
struct Storage {
    gib: u32,
    most: u32,
    iops: u32,
    broken: Option<String>,
}

impl Storage {
    /// gp3: below 400 GiB the baseline is fixed, so a store that needs more is made larger; above, more can be
    /// bought.
    fn rds(need: &Need) -> Self {
        let (low, high, top) = GP3_IOPS;
        let io = need.peak_io();
        let gib = if io > low { need.storage_gib.max(STRIPED_GIB) } else { need.storage_gib };
        let iops = if io > high { io.ceil() as u32 } else { 0 };
        let broken = if gib > MOST_GIB.0 {
            Some(format!("{gib:.0} GiB are more than an RDS volume holds ({:.0})", MOST_GIB.0))
        } else if io > top {
            Some(format!("the peak takes {io:.0} I/O operations a second and a volume does {top:.0}"))
        } else {
            None
        };
        Self { gib: gib.ceil() as u32, most: MOST_GIB.0 as u32, iops, broken }
    }

    fn aurora(need: &Need) -> Self {
        let gib = need.storage_gib;
        let broken = (gib > MOST_GIB.1)
            .then(|| format!("{gib:.0} GiB are more than an Aurora cluster holds ({:.0})", MOST_GIB.1));
        Self { gib: gib.ceil() as u32, most: MOST_GIB.1 as u32, iops: 0, broken }
    }
}

/// MongoDB: DocumentDB with one or two instances.
pub(crate) fn document(ctx: &Context<'_>, name: &str, resource: &Resource) -> Prepared {
    let need = Need::of(ctx, name, resource);
    let mut question = ctx.question(name, "engine", format!("Which database is {name}, and how large?"));
    question.inputs = need.inputs(resource);
    question.inputs.extend(recovery::inputs(ctx));
    question.weighty = true;
    question.because = "DocumentDB speaks MongoDB's protocol and is the document database that the cloud manages; \
                        the cheapest class and number of instances that meets load, recovery and availability."
        .to_owned();
    let version = versions::resolve("docdb", resource.version.as_ref());
    let mut candidates = Vec::new();
    for instances in [1_u32, 2] {
        let standby = instances > 1;
        let group = if standby { "DocumentDB with two instances" } else { "DocumentDB with one instance" };
        let failover = recovery::Failover::Seconds(if standby {
            recovery::CLUSTER_FAILOVER_SECONDS
        } else {
            recovery::CLUSTER_REBUILD_SECONDS
        });
        let configuration = if standby { "multi-az" } else { "single-az" };
        let level = uptime::level(format!("{name} ({group})"), "aws_docdb_cluster", configuration);
        let gib = need.storage_gib.ceil() as u32;
        for machine in machines("docdb") {
            let bill = Bill::default()
                .with(ctx.region, &format!("docdb/{}", machine.name), f64::from(instances) * HOURS_A_MONTH)
                .with(ctx.region, "docdb/storage-gb-month", f64::from(gib))
                .with(ctx.region, "docdb/io-million", need.io_millions())
                .with(ctx.region, "docdb/backup-gb-month", backups(ctx, gib));
            let design = DatabaseDesign {
                engine: "mongodb".to_owned(),
                version: version.clone().unwrap_or_default(),
                class: machine.name.to_owned(),
                instances,
                multi_az: standby,
                storage_gib: gib,
                max_storage_gib: gib.saturating_mul(2).min(MOST_GIB.1 as u32),
                iops: 0,
                throughput: 0,
                database: database_name(name, resource),
                queries: need.queries,
                migrations: resource.migrations.as_ref().map(|m| m.value.clone()),
            };
            let value = ResourceChoice::DocumentDb(design);
            let found = Candidate::new(group, format!("{group} on {}", machine.name), value, bill)
                .breaking(version.is_none(), || "does not run the version asked for".to_owned());
            let mut found = need.constrain(found, machine);
            found.breaks.extend(recovery::broken(ctx, &failover, need.storage_gib, standby));
            found.uptime = level.clone();
            candidates.push(found);
        }
    }
    Prepared { candidates, question }
}

/// GiB of point-in-time backups that are paid for.
fn backups(ctx: &Context<'_>, stored_gib: u32) -> f64 {
    usage::backup_gib(stored_gib, recovery::window_days(ctx.critical))
}

/// The name of the database inside: what a foreign file said, else the resource's own name in letters that every
/// engine takes.
fn database_name(name: &str, resource: &Resource) -> String {
    let wanted = resource.database.as_deref().unwrap_or(name);
    let plain: String = wanted
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
        .collect();
    let reserved =
        ["db", "user", "postgres", "mysql", "rdsadmin", "admin", "database"].contains(&plain.as_str());
    let starts = plain.starts_with(|c: char| c.is_ascii_alphabetic());
    let name = if starts && !reserved { plain } else { format!("app_{plain}") };
    name.chars().take(63).collect()
}
