//! What keeps the rest running: secrets, keys, logs, alerts, permissions.

use crate::billing::{Billing, Kinds, priced};
use crate::read::{Known, Settings};
use crate::sheet::{Sheet, Use};

pub(crate) const KINDS: Kinds = &[
    ("google_secret_manager_secret", priced(secret)),
    ("google_secret_manager_secret_version", Billing::Through("its secret")),
    ("google_secret_manager_secret_iam_member", Billing::Free("permissions are not charged")),
    ("google_kms_key_ring", Billing::Free("rings of keys are not charged")),
    ("google_kms_crypto_key", priced(key)),
    ("google_kms_crypto_key_iam_member", Billing::Free("permissions are not charged")),
    ("google_logging_project_bucket_config", priced(log_bucket)),
    ("google_logging_project_sink", Billing::Through("where it leads")),
    ("google_logging_metric", priced(log_metric)),
    ("google_monitoring_alert_policy", priced(alert)),
    ("google_monitoring_notification_channel", Billing::Free("channels are not charged")),
    ("google_monitoring_dashboard", Billing::Free("dashboards are not charged")),
    ("google_monitoring_uptime_check_config", priced(uptime)),
    ("google_monitoring_custom_service", Billing::Free("objectives are not charged")),
    ("google_monitoring_slo", Billing::Free("objectives are not charged")),
    ("google_billing_budget", Billing::Free("budgets are not charged")),
    ("google_project_service", Billing::Free("enabling an API is not charged")),
    ("google_service_account", Billing::Free("identities are not charged")),
    ("google_service_account_iam_member", Billing::Free("permissions are not charged")),
    ("google_project_iam_member", Billing::Free("permissions are not charged")),
    ("google_project_iam_custom_role", Billing::Free("permissions are not charged")),
    ("google_iam_workload_identity_pool", Billing::Free("identities are not charged")),
    ("google_iam_workload_identity_pool_provider", Billing::Free("identities are not charged")),
];

/// A version in each place that keeps copies. Versions are made by hand and by rotation; one is enabled at a time.
fn secret(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let places = match settings.block("replication")?.map(|r| r.block("user_managed")).transpose()?.flatten()
    {
        Some(managed) => managed.blocks("replicas").map(|r| r.len() as f64),
        None => Ok(1.0),
    };
    sheet.fixed("version", Ok("secret-manager/version-month".to_owned()), places);
    sheet.used("reads", "secret-manager/access-10000", &Use::per("requests", "reads", 1e4));
    Ok(())
}

/// Rotation keeps every version, so there is one more each period; the first is all that is certain.
fn key(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let hardware = match settings.block("version_template")? {
        Some(template) => template.text("protection_level")?.as_deref() == Some("HSM"),
        None => false,
    };
    let id = if hardware { "cloud-kms/hsm-version-month" } else { "cloud-kms/version-month" };
    sheet.fixed("key version", Ok(id.to_owned()), Ok(1.0));
    sheet.used("requests", "cloud-kms/operation-10000", &Use::per("requests", "requests", 1e4));
    Ok(())
}

/// Writing is paid once with the first 30 days; what is kept longer is paid by the month.
fn log_bucket(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    /// Days that cost nothing beyond writing.
    const FREE_DAYS: f64 = 30.0;
    sheet.used("logs written", "cloud-logging/ingest-gib", &Use::each("ingest_gib", "GiB of logs written"));
    if settings.number("retention_days")?.is_some_and(|days| days > FREE_DAYS) {
        let kept = Use::each("storage_gib", "GiB of logs kept beyond 30 days");
        sheet.used("logs kept", "cloud-logging/retention-gib-month", &kept);
    }
    Ok(())
}

fn log_metric(_: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.used("samples", "cloud-monitoring/mib", &Use::each("mib", "MiB of samples"));
    Ok(())
}

fn alert(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let conditions = settings.blocks("conditions").map(|c| c.len() as f64);
    sheet.fixed("conditions", Ok("cloud-monitoring/alert-condition-month".to_owned()), conditions);
    if sheet.expects("series") {
        let read = Use::per("series", "time series that conditions read", 1e6);
        sheet.used("series read", "cloud-monitoring/time-series-read-million", &read);
    }
    Ok(())
}

/// Checks run from every chosen part of the world, six when none are chosen.
fn uptime(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    /// Parts of the world that checks start from by default.
    const REGIONS: f64 = 6.0;
    let period = settings.text("period")?.unwrap_or_else(|| "300s".to_owned());
    let seconds: f64 = period
        .strip_suffix('s')
        .and_then(|s| s.parse().ok())
        .filter(|s| *s > 0.0)
        .ok_or_else(|| format!("`{period}` is no period"))?;
    let regions = settings.count("selected_regions").map(|n| n.unwrap_or(REGIONS));
    let runs = regions.map(|n| n * ir::units::SECONDS_A_MONTH / seconds / 1000.0);
    sheet.fixed("checks", Ok("cloud-monitoring/uptime-1000".to_owned()), runs);
    Ok(())
}
