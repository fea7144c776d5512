//! What keeps an environment running and is chosen by nobody: keys, secrets, names, logs, metrics, alarms.
//!
//! Each is small and none can be left out; together they are what budgets forget. Counts come from `upkeep` and
//! quantities from `usage`, so that the graph costs what is said here.

use spec::{ResourceType, Spec, UseTarget};

use crate::bill::Bill;
use crate::blueprint::{Compute, Decision, EnvironmentDesign};
use crate::cloud::{self, Cloud, KeptLog, ObjectRates, Shared, charge, charge_any};
use crate::context::Context;
use crate::decide::{Candidate, Question, cheapest};
use crate::usage::{Log, Objects};
use crate::{upkeep, usage};

/// The decisions about an environment's upkeep.
pub(crate) fn design(ctx: &Context<'_>, design: &EnvironmentDesign) -> Vec<Decision> {
    let mut decisions = vec![keys(ctx, design), observability(ctx, design)];
    decisions.extend(platform(ctx, design));
    decisions
}

fn only(question: Question, name: &str, bill: Bill) -> Decision {
    let verdict =
        cheapest(vec![Candidate::new(name, name, (), bill)]).expect("the only candidate breaks nothing");
    question.decided(&verdict)
}

/// Adds the storage and calls of a bucket.
pub(crate) fn add_objects(bill: &mut Bill, region: &str, rates: ObjectRates, objects: Objects) {
    charge(bill, region, rates.gib, objects.gib);
    charge(bill, region, rates.puts, objects.puts);
    charge(bill, region, rates.gets, objects.gets);
}

pub(crate) fn add_log(bill: &mut Bill, cloud: &Cloud, region: &str, log: Log) {
    charge(bill, region, cloud.upkeep.log_written, log.written_gib);
    let kept = match cloud.upkeep.log_kept {
        KeptLog::Compressed(rate) => (rate, log.kept_gib),
        KeptLog::Beyond(days, rate) => (rate, log.beyond_gib(days)),
    };
    charge(bill, region, kept.0, kept.1);
}

/// A customer's key and its requests, where the cloud has the environment keep one.
fn add_key(bill: &mut Bill, cloud: &Cloud, region: &str, requests: f64) {
    charge_any(bill, region, cloud.upkeep.key, 1.0);
    charge_any(bill, region, cloud.upkeep.key_requests, requests);
}

/// What parts of the environment share that is paid by the month, such as a namespace of queues.
fn platform(ctx: &Context<'_>, design: &EnvironmentDesign) -> Option<Decision> {
    let shared = (ctx.cloud.upkeep.platform)(design);
    let mut bill = Bill::default();
    let mut names = Vec::new();
    for Shared { name, rate, quantity } in shared.into_iter().filter(|s| s.quantity > 0.0) {
        charge(&mut bill, ctx.region, rate, quantity);
        names.push(name);
    }
    if names.is_empty() {
        return None;
    }
    let mut question =
        ctx.question("operations", "platform", "What do parts of the environment stand on together?");
    question.because = "It is paid by the hour, however many parts stand on it.".to_owned();
    Some(only(question, &names.join(", "), bill))
}

/// Keys, secrets and private names.
fn keys(ctx: &Context<'_>, design: &EnvironmentDesign) -> Decision {
    let managed = |r: &&spec::Resource| {
        matches!(r.ty.value, ResourceType::Postgres | ResourceType::Mysql | ResourceType::Mongodb)
    };
    let brokers = ctx.spec.resources.values().filter(|r| r.ty.value == ResourceType::Rabbitmq).count();
    let used = |name: &String| {
        let uses =
            |s: &spec::Service| s.uses.iter().any(|u| u.target == UseTarget::Secret && u.name == *name);
        ctx.spec.services.values().any(uses)
    };
    let unused = ctx.spec.secrets.keys().filter(|name| !used(name)).count();
    let read = ctx.spec.secrets.len() + brokers;
    let secrets = read + ctx.spec.resources.values().filter(managed).count();
    let rates = &ctx.cloud.upkeep;
    let names = upkeep::of_environment(design).names;
    let mut bill = Bill::default();
    add_key(&mut bill, ctx.cloud, ctx.region, usage::key_requests(design));
    let mut keys = 1;
    let mut elsewhere = design.recovery.copy_region.iter().map(|r| (r.as_str(), 0.0)).collect::<Vec<_>>();
    let global = rates.global_region.filter(|region| upkeep::has_sites(design) && ctx.region != *region);
    elsewhere.extend(global.map(|region| (region, usage::notifications())));
    for (region, requests) in elsewhere {
        add_key(&mut bill, ctx.cloud, region, requests);
        keys += 1;
    }
    charge_any(&mut bill, ctx.region, rates.secret, secrets as f64);
    charge(&mut bill, ctx.region, rates.secret_reads, read as f64 * usage::secret_reads());
    charge(&mut bill, ctx.region, rates.zone, (rates.zones)(design));
    charge_any(&mut bill, ctx.region, rates.name, f64::from(names));
    let mut question = ctx.question("operations", "keys", "Where do keys, secrets and names live?");
    question.inputs =
        vec![("secrets", secrets.to_string()), ("secrets that no service uses", unused.to_string())];
    if rates.key.is_some() {
        question.inputs.push(("keys", keys.to_string()));
    }
    question.inputs.push(("names of stores", names.to_string()));
    question.because = rates.keys_because.to_owned();
    only(question, rates.keys_in, bill)
}

