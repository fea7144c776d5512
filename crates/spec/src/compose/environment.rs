//! The settings of one service: what is kept, what becomes a reference, what becomes a secret.
//!
//! Everything that could hold a secret passes through here: `environment`, `env_file`, mounted secrets, the command
//! line and build arguments. This module must not put a value it has not judged into anything it returns.

use indexmap::IndexMap;

use super::container::Container;
use super::rewrite::{Context, Rewritten, Target};
use super::{Note, secret};
use crate::{EnvPart, EnvValue, Secret, UseTarget};

/// The declared secrets so far. The values are compared, never returned.
#[derive(Default)]
pub(super) struct SecretBook {
    entries: IndexMap<String, (Option<String>, Secret)>,
}

impl SecretBook {
    /// Declares a secret and returns its name: the key, or with the service's name before it when another service
    /// uses the key for another value.
    pub(super) fn declare(&mut self, key: &str, service: &str, value: Option<&str>, note: String) -> String {
        let plain = secret_name(key);
        let known = |name: &str| self.entries.get(name).is_none_or(|(v, _)| v.as_deref() == value);
        let mut name = if known(&plain) { plain } else { secret_name(&format!("{service}_{key}")) };
        while self.entries.get(&name).is_some_and(|(v, _)| v.as_deref() != value) {
            name.push_str("_2");
        }
        let secret = Secret { span: None, note: Some(note) };
        self.entries.entry(name.clone()).or_insert_with(|| (value.map(str::to_owned), secret));
        name
    }

    /// The declarations, without their values.
    pub(super) fn finish(self) -> IndexMap<String, Secret> {
        self.entries.into_iter().map(|(name, (_, secret))| (name, secret)).collect()
    }
}

fn secret_name(key: &str) -> String {
    let name: String =
        key.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("S_{name}") } else { name }
}

/// What the settings of a service have become.
#[derive(Default)]
pub(super) struct Settings {
    pub(super) env: IndexMap<String, EnvValue>,
    pub(super) command: Option<Vec<String>>,
    pub(super) entrypoint: Option<Vec<String>>,
    pub(super) changed: Vec<Note>,
    pub(super) dropped: Vec<Note>,
    /// Containers whose hosts stand in the command line, where nothing can be replaced.
    pub(super) hosts_in_command: Vec<String>,
    /// Resources, by their name in the spec, that connection strings in secrets lead to.
    pub(super) hosts_in_secrets: Vec<String>,
}

/// The resource whose password a value names.
fn owner_of_password(value: &EnvValue) -> Option<String> {
    value.parts.iter().find_map(|part| match part {
        EnvPart::Reference { field, name, .. } if field == "password" => Some(name.clone()),
        _ => None,
    })
}

/// What the settings are rewritten with.
pub(super) struct Surroundings<'a> {
    pub(super) context: Context<'a>,
    /// The service's name in the spec.
    pub(super) name: &'a str,
    /// Compose secret to the managed resource whose password it is.
    pub(super) secret_owners: &'a IndexMap<String, Target>,
    /// Names of containers that are not deployed because they keep telemetry.
    pub(super) telemetry: &'a [&'a str],
    /// User names and passwords of object stores.
    pub(super) bucket_keys: &'a [String],
}

