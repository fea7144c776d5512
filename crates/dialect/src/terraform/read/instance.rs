//! One call of a module, and everything in it that has a name.
//!
//! Values are evaluated when they are first asked for and kept. A module that is called twice is parsed once and has two
//! instances. References to resources become addresses here: what repeats is a list or map of them, as Terraform has it.
//! Must not know what resources are made of.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::{Rc, Weak};

use hcl_edit::Decorated;
use hcl_edit::expr::{Expression, TraversalOperator};
use indexmap::IndexMap;
use ir::{Address, Diagnostic, Input, InputDecl, Kind, Mode, Ref, Span, Value};

use super::eval::{Context, Halt, Outcome, Scope, or_unknown};
use super::folder;
use super::module::{Declared, Module, ResourceName};
use super::{text, types};
use crate::reading::{MOST_INSTANCES, MOST_MODULES, plain_secret};

/// What of a module's variables the user gives.
pub(crate) enum Given<'a> {
    /// By name, for a root.
    Root(IndexMap<String, Expression>),
    /// By name, already evaluated.
    Values(IndexMap<String, Value>),
    /// The call, evaluated where it stands.
    Call { parent: Weak<Instance<'a>>, call: &'a Declared, names: Vec<(String, Value)> },
}

/// One call of a module.
pub(crate) struct Instance<'a> {
    pub modules: &'a BTreeMap<String, Module>,
    pub module: &'a Module,
    /// The name of the component that its resources belong to.
    pub component: String,
    /// The folder that Terraform runs in.
    pub root: &'a str,
    /// How many calls lead here.
    pub depth: usize,
    pub given: Given<'a>,
    /// The parameters that attributes show, as the graph declares them.
    pub inputs: RefCell<IndexMap<String, InputDecl>>,
    memos: RefCell<HashMap<Name, Option<Memo>>>,
    resources: RefCell<HashMap<&'a ResourceName, Option<Rc<Repeated>>>>,
    calls: RefCell<HashMap<&'a str, Option<Rc<Called<'a>>>>>,
}

/// A value that is kept, or why there is none.
type Memo = Result<Rc<Value>, Halt>;

/// The name of a value in a module.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Name {
    Variable(String),
    Local(String),
    Output(String),
    Attribute(Address, String),
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Name::Variable(name) => write!(f, "var.{name}"),
            Name::Local(name) => write!(f, "local.{name}"),
            Name::Output(name) => write!(f, "output.{name}"),
            Name::Attribute(of, name) => write!(f, "{}.{}.{name}", of.kind, of.name),
        }
    }
}

/// How often a block stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Repeat {
    /// Once, without a key.
    Once,
    /// As a list.
    Count(usize),
    /// As a map, with what each instance is given.
    Keys(Vec<(String, Value)>),
    /// Nobody knows; it is read as if it stood once.
    Unknown(String),
}

/// A resource and what references to it see.
pub(crate) struct Repeated {
    pub repeat: Repeat,
    value: Rc<Value>,
}

/// A module call with its instances.
pub(crate) struct Called<'a> {
    pub repeat: Repeat,
    /// In the order of the keys; empty for a module that is not in the folder.
    pub instances: Vec<Rc<Instance<'a>>>,
    /// Why its outputs are not known, for a module that is not in the folder.
    absent: Option<String>,
    values: OnceCell<Rc<Value>>,
}

impl Repeat {
    /// The keys of the instances: a lone instance of a list has none.
    pub fn keys(&self) -> Vec<Option<String>> {
        match self {
            Repeat::Once | Repeat::Count(1) | Repeat::Unknown(_) => vec![None],
            Repeat::Count(n) => (0..*n).map(|i| Some(i.to_string())).collect(),
            Repeat::Keys(keys) => keys.iter().map(|(key, _)| Some(key.clone())).collect(),
        }
    }

