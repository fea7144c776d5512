//! A spec as `mainstay.yaml`, the way a person would write it: what is at its default is left out.

use serde_json::{Map, Value, json};

use super::units;
use crate::model::*;
use crate::reference;

/// The file's text. Reading it gives the same spec.
#[must_use]
pub fn print(spec: &Spec) -> String {
    let mut file = Map::new();
    file.insert("version".into(), json!(1));
    file.insert("name".into(), json!(*spec.name));
    put(&mut file, "owner", spec.owner.as_ref().map(|o| json!(**o)));
    let provider = serde_json::to_value(*spec.cloud.provider).unwrap_or(Value::Null);
    let regions: Vec<&str> = spec.cloud.regions.iter().map(|r| r.as_str()).collect();
    file.insert("cloud".into(), json!({"provider": provider, "regions": regions}));
    put(
        &mut file,
        "budget",
        spec.budget.as_ref().map(|b| json!(format!("{} USD/month", units::trim(b.value.0)))),
    );
    file.insert("environments".into(), each(&spec.environments, environment));
    file.insert("services".into(), each(&spec.services, service));
    if !spec.resources.is_empty() {
        file.insert("resources".into(), each(&spec.resources, resource));
    }
    put(&mut file, "secrets", secrets(spec));
    put(&mut file, "deliver", deliver(&spec.deliver));
    serde_saphyr::to_string(&Value::Object(file)).expect("a tree of plain values prints")
}

fn each<T>(items: &indexmap::IndexMap<String, T>, print: fn(&T) -> Value) -> Value {
    Value::Object(items.iter().map(|(name, item)| (name.clone(), print(item))).collect())
}

fn put(map: &mut Map<String, Value>, key: &str, value: Option<Value>) {
    if let Some(value) = value {
        map.insert(key.to_owned(), value);
    }
}

fn environment(environment: &Environment) -> Value {
    let mut out = Map::new();
    let percent = |share: f64| json!(format!("{}%", units::trim(share * 100.0)));
    put(&mut out, "scale", (*environment.scale < 1.0).then(|| percent(*environment.scale)));
    put(&mut out, "availability", environment.availability.as_ref().map(|a| percent(a.value.0)));
    let seconds = |s: &ir::Spanned<u64>| json!(units::print_duration(s.value as f64));
    put(&mut out, "rto", environment.rto.as_ref().map(seconds));
    put(&mut out, "rpo", environment.rpo.as_ref().map(seconds));
    let approvers: Vec<&str> = environment.approvers.iter().map(|a| a.as_str()).collect();
    put(&mut out, "approvers", (!approvers.is_empty()).then(|| json!(approvers)));
    Value::Object(out)
}

fn service(service: &Service) -> Value {
    let mut out = Map::new();
    match &service.source {
        Source::Build(build) => put(&mut out, "build", Some(build_value(build))),
        Source::Image(image) => put(&mut out, "image", Some(json!(**image))),
        Source::Static(folder) => put(&mut out, "static", Some(json!(**folder))),
    }
    put(&mut out, "port", service.port.as_ref().map(|p| json!(**p)));
    put(&mut out, "protocol", (service.protocol != Protocol::Http).then(|| json!(service.protocol.word())));
    put(&mut out, "public", (*service.public && service.host.is_none()).then(|| json!(true)));
    put(&mut out, "host", service.host.as_ref().map(|h| json!(**h)));
    put(&mut out, "health", service.health.as_ref().map(|h| json!(**h)));
    put(&mut out, "load", some(load(&service.load)));
    put(&mut out, "slo", service.slo.as_ref().map(slo));
    let uses: Vec<Value> = service
        .uses
        .iter()
        .map(|u| match u.access {
            Access::ReadWrite => json!(u.name),
            Access::Read => json!({&u.name: "read"}),
            Access::Write => json!({&u.name: "write"}),
        })
        .collect();
    put(&mut out, "uses", (!uses.is_empty()).then(|| json!(uses)));
    put(&mut out, "release", (*service.release != Release::Rolling).then(|| json!(service.release.word())));
    put(&mut out, "schedule", service.schedule.as_ref().map(|s| json!(**s)));
    put(&mut out, "once", service.once.then(|| json!(true)));
    let env: Map<String, Value> =
        service.env.iter().map(|(name, value)| (name.clone(), json!(reference::print(value)))).collect();
    put(&mut out, "env", some(env));
    put(&mut out, "entrypoint", service.entrypoint.as_ref().map(|c| json!(c)));
    put(&mut out, "command", service.command.as_ref().map(|c| json!(c)));
    let mut limits = Map::new();
    put(&mut limits, "cpus", service.limits.cpus.map(|c| json!(c)));
    put(&mut limits, "memory", service.limits.memory_mib.map(|m| json!(units::print_mebibytes(m))));
    put(&mut limits, "replicas", service.limits.replicas.map(|r| json!(r)));
    put(&mut out, "limits", some(limits));
    Value::Object(out)
}

