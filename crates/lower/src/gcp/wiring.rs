//! What one service is given: settings, secrets, rights and open doors.
//!
//! Collected from what the service uses and from the settings its owner wrote, before any node is made; services and
//! jobs then say it in their own way. It must not know what runs the service.

use design::{Compute, ServiceDesign};
use indexmap::IndexMap;
use ir::{Diagnostic, Value};
use spec::{Access, EnvPart, EnvValue, Protocol, UseTarget};

use super::offer::{Door, Grant};
use super::{Env, Offer, Offers, run, site};
use crate::names::{join, variable};
use crate::settings::{Setting, Sources, setting};

/// What the resources and secrets of an environment offer.
pub(crate) struct Catalogue {
    /// By resource name.
    pub resources: Offers,
    /// By secret name.
    pub secrets: Offers,
}

/// What one service is given.
#[derive(Default)]
pub(crate) struct Wiring {
    /// Settings in clear.
    pub env: IndexMap<String, Value>,
    /// Settings that are secrets: variable to the secret's name.
    pub secrets: IndexMap<String, Value>,
    /// What the program may do.
    pub grants: Vec<Grant>,
    /// Doors to go through.
    pub doors: Vec<Door>,
}

/// Collects the wiring of a service.
pub(crate) fn wire(env: &mut Env, name: &str, service: &ServiceDesign, offers: &Catalogue) -> Wiring {
    let mut wiring = Wiring::default();
    for used in &service.uses {
        let offer = match used.target {
            UseTarget::Resource => offers.resources.get(&used.name),
            UseTarget::Secret => offers.secrets.get(&used.name),
            UseTarget::Service => {
                use_service(env, &mut wiring, name, &used.name);
                continue;
            }
        };
        match offer {
            Some(offer) => use_offer(&mut wiring, offer, used.access),
            None => missing(env, name, &used.name),
        }
    }
    for (variable, value) in &service.env {
        set(env, &mut wiring, name, variable, value, offers);
    }
    wiring
}

fn missing(env: &mut Env, service: &str, used: &str) {
    env.diagnostics.push(
        Diagnostic::error(
            "nothing-offered",
            format!("{service} uses {used}, which this environment does not have"),
        )
        .because("Neither a resource, a service nor a secret of that name was lowered.")
        .help(format!("declare `{used}`, or take it out of `uses`")),
    );
}

fn use_offer(wiring: &mut Wiring, offer: &Offer, access: Access) {
    wiring.env.extend(offer.env.clone());
    wiring.secrets.extend(offer.secrets.clone());
    wiring.grants.extend(offer.grants(access));
    wiring.doors.extend(offer.door.clone());
}

/// Another service: its address as settings.
fn use_service(env: &mut Env, wiring: &mut Wiring, name: &str, used: &str) {
    let Some(other) = env.design.services.get(used) else { return };
    let fields: &[&str] = match other.compute {
        Compute::Containers(_) => &["host", "port", "url"],
        Compute::StaticSite { .. } => &["url"],
        Compute::Function(_) | Compute::ScheduledTask { .. } | Compute::OneShot { .. } => &[],
    };
    let component = env.service_component(name);
    for field in fields {
        let value = service_field(env, &component, used, field);
        wiring.env.extend(value.map(|value| (variable(used, field), value)));
    }
}

/// A setting that the owner wrote.
fn set(
    env: &mut Env,
    wiring: &mut Wiring,
    service: &str,
    variable: &str,
    value: &EnvValue,
    offers: &Catalogue,
) {
    // What is written wins over what is offered.
    wiring.env.shift_remove(variable);
    wiring.secrets.shift_remove(variable);
    let component = env.service_component(service);
    let services = named_services(env, &component, value);
    let found = setting(
        (service, variable),
        value,
        &Sources {
            secret: &|part| secret_of(part, offers),
            field: &|target, name, field| match target {
                UseTarget::Service => services.get(&(name.to_owned(), field.to_owned())).cloned(),
                _ => offers.resources.get(name).and_then(|o| o.fields.get(field)).cloned(),
            },
            fields: &|target, name| match target {
                UseTarget::Service => vec!["host", "port", "url"],
                _ => {
                    offers.resources.get(name).map(|o| o.fields.keys().copied().collect()).unwrap_or_default()
                }
            },
        },
    );
    match found {
        Ok(Setting::Secret(secret)) => {
            wiring.secrets.insert(variable.to_owned(), secret);
        }
        Ok(Setting::Clear(value)) => {
            wiring.env.insert(variable.to_owned(), value);
        }
        Err(problem) => env.diagnostics.push(*problem),
    }
}

/// The facts about services that a setting names: an address is told with the project's number, which the component
/// that asks reads itself.
fn named_services(env: &mut Env, component: &str, value: &EnvValue) -> IndexMap<(String, String), Value> {
    let mut facts = IndexMap::new();
    for part in &value.parts {
        if let EnvPart::Reference { target: UseTarget::Service, name, field } = part
            && let Some(fact) = service_field(env, component, name, field)
        {
            facts.insert((name.clone(), field.clone()), fact);
        }
    }
    facts
}

/// The secret that a part names.
fn secret_of(part: &EnvPart, offers: &Catalogue) -> Option<Value> {
    match part {
        EnvPart::Secret(name) => offers.secrets.get(name)?.secrets.values().next().cloned(),
        EnvPart::Reference { target: UseTarget::Resource, name, field } => {
            let offer = offers.resources.get(name)?;
            offer.secrets.get(&variable(name, field)).cloned()
        }
        _ => None,
    }
}

/// A fact about a service, as seen from another: every service answers over TLS at a name of its own. A site is known
/// by the host that it was given.
fn service_field(env: &mut Env, component: &str, name: &str, field: &str) -> Option<Value> {
    let service = env.design.services.get(name)?;
    let host = match &service.compute {
        Compute::StaticSite { .. } => site::host(env, name, service)?.into(),
        Compute::Containers(_) => {
            service.port?;
            run::host(env, component, name)
        }
        _ => return None,
    };
    match (field, service.protocol) {
        ("host", _) => Some(host),
        ("port", _) => Some("443".into()),
        ("url", Protocol::Http | Protocol::Tcp) => Some(join(["https://".into(), host])),
        ("url", Protocol::Grpc) => Some(join(["dns:///".into(), host, ":443".into()])),
        _ => None,
    }
}
