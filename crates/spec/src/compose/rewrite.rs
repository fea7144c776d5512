//! Host names and passwords in settings, as references.
//!
//! A setting that names another container (`http://cart:7070`, `DB_HOST=db`) must follow it to wherever it runs,
//! and a password of a managed database must be the one the cloud made. What is secret and nobody manages becomes
//! a declared secret. This module must not let a secret leave in a text part.

use std::ops::Range;

use indexmap::IndexMap;

use super::container::{Container, Containers};
use super::images::Engine;
use super::secret;
use crate::{EnvPart, EnvValue, ResourceType, UseTarget};

/// Every name that a container answers to.
pub(super) struct Hosts(IndexMap<String, String>);

/// A place in a value that names a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mention {
    /// Of the host name.
    pub(super) host: Range<usize>,
    /// The container.
    pub(super) name: String,
    /// The digits after the colon, and the port.
    pub(super) port: Option<(Range<usize>, u16)>,
    /// What stands before `://`.
    pub(super) scheme: Option<String>,
}

impl Mention {
    /// Where it begins: at the scheme that stands right before the host, or at the host.
    fn start(&self, value: &str) -> usize {
        match &self.scheme {
            Some(scheme) if value[..self.host.start].ends_with("://") => {
                self.host.start - "://".len() - scheme.len()
            }
            _ => self.host.start,
        }
    }

    /// Where it ends, port included.
    fn end(&self) -> usize {
        self.port.as_ref().map_or(self.host.end, |(digits, _)| digits.end)
    }
}

/// Last words of keys whose value may be a bare host name.
const HOST_WORDS: &[&str] = &[
    "HOST",
    "HOSTS",
    "HOSTNAME",
    "SERVER",
    "SERVERS",
    "ADDR",
    "ADDRESS",
    "ADDRESSES",
    "URL",
    "URI",
    "ENDPOINT",
    "ENDPOINTS",
    "UPSTREAM",
    "BACKEND",
    "NODE",
    "NODES",
    "BROKER",
    "BROKERS",
    "BOOTSTRAP",
    "PEER",
    "PEERS",
    "SEED",
    "SEEDS",
    "POINTS",
    "SERVICE",
    "TARGET",
    "DOMAIN",
];

/// Keys inside a value after which a host name stands.
const HOST_PAIRS: &[&str] =
    &["host", "hostname", "server", "data source", "address", "addr", "endpoint", "hostaddr"];

impl Hosts {
    /// The names, aliases and links of all containers.
    pub(super) fn new(containers: &Containers) -> Self {
        let mut hosts: IndexMap<String, String> = containers.keys().map(|n| (n.clone(), n.clone())).collect();
        for (name, container) in containers {
            for alias in &container.aliases {
                hosts.entry(alias.clone()).or_insert_with(|| name.clone());
            }
        }
        Self(hosts)
    }

    fn find<'a>(&'a self, container: &'a Container, word: &str) -> Option<&'a str> {
        let linked =
            container.links.iter().find(|(alias, _)| alias == word).map(|(_, service)| service.as_str());
        linked.or_else(|| self.0.get(word).map(String::as_str))
    }

    /// Every place in a value that names a container.
    pub(super) fn mentions(&self, container: &Container, key: &str, value: &str) -> Vec<Mention> {
        let mut found = Vec::new();
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let mut at = 0;
        while let Some(start) = value[at..].find(is_word).map(|s| s + at) {
            let end = value[start..].find(|c| !is_word(c)).map_or(value.len(), |e| e + start);
            at = end;
            let word = &value[start..end];
            let Some(name) = self.find(container, word) else { continue };
            let port = port_after(value, end);
            let before = &value[..start];
            let authority_end =
                value[end..].find(['/', '?', ' ', ',', '"', '\'']).map_or(value.len(), |e| e + end);
            let is_user = value[end..authority_end].contains('@');
            let in_url = before.ends_with("://") || before.ends_with('@') && before.contains("://");
            let bounded = before.is_empty()
                || before.ends_with([',', ';', ' ', '=', '/', '@', '(', '[', '"', '\'', '|']);
            let whole = value.split(',').any(|v| v.trim() == word) && names_a_host(key, word);
            let paired = before.ends_with('=') && {
                let pair =
                    before[..before.len() - 1].rsplit([';', ' ', '&', '?', ',']).next().unwrap_or_default();
                HOST_PAIRS.contains(&pair.trim().to_ascii_lowercase().as_str())
                    || before.to_ascii_lowercase().ends_with("data source=")
            };
            if is_user || !(in_url || (bounded && port.is_some()) || whole || paired) {
                continue;
            }
            let scheme = before.rfind("://").map(|s| {
                let from = before[..s]
                    .rfind(|c: char| !c.is_ascii_alphanumeric() && !"+.-".contains(c))
                    .map_or(0, |f| f + 1);
                before[from..s].to_ascii_lowercase()
            });
            found.push(Mention { host: start..end, name: name.to_owned(), port, scheme });
        }
        found
    }
}

