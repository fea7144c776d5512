//! RTO and RPO to standbys, backups and copies.
//!
//! A restore takes as long as its data; a failover takes what the vendor says. Which of the two an objective
//! leaves is computed here and used as a constraint by whoever lists databases.

use ir::{Diagnostic, Diagnostics};
use spec::{ResourceType, Spec};

use crate::bill::Bill;
use crate::blueprint::{Decision, RecoveryDesign, ResourceChoice, ResourceDesign};
use crate::cloud::{Cloud, Copies};
use crate::context::Context;
use crate::decide::{Candidate, cheapest};
use crate::{rules, usage};

/// Seconds between shipped transaction logs: how much a point-in-time restore may lose (RDS user guide,
/// "Restoring to a specified time", 2025).
pub(crate) const LOG_SHIPPING_SECONDS: u64 = 300;

/// Seconds that a standby takes to take over (RDS user guide on Multi-AZ, and Azure Database for PostgreSQL and MySQL on
/// high availability: typically 60 to 120, 2025).
pub(crate) const STANDBY_FAILOVER_SECONDS: u64 = 120;

/// Seconds that a cluster takes to promote a second instance (Aurora user guide: less than 60; Cloud SQL documentation:
/// about 60; Atlas: an election takes less, 2025).
pub(crate) const CLUSTER_FAILOVER_SECONDS: u64 = 60;

/// Seconds that a cluster takes to make a new instance when it has only one (Aurora user guide: less than ten
/// minutes, 2025).
pub(crate) const CLUSTER_REBUILD_SECONDS: u64 = 600;

/// How a database comes back after its zone or machine is lost.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Failover {
    /// Something else takes over within so many seconds.
    Seconds(u64),
    /// From a backup, which takes as long as the data is large.
    Restore,
}

/// Seconds until data flows again after a restore of so many GiB.
pub(crate) fn restore_seconds(gib: f64) -> f64 {
    rules::RESTORE_SETUP_SECONDS + gib * 1024.0 / rules::RESTORE_MIB_A_SECOND
}

/// What a mishap costs a database.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loss {
    /// Seconds until data flows again.
    pub seconds: f64,
    /// Seconds of writes that are gone at most.
    pub writes: f64,
}

/// What losing its zone costs a database; `None` for other stores.
#[must_use]
pub fn zone_loss(choice: &ResourceChoice) -> Option<Loss> {
    let takes = |seconds: u64| Some(Loss { seconds: seconds as f64, writes: 0.0 });
    match choice {
        ResourceChoice::Rds(db) | ResourceChoice::FlexibleServer(db) if db.multi_az => {
            takes(STANDBY_FAILOVER_SECONDS)
        }
        ResourceChoice::CloudSql(db) if db.multi_az => takes(CLUSTER_FAILOVER_SECONDS),
        ResourceChoice::CosmosDb(db) if db.multi_az => takes(0),
        ResourceChoice::Atlas(_) => takes(CLUSTER_FAILOVER_SECONDS),
        ResourceChoice::Aurora(db) | ResourceChoice::DocumentDb(db) if db.instances > 1 => {
            takes(CLUSTER_FAILOVER_SECONDS)
        }
        ResourceChoice::Aurora(_) | ResourceChoice::DocumentDb(_) => takes(CLUSTER_REBUILD_SECONDS),
        _ => restore_loss(choice),
    }
}

/// What a restore to the last possible moment costs a database; `None` for other stores.
#[must_use]
pub fn restore_loss(choice: &ResourceChoice) -> Option<Loss> {
    let gib = stored_gib(choice)?;
    Some(Loss { seconds: restore_seconds(gib), writes: LOG_SHIPPING_SECONDS as f64 })
}

