//! A document database that is sized by request units instead of machines.
//!
//! Its limit follows the peak and its bill the mean, never less than a share of the limit. Must not know which
//! product it is.

use ir::units::HOURS_A_MONTH;
use spec::Resource;

use crate::bill::Bill;
use crate::blueprint::{DatabaseDesign, ResourceChoice};
use crate::cloud::{RequestUnits, charge};
use crate::context::Context;
use crate::databases::{Need, database_name};
use crate::decide::Candidate;
use crate::{recovery, rules, uptime, versions};

/// In several zones, which costs nothing more, and in one.
pub(crate) fn candidates(
    ctx: &Context<'_>,
    name: &str,
    resource: &Resource,
    units: &RequestUnits,
) -> Vec<Candidate<ResourceChoice>> {
    let need = Need::of(ctx, name, resource);
    let version = versions::resolve(ctx.cloud, units.family, resource.version.as_ref());
    let (step, floor) = units.steps;
    let mean = need.queries * rules::QUERY_UNITS;
    let limit = (mean * need.peak / rules::DATABASE_PEAK_CPU / step).ceil().max(1.0) * step;
    let paid = mean.max(limit * floor);
    let gib = need.storage_gib.ceil();
    let of = |zones: bool| {
        let group = if zones { units.groups.1 } else { units.groups.0 };
        let mut bill = Bill::default();
        charge(&mut bill, ctx.region, units.units, paid / 100.0 * units.scaling * HOURS_A_MONTH);
        charge(&mut bill, ctx.region, units.gib, gib);
        // The last week comes with it; what reaches further back is paid by all that is stored.
        charge(&mut bill, ctx.region, units.backup, if ctx.critical { gib } else { 0.0 });
        let design = DatabaseDesign {
            engine: "mongodb".to_owned(),
            version: version.clone().unwrap_or_default(),
            class: format!("{limit:.0} RU/s"),
            instances: 1,
            multi_az: zones,
            storage_gib: gib as u32,
            max_storage_gib: gib as u32,
            iops: 0,
            throughput: limit as u32,
            database: database_name(name, resource),
            queries: need.queries,
            migrations: resource.migrations.as_ref().map(|m| m.value.clone()),
        };
        let label = format!("{group}, {limit:.0} request units a second at most");
        let failover = if zones { recovery::Failover::Seconds(0) } else { recovery::Failover::Restore };
        let mut found = Candidate::new(group, label, (units.product)(design), bill)
            .breaking(version.is_none(), || "does not run the version asked for".to_owned())
            .breaking(zones && ctx.zones() < 2, || "the region has one zone".to_owned())
            .breaking(limit > units.most, || {
                format!("the peak takes {limit:.0} request units a second and it has {:.0}", units.most)
            });
        found.breaks.extend(recovery::broken(ctx, &failover, need.storage_gib, zones));
        let configuration = if zones { "multi-az" } else { "single-az" };
        found.uptime = uptime::level(format!("{name} ({group})"), units.kind, configuration);
        found
    };
    vec![of(true), of(false)]
}
