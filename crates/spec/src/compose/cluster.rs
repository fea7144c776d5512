//! Containers that are copies of one store.
//!
//! A replica set, three brokers or a search cluster stand in a compose file as several containers; the managed
//! service runs its copies itself. The first of them becomes the resource and stands for the others. This module
//! must not guess from names alone: two databases of one engine are usually two databases.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::classify::Verdict;
use super::container::{Container, Containers};
use super::rewrite::Hosts;
use crate::ResourceType;

/// Members of clusters, each with the container that stands for it.
pub(super) fn members(
    containers: &Containers,
    verdicts: &IndexMap<String, Verdict>,
    hosts: &Hosts,
) -> IndexMap<String, String> {
    let mut leaders: IndexMap<String, String> = IndexMap::new();
    for (name, container) in containers {
        for mut group in groups(name, container, verdicts, hosts) {
            group.sort_by_key(|n| containers.get_index_of(n));
            let leads = |leaders: &IndexMap<String, String>, n: &String| leaders.get(n).unwrap_or(n).clone();
            let Some(leader) = group.first().map(|n| leads(&leaders, n)) else { continue };
            for member in &group {
                let before = leads(&leaders, member);
                if before != leader {
                    leaders.values_mut().filter(|l| **l == before).for_each(|l| l.clone_from(&leader));
                    leaders.insert(before, leader.clone());
                }
            }
        }
    }
    leaders
}

/// Stores that one setting lists, and the store whose own setting it is.
fn groups(
    name: &str,
    container: &Container,
    verdicts: &IndexMap<String, Verdict>,
    hosts: &Hosts,
) -> Vec<Vec<String>> {
    let engine = |name: &str| match verdicts.get(name) {
        Some(Verdict::Managed { engine, .. }) => Some(engine.ty).filter(|ty| has_members(*ty)),
        _ => None,
    };
    let mut groups = Vec::new();
    for (key, value) in container.env.iter().filter_map(|(k, s)| Some((k, s.value.as_deref()?))) {
        let listed: BTreeSet<String> =
            hosts.mentions(container, key, value).into_iter().map(|m| m.name).collect();
        let types: BTreeSet<ResourceType> = listed.iter().filter_map(|n| engine(n)).collect();
        for ty in types {
            let own = engine(name) == Some(ty);
            let mut group: BTreeSet<String> =
                listed.iter().filter(|n| engine(n) == Some(ty)).cloned().collect();
            group.extend(own.then(|| name.to_owned()));
            if group.len() > 1 && (own || value.contains(',')) {
                groups.push(group.into_iter().collect());
            }
        }
    }
    groups
}

/// Whether programs are given every member of such a store; relational ones are reached one by one.
fn has_members(ty: ResourceType) -> bool {
    use ResourceType::{Kafka, Mongodb, Opensearch, Rabbitmq, Redis};
    matches!(ty, Kafka | Mongodb | Opensearch | Rabbitmq | Redis)
}
