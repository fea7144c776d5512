//! What the settings that an owner wrote become: text with facts in it, or a whole secret.
//!
//! Which facts and secrets there are, each cloud says; what cannot be said is the same everywhere. Must not know where
//! a program is given its settings.

use ir::{Diagnostic, Value};
use spec::{EnvPart, EnvValue, UseTarget};

/// A setting, ready to be given to a program. `S` is where the platform reads a secret.
pub(crate) enum Setting<S> {
    /// In clear.
    Clear(Value),
    /// From a secret store, as a whole.
    Secret(S),
}

/// What a cloud knows about what settings may name.
pub(crate) struct Sources<'f, S> {
    /// The secret that a part names.
    pub secret: &'f dyn Fn(&EnvPart) -> Option<S>,
    /// A fact: of what, its name, and the fact's.
    pub field: &'f dyn Fn(UseTarget, &str, &str) -> Option<Value>,
    /// The names of all facts of a thing.
    pub fields: &'f dyn Fn(UseTarget, &str) -> Vec<&'static str>,
}

/// The setting that `variable` of `service` becomes, or what to say about it.
pub(crate) fn setting<S>(
    (service, variable): (&str, &str),
    value: &EnvValue,
    sources: &Sources<'_, S>,
) -> Result<Setting<S>, Box<Diagnostic>> {
    if let [part] = value.parts.as_slice()
        && let Some(secret) = (sources.secret)(part)
    {
        return Ok(Setting::Secret(secret));
    }
    let parts = value.parts.iter().map(|part| resolve(service, variable, part, sources));
    let mut parts = parts.collect::<Result<Vec<_>, _>>()?;
    Ok(Setting::Clear(match parts.len() {
        0 => Value::from(""),
        1 => parts.remove(0),
        _ => Value::Template(parts),
    }))
}

/// The value of one part of a setting.
fn resolve<S>(
    service: &str,
    variable: &str,
    part: &EnvPart,
    sources: &Sources<'_, S>,
) -> Result<Value, Box<Diagnostic>> {
    if (sources.secret)(part).is_some() {
        let problem = Diagnostic::error(
            "secret-inside-text",
            format!("{service}: {variable} mixes a secret with other text"),
        )
        .because("The platform injects a secret as a whole variable; joining it with text would put its value into the configuration.")
        .help("give the secret a variable of its own, and join them where the program reads them");
        return Err(Box::new(problem));
    }
    match part {
        EnvPart::Text(text) => Ok(text.as_str().into()),
        EnvPart::Secret(name) => {
            let problem = Diagnostic::error(
                "nothing-offered",
                format!("{service}: {variable} names the secret {name}, which is not declared"),
            );
            Err(Box::new(problem.help(format!("add `{name}` to `secrets`"))))
        }
        EnvPart::Reference { target, name, field } => {
            let unknown = || {
                let known = (sources.fields)(*target, name).join(", ");
                let problem = Diagnostic::error(
                    "unknown-field",
                    format!("{service}: {variable} asks for `{name}.{field}`, which is not offered"),
                )
                .because(format!("What {name} became offers: {known}."));
                Box::new(problem.help("use one of the offered fields"))
            };
            (sources.field)(*target, name, field).ok_or_else(unknown)
        }
    }
}
