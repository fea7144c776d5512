//! Topics, subscriptions, queues, schedules and brokers.
//!
//! Pub/Sub is paid by what goes in and again by what comes out of each subscription.

use crate::billing::{Billing, Kinds, priced};
use crate::read::{Known, Settings};
use crate::sheet::{Sheet, Use};

pub(crate) const KINDS: Kinds = &[
    ("google_pubsub_topic", priced(topic)),
    ("google_pubsub_subscription", priced(subscription)),
    ("google_pubsub_topic_iam_member", Billing::Free("permissions are not charged")),
    ("google_pubsub_subscription_iam_member", Billing::Free("permissions are not charged")),
    ("google_cloud_tasks_queue", priced(tasks)),
    ("google_cloud_scheduler_job", priced(schedule)),
    ("google_eventarc_trigger", priced(trigger)),
    ("google_managed_kafka_cluster", priced(kafka)),
    ("google_managed_kafka_topic", Billing::Through("its cluster")),
];

const GIB_A_TIB: f64 = 1024.0;

fn topic(_: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.used("published", "pubsub/tib", &Use::per("gib", "GiB published", GIB_A_TIB));
    Ok(())
}

fn subscription(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.used("delivered", "pubsub/tib", &Use::per("gib", "GiB delivered", GIB_A_TIB));
    if settings.flag("retain_acked_messages")? {
        sheet.used("kept", "pubsub/retained-gib-month", &Use::each("kept_gib", "GiB of messages kept"));
    }
    Ok(())
}

fn tasks(_: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.used("operations", "cloud-tasks/operation-million", &Use::per("requests", "operations", 1e6));
    Ok(())
}

fn schedule(_: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.fixed("job", Ok("cloud-scheduler/job-month".to_owned()), Ok(1.0));
    Ok(())
}

/// Events of Google's own services are free.
fn trigger(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    if settings.has("channel") {
        sheet.used("events", "eventarc/event-million", &Use::per("events", "events", 1e6));
    }
    Ok(())
}

fn kafka(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let capacity = settings.needed_block("capacity_config")?;
    let gib = capacity.needed_number("memory_bytes").map(|bytes| bytes / 1_073_741_824.0);
    let vcpus = capacity.needed_number("vcpu_count");
    sheet.hourly("vCPU", Ok("managed-kafka/vcpu-hour".to_owned()), vcpus);
    sheet.hourly("memory", Ok("managed-kafka/gib-hour".to_owned()), gib);
    sheet.used(
        "storage",
        "managed-kafka/local-ssd-gib-month",
        &Use::each("storage_gib", "GiB of all brokers"),
    );
    Ok(())
}