/// The recovery objectives that a form of database breaks.
pub(crate) fn broken(ctx: &Context<'_>, failover: &Failover, gib: f64, standby: bool) -> Vec<String> {
    let takes = match failover {
        Failover::Seconds(seconds) => *seconds as f64,
        Failover::Restore => restore_seconds(gib),
    };
    let mut broken = Vec::new();
    if let Some(rto) = attainable_rto(ctx).filter(|rto| takes > *rto as f64) {
        broken.push(format!("comes back after about {} and the RTO is {}", words(takes), words(rto as f64)));
    }
    let rpo = ctx.environment.rpo.as_ref().map(|r| r.value);
    if let Some(rpo) = rpo.filter(|r| !standby && *r < LOG_SHIPPING_SECONDS) {
        let logs = words(LOG_SHIPPING_SECONDS as f64);
        broken.push(format!("may lose {logs} of writes and the RPO is {}", words(rpo as f64)));
    }
    broken
}

/// The RTO, when anything can meet it; what cannot be met is an error of its own and constrains nothing else.
fn attainable_rto(ctx: &Context<'_>) -> Option<u64> {
    ctx.environment.rto.as_ref().map(|r| r.value).filter(|rto| *rto >= CLUSTER_FAILOVER_SECONDS)
}

/// The objectives as inputs of a decision.
pub(crate) fn inputs(ctx: &Context<'_>) -> Vec<(&'static str, String)> {
    let said = |name, value: &Option<ir::Spanned<u64>>| value.as_ref().map(|v| (name, words(v.value as f64)));
    said("RTO", &ctx.environment.rto).into_iter().chain(said("RPO", &ctx.environment.rpo)).collect()
}

/// Seconds in words.
pub(crate) fn words(seconds: f64) -> String {
    if seconds < 120.0 {
        format!("{seconds:.0} s")
    } else if seconds < 7200.0 {
        format!("{:.0} min", seconds / 60.0)
    } else {
        format!("{:.1} h", seconds / 3600.0)
    }
}

/// Objectives that nothing in one region meets.
pub(crate) fn check(ctx: &Context<'_>) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let of = |types: &[ResourceType]| {
        ctx.spec.resources.iter().find(|(_, r)| types.contains(&r.ty.value)).map(|(name, _)| name)
    };
    let database = of(&[ResourceType::Postgres, ResourceType::Mysql, ResourceType::Mongodb]);
    let hasty = ctx.environment.rto.as_ref().filter(|rto| rto.value < CLUSTER_FAILOVER_SECONDS);
    if let (Some(rto), Some(name)) = (hasty, database) {
        let best = words(CLUSTER_FAILOVER_SECONDS as f64);
        diagnostics.push(
            Diagnostic::error(
                "rto-infeasible",
                format!("an RTO of {} in {} is shorter than any failover", words(rto.value as f64), ctx.name),
            )
            .at(rto.span, "asked for here")
            .because(format!(
                "`{name}` comes back after {best} at best: a cluster promotes its second instance."
            ))
            .help(format!("set `rto` to {best} or longer")),
        );
    }
    let fleeting = of(&[ResourceType::Rabbitmq, ResourceType::Opensearch, ResourceType::Redis]);
    if let (Some(rpo), Some(name)) = (&ctx.environment.rpo, fleeting) {
        diagnostics.push(
            Diagnostic::note(
                "rpo-does-not-cover",
                format!("the RPO of {} does not cover `{name}`", ctx.name),
            )
            .at(rpo.span, "")
            .because("Caches, brokers and search indexes have snapshots but no point-in-time recovery.")
            .help("keep what must not be lost in a database, a bucket or a queue as well"),
        );
    }
    diagnostics
}

