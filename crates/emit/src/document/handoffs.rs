//! `handoffs/`: what each other role needs from this infrastructure, and what it owes it.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use ir::{Bundle, Node, Value};
use spec::prose::Refusal;
use spec::{EnvPart, Protocol, Service, Spec, UseTarget};

use super::markdown::{Document, link};
use crate::{Context, place};

/// One page a role.
pub fn write(context: &Context<'_>, bundle: &mut Bundle) {
    bundle.add("handoffs/backend.md", backend(context));
    bundle.add("handoffs/frontend.md", frontend(context));
    bundle.add("handoffs/qa.md", qa(context));
    bundle.add("handoffs/data-science.md", data_science(context));
    bundle.add("handoffs/product-owner.md", product_owner(context));
}

fn backend(context: &Context<'_>) -> String {
    let mut doc = Document::titled("For the backend");
    doc.para("What the platform gives to each service, and what it expects of it.");
    if crate::observability::prometheus_wanted(context) {
        doc.line(&[
            "Alerts and dashboards are computed from what the services report: the names of the measurements are in ".into(),
            link("monitoring", "../docs/monitoring.md"),
            ", under \"What the application must report\", and the fields of a log line under \"Logs\".".into(),
        ]);
        if context.blueprint.environments.values().any(|e| e.telemetry.is_some()) {
            doc.para("Add an SDK of OpenTelemetry, or its automatic instrumentation, and set nothing up in code: the tasks are given the `OTEL_` variables below, which name a collector beside the program. Report cumulative sums, as the SDKs do when nothing else is said. Attributes that no alert tells apart, such as a route, are merged away before they are paid for; traces keep them. Until something is reported, the alarm `telemetry-lost` rings.");
        }
    } else {
        doc.line(&[
            "The fields of a log line are in ".into(),
            link("monitoring", "../docs/monitoring.md"),
            ", under \"Logs\".".into(),
        ]);
    }
    for (name, service) in &context.spec.services {
        // Neither files nor somebody else's tool are programs that a team writes.
        let written = match &service.source {
            spec::Source::Static(_) => false,
            spec::Source::Build(build) => !build.migrates(),
            spec::Source::Image(_) => true,
        };
        if !written {
            continue;
        }
        doc.heading(2, name);
        let everywhere = context.stacks.iter().filter(|s| s.environment).count();
        let rows: Vec<Vec<String>> = variables(context, name)
            .into_iter()
            .map(|(variable, environments)| {
                let mut from = origin(service, &variable);
                if environments.len() < everywhere {
                    from.push_str(&format!(", in {} only", environments.join(" and ")));
                }
                vec![format!("`{variable}`"), from]
            })
            .collect();
        if rows.is_empty() {
            doc.para("It uses nothing and needs no settings.");
        }
        let named = |suffix: &str| rows.iter().any(|row| row[0].ends_with(&format!("{suffix}`")));
        let (tls, reader) = (named("_TLS"), named("_READER_HOST"));
        doc.table(&["variable", "comes from"], rows);
        let mut duties = Vec::new();
        if tls {
            duties.push("Connect by TLS where a variable that ends with `_TLS` says `true`, as it does in the cloud; on a laptop it says `false`".to_owned());
        }
        if reader {
            duties.push("Read what may be a moment old from the host that ends with `_READER_HOST`: a replica where there is one, else the database itself".to_owned());
        }
        duties.extend([
            "Write one JSON object a line to standard output, with `time`, `level` and `message`, and with `trace_id` and `error` where there is one"
                .to_owned(),
            "Stop taking work on SIGTERM, finish what was begun, and exit within 30 seconds".to_owned(),
            "Write only to `/tmp`: the rest of the file system is read-only".to_owned(),
        ]);
        if let Some(port) = &service.port {
            duties.push(format!("Listen on port {} on all interfaces", port.value));
        }
        match (&service.health, service.protocol) {
            (Some(path), Protocol::Http) => {
                duties.push(format!("Answer `{}` with 200 within 5 seconds when it can serve", path.value));
            }
            (None, Protocol::Http) if service.port.is_some() => {
                duties.push(
                    "Add a health route and name it as `health` in the spec: until then `/` is asked"
                        .to_owned(),
                );
            }
            _ => {}
        }
        doc.bullets(duties);
    }
    doc.print()
}

