//! What the names in one template stand for: parameters, pseudo parameters, resources and what nested stacks put out.
//!
//! A scope belongs to one use of a template: a nested template that is used twice has two. Names that stand for nothing
//! are unknown values with a diagnostic. Must not know functions; it only looks up.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};

use indexmap::{IndexMap, IndexSet};
use ir::diagnostic::nearest;
use ir::yaml::{Key, Yaml};
use ir::{Address, Diagnostic, Input, Kind, Mode, Ref, Span, Step, Value};

use super::conditions::Verdict;
use super::parameters::Parameter;
use super::session::Session;

/// What the cloud says of a deployment before it begins, as far as somebody told.
#[derive(Clone, Debug, Default)]
pub struct Deployment {
    /// `AWS::Region`.
    pub region: Option<String>,
    /// `AWS::AccountId`.
    pub account: Option<String>,
    /// `AWS::StackName`.
    pub name: Option<String>,
}

/// What a logical id stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A resource of this stack.
    Node(Address),
    /// A nested stack whose template was read.
    Nested,
    /// A resource that its condition leaves out.
    Absent,
}

/// The names of one use of a template.
pub struct Scope<'a> {
    /// What the reading has used up and said.
    pub session: &'a Session,
    /// The component that its resources belong to.
    pub component: &'a str,
    /// What is known of the deployment.
    pub deployment: &'a Deployment,
    /// By name.
    pub parameters: &'a IndexMap<String, Parameter>,
    /// By name.
    pub mappings: HashMap<&'a str, &'a Yaml>,
    /// By name.
    pub conditions: HashMap<&'a str, &'a Yaml>,
    /// The conditions that were judged; nothing for the one that is being judged.
    pub verdicts: RefCell<HashMap<&'a str, Option<Verdict>>>,
    /// How many conditions wait for each other.
    pub waiting: Cell<usize>,
    /// Whether a block of addresses is being cut.
    pub cutting: Cell<bool>,
    /// By logical id.
    pub resources: HashMap<&'a str, Place>,
    /// The properties of resources as they are written, by logical id.
    pub written: HashMap<&'a str, &'a Yaml>,
    /// Names that a transform lets people use for resources that it makes.
    pub aliases: HashMap<String, String>,
    /// What nested stacks put out, by logical id.
    pub nested: HashMap<&'a str, IndexMap<String, Value>>,
    /// Parameters that values carry.
    pub used: RefCell<BTreeSet<String>>,
    /// What is asked of the cloud.
    pub asked: RefCell<IndexSet<Address>>,
}

/// The sections of a template by name.
#[must_use]
pub fn section<'a>(root: &'a Yaml, name: &str) -> &'a [(Key, Yaml)] {
    root.get(name).and_then(Yaml::entries).unwrap_or(&[])
}

impl<'a> Scope<'a> {
    /// The names of a template, before its resources are known.
    #[must_use]
    pub fn new(
        session: &'a Session,
        component: &'a str,
        deployment: &'a Deployment,
        root: &'a Yaml,
        parameters: &'a IndexMap<String, Parameter>,
    ) -> Self {
        let named =
            |name| section(root, name).iter().map(|(key, value)| (key.text.as_str(), value)).collect();
        Self {
            session,
            component,
            deployment,
            parameters,
            mappings: named("Mappings"),
            conditions: named("Conditions"),
            verdicts: RefCell::default(),
            waiting: Cell::default(),
            cutting: Cell::default(),
            resources: HashMap::new(),
            written: HashMap::new(),
            aliases: HashMap::new(),
            nested: HashMap::new(),
            used: RefCell::default(),
            asked: RefCell::default(),
        }
    }

    /// What `Ref` gives; nothing for `AWS::NoValue`.
    pub fn reference(&self, name: &str, at: Span) -> Option<Value> {
        if let Some(pseudo) = name.strip_prefix("AWS::") {
            return self.pseudo(pseudo, name, at);
        }
        if let Some(parameter) = self.parameters.get(name) {
            return Some(self.parameter(name, parameter));
        }
        let name = self.aliases.get(name).map_or(name, String::as_str);
        Some(match self.resources.get(name) {
            Some(Place::Node(to)) => Value::Ref(Ref { to: to.clone(), path: Vec::new() }),
            Some(Place::Nested) => Value::Unknown(format!("the id of the nested stack `{name}`")),
            Some(Place::Absent) => self.absent(name, at),
            None => self.nothing(name, at),
        })
    }

    /// What `Fn::GetAtt` gives.
    pub fn attribute(&self, name: &str, attribute: &str, at: Span) -> Value {
        let whole = format!("{name}.{attribute}");
        let (name, attribute) = match self.aliases.get(whole.as_str()) {
            Some(alias) => (alias.as_str(), ""),
            None => (self.aliases.get(name).map_or(name, String::as_str), attribute),
        };
        match self.resources.get(name) {
            Some(Place::Node(to)) => {
                let steps = attribute.split('.').filter(|step| !step.is_empty());
                let path = steps.map(|step| Step::Attr(step.to_owned())).collect();
                Value::Ref(Ref { to: to.clone(), path })
            }
            Some(Place::Nested) => self.put_out(name, attribute, at),
            Some(Place::Absent) => self.absent(name, at),
            None => self.nothing(name, at),
        }
    }

