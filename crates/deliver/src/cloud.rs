//! The embedded cloud: a model of what a cloud refuses.
//!
//! It keeps resources with identities and holds what every cloud holds: what is referred to must exist, some
//! kinds are not deleted while something uses them, names are taken once, protected resources are not deleted,
//! and what is fixed at creation is not changed in place. A replacement is one step here: that a run dies between
//! its two halves is not modelled. It is deterministic and has no clock. It knows resources, not plans or runs.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use indexmap::IndexMap;
use ir::{Address, Mode, Node, Stack};

use crate::in_use;

/// Where a resource of a stack lives in the cloud, whether or not it exists.
pub type Slot = usize;

/// A resource as somebody wants it, prepared once so that each operation costs only its references.
#[derive(Clone, Debug)]
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
#[derive(Clone, Debug)]
struct Object<'a> {
    node: &'a Node,
    /// Its identity; a replacement gets a new one.
    serial: u64,
    /// What it refers to; which identity that had, where its own settings refer to it.
    refs: Vec<(Slot, Option<u64>)>,
    name: Option<usize>,
    digest: u64,
    protected: bool,
}

/// The resources of an account.
#[derive(Debug, Default)]
pub struct Cloud<'a> {
    objects: Vec<Option<Object<'a>>>,
    referrers: Vec<u32>,
    slots: BTreeMap<&'a str, BTreeMap<&'a Address, Slot>>,
    /// Every name anybody wanted, and who has it now.
    names: IndexMap<String, Option<Slot>>,
    serial: u64,
    /// Sums over all objects: of their settings, and of their identities.
    sums: (u64, u64),
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
    /// Prepares the managed nodes of a stack, in the order given. Preparing another version of a stack finds
    /// the places of the first again.
    pub fn prepare(&mut self, stack: &'a Stack, nodes: &[&'a Node]) -> Vec<Desired<'a>> {
        let managed = stack.graph.nodes().filter(|n| n.address.mode == Mode::Managed);
        for node in managed {
            let slots = self.slots.entry(&stack.name).or_default();
            if !slots.contains_key(&node.address) {
                slots.insert(&node.address, self.objects.len());
                self.objects.push(None);
                self.referrers.push(0);
            }
        }
        nodes.iter().map(|node| self.desired(stack, node)).collect()
    }

    fn desired(&mut self, stack: &'a Stack, node: &'a Node) -> Desired<'a> {
        let slots = &self.slots[stack.name.as_str()];
        let (mut refs, mut dangling) = (Vec::new(), None);
        let own = |name: &String| !node.lifecycle.ignore_changes.contains(name);
        let settings = node.attrs.iter().filter(|(name, _)| own(name)).flat_map(|(_, value)| value.refs());
        let settings: BTreeSet<&Address> = settings.map(|r| &r.to).collect();
        for address in node.dependencies().into_iter().filter(|a| a.mode == Mode::Managed) {
            match slots.get(address) {
                Some(slot) => refs.push((*slot, settings.contains(address))),
                None => dangling = dangling.or(Some(address)),
            }
        }
        let info = catalog::kinds::of(&node.address);
        let required = info.into_iter().flat_map(|i| &i.schema.attributes).filter(|(_, a)| a.required);
        let lacking = required.map(|(name, _)| name.as_str()).find(|name| node.get(name).is_none());
        let mut hasher = DefaultHasher::new();
        for (name, value) in &node.attrs {
            name.hash(&mut hasher);
            crate::canonical::canonical(value).to_string().hash(&mut hasher);
        }
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
            digest: hasher.finish(),
            protected: is_protected(node),
        }
    }

    /// Makes a resource.
    pub fn create(&mut self, wanted: &Desired<'a>) -> Result<(), Refusal> {
        if self.objects[wanted.slot].is_some() {
            return Err(Refusal::Exists);
        }
        self.admit(wanted)?;
        self.serial += 1;
        self.put(wanted, self.serial);
        Ok(())
    }

    /// Changes a resource in place.
    pub fn update(&mut self, wanted: &Desired<'a>) -> Result<(), Refusal> {
        let Some(object) = &self.objects[wanted.slot] else { return Err(Refusal::Gone) };
        let differs = |name: &&String| object.node.get(name) != wanted.node.get(name);
        let names: Vec<String> =
            wanted.node.attrs.keys().chain(object.node.attrs.keys()).filter(differs).cloned().collect();
        if let Some(name) = crate::plan::fixed_at_creation(object.node, wanted.node, &names) {
            return Err(Refusal::FixedAtCreation(name.to_owned()));
        }
        let serial = object.serial;
        self.admit(wanted)?;
        self.take(wanted.slot);
        self.put(wanted, serial);
        Ok(())
    }

    /// Destroys a resource and makes it again; with `create_first` the other way round, which its name must
    /// allow. `fate` says what the rest of the run does with those who refer to it.
    pub fn replace(
        &mut self,
        wanted: &Desired<'a>,
        create_first: bool,
        fate: &dyn Fn(Slot) -> Fate,
    ) -> Result<(), Refusal> {
        let Some(object) = &self.objects[wanted.slot] else { return Err(Refusal::Gone) };
        if object.protected {
            return Err(Refusal::Protected);
        }
        if create_first && object.name.is_some() && object.name == wanted.name {
            let name = object.name.and_then(|place| self.names.get_index(place));
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
        Ok(())
    }

    /// Deletes a resource.
    pub fn delete(&mut self, slot: Slot) -> Result<(), Refusal> {
        let Some(object) = &self.objects[slot] else { return Err(Refusal::Gone) };
        if object.protected {
            return Err(Refusal::Protected);
        }
        self.let_go(slot, &|_| false)?;
        self.take(slot);
        Ok(())
    }

    /// Whether nobody but those who have let go by then uses it.
    fn let_go(&self, slot: Slot, gone: &dyn Fn(Slot) -> bool) -> Result<(), Refusal> {
        let Some(object) = &self.objects[slot] else { return Ok(()) };
        let kind = object.node.kind().as_str();
        if self.referrers[slot] == 0 || !in_use::may_refuse(kind) {
            return Ok(());
        }
        for by in self.referrers_of(slot) {
            let Some(referrer) = &self.objects[by] else { continue };
            let by_kind = referrer.node.kind().as_str();
            let through = in_use::stands_for(by_kind, kind).then(|| self.referrers_of(by));
            for user in std::iter::once(by).chain(through.into_iter().flatten()) {
                let Some(object) = &self.objects[user] else { continue };
                if let Some(error) =
                    in_use::refuses(kind, object.node.kind().as_str()).filter(|_| !gone(user))
                {
                    return Err(Refusal::InUse(self.called(user), error));
                }
            }
        }
        Ok(())
    }

    /// Switches deletion protection off.
    pub fn lift_protection(&mut self, slot: Slot) -> Result<(), Refusal> {
        let object = self.objects[slot].as_mut().ok_or(Refusal::Gone)?;
        object.protected = false;
        Ok(())
    }

    /// Whether the cloud refuses to delete it.
    #[must_use]
    pub fn protects(&self, slot: Slot) -> bool {
        self.objects[slot].as_ref().is_some_and(|o| o.protected)
    }

    /// Whether it exists exactly as wanted.
    #[must_use]
    pub fn has(&self, wanted: &Desired<'a>) -> bool {
        self.objects[wanted.slot].as_ref().is_some_and(|o| o.digest == wanted.digest && self.current(o))
    }

    /// The identity of what exists there.
    #[must_use]
    pub fn identity(&self, slot: Slot) -> Option<u64> {
        self.objects[slot].as_ref().map(|o| o.serial)
    }

    /// A fingerprint of everything.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let resources = self.objects.iter().flatten().count();
        Fingerprint { resources, settings: self.sums.0, identities: self.sums.1 }
    }

    /// Fingerprint without the count, which costs a walk: the sums alone.
    #[must_use]
    pub(crate) fn sums(&self) -> (u64, u64) {
        self.sums
    }

    /// The names of resources that refer to something that is no longer there.
    #[must_use]
    pub fn broken_references(&self) -> Vec<String> {
        let broken = self.objects.iter().flatten().filter(|o| !self.current(o));
        broken.map(|o| o.node.address.to_string()).collect()
    }

    fn current(&self, object: &Object<'_>) -> bool {
        let there =
            |(slot, serial): &(Slot, Option<u64>)| serial.is_none() || self.identity(*slot) == *serial;
        object.refs.iter().all(there)
    }

    /// What every cloud asks before it takes a resource in.
    fn admit(&self, wanted: &Desired<'a>) -> Result<(), Refusal> {
        if let Some(address) = wanted.dangling {
            return Err(Refusal::MissingReference(address.to_string()));
        }
        if let Some(attribute) = wanted.lacking {
            return Err(Refusal::MissingAttribute(attribute));
        }
        if let Some(slot) = wanted.refs.iter().find(|(slot, _)| self.objects[*slot].is_none()) {
            return Err(Refusal::MissingReference(self.called(slot.0)));
        }
        match wanted.name.and_then(|place| self.names.get_index(place)) {
            Some((name, Some(holder))) if *holder != wanted.slot => Err(Refusal::NameTaken(name.clone())),
            _ => Ok(()),
        }
    }

    fn put(&mut self, wanted: &Desired<'a>, serial: u64) {
        let identity = |(slot, own): &(Slot, bool)| (*slot, self.identity(*slot).filter(|_| *own));
        let refs: Vec<_> = wanted.refs.iter().map(identity).collect();
        for (slot, _) in &wanted.refs {
            self.referrers[*slot] += 1;
        }
        if let Some(place) = wanted.name {
            self.names[place] = Some(wanted.slot);
        }
        let object = Object {
            node: wanted.node,
            serial,
            refs,
            name: wanted.name,
            digest: wanted.digest,
            protected: wanted.protected,
        };
        let (settings, identity) = contribution(wanted.slot, &object);
        self.sums = (self.sums.0.wrapping_add(settings), self.sums.1.wrapping_add(identity));
        self.objects[wanted.slot] = Some(object);
    }

    fn take(&mut self, slot: Slot) {
        let Some(object) = self.objects[slot].take() else { return };
        for (to, _) in &object.refs {
            self.referrers[*to] -= 1;
        }
        if let Some(place) = object.name {
            self.names[place] = None;
        }
        let (settings, identity) = contribution(slot, &object);
        self.sums = (self.sums.0.wrapping_sub(settings), self.sums.1.wrapping_sub(identity));
    }

    fn referrers_of(&self, slot: Slot) -> impl Iterator<Item = Slot> + '_ {
        let refers = move |o: &Object<'_>| o.refs.iter().any(|(to, _)| *to == slot);
        self.objects.iter().enumerate().filter(move |(_, o)| o.as_ref().is_some_and(refers)).map(|(i, _)| i)
    }

    fn called(&self, slot: Slot) -> String {
        match &self.objects[slot] {
            Some(object) => object.node.address.to_string(),
            None => {
                let addresses = self.slots.values().flat_map(|slots| slots.iter());
                addresses.filter(|(_, s)| **s == slot).map(|(a, _)| a.to_string()).next().unwrap_or_default()
            }
        }
    }
}

/// What an object adds to the sums.
fn contribution(slot: Slot, object: &Object<'_>) -> (u64, u64) {
    let hash = |value: u64| {
        let mut hasher = DefaultHasher::new();
        (slot, value).hash(&mut hasher);
        hasher.finish()
    };
    (hash(object.digest), hash(object.serial))
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
