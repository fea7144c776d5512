//! What a resource offers to the services that use it.
//!
//! Data stores build offers, services consume them: settings, secrets, the network door, and the permissions
//! that each kind of access needs. This is the only coupling between the two halves of the lowering.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use ir::Value;
use spec::Access;

/// One statement of an IAM policy. Never a `*` action.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Statement {
    /// Such as `ConsumeOrders`: letters and digits.
    pub sid: String,
    /// Such as `sqs:ReceiveMessage`, sorted.
    pub actions: Vec<&'static str>,
    /// ARNs: references or templates over references.
    pub resources: Vec<Value>,
    /// Operator, key, values.
    pub conditions: Vec<(&'static str, &'static str, Vec<Value>)>,
}

/// What a resource offers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Offer {
    /// The facts `${name.field}` may name: `host`, `port`, `url`, `name`, `user`, `arn`, ...
    pub fields: BTreeMap<&'static str, Value>,
    /// Settings a service gets without asking, such as `DB_HOST`, in a stable order.
    pub env: IndexMap<String, Value>,
    /// Settings injected from a secret store: variable to the `valueFrom` that ECS understands (an ARN with
    /// an optional `:key::` suffix).
    pub secret_env: IndexMap<String, Value>,
    /// ARNs of the secrets behind `secret_env`, and of the keys that encrypt them, for the execution role.
    pub secret_arns: Vec<Value>,
    /// KMS keys that the execution role must decrypt with to read `secret_arns`.
    pub secret_keys: Vec<Value>,
    /// Security group id that guards it, and the port; `None` when it is reached by API alone.
    pub door: Option<(Value, u16)>,
    /// What the task role needs for each access.
    pub read: Vec<Statement>,
    /// What the task role needs to write.
    pub write: Vec<Statement>,
    /// For queues: the queue's URL and name, what a reader scales on.
    pub backlog: Option<(Value, Value)>,
}

impl Offer {
    /// The statements for an access.
    pub fn statements(&self, access: Access) -> Vec<Statement> {
        match access {
            Access::Read => self.read.clone(),
            Access::Write => self.write.clone(),
            Access::ReadWrite => self.read.iter().chain(&self.write).cloned().collect(),
        }
    }
}

/// Every resource's offer by its name.
pub(crate) type Offers = BTreeMap<String, Offer>;
