//! `docs/infrastructure.md`: what each environment runs on, the network, the names, the cost.

use catalog::Evidence;
use cost::Estimate;
use design::{Egress, EnvironmentDesign};

use super::markdown::{Document, link};
use crate::Context;

/// The document.
pub fn write(context: &Context<'_>) -> String {
    let blueprint = context.blueprint;
    let code = format!("infra/{}", context.spec.deliver.iac);
    let mut doc = Document::titled(&format!("Infrastructure of {}", blueprint.name));
    doc.para(format!(
        "{} runs in {} on AWS, as {}. This page says what is there, why, how it is named and what it costs.",
        blueprint.name,
        blueprint.region,
        blueprint.environments.keys().map(String::as_str).collect::<Vec<_>>().join(" and ")
    ));
    doc.picture("Topology", "topology.svg");
    environments(context, &mut doc);
    network(context, &mut doc);
    security(context, &mut doc);
    naming(context, &mut doc);
    cost(context, &mut doc);
    doc.line(&[
        "Every resource and its purpose: ".into(),
        link("resources", "resources.md"),
        ". The code: ".into(),
        link(&code, &format!("../{code}")),
        ".".into(),
    ]);
    doc.print()
}

fn environments(context: &Context<'_>, doc: &mut Document) {
    doc.heading(2, "Environments");
    let rows = context.blueprint.environments.values().map(|e| {
        let target = e.availability.target.map_or("none stated".to_owned(), |t| t.to_string());
        let approvers = if e.approvers.is_empty() { "nobody".to_owned() } else { e.approvers.join(", ") };
        vec![e.name.clone(), target, e.availability.expected.to_string(), approvers, total(context, &e.name)]
    });
    doc.table(&["environment", ">availability asked", ">expected", "approved by", ">monthly"], rows);
    for environment in context.blueprint.environments.values() {
        doc.heading(3, &format!("What {} runs on", environment.name));
        let services = environment.services.keys().chain(environment.resources.keys());
        let rows = services.map(|subject| {
            let chosen = context.blueprint.decisions.iter().filter(|d| {
                d.environment.as_deref() == Some(&environment.name) && d.subject.as_deref() == Some(subject)
            });
            let chosen: Vec<&str> = chosen.map(|d| d.chosen.as_str()).collect();
            vec![format!("`{subject}`"), chosen.join("; "), component(context, &environment.name, subject)]
        });
        doc.table(&["part", "chosen", ">monthly"], rows);
        availability(environment, doc);
    }
}

fn availability(environment: &EnvironmentDesign, doc: &mut Document) {
    let parts = &environment.availability.parts;
    if parts.is_empty() {
        return;
    }
    doc.para(format!(
        "The availability that can be expected of the longest public request path in {} is the product of what the vendor promises for its parts, {}: {:.0} minutes a month.",
        environment.name,
        environment.availability.expected,
        environment.availability.expected.downtime_minutes_a_month()
    ));
    let rows = parts.iter().map(|p| {
        let source = if p.verified { p.source.clone() } else { format!("{} (not verified)", p.source) };
        vec![p.name.clone(), p.sla.to_string(), source]
    });
    doc.table(&["part", ">service level", "published"], rows);
}

fn network(context: &Context<'_>, doc: &mut Document) {
    doc.heading(2, "Network and zones");
    doc.para("Every environment has a network of its own with three tiers in every availability zone. Only the public tier has a route from the internet; only load balancers and NAT gateways stand in it. Services run in the private tier. Data stores stand in the data tier, which has no route to the internet at all.");
    let rows = context.blueprint.environments.values().map(|e| {
        let egress = match e.network.egress {
            Egress::NatPerZone => "a NAT gateway in every zone",
            Egress::SingleNat => "one NAT gateway",
            Egress::RegionalNat => "one NAT over all zones",
        };
        let endpoints =
            std::iter::once("s3").chain(e.network.endpoints.iter().map(String::as_str)).collect::<Vec<_>>();
        vec![
            e.name.clone(),
            format!("`{}`", e.network.cidr),
            e.network.zones.to_string(),
            egress.to_owned(),
            endpoints.join(", "),
        ]
    });
    doc.table(&["environment", "range", ">zones", "way out", "private endpoints"], rows);
    doc.para("A service accepts connections only from the services that use it, and opens connections only to what it uses: each edge of `uses` is one pair of rules between two security groups.");
}

