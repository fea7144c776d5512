//! What keeps data behind a query language: databases, caches and search.
//!
//! A standby is a second server with a second volume. Cosmos DB is billed by the request units that are set aside.

use super::{doubled, times, unless_denied};
use crate::billing::{Billing, Kinds, priced};
use crate::read::{Known, Settings};
use crate::sheet::{Sheet, Use};

pub(crate) const KINDS: Kinds = &[
    ("azurerm_postgresql_flexible_server", priced(postgres)),
    (
        "azurerm_postgresql_flexible_server_active_directory_administrator",
        Billing::Free("users are not charged"),
    ),
    ("azurerm_postgresql_flexible_server_configuration", Billing::Free("settings are not charged")),
    ("azurerm_postgresql_flexible_server_database", Billing::Through("its server")),
    ("azurerm_postgresql_flexible_server_firewall_rule", Billing::Free("rules are not charged")),
    ("azurerm_mysql_flexible_server", priced(mysql)),
    ("azurerm_mysql_flexible_database", Billing::Through("its server")),
    ("azurerm_mysql_flexible_server_configuration", Billing::Free("settings are not charged")),
    ("azurerm_mssql_server", Billing::Through("its databases")),
    ("azurerm_mssql_database", priced(azure_sql)),
    ("azurerm_mssql_firewall_rule", Billing::Free("rules are not charged")),
    ("azurerm_cosmosdb_account", priced(cosmos_account)),
    ("azurerm_cosmosdb_mongo_database", priced(cosmos_throughput)),
    ("azurerm_cosmosdb_mongo_collection", priced(cosmos_throughput)),
    ("azurerm_cosmosdb_sql_database", priced(cosmos_throughput)),
    ("azurerm_cosmosdb_sql_container", priced(cosmos_throughput)),
    ("azurerm_managed_redis", priced(managed_redis)),
    ("azurerm_redis_cache", priced(redis_cache)),
    ("azurerm_search_service", priced(search)),
];

const BACKUP: Use = Use::each("backup_gib", "GiB of backups beyond the database's own size");
const STORAGE: Use = Use::each("storage_gib", "GiB stored");

fn postgres(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let gib = settings.needed_number("storage_mb").map(|mib| mib / 1024.0);
    flexible(settings, "flexible-postgres", gib, sheet)
}

fn mysql(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let storage = settings.block("storage")?;
    let gib = storage.map_or_else(|| Err("`storage` is not set".to_owned()), |s| s.needed_number("size_gb"));
    if let Some(storage) = storage {
        operations(storage, gib.clone(), sheet)?;
    }
    flexible(settings, "flexible-mysql", gib, sheet)
}

/// Operations a second that a server of MySQL has beyond those that come with its storage, 300 and three a GiB.
/// Source: learn.microsoft.com/azure/mysql/flexible-server/concepts-storage-iops, 2025.
fn operations(storage: Settings, gib: Known<f64>, sheet: &mut Sheet) -> Known<()> {
    if let Some(iops) = storage.number("iops")? {
        let extra = gib.map(|gib| (iops - 300.0 - 3.0 * gib).max(0.0));
        if extra != Ok(0.0) {
            sheet.fixed("storage operations", Ok("flexible-mysql/iops-month".to_owned()), extra);
        }
    }
    if storage.flag("io_scaling_enabled")? {
        sheet.unpriced("no price of storage operations by use is known");
    }
    Ok(())
}

/// The lines of a flexible server.
fn flexible(settings: Settings, prices: &str, gib: Known<f64>, sheet: &mut Sheet) -> Known<()> {
    let copies = doubled(settings.block("high_availability").map(|block| block.is_some()));
    let size = settings.needed_text("sku_name").map(|size| format!("{prices}/{size}"));
    sheet.hourly("instance", size, copies.clone());
    sheet.fixed("storage", Ok(format!("{prices}/storage-gb-month")), times(gib, copies));
    sheet.used("backups", &format!("{prices}/backup-gb-month"), &BACKUP);
    Ok(())
}

