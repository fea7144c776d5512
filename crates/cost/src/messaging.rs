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

fn queue(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let fifo = settings.flag("fifo_queue")?;
    let id = if fifo { "sqs/fifo-request-million" } else { "sqs/request-million" };
    sheet.used("requests", id, &REQUESTS);
    Ok(())
}

fn topic(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    if settings.flag("fifo_topic")? {
        return Err("no prices of FIFO topics are known".to_owned());
    }
    sheet.used("requests", "sns/request-million", &REQUESTS);
    Ok(())
}

fn broker(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let engine = settings.needed_text("engine_type")?.to_ascii_lowercase();
    let class = settings.needed_text("host_instance_type");
    sheet.hourly("broker", class.map(|class| format!("mq-{engine}/{class}")), brokers(settings));
    // ActiveMQ keeps its messages on a shared file system unless told otherwise; RabbitMQ never does.
    let shared = engine == "activemq" && settings.text("storage_type")?.as_deref() != Some("ebs");
    let id = if shared { "mq/efs-gb-month" } else { "mq/storage-gb-month" };
    sheet.used("storage", id, &Use::each("storage_gib", "GiB stored, all brokers together"));
    Ok(())
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

fn kafka(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let brokers = settings.needed_number("number_of_broker_nodes")?;
    let group = settings.needed_block("broker_node_group_info")?;
    let class = group.needed_text("instance_type");
    sheet.hourly("brokers", class.map(|c| format!("msk/{c}")), Ok(brokers));
    let volume = group.needed_block("storage_info")?.needed_block("ebs_storage_info")?;
    let gib = volume.needed_number("volume_size").map(|gib| gib * brokers);
    sheet.fixed("storage", Ok("msk/storage-gb-month".to_owned()), gib);
    Ok(())
}

fn kafka_serverless(_: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.hourly("cluster", Ok("msk/serverless-cluster-hour".to_owned()), Ok(1.0));
    sheet.unpriced("no prices of partitions and traffic are known");
    Ok(())
}

/// Schedules and the cloud's own events are free; one's own events, on a bus of one's own, are not.
fn rule(_: Settings, sheet: &mut Sheet) -> Known<()> {
    if sheet.expects("events") {
        let events = Use::per("events", "events", 1e6);
        sheet.used("events", "scheduler/custom-event-million", &events);
    }
    Ok(())
}
