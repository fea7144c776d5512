//! How a container runs, whether as an instance of a service or in a run of a job.
//!
//! Services and jobs have the same blocks under types of their own, so what is common is said in one macro. It must not
//! know when a container is started.

use catalog::google::service_account;
use design::{ServiceDesign, TaskSize};
use ir::key::Handle;
use ir::{Address, Value};

use super::Env;
use super::env::{matching, number, one_of};
use super::identity::{account, grant, read_secret};
use super::network::open;
use super::wiring::Wiring;

/// Names that the platform keeps for itself; it sets the first to the container's port.
const KEPT: [&str; 4] = ["PORT", "K_SERVICE", "K_REVISION", "K_CONFIGURATION"];

/// vCPUs that an instance may have.
const VCPUS: [&str; 5] = ["1", "2", "4", "6", "8"];

/// What a program is before anything runs it.
pub(crate) struct Program {
    /// Who it is.
    pub account: Handle<service_account::M>,
    /// What the network's firewall knows it by.
    pub tag: Value,
    /// What it runs.
    pub image: Value,
    /// vCPUs and memory.
    pub limits: Value,
    /// The rights that it must have before it starts.
    pub first: Vec<Address>,
}

/// Adds the account of a program with its rights, and opens its doors.
pub(crate) fn program(
    env: &mut Env,
    component: &str,
    name: &str,
    service: &ServiceDesign,
    size: TaskSize,
    wiring: &Wiring,
) -> Program {
    let account = account(env, component, "this", &format!("run-{name}"), &format!("What {name} runs as"));
    for one in &wiring.grants {
        grant(env, component, &account, one);
    }
    let mut first = Vec::new();
    let mut read: Vec<&Value> = Vec::new();
    for (variable, secret) in &wiring.secrets {
        if !read.contains(&secret) {
            read.push(secret);
            first.push(read_secret(env, component, &account, variable, secret));
        }
    }
    let tag = env.name_within(component, "network_tag", name, 63);
    for door in &wiring.doors {
        open(env, component, name, &tag, door);
    }
    let cpu = env.input(
        component,
        "cpu",
        one_of("vCPUs of an instance.", VCPUS),
        size.cpu.div_ceil(1024).to_string(),
    );
    let decl = matching("Memory of an instance.", "^[0-9]+Mi$", "a number of MiB such as 512Mi");
    let memory = env.input(component, "memory", decl, format!("{}Mi", size.memory_mib));
    let limits = Value::map([("cpu", cpu), ("memory", memory)]);
    let image = image(env, component, service);
    Program { account, tag, image, limits, first }
}

/// The image of a service: given by the pipeline when it is built here.
fn image(env: &mut Env, component: &str, service: &ServiceDesign) -> Value {
    let mut decl = crate::inputs::image();
    match &service.image {
        Some(image) => env.input(component, "image", decl, image.as_str()),
        None => {
            decl.from_pipeline = true;
            let reason = "the pipeline builds the image and passes its digest";
            env.input(component, "image", decl, Value::Unknown(reason.into()))
        }
    }
}

/// Settings in clear, sorted, without those that the platform keeps for itself.
pub(crate) fn settings(wiring: &Wiring) -> Vec<(&String, &Value)> {
    let mut settings: Vec<_> = wiring.env.iter().filter(|(name, _)| !KEPT.contains(&name.as_str())).collect();
    settings.sort_by_key(|(name, _)| *name);
    settings
}

/// Settings that are secrets, sorted.
pub(crate) fn secrets(wiring: &Wiring) -> Vec<(&String, &Value)> {
    let mut secrets: Vec<_> =
        wiring.secrets.iter().filter(|(name, _)| !KEPT.contains(&name.as_str())).collect();
    secrets.sort_by_key(|(name, _)| *name);
    secrets
}

/// The input for how long a request or run may take.
pub(crate) fn timeout(env: &mut Env, component: &str, words: &str, seconds: i64, most: f64) -> Value {
    let seconds = env.input(component, "timeout_seconds", number(words, 1.0, most), seconds);
    crate::names::join([seconds, "s".into()])
}

/// The container's block and the way into the network, in the types of a service or a job. `$template` is the module
/// that both lie in.
macro_rules! blocks {
    ($template:path, $name:expr, $service:expr, $program:expr, $wiring:expr) => {{
        use template::containers;
        use $template as template;
        let mut container =
            ir::Block::new().set(containers::NAME, $name).set(containers::IMAGE, $program.image.clone());
        let words = |words: &Vec<String>| ir::Value::list(words.iter().map(String::as_str));
        // The platform calls the entry point `command`, and the command its arguments.
        container = container
            .set_opt(containers::COMMAND, $service.entrypoint.as_ref().map(words))
            .set_opt(containers::ARGS, $service.command.as_ref().map(words));
        for (name, value) in crate::gcp::container::settings($wiring) {
            container = container.block(
                containers::ENV,
                ir::Block::new()
                    .set(containers::env::NAME, name.as_str())
                    .set(containers::env::VALUE, value.clone()),
            );
        }
        for (name, secret) in crate::gcp::container::secrets($wiring) {
            use containers::env::value_source::{self, secret_key_ref};
            let from = ir::Block::new()
                .set(secret_key_ref::SECRET, secret.clone())
                .set(secret_key_ref::VERSION, "latest");
            container = container.block(
                containers::ENV,
                ir::Block::new().set(containers::env::NAME, name.as_str()).block(
                    containers::env::VALUE_SOURCE,
                    ir::Block::new().block(value_source::SECRET_KEY_REF, from),
                ),
            );
        }
        container
    }};
}

/// The way into the network, in the types of a service or a job.
macro_rules! access {
    ($template:path, $env:expr, $program:expr) => {{
        use template::vpc_access::{self, network_interfaces};
        use $template as template;
        let network = $env.network();
        let interface = ir::Block::new()
            .set(network_interfaces::NETWORK, network.network.get(catalog::google::compute_network::ID))
            .set(
                network_interfaces::SUBNETWORK,
                network.services.get(catalog::google::compute_subnetwork::ID),
            )
            .set(network_interfaces::TAGS, ir::Value::List(vec![$program.tag.clone()]));
        ir::Block::new()
            // Also to the internet: so the firewall sees it, and it comes from one address.
            .set(vpc_access::EGRESS, "ALL_TRAFFIC")
            .block(vpc_access::NETWORK_INTERFACES, interface)
    }};
}

pub(crate) use {access, blocks};
