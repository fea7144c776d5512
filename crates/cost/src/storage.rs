//! What keeps files: buckets, image repositories, file systems and backups.
//!
//! All of it is billed by what is stored, which no setting tells.

use crate::billing::{Billing, Kinds, priced};
use crate::read::{Known, Settings};
use crate::sheet::{Sheet, Use};

pub(crate) const KINDS: Kinds = &[
    ("aws_s3_bucket", priced(bucket)),
    ("aws_ecr_repository", priced(repository)),
    ("aws_efs_file_system", priced(file_system)),
    ("aws_backup_vault", priced(vault)),
    ("aws_backup_plan", Billing::Through("the vault it fills")),
    ("aws_backup_selection", Billing::Through("the vault it fills")),
    ("aws_backup_vault_policy", Billing::Free("policies are not charged")),
    ("aws_ecr_lifecycle_policy", Billing::Free("policies are not charged")),
    ("aws_ecr_repository_policy", Billing::Free("policies are not charged")),
    ("aws_efs_access_point", Billing::Through("its file system")),
    ("aws_efs_backup_policy", Billing::Through("the vault it fills")),
    ("aws_efs_mount_target", Billing::Through("its file system")),
    ("aws_s3_account_public_access_block", Billing::Free("settings are not charged")),
    ("aws_s3_bucket_acl", Billing::Through("its bucket")),
    ("aws_s3_bucket_cors_configuration", Billing::Through("its bucket")),
    ("aws_s3_bucket_lifecycle_configuration", Billing::Through("its bucket")),
    ("aws_s3_bucket_logging", Billing::Through("the bucket it writes to")),
    ("aws_s3_bucket_notification", Billing::Through("its bucket")),
    ("aws_s3_bucket_ownership_controls", Billing::Through("its bucket")),
    ("aws_s3_bucket_policy", Billing::Through("its bucket")),
    ("aws_s3_bucket_public_access_block", Billing::Through("its bucket")),
    ("aws_s3_bucket_server_side_encryption_configuration", Billing::Through("its bucket")),
    ("aws_s3_bucket_versioning", Billing::Through("its bucket")),
    ("aws_s3_bucket_website_configuration", Billing::Through("its bucket")),
];

const STORAGE: Use = Use::each("storage_gib", "GiB stored");

fn bucket(_: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.used("storage", "s3/standard-gb-month", &STORAGE);
    sheet.used("writes", "s3/put-1000", &Use::per("put_requests", "writes", 1e3));
    sheet.used("reads", "s3/get-1000", &Use::per("get_requests", "reads", 1e3));
    Ok(())
}

fn repository(_: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.used("storage", "ecr/gb-month", &STORAGE);
    Ok(())
}

fn file_system(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    if settings.has("availability_zone_name") {
        return Err("no prices of file systems in one zone are known".to_owned());
    }
    sheet.used("storage", "efs/standard-gb-month", &STORAGE);
    if settings.text("throughput_mode")?.as_deref() == Some("provisioned") {
        let throughput = settings.needed_number("provisioned_throughput_in_mibps");
        sheet.fixed("throughput", Ok("efs/provisioned-mibps-month".to_owned()), throughput);
    }
    Ok(())
}

/// What a vault may hold: quantity, item, price.
static HELD: &[(&str, &str, &str)] = &[
    ("rds_gib", "backups of databases", "backup/rds-gb-month"),
    ("aurora_gib", "backups of Aurora clusters", "aurora/backup-gb-month"),
    ("docdb_gib", "backups of document databases", "docdb/backup-gb-month"),
    ("s3_gib", "backups of buckets", "backup/s3-gb-month"),
    ("efs_gib", "backups of file systems", "backup/efs-gb-month"),
];

/// A vault says what it holds by what it has an expectation of.
fn vault(_: Settings, sheet: &mut Sheet) -> Known<()> {
    for (key, item, price) in HELD.iter().copied() {
        if sheet.expects(key) {
            sheet.used(item, price, &Use::each(key, item));
        }
    }
    if !sheet.touched() {
        sheet.unpriced("depends on use: the number of GiB backed up a month is not known");
    }
    Ok(())
}