/// The variables that a service is given, with the environments that give each.
fn variables(context: &Context<'_>, service: &str) -> IndexMap<String, Vec<String>> {
    let mut found: IndexMap<String, Vec<String>> = IndexMap::new();
    for stack in context.stacks.iter().filter(|s| s.environment) {
        let component = place::service_component(stack, service);
        let nodes = stack.graph.nodes().filter(|n| n.address.component == component);
        let names: BTreeSet<String> = nodes.flat_map(given).collect();
        for name in names {
            found.entry(name).or_default().push(stack.name.clone());
        }
    }
    found.sort_keys();
    found
}

/// The variables that a task definition or a function sets.
fn given(node: &Node) -> Vec<String> {
    let containers = match node.get("container_definitions") {
        Some(Value::Json(containers)) => containers.as_list().unwrap_or_default(),
        _ => &[],
    };
    // What runs beside the program is told its own variables.
    let own = |c: &&Value| c.get("essential").and_then(Value::as_bool) != Some(false);
    let listed = containers
        .iter()
        .filter(own)
        .flat_map(|c| [c.get("environment"), c.get("secrets")])
        .flatten()
        .flat_map(|list| list.as_list().unwrap_or_default())
        .filter_map(|entry| entry.get("name")?.text());
    let mapped = node
        .blocks("environment")
        .iter()
        .filter_map(|block| block.get("variables")?.as_map())
        .flat_map(|variables| variables.keys().cloned());
    listed.chain(mapped).collect()
}

/// Where a variable's value comes from: the service's own settings first, then what it uses.
fn origin(service: &Service, variable: &str) -> String {
    if let Some(value) = service.env.get(variable) {
        let from: Vec<String> = value
            .parts
            .iter()
            .filter_map(|part| match part {
                EnvPart::Reference { name, field, .. } => Some(format!("`{name}.{field}`")),
                EnvPart::Secret(name) => Some(format!("the secret `{name}`")),
                EnvPart::Text(_) => None,
            })
            .collect();
        return if from.is_empty() { "the spec".to_owned() } else { from.join(", ") };
    }
    // `db-replica` before `db`: both begin `DB_REPLICA_HOST`.
    let used = service.uses.iter().filter(|u| match u.target {
        UseTarget::Secret => u.name == variable,
        UseTarget::Service | UseTarget::Resource => {
            let prefix = format!("{}_", u.name.to_uppercase().replace('-', "_"));
            variable.trim_start_matches('_').starts_with(&prefix)
        }
    });
    match used.max_by_key(|u| u.name.len()).map(|u| (u.target, &u.name)) {
        Some((UseTarget::Secret, _)) => "the secret store".to_owned(),
        Some((UseTarget::Service, name)) => format!("the service `{name}`"),
        Some((UseTarget::Resource, name)) => format!("the resource `{name}`"),
        None => "the platform".to_owned(),
    }
}

fn frontend(context: &Context<'_>) -> String {
    let mut doc = Document::titled("For the frontend");
    let sites: Vec<_> =
        context.spec.services.iter().filter(|(_, s)| matches!(s.source, spec::Source::Static(_))).collect();
    if sites.is_empty() {
        doc.para("The application has no static site; pages are served by its services.");
    }
    for (name, service) in sites {
        doc.heading(2, name);
        if let spec::Source::Static(folder) = &service.source {
            doc.para(format!("What is in `{}` after the build is what users get.", folder.value));
        }
        let mut items: Vec<String> = [
            "Give every file but the pages a name with a hash of its content: it may be kept for long",
            "Pages (`*.html`) are not kept; a deployment uploads them last and clears the cache",
            "Unknown paths answer with `index.html`, so that client-side routes work",
            "Settings are fixed when the site is built; never put a secret into it",
        ]
        .map(str::to_owned)
        .into();
        items.extend(service.uses.iter().filter(|u| u.target == UseTarget::Service).map(|u| {
            format!(
                "`/{0}/` on the same host reaches the service `{0}`, without cross-origin requests",
                u.name
            )
        }));
        doc.bullets(items);
    }
    let public = context.spec.services.iter().filter(|(_, s)| *s.public && s.port.is_some());
    let rows = public.map(|(name, s)| {
        let host = s
            .host
            .as_ref()
            .map_or("given by the load balancer, see the outputs".to_owned(), |h| h.value.clone());
        vec![format!("`{name}`"), host]
    });
    doc.table(&["service", "public host"], rows);
    doc.print()
}

