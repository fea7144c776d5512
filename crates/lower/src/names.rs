//! Names: of components, of settings, and within a cloud's limits.
//!
//! Every cloud's resources are named after the application, the environment and the part; what a limit cuts off is told
//! apart by a digest. Must not know which limits there are.

use std::collections::{BTreeMap, BTreeSet};

use design::Blueprint;
use indexmap::IndexMap;
use ir::Value;

/// The component of every service and resource of any environment, by name. A name that is reserved, or that
/// both a service and a resource carry, is told apart by what it names; Terraform writes `-` as `_`, so two
/// names are the same when they differ in nothing else.
pub(crate) fn component_names(
    blueprint: &Blueprint,
    reserved: &[&str],
) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let mut taken: BTreeSet<String> = reserved.iter().map(|r| (*r).to_owned()).collect();
    let mut claim = |name: &str, what: &str| {
        let plain = format!("{name}-{what}");
        let numbered = (2..).map(|n| format!("{name}-{what}-{n}"));
        let free = [name.to_owned(), plain]
            .into_iter()
            .chain(numbered)
            .find(|candidate| taken.insert(candidate.replace('-', "_")));
        free.expect("the numbers do not end")
    };
    let mut services = BTreeMap::new();
    let mut resources = BTreeMap::new();
    for design in blueprint.environments.values() {
        for name in design.services.keys() {
            if !services.contains_key(name) {
                services.insert(name.clone(), claim(name, "service"));
            }
        }
    }
    for design in blueprint.environments.values() {
        for name in design.resources.keys() {
            if !resources.contains_key(name) {
                resources.insert(name.clone(), claim(name, "resource"));
            }
        }
    }
    (services, resources)
}

/// At most `limit` characters: the beginning, a dash and eight hexadecimal digits of a digest of the whole.
pub(crate) fn shortened(full: &str, limit: usize) -> String {
    let digest = digest(full);
    let kept: String = full.chars().take(limit.saturating_sub(9)).collect();
    format!("{}-{digest:08x}", kept.trim_end_matches('-'))
}

/// A number that tells texts apart. FNV-1a: stable across platforms and releases, which names must be.
pub(crate) fn digest(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5_u32, |h, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193))
}

/// Settings named after a resource: `DB_HOST` for (`db`, `HOST`).
pub(crate) fn settings<const N: usize>(
    resource: &str,
    values: [(&str, Value); N],
) -> IndexMap<String, Value> {
    values.into_iter().map(|(suffix, value)| (variable(resource, suffix), value)).collect()
}

/// `order-db` and `host` to `ORDER_DB_HOST`; whatever no shell takes becomes an underscore.
pub(crate) fn variable(resource: &str, suffix: &str) -> String {
    let snake = |text: &str| -> String {
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
    };
    let name = format!("{}_{}", snake(resource), snake(suffix));
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("_{name}") } else { name }
}

/// Joins parts into one template, so that writers see no template within a template.
pub(crate) fn join(parts: impl IntoIterator<Item = Value>) -> Value {
    let mut joined = Vec::new();
    for part in parts {
        match part {
            Value::Template(inner) => joined.extend(inner),
            other => joined.push(other),
        }
    }
    Value::Template(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_variables() {
        for (name, expected) in
            [("db", "DB_HOST"), ("order-db", "ORDER_DB_HOST"), ("2nd", "_2ND_HOST"), ("größe", "GR__E_HOST")]
        {
            assert_eq!(variable(name, "host"), expected);
        }
    }

    #[test]
    fn shortened_names_fit_and_differ() {
        let (a, b) = (format!("{}a", "x".repeat(80)), format!("{}b", "x".repeat(80)));
        assert_eq!(shortened(&a, 32).len(), 32);
        assert_ne!(shortened(&a, 32), shortened(&b, 32));
        assert!(shortened("shop-staging--and-more-of-it", 22).starts_with("shop-staging-"));
        assert!(!shortened("shop-staging--and-more-of-it", 22).contains("--"));
    }
}
