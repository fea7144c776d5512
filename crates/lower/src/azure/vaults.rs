//! The places that environments are made in: a resource group each, with the vault of its secrets.
//!
//! They belong to the stack that environments share. Only the place of a secret is made: a value would live in the
//! state, so the operator puts it there before the environment is made, and programs read it with their own identity
//! when they start. It must not know any value.

use catalog::azurerm::{data_client_config, key_vault, resource_group};
use design::{Blueprint, EnvironmentDesign, ResourceChoice, usage};
use indexmap::IndexMap;
use ir::key::Handle;
use ir::{Diagnostic, Graph, InputDecl, InputType, Lifecycle, NodeBuilder, SecretRef, Value};
use spec::Spec;

use super::bootstrap::application;
use super::container::secret_name;
use super::env::{Letters, client, matching, number, text, unique};
use super::offer::Secret;
use super::{Env, Grant, Offer, Offers};
use crate::names::join;

const COMPONENT: &str = "groups";

/// The groups that the shared stack makes.
pub(crate) struct Groups {
    /// Of what environments share.
    pub shared: Handle<resource_group::M>,
    /// Of each environment, with its vault.
    pub environments: IndexMap<String, (Handle<resource_group::M>, Handle<key_vault::M>)>,
}

/// Adds the groups and vaults.
pub(crate) fn lower(graph: &mut Graph, spec: &Spec, blueprint: &Blueprint) -> Groups {
    graph.component(COMPONENT, "groups", "Resource groups of the environments, and vaults of their secrets");
    application(graph, COMPONENT, blueprint);
    let decl = matching("Region that everything stands in.", "^[a-z0-9]+$", "a region such as westeurope");
    let location = graph.input(COMPONENT, "location", decl, blueprint.region.as_str());
    let decl = number("Days in which the deletion of a secret can be taken back.", 7.0, 90.0);
    let days = graph.input(COMPONENT, "recovery_days", decl, 90);
    let tenant = client(graph, COMPONENT).get(data_client_config::TENANT_ID);
    let shared = group(graph, blueprint, "shared", None, &location);
    let mut environments = IndexMap::new();
    for (name, design) in &blueprint.environments {
        let group = group(graph, blueprint, name, Some(name), &location);
        let decl = text(format!("Name of the vault of {name}, which nobody else in all of Azure may have."));
        let vault_name = vault_name(blueprint, name);
        let vault_name =
            graph.input(COMPONENT, &format!("{}_vault", name.replace('-', "_")), decl, vault_name);
        let reads = usage::secret_reads() * secret_count(spec, design);
        let vault = graph.add(
            NodeBuilder::new(COMPONENT, key_vault::KIND, "this")
                .key(name)
                .set(key_vault::NAME, vault_name)
                .set(key_vault::RESOURCE_GROUP_NAME, group.get(resource_group::NAME))
                .set(key_vault::LOCATION, location.clone())
                .set(key_vault::TENANT_ID, tenant.clone())
                .set(key_vault::SKU_NAME, "standard")
                .set(key_vault::RBAC_AUTHORIZATION_ENABLED, true)
                .set(key_vault::PURGE_PROTECTION_ENABLED, true)
                .set(key_vault::SOFT_DELETE_RETENTION_DAYS, days.clone())
                .usage("requests", reads)
                .lifecycle(Lifecycle { prevent_destroy: true, ..Lifecycle::default() })
                .purpose(format!(
                    "Holds the secrets of {name}; values are put by the operator and never by code"
                )),
        );
        environments.insert(name.clone(), (group, vault));
    }
    Groups { shared, environments }
}

fn group(
    graph: &mut Graph,
    blueprint: &Blueprint,
    stack: &str,
    key: Option<&str>,
    location: &Value,
) -> Handle<resource_group::M> {
    let node = if key.is_some() { "environment" } else { "shared" };
    let mut builder = NodeBuilder::new(COMPONENT, resource_group::KIND, node);
    let name = match key {
        Some(key) => {
            builder = builder.key(key);
            format!("-{key}")
        }
        None => format!("-{stack}"),
    };
    let application =
        Value::Input(Box::new(ir::Input { name: "name".into(), value: blueprint.name.as_str().into() }));
    graph.add(
        builder
            .set(resource_group::NAME, join(["rg-".into(), application, name.into()]))
            .set(resource_group::LOCATION, location.clone())
            .purpose(match key {
                Some(key) => format!("Holds everything of {key}"),
                None => "Holds what environments share".to_owned(),
            }),
    )
}