/// A second region that a cloud does not copy to: it chooses the region of copies itself.
pub(crate) fn check_pair(spec: &Spec, cloud: &Cloud) -> Diagnostics {
    let pair = || {
        let home = catalog::regions::region(&spec.cloud.regions.first()?.value)?;
        Some((home, spec.cloud.regions.get(1)?))
    };
    let Some((home, second)) = pair().filter(|_| cloud.copies_to_pairs) else { return Diagnostics::new() };
    let paired = home.pair.as_deref();
    if paired == Some(second.value.as_str()) {
        return Diagnostics::new();
    }
    let help = match paired {
        Some(pair) => format!("write `{pair}` as the second region, or leave it out"),
        None => "leave the second region out, or choose a home that has a pair".to_owned(),
    };
    let warning = Diagnostic::warning(
        "region-is-no-pair",
        format!("copies of backups do not reach `{}` from `{}`", second.value, home.id),
    )
    .at(second.span, "this region")
    .because(format!("{} keeps second copies in the region that it paired with the first.", cloud.name))
    .help(help);
    Diagnostics::from_iter([warning])
}

/// Days that daily copies are kept where people depend on the environment.
const COPY_DAYS: u32 = 35;

/// Days that point-in-time recovery reaches back: as far as copies where there are none apart.
pub(crate) fn window_days(ctx: &Context<'_>) -> u32 {
    match (ctx.critical, ctx.cloud.copies) {
        (true, Copies::Window) => COPY_DAYS,
        (true, Copies::Vault | Copies::OnePlace) => 14,
        (false, _) => 7,
    }
}

/// How long backups are kept and where copies go, with what they cost.
pub(crate) fn design(
    ctx: &Context<'_>,
    resources: &indexmap::IndexMap<String, ResourceDesign>,
) -> (RecoveryDesign, Decision) {
    let stored: f64 = resources.values().filter_map(|r| stored_gib(&r.choice)).sum();
    let objects: f64 = resources.values().filter_map(|r| object_gib(&r.choice)).sum();
    let pair = catalog::regions::region(ctx.region).and_then(|home| home.pair.as_deref());
    let reached = |region: &String| !ctx.cloud.copies_to_pairs || pair == Some(region.as_str());
    let copy_region = ctx.spec.cloud.regions.get(1).map(|r| r.value.clone()).filter(reached);
    let copy_region = copy_region.filter(|_| ctx.critical && stored + objects > 0.0);
    let copied = if copy_region.is_some() { stored + objects } else { stored };
    let window = window_days(ctx);
    let apart = ctx.cloud.copies != Copies::Window;
    let days = if ctx.critical && apart { COPY_DAYS } else { 0 };
    let backup_days = if copied > 0.0 { days } else { 0 };
    let of = |days: u32, copies: Option<&str>, name: String| {
        let mut bill = Bill::default();
        let kept = if apart { days } else { window };
        let home = days > 0 && (copies.is_none() || ctx.cloud.copies == Copies::Vault);
        for region in home.then_some(ctx.region).into_iter().chain(copies) {
            for choice in resources.values().map(|r| &r.choice) {
                if let (Some(gib), Some(price)) = (stored_gib(choice), copy_price(choice)) {
                    bill.add(region, price, usage::copies_gib(gib, kept));
                }
                let objects = object_gib(choice).zip(object_copy_price(choice));
                if let Some((gib, price)) = objects.filter(|_| copies.is_some()) {
                    bill.add(region, price, usage::copies_gib(gib, kept));
                }
            }
        }
        Candidate::new(name.clone(), name, (), bill)
    };
    let mut candidates = Vec::new();
    let none = of(0, None, format!("point-in-time recovery of {window} days, no further backups"));
    candidates.push(
        none.breaking(backup_days > 0, || {
            "a deleted or encrypted database takes its own backups along".to_owned()
        })
        .breaking(copy_region.is_some() && !apart, || {
            "a second region was given and a lost region would take every copy along".to_owned()
        }),
    );
    if copied > 0.0 && apart {
        let name = format!("daily backups kept {COPY_DAYS} days beside point-in-time recovery");
        candidates.push(of(COPY_DAYS, None, name).breaking(copy_region.is_some(), || {
            "a second region was given and a lost region would take every copy along".to_owned()
        }));
    }
    if let Some(region) = &copy_region {
        let name = if apart {
            format!("daily backups kept {backup_days} days, copied to {region}")
        } else {
            format!("point-in-time recovery of {window} days, copied to {region}")
        };
        candidates.push(of(backup_days, Some(region), name));
    }
    let mut question = ctx.question("recovery", "backups", "How does data survive?");
    question.weighty = ctx.critical;
    question.inputs = inputs(ctx);
    question.inputs.push(("data in databases", format!("{stored:.0} GiB")));
    question.inputs.push(("data in buckets", format!("{objects:.0} GiB")));
    let slowest = resources.values().filter_map(|r| stored_gib(&r.choice)).fold(0.0, f64::max);
    if slowest > 0.0 {
        let restore = words(restore_seconds(slowest));
        let rate = format!("{restore} at {} MiB/s (assumed)", rules::RESTORE_MIB_A_SECOND);
        question.inputs.push(("restore of the largest store", rate));
    }
    question.because = if ctx.critical && !apart {
        "Point-in-time recovery undoes mistakes of the last weeks to five minutes, and a lock keeps the store and with it \
         its backups. A bucket keeps its own replaced versions and is copied only to a second region. Destroying a \
         store is refused."
    } else if ctx.critical {
        "Point-in-time recovery undoes mistakes of the last days to five minutes; separate backups outlive the \
         database itself. A bucket keeps its own replaced versions and is copied only to a second region. Destroying \
         a store is refused."
    } else {
        "Nobody depends on this environment: point-in-time recovery is enough and costs nothing more."
    }
    .to_owned();
    let verdict = cheapest(candidates).expect("the last candidate listed breaks nothing");
    let design = RecoveryDesign {
        rto_seconds: ctx.environment.rto.as_ref().map(|r| r.value),
        rpo_seconds: ctx.environment.rpo.as_ref().map(|r| r.value),
        point_in_time_days: window,
        backup_days,
        copy_region,
        protect: ctx.critical,
    };
    (design, question.decided(&verdict))
}

