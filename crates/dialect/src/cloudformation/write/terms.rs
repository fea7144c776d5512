//! Terms of the model as values of a template: parameters, conditions, references, substitutions.
//!
//! What a template cannot say in one function is said in several; nothing is chosen here.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use ir::{Address, Value};

use super::yaml::Yaml;
use crate::model::term::{Given, Module, Part, Term, TermRef, TermStep, Ty, Variable};

/// What values of a template need to know about their surroundings.
pub struct Scope<'m> {
    /// What the template is made from.
    pub module: &'m Module,
    /// The parameter of each variable: variables that say the same have one.
    pub parameters: BTreeMap<&'m str, String>,
    /// Logical ids.
    pub ids: &'m BTreeMap<Address, String>,
    /// The names of the stacks, for what only the environment tells apart.
    pub stacks: Vec<&'m str>,
    /// The conditions that were needed so far, by name.
    pub conditions: IndexMap<String, Yaml>,
    /// Whether the environment itself is asked for.
    pub by_environment: bool,
}

/// A part of a text that is being put together.
enum Piece {
    Text(String),
    /// What a substitution names, such as `Queue.Arn`.
    Name(String),
    Value(Yaml),
}

impl Scope<'_> {
    /// A term as a value; `None` when it says nothing.
    pub fn value(&mut self, term: &Term) -> Option<Yaml> {
        Some(match term {
            Term::Literal(value) => return literal(value),
            Term::List(items) => Yaml::List(items.iter().filter_map(|t| self.value(t)).collect()),
            Term::Map(entries) => {
                Yaml::Map(entries.iter().filter_map(|(k, t)| Some((k.clone(), self.value(t)?))).collect())
            }
            Term::Concat(parts) => return self.concat(parts),
            Term::Merge(parts) => {
                let entry = |(flag, key, term): &(Option<Term>, String, Term)| {
                    let value = self.value(term)?;
                    let value = match flag {
                        Some(flag) => self.choose(flag, Some(value), None)?,
                        None => value,
                    };
                    Some((key.clone(), value))
                };
                Yaml::Map(parts.iter().filter_map(entry).collect())
            }
            Term::Overlay(below, above) => match (self.value(below), self.value(above)) {
                (Some(Yaml::Map(mut entries)), Some(Yaml::Map(over))) => {
                    entries.extend(over);
                    Yaml::Map(entries)
                }
                (_, Some(above)) => above,
                (below, None) => return below,
            },
            Term::Template(parts) => {
                let mut pieces = Vec::new();
                parts.iter().for_each(|part| self.pieces(part, &mut pieces));
                joined(pieces)
            }
            Term::Json(inner) => {
                let mut pieces = Vec::new();
                self.json(inner, &mut pieces);
                joined(pieces)
            }
            Term::File(_) => return None,
            Term::Var(name) => return self.variable(name),
            Term::Local(name) => {
                let module = self.module;
                let (_, term) = module.locals.iter().find(|(local, _)| local == name)?;
                return self.value(term);
            }
            Term::Choose(flag, yes, no) => {
                let (yes, no) = (self.value(yes), self.value(no));
                return self.choose(flag, yes, no);
            }
            Term::Ref(r) => self.reference(r),
            // One block is one resource here: there are no instances to list.
            Term::All { .. } | Term::EachKey | Term::EachValue(_) => return None,
        })
    }

    /// The reference to a variable. What no parameter can hold is told apart by the environment.
    fn variable(&mut self, name: &str) -> Option<Yaml> {
        let variable = self.module.variables.get(name)?;
        if is_parameter(&variable.ty) {
            let parameter = self.parameters.get(name).cloned().unwrap_or_default();
            let reference = Yaml::reference(&parameter);
            if !sometimes_nothing(variable) {
                return Some(reference);
            }
            let condition = format!("Has{parameter}");
            let none = Yaml::call("!Equals", Yaml::List(vec![reference.clone(), Yaml::text("")]));
            self.conditions.insert(condition.clone(), Yaml::call("!Not", Yaml::List(vec![none])));
            return Some(Yaml::call(
                "!If",
                Yaml::List(vec![Yaml::text(condition), reference, Yaml::nothing()]),
            ));
        }
        let values: Vec<(usize, Option<Yaml>)> = self
            .module
            .present
            .iter()
            .map(|v| match &variable.given[*v] {
                Some(Given::Value(value)) => (*v, constant(value)),
                _ => (*v, None),
            })
            .collect();
        let (last, rest) = values.split_last()?;
        let mut out = last.1.clone();
        for (v, value) in rest.iter().rev() {
            if *value != out {
                let condition = self.environments(&[*v]);
                let yes = value.clone().unwrap_or_else(Yaml::nothing);
                let no = out.unwrap_or_else(Yaml::nothing);
                out = Some(Yaml::call("!If", Yaml::List(vec![Yaml::text(condition), yes, no])));
            }
        }
        out
    }

    /// The condition that holds in these environments.
    fn environments(&mut self, stacks: &[usize]) -> String {
        self.by_environment = true;
        let names: Vec<&str> = stacks.iter().filter_map(|v| self.stacks.get(*v).copied()).collect();
        let words: Vec<String> = names.iter().map(|name| pascal(name)).collect();
        let condition = format!("Is{}", words.join("Or"));
        let equal = |name: &&str| {
            Yaml::call("!Equals", Yaml::List(vec![Yaml::reference(ENVIRONMENT), Yaml::text(*name)]))
        };
        let holds = match names.as_slice() {
            [one] => equal(one),
            several => Yaml::call("!Or", Yaml::List(several.iter().map(equal).collect())),
        };
        self.conditions.insert(condition.clone(), holds);
        condition
    }

    /// One value where a flag holds, another where it does not.
    fn choose(&mut self, flag: &Term, yes: Option<Yaml>, no: Option<Yaml>) -> Option<Yaml> {
        if let Term::Literal(value) = flag
            && let Some(holds) = value.as_bool()
        {
            return if holds { yes } else { no };
        }
        if yes.is_none() && no.is_none() {
            return None;
        }
        let condition = self.condition(flag);
        let yes = yes.unwrap_or_else(Yaml::nothing);
        let no = no.unwrap_or_else(Yaml::nothing);
        Some(Yaml::call("!If", Yaml::List(vec![Yaml::text(condition), yes, no])))
    }

    /// The name of the condition that a flag is.
    pub fn condition(&mut self, flag: &Term) -> String {
        match flag {
            Term::Var(name) => {
                let module = self.module;
                let given = module.variables.get(name).map_or(&[][..], |variable| &variable.given);
                if let Some(holding) = holding(given, &module.present) {
                    return self.environments(&holding);
                }
                let condition = self.parameters.get(name.as_str()).cloned().unwrap_or_default();
                let equal = Yaml::List(vec![Yaml::reference(&condition), Yaml::text("true")]);
                // A parameter and a condition may have one name.
                self.conditions.insert(condition.clone(), Yaml::call("!Equals", equal));
                condition
            }
            Term::Local(name) => {
                let module = self.module;
                match module.locals.iter().find(|(local, _)| local == name) {
                    Some((_, term)) => self.condition(term),
                    None => pascal(name),
                }
            }
            Term::Choose(flag, yes, no) => {
                let (flag, yes, no) = (self.condition(flag), self.condition(yes), self.condition(no));
                let named = |name: &str| Yaml::call("!Condition", Yaml::text(name));
                let not = Yaml::call("!Not", Yaml::List(vec![named(&flag)]));
                let both = |a: Yaml, b: Yaml| Yaml::call("!And", Yaml::List(vec![a, b]));
                let one = Yaml::List(vec![both(named(&flag), named(&yes)), both(not, named(&no))]);
                let condition = format!("{flag}Then{yes}Else{no}");
                self.conditions.insert(condition.clone(), Yaml::call("!Or", one));
                condition
            }
            other => {
                let holds = matches!(other, Term::Literal(value) if value.as_bool() == Some(true));
                let condition = if holds { "Always" } else { "Never" };
                let equal = Yaml::List(vec![Yaml::text(holds.to_string()), Yaml::text("true")]);
                self.conditions.insert(condition.to_owned(), Yaml::call("!Equals", equal));
                condition.to_owned()
            }
        }
    }

    fn concat(&mut self, parts: &[Part]) -> Option<Yaml> {
        if let [Part::All(term)] = parts {
            return self.value(term);
        }
        if !parts.iter().any(|part| matches!(part, Part::All(_))) {
            let items = parts.iter().filter_map(|part| match part {
                Part::Item(None, term) | Part::All(term) => self.value(term),
                Part::Item(Some(flag), term) => {
                    let value = self.value(term)?;
                    self.choose(flag, Some(value), None)
                }
            });
            return Some(Yaml::List(items.collect()));
        }
        // Lists are joined as texts and split again.
        let comma = || Yaml::text(",");
        let items = parts.iter().filter_map(|part| match part {
            Part::All(term) => {
                let list = self.value(term)?;
                Some(Yaml::call("!Join", Yaml::List(vec![comma(), list])))
            }
            Part::Item(None, term) => self.value(term),
            Part::Item(Some(flag), term) => {
                let value = self.value(term)?;
                self.choose(flag, Some(value), None)
            }
        });
        let joined = Yaml::call("!Join", Yaml::List(vec![comma(), Yaml::List(items.collect())]));
        Some(Yaml::call("!Split", Yaml::List(vec![comma(), joined])))
    }

    /// A reference to a resource or to what it gives.
    fn reference(&mut self, r: &TermRef) -> Yaml {
        let kind = r.block.kind.as_str();
        let mut names: Vec<&str> = Vec::new();
        let mut index: Option<&Term> = None;
        for step in &r.path {
            match step {
                TermStep::Attr(name) => names.push(name),
                TermStep::Index(term) => index = Some(term),
            }
        }
        let base = if r.block.mode == ir::Mode::Data {
            if kind.starts_with("Fn::") {
                Yaml::call("!GetAZs", Yaml::text(""))
            } else {
                Yaml::reference(kind)
            }
        } else {
            let id = self.ids.get(&r.block).cloned().unwrap_or_default();
            if names.is_empty() {
                Yaml::reference(&id)
            } else {
                Yaml::call("!GetAtt", Yaml::text(format!("{id}.{}", names.join("."))))
            }
        };
        match index {
            Some(term) => {
                let index = self.value(term).unwrap_or(Yaml::Int(0));
                Yaml::call("!Select", Yaml::List(vec![index, base]))
            }
            None => base,
        }
    }

    /// A term inside a text.
    fn pieces(&mut self, term: &Term, out: &mut Vec<Piece>) {
        match term {
            Term::Template(parts) => parts.iter().for_each(|part| self.pieces(part, out)),
            Term::Literal(value) => out.extend(value.text().map(Piece::Text)),
            other => {
                if let Some(value) = self.value(other) {
                    out.push(piece(value));
                }
            }
        }
    }

    /// A JSON document as a text.
    fn json(&mut self, term: &Term, out: &mut Vec<Piece>) {
        let quoted = |text: &str| Piece::Text(serde_json::Value::from(text).to_string());
        let plain = |text: &str| Piece::Text(text.to_owned());
        match term {
            Term::Literal(value) => out.push(plain(&json_of(value).to_string())),
            Term::List(items) => {
                out.push(plain("["));
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.push(plain(","));
                    }
                    self.json(item, out);
                }
                out.push(plain("]"));
            }
            Term::Map(entries) => {
                let entries: Vec<(Option<&Term>, &str, &Term)> =
                    entries.iter().map(|(k, t)| (None, k.as_str(), t)).collect();
                self.json_entries(&entries, out);
            }
            Term::Merge(parts) => {
                let entries: Vec<(Option<&Term>, &str, &Term)> =
                    parts.iter().map(|(flag, k, t)| (flag.as_ref(), k.as_str(), t)).collect();
                self.json_entries(&entries, out);
            }
            Term::Concat(parts) if !parts.iter().any(|p| matches!(p, Part::All(_))) => {
                out.push(plain("["));
                let parts = parts.iter().filter_map(|part| match part {
                    Part::Item(flag, term) => Some((flag.as_ref(), term)),
                    Part::All(_) => None,
                });
                self.separated(parts, out, &mut |scope, term, out| scope.json(term, out));
                out.push(plain("]"));
            }
            Term::Template(_) => {
                out.push(plain("\""));
                let mut inner = Vec::new();
                self.pieces(term, &mut inner);
                out.extend(inner.into_iter().map(escaped));
                out.push(plain("\""));
            }
            Term::Var(name) if self.module.variables.get(name).is_some_and(|v| bare(&v.ty)) => {
                self.pieces(term, out);
            }
            Term::Var(name) if self.module.variables.get(name).is_some_and(|v| !is_parameter(&v.ty)) => {
                let variable = &self.module.variables[name];
                let texts: Vec<(usize, String)> = self
                    .module
                    .present
                    .iter()
                    .filter_map(|v| match &variable.given[*v] {
                        Some(Given::Value(value)) => Some((*v, json_of(value).to_string())),
                        _ => None,
                    })
                    .collect();
                let mut value: Option<Yaml> = None;
                for (v, text) in texts.into_iter().rev() {
                    value = Some(match value {
                        None => Yaml::text(text),
                        Some(no) => {
                            let condition = Yaml::text(self.environments(&[v]));
                            Yaml::call("!If", Yaml::List(vec![condition, Yaml::text(text), no]))
                        }
                    });
                }
                out.extend(value.map(piece));
            }
            Term::Local(name) => {
                let module = self.module;
                if let Some((_, term)) = module.locals.iter().find(|(local, _)| local == name) {
                    self.json(term, out);
                }
            }
            Term::Choose(flag, yes, no) => {
                let (mut a, mut b) = (Vec::new(), Vec::new());
                self.json(yes, &mut a);
                self.json(no, &mut b);
                out.extend(self.choose(flag, Some(joined(a)), Some(joined(b))).map(piece));
            }
            Term::Json(inner) => {
                let mut text = Vec::new();
                self.json(inner, &mut text);
                out.push(plain("\""));
                out.extend(text.into_iter().map(escaped));
                out.push(plain("\""));
            }
            Term::Concat(_) | Term::Overlay(..) => {
                if let Some(value) = self.value(term) {
                    let joined = Yaml::call("!Join", Yaml::List(vec![Yaml::text("\",\""), value]));
                    out.extend([plain("[\""), piece(joined), plain("\"]")]);
                }
            }
            other => {
                if let Some(value) = self.value(other) {
                    match value {
                        Yaml::Text(text) => out.push(quoted(&text)),
                        value => out.extend([plain("\""), piece(value), plain("\"")]),
                    }
                }
            }
        }
    }

    fn json_entries(&mut self, entries: &[(Option<&Term>, &str, &Term)], out: &mut Vec<Piece>) {
        out.push(Piece::Text("{".to_owned()));
        // What is always there comes first, so that only what follows needs to know about commas.
        let always = entries.iter().filter(|(flag, ..)| flag.is_none());
        let sometimes = entries.iter().filter(|(flag, ..)| flag.is_some());
        let ordered: Vec<(Option<&Term>, (&str, &Term))> =
            always.chain(sometimes).map(|(flag, key, term)| (*flag, (*key, *term))).collect();
        self.separated(ordered.into_iter(), out, &mut |scope, (key, term), out| {
            out.push(Piece::Text(format!("{}:", serde_json::Value::from(key))));
            scope.json(term, out);
        });
        out.push(Piece::Text("}".to_owned()));
    }

    /// Items in their order, with commas between those that are there: an item that is always there parts those before
    /// it, which bring their comma behind them, from those after it. Where no item is always there, a comma stands
    /// before an item if any before it is there.
    fn separated<'t, T: Copy>(
        &mut self,
        items: impl Iterator<Item = (Option<&'t Term>, T)>,
        out: &mut Vec<Piece>,
        print: &mut dyn FnMut(&mut Self, T, &mut Vec<Piece>),
    ) {
        let items: Vec<(Option<&Term>, T)> = items.collect();
        let comma = || Piece::Text(",".to_owned());
        let certain = items.iter().position(|(flag, _)| flag.is_none());
        for (at, (flag, item)) in items.iter().enumerate() {
            let mut inner = Vec::new();
            match certain {
                Some(certain) if certain < at => inner.push(comma()),
                Some(_) => {}
                None => {
                    let mut parts = None;
                    for earlier in items[..at].iter().filter_map(|(flag, _)| *flag) {
                        let otherwise = parts.or_else(|| Some(Yaml::text("")));
                        parts = self.choose(earlier, Some(Yaml::text(",")), otherwise);
                    }
                    inner.extend(parts.map(piece));
                }
            }
            print(self, *item, &mut inner);
            if certain.is_some_and(|certain| at < certain) {
                inner.push(comma());
            }
            match flag {
                None => out.extend(inner),
                Some(flag) => {
                    out.extend(self.choose(flag, Some(joined(inner)), Some(Yaml::text(""))).map(piece));
                }
            }
        }
    }
}

