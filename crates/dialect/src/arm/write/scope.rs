//! Terms of the model as expressions of templates, seen from inside their module.
//!
//! Where a term leads to another module it is the parameter that carries it. Must not decide anything: what is a parameter and
//! what a table was found before.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use ir::{Address, FileId, Mode, SourceMap, Span, Step, Value};

use crate::arm::names::{self, camel};
use crate::arm::template::{Entry, Expr, Form, Over, Repeat as Turns, Resource as Written};
use crate::arm::{GROUPS, SUBSCRIPTIONS, TENANTS};
use crate::model::family::Family;
use crate::model::term::{Module, Part, Port, Repeat, Resource, Shape, Term, TermRef, TermStep, Ty};
use crate::model::wire;

/// What an item of a loop over a table is called, an item of a loop over keys, and their number.
pub(super) const ENTRY: &str = "entry";
const KEY: &str = "key";
const NUMBER: &str = "index";

/// What an expression needs to know about its surroundings.
pub(super) struct Scope<'m, 'a> {
    /// The module it stands in.
    pub module: &'m Module,
    /// The stacks.
    pub family: &'m Family<'a>,
    /// Parameters that carry other modules' attributes.
    pub inputs: &'m IndexMap<Port, String>,
    /// Symbolic names of blocks.
    pub symbols: &'m BTreeMap<Address, String>,
    /// The way from the template's folder to the bundle's root.
    pub home: &'m str,
    /// The block it stands in.
    pub resource: Option<&'m Resource>,
    /// Resources that are only named, because something is part of them or extends them: by what leads to them.
    pub existing: &'m RefCell<Existing>,
}

/// Resources that are made elsewhere.
#[derive(Default)]
pub(super) struct Existing {
    /// As they are written.
    pub written: Vec<Written>,
    /// Symbolic names that are taken.
    pub taken: BTreeSet<String>,
}

/// What a step is called that leads from an address to its host.
const HOST: &str = "host";

/// A span for what no file holds.
pub(super) fn nowhere() -> Span {
    let file: FileId = SourceMap::default().add("", "");
    Span { file, start: 0, end: 0 }
}

pub(super) fn form(form: Form) -> Expr {
    Expr { form, span: nowhere() }
}

pub(super) fn literal(value: impl Into<Value>) -> Expr {
    Expr::literal(value, nowhere())
}

pub(super) fn call(name: &str, args: Vec<Expr>) -> Expr {
    Expr::call(name, args, nowhere())
}

pub(super) fn name(name: &str) -> Expr {
    form(Form::Name(name.to_owned()))
}

pub(super) fn member(base: Expr, name: &str) -> Expr {
    form(Form::Member(Box::new(base), name.to_owned(), false))
}

pub(super) fn object(entries: impl IntoIterator<Item = (String, Expr)>) -> Expr {
    let entry = |(key, value)| Entry { key: Some(literal(key)), spread: false, value };
    form(Form::Object(entries.into_iter().map(entry).collect()))
}

pub(super) fn array(items: impl IntoIterator<Item = Expr>) -> Expr {
    form(Form::Array(items.into_iter().map(|value| Entry { key: None, spread: false, value }).collect()))
}

/// A value that leads nowhere. Numbers with a fraction have no spelling of their own.
pub(super) fn constant(value: &Value) -> Expr {
    match value.known() {
        Value::List(items) => array(items.iter().map(constant)),
        Value::Map(entries) => object(entries.iter().map(|(k, v)| (k.clone(), constant(v)))),
        Value::Json(inner) => call("string", vec![constant(inner)]),
        Value::Float(n) => call("json", vec![literal(n.to_string())]),
        text @ Value::Template(_) => literal(text.text().unwrap_or_default()),
        known @ (Value::Bool(_) | Value::Int(_) | Value::Str(_)) => literal(known.clone()),
        _ => literal(Value::Null),
    }
}

/// The resource that a looked-up node stands for, when it is what lies around a deployment.
pub(super) fn around(address: &Address, path: &[Step]) -> Option<Expr> {
    if address.mode != Mode::Data || !matches!(address.name.as_str(), "current" | "this") {
        return None;
    }
    let first = match path.first() {
        Some(Step::Attr(name)) => name.as_str(),
        _ => "",
    };
    let function = match (address.kind.as_str(), first) {
        (TENANTS, "subscriptionId") | (SUBSCRIPTIONS, _) => "subscription",
        (TENANTS, "objectId") => "deployer",
        (TENANTS, _) => "tenant",
        (GROUPS, _) => "resourceGroup",
        _ => return None,
    };
    Some(call(function, Vec::new()))
}