/// GiB that a backup of a store holds; `None` for what is not backed up this way.
fn stored_gib(choice: &ResourceChoice) -> Option<f64> {
    choice.database().map(|d| f64::from(d.storage_gib))
}

/// GiB of objects that a copy of a bucket holds.
fn object_gib(choice: &ResourceChoice) -> Option<f64> {
    choice.bucket().map(|bucket| bucket.size_gib)
}

/// What a copy of a store is paid by: snapshots of clusters are cheaper than those of instances.
fn copy_price(choice: &ResourceChoice) -> Option<&'static str> {
    match choice {
        ResourceChoice::Rds(_) => Some("backup/rds-gb-month"),
        ResourceChoice::Aurora(_) => Some("aurora/backup-gb-month"),
        ResourceChoice::DocumentDb(_) => Some("docdb/backup-gb-month"),
        ResourceChoice::FlexibleServer(db) if db.engine == "mysql" => Some("flexible-mysql/backup-gb-month"),
        ResourceChoice::FlexibleServer(_) => Some("flexible-postgres/backup-gb-month"),
        ResourceChoice::CloudSql(_) => Some("cloud-sql/backup-gb-month"),
        ResourceChoice::Atlas(_) => Some("atlas/backup-gb-month"),
        _ => None,
    }
}

/// What a copy of objects is paid by.
fn object_copy_price(choice: &ResourceChoice) -> Option<&'static str> {
    match choice {
        ResourceChoice::S3(_) => Some("backup/s3-gb-month"),
        ResourceChoice::BlobContainer(_) => Some("azure-backup/grs-gb-month"),
        ResourceChoice::CloudStorage(_) => Some("cloud-storage/standard-gb-month"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restore_takes_longer_the_more_there_is() {
        assert!((restore_seconds(0.0) - 1200.0).abs() < 1e-9);
        assert!((restore_seconds(100.0) - 2224.0).abs() < 1e-9);
    }

    #[test]
    fn seconds_are_said_in_the_unit_a_reader_expects() {
        assert_eq!(words(60.0), "60 s");
        assert_eq!(words(3600.0), "60 min");
        assert_eq!(words(86400.0), "24.0 h");
    }
}
