//! Once a day: whether what runs is still what the main branch says, and whether passwords were replaced in time.

use indexmap::IndexMap;

use super::super::delivery::Delivery;
use super::super::model::{Body, Job, Lane, Pipeline, Right, Step, Text, Trigger, When};
use super::{environments, joined, role, sources, spread, state, terraform};

/// Away from the full hour, when shared runners are busiest.
const WHEN: &str = "23 4 * * *";

pub(super) fn pipeline(delivery: &Delivery) -> Pipeline {
    let environment = || Text::Cell("environment");
    let steps = vec![
        sources(),
        terraform(),
        role("Become the role that plans", "AWS_PLAN_ROLE_ARN"),
        Step::run("Get the images that run", "infra/pipeline/fetch.sh \"$ENVIRONMENT\" last-good")
            .env("ENVIRONMENT", environment()),
        Step::run("Plan", "infra/pipeline/plan.sh \"$ENVIRONMENT\" -lock=false")
            .env("ENVIRONMENT", environment()),
        Step::run("Open, update or close the issues", "infra/pipeline/drift.sh \"$ENVIRONMENT\"")
            .env("ENVIRONMENT", environment())
            .env("GH_TOKEN", Text::Token),
    ];
    let mut body = Body::new(30, steps);
    body.env = state();
    let name = joined(["Compare ".into(), environment()]);
    let mut job = Job::new(name, &[Right::Sources, Right::Identity, Right::Issues], body);
    job.when = When::Known("AWS_PLAN_ROLE_ARN");
    let jobs: IndexMap<String, Job> = spread("drift", environments(delivery), &job).into_iter().collect();
    Pipeline {
        id: "drift",
        name: "Drift",
        purpose: "Compares every environment with the main branch once a day, and keeps one issue an environment about\nwhat differs, and one about passwords that are due.",
        triggers: vec![Trigger::Clock(WHEN), Trigger::Person],
        inputs: Vec::new(),
        lane: Some(Lane { name: "drift".into(), newest_change_only: false }),
        jobs,
    }
}
