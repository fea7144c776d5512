//! From a checked tree to the model: takes what fits and leaves out the rest, which the shape check has
//! already reported. Nothing here reports anything.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use ir::yaml::{Data, Yaml};
use ir::{Availability, Spanned, Usd};

use super::units;
use crate::model::*;
use crate::reference;

/// The spec in `root`.
pub fn spec(root: &Yaml) -> Spec {
    let mut assumptions = Vec::new();
    let mut secrets = IndexMap::new();
    match root.get("secrets").map(|s| &s.data) {
        Some(Data::Seq(items)) => {
            for (name, span) in items.iter().filter_map(|i| Some((i.scalar()?, i.span))) {
                secrets.insert(name, Secret { span: Some(span), note: None });
            }
        }
        Some(Data::Map(entries)) => {
            for (key, value) in entries {
                let note = value.get("note").and_then(Yaml::scalar);
                secrets.insert(key.text.clone(), Secret { span: Some(key.span), note });
            }
        }
        _ => {}
    }
    let names = Names {
        services: names(root.get("services")),
        resources: names(root.get("resources")),
        secrets: secrets.keys().cloned().collect(),
    };
    let services =
        each(root.get("services"), |key, node| service(node, &names, key)).collect::<IndexMap<_, _>>();
    let resources = each(root.get("resources"), |key, node| resource(node, key)).collect();
    let mut environments: IndexMap<_, _> = each(root.get("environments"), |key, node| Environment {
        scale: text(node, "scale", units::share).unwrap_or(Spanned::bare(1.0)),
        availability: text(node, "availability", units::availability).map(|a| map(a, Availability)),
        rto: text(node, "rto", units::duration).map(|s| map(s, whole)),
        rpo: text(node, "rpo", units::loss).map(|s| map(s, whole)),
        approvers: list(node.get("approvers")),
        span: Some(key),
    })
    .collect();
    if environments.is_empty() {
        environments = crate::defaults::environments(&mut assumptions);
    }
    Spec {
        name: string(root, "name").unwrap_or(Spanned::bare(String::new())),
        owner: string(root, "owner"),
        cloud: cloud(root.get("cloud"), &mut assumptions),
        budget: text(root, "budget", units::dollars).map(|b| map(b, Usd)),
        environments,
        services,
        resources,
        secrets,
        deliver: deliver(root.get("deliver")),
        assumptions,
    }
}

/// What `uses` and `${...}` may name.
struct Names {
    services: BTreeSet<String>,
    resources: BTreeSet<String>,
    secrets: BTreeSet<String>,
}

impl Names {
    fn target(&self, name: &str) -> Option<UseTarget> {
        let has = |names: &BTreeSet<String>| names.contains(name);
        if has(&self.services) {
            Some(UseTarget::Service)
        } else if has(&self.resources) {
            Some(UseTarget::Resource)
        } else {
            has(&self.secrets).then_some(UseTarget::Secret)
        }
    }
}

fn cloud(node: Option<&Yaml>, assumptions: &mut Vec<Assumption>) -> Cloud {
    let provider = node.and_then(|n| word(n, "provider", provider));
    let regions: Vec<Spanned<String>> = node.map(|n| list(n.get("regions"))).unwrap_or_default();
    crate::defaults::cloud(provider, regions, assumptions)
}

fn provider(word: &str) -> Option<Provider> {
    Some(match word {
        "aws" => Provider::Aws,
        "azure" => Provider::Azure,
        "gcp" => Provider::Gcp,
        "any" => Provider::Any,
        _ => return None,
    })
}

