//! Variables: declared inputs, and values that differ between environments.
//!
//! A name comes from the attribute and grows only when another has it. Must not know tables.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use ir::{Diagnostic, InputType, Value};

use super::{Cell, Generaliser, NULL};
use crate::model::names;
use crate::model::term::{Given, Item, Term, Ty, Variable};
use crate::model::types;

impl<'a> Generaliser<'a, '_> {
    /// A variable, when the cells are the same declared input.
    pub(super) fn input(&mut self, cells: &[(Cell<'a>, &Value)]) -> Option<Term> {
        let name = cells.iter().find_map(|(_, v)| match v {
            Value::Input(i) => Some(&i.name),
            _ => None,
        })?;
        let component = self.subject.component.clone();
        let decl = self.inputs.get(&(component.as_str(), name.as_str())).copied();
        let pipeline = decl.is_some_and(|d| d.from_pipeline);
        let secret = |v: &Value| matches!(v.known(), Value::Secret(_)) && pipeline;
        let open = |v: &Value| {
            let mut open = secret(v);
            v.walk(&mut |v| open |= matches!(v, Value::Unknown(_)));
            open
        };
        let fits = cells.iter().all(|(_, v)| match v {
            Value::Input(i) => i.name == *name && (self.expressible(v) || open(v)),
            other => self.expressible(other),
        });
        if !fits {
            return None;
        }
        let key = (component, name.clone());
        let variable_name = match self.renamed.get(&key) {
            Some(known) => known.clone(),
            None => {
                let plain = self.family.named(&key.0, &names::snake(name));
                let fresh = names::take(&mut self.taken, &[plain]);
                self.renamed.insert(key, fresh.clone());
                fresh
            }
        };
        let stacks = self.family.stacks.len();
        let noun = self.family.noun(&self.subject);
        let variable = self.module.variables.entry(variable_name.clone()).or_insert_with(|| Variable {
            ty: decl.map_or_else(
                || types::of_values(self.family.vocabulary, cells.iter().map(|(_, v)| *v)),
                |d| declared_type(&d.ty),
            ),
            description: decl.map_or_else(|| names::sentence(name, &noun), |d| d.description.clone()),
            validation: decl.and_then(|d| d.validation.clone()),
            given: vec![None; stacks],
        });
        for ((v, _), value) in cells {
            let given = if secret(value) {
                Given::Secret
            } else if pipeline || open(value) {
                Given::Pipeline
            } else {
                Given::Value(value.known().clone())
            };
            match &variable.given[*v] {
                Some(before) if *before != given => {
                    self.diagnostics.push(
                        Diagnostic::error(
                            "input-differs",
                            format!("the input `{name}` has two values in one stack"),
                        )
                        .because("A module's variable has one value in each call.")
                        .help("use an input for each value"),
                    );
                    break;
                }
                Some(_) => {}
                None => variable.given[*v] = Some(given),
            }
        }
        Some(Term::Var(variable_name))
    }

    /// Whether a root could write the value down itself.
    pub(super) fn expressible(&self, value: &Value) -> bool {
        let mut yes = true;
        value.walk(&mut |v| match v {
            Value::Secret(_) | Value::Unknown(_) => yes = false,
            Value::Ref(_) | Value::File(_) if !self.family.form.roots => yes = false,
            Value::Ref(r) if self.family.module(&r.to.component) == self.module.name => yes = false,
            _ => {}
        });
        yes
    }

    pub(super) fn portable(&self, cells: &[(Cell<'a>, &Value)]) -> bool {
        let mut inputs = false;
        for (_, value) in cells {
            value.walk(&mut |v| inputs |= matches!(v, Value::Input(_) | Value::Ref(_)));
        }
        !inputs && cells.iter().all(|(_, v)| self.expressible(v))
    }

    /// Values that have nothing in common.
    pub(super) fn hole(&mut self, cells: &[(Cell<'a>, &Value)]) -> Term {
        let mut by_stack: BTreeMap<usize, &Value> = BTreeMap::new();
        let varies_by_key =
            self.keyed && cells.iter().any(|((v, _), value)| by_stack.entry(*v).or_insert(value) != value);
        if varies_by_key {
            return self.column(cells);
        }
        if cells.iter().all(|(_, v)| self.expressible(v)) {
            let mut given = vec![None; self.family.stacks.len()];
            for ((v, _), value) in cells {
                let dangling =
                    value.refs().into_iter().find(|r| self.family.stacks[*v].graph.get(&r.to).is_none());
                if let Some(to) = dangling.map(|r| r.to.clone()) {
                    self.dangling(&to);
                    return Term::Literal(NULL);
                }
                given[*v] = Some(Given::Value((*value).clone()));
            }
            let ty = types::of_values(self.family.vocabulary, cells.iter().map(|(_, v)| *v));
            let variable = Variable { description: self.describe(&ty), ty, validation: None, given };
            let candidates = self.candidates();
            return Term::Var(self.variable(&candidates, variable));
        }
        self.choice(cells)
    }

    /// Lays a resource's own tags over the stack's, which a variable carries.
    pub(super) fn with_tags(&mut self, name: &str, items: &mut Vec<Item>) {
        let mut given = vec![None; self.family.stacks.len()];
        for v in &self.module.present {
            let tags = self.family.stacks[*v].tags.iter().map(|(k, v)| (k.clone(), Value::from(v)));
            given[*v] = Some(Given::Value(Value::Map(tags.collect())));
        }
        if given.iter().flatten().all(|g| *g == Given::Value(Value::Map(IndexMap::new()))) {
            return;
        }
        let variable = Variable {
            ty: Ty::Map(Box::new(Ty::String)),
            description: "Tags of every resource.".to_owned(),
            validation: None,
            given,
        };
        let stack = Term::Var(self.variable(&[name.to_owned(), format!("stack_{name}")], variable));
        let own = items.iter_mut().find_map(|item| match item {
            Item::Attr(attr, term) if attr == name => Some(term),
            _ => None,
        });
        match own {
            Some(term) => {
                let above = std::mem::replace(term, Term::Literal(NULL));
                *term = Term::Overlay(Box::new(stack), Box::new(above));
            }
            None => items.push(Item::Attr(name.to_owned(), stack)),
        }
    }

    /// Declares a variable; one with the same first name and the same values is used again.
    pub(super) fn variable(&mut self, candidates: &[String], variable: Variable) -> String {
        let again = candidates.iter().find(|c| self.module.variables.get(*c) == Some(&variable));
        if let Some(name) = again {
            return name.clone();
        }
        let name = names::take(&mut self.taken, candidates);
        self.module.variables.insert(name.clone(), variable);
        name
    }

    /// Names for a variable at the path, the shortest first.
    fn candidates(&self) -> Vec<String> {
        let words: Vec<String> = self.path.iter().map(|p| names::snake(p)).collect();
        let last = words.last().cloned().unwrap_or_else(|| "value".to_owned());
        let subject = self.family.subject(&self.subject);
        if let Some(what) = last.strip_prefix("create_").or_else(|| last.strip_prefix("enable_")) {
            let specific = format!("enable_{}", names::joined(&subject, what));
            return vec![last, specific];
        }
        let says_little = words.len() < 2 && is_vague(&last) || !self.family.form.modules;
        let named = !names::is_plain(&self.subject);
        let two = words[words.len().saturating_sub(2)..].join("_");
        let short = self.short();
        let mut all = Vec::new();
        if !named && !says_little {
            all.push(short.clone());
        }
        all.extend([
            names::joined(&subject, &short),
            names::joined(&subject, &two),
            names::joined(&subject, &words.join("_")),
        ]);
        all
    }

    /// The last name of the path, with the one before it when it says little by itself.
    fn short(&self) -> String {
        let words: Vec<String> = self.path.iter().map(|p| names::snake(p)).collect();
        let many = if words.last().is_some_and(|w| is_vague(w)) { 2 } else { 1 };
        match words.as_slice() {
            [] => "value".to_owned(),
            words => words[words.len().saturating_sub(many)..].join("_"),
        }
    }

    fn describe(&self, ty: &Ty) -> String {
        let last = self.path.last().map_or("value", String::as_str);
        let noun = self.family.noun(&self.subject);
        if last.starts_with("create_") {
            return format!("Whether to create {noun}.");
        }
        if *ty == Ty::Bool && !last.starts_with("enable_") {
            return format!("Whether `{}` is set on {noun}.", names::snake(last));
        }
        match last.strip_prefix("enable_") {
            Some(what) => format!("Whether {noun} has {}.", names::words(what)),
            None => names::sentence(&self.short(), &noun),
        }
    }
}

/// Attribute names that many things have.
fn is_vague(name: &str) -> bool {
    const VAGUE: &[&str] =
        &["value", "values", "value_from", "name", "type", "resource", "enabled", "key", "status", "days"];
    VAGUE.contains(&name)
}

fn declared_type(ty: &InputType) -> Ty {
    match ty {
        InputType::String => Ty::String,
        InputType::Number => Ty::Number,
        InputType::Bool => Ty::Bool,
        InputType::StringList => Ty::List(Box::new(Ty::String)),
        InputType::StringMap => Ty::Map(Box::new(Ty::String)),
    }
}