fn security(context: &Context<'_>, doc: &mut Document) {
    doc.heading(2, "Security");
    let mut items = vec![
        "Data is encrypted at rest with one customer-managed key per environment".to_owned(),
        "Every service has a role of its own that allows the actions its `uses` need, on the resources they name".to_owned(),
        "Secrets live in AWS Secrets Manager and are injected when a task starts; no value is in code, images or logs".to_owned(),
    ];
    if (crate::pipelines::TARGET.wanted)(context) {
        items.push("The pipeline has no stored credentials: it assumes a role by OpenID Connect, bound to this repository and environment".to_owned());
    }
    items.extend(firewalls(context));
    doc.bullets(items);
    if context.spec.services.values().any(|s| *s.public && s.port.is_some()) {
        let plain: Vec<&str> = context
            .blueprint
            .environments
            .values()
            .filter(|e| !e.network.behind_sites)
            .filter(|e| e.services.values().any(|s| s.public.as_ref().is_some_and(|p| p.host.is_none())))
            .map(|e| e.name.as_str())
            .collect();
        if !plain.is_empty() {
            doc.para(format!("In {} public services without a host name are reached over plain HTTP at the load balancer, because nobody can have a certificate for its own name. Give them a `host` before real users come.", plain.join(" and ")));
        }
    }
    let accepted: Vec<_> = context.report.findings.iter().filter(|f| f.accepted.is_some()).collect();
    if accepted.is_empty() {
        return;
    }
    doc.heading(3, "Exceptions");
    doc.para("Checks that do not pass on purpose, each with its reason.");
    let mut rows: Vec<Vec<String>> = accepted
        .iter()
        .map(|f| vec![format!("`{}`", f.rule), f.stack.clone(), f.accepted.clone().unwrap_or_default()])
        .collect();
    rows.dedup();
    doc.table(&["check", "stack", "reason"], rows);
}

/// Where a web application firewall stands, and where none does: once for load balancers, once for sites.
fn firewalls(context: &Context<'_>) -> Vec<String> {
    let environments: Vec<&EnvironmentDesign> = context.blueprint.environments.values().collect();
    let has = |kind: &str, e: &EnvironmentDesign| {
        context.stacks.iter().any(|s| s.name == e.name && s.graph.of_kind(kind).next().is_some())
    };
    let mut said = Vec::new();
    for (kind, what, filtered) in [
        ("aws_lb", "load balancer", (|e| e.network.firewall) as fn(&EnvironmentDesign) -> bool),
        ("aws_cloudfront_distribution", "content delivery network", |e| e.network.site_firewall),
    ] {
        for (wanted, words) in [
            (
                true,
                "stands behind a web application firewall with the vendor's managed rules and a rate limit",
            ),
            (false, "has no web application firewall before it"),
        ] {
            let names: Vec<&str> = environments
                .iter()
                .filter(|e| has(kind, e) && filtered(e) == wanted)
                .map(|e| e.name.as_str())
                .collect();
            if !names.is_empty() {
                said.push(format!("The {what} of {} {words}", names.join(" and ")));
            }
        }
    }
    said
}

fn naming(context: &Context<'_>, doc: &mut Document) {
    let name = &context.blueprint.name;
    doc.heading(2, "Names");
    let mut items = vec![
        format!(
            "A resource is called `{name}-<environment>-<part>`, so that its environment is read off its name"
        ),
        format!("Alarms are `{name}-<environment>-<part>-<measure>`"),
    ];
    let has = |kind: &str| context.stacks.iter().any(|s| s.graph.of_kind(kind).next().is_some());
    if has("aws_ecs_cluster") {
        items.push(format!("Logs of services on ECS are in `/ecs/{name}-<environment>/<service>`"));
    }
    if has("aws_lambda_function") {
        items.push(format!("Logs of functions are in `/aws/lambda/{name}-<environment>-<service>`"));
    }
    if has("aws_service_discovery_private_dns_namespace") {
        items.push(format!("Inside the network a service that others call is `<service>.{name}-<environment>.internal`; the short name works too"));
    }
    doc.bullets(items);
    doc.para("Every resource that can carry tags has these:");
    if let Some(stack) = context.stacks.iter().rfind(|s| s.environment) {
        doc.table(
            &["tag", "value in this stack"],
            stack.tags.iter().map(|(k, v)| vec![k.clone(), v.clone()]),
        );
    }
}