/// The stacks in which a flag holds; `None` when it does not depend on the stack, or only a pipeline knows.
fn holding(given: &[Option<Given>], present: &[usize]) -> Option<Vec<usize>> {
    let holds = |v: &usize| match &given.get(*v)? {
        Some(Given::Value(value)) => value.as_bool(),
        None => Some(false),
        Some(Given::Pipeline | Given::Secret) => None,
    };
    let all: Option<Vec<(usize, bool)>> = present.iter().map(|v| Some((*v, holds(v)?))).collect();
    let here: Vec<usize> = all?.into_iter().filter(|(_, holds)| *holds).map(|(v, _)| v).collect();
    (!here.is_empty() && here.len() < present.len()).then_some(here)
}

/// The parameter that says which environment it is.
pub const ENVIRONMENT: &str = "Environment";

/// Whether some stack that has the place for a variable gives it nothing.
pub fn sometimes_nothing(variable: &Variable) -> bool {
    variable.given.contains(&Some(Given::Value(Value::Null)))
}

/// Whether a parameter can hold values of a type.
pub fn is_parameter(ty: &Ty) -> bool {
    match ty {
        Ty::String | Ty::Number | Ty::Bool => true,
        Ty::List(item) | Ty::Set(item) => matches!(**item, Ty::String),
        Ty::Map(_) | Ty::Object(_) | Ty::Any => false,
    }
}