/// Logs, metrics, alarms and dashboards, with the network traffic that logs cause.
fn observability(ctx: &Context<'_>, design: &EnvironmentDesign) -> Decision {
    let region = ctx.region;
    let rates = &ctx.cloud.upkeep;
    let all = upkeep::of_environment(design);
    let mut bill = Bill::default();
    let mut written = 0.0;
    let mut log = |bill: &mut Bill, region: &str, one: Log| {
        written += one.written_gib;
        add_log(bill, ctx.cloud, region, one);
    };
    let mut sent = 0.0;
    for service in design.services.values() {
        let one = usage::service_log(service, design.log_days);
        log(&mut bill, region, one);
        if !matches!(service.compute, Compute::Function(_)) {
            sent += one.written_gib;
        }
    }
    let stores: u32 = design.resources.values().map(|r| upkeep::of_resource(&r.choice).log_groups).sum();
    for _ in 0..stores {
        log(&mut bill, region, usage::store_log(design.log_days));
    }
    if rates.connections_logged {
        log(&mut bill, region, usage::flow_log(design));
    }
    if design.network.firewall {
        log(&mut bill, region, usage::firewall_log(usage::balancer_requests(design), design.log_days));
    }
    if design.network.site_firewall {
        log(
            &mut bill,
            rates.global_region.unwrap_or(region),
            usage::firewall_log(usage::delivered_requests(design), design.log_days),
        );
    }
    if ctx.cloud.passing.logs {
        charge(&mut bill, region, ctx.cloud.passing.gb, sent);
    }
    if rates.calls_logged && design.services.values().any(usage::balanced) {
        add_objects(&mut bill, region, ctx.cloud.objects, usage::access_log(design));
    }
    if rates.calls_logged && design.resources.values().any(|r| r.choice.bucket().is_some()) {
        add_objects(&mut bill, region, ctx.cloud.objects, usage::bucket_log(design));
    }
    let metrics = usage::insights_metrics(design);
    charge_any(&mut bill, region, rates.metric, metrics);
    charge(&mut bill, region, rates.alarm, f64::from(all.alarms));
    charge_any(&mut bill, region, rates.notification, usage::notifications());
    let shown = if design.monitoring.dashboard { watched(design) } else { 0 };
    let dashboards = shown.div_ceil(usage::DASHBOARD_COMPONENTS);
    charge_any(&mut bill, region, rates.dashboard, dashboards as f64);
    let mut question = ctx.question("operations", "observability", "How is the environment watched?");
    question.inputs = vec![
        ("logs", format!("{written:.1} GiB a month (assumed: errors and one request in twenty)")),
        ("alarms, in metrics they watch", all.alarms.to_string()),
    ];
    if rates.metric.is_some() {
        question.inputs.push(("metrics of tasks", format!("{metrics:.0}")));
    }
    question.inputs.push(("dashboards", dashboards.to_string()));
    question.because = format!(
        "Logs are kept {} days. {} Every managed part has the alarms somebody must act on.{}",
        design.log_days,
        rates.logs_because,
        if design.critical {
            ""
        } else {
            " Metrics of single tasks and a dashboard are left to environments that people depend on."
        }
    );
    let (closely, plainly) = rates.watched_by;
    only(question, if design.monitoring.dashboard { closely } else { plainly }, bill)
}

/// Components that have an alarm and therefore a place on the dashboard: the network, the load balancer, and
/// every service and resource with one.
fn watched(design: &EnvironmentDesign) -> usize {
    let services =
        design.services.values().filter(|s| upkeep::of_service(s, design.monitoring).alarms > 0).count();
    let resources = design.resources.values().filter(|r| upkeep::of_resource(&r.choice).alarms > 0).count();
    1 + usize::from(design.services.values().any(usage::balanced)) + services + resources
}

/// What all environments share: the state of the stacks and the repositories of images.
pub(crate) fn shared(spec: &Spec, images: usize) -> Decision {
    let cloud = cloud::of(spec.cloud.provider.value);
    let region = spec.cloud.regions.first().map_or("", |r| r.value.as_str());
    let mut bill = Bill::default();
    let state = usage::state();
    add_objects(&mut bill, region, cloud.objects, state);
    add_key(&mut bill, cloud, region, state.puts + state.gets);
    if images > 0 {
        add_key(&mut bill, cloud, region, 0.0);
        charge_any(&mut bill, region, cloud.upkeep.registry, 1.0);
        charge_any(&mut bill, region, cloud.upkeep.images, images as f64 * usage::repository_gib());
    }
    let question = Question {
        subject: "shared".to_owned(),
        topic: "stacks",
        text: "What do all environments share?".to_owned(),
        because: "The state of every stack lies in one versioned bucket, and an image is built once and promoted, so \
                  that production runs the bytes that were tested."
            .to_owned(),
        inputs: vec![
            ("repositories", images.to_string()),
            ("images a repository", format!("{} GiB (assumed)", usage::repository_gib())),
        ],
        ..Question::default()
    };
    only(question, "a bucket for the state and a repository for every image", bill)
}
