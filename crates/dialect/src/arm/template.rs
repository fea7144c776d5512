//! What a template of Azure Resource Manager says, before any of it is worked out.
//!
//! ARM JSON and Bicep are two spellings of this one model: Bicep's operators are functions here, its loops are copies, its
//! modules are deployments within the deployment. So there is one evaluator. Nothing here knows how either is spelt.

use indexmap::IndexMap;
use ir::{Span, Value};

/// A template.
#[derive(Debug, Default)]
pub(crate) struct Template {
    /// The name of its file in the folder that is read, for what it says of other files.
    pub path: String,
    /// What it is deployed to.
    pub scope: TargetScope,
    /// `parameters`
    pub parameters: IndexMap<String, Parameter>,
    /// `variables`
    pub variables: IndexMap<String, Expr>,
    /// Functions that the template declares, by `namespace.name` or plain name, in lower case.
    pub functions: IndexMap<String, Function>,
    /// `resources`, those that stand in another after it.
    pub resources: Vec<Resource>,
    /// `outputs`
    pub outputs: IndexMap<String, Output>,
    /// What names of other files stand for: the file, and the name there (`*` for all of it).
    pub imports: IndexMap<String, (String, String)>,
}

/// What a template is deployed to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum TargetScope {
    /// A resource group, which is there already or made by the caller.
    #[default]
    ResourceGroup,
    /// A subscription, a management group or a tenant.
    Above,
}

/// A parameter.
#[derive(Debug, Default)]
pub(crate) struct Parameter {
    /// `string`, `int`, `bool`, `array`, `object`, or something that has no plain name.
    pub ty: String,
    /// Whether its value must not be shown.
    pub secure: bool,
    /// What it is when nobody says.
    pub default: Option<Expr>,
    /// What it may be; empty when anything.
    pub allowed: Vec<Expr>,
    /// Least and greatest.
    pub range: (Option<i64>, Option<i64>),
    /// For people.
    pub description: String,
    /// Whether it may be left out.
    pub nullable: bool,
    /// Where it is declared.
    pub span: Option<Span>,
}

/// A function that a template declares.
#[derive(Debug)]
pub(crate) struct Function {
    /// Names of what it is given.
    pub parameters: Vec<String>,
    /// What it gives.
    pub body: Expr,
}

/// An output.
#[derive(Debug)]
pub(crate) struct Output {
    /// For people.
    pub description: String,
    /// Whether it is there.
    pub condition: Option<Expr>,
    /// What it is.
    pub value: Expr,
}

/// A resource, or a deployment of another template.
#[derive(Debug)]
pub(crate) struct Resource {
    /// Its symbolic name, if the template gives one.
    pub symbol: Option<String>,
    /// Such as `Microsoft.Network/virtualNetworks`; of a child in its parent the last part only.
    pub kind: String,
    /// The version of the interface.
    pub api: Option<Expr>,
    /// Its name: whole, or of a child in its parent the last part only.
    pub name: Option<Expr>,
    /// Whether it is only looked up.
    pub existing: bool,
    /// Whether it is made.
    pub condition: Option<Expr>,
    /// How often.
    pub repeat: Option<Repeat>,
    /// The resource it is part of.
    pub parent: Option<Expr>,
    /// What it is deployed to or extends.
    pub scope: Option<Expr>,
    /// The resource group it is deployed to, by name.
    pub group: Option<Expr>,
    /// What must be there before.
    pub depends_on: Vec<Expr>,
    /// Everything else that it says.
    pub body: Vec<(String, Expr)>,
    /// The place of the resource that it stands in, in the same list.
    pub within: Option<usize>,
    /// The template that it deploys.
    pub deploys: Option<Deploys>,
    /// Where it is.
    pub span: Span,
}

/// What a deployment within a deployment deploys.
#[derive(Debug)]
pub(crate) struct Deploys {
    /// The template.
    pub source: Source,
    /// What its parameters are set to.
    pub arguments: Assignments,
}

/// Where the template of a deployment is.
#[derive(Debug)]
pub(crate) enum Source {
    /// Here; its expressions are its own.
    Inner(std::rc::Rc<Template>),
    /// Here; its expressions mean what they mean around it.
    Outer(std::rc::Rc<Template>),
    /// In a file, beside this one.
    File(String),
    /// Somewhere else: as it is written.
    Elsewhere(String),
}

