//! `observability/alertmanager/alertmanager.yml`: who is told about what, and how often.
//!
//! Pages of environments that people depend on go out at once and are repeated; everything else waits for
//! working hours in one mail. Mail leaves through the relay beside it, which holds whatever credentials the
//! outside asks for: none are here. It must not know the alerts.

use design::telemetry::{Notice, PAGES, TICKETS};
use serde_json::{Value, json};

use super::promql::BY;
use super::stack::Stack;
use crate::Context;

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
    let (page, ticket) = (PAGES.matcher(), TICKETS.matcher());
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
            "receiver": TICKETS.receiver,
            "group_by": group,
            "group_wait": TICKETS.group_wait,
            "group_interval": TICKETS.group_interval,
            "repeat_interval": TICKETS.repeat_interval,
            "routes": [{
                "receiver": PAGES.receiver,
                "matchers": [page, watched],
                "group_wait": PAGES.group_wait,
                "group_interval": PAGES.group_interval,
                "repeat_interval": PAGES.repeat_interval,
            }],
        },
        // Who is already called about a service needs no mail about it.
        "inhibit_rules": [{ "source_matchers": [page], "target_matchers": [ticket], "equal": BY }],
        "receivers": [receiver(&PAGES, context), receiver(&TICKETS, context)],
    })
}

fn receiver(notice: &Notice, context: &Context<'_>) -> Value {
    let name = notice.receiver;
    let Some(owner) = &context.blueprint.owner else { return json!({ "name": name }) };
    let subject = notice.subject(&context.blueprint.name);
    json!({
        "name": name,
        "email_configs": [{ "to": owner, "send_resolved": true, "headers": { "Subject": subject } }],
    })
}
