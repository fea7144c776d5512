//! Works out what the expressions of templates are.
//!
//! A deployment is a template with what its parameters are set to; names in it are looked up when they are needed and
//! remembered. What only Azure knows is an unknown value that says so; equal questions give equal unknowns, so that names
//! built from them still match. Depth and size are bounded, whatever a template asks for. Must not know JSON or Bicep.

mod arrays;
mod date;
mod functions;
mod lambda;
mod locals;
mod network;
mod numbers;
mod objects;
mod resources;
mod text;
pub(super) mod values;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use indexmap::IndexMap;
use ir::{Address, Diagnostic, Diagnostics, Input, Node, Ref, SecretRef, Span, Step, Value};

use super::template::{Entry, Expr, Form, Over, Parameter, Repeat, Template};
use crate::reading::{self, MOST_DEPTH, MOST_INSTANCES};
pub(crate) use locals::Locals;
use values::{join, text_key, unknown, unwrapped, weight};

/// Most values that the templates of one stack make together; what asks for more is not worked out.
const MOST_VALUES: usize = 4_000_000;
/// Most values that one expression makes: repeated doubling reaches it in some fifteen steps.
const MOST_IN_ONE: usize = 50_000;

/// Other files that a template names.
pub(crate) trait Files {
    /// A template, by its path from the file that names it.
    fn template(&self, from: &str, path: &str, span: Span) -> Option<Rc<Template>>;
    /// The text of a file.
    fn text(&self, from: &str, path: &str) -> Result<String, String>;
}

/// Works out every template of one reading.
pub(crate) struct Engine<'f> {
    /// Other files.
    pub files: &'f dyn Files,
    /// What was said.
    pub diagnostics: RefCell<Diagnostics>,
    /// Deployments within deployments, by the address their resource would have.
    pub modules: RefCell<IndexMap<Address, Rc<Deployment>>>,
    /// Resources by type in lower case and name.
    pub index: RefCell<HashMap<(String, String), Address>>,
    /// Those of them that are not made, because their condition does not hold.
    pub unmade: RefCell<BTreeSet<Address>>,
    /// The same from the other side.
    pub named: RefCell<HashMap<Address, (String, String)>>,
    /// Resources that are only looked up, because something names them.
    pub lookups: RefCell<IndexMap<Address, Node>>,
    /// Whether every resource is in the index: before that, what is not found may still come.
    pub complete: Cell<bool>,
    /// How many instances there are.
    pub instances: Cell<usize>,
    depth: Cell<usize>,
    made: Cell<usize>,
    said: RefCell<BTreeSet<(&'static str, String)>>,
}

/// A template with what it is given.
pub(crate) struct Deployment {
    /// The template.
    pub template: Rc<Template>,
    /// The component that its resources belong to.
    pub component: String,
    /// Whose expressions these are, where they are not its own.
    pub outer: Option<(Rc<Deployment>, Locals)>,
    /// The files that lead to it, itself last.
    pub way: Vec<String>,
    /// The resource group that it is deployed to, when it is known.
    pub group: Option<Value>,
    /// What its parameters are set to, by name in lower case.
    pub given: HashMap<String, Given>,
    /// What resources are made, by their place in the template.
    pub(super) found: RefCell<HashMap<usize, Option<Rc<Vec<super::deploy::Instance>>>>>,
    known: RefCell<HashMap<(bool, String), Option<Value>>>,
}

/// What a parameter is set to.
pub(crate) enum Given {
    /// A value.
    Value(Value),
    /// What an expression means where the deployment is asked for.
    Expr(Expr, Rc<Deployment>, Locals),
}

impl Deployment {
    /// A deployment of a template.
    pub fn new(template: Rc<Template>, component: String) -> Self {
        Self {
            way: vec![template.path.clone()],
            template,
            component,
            outer: None,
            group: None,
            given: HashMap::new(),
            found: RefCell::new(HashMap::new()),
            known: RefCell::new(HashMap::new()),
        }
    }

    /// Forgets values that were worked out before every resource was known.
    pub fn forget(&self) {
        self.known.borrow_mut().clear();
    }
}

/// Where an expression stands.
#[derive(Clone, Copy)]
pub(crate) struct Site<'s> {
    /// The deployment whose names it uses.
    pub at: &'s Rc<Deployment>,
    /// Names of loops and functions around it.
    pub locals: &'s Locals,
}

