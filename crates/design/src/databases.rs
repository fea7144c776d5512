//! Relational and document databases: class, copies and storage.
//!
//! A class is feasible when the peak's queries fit its CPUs, the working set fits its memory, the copies of the
//! services that use it find connections, and a burstable one's baseline carries the mean. A standby is forced by an RTO shorter than a restore, by an RPO shorter
//! than the log shipping interval, or by the availability that the request path needs; else cost decides.

use catalog::{Machine, machines};
use ir::units::{HOURS_A_MONTH, SECONDS_A_MONTH};
use ir::{Diagnostic, Diagnostics};
use spec::{Resource, ResourceType};

use crate::bill::{Bill, listed};
use crate::blueprint::{Compute, DatabaseDesign, ResourceChoice};
use crate::cloud::{Burstable, DatabaseForm, charge};
use crate::context::Context;
use crate::decide::Candidate;
use crate::load::amount;
use crate::recovery;
use crate::resources::Prepared;
use crate::{request_units, rules, uptime, usage, versions};

/// What one database has to do in one environment.
pub(crate) struct Need {
    /// Mean queries a second.
    pub queries: f64,
    /// The highest peak factor among its users.
    pub peak: f64,
    /// GiB of data.
    pub storage_gib: f64,
    /// Connections that services may open.
    connections: f64,
}

