//! How a container runs, whether as a copy of an app or in a run of a job.
//!
//! Apps and jobs have the same blocks under types of their own, so what is common is said in one macro. It must not
//! know when a container is started.

use design::{ServiceDesign, TaskSize};
use ir::Value;

use super::Env;
use super::env::{matching, number};
use super::offer::Secret;
use super::wiring::Wiring;

/// A setting that is a secret, as platforms hold it.
pub(crate) struct Held {
    /// The name that the container knows it by.
    pub name: String,
    /// The variable.
    pub variable: String,
    /// Where it is read.
    pub secret: Secret,
}

/// The secrets of a program, in a stable order. Names have lower-case letters, digits and dashes.
pub(crate) fn held(wiring: &Wiring) -> Vec<Held> {
    let secrets: std::collections::BTreeMap<_, _> = wiring.secrets.iter().collect();
    let held = |(variable, secret): (&String, &Secret)| Held {
        name: secret_name(variable),
        variable: variable.clone(),
        secret: secret.clone(),
    };
    secrets.into_iter().map(held).collect()
}

/// `STRIPE_KEY` as `stripe-key`; what begins with no letter gets one.
pub(crate) fn secret_name(variable: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = variable.chars().map(plain).collect();
    let name = name.trim_matches('-');
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) { name.to_owned() } else { format!("s-{name}") }
}

/// Settings in clear, sorted: the platform takes them only as text.
pub(crate) fn settings(wiring: &Wiring) -> Vec<(String, Value)> {
    let sorted: std::collections::BTreeMap<_, _> = wiring.env.iter().collect();
    sorted.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// vCPUs and memory of a copy, as inputs.
pub(crate) fn size(env: &mut Env, component: &str, size: TaskSize) -> (Value, Value) {
    let vcpus = f64::from(size.cpu) / 1024.0;
    let cpu = env.input(component, "cpu", number("vCPUs of a copy.", 0.25, 4.0), plain(vcpus));
    let decl = matching("Memory of a copy.", r"^[0-9]+(\.[0-9]+)?Gi$", "a number of GiB such as 1Gi");
    let gib = f64::from(size.memory_mib) / 1024.0;
    let memory = env.input(component, "memory", decl, format!("{gib}Gi"));
    (cpu, memory)
}

/// Whole numbers are written without a fraction.
pub(crate) fn plain(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        Value::Int(number as i64)
    } else {
        Value::Float(number)
    }
}

/// The image of a service: given by the pipeline when it is built here.
pub(crate) fn image(env: &mut Env, component: &str, service: &ServiceDesign) -> Value {
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

/// Words of a command.
pub(crate) fn words(words: Option<&Vec<String>>) -> Option<Value> {
    words.map(|words| Value::list(words.iter().map(String::as_str)))
}

/// The blocks that apps and jobs share, typed for `$kind`.
macro_rules! container_blocks {
    ($kind:ident, $builder:ident, $container:ident) => {
        /// Gives what is started its identity, its secrets, and the registry that its image comes from.
        pub(crate) fn $builder(
            env: &super::Env,
            mut builder: ir::NodeBuilder<catalog::azurerm::$kind::M>,
            service: &design::ServiceDesign,
            wiring: &super::wiring::Wiring,
            identity: &ir::Value,
        ) -> ir::NodeBuilder<catalog::azurerm::$kind::M> {
            use catalog::azurerm::$kind::{self as kind, identity as own, registry, secret};
            let who = ir::Block::new()
                .set(own::TYPE, "UserAssigned")
                .set(own::IDENTITY_IDS, vec![identity.clone()]);
            builder = builder.block(kind::IDENTITY, who);
            if service.image.is_none() {
                let from = ir::Block::new()
                    .set(registry::SERVER, super::registry::server(env))
                    .set(registry::IDENTITY, identity.clone());
                builder = builder.block(kind::REGISTRY, from);
            }
            for held in super::container::held(wiring) {
                let block = ir::Block::new().set(secret::NAME, held.name);
                builder = builder.block(
                    kind::SECRET,
                    match held.secret {
                        super::offer::Secret::Vault(name) => block
                            .set_opt(
                                secret::KEY_VAULT_SECRET_ID,
                                wiring.vault.as_ref().map(|vault| super::vaults::address(vault, &name)),
                            )
                            .set(secret::IDENTITY, identity.clone()),
                        super::offer::Secret::Made(value) => block.set(secret::VALUE, value),
                    },
                );
            }
            builder
        }

        /// The container with its settings.
        pub(crate) fn $container(
            name: &str,
            service: &design::ServiceDesign,
            wiring: &super::wiring::Wiring,
            image: ir::Value,
            (cpu, memory): (ir::Value, ir::Value),
        ) -> ir::Block<catalog::azurerm::$kind::template::container::M> {
            use catalog::azurerm::$kind::template::container::{self as own, env as setting};
            let mut block = ir::Block::new()
                .set(own::NAME, name)
                .set(own::IMAGE, image)
                .set(own::CPU, cpu)
                .set(own::MEMORY, memory)
                .set_opt(own::COMMAND, super::container::words(service.entrypoint.as_ref()))
                .set_opt(own::ARGS, super::container::words(service.command.as_ref()));
            for (variable, value) in super::container::settings(wiring) {
                block = block.block(
                    own::ENV,
                    ir::Block::new().set(setting::NAME, variable).set(setting::VALUE, value),
                );
            }
            for held in super::container::held(wiring) {
                let named =
                    ir::Block::new().set(setting::NAME, held.variable).set(setting::SECRET_NAME, held.name);
                block = block.block(own::ENV, named);
            }
            block
        }
    };
}
pub(crate) use container_blocks;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_what_the_platform_takes() {
        for (variable, name) in [("STRIPE_KEY", "stripe-key"), ("_2ND_KEY", "s-2nd-key"), ("größe", "gr--e")]
        {
            assert_eq!(secret_name(variable), name);
        }
    }
}
