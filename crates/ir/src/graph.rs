//! Cloud resources and the references between them.
//!
//! A graph is what one environment holds, written out in full: every instance is a node, every value is this
//! environment's. Writers find the loops and the parameters again by comparing instances and environments;
//! keeping the graph concrete means that checks, prices and the rehearsal never have to.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use indexmap::IndexMap;

use crate::key::{Handle, Kind, NodeBuilder};
use crate::span::Span;
use crate::value::{Input, Value};

/// Whether a node is created or only looked up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Created, updated and destroyed.
    #[default]
    Managed,
    /// Read.
    Data,
}

/// The name of a node, unique in its graph.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The component (a Terraform module, a CDK construct) it belongs to.
    pub component: String,
    /// Managed or data.
    pub mode: Mode,
    /// What it is.
    pub kind: Kind,
    /// Which one; `this` for a component's main resource of the kind.
    pub name: String,
    /// Which instance, when there are several of the same name.
    pub key: Option<String>,
}

/// Hashes addresses: the same in every run, and cheaper than the standard library's, which defends against keys
/// chosen by an attacker.
pub type AddressHasher = foldhash::fast::FixedState;

impl Address {
    /// A managed node's address.
    #[must_use]
    pub fn new(component: &str, kind: Kind, name: &str) -> Self {
        Self { component: component.to_owned(), mode: Mode::Managed, kind, name: name.to_owned(), key: None }
    }

    /// The same address without the instance: what a writer prints one block for.
    #[must_use]
    pub fn without_key(&self) -> Address {
        Address { key: None, ..self.clone() }
    }
}

impl std::fmt::Display for Address {
    /// As Terraform prints it: `module.db.aws_db_instance.this["a"]`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.component.is_empty() {
            write!(f, "module.{}.", self.component.replace('-', "_"))?;
        }
        if self.mode == Mode::Data {
            f.write_str("data.")?;
        }
        write!(f, "{}.{}", self.kind, self.name)?;
        match &self.key {
            Some(key) => write!(f, "[\"{key}\"]"),
            None => Ok(()),
        }
    }
}

/// How a resource may change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lifecycle {
    /// Refuse to destroy it: it holds data.
    pub prevent_destroy: bool,
    /// Make the new one before removing the old.
    pub create_before_destroy: bool,
    /// Attributes that something else owns after creation (an autoscaler, a deployment).
    pub ignore_changes: Vec<String>,
}

/// One resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Its name.
    pub address: Address,
    /// What it is set to, in the order an expert would write it. A nested block is a list of maps.
    pub attrs: IndexMap<String, Value>,
    /// Dependencies that no attribute shows.
    pub depends_on: Vec<Address>,
    /// How it may change.
    pub lifecycle: Lifecycle,
    /// Created in another region than the stack's.
    pub region: Option<String>,
    /// Why it exists: one sentence for documents.
    pub purpose: String,
    /// Expected monthly quantities that its price depends on.
    pub usage: BTreeMap<String, f64>,
    /// Where it was read from, when a reader made it.
    pub origin: Option<Span>,
}

impl Node {
    /// A node with no attributes.
    #[must_use]
    pub fn new(address: Address) -> Self {
        Self {
            address,
            attrs: IndexMap::new(),
            depends_on: Vec::new(),
            lifecycle: Lifecycle::default(),
            region: None,
            purpose: String::new(),
            usage: BTreeMap::new(),
            origin: None,
        }
    }

    /// What it is.
    #[must_use]
    pub fn kind(&self) -> &Kind {
        &self.address.kind
    }

    /// An attribute, looked through inputs; `None` when not set.
    #[must_use]
    pub fn get(&self, attr: &str) -> Option<&Value> {
        self.attrs.get(attr).map(Value::known)
    }

    /// The first nested block of a name.
    #[must_use]
    pub fn block(&self, name: &str) -> Option<&Value> {
        self.get(name)?.as_list()?.first()
    }

    /// All nested blocks of a name.
    #[must_use]
    pub fn blocks(&self, name: &str) -> &[Value] {
        self.get(name).and_then(Value::as_list).unwrap_or(&[])
    }

    /// Every node this one needs, sorted, without repeats.
    #[must_use]
    pub fn dependencies(&self) -> BTreeSet<&Address> {
        let mut found = BTreeSet::new();
        self.each_dependency(&mut |to| {
            found.insert(to);
        });
        found
    }

