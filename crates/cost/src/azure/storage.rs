//! What keeps files: storage accounts, image registries, disks and backups.
//!
//! An account is billed by what is stored and how often it is copied, which only the account says.

use crate::billing::{Billing, Kinds, priced};
use crate::read::{Known, Settings};
use crate::sheet::{Sheet, Use};

pub(crate) const KINDS: Kinds = &[
    ("azurerm_storage_account", priced(account)),
    ("azurerm_storage_account_static_website", Billing::Through("its account")),
    ("azurerm_storage_container", Billing::Through("its account")),
    ("azurerm_storage_management_policy", Billing::Through("its account")),
    ("azurerm_storage_queue", Billing::Through("its account")),
    ("azurerm_storage_share", priced(share)),
    ("azurerm_managed_disk", priced(disk)),
    ("azurerm_container_registry", priced(registry)),
    ("azurerm_data_protection_backup_vault", Billing::Through("what it protects")),
    ("azurerm_data_protection_backup_policy_blob_storage", Billing::Through("what it protects")),
    ("azurerm_data_protection_backup_instance_blob_storage", priced(blob_backup)),
    ("azurerm_recovery_services_vault", priced(recovery_vault)),
    ("azurerm_backup_policy_vm", Billing::Through("the vault it fills")),
];

/// Days in a billing month.
const DAYS_A_MONTH: f64 = ir::units::HOURS_A_MONTH / 24.0;
const STORAGE: Use = Use::each("storage_gib", "GiB stored");

fn account(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    if settings.text("account_tier")?.as_deref() == Some("Premium") {
        return Err("no prices of accounts of the premium tier are known".to_owned());
    }
    let copies = settings.needed_text("account_replication_type")?;
    let copies = match copies.as_str() {
        "RAGRS" => "ra-grs".to_owned(),
        "RAGZRS" => "ra-gzrs".to_owned(),
        other => other.to_ascii_lowercase(),
    };
    let tier = settings.text("access_tier")?.unwrap_or_else(|| "Hot".to_owned()).to_ascii_lowercase();
    if tier != "hot" {
        sheet.unpriced(format!("no prices of operations of the access tier {tier} are known"));
    }
    sheet.used("storage", &format!("blob/{tier}-{copies}-gb-month"), &STORAGE);
    if tier == "hot" {
        // Reading from elsewhere is no dearer to write to.
        let written = copies.trim_start_matches("ra-");
        let writes = Use::per("put_requests", "writes", 1e4);
        sheet.used("writes", &format!("blob/hot-{written}-write-10000"), &writes);
        sheet.used("reads", "blob/hot-read-10000", &Use::per("get_requests", "reads", 1e4));
    }
    Ok(())
}

fn share(_: Settings, _: &mut Sheet) -> Known<()> {
    Err("no prices of file shares are known".to_owned())
}

/// Premium disks are sold in steps: the most GiB of each.
/// Source: learn.microsoft.com/azure/virtual-machines/disks-types, 2025.
static STEPS: &[(f64, &str)] =
    &[(32.0, "P4"), (64.0, "P6"), (128.0, "P10"), (256.0, "P15"), (512.0, "P20"), (1024.0, "P30")];

fn disk(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let ty = settings.needed_text("storage_account_type")?;
    if ty != "Premium_LRS" {
        return Err(format!("no prices of disks of the type {ty} are known"));
    }
    let gib = settings.needed_number("disk_size_gb")?;
    let step = STEPS.iter().find(|(most, _)| gib <= *most);
    let (_, step) = step.ok_or_else(|| format!("no price of a disk of {gib} GiB is known"))?;
    sheet.fixed("disk", Ok(format!("managed-disk/{step}-month")), Ok(1.0));
    Ok(())
}

/// Tiers of a registry and the GiB that come with them.
/// Source: learn.microsoft.com/azure/container-registry/container-registry-skus, 2025.
static REGISTRIES: &[(&str, f64)] = &[("basic", 10.0), ("standard", 100.0), ("premium", 500.0)];

fn registry(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let tier = settings.needed_text("sku")?.to_ascii_lowercase();
    let known = REGISTRIES.iter().find(|(name, _)| *name == tier);
    let (_, included) =
        known.ok_or_else(|| format!("no prices of registries of the tier {tier} are known"))?;
    sheet.fixed("registry", Ok(format!("container-registry/{tier}-day")), Ok(DAYS_A_MONTH));
    let replicas = settings.blocks("georeplications")?.len() as f64;
    if replicas > 0.0 {
        let days = DAYS_A_MONTH * replicas;
        sheet.fixed("replicas", Ok("container-registry/replica-day".to_owned()), Ok(days));
    }
    let more = sheet.expected(&STORAGE).map(|gib| (gib - included).max(0.0));
    sheet.estimated("storage", Ok("container-registry/storage-gb-month".to_owned()), more);
    Ok(())
}

/// What is kept beside the account, in its vault; copies that stay in the account are the account's.
fn blob_backup(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let policy = settings.referred("backup_policy_id");
    let policy = policy.ok_or("`backup_policy_id` does not refer to a policy of this stack")?;
    if policy.text("vault_default_retention_duration")?.is_none() {
        return Ok(());
    }
    let vault = settings.referred("vault_id").ok_or("`vault_id` does not refer to a vault of this stack")?;
    let price = match vault.needed_text("redundancy")?.as_str() {
        "GeoRedundant" => "azure-backup/grs-gb-month",
        "ZoneRedundant" => "azure-backup/zrs-gb-month",
        _ => "azure-backup/lrs-gb-month",
    };
    sheet.used("backups", price, &Use::each("backup_gib", "GiB backed up"));
    Ok(())
}

fn recovery_vault(_: Settings, sheet: &mut Sheet) -> Known<()> {
    let instances = Use::each("instances", "protected instances");
    sheet.used("protected instances", "azure-backup/instance-month", &instances);
    Ok(())
}