/// Rewrites the settings of one service.
pub(super) fn settings(container: &Container, around: &Surroundings<'_>, book: &mut SecretBook) -> Settings {
    let mut out = Settings::default();
    let subject = |key: &str| format!("services.{}.environment.{key}", around.name);
    let mut unread: Vec<&str> = Vec::new();
    let mut telemetry: Vec<&str> = Vec::new();
    let mut from_files: Vec<&str> = Vec::new();
    let mut dangling: Vec<String> = Vec::new();
    for (key, setting) in &container.env {
        if let Some((source, plain)) = secret_file(container, key, setting.value.as_deref()) {
            from_files.push(source);
            out.env.insert(plain.to_owned(), mounted(source, plain, around, book));
            let why = "secrets arrive as settings there, not as files";
            out.changed.push(Note::new(
                subject(key),
                format!("became `{plain}`, holding the secret itself"),
                why,
            ));
            continue;
        }
        let Some(value) = &setting.value else {
            if secret::key_is_secret(key) {
                let name = book.declare(key, around.name, None, "was taken from the shell".to_owned());
                out.env.insert(key.clone(), EnvValue { parts: vec![EnvPart::Secret(name)] });
            } else {
                unread.push(key);
            }
            continue;
        };
        if is_telemetry(key, value, container, around) {
            telemetry.push(key);
            continue;
        }
        let mentions = around.context.hosts.mentions(container, key, value);
        if mentions.iter().any(|m| !around.context.targets.contains_key(&m.name)) {
            dangling.push(key.clone());
        }
        if around.bucket_keys.iter().any(|k| k == value) && !value.is_empty() {
            let why = "the service reaches the bucket by its own role, without keys";
            out.dropped.push(Note::new(subject(key), "left out", why));
            continue;
        }
        let rewritten = match around.context.rewrite(key, value) {
            Rewritten::Parts(parts) => parts,
            Rewritten::Secret => {
                let (value, note) = match value.is_empty() {
                    true => (None, format!("had no value in {}", setting.place)),
                    false => {
                        (Some(value.as_str()), format!("was an inline value in {}; rotate it", setting.place))
                    }
                };
                let name = book.declare(key, around.name, value, note);
                let why =
                    format!("it looks like a secret; put a new value of `{name}` into the secret store");
                out.changed.push(Note::new(subject(key), format!("became the secret `{name}`"), why));
                EnvValue { parts: vec![EnvPart::Secret(name)] }
            }
        };
        let rewritten = match owner_of_password(&rewritten) {
            // The platform injects a secret as a whole variable, so a connection string is one.
            Some(owner) if rewritten.parts.len() > 1 => {
                let note = format!(
                    "is a connection string of `{owner}`: make a user for the service there and put its connection \
                     string in, because the administrator's password rotates"
                );
                let name = book.declare(key, around.name, Some(value.as_str()), note);
                let why = format!("it holds a password of `{owner}`; put a new one into the secret store");
                out.changed.push(Note::new(subject(key), format!("became the secret `{name}`"), why));
                out.hosts_in_secrets.push(owner);
                EnvValue { parts: vec![EnvPart::Secret(name)] }
            }
            _ => rewritten,
        };
        if owner_of_password(&rewritten).is_some() {
            let why = "the managed service makes its own user and password";
            out.changed.push(Note::new(subject(key), "refers to the managed credentials", why));
        }
        out.env.insert(key.clone(), rewritten);
    }
    for (source, _) in container.secrets.iter().filter(|(source, _)| !from_files.contains(&source.as_str())) {
        let key = secret_name(source);
        let value = mounted(source, &key, around, book);
        out.env.insert(key.clone(), value);
        let why =
            format!("secrets arrive as settings there, so the program must read `{key}` instead of the file");
        out.changed.push(Note::new(
            format!("services.{}.secrets.{source}", around.name),
            format!("became the setting `{key}`"),
            why,
        ));
    }
    if !unread.is_empty() {
        let why =
            "their values come from the shell, which is not read; set them in `.env` or give them a value";
        out.dropped.push(Note::new(
            format!("services.{}.environment", around.name),
            format!("{} left out", unread.join(", ")),
            why,
        ));
    }
    if !dangling.is_empty() {
        let why =
            "they name containers that are not deployed; check what the program does when nobody answers";
        out.changed.push(Note::new(
            format!("services.{}.environment", around.name),
            format!("{} kept as written", dangling.join(", ")),
            why,
        ));
    }
    if !telemetry.is_empty() {
        let why = "the telemetry that is generated sets these itself";
        out.dropped.push(Note::new(
            format!("services.{}.environment", around.name),
            format!("{} left out", telemetry.join(", ")),
            why,
        ));
    }
    out.command = kept_words("command", container.command.as_ref(), container, around, &mut out)
        .map(|words| command("command", words, around, book, &mut out));
    out.entrypoint = kept_words("entrypoint", container.entrypoint.as_ref(), container, around, &mut out)
        .map(|words| command("entrypoint", words, around, book, &mut out));
    out
}

/// `X_FILE=/run/secrets/name`: the secret's name and `X`.
fn secret_file<'a>(
    container: &'a Container,
    key: &'a str,
    value: Option<&str>,
) -> Option<(&'a str, &'a str)> {
    let plain = key.strip_suffix("_FILE")?;
    let (source, _) = container.secrets.iter().find(|(_, target)| Some(target.as_str()) == value)?;
    Some((source, plain))
}

fn mounted(source: &str, key: &str, around: &Surroundings<'_>, book: &mut SecretBook) -> EnvValue {
    let part = match around.secret_owners.get(source) {
        Some(owner) => EnvPart::Reference {
            target: UseTarget::Resource,
            name: owner.name.clone(),
            field: "password".to_owned(),
        },
        None => {
            let identity = format!("compose secret {source}");
            EnvPart::Secret(book.declare(
                key,
                around.name,
                Some(&identity),
                format!("was the compose secret `{source}`"),
            ))
        }
    };
    EnvValue { parts: vec![part] }
}

fn is_telemetry(key: &str, value: &str, container: &Container, around: &Surroundings<'_>) -> bool {
    let mentions = || around.context.hosts.mentions(container, key, value);
    key.starts_with("OTEL_EXPORTER_")
        && mentions().iter().any(|m| around.telemetry.contains(&m.name.as_str()))
}

