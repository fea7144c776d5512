//! What watches, guards and names: logs, alerts, vaults, identities, budgets.

use crate::billing::{Billing, Kinds, priced};
use crate::read::{Known, Settings};
use crate::sheet::{Sheet, Use};

pub(crate) const KINDS: Kinds = &[
    ("azurerm_resource_group", Billing::Free("groups are not charged")),
    ("azurerm_management_lock", Billing::Free("locks are not charged")),
    ("azurerm_user_assigned_identity", Billing::Free("identities are not charged")),
    ("azurerm_federated_identity_credential", Billing::Free("identities are not charged")),
    ("azurerm_role_assignment", Billing::Free("rights are not charged")),
    ("azurerm_role_definition", Billing::Free("rights are not charged")),
    ("azurerm_consumption_budget_resource_group", Billing::Free("budgets are not charged")),
    ("azurerm_consumption_budget_subscription", Billing::Free("budgets are not charged")),
    ("azurerm_portal_dashboard", Billing::Free("dashboards are not charged")),
    ("azurerm_monitor_autoscale_setting", Billing::Free("scaling is not charged")),
    ("azurerm_monitor_action_group", priced(action_group)),
    ("azurerm_monitor_metric_alert", priced(metric_alert)),
    ("azurerm_monitor_scheduled_query_rules_alert_v2", priced(log_alert)),
    ("azurerm_monitor_diagnostic_setting", priced(diagnostics)),
    ("azurerm_log_analytics_workspace", priced(workspace)),
    ("azurerm_application_insights", priced(insights)),
    ("azurerm_key_vault", priced(vault)),
    ("azurerm_key_vault_key", priced(key)),
    ("azurerm_key_vault_secret", Billing::Through("its vault")),
    ("azurerm_app_configuration", priced(app_configuration)),
];

fn workspace(_: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.used("logs written", "monitor/logs-ingest-gb", &Use::each("ingest_gib", "GiB of logs written"));
    let kept = Use::each("storage_gib", "GiB of logs kept beyond the days that are free");
    sheet.used("logs kept", "monitor/logs-retention-gb-month", &kept);
    Ok(())
}

/// What is measured is kept in a workspace, which is billed for it.
fn insights(settings: Settings, _: &mut Sheet) -> Known<()> {
    workspace_of(settings, "workspace_id")
}

/// Into a workspace it costs nothing itself; elsewhere what is sent is billed.
fn diagnostics(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    if settings.has("storage_account_id") || settings.has("eventhub_name") {
        sheet.used("logs sent", "monitor/platform-logs-gb", &Use::each("ingest_gib", "GiB of logs written"));
        return Ok(());
    }
    workspace_of(settings, "log_analytics_workspace_id")
}

/// That there is a workspace, of this stack or named.
fn workspace_of(settings: Settings, name: &str) -> Known<()> {
    if settings.target(name).is_some() {
        return Ok(());
    }
    settings.needed_text(name).map(|_| ())
}

/// A series for every resource and measure that are watched.
fn metric_alert(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let scopes = settings.count("scopes")?.unwrap_or(1.0);
    let mut measures = settings.blocks("criteria")?.len();
    measures += settings.blocks("dynamic_criteria")?.len();
    let series = scopes * (measures as f64).max(1.0);
    sheet.fixed("metrics watched", Ok("monitor/metric-alert-series-month".to_owned()), Ok(series));
    Ok(())
}

fn log_alert(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let every = settings.needed_text("evaluation_frequency")?;
    let minutes = match every.as_str() {
        "PT1M" => 1,
        "PT5M" => 5,
        "PT10M" => 10,
        "PT15M" | "PT30M" | "PT45M" | "PT1H" | "PT2H" | "PT3H" | "PT4H" | "PT5H" | "PT6H" | "P1D" => 15,
        other => return Err(format!("`evaluation_frequency` is `{other}`")),
    };
    sheet.fixed("rule", Ok(format!("monitor/log-alert-{minutes}m-month")), Ok(1.0));
    Ok(())
}

/// Mail is all that is sent by default, and the first thousand a month are free.
fn action_group(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    if !settings.blocks("sms_receiver")?.is_empty() {
        sheet.used("text messages", "monitor/sms", &Use::each("messages", "text messages"));
    }
    for receiver in ["voice_receiver", "itsm_receiver"] {
        if !settings.blocks(receiver)?.is_empty() {
            sheet.unpriced(format!("no price of `{receiver}` is known"));
        }
    }
    Ok(())
}

fn vault(_: Settings, sheet: &mut Sheet) -> Known<()> {
    let requests = Use::per("requests", "operations", 1e4);
    sheet.used("operations", "key-vault/operation-10000", &requests);
    Ok(())
}

fn key(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    if settings.needed_text("key_type")?.ends_with("-HSM") {
        sheet.fixed("key", Ok("key-vault/hsm-key-month".to_owned()), Ok(1.0));
    }
    Ok(())
}

fn app_configuration(settings: Settings, _: &mut Sheet) -> Known<()> {
    match settings.text("sku")?.as_deref() {
        None | Some("free") => Ok(()),
        Some(tier) => Err(format!("no price of configuration stores of the tier {tier} is known")),
    }
}