impl Need {
    /// What a resource has to do.
    pub fn of(ctx: &Context<'_>, name: &str, resource: &Resource) -> Self {
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

    /// I/O operations a second at peak.
    pub fn peak_io(&self) -> f64 {
        self.queries * self.peak * rules::QUERY_IO
    }

    /// I/O operations a month, in millions.
    pub fn io_millions(&self) -> f64 {
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

/// Bytes of a GiB.
const GIB: f64 = 1024.0 * 1024.0 * 1024.0;

/// Connections of a size that services may take.
fn usable_connections(form: &DatabaseForm, machine: &Machine) -> f64 {
    (form.connections)(machine.memory_gib * GIB) * rules::USABLE_CONNECTIONS
}

/// Connections that services may take of the size that has most.
fn largest_offer(form: &DatabaseForm) -> f64 {
    machines(form.sizes).iter().map(|m| usable_connections(form, m)).fold(0.0, f64::max)
}

/// Databases whose users may want more connections than any class offers.
pub(crate) fn check(ctx: &Context<'_>) -> Diagnostics {
    let of = |(name, resource): (&String, &Resource)| {
        let offered = largest_offer(forms(ctx, resource.ty.value).next()?);
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

/// The ways to run a type of database on the cloud.
fn forms<'c>(ctx: &Context<'c>, ty: ResourceType) -> impl Iterator<Item = &'static DatabaseForm> + use<'c> {
    ctx.cloud.databases.iter().filter(move |form| form.types.contains(&ty))
}

/// The engine inside.
fn engine(ty: ResourceType) -> &'static str {
    match ty {
        ResourceType::Postgres => "postgres",
        ResourceType::Mysql => "mysql",
        _ => "mongodb",
    }
}

/// PostgreSQL and MySQL: every product with and without something that takes over.
pub(crate) fn relational(ctx: &Context<'_>, name: &str, resource: &Resource) -> Prepared {
    let because = "The cheapest class and form that carries the peak, holds the working set, and meets the \
                   recovery objectives and the availability that requests need.";
    prepared(ctx, name, resource, because)
}

/// MongoDB, by whatever speaks its protocol.
pub(crate) fn document(ctx: &Context<'_>, name: &str, resource: &Resource) -> Prepared {
    let mut prepared = prepared(ctx, name, resource, ctx.cloud.documents_because);
    if let Some(units) = &ctx.cloud.request_units {
        prepared.candidates.splice(0..0, request_units::candidates(ctx, name, resource, units));
    }
    prepared
}

fn prepared(ctx: &Context<'_>, name: &str, resource: &Resource, because: &str) -> Prepared {
    let need = Need::of(ctx, name, resource);
    let mut question = ctx.question(name, "engine", format!("Which database is {name}, and how large?"));
    question.inputs = need.inputs(resource);
    question.inputs.extend(recovery::inputs(ctx));
    question.weighty = true;
    question.because = because.to_owned();
    let of = |form: &DatabaseForm| sizes(ctx, name, resource, &need, form);
    Prepared { candidates: forms(ctx, resource.ty.value).flat_map(of).collect(), question }
}

/// A form in every size that is sold.
fn sizes(
    ctx: &Context<'_>,
    name: &str,
    resource: &Resource,
    need: &Need,
    form: &DatabaseForm,
) -> Vec<Candidate<ResourceChoice>> {
    let version = versions::resolve(ctx.cloud, form.family, resource.version.as_ref());
    let (kind, configuration) = form.level;
    let level = uptime::level(format!("{name} ({})", form.group), kind, configuration);
    let volume = (form.volume)(need, form.machines);
    // A product may offer a part of a family's sizes: one without a price in the home of the price lists is not sold.
    let priced =
        |m: &Machine| catalog::price(listed(ctx.region), &format!("{}/{}", form.prices, m.name)).is_some();
    // More than any class offers is no reason to refuse all of them: a warning says so.
    let most = largest_offer(form);
    let of = |machine: &Machine| {
        let price = format!("{}/{}", form.prices, machine.name);
        let mut bill = Bill::default().with(ctx.region, &price, form.machines * HOURS_A_MONTH);
        for (rate, quantity) in &volume.paid {
            charge(&mut bill, ctx.region, *rate, *quantity);
        }
        charge(&mut bill, ctx.region, volume.backup, backups(ctx, volume.gib));
        let design = DatabaseDesign {
            engine: engine(resource.ty.value).to_owned(),
            version: version.clone().unwrap_or_default(),
            class: machine.name.to_owned(),
            instances: form.instances,
            multi_az: form.standby,
            storage_gib: volume.gib,
            max_storage_gib: volume.gib.saturating_mul(2).min(volume.most),
            iops: volume.iops,
            throughput: 0,
            database: database_name(name, resource),
            queries: need.queries,
            migrations: resource.migrations.as_ref().map(|m| m.value.clone()),
        };
        let found = Candidate::new(
            form.group,
            format!("{} on {}", form.group, machine.name),
            (form.product)(design),
            bill,
        )
        .breaking(version.is_none(), || "does not run the version asked for".to_owned())
        .breaking(form.standby && ctx.zones() < 2, || "the region has one zone".to_owned());
        let mut found = match form.burstable {
            Burstable::Noncritical(why) => {
                found.breaking(machine.burstable && ctx.critical, || why.to_owned())
            }
            Burstable::Refused(why) => found.breaking(machine.burstable, || why.to_owned()),
            Burstable::Taken => found,
        };
        found.breaks.extend(volume.broken.clone());
        let offered = usable_connections(form, machine);
        let taken = need.connections.min(most);
        let found = found.breaking(taken > offered, || {
            format!("its memory offers services {offered:.0} connections and they may take {taken:.0}")
        });
        let mut found = need.constrain(found, machine);
        found.breaks.extend(recovery::broken(ctx, &form.failover, need.storage_gib, form.standby));
        found.breaks.extend(form.refused.map(str::to_owned));
        found.uptime = level.clone();
        found
    };
    machines(form.sizes).iter().filter(|m| priced(m)).map(of).collect()
}

/// GiB of point-in-time backups that are paid for.
fn backups(ctx: &Context<'_>, stored_gib: u32) -> f64 {
    usage::backup_gib(stored_gib, recovery::window_days(ctx))
}

/// The name of the database inside: what a foreign file said, else the resource's own name in letters that every
/// engine takes.
pub(crate) fn database_name(name: &str, resource: &Resource) -> String {
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