    /// What a nested stack puts out.
    fn put_out(&self, name: &str, attribute: &str, at: Span) -> Value {
        let output = attribute.strip_prefix("Outputs.").unwrap_or(attribute);
        let Some(outputs) = self.nested.get(name) else {
            return Value::Unknown(format!("what the nested stack `{name}` puts out"));
        };
        if let Some(value) = outputs.get(output) {
            return if self.session.may_grow(weight(value)) { value.clone() } else { grown() };
        }
        let mut said = Diagnostic::warning(
            "unknown-reference",
            format!("the nested stack `{name}` puts out no `{output}`"),
        )
        .at(at, "asked for here");
        if let Some(near) = nearest(output, outputs.keys().map(String::as_str)) {
            said = said.help(format!("write `{name}.Outputs.{near}` if that is meant"));
        }
        self.session.say(said);
        Value::Unknown(format!("`{output}`, which the nested stack `{name}` does not put out"))
    }

    fn parameter(&self, name: &str, parameter: &Parameter) -> Value {
        if !self.session.may_grow(weight(&parameter.value)) {
            return grown();
        }
        // What a parent stack passes on from its resources is theirs, not the user's to set.
        if !parameter.value.refs().is_empty() {
            return parameter.value.clone();
        }
        self.used.borrow_mut().insert(name.to_owned());
        Value::Input(Box::new(Input { name: name.to_owned(), value: parameter.value.clone() }))
    }

    fn pseudo(&self, pseudo: &str, name: &str, at: Span) -> Option<Value> {
        Some(match pseudo {
            "NoValue" => return None,
            "Region" | "AccountId" | "Partition" | "URLSuffix" => self.ask(Kind::named(name)),
            "StackName" => match &self.deployment.name {
                Some(name) => Value::Str(name.clone()),
                None => Value::Unknown("the stack's name, which a deployment gives it".to_owned()),
            },
            "StackId" => Value::Unknown("the stack's id, which only the cloud knows".to_owned()),
            "NotificationARNs" => {
                Value::Unknown("the topics that a deployment is reported to, which it names".to_owned())
            }
            _ => self.nothing(name, at),
        })
    }

    /// A question that the cloud answers.
    pub fn ask(&self, kind: Kind) -> Value {
        let mut to = Address::new(self.component, kind, "current");
        to.mode = Mode::Data;
        self.asked.borrow_mut().insert(to.clone());
        Value::Ref(Ref { to, path: Vec::new() })
    }

    /// The text of a value, also of one that the cloud says and somebody told.
    #[must_use]
    pub fn text(&self, value: &Value) -> Option<String> {
        match value.known() {
            Value::Ref(r) if r.to.mode == Mode::Data && r.path.is_empty() => self.told(r.to.kind.as_str()),
            Value::Template(parts) => parts.iter().map(|part| self.text(part)).collect(),
            other => other.text(),
        }
    }

    fn told(&self, pseudo: &str) -> Option<String> {
        let region = self.deployment.region.as_deref();
        let china = region.map(|r| r.starts_with("cn-"));
        match pseudo {
            "AWS::Region" => region.map(str::to_owned),
            "AWS::AccountId" => self.deployment.account.clone(),
            "AWS::Partition" if region?.starts_with("us-gov-") => Some("aws-us-gov".to_owned()),
            "AWS::Partition" => Some(if china? { "aws-cn" } else { "aws" }.to_owned()),
            "AWS::URLSuffix" => Some(if china? { "amazonaws.com.cn" } else { "amazonaws.com" }.to_owned()),
            _ => None,
        }
    }

    fn absent(&self, name: &str, at: Span) -> Value {
        self.session.say(
            Diagnostic::warning("absent-reference", format!("`{name}` is left out by its condition"))
                .at(at, "referred to here all the same")
                .help("refer to it under the same condition, with `Fn::If`"),
        );
        Value::Unknown(format!("`{name}`, which is left out by its condition"))
    }

    fn nothing(&self, name: &str, at: Span) -> Value {
        let mut said = Diagnostic::warning(
            "unknown-reference",
            format!("`{name}` is no parameter and no resource of this template"),
        )
        .at(at, "referred to here");
        let known = self.parameters.keys().map(String::as_str).chain(self.resources.keys().copied());
        if self.resources.len() < 1000
            && let Some(near) = nearest(name, known)
        {
            said = said.help(format!("write `{near}` if that is meant"));
        }
        self.session.say(said);
        Value::Unknown(format!("`{name}`, which the template does not hold"))
    }
}

/// Bytes that a value takes, roughly.
#[must_use]
pub fn weight(value: &Value) -> usize {
    let mut bytes = 0;
    value.walk(&mut |part| {
        bytes += 16
            + match part {
                Value::Str(text) | Value::Unknown(text) => text.len(),
                _ => 0,
            };
    });
    bytes
}

/// What stands where templates grew too large.
#[must_use]
pub fn grown() -> Value {
    Value::Unknown("a value that grows without end".to_owned())
}
