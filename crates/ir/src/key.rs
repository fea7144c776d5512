//! Names of kinds and attributes, typed so that a misspelt or misplaced one does not compile.
//!
//! The constants themselves are generated from provider schemas into `catalog`; here is only their shape. A
//! kind is a name with a marker type, an attribute belongs to one marker, and a block key leads from its
//! parent's marker to its own. Readers of foreign files use plain names instead and validate on load.

use std::borrow::Cow;
use std::marker::PhantomData;

use indexmap::IndexMap;

use crate::graph::{Address, Node};
use crate::value::{Ref, Step, Value};

/// A type of resource, named as Terraform names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(Cow<'static, str>);

impl Kind {
    /// A kind known when the program was built.
    #[must_use]
    pub const fn of(name: &'static str) -> Self {
        Kind(Cow::Borrowed(name))
    }

    /// A kind that a file named.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Kind(Cow::Owned(name.to_owned()))
    }

    /// Such as `aws_db_instance`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<M> PartialEq<TypedKind<M>> for Kind {
    fn eq(&self, other: &TypedKind<M>) -> bool {
        self.0 == other.name
    }
}

/// A kind and the marker its attributes carry.
pub struct TypedKind<M> {
    /// Such as `aws_db_instance`.
    pub name: &'static str,
    marker: PhantomData<fn() -> M>,
}

impl<M> TypedKind<M> {
    /// For generated code.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name, marker: PhantomData }
    }

    /// Without its type.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        Kind::of(self.name)
    }
}

impl<M> Clone for TypedKind<M> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<M> Copy for TypedKind<M> {}

/// An attribute of the kind or block that `M` marks.
pub struct Attr<M> {
    /// Such as `instance_class`.
    pub name: &'static str,
    marker: PhantomData<fn() -> M>,
}

impl<M> Attr<M> {
    /// For generated code.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name, marker: PhantomData }
    }
}

impl<M> Clone for Attr<M> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<M> Copy for Attr<M> {}

/// A nested block `C` of the kind or block `M`.
pub struct BlockKey<M, C> {
    /// Such as `network_configuration`.
    pub name: &'static str,
    marker: PhantomData<fn() -> (M, C)>,
}

impl<M, C> BlockKey<M, C> {
    /// For generated code.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name, marker: PhantomData }
    }
}

impl<M, C> Clone for BlockKey<M, C> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<M, C> Copy for BlockKey<M, C> {}

/// The attributes of one nested block, in the order they were set.
pub struct Block<M> {
    attrs: IndexMap<String, Value>,
    marker: PhantomData<fn() -> M>,
}

impl<M> Default for Block<M> {
    fn default() -> Self {
        Self { attrs: IndexMap::new(), marker: PhantomData }
    }
}

impl<M> Block<M> {
    /// An empty block.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets an attribute.
    #[must_use]
    pub fn set(mut self, attr: Attr<M>, value: impl Into<Value>) -> Self {
        self.attrs.insert(attr.name.to_owned(), value.into());
        self
    }

    /// Sets an attribute when there is a value.
    #[must_use]
    pub fn set_opt(self, attr: Attr<M>, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.set(attr, value),
            None => self,
        }
    }

    /// Adds one nested block. Blocks are always kept as a list, also where the schema allows only one.
    #[must_use]
    pub fn block<C>(mut self, key: BlockKey<M, C>, block: Block<C>) -> Self {
        push_block(&mut self.attrs, key.name, block.attrs);
        self
    }

    /// As a value.
    #[must_use]
    pub fn into_value(self) -> Value {
        Value::Map(self.attrs)
    }
}

fn push_block(attrs: &mut IndexMap<String, Value>, name: &str, block: IndexMap<String, Value>) {
    let entry = attrs.entry(name.to_owned()).or_insert_with(|| Value::List(Vec::new()));
    if let Value::List(blocks) = entry {
        blocks.push(Value::Map(block));
    }
}

/// Builds one node of kind `M`; finish with [`crate::Graph::add`].
pub struct NodeBuilder<M> {
    node: Node,
    marker: PhantomData<fn() -> M>,
}

