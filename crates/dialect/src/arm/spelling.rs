//! Functions of the maps to Azure's vocabulary: how it spells what the house spells otherwise.

use catalog::dialects::{Foreign, Shape};
use ir::{Ref, Step, Value};

use crate::maps::Function;

type Turned = Result<Value, Value>;

/// Every function, by name.
pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "allow",
        into: |v, _, _| said(v, "Allow", "Deny"),
        out: |v, _, _| unsaid(v, "Allow", "Deny"),
    },
    Function {
        name: "enabled",
        into: |v, _, _| said(v, "Enabled", "Disabled"),
        out: |v, _, _| unsaid(v, "Enabled", "Disabled"),
    },
    Function {
        name: "disabled",
        into: |v, _, _| said(v, "Disabled", "Enabled"),
        out: |v, _, _| unsaid(v, "Disabled", "Enabled"),
    },
    Function { name: "flexible-sku", into: flexible_into, out: flexible_out },
    Function {
        name: "gigabytes",
        into: |v, _, _| scaled(v, |n| (n % 1024 == 0).then_some(n / 1024)),
        out: |v, _, _| scaled(v, |n| n.checked_mul(1024)),
    },
    Function { name: "identities", into: |v, _, _| Ok(v), out: identities_out },
    Function {
        name: "identity-type",
        into: |v, _, _| identity(v, ", ", ","),
        out: |v, _, _| identity(v, ",", ", "),
    },
    Function { name: "object", into: |v, _, _| block_into(v), out: |v, _, _| block_out(v) },
    Function { name: "on", into: |v, _, _| said(v, "On", "Off"), out: |v, _, _| unsaid(v, "On", "Off") },
    Function {
        name: "parent",
        into: |v, _, _| stepped(v, "name", "id"),
        out: |v, _, _| stepped(v, "id", "name"),
    },
    Function { name: "role", into: role_into, out: role_out },
    Function {
        name: "text",
        into: |v, _, _| Ok(v.text().filter(|_| !matches!(v, Value::Template(_))).map_or(v, Value::Str)),
        out: |v, _, _| Ok(number(v)),
    },
];

/// A truth value as one of two words.
fn said(value: Value, yes: &str, no: &str) -> Turned {
    match value.as_bool() {
        Some(b) => Ok(Value::from(if b { yes } else { no })),
        None => Ok(value),
    }
}

fn unsaid(value: Value, yes: &str, no: &str) -> Turned {
    match &value {
        Value::Str(text) if text.eq_ignore_ascii_case(yes) => Ok(Value::Bool(true)),
        Value::Str(text) if text.eq_ignore_ascii_case(no) => Ok(Value::Bool(false)),
        Value::Str(_) => Err(value),
        _ => Ok(value),
    }
}

fn scaled(value: Value, by: fn(i64) -> Option<i64>) -> Turned {
    match value {
        Value::Int(n) => by(n).map(Value::Int).ok_or(value),
        other => Ok(other),
    }
}

fn number(value: Value) -> Value {
    match &value {
        Value::Str(text) => text.parse().map_or(value, Value::Int),
        _ => value,
    }
}

/// A list of one block as the object that it is.
fn block_into(value: Value) -> Turned {
    match value {
        Value::List(mut items) if items.len() == 1 => Ok(items.remove(0)),
        other => Ok(other),
    }
}

fn block_out(value: Value) -> Turned {
    match value {
        map @ Value::Map(_) => Ok(Value::List(vec![map])),
        other => Ok(other),
    }
}

/// What refers to a resource by one of its own names, by the other one.
fn stepped(value: Value, from: &str, to: &str) -> Turned {
    match value {
        Value::Ref(Ref { to: node, path }) if path == [Step::Attr(from.to_owned())] => {
            Ok(Value::Ref(Ref { to: node, path: vec![Step::Attr(to.to_owned())] }))
        }
        other => Ok(other),
    }
}