/// Whether values of a type stand in JSON without quotes.
fn bare(ty: &Ty) -> bool {
    matches!(ty, Ty::Number | Ty::Bool)
}

/// A name as templates spell names: letters and digits, words capitalised.
pub fn pascal(name: &str) -> String {
    let mut out = String::new();
    let mut upper = true;
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(if upper { c.to_ascii_uppercase() } else { c });
            upper = false;
        } else {
            upper = true;
        }
    }
    out
}

/// A constant.
pub fn constant(value: &Value) -> Option<Yaml> {
    Some(match value.known() {
        Value::List(items) => Yaml::List(items.iter().filter_map(constant).collect()),
        Value::Map(entries) => {
            Yaml::Map(entries.iter().filter_map(|(k, v)| Some((k.clone(), constant(v)?))).collect())
        }
        Value::Json(inner) => Yaml::text(json_of(inner).to_string()),
        text @ Value::Template(_) => Yaml::text(text.text()?),
        other => return literal(other),
    })
}

fn literal(value: &Value) -> Option<Yaml> {
    Some(match value {
        Value::Bool(b) => Yaml::Bool(*b),
        Value::Int(n) => Yaml::Int(*n),
        Value::Float(n) => Yaml::Float(*n),
        Value::Str(text) => Yaml::text(text),
        Value::List(items) if items.is_empty() => Yaml::List(Vec::new()),
        Value::Map(entries) if entries.is_empty() => Yaml::Map(IndexMap::new()),
        _ => return None,
    })
}