impl<'f> Engine<'f> {
    /// An engine that knows nothing yet.
    pub fn new(files: &'f dyn Files) -> Self {
        Self {
            files,
            diagnostics: RefCell::default(),
            modules: RefCell::default(),
            index: RefCell::default(),
            unmade: RefCell::default(),
            named: RefCell::default(),
            lookups: RefCell::default(),
            complete: Cell::new(false),
            instances: Cell::new(0),
            depth: Cell::new(0),
            made: Cell::new(0),
            said: RefCell::default(),
        }
    }

    /// What an expression is.
    pub fn eval(&self, expr: &Expr, site: Site<'_>) -> Value {
        if self.depth.get() >= MOST_DEPTH {
            self.once("too-deep", "", || {
                Diagnostic::warning(
                    "too-deep",
                    format!("an expression needs more than {MOST_DEPTH} others in turn"),
                )
                .at(expr.span, "here")
                .because("What lies deeper was not worked out and is kept as unknown.")
                .help("say the value in fewer steps")
            });
            return unknown("its expression is nested too deep");
        }
        if self.made.get() > MOST_VALUES {
            self.once("too-large", "", || {
                Diagnostic::warning("too-large", format!("the template makes more than {MOST_VALUES} values"))
                    .at(expr.span, "the limit is passed here")
                    .because("What comes after was not worked out and is kept as unknown.")
                    .help("look for variables and loops that repeat each other")
            });
            return unknown("the template makes too many values");
        }
        self.depth.set(self.depth.get() + 1);
        let value = self.form(expr, site);
        self.depth.set(self.depth.get() - 1);
        value
    }

    fn form(&self, expr: &Expr, site: Site<'_>) -> Value {
        let value = match &expr.form {
            Form::Literal(value) => value.clone(),
            Form::Array(items) => self.array(items, site),
            Form::Object(entries) => self.object(entries, site),
            Form::Join(parts) => join(parts.iter().map(|p| self.eval(p, site))),
            Form::Name(name) => self.name(name, expr.span, site),
            Form::Call(name, args) => functions::call(self, name, args, expr.span, site),
            Form::Method(base, name, args) => self.method(base, name, args, expr.span, site),
            Form::Member(base, name, safe) => {
                let base = self.eval(base, site);
                return self.member(base, name, *safe);
            }
            Form::Index(base, index, safe) => {
                let (base, index) = (self.eval(base, site), self.eval(index, site));
                return self.index(base, &index, *safe);
            }
            Form::Loop(repeat, filter, body) => self.each(repeat, filter.as_deref(), body, site),
            Form::Lambda(..) => unknown("a function is not a value"),
            Form::Broken(reason) => {
                let reason = reason.clone();
                self.once("invalid-expression", &format!("{:?}", expr.span), || {
                    Diagnostic::warning("invalid-expression", "an expression cannot be read")
                        .at(expr.span, reason.clone())
                        .because("Its value is kept as unknown.")
                });
                unknown("its expression cannot be read")
            }
        };
        let made = match &expr.form {
            Form::Name(_) | Form::Call(..) | Form::Method(..) | Form::Join(_) => weight(&value),
            Form::Array(items) | Form::Object(items) => items.len() + 1,
            _ => 1,
        };
        self.spend(made);
        if made > MOST_IN_ONE { self.too_large(expr.span) } else { value }
    }

    fn too_large(&self, span: Span) -> Value {
        self.once("too-large", "", || {
            Diagnostic::warning("too-large", "the template makes more values than any that Azure takes")
                .at(span, "the limit is passed here")
                .because("What this makes was not worked out and is kept as unknown.")
                .help("look for variables and loops that repeat each other")
        });
        unknown("the template makes too many values")
    }

    fn spend(&self, values: usize) {
        self.made.set(self.made.get().saturating_add(values));
    }

    /// Says something once a subject.
    pub fn once(&self, id: &'static str, subject: &str, make: impl FnOnce() -> Diagnostic) {
        if self.said.borrow_mut().insert((id, subject.to_owned())) {
            self.diagnostics.borrow_mut().push(make());
        }
    }

