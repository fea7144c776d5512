//! Buckets, image repositories, file systems and disks.

use crate::billing::{Billing, Kinds, priced};
use crate::read::{Known, Settings};
use crate::sheet::{Sheet, Use};

pub(crate) const KINDS: Kinds = &[
    ("google_storage_bucket", priced(bucket)),
    ("google_storage_bucket_iam_member", Billing::Free("permissions are not charged")),
    ("google_artifact_registry_repository", priced(images)),
    ("google_artifact_registry_repository_iam_member", Billing::Free("permissions are not charged")),
    ("google_filestore_instance", priced(files)),
    ("google_compute_disk", priced(disk)),
];

/// Places that are not one region.
const MULTI_REGIONS: &[&str] = &["US", "EU", "ASIA"];

fn bucket(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let class = settings.text("storage_class")?.unwrap_or_else(|| "STANDARD".to_owned()).to_lowercase();
    let location = settings.text("location").unwrap_or_default().unwrap_or_default().to_uppercase();
    let many = MULTI_REGIONS.contains(&location.as_str());
    let id = match (many, class.as_str()) {
        (true, "standard") => "cloud-storage/multi-region-gb-month".to_owned(),
        (true, other) => return Err(format!("no price of the class {other} in {location} is known")),
        (false, class) => format!("cloud-storage/{class}-gb-month"),
    };
    sheet.used("storage", &id, &Use::each("storage_gib", "GiB stored"));
    sheet.used(
        "writes",
        &format!("cloud-storage/{class}-write-1000"),
        &Use::per("put_requests", "writes", 1e3),
    );
    sheet.used("reads", &format!("cloud-storage/{class}-read-1000"), &Use::per("get_requests", "reads", 1e3));
    Ok(())
}

fn images(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.used("storage", "artifact-registry/gb-month", &Use::each("storage_gib", "GiB stored"));
    let scanned = match settings.block("vulnerability_scanning_config")? {
        Some(config) => config.text("enablement_config")?.as_deref() == Some("INHERITED"),
        None => false,
    };
    if scanned && sheet.expects("images") {
        sheet.used("scans", "artifact-registry/scan", &Use::each("images", "images pushed"));
    }
    Ok(())
}

fn files(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let id = match settings.needed_text("tier")?.as_str() {
        "STANDARD" | "BASIC_HDD" => "filestore/basic-hdd-gib-month",
        "PREMIUM" | "BASIC_SSD" => "filestore/basic-ssd-gib-month",
        "ZONAL" | "HIGH_SCALE_SSD" => "filestore/zonal-gib-month",
        "REGIONAL" | "ENTERPRISE" => "filestore/regional-gib-month",
        other => return Err(format!("no price of the tier {other} is known")),
    };
    let share = settings.needed_block("file_shares")?;
    sheet.fixed("storage", Ok(id.to_owned()), share.needed_number("capacity_gb"));
    Ok(())
}

fn disk(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let id =
        settings.text("type").map(|t| format!("persistent-disk/{}", t.as_deref().unwrap_or("pd-standard")));
    sheet.fixed("disk", id, settings.needed_number("size"));
    Ok(())
}