fn cost(context: &Context<'_>, doc: &mut Document) {
    doc.heading(2, "Cost");
    let total: ir::Usd = context.estimates.iter().map(Estimate::total).sum();
    match context.blueprint.budget {
        Some(budget) => {
            let (distance, side) =
                if total.0 > budget.0 { (total - budget, "over") } else { (budget - total, "under") };
            doc.para(format!("{total} a month, {distance} {side} the budget of {budget}."))
        }
        None => doc.para(format!("{total} a month. No budget was given.")),
    };
    let rows = context.estimates.iter().flat_map(|e| {
        e.by_component().into_iter().map(|(c, sum)| vec![e.stack.clone(), format!("`{c}`"), sum.to_string()])
    });
    doc.table(&["stack", "part", ">monthly"], rows);
    let lines = || context.estimates.iter().flat_map(|e| &e.lines);
    let usage: ir::Usd = lines().filter(|l| l.usage).map(|l| l.monthly).sum();
    let unsure: ir::Usd = lines().filter(|l| l.evidence > Evidence::Secondary).map(|l| l.monthly).sum();
    doc.bullets([
        format!("{usage} of it follows use and was computed from the load in the spec"),
        format!("{unsure} of it rests on prices that were derived from another region's or not verified at their source"),
    ]);
    let unpriced: Vec<_> = context.estimates.iter().flat_map(|e| &e.unpriced).collect();
    if !unpriced.is_empty() {
        doc.para("Not priced:");
        doc.bullets(unpriced.iter().map(|u| format!("`{}`: {}", u.address, u.because)));
    }
    savings(context, doc);
}

/// Ways to pay less that are open to this design.
fn savings(context: &Context<'_>, doc: &mut Document) {
    let environments = || context.blueprint.environments.values();
    let any_compute = |wanted: fn(&design::Compute) -> bool| {
        environments().flat_map(|e| e.services.values()).any(|s| wanted(&s.compute))
    };
    let mut ways = Vec::new();
    if any_compute(|c| matches!(c, design::Compute::Containers(_) | design::Compute::Function(_))) {
        ways.push("A Compute Savings Plan covers Fargate and Lambda: commit once the load has been steady for a month".to_owned());
    }
    let hourly = |c: &design::ResourceChoice| {
        use design::ResourceChoice as R;
        matches!(c, R::Rds(_) | R::Aurora(_) | R::ElastiCache(_) | R::OpenSearch(_))
    };
    if environments().flat_map(|e| e.resources.values()).any(|r| hourly(&r.choice)) {
        ways.push("Reserved instances cover databases, caches and search nodes in the same way".to_owned());
    }
    let spot: Vec<&str> = environments()
        .filter(|e| {
            e.services.values().any(|s| matches!(&s.compute, design::Compute::Containers(f) if f.spot))
        })
        .map(|e| e.name.as_str())
        .collect();
    if !spot.is_empty() {
        ways.push(format!("Already taken: {} runs on interruptible capacity", spot.join(" and ")));
    }
    if !ways.is_empty() {
        doc.heading(3, "Ways to pay less");
        doc.bullets(ways);
    }
}

fn total(context: &Context<'_>, stack: &str) -> String {
    context
        .estimates
        .iter()
        .find(|e| e.stack == stack)
        .map_or("not priced".to_owned(), |e| e.total().to_string())
}

fn component(context: &Context<'_>, stack: &str, component: &str) -> String {
    let estimate = context.estimates.iter().find(|e| e.stack == stack);
    estimate
        .and_then(|e| e.by_component().get(component).copied())
        .map_or("free".to_owned(), |sum| sum.to_string())
}
