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
    ("aws_cloudtrail", priced(trail)),
    ("aws_config_configuration_recorder", priced(recorder)),
    ("aws_cognito_user_pool", priced(user_pool)),
    ("aws_guardduty_detector", priced(detector)),
    ("aws_securityhub_account", priced(security_hub)),
    ("aws_budgets_budget", Billing::Free("budgets that only tell are not charged")),
    ("aws_cloudwatch_log_resource_policy", Billing::Free("policies are not charged")),
    ("aws_prometheus_alert_manager_definition", Billing::Through("its workspace")),
    ("aws_prometheus_rule_group_namespace", Billing::Through("the samples that its workspace reads")),
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
    ("aws_cognito_user_pool_client", Billing::Through("its user pool")),
    ("aws_cognito_user_pool_domain", Billing::Through("its user pool")),
    ("aws_iam_access_key", Billing::Free("permissions are not charged")),
    ("aws_iam_account_password_policy", Billing::Free("permissions are not charged")),
    ("aws_iam_group", Billing::Free("permissions are not charged")),
    ("aws_iam_group_policy", Billing::Free("permissions are not charged")),
    ("aws_iam_instance_profile", Billing::Free("permissions are not charged")),
    ("aws_iam_policy_attachment", Billing::Free("permissions are not charged")),
    ("aws_iam_user", Billing::Free("permissions are not charged")),
    ("aws_iam_user_policy", Billing::Free("permissions are not charged")),
    ("aws_iam_user_policy_attachment", Billing::Free("permissions are not charged")),
];

/// The first copy of management events is free, and what else is recorded is paid for by the event.
fn trail(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    if settings.has("event_selector") || settings.has("advanced_event_selector") {
        let events = Use::per("data_events", "data events", 1e5);
        sheet.used("data events", "cloudtrail/data-event-100000", &events);
    }
    if settings.has("insight_selector") {
        let events = Use::per("insight_events", "events that are analysed", 1e5);
        sheet.used("insights", "cloudtrail/insight-event-100000", &events);
    }
    Ok(())
}

fn recorder(_: Settings, sheet: &mut Sheet) -> Known<()> {
    let items = Use::each("configuration_items", "configuration items recorded");
    sheet.used("configuration items", "config/item", &items);
    Ok(())
}

fn user_pool(_: Settings, sheet: &mut Sheet) -> Known<()> {
    let users = Use::each("active_users", "active users");
    sheet.used("active users", "cognito/user-month", &users);
    Ok(())
}

fn detector(settings: Settings, _: &mut Sheet) -> Known<()> {
    let on = settings.get("enable").is_none_or(|enable| enable.as_bool() != Some(false));
    if on { Err("no prices of GuardDuty are known".to_owned()) } else { Ok(()) }
}

fn security_hub(_: Settings, _: &mut Sheet) -> Known<()> {
    Err("no prices of Security Hub are known".to_owned())
}

/// A replica in another region is a secret of its own.
fn secret(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let copies = settings.count("replica").map(|n| 1.0 + n.unwrap_or(0.0));
    sheet.fixed("secret", Ok("secretsmanager/secret-month".to_owned()), copies);
    sheet.used("requests", "secretsmanager/request-10000", &Use::per("requests", "requests", 1e4));
    Ok(())
}

fn key(_: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.fixed("key", Ok("kms/key-month".to_owned()), Ok(1.0));
    sheet.used("requests", "kms/request-10000", &Use::per("requests", "requests", 1e4));
    Ok(())
}

/// Standard parameters are free. Which tier `Intelligent-Tiering` picks depends on the value.
fn parameter(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    match settings.text("tier")?.as_deref() {
        None | Some("Standard") => {}
        Some("Advanced") => {
            sheet.fixed("parameter", Ok("ssm/advanced-parameter-month".to_owned()), Ok(1.0));
        }
        Some(tier) => return Err(format!("whether tier {tier} costs depends on the value")),
    }
    Ok(())
}

fn log_group(_: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.used("logs written", "cloudwatch/logs-ingest-gb", &Use::each("ingest_gib", "GiB of logs written"));
    sheet.used(
        "logs kept",
        "cloudwatch/logs-storage-gb-month",
        &Use::each("storage_gib", "GiB of logs kept"),
    );
    Ok(())
}

/// Every filter writes a metric of one's own.
fn metric_filter(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    if settings.blocks("metric_transformation")?.iter().any(|t| t.has("dimensions")) {
        return Err("how many metrics its dimensions make depends on the logs".to_owned());
    }
    sheet.fixed("metric", Ok("cloudwatch/metric-month".to_owned()), Ok(1.0));
    Ok(())
}

/// An alarm is billed by the metrics it watches; a band of normal values counts as two more.
fn alarm(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let mut watched: f64 = 0.0;
    let mut finest = settings.number("period")?.unwrap_or(60.0);
    for query in settings.blocks("metric_query")? {
        if let Some(metric) = query.block("metric")? {
            watched += 1.0;
            finest = finest.min(metric.number("period")?.unwrap_or(60.0));
        }
    }
    let band = if settings.has("threshold_metric_id") { 2.0 } else { 0.0 };
    // Below a minute an alarm is of high resolution.
    let id = if finest < 60.0 { "cloudwatch/alarm-high-resolution-month" } else { "cloudwatch/alarm-month" };
    sheet.fixed("metrics watched", Ok(id.to_owned()), Ok(watched.max(1.0) + band));
    Ok(())
}

fn composite_alarm(_: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.fixed("composite alarm", Ok("cloudwatch/composite-alarm-month".to_owned()), Ok(1.0));
    Ok(())
}

fn dashboard(_: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.fixed("dashboard", Ok("cloudwatch/dashboard-month".to_owned()), Ok(1.0));
    Ok(())
}

fn prometheus(_: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.used("samples", "prometheus/sample-10-million", &Use::per("samples", "samples", 1e7));
    sheet.used("samples read", "prometheus/read-billion", &Use::per("reads", "samples read", 1e9));
    sheet.used("samples kept", "prometheus/gb-month", &Use::each("gib", "GiB of samples kept"));
    Ok(())
}