    /// The names that the block's expressions may use in an instance.
    pub fn names(&self, index: usize) -> Vec<(String, Value)> {
        let named = |name: &str, entries: Vec<(&str, Value)>| vec![(name.to_owned(), Value::map(entries))];
        match self {
            Repeat::Once => Vec::new(),
            Repeat::Count(_) => named("count", vec![("index", count(index))]),
            Repeat::Keys(keys) => {
                let (key, value) = &keys[index];
                named("each", vec![("key", Value::from(key)), ("value", value.clone())])
            }
            Repeat::Unknown(reason) => {
                let unknown = || Value::Unknown(reason.clone());
                let mut names = named("count", vec![("index", unknown())]);
                names.extend(named("each", vec![("key", unknown()), ("value", unknown())]));
                names
            }
        }
    }
}

fn count(n: usize) -> Value {
    Value::Int(i64::try_from(n).unwrap_or(i64::MAX))
}

/// What a root expression leads to, and how many operators behind its name that took.
type Found = (Rc<Value>, usize);

impl<'a> Instance<'a> {
    /// An instance in which nothing is evaluated yet, known by its component's name.
    pub fn new(
        context: &Context<'a>,
        modules: &'a BTreeMap<String, Module>,
        module: &'a Module,
        component: String,
        root: &'a str,
        depth: usize,
        given: Given<'a>,
    ) -> Rc<Self> {
        let instance = Rc::new(Self {
            modules,
            module,
            component,
            root,
            depth,
            given,
            inputs: RefCell::default(),
            memos: RefCell::default(),
            resources: RefCell::default(),
            calls: RefCell::default(),
        });
        let name = instance.component.clone();
        context.instances.borrow_mut().insert(name, Rc::downgrade(&instance));
        instance
    }

