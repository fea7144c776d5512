//! How often a block stands: once, under a flag, or for every key of a table.
//!
//! What differs between instances becomes a column; the table is a local where all environments have the same
//! rows, and a variable where they do not. Must not know how two values are compared.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use ir::{Address, Value};

use super::{Cell, Generaliser, NULL, borrowed};
use crate::model::family::Instances;
use crate::model::names;
use crate::model::term::{Given, Repeat, Term, Ty, Variable};
use crate::model::types;

impl<'a> Generaliser<'a, '_> {
    /// How often a block without keys stands.
    pub(super) fn presence(&mut self, address: &Address, stacks: &[Instances<'a>]) -> Repeat {
        self.subject = address.clone();
        if stacks.iter().flatten().any(|(key, _)| key.is_some()) {
            return Repeat::Once;
        }
        let here: Vec<(Cell<'a>, bool)> =
            self.module.present.iter().map(|v| ((*v, None), !stacks[*v].is_empty())).collect();
        if here.iter().all(|(_, has)| *has) {
            return Repeat::Once;
        }
        let values = || stacks.iter().flatten().flat_map(|(_, node)| node.attrs.values());
        // What is read without arguments, such as the region, is there wherever the module is.
        if address.mode == ir::Mode::Data && values().next().is_none() {
            return Repeat::Once;
        }
        if let Some(flag) = self.whole(&address.component, &here) {
            return Repeat::When(flag);
        }
        let flag = self.condition(&format!("create_{}", self.family.subject(address)), &here, values());
        if let Term::Var(name) = &flag {
            self.flags.insert(
                address.clone(),
                (here.iter().map(|((v, _), has)| (*v, *has)).collect(), name.clone()),
            );
        }
        Repeat::When(flag)
    }

    /// The one flag of a component that stands in the same stacks as this block, where the module has others too.
    fn whole(&mut self, component: &str, here: &[(Cell<'a>, bool)]) -> Option<Term> {
        self.family.prefix(component)?;
        let stacks = &self.family.stacks;
        if here.iter().any(|((v, _), has)| stacks[*v].graph.components.contains_key(component) != *has) {
            return None;
        }
        if let Some(flag) = self.whole.get(component) {
            return Some(flag.clone());
        }
        let mut given = vec![None; stacks.len()];
        here.iter().for_each(|((v, _), has)| given[*v] = Some(Given::Value(Value::Bool(*has))));
        let description = format!("Whether to create {component}.");
        let variable = Variable { ty: Ty::Bool, description, validation: None, given };
        let flag = Term::Var(self.variable(&[format!("create_{}", names::snake(component))], variable));
        self.whole.insert(component.to_owned(), flag.clone());
        Some(flag)
    }

    /// A truth value for every cell. What leads to a resource that stands in the same environments hangs on
    /// that resource's flag.
    fn condition<'v>(
        &mut self,
        name: &str,
        cells: &[(Cell<'a>, bool)],
        about: impl Iterator<Item = &'v Value>,
    ) -> Term {
        let agrees =
            |known: &BTreeMap<usize, bool>| cells.iter().all(|((v, _), has)| known.get(v) == Some(has));
        let shared = about
            .flat_map(Value::refs)
            .find_map(|r| self.flags.get(&self.family.block_of(&r.to)).filter(|(known, _)| agrees(known)));
        if let Some((_, flag)) = shared {
            return Term::Var(flag.clone());
        }
        let cells: Vec<(Cell<'a>, Value)> = cells.iter().map(|(c, has)| (*c, Value::Bool(*has))).collect();
        self.inside(name, |work| work.unify(&borrowed(&cells)))
    }

    /// Says over which table or set a block with keys is repeated.
    pub(super) fn table(
        &mut self,
        stacks: &[Instances<'a>],
        lookups: &mut IndexMap<String, String>,
    ) -> Repeat {
        let present = self.module.present.clone();
        let keys = |v: usize| -> BTreeSet<&'a str> { stacks[v].iter().filter_map(|(k, _)| *k).collect() };
        let per_stack: Vec<BTreeSet<&'a str>> = present.iter().map(|v| keys(*v)).collect();
        let all: BTreeSet<&str> = per_stack.iter().flatten().copied().collect();
        let same_keys = per_stack.iter().all(|k| *k == all);
        let plural = names::plural(&self.family.subject(&self.subject));
        self.path.clear();
        self.keyed = false;
        let mut columns = std::mem::take(&mut self.columns);
        let fixed = |cells: &[(Cell<'_>, Value)]| {
            let mut by_key: BTreeMap<Option<&str>, &Value> = BTreeMap::new();
            cells.iter().all(|((_, key), value)| *by_key.entry(*key).or_insert(value) == value)
        };
        let portable =
            |work: &Self, cells: &[(Cell<'_>, Value)]| cells.iter().all(|(_, v)| work.expressible(v));

        if columns.is_empty() {
            let same = self.keysets.iter().filter(|(keys, ..)| *keys == per_stack);
            let nearest = same.max_by_key(|(_, name, _)| *name == self.subject.name);
            if let Some((.., table)) = nearest {
                return Repeat::Table(table.clone());
            }
        }
        if same_keys && columns.values().all(|c| fixed(c) || !portable(self, c)) {
            if columns.is_empty() {
                return Repeat::Keys(Term::List(all.iter().map(|k| Term::Literal((*k).into())).collect()));
            }
            let rows = all
                .iter()
                .map(|key| {
                    let row = columns
                        .iter()
                        .map(|(name, cells)| (name.clone(), self.inside(name, |work| work.row(key, cells))));
                    ((*key).to_owned(), Term::Map(row.collect()))
                })
                .collect();
            let local = names::take(&mut self.locals, &[plural]);
            self.module.locals.push((local.clone(), Term::Map(rows)));
            self.keysets.push((per_stack, self.subject.name.clone(), Term::Local(local.clone())));
            return Repeat::Table(Term::Local(local));
        }

        let mut elsewhere = Vec::new();
        columns.retain(|name, cells| {
            let keep = portable(self, cells);
            if !keep {
                elsewhere.push((name.clone(), std::mem::take(cells)));
            }
            keep
        });
        for (name, cells) in elsewhere {
            let rows =
                all.iter().map(|key| ((*key).to_owned(), self.inside(&name, |work| work.row(key, &cells))));
            let rows = Term::Map(rows.collect());
            let local = names::take(&mut self.locals, &[format!("{plural}_{name}")]);
            self.module.locals.push((local.clone(), rows));
            lookups.insert(name, local);
        }
        let nouns = self.family.nouns(&self.subject);
        let stacks_given = |value: &dyn Fn(usize, &str) -> Value, list: bool| {
            let mut given = vec![None; self.family.stacks.len()];
            for (v, keys) in present.iter().zip(&per_stack) {
                let value = if list {
                    Value::List(keys.iter().map(|k| Value::from(*k)).collect())
                } else {
                    Value::Map(keys.iter().map(|k| ((*k).to_owned(), value(*v, k))).collect())
                };
                given[*v] = Some(Given::Value(value));
            }
            given
        };
        if columns.is_empty() {
            let given = stacks_given(&|_, _| NULL, true);
            let description = format!("Keys of {nouns}.");
            let variable =
                Variable { ty: Ty::Set(Box::new(Ty::String)), description, validation: None, given };
            let name = self.variable(&[format!("{}_keys", self.family.subject(&self.subject))], variable);
            self.keysets.push((per_stack, self.subject.name.clone(), Term::Var(name.clone())));
            return Repeat::Keys(Term::Var(name));
        }
        let row = |v: usize, key: &str| {
            let field = |cells: &Vec<(Cell<'_>, Value)>| {
                cells
                    .iter()
                    .find(|((s, k), _)| *s == v && *k == Some(key))
                    .map_or(NULL, |(_, value)| value.clone())
            };
            Value::Map(columns.iter().map(|(name, cells)| (name.clone(), field(cells))).collect())
        };
        let given = stacks_given(&row, false);
        let fields = columns
            .iter()
            .map(|(name, cells)| {
                (name.clone(), types::of_values(self.family.vocabulary, cells.iter().map(|(_, v)| v)))
            })
            .collect();
        let description = format!(
            "{} by key, with what differs between them.",
            names::capital(nouns.trim_start_matches("the "))
        );
        let ty = Ty::Map(Box::new(Ty::Object(fields)));
        let variable = Variable { ty, description, validation: None, given };
        let table = Term::Var(self.variable(&[plural], variable));
        self.keysets.push((per_stack, self.subject.name.clone(), table.clone()));
        Repeat::Table(table)
    }

    /// One column's value at a key.
    fn row(&mut self, key: &str, cells: &[(Cell<'a>, Value)]) -> Term {
        let here: Vec<(Cell<'a>, &Value)> =
            cells.iter().filter(|((_, k), _)| *k == Some(key)).map(|(c, v)| (*c, v)).collect();
        if here.is_empty() { Term::Literal(NULL) } else { self.inside(key, |work| work.unify(&here)) }
    }

    /// A condition that holds in the cells that have something.
    pub(super) fn flag<T>(&mut self, what: &str, all: &[(Cell<'a>, T)], with: &[(Cell<'a>, &Value)]) -> Term {
        let having: BTreeSet<Cell<'a>> = with.iter().map(|(c, _)| *c).collect();
        let cells: Vec<(Cell<'a>, bool)> = all.iter().map(|(c, _)| (*c, having.contains(c))).collect();
        let name = format!("enable_{}", names::snake(what));
        self.condition(&name, &cells, with.iter().map(|(_, v)| *v))
    }

    pub(super) fn column(&mut self, cells: &[(Cell<'a>, &Value)]) -> Term {
        let values: Vec<(Cell<'a>, Value)> = cells.iter().map(|(c, v)| (*c, (*v).clone())).collect();
        let last = self.path.last().map_or_else(|| "value".to_owned(), |p| names::snake(p));
        let whole = names::snake(&self.path.join("_"));
        let mut name = last;
        let mut tries = std::iter::once(whole.clone()).chain((2u32..).map(|n| format!("{whole}_{n}")));
        while self.columns.get(&name).is_some_and(|known| *known != values) {
            name = tries.next().unwrap_or_default();
        }
        self.columns.insert(name.clone(), values);
        Term::EachValue(name)
    }
}
