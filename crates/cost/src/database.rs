//! What keeps data behind a query language: databases, caches and search.
//!
//! Instances are billed by the hour and class, storage by what is allocated or, where it grows by itself, by what
//! is expected. A standby is a second instance with a second volume.

use crate::billing::{Billing, Kinds, priced};
use crate::read::{Known, Settings};
use crate::sheet::{Sheet, Use};

pub(crate) const KINDS: Kinds = &[
    ("aws_db_instance", priced(instance)),
    ("aws_rds_cluster", priced(aurora)),
    ("aws_rds_cluster_instance", priced(aurora_instance)),
    ("aws_docdb_cluster", priced(docdb)),
    ("aws_docdb_cluster_instance", priced(docdb_instance)),
    ("aws_elasticache_replication_group", priced(replication_group)),
    ("aws_elasticache_cluster", priced(cache_cluster)),
    ("aws_opensearch_domain", priced(search)),
    ("aws_dynamodb_table", priced(table)),
    ("aws_neptune_cluster", priced(neptune)),
    ("aws_neptune_cluster_instance", priced(neptune_instance)),
    ("aws_redshift_cluster", priced(redshift)),
    ("aws_db_option_group", Billing::Free("settings are not charged")),
    ("aws_db_parameter_group", Billing::Free("settings are not charged")),
    ("aws_db_subnet_group", Billing::Free("settings are not charged")),
    ("aws_docdb_cluster_parameter_group", Billing::Free("settings are not charged")),
    ("aws_docdb_subnet_group", Billing::Free("settings are not charged")),
    ("aws_elasticache_parameter_group", Billing::Free("settings are not charged")),
    ("aws_elasticache_subnet_group", Billing::Free("settings are not charged")),
    ("aws_elasticache_user", Billing::Free("users are not charged")),
    ("aws_elasticache_user_group", Billing::Free("users are not charged")),
    ("aws_rds_cluster_parameter_group", Billing::Free("settings are not charged")),
];

const STORAGE: Use = Use::each("storage_gib", "GiB stored");
const IO: Use = Use::per("io_requests", "storage requests", 1e6);
const BACKUP: Use = Use::each("backup_gib", "GiB of backups beyond the database's own size");

/// Days of Performance Insights history that are free.
const FREE_INSIGHTS_DAYS: f64 = 7.0;

fn neptune(_: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.used("storage", "neptune/storage-gb-month", &STORAGE);
    sheet.used("I/O", "neptune/io-million", &IO);
    Ok(())
}

fn neptune_instance(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let class = settings.needed_text("instance_class");
    sheet.hourly("instance", class.map(|class| format!("neptune/{class}")), Ok(1.0));
    Ok(())
}

/// Nodes of the RA3 family keep their data apart, which is paid for by what is stored.
fn redshift(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let node = settings.needed_text("node_type")?;
    let nodes = settings.number("number_of_nodes").map(|n| n.unwrap_or(1.0));
    sheet.hourly("nodes", Ok(format!("redshift/{node}")), nodes);
    if node.starts_with("ra3.") {
        sheet.used("storage", "redshift/managed-gb-month", &STORAGE);
    }
    Ok(())
}

fn instance(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let copies = settings.flag("multi_az").map(|standby| if standby { 2.0 } else { 1.0 });
    let engine = engine(settings, "replicate_source_db");
    let class = inherited(settings, "instance_class", "replicate_source_db");
    sheet.hourly("instance", price_of(engine.and_then(rds), class), copies.clone());
    volume(settings, copies, allocated(settings), sheet);
    if settings.number("backup_retention_period") != Ok(Some(0.0)) {
        sheet.used("backups", "rds/backup-gb-month", &BACKUP);
    }
    password(settings, sheet)?;
    let days = settings.number("performance_insights_retention_period")?;
    if days.is_some_and(|days| days > FREE_INSIGHTS_DAYS) {
        sheet.unpriced("no price of a longer Performance Insights history is known");
    }
    Ok(())
}

