//! What a module says: values that hold in every environment at once.
//!
//! A term is the common shape of one attribute over all instances and environments, with variables and
//! `each.value` where they differ. Terms must not know how they were found nor how HCL is spelt.

use indexmap::IndexMap;
use ir::graph::Validation;
use ir::{Address, Step, Value};

/// A value of a module.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Term {
    /// A scalar that is the same everywhere.
    Literal(Value),
    /// A list.
    List(Vec<Term>),
    /// A map.
    Map(Vec<(String, Term)>),
    /// A list made of several.
    Concat(Vec<Part>),
    /// A map some of whose entries are not everywhere.
    Merge(Vec<(Option<Term>, String, Term)>),
    /// A map with the entries of another laid over it.
    Overlay(Box<Term>, Box<Term>),
    /// A string joined from parts.
    Template(Vec<Term>),
    /// A JSON document.
    Json(Box<Term>),
    /// The text of a file of the bundle, by its path from the bundle's root.
    File(Box<Term>),
    /// An attribute of a node, of this module or another.
    Ref(TermRef),
    /// An attribute of every instance of a keyed node, in the order of the keys.
    All {
        /// The node without its key.
        block: Address,
        /// The attribute.
        path: Vec<Step>,
    },
    /// `var.name`.
    Var(String),
    /// `local.name`.
    Local(String),
    /// `each.key`.
    EachKey,
    /// `each.value.name`.
    EachValue(String),
    /// `condition ? yes : no`.
    Choose(Box<Term>, Box<Term>, Box<Term>),
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    /// An item; with a term: only where it holds.
    Item(Option<Term>, Term),
    /// A list by itself.
    All(Term),
}

impl Part {
    /// The item or list.
    pub fn into_term(self) -> Term {
        match self {
            Part::Item(_, term) | Part::All(term) => term,
        }
    }
}

/// A reference whose instance and indices may themselves be terms.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TermRef {
    /// The node without its key.
    pub block: Address,
    /// Which instance.
    pub key: Option<Box<Term>>,
    /// The way to the attribute.
    pub path: Vec<TermStep>,
}

/// A step of a reference.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TermStep {
    /// Into a map or block.
    Attr(String),
    /// Into a list.
    Index(Term),
}

/// A type of a variable.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ty {
    /// `string`
    String,
    /// `number`
    Number,
    /// `bool`
    Bool,
    /// `list(T)`
    List(Box<Ty>),
    /// `set(T)`
    Set(Box<Ty>),
    /// `map(T)`
    Map(Box<Ty>),
    /// `object({...})`
    Object(Vec<(String, Ty)>),
    /// `any`
    Any,
}

/// What one environment gives a variable.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Given {
    /// A value that the root can write down; references lead to other modules.
    Value(Value),
    /// The root's own variable: the pipeline knows.
    Pipeline,
    /// Set by the pipeline from its own secrets, and never shown.
    Secret,
}

/// A variable of a module.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Variable {
    /// Its type.
    pub ty: Ty,
    /// One sentence with a full stop.
    pub description: String,
    /// What it accepts.
    pub validation: Option<Validation>,
    /// By stack; `None` where the stack does not need it.
    pub given: Vec<Option<Given>>,
}

impl Variable {
    /// Whether it carries a secret.
    pub fn secret(&self) -> bool {
        self.given.contains(&Some(Given::Secret))
    }

    /// The value on which several environments agree.
    fn agreed(&self, present: &[usize]) -> Option<&Value> {
        let mut values = present.iter().map(|v| match &self.given[*v] {
            Some(Given::Value(value)) if value.refs().is_empty() => Some(value),
            _ => None,
        });
        let first = values.next()??;
        (present.len() > 1 && values.all(|value| value == Some(first))).then_some(first)
    }

    /// What the module says where a root says nothing: what environments agree on, or nothing where some give nothing.
    pub fn default(&self, present: &[usize]) -> Option<&Value> {
        const NOTHING: &Value = &Value::Null;
        self.agreed(present).or_else(|| self.nullable(present).then_some(NOTHING))
    }

    /// Whether some stack that has the component gives it nothing.
    pub fn nullable(&self, present: &[usize]) -> bool {
        present.iter().any(|v| match &self.given[*v] {
            None | Some(Given::Value(Value::Null)) => true,
            Some(Given::Value(_) | Given::Pipeline | Given::Secret) => false,
        })
    }
}

/// How a module offers an attribute to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Shape {
    /// Of the only instance.
    One,
    /// Of all instances, in the order of their keys.
    All,
    /// Of all instances, by key.
    ByKey,
}

/// An attribute that one module offers to others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Port {
    /// The node without its key.
    pub block: Address,
    /// The attribute.
    pub path: Vec<Step>,
    /// How.
    pub shape: Shape,
}

/// How often a block is made.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Repeat {
    /// Once.
    Once,
    /// Once where the term holds.
    When(Term),
    /// Once a key of a set.
    Keys(Term),
    /// Once an entry of a map of objects.
    Table(Term),
}

/// A line of a block's body.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Item {
    /// An argument.
    Attr(String, Term),
    /// A nested block; with a term: only where it holds.
    Block(String, Option<Term>, Vec<Item>),
}

/// A resource or data block.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    /// Without a key.
    pub address: Address,
    /// How often.
    pub repeat: Repeat,
    /// The provider's alias, when it is not the default one.
    pub alias: Option<String>,
    /// Its body.
    pub items: Vec<Item>,
    /// `prevent_destroy`
    pub prevent_destroy: bool,
    /// `create_before_destroy`
    pub create_before_destroy: bool,
    /// `ignore_changes`
    pub ignore_changes: Vec<String>,
    /// `depends_on`
    pub depends_on: Vec<Address>,
    /// Columns that do not come from the table but from a local map of their own.
    pub lookups: IndexMap<String, String>,
}

/// A component of all stacks of a family, generalised.
#[derive(Debug, Default)]
pub(crate) struct Module {
    /// The component.
    pub name: String,
    /// The stacks that have it.
    pub present: Vec<usize>,
    /// Its blocks.
    pub resources: IndexMap<Address, Resource>,
    /// Its variables.
    pub variables: IndexMap<String, Variable>,
    /// `locals`
    pub locals: Vec<(String, Term)>,
    /// What people and pipelines are shown: name, description, value.
    pub outputs: IndexMap<String, (String, Term)>,
    /// Provider aliases, with the region a stack uses each for.
    pub aliases: IndexMap<String, Vec<Option<String>>>,
    /// Lifecycle settings that only some stacks ask for and that are left out, as `setting of address`.
    pub left_out: Vec<String>,
}
