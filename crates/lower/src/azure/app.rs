//! Services that always run, as container apps.
//!
//! A rolling release is the platform's own: a new revision takes over when it is ready. For a canary or blue-green
//! release several revisions stand side by side, and the pipeline moves the traffic, so code leaves it alone. Copies
//! come and go with requests, with the messages that wait, and with how busy the processors are.

use catalog::azurerm::{
    container_app as app, container_app_custom_domain as custom_domain, container_app_environment,
    user_assigned_identity,
};
use design::{ContainersDesign, Door, ServiceDesign, usage};
use ir::key::Handle;
use ir::units::HOURS_A_MONTH;
use ir::{Block, Diagnostic, Lifecycle, NodeBuilder, Value};
use spec::{Protocol, Release};

use super::container::{self, container_blocks};
use super::env::{number, text};
use super::wiring::Wiring;
use super::{Env, cluster, edge, identity, site};
use crate::names::{join, shortened};

container_blocks!(container_app, equipped, program);

/// Characters of an app's name.
const NAME: usize = 32;
/// Seconds between the request to stop and the end.
const STOP_SECONDS: i64 = 30;

/// What an app is called, which is also its address inside the environment.
pub(crate) fn app_name(service: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let mut name: String = service.chars().map(plain).collect();
    while name.contains("--") {
        name = name.replace("--", "-");
    }
    let name = name.trim_matches('-');
    let name = if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        name.to_owned()
    } else {
        format!("s-{name}")
    };
    if name.len() > NAME { shortened(&name, NAME) } else { name }
}

/// Adds a service.
pub(crate) fn lower(
    env: &mut Env,
    name: &str,
    service: &ServiceDesign,
    design: &ContainersDesign,
    wiring: &Wiring,
) {
    let component = env.service_component(name);
    let c = component.as_str();
    env.component(c, "service", format!("{name} on Azure Container Apps"));
    let (who, rights) = identity::lower(env, c, name, &wiring.grants);
    let who = who.get(user_assigned_identity::ID);
    let several = service.release != Release::Rolling;
    if several && service.port.is_none() {
        env.diagnostics.push(
            Diagnostic::warning("release-without-traffic", format!("{name} is released by rolling replacement"))
                .because("A canary or blue-green release moves requests from one version to the other, and this service takes none.")
                .help("set `release: rolling`"),
        );
    }
    let several = several && service.port.is_some();
    let template = template(env, c, name, service, design, wiring, &who);
    let cluster = env.cluster.as_ref().expect("the environment stands where anything runs as a container");
    let mut builder = NodeBuilder::new(c, app::KIND, "this")
        .set(app::NAME, app_name(name))
        .set(app::RESOURCE_GROUP_NAME, env.group())
        .set(app::CONTAINER_APP_ENVIRONMENT_ID, cluster.get(container_app_environment::ID))
        .set(app::WORKLOAD_PROFILE_NAME, cluster::BY_USE)
        .set(app::REVISION_MODE, if several { "Multiple" } else { "Single" });
    builder = equipped(env, builder, service, wiring, &who);
    if let Some(port) = service.port {
        builder = builder.block(app::INGRESS, ingress(service, port));
        builder = builder.usage("requests", service.load.requests * HOURS_A_MONTH * 3600.0);
        // What content delivery carries is counted there, also the calls of pages.
        if service.public.is_some() && env.design.network.door == Door::Ingress {
            builder = builder.usage("gb_out", usage::sent_by_itself_gb(env.design, name));
        }
    }
    if several {
        let ignored = vec!["ingress.0.traffic_weight".to_owned()];
        builder = builder.lifecycle(Lifecycle { ignore_changes: ignored, ..Lifecycle::default() });
    }
    for right in &rights {
        builder = builder.depends_on(right);
    }
    let made = env.add(
        builder
            .block(app::TEMPLATE, template)
            .usage("mean_tasks", design.mean_tasks)
            .usage("busy_tasks", design.busy_tasks)
            .purpose(format!("Runs {name}")),
    );
    let words = "App by its name.".to_owned();
    let outputs = &mut env.graph.components.entry(component.clone()).or_default().outputs;
    outputs.insert("app".into(), (words, made.get(app::NAME)));
    if let Some(host) = site::service_host(env, name) {
        publish(env, c, name, service, &made, host);
    }
}