fn qa(context: &Context<'_>) -> String {
    let mut doc = Document::titled("For QA");
    let environments: Vec<_> = context.blueprint.environments.values().collect();
    let free: Vec<&str> = environments.iter().filter(|e| !e.critical).map(|e| e.name.as_str()).collect();
    let laptop =
        "`compose.yaml`, or the compose file that the application came with, runs everything on a laptop.";
    if free.is_empty() {
        doc.para(format!(
            "People depend on every environment of this application: there is none to break. {laptop}"
        ));
    } else {
        let names: Vec<String> = free.iter().map(|n| format!("`{n}`")).collect();
        doc.para(format!("Nobody depends on {}: break it as you like. {laptop}", names.join(" or ")));
    }
    let rows = environments.iter().map(|e| {
        let scale = context.spec.environments.get(&e.name).map_or(1.0, |s| *s.scale);
        let approval = if e.approvers.is_empty() { "none" } else { "needed" };
        vec![e.name.clone(), format!("{:.0} %", scale * 100.0), approval.to_owned()]
    });
    doc.table(&["environment", ">share of the load it is sized for", "approval"], rows);
    doc.heading(2, "Load tests");
    if let Some(environment) = environments.last() {
        let rows: Vec<Vec<String>> = environment
            .services
            .iter()
            .filter(|(_, s)| s.load.requests > 0.0 || s.load.messages > 0.0)
            .map(|(name, s)| {
                let mean = s.load.requests + s.load.messages;
                vec![format!("`{name}`"), format!("{mean:.1}/s"), format!("{:.1}/s", mean * s.load.peak)]
            })
            .collect();
        if !rows.is_empty() {
            doc.para(format!("What {} is sized for:", environment.name));
        }
        doc.table(&["service", ">mean", ">peak"], rows);
    }
    let mut items = Vec::new();
    if let Some(name) = free.last() {
        items.push(format!("Run load tests from outside the network against {name}, scaled by its share; tell the on-call first"));
    } else {
        items.push("Agree on load tests with the product owner and the on-call first".to_owned());
    }
    let (filtered, open): (Vec<_>, Vec<_>) = environments
        .iter()
        .filter(|e| free.is_empty() || !e.critical)
        .partition(|e| e.network.firewall || e.network.site_firewall);
    let names = |some: &[&&design::EnvironmentDesign]| {
        some.iter().map(|e| e.name.as_str()).collect::<Vec<_>>().join(" and ")
    };
    if !filtered.is_empty() {
        items.push(format!("The web application firewall of {} limits requests by address: ask for an exception for the test's address", names(&filtered)));
    }
    if !open.is_empty() && environments.iter().any(|e| e.network.firewall || e.network.site_firewall) {
        items.push(format!(
            "There is no web application firewall in {}, so what one would block elsewhere is not seen there",
            names(&open)
        ));
    }
    if (crate::pipelines::TARGET.wanted)(context) {
        items.push("Each deployment asks every public address whether it answers; add your own checks to `infra/pipeline/smoke.sh`".to_owned());
    }
    doc.bullets(items);
    doc.print()
}

fn data_science(context: &Context<'_>) -> String {
    let mut doc = Document::titled("For data science");
    if context.spec.resources.is_empty() {
        doc.para("The application keeps no data of its own.");
    } else {
        doc.para("What you may rely on:");
    }
    let stores =
        context.spec.resources.iter().map(|(name, r)| vec![format!("`{name}`"), r.ty.word().to_owned()]);
    doc.table(&["resource", "type"], stores);
    doc.line(&[
        "Read production data from a restored backup, never from the live database; ".into(),
        link("disaster recovery", "../docs/disaster-recovery.md"),
        " says how.".into(),
    ]);
    doc.bullets([
        "A batch job is a service with a `schedule` in the spec; it gets its own role and sees only what its `uses` name",
        "Ask for a resource or an accelerator by a change of the spec: its cost is shown on the pull request",
    ]);
    doc.print()
}