impl<M> NodeBuilder<M> {
    /// A node of `kind` called `name` in `component`. The name is `this` for a component's main resource.
    pub fn new(component: &str, kind: TypedKind<M>, name: &str) -> Self {
        Self { node: Node::new(Address::new(component, kind.kind(), name)), marker: PhantomData }
    }

    /// A data source: read, never created.
    pub fn data(component: &str, kind: TypedKind<M>, name: &str) -> Self {
        let mut builder = Self::new(component, kind, name);
        builder.node.address.mode = crate::graph::Mode::Data;
        builder
    }

    /// One of several instances, told apart by `key` (Terraform's `for_each`).
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.node.address.key = Some(key.into());
        self
    }

    /// Sets an attribute.
    #[must_use]
    pub fn set(mut self, attr: Attr<M>, value: impl Into<Value>) -> Self {
        self.node.attrs.insert(attr.name.to_owned(), value.into());
        self
    }

    /// Sets an attribute when there is a value.
    #[must_use]
    pub fn set_opt(self, attr: Attr<M>, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.set(attr, value),
            None => self,
        }
    }

    /// Adds one nested block.
    #[must_use]
    pub fn block<C>(mut self, key: BlockKey<M, C>, block: Block<C>) -> Self {
        push_block(&mut self.node.attrs, key.name, block.attrs);
        self
    }

    /// Why this resource exists, one sentence without a full stop: printed in documents, not in code.
    #[must_use]
    pub fn purpose(mut self, purpose: impl Into<String>) -> Self {
        self.node.purpose = purpose.into();
        self
    }

    /// An expected monthly quantity that the price depends on, such as `requests` or `storage_gib`.
    #[must_use]
    pub fn usage(mut self, quantity: &'static str, monthly: f64) -> Self {
        self.node.usage.insert(quantity.to_owned(), monthly);
        self
    }

    /// A dependency that no attribute shows.
    #[must_use]
    pub fn depends_on(mut self, other: &Address) -> Self {
        self.node.depends_on.push(other.clone());
        self
    }

    /// How the resource may change.
    #[must_use]
    pub fn lifecycle(mut self, lifecycle: crate::graph::Lifecycle) -> Self {
        self.node.lifecycle = lifecycle;
        self
    }

    /// Created in another region than the stack's (CloudFront's certificates and web ACLs).
    #[must_use]
    pub fn region(mut self, region: &str) -> Self {
        self.node.region = Some(region.to_owned());
        self
    }

    /// A reference to an attribute of the node being built, for use in others.
    #[must_use]
    pub fn get(&self, attr: Attr<M>) -> Value {
        self.handle().get(attr)
    }

    /// What others need to refer to this node.
    #[must_use]
    pub fn handle(&self) -> Handle<M> {
        Handle { address: self.node.address.clone(), marker: PhantomData }
    }

    /// The finished node.
    #[must_use]
    pub fn build(self) -> Node {
        self.node
    }
}

/// A typed address: refers to attributes that exist.
pub struct Handle<M> {
    /// Where the node is.
    pub address: Address,
    marker: PhantomData<fn() -> M>,
}

impl<M> Clone for Handle<M> {
    fn clone(&self) -> Self {
        Self { address: self.address.clone(), marker: PhantomData }
    }
}

impl<M> Handle<M> {
    /// A reference to an attribute.
    #[must_use]
    pub fn get(&self, attr: Attr<M>) -> Value {
        Value::Ref(Ref { to: self.address.clone(), path: vec![Step::Attr(attr.name.to_owned())] })
    }

    /// A reference into the `index`th block under `key`.
    #[must_use]
    pub fn get_in<C>(&self, key: BlockKey<M, C>, index: usize, attr: Attr<C>) -> Value {
        let path =
            vec![Step::Attr(key.name.to_owned()), Step::Index(index), Step::Attr(attr.name.to_owned())];
        Value::Ref(Ref { to: self.address.clone(), path })
    }

    /// A reference into a computed list of objects, such as `master_user_secret[0].secret_arn`.
    #[must_use]
    pub fn get_at(&self, attr: Attr<M>, index: usize, field: &str) -> Value {
        let path = vec![Step::Attr(attr.name.to_owned()), Step::Index(index), Step::Attr(field.to_owned())];
        Value::Ref(Ref { to: self.address.clone(), path })
    }
}
