//! Terms as TypeScript, seen from inside the component they stand in.
//!
//! What only the cloud knows is an output: texts with outputs in them are interpolated, documents are made by Pulumi.
//! Must not decide anything: what is an argument and what a loop was found before.

use std::collections::BTreeMap;

use catalog::Type;
use indexmap::IndexMap;
use ir::{Address, Mode, Step, Value};

use super::names;
use crate::model::family::Family;
use crate::model::term::{Given, Module, Part, Port, Repeat, Resource, Shape, Term, TermRef, TermStep, Ty};
use crate::model::wire;
use crate::typescript::{Entry, Expr, Piece, camel};

/// The variables of a loop.
pub(super) const KEY: &str = "key";
pub(super) const ROW: &str = "value";
/// What a function over an output calls it.
const IT: &str = "it";

/// What an expression needs to know about its surroundings.
#[derive(Clone, Copy)]
pub(super) struct Scope<'m, 'a> {
    /// The component it stands in.
    pub module: &'m Module,
    /// The stacks.
    pub family: &'m Family<'a>,
    /// Arguments that carry other components' attributes.
    pub inputs: &'m IndexMap<Port, String>,
    /// What the component shows to others.
    pub shown: &'m [&'m Port],
    /// What the resources are called.
    pub variables: &'m BTreeMap<Address, String>,
    /// The block it stands in.
    pub resource: Option<&'m Resource>,
    /// The way from the component's folder to the bundle's root.
    pub home: &'m str,
}

/// Where a value stands, for the names and the types of what is inside it.
#[derive(Clone)]
pub(super) struct Place<'p> {
    /// The block and the names that lead to it, where objects have properties; nothing where keys are data.
    pub path: Option<(&'p Address, Vec<String>)>,
    /// What is expected.
    pub ty: Option<Type>,
}

impl Place<'_> {
    /// A place where keys are data.
    pub fn data() -> Self {
        Place { path: None, ty: None }
    }
}

impl Scope<'_, '_> {
    /// A term where keys are data.
    pub fn plain(&self, term: &Term) -> Expr {
        self.expr(term, &Place::data())
    }

    /// A term as an expression.
    pub fn expr(&self, term: &Term, place: &Place<'_>) -> Expr {
        match term {
            Term::Literal(value) => literal(value, place.ty.as_ref()),
            Term::List(items) => {
                let inside = place.item();
                Expr::Array(items.iter().map(|t| self.expr(t, &inside)).collect())
            }
            Term::Map(entries) => {
                let pair = |(key, term): &(String, Term)| {
                    let (name, inside) = place.entry(key);
                    Entry::Pair(name, self.expr(term, &inside))
                };
                Expr::Object(entries.iter().map(pair).collect())
            }
            Term::Concat(parts) => Expr::Array(parts.iter().map(|part| self.part(part, place)).collect()),
            Term::Merge(parts) => {
                let entry = |(flag, key, term): &(Option<Term>, String, Term)| {
                    let (name, inside) = place.entry(key);
                    let pair = Entry::Pair(name, self.expr(term, &inside));
                    match flag {
                        None => pair,
                        Some(flag) => Entry::Spread(Expr::choose(
                            self.plain(flag),
                            Expr::Object(vec![pair]),
                            Expr::Object(Vec::new()),
                        )),
                    }
                };
                Expr::Object(parts.iter().map(entry).collect())
            }
            Term::Overlay(below, above) => Expr::Object(vec![
                Entry::Spread(self.expr(below, place)),
                Entry::Spread(self.expr(above, place)),
            ]),
            Term::Template(parts) => {
                let mut pieces = Vec::new();
                self.pieces(parts, &mut pieces);
                let tag = self.is_output(term).then(|| Expr::path("pulumi.interpolate"));
                Expr::template(tag, pieces)
            }
            Term::Json(inner) => {
                let make = if self.is_output(inner) { "pulumi.jsonStringify" } else { "JSON.stringify" };
                Expr::path(make).call(vec![self.plain(inner)])
            }
            Term::File(path) => {
                let mut pieces = vec![Piece::Text(format!("{}/", self.home))];
                self.pieces(std::slice::from_ref(path), &mut pieces);
                let path =
                    Expr::path("path.join").call(vec![Expr::path("__dirname"), Expr::template(None, pieces)]);
                Expr::path("fs.readFileSync").call(vec![path, Expr::str("utf8")])
            }
            Term::Var(name) => self.variable(name, place.ty.as_ref()),
            Term::Local(name) => Expr::Name(local(name)),
            Term::EachKey => Expr::path(KEY),
            Term::EachValue(name) => {
                let ty = self.column(name);
                let value = match self.resource.and_then(|r| r.lookups.get(name)) {
                    Some(table) => Expr::Name(local(table)).index(Expr::path(KEY)),
                    None => Expr::path(ROW).member(&camel(name)),
                };
                converted(value, ty.as_ref(), place.ty.as_ref())
            }
            Term::Choose(flag, yes, no) => {
                Expr::choose(self.plain(flag), self.expr(yes, place), self.expr(no, place))
            }
            Term::Ref(r) => self.reference(r, place.ty.as_ref()),
            Term::All { block, path } => {
                match self.carried(&wire::port(term, &self.module.name, self.family)) {
                    Some(argument) => argument,
                    None => self.port(&Port { block: block.clone(), path: path.clone(), shape: Shape::All }),
                }
            }
        }
    }