fn service(node: &Yaml, names: &Names, key: ir::Span) -> Service {
    let host = string(node, "host");
    let public = match node.get("public") {
        Some(Yaml { data: Data::Bool(b), span, .. }) => Spanned::at(*b, *span),
        _ => Spanned { value: host.is_some(), span: host.as_ref().and_then(|h| h.span) },
    };
    let limits = node.get("limits");
    let number = |name: &str| limits.and_then(|l| l.get(name)).and_then(Yaml::scalar)?.parse().ok();
    Service {
        source: source(node),
        port: node.get("port").and_then(|p| Some(Spanned::at(p.scalar()?.parse().ok()?, p.span))),
        protocol: word(node, "protocol", protocol).map(|p| p.value).unwrap_or_default(),
        public,
        host,
        health: string(node, "health"),
        load: node.get("load").map(load).unwrap_or_default(),
        slo: node.get("slo").map(slo),
        uses: uses(node.get("uses"), names),
        release: word(node, "release", release).unwrap_or(Spanned::bare(Release::Rolling)),
        schedule: string(node, "schedule"),
        once: truth(node, "once"),
        env: env(node.get("env"), names),
        entrypoint: command(node.get("entrypoint")),
        command: command(node.get("command")),
        limits: Limits {
            cpus: number("cpus"),
            memory_mib: limits.and_then(|l| text(l, "memory", units::mebibytes)).map(|m| m.value),
            replicas: number("replicas").map(|n: f64| n as u32),
        },
        span: Some(key),
    }
}

fn source(node: &Yaml) -> Source {
    if let Some(folder) = string(node, "static") {
        return Source::Static(folder);
    }
    if let Some(image) = string(node, "image") {
        return Source::Image(image);
    }
    let build = node.get("build");
    let mut out = Build {
        context: Spanned::bare(".".to_owned()),
        dockerfile: None,
        target: None,
        args: IndexMap::new(),
        scan: None,
    };
    match build.map(|b| &b.data) {
        Some(Data::Map(_)) => {
            let build = build.expect("matched above");
            out.context = string(build, "context").unwrap_or(out.context);
            out.dockerfile = string(build, "dockerfile");
            out.target = string(build, "target");
            out.args = each(build.get("args"), |_, v| v.scalar().unwrap_or_default()).collect();
        }
        Some(Data::Str(folder)) => {
            out.context = Spanned { value: folder.clone(), span: build.map(|b| b.span) };
        }
        _ => {}
    }
    Source::Build(out)
}

fn load(node: &Yaml) -> Load {
    Load {
        requests: text(node, "requests", units::rate),
        messages: text(node, "messages", units::rate),
        peak: text(node, "peak", units::multiple),
        cpu: text(node, "cpu", units::duration),
        memory_mib: text(node, "memory", units::mebibytes),
        response_kib: text(node, "response", units::mebibytes).map(|r| map(r, |mib| mib * 1024.0)),
        duration: text(node, "duration", units::duration),
    }
}

fn slo(node: &Yaml) -> Slo {
    let latency =
        |text: &str| units::latency(text).map(|(seconds, quantile)| LatencyTarget { seconds, quantile });
    Slo {
        availability: text(node, "availability", units::availability).map(|a| map(a, Availability)),
        latency: text(node, "latency", latency),
    }
}

fn uses(node: Option<&Yaml>, names: &Names) -> Vec<Use> {
    // What names nothing is reported by `resolve`, which knows every name.
    let used = |name: &str, access, span| {
        let target = names.target(name).unwrap_or(UseTarget::Resource);
        Use { target, name: name.to_owned(), access, span: Some(span) }
    };
    let entries = |item: &Yaml| -> Vec<Use> {
        let Data::Map(entries) = &item.data else {
            return item.scalar().iter().map(|name| used(name, Access::ReadWrite, item.span)).collect();
        };
        let narrowed = entries.iter().map(|(key, value)| {
            let access = match value.as_str() {
                Some("read") => Access::Read,
                Some("write") => Access::Write,
                _ => Access::ReadWrite,
            };
            used(&key.text, access, key.span)
        });
        narrowed.collect()
    };
    node.and_then(Yaml::items).into_iter().flatten().flat_map(entries).collect()
}

fn env(node: Option<&Yaml>, names: &Names) -> IndexMap<String, EnvValue> {
    each(node, |_, value| {
        let text = value.scalar().unwrap_or_default();
        reference::parse(&text, |name| names.target(name))
    })
    .collect()
}

fn command(node: Option<&Yaml>) -> Option<Vec<String>> {
    let node = node?;
    match &node.data {
        Data::Seq(items) => Some(items.iter().filter_map(Yaml::scalar).collect()),
        _ => Some(crate::words::split(&node.scalar()?)),
    }
}