fn azure_sql(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let size = settings.needed_text("sku_name")?;
    let mut words = size.split('_');
    let (Some(tier @ ("GP" | "BC")), Some("Gen5"), Some(Ok(cores)), None) =
        (words.next(), words.next(), words.next().map(str::parse::<f64>), words.next())
    else {
        return Err(format!("no prices of the size {size} are known"));
    };
    let tier = tier.to_ascii_lowercase();
    sheet.hourly("instance", Ok(format!("azure-sql/{tier}-vcore-hour")), Ok(cores));
    sheet.hourly("license", Ok(format!("azure-sql/{tier}-license-vcore-hour")), Ok(cores));
    if tier == "gp" && settings.flag("zone_redundant")? {
        sheet.hourly("zone redundancy", Ok("azure-sql/gp-zone-redundant-vcore-hour".to_owned()), Ok(cores));
    }
    sheet.fixed(
        "storage",
        Ok(format!("azure-sql/{tier}-storage-gb-month")),
        settings.needed_number("max_size_gb"),
    );
    sheet.used("backups", "azure-sql/backup-lrs-gb-month", &BACKUP);
    Ok(())
}

/// What is set aside is billed where it is set: here only what is stored, and requests of an account without any.
fn cosmos_account(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let mut by_use = false;
    for capability in settings.blocks("capabilities")? {
        by_use |= capability.text("name")?.as_deref() == Some("EnableServerless");
    }
    if by_use {
        let units = Use::per("request_units", "request units", 1e6);
        sheet.used("request units", "cosmos-db/serverless-ru-million", &units);
    }
    sheet.used("storage", "cosmos-db/storage-gb-month", &STORAGE);
    if let Some(backup) = settings.block("backup")?
        && backup.text("type")?.as_deref() == Some("Continuous")
        && backup.text("tier")?.as_deref() != Some("Continuous7Days")
    {
        sheet.used("backups", "cosmos-db/continuous-backup-gb-month", &STORAGE);
    }
    Ok(())
}

/// What scales by itself costs half as much again for a unit, and never less than a tenth of its most.
/// Source: azure.microsoft.com/pricing/details/cosmos-db/autoscale-provisioned, 2024.
const AUTOSCALE: (f64, f64) = (1.5, 0.1);

fn cosmos_throughput(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let regions = regions(settings);
    let id = || Ok("cosmos-db/ru-100-hour".to_owned());
    if let Some(scaled) = settings.block("autoscale_settings")? {
        let most = scaled.needed_number("max_throughput")?;
        let (dearer, least) = AUTOSCALE;
        let mean = sheet.expected(&Use::each("mean_throughput", "request units a second")).unwrap_or(0.0);
        let units = mean.max(least * most) / 100.0 * dearer;
        sheet.hourly("request units", id(), times(Ok(units), regions));
    } else if let Some(units) = settings.number("throughput")? {
        sheet.hourly("request units", id(), times(Ok(units / 100.0), regions));
    }
    Ok(())
}

/// Every region of the account holds what is set aside.
fn regions(settings: Settings) -> Known<f64> {
    let account = settings.referred("account_name");
    let account = account.ok_or("`account_name` does not refer to an account of this stack")?;
    Ok((account.blocks("geo_location")?.len() as f64).max(1.0))
}

fn managed_redis(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let nodes = doubled(unless_denied(settings, "high_availability_enabled"));
    let size = settings.needed_text("sku_name").map(|size| format!("managed-redis/{size}"));
    sheet.hourly("nodes", size, nodes);
    Ok(())
}

fn redis_cache(_: Settings, _: &mut Sheet) -> Known<()> {
    Err("no prices of Azure Cache for Redis are known: Azure Managed Redis takes its place".to_owned())
}

fn search(_: Settings, _: &mut Sheet) -> Known<()> {
    Err("no prices of AI Search are known".to_owned())
}