    fn part(&self, part: &Part, place: &Place<'_>) -> Expr {
        let inside = place.item();
        match part {
            Part::Item(None, term) => self.expr(term, &inside),
            Part::Item(Some(flag), term) => {
                let some = Expr::Array(vec![self.expr(term, &inside)]);
                Expr::Spread(Box::new(Expr::choose(self.plain(flag), some, Expr::Array(Vec::new()))))
            }
            Part::All(term) => Expr::Spread(Box::new(self.expr(term, place))),
        }
    }

    fn pieces(&self, parts: &[Term], into: &mut Vec<Piece>) {
        for part in parts {
            match part {
                Term::Template(inner) => self.pieces(inner, into),
                Term::Literal(value) => into.extend(value.text().map(Piece::Text)),
                other => into.push(Piece::Value(self.plain(other))),
            }
        }
    }

    fn variable(&self, name: &str, wanted: Option<&Type>) -> Expr {
        let variable = self.module.variables.get(name);
        let default = variable.and_then(|v| v.default(&self.module.present));
        let value = match default.filter(|d| **d != Value::Null) {
            Some(_) => Expr::Name(camel(name)),
            None => Expr::path("args").member(&camel(name)),
        };
        converted(value, variable.map(|v| &v.ty), wanted)
    }

    /// Whether some stack gives a variable nothing, and there is no default.
    pub fn may_be_nothing(&self, name: &str) -> bool {
        let present = &self.module.present;
        let variable = self.module.variables.get(name);
        variable.is_some_and(|v| v.default(present) == Some(&Value::Null))
    }

