//! A proposed change of the infrastructure: what it would do and cost, shown where it is reviewed.

use indexmap::IndexMap;

use super::super::delivery::Delivery;
use super::super::model::{Action, Body, Job, Lane, Pipeline, Right, Step, Text, Trigger, When};
use super::{environments, joined, role, spread, state, terraform};

pub(super) fn pipeline(delivery: &Delivery) -> Pipeline {
    let environment = || Text::Cell("environment");
    let steps = vec![
        // The commit before a proposed change's merge is its base: what the cost is compared with.
        Step::new("Check out the sources", Action::Sources(2)),
        terraform(),
        role("Become the role that plans", "AWS_PLAN_ROLE_ARN"),
        Step::run("Get the images that run", "infra/pipeline/fetch.sh \"$ENVIRONMENT\" last-good")
            .env("ENVIRONMENT", environment()),
        Step::run("Plan", "infra/pipeline/plan.sh \"$ENVIRONMENT\" -lock=false")
            .env("ENVIRONMENT", environment()),
        Step::run("Show plan and cost", "infra/pipeline/comment.sh \"$ENVIRONMENT\"")
            .env("ENVIRONMENT", environment())
            .env("PULL_REQUEST", Text::Change)
            .env("GH_TOKEN", Text::Token),
    ];
    let mut body = Body::new(30, steps);
    body.env = state();
    let name = joined(["Plan ".into(), environment()]);
    let mut job = Job::new(name, &[Right::Sources, Right::Identity, Right::Comments], body);
    job.when = When::OwnChange("AWS_PLAN_ROLE_ARN");
    let jobs: IndexMap<String, Job> = spread("plan", environments(delivery), &job).into_iter().collect();
    Pipeline {
        id: "plan",
        name: "Plan",
        purpose: "Shows on a pull request what it would change in each environment, and what that would cost. The role\nonly reads. Pull requests from forks get no credentials, and nothing is planned\nbefore the repository knows the role.",
        // Infrastructure code reads the rules and the collector's configuration where they are.
        triggers: vec![Trigger::Change(vec![
            "infra/**",
            "observability/**",
            "mainstay.yaml",
            ".github/workflows/plan.yml",
        ])],
        inputs: Vec::new(),
        lane: Some(Lane { name: joined(["plan-".into(), Text::ChangeOrRun]), newest_change_only: true }),
        jobs,
    }
}
