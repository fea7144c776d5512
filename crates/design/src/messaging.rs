//! Queues, topics and buckets: regional services without machines to size.

use ir::units::SECONDS_A_MONTH;
use ir::{Diagnostic, Diagnostics};
use spec::{Resource, ResourceType, Spec, UseTarget};

use crate::bill::Bill;
use crate::blueprint::{BucketDesign, Compute, QueueDesign, ResourceChoice, TopicDesign};
use crate::context::Context;
use crate::decide::Candidate;
use crate::load::{amount, queues};
use crate::resources::Prepared;
use crate::{operations, rules, uptime, usage};

/// Seconds that SQS keeps messages at least, by default and at most (SQS quotas, 2025).
const RETENTION_SECONDS: (u64, u64, u64) = (60, 345_600, 1_209_600);

/// Messages a second that an ordered queue takes one by one, and in batches of ten (SQS developer guide, FIFO queue
/// quotas, 2025).
const FIFO_MESSAGES: (f64, f64) = (300.0, 3000.0);

/// Seconds that a message taken is hidden from other readers at least and at most.
const VISIBILITY_SECONDS: (f64, f64) = (30.0, 43_200.0);

/// Times the longest try that a message is hidden: what the Lambda developer guide asks for, so that a message whose
/// reader was throttled is not given to the next one meanwhile (2025).
const TRY_MARGIN: f64 = 6.0;

/// Tries before a message is set aside.
const TRIES: u32 = 5;

/// Days that a replaced version of an object is kept.
const NONCURRENT_DAYS: u32 = 30;

/// SQS with a dead-letter queue.
pub(crate) fn queue(ctx: &Context<'_>, name: &str, resource: &Resource) -> Prepared {
    let rate = ctx.messages(name);
    let peak = ctx.peak(name);
    let messages_month = rate * SECONDS_A_MONTH;
    let readers = ctx.readers.get(name).map(Vec::as_slice).unwrap_or_default();
    let (least, most) = VISIBILITY_SECONDS;
    let visibility = readers.iter().map(|r| longest_try(ctx, r)).fold(0.0, f64::max) * TRY_MARGIN;
    let visibility = visibility.ceil().clamp(least, most);
    let (least, usual, most) = RETENTION_SECONDS;
    let retention_seconds = resource.retention.as_ref().map_or(usual, |r| r.value.clamp(least, most));
    let of = |fifo: bool| {
        let group = if fifo { "SQS first in, first out" } else { "SQS standard queue" };
        let price = if fifo { "sqs/fifo-request-million" } else { "sqs/request-million" };
        let design = QueueDesign {
            fifo,
            retention_seconds,
            visibility_seconds: visibility as u32,
            max_receives: TRIES,
            messages_month,
        };
        let bill = Bill::default().with(ctx.region, price, usage::queue_requests(&design) / 1e6);
        let mut found = Candidate::new(group, group, ResourceChoice::Sqs(design), bill)
            .breaking(resource.ordered && !fifo, || "does not keep the order of messages".to_owned())
            .breaking(fifo && rate * peak > FIFO_MESSAGES.1, || {
                let (at_peak, most) = (rate * peak, FIFO_MESSAGES.1);
                format!("the peak is {at_peak:.0} messages a second and it takes {most:.0}")
            });
        found.uptime = uptime::level(format!("{name} (SQS)"), "aws_sqs_queue", "-");
        found
    };
    let mut question = ctx.question(name, "engine", format!("Which queue is {name}?"));
    question.inputs = vec![
        (
            "messages",
            format!("{rate:.1}/s{}", if readers.is_empty() { " (assumed, nobody reads it)" } else { "" }),
        ),
        ("ordered", if resource.ordered { "yes" } else { "no" }.to_owned()),
        (
            "calls a message",
            format!("{} (assumed: one to send, readers take several at once)", rules::CALLS_A_MESSAGE),
        ),
    ];
    question.because = format!(
        "A managed queue over several zones with nothing to run; a message that fails {TRIES} times is set aside in a \
         dead-letter queue."
    );
    if resource.ordered && rate * peak > FIFO_MESSAGES.0 {
        question.because.push_str(&format!(
            " Above {:.0} messages a second senders and readers of an ordered queue must use batches of ten.",
            FIFO_MESSAGES.0
        ));
    }
    Prepared { candidates: vec![of(false), of(true)], question }
}

/// Seconds that one try of a reader may take. A queue that hides messages for less than a function's timeout is
/// refused by the cloud.
fn longest_try(ctx: &Context<'_>, reader: &str) -> f64 {
    match ctx.computes.get(reader) {
        Some(Compute::Function(function)) => f64::from(function.timeout_seconds),
        _ => ctx.loads.get(reader).map_or(0.0, |load| load.cpu_seconds),
    }
}