/// Makes a public service known to the world: behind content delivery, or by its own name at its own door.
fn publish(
    env: &mut Env,
    component: &str,
    name: &str,
    service: &ServiceDesign,
    made: &Handle<app::M>,
    host: Value,
) {
    let Some(public) = &service.public else { return };
    if env.design.network.door == Door::ContentDelivery {
        return edge::publish(env, component, name, service, host);
    }
    let url = join(["https://".into(), host]);
    let outputs = &mut env.graph.components.entry(component.to_owned()).or_default().outputs;
    outputs.insert("url".into(), ("Where the service answers.".into(), url));
    let Some(host) = &public.host else { return };
    let value = env.input(component, "host", text("Host name that people know."), host.as_str());
    // The platform makes the certificate and binds it once the name points here.
    let ignore_changes =
        ["certificate_binding_type", "container_app_environment_certificate_id"].map(str::to_owned).to_vec();
    env.add(
        NodeBuilder::new(component, custom_domain::KIND, "this")
            .set(custom_domain::NAME, value)
            .set(custom_domain::CONTAINER_APP_ID, made.get(app::ID))
            .lifecycle(Lifecycle { ignore_changes, ..Lifecycle::default() })
            .purpose(format!("Answers as {host}")),
    );
    let words =
        "Value of the TXT record `asuid` below the host name, which proves that it is yours.".to_owned();
    let outputs = &mut env.graph.components.entry(component.to_owned()).or_default().outputs;
    outputs.insert("domain_proof".into(), (words, made.get(app::CUSTOM_DOMAIN_VERIFICATION_ID)));
    let group = super::env::group_name(env.blueprint, &env.design.name);
    env.diagnostics.push(
        Diagnostic::note("host-to-point", format!("the name {host} is to be pointed at the service"))
            .because("The platform takes a name once its owner has proved that it is theirs.")
            .because("It makes no certificate before, and the provider cannot ask for one.")
            .help(format!(
                "make a TXT record `asuid.{host}` with the output `domain_proof` and a CNAME record `{host}` to the service, apply again, and run `az containerapp hostname bind --resource-group {group} --name {app} --hostname {host} --environment {prefix} --validation-method CNAME`",
                app = app_name(name),
                prefix = env.prefix(),
            )),
    );
}

/// How the app is reached: from everywhere when it is public, else from the environment alone, where the platform
/// encrypts by itself.
fn ingress(service: &ServiceDesign, port: u16) -> Block<app::ingress::M> {
    use app::ingress::{self, traffic_weight};
    let public = service.public.is_some();
    let transport = match service.protocol {
        Protocol::Http => "auto",
        Protocol::Grpc => "http2",
        Protocol::Tcp => "tcp",
    };
    let bare = service.protocol == Protocol::Tcp;
    let all = Block::new().set(traffic_weight::LATEST_REVISION, true).set(traffic_weight::PERCENTAGE, 100);
    let mut block = Block::new()
        .set(ingress::EXTERNAL_ENABLED, public)
        .set(ingress::TARGET_PORT, port)
        .set(ingress::TRANSPORT, transport);
    block = if bare {
        block.set(ingress::EXPOSED_PORT, port)
    } else {
        block.set(ingress::ALLOW_INSECURE_CONNECTIONS, !public)
    };
    block.block(ingress::TRAFFIC_WEIGHT, all)
}

fn template(
    env: &mut Env,
    component: &str,
    name: &str,
    service: &ServiceDesign,
    design: &ContainersDesign,
    wiring: &Wiring,
    identity: &Value,
) -> Block<app::template::M> {
    use app::template;
    let image = container::image(env, component, service);
    let size = container::size(env, component, design.size);
    let mut program = program(name, service, wiring, image, size);
    if let Some(port) = service.port {
        program = probes(env, component, service, port, program);
    }
    let min = env.input(component, "min_copies", number("Fewest copies.", 0.0, 1000.0), design.min);
    let max = env.input(component, "max_copies", number("Most copies.", 1.0, 1000.0), design.max);
    let block = Block::new()
        .set(template::MIN_REPLICAS, min)
        .set(template::MAX_REPLICAS, max)
        .set(template::TERMINATION_GRACE_PERIOD_SECONDS, STOP_SECONDS)
        .block(template::CONTAINER, program);
    scaled(env, component, service, design, wiring, identity, block)
}