    /// The type of a column of the table at hand.
    fn column(&self, name: &str) -> Option<Ty> {
        let (Repeat::Table(Term::Var(table)), None) =
            (&self.resource?.repeat, self.resource?.lookups.get(name))
        else {
            return None;
        };
        match &self.module.variables.get(table)?.ty {
            Ty::Map(row) => match row.as_ref() {
                Ty::Object(fields) => fields.iter().find(|(f, _)| f == name).map(|(_, ty)| ty.clone()),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether a value is known only once something is made.
    pub fn is_output(&self, term: &Term) -> bool {
        let mut output = false;
        wire::visit_term(term, &mut |t| {
            output |= match t {
                Term::Ref(_) | Term::All { .. } => true,
                Term::Var(name) => self.module.variables.get(name).is_some_and(|v| is_input(&v.given)),
                Term::Local(name) => self.local_is_output(name),
                Term::EachValue(name) => {
                    self.resource
                        .and_then(|r| r.lookups.get(name))
                        .is_some_and(|table| self.local_is_output(table))
                        || self.row_is_output(name)
                }
                _ => false,
            }
        });
        output
    }

    fn local_is_output(&self, name: &str) -> bool {
        self.module.locals.iter().any(|(local, term)| local == name && self.is_output(term))
    }

    /// Whether a column of a local table holds outputs.
    fn row_is_output(&self, column: &str) -> bool {
        let Some(Repeat::Table(Term::Local(table))) = self.resource.map(|r| &r.repeat) else { return false };
        let rows =
            self.module.locals.iter().filter(|(local, _)| local == table).filter_map(|(_, t)| match t {
                Term::Map(rows) => Some(rows),
                _ => None,
            });
        let mut fields = rows.flatten().filter_map(|(_, row)| match row {
            Term::Map(fields) => Some(fields),
            _ => None,
        });
        fields.any(|f| f.iter().any(|(name, term)| name == column && self.is_output(term)))
    }

    fn carried(&self, port: &Option<Port>) -> Option<Expr> {
        let port = port.as_ref()?;
        let name = self.inputs.get(port)?;
        let argument = Expr::path("args").member(&camel(name));
        Some(if self.may_lack(port) { Expr::Sure(Box::new(argument)) } else { argument })
    }

    /// Whether some stack that has the component has nothing to carry in a port.
    pub fn may_lack(&self, port: &Port) -> bool {
        let stacks = self.family.block(&port.block).unwrap_or_default();
        self.module.present.iter().any(|v| stacks.get(*v).is_none_or(Vec::is_empty))
    }

    fn reference(&self, r: &TermRef, wanted: Option<&Type>) -> Expr {
        let own = self.family.module(&r.block.component) == self.module.name;
        let (constant, length) = wire::constant(&r.path);
        let key = r.key.as_deref().map(|k| self.plain(k));
        if !own {
            let port = self.carried(&Some(wire::port_of_ref(r, self.family))).unwrap_or_else(Expr::undefined);
            let value = match key {
                Some(key) => port.index(key),
                None => port,
            };
            let value = self.follow(value, &r.path[length..]);
            return converted(value, Some(&self.ty(&r.block, &constant)), wanted);
        }
        let value = self.output(self.resource_at(&r.block, key), &r.block, &constant, &r.path[length..]);
        converted_output(value, &self.ty(&r.block, &constant), wanted)
    }

    fn ty(&self, block: &Address, path: &[Step]) -> Ty {
        crate::model::types::of_attribute(self.family.vocabulary, block, path)
    }

    /// The variable that holds a resource, or one of its instances.
    fn resource_at(&self, block: &Address, key: Option<Expr>) -> Expr {
        let variable = Expr::Name(self.variables.get(block).cloned().unwrap_or_default());
        let conditional =
            matches!(self.module.resources.get(block).map(|r| &r.repeat), Some(Repeat::When(_)));
        match key {
            Some(key) => variable.index(key),
            None if conditional => Expr::Sure(Box::new(variable)),
            None => variable,
        }
    }

    /// An attribute of a resource: its property, and on from there inside the output. Steps that vary stand last.
    fn output(&self, of: Expr, block: &Address, path: &[Step], varying: &[TermStep]) -> Expr {
        let mut names: Vec<String> = Vec::new();
        let mut head: Option<Expr> = None;
        let mut inner: Option<Expr> = None;
        let (mut absent, mut object) = (false, false);
        for step in path {
            let before = |inner: Option<Expr>| {
                let it = inner.unwrap_or_else(|| Expr::path(IT));
                if absent { Expr::Sure(Box::new(it)) } else { it }
            };
            match step {
                Step::Attr(name) => {
                    names.push(name.clone());
                    let property = names::property(block, &names);
                    let spelt = property.as_ref().map_or_else(|| camel(name), |p| p.name.clone());
                    match head {
                        None => head = Some(of.clone().member(&spelt)),
                        Some(_) => inner = Some(before(inner).member(&spelt)),
                    }
                    object = property.as_ref().is_some_and(|p| p.object);
                    absent = block.mode == Mode::Managed && property.is_some_and(|p| p.absent);
                }
                Step::Index(_) if object => object = false,
                Step::Index(i) => {
                    inner = Some(before(inner).index(Expr::Number(i.to_string())));
                    absent = false;
                }
            }
        }
        let head = head.unwrap_or(of);
        let inner = self.varying(inner, absent, varying);
        match inner {
            None if absent => apply(head, Expr::Sure(Box::new(Expr::path(IT)))),
            None => head,
            Some(inner) if absent && varying.is_empty() => apply(head, Expr::Sure(Box::new(inner))),
            Some(inner) => apply(head, inner),
        }
    }

    /// The steps of a path that terms decide.
    fn varying(&self, inner: Option<Expr>, absent: bool, steps: &[TermStep]) -> Option<Expr> {
        let sure = |it: Expr| if absent { Expr::Sure(Box::new(it)) } else { it };
        steps.iter().enumerate().fold(inner, |inner, (i, step)| {
            let it = inner.unwrap_or_else(|| Expr::path(IT));
            let it = if i == 0 { sure(it) } else { it };
            Some(match step {
                TermStep::Attr(name) => it.member(&camel(name)),
                TermStep::Index(term) => it.index(self.plain(term)),
            })
        })
    }

    /// What a component shows of a block.
    pub fn port(&self, port: &Port) -> Expr {
        let each = |of: Expr| self.output(of, &port.block, &port.path, &[]);
        let all = Expr::Name(self.variables.get(&port.block).cloned().unwrap_or_default());
        let conditional =
            matches!(self.module.resources.get(&port.block).map(|r| &r.repeat), Some(Repeat::When(_)));
        match port.shape {
            Shape::One if conditional => {
                let one = each(all.clone());
                Expr::Binary(Box::new(all), "&&", Box::new(one))
            }
            Shape::One => each(all),
            Shape::All => {
                let items = Expr::path("Object.values").call(vec![all]);
                items.method("map", vec![Expr::arrow("item", each(Expr::path("item")))])
            }
            Shape::ByKey => {
                let entries = Expr::path("Object.entries").call(vec![all]);
                let pair = Expr::Array(vec![Expr::path(KEY), each(Expr::path("item"))]);
                let pairs = entries.method("map", vec![Expr::arrow("[key, item]", pair)]);
                Expr::path("Object.fromEntries").call(vec![pairs])
            }
        }
    }

    fn follow(&self, value: Expr, steps: &[TermStep]) -> Expr {
        match self.varying(None, false, steps) {
            Some(inner) => apply(Expr::path("pulumi.output").call(vec![value]), inner),
            None => value,
        }
    }
}

impl<'p> Place<'p> {
    /// The place of an item of the list that stands here.
    fn item(&self) -> Place<'p> {
        let ty = match &self.ty {
            Some(Type::List(item) | Type::Set(item)) => Some((**item).clone()),
            _ => None,
        };
        Place { path: self.path.clone(), ty }
    }

    /// What an entry of the map or object that stands here is called, and its place.
    fn entry(&self, key: &str) -> (String, Place<'p>) {
        let fields = self.ty.as_ref().filter(|ty| matches!(ty, Type::Object(_))).and_then(names::fields);
        let (Some((address, path)), Some(fields)) = (&self.path, fields) else {
            let ty = match &self.ty {
                Some(Type::Map(item)) => Some((**item).clone()),
                _ => None,
            };
            return (key.to_owned(), Place { path: None, ty });
        };
        let mut path = path.clone();
        path.push(key.to_owned());
        let name = names::property(address, &path).map_or_else(|| camel(key), |p| p.name);
        (name, Place { path: Some((address, path)), ty: fields.get(key).cloned() })
    }
}

fn apply(output: Expr, inner: Expr) -> Expr {
    output.method("apply", vec![Expr::arrow(IT, inner)])
}

/// What a local is called: apart from arguments and resources.
pub(super) fn local(name: &str) -> String {
    format!("{}Table", camel(name))
}

/// Whether an argument arrives from the pipeline or a secret store rather than from the stack's configuration.
pub(super) fn is_input(given: &[Option<Given>]) -> bool {
    given.iter().flatten().any(|g| matches!(g, Given::Pipeline | Given::Secret))
}

fn literal(value: &Value, wanted: Option<&Type>) -> Expr {
    let known = value.known();
    match (known, wanted) {
        (Value::Int(_) | Value::Float(_) | Value::Bool(_), Some(Type::String)) => {
            Expr::str(known.text().unwrap_or_default())
        }
        (Value::Str(_), Some(Type::Bool)) if known.as_bool().is_some() => {
            Expr::bool(known.as_bool() == Some(true))
        }
        (Value::Str(text), Some(Type::Number)) if known.as_f64().is_some() => Expr::Number(text.clone()),
        (Value::Bool(b), _) => Expr::bool(*b),
        (Value::Int(n), _) => Expr::Number(n.to_string()),
        (Value::Float(n), _) if n.is_finite() => Expr::Number(n.to_string()),
        (Value::Str(text), _) => Expr::str(text.clone()),
        (Value::List(items), _) => Expr::Array(items.iter().map(|v| literal(v, None)).collect()),
        (Value::Map(entries), _) => {
            Expr::Object(entries.iter().map(|(k, v)| Entry::Pair(k.clone(), literal(v, None))).collect())
        }
        (Value::Template(_), _) => known.text().map_or_else(Expr::undefined, Expr::Str),
        _ => Expr::undefined(),
    }
}

/// A default as an expression.
pub(super) fn constant(value: &Value) -> Expr {
    literal(value, None)
}

/// A plain value where another type is expected: Terraform turns numbers into texts by itself.
fn converted(value: Expr, from: Option<&Ty>, wanted: Option<&Type>) -> Expr {
    match (from, wanted) {
        (Some(Ty::Number | Ty::Bool), Some(Type::String)) => Expr::path("String").call(vec![value]),
        (Some(Ty::String), Some(Type::Number)) => Expr::path("Number").call(vec![value]),
        (Some(Ty::String), Some(Type::Bool)) => {
            Expr::Binary(Box::new(value), "===", Box::new(Expr::str("true")))
        }
        _ => value,
    }
}

/// The same for an output.
fn converted_output(value: Expr, from: &Ty, wanted: Option<&Type>) -> Expr {
    match (from, wanted) {
        (Ty::Number | Ty::Bool, Some(Type::String)) => {
            apply(value, Expr::path("String").call(vec![Expr::path(IT)]))
        }
        (Ty::String, Some(Type::Number)) => apply(value, Expr::path("Number").call(vec![Expr::path(IT)])),
        _ => value,
    }
}

/// A plain value as configuration holds it; the columns of tables are the program's own names.
pub(super) fn json(value: &Value, table: bool) -> serde_json::Value {
    match value.known() {
        Value::Bool(b) => (*b).into(),
        Value::Int(n) => (*n).into(),
        Value::Float(n) => (*n).into(),
        Value::Str(text) => text.as_str().into(),
        Value::List(items) => items.iter().map(|v| json(v, false)).collect::<Vec<_>>().into(),
        Value::Map(rows) if table => {
            let row = |row: &Value| match row.known() {
                Value::Map(fields) => {
                    let fields = fields.iter().map(|(name, v)| (camel(name), json(v, false)));
                    serde_json::Value::Object(fields.collect())
                }
                other => json(other, false),
            };
            serde_json::Value::Object(rows.iter().map(|(key, value)| (key.clone(), row(value))).collect())
        }
        Value::Map(entries) => {
            serde_json::Value::Object(entries.iter().map(|(k, v)| (k.clone(), json(v, false))).collect())
        }
        Value::Json(inner) => json(inner, false).to_string().into(),
        text @ Value::Template(_) => text.text().map_or(serde_json::Value::Null, Into::into),
        Value::Null
        | Value::Ref(_)
        | Value::File(_)
        | Value::Secret(_)
        | Value::Unknown(_)
        | Value::Input(_) => serde_json::Value::Null,
    }
}