fn names_a_host(key: &str, word: &str) -> bool {
    let words = secret::words_of(key);
    words.last().is_some_and(|last| HOST_WORDS.contains(&last.as_str()))
        || words.join("_") == secret::words_of(word).join("_")
}

fn port_after(value: &str, end: usize) -> Option<(Range<usize>, u16)> {
    let rest = value[end..].strip_prefix(':')?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let port = rest[..digits].parse().ok()?;
    let clean = !rest[digits..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
    clean.then_some((end + 1..end + 1 + digits, port))
}

/// What a mentioned container has become.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) use_as: UseTarget,
    /// Its name in the spec.
    pub(super) name: String,
    /// The port it is reached at, when known.
    pub(super) port: Option<u16>,
    pub(super) engine: Option<&'static Engine>,
}

impl Target {
    fn part(&self, field: &str) -> EnvPart {
        EnvPart::Reference { target: self.use_as, name: self.name.clone(), field: field.to_owned() }
    }

    fn answers_at(&self, port: u16) -> bool {
        self.port == Some(port) || self.engine.is_some_and(|e| e.ports.contains(&port))
    }

    /// Whether it is reached with a user and a password that the cloud made.
    pub(super) fn has_credentials(&self) -> bool {
        self.engine.is_some_and(|e| e.ty.fields().contains(&"password"))
    }

    /// Whether its address stands for scheme, credentials, host and port at once: what has no password is reached
    /// over TLS by an address that the program need not put together.
    fn is_named_by_url(&self) -> bool {
        self.engine.is_some_and(|e| e.ty == ResourceType::Bucket || e.ty.fields().contains(&"url"))
            && !self.has_credentials()
    }

    /// Whether the container took a password, which the managed service may not.
    fn had_a_password(&self) -> bool {
        self.engine.is_some_and(|e| !e.password.is_empty() && e.ty != ResourceType::Bucket)
    }
}

/// What a setting has become.
pub(super) enum Rewritten {
    /// Parts that hold nothing secret.
    Parts(EnvValue),
    /// The whole value is secret.
    Secret,
}

/// One setting with its sisters, for what only the whole environment tells.
pub(super) struct Context<'a> {
    pub(super) container: &'a Container,
    pub(super) hosts: &'a Hosts,
    /// By container name; those that are not deployed are absent.
    pub(super) targets: &'a IndexMap<String, Target>,
    /// Passwords in the files of managed resources, by resource container: compared, never kept.
    pub(super) passwords: &'a IndexMap<String, Vec<String>>,
    /// User names in the files of managed resources, by resource container.
    pub(super) users: &'a IndexMap<String, Vec<String>>,
    /// The container's own name.
    pub(super) own: &'a str,
}

