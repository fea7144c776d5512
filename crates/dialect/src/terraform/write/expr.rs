//! Terms as HCL expressions, seen from inside their module.
//!
//! Where a term leads to another module it is spelt as the variable that carries it. Must not decide
//! anything: what is a variable and what a table was found before.

use hcl_edit::expr::Expression;
use indexmap::IndexMap;
use ir::{Address, Mode, Step, Value};

use super::hcl::{self, Hop, Piece};
use crate::model::family::Family;
use crate::model::names;
use crate::model::term::{Module, Part, Port, Repeat, Resource, Shape, Term, TermRef, TermStep, Ty};
use crate::model::vocabulary;
use crate::model::wire;

/// What an expression needs to know about its surroundings.
pub(crate) struct Scope<'m, 'a> {
    /// The module it stands in.
    pub module: &'m Module,
    /// The stacks.
    pub family: &'m Family<'a>,
    /// Variables that carry other modules' attributes.
    pub inputs: &'m IndexMap<Port, String>,
    /// The way from the module's folder to the bundle's root.
    pub home: &'m str,
    /// The block it stands in.
    pub resource: Option<&'m Resource>,
}

impl Scope<'_, '_> {
    /// A term as an expression.
    pub fn expression(&self, term: &Term) -> Expression {
        match term {
            Term::Literal(value) => scalar(value),
            Term::List(items) => hcl::array(items.iter().map(|t| self.expression(t))),
            Term::Map(entries) => hcl::object(entries.iter().map(|(k, t)| (k.clone(), self.expression(t)))),
            Term::Concat(parts) => self.concat(parts),
            Term::Merge(parts) => self.merge(parts),
            Term::Overlay(below, above) => {
                hcl::call("merge", [self.expression(below), self.expression(above)])
            }
            Term::Template(parts) => {
                let mut pieces = Vec::new();
                self.pieces(parts, &mut pieces);
                hcl::template(pieces)
            }
            Term::Json(inner) => hcl::call("jsonencode", [self.expression(inner)]),
            Term::File(path) => {
                let mut pieces = Vec::new();
                self.pieces(std::slice::from_ref(path), &mut pieces);
                hcl::file(self.home, pieces)
            }
            Term::Var(name) => hcl::path(&["var", name]),
            Term::Local(name) => hcl::path(&["local", name]),
            Term::EachKey => hcl::path(&["each", "key"]),
            Term::EachValue(name) => match self.resource.and_then(|r| r.lookups.get(name)) {
                Some(local) => {
                    hcl::follow(hcl::path(&["local", local]), [Hop::Index(hcl::path(&["each", "key"]))])
                }
                None => hcl::path(&["each", "value", name]),
            },
            Term::Choose(flag, yes, no) => {
                hcl::choose(self.expression(flag), self.expression(yes), self.expression(no))
            }
            Term::Ref(r) => self.reference(r),
            Term::All { block, path } => {
                match self.carried(&wire::port(term, &self.module.name, self.family)) {
                    Some(variable) => variable,
                    None => self.port(&Port { block: block.clone(), path: path.clone(), shape: Shape::All }),
                }
            }
        }
    }

    /// Template parts; a template inside a template is part of it.
    fn pieces(&self, parts: &[Term], into: &mut Vec<Piece>) {
        for part in parts {
            match part {
                Term::Template(inner) => self.pieces(inner, into),
                Term::Literal(value) => into.extend(value.text().map(Piece::Text)),
                other => into.push(Piece::Value(self.expression(other))),
            }
        }
    }

    fn concat(&self, parts: &[Part]) -> Expression {
        let mut lists: Vec<Expression> = Vec::new();
        let mut always: Vec<Expression> = Vec::new();
        for part in parts {
            if let Part::Item(None, term) = part {
                always.push(self.expression(term));
                continue;
            }
            if !always.is_empty() {
                lists.push(hcl::array(std::mem::take(&mut always)));
            }
            lists.push(match part {
                Part::Item(None, term) | Part::All(term) => self.expression(term),
                Part::Item(Some(flag), term) => {
                    let some = hcl::array([self.expression(term)]);
                    hcl::choose(self.expression(flag), some, hcl::array([]))
                }
            });
        }
        if !always.is_empty() {
            lists.push(hcl::array(always));
        }
        if lists.len() == 1 { lists.remove(0) } else { hcl::call("concat", lists) }
    }

    fn merge(&self, parts: &[(Option<Term>, String, Term)]) -> Expression {
        let always = parts.iter().filter(|(flag, ..)| flag.is_none());
        let always = hcl::object(always.map(|(_, k, t)| (k.clone(), self.expression(t))));
        let sometimes = parts.iter().filter_map(|(flag, key, term)| {
            let some = hcl::object([(key.clone(), self.expression(term))]);
            Some(hcl::choose(self.expression(flag.as_ref()?), some, hcl::object([])))
        });
        hcl::call("merge", std::iter::once(always).chain(sometimes))
    }