impl Scope<'_, '_> {
    /// A term as an expression.
    pub fn expression(&self, term: &Term) -> Expr {
        match term {
            Term::Literal(value) => constant(value),
            Term::List(items) => array(items.iter().map(|t| self.expression(t))),
            Term::Map(entries) => object(entries.iter().map(|(k, t)| (k.clone(), self.expression(t)))),
            Term::Concat(parts) => self.concat(parts),
            Term::Merge(parts) => self.merge(parts),
            Term::Overlay(below, above) => {
                call("union", vec![self.expression(below), self.expression(above)])
            }
            Term::Template(parts) => {
                let mut pieces = Vec::new();
                self.pieces(parts, &mut pieces);
                form(Form::Join(pieces))
            }
            Term::Json(inner) => call("string", vec![self.expression(inner)]),
            Term::File(path) => {
                let way = match &**path {
                    Term::Literal(value) => value.text().unwrap_or_default(),
                    _ => String::new(),
                };
                call("loadTextContent", vec![literal(format!("{}/{way}", self.home))])
            }
            Term::Var(variable) => self.variable(variable),
            Term::Local(local) => name(&super::compose::named(local)),
            Term::EachKey => self.each_key(),
            Term::EachValue(column) => match self.resource.and_then(|r| r.lookups.get(column)) {
                Some(local) => form(Form::Index(
                    Box::new(name(&super::compose::named(local))),
                    Box::new(self.each_key()),
                    false,
                )),
                None => member(member(name(ENTRY), "value"), column),
            },
            Term::Choose(flag, yes, no) => {
                call("if", vec![self.expression(flag), self.expression(yes), self.expression(no)])
            }
            Term::Ref(r) => self.reference(r),
            Term::All { block, path } => {
                match self.carried(&wire::port(term, &self.module.name, self.family)) {
                    Some(parameter) => parameter,
                    None => self.port(&Port { block: block.clone(), path: path.clone(), shape: Shape::All }),
                }
            }
        }
    }

    /// A variable. A number with a fraction arrives as text.
    fn variable(&self, variable: &str) -> Expr {
        let fraction = self.module.variables.get(variable).is_some_and(super::compose::has_fraction);
        let value = name(&super::compose::named(variable));
        if fraction { call("json", vec![value]) } else { value }
    }

    /// Template parts; a template inside a template is part of it.
    fn pieces(&self, parts: &[Term], into: &mut Vec<Expr>) {
        for part in parts {
            match part {
                Term::Template(inner) => self.pieces(inner, into),
                Term::Literal(value) => into.extend(value.text().map(literal)),
                other => into.push(self.expression(other)),
            }
        }
    }

    fn concat(&self, parts: &[Part]) -> Expr {
        let mut lists: Vec<Expr> = Vec::new();
        let mut always: Vec<Expr> = Vec::new();
        for part in parts {
            if let Part::Item(None, term) = part {
                always.push(self.expression(term));
                continue;
            }
            if !always.is_empty() {
                lists.push(array(std::mem::take(&mut always)));
            }
            lists.push(match part {
                Part::Item(None, term) | Part::All(term) => self.expression(term),
                Part::Item(Some(flag), term) => {
                    call("if", vec![self.expression(flag), array([self.expression(term)]), array([])])
                }
            });
        }
        if !always.is_empty() {
            lists.push(array(always));
        }
        if lists.len() == 1 { lists.remove(0) } else { call("concat", lists) }
    }

    fn merge(&self, parts: &[(Option<Term>, String, Term)]) -> Expr {
        let always = parts.iter().filter(|(flag, ..)| flag.is_none());
        let always = object(always.map(|(_, k, t)| (k.clone(), self.expression(t))));
        let sometimes = parts.iter().filter_map(|(flag, key, term)| {
            let some = object([(key.clone(), self.expression(term))]);
            Some(call("if", vec![self.expression(flag.as_ref()?), some, object([])]))
        });
        call("union", std::iter::once(always).chain(sometimes).collect())
    }

    fn carried(&self, port: &Option<Port>) -> Option<Expr> {
        self.inputs.get(port.as_ref()?).map(|parameter| name(&super::compose::named(parameter)))
    }

    fn each_key(&self) -> Expr {
        match self.resource.map(|r| &r.repeat) {
            Some(Repeat::Table(_)) => member(name(ENTRY), "key"),
            _ => name(KEY),
        }
    }

