//! Queues, topics and buckets: regional services without machines to size.

use ir::units::SECONDS_A_MONTH;
use ir::{Diagnostic, Diagnostics};
use spec::{Resource, ResourceType, Spec, UseTarget};

use crate::bill::Bill;
use crate::blueprint::{BucketDesign, Compute, QueueDesign, TopicDesign};
use crate::cloud::{self, BucketForm, QueueForm, TopicForm, charge};
use crate::context::Context;
use crate::decide::Candidate;
use crate::load::{amount, queues};
use crate::resources::Prepared;
use crate::{operations, rules, uptime, usage};

/// Times the longest try that a message is hidden: what the developer guide of Lambda asks for, so that a message whose
/// reader was throttled is not given to the next one meanwhile (2025).
const TRY_MARGIN: f64 = 6.0;

/// Tries before a message is set aside.
const TRIES: u32 = 5;

/// Days that a replaced version of an object is kept.
const NONCURRENT_DAYS: u32 = 30;

/// A queue with its dead letters.
pub(crate) fn queue(ctx: &Context<'_>, name: &str, resource: &Resource) -> Prepared {
    let rate = ctx.messages(name);
    let peak = ctx.peak(name);
    let messages_month = rate * SECONDS_A_MONTH;
    let readers = ctx.readers.get(name).map(Vec::as_slice).unwrap_or_default();
    let hidden = readers.iter().map(|r| longest_try(ctx, r)).fold(0.0, f64::max) * TRY_MARGIN;
    let of = |form: &QueueForm| {
        let (least, most) = form.hidden;
        let (shortest, usual, longest) = form.retention;
        let fifo = form.ordered.unwrap_or(resource.ordered);
        let design = QueueDesign {
            fifo,
            retention_seconds: resource
                .retention
                .as_ref()
                .map_or(usual, |r| r.value.clamp(shortest, longest)),
            visibility_seconds: hidden.ceil().clamp(least, most) as u32,
            max_receives: TRIES,
            messages_month,
        };
        let mut bill = Bill::default();
        for (rate, quantity) in (form.bill)(&design) {
            charge(&mut bill, ctx.region, rate, quantity);
        }
        let mut found = Candidate::new(form.group, form.group, (form.product)(design), bill)
            .breaking(resource.ordered && !fifo, || "does not keep the order of messages".to_owned())
            .breaking(rate * peak > form.most, || {
                let (at_peak, most) = (rate * peak, form.most);
                format!("the peak is {at_peak:.0} messages a second and it takes {most:.0}")
            });
        let (part, kind) = form.level;
        found.uptime = uptime::level(format!("{name} ({part})"), kind, "-");
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
    let batches = ctx.cloud.queues.iter().filter_map(|form| form.batches).find(|most| rate * peak > *most);
    if let Some(most) = batches.filter(|_| resource.ordered) {
        question.because.push_str(&format!(
            " Above {most:.0} messages a second senders and readers of an ordered queue must use batches of ten."
        ));
    }
    Prepared { candidates: ctx.cloud.queues.iter().map(of).collect(), question }
}

/// Seconds that one try of a reader may take. A queue that hides messages for less than a function's timeout is
/// refused by the cloud.
fn longest_try(ctx: &Context<'_>, reader: &str) -> f64 {
    match ctx.computes.get(reader) {
        Some(Compute::Function(function)) => f64::from(function.timeout_seconds),
        _ => ctx.loads.get(reader).map_or(0.0, |load| load.cpu_seconds),
    }
}

/// A topic with its subscribers.
pub(crate) fn topic(ctx: &Context<'_>, name: &str, resource: &Resource) -> Prepared {
    let mut subscribers: Vec<String> =
        resource.subscribers.iter().flat_map(|s| receiving(ctx.spec, &s.value)).map(str::to_owned).collect();
    subscribers.sort();
    subscribers.dedup();
    let rates = subscribers.iter().map(|s| ctx.messages(s));
    let rate = rates.fold(rules::ASSUMED_MESSAGES * ctx.scale(), f64::max);
    let messages_month = rate * SECONDS_A_MONTH;
    let of = |form: &TopicForm| {
        let fifo = form.ordered.unwrap_or(resource.ordered);
        let design = TopicDesign { fifo, subscribers: subscribers.clone(), messages_month };
        let mut bill = Bill::default();
        for (rate, quantity) in (form.bill)(&design) {
            charge(&mut bill, ctx.region, rate, quantity);
        }
        let mut found = Candidate::new(form.group, form.group, (form.product)(design), bill)
            .breaking(resource.ordered && !fifo, || "does not keep the order of messages".to_owned())
            .breaking(!resource.ordered && fifo, || {
                "limits throughput, and no order was asked for".to_owned()
            });
        let (part, kind) = form.level;
        found.uptime = uptime::level(format!("{name} ({part})"), kind, "-");
        found
    };
    let mut question = ctx.question(name, "engine", format!("Which topic is {name}?"));
    question.inputs =
        vec![("messages", format!("{rate:.1}/s")), ("subscribers", subscribers.len().to_string())];
    question.because = ctx.cloud.topics_because.to_owned();
    Prepared { candidates: ctx.cloud.topics.iter().map(of).collect(), question }
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
    let form = cloud::of(spec.cloud.provider.value).queues.first();
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
        let said = resource.retention.as_ref().filter(|_| resource.ty.value == ResourceType::Queue);
        let Some((said, form)) = said.zip(form) else { continue };
        let (least, _, most) = form.retention;
        if !(least..=most).contains(&said.value) {
            let kept = said.value.clamp(least, most);
            diagnostics.push(
                Diagnostic::warning(
                    "retention-out-of-range",
                    format!("`{name}` keeps messages {kept} s instead"),
                )
                .at(said.span.or(resource.span), format!("{} s", said.value))
                .because(format!("{} keeps messages from {least} to {most} seconds.", form.level.0))
                .help(format!("set `retention` between {least}s and {most}s")),
            );
        }
    }
    diagnostics
}

/// A store of objects.
pub(crate) fn bucket(ctx: &Context<'_>, name: &str, resource: &Resource) -> Prepared {
    let said = resource.storage_gib.as_ref().map_or(rules::ASSUMED_STORAGE_GIB, |s| s.value);
    let size_gib = amount(said, rules::ASSUMED_STORAGE_GIB) * ctx.scale();
    let of = |form: &BucketForm| {
        let design = BucketDesign { size_gib, noncurrent_days: NONCURRENT_DAYS, zone_redundant: form.zones };
        let mut bill = Bill::default();
        operations::add_objects(&mut bill, ctx.region, form.rates, usage::objects(&design));
        let (group, label) = form.names;
        let mut found = Candidate::new(group, label, (form.product)(design), bill)
            .breaking(form.zones && ctx.zones() < 2, || "the region has one zone".to_owned())
            .breaking(!form.zones && ctx.critical && ctx.zones() > 1, || {
                "people depend on this environment and one zone would take its objects away".to_owned()
            });
        let (part, kind) = form.level;
        found.uptime = uptime::level(format!("{name} ({part})"), kind, "-");
        found
    };
    let objects = usage::objects(&BucketDesign {
        size_gib,
        noncurrent_days: NONCURRENT_DAYS,
        zone_redundant: ctx.critical,
    });
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
    Prepared { candidates: ctx.cloud.buckets.iter().map(of).collect(), question }
}
