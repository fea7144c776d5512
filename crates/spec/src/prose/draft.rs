//! What has been understood so far, sentence by sentence, before anything is assumed.

use ir::{Availability, Usd};

use super::Fact;
use super::places::Place;
use super::terms::{Language, Role};
use crate::model::{LatencyTarget, Provider, Release, ResourceType};
use crate::names;

/// The state of the reading. `None` is "not said".
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub name: Option<String>,
    pub owner: Option<String>,
    pub provider: Option<Provider>,
    pub regions: Vec<Region>,
    pub budget: Option<Usd>,
    pub services: Vec<DraftService>,
    pub resources: Vec<DraftResource>,
    pub environments: Vec<(&'static str, Option<f64>)>,
    pub availability: Option<Availability>,
    pub rto: Option<u64>,
    pub rpo: Option<u64>,
    pub secrets: Vec<String>,
    pub deliver: Vec<(&'static str, &'static str)>,
    pub facts: Vec<Fact>,
    pub missing: Vec<String>,
    /// Requests a second that stood near no service.
    pub requests: Option<f64>,
    /// Messages a second that stood near no service.
    pub messages: Option<f64>,
    /// Peak as a multiple, or as requests a second.
    pub peak: Option<Peak>,
    /// GiB that stood near no resource.
    pub storage_gib: Option<f64>,
    /// Queries a second.
    pub queries: Option<f64>,
    pub latency: Option<(LatencyTarget, bool)>,
    pub release: Option<Release>,
    pub port: Option<u16>,
    pub health: Option<String>,
    pub host: Option<String>,
}

/// A region, by the place that was named.
#[derive(Clone, Copy)]
pub(super) struct Region {
    pub place: &'static Place,
    /// The word used.
    pub named: &'static str,
}

impl std::fmt::Debug for Region {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.named)
    }
}

/// How high the load rises.
#[derive(Clone, Copy, Debug)]
pub(super) enum Peak {
    /// A multiple of the mean.
    Times(f64),
    /// Requests a second.
    Requests(f64),
}

#[derive(Clone, Debug)]
pub(super) struct DraftService {
    pub name: String,
    pub role: Role,
    pub language: Option<Language>,
    pub version: Option<f64>,
    pub public: Option<bool>,
    pub requests: Option<f64>,
    pub messages: Option<f64>,
    pub memory_mib: Option<f64>,
    pub schedule: Option<Cron>,
}

/// A schedule.
#[derive(Clone, Debug)]
pub(super) struct Cron {
    /// Five fields, UTC.
    pub expression: String,
    /// Whether the text said the hour, or only how often.
    pub exact: bool,
}

#[derive(Clone, Debug)]
pub(super) struct DraftResource {
    pub name: String,
    pub ty: ResourceType,
    pub version: Option<f64>,
    pub storage_gib: Option<f64>,
    pub memory_gib: Option<f64>,
    pub ordered: bool,
}

impl Draft {
    /// Records what the text said.
    pub fn fact(&mut self, phrase: &str, key: impl Into<String>, value: impl Into<String>) {
        let fact = Fact { phrase: phrase.to_owned(), key: key.into(), value: value.into() };
        if !self.facts.contains(&fact) {
            self.facts.push(fact);
        }
    }

    /// Records what nobody said.
    pub fn miss(&mut self, what: impl Into<String>) {
        let what = what.into();
        if !self.missing.contains(&what) {
            self.missing.push(what);
        }
    }

    /// The service of a name, made when it is new; two roles of one name get different names.
    pub fn service(&mut self, name: &str, role: Role) -> usize {
        let told_apart = format!("{name}-{}", role.name());
        let same = |s: &DraftService| s.role == role && (s.name == name || s.name == told_apart);
        if let Some(at) = self.services.iter().position(same) {
            return at;
        }
        let name = self.free_name(name, &told_apart);
        self.services.push(DraftService {
            name,
            role,
            language: None,
            version: None,
            public: None,
            requests: None,
            messages: None,
            memory_mib: None,
            schedule: None,
        });
        self.services.len() - 1
    }

    /// The resource of a type and, if one was given, a name.
    pub fn resource(&mut self, ty: ResourceType, given: Option<&str>) -> usize {
        let same =
            |r: &DraftResource| r.ty == ty && given.is_none_or(|g| r.name == g || r.name == usual_name(ty));
        if let Some(at) = self.resources.iter().position(same) {
            if let Some(given) = given {
                self.resources[at].name = given.to_owned();
            }
            return at;
        }
        let wanted = given.unwrap_or(usual_name(ty));
        let name = self.free_name(wanted, &format!("{wanted}-{}", ty.word()));
        self.resources.push(DraftResource {
            name,
            ty,
            version: None,
            storage_gib: None,
            memory_gib: None,
            ordered: false,
        });
        self.resources.len() - 1
    }
}

impl Draft {
    /// The first of the two that nothing bears yet, made to fit.
    fn free_name(&self, wanted: &str, otherwise: &str) -> String {
        let taken = |name: &str| {
            self.resources.iter().any(|r| r.name == name) || self.services.iter().any(|s| s.name == name)
        };
        let name = names::clean(wanted);
        if taken(&name) { names::unique(otherwise, taken) } else { name }
    }
}

/// What a resource is called when the text gives it no name.
fn usual_name(ty: ResourceType) -> &'static str {
    match ty {
        ResourceType::Postgres | ResourceType::Mysql | ResourceType::Mongodb => "db",
        ResourceType::Redis | ResourceType::Memcached => "cache",
        ResourceType::Queue => "queue",
        ResourceType::Topic => "topic",
        ResourceType::Rabbitmq => "broker",
        ResourceType::Kafka => "events",
        ResourceType::Opensearch => "search",
        ResourceType::Bucket => "files",
    }
}

/// Types of which an application usually has one: a correction replaces the other.
pub(super) fn rivals(a: ResourceType, b: ResourceType) -> bool {
    use ResourceType::{Kafka, Memcached, Mongodb, Mysql, Postgres, Queue, Rabbitmq, Redis, Topic};
    let class = |t| match t {
        Postgres | Mysql | Mongodb => 1,
        Redis | Memcached => 2,
        Queue | Topic | Rabbitmq | Kafka => 3,
        _ => 0,
    };
    class(a) != 0 && class(a) == class(b)
}