    fn reference(&self, r: &TermRef) -> Expr {
        let foreign = self.family.module(&r.block.component) != self.module.name;
        let (constant, length) = wire::constant(&r.path);
        let key = r.key.as_deref();
        let base = if let Some(around) = around(&r.block, &constant) {
            steps(around, &constant)
        } else if foreign {
            let port = wire::port_of_ref(r, self.family);
            let carried = self.carried(&Some(port)).unwrap_or_else(|| literal(Value::Null));
            match key {
                Some(key) => {
                    // Tables go from one template to another as lists, because no loop makes an object.
                    let by_key = |part: &str| {
                        let body = member(name(ENTRY), part);
                        form(Form::Lambda(vec![ENTRY.to_owned()], Box::new(body)))
                    };
                    let table = call("toObject", vec![carried, by_key("key"), by_key("value")]);
                    form(Form::Index(Box::new(table), Box::new(self.expression(key)), false))
                }
                None => carried,
            }
        } else {
            self.follow(&r.block, self.symbol(&r.block, key), &constant)
        };
        r.path[length..].iter().fold(base, |base, step| match step {
            TermStep::Attr(part) => member(base, part),
            TermStep::Index(term) => {
                form(Form::Index(Box::new(base), Box::new(self.expression(term)), false))
            }
        })
    }

    /// Follows a constant path from a resource of this module. A step such as `databases/default` leads to a part of it that
    /// is a resource of its own.
    fn follow(&self, block: &Address, base: Expr, path: &[Step]) -> Expr {
        match path.split_first() {
            Some((Step::Attr(part), rest)) => match part.split_once('/') {
                Some((child, "default")) => {
                    steps(self.service(&format!("{}/{child}", block.kind), &base), rest)
                }
                _ => steps(base, path),
            },
            _ => steps(base, path),
        }
    }

    /// A resource of this module, or the instance of it that a key says.
    pub fn symbol(&self, block: &Address, key: Option<&Term>) -> Expr {
        let symbol = name(self.symbols.get(block).map_or("", String::as_str));
        let Some(key) = key else { return symbol };
        let there = self.module.resources.get(block).map(|b| &b.repeat);
        let same = *key == Term::EachKey && there == self.resource.map(|r| &r.repeat);
        let index = match there {
            _ if same => name(NUMBER),
            Some(repeat) => call("indexOf", vec![self.keys(repeat), self.expression(key)]),
            None => literal(0),
        };
        form(Form::Index(Box::new(symbol), Box::new(index), false))
    }

    /// The keys of a loop, in its order.
    fn keys(&self, repeat: &Repeat) -> Expr {
        match repeat {
            Repeat::Keys(term) => self.key_list(term),
            Repeat::Table(term) => {
                let key = form(Form::Lambda(vec![ENTRY.to_owned()], Box::new(member(name(ENTRY), "key"))));
                call("map", vec![call("items", vec![self.expression(term)]), key])
            }
            Repeat::Once | Repeat::When(_) => array([]),
        }
    }

    /// A term that stands for keys: a list, or the table that has them.
    fn key_list(&self, term: &Term) -> Expr {
        let table = match term {
            Term::Var(variable) => {
                matches!(self.module.variables.get(variable).map(|v| &v.ty), Some(Ty::Map(_) | Ty::Object(_)))
            }
            Term::Local(local) => {
                self.module.locals.iter().any(|(l, t)| l == local && matches!(t, Term::Map(_)))
            }
            Term::Map(_) => true,
            _ => false,
        };
        if table { self.keys(&Repeat::Table(term.clone())) } else { self.expression(term) }
    }

    /// The loop of a block; `None` where it is made once.
    pub fn turns(&self, repeat: &Repeat, symbol: &str) -> Option<Turns> {
        let (over, item) = match repeat {
            Repeat::Keys(term) => (self.key_list(term), KEY),
            Repeat::Table(term) => (call("items", vec![self.expression(term)]), ENTRY),
            Repeat::Once | Repeat::When(_) => return None,
        };
        let binds = (Some(item.to_owned()), Some(NUMBER.to_owned()));
        Some(Turns { name: symbol.to_owned(), binds, over: Over::Each(over) })
    }

    /// What an output offers.
    pub fn port(&self, port: &Port) -> Expr {
        let symbol = self.symbols.get(&port.block).cloned().unwrap_or_default();
        let repeat = self.module.resources.get(&port.block).map(|b| &b.repeat);
        if let Some(around) = around(&port.block, &port.path) {
            return steps(around, &port.path);
        }
        let turns = repeat.and_then(|repeat| self.turns(repeat, &symbol));
        let when = match repeat {
            Some(Repeat::When(flag)) => Some(self.expression(flag)),
            _ => None,
        };
        let one = |base: Expr| self.follow(&port.block, base, &port.path);
        let each = || form(Form::Index(Box::new(name(&symbol)), Box::new(name(NUMBER)), false));
        match (port.shape, turns, when) {
            (Shape::One, _, Some(flag)) => call("if", vec![flag, one(name(&symbol)), literal("")]),
            (Shape::One, ..) => one(name(&symbol)),
            (Shape::All, Some(turns), _) => form(Form::Loop(Box::new(turns), None, Box::new(one(each())))),
            (Shape::ByKey, Some(turns), _) => {
                let key = match turns.binds.0.as_deref() {
                    Some(ENTRY) => member(name(ENTRY), "key"),
                    _ => name(KEY),
                };
                let entry = object([("key".to_owned(), key), ("value".to_owned(), one(each()))]);
                form(Form::Loop(Box::new(turns), None, Box::new(entry)))
            }
            (_, None, _) => array([one(name(&symbol))]),
        }
    }