    fn array(&self, items: &[Entry], site: Site<'_>) -> Value {
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            let value = self.eval(&item.value, site);
            if !item.spread {
                out.push(value);
                continue;
            }
            match unwrapped_top(value) {
                Value::List(more) => out.extend(more),
                Value::Null => {}
                Value::Unknown(reason) => return Value::Unknown(reason),
                _ => return unknown("what is spread into it is no list"),
            }
        }
        Value::List(out)
    }

    fn object(&self, entries: &[Entry], site: Site<'_>) -> Value {
        let mut out = IndexMap::with_capacity(entries.len());
        for entry in entries {
            let value = self.eval(&entry.value, site);
            match &entry.key {
                Some(key) => match self.eval(key, site).text() {
                    Some(key) => {
                        out.insert(key, value);
                    }
                    None => return unknown("a name in it is known only when it is deployed"),
                },
                None => match unwrapped_top(value) {
                    Value::Map(more) => out.extend(more),
                    Value::Null => {}
                    Value::Unknown(reason) => return Value::Unknown(reason),
                    _ => return unknown("what is spread into it is no object"),
                },
            }
        }
        Value::Map(out)
    }

    /// What a name stands for in Bicep.
    fn name(&self, name: &str, span: Span, site: Site<'_>) -> Value {
        if let Some(value) = site.locals.get(name) {
            return value.clone();
        }
        let template = &site.at.template;
        if template.parameters.contains_key(name) {
            return self.parameter(name, site);
        }
        if template.variables.contains_key(name) {
            return self.variable(name, site);
        }
        if let Some(value) = self.symbol(name, site) {
            return value;
        }
        if let Some((file, there)) = template.imports.get(name) {
            return self.imported(file, there, span, site);
        }
        self.once("unknown-name", name, || {
            Diagnostic::warning("unknown-name", format!("`{name}` is not declared"))
                .at(span, "no parameter, variable, resource or module is called so")
                .because("Its value is kept as unknown.")
        });
        unknown(format!("`{name}` is not declared"))
    }

    fn imported(&self, file: &str, name: &str, span: Span, site: Site<'_>) -> Value {
        let Some(template) = self.files.template(&site.at.template.path, file, span) else {
            return unknown(format!("`{file}` could not be read"));
        };
        if site.at.way.contains(&template.path) {
            return unknown(format!("`{file}` imports itself"));
        }
        let mut there = Deployment::new(template, site.at.component.clone());
        there.way = site.at.way.iter().cloned().chain([there.template.path.clone()]).collect();
        let there = Rc::new(there);
        let locals = Locals::default();
        let at = Site { at: &there, locals: &locals };
        if name == "*" {
            let names: Vec<&String> = there.template.variables.keys().collect();
            return Value::Map(names.into_iter().map(|n| (n.clone(), self.variable(n, at))).collect());
        }
        self.variable(name, at)
    }

    /// The value of a parameter.
    pub fn parameter(&self, name: &str, site: Site<'_>) -> Value {
        if let Some(value) = site.locals.get(&format!("parameters.{}", name.to_ascii_lowercase())) {
            return value.clone();
        }
        if let Some((outer, locals)) = &site.at.outer {
            return self.parameter(name, Site { at: outer, locals });
        }
        let lower = name.to_ascii_lowercase();
        let declared = &site.at.template.parameters;
        let found = declared
            .get_key_value(name)
            .or_else(|| declared.iter().find(|(k, _)| k.eq_ignore_ascii_case(name)));
        let Some((name, declared)) = found else {
            return unknown(format!("the template has no parameter `{name}`"));
        };
        self.remembered(site.at, (true, lower.clone()), name, declared.span, || {
            let given = site.at.given.get(&lower).map(|given| match given {
                Given::Value(value) => value.clone(),
                Given::Expr(expr, at, locals) => self.eval(expr, Site { at, locals }),
            });
            // Null means that nothing was said, unless the parameter may be nothing.
            let given = given.filter(|v| declared.nullable || *v.known() != Value::Null);
            let value = given.or_else(|| {
                let locals = Locals::default();
                declared.default.as_ref().map(|d| self.eval(d, Site { at: site.at, locals: &locals }))
            });
            self.as_input(name, declared, value)
        })
    }

    fn as_input(&self, name: &str, declared: &Parameter, value: Option<Value>) -> Value {
        let value = value.map(unwrapped_top);
        let value = match value {
            None if declared.secure => Value::Secret(SecretRef { name: name.to_owned() }),
            None if declared.nullable => return Value::Null,
            None => unknown(format!("nobody says what the parameter `{name}` is")),
            Some(Value::Str(text)) if declared.secure && text.is_empty() => {
                Value::Secret(SecretRef { name: name.to_owned() })
            }
            Some(value) if declared.secure && !value.has_unknown() && value != Value::Null => {
                reading::plain_secret()
            }
            Some(value) => value,
        };
        let plain = match &value {
            Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_) | Value::Secret(_) => true,
            Value::Unknown(_) => declared.ty != "object" && declared.ty != "array",
            _ => false,
        };
        if !plain {
            return value;
        }
        Value::Input(Box::new(Input { name: name.to_owned(), value }))
    }

    /// The value of a variable.
    pub fn variable(&self, name: &str, site: Site<'_>) -> Value {
        if let Some((outer, locals)) = &site.at.outer {
            return self.variable(name, Site { at: outer, locals });
        }
        let declared = &site.at.template.variables;
        let found = declared
            .get_key_value(name)
            .or_else(|| declared.iter().find(|(k, _)| k.eq_ignore_ascii_case(name)));
        let Some((name, expr)) = found else {
            return unknown(format!("the template has no variable `{name}`"));
        };
        self.remembered(site.at, (false, name.clone()), name, Some(expr.span), || {
            let locals = Locals::default();
            self.eval(expr, Site { at: site.at, locals: &locals })
        })
    }

    fn remembered(
        &self,
        at: &Deployment,
        key: (bool, String),
        name: &str,
        span: Option<Span>,
        work: impl FnOnce() -> Value,
    ) -> Value {
        let known = at.known.borrow().get(&key).cloned();
        match known {
            Some(Some(value)) => return value,
            Some(None) => {
                self.once("cycle", name, || {
                    Diagnostic::warning("cycle", format!("`{name}` needs itself"))
                        .at(span, "its value leads back here")
                        .because("No order works it out, so it is kept as unknown.")
                });
                return unknown(format!("`{name}` needs itself"));
            }
            None => {}
        }
        at.known.borrow_mut().insert(key.clone(), None);
        let value = work();
        at.known.borrow_mut().insert(key, Some(value.clone()));
        value
    }

    fn method(&self, base: &Expr, name: &str, args: &[Expr], span: Span, site: Site<'_>) -> Value {
        if let Form::Name(space) = &base.form {
            if matches!(space.as_str(), "sys" | "az") && site.locals.get(space).is_none() {
                return functions::call(self, name, args, span, site);
            }
            if let Some((file, _)) = site.at.template.imports.get(space).filter(|(_, there)| there == "*") {
                return functions::imported(self, file, name, args, span, site);
            }
        }
        resources::method(self, self.eval(base, site), name, args, site)
    }

    /// A part of a value by name.
    pub fn member(&self, base: Value, name: &str, safe: bool) -> Value {
        match unwrapped_top(base) {
            Value::Map(entries) => {
                let found = entries.get(name).or_else(|| {
                    entries.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
                });
                match found {
                    Some(value) => value.clone(),
                    None if safe => Value::Null,
                    None => unknown(format!("`{name}` is not set")),
                }
            }
            Value::Ref(to) => resources::step(self, to, Step::Attr(name.to_owned())),
            Value::Null if safe => Value::Null,
            Value::Unknown(reason) => Value::Unknown(reason),
            Value::Secret(secret) => Value::Secret(SecretRef { name: format!("{}.{name}", secret.name) }),
            _ => unknown(format!("it has no `{name}`")),
        }
    }

    /// A part of a value by a value.
    pub fn index(&self, base: Value, index: &Value, safe: bool) -> Value {
        if let Value::Str(name) = unwrapped(index) {
            return self.member(base, &name, safe);
        }
        let Value::Int(n) = unwrapped(index) else {
            return unknown("which part of it is meant is known only when it is deployed");
        };
        match (unwrapped_top(base), usize::try_from(n)) {
            (Value::List(mut items), Ok(n)) if n < items.len() => items.swap_remove(n),
            (Value::List(_), _) if safe => Value::Null,
            (Value::List(items), _) => unknown(format!("it has {} items and no item {n}", items.len())),
            (Value::Ref(to), Ok(n)) => resources::step(self, to, Step::Index(n)),
            (Value::Null, _) if safe => Value::Null,
            (Value::Unknown(reason), _) => Value::Unknown(reason),
            _ => unknown("it has no items"),
        }
    }

    /// A list with an item a turn.
    fn each(&self, repeat: &Repeat, filter: Option<&Expr>, body: &Expr, site: Site<'_>) -> Value {
        let turns = match self.turns(repeat, site) {
            Ok(turns) => turns,
            Err(reason) => return Value::Unknown(reason),
        };
        let mut out = Vec::with_capacity(turns.len());
        for (_, locals) in turns {
            let inside = Site { at: site.at, locals: &locals };
            match filter.map(|f| self.eval(f, inside).as_bool()) {
                None | Some(Some(true)) => out.push(self.eval(body, inside)),
                Some(Some(false)) => {}
                Some(None) => return unknown("which items it has is known only when it is deployed"),
            }
        }
        Value::List(out)
    }

    /// The turns of a loop, each with its key and what names mean in it.
    pub fn turns(&self, repeat: &Repeat, site: Site<'_>) -> Result<Vec<(String, Locals)>, String> {
        let items: Vec<Value> = match &repeat.over {
            Over::Times(count) => match unwrapped(&self.eval(count, site)) {
                Value::Int(n) if n > most() => {
                    self.too_many(&repeat.name, count.span);
                    return Err("its loop has too many turns".to_owned());
                }
                Value::Int(n) => (0..n.max(0)).map(Value::Int).collect(),
                _ => return Err("how often it is made is known only when it is deployed".to_owned()),
            },
            Over::Each(list) => match unwrapped_top(self.eval(list, site)) {
                Value::List(items) if items.len() > MOST_INSTANCES => {
                    self.too_many(&repeat.name, list.span);
                    return Err("its loop has too many turns".to_owned());
                }
                Value::List(items) => items,
                Value::Null => Vec::new(),
                _ => return Err("what it is made for is known only when it is deployed".to_owned()),
            },
        };
        let keys = keys(&items, matches!(repeat.over, Over::Times(_)));
        let turn = |(number, (item, key)): (usize, (Value, String))| {
            let number = Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
            let mut locals = site.locals.with("copy()", Value::Str(repeat.name.to_ascii_lowercase()));
            locals = locals.with(&format!("copy.{}", repeat.name.to_ascii_lowercase()), number.clone());
            if let Some(name) = &repeat.binds.1 {
                locals = locals.with(name, number);
            }
            if let Some(name) = &repeat.binds.0 {
                locals = locals.with(name, item);
            }
            (key, locals)
        };
        Ok(items.into_iter().zip(keys).enumerate().map(turn).collect())
    }

    fn too_many(&self, name: &str, span: Span) {
        self.once("too-many-instances", name, || {
            Diagnostic::warning("too-many-instances", format!("a loop has more than {MOST_INSTANCES} turns"))
                .at(span, "it goes over this")
                .because("What it makes was left out.")
        });
    }

    /// A reference to a node.
    pub fn reference(to: Address, path: &[&str]) -> Value {
        Value::Ref(Ref { to, path: path.iter().map(|s| Step::Attr((*s).to_owned())).collect() })
    }
}

