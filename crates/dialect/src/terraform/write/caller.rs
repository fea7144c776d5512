//! Values that a caller of modules gives them: a root, or a unit of Terragrunt.
//!
//! What leads to another module is that module's output, which each kind of caller reaches in its own way. Must not
//! know how values were compared.

use std::collections::BTreeSet;

use hcl_edit::expr::Expression;
use ir::Value;

use super::expr::scalar;
use super::hcl::{self, Hop, Piece};
use crate::model::family::Family;
use crate::model::names;
use crate::model::term::{Port, Shape};
use crate::model::wire::{self, Wiring};

/// The expression for an output of a module, both as they are named in code.
pub(crate) type OutputPath = fn(module: &str, output: &str) -> Expression;

/// What gives modules their values.
pub(crate) struct Caller<'r, 'a> {
    /// The stacks.
    pub family: &'r Family<'a>,
    /// The one that calls.
    pub stack: usize,
    /// What leads from one module to another.
    pub wiring: &'r Wiring,
    /// The way from the caller's folder to the bundle's.
    pub home: &'r str,
    /// The components that this stack has.
    pub here: BTreeSet<&'r str>,
    /// How an output is reached.
    pub output: OutputPath,
}

impl Caller<'_, '_> {
    /// Another module's output; `None` where this stack does not have the module.
    pub fn output(&self, port: &Port) -> Option<Expression> {
        let component = &port.block.component;
        let output = self.wiring.outputs.get(component)?.get(port)?;
        self.here.contains(component.as_str()).then(|| (self.output)(&names::snake(component), output))
    }

    /// Another module's output inside a value, where nothing has to be written too.
    fn port(&self, port: &Port) -> Expression {
        self.output(port).unwrap_or_else(Expression::null)
    }

    /// A value as the caller writes it.
    pub fn value(&self, value: &Value) -> Expression {
        match value {
            Value::List(items) => match self.family.cover(self.stack, items) {
                Some((block, path)) => self.port(&Port { block, path: path.to_vec(), shape: Shape::All }),
                None => hcl::array(items.iter().map(|v| self.value(v))),
            },
            Value::Map(entries) => hcl::object(entries.iter().map(|(k, v)| (k.clone(), self.value(v)))),
            Value::Json(inner) => hcl::call("jsonencode", [self.value(inner)]),
            Value::File(path) => hcl::file(self.home, vec![Piece::Text(path.clone())]),
            Value::Input(input) => self.value(&input.value),
            Value::Template(parts) => {
                let mut pieces = Vec::new();
                self.pieces(parts, &mut pieces);
                hcl::template(pieces)
            }
            Value::Ref(r) => {
                let index = r.to.key.as_ref().map(|key| Hop::Index(hcl::string(key)));
                hcl::follow(self.port(&wire::root_port(r)), index)
            }
            other => scalar(other),
        }
    }

    fn pieces(&self, parts: &[Value], into: &mut Vec<Piece>) {
        for part in parts {
            match part.known() {
                Value::Template(inner) => self.pieces(inner, into),
                known => match known.text() {
                    Some(text) => into.push(Piece::Text(text)),
                    None => into.push(Piece::Value(self.value(known))),
                },
            }
        }
    }
}