fn product_owner(context: &Context<'_>) -> String {
    let blueprint = context.blueprint;
    let mut doc = Document::titled("For the product owner");
    let total: ir::Usd = context.estimates.iter().map(cost::Estimate::total).sum();
    match blueprint.budget {
        Some(budget) => doc.para(format!("It costs {total} a month of the {budget} that were planned.")),
        None => doc.para(format!(
            "It costs {total} a month. No budget was given; `budget` in the spec would make it a limit."
        )),
    };
    let rows = blueprint.environments.values().map(|e| {
        let away = e.availability.expected.downtime_minutes_a_month();
        vec![e.name.clone(), e.availability.expected.to_string(), format!("{away:.0} minutes")]
    });
    doc.table(&["environment", ">availability that can be expected", ">that is, away a month"], rows);
    let assumptions = &context.spec.assumptions;
    if !assumptions.is_empty() {
        doc.heading(2, "Please confirm");
        doc.para("Nobody said these; they were assumed.");
        let rows = assumptions
            .iter()
            .map(|a| vec![format!("`{}`", a.subject), a.assumed.clone(), a.because.clone()]);
        doc.table(&["what", "assumed", "because"], rows);
    }
    doc.heading(2, "What would change the bill most");
    let mut costly: Vec<_> = blueprint
        .decisions
        .iter()
        .flat_map(|d| d.rejected.iter().map(move |r| (d, r)))
        .filter_map(|(d, r)| Some((r.difference.filter(|m| m.0 < 0.0)?, d, r)))
        .collect();
    costly.sort_by(|a, b| a.0.0.total_cmp(&b.0.0));
    let rows = costly.iter().take(5).map(|(saving, d, r)| {
        let environment = d.environment.clone().unwrap_or_else(|| "all".to_owned());
        vec![environment, d.question.clone(), r.option.clone(), saving.to_string(), r.because.clone()]
    });
    if costly.is_empty() {
        doc.para("No cheaper alternative was rejected for a requirement: everything is at its cheapest for what was asked.");
    }
    doc.table(
        &["environment", "question", "cheaper alternative", ">a month", "which requirement forbids it"],
        rows,
    );
    doc.print()
}

/// The pages for work that was asked for and belongs to other roles: path and text, one a role.
///
/// Without a spec nothing of the application is known yet, and the page promises nothing about it.
#[must_use]
pub fn requests(spec: Option<&Spec>, refusals: &[Refusal]) -> Vec<(String, String)> {
    let mut by_role: BTreeMap<&str, Vec<&Refusal>> = BTreeMap::new();
    for refusal in refusals {
        by_role.entry(refusal.role).or_default().push(refusal);
    }
    by_role.into_iter().map(|(role, asked)| (request_path(role), request(role, spec, &asked))).collect()
}

/// Where the request to a role lies in the bundle.
#[must_use]
pub fn request_path(role: &str) -> String {
    format!("handoffs/{role}-request.md")
}

fn request(role: &str, spec: Option<&Spec>, refusals: &[&Refusal]) -> String {
    let mut doc = Document::titled(&format!("Request to {role}"));
    doc.para("This was asked of the infrastructure and is yours. Nothing was done about it.");
    // Parts of one heading stand together, each text once: a role's reasons are the same for all its work.
    let mut parts: BTreeMap<usize, (&str, Vec<&str>)> = BTreeMap::new();
    for (place, (heading, text)) in refusals.iter().flat_map(|r| r.handoff.iter().enumerate()) {
        let (_, texts) = parts.entry(place).or_insert((heading, Vec::new()));
        if !texts.contains(&text.as_str()) {
            texts.push(text);
        }
    }
    for (heading, texts) in parts.into_values() {
        doc.heading(2, heading);
        match texts.as_slice() {
            [one] => doc.para(*one),
            many => doc.bullets(many.iter().copied()),
        };
    }
    if let Some(spec) = spec {
        doc.heading(2, "What you may rely on");
        let services = spec.services.keys().map(|n| format!("the service `{n}`"));
        let resources = spec.resources.iter().map(|(n, r)| format!("the resource `{n}` ({})", r.ty.word()));
        let secrets =
            spec.secrets.keys().map(|n| format!("the secret `{n}`, injected as a variable of that name"));
        doc.bullets(services.chain(resources).chain(secrets).collect::<Vec<_>>());
    }
    doc.heading(2, "Open questions");
    doc.bullets(["What does it need from the infrastructure?", "When must it be there?"]);
    doc.print()
}
