//! Where the environment's logs are kept.
//!
//! Logs of services and stores are routed to a bucket of their own, because the project's own bucket keeps everything of
//! all environments for the same time. It must not know who writes.

use catalog::google::{logging_project_bucket_config as kept, logging_project_sink as sink};
use design::usage;
use ir::NodeBuilder;

use super::Env;
use super::env::number;
use crate::names::join;

const COMPONENT: &str = "logs";

/// Days that are paid with what is written.
const PAID_DAYS: u32 = 30;

/// Adds the bucket and what leads to it.
pub(crate) fn lower(env: &mut Env) {
    env.component(COMPONENT, "logs", "Where logs are kept");
    let decl = number("Days that logs are kept.", 1.0, 3650.0);
    let days = env.input(COMPONENT, "days", decl, env.design.log_days.max(1));
    let (id, region, project) = (env.name(""), env.region(), env.project(COMPONENT));
    let design = env.design;
    let services = design.services.values().map(|s| usage::service_log(s, design.log_days).written_gib);
    let stores = design.resources.values().filter(|r| r.choice.database().is_some()).count() as f64;
    let written = services.sum::<f64>() + stores * usage::store_log(design.log_days).written_gib;
    let beyond = f64::from(design.log_days.saturating_sub(PAID_DAYS)) / 30.0;
    let bucket = env.add(
        NodeBuilder::new(COMPONENT, kept::KIND, "this")
            .set(kept::PROJECT, project.clone())
            .set(kept::LOCATION, region)
            .set(kept::BUCKET_ID, id)
            .set(kept::DESCRIPTION, join(["Logs of ".into(), env.name("")]))
            .set(kept::RETENTION_DAYS, days)
            .lifecycle(env.protection())
            .usage("ingest_gib", written)
            .usage("storage_gib", written * beyond)
            .purpose("Keeps the logs of the environment"),
    );
    let name = env.name("");
    let ours = env.name("");
    // Names of everything in the environment begin with its own.
    let filter = join([
        "resource.labels.service_name=~\"^".into(),
        ours.clone(),
        "-\" OR resource.labels.job_name=~\"^".into(),
        ours.clone(),
        "-\" OR resource.labels.database_id=~\":".into(),
        ours.clone(),
        "-\" OR resource.labels.instance_id=~\"^".into(),
        ours.clone(),
        "-\" OR resource.labels.gateway_name=~\"^".into(),
        ours,
        "-\"".into(),
    ]);
    let destination = join(["logging.googleapis.com/".into(), bucket.get(kept::ID)]);
    env.add(
        NodeBuilder::new(COMPONENT, sink::KIND, "this")
            .set(sink::NAME, name)
            .set(sink::DESTINATION, destination)
            .set(sink::FILTER, filter)
            .set(sink::UNIQUE_WRITER_IDENTITY, true)
            .purpose("Leads the logs of the environment to their bucket"),
    );
}
