//! Once a month: new passwords for what the cloud keeps passwords of, and new tasks for what reads them.
//!
//! The cloud would replace them by itself and restart nothing. Must not know how a service is restarted.

use indexmap::IndexMap;

use super::super::delivery::Delivery;
use super::super::model::{Body, Input, Job, Pipeline, Text, Trigger, When};
use super::{CLOUD, about, lane, role, sources, state, terraform};

/// At night, away from the full hour and from the turn of the month.
const WHEN: &str = "43 3 5 * *";

/// `None`: no environment has such a password.
pub(super) fn pipeline(delivery: &Delivery) -> Option<Pipeline> {
    let mut jobs: IndexMap<String, Job> = IndexMap::new();
    for (environment, _) in delivery.environments.iter().filter(|(_, e)| !e.rotated.is_empty()) {
        let mut job = rotate(environment);
        // What goes wrong is found where it hurts least.
        job.needs.extend(jobs.keys().last().cloned());
        jobs.insert(format!("rotate-{environment}"), job);
    }
    if jobs.is_empty() {
        return None;
    }
    Some(Pipeline {
        id: "rotate",
        name: "Rotate passwords",
        purpose: "Replaces the passwords of databases once a month and restarts the services that read them, one environment\nafter the other. It waits for deployments, and they for it.",
        triggers: vec![Trigger::Clock(WHEN), Trigger::Person],
        inputs: vec![Input {
            name: "environment",
            description: "Which environment",
            choices: delivery
                .environments
                .iter()
                .filter(|(_, e)| !e.rotated.is_empty())
                .map(|(name, _)| name.clone())
                .collect(),
            default: None,
        }],
        lane: None,
        jobs,
    })
}

fn rotate(environment: &str) -> Job {
    let here = Text::from(environment);
    let become_deployer = |name| role(name, "AWS_DEPLOY_ROLE_ARN");
    let steps = vec![
        sources(),
        terraform(),
        become_deployer("Become the role that deploys"),
        about(
            "Replace the passwords and restart what reads them",
            "infra/pipeline/rotate.sh \"$ENVIRONMENT\"",
            &here,
        ),
        about("Ask every public address", "infra/pipeline/smoke.sh \"$ENVIRONMENT\"", &here),
    ];
    // A role's session lasts an hour.
    let mut body = Body::new(60, steps);
    body.environment = Some(here.clone());
    body.lane = Some(lane(&here));
    body.env = state();
    let mut job = Job::new(Text::Plain(format!("Rotate passwords of {environment}")), CLOUD, body);
    job.when = When::Chosen("AWS_PLAN_ROLE_ARN", environment.to_owned());
    job
}
