//! The embedded cloud: a model of what a cloud refuses.
//!
//! It keeps resources with identities and holds what every cloud holds: what is referred to must exist, some
//! kinds are not deleted while something uses them, names are taken once, protected resources are not deleted,
//! and what is fixed at creation is not changed in place. A replacement is one step here: that a run dies between
//! its two halves is not modelled. It is deterministic and has no clock. It knows resources, not plans or runs.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::BuildHasher;
use std::rc::Rc;

use indexmap::IndexMap;
use ir::{Address, AddressHasher, Mode, Node, Stack};

use crate::in_use::{self, InUse};

/// Where a resource of a stack lives in the cloud, whether or not it exists: places are counted from zero.
pub type Slot = usize;

/// A resource as somebody wants it, prepared once so that each operation costs only its references.
#[derive(Debug)]
pub struct Desired<'a> {
    /// Its place.
    pub slot: Slot,
    /// What it is set to.
    pub node: &'a Node,
    /// What it refers to, and whether its own settings do: a reference that something else owns after creation
    /// or that only orders creation is not moved when its target is replaced.
    refs: Vec<(Slot, bool)>,
    /// What it refers to and the stack does not have.
    dangling: Option<&'a Address>,
    /// A required attribute that is not set.
    lacking: Option<&'static str>,
    /// What no second resource may be called, by its place among the names.
    name: Option<usize>,
    /// Of its settings.
    digest: u64,
    /// Whether the cloud refuses to delete it.
    protected: bool,
    /// Who keeps it from being deleted.
    in_use: Option<&'static InUse>,
}

/// Why the cloud refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Something it refers to does not exist.
    MissingReference(String),
    /// Something that refers to it is using it; the error's code.
    InUse(String, &'static str),
    /// Another resource has the name.
    NameTaken(String),
    /// Deletion protection is on.
    Protected,
    /// The attribute is fixed at creation.
    FixedAtCreation(String),
    /// The attribute is required.
    MissingAttribute(&'static str),
    /// It exists already.
    Exists,
    /// It does not exist.
    Gone,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Refusal::MissingReference(to) => write!(f, "it refers to {to}, which does not exist"),
            Refusal::InUse(by, error) => write!(f, "{by} still uses it ({error})"),
            Refusal::NameTaken(name) => write!(f, "the name {name} is taken"),
            Refusal::Protected => f.write_str("deletion protection is on"),
            Refusal::FixedAtCreation(attribute) => write!(f, "`{attribute}` is fixed at creation"),
            Refusal::MissingAttribute(attribute) => write!(f, "`{attribute}` is required"),
            Refusal::Exists => f.write_str("it exists already"),
            Refusal::Gone => f.write_str("it does not exist"),
        }
    }
}

/// What the rest of a run does with somebody who refers to a resource that is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is destroyed before the resource is.
    Goes,
    /// It is pointed to the new resource afterwards.
    Moves,
    /// It keeps referring to the old one.
    Stays,
}

/// One existing resource.
#[derive(Debug)]
struct Object<'a> {
    /// As it was asked for.
    as_wanted: Rc<Desired<'a>>,
    /// Its identity, counted from one; a replacement gets a new one.
    serial: u64,
    /// Which identity each thing it refers to had, in the order of its references.
    met: Vec<u64>,
    protected: bool,
}

/// Where a resource may be.
#[derive(Debug)]
struct Place<'a> {
    address: &'a Address,
    object: Option<Object<'a>>,
    /// Who refers to it, in no order.
    referrers: Vec<Slot>,
}

/// The resources of an account.
#[derive(Debug, Default)]
pub struct Cloud<'a> {
    places: Vec<Place<'a>>,
    slots: BTreeMap<&'a str, IndexMap<&'a Address, Slot, AddressHasher>>,
    /// Every name anybody wanted, and who has it now.
    names: IndexMap<String, Option<Slot>>,
    serial: u64,
    existing: usize,
    /// Sums over all objects: of their settings, and of their identities.
    sums: (u64, u64),
    /// What refers to something that is no longer there.
    broken: BTreeSet<Slot>,
    /// What keeps a resource from being changed in place from one digest to another, for each change seen: a trial
    /// makes the same change many times.
    in_place: BTreeMap<(Slot, u64, u64), Option<String>>,
}

/// A fingerprint of everything that exists; equal for equal states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// How many exist.
    pub resources: usize,
    /// Of all settings.
    pub settings: u64,
    /// Of all identities.
    pub identities: u64,
}

