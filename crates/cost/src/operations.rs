//! What keeps the rest running: secrets, keys, logs, alarms, permissions.

use crate::billing::{Billing, Kinds, priced};
use crate::read::{Known, Settings};
use crate::sheet::{Sheet, Use};

pub(crate) const KINDS: Kinds = &[
    ("aws_secretsmanager_secret", priced(secret)),
    ("aws_kms_key", priced(key)),
    ("aws_ssm_parameter", priced(parameter)),
    ("aws_cloudwatch_log_group", priced(log_group)),
    ("aws_cloudwatch_log_metric_filter", priced(metric_filter)),
    ("aws_cloudwatch_metric_alarm", priced(alarm)),
    ("aws_cloudwatch_composite_alarm", priced(composite_alarm)),
    ("aws_cloudwatch_dashboard", priced(dashboard)),
    ("aws_prometheus_workspace", priced(prometheus)),
    ("aws_budgets_budget", Billing::Free("budgets that only tell are not charged")),
    ("aws_cloudwatch_log_resource_policy", Billing::Free("policies are not charged")),
    ("aws_iam_openid_connect_provider", Billing::Free("permissions are not charged")),
    ("aws_iam_policy", Billing::Free("permissions are not charged")),
    ("aws_iam_role", Billing::Free("permissions are not charged")),
    ("aws_iam_role_policy", Billing::Free("permissions are not charged")),
    ("aws_iam_role_policy_attachment", Billing::Free("permissions are not charged")),
    ("aws_kms_alias", Billing::Through("its key")),
    ("aws_kms_key_policy", Billing::Through("its key")),
    ("aws_secretsmanager_secret_policy", Billing::Free("policies are not charged")),
    ("aws_secretsmanager_secret_rotation", Billing::Through("the function that rotates")),
    ("aws_secretsmanager_secret_version", Billing::Through("its secret")),
];

/// A replica in another region is a secret of its own.
fn secret(settings: Settings, sheet: &mut Sheet) {
    let copies = 1.0 + settings.blocks("replica").len() as f64;
    sheet.fixed("secret", Ok("secretsmanager/secret-month".to_owned()), Ok(copies));
    sheet.used("requests", "secretsmanager/request-10000", &Use::per("requests", "requests", 1e4));
}

fn key(_: Settings, sheet: &mut Sheet) {
    sheet.fixed("key", Ok("kms/key-month".to_owned()), Ok(1.0));
    sheet.used("requests", "kms/request-10000", &Use::per("requests", "requests", 1e4));
}

/// Standard parameters are free. Which tier `Intelligent-Tiering` picks depends on the value.
fn parameter(settings: Settings, sheet: &mut Sheet) {
    match settings.text("tier").as_ref().map(Option::as_deref) {
        Ok(None | Some("Standard")) => {}
        Ok(Some("Advanced")) => {
            sheet.fixed("parameter", Ok("ssm/advanced-parameter-month".to_owned()), Ok(1.0));
        }
        Ok(Some(tier)) => sheet.unpriced(format!("whether tier {tier} costs depends on the value")),
        Err(because) => sheet.unpriced(because.clone()),
    }
}

fn log_group(_: Settings, sheet: &mut Sheet) {
    sheet.used("logs written", "cloudwatch/logs-ingest-gb", &Use::each("ingest_gib", "GiB of logs written"));
    sheet.used(
        "logs kept",
        "cloudwatch/logs-storage-gb-month",
        &Use::each("storage_gib", "GiB of logs kept"),
    );
}

/// Every filter writes a metric of one's own.
fn metric_filter(settings: Settings, sheet: &mut Sheet) {
    if settings.blocks("metric_transformation").any(|t| t.has("dimensions")) {
        return sheet.unpriced("how many metrics its dimensions make depends on the logs");
    }
    sheet.fixed("metric", Ok("cloudwatch/metric-month".to_owned()), Ok(1.0));
}

/// An alarm is billed by the metrics it watches; a band of normal values counts as two more.
fn alarm(settings: Settings, sheet: &mut Sheet) {
    let metrics = settings.blocks("metric_query").filter(|q| q.block("metric").is_some()).count();
    let band = settings.has("threshold_metric_id");
    let watched = metrics.max(1) as f64 + if band { 2.0 } else { 0.0 };
    let id = finest_period(settings).map(|seconds| {
        // Below a minute an alarm is of high resolution.
        if seconds < 60.0 { "cloudwatch/alarm-high-resolution-month" } else { "cloudwatch/alarm-month" }
    });
    sheet.fixed("metrics watched", id.map(str::to_owned), Ok(watched));
}

/// The shortest period of an alarm, in seconds; a minute when none is set.
fn finest_period(settings: Settings) -> Known<f64> {
    let mut finest = settings.number("period")?.unwrap_or(60.0);
    for query in settings.blocks("metric_query") {
        if let Some(metric) = query.block("metric") {
            finest = finest.min(metric.number("period")?.unwrap_or(60.0));
        }
    }
    Ok(finest)
}

fn composite_alarm(_: Settings, sheet: &mut Sheet) {
    sheet.fixed("composite alarm", Ok("cloudwatch/composite-alarm-month".to_owned()), Ok(1.0));
}

fn dashboard(_: Settings, sheet: &mut Sheet) {
    sheet.fixed("dashboard", Ok("cloudwatch/dashboard-month".to_owned()), Ok(1.0));
}

fn prometheus(_: Settings, sheet: &mut Sheet) {
    sheet.used("samples", "prometheus/sample-10-million", &Use::per("samples", "samples", 1e7));
}
