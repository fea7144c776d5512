//! What a resource offers to the services that use it.
//!
//! Data stores build offers, services consume them: settings, secrets, the door in the network, and the rights that each
//! kind of access needs. This is the only coupling between the two halves of the lowering.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use ir::Value;
use spec::Access;

use crate::names::variable;

/// A role on one resource.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Grant {
    /// What tells it from others of the same service, such as `orders-subscriber`.
    pub key: String,
    /// Such as `roles/pubsub.subscriber`.
    pub role: &'static str,
    /// What it is for.
    pub on: On,
}

/// What a role is given on, by its name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum On {
    /// A Pub/Sub topic.
    Topic(Value),
    /// A Pub/Sub subscription.
    Subscription(Value),
    /// A bucket.
    Bucket(Value),
}

/// A way through the network's firewall.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Door {
    /// What is behind it: the resource's name.
    pub name: String,
    /// The addresses that it has.
    pub range: Value,
    /// Its port.
    pub port: u16,
}

/// What a resource offers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Offer {
    /// The facts `${name.field}` may name: `host`, `port`, `url`, `name`, `user`, ...
    pub fields: BTreeMap<&'static str, Value>,
    /// Settings a service gets without asking, such as `DB_HOST`, in a stable order.
    pub env: IndexMap<String, Value>,
    /// Settings that are secrets: variable to the secret's name in Secret Manager.
    pub secrets: IndexMap<String, Value>,
    /// The door to it; `None` when it is reached by API alone.
    pub door: Option<Door>,
    /// What reading needs.
    pub read: Vec<Grant>,
    /// What writing needs.
    pub write: Vec<Grant>,
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

    /// The rights for an access, each once.
    pub fn grants(&self, access: Access) -> Vec<Grant> {
        match access {
            Access::Read => self.read.clone(),
            Access::Write => self.write.clone(),
            Access::ReadWrite => {
                let more = self.write.iter().filter(|grant| !self.read.contains(grant));
                self.read.iter().chain(more).cloned().collect()
            }
        }
    }
}

/// Every resource's offer by its name.
pub(crate) type Offers = BTreeMap<String, Offer>;
