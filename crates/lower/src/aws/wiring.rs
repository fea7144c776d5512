//! What one service is given: settings, secrets, permissions and open doors.
//!
//! Collected from what the service uses and from the settings its owner wrote, before any node is made; every
//! kind of compute then says it in its own way. It must not know what runs the service.

use catalog::aws::{cloudfront_distribution, lambda_alias, security_group};
use design::{Compute, ServiceDesign};
use indexmap::IndexMap;
use ir::{Diagnostic, NodeBuilder, Value};
use spec::{EnvPart, EnvValue, Protocol, UseTarget};

use super::identity::{allow, camel};
use super::{Env, Offer, Offers, Statement, telemetry};
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
    /// Settings from a secret store: variable to the `valueFrom` that ECS understands.
    pub secret_env: IndexMap<String, Value>,
    /// ARNs of the secrets behind `secret_env`.
    pub secret_arns: Vec<Value>,
    /// Keys that encrypt them.
    pub secret_keys: Vec<Value>,
    /// What the program itself may do.
    pub statements: Vec<Statement>,
    /// Doors to go through: name, security group id, port.
    pub doors: Vec<(String, Value, u16)>,
    /// The queue to scale on: URL and name.
    pub backlog: Option<(Value, Value)>,
    /// Queues whose messages the service receives, by resource name: their ARNs.
    pub queues: Vec<(String, Value)>,
}

