//! One release to one environment: plan, approve, apply, release, ask, remember; and back again if that fails.

use indexmap::IndexMap;

use super::super::model::{Action, Body, Input, Job, Pipeline, Step, Text, Trigger, When};
use super::{CLOUD, joined, lane, role, sources, state, terraform};

pub(super) fn pipeline() -> Pipeline {
    let input = |name, description| Input { name, description, choices: Vec::new(), default: None };
    let mut deploy = apply();
    deploy.needs.push("preview".into());
    Pipeline {
        id: "deploy",
        name: "Deploy",
        purpose: "Brings one release to one environment. Called by ci.yml and rollback.yml, never by itself.\nThe plan is made before anybody is asked, and what is applied is what was approved. The way back runs in the\nsame job: a job of its own would wait for an approval while users wait for the service.",
        triggers: vec![Trigger::Pipeline],
        inputs: vec![
            input("environment", "Where to"),
            input(
                "release",
                "`new` for what this run built, `previous`, or a commit that was released before",
            ),
        ],
        lane: None,
        jobs: IndexMap::from([("preview".to_owned(), preview()), ("deploy".to_owned(), deploy)]),
    }
}

/// A command about this environment.
fn about(name: &'static str, command: &str) -> Step {
    super::about(name, command, &Text::Input("environment"))
}

/// The release, from this run or from the store.
fn release() -> [Step; 2] {
    // What the older release did not know yet stays as it is.
    let older = "infra/pipeline/fetch.sh \"$ENVIRONMENT\" last-good\ninfra/pipeline/fetch.sh \"$ENVIRONMENT\" \"$RELEASE\"\nif [ ! -s release/id ]; then\n  echo \"::error title=$ENVIRONMENT::there is no $RELEASE release\"\n  exit 1\nfi\n";
    [
        Step::new("Bring the release of this run", Action::Bring { pattern: "release", into: "release" })
            .when(When::NewRelease),
        about("Bring an older release", older).env("RELEASE", Text::Input("release")).when(When::OldRelease),
    ]
}

/// The plan that approvers look at, made by a role that only reads.
fn preview() -> Job {
    let mut steps = vec![sources(), terraform(), role("Become the role that plans", "AWS_PLAN_ROLE_ARN")];
    steps.extend(release());
    let show = "infra/pipeline/plan.sh \"$ENVIRONMENT\" -lock=false\n{\n  echo \"## Plan of $ENVIRONMENT\"\n  jq -r '.[] | \"- `\\(.address)`: \\(.actions | join(\", \"))\"' plan/changes.json\n  echo\n  tail -n 3 plan/plan.txt\n} >> \"$GITHUB_STEP_SUMMARY\"\necho \"digest=$(cat plan/digest)\" >> \"$GITHUB_OUTPUT\"\n";
    steps.push(about("Plan", show).id("plan"));
    let mut body = Body::new(30, steps);
    body.env = state();
    body.outputs = IndexMap::from([("digest", ("plan", "digest"))]);
    Job::new(joined(["Plan ".into(), Text::Input("environment")]), CLOUD, body)
}

fn apply() -> Job {
    let become_deployer = || role("Become the role that deploys", "AWS_DEPLOY_ROLE_ARN");
    // A role's session lasts an hour, and a first deployment, a release and a way back may each take most of one.
    let renew = || role("Renew the role's session", "AWS_DEPLOY_ROLE_ARN");
    // The whole history, because commits are compared.
    let history = Step::new("Check out the sources", Action::Sources(0));
    let mut steps = vec![history, terraform(), become_deployer()];
    steps.extend(release());
    steps.extend([
        about(
            "Refuse what is older than what serves",
            "infra/pipeline/newer.sh \"$ENVIRONMENT\" \"$COMMIT\"",
        )
        .env("COMMIT", Text::Commit)
        .when(When::NewRelease),
        about("Apply what was approved", "infra/pipeline/apply.sh \"$ENVIRONMENT\" \"$DIGEST\"")
            .env("DIGEST", Text::Job("preview", "digest"))
            .id("apply"),
        renew(),
        about("Release to users", "infra/pipeline/release.sh \"$ENVIRONMENT\""),
        about("Ask every public address", "infra/pipeline/smoke.sh \"$ENVIRONMENT\""),
        about("Remember this release as good", "infra/pipeline/store.sh \"$ENVIRONMENT\" \"$COMMIT\"")
            .env("COMMIT", Text::Commit)
            .when(When::NewRelease),
        about(
            "Remember the older release as good",
            "infra/pipeline/store.sh \"$ENVIRONMENT\" \"$(cat release/id)\"",
        )
        .when(When::OldRelease),
        renew().when(When::Failed),
        about("Put the last good release back", "infra/pipeline/rollback.sh \"$ENVIRONMENT\"")
            .when(When::Failed),
    ]);
    let mut body = Body::new(180, steps);
    body.environment = Some(Text::Input("environment"));
    body.lane = Some(lane(&Text::Input("environment")));
    body.env = state();
    Job::new(joined(["Deploy to ".into(), Text::Input("environment")]), CLOUD, body)
}
