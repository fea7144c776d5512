//! What a resource offers to the services that use it.
//!
//! Data stores build offers, services consume them: settings, secrets, and the rights that each kind of access needs.
//! This is the only coupling between the two halves of the lowering.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use ir::Value;
use spec::Access;

use crate::names::variable;

/// A role on something.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Grant {
    /// What tells it from others of the same service, such as `orders-receiver`.
    pub key: String,
    /// As Azure names it, such as `Storage Blob Data Reader`.
    pub role: &'static str,
    /// The id of what it is for.
    pub scope: Value,
}

/// Where a program's platform reads a secret.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Secret {
    /// A secret of the environment's vault, by its name there.
    Vault(String),
    /// What a resource of the environment made up itself.
    Made(Value),
}

/// What a queue tells whoever scales by it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Backlog {
    /// The queue's name.
    pub queue: Value,
    /// Its namespace's name.
    pub namespace: Value,
}

/// What a resource offers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Offer {
    /// The facts `${name.field}` may name: `host`, `port`, `url`, `name`, `user`, ...
    pub fields: BTreeMap<&'static str, Value>,
    /// Settings a service gets without asking, such as `DB_HOST`, in a stable order.
    pub env: IndexMap<String, Value>,
    /// Settings that are secrets, by variable.
    pub secrets: IndexMap<String, Secret>,
    /// What reading needs.
    pub read: Vec<Grant>,
    /// What writing needs.
    pub write: Vec<Grant>,
    /// For queues: what a reader scales on.
    pub backlog: Option<Backlog>,
}

impl Offer {
    /// An offer whose facts `host`, `port` and so on also become the settings `<NAME>_HOST`, `<NAME>_PORT`.
    pub fn of<const N: usize>(resource: &str, facts: [(&'static str, Value); N]) -> Self {
        let mut offer = Offer::default();
        for (field, value) in facts {
            offer.env.insert(variable(resource, field), value.clone());
            offer.fields.insert(field, value);
        }
        offer
    }

    /// With a setting that is a secret: `suffix` of the resource.
    pub fn secret(mut self, resource: &str, suffix: &str, secret: Secret) -> Self {
        self.secrets.insert(variable(resource, suffix), secret);
        self
    }

    /// The rights for an access.
    pub fn grants(&self, access: Access) -> Vec<Grant> {
        match access {
            Access::Read => self.read.clone(),
            Access::Write => self.write.clone(),
            Access::ReadWrite => self.read.iter().chain(&self.write).cloned().collect(),
        }
    }
}

/// Every resource's offer by its name.
pub(crate) type Offers = BTreeMap<String, Offer>;
