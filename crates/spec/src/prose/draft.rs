//! What has been understood so far, sentence by sentence, before anything is assumed.
//!
//! Every fact claims the words it was read from, so that what nothing claimed can be told. The draft must not
//! choose: of two values for one key it keeps the later and asks which holds.

use std::ops::Range;

use ir::{Availability, Usd};

use super::Fact;
use super::places::Place;
use super::terms::{Language, Role};
use crate::model::{LatencyTarget, Provider, Release, ResourceType};
use crate::names;

/// The state of the reading. `None` is "not said".
#[derive(Clone, Debug, Default)]
pub(super) struct Draft<'t> {
    /// What is read.
    pub text: &'t str,
    /// Whether the sentence being read corrects what was said before.
    pub corrects: bool,
    /// Which bytes of the text meant something.
    claimed: Vec<bool>,
    facts: Vec<(usize, Fact)>,
    pub name: Option<String>,
    /// Where the text gives the name.
    pub named: Option<Range<usize>>,
    pub owner: Option<String>,
    pub provider: Option<Provider>,
    pub regions: Vec<Region>,
    pub budget: Option<Usd>,
    /// Whether the text gave the budget without saying for how long.
    pub budget_without_period: bool,
    pub approvers: Vec<String>,
    pub services: Vec<DraftService>,
    pub resources: Vec<DraftResource>,
    /// In the order in which they were named.
    pub environments: Vec<DraftEnvironment>,
    /// Environments that the text does not want.
    pub unwanted: Vec<&'static str>,
    pub availability: Option<Availability>,
    pub rto: Option<u64>,
    pub rpo: Option<u64>,
    pub secrets: Vec<String>,
    pub deliver: Vec<(&'static str, &'static str)>,
    pub missing: Vec<String>,
    /// Words that set nothing, as written.
    pub not_understood: Vec<String>,
    /// Users or customers, for "each makes ten requests a day".
    pub people: Option<f64>,
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

/// An environment.
#[derive(Clone, Debug)]
pub(super) struct DraftEnvironment {
    pub name: &'static str,
    pub scale: Option<f64>,
    pub availability: Option<Availability>,
}

/// A region, by the place that was named.
#[derive(Clone, Copy)]
pub(super) struct Region {
    pub place: &'static Place,
    /// The word used.
    pub named: &'static str,
    /// Whether the text named something wider, such as a continent.
    pub wide: bool,
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
    /// CPU seconds a request.
    pub cpu: Option<f64>,
    pub port: Option<u16>,
    pub health: Option<String>,
    pub host: Option<String>,
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

/// Keys that a text may set many times.
static LISTS: &[&str] = &[
    "services",
    "resources",
    "cloud",
    "deliver",
    "deliver.observability",
    "secrets",
    "environments",
    "cloud.regions",
    "environments.production.approvers",
];

impl<'t> Draft<'t> {
    /// Nothing understood yet.
    pub fn new(text: &'t str) -> Self {
        Self { text, claimed: vec![false; text.len()], ..Self::default() }
    }

    /// Records what the text said in these bytes.
    pub fn fact(&mut self, said: Range<usize>, key: impl Into<String>, value: impl Into<String>) {
        let fact = Fact { phrase: self.text[said.clone()].to_owned(), key: key.into(), value: value.into() };
        let single = !LISTS.contains(&fact.key.as_str());
        let before = self.facts.iter().position(|(_, f)| single && f.key == fact.key);
        if let Some((_, old)) = before.map(|at| self.facts.remove(at))
            && old.value != fact.value
            && !self.corrects
        {
            self.miss(format!(
                "whether {} is \"{}\" or \"{}\": the text says both, and the later is taken",
                fact.key, old.phrase, fact.phrase
            ));
        }
        self.facts.push((said.start, fact));
        self.claim(said);
    }

    /// Records that these bytes meant something, though they set no key.
    pub fn claim(&mut self, said: Range<usize>) {
        self.claimed[said].fill(true);
    }

    /// Whether a byte of these was claimed.
    pub fn is_claimed(&self, bytes: &Range<usize>) -> bool {
        self.claimed[bytes.clone()].contains(&true)
    }

    /// Everything that was said, in the text's order.
    pub fn facts(&self) -> Vec<Fact> {
        let mut facts = self.facts.clone();
        facts.sort_by_key(|(at, _)| *at);
        facts.into_iter().map(|(_, fact)| fact).collect()
    }

    /// Records that something was said which leaves a question open.
    pub fn ask(&mut self, said: Range<usize>, what: impl Into<String>) {
        self.claim(said);
        self.miss(what);
    }

    /// Takes a resource back, with everything that was said of it.
    pub fn forget_resource(&mut self, at: usize) {
        let gone = self.resources.remove(at);
        let prefix = format!("resources.{}.", gone.name);
        self.facts.retain(|(_, f)| !f.key.starts_with(&prefix));
    }

    /// Takes every service of a role back, with everything that was said of it.
    pub fn forget_services(&mut self, role: Role) {
        for gone in self.services.extract_if(.., |s| s.role == role) {
            let (key, prefix) = (format!("services.{}", gone.name), format!("services.{}.", gone.name));
            self.facts.retain(|(_, f)| f.key != key && !f.key.starts_with(&prefix));
        }
    }

    /// The only service of a kind: what is said beside no service can mean no other.
    pub fn only(&self, is: impl Fn(&DraftService) -> bool) -> Option<usize> {
        let mut of_kind = (0..self.services.len()).filter(|s| is(&self.services[*s]));
        of_kind.next().filter(|_| of_kind.next().is_none())
    }

    /// The environment of a name, made when it is new.
    pub fn environment(&mut self, name: &'static str) -> &mut DraftEnvironment {
        let at = self.environments.iter().position(|e| e.name == name).unwrap_or_else(|| {
            self.environments.push(DraftEnvironment { name, scale: None, availability: None });
            self.environments.len() - 1
        });
        &mut self.environments[at]
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
            cpu: None,
            port: None,
            health: None,
            host: None,
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
                let (old, new) =
                    (format!("resources.{}.", self.resources[at].name), format!("resources.{given}."));
                for (_, fact) in &mut self.facts {
                    fact.key = fact.key.replace(&old, &new);
                }
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

impl Draft<'_> {
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
