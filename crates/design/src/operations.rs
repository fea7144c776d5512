//! What keeps an environment running and is chosen by nobody: keys, secrets, names, logs, metrics, alarms.
//!
//! Each is small and none can be left out; together they are what budgets forget. Counts come from `upkeep` and
//! quantities from `usage`, so that the graph costs what is said here.

use spec::{ResourceType, Spec, UseTarget};

use crate::bill::Bill;
use crate::blueprint::{Compute, Decision, EnvironmentDesign};
use crate::context::Context;
use crate::decide::{Candidate, Question, cheapest};
use crate::usage::{Log, Objects};
use crate::{upkeep, usage};

/// Where content delivery keeps its metrics, so that its alarms and their key stand there.
const GLOBAL_REGION: &str = "us-east-1";

/// The decisions about an environment's upkeep.
pub(crate) fn design(ctx: &Context<'_>, design: &EnvironmentDesign) -> Vec<Decision> {
    vec![keys(ctx, design), observability(ctx, design)]
}

fn only(question: Question, name: &str, bill: Bill) -> Decision {
    let verdict =
        cheapest(vec![Candidate::new(name, name, (), bill)]).expect("the only candidate breaks nothing");
    question.decided(&verdict)
}

/// Adds the storage and calls of a bucket.
pub(crate) fn add_objects(bill: &mut Bill, region: &str, objects: Objects) {
    bill.add(region, "s3/standard-gb-month", objects.gib);
    bill.add(region, "s3/put-1000", objects.puts / 1e3);
    bill.add(region, "s3/get-1000", objects.gets / 1e3);
}

pub(crate) fn add_log(bill: &mut Bill, region: &str, log: Log) {
    bill.add(region, "cloudwatch/logs-ingest-gb", log.written_gib);
    bill.add(region, "cloudwatch/logs-storage-gb-month", log.kept_gib);
}

/// A customer's key and its requests.
fn add_key(bill: &mut Bill, region: &str, requests: f64) {
    bill.add(region, "kms/key-month", 1.0);
    bill.add(region, "kms/request-10000", requests / 1e4);
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
    let names = upkeep::of_environment(design).names;
    let mut bill = Bill::default();
    add_key(&mut bill, ctx.region, usage::key_requests(design));
    let mut keys = 1;
    let mut elsewhere = design.recovery.copy_region.iter().map(|r| (r.as_str(), 0.0)).collect::<Vec<_>>();
    if upkeep::has_sites(design) && ctx.region != GLOBAL_REGION {
        elsewhere.push((GLOBAL_REGION, usage::notifications()));
    }
    for (region, requests) in elsewhere {
        add_key(&mut bill, region, requests);
        keys += 1;
    }
    bill.add(ctx.region, "secretsmanager/secret-month", secrets as f64);
    bill.add(ctx.region, "secretsmanager/request-10000", read as f64 * usage::secret_reads() / 1e4);
    bill.add(ctx.region, "route53/zone-month", 1.0);
    bill.add(ctx.region, "servicediscovery/instance-month", f64::from(names));
    let mut question = ctx.question("operations", "keys", "Where do keys, secrets and names live?");
    question.inputs = vec![
        ("secrets", secrets.to_string()),
        ("secrets that no service uses", unused.to_string()),
        ("keys", keys.to_string()),
        ("names of stores", names.to_string()),
    ];
    question.because = "One customer-managed key encrypts everything of the environment, with another only in \
                        regions that it cannot reach. Each secret is its own entry that only the services using it \
                        may read, and stores keep the names that programs know."
        .to_owned();
    only(question, "one KMS key, Secrets Manager for every secret, and a private zone", bill)
}

/// Logs, metrics, alarms and dashboards, with the network traffic that logs cause.
fn observability(ctx: &Context<'_>, design: &EnvironmentDesign) -> Decision {
    let region = ctx.region;
    let all = upkeep::of_environment(design);
    let mut bill = Bill::default();
    let mut written = 0.0;
    let mut log = |bill: &mut Bill, region: &str, one: Log| {
        written += one.written_gib;
        add_log(bill, region, one);
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
    log(&mut bill, region, usage::flow_log(design));
    if design.network.firewall {
        log(&mut bill, region, usage::firewall_log(usage::balancer_requests(design), design.log_days));
    }
    if design.network.site_firewall {
        log(
            &mut bill,
            GLOBAL_REGION,
            usage::firewall_log(usage::delivered_requests(design), design.log_days),
        );
    }
    bill.add(region, "nat/gb", sent);
    if design.services.values().any(usage::balanced) {
        add_objects(&mut bill, region, usage::access_log(design));
    }
    if design.resources.values().any(|r| r.choice.bucket().is_some()) {
        add_objects(&mut bill, region, usage::bucket_log(design));
    }
    let metrics = usage::insights_metrics(design);
    bill.add(region, "cloudwatch/metric-month", metrics);
    bill.add(region, "cloudwatch/alarm-month", f64::from(all.alarms));
    bill.add(region, "sns/request-million", usage::notifications() / 1e6);
    let shown = if design.monitoring.dashboard { watched(design) } else { 0 };
    let dashboards = shown.div_ceil(usage::DASHBOARD_COMPONENTS);
    bill.add(region, "cloudwatch/dashboard-month", dashboards as f64);
    let mut question = ctx.question("operations", "observability", "How is the environment watched?");
    question.inputs = vec![
        ("logs", format!("{written:.1} GiB a month (assumed: errors and one request in twenty)")),
        ("alarms, in metrics they watch", all.alarms.to_string()),
        ("metrics of tasks", format!("{metrics:.0}")),
        ("dashboards", dashboards.to_string()),
    ];
    question.because = format!(
        "Logs are kept {} days. Services log what fails and a sample of the rest: the load balancer's access log holds \
         every request for a tenth of the price. Every managed part has the alarms somebody must act on.{}",
        design.log_days,
        if design.critical {
            ""
        } else {
            " Metrics of single tasks and a dashboard are left to environments that people depend on."
        }
    );
    let name = if design.monitoring.dashboard {
        "CloudWatch logs, alarms, metrics of tasks and a dashboard"
    } else {
        "CloudWatch logs and alarms"
    };
    only(question, name, bill)
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
    let region = spec.cloud.regions.first().map_or("", |r| r.value.as_str());
    let mut bill = Bill::default();
    let state = usage::state();
    add_objects(&mut bill, region, state);
    add_key(&mut bill, region, state.puts + state.gets);
    if images > 0 {
        add_key(&mut bill, region, 0.0);
        bill.add(region, "ecr/gb-month", images as f64 * usage::repository_gib());
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