impl<'a> Cloud<'a> {
    /// Prepares managed nodes of a stack, in the order given. Preparing another version of a stack or of a node
    /// finds the places of the first again.
    pub fn prepare(&mut self, stack: &'a Stack, nodes: &[&'a Node]) -> Vec<Rc<Desired<'a>>> {
        let slots = self.slots.entry(&stack.name).or_default();
        for node in stack.graph.nodes().filter(|n| n.address.mode == Mode::Managed) {
            slots.entry(&node.address).or_insert_with(|| {
                self.places.push(Place { address: &node.address, object: None, referrers: Vec::new() });
                self.places.len() - 1
            });
        }
        nodes.iter().map(|node| Rc::new(self.desired(stack, node))).collect()
    }

    fn desired(&mut self, stack: &'a Stack, node: &'a Node) -> Desired<'a> {
        let slots = &self.slots[stack.name.as_str()];
        // Sorted by address, so that of several reasons to refuse it is always the same that is told.
        let mut needs: Vec<(&Address, bool)> = Vec::new();
        for (name, value) in &node.attrs {
            let own = !node.lifecycle.ignore_changes.contains(name);
            value.each_ref(&mut |r| needs.push((&r.to, own)));
        }
        needs.extend(node.depends_on.iter().map(|to| (to, false)));
        needs.retain(|(to, _)| to.mode == Mode::Managed && **to != node.address);
        needs.sort_unstable();
        let (mut refs, mut dangling) = (Vec::with_capacity(needs.len()), None);
        for same in needs.chunk_by(|a, b| a.0 == b.0) {
            let address = same[0].0;
            match slots.get(address) {
                Some(slot) => refs.push((*slot, same.iter().any(|(_, own)| *own))),
                None => dangling = dangling.or(Some(address)),
            }
        }
        let info = catalog::kinds::of(&node.address);
        let required = info.into_iter().flat_map(|i| &i.schema.attributes).filter(|(_, a)| a.required);
        let lacking = required.map(|(name, _)| name.as_str()).find(|name| node.get(name).is_none());
        let slot = slots[&node.address];
        let name = unique_name(stack, node).map(|name| {
            let entry = self.names.entry(name);
            let place = entry.index();
            entry.or_insert(None);
            place
        });
        Desired {
            slot,
            node,
            refs,
            dangling,
            lacking,
            name,
            digest: crate::canonical::digest(node.attrs.iter()),
            protected: is_protected(node),
            in_use: in_use::of(node.kind().as_str()),
        }
    }

    /// Makes a resource.
    pub fn create(&mut self, wanted: &Rc<Desired<'a>>) -> Result<(), Refusal> {
        if self.places[wanted.slot].object.is_some() {
            return Err(Refusal::Exists);
        }
        self.admit(wanted)?;
        self.serial += 1;
        self.put(wanted, self.serial);
        self.judge_referrers(wanted.slot);
        Ok(())
    }

    /// Changes a resource in place.
    pub fn update(&mut self, wanted: &Rc<Desired<'a>>) -> Result<(), Refusal> {
        let Some(object) = &self.places[wanted.slot].object else { return Err(Refusal::Gone) };
        let (former, serial) = (object.as_wanted.clone(), object.serial);
        if former.digest != wanted.digest {
            let change = (wanted.slot, former.digest, wanted.digest);
            let fixed = self.in_place.entry(change).or_insert_with(|| fixed(former.node, wanted.node));
            if let Some(name) = fixed {
                return Err(Refusal::FixedAtCreation(name.clone()));
            }
        }
        self.admit(wanted)?;
        self.take(wanted.slot);
        self.put(wanted, serial);
        Ok(())
    }

    /// Destroys a resource and makes it again; with `create_first` the other way round, which its name must
    /// allow. `fate` says what the rest of the run does with those who refer to it.
    pub fn replace(
        &mut self,
        wanted: &Rc<Desired<'a>>,
        create_first: bool,
        fate: &dyn Fn(Slot) -> Fate,
    ) -> Result<(), Refusal> {
        let Some(object) = &self.places[wanted.slot].object else { return Err(Refusal::Gone) };
        if object.protected {
            return Err(Refusal::Protected);
        }
        if create_first && object.as_wanted.name.is_some() && object.as_wanted.name == wanted.name {
            let name = wanted.name.and_then(|place| self.names.get_index(place));
            return Err(Refusal::NameTaken(name.map(|(name, _)| name.clone()).unwrap_or_default()));
        }
        self.let_go(wanted.slot, &|slot| match fate(slot) {
            Fate::Goes => true,
            Fate::Moves => create_first,
            Fate::Stays => false,
        })?;
        self.admit(wanted)?;
        self.take(wanted.slot);
        self.serial += 1;
        self.put(wanted, self.serial);
        self.judge_referrers(wanted.slot);
        Ok(())
    }

    /// Deletes a resource.
    pub fn delete(&mut self, slot: Slot) -> Result<(), Refusal> {
        let Some(object) = &self.places[slot].object else { return Err(Refusal::Gone) };
        if object.protected {
            return Err(Refusal::Protected);
        }
        self.let_go(slot, &|_| false)?;
        self.take(slot);
        self.judge_referrers(slot);
        Ok(())
    }

    /// Whether nobody but those who have let go by then uses it.
    fn let_go(&self, slot: Slot, gone: &dyn Fn(Slot) -> bool) -> Result<(), Refusal> {
        let place = &self.places[slot];
        let Some(row) = place.object.as_ref().and_then(|o| o.as_wanted.in_use) else { return Ok(()) };
        let kind = place.address.kind.as_str();
        for by in self.referrers_of(slot) {
            let stands_for = in_use::stands_for(self.places[by].address.kind.as_str(), kind);
            let through = stands_for.then(|| self.referrers_of(by));
            for user in std::iter::once(by).chain(through.into_iter().flatten()) {
                let address = self.places[user].address;
                if let Some(error) = row.refuses(address.kind.as_str()).filter(|_| !gone(user)) {
                    return Err(Refusal::InUse(address.to_string(), error));
                }
            }
        }
        Ok(())
    }

    /// Switches deletion protection off.
    pub fn lift_protection(&mut self, slot: Slot) -> Result<(), Refusal> {
        let object = self.places[slot].object.as_mut().ok_or(Refusal::Gone)?;
        object.protected = false;
        Ok(())
    }

    /// Whether the cloud refuses to delete it.
    #[must_use]
    pub fn protects(&self, slot: Slot) -> bool {
        self.places[slot].object.as_ref().is_some_and(|o| o.protected)
    }

    /// What a resource of a stack is set to; `None` when it does not exist.
    #[must_use]
    pub fn settings(&self, stack: &str, address: &Address) -> Option<&'a Node> {
        let slot = *self.slots.get(stack)?.get(address)?;
        self.places[slot].object.as_ref().map(|o| o.as_wanted.node)
    }

    /// Whether it exists exactly as wanted.
    #[must_use]
    pub fn has(&self, wanted: &Desired<'a>) -> bool {
        let object = self.places[wanted.slot].object.as_ref();
        object.is_some_and(|o| o.as_wanted.digest == wanted.digest) && !self.broken.contains(&wanted.slot)
    }

    /// The identity of what exists there.
    #[must_use]
    pub fn identity(&self, slot: Slot) -> Option<u64> {
        self.places[slot].object.as_ref().map(|o| o.serial)
    }

    /// A fingerprint of everything.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint { resources: self.existing, settings: self.sums.0, identities: self.sums.1 }
    }

    /// The places of resources that refer to something that is no longer there.
    #[must_use]
    pub fn broken(&self) -> &BTreeSet<Slot> {
        &self.broken
    }

    /// The names of resources that refer to something that is no longer there.
    #[must_use]
    pub fn broken_references(&self) -> Vec<String> {
        self.broken.iter().map(|slot| self.places[*slot].address.to_string()).collect()
    }

    /// What every cloud asks before it takes a resource in.
    fn admit(&self, wanted: &Desired<'a>) -> Result<(), Refusal> {
        if let Some(address) = wanted.dangling {
            return Err(Refusal::MissingReference(address.to_string()));
        }
        if let Some(attribute) = wanted.lacking {
            return Err(Refusal::MissingAttribute(attribute));
        }
        if let Some((slot, _)) = wanted.refs.iter().find(|(slot, _)| self.places[*slot].object.is_none()) {
            return Err(Refusal::MissingReference(self.places[*slot].address.to_string()));
        }
        match wanted.name.and_then(|place| self.names.get_index(place)) {
            Some((name, Some(holder))) if *holder != wanted.slot => Err(Refusal::NameTaken(name.clone())),
            _ => Ok(()),
        }
    }

    fn put(&mut self, wanted: &Rc<Desired<'a>>, serial: u64) {
        let met = wanted.refs.iter().map(|(slot, _)| self.identity(*slot).unwrap_or_default()).collect();
        for (slot, _) in &wanted.refs {
            self.places[*slot].referrers.push(wanted.slot);
        }
        if let Some(place) = wanted.name {
            self.names[place] = Some(wanted.slot);
        }
        self.count(wanted, serial, u64::wrapping_add);
        self.existing += 1;
        let object = Object { as_wanted: wanted.clone(), serial, met, protected: wanted.protected };
        self.places[wanted.slot].object = Some(object);
    }

    fn take(&mut self, slot: Slot) {
        let Some(object) = self.places[slot].object.take() else { return };
        for (to, _) in &object.as_wanted.refs {
            let referrers = &mut self.places[*to].referrers;
            // Who came last usually goes first.
            if let Some(at) = referrers.iter().rposition(|by| *by == slot) {
                referrers.swap_remove(at);
            }
        }
        if let Some(place) = object.as_wanted.name {
            self.names[place] = None;
        }
        self.count(&object.as_wanted, object.serial, u64::wrapping_sub);
        self.existing -= 1;
        self.broken.remove(&slot);
    }

    /// Says anew, after an identity has changed, which of those who refer to it refer to something that is not there.
    fn judge_referrers(&mut self, slot: Slot) {
        for by in &self.places[slot].referrers {
            let Some(object) = &self.places[*by].object else { continue };
            let mut refs = object.as_wanted.refs.iter().zip(&object.met);
            if refs.all(|((to, own), met)| !own || self.identity(*to) == Some(*met)) {
                self.broken.remove(by);
            } else {
                self.broken.insert(*by);
            }
        }
    }

    /// Adds an object to the sums or takes it out again.
    fn count(&mut self, object: &Desired<'a>, serial: u64, change: fn(u64, u64) -> u64) {
        self.sums.0 = change(self.sums.0, mixed(object.slot, object.digest));
        self.sums.1 = change(self.sums.1, mixed(object.slot, serial));
    }

    /// Who refers to a place, first places first.
    fn referrers_of(&self, slot: Slot) -> Vec<Slot> {
        let mut referrers = self.places[slot].referrers.clone();
        referrers.sort_unstable();
        referrers
    }
}