/// Collects the wiring of a service.
pub(crate) fn wire(env: &mut Env, name: &str, service: &ServiceDesign, offers: &Catalogue) -> Wiring {
    let mut wiring = Wiring::default();
    telemetry::report(env, name, service, &mut wiring);
    for used in &service.uses {
        match used.target {
            UseTarget::Resource => match offers.resources.get(&used.name) {
                Some(offer) => use_resource(&mut wiring, &used.name, offer, used.access),
                None => missing(env, name, &used.name),
            },
            UseTarget::Secret => match offers.secrets.get(&used.name) {
                Some(offer) => use_secret(&mut wiring, offer),
                None => missing(env, name, &used.name),
            },
            UseTarget::Service => use_service(env, &mut wiring, name, &used.name),
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

fn use_resource(wiring: &mut Wiring, name: &str, offer: &Offer, access: spec::Access) {
    wiring.env.extend(offer.env.clone());
    use_secret(wiring, offer);
    wiring.statements.extend(offer.statements(access));
    wiring.doors.extend(offer.door.clone().map(|(group, port)| (name.to_owned(), group, port)));
    if access != spec::Access::Write
        && let Some(backlog) = &offer.backlog
    {
        wiring.backlog.get_or_insert_with(|| backlog.clone());
        wiring.queues.extend(offer.fields.get("arn").map(|arn| (name.to_owned(), arn.clone())));
    }
}

fn use_secret(wiring: &mut Wiring, offer: &Offer) {
    wiring.secret_env.extend(offer.secret_env.clone());
    push_new(&mut wiring.secret_arns, &offer.secret_arns);
    push_new(&mut wiring.secret_keys, &offer.secret_keys);
}

fn push_new(to: &mut Vec<Value>, from: &[Value]) {
    for value in from {
        if !to.contains(value) {
            to.push(value.clone());
        }
    }
}

/// Another service: its address as settings and its door; a function is invoked by name instead.
fn use_service(env: &Env, wiring: &mut Wiring, name: &str, used: &str) {
    let Some(other) = env.design.services.get(used) else { return };
    let variable = used.to_uppercase().replace('-', "_");
    match &other.compute {
        Compute::Function(_) => {
            let alias = live_alias(env, used);
            let arn = alias.get(lambda_alias::ARN);
            wiring.env.insert(format!("{variable}_FUNCTION"), arn.clone());
            wiring.statements.push(allow(
                &format!("Invoke{}", camel(used)),
                &["lambda:InvokeFunction"],
                vec![arn],
            ));
        }
        Compute::Containers(_) => {
            for field in ["host", "port", "url"] {
                if let Some(value) = service_field(env, used, field) {
                    wiring.env.insert(format!("{variable}_{}", field.to_uppercase()), value);
                }
            }
            if let Some(port) = other.port
                && used != name
            {
                wiring.doors.push((used.to_owned(), group_of(env, used), port));
            }
        }
        Compute::StaticSite { .. } => {
            wiring.env.extend(service_field(env, used, "url").map(|url| (format!("{variable}_URL"), url)));
        }
        Compute::ScheduledTask { .. } | Compute::OneShot { .. } => {}
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
    wiring.secret_env.shift_remove(variable);
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
        Ok(Setting::Secret((offer, from))) => {
            push_new(&mut wiring.secret_arns, &offer.secret_arns);
            push_new(&mut wiring.secret_keys, &offer.secret_keys);
            wiring.secret_env.insert(variable.to_owned(), from);
        }
        Ok(Setting::Clear(value)) => {
            wiring.env.insert(variable.to_owned(), value);
        }
        Err(problem) => env.diagnostics.push(*problem),
    }
}

/// The secret that a part names, and where ECS reads it.
fn secret_of<'o>(part: &EnvPart, offers: &'o Catalogue) -> Option<(&'o Offer, Value)> {
    match part {
        EnvPart::Secret(name) => {
            let offer = offers.secrets.get(name)?;
            Some((offer, offer.secret_env.values().next()?.clone()))
        }
        EnvPart::Reference { target: UseTarget::Resource, name, field } => {
            let offer = offers.resources.get(name)?;
            let suffix = format!("_{}", field.to_uppercase());
            let (_, from) = offer.secret_env.iter().find(|(variable, _)| variable.ends_with(&suffix))?;
            Some((offer, from.clone()))
        }
        _ => None,
    }
}

/// A fact about a service, as seen from inside the VPC; a site is seen from outside.
fn service_field(env: &Env, name: &str, field: &str) -> Option<Value> {
    let service = env.design.services.get(name)?;
    if let Compute::StaticSite { .. } = service.compute {
        let host = match service.public.as_ref().and_then(|p| p.host.clone()) {
            Some(host) => Value::from(host),
            None => {
                let component = env.service_component(name);
                NodeBuilder::new(&component, cloudfront_distribution::KIND, "this")
                    .get(cloudfront_distribution::DOMAIN_NAME)
            }
        };
        return match field {
            "host" => Some(host),
            "port" => Some("443".into()),
            "url" => Some(Value::Template(vec!["https://".into(), host])),
            _ => None,
        };
    }
    let port = service.port?;
    let host = || Value::Template(vec![format!("{name}.").into(), env.namespace_name()]);
    match (field, service.protocol) {
        ("host", _) => Some(host()),
        ("port", _) => Some(port.to_string().into()),
        ("url", Protocol::Http) => Some(url("http://", host(), port)),
        ("url", Protocol::Grpc) => Some(url("dns:///", host(), port)),
        ("url", Protocol::Tcp) => Some(url("tcp://", host(), port)),
        _ => None,
    }
}

fn url(scheme: &str, host: Value, port: u16) -> Value {
    let mut parts = vec![Value::from(scheme)];
    match host {
        Value::Template(inner) => parts.extend(inner),
        other => parts.push(other),
    }
    parts.push(format!(":{port}").into());
    Value::Template(parts)
}

/// The security group of a service.
pub(crate) fn group_of(env: &Env, service: &str) -> Value {
    let component = env.service_component(service);
    NodeBuilder::new(&component, security_group::KIND, "this").get(security_group::ID)
}

/// The alias that callers of a function use.
pub(crate) fn live_alias(env: &Env, service: &str) -> ir::key::Handle<lambda_alias::M> {
    NodeBuilder::new(&env.service_component(service), lambda_alias::KIND, "live").handle()
}