/// When copies come and go. Whichever rule asks for the most copies is heard.
fn scaled(
    env: &mut Env,
    component: &str,
    service: &ServiceDesign,
    design: &ContainersDesign,
    wiring: &Wiring,
    identity: &Value,
    mut block: Block<app::template::M>,
) -> Block<app::template::M> {
    use app::template::{self, custom_scale_rule as custom, http_scale_rule as http};
    let somewhere = |asks: fn(&ContainersDesign) -> bool| scales_somewhere(env, component, asks);
    let (by_requests, by_backlog) =
        (somewhere(|d| d.concurrency.is_some()), somewhere(|d| d.target_backlog.is_some()));
    if by_requests && service.port.is_some() && service.protocol != Protocol::Tcp {
        let words = "Requests that a copy may have open before another comes.";
        let open = design.concurrency.unwrap_or(DEFAULT_CONCURRENCY).to_string();
        let open = env.input(component, "open_requests", text(words), open);
        let rule = Block::new().set(http::NAME, "requests").set(http::CONCURRENT_REQUESTS, open);
        block = block.block(template::HTTP_SCALE_RULE, rule);
    }
    if by_backlog && !wiring.backlogs.is_empty() {
        let words = "Messages that may wait for each copy before another comes.";
        let waiting = design.target_backlog.unwrap_or(DEFAULT_BACKLOG).to_string();
        let waiting = env.input(component, "waiting_messages", text(words), waiting);
        for (place, backlog) in wiring.backlogs.iter().enumerate() {
            let metadata = Value::map([
                ("queueName", backlog.queue.clone()),
                ("namespace", backlog.namespace.clone()),
                ("messageCount", waiting.clone()),
            ]);
            let rule = Block::new()
                .set(custom::NAME, format!("messages-{}", place + 1))
                .set(custom::CUSTOM_RULE_TYPE, "azure-servicebus")
                .set(custom::METADATA, metadata)
                .set(custom::IDENTITY_ID, identity.clone());
            block = block.block(template::CUSTOM_SCALE_RULE, rule);
        }
    }
    // With no copy there is no processor to look at, so the rule never wakes a service: it only adds copies.
    let words = "Percent of the processors that copies aim at.";
    let cpu = env.input(component, "target_cpu", text(words), design.target_cpu.to_string());
    let metadata = Value::map([("type", Value::from("Utilization")), ("value", cpu)]);
    let rule = Block::new()
        .set(custom::NAME, "cpu")
        .set(custom::CUSTOM_RULE_TYPE, "cpu")
        .set(custom::METADATA, metadata);
    block.block(template::CUSTOM_SCALE_RULE, rule)
}

/// Ten at once is what the platform itself takes when nothing is said.
const DEFAULT_CONCURRENCY: u32 = 10;
/// For an environment that says nothing while another does.
const DEFAULT_BACKLOG: u32 = 100;

/// Whether a service scales by something in any environment: they share a module, so all of them have the rule.
fn scales_somewhere(env: &Env, component: &str, asks: fn(&ContainersDesign) -> bool) -> bool {
    let services = env.blueprint.environments.values().flat_map(|e| &e.services);
    services
        .filter(|(name, _)| env.service_component(name) == component)
        .any(|(_, service)| matches!(&service.compute, design::Compute::Containers(design) if asks(design)))
}

/// Whether the program is started, ready and alive, by its health path or by its port.
fn probes(
    env: &mut Env,
    component: &str,
    service: &ServiceDesign,
    port: u16,
    program: Block<app::template::container::M>,
) -> Block<app::template::container::M> {
    use app::template::container::{self as own, liveness_probe, readiness_probe, startup_probe};
    let path = match (&service.health, service.protocol) {
        (Some(path), Protocol::Http) => {
            let words = "Path that answers when the service is well.";
            Some(env.input(component, "health_path", text(words), path.as_str()))
        }
        _ => None,
    };
    let transport = if path.is_some() { "HTTP" } else { "TCP" };
    let startup = Block::new()
        .set(startup_probe::TRANSPORT, transport)
        .set(startup_probe::PORT, port)
        .set_opt(startup_probe::PATH, path.clone())
        .set(startup_probe::INTERVAL_SECONDS, 5)
        .set(startup_probe::FAILURE_COUNT_THRESHOLD, 10);
    let readiness = Block::new()
        .set(readiness_probe::TRANSPORT, transport)
        .set(readiness_probe::PORT, port)
        .set_opt(readiness_probe::PATH, path.clone())
        .set(readiness_probe::INTERVAL_SECONDS, 10)
        .set(readiness_probe::FAILURE_COUNT_THRESHOLD, 3)
        .set(readiness_probe::SUCCESS_COUNT_THRESHOLD, 1);
    let liveness = Block::new()
        .set(liveness_probe::TRANSPORT, transport)
        .set(liveness_probe::PORT, port)
        .set_opt(liveness_probe::PATH, path)
        .set(liveness_probe::INTERVAL_SECONDS, 15)
        .set(liveness_probe::FAILURE_COUNT_THRESHOLD, 5);
    program
        .block(own::STARTUP_PROBE, startup)
        .block(own::READINESS_PROBE, readiness)
        .block(own::LIVENESS_PROBE, liveness)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_apps_are_what_the_platform_takes() {
        for (service, name) in
            [("api", "api"), ("Order_Worker", "order-worker"), ("2nd", "s-2nd"), ("-a--b-", "a-b")]
        {
            assert_eq!(app_name(service), name);
        }
        let long = app_name("a-very-long-service-name-that-does-not-fit-anywhere");
        assert!(long.len() <= NAME && !long.ends_with('-'), "{long}");
    }
}