/// The first attribute that differs and is fixed at creation.
fn fixed(former: &Node, wanted: &Node) -> Option<String> {
    let names = wanted.attrs.keys().chain(former.attrs.keys()).map(String::as_str);
    let differing: Vec<&str> = names.filter(|name| former.get(name) != wanted.get(name)).collect();
    crate::plan::fixed_at_creation(former, wanted, &differing).map(str::to_owned)
}

/// What a value at a place adds to a sum.
fn mixed(slot: Slot, value: u64) -> u64 {
    foldhash::quality::FixedState::default().hash_one((slot, value))
}

/// Attributes with which clouds refuse a deletion.
static PROTECTION: &[&str] =
    &["deletion_protection", "deletion_protection_enabled", "enable_deletion_protection"];

pub(crate) fn is_protected(node: &Node) -> bool {
    node.lifecycle.prevent_destroy
        || PROTECTION.iter().any(|name| node.get(name).and_then(ir::Value::as_bool) == Some(true))
}

/// Kinds whose names are taken once, the attribute, and whether the name holds for all regions.
static NAMES: &[(&str, &str, bool)] = &[
    ("aws_backup_vault", "name", false),
    ("aws_cloudfront_function", "name", true),
    ("aws_cloudfront_origin_access_control", "name", true),
    ("aws_cloudwatch_dashboard", "dashboard_name", true),
    ("aws_cloudwatch_log_group", "name", false),
    ("aws_cloudwatch_metric_alarm", "alarm_name", false),
    ("aws_db_instance", "identifier", false),
    ("aws_db_parameter_group", "name", false),
    ("aws_db_subnet_group", "name", false),
    ("aws_docdb_cluster", "cluster_identifier", false),
    ("aws_dynamodb_table", "name", false),
    ("aws_ecr_repository", "name", false),
    ("aws_ecs_cluster", "name", false),
    ("aws_elasticache_replication_group", "replication_group_id", false),
    ("aws_elasticache_subnet_group", "name", false),
    ("aws_iam_policy", "name", true),
    ("aws_iam_role", "name", true),
    ("aws_kms_alias", "name", false),
    ("aws_lambda_function", "function_name", false),
    ("aws_lb", "name", false),
    ("aws_lb_target_group", "name", false),
    ("aws_mq_broker", "broker_name", false),
    ("aws_msk_cluster", "cluster_name", false),
    ("aws_opensearch_domain", "domain_name", false),
    ("aws_rds_cluster", "cluster_identifier", false),
    ("aws_rds_cluster_instance", "identifier", false),
    ("aws_s3_bucket", "bucket", true),
    ("aws_secretsmanager_secret", "name", false),
    ("aws_sns_topic", "name", false),
    ("aws_sqs_queue", "name", false),
    ("aws_ssm_parameter", "name", false),
];

/// What no second resource may be called; `None` when it has no such name or the name is not known yet.
fn unique_name(stack: &Stack, node: &Node) -> Option<String> {
    let (kind, attribute, global) = NAMES.iter().find(|(kind, ..)| *kind == node.kind().as_str())?;
    let name = node.get(attribute)?.text()?;
    let region = node.region.as_deref().unwrap_or(&stack.region);
    let scope = if *global { "every region" } else { region };
    Some(format!("{kind} {name} in {scope}"))
}
