//! The part of the Compose specification that is written, as values.

use indexmap::IndexMap;
use serde::Serialize;

/// A compose file.
#[derive(Debug, Serialize)]
pub(super) struct Compose {
    /// The project's name.
    pub name: String,
    /// By name.
    pub services: IndexMap<String, Unit>,
    /// Named volumes with the engine's defaults.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub volumes: IndexMap<String, Option<()>>,
}

/// A container.
#[derive(Debug, Default, Serialize)]
pub(super) struct Unit {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build: Option<Build>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entrypoint: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub environment: IndexMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub healthcheck: Option<Healthcheck>,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub depends_on: IndexMap<String, Depends>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub init: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub security_opt: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restart: Option<&'static str>,
}

/// How an image is built.
#[derive(Debug, Serialize)]
pub(super) struct Build {
    pub context: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dockerfile: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub args: IndexMap<String, String>,
}

/// How the engine asks whether a container is well.
#[derive(Debug, Serialize)]
pub(super) struct Healthcheck {
    pub test: Vec<String>,
    pub interval: &'static str,
    pub timeout: &'static str,
    pub retries: u32,
}

impl Healthcheck {
    /// A check every few seconds: somebody is waiting.
    pub fn of<'a>(test: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            test: test.into_iter().map(str::to_owned).collect(),
            interval: "5s",
            timeout: "5s",
            retries: 20,
        }
    }
}

/// What must hold before a container starts.
#[derive(Debug, Serialize)]
pub(super) struct Depends {
    pub condition: Condition,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Condition {
    ServiceHealthy,
    ServiceCompletedSuccessfully,
}