    fn carried(&self, port: &Option<Port>) -> Option<Expression> {
        self.inputs.get(port.as_ref()?).map(|name| hcl::path(&["var", name]))
    }

    fn reference(&self, r: &TermRef) -> Expression {
        let foreign = r.block.component != self.module.name;
        let key = r.key.as_deref().map(|k| Hop::Index(self.expression(k)));
        let (constant, length) = wire::constant(&r.path);
        let base = if foreign {
            let port = wire::port_of_ref(r, self.family);
            let variable = self.carried(&Some(port)).unwrap_or_else(Expression::null);
            hcl::follow(variable, key)
        } else if let Some(key) = key {
            self.steps(hcl::follow(block(&r.block), [key]), &r.block, &constant)
        } else if matches!(self.module.resources.get(&r.block).map(|b| &b.repeat), Some(Repeat::When(_))) {
            let all = hcl::follow(block(&r.block), [Hop::Splat]);
            hcl::call("one", [self.steps(all, &r.block, &constant)])
        } else {
            self.steps(block(&r.block), &r.block, &constant)
        };
        let rest = r.path[length..].iter().map(|step| match step {
            TermStep::Attr(name) => Hop::Attr(name.clone()),
            TermStep::Index(term) => Hop::Index(self.expression(term)),
        });
        hcl::follow(base, rest)
    }

    /// Follows a constant path; sets have no order, so they are made lists before they are indexed.
    fn steps(&self, base: Expression, address: &Address, path: &[Step]) -> Expression {
        let mut out = base;
        for (i, step) in path.iter().enumerate() {
            out = match step {
                Step::Attr(name) => hcl::follow(out, [Hop::Attr(name.clone())]),
                Step::Index(index) => {
                    if vocabulary::is_set(address, &path[..i]) {
                        out = hcl::call("tolist", [out]);
                    }
                    hcl::follow(out, [Hop::Index(Expression::from(*index))])
                }
            };
        }
        out
    }

    /// What an output offers.
    pub fn port(&self, port: &Port) -> Expression {
        let all = block(&port.block);
        let when = matches!(self.module.resources.get(&port.block).map(|b| &b.repeat), Some(Repeat::When(_)));
        let kind = (self.family.vocabulary.short)(&port.block);
        let item = names::snake(kind.rsplit('_').next().unwrap_or(&kind));
        let value = || self.steps(hcl::path(&[&item]), &port.block, &port.path);
        match port.shape {
            Shape::One if when => {
                let each = hcl::follow(all, [Hop::Splat]);
                hcl::call("one", [self.steps(each, &port.block, &port.path)])
            }
            Shape::One => self.steps(all, &port.block, &port.path),
            Shape::All => hcl::list_each(&item, all, value()),
            Shape::ByKey => hcl::map_each("key", &item, all, value()),
        }
    }
}

/// The block itself: `aws_vpc.this`, `data.aws_region.current`.
pub(crate) fn block(address: &Address) -> Expression {
    let (kind, name) = (address.kind.as_str(), names::snake(&address.name));
    match address.mode {
        Mode::Managed => hcl::path(&[kind, &name]),
        Mode::Data => hcl::path(&["data", kind, &name]),
    }
}

/// A value that leads nowhere.
pub(crate) fn constant(value: &Value) -> Expression {
    match value.known() {
        Value::List(items) => hcl::array(items.iter().map(constant)),
        Value::Map(entries) => hcl::object(entries.iter().map(|(k, v)| (k.clone(), constant(v)))),
        Value::Json(inner) => hcl::call("jsonencode", [constant(inner)]),
        text @ Value::Template(_) => text.text().map_or_else(Expression::null, |t| hcl::string(&t)),
        other => scalar(other),
    }
}

/// A literal scalar.
pub(crate) fn scalar(value: &Value) -> Expression {
    match value {
        Value::Bool(b) => Expression::from(*b),
        Value::Int(n) => Expression::from(*n),
        Value::Float(n) => Expression::from(*n),
        Value::Str(s) => hcl::string(s),
        _ => Expression::null(),
    }
}

/// A type as Terraform writes it.
pub(crate) fn type_expression(ty: &Ty) -> Expression {
    match ty {
        Ty::String => hcl::path(&["string"]),
        Ty::Number => hcl::path(&["number"]),
        Ty::Bool => hcl::path(&["bool"]),
        Ty::Any => hcl::path(&["any"]),
        Ty::List(item) => hcl::call("list", [type_expression(item)]),
        Ty::Set(item) => hcl::call("set", [type_expression(item)]),
        Ty::Map(item) => hcl::call("map", [type_expression(item)]),
        Ty::Object(fields) => {
            hcl::call("object", [hcl::object(fields.iter().map(|(k, t)| (k.clone(), type_expression(t))))])
        }
    }
}