fn identity(value: Value, from: &str, to: &str) -> Turned {
    match value {
        // Templates are written with the blank and without it.
        Value::Str(text) => {
            let words: Vec<&str> = text.split(from.trim()).map(str::trim).collect();
            Ok(Value::Str(words.join(to)))
        }
        other => Ok(other),
    }
}

/// Identities are the keys of an object there. A list stands for it where they are references, which no key can be.
fn identities_out(value: Value, _: &Shape, _: &Foreign) -> Turned {
    match value {
        Value::Map(entries) => Ok(Value::list(entries.keys())),
        other => Ok(other),
    }
}

/// Tiers of flexible servers, by the beginning of their sizes in the house. From the provider's documentation, 2026-11.
const TIERS: &[(&str, &str)] = &[("B_", "Burstable"), ("GP_", "GeneralPurpose"), ("MO_", "MemoryOptimized")];

fn flexible_into(value: Value, _: &Shape, _: &Foreign) -> Turned {
    let Value::Str(text) = &value else { return Ok(value) };
    let found = TIERS.iter().find_map(|(short, tier)| Some((text.strip_prefix(short)?, *tier)));
    match found {
        Some((name, tier)) => Ok(Value::map([("name", name), ("tier", tier)])),
        None => Err(value),
    }
}

fn flexible_out(value: Value, _: &Shape, _: &Foreign) -> Turned {
    let Value::Map(entries) = &value else { return Ok(value) };
    let word = |key: &str| entries.get(key).and_then(Value::text);
    let found = word("name").zip(word("tier")).and_then(|(name, tier)| {
        let (short, _) = TIERS.iter().find(|(_, t)| *t == tier)?;
        Some(Value::Str(format!("{short}{name}")))
    });
    found.ok_or(value)
}

