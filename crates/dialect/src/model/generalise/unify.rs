//! The common shape of one value in several instances and environments.
//!
//! Walks the values together and goes as deep as they agree; what is left over is handed on as a variable, a
//! column or a choice. Must not know blocks.

use std::collections::BTreeSet;

use ir::{Address, Diagnostic, Ref, Step, Value};

use super::{Attrs, Cell, Generaliser, NULL, borrowed, merged_order};
use crate::model::align::{Match, Slot, align};
use crate::model::names;
use crate::model::term::{Part, Term, TermRef, TermStep};

impl<'a> Generaliser<'a, '_> {
    /// The common shape of the same value in several cells.
    pub(super) fn unify(&mut self, cells: &[(Cell<'a>, &Value)]) -> Term {
        if let Some(term) = self.input(cells) {
            return term;
        }
        let known: Vec<(Cell<'a>, &Value)> = cells.iter().map(|(c, v)| (*c, v.known())).collect();
        let Some((_, first)) = known.first() else { return Term::Literal(NULL) };
        let same_shape = |v: &Value| std::mem::discriminant(v) == std::mem::discriminant(*first);
        if !known.iter().all(|(_, v)| same_shape(v)) {
            return self.hole(&known);
        }
        match first {
            Value::Ref(_) => self.reference(&known),
            Value::List(_) => self.list(&known),
            Value::Map(_) => self.map(&known),
            Value::Json(_) => {
                let inner: Vec<_> = known.iter().map(|(c, v)| (*c, json_inner(v))).collect();
                Term::Json(Box::new(self.unify(&inner)))
            }
            Value::File(_) => {
                let paths: Vec<(Cell<'a>, Value)> = known.iter().map(|(c, v)| (*c, file_path(v))).collect();
                Term::File(Box::new(self.inside("file", |work| work.unify(&borrowed(&paths)))))
            }
            Value::Template(parts) => {
                let lists: Vec<(Cell<'a>, &[Value])> = known.iter().map(|(c, v)| (*c, parts_of(v))).collect();
                if lists.iter().any(|(_, l)| l.len() != parts.len()) {
                    return self.hole(&known);
                }
                let part = |i: usize| -> Vec<(Cell<'a>, &Value)> {
                    lists.iter().map(|(c, l)| (*c, &l[i])).collect()
                };
                Term::Template((0..parts.len()).map(|i| self.unify(&part(i))).collect())
            }
            Value::Secret(_) | Value::Unknown(_) => self.unsayable(first),
            _ => match self.keyed_text(&known) {
                Some(term) => term,
                None if known.iter().all(|(_, v)| v == first) => Term::Literal((*first).clone()),
                None => self.hole(&known),
            },
        }
    }

    /// A value that must not or cannot be written.
    fn unsayable(&mut self, value: &Value) -> Term {
        let place = format!("`{}` of `{}`", self.path.join("."), self.subject);
        self.diagnostics.push(match value {
            Value::Secret(secret) => Diagnostic::error(
                "secret-value",
                format!("{place} would need the value of the secret `{}`", secret.name),
            )
            .because("No secret value enters infrastructure code or its state.")
            .help("refer to the secret's ARN in the secret store instead"),
            Value::Unknown(reason) => {
                Diagnostic::error("unknown-value", format!("{place} is not known: {reason}"))
                    .because("Only inputs may be left open in infrastructure code.")
                    .help("declare an input for it, so that the pipeline or a person can set it")
            }
            _ => Diagnostic::error("unsayable-value", format!("{place} cannot be written")),
        });
        Term::Literal(NULL)
    }

    fn reference(&mut self, cells: &[(Cell<'a>, &Value)]) -> Term {
        let refs: Vec<(Cell<'a>, &Ref)> = cells.iter().map(|(c, v)| (*c, as_ref(v))).collect();
        let first = refs[0].1;
        let block = self.family.block_of(&first.to);
        let fits = |r: &Ref| {
            self.family.block_of(&r.to) == block
                && self.family.key_of(&r.to).is_some() == self.family.key_of(&first.to).is_some()
                && r.path.len() == first.path.len()
                && r.path.iter().zip(&first.path).all(|(a, b)| match (a, b) {
                    (Step::Attr(a), Step::Attr(b)) => a == b,
                    (Step::Index(_), Step::Index(_)) => true,
                    _ => false,
                })
        };
        if !refs.iter().all(|(_, r)| fits(r)) {
            return self.hole(cells);
        }
        let missing = refs.iter().find(|((v, _), r)| self.family.stacks[*v].graph.get(&r.to).is_none());
        if let Some((_, r)) = missing {
            self.dangling(&r.to.clone());
            return Term::Literal(NULL);
        }
        let stem = self.path.last().cloned().unwrap_or_default();
        let stem =
            ["_id", "_arn", "_name"].iter().find_map(|s| stem.strip_suffix(s)).unwrap_or(&stem).to_owned();
        let key = self.family.key_of(&first.to).map(|_| {
            let keys: Vec<(Cell<'a>, Value)> =
                refs.iter().map(|(c, r)| (*c, Value::from(r.to.key.clone().unwrap_or_default()))).collect();
            Box::new(self.inside(&format!("{stem}_key"), |work| work.unify(&borrowed(&keys))))
        });
        let path = (0..first.path.len())
            .map(|i| match &first.path[i] {
                Step::Attr(name) => TermStep::Attr(name.clone()),
                Step::Index(_) => {
                    let indices: Vec<(Cell<'a>, Value)> =
                        refs.iter().map(|(c, r)| (*c, index_value(&r.path[i]))).collect();
                    TermStep::Index(
                        self.inside(&format!("{stem}_index"), |work| work.unify(&borrowed(&indices))),
                    )
                }
            })
            .collect();
        Term::Ref(TermRef { block, key, path })
    }

    fn list(&mut self, cells: &[(Cell<'a>, &Value)]) -> Term {
        let lists: Vec<(Cell<'a>, &[Value])> = cells.iter().map(|(c, v)| (*c, parts_of(v))).collect();
        let covers: Option<Vec<(Address, &[Step])>> =
            lists.iter().map(|((v, _), l)| self.family.cover(*v, l)).collect();
        if let Some([first, rest @ ..]) = covers.as_deref()
            && rest.iter().all(|c| c == first)
        {
            return Term::All { block: first.0.clone(), path: first.1.to_vec() };
        }
        if let Some(term) = self.runs(&lists) {
            return term;
        }
        let plain = |v: &Value| matches!(v, Value::Str(_) | Value::Int(_) | Value::Float(_) | Value::Bool(_));
        let differ = lists.windows(2).any(|w| w[0].1 != w[1].1);
        if differ && lists.iter().all(|(_, l)| l.iter().all(plain)) {
            return self.hole(cells);
        }
        // Other instances of one block in each environment: the environment says which.
        let instances = lists
            .iter()
            .flat_map(|(_, l)| l.iter())
            .map(|v| self.instance_of(v))
            .collect::<Option<BTreeSet<_>>>();
        let foreign = |blocks: &BTreeSet<Address>| {
            blocks.iter().all(|b| self.family.module(&b.component) != self.module.name)
        };
        if self.family.form.roots
            && differ
            && instances.is_some_and(|blocks| blocks.len() == 1 && foreign(&blocks))
        {
            return self.hole(cells);
        }
        let slots = align(self.family.vocabulary.lists, &lists);
        if !slots.is_empty() && slots.iter().all(|s| s.cells.len() < lists.len()) && self.portable(cells) {
            return self.hole(cells);
        }
        let parts = self.slots(slots, &lists);
        if parts.iter().all(|part| matches!(part, Part::Item(None, _))) {
            return Term::List(parts.into_iter().map(Part::into_term).collect());
        }
        Term::Concat(parts)
    }

    /// The items of lists that are alike, with a flag where only some of the lists have one.
    fn slots(&mut self, slots: Vec<Slot<'_, Cell<'a>>>, lists: &[(Cell<'a>, &[Value])]) -> Vec<Part> {
        let mut parts = Vec::with_capacity(slots.len());
        for slot in slots {
            let here = self.path.last().cloned().unwrap_or_default();
            let word = slot.name.as_deref().map_or(here, names::snake);
            let flag = (slot.cells.len() < lists.len()).then(|| self.flag(&word, lists, &slot.cells));
            let term = match &slot.name {
                Some(_) => self.inside(&word, |work| work.unify(&slot.cells)),
                None => self.unify(&slot.cells),
            };
            parts.push(Part::Item(flag, term));
        }
        parts
    }

    /// A list that names every instance of a block among other things: a zone more or less changes nothing in it.
    fn runs(&mut self, lists: &[(Cell<'a>, &[Value])]) -> Option<Term> {
        let split: Vec<Vec<Run<'_>>> = lists.iter().map(|((v, _), list)| self.split(*v, list)).collect();
        let first = split.first()?;
        let is_all = |run: &Run<'_>| matches!(run, Run::All(..));
        let alike = |runs: &Vec<Run<'_>>| {
            runs.len() == first.len()
                && runs.iter().zip(first).all(|(a, b)| if is_all(a) { a == b } else { !is_all(b) })
        };
        if !first.iter().any(is_all) || !split.iter().all(alike) {
            return None;
        }
        let mut parts = Vec::new();
        for at in 0..first.len() {
            if let Run::All(block, path) = &first[at] {
                parts.push(Part::All(Term::All { block: block.clone(), path: path.to_vec() }));
                continue;
            }
            let between: Vec<(Cell<'a>, &[Value])> = lists
                .iter()
                .zip(&split)
                .filter_map(|((cell, _), runs)| match runs[at] {
                    Run::Items(items) => Some((*cell, items)),
                    Run::All(..) => None,
                })
                .collect();
            let slots = align(Match::Name, &between);
            parts.extend(self.slots(slots, &between));
        }
        Some(Term::Concat(parts))
    }

    /// The runs of a list: all instances of one block, or anything else.
    fn split<'v>(&self, stack: usize, list: &'v [Value]) -> Vec<Run<'v>> {
        let mut runs = Vec::new();
        let mut rest = 0;
        let mut at = 0;
        while at < list.len() {
            let block = self.instance_of(&list[at]);
            let end =
                list[at..].iter().position(|v| self.instance_of(v) != block).map_or(list.len(), |n| at + n);
            let covered = block.and_then(|_| self.family.cover(stack, &list[at..end]));
            if let Some((block, path)) = covered.filter(|_| end - at > 1) {
                if rest < at {
                    runs.push(Run::Items(&list[rest..at]));
                }
                runs.push(Run::All(block, path));
                rest = end;
            }
            at = end;
        }
        if rest < list.len() {
            runs.push(Run::Items(&list[rest..]));
        }
        runs
    }

    /// The block that a value is an instance of.
    fn instance_of(&self, value: &Value) -> Option<Address> {
        match value {
            Value::Ref(r) if self.family.key_of(&r.to).is_some() => Some(self.family.block_of(&r.to)),
            _ => None,
        }
    }

    fn map(&mut self, cells: &[(Cell<'a>, &Value)]) -> Term {
        let maps: Vec<(Cell<'a>, Attrs<'_>)> = cells
            .iter()
            .map(|(c, v)| (*c, v.as_map().into_iter().flatten().map(|(k, v)| (k.as_str(), v)).collect()))
            .collect();
        let order = merged_order(maps.iter().map(|(_, m)| m.keys().copied()));
        let partial = maps.iter().any(|(_, m)| m.len() != order.len());
        if partial && self.portable(cells) {
            return self.hole(cells);
        }
        let mut entries = Vec::with_capacity(order.len());
        for name in order {
            let inner: Vec<(Cell<'a>, &Value)> =
                maps.iter().filter_map(|(c, m)| Some((*c, *m.get(name)?))).collect();
            let flag = (inner.len() < maps.len()).then(|| self.flag(name, &maps, &inner));
            let term = self.inside(name, |work| work.unify(&inner));
            entries.push((flag, name.to_owned(), term));
        }
        if entries.iter().all(|(flag, ..)| flag.is_none()) {
            return Term::Map(entries.into_iter().map(|(_, k, t)| (k, t)).collect());
        }
        Term::Merge(entries)
    }

    /// A string that is the instance's key, perhaps with the same text around it.
    fn keyed_text(&self, cells: &[(Cell<'a>, &Value)]) -> Option<Term> {
        let texts: Vec<(&str, &str)> = cells
            .iter()
            .map(|((_, key), v)| match v {
                Value::Str(text) if self.keyed => Some(((*key)?, text.as_str())),
                _ => None,
            })
            .collect::<Option<_>>()?;
        let (key, text) = *texts.first()?;
        // One key proves nothing about a word in the middle of a text, which may stand there by chance.
        let one = texts.iter().all(|(k, _)| *k == key);
        let whole_word = |before: &str, after: &str| match one {
            true => after.is_empty() && (before.is_empty() || before.ends_with(['-', '/', '.'])),
            false => !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric),
        };
        let (before, after) = text.match_indices(key).filter(|_| !key.is_empty()).find_map(|(at, _)| {
            let (before, after) = (&text[..at], &text[at + key.len()..]);
            let fits =
                |k: &str, t: &str| t.strip_prefix(before).and_then(|t| t.strip_suffix(after)) == Some(k);
            (whole_word(before, after) && texts.iter().all(|(k, t)| fits(k, t))).then_some((before, after))
        })?;
        if before.is_empty() && after.is_empty() {
            return Some(Term::EachKey);
        }
        let literal = |t: &str| Term::Literal(Value::from(t));
        Some(Term::Template(vec![literal(before), Term::EachKey, literal(after)]))
    }

    /// Different values under flags, for what only the module itself can say.
    pub(super) fn choice(&mut self, cells: &[(Cell<'a>, &Value)]) -> Term {
        let mut groups: Vec<(&Value, Vec<(Cell<'a>, &Value)>)> = Vec::new();
        for (cell, value) in cells {
            match groups.iter_mut().find(|(v, _)| v == value) {
                Some((_, group)) => group.push((*cell, value)),
                None => groups.push((value, vec![(*cell, value)])),
            }
        }
        // The group that says most is tried first, so that a flag reads "enable" rather than "disable".
        groups.sort_by_key(|(v, _)| **v == Value::Null);
        let Some((last, rest)) = groups.split_last() else { return Term::Literal(NULL) };
        let word = self.path.last().cloned().unwrap_or_default();
        let mut term = if rest.is_empty() { return self.unsayable(last.0) } else { self.unify(&last.1) };
        for (_, group) in rest.iter().rev() {
            let flag = self.flag(&word, cells, group);
            let yes = self.unify(group);
            term = Term::Choose(Box::new(flag), Box::new(yes), Box::new(term));
        }
        term
    }
}

/// A part of a list.
#[derive(Debug, PartialEq)]
enum Run<'v> {
    /// All instances of a block, by an attribute.
    All(Address, &'v [Step]),
    /// Anything else.
    Items(&'v [Value]),
}

fn json_inner(value: &Value) -> &Value {
    match value {
        Value::Json(inner) => inner,
        other => other,
    }
}

fn file_path(value: &Value) -> Value {
    match value {
        Value::File(path) => path.into(),
        other => other.clone(),
    }
}

fn parts_of(value: &Value) -> &[Value] {
    match value {
        Value::Template(parts) | Value::List(parts) => parts,
        _ => &[],
    }
}

fn as_ref(value: &Value) -> &Ref {
    match value {
        Value::Ref(r) => r,
        other => unreachable!("only references are compared as references, not {other:?}"),
    }
}

fn index_value(step: &Step) -> Value {
    match step {
        Step::Index(i) => Value::Int(i64::try_from(*i).unwrap_or(i64::MAX)),
        Step::Attr(name) => Value::from(name),
    }
}