impl Context<'_> {
    /// Rewrites one setting.
    pub(super) fn rewrite(&self, key: &str, value: &str) -> Rewritten {
        if secret::file_holds_secret(value) {
            return Rewritten::Secret;
        }
        let mentions: Vec<Mention> = self
            .hosts
            .mentions(self.container, key, value)
            .into_iter()
            .filter(|m| m.name != self.own && self.targets.contains_key(&m.name))
            .collect();
        if mentions.is_empty() {
            if let Some(part) = self.sibling(key, value) {
                return Rewritten::Parts(EnvValue { parts: vec![part] });
            }
            if secret::is_secret(key, value) {
                return Rewritten::Secret;
            }
        }
        let mut cuts = Vec::new();
        let mut before: Option<&Mention> = None;
        for mention in &mentions {
            let copy = before.filter(|b| self.targets[&b.name].name == self.targets[&mention.name].name);
            match copy.filter(|b| value[b.end()..mention.start(value)].trim() == ",") {
                // The members of a cluster have one address there.
                Some(before) => cuts.push((before.end()..mention.end(), Vec::new())),
                None => self.cut_host(mention, value, &mut cuts),
            }
            before = Some(mention);
        }
        let keeper = mentions.iter().map(|m| &self.targets[&m.name]).find(|t| t.has_credentials());
        if let Some(keeper) = keeper {
            cut_credentials(value, keeper, &mentions, &mut cuts);
        }
        let parts = assemble(value, cuts);
        let leaks = |part: &EnvPart| matches!(part, EnvPart::Text(text) if secret::is_secret("", text));
        let whole_is_secret = mentions.is_empty() && secret::is_secret(key, value);
        if whole_is_secret || parts.iter().any(leaks) || leftover_password(value, &parts) {
            return Rewritten::Secret;
        }
        Rewritten::Parts(EnvValue { parts })
    }

    fn cut_host(&self, mention: &Mention, value: &str, cuts: &mut Vec<(Range<usize>, Vec<EnvPart>)>) {
        let target = &self.targets[&mention.name];
        if target.engine.is_some_and(|e| e.ty == ResourceType::Kafka) && mention.port.is_some() {
            cuts.push((mention.start(value)..mention.end(), vec![target.part("brokers")]));
            return;
        }
        if target.is_named_by_url() && mention.scheme.is_some() {
            let start = value[..mention.host.start].rfind("://").unwrap_or_default();
            let start = start - mention.scheme.as_ref().map_or(0, String::len);
            cuts.push((start..mention.end(), vec![target.part("url")]));
            return;
        }
        let needs_user = target.has_credentials()
            && !target.engine.is_some_and(|e| e.user.is_empty())
            && mention.scheme.as_deref().is_some_and(|s| !s.starts_with("http"))
            && value[..mention.host.start].ends_with("://")
            && !value.to_ascii_lowercase().contains("password=");
        let mut parts = Vec::new();
        if needs_user && !value.starts_with("jdbc:") {
            parts.extend([
                target.part("user"),
                EnvPart::Text(":".into()),
                target.part("password"),
                EnvPart::Text("@".into()),
            ]);
        }
        parts.push(target.part("host"));
        cuts.push((mention.host.clone(), parts));
        if let Some((digits, port)) = &mention.port
            && target.answers_at(*port)
        {
            cuts.push((digits.clone(), vec![target.part("port")]));
        }
    }

    /// A setting without a host name whose sister has one: `DB_PASSWORD` beside `DB_HOST=db`.
    fn sibling(&self, key: &str, value: &str) -> Option<EnvPart> {
        let words = secret::words_of(key);
        if secret::key_is_password(key) && !value.is_empty() {
            let holds = |values: &Vec<String>| values.iter().any(|v| v == value);
            let owner = self.passwords.iter().find(|(name, values)| {
                // Short passwords are chosen for many things at once: then the key must speak of the store.
                holds(values) && (value.len() >= STRONG || speaks_of_a_store(&words, name))
            });
            if let Some(target) = owner.and_then(|(name, _)| self.targets.get(name)) {
                return Some(target.part("password"));
            }
        }
        // The image's own setting, in a file that the store and its users share.
        let user_of = self.users.iter().find_map(|(name, values)| {
            let target = self.targets.get(name).filter(|t| t.has_credentials())?;
            let own_key = target.engine.is_some_and(|e| e.user.contains(&key));
            (own_key && values.iter().any(|v| v == value)).then_some(target)
        });
        if let Some(target) = user_of {
            return Some(target.part("user"));
        }
        if words.ends_with(&["BUCKET".to_owned()]) || words.ends_with(&["BUCKET".into(), "NAME".into()]) {
            return self.bucket().map(|target| target.part("name"));
        }
        let (last, prefix) = words.split_last()?;
        let target = self.sister_host(prefix)?;
        let field = match last.as_str() {
            _ if secret::key_is_password(key) && target.had_a_password() => "password",
            "USER" | "USERNAME" | "LOGIN" if target.has_credentials() => "user",
            "PORT" if value.parse().is_ok_and(|p| target.answers_at(p)) => "port",
            _ => return None,
        };
        Some(target.part(field))
    }

    /// The object store that the service uses, by its settings or because it waits for it.
    fn bucket(&self) -> Option<&Target> {
        let settings = self.container.env.iter().filter_map(|(k, s)| Some((k, s.value.as_deref()?)));
        let named = settings.flat_map(|(k, v)| self.hosts.mentions(self.container, k, v)).map(|m| m.name);
        let mut used =
            named.chain(self.container.depends.keys().cloned()).filter_map(|n| self.targets.get(&n));
        used.find(|t| t.engine.is_some_and(|e| e.ty == ResourceType::Bucket))
    }

    /// The container that a setting with the same first words names as a host.
    fn sister_host(&self, prefix: &[String]) -> Option<&Target> {
        for (key, setting) in &self.container.env {
            let words = secret::words_of(key);
            let Some((last, theirs)) = words.split_last() else { continue };
            if theirs != prefix || !HOST_WORDS.contains(&last.as_str()) {
                continue;
            }
            let value = setting.value.as_deref()?;
            let mention =
                self.hosts.mentions(self.container, key, value).into_iter().find(|m| m.name != self.own);
            if let Some(target) = mention.and_then(|m| self.targets.get(&m.name)) {
                return Some(target);
            }
        }
        None
    }
}