fn json_of(value: &Value) -> serde_json::Value {
    match value.known() {
        Value::Bool(b) => (*b).into(),
        Value::Int(n) => (*n).into(),
        Value::Float(n) => (*n).into(),
        Value::Str(text) => text.as_str().into(),
        Value::List(items) => items.iter().map(json_of).collect(),
        Value::Map(entries) => entries.iter().map(|(k, v)| (k.clone(), json_of(v))).collect(),
        Value::Json(inner) => json_of(inner).to_string().into(),
        other => other.text().map_or(serde_json::Value::Null, Into::into),
    }
}

/// A value inside a text: substitutions name what they can.
fn piece(value: Yaml) -> Piece {
    match value {
        Yaml::Call("!Ref" | "!GetAtt", name) => match *name {
            Yaml::Text(name) => Piece::Name(name),
            other => Piece::Value(other),
        },
        Yaml::Text(text) => Piece::Text(text),
        Yaml::Int(n) => Piece::Text(n.to_string()),
        Yaml::Bool(b) => Piece::Text(b.to_string()),
        other => Piece::Value(other),
    }
}

/// A piece of a text inside a string of JSON.
fn escaped(piece: Piece) -> Piece {
    match piece {
        Piece::Text(text) => Piece::Text(within_quotes(&text)),
        Piece::Name(name) => Piece::Name(name),
        Piece::Value(value) => Piece::Value(escaped_value(value)),
    }
}