/// Built-in roles and what they are known by. The identifiers are the same in every tenant:
/// <https://learn.microsoft.com/azure/role-based-access-control/built-in-roles>. Written from general knowledge, unverified.
const ROLES: &[(&str, &str)] = &[
    ("AcrPull", "7f951dda-4ed3-4680-a7ca-43fe172d538d"),
    ("AcrPush", "8311e382-0749-4cb8-b61a-304f252e45ec"),
    ("App Configuration Data Reader", "516239f1-63e1-4d78-a4de-a74fb236a071"),
    ("Azure Event Hubs Data Owner", "f526a384-b230-433a-b45c-95f59c4a2dec"),
    ("Azure Event Hubs Data Receiver", "a638d3c7-ab3a-418d-83e6-5f17a39d4fde"),
    ("Azure Event Hubs Data Sender", "2b629674-e913-4c01-ae53-ef4638d8f975"),
    ("Azure Kubernetes Service Cluster User Role", "4abbcc35-e782-43d8-92c5-2d3f1bd2253f"),
    ("Azure Kubernetes Service RBAC Cluster Admin", "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b"),
    ("Azure Service Bus Data Owner", "090c5cfd-751d-490a-894a-3ce6f1109419"),
    ("Azure Service Bus Data Receiver", "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0"),
    ("Azure Service Bus Data Sender", "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39"),
    ("Backup Contributor", "5e467623-bb1f-42f4-a55d-6e525e11384b"),
    ("Cognitive Services OpenAI User", "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"),
    ("Cognitive Services User", "a97b65f3-24c7-4388-baec-2e87135dc908"),
    ("Contributor", "b24988ac-6180-42a0-ab88-20f7382dd24c"),
    ("DNS Zone Contributor", "befefa01-2a29-4197-83a8-272ff33ce314"),
    ("EventGrid Data Sender", "d5a91429-5739-47e2-a06b-3470a27159e7"),
    ("Key Vault Administrator", "00482a5a-887f-4fb3-b363-3b7fe8e74483"),
    ("Key Vault Certificates Officer", "a4417e6f-fecd-4de8-b567-7b0420556985"),
    ("Key Vault Crypto Officer", "14b46e9e-c2b7-41b4-b07b-48a6ebf60603"),
    ("Key Vault Crypto Service Encryption User", "e147488a-f6f5-4113-8e2d-b22465e65bf6"),
    ("Key Vault Crypto User", "12338af0-0e69-4776-bea7-57ae8d297424"),
    ("Key Vault Reader", "21090545-7ca7-4776-b22c-e363652d74d2"),
    ("Key Vault Secrets Officer", "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"),
    ("Key Vault Secrets User", "4633458b-17de-408a-b874-0445c86b69e6"),
    ("Log Analytics Contributor", "92aaf0da-9dab-42b6-94a3-d43ce8d16293"),
    ("Log Analytics Reader", "73c42c96-874c-492b-b04d-ab87d138a893"),
    ("Managed Identity Contributor", "e40ec5ca-96e0-45a2-b4ff-59039f2c2b59"),
    ("Managed Identity Operator", "f1a07417-d97a-45cb-824c-7a7467783830"),
    ("Monitoring Metrics Publisher", "3913510d-42f4-4e42-8a64-420c390055eb"),
    ("Monitoring Reader", "43d0d8ad-25c7-4714-9337-8ba259a9fe05"),
    ("Network Contributor", "4d97b98b-1d4f-4787-a291-c67834d212e7"),
    ("Owner", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"),
    ("Private DNS Zone Contributor", "b12aa53e-6015-4669-85d0-8515ebb3ae7f"),
    ("Reader", "acdd72a7-3385-48ef-bd42-f606fba81ae7"),
    ("Role Based Access Control Administrator", "f58310d9-a9f6-439a-9e8d-f62e7b41a168"),
    ("Storage Account Backup Contributor", "e5e2a7ff-d759-4cd2-bb51-3152d37e2eb1"),
    ("Storage Account Contributor", "17d1049b-9a84-46fb-8f53-869881c3d3ab"),
    ("Storage Blob Data Contributor", "ba92f5b4-2d11-453d-a403-e96b0029c9fe"),
    ("Storage Blob Data Owner", "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"),
    ("Storage Blob Data Reader", "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"),
    ("Storage Queue Data Contributor", "974c5e8b-45b9-4653-ba55-5f855dd0fb88"),
    ("Storage Queue Data Message Processor", "8a0f0c08-91a1-4084-bc3d-661d67233fed"),
    ("Storage Queue Data Message Sender", "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a"),
    ("Storage Queue Data Reader", "19e7f393-937e-4f77-808e-94535e297925"),
    ("User Access Administrator", "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"),
    ("Virtual Machine Contributor", "9980e02c-c2be-4d73-94e8-173b1dc7cf3c"),
    ("Website Contributor", "de139f84-1756-47ae-9be6-808fbbe84772"),
];

/// What every identifier of a role begins with, whatever it is assigned on.
const ROLE: &str = "/providers/Microsoft.Authorization/roleDefinitions/";

fn role_into(value: Value, _: &Shape, _: &Foreign) -> Turned {
    let Some(name) = value.text() else { return Ok(value) };
    match ROLES.iter().find(|(n, _)| *n == name) {
        Some((_, id)) => Ok(Value::Str(format!("{ROLE}{id}"))),
        None => Err(value),
    }
}

fn role_out(value: Value, _: &Shape, _: &Foreign) -> Turned {
    let tail = match &value {
        Value::Str(text) => Some(text.as_str()),
        Value::Template(parts) => match parts.last() {
            Some(Value::Str(text)) => Some(text.as_str()),
            _ => None,
        },
        _ => None,
    };
    let id = tail.and_then(|t| t.rsplit('/').next());
    match ROLES.iter().find(|(_, known)| Some(*known) == id) {
        Some((name, _)) => Ok(Value::from(*name)),
        None => Err(value),
    }
}
