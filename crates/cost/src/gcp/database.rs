//! Databases and caches.
//!
//! Cloud SQL takes a size either by name or as so many vCPUs and so much memory; a standby costs as much as the
//! instance, with its disk.

use super::times;
use crate::billing::{Billing, Kinds, priced};
use crate::read::{Known, Settings};
use crate::sheet::{Sheet, Use};

pub(crate) const KINDS: Kinds = &[
    ("google_sql_database_instance", priced(sql)),
    ("google_sql_database", Billing::Through("its instance")),
    ("google_sql_user", Billing::Through("its instance")),
    ("google_redis_instance", priced(redis)),
    ("google_memorystore_instance", priced(valkey)),
    ("google_memcache_instance", priced(memcached)),
    ("google_firestore_database", priced(firestore)),
    ("google_spanner_instance", priced(spanner)),
    ("google_spanner_database", Billing::Through("its instance")),
    ("google_bigtable_instance", priced(bigtable)),
    ("google_alloydb_cluster", priced(alloydb)),
    ("google_alloydb_instance", priced(alloydb_instance)),
    ("google_bigquery_dataset", Billing::Through("its tables and the queries on them")),
    ("google_bigquery_table", priced(table)),
];

fn sql(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let set = settings.needed_block("settings")?;
    let copies: Known<f64> =
        set.text("availability_type").map(|t| if t.as_deref() == Some("REGIONAL") { 2.0 } else { 1.0 });
    let tier = set.needed_text("tier")?;
    let plus = set.text("edition")?.as_deref() == Some("ENTERPRISE_PLUS");
    let size = custom(&tier);
    match size {
        Some((vcpus, gib)) => {
            let edition = if plus { "enterprise-plus-" } else { "" };
            for (item, unit, amount) in [("vCPU", "vcpu", vcpus), ("memory", "gib", gib)] {
                let id = Ok(format!("cloud-sql/{edition}{unit}-hour"));
                sheet.hourly(item, id, copies.clone().map(|n| n * amount));
            }
        }
        None => sheet.hourly("instance", Ok(format!("cloud-sql/{tier}")), copies.clone()),
    }
    let version = settings.needed_text("database_version")?;
    if let Some(licence) = licence(&version) {
        let vcpus = size.map(|(vcpus, _)| vcpus).ok_or_else(|| format!("the vCPUs of {tier} are not known"));
        sheet.hourly(
            "licence",
            Ok(format!("cloud-sql/sqlserver-{licence}-vcpu-hour")),
            times(vcpus, copies.clone()),
        );
    }
    let disk = match set.text("disk_type")?.as_deref() {
        None | Some("PD_SSD") => Ok("cloud-sql/ssd-gb-month".to_owned()),
        Some("PD_HDD") => Ok("cloud-sql/hdd-gb-month".to_owned()),
        Some(other) => Err(format!("no price of the disk {other} is known")),
    };
    let gb = set.number("disk_size").map(|n| n.unwrap_or(10.0));
    sheet.fixed("storage", disk, times(gb, copies));
    let backups = match set.block("backup_configuration")? {
        Some(block) => block.flag("enabled")?,
        None => false,
    };
    if backups {
        sheet.used("backups", "cloud-sql/backup-gb-month", &Use::each("backup_gib", "GiB of backups"));
    }
    Ok(())
}

/// vCPUs and GiB of a size that is not a name only.
fn custom(tier: &str) -> Option<(f64, f64)> {
    /// GiB for each vCPU of the sizes of the Enterprise Plus edition that say their vCPUs only.
    const GIB_A_VCPU: f64 = 8.0;
    if let Some(vcpus) = tier.strip_prefix("db-perf-optimized-N-") {
        let vcpus: f64 = vcpus.parse().ok()?;
        return Some((vcpus, vcpus * GIB_A_VCPU));
    }
    let (vcpus, mib) = tier.strip_prefix("db-custom-")?.split_once('-')?;
    Some((vcpus.parse().ok()?, mib.parse::<f64>().ok()? / 1024.0))
}

/// The edition of SQL Server that a version names, as prices do; other engines need no licence, and neither does
/// the edition Express.
fn licence(version: &str) -> Option<String> {
    let edition = version.strip_prefix("SQLSERVER_")?.rsplit('_').next()?.to_lowercase();
    (edition != "express").then_some(edition)
}

