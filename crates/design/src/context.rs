//! What every topic of one environment may look at.
//!
//! Topics read this and return candidates; none of them writes to it, so the order of services in the spec
//! cannot change a choice.

use std::collections::BTreeMap;

use spec::{Environment, Spec};

use crate::blueprint::{Compute, LoadDesign};
use crate::capacity::Beside;
use crate::cloud::Cloud;
use crate::decide::Question;
use crate::load::{self, amount};
use crate::network::ZONES;
use crate::rules;

/// What a comparison or a budget asks to hold fixed. The default holds nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Preferences {
    /// Graviton (`true`) or x86 (`false`) for everything.
    pub arm: Option<bool>,
    /// The product that a resource is in every environment, by resource.
    pub products: BTreeMap<String, &'static str>,
    /// Let a resource be the cheapest product of each environment.
    pub products_differ: bool,
    /// Leave the web application firewall out.
    pub without_firewall: bool,
    /// Let the load balancer answer callers over plain HTTP where content delivery could carry their calls.
    pub open_balancer: bool,
    /// Leave the collection of telemetry out.
    pub without_telemetry: bool,
}

/// One environment being designed.
#[derive(Clone)]
pub(crate) struct Context<'a> {
    /// What is asked.
    pub spec: &'a Spec,
    /// Its name.
    pub name: &'a str,
    /// The cloud it is designed for.
    pub cloud: &'static Cloud,
    /// What is asked of it.
    pub environment: &'a Environment,
    /// Whether people depend on it.
    pub critical: bool,
    /// Home region.
    pub region: &'a str,
    /// What is held fixed.
    pub preferences: Preferences,
    /// Load of every service here, scaled.
    pub loads: BTreeMap<&'a str, LoadDesign>,
    /// Which services read which queue: queue to readers.
    pub readers: BTreeMap<&'a str, Vec<&'a str>>,
    /// Which services use which resource: resource to services.
    pub users: BTreeMap<&'a str, Vec<&'a str>>,
    /// Where each service runs, once services are designed: what resources are sized for.
    pub computes: BTreeMap<&'a str, Compute>,
}

impl Context<'_> {
    /// Zones that tasks are spread over. Where a region has one only, two machines of it are taken to fail apart.
    pub fn spread(&self) -> u32 {
        if self.critical { u32::from(self.zones()).max(2) } else { 1 }
    }

    /// Zones of the network: as many as the region offers a new account, three at most.
    pub fn zones(&self) -> u8 {
        let offered = catalog::regions::region(self.region).and_then(|r| u8::try_from(r.zones).ok());
        offered.map_or(ZONES, |zones| zones.min(ZONES))
    }

    /// Whether the spec asks to be watched with something, such as `opentelemetry`.
    pub fn asks_to_watch(&self, with: &str) -> bool {
        self.spec.deliver.observability.iter().any(|asked| asked == with)
    }

    /// Whether the spec asks for telemetry where there is a service that takes it.
    pub fn telemetry_asked(&self) -> bool {
        self.cloud.telemetry && self.asks_to_watch("opentelemetry")
    }

    /// What runs beside the program in a task.
    pub fn beside(&self) -> Beside {
        if self.telemetry_asked() && !self.preferences.without_telemetry {
            Beside { vcpus: rules::COLLECTOR_VCPUS, memory_mib: rules::COLLECTOR_MIB }
        } else {
            Beside::default()
        }
    }

    /// A question about something here.
    pub fn question(&self, subject: &str, topic: &'static str, text: impl Into<String>) -> Question {
        Question {
            environment: Some(self.name.to_owned()),
            subject: subject.to_owned(),
            topic,
            text: text.into(),
            ..Question::default()
        }
    }

    /// Messages a second through a queue: what its readers take, or the assumption when nobody reads. A reader of
    /// several queues takes an even part from each.
    pub fn messages(&self, queue: &str) -> f64 {
        let readers = self.readers.get(queue).map(Vec::as_slice).unwrap_or_default();
        let part = |reader: &&str| {
            let queues = self.spec.services.get(*reader).map_or(1, |s| load::queues(self.spec, s).count());
            self.loads.get(reader).map_or(0.0, |l| l.messages / queues.max(1) as f64)
        };
        if readers.is_empty() {
            rules::ASSUMED_MESSAGES * self.scale()
        } else {
            readers.iter().map(part).sum()
        }
    }

    /// How much of the spec's load and data there is here, as a factor.
    pub fn scale(&self) -> f64 {
        amount(self.environment.scale.value, 1.0)
    }

    /// The highest peak factor among the users of a resource, at least 1.
    pub fn peak(&self, resource: &str) -> f64 {
        let users = self.users.get(resource).map(Vec::as_slice).unwrap_or_default();
        users.iter().filter_map(|u| self.loads.get(u)).map(|l| l.peak).fold(1.0, f64::max)
    }
}