/// A value with every text that it may come to escaped; what it refers to is not known here.
fn escaped_value(value: Yaml) -> Yaml {
    match value {
        Yaml::Text(text) => Yaml::Text(within_quotes(&text)),
        Yaml::Call(function @ ("!If" | "!Join" | "!Sub"), argument) => {
            let argument = match *argument {
                // The first is the name of a condition.
                Yaml::List(items) if function == "!If" => {
                    let one = |(i, item)| if i == 0 { item } else { escaped_value(item) };
                    Yaml::List(items.into_iter().enumerate().map(one).collect())
                }
                other => escaped_value(other),
            };
            Yaml::call(function, argument)
        }
        Yaml::List(items) => Yaml::List(items.into_iter().map(escaped_value).collect()),
        Yaml::Map(entries) => {
            Yaml::Map(entries.into_iter().map(|(name, value)| (name, escaped_value(value))).collect())
        }
        other => other,
    }
}

fn within_quotes(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// Pieces as one text: as it is, or substituted into.
fn joined(pieces: Vec<Piece>) -> Yaml {
    if pieces.iter().all(|piece| matches!(piece, Piece::Text(_))) {
        return Yaml::Text(
            pieces.into_iter().map(|p| if let Piece::Text(t) = p { t } else { String::new() }).collect(),
        );
    }
    let mut text = String::new();
    let mut values: IndexMap<String, Yaml> = IndexMap::new();
    for piece in pieces {
        match piece {
            Piece::Text(t) => text += &t.replace("${", "${!"),
            Piece::Name(name) => text += &format!("${{{name}}}"),
            Piece::Value(value) => {
                let known = values.iter().find(|(_, v)| **v == value).map(|(name, _)| name.clone());
                let name = known.unwrap_or_else(|| format!("Part{}", values.len() + 1));
                text += &format!("${{{name}}}");
                values.insert(name, value);
            }
        }
    }
    if values.is_empty() {
        return Yaml::call("!Sub", Yaml::Text(text));
    }
    Yaml::call("!Sub", Yaml::List(vec![Yaml::Text(text), Yaml::Map(values)]))
}
