//! What holds for every graph of Azure.

use std::collections::BTreeSet;

use design::Door;
use ir::{Node, Stack, Value};

use crate::blueprints::{Shape, matrix, on_azure, service, uses};
use crate::lowered;

fn shapes() -> impl Iterator<Item = Shape> {
    matrix().into_iter().filter(|shape| shape.provider == spec::Provider::Azure)
}

fn nodes<'s>(stacks: &'s [Stack], kind: &'s str) -> impl Iterator<Item = &'s Node> {
    stacks.iter().flat_map(move |s| s.graph.of_kind(kind))
}

fn text(node: &Node, attr: &str) -> String {
    node.get(attr).and_then(Value::text).unwrap_or_else(|| panic!("{}: {attr} is known", node.address))
}

/// Kinds whose names Azure limits: the most characters, and whether dashes may stand in them.
static NAMES: &[(&str, usize, bool)] = &[
    ("azurerm_container_app", 32, true),
    ("azurerm_container_app_environment", 60, true),
    ("azurerm_container_app_job", 32, true),
    ("azurerm_container_registry", 50, false),
    ("azurerm_cosmosdb_account", 44, true),
    ("azurerm_eventhub_namespace", 50, true),
    ("azurerm_key_vault", 24, true),
    ("azurerm_managed_redis", 60, true),
    ("azurerm_mysql_flexible_server", 63, true),
    ("azurerm_postgresql_flexible_server", 63, true),
    ("azurerm_servicebus_namespace", 50, true),
    ("azurerm_storage_account", 24, false),
];

#[test]
fn names_are_what_azure_takes_and_no_two_are_the_same() {
    let long = "a-very-long-service-name-that-does-not-fit-anywhere";
    let mut shape = on_azure(Shape { door: Door::ContentDelivery, ..Shape::default() });
    shape.services.insert(long.to_owned(), service("fargate", &shape));
    for shape in shapes().chain([shape]) {
        let stacks = lowered(&shape);
        for (kind, most, dashes) in NAMES {
            let mut seen = BTreeSet::new();
            for stack in &stacks {
                for node in stack.graph.of_kind(kind) {
                    let name = text(node, "name");
                    let fits =
                        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || (*dashes && c == '-');
                    assert!(name.len() <= *most && name.chars().all(fits), "{}: {name}", node.address);
                    assert!(name.starts_with(|c: char| c.is_ascii_lowercase()), "{}: {name}", node.address);
                    let place = (stack.name.as_str(), name);
                    assert!(seen.insert(place.clone()), "{}: {place:?} twice", node.address);
                }
            }
        }
    }
}

/// A secret is a reference to a vault, to what a resource made up, or handed over by the deployment.
#[test]
fn no_secret_stands_in_a_graph() {
    for shape in shapes() {
        for stack in lowered(&shape) {
            for node in stack.graph.nodes() {
                for secret in node.blocks("secret") {
                    let plain = secret.get("value").and_then(Value::text);
                    assert_eq!(plain, None, "{}", node.address);
                    assert!(secret.get("key_vault_secret_id").is_some() || secret.get("value").is_some());
                }
                for password in ["administrator_password", "administrator_password_wo"] {
                    let plain = node.get(password).and_then(Value::text);
                    assert_eq!(plain, None, "{}: {password}", node.address);
                }
            }
        }
    }
}

#[test]
fn nothing_has_a_key_where_an_identity_will_do() {
    for shape in shapes() {
        let stacks = lowered(&shape);
        for (kind, attr, value) in [
            ("azurerm_storage_account", "shared_access_key_enabled", false),
            ("azurerm_storage_account", "allow_nested_items_to_be_public", false),
            ("azurerm_servicebus_namespace", "local_auth_enabled", false),
            ("azurerm_eventhub_namespace", "local_authentication_enabled", false),
            ("azurerm_container_registry", "admin_enabled", false),
            ("azurerm_key_vault", "rbac_authorization_enabled", true),
            ("azurerm_key_vault", "purge_protection_enabled", true),
            ("azurerm_postgresql_flexible_server", "public_network_access_enabled", false),
            ("azurerm_cosmosdb_account", "public_network_access_enabled", false),
        ] {
            for node in nodes(&stacks, kind) {
                assert_eq!(node.get(attr).and_then(Value::as_bool), Some(value), "{}: {attr}", node.address);
            }
        }
    }
}

/// Azure refuses to start what cannot yet pull its image or read its secrets.
#[test]
fn programs_wait_for_their_rights() {
    for shape in shapes() {
        let stacks = lowered(&shape);
        for kind in ["azurerm_container_app", "azurerm_container_app_job"] {
            for node in nodes(&stacks, kind) {
                let stack =
                    stacks.iter().find(|s| s.graph.get(&node.address) == Some(node)).expect("its own");
                let rights: Vec<_> = stack
                    .graph
                    .of_kind("azurerm_role_assignment")
                    .filter(|n| n.address.component == node.address.component)
                    .collect();
                assert!(!rights.is_empty(), "{}", node.address);
                for right in rights {
                    assert!(
                        node.depends_on.contains(&right.address),
                        "{} and {}",
                        node.address,
                        right.address
                    );
                }
            }
        }
    }
}

/// Whoever deploys may give these roles and no others, so a program must ask for no other.
#[test]
fn programs_are_given_no_role_that_deployments_may_not_give() {
    let given = [
        "AcrPull",
        "Azure Event Hubs Data Receiver",
        "Azure Event Hubs Data Sender",
        "Azure Service Bus Data Receiver",
        "Azure Service Bus Data Sender",
        "Key Vault Secrets User",
        "Storage Blob Data Contributor",
        "Storage Blob Data Reader",
    ];
    let mut shape = on_azure(Shape::default());
    for design in shape.services.values_mut() {
        for name in ["legacy", "documents", "cache", "events", "news"] {
            design.uses.push(uses(spec::UseTarget::Resource, name));
        }
    }
    for shape in shapes().chain([shape]) {
        for stack in lowered(&shape).iter().filter(|s| s.environment) {
            for node in stack.graph.of_kind("azurerm_role_assignment") {
                let role = text(node, "role_definition_name");
                assert!(given.contains(&role.as_str()), "{}: {role}", node.address);
            }
        }
    }
}

#[test]
fn where_a_firewall_stands_nothing_else_reaches_the_services() {
    for shape in shapes().filter(|s| s.door == Door::ContentDelivery && s.public) {
        for stack in lowered(&shape).iter().filter(|s| s.environment) {
            let guarded = stack.graph.of_kind("azurerm_cdn_frontdoor_firewall_policy").next().is_some();
            for node in stack.graph.of_kind("azurerm_container_app_environment") {
                let expected = if guarded { "Disabled" } else { "Enabled" };
                assert_eq!(text(node, "public_network_access"), expected, "{shape}, {}", stack.name);
            }
            let endpoints = stack.graph.of_kind("azurerm_cdn_frontdoor_endpoint").count();
            let guards = stack.graph.of_kind("azurerm_cdn_frontdoor_security_policy").count();
            assert!(!guarded || guards >= endpoints, "{shape}, {}: {endpoints} and {guards}", stack.name);
        }
    }
}