/// Characters from which a password is not the same as another by chance.
const STRONG: usize = 12;

/// Whether the words of a key name a store: by what it is, or as the container is called.
fn speaks_of_a_store(words: &[String], container: &str) -> bool {
    const WORDS: [&str; 23] = [
        "DB",
        "DATABASE",
        "DATASOURCE",
        "SQL",
        "PG",
        "PGPASSWORD",
        "JDBC",
        "POSTGRES",
        "POSTGRESQL",
        "MYSQL",
        "MARIADB",
        "MONGO",
        "MONGODB",
        "REDIS",
        "VALKEY",
        "CACHE",
        "RABBITMQ",
        "AMQP",
        "BROKER",
        "KAFKA",
        "ELASTIC",
        "ELASTICSEARCH",
        "OPENSEARCH",
    ];
    let named = secret::words_of(container);
    words.len() == 1 || words.iter().any(|w| WORDS.contains(&w.as_str()) || named.contains(w))
}

/// Replaces user and password by the managed ones.
fn cut_credentials(
    value: &str,
    keeper: &Target,
    mentions: &[Mention],
    cuts: &mut Vec<(Range<usize>, Vec<EnvPart>)>,
) {
    let has_user = keeper.engine.is_some_and(|e| !e.user.is_empty());
    if let Some(password) =
        secret::url_password(value).filter(|p| mentions.iter().any(|m| m.host.start >= p.end))
    {
        let user_start = value[..password.start].rfind("://").map_or(0, |at| at + 3);
        let user = user_start..password.start - 1;
        if has_user && !user.is_empty() {
            cuts.push((user, vec![keeper.part("user")]));
        }
        cuts.push((password, vec![keeper.part("password")]));
    }
    if let Some(password) = secret::pair_password(value) {
        cuts.push((password, vec![keeper.part("password")]));
        if let Some(user) = pair(value, &["user", "username", "uid", "user id", "login"]).filter(|_| has_user)
        {
            cuts.push((user, vec![keeper.part("user")]));
        }
    }
}

/// The byte range of the value of a `key=value` pair.
fn pair(value: &str, keys: &[&str]) -> Option<Range<usize>> {
    let lower = value.to_ascii_lowercase();
    lower.match_indices('=').find_map(|(at, _)| {
        let key = lower[..at].rsplit([';', '&', '?', ',']).next().unwrap_or_default().trim();
        let key = if keys.contains(&key) { key } else { key.rsplit(' ').next().unwrap_or_default() };
        let end = value[at + 1..].find([';', '&', ' ', ',']).map_or(value.len(), |e| at + 1 + e);
        (keys.contains(&key) && end > at + 1).then_some(at + 1..end)
    })
}

fn assemble(value: &str, mut cuts: Vec<(Range<usize>, Vec<EnvPart>)>) -> Vec<EnvPart> {
    cuts.sort_by_key(|(range, _)| range.start);
    let mut parts = Vec::new();
    let mut at = 0;
    let text = |parts: &mut Vec<EnvPart>, text: &str| {
        if let (Some(EnvPart::Text(last)), false) = (parts.last_mut(), text.is_empty()) {
            last.push_str(text);
        } else if !text.is_empty() {
            parts.push(EnvPart::Text(text.to_owned()));
        }
    };
    for (range, replacement) in cuts {
        if range.start < at {
            continue;
        }
        text(&mut parts, &value[at..range.start]);
        for part in replacement {
            match part {
                EnvPart::Text(t) => text(&mut parts, &t),
                other => parts.push(other),
            }
        }
        at = range.end;
    }
    text(&mut parts, &value[at..]);
    if parts.is_empty() {
        parts.push(EnvPart::Text(String::new()));
    }
    parts
}

/// Whether a password that the value held still stands in a text part.
fn leftover_password(value: &str, parts: &[EnvPart]) -> bool {
    let passwords = [secret::url_password(value), secret::pair_password(value)];
    let written = |range: Range<usize>| {
        let password = &value[range];
        let replaced =
            parts.iter().any(|p| matches!(p, EnvPart::Reference { field, .. } if field == "password"));
        !replaced && parts.iter().any(|p| matches!(p, EnvPart::Text(t) if t.contains(password)))
    };
    passwords.into_iter().flatten().any(written)
}
