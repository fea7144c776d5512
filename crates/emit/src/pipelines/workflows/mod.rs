//! The pipelines of an application: one module each, and what several of them share.
//!
//! `ci` checks every change and, on the main branch, makes a release and deploys it; `plan` shows what a change
//! would do; `deploy` brings a release to one environment and is what `ci` and `rollback` call; `drift` looks
//! whether what runs is still what the main branch says; `rotate` replaces passwords and restarts what reads them. Must not know any CI system's words.

mod changes;
mod ci;
mod deploy;
mod drift;
mod rollback;
mod rotate;

use indexmap::IndexMap;

use super::delivery::Delivery;
use super::model::{Action, Cell, Job, Lane, Pipeline, Right, Step, Text, Work};

/// Most runs of one matrix: GitHub's limit, the lowest of the systems that have matrices.
/// Source: <https://docs.github.com/en/actions/reference/limits>, 2025.
const MATRIX: usize = 256;

/// What a job may do that reads the sources and becomes a role.
const CLOUD: &[Right] = &[Right::Sources, Right::Identity];

/// Every pipeline.
pub fn all(delivery: &Delivery) -> Vec<Pipeline> {
    let mut pipelines = vec![
        ci::pipeline(delivery),
        changes::pipeline(delivery),
        deploy::pipeline(),
        rollback::pipeline(delivery),
        drift::pipeline(delivery),
    ];
    pipelines.extend(rotate::pipeline(delivery));
    pipelines
}

/// Jobs that together run `rows`: one, or as many as the limit on a matrix asks for. None when there are no rows.
fn spread(id: &str, rows: Vec<IndexMap<&'static str, Cell>>, job: &Job) -> Vec<(String, Job)> {
    let part = |(i, part): (usize, &[IndexMap<&'static str, Cell>])| {
        let mut job = job.clone();
        if let Work::Steps(body) = &mut job.work {
            body.matrix = part.to_vec();
        }
        (if i == 0 { id.to_owned() } else { format!("{id}-{}", i + 1) }, job)
    };
    rows.chunks(MATRIX).enumerate().map(part).collect()
}

fn sources() -> Step {
    Step::new("Check out the sources", Action::Sources(1))
}

fn terraform() -> Step {
    Step::new("Set up Terraform", Action::Terraform)
}

fn role(name: &'static str, variable: &'static str) -> Step {
    Step::new(name, Action::Role(Text::Variable(variable)))
}

/// The variables of every job that reads the state.
fn state() -> IndexMap<&'static str, Text> {
    IndexMap::from([
        ("TF_STATE_BUCKET", Text::Variable("TF_STATE_BUCKET")),
        ("TF_IN_AUTOMATION", "true".into()),
    ])
}

/// One row an environment.
fn environments(delivery: &Delivery) -> Vec<IndexMap<&'static str, Cell>> {
    delivery
        .environments
        .keys()
        .map(|name| IndexMap::from([("environment", Cell::Text(name.clone()))]))
        .collect()
}

/// A command about the environment of a deployment or rotation.
fn about(name: &'static str, command: &str, environment: &Text) -> Step {
    Step::run(name, command).env("ENVIRONMENT", environment.clone())
}

/// Deployments of an environment and rotations of its passwords never run at once.
fn lane(environment: &Text) -> Lane {
    Lane { name: joined(["deploy-".into(), environment.clone()]), newest_change_only: false }
}

fn joined(parts: impl IntoIterator<Item = Text>) -> Text {
    Text::Joined(parts.into_iter().collect())
}