    /// The resource that an identifier is of: one of this module, or one that is named because it is made elsewhere.
    pub fn resource_of(&self, term: &Term) -> Option<Expr> {
        let Term::Ref(r) = term else { return None };
        let (path, _) = wire::constant(&r.path);
        if !path.is_empty() && path != [Step::Attr("id".to_owned())] {
            return None;
        }
        if self.family.module(&r.block.component) == self.module.name {
            return Some(self.symbol(&r.block, r.key.as_deref()));
        }
        Some(name(&self.named(r.block.kind.as_str(), self.expression(term))))
    }

    /// The symbolic name of a resource that is made elsewhere and has this identifier.
    fn named(&self, kind: &str, id: Expr) -> String {
        // `/subscriptions/s/resourceGroups/g/providers/p/type/name/type/name`
        const FIRST_NAME: i64 = 8;
        let parts = call("split", vec![id, literal("/")]);
        let part =
            |n: i64| form(Form::Index(Box::new(parts.clone()), Box::new(literal(Value::Int(n))), false));
        let count = i64::try_from(kind.split('/').count()).unwrap_or(2) - 1;
        let mut pieces = Vec::new();
        for n in 0..count {
            if n > 0 {
                pieces.push(literal("/"));
            }
            pieces.push(part(FIRST_NAME + 2 * n));
        }
        let whole = if pieces.len() == 1 { pieces.remove(0) } else { form(Form::Join(pieces)) };
        self.add(kind, "this", None, whole)
    }

    /// A part of a resource that is always there, such as the service for blobs of a storage account.
    pub fn service(&self, kind: &str, of: &Expr) -> Expr {
        let made = self.module.resources.values().find(|r| {
            let parent = r.items.iter().find_map(|item| match item {
                crate::model::term::Item::Attr(key, term) if key == "parent" => self.resource_of(term),
                _ => None,
            });
            r.address.kind.as_str() == kind
                && parent.is_some_and(|p| format!("{:?}", p.form) == format!("{:?}", of.form))
        });
        match made {
            Some(resource) => name(&self.symbols[&resource.address]),
            None => name(&self.add(kind, "this", Some(of.clone()), literal("default"))),
        }
    }

    fn add(&self, kind: &str, called: &str, parent: Option<Expr>, whole: Expr) -> String {
        let existing = &mut *self.existing.borrow_mut();
        let same = |w: &&Written| {
            w.kind == kind
                && format!("{:?}", w.name.as_ref().map(|n| &n.form)) == format!("{:?}", Some(&whole.form))
                && format!("{:?}", w.parent.as_ref().map(|n| &n.form))
                    == format!("{:?}", parent.as_ref().map(|p| &p.form))
        };
        if let Some(known) = existing.written.iter().find(same) {
            return known.symbol.clone().unwrap_or_default();
        }
        let mut candidates = names::symbols(kind, called);
        candidates.extend((2..).take(1_000).map(|n| format!("{}{n}", camel(&names::noun(kind)))));
        let symbol = candidates.into_iter().find(|c| existing.taken.insert(c.clone())).unwrap_or_default();
        let mut written = super::compose::plain(Some(symbol.clone()), kind);
        (written.existing, written.parent, written.name) = (true, parent, Some(whole));
        existing.written.push(written);
        symbol
    }
}

/// Follows a constant path.
pub(super) fn steps(base: Expr, path: &[Step]) -> Expr {
    path.iter().fold(base, |base, step| match step {
        Step::Attr(part) => match part.strip_suffix("()") {
            // The host of an address: `https://host/`.
            Some(HOST) => {
                let parts = call("split", vec![base, literal("/")]);
                form(Form::Index(Box::new(parts), Box::new(literal(2)), false))
            }
            Some(function) => form(Form::Method(Box::new(base), function.to_owned(), Vec::new())),
            None => member(base, part),
        },
        Step::Index(n) => {
            let n = i64::try_from(*n).unwrap_or(i64::MAX);
            form(Form::Index(Box::new(base), Box::new(literal(Value::Int(n))), false))
        }
    })
}
