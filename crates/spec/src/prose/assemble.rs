//! Turns a draft into a spec: what was said as it was said, what was not as an assumption with its reason.

use indexmap::IndexMap;
use ir::Spanned;

use super::draft::{Draft, DraftEnvironment, DraftService, Peak, Region};
use super::terms::Role;
use super::{Refusal, Understanding};
use crate::defaults::STAGING_SCALE;
use crate::model::{
    Access, Assumption, Build, Cloud, Deliver, Environment, Load, Protocol, Provider, Resource, ResourceType,
    Scan, Secret, Service, Slo, Source, Spec, Stack, Use, UseTarget,
};

/// Ends the reading.
pub(super) fn assemble(mut draft: Draft<'_>, refusals: Vec<Refusal>) -> Understanding {
    if draft.services.is_empty() {
        draft.miss("what runs: an API, a site, a worker or a job");
        return Understanding {
            understood: draft.facts(),
            missing: draft.missing,
            not_understood: draft.not_understood,
            refusals,
            ..Understanding::default()
        };
    }
    let mut assumptions = Assumptions(Vec::new());
    let cloud = cloud(&mut draft, &mut assumptions);
    spread(&mut draft);
    let environments = environments(&draft, &mut assumptions);
    let services = services(&mut draft, &mut assumptions);
    for (said, what) in [
        (draft.owner.is_some(), "who owns it: an e-mail address for alarms"),
        (draft.budget.is_some(), "a budget, in dollars a month"),
        (draft.availability.is_some(), "how available it must be, such as 99.9 %"),
    ] {
        if !said {
            draft.miss(what);
        }
    }
    if draft.budget_without_period {
        assumptions.add("budget", "a month's", "the text gives a price and not for how long");
    }
    let mut deliver = Deliver::default();
    for (key, value) in &draft.deliver {
        let slot = match *key {
            "iac" => &mut deliver.iac,
            "runtime" => &mut deliver.runtime,
            "ci" => &mut deliver.ci,
            "observability" => {
                if !deliver.observability.iter().any(|tool| tool == value) {
                    deliver.observability.push((*value).to_owned());
                }
                continue;
            }
            _ => &mut deliver.secrets,
        };
        *slot = (*value).to_owned();
    }
    let name = draft.name.clone().unwrap_or_else(|| {
        assumptions.add("name", "app", "the text gives the application no name");
        "app".to_owned()
    });
    let spec = Spec {
        name: Spanned::bare(name),
        owner: draft.owner.clone().map(Spanned::bare),
        cloud,
        budget: draft.budget.map(Spanned::bare),
        environments,
        services,
        resources: resources(&draft),
        secrets: draft.secrets.iter().map(|s| (s.clone(), Secret::default())).collect(),
        deliver,
        assumptions: assumptions.0.clone(),
    };
    Understanding {
        spec: Some(spec),
        understood: draft.facts(),
        assumed: assumptions.0,
        missing: draft.missing,
        not_understood: draft.not_understood,
        refusals,
    }
}

struct Assumptions(Vec<Assumption>);

impl Assumptions {
    fn add(&mut self, subject: impl Into<String>, assumed: impl Into<String>, because: &str) {
        self.0.push(Assumption {
            subject: subject.into(),
            assumed: assumed.into(),
            because: because.to_owned(),
        });
    }
}

fn cloud(draft: &mut Draft<'_>, assumptions: &mut Assumptions) -> Cloud {
    let provider = draft.provider.unwrap_or(Provider::Aws);
    let mut regions = Vec::new();
    for Region { place, named, wide } in draft.regions.clone() {
        match place.region(provider) {
            Some(id) if wide => {
                let because = "the text names a part of the world and not where in it";
                assumptions.add("cloud.regions", format!("[{id}]"), because);
                regions.push(Spanned::bare(id.to_owned()));
            }
            Some(id) => regions.push(Spanned::bare(id.to_owned())),
            None => draft.miss(format!(
                "another region: {} has none in {named}",
                format!("{provider:?}").to_lowercase()
            )),
        }
    }
    crate::defaults::cloud(draft.provider.map(Spanned::bare), regions, &mut assumptions.0)
}

fn is_database(ty: ResourceType) -> bool {
    matches!(ty, ResourceType::Postgres | ResourceType::Mysql | ResourceType::Mongodb)
}

/// Gives quantities that stood near nothing to the only thing they can mean.
fn spread(draft: &mut Draft<'_>) {
    let first = |draft: &Draft<'_>, role| draft.services.iter().position(|s: &DraftService| s.role == role);
    if let Some(requests) = draft.requests
        && let Some(at) = first(draft, Role::Api).or_else(|| first(draft, Role::Site))
    {
        draft.services[at].requests.get_or_insert(requests);
    }
    if let Some(messages) = draft.messages {
        match first(draft, Role::Worker) {
            Some(at) => drop(draft.services[at].messages.get_or_insert(messages)),
            None => draft.miss("what reads the messages: the text names no worker"),
        }
    }
    if let Some(gib) = draft.storage_gib {
        let holds = |ty| {
            !matches!(
                ty,
                ResourceType::Queue | ResourceType::Topic | ResourceType::Redis | ResourceType::Memcached
            )
        };
        let holders: Vec<usize> =
            (0..draft.resources.len()).filter(|r| holds(draft.resources[*r].ty)).collect();
        match holders.as_slice() {
            [only] => drop(draft.resources[*only].storage_gib.get_or_insert(gib)),
            _ => draft.miss(format!("what the {gib} GiB are for")),
        }
    }
    if let Some(queries) = draft.queries
        && !draft.resources.iter().any(|r| is_database(r.ty))
    {
        draft.miss(format!("what answers the {queries} queries a second: the text names no database"));
    }
}

