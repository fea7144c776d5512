//! What an attribute of a resource is set to.
//!
//! A value is a literal, a reference to another resource, a secret that is only ever named, or an unknown
//! that says why. Checks and prices read through inputs and templates with [`Value::known`] and
//! [`Value::text`]; an unknown stays an unknown and is never guessed.

use indexmap::IndexMap;

use crate::graph::Address;

/// A value in the graph.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Explicitly nothing: the provider's default.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// A string.
    Str(String),
    /// A list, or a set whose order is kept for stable output.
    List(Vec<Value>),
    /// A map, or one nested block.
    Map(IndexMap<String, Value>),
    /// Another resource's attribute.
    Ref(Ref),
    /// A string joined from parts.
    Template(Vec<Value>),
    /// A JSON document carried in a string attribute, such as an IAM policy.
    Json(Box<Value>),
    /// The text of a file of the bundle, by its path from the bundle's root: what is said there is not said again.
    File(String),
    /// A parameter of the component, with this environment's value.
    Input(Box<Input>),
    /// A secret, by name. No value ever enters a graph.
    Secret(SecretRef),
    /// Known only later or elsewhere; the reason, in words a finding can print.
    Unknown(String),
}

/// A reference to an attribute of another node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ref {
    /// The node.
    pub to: Address,
    /// The way to the attribute, such as `master_user_secret`, `0`, `secret_arn`.
    pub path: Vec<Step>,
}

/// One step of a path into a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Into a map or block.
    Attr(String),
    /// Into a list.
    Index(usize),
}

/// A parameter that a component declares, with this environment's value.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// Its name, declared in the component's `inputs`.
    pub name: String,
    /// What this environment sets it to.
    pub value: Value,
}

/// The name of a secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct SecretRef {
    /// What the environment's secret store calls it, such as `shop-production/STRIPE_KEY`.
    pub name: String,
}

impl Value {
    /// A list of values.
    pub fn list<V: Into<Value>>(items: impl IntoIterator<Item = V>) -> Value {
        Value::List(items.into_iter().map(Into::into).collect())
    }

    /// A map, in the order given.
    pub fn map<K: Into<String>, V: Into<Value>>(entries: impl IntoIterator<Item = (K, V)>) -> Value {
        Value::Map(entries.into_iter().map(|(k, v)| (k.into(), v.into())).collect())
    }

    /// A string joined from parts.
    pub fn template<V: Into<Value>>(parts: impl IntoIterator<Item = V>) -> Value {
        Value::Template(parts.into_iter().map(Into::into).collect())
    }

    /// A JSON document.
    pub fn json(value: impl Into<Value>) -> Value {
        Value::Json(Box::new(value.into()))
    }

    /// The value behind any number of inputs.
    #[must_use]
    pub fn known(&self) -> &Value {
        match self {
            Value::Input(input) => input.value.known(),
            other => other,
        }
    }

    /// The string this is, if every part of it is known.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        match self.known() {
            Value::Str(s) => Some(s.clone()),
            Value::Int(n) => Some(n.to_string()),
            Value::Float(n) => Some(n.to_string()),
            Value::Bool(b) => Some(b.to_string()),
            Value::Template(parts) => parts.iter().map(Value::text).collect(),
            _ => None,
        }
    }

    /// The truth value this is.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self.known() {
            Value::Bool(b) => Some(*b),
            Value::Str(s) if s == "true" => Some(true),
            Value::Str(s) if s == "false" => Some(false),
            _ => None,
        }
    }

    /// The number this is, also when written as a string.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self.known() {
            Value::Int(n) => Some(*n as f64),
            Value::Float(n) => Some(*n),
            Value::Str(s) => s.parse().ok(),
            _ => None,
        }
    }

    /// The items of a list.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Value]> {
        match self.known() {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a map or block.
    #[must_use]
    pub fn as_map(&self) -> Option<&IndexMap<String, Value>> {
        match self.known() {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// An entry of a map or block.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_map()?.get(key)
    }

    /// Follows a path through maps and lists; `None` when something on the way is missing or not known.
    #[must_use]
    pub fn at(&self, path: &[Step]) -> Option<&Value> {
        path.iter().try_fold(self, |value, step| match step {
            Step::Attr(name) => value.get(name),
            Step::Index(i) => value.as_list()?.get(*i),
        })
    }

    /// Calls `visit` on this value and every value inside it, parents first.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Value)) {
        visit(self);
        match self {
            Value::List(items) | Value::Template(items) => items.iter().for_each(|v| v.walk(visit)),
            Value::Map(entries) => entries.values().for_each(|v| v.walk(visit)),
            Value::Json(inner) => inner.walk(visit),
            Value::Input(input) => input.value.walk(visit),
            _ => {}
        }
    }

    /// Every reference in this value, in order, with repeats.
    #[must_use]
    pub fn refs(&self) -> Vec<&Ref> {
        let mut found = Vec::new();
        self.each_ref(&mut |r| found.push(r));
        found
    }

    /// Calls `visit` on every reference in this value, in order, with repeats.
    pub fn each_ref<'a>(&'a self, visit: &mut impl FnMut(&'a Ref)) {
        self.walk(&mut |v| {
            if let Value::Ref(r) = v {
                visit(r);
            }
        });
    }

    /// Whether any part is unknown until the cloud or the pipeline has spoken.
    #[must_use]
    pub fn has_unknown(&self) -> bool {
        let mut any = false;
        self.walk(&mut |v| {
            any |= matches!(v, Value::Ref(_) | Value::File(_) | Value::Unknown(_) | Value::Secret(_))
        });
        any
    }
}

impl From<bool> for Value {
    fn from(v: bool) -> Self {
        Value::Bool(v)
    }
}

impl From<f64> for Value {
    fn from(v: f64) -> Self {
        Value::Float(v)
    }
}

macro_rules! from_whole {
    ($($t:ty),*) => {$(
        impl From<$t> for Value {
            fn from(v: $t) -> Self {
                Value::Int(i64::from(v))
            }
        }
    )*};
}
from_whole!(i32, i64, u8, u16, u32);

impl From<&str> for Value {
    fn from(v: &str) -> Self {
        Value::Str(v.to_owned())
    }
}

impl From<String> for Value {
    fn from(v: String) -> Self {
        Value::Str(v)
    }
}

impl From<&String> for Value {
    fn from(v: &String) -> Self {
        Value::Str(v.clone())
    }
}

impl From<Ref> for Value {
    fn from(v: Ref) -> Self {
        Value::Ref(v)
    }
}

impl<V: Into<Value>> From<Vec<V>> for Value {
    fn from(items: Vec<V>) -> Self {
        Value::list(items)
    }
}

impl From<&Value> for Value {
    fn from(v: &Value) -> Self {
        v.clone()
    }
}
