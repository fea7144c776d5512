//! What a rule looks at: one resource and its surroundings.
//!
//! The index is built once a stack, so that asking who refers to a resource costs nothing a rule has to think
//! about. Helpers return a [`Verdict`] each, so that a typical rule is a few lines. No rule is known here.

use std::collections::BTreeMap;

use ir::{Address, Mode, Node, Stack, Value};

use crate::finding::Verdict;
use crate::policy::Statement;
use crate::setting::{Setting, unknown_because};

/// A stack, with its nodes by kind and by what they refer to.
pub struct Index<'a> {
    /// The stack.
    pub stack: &'a Stack,
    by_kind: BTreeMap<&'a str, Vec<&'a Node>>,
    users: BTreeMap<&'a Address, Vec<&'a Node>>,
}

impl<'a> Index<'a> {
    /// Indexes a stack.
    #[must_use]
    pub fn new(stack: &'a Stack) -> Self {
        let mut by_kind: BTreeMap<&str, Vec<&Node>> = BTreeMap::new();
        let mut users: BTreeMap<&Address, Vec<&Node>> = BTreeMap::new();
        for node in stack.graph.nodes() {
            if node.address.mode == Mode::Managed {
                by_kind.entry(node.kind().as_str()).or_default().push(node);
            }
            for needed in node.dependencies() {
                users.entry(needed).or_default().push(node);
            }
        }
        Self { stack, by_kind, users }
    }

    /// The managed nodes of a kind, in the order of the graph.
    #[must_use]
    pub fn of_kind(&self, kind: &str) -> &[&'a Node] {
        self.by_kind.get(kind).map_or(&[], Vec::as_slice)
    }

    /// The nodes that refer to an address.
    #[must_use]
    pub fn users(&self, address: &Address) -> &[&'a Node] {
        self.users.get(address).map_or(&[], Vec::as_slice)
    }
}

/// One resource in its stack, among all stacks.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The resource.
    pub node: &'a Node,
    /// Its stack.
    pub index: &'a Index<'a>,
    /// Every stack of the application.
    pub all: &'a [Index<'a>],
}

/// The resources that complete another, such as a bucket's public access block.
pub enum Companions<'a> {
    /// These.
    Found(Vec<&'a Node>),
    /// None.
    None,
    /// Perhaps: one of the kind names its target by a value that is not known.
    Unclear(String),
}