    /// The scope of the module's own expressions.
    pub fn scope<'s>(
        self: &'s Rc<Self>,
        context: &'s Context<'a>,
        names: &'s [(String, Value)],
    ) -> Scope<'s, 'a> {
        Scope { context, instance: self, outer: None, names }
    }

    /// What a name in an expression leads to.
    pub fn resolve(
        self: &Rc<Self>,
        scope: &Scope<'_, 'a>,
        root: &str,
        first: Option<&str>,
        second: Option<&str>,
        operators: &[Decorated<TraversalOperator>],
    ) -> Result<Found, Halt> {
        let context = scope.context;
        let wrong = || Halt::Wrong(format!("`{root}` is not defined here"));
        match (root, first) {
            ("var", Some(name)) => Ok((self.variable(context, name)?, 1)),
            ("local", Some(name)) => Ok((self.local(context, name)?, 1)),
            ("module", Some(name)) => self.output_of(scope, name, operators),
            ("path", Some("module")) => {
                Ok((Rc::new(Value::from(folder::way(self.root, &self.module.folder))), 1))
            }
            ("path", Some("root")) => Ok((Rc::new(Value::from(".")), 1)),
            ("path", Some(_)) => Err(Halt::Later("it depends on where Terraform runs".to_owned())),
            ("terraform", Some("workspace")) => Ok((Rc::new(Value::from("default")), 1)),
            ("self", _) => Err(Halt::Later("it depends on the resource itself".to_owned())),
            ("ephemeral", _) => Err(Halt::Later("an ephemeral value is never written down".to_owned())),
            ("data", Some(kind)) => match second {
                Some(name) => self.resource(context, Mode::Data, kind, name, &operators[2..], 2),
                None => Err(wrong()),
            },
            ("resource", Some(kind)) => match second {
                Some(name) => self.resource(context, Mode::Managed, kind, name, &operators[2..], 2),
                None => Err(wrong()),
            },
            (kind, Some(name)) => self.resource(context, Mode::Managed, kind, name, &operators[1..], 1),
            (_, None) => Err(wrong()),
        }
    }

    /// A named value: kept, and not asked for while it is evaluated.
    fn memo(&self, context: &Context<'a>, name: Name, make: impl FnOnce() -> Outcome) -> Memo {
        match self.memos.borrow().get(&name) {
            Some(Some(known)) => return known.clone(),
            Some(None) => return Err(self.cycle(context, &name.to_string())),
            None => {}
        }
        self.memos.borrow_mut().insert(name.clone(), None);
        let outcome = context.keep(make).map(Rc::new);
        self.memos.borrow_mut().insert(name, Some(outcome.clone()));
        outcome
    }

    fn cycle(&self, context: &Context<'a>, name: &str) -> Halt {
        let place =
            if self.component.is_empty() { String::new() } else { format!("module.{}.", self.component) };
        let summary = format!("`{place}{name}` depends on itself");
        let mut diagnostics = context.diagnostics.borrow_mut();
        if !diagnostics.iter().any(|d| d.summary == summary) {
            diagnostics.push(
                Diagnostic::error("terraform-cycle", summary.clone())
                    .because("Terraform refuses a configuration whose values lead back to themselves; here they are read as unknown.")
                    .help("write one of the values without the other"),
            );
        }
        Halt::Later(summary)
    }

    fn variable(self: &Rc<Self>, context: &Context<'a>, name: &str) -> Memo {
        self.memo(context, Name::Variable(name.to_owned()), || {
            let Some(variable) = self.module.variables.get(name) else {
                return Err(Halt::Wrong(format!("`var.{name}` is not declared")));
            };
            let literal = |e: &Expression| or_unknown(self.scope(context, &[]).eval(e));
            let given = match &self.given {
                Given::Root(given) => given.get(name).map(literal),
                Given::Values(given) => given.get(name).cloned(),
                Given::Call { parent, call, names } => match (call.get(name), parent.upgrade()) {
                    (Some(expression), Some(parent)) => Some(parent.scope(context, names).eval(expression)?),
                    _ => None,
                },
            };
            let given = given.filter(|v| *v != Value::Null || variable.nullable);
            let value = match (given, &variable.default) {
                (Some(value), _) => value,
                (None, Some(default)) => literal(default),
                (None, None) if variable.sensitive => {
                    return Ok(Value::Secret(ir::SecretRef { name: name.to_owned() }));
                }
                (None, None) => return Err(Halt::Later(format!("`var.{name}` is given no value"))),
            };
            if variable.sensitive && holds_text(&value) {
                return Ok(plain_secret());
            }
            Ok(match &variable.shape {
                Some(shape) => types::conform(value, shape, &literal),
                None => value,
            })
        })
    }

    /// A parameter's value as an attribute shows it: with its name, where the graph can declare it.
    pub fn input(&self, context: &Context<'a>, name: &str, value: Value) -> Value {
        let Some(variable) = self.module.variables.get(name) else { return value };
        // What leads to another resource is no setting, and says more by itself.
        let mut leads = false;
        value.each_ref(&mut |_| leads = true);
        let nothing = matches!(value, Value::Null) || crate::reading::is_plain_secret(&value);
        if leads || nothing || context.exhausted() {
            return value;
        }
        let ty = match &value {
            Value::Secret(_) => Some(ir::InputType::String),
            value => types::input_type(variable.shape.as_ref(), value),
        };
        let Some(ty) = ty else { return value };
        self.inputs.borrow_mut().entry(name.to_owned()).or_insert_with(|| InputDecl {
            ty,
            description: variable.description.clone(),
            validation: None,
            from_pipeline: false,
        });
        Value::Input(Box::new(Input { name: name.to_owned(), value }))
    }

    fn local(self: &Rc<Self>, context: &Context<'a>, name: &str) -> Memo {
        self.memo(context, Name::Local(name.to_owned()), || match self.module.locals.get(name) {
            Some(expression) => self.scope(context, &[]).eval(expression),
            None => Err(Halt::Wrong(format!("`local.{name}` is not declared"))),
        })
    }

    /// What the module offers under a name.
    pub fn output(self: &Rc<Self>, context: &Context<'a>, name: &str) -> Result<Rc<Value>, Halt> {
        self.memo(context, Name::Output(name.to_owned()), || match self.module.outputs.get(name) {
            Some(output) => self.scope(context, &[]).eval(&output.value),
            None => Err(Halt::Wrong(format!("the module offers no `{name}`"))),
        })
    }

    fn outputs(self: &Rc<Self>, context: &Context<'a>) -> Value {
        let value = |name: &String| match self.output(context, name) {
            Ok(value) => (*value).clone(),
            Err(halt) => or_unknown(Err(halt)),
        };
        Value::Map(self.module.outputs.keys().map(|name| (name.clone(), value(name))).collect())
    }

    /// The value of a resource, of which the next operator may already say which instance is meant.
    fn resource(
        self: &Rc<Self>,
        context: &Context<'a>,
        mode: Mode,
        kind: &str,
        name: &str,
        rest: &[Decorated<TraversalOperator>],
        used: usize,
    ) -> Result<Found, Halt> {
        let name = ResourceName { mode, kind: kind.to_owned(), name: name.to_owned() };
        let Some((name, declared)) = self.module.resources.get_key_value(&name) else {
            let dot = if mode == Mode::Data { "data." } else { "" };
            return Err(Halt::Later(format!(
                "`{dot}{}.{}` is not declared in this module",
                name.kind, name.name
            )));
        };
        let repeated = self.repeated(context, name, declared)?;
        // An instance of what stands nobody knows how often is read as the one that is there.
        let skipped = match (&repeated.repeat, rest.first().map(|o| o.value())) {
            (Repeat::Unknown(_), Some(TraversalOperator::Index(_) | TraversalOperator::LegacyIndex(_))) => 1,
            _ => 0,
        };
        Ok((Rc::clone(&repeated.value), used + skipped))
    }

    /// How often a resource stands, and what references to it see.
    pub fn repeated(
        self: &Rc<Self>,
        context: &Context<'a>,
        name: &'a ResourceName,
        declared: &'a Declared,
    ) -> Result<Rc<Repeated>, Halt> {
        match self.resources.borrow().get(name) {
            Some(Some(known)) => return Ok(Rc::clone(known)),
            Some(None) => return Err(self.cycle(context, &format!("{}.{}", name.kind, name.name))),
            None => {}
        }
        self.resources.borrow_mut().insert(name, None);
        let repeat = self.repeat(context, declared, &[]);
        let reference =
            |key: Option<String>| Value::Ref(Ref { to: self.address(name, key), path: Vec::new() });
        let value = match &repeat {
            Repeat::Once | Repeat::Unknown(_) => reference(None),
            Repeat::Count(_) => Value::List(repeat.keys().into_iter().map(reference).collect()),
            Repeat::Keys(keys) => {
                Value::Map(keys.iter().map(|(key, _)| (key.clone(), reference(Some(key.clone())))).collect())
            }
        };
        let repeated = Rc::new(Repeated { repeat, value: Rc::new(value) });
        self.resources.borrow_mut().insert(name, Some(Rc::clone(&repeated)));
        Ok(repeated)
    }

    /// The address of an instance of a resource.
    pub fn address(&self, name: &ResourceName, key: Option<String>) -> Address {
        Address {
            component: self.component.clone(),
            mode: name.mode,
            kind: Kind::named(&name.kind),
            name: name.name.clone(),
            key,
        }
    }

    /// How often a block stands that may have `count` or `for_each`.
    fn repeat(
        self: &Rc<Self>,
        context: &Context<'a>,
        declared: &Declared,
        names: &[(String, Value)],
    ) -> Repeat {
        let evaluated = |name: &str| {
            let expression = declared.get(name)?;
            let scope = self.scope(context, names);
            Some(or_unknown(context.keep(|| {
                Ok(match scope.eval(expression)? {
                    // What each instance is given may stay a reference; only the keys must be known.
                    map @ Value::Map(_) => map,
                    other => scope.settled(other),
                })
            })))
        };
        if let Some(count) = evaluated("count") {
            return match super::eval::whole(&count).map(usize::try_from) {
                Some(Ok(n)) if n > MOST_INSTANCES => too_many(context, declared.span, n),
                Some(Ok(n)) => Repeat::Count(n),
                _ => Repeat::Unknown(reason(&count, "`count` is no whole number")),
            };
        }
        let Some(each) = evaluated("for_each") else { return Repeat::Once };
        let keys: Option<Vec<(String, Value)>> = match &each {
            Value::Map(entries) => {
                Some(text::sorted(entries).into_iter().map(|(k, v)| (k.clone(), v.clone())).collect())
            }
            Value::List(items) => {
                let texts = items.iter().map(|v| text::of(v).map(|t| (t, v.clone())));
                texts.collect::<Option<BTreeMap<_, _>>>().map(|map| map.into_iter().collect())
            }
            _ => None,
        };
        match keys {
            Some(keys) if keys.len() > MOST_INSTANCES => too_many(context, declared.span, keys.len()),
            Some(keys) => Repeat::Keys(keys),
            None => Repeat::Unknown(reason(&each, "`for_each` is no map and no set of strings")),
        }
    }

    /// A call of another module with its instances.
    pub fn called(self: &Rc<Self>, context: &Context<'a>, name: &str) -> Result<Rc<Called<'a>>, Halt> {
        let Some((name, call)) = self.module.calls.get_key_value(name) else {
            return Err(Halt::Later(format!("`module.{name}` is not declared in this module")));
        };
        match self.calls.borrow().get(name.as_str()) {
            Some(Some(known)) => return Ok(Rc::clone(known)),
            Some(None) => return Err(self.cycle(context, &format!("module.{name}"))),
            None => {}
        }
        self.calls.borrow_mut().insert(name, None);
        let called = Rc::new(self.call(context, name, call));
        self.calls.borrow_mut().insert(name, Some(Rc::clone(&called)));
        Ok(called)
    }

    fn call(self: &Rc<Self>, context: &Context<'a>, name: &str, call: &'a Declared) -> Called<'a> {
        let source = call.text("source").unwrap_or_default();
        let absent = |reason: String| Called {
            repeat: Repeat::Once,
            instances: Vec::new(),
            absent: Some(reason),
            values: OnceCell::new(),
        };
        let target = local_source(source).and_then(|s| folder::follow(&self.module.folder, s));
        let Some(module) = target.and_then(|folder| self.modules.get(&folder)) else {
            return absent(format!("the module `{source}` is not in this folder"));
        };
        if self.depth >= MOST_MODULES {
            let summary = format!("modules call each other more than {MOST_MODULES} deep");
            let mut diagnostics = context.diagnostics.borrow_mut();
            if !diagnostics.iter().any(|d| d.id == "module-depth") {
                diagnostics.push(
                    Diagnostic::error("module-depth", summary.clone())
                        .at(call.span, "not followed")
                        .because("A module that calls itself, also by way of others, never ends.")
                        .help("break the cycle, or pass what the inner module makes as a variable"),
                );
            }
            return absent(summary);
        }
        let repeat = self.repeat(context, call, &[]);
        let prefix = if self.component.is_empty() { String::new() } else { format!("{}.", self.component) };
        let instances = repeat.keys().into_iter().enumerate().map(|(i, key)| {
            let key = match (&repeat, key) {
                (_, None) => String::new(),
                (Repeat::Count(_), Some(index)) => format!("[{index}]"),
                (_, Some(key)) => format!("[\"{key}\"]"),
            };
            let given = Given::Call { parent: Rc::downgrade(self), call, names: repeat.names(i) };
            let component = format!("{prefix}{name}{key}");
            Instance::new(context, self.modules, module, component, self.root, self.depth + 1, given)
        });
        Called {
            instances: instances.collect(),
            repeat: repeat.clone(),
            absent: None,
            values: OnceCell::new(),
        }
    }

    /// What `module.name` and the operators behind it lead to; only the outputs that are asked for are evaluated.
    fn output_of(
        self: &Rc<Self>,
        scope: &Scope<'_, 'a>,
        name: &str,
        operators: &[Decorated<TraversalOperator>],
    ) -> Result<Found, Halt> {
        let context = scope.context;
        let called = self.called(context, name)?;
        if let Some(reason) = &called.absent {
            return Err(Halt::Later(reason.clone()));
        }
        let operator = |i: usize| operators.get(i).map(|o| o.value());
        let attr = |i: usize| match operator(i) {
            Some(TraversalOperator::GetAttr(name)) => Some(name.as_str()),
            _ => None,
        };
        let index = match operator(1) {
            Some(TraversalOperator::Index(e)) => Some(scope.settled(scope.eval(e)?)),
            Some(TraversalOperator::LegacyIndex(i)) => {
                Some(Value::Int(i64::try_from(**i).unwrap_or(i64::MAX)))
            }
            _ => None,
        };
        match (&called.repeat, index, attr(1), attr(2)) {
            (Repeat::Once | Repeat::Unknown(_), None, Some(output), _) => {
                Ok((called.instances[0].output(context, output)?, 2))
            }
            (Repeat::Unknown(_), Some(_), _, Some(output)) => {
                Ok((called.instances[0].output(context, output)?, 3))
            }
            (Repeat::Count(_) | Repeat::Keys(_), Some(index), _, Some(output)) => {
                let position = match &called.repeat {
                    Repeat::Keys(keys) => {
                        keys.iter().position(|(key, _)| Some(key) == text::of(&index).as_ref())
                    }
                    _ => super::eval::whole(&index).and_then(|i| usize::try_from(i).ok()),
                };
                match position.and_then(|i| called.instances.get(i)) {
                    Some(instance) => Ok((instance.output(context, output)?, 3)),
                    None => Err(super::eval::unknown(&index).map_or_else(
                        || Halt::Wrong(format!("`module.{name}` has no such instance")),
                        Halt::Later,
                    )),
                }
            }
            (Repeat::Count(_), None, None, Some(output))
                if matches!(
                    operator(1),
                    Some(TraversalOperator::FullSplat(_) | TraversalOperator::AttrSplat(_))
                ) =>
            {
                let mut all = Vec::with_capacity(called.instances.len());
                for instance in &called.instances {
                    let value = instance.output(context, output)?;
                    // What follows the output is followed in each instance.
                    all.push((*value).clone());
                }
                let rest = operators.len() - 3;
                let value = if rest == 0 {
                    Value::List(all)
                } else {
                    let each =
                        all.into_iter().map(|v| scope.walk(std::borrow::Cow::Owned(v), &operators[3..]));
                    Value::List(each.collect::<Result<_, _>>()?)
                };
                Ok((Rc::new(value), operators.len()))
            }
            _ => {
                let all = || match &called.repeat {
                    Repeat::Once | Repeat::Unknown(_) => called.instances[0].outputs(context),
                    Repeat::Count(_) => {
                        Value::List(called.instances.iter().map(|i| i.outputs(context)).collect())
                    }
                    Repeat::Keys(keys) => {
                        let entries = keys.iter().zip(&called.instances);
                        Value::Map(entries.map(|((key, _), i)| (key.clone(), i.outputs(context))).collect())
                    }
                };
                // Outputs may ask for this value again, so it is made before it is kept.
                let value = called.values.get().map_or_else(|| Rc::new(all()), Rc::clone);
                let _ = called.values.set(Rc::clone(&value));
                Ok((value, 1))
            }
        }
    }

    /// What the configuration sets an attribute of one of this module's resources to; never a secret.
    pub fn configured(self: &Rc<Self>, context: &Context<'a>, of: &Address, attribute: &str) -> Memo {
        let absent = || Halt::Later(format!("`{of}.{attribute}` is known only after apply"));
        let name = ResourceName { mode: of.mode, kind: of.kind.as_str().to_owned(), name: of.name.clone() };
        let found = self.module.resources.get_key_value(&name).filter(|_| of.mode == Mode::Managed);
        let (name, declared) = found.ok_or_else(absent)?;
        let expression = declared.get(attribute).ok_or_else(absent)?;
        let schema = catalog::kinds::of(of).map(|kind| &kind.schema.attributes);
        if super::nodes::is_secret(schema, attribute) {
            return Err(absent());
        }
        let repeated = self.repeated(context, name, declared)?;
        let index = repeated.repeat.keys().iter().position(|key| *key == of.key).ok_or_else(absent)?;
        self.memo(context, Name::Attribute(of.clone(), attribute.to_owned()), || {
            let names = repeated.repeat.names(index);
            let scope = self.scope(context, &names);
            Ok(text::plain(scope.settled(scope.eval(expression)?)))
        })
    }

    /// The addresses that a `depends_on` names; modules give the beginning of their components' names.
    pub fn named(self: &Rc<Self>, context: &Context<'a>, expression: &Expression) -> Vec<Dependency> {
        let Expression::Traversal(traversal) = expression else { return Vec::new() };
        let Expression::Variable(root) = &traversal.expr else { return Vec::new() };
        let names: Vec<&str> = traversal
            .operators
            .iter()
            .map_while(|o| match o.value() {
                TraversalOperator::GetAttr(name) => Some(name.as_str()),
                _ => None,
            })
            .collect();
        let (mode, kind, name) = match (root.as_str(), names.as_slice()) {
            ("module", [name, ..]) => {
                let called = self.called(context, name);
                let instances = called.iter().flat_map(|c| &c.instances);
                return instances.map(|i| Dependency::Component(i.component.clone())).collect();
            }
            ("data", [kind, name, ..]) => (Mode::Data, *kind, *name),
            (kind, [name, ..]) => (Mode::Managed, kind, *name),
            _ => return Vec::new(),
        };
        let name = ResourceName { mode, kind: kind.to_owned(), name: name.to_owned() };
        let Some((name, declared)) = self.module.resources.get_key_value(&name) else { return Vec::new() };
        let Ok(repeated) = self.repeated(context, name, declared) else { return Vec::new() };
        repeated.repeat.keys().into_iter().map(|key| Dependency::Node(self.address(name, key))).collect()
    }
}

/// What a `depends_on` names.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Dependency {
    Node(Address),
    /// Everything in a component and those within it.
    Component(String),
}

/// A module source that names a folder beside the module.
pub(crate) fn local_source(source: &str) -> Option<&str> {
    (source.starts_with("./") || source.starts_with("../") || source == "." || source == "..")
        .then_some(source)
}

/// Whether somebody wrote a text that is not empty.
pub(crate) fn holds_text(value: &Value) -> bool {
    let mut holds = false;
    value.walk(&mut |v| holds |= matches!(v, Value::Str(text) if !text.is_empty()));
    holds
}

fn reason(value: &Value, otherwise: &str) -> String {
    super::eval::unknown(value).unwrap_or_else(|| otherwise.to_owned())
}

fn too_many(context: &Context<'_>, span: Span, n: usize) -> Repeat {
    let summary = format!("a block stands {n} times");
    context.diagnostics.borrow_mut().push(
        Diagnostic::error("too-many-instances", summary)
            .at(span, "read as if it stood once")
            .because(format!("A reader takes at most {MOST_INSTANCES} instances of one resource or module."))
            .help("lower `count` or the number of keys of `for_each`"),
    );
    Repeat::Unknown(format!("it stands more than {MOST_INSTANCES} times"))
}
