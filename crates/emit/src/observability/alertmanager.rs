//! `observability/alertmanager/alertmanager.yml`: who is told about what, and how often.
//!
//! Pages of environments that people depend on go out at once and are repeated; everything else waits for
//! working hours in one mail. Mail leaves through the relay beside it, which holds whatever credentials the
//! outside asks for: none are here. It must not know the alerts.

use serde_json::{Value, json};

use super::promql::BY;
use super::stack::Stack;
use crate::Context;
use crate::alerts::Severity;

/// The configuration.
pub fn write(context: &Context<'_>, stack: &Stack) -> Value {
    let blueprint = context.blueprint;
    let quiet: Vec<&str> = blueprint
        .environments
        .values()
        .filter(|e| !e.critical)
        .map(|e| e.name.as_str())
        .chain([super::LOCAL])
        .collect();
    let page = format!("severity=\"{}\"", Severity::Page.word());
    let ticket = format!("severity=\"{}\"", Severity::Ticket.word());
    // Environments that nobody depends on never wake anybody.
    let watched = format!("deployment_environment_name!~\"{}\"", quiet.join("|"));
    let mut group = vec!["alertname"];
    group.extend(BY);
    let mut global = json!({ "resolve_timeout": "5m" });
    if let Some(owner) = &blueprint.owner {
        global["smtp_smarthost"] = stack.address("mail", 25).into();
        global["smtp_from"] = owner.clone().into();
        // The relay is in the same network; it speaks TLS to the outside.
        global["smtp_require_tls"] = false.into();
    }
    json!({
        "global": global,
        "route": {
            "receiver": "tickets",
            "group_by": group,
            "group_wait": "5m",
            "group_interval": "30m",
            "repeat_interval": "1d",
            "routes": [{
                "receiver": "pages",
                "matchers": [page, watched],
                "group_wait": "30s",
                "group_interval": "5m",
                "repeat_interval": "1h",
            }],
        },
        // Who is already called about a service needs no mail about it.
        "inhibit_rules": [{ "source_matchers": [page], "target_matchers": [ticket], "equal": BY }],
        "receivers": [receiver("pages", "PAGE", context), receiver("tickets", "ticket", context)],
    })
}

fn receiver(name: &str, word: &str, context: &Context<'_>) -> Value {
    let Some(owner) = &context.blueprint.owner else { return json!({ "name": name }) };
    let subject = format!(
        "[{word}] {} {{{{ .Status }}}}: {{{{ .CommonLabels.alertname }}}} {{{{ .CommonLabels.service_name }}}}",
        context.blueprint.name
    );
    json!({
        "name": name,
        "email_configs": [{ "to": owner, "send_resolved": true, "headers": { "Subject": subject } }],
    })
}