impl<'a> Subject<'a> {
    /// What a dotted path is set to.
    #[must_use]
    pub fn at(&self, path: &str) -> Setting<'a> {
        Setting::at(&self.node.attrs, path)
    }

    /// The attribute must be true; `default` is what the provider assumes.
    #[must_use]
    pub fn must_be_true(&self, path: &str, default: bool, summary: &str) -> Verdict {
        verdict(self.at(path).truth(default), path, summary, |on| on)
    }

    /// The attribute must be false.
    #[must_use]
    pub fn must_be_false(&self, path: &str, default: bool, summary: &str) -> Verdict {
        verdict(self.at(path).truth(default), path, summary, |on| !on)
    }

    /// Something must be set; a reference counts.
    #[must_use]
    pub fn must_be_set(&self, path: &str, summary: &str) -> Verdict {
        verdict(self.at(path).is_set(), path, summary, |set| set)
    }

    /// The number must reach `least`.
    #[must_use]
    pub fn must_reach(&self, path: &str, default: f64, least: f64, summary: &str) -> Verdict {
        verdict(self.at(path).number(default), path, summary, |n| n >= least)
    }

    /// The text must satisfy `good`.
    #[must_use]
    pub fn must_read(
        &self,
        path: &str,
        default: &str,
        summary: &str,
        good: impl Fn(&str) -> bool,
    ) -> Verdict {
        verdict(self.at(path).text(default), path, summary, |text| good(&text))
    }

    /// The nodes of `kind` whose `attribute` names this one: by reference, or by the same literal as one of
    /// this node's `names` (foreign code often repeats a name instead of referring to it).
    #[must_use]
    pub fn companions(&self, kind: &str, attribute: &str, names: &[&str]) -> Companions<'a> {
        let mut found = Vec::new();
        let mut unclear = None;
        for other in self.index.of_kind(kind) {
            let Some(value) = other.get(attribute) else { continue };
            let refers = value.refs().iter().any(|r| r.to == self.node.address);
            let same = |name: &&str| match (self.node.get(name), value) {
                (Some(Value::Str(own)), Value::Str(theirs)) => own == theirs,
                _ => false,
            };
            if refers || names.iter().any(same) {
                found.push(*other);
            } else if let Value::Unknown(reason) = value {
                unclear = Some(reason.clone());
            }
        }
        match (found.is_empty(), unclear) {
            (false, _) => Companions::Found(found),
            (true, Some(reason)) => Companions::Unclear(reason),
            (true, None) => Companions::None,
        }
    }

    /// At least one companion must exist.
    #[must_use]
    pub fn must_have(&self, kind: &str, attribute: &str, names: &[&str], summary: &str) -> Verdict {
        match self.companions(kind, attribute, names) {
            Companions::Found(_) => Verdict::Pass,
            Companions::None => Verdict::missing(summary),
            Companions::Unclear(reason) => Verdict::CannotTell(reason),
        }
    }

    /// Whether any node of `kind` refers to this one, directly or by way of a managed node that refers to it.
    #[must_use]
    pub fn reached_by(&self, kind: &str) -> bool {
        let direct = self.index.users(&self.node.address);
        let of_kind = |n: &&&Node| n.kind().as_str() == kind;
        direct.iter().any(|n| of_kind(&n))
            || direct.iter().any(|n| self.index.users(&n.address).iter().any(|m| of_kind(&m)))
    }

    /// One verdict for every statement of every policy the node carries; `judge` says what is wrong with one.
    pub fn each_statement(&self, judge: impl Fn(&Statement) -> Result<(), String>) -> Vec<Verdict> {
        let mut out = Vec::new();
        for (attribute, policy) in crate::policy::carried(self.node) {
            match crate::policy::statements(&self.index.stack.graph, policy) {
                Ok(statements) => out.extend(statements.iter().map(|statement| match judge(statement) {
                    Ok(()) => Verdict::Pass,
                    Err(summary) => Verdict::fail(attribute, summary),
                })),
                Err(reason) => out.push(Verdict::CannotTell(reason)),
            }
        }
        out
    }

    /// One verdict for every container of a task definition; `judge` says what is wrong with one, or why it
    /// cannot tell.
    pub fn each_container(
        &self,
        judge: impl Fn(&Value) -> Result<Result<(), String>, String>,
    ) -> Vec<Verdict> {
        let attribute = "container_definitions";
        let Some(value) = self.node.get(attribute) else { return Vec::new() };
        let document = match crate::policy::document(value) {
            Ok(document) => document,
            Err(reason) => return vec![Verdict::CannotTell(reason)],
        };
        let Some(containers) = document.as_list() else {
            return vec![Verdict::CannotTell(unknown_because(&document))];
        };
        let verdict = |container: &Value| match judge(container) {
            Ok(Ok(())) => Verdict::Pass,
            Ok(Err(summary)) => {
                let name = container.get("name").and_then(Value::text).unwrap_or_default();
                Verdict::fail(attribute, format!("container `{name}`: {summary}"))
            }
            Err(reason) => Verdict::CannotTell(reason),
        };
        containers.iter().map(verdict).collect()
    }

    /// What scales this service: the autoscaling target that refers to it, or that names it as
    /// `service/<cluster>/<name>`.
    #[must_use]
    pub fn autoscaling_target(&self) -> Option<&'a Node> {
        let own = self.at("name").text("").ok().filter(|name| !name.is_empty());
        self.index.of_kind("aws_appautoscaling_target").iter().copied().find(|target| {
            let Some(id) = target.get("resource_id") else { return false };
            let refers = id.refs().iter().any(|r| r.to == self.node.address);
            let names = || Some(id.text()?.rsplit('/').next()?.to_owned());
            refers || own.as_ref().is_some_and(|own| names().as_ref() == Some(own))
        })
    }
}

fn verdict<T>(read: Result<T, String>, path: &str, summary: &str, good: impl Fn(T) -> bool) -> Verdict {
    match read {
        Ok(value) => Verdict::when(good(value), path, summary),
        Err(reason) => Verdict::CannotTell(reason),
    }
}