/// SNS with its subscribers.
pub(crate) fn topic(ctx: &Context<'_>, name: &str, resource: &Resource) -> Prepared {
    let mut subscribers: Vec<String> =
        resource.subscribers.iter().flat_map(|s| receiving(ctx.spec, &s.value)).map(str::to_owned).collect();
    subscribers.sort();
    subscribers.dedup();
    let rates = subscribers.iter().map(|s| ctx.messages(s));
    let rate = rates.fold(rules::ASSUMED_MESSAGES * ctx.scale(), f64::max);
    let messages_month = rate * SECONDS_A_MONTH;
    let of = |fifo: bool| {
        let group = if fifo { "SNS first in, first out" } else { "SNS standard topic" };
        let price = if fifo { "sns/fifo-request-million" } else { "sns/request-million" };
        let bill = Bill::default().with(ctx.region, price, messages_month / 1e6);
        let design = TopicDesign { fifo, subscribers: subscribers.clone(), messages_month };
        let mut found = Candidate::new(group, group, ResourceChoice::Sns(design), bill)
            .breaking(resource.ordered && !fifo, || "does not keep the order of messages".to_owned())
            .breaking(!resource.ordered && fifo, || {
                "limits throughput, and no order was asked for".to_owned()
            });
        found.uptime = uptime::level(format!("{name} (SNS)"), "aws_sns_topic", "-");
        found
    };
    let mut question = ctx.question(name, "engine", format!("Which topic is {name}?"));
    question.inputs =
        vec![("messages", format!("{rate:.1}/s")), ("subscribers", subscribers.len().to_string())];
    question.because =
        "Every subscriber gets a copy of each message; deliveries to queues cost nothing more.".to_owned();
    Prepared { candidates: vec![of(false), of(true)], question }
}

/// The queues by which a subscriber gets its copies: itself, or those that a service reads.
fn receiving<'a>(spec: &'a Spec, subscriber: &'a str) -> Vec<&'a str> {
    if spec.resources.get(subscriber).is_some_and(|r| r.ty.value == ResourceType::Queue) {
        return vec![subscriber];
    }
    spec.services.get(subscriber).map(|s| queues(spec, s).collect()).unwrap_or_default()
}

/// Subscribers that nothing can be delivered to, and retentions that the queue service does not offer.
pub(crate) fn check(spec: &Spec) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for (name, resource) in &spec.resources {
        for subscriber in resource.subscribers.iter().filter(|s| receiving(spec, &s.value).is_empty()) {
            diagnostics.push(
                Diagnostic::error(
                    "subscriber-without-queue",
                    format!("`{}` cannot receive what `{name}` sends", subscriber.value),
                )
                .at(subscriber.span.or(resource.span), "this subscriber")
                .because("Copies are delivered to queues, so that none is lost while a service is away.")
                .help(format!("add a queue, let `{}` use it, and subscribe the queue", subscriber.value)),
            );
        }
        let (least, _, most) = RETENTION_SECONDS;
        let said = resource.retention.as_ref().filter(|_| resource.ty.value == ResourceType::Queue);
        if let Some(said) = said.filter(|r| !(least..=most).contains(&r.value)) {
            let kept = said.value.clamp(least, most);
            diagnostics.push(
                Diagnostic::warning(
                    "retention-out-of-range",
                    format!("`{name}` keeps messages {kept} s instead"),
                )
                .at(said.span.or(resource.span), format!("{} s", said.value))
                .because(format!("SQS keeps messages from {least} to {most} seconds."))
                .help(format!("set `retention` between {least}s and {most}s")),
            );
        }
    }
    diagnostics
}

/// S3.
pub(crate) fn bucket(ctx: &Context<'_>, name: &str, resource: &Resource) -> Prepared {
    let said = resource.storage_gib.as_ref().map_or(rules::ASSUMED_STORAGE_GIB, |s| s.value);
    let size_gib = amount(said, rules::ASSUMED_STORAGE_GIB) * ctx.scale();
    let design = BucketDesign { size_gib, noncurrent_days: NONCURRENT_DAYS, zone_redundant: true };
    let objects = usage::objects(&design);
    let mut bill = Bill::default();
    operations::add_objects(&mut bill, ctx.region, objects);
    let mut found = Candidate::new("S3", "an S3 bucket, standard class", ResourceChoice::S3(design), bill);
    found.uptime = uptime::level(format!("{name} (S3)"), "aws_s3_bucket", "-");
    let users = ctx.spec.services.values();
    let users =
        users.filter(|s| s.uses.iter().any(|u| u.target == UseTarget::Resource && u.name == name)).count();
    let mut question = ctx.question(name, "engine", format!("Where are the objects of {name}?"));
    let assumed = if resource.storage_gib.is_none() { " (assumed)" } else { "" };
    question.inputs = vec![
        ("size", format!("{size_gib:.0} GiB{assumed}")),
        ("writes and reads", format!("{:.0} and {:.0} a month (assumed)", objects.puts, objects.gets)),
        ("services that use it", users.to_string()),
    ];
    question.because = format!(
        "Objects are read as they come, which the standard class prices lowest; replaced versions are kept \
         {NONCURRENT_DAYS} days."
    );
    Prepared { candidates: vec![found], question }
}