fn resource(node: &Yaml, key: ir::Span) -> Resource {
    let gib = |name: &str| text(node, name, units::mebibytes).map(|m| map(m, |mib| mib / 1024.0));
    Resource {
        ty: word(node, "type", resource_type).unwrap_or(Spanned::bare(ResourceType::Bucket)),
        version: string(node, "version"),
        storage_gib: gib("storage").or_else(|| gib("size")),
        memory_gib: gib("memory"),
        queries: node.get("load").and_then(|l| text(l, "queries", units::rate)),
        retention: text(node, "retention", units::duration).map(|s| map(s, whole)),
        migrations: string(node, "migrations"),
        ordered: truth(node, "ordered"),
        subscribers: list(node.get("subscribers")),
        database: string(node, "database").map(|d| d.value),
        local_image: string(node, "local").map(|l| l.value),
        span: Some(key),
    }
}

/// The type a word of `type:` stands for.
#[must_use]
pub fn resource_type(word: &str) -> Option<ResourceType> {
    ResourceType::ALL.iter().copied().find(|t| t.word() == word)
}

fn protocol(word: &str) -> Option<Protocol> {
    [Protocol::Http, Protocol::Grpc, Protocol::Tcp].into_iter().find(|p| p.word() == word)
}

fn release(word: &str) -> Option<Release> {
    [Release::Rolling, Release::Canary, Release::BlueGreen].into_iter().find(|r| r.word() == word)
}

fn deliver(node: Option<&Yaml>) -> Deliver {
    let mut out = Deliver::default();
    let Some(node) = node else { return out };
    let take = |name: &str, into: &mut String| {
        if let Some(word) = node.get(name).and_then(Yaml::as_str) {
            word.clone_into(into);
        }
    };
    take("iac", &mut out.iac);
    take("runtime", &mut out.runtime);
    take("ci", &mut out.ci);
    take("secrets", &mut out.secrets);
    if let Some(items) = node.get("observability").and_then(Yaml::items) {
        out.observability = items.iter().filter_map(Yaml::scalar).collect();
    }
    out
}

fn names(node: Option<&Yaml>) -> BTreeSet<String> {
    node.and_then(Yaml::entries).into_iter().flatten().map(|(k, _)| k.text.clone()).collect()
}

fn each<'a, T>(
    node: Option<&'a Yaml>,
    read: impl Fn(ir::Span, &'a Yaml) -> T + 'a,
) -> impl Iterator<Item = (String, T)> + 'a {
    let entries = node.and_then(Yaml::entries).unwrap_or(&[]);
    entries.iter().map(move |(key, value)| (key.text.clone(), read(key.span, value)))
}

fn string(node: &Yaml, key: &str) -> Option<Spanned<String>> {
    let value = node.get(key)?;
    Some(Spanned::at(value.scalar()?, value.span))
}

fn text<T>(node: &Yaml, key: &str, read: impl Fn(&str) -> Result<T, String>) -> Option<Spanned<T>> {
    let value = node.get(key)?;
    Some(Spanned::at(read(&value.scalar()?).ok()?, value.span))
}

fn word<T>(node: &Yaml, key: &str, read: impl Fn(&str) -> Option<T>) -> Option<Spanned<T>> {
    let value = node.get(key)?;
    Some(Spanned::at(read(value.as_str()?)?, value.span))
}

fn truth(node: &Yaml, key: &str) -> bool {
    matches!(node.get(key).map(|n| &n.data), Some(Data::Bool(true)))
}

fn list(node: Option<&Yaml>) -> Vec<Spanned<String>> {
    let items = node.and_then(Yaml::items).unwrap_or(&[]);
    items.iter().filter_map(|i| Some(Spanned::at(i.scalar()?, i.span))).collect()
}

fn map<T, U>(spanned: Spanned<T>, change: impl FnOnce(T) -> U) -> Spanned<U> {
    Spanned { value: change(spanned.value), span: spanned.span }
}

/// Seconds as whole seconds; what is more than none stays at least one.
fn whole(seconds: f64) -> u64 {
    if seconds == 0.0 { 0 } else { seconds.round().max(1.0) as u64 }
}
