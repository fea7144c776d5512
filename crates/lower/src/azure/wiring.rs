//! What one service is given: settings, secrets and rights.
//!
//! Collected from what the service uses and from the settings its owner wrote, before any node is made; apps and jobs
//! then say it in their own way. It must not know what runs the service.

use catalog::azurerm::container_app_environment;
use design::{Compute, ServiceDesign};
use indexmap::IndexMap;
use ir::{Diagnostic, Value};
use spec::{Access, EnvPart, EnvValue, Protocol, UseTarget};

use super::offer::{Backlog, Secret};
use super::{Env, Grant, Offer, Offers, app, registry, site, vaults};
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
    /// Settings that are secrets.
    pub secrets: IndexMap<String, Secret>,
    /// What the program and whoever starts it may do.
    pub grants: Vec<Grant>,
    /// The vault that secrets are read from, where there are any.
    pub vault: Option<Value>,
    /// The queues to scale on.
    pub backlogs: Vec<Backlog>,
}

/// Collects the wiring of a service.
pub(crate) fn wire(env: &mut Env, name: &str, service: &ServiceDesign, offers: &Catalogue) -> Wiring {
    let mut wiring = Wiring::default();
    if let Some(telemetry) = &env.telemetry {
        let secret = Secret::Made(telemetry.clone());
        wiring.secrets.insert("APPLICATIONINSIGHTS_CONNECTION_STRING".into(), secret);
    }
    for used in &service.uses {
        let offer = match used.target {
            UseTarget::Resource => offers.resources.get(&used.name),
            UseTarget::Secret => offers.secrets.get(&used.name),
            UseTarget::Service => {
                use_service(env, &mut wiring, &used.name);
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
    if service.image.is_none() {
        wiring.grants.push(registry::pull(env, name));
    }
    let secrets = vault_secrets(&wiring);
    if !secrets.is_empty() {
        let component = env.service_component(name);
        let vault = vaults::vault(env, &component);
        let read = |secret: &String| vaults::read(env, &component, &vault, secret);
        wiring.grants.extend(secrets.iter().map(read).collect::<Vec<_>>());
        wiring.vault = Some(vault);
    }
    wiring
}

/// The secrets of the vault that a program is given, each once.
fn vault_secrets(wiring: &Wiring) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for secret in wiring.secrets.values() {
        if let Secret::Vault(name) = secret
            && !names.contains(name)
        {
            names.push(name.clone());
        }
    }
    names
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
    if access != Access::Write {
        wiring.backlogs.extend(offer.backlog.clone());
    }
}

/// Another service: its address as settings.
fn use_service(env: &Env, wiring: &mut Wiring, used: &str) {
    let Some(other) = env.design.services.get(used) else { return };
    let fields: &[&str] = match other.compute {
        Compute::Containers(_) => &["host", "port", "url"],
        Compute::StaticSite { .. } => &["url"],
        Compute::Function(_) | Compute::ScheduledTask { .. } | Compute::OneShot { .. } => &[],
    };
    for field in fields {
        wiring.env.extend(service_field(env, used, field).map(|value| (variable(used, field), value)));
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
    let found = setting(
        (service, variable),
        value,
        &Sources {
            secret: &|part| secret_of(part, offers),
            field: &|target, name, field| match target {
                UseTarget::Service => service_field(env, name, field),
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

/// The secret that a part names.
fn secret_of(part: &EnvPart, offers: &Catalogue) -> Option<Secret> {
    match part {
        EnvPart::Secret(name) => offers.secrets.get(name)?.secrets.values().next().cloned(),
        EnvPart::Reference { target: UseTarget::Resource, name, field } => {
            let offer = offers.resources.get(name)?;
            offer.secrets.get(&variable(name, field)).cloned()
        }
        _ => None,
    }
}

/// A fact about a service, as seen from inside; a site is seen from outside. What is public answers over TLS by its
/// name in the environment's domain; what is not, by its own name, which the environment resolves.
fn service_field(env: &Env, name: &str, field: &str) -> Option<Value> {
    let service = env.design.services.get(name)?;
    if let Compute::StaticSite { .. } = service.compute {
        let host = site::host(env, name, service);
        return match field {
            "host" => Some(host),
            "port" => Some("443".into()),
            "url" => Some(join(["https://".into(), host])),
            _ => None,
        };
    }
    let listens = service.port?;
    let outside = service.public.is_some();
    let host = match (outside, &env.cluster) {
        (true, Some(cluster)) => join([
            app::app_name(name).into(),
            ".".into(),
            cluster.get(container_app_environment::DEFAULT_DOMAIN),
        ]),
        _ => app::app_name(name).into(),
    };
    let port = match (service.protocol, outside) {
        (Protocol::Tcp, _) => listens,
        (_, true) => 443,
        (_, false) => 80,
    };
    match (field, service.protocol) {
        ("host", _) => Some(host),
        ("port", _) => Some(port.to_string().into()),
        ("url", Protocol::Http) => Some(join([if outside { "https://" } else { "http://" }.into(), host])),
        ("url", Protocol::Grpc) => Some(join(["dns:///".into(), host, format!(":{port}").into()])),
        ("url", Protocol::Tcp) => Some(join(["tcp://".into(), host, format!(":{port}").into()])),
        _ => None,
    }
}