fn environments(draft: &Draft<'_>, assumptions: &mut Assumptions) -> IndexMap<String, Environment> {
    if draft.environments.is_empty() && draft.unwanted.is_empty() {
        let mut usual = crate::defaults::environments(&mut assumptions.0);
        if let Some(production) = usual.get_mut("production") {
            promise(production, draft);
        }
        return usual;
    }
    let mut named = draft.environments.clone();
    if !named.iter().any(|e| e.name == "production") {
        assumptions.add(
            "environments.production",
            "production",
            "what the text describes has to run for its users somewhere",
        );
        named.push(DraftEnvironment { name: "production", scale: None, availability: None });
    }
    // Production last: releases arrive in this order.
    named.sort_by_key(|e| e.name == "production");
    let made = named.into_iter().map(|DraftEnvironment { name, scale, availability }| {
        let production = name == "production";
        if scale.is_none() && !production {
            assumptions.add(format!("environments.{name}.scale"), "10%", "only testers use it");
        }
        let usual = if production { 1.0 } else { STAGING_SCALE };
        let mut environment = crate::defaults::environment(scale.unwrap_or(usual));
        environment.availability = availability.map(Spanned::bare);
        if production {
            promise(&mut environment, draft);
        }
        (name.to_owned(), environment)
    });
    made.collect()
}

/// What the text promises holds where the users are.
fn promise(production: &mut Environment, draft: &Draft<'_>) {
    production.availability = draft.availability.map(Spanned::bare);
    production.rto = draft.rto.map(Spanned::bare);
    production.rpo = draft.rpo.map(Spanned::bare);
    production.approvers = draft.approvers.iter().cloned().map(Spanned::bare).collect();
}

fn services(draft: &mut Draft<'_>, assumptions: &mut Assumptions) -> IndexMap<String, Service> {
    let drafts = draft.services.clone();
    let mut services = IndexMap::new();
    for service in &drafts {
        let key = format!("services.{}", service.name);
        let source = source(service, &key, draft, assumptions);
        let requests = matches!(service.role, Role::Api);
        if requests && service.requests.is_none() {
            draft.miss(format!("how many requests a second {} answers", service.name));
        }
        if service.role == Role::Worker && service.messages.is_none() {
            draft.miss(format!("how many messages a second {} reads", service.name));
        }
        let peak = draft.peak.and_then(|p| match p {
            Peak::Times(times) => Some(times),
            Peak::Requests(peak) => {
                service.requests.filter(|mean| *mean > 0.0).map(|mean| (peak / mean).max(1.0))
            }
        });
        if let (Some(Peak::Requests(peak)), None, true) = (draft.peak, service.requests, requests) {
            draft.miss(format!(
                "the mean load of {}: only its peak of {peak} requests a second was said",
                service.name
            ));
        }
        let loaded = service.requests.is_some() || service.messages.is_some();
        let port = service.port.or(draft.port).filter(|_| requests).or_else(|| {
            requests.then(|| {
                assumptions.add(format!("{key}.port"), "8080", "the text names no port");
                8080
            })
        });
        let made = Service {
            source,
            port: port.map(Spanned::bare),
            protocol: Protocol::Http,
            public: Spanned::bare(public(service, &key, assumptions)),
            host: host(service, &drafts, draft).map(Spanned::bare),
            health: service.health.clone().or(draft.health.clone()).filter(|_| requests).map(Spanned::bare),
            load: Load {
                requests: service.requests.map(Spanned::bare),
                messages: service.messages.map(Spanned::bare),
                peak: peak.filter(|_| loaded).map(Spanned::bare),
                cpu: service.cpu.map(Spanned::bare),
                memory_mib: service.memory_mib.map(Spanned::bare),
                ..Load::default()
            },
            slo: slo(draft, requests, &key, assumptions),
            uses: uses(service, &drafts, draft, &key, assumptions),
            release: Spanned::bare(draft.release.filter(|_| requests).unwrap_or_default()),
            schedule: schedule(service, &key, assumptions),
            once: false,
            env: IndexMap::new(),
            entrypoint: None,
            command: None,
            limits: crate::model::Limits::default(),
            span: None,
        };
        services.insert(service.name.clone(), made);
    }
    services
}

