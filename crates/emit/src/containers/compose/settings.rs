//! What each container finds in its environment: the names of the cloud, the values of this machine.

use indexmap::{IndexMap, IndexSet};
use ir::{Diagnostic, Diagnostics};
use spec::{EnvPart, EnvValue, Resource, ResourceType, Service, Spec, UseTarget};

use super::{backing, escape};

/// The environment of a service.
pub(super) fn environment(
    spec: &Spec,
    name: &str,
    service: &Service,
    diagnostics: &mut Diagnostics,
) -> IndexMap<String, String> {
    let mut out = IndexMap::new();
    for used in &service.uses {
        match used.target {
            UseTarget::Resource => {
                let Some(resource) = spec.resources.get(&used.name) else { continue };
                for (field, value) in fields(&used.name, resource) {
                    if INJECTED.iter().any(|(ty, fs)| *ty == resource.ty.value && fs.contains(&field)) {
                        out.insert(variable(&used.name, field), value);
                    }
                }
                if backing::of(resource.ty.value).is_none() {
                    out.extend(backing::emulator_settings());
                }
            }
            UseTarget::Service => {
                let Some(service) = spec.services.get(&used.name) else { continue };
                let given = ["host", "port", "url"].map(|f| (f, service_field(&used.name, service, f)));
                out.extend(
                    given.into_iter().filter_map(|(f, value)| Some((variable(&used.name, f), value?))),
                );
            }
            UseTarget::Secret => drop(out.insert(used.name.clone(), required(&used.name))),
        }
    }
    for (key, value) in &service.env {
        match resolve(spec, value) {
            Ok(text) => drop(out.insert(key.clone(), text)),
            Err(reference) => diagnostics.push(
                Diagnostic::warning("no-local-value", format!("{key} of {name} is left out of compose.yaml"))
                    .at(service.span, "declared here")
                    .because(format!("{reference} has no value on a laptop."))
                    .help("set it in a compose.override.yaml if the service needs it locally"),
            ),
        }
    }
    out
}

/// Fields that a service gets without asking, as in the cloud.
static INJECTED: &[(ResourceType, &[&str])] = &[
    (ResourceType::Postgres, &["host", "reader_host", "port", "name", "user", "password", "tls"]),
    (ResourceType::Mysql, &["host", "reader_host", "port", "name", "user", "password", "tls"]),
    (ResourceType::Mongodb, &["host", "port", "name", "user", "password", "tls"]),
    (ResourceType::Redis, &["host", "port", "url", "tls"]),
    (ResourceType::Memcached, &["host", "port", "tls"]),
    (ResourceType::Queue, &["url"]),
    (ResourceType::Topic, &["arn"]),
    (ResourceType::Rabbitmq, &["url", "port", "user", "password"]),
    (ResourceType::Kafka, &["brokers", "port"]),
    (ResourceType::Opensearch, &["host", "port", "url"]),
    (ResourceType::Bucket, &["name"]),
];

/// Every fact about a resource that a setting may name.
fn fields(name: &str, resource: &Resource) -> Vec<(&'static str, String)> {
    match (backing::of(resource.ty.value), resource.ty.value) {
        (Some(backing), _) => {
            let mut out = vec![
                ("host", name.to_owned()),
                ("reader_host", name.to_owned()),
                ("port", backing.port.to_string()),
                // Nobody listens in on a laptop.
                ("tls", "false".to_owned()),
            ];
            let address = format!("{name}:{}", backing.port);
            let database = backing::database(name, resource);
            if let Some(user) = backing.user {
                out.extend([
                    ("name", database.clone()),
                    ("user", user.to_owned()),
                    ("password", password(name)),
                ]);
            }
            out.push(match (resource.ty.value, backing.user) {
                // The cloud names brokers without a login, and Kafka's without a scheme.
                (ResourceType::Kafka, _) => ("brokers", address),
                (ResourceType::Rabbitmq, _) | (_, None) => ("url", format!("{}://{address}", backing.scheme)),
                (_, Some(user)) => {
                    ("url", format!("{}://{user}:{}@{address}/{database}", backing.scheme, password(name)))
                }
            });
            out
        }
        (None, ResourceType::Queue) => vec![
            ("url", backing::queue_url(name, resource.ordered)),
            ("arn", backing::arn("sqs", name, resource.ordered)),
            ("name", name.to_owned()),
        ],
        (None, ResourceType::Topic) => {
            vec![("arn", backing::arn("sns", name, resource.ordered)), ("name", name.to_owned())]
        }
        (None, _) => vec![("name", name.to_owned()), ("arn", format!("arn:aws:s3:::{name}"))],
    }
}

fn service_field(name: &str, service: &Service, field: &str) -> Option<String> {
    let port = service.port.as_ref().map(|p| p.value);
    match field {
        "host" => Some(name.to_owned()),
        "port" => port.map(|p| p.to_string()),
        "url" => port.map(|p| format!("http://{name}:{p}")),
        _ => None,
    }
}

/// A setting with its references resolved; the error is the reference that has no value here.
fn resolve(spec: &Spec, value: &EnvValue) -> Result<String, String> {
    let mut out = String::new();
    for part in &value.parts {
        match part {
            EnvPart::Text(text) => out.push_str(&escape(text)),
            EnvPart::Secret(name) => out.push_str(&required(name)),
            EnvPart::Reference { target, name, field } => {
                let found = match target {
                    UseTarget::Service => spec.services.get(name).and_then(|s| service_field(name, s, field)),
                    UseTarget::Secret => Some(required(name)),
                    UseTarget::Resource => spec.resources.get(name).and_then(|r| {
                        fields(name, r).into_iter().find(|(f, _)| f == field).map(|(_, value)| value)
                    }),
                };
                out.push_str(&found.ok_or_else(|| format!("`${{{name}.{field}}}`"))?);
            }
        }
    }
    Ok(out)
}

/// Every name that `.env` must give a value.
pub(super) fn secret_names(spec: &Spec) -> IndexSet<String> {
    let logins = |r: &Resource| backing::of(r.ty.value).is_some_and(|b| b.user.is_some());
    let passwords =
        spec.resources.iter().filter(|(_, r)| logins(r)).map(|(name, _)| variable(name, "password"));
    let used = spec.secrets.keys().cloned();
    passwords.chain(used).collect()
}

/// The reference to a resource's password.
pub(super) fn password(resource: &str) -> String {
    required(&variable(resource, "password"))
}

/// A value that `.env` must hold: without it compose says so and stops.
fn required(name: &str) -> String {
    format!("${{{name}:?set it in .env}}")
}

fn variable(name: &str, field: &str) -> String {
    format!("{}_{}", prefix(name), field.to_uppercase())
}

/// What the settings of a resource begin with: `ORDER_DB` of `order-db`.
pub(in crate::containers) fn prefix(resource: &str) -> String {
    resource.replace('-', "_").to_uppercase()
}