fn redis(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let gib = settings.needed_number("memory_size_gb")?;
    let tier = settings.text("tier")?;
    let standard = tier.as_deref() == Some("STANDARD_HA");
    // The price of a GiB falls with the size.
    let size = match gib {
        g if g <= 4.0 => 1,
        g if g <= 10.0 => 2,
        g if g <= 35.0 => 3,
        g if g <= 100.0 => 4,
        _ => 5,
    };
    let name = if standard { "standard" } else { "basic" };
    let more = settings.number("replica_count")?.unwrap_or(1.0).max(1.0);
    if standard && more > 1.0 {
        sheet.unpriced("replicas: the price of a second replica is not known");
    }
    sheet.hourly("memory", Ok(format!("memorystore-redis/{name}-m{size}")), Ok(gib));
    Ok(())
}

fn valkey(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let shards = settings.needed_number("shard_count");
    let replicas = settings.number("replica_count").map(|n| n.unwrap_or(0.0));
    let nodes = (|| Ok(shards? * (1.0 + replicas?)))();
    let ty = settings.text("node_type")?.unwrap_or_else(|| "HIGHMEM_MEDIUM".to_owned());
    sheet.hourly("nodes", Ok(format!("memorystore-valkey/{ty}")), nodes);
    if settings.block("automated_backup_config")?.is_some() {
        sheet.used(
            "backups",
            "memorystore-valkey/backup-gib-month",
            &Use::each("backup_gib", "GiB of backups"),
        );
    }
    Ok(())
}

fn memcached(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let config = settings.needed_block("node_config")?;
    let nodes = settings.needed_number("node_count");
    let gib = config.needed_number("memory_size_mb").map(|mib| mib / 1024.0);
    sheet.hourly(
        "vCPU",
        Ok("memorystore-memcached/vcpu-hour".to_owned()),
        times(config.needed_number("cpu_count"), nodes.clone()),
    );
    sheet.hourly("memory", Ok("memorystore-memcached/gib-hour".to_owned()), times(gib, nodes));
    Ok(())
}

fn firestore(_: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.used("reads", "firestore/read-100000", &Use::per("reads", "documents read", 1e5));
    sheet.used("writes", "firestore/write-100000", &Use::per("writes", "documents written", 1e5));
    sheet.used("storage", "firestore/gib-month", &Use::each("storage_gib", "GiB stored"));
    Ok(())
}

fn spanner(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    // A node is a thousand processing units, priced by the hundred.
    let units = match settings.number("processing_units")? {
        Some(units) => Ok(units / 100.0),
        None => settings.needed_number("num_nodes").map(|nodes| nodes * 10.0),
    };
    sheet.hourly("capacity", Ok("spanner/processing-unit-hour".to_owned()), units);
    sheet.used("storage", "spanner/gb-month", &Use::each("storage_gib", "GB stored"));
    Ok(())
}

fn bigtable(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    for cluster in settings.blocks("cluster")? {
        sheet.hourly("nodes", Ok("bigtable/node-hour".to_owned()), cluster.needed_number("num_nodes"));
    }
    sheet.used("storage", "bigtable/ssd-gb-month", &Use::each("storage_gib", "GB stored"));
    Ok(())
}

fn alloydb(_: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.used("storage", "alloydb/storage-gib-month", &Use::each("storage_gib", "GiB stored"));
    Ok(())
}

fn alloydb_instance(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    /// GiB that come with each vCPU.
    const GIB_A_VCPU: f64 = 8.0;
    let vcpus = settings.needed_block("machine_config")?.needed_number("cpu_count");
    let copies: Known<f64> =
        settings.text("availability_type").map(|t| if t.as_deref() == Some("REGIONAL") { 2.0 } else { 1.0 });
    let vcpus = times(vcpus, copies);
    sheet.hourly("vCPU", Ok("alloydb/vcpu-hour".to_owned()), vcpus.clone());
    sheet.hourly("memory", Ok("alloydb/gib-hour".to_owned()), vcpus.map(|n| n * GIB_A_VCPU));
    Ok(())
}

fn table(_: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.used("storage", "bigquery/active-gib-month", &Use::each("storage_gib", "GiB stored"));
    sheet.used("queries", "bigquery/query-tib", &Use::each("queried_tib", "TiB read by queries"));
    Ok(())
}