fn some(map: Map<String, Value>) -> Option<Value> {
    (!map.is_empty()).then_some(Value::Object(map))
}

fn build_value(build: &Build) -> Value {
    if build.dockerfile.is_none() && build.target.is_none() && build.args.is_empty() {
        return json!(*build.context);
    }
    let mut out = Map::new();
    put(&mut out, "context", Some(json!(*build.context)));
    put(&mut out, "dockerfile", build.dockerfile.as_ref().map(|d| json!(**d)));
    put(&mut out, "target", build.target.as_ref().map(|t| json!(**t)));
    put(&mut out, "args", (!build.args.is_empty()).then(|| json!(build.args)));
    Value::Object(out)
}

fn load(load: &Load) -> Map<String, Value> {
    let mut out = Map::new();
    let rate = |r: &ir::Spanned<f64>| json!(units::print_rate(r.value));
    put(&mut out, "requests", load.requests.as_ref().map(rate));
    put(&mut out, "messages", load.messages.as_ref().map(rate));
    put(&mut out, "peak", load.peak.as_ref().map(|p| json!(format!("{}x", units::trim(p.value)))));
    let time = |s: &ir::Spanned<f64>| json!(units::print_duration(s.value));
    put(&mut out, "cpu", load.cpu.as_ref().map(time));
    put(&mut out, "memory", load.memory_mib.as_ref().map(|m| json!(units::print_mebibytes(m.value))));
    let kib = |k: &ir::Spanned<f64>| json!(format!("{}KiB", units::trim(k.value)));
    put(&mut out, "response", load.response_kib.as_ref().map(kib));
    put(&mut out, "duration", load.duration.as_ref().map(time));
    out
}

fn slo(slo: &Slo) -> Value {
    let mut out = Map::new();
    let percent = |a: &ir::Spanned<ir::Availability>| json!(format!("{}%", units::trim(a.value.0 * 100.0)));
    put(&mut out, "availability", slo.availability.as_ref().map(percent));
    put(
        &mut out,
        "latency",
        slo.latency.as_ref().map(|l| {
            json!(format!("{}@p{}", units::print_duration(l.seconds), units::trim(l.quantile * 100.0)))
        }),
    );
    Value::Object(out)
}

fn resource(resource: &Resource) -> Value {
    let mut out = Map::new();
    put(&mut out, "type", Some(json!(resource.ty.word())));
    put(&mut out, "version", resource.version.as_ref().map(|v| json!(**v)));
    let size = if *resource.ty == ResourceType::Bucket { "size" } else { "storage" };
    let gib = |g: &ir::Spanned<f64>| json!(units::print_mebibytes(g.value * 1024.0));
    put(&mut out, size, resource.storage_gib.as_ref().map(gib));
    put(&mut out, "memory", resource.memory_gib.as_ref().map(gib));
    let queries = |q: &ir::Spanned<f64>| json!({"queries": units::print_rate(q.value)});
    put(&mut out, "load", resource.queries.as_ref().map(queries));
    let seconds = |s: &ir::Spanned<u64>| json!(units::print_duration(s.value as f64));
    put(&mut out, "retention", resource.retention.as_ref().map(seconds));
    put(&mut out, "migrations", resource.migrations.as_ref().map(|m| json!(**m)));
    put(&mut out, "ordered", resource.ordered.then(|| json!(true)));
    let subscribers: Vec<&str> = resource.subscribers.iter().map(|s| s.as_str()).collect();
    put(&mut out, "subscribers", (!subscribers.is_empty()).then(|| json!(subscribers)));
    put(&mut out, "database", resource.database.as_ref().map(|d| json!(d)));
    put(&mut out, "local", resource.local_image.as_ref().map(|i| json!(i)));
    Value::Object(out)
}

fn secrets(spec: &Spec) -> Option<Value> {
    if spec.secrets.is_empty() {
        return None;
    }
    if spec.secrets.values().all(|s| s.note.is_none()) {
        return Some(json!(spec.secrets.keys().collect::<Vec<_>>()));
    }
    let entry = |s: &Secret| s.note.as_ref().map_or(json!({}), |note| json!({"note": note}));
    Some(Value::Object(spec.secrets.iter().map(|(name, s)| (name.clone(), entry(s))).collect()))
}

fn deliver(deliver: &Deliver) -> Option<Value> {
    let usual = Deliver::default();
    let mut out = Map::new();
    put(&mut out, "iac", (deliver.iac != usual.iac).then(|| json!(deliver.iac)));
    put(&mut out, "runtime", (deliver.runtime != usual.runtime).then(|| json!(deliver.runtime)));
    put(&mut out, "ci", (deliver.ci != usual.ci).then(|| json!(deliver.ci)));
    let watched = deliver.observability != usual.observability;
    put(&mut out, "observability", watched.then(|| json!(deliver.observability)));
    put(&mut out, "secrets", (deliver.secrets != usual.secrets).then(|| json!(deliver.secrets)));
    some(out)
}
