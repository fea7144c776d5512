//! What carries messages: queues, topics, events and brokers.
//!
//! Queues and topics are billed by request; brokers by the hour, like databases.

use crate::billing::{Billing, Kinds, priced};
use crate::read::{Known, Settings};
use crate::sheet::{Sheet, Use};

pub(crate) const KINDS: Kinds = &[
    ("aws_sqs_queue", priced(queue)),
    ("aws_sns_topic", priced(topic)),
    ("aws_mq_broker", priced(broker)),
    ("aws_msk_cluster", priced(kafka)),
    ("aws_msk_serverless_cluster", priced(kafka_serverless)),
    ("aws_cloudwatch_event_rule", priced(rule)),
    ("aws_mq_configuration", Billing::Free("settings are not charged")),
    ("aws_msk_configuration", Billing::Free("settings are not charged")),
    ("aws_sns_topic_policy", Billing::Free("policies are not charged")),
    ("aws_sns_topic_subscription", Billing::Through("its topic and its endpoint")),
    ("aws_sqs_queue_policy", Billing::Free("policies are not charged")),
    ("aws_sqs_queue_redrive_allow_policy", Billing::Free("policies are not charged")),
];

const REQUESTS: Use = Use::per("requests", "requests", 1e6);

fn queue(settings: Settings, sheet: &mut Sheet) {
    match settings.flag("fifo_queue") {
        Ok(true) => sheet.used("requests", "sqs/fifo-request-million", &REQUESTS),
        Ok(false) => sheet.used("requests", "sqs/request-million", &REQUESTS),
        Err(because) => sheet.unpriced(because),
    }
}

fn topic(settings: Settings, sheet: &mut Sheet) {
    match settings.flag("fifo_topic") {
        Ok(true) => sheet.unpriced("no prices of FIFO topics are known"),
        Ok(false) => sheet.used("requests", "sns/request-million", &REQUESTS),
        Err(because) => sheet.unpriced(because),
    }
}

fn broker(settings: Settings, sheet: &mut Sheet) {
    let engine = settings.needed_text("engine_type").map(|e| e.to_ascii_lowercase());
    let id = match (&engine, settings.needed_text("host_instance_type")) {
        (Ok(engine), Ok(class)) => Ok(format!("mq-{engine}/{class}")),
        (Err(because), _) => Err(because.clone()),
        (_, Err(because)) => Err(because),
    };
    sheet.hourly("broker", id, brokers(settings));
    // ActiveMQ keeps its messages on a shared file system unless told otherwise; RabbitMQ never does.
    let shared = match (engine.as_deref(), settings.text("storage_type")) {
        (Ok("activemq"), Ok(kind)) => kind.as_deref() != Some("ebs"),
        _ => false,
    };
    let id = if shared { "mq/efs-gb-month" } else { "mq/storage-gb-month" };
    sheet.used("storage", id, &Use::each("storage_gib", "GiB stored, all brokers together"));
}

/// Brokers of a deployment.
fn brokers(settings: Settings) -> Known<f64> {
    match settings.text("deployment_mode")?.as_deref() {
        None | Some("SINGLE_INSTANCE") => Ok(1.0),
        Some("ACTIVE_STANDBY_MULTI_AZ") => Ok(2.0),
        Some("CLUSTER_MULTI_AZ") => Ok(3.0),
        Some(other) => Err(format!("how many brokers {other} has is not known")),
    }
}

fn kafka(settings: Settings, sheet: &mut Sheet) {
    let brokers = settings.needed_number("number_of_broker_nodes");
    let Some(group) = settings.block("broker_node_group_info") else {
        return sheet.unpriced("`broker_node_group_info` is not set");
    };
    let class = group.needed_text("instance_type");
    sheet.hourly("brokers", class.map(|c| format!("msk/{c}")), brokers.clone());
    let volume = group.block("storage_info").and_then(|s| s.block("ebs_storage_info"));
    let each = match volume {
        Some(volume) => volume.needed_number("volume_size"),
        None => Err("`volume_size` is not set".to_owned()),
    };
    let gib = match (each, brokers) {
        (Ok(each), Ok(brokers)) => Ok(each * brokers),
        (Err(because), _) | (_, Err(because)) => Err(because),
    };
    sheet.fixed("storage", Ok("msk/storage-gb-month".to_owned()), gib);
}

fn kafka_serverless(_: Settings, sheet: &mut Sheet) {
    sheet.hourly("cluster", Ok("msk/serverless-cluster-hour".to_owned()), Ok(1.0));
    sheet.unpriced("no prices of partitions and traffic are known");
}

/// Schedules and the cloud's own events are free; one's own events, on a bus of one's own, are not.
fn rule(_: Settings, sheet: &mut Sheet) {
    if sheet.expects("events") {
        let events = Use::per("events", "events", 1e6);
        sheet.used("events", "scheduler/custom-event-million", &events);
    }
}