    /// Calls `visit` on every node this one needs, in the order they are written, with repeats: for passes over
    /// whole graphs, which need no sorted set a node.
    pub fn each_dependency<'a>(&'a self, visit: &mut impl FnMut(&'a Address)) {
        let mut other = |to: &'a Address| {
            if *to != self.address {
                visit(to);
            }
        };
        for value in self.attrs.values() {
            value.each_ref(&mut |r| other(&r.to));
        }
        self.depends_on.iter().for_each(other);
    }
}

/// The type of an input, as a module's user must write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputType {
    /// A string.
    String,
    /// A number.
    Number,
    /// A truth value.
    Bool,
    /// A list of strings.
    StringList,
    /// A map of strings.
    StringMap,
}

/// What an input accepts.
#[derive(Clone, Debug, PartialEq)]
pub enum Validation {
    /// One of these.
    OneOf(Vec<String>),
    /// A number between these, both included.
    Range(f64, f64),
    /// A string that matches; the words are the error message.
    Matches {
        /// RE2 pattern.
        pattern: String,
        /// What it must be, completing "must be".
        must_be: String,
    },
}

/// A declared parameter of a component.
#[derive(Clone, Debug, PartialEq)]
pub struct InputDecl {
    /// Its type.
    pub ty: InputType,
    /// One sentence with a full stop, as module registries print it.
    pub description: String,
    /// What it accepts.
    pub validation: Option<Validation>,
    /// Set by the pipeline at each deployment rather than written in the environment (an image digest).
    pub from_pipeline: bool,
}

/// A group of nodes that belong together and are written as one module.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Component {
    /// One sentence without a full stop.
    pub description: String,
    /// What it is called in documents and price tables, such as `service`, `database`, `network`.
    pub role: String,
    /// Its parameters by name.
    pub inputs: IndexMap<String, InputDecl>,
    /// What is shown to people and pipelines after an apply: name, description, value.
    pub outputs: IndexMap<String, (String, Value)>,
}

/// The resources of one environment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// The nodes, in the order they were added.
    nodes: IndexMap<Address, Node, AddressHasher>,
    /// The components by name, in the order they were declared.
    pub components: IndexMap<String, Component>,
}

impl Graph {
    /// An empty graph.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a node and returns its handle. Adding an address twice is a defect of the caller: the program
    /// stops, because the second would silently replace the first.
    pub fn add<M>(&mut self, builder: NodeBuilder<M>) -> Handle<M> {
        let handle = builder.handle();
        self.insert(builder.build());
        handle
    }

    /// Adds a finished node.
    pub fn insert(&mut self, node: Node) {
        let address = node.address.clone();
        let before = self.nodes.insert(address.clone(), node);
        assert!(before.is_none(), "two nodes are called {address}");
    }

    /// Adds an expected monthly quantity to a node that is already there; nothing happens when it is not.
    pub fn add_usage(&mut self, address: &Address, quantity: &'static str, monthly: f64) {
        if let Some(node) = self.nodes.get_mut(address) {
            node.usage.insert(quantity.to_owned(), monthly);
        }
    }

    /// Declares a component; a second call with the same name adds to it.
    pub fn component(&mut self, name: &str, role: &str, description: impl Into<String>) -> &mut Component {
        let component = self.components.entry(name.to_owned()).or_default();
        component.role = role.to_owned();
        component.description = description.into();
        component
    }

    /// Declares an input of a component and returns the value that stands for it.
    pub fn input(&mut self, component: &str, name: &str, decl: InputDecl, value: impl Into<Value>) -> Value {
        let inputs = &mut self.components.entry(component.to_owned()).or_default().inputs;
        inputs.insert(name.to_owned(), decl);
        Value::Input(Box::new(Input { name: name.to_owned(), value: value.into() }))
    }

    /// A node.
    #[must_use]
    pub fn get(&self, address: &Address) -> Option<&Node> {
        self.nodes.get(address)
    }