fn most() -> i64 {
    i64::try_from(MOST_INSTANCES).unwrap_or(i64::MAX)
}

/// What instances are called: the keys of a table, texts that are no two the same, else their numbers.
fn keys(items: &[Value], numbered: bool) -> Vec<String> {
    let key = |item: &Value| match item.known() {
        Value::Map(entries) if entries.len() == 2 && entries.contains_key("value") => {
            entries.get("key").and_then(Value::text)
        }
        Value::Str(text) => Some(text.clone()),
        _ => None,
    };
    let named: Option<Vec<String>> = if numbered { None } else { items.iter().map(key).collect() };
    match named {
        Some(keys) if keys.iter().collect::<BTreeSet<_>>().len() == keys.len() => keys,
        _ => (0..items.len()).map(|n| n.to_string()).collect(),
    }
}

/// The value behind inputs.
pub(crate) fn unwrapped_top(value: Value) -> Value {
    match value {
        Value::Input(input) => unwrapped_top(input.value),
        other => other,
    }
}

/// Text that stands for a value in an index of names.
pub(crate) fn name_key(value: &Value) -> String {
    text_key(value).to_lowercase()
}

/// The parts of a name between slashes, when it can be told where they are.
pub(crate) fn split_name(name: &Value, slash: &Value) -> Option<Vec<Value>> {
    match text::split(&[name.clone(), slash.clone()]) {
        Ok(Value::List(parts)) => Some(parts),
        _ => None,
    }
}

/// Whether a name is a function's, so that nothing else should be called so.
pub(crate) fn is_function(name: &str) -> bool {
    functions::is_function(name)
}
