//! Copies of databases that outlive their servers.
//!
//! A server takes its own backups along when it is deleted, so a vault keeps copies apart from it. Azure makes them once
//! a week, of PostgreSQL alone; what cannot be copied is said. Buckets keep their own replaced versions, and where a
//! second region is given their account copies itself there.

use catalog::azurerm::{
    data_protection_backup_instance_postgresql_flexible_server as instance,
    data_protection_backup_policy_postgresql_flexible_server as policy,
    data_protection_backup_vault as vault, postgresql_flexible_server as postgres,
};
use design::{DatabaseDesign, ResourceChoice, usage};
use ir::{Block, Diagnostic, NodeBuilder};

use super::env::{matching, number, one_of};
use super::identity::assign;
use super::{Env, Grant};

const COMPONENT: &str = "backup";
/// Every Sunday at two in the morning, UTC: before the hour in which the cloud may patch.
const WEEKLY: &str = "R/2025-01-05T02:00:00+00:00/P1W";

/// Adds the vault and what it keeps; nothing where no copies are asked for.
pub(crate) fn lower(env: &mut Env) {
    let days = env.design.recovery.backup_days;
    if days == 0 {
        return;
    }
    let design = env.design;
    let servers: Vec<(&String, &DatabaseDesign)> = design
        .resources
        .iter()
        .filter_map(|(name, resource)| match &resource.choice {
            ResourceChoice::FlexibleServer(server) if !server.engine.contains("mysql") => {
                Some((name, server))
            }
            _ => None,
        })
        .collect();
    say_what_is_not_copied(env, &servers);
    if servers.is_empty() {
        return;
    }
    env.component(COMPONENT, "backup", "Vault of copies that outlive the databases");
    let redundancy = if env.copied_to_pair() { "GeoRedundant" } else { "LocallyRedundant" };
    let decl =
        one_of("Where copies are kept; fixed when the vault is made.", ["GeoRedundant", "LocallyRedundant"]);
    let redundancy = env.input(COMPONENT, "redundancy", decl, redundancy);
    let (name, group, location) = (env.name("backup"), env.group(), env.location());
    let identity = Block::new().set(vault::identity::TYPE, "SystemAssigned");
    let made = env.add(
        NodeBuilder::new(COMPONENT, vault::KIND, "this")
            .set(vault::NAME, name)
            .set(vault::RESOURCE_GROUP_NAME, group)
            .set(vault::LOCATION, location.clone())
            .set(vault::DATASTORE_TYPE, "VaultStore")
            .set(vault::REDUNDANCY, redundancy)
            .set(vault::SOFT_DELETE, "On")
            .set(vault::RETENTION_DURATION_IN_DAYS, 14)
            .block(vault::IDENTITY, identity)
            .lifecycle(env.protection())
            .purpose("Keeps copies of databases apart from their servers"),
    );
    let decl = number("Days that each copy is kept.", 7.0, 3650.0);
    let kept = env.input(COMPONENT, "kept_days", decl, days);
    let pattern = r"^R/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:+]+/P1W$";
    let decl = matching("When copies are made, once a week.", pattern, "a repeating interval of a week");
    let when = env.input(COMPONENT, "schedule", decl, WEEKLY);
    let life =
        Block::new().set(policy::default_retention_rule::life_cycle::DATA_STORE_TYPE, "VaultStore").set(
            policy::default_retention_rule::life_cycle::DURATION,
            ir::Value::Template(vec!["P".into(), kept, "D".into()]),
        );
    let rules = env.add(
        NodeBuilder::new(COMPONENT, policy::KIND, "this")
            .set(policy::NAME, "weekly")
            .set(policy::VAULT_ID, made.get(vault::ID))
            .set(policy::BACKUP_REPEATING_TIME_INTERVALS, vec![when])
            .block(
                policy::DEFAULT_RETENTION_RULE,
                Block::new().block(policy::default_retention_rule::LIFE_CYCLE, life),
            )
            .purpose("Says when copies are made and how long they are kept"),
    );
    let principal = made.get_in(vault::IDENTITY, 0, vault::identity::PRINCIPAL_ID);
    let group = env.group_id(COMPONENT);
    let look = Grant { key: "group".into(), role: "Reader", scope: group };
    let purpose = "Lets the vault find what it copies".to_owned();
    let look = assign(&mut env.graph, COMPONENT, "vault", &look, principal.clone(), purpose);
    for (resource, server) in servers {
        let id =
            NodeBuilder::new(&env.resource_component(resource), postgres::KIND, "this").get(postgres::ID);
        let role = "PostgreSQL Flexible Server Long Term Retention Backup Role";
        let copy = Grant { key: resource.clone(), role, scope: id.clone() };
        let purpose = format!("Lets the vault copy {resource}");
        let copy = assign(&mut env.graph, COMPONENT, "vault", &copy, principal.clone(), purpose);
        env.add(
            NodeBuilder::new(COMPONENT, instance::KIND, "this")
                .key(resource)
                .set(instance::NAME, resource.as_str())
                .set(instance::VAULT_ID, made.get(vault::ID))
                .set(instance::LOCATION, location.clone())
                .set(instance::SERVER_ID, id)
                .set(instance::BACKUP_POLICY_ID, rules.get(policy::ID))
                .depends_on(&look)
                .depends_on(&copy)
                .usage("backup_gib", usage::copies_gib(f64::from(server.storage_gib), days))
                .purpose(format!("Copies {resource} once a week")),
        );
    }
}

/// Says what the copies that were asked for do not hold.
fn say_what_is_not_copied(env: &mut Env, servers: &[(&String, &DatabaseDesign)]) {
    if let Some((name, _)) = servers.first() {
        let span = env.spec.resources.get(*name).and_then(|r| r.span);
        env.diagnostics.push(
            Diagnostic::note(
                "weekly-copies",
                "copies of databases beside their own backups are made once a week",
            )
            .at(span, "is copied once a week")
            .because("Azure's vault copies PostgreSQL no more often.")
            .because(
                "The server's own backups reach back to any second of their window, until it is deleted.",
            ),
        );
    }
    let copied = |name: &String| servers.iter().any(|(server, _)| *server == name);
    for (name, resource) in &env.design.resources {
        if resource.choice.database().is_some() && !copied(name) {
            let span = env.spec.resources.get(name).and_then(|r| r.span);
            env.diagnostics.push(
                Diagnostic::warning("no-copies-apart", format!("{name}: no copies are kept apart from it"))
                    .at(span, "has its own backups only")
                    .because(format!("Azure's vault does not copy {}.", resource.choice.product()))
                    .because("Its own backups go when it is deleted, which is refused while it is protected.")
                    .help("export it on a schedule where a copy must outlive it"),
            );
        }
    }
    let pair = env.pair();
    if let Some(asked) = &env.design.recovery.copy_region
        && !env.copied_to_pair()
    {
        let span = env.spec.cloud.regions.get(1).and_then(|r| r.span);
        let home = &env.blueprint.region;
        let help = match pair {
            Some(pair) => format!("name `{pair}` as the second region"),
            None => "name a home region that Azure pairs with another".to_owned(),
        };
        env.diagnostics.push(
            Diagnostic::warning("copies-stay-home", format!("no copies go to {asked}"))
                .at(span, "gets no copies")
                .because(match pair {
                    Some(pair) => format!("Azure copies data of {home} to {pair} and to no other region."),
                    None => format!("Azure pairs {home} with no other region, so that data stays there."),
                })
                .help(help),
        );
    }
}