/// How often something is made.
#[derive(Debug, Clone)]
pub(crate) struct Repeat {
    /// The name of the loop.
    pub name: String,
    /// What the item is called, and its number.
    pub binds: (Option<String>, Option<String>),
    /// A list to go through, or a number of times.
    pub over: Over,
}

/// What is gone through.
#[derive(Debug, Clone)]
pub(crate) enum Over {
    /// So many times.
    Times(Expr),
    /// Once an item.
    Each(Expr),
}

/// Names and what they are set to.
pub(crate) type Assignments = Vec<(String, Expr)>;

/// An expression and where it is written.
#[derive(Debug, Clone)]
pub(crate) struct Expr {
    /// What it is.
    pub form: Form,
    /// Where.
    pub span: Span,
}

/// What an expression is.
#[derive(Debug, Clone)]
pub(crate) enum Form {
    /// Itself.
    Literal(Value),
    /// A list.
    Array(Vec<Entry>),
    /// An object.
    Object(Vec<Entry>),
    /// Text with values in it.
    Join(Vec<Expr>),
    /// What a name stands for here.
    Name(String),
    /// A function, by its name as written.
    Call(String, Vec<Expr>),
    /// A function of a value.
    Method(Box<Expr>, String, Vec<Expr>),
    /// A part by name; `true` when it may be missing.
    Member(Box<Expr>, String, bool),
    /// A part by a value; `true` when it may be missing.
    Index(Box<Expr>, Box<Expr>, bool),
    /// A function without a name.
    Lambda(Vec<String>, Box<Expr>),
    /// A list with an item a turn; the second is a condition.
    Loop(Box<Repeat>, Option<Box<Expr>>, Box<Expr>),
    /// What could not be read; why, in words.
    Broken(String),
}

/// An item of a list or an entry of an object.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// Of an object: its name.
    pub key: Option<Expr>,
    /// Whether it stands for all items of its value.
    pub spread: bool,
    /// The value.
    pub value: Expr,
}

impl Expr {
    /// A literal.
    pub fn literal(value: impl Into<Value>, span: Span) -> Self {
        Self { form: Form::Literal(value.into()), span }
    }

    /// A call.
    pub fn call(name: &str, args: Vec<Expr>, span: Span) -> Self {
        Self { form: Form::Call(name.to_owned(), args), span }
    }

    /// The text, of a literal.
    pub fn text(&self) -> Option<&str> {
        match &self.form {
            Form::Literal(Value::Str(text)) => Some(text),
            _ => None,
        }
    }

    /// The entries with plain names, of an object that has no others.
    pub fn entries(&self) -> Option<Vec<(&str, &Expr)>> {
        let Form::Object(entries) = &self.form else { return None };
        let plain = |e: &'_ Entry| !e.spread;
        if !entries.iter().all(plain) {
            return None;
        }
        entries.iter().map(|e| Some((e.key.as_ref()?.text()?, &e.value))).collect()
    }

    /// Every name that it uses.
    pub fn names(&self, into: &mut std::collections::BTreeSet<String>) {
        match &self.form {
            Form::Name(name) => _ = into.insert(name.clone()),
            Form::Array(items) | Form::Object(items) => {
                for item in items {
                    item.key.iter().for_each(|k| k.names(into));
                    item.value.names(into);
                }
            }
            Form::Join(parts) | Form::Call(_, parts) => parts.iter().for_each(|p| p.names(into)),
            Form::Method(base, _, args) => {
                base.names(into);
                args.iter().for_each(|a| a.names(into));
            }
            Form::Member(base, ..) => base.names(into),
            Form::Index(base, index, _) => {
                base.names(into);
                index.names(into);
            }
            Form::Lambda(_, body) => body.names(into),
            Form::Loop(repeat, filter, body) => {
                let (Over::Each(list) | Over::Times(list)) = &repeat.over;
                list.names(into);
                filter.iter().for_each(|f| f.names(into));
                body.names(into);
            }
            Form::Literal(_) | Form::Broken(_) => {}
        }
    }
}