/// The lines of an instance's volume.
fn volume(settings: Settings, copies: Known<f64>, allocated: Known<f64>, sheet: &mut Sheet) {
    let iops = settings.number("iops");
    let default = if matches!(iops, Ok(None)) { "gp2" } else { "io1" };
    let kind = settings.text("storage_type").map(|kind| kind.unwrap_or_else(|| default.to_owned()));
    let gib = both(allocated.clone(), copies.clone(), |gib, copies| gib * copies);
    sheet.fixed("storage", kind.clone().map(|k| format!("rds/{k}-gb-month")), gib);
    let (Ok(kind), Ok(allocated)) = (kind, allocated) else { return };
    let included = if kind == "gp3" { included_gp3(allocated) } else { Included { iops: 0.0, mibps: 0.0 } };
    let throughput = settings.number("storage_throughput");
    for (item, unit, provisioned, included) in [
        ("storage operations", "iops-month", iops, included.iops),
        ("storage throughput", "throughput-month", throughput, included.mibps),
    ] {
        let extra = provisioned.map(|n| (n.unwrap_or(0.0) - included).max(0.0));
        if extra != Ok(0.0) {
            let extra = both(extra, copies.clone(), |extra, copies| extra * copies);
            sheet.fixed(item, Ok(format!("rds/{kind}-{unit}")), extra);
        }
    }
}

/// What a volume does without extra charge.
struct Included {
    iops: f64,
    /// MiB/s.
    mibps: f64,
}

/// RDS stripes a gp3 volume from 400 GiB on, and the stripes' baselines add up.
fn included_gp3(allocated_gib: f64) -> Included {
    if allocated_gib < 400.0 {
        Included { iops: 3000.0, mibps: 125.0 }
    } else {
        Included { iops: 12_000.0, mibps: 500.0 }
    }
}

fn aurora(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let engine = settings.needed_text("engine")?;
    if !engine.starts_with("aurora") {
        return Err(format!("no prices of multi-zone clusters of {engine} are known"));
    }
    if settings.text("storage_type")?.as_deref() == Some(IO_OPTIMIZED) {
        sheet.unpriced(NO_IO_OPTIMIZED);
    } else {
        sheet.used("storage", "aurora/storage-gb-month", &STORAGE);
        sheet.used("storage requests", "aurora/io-million", &IO);
    }
    sheet.used("backups", "aurora/backup-gb-month", &BACKUP);
    password(settings, sheet)
}

/// A master password that the service manages is a secret like any other.
fn password(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    if settings.flag("manage_master_user_password")? {
        sheet.fixed("master password", Ok("secretsmanager/secret-month".to_owned()), Ok(1.0));
    }
    Ok(())
}

/// As `storage_type` names it.
const IO_OPTIMIZED: &str = "aurora-iopt1";
const NO_IO_OPTIMIZED: &str = "no prices of I/O-optimized clusters are known";

fn aurora_instance(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    if let Some(cluster) = settings.referred("cluster_identifier")
        && cluster.text("storage_type")?.as_deref() == Some(IO_OPTIMIZED)
    {
        return Err(NO_IO_OPTIMIZED.to_owned());
    }
    let class = settings.needed_text("instance_class");
    if class.as_deref() == Ok("db.serverless") {
        sheet.used("capacity", "aurora/acu-hour", &Use::each("acu_hours", "capacity unit hours"));
        return Ok(());
    }
    let engine = engine(settings, "cluster_identifier");
    sheet.hourly("instance", price_of(engine.and_then(rds), class), Ok(1.0));
    Ok(())
}

fn docdb(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.used("storage", "docdb/storage-gb-month", &STORAGE);
    sheet.used("storage requests", "docdb/io-million", &IO);
    sheet.used("backups", "docdb/backup-gb-month", &BACKUP);
    password(settings, sheet)
}

fn docdb_instance(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let class = settings.needed_text("instance_class");
    sheet.hourly("instance", class.map(|c| format!("docdb/{c}")), Ok(1.0));
    Ok(())
}

fn replication_group(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let engine = settings.text("engine").map(|e| e.unwrap_or_else(|| "redis".to_owned()));
    sheet.hourly("node", cache_price(engine, settings.needed_text("node_type")), group_size(settings));
    snapshots(settings, sheet)
}

/// Nodes of a replication group: shards with their replicas, or a plain count.
fn group_size(settings: Settings) -> Known<f64> {
    if let Some(shards) = settings.number("num_node_groups")? {
        let replicas = settings.number("replicas_per_node_group")?.unwrap_or(0.0);
        return Ok(shards * (1.0 + replicas));
    }
    Ok(settings.number("num_cache_clusters")?.unwrap_or(1.0))
}

fn cache_cluster(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let engine = match engine(settings, "replication_group_id") {
        // The provider's default for a replica's engine is that of its group, and the group's is Redis.
        Err(_) if !settings.has("engine") && settings.has("replication_group_id") => Ok("redis".to_owned()),
        engine => engine,
    };
    let class = inherited(settings, "node_type", "replication_group_id");
    let nodes = settings.number("num_cache_nodes").map(|n| n.unwrap_or(1.0));
    sheet.hourly("node", cache_price(engine, class), nodes);
    snapshots(settings, sheet)
}

