//! How much each service has to do in one environment.
//!
//! What the spec says is scaled by the environment; what it does not say is assumed, once and in the open, as a
//! decision. Must not choose anything: it only fills in numbers.

use std::collections::BTreeMap;

use spec::{Access, Environment, ResourceType, Service, Source, Spec, UseTarget};

use crate::blueprint::{Decision, LoadDesign};
use crate::decide::Question;
use crate::rules;

/// What a service does, as far as its load is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Answers requests on a port.
    Server,
    /// Takes messages from a queue or a broker.
    Reader,
    /// Runs by itself all the time.
    Worker,
    /// Runs on a schedule.
    Scheduled,
    /// Runs at each deployment.
    Once,
    /// Files.
    Site,
}

/// What a service does.
pub(crate) fn role(spec: &Spec, service: &Service) -> Role {
    if matches!(service.source, Source::Static(_)) {
        Role::Site
    } else if service.schedule.is_some() {
        Role::Scheduled
    } else if service.once {
        Role::Once
    } else if service.port.is_some() {
        Role::Server
    } else if queues(spec, service).next().is_some() || takes_messages(spec, service) {
        Role::Reader
    } else {
        Role::Worker
    }
}

/// Whether a service without a port takes messages from something other than a queue.
fn takes_messages(spec: &Spec, service: &Service) -> bool {
    let broker = |name: &str| {
        let ty = spec.resources.get(name).map(|r| r.ty.value);
        matches!(ty, Some(ResourceType::Rabbitmq | ResourceType::Kafka))
    };
    let reads =
        |u: &spec::Use| u.target == UseTarget::Resource && u.access != Access::Write && broker(&u.name);
    service.load.messages.is_some() || service.uses.iter().any(reads)
}

/// The queues that a service may read, when it has no port to be called on.
pub(crate) fn queues<'a>(spec: &'a Spec, service: &'a Service) -> impl Iterator<Item = &'a str> {
    let reads = service.port.is_none() && service.schedule.is_none() && !service.once;
    service
        .uses
        .iter()
        .filter(move |u| {
            let queue = spec.resources.get(&u.name).is_some_and(|r| r.ty.value == ResourceType::Queue);
            reads && u.target == UseTarget::Resource && u.access != Access::Write && queue
        })
        .map(|u| u.name.as_str())
}

/// Load of every service in an environment.
pub(crate) fn loads<'a>(spec: &'a Spec, environment: &Environment) -> BTreeMap<&'a str, LoadDesign> {
    let scale = amount(environment.scale.value, 1.0);
    spec.services.iter().map(|(name, service)| (name.as_str(), load(spec, service, scale))).collect()
}

/// Load of one service.
pub(crate) fn load(spec: &Spec, service: &Service, scale: f64) -> LoadDesign {
    let said = &service.load;
    let role = role(spec, service);
    let value = |said: &Option<ir::Spanned<f64>>, otherwise: f64| {
        said.as_ref().map_or(otherwise, |s| amount(s.value, otherwise))
    };
    let requests = match role {
        Role::Server => rules::ASSUMED_REQUESTS,
        Role::Site => rules::ASSUMED_FILES,
        _ => 0.0,
    };
    let messages = if role == Role::Reader { rules::ASSUMED_MESSAGES } else { 0.0 };
    LoadDesign {
        requests: value(&said.requests, requests) * scale,
        messages: value(&said.messages, messages) * scale,
        peak: value(&said.peak, rules::ASSUMED_PEAK).max(1.0),
        cpu_seconds: value(&said.cpu, rules::ASSUMED_CPU_SECONDS),
        response_kib: value(
            &said.response_kib,
            if role == Role::Site { rules::ASSUMED_FILE_KIB } else { 0.0 },
        ),
    }
}

/// A number that sizes can be computed from: not negative, finite.
pub(crate) fn amount(said: f64, otherwise: f64) -> f64 {
    if said.is_finite() && said >= 0.0 { said } else { otherwise }
}

/// MiB a copy needs: what the service says, else the limit a foreign file set, else the assumption.
pub(crate) fn memory_mib(service: &Service) -> f64 {
    let said = service.load.memory_mib.as_ref().map(|m| m.value).or(service.limits.memory_mib);
    amount(said.unwrap_or(rules::ASSUMED_MEMORY_MIB), rules::ASSUMED_MEMORY_MIB)
}

/// One decision for each service that left something unsaid.
pub(crate) fn assumptions(spec: &Spec) -> Vec<Decision> {
    let of = |(name, service): (&String, &Service)| assumption(spec, name, service);
    spec.services.iter().filter_map(of).collect()
}

fn assumption(spec: &Spec, name: &str, service: &Service) -> Option<Decision> {
    let role = role(spec, service);
    let said = &service.load;
    let mut assumed: Vec<(&'static str, String)> = Vec::new();
    let mut assume = |missing: bool, what: &'static str, value: String| {
        if missing {
            assumed.push((what, value));
        }
    };
    let runs = matches!(role, Role::Server | Role::Reader);
    let answers = matches!(role, Role::Server | Role::Site);
    let requests = if role == Role::Site { rules::ASSUMED_FILES } else { rules::ASSUMED_REQUESTS };
    assume(answers && said.requests.is_none(), "requests", format!("{requests}/s"));
    assume(
        role == Role::Reader && said.messages.is_none(),
        "messages",
        format!("{}/s", rules::ASSUMED_MESSAGES),
    );
    assume(runs && said.peak.is_none(), "peak", format!("{}x the mean", rules::ASSUMED_PEAK));
    assume(runs && said.cpu.is_none(), "cpu", format!("{} ms", rules::ASSUMED_CPU_SECONDS * 1000.0));
    let memory = role != Role::Site && said.memory_mib.is_none() && service.limits.memory_mib.is_none();
    assume(memory, "memory", format!("{} MiB a copy", rules::ASSUMED_MEMORY_MIB));
    let run = role == Role::Scheduled && said.duration.is_none();
    assume(run, "duration", format!("{} s a run", rules::ASSUMED_RUN_SECONDS));
    assume(
        role == Role::Site && said.response_kib.is_none(),
        "file",
        format!("{} KiB", rules::ASSUMED_FILE_KIB),
    );
    if assumed.is_empty() {
        return None;
    }
    let chosen = assumed.iter().map(|(what, value)| format!("{what} {value}")).collect::<Vec<_>>().join(", ");
    let question = Question {
        subject: name.to_owned(),
        topic: "load",
        text: format!("How much does {name} have to do?"),
        because: format!(
            "The spec does not say, and a size needs a number. These are modest figures for a young service; \
             `services.{name}.load` replaces them, and the autoscaler follows the real load within its limits."
        ),
        inputs: assumed,
        ..Question::default()
    };
    Some(question.settled(chosen))
}