fn vault_name(blueprint: &Blueprint, environment: &str) -> String {
    unique(blueprint, &format!("{}-{environment}", blueprint.name), Letters::Dashed(24))
}

/// Secrets that an environment's programs read.
fn secret_count(spec: &Spec, design: &EnvironmentDesign) -> f64 {
    let databases = design.resources.values().filter(|r| has_password(&r.choice)).count();
    (spec.secrets.len() + databases) as f64
}

/// What has a password that somebody must put.
fn has_password(choice: &ResourceChoice) -> bool {
    matches!(choice, ResourceChoice::FlexibleServer(_))
}

/// What services need to read each secret that the spec declares, by its name.
pub(crate) fn offers(env: &Env) -> Offers {
    let offer = |name: &String| {
        let mut offer = Offer::default();
        offer.secrets.insert(name.clone(), Secret::Vault(secret_name(name)));
        (name.clone(), offer)
    };
    env.spec.secrets.keys().map(offer).collect()
}

/// The vault of the environment by its name, as an input of a component.
pub(crate) fn vault(env: &mut Env, component: &str) -> Value {
    let name = vault_name(env.blueprint, &env.design.name);
    env.input(component, "vault", text("Vault that secrets are read from."), name)
}

/// Where a program reads a secret of a vault: always its newest version.
pub(crate) fn address(vault: &Value, secret: &str) -> Value {
    join(["https://".into(), vault.clone(), format!(".vault.azure.net/secrets/{secret}").into()])
}

/// Reading one secret of a vault.
pub(crate) fn read(env: &mut Env, component: &str, vault: &Value, secret: &str) -> Grant {
    let group = env.group_id(component);
    let place = "/providers/Microsoft.KeyVault/vaults/".into();
    let scope = join([group, place, vault.clone(), format!("/secrets/{secret}").into()]);
    Grant { key: format!("secret-{secret}"), role: "Key Vault Secrets User", scope }
}

/// The password of a resource, which the deployment reads from the vault and hands over: it is kept in no state.
pub(crate) fn password(env: &mut Env, component: &str, resource: &str) -> (Value, Secret) {
    let secret = secret_name(&format!("{resource}-password"));
    let vault = vault_name(env.blueprint, &env.design.name);
    let decl = InputDecl {
        ty: InputType::String,
        description: "Password of the administrator, read from the vault by the deployment.".into(),
        validation: None,
        from_pipeline: true,
    };
    let place = Value::Secret(SecretRef { name: format!("{vault}/{secret}") });
    (env.input(component, "password", decl, place), Secret::Vault(secret))
}

/// Says once which secrets must be put before an environment is made.
pub(crate) fn say_what_to_put(spec: &Spec, blueprint: &Blueprint) -> Option<Diagnostic> {
    let mut names: Vec<String> = spec.secrets.keys().map(|name| secret_name(name)).collect();
    for design in blueprint.environments.values() {
        for (resource, design) in &design.resources {
            let secret = secret_name(&format!("{resource}-password"));
            if has_password(&design.choice) && !names.contains(&secret) {
                names.push(secret);
            }
        }
    }
    let environment = blueprint.environments.keys().next()?;
    let first = names.first()?;
    let vault = vault_name(blueprint, environment);
    Some(
        Diagnostic::note("secrets-to-put", "secrets are put into the vaults before the environments are made")
            .because(format!("The vault of each environment must hold {}.", names.join(", ")))
            .because("Azure starts no program whose secret is missing, and code that held a value would keep it.")
            .help(format!(
                "after the shared stack, run `az keyvault secret set --vault-name {vault} --name {first} --file ...`, and the like for the others"
            )),
    )
}