/// The host name that was given beside a service; one given on its own is the site's, or else the first API's.
fn host(service: &DraftService, all: &[DraftService], draft: &Draft<'_>) -> Option<String> {
    let front =
        all.iter().find(|s| s.role == Role::Site).or_else(|| all.iter().find(|s| s.role == Role::Api));
    let own = draft.host.clone().filter(|_| front.is_some_and(|f| f.name == service.name));
    service.host.clone().or(own)
}

fn source(service: &DraftService, key: &str, draft: &mut Draft<'_>, assumptions: &mut Assumptions) -> Source {
    let folder = format!("./{}", service.name);
    if service.role == Role::Site {
        let folder = format!("{folder}/dist");
        assumptions.add(format!("{key}.static"), &folder, "the text does not say where the built pages lie");
        return Source::Static(Spanned::bare(folder));
    }
    assumptions.add(format!("{key}.build"), &folder, "the text does not say where the source lies");
    let stack = service.language.and_then(|l| l.stack).filter(|s| *s != Stack::Static);
    match service.language {
        Some(language) if stack.is_none() => {
            draft.miss(format!(
                "a Dockerfile for {}: none can be written for {}",
                service.name, language.name
            ));
        }
        Some(language)
            if language.name == "Node.js" || language.name == "Java" || language.name == "Python" =>
        {
            let manager = match stack {
                Some(Stack::JavaMaven) => "Maven",
                Some(Stack::PythonPip) => "pip",
                _ => "npm",
            };
            assumptions.add(
                format!("{key}.build.manager"),
                manager,
                "the text names a language and not how its packages are managed",
            );
        }
        Some(_) => {}
        None => draft.miss(format!("which language {} is written in", service.name)),
    }
    let scan = stack.map(|stack| Scan {
        stack: Some(stack),
        version: service.version.map(|v| v.to_string()),
        ..Scan::default()
    });
    Source::Build(Build {
        context: Spanned::bare(folder),
        dockerfile: None,
        target: None,
        args: IndexMap::new(),
        scan,
    })
}

fn public(service: &DraftService, key: &str, assumptions: &mut Assumptions) -> bool {
    if let Some(public) = service.public {
        return public;
    }
    let public = matches!(service.role, Role::Api | Role::Site);
    if public {
        assumptions.add(
            format!("{key}.public"),
            "true",
            "it answers requests, and the text does not call it internal",
        );
    }
    public
}

fn slo(draft: &Draft<'_>, requests: bool, key: &str, assumptions: &mut Assumptions) -> Option<Slo> {
    let (latency, said) = draft.latency.filter(|_| requests)?;
    if !said {
        assumptions.add(
            format!("{key}.slo.latency"),
            "p95",
            "the text gives a latency and not for which share of requests",
        );
    }
    Some(Slo { availability: None, latency: Some(Spanned::bare(latency)) })
}

fn schedule(service: &DraftService, key: &str, assumptions: &mut Assumptions) -> Option<Spanned<String>> {
    if service.role != Role::Job {
        return None;
    }
    let expression = service.schedule.as_ref().map_or("0 2 * * *", |s| s.expression.as_str());
    if !service.schedule.as_ref().is_some_and(|s| s.exact) {
        assumptions.add(
            format!("{key}.schedule"),
            expression,
            "the text does not say at which hour it runs; this one is quiet, in UTC",
        );
    }
    Some(Spanned::bare(expression.to_owned()))
}

/// Everything that can be meant: a text says what there is and seldom who uses it.
fn uses(
    service: &DraftService,
    all: &[DraftService],
    draft: &Draft<'_>,
    key: &str,
    assumptions: &mut Assumptions,
) -> Vec<Use> {
    let used =
        |target, name: &str| Use { target, name: name.to_owned(), access: Access::ReadWrite, span: None };
    let uses: Vec<Use> = match service.role {
        Role::Site => {
            all.iter().filter(|s| s.role == Role::Api).map(|s| used(UseTarget::Service, &s.name)).collect()
        }
        _ => {
            let resources = draft.resources.iter().map(|r| used(UseTarget::Resource, &r.name));
            resources.chain(draft.secrets.iter().map(|s| used(UseTarget::Secret, s))).collect()
        }
    };
    if !uses.is_empty() {
        let names: Vec<&str> = uses.iter().map(|u| u.name.as_str()).collect();
        assumptions.add(
            format!("{key}.uses"),
            names.join(", "),
            "the text does not say which service uses what",
        );
    }
    uses
}

fn resources(draft: &Draft<'_>) -> IndexMap<String, Resource> {
    let database = draft.resources.iter().position(|r| is_database(r.ty));
    let made = draft.resources.iter().enumerate().map(|(at, r)| {
        let resource = Resource {
            ty: Spanned::bare(r.ty),
            version: r.version.map(|v| Spanned::bare(v.to_string())),
            storage_gib: r.storage_gib.map(Spanned::bare),
            memory_gib: r.memory_gib.map(Spanned::bare),
            queries: draft.queries.filter(|_| database == Some(at)).map(Spanned::bare),
            retention: None,
            migrations: None,
            ordered: r.ordered,
            subscribers: Vec::new(),
            database: None,
            local_image: None,
            span: None,
        };
        (r.name.clone(), resource)
    });
    made.collect()
}
