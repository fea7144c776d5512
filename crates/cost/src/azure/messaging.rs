//! What carries messages: Service Bus, Event Hubs, Event Grid.
//!
//! A namespace of the premium tier is billed by its units, of the standard tier by the operations on what is in it.

use crate::billing::{Billing, Kinds, priced};
use crate::read::{Known, Settings};
use crate::sheet::{Sheet, Use};

pub(crate) const KINDS: Kinds = &[
    ("azurerm_servicebus_namespace", priced(namespace)),
    ("azurerm_servicebus_queue", priced(queue)),
    ("azurerm_servicebus_topic", priced(queue)),
    ("azurerm_servicebus_subscription", Billing::Through("the topic it reads")),
    ("azurerm_eventhub_namespace", priced(event_hubs)),
    ("azurerm_eventhub", Billing::Through("its namespace")),
    ("azurerm_eventgrid_topic", priced(grid)),
    ("azurerm_eventgrid_system_topic", priced(grid)),
    ("azurerm_eventgrid_event_subscription", Billing::Through("the topic it reads")),
    ("azurerm_signalr_service", priced(signalr)),
];

const OPERATIONS: Use = Use::per("requests", "operations", 1e6);

fn namespace(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    match settings.needed_text("sku")?.as_str() {
        "Basic" => {}
        "Standard" => sheet.hourly("namespace", Ok("service-bus/standard-base-hour".to_owned()), Ok(1.0)),
        _ => {
            let units = settings.number("capacity").map(|n| n.unwrap_or(1.0));
            sheet.hourly("messaging units", Ok("service-bus/premium-unit-hour".to_owned()), units);
        }
    }
    Ok(())
}

fn queue(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let namespace = settings.referred("namespace_id");
    let namespace = namespace.ok_or("`namespace_id` does not refer to a namespace of this stack")?;
    match namespace.needed_text("sku")?.as_str() {
        "Basic" => sheet.used("operations", "service-bus/basic-operation-million", &OPERATIONS),
        "Standard" => sheet.used("operations", "service-bus/standard-operation-million", &OPERATIONS),
        _ => {}
    }
    Ok(())
}

fn event_hubs(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let tier = settings.needed_text("sku")?.to_ascii_lowercase();
    let units = settings.number("capacity").map(|n| n.unwrap_or(1.0));
    sheet.hourly("units", Ok(format!("event-hubs/{tier}-unit-hour")), units);
    if tier != "premium" {
        sheet.used("events", "event-hubs/event-million", &Use::per("events", "events", 1e6));
    }
    Ok(())
}

fn grid(_: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.used("operations", "event-grid/operation-million", &OPERATIONS);
    Ok(())
}

fn signalr(_: Settings, _: &mut Sheet) -> Known<()> {
    Err("no prices of SignalR are known".to_owned())
}