/// One snapshot is free, so a retention of one day costs nothing.
fn snapshots(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    if settings.number("snapshot_retention_limit")?.is_some_and(|days| days > 1.0) {
        let snapshots = Use::each("backup_gib", "GiB of snapshots beyond the first");
        sheet.used("backups", "elasticache/backup-gb-month", &snapshots);
    }
    Ok(())
}

fn cache_price(engine: Known<String>, node_type: Known<String>) -> Known<String> {
    price_of(engine.map(|e| format!("elasticache-{e}")), node_type)
}

/// What an OpenSearch volume does without extra charge.
const SEARCH_IOPS: f64 = 3000.0;

fn search(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let id = |class: Known<String>| class.map(|c| format!("opensearch/{c}"));
    let cluster = settings.needed_block("cluster_config")?;
    let nodes = cluster.number("instance_count").map(|n| n.unwrap_or(1.0));
    sheet.hourly("data nodes", id(cluster.needed_text("instance_type")), nodes.clone());
    for (item, enabled, class, count) in [
        ("manager nodes", "dedicated_master_enabled", "dedicated_master_type", "dedicated_master_count"),
        ("warm nodes", "warm_enabled", "warm_type", "warm_count"),
    ] {
        if cluster.flag(enabled)? {
            sheet.hourly(item, id(cluster.needed_text(class)), cluster.needed_number(count));
        }
    }
    let Some(volume) = settings.block("ebs_options")? else { return Ok(()) };
    if !volume.flag("ebs_enabled")? {
        return Ok(());
    }
    let kind = volume.text("volume_type").map(|k| k.unwrap_or_else(|| "gp2".to_owned()));
    let gib = both(volume.needed_number("volume_size"), nodes, |gib, nodes| gib * nodes);
    sheet.fixed("storage", kind.map(|k| format!("opensearch/{k}-gb-month")), gib);
    if volume.number("iops")?.is_some_and(|iops| iops > SEARCH_IOPS) {
        sheet.unpriced("no price of more storage operations is known");
    }
    Ok(())
}

fn table(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    if settings.text("billing_mode")?.as_deref() == Some("PAY_PER_REQUEST") {
        sheet.used("writes", "dynamodb/write-million", &Use::per("write_requests", "writes", 1e6));
        sheet.used("reads", "dynamodb/read-million", &Use::per("read_requests", "reads", 1e6));
    } else {
        sheet.unpriced("no prices of provisioned capacity are known");
    }
    sheet.used("storage", "dynamodb/storage-gb-month", &STORAGE);
    Ok(())
}

/// The price file of an RDS or Aurora engine.
fn rds(engine: String) -> Known<String> {
    Ok(match engine.as_str() {
        "postgres" => "rds-postgres",
        "mysql" => "rds-mysql",
        "aurora-postgresql" => "aurora-postgres",
        "aurora-mysql" => "aurora-mysql",
        _ => return Err(format!("no prices of {engine} are known")),
    }
    .to_owned())
}

/// The engine, which a replica or a member leaves to the node that `parent` refers to.
fn engine(settings: Settings, parent: &str) -> Known<String> {
    inherited(settings, "engine", parent)
}

/// A text of its own, or that of the node that `parent` refers to.
fn inherited(settings: Settings, name: &str, parent: &str) -> Known<String> {
    match settings.text(name)? {
        Some(own) => Ok(own),
        None => match settings.referred(parent) {
            Some(parent) => parent.needed_text(name),
            None => settings.needed_text(name),
        },
    }
}

/// GiB allocated, which a replica leaves to its source.
fn allocated(settings: Settings) -> Known<f64> {
    match settings.number("allocated_storage")? {
        Some(own) => Ok(own),
        None => match settings.referred("replicate_source_db") {
            Some(source) => source.needed_number("allocated_storage"),
            None => settings.needed_number("allocated_storage"),
        },
    }
}

fn price_of(service: Known<String>, class: Known<String>) -> Known<String> {
    match (service, class) {
        (Ok(service), Ok(class)) => Ok(format!("{service}/{class}")),
        (Err(because), _) | (_, Err(because)) => Err(because),
    }
}

fn both(a: Known<f64>, b: Known<f64>, of: fn(f64, f64) -> f64) -> Known<f64> {
    Ok(of(a?, b?))
}
