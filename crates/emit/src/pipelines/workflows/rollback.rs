//! The way back that a person takes: an older release, deployed like a new one but for its tasks.

use indexmap::IndexMap;

use super::super::delivery::Delivery;
use super::super::model::{Input, Job, Pipeline, Text, Trigger, When, Work};
use super::{CLOUD, joined};

pub(super) fn pipeline(delivery: &Delivery) -> Pipeline {
    let job = Job {
        name: joined(["Roll back ".into(), Text::Input("environment")]),
        needs: Vec::new(),
        when: When::Always,
        rights: CLOUD.to_vec(),
        work: Work::Pipeline {
            id: "deploy",
            inputs: IndexMap::from([
                ("environment", Text::Input("environment")),
                ("release", Text::Input("release")),
            ]),
        },
    };
    Pipeline {
        id: "rollback",
        name: "Roll back",
        purpose: "Puts an older release of an environment back. Images and sites go back; infrastructure is what this\nbranch says, and rows that the newer release wrote stay.",
        triggers: vec![Trigger::Person],
        inputs: vec![
            Input {
                name: "environment",
                description: "Which environment",
                choices: delivery.environments.keys().cloned().collect(),
                default: None,
            },
            Input {
                name: "release",
                description: "`previous`, `last-good`, or the whole commit of a release that reached this environment",
                choices: Vec::new(),
                default: Some("previous"),
            },
        ],
        lane: None,
        jobs: IndexMap::from([("rollback".to_owned(), job)]),
    }
}