    /// All nodes, in the order they were added.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.values()
    }

    /// All nodes of a kind.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Node> + 'a {
        self.nodes().filter(move |n| n.kind().as_str() == kind)
    }

    /// The nodes that need `address`, in the order they were added.
    pub fn dependents<'a>(&'a self, address: &'a Address) -> impl Iterator<Item = &'a Node> + 'a {
        self.nodes().filter(move |node| {
            let mut needs = false;
            node.each_dependency(&mut |to| needs |= to == address);
            needs
        })
    }

    /// The inputs that carry a secret: component, input, and what the secret store calls it.
    #[must_use]
    pub fn secret_inputs(&self) -> BTreeSet<(&str, &str, &str)> {
        let mut found = BTreeSet::new();
        for node in self.nodes() {
            for value in node.attrs.values() {
                value.walk(&mut |v| {
                    if let Value::Input(input) = v
                        && let Value::Secret(secret) = input.value.known()
                    {
                        found.insert((
                            node.address.component.as_str(),
                            input.name.as_str(),
                            secret.name.as_str(),
                        ));
                    }
                });
            }
        }
        found
    }

    /// How many nodes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The nodes with every dependency before its dependents, ties in the order they were added; or the
    /// addresses of one cycle.
    pub fn in_order(&self) -> Result<Vec<&Node>, Vec<Address>> {
        let mut waiting = vec![0_usize; self.nodes.len()];
        let mut dependents: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        let mut needs: Vec<usize> = Vec::new();
        for (place, node) in self.nodes.values().enumerate() {
            needs.clear();
            node.each_dependency(&mut |to| needs.extend(self.nodes.get_index_of(to)));
            needs.sort_unstable();
            needs.dedup();
            waiting[place] = needs.len();
            needs.iter().for_each(|need| dependents[*need].push(place));
        }
        let free = waiting.iter().enumerate().filter(|(_, needs)| **needs == 0);
        let mut ready: BinaryHeap<Reverse<usize>> = free.map(|(place, _)| Reverse(place)).collect();
        let mut order = Vec::with_capacity(self.nodes.len());
        while let Some(Reverse(next)) = ready.pop() {
            order.push(&self.nodes[next]);
            for dependent in &dependents[next] {
                waiting[*dependent] -= 1;
                if waiting[*dependent] == 0 {
                    ready.push(Reverse(*dependent));
                }
            }
        }
        if order.len() == self.nodes.len() {
            return Ok(order);
        }
        let stuck: BTreeSet<&Address> =
            self.nodes.keys().zip(&waiting).filter(|(_, needs)| **needs > 0).map(|(a, _)| a).collect();
        Err(self.one_cycle(&stuck))
    }

    /// Walks dependencies among stuck nodes until one repeats.
    fn one_cycle(&self, stuck: &BTreeSet<&Address>) -> Vec<Address> {
        let mut path: Vec<&Address> = Vec::new();
        let mut current = *stuck.first().expect("a cycle has nodes");
        loop {
            if let Some(start) = path.iter().position(|a| *a == current) {
                return path[start..].iter().map(|a| (*a).clone()).collect();
            }
            path.push(current);
            current = self.nodes[current]
                .dependencies()
                .into_iter()
                .find_map(|d| stuck.get(d).copied())
                .expect("a stuck node waits for a stuck node");
        }
    }
}

/// A graph that is planned and applied by itself: the bootstrap, what environments share, or one environment.
#[derive(Clone, Debug, PartialEq)]
pub struct Stack {
    /// `bootstrap`, `shared`, or the environment's name.
    pub name: String,
    /// Whether it is an environment: environments share their modules, the other stacks have their own.
    pub environment: bool,
    /// The region it is created in.
    pub region: String,
    /// Tags on every resource that can carry them.
    pub tags: IndexMap<String, String>,
    /// Its resources.
    pub graph: Graph,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Ref, Step};

    fn node(name: &str, needs: &[&str]) -> Node {
        let address = |n: &str| Address::new("c", Kind::of("k"), n);
        let mut node = Node::new(address(name));
        for need in needs {
            let path = vec![Step::Attr("id".into())];
            node.attrs.insert(format!("to_{need}"), Value::Ref(Ref { to: address(need), path }));
        }
        node
    }

    fn names(order: &[&Node]) -> Vec<String> {
        order.iter().map(|n| n.address.name.clone()).collect()
    }

    #[test]
    fn dependencies_come_first_and_ties_keep_their_order() {
        let mut graph = Graph::new();
        for n in [node("z", &["m"]), node("b", &[]), node("m", &["b"]), node("a", &[])] {
            graph.insert(n);
        }
        assert_eq!(names(&graph.in_order().expect("no cycle")), ["b", "m", "z", "a"]);
    }

    #[test]
    fn a_cycle_is_named_without_its_followers() {
        let mut graph = Graph::new();
        for n in [node("a", &["b"]), node("b", &["c"]), node("c", &["b"])] {
            graph.insert(n);
        }
        let mut cycle: Vec<_> = graph.in_order().expect_err("a cycle").into_iter().map(|a| a.name).collect();
        cycle.sort();
        assert_eq!(cycle, ["b", "c"]);
    }

    #[test]
    fn an_address_reads_as_terraform_prints_it() {
        let mut address = Address::new("order-worker", Kind::of("aws_subnet"), "private");
        address.key = Some("eu-west-1a".into());
        assert_eq!(address.to_string(), "module.order_worker.aws_subnet.private[\"eu-west-1a\"]");
    }
}