/// A command line, unless it overrides the image's own for a developer's sake.
fn kept_words<'a>(
    what: &str,
    words: Option<&'a Vec<String>>,
    container: &Container,
    around: &Surroundings<'_>,
    out: &mut Settings,
) -> Option<&'a Vec<String>> {
    let words = words?;
    if container.build.is_none() || !is_for_developers(words) {
        return Some(words);
    }
    let why = "it reloads or debugs, which only matters while developing; the image's own applies";
    out.dropped.push(Note::new(format!("services.{}.{what}", around.name), "left out", why));
    None
}

/// A command line without secrets: each becomes `$NAME`, and the setting `NAME` holds it.
fn command(
    what: &str,
    words: &[String],
    around: &Surroundings<'_>,
    book: &mut SecretBook,
    out: &mut Settings,
) -> Vec<String> {
    let mut after_flag: Option<String> = None;
    let mut result = Vec::with_capacity(words.len());
    for word in words {
        let flag = after_flag.take();
        for mention in around.context.hosts.mentions(around.context.container, "", word) {
            out.hosts_in_command.push(mention.name);
        }
        let range = match (&flag, secret::pair_password(word).or_else(|| secret::url_password(word))) {
            (_, Some(range)) => Some((range, "COMMAND_SECRET".to_owned())),
            (Some(flag), None) if !word.starts_with('-') => Some((0..word.len(), flag.clone())),
            _ if secret::is_secret("", word) => Some((0..word.len(), "COMMAND_SECRET".to_owned())),
            _ => None,
        };
        let Some((range, key)) = range else {
            let bare = word.trim_start_matches('-');
            let names_secret = secret::key_is_secret(bare) || bare.eq_ignore_ascii_case("requirepass");
            if word.starts_with('-') && !word.contains('=') && names_secret {
                after_flag = Some(bare.to_owned());
            }
            result.push(word.clone());
            continue;
        };
        let key = format!("{}_{key}", around.name);
        let note = format!("was written into the {what} of `{}`; rotate it", around.name);
        let name = book.declare(&key, around.name, Some(&word[range.clone()]), note);
        let why = "a command line is stored in clear; run it through a shell so that the setting is put in";
        out.changed.push(Note::new(
            format!("services.{}.{what}", around.name),
            format!("a secret became `${name}`"),
            why,
        ));
        out.env.insert(name.clone(), EnvValue { parts: vec![EnvPart::Secret(name.clone())] });
        let replaced = format!("{}${name}{}", &word[..range.start], &word[range.end..]);
        // A second secret in the same word: the word as a whole is not worth the risk.
        let clean = secret::pair_password(&replaced).is_none_or(|r| replaced[r].starts_with('$'));
        result.push(if clean { replaced } else { format!("${name}") });
    }
    result
}

/// Words of a command line that only a developer wants: reloading, debugging.
const DEV_WORDS: &[&str] = &[
    "nodemon",
    "--reload",
    "--inspect",
    "--inspect-brk",
    "--debug",
    "watchmedo",
    "dlv",
    "debugpy",
    "ts-node-dev",
    "dev",
    "start:dev",
    "--watch",
    "--hot",
    "air",
    "reflex",
    "runserver",
];

/// Names of build stages that only a developer wants.
const DEV_STAGES: &[&str] = &["dev", "develop", "development", "debug", "local", "devcontainer", "dev-envs"];

/// Whether a command line reloads or debugs.
fn is_for_developers(words: &[String]) -> bool {
    let mut words = words.iter().flat_map(|w| w.split_whitespace());
    words.any(|w| DEV_WORDS.contains(&w.split('=').next().unwrap_or(w).rsplit('/').next().unwrap_or(w)))
}

/// Whether a build stage is the developer's.
pub(super) fn is_dev_stage(stage: &str) -> bool {
    DEV_STAGES.contains(&stage.to_ascii_lowercase().as_str())
}

/// Build arguments without secrets, and the names of those left out.
pub(super) fn build_args(args: &IndexMap<String, String>) -> (IndexMap<String, String>, Vec<String>) {
    let (secrets, plain): (Vec<_>, Vec<_>) =
        args.iter().partition(|(k, v)| secret::is_secret(k, v) && !v.is_empty());
    let kept = plain.into_iter().map(|(k, v)| (k.clone(), v.clone())).collect();
    (kept, secrets.into_iter().map(|(k, _)| k.clone()).collect())
}

/// User names and passwords in the settings of a managed container, for comparison only.
pub(super) fn credentials(container: &Container, keys: &[&str]) -> Vec<String> {
    let values = keys.iter().filter_map(|k| container.env.get(*k)?.value.clone());
    values.filter(|v| !v.is_empty()).collect()
}
