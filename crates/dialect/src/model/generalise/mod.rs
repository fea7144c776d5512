//! Finds what the instances and environments of a module have in common.
//!
//! Anti-unification: the values of one attribute over all instances (`for_each`) and environments are walked
//! together. Where they agree they are written once; where they differ by environment they become a variable,
//! by instance a column of a table, and where neither can carry them (they lead to the module's own
//! resources) a choice under a flag. This file must not know how HCL is spelt.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use ir::graph::InputDecl;
use ir::{Address, Component, Diagnostic, Diagnostics, Lifecycle, Value};

mod repeat;
mod settings;
mod unify;
mod variables;

use crate::model::align::{Match, align};
use crate::model::family::{Family, Instances};
use crate::model::names;
use crate::model::term::{Item, Module, Repeat, Resource, Term};
use crate::model::vocabulary::Tags;

/// Which instance in which stack a value belongs to.
type Cell<'a> = (usize, Option<&'a str>);
/// The attributes of one cell, by name.
type Attrs<'v> = IndexMap<&'v str, &'v Value>;

const NULL: Value = Value::Null;

/// A module of a family.
pub(crate) fn generalise(family: &Family<'_>, name: &str, diagnostics: &mut Diagnostics) -> Module {
    let blocks = &family.modules[name];
    let mut declared: IndexMap<&str, Vec<Option<&Component>>> = IndexMap::new();
    for (v, stack) in family.stacks.iter().enumerate() {
        let own = stack.graph.components.iter().filter(|(c, _)| family.module(c) == name);
        for (component, declaration) in own {
            declared.entry(component).or_insert_with(|| vec![None; family.stacks.len()])[v] =
                Some(declaration);
        }
    }
    let present: Vec<usize> = (0..family.stacks.len())
        .filter(|v| declared.values().any(|d| d[*v].is_some()) || blocks.values().any(|b| !b[*v].is_empty()))
        .collect();
    let mut inputs: IndexMap<(&str, &str), &InputDecl> = IndexMap::new();
    for (component, declarations) in &declared {
        for (input, decl) in declarations.iter().flatten().flat_map(|c| &c.inputs) {
            inputs.entry((*component, input)).or_insert(decl);
        }
    }
    let mut taken = BTreeSet::new();
    let mut renamed = BTreeMap::new();
    for (component, input) in inputs.keys() {
        let plain = family.named(component, &names::snake(input));
        let candidates = [plain.clone(), names::joined(&names::snake(component), &plain)];
        renamed.insert(((*component).to_owned(), (*input).to_owned()), names::take(&mut taken, &candidates));
    }
    let module = Module { name: name.to_owned(), present, ..Module::default() };
    let subject = Address::new(name, ir::Kind::of("module"), "this");
    let mut work = Generaliser {
        family,
        inputs,
        renamed,
        taken,
        locals: BTreeSet::new(),
        flags: BTreeMap::new(),
        whole: BTreeMap::new(),
        keysets: Vec::new(),
        module,
        subject,
        keyed: false,
        path: Vec::new(),
        around: Vec::new(),
        columns: IndexMap::new(),
        diagnostics,
    };
    let mut spelt: BTreeMap<(ir::Mode, &ir::Kind, String), &Address> = BTreeMap::new();
    for address in blocks.keys() {
        let key = address.key.as_deref().unwrap_or_default();
        let own = family.named(&address.component, &names::snake(&format!("{} {key}", address.name)));
        let spelling = (address.mode, &address.kind, own);
        if let Some(other) = spelt.insert(spelling, address) {
            work.diagnostics.push(
                Diagnostic::error(
                    "name-clash",
                    format!("`{address}` and `{other}` are one name in {}", family.form.dialect),
                )
                .because("Of names of resources only letters and digits count.")
                .help("rename one of the two"),
            );
        }
    }
    // Flags of whole resources come first: what leads to such a resource depends on the same flag.
    let order: Vec<(&Address, Repeat)> =
        blocks.iter().map(|(address, instances)| (address, work.presence(address, instances))).collect();
    for ((address, repeat), instances) in order.into_iter().zip(blocks.values()) {
        let resource = work.block(address, repeat, instances);
        work.module.resources.insert(address.clone(), resource);
    }
    for (component, declared) in &declared {
        work.outputs(component, declared);
    }
    work.module
}

struct Generaliser<'a, 'f> {
    family: &'f Family<'a>,
    /// By component and name.
    inputs: IndexMap<(&'a str, &'a str), &'a InputDecl>,
    /// The variable each input became, by component and name.
    renamed: BTreeMap<(String, String), String>,
    /// Names of variables.
    taken: BTreeSet<String>,
    /// Names of locals.
    locals: BTreeSet<String>,
    /// Blocks that stand in some stacks only: in which, and the flag that says so.
    flags: BTreeMap<Address, (BTreeMap<usize, bool>, String)>,
    /// Components among others that stand in some stacks only, and the flag that says so.
    whole: BTreeMap<String, Term>,
    /// Sets of keys by stack, the name of the block they were found for, and the table or set that has them.
    keysets: Vec<(Vec<BTreeSet<&'a str>>, String, Term)>,
    module: Module,
    /// The block at hand.
    subject: Address,
    /// Whether the block at hand has several instances.
    keyed: bool,
    /// The way to the value at hand, for names.
    path: Vec<String>,
    /// The nested blocks around the value at hand.
    around: Vec<String>,
    /// What differs between the instances of the block at hand.
    columns: IndexMap<String, Vec<(Cell<'a>, Value)>>,
    diagnostics: &'f mut Diagnostics,
}

impl<'a> Generaliser<'a, '_> {
    fn block(&mut self, address: &Address, repeat: Repeat, stacks: &[Instances<'a>]) -> Resource {
        let cells: Vec<(Cell<'a>, &'a ir::Node)> = stacks
            .iter()
            .enumerate()
            .flat_map(|(v, instances)| instances.iter().map(move |(key, node)| ((v, *key), *node)))
            .collect();
        self.subject = address.clone();
        self.keyed = cells.iter().any(|((_, key), _)| key.is_some());
        self.path.clear();
        self.columns.clear();
        if self.keyed && cells.iter().any(|((_, key), _)| key.is_none()) {
            self.diagnostics.push(
                Diagnostic::error(
                    "mixed-instances",
                    format!("`{address}` has instances with and without a key"),
                )
                .because("A resource is repeated either for all its instances or for none.")
                .help("give every instance a key, or none"),
            );
        }
        let tags = (self.family.vocabulary.tags)(address);
        let own: Vec<Option<(&str, Option<Value>)>> =
            cells.iter().map(|((v, _), node)| own_tags(node, tags, &self.family.stacks[*v].tags)).collect();
        let maps: Vec<(Cell<'a>, Attrs<'_>)> = cells
            .iter()
            .zip(&own)
            .map(|((cell, node), own)| {
                let attrs = node.attrs.iter().filter_map(|(name, value)| match own {
                    Some((tags, value)) if tags == name => value.as_ref().map(|v| (name.as_str(), v)),
                    _ => Some((name.as_str(), value)),
                });
                (*cell, attrs.collect())
            })
            .collect();
        let mut items = self.body(&maps);
        if let Tags::Written(name) = tags {
            self.with_tags(name, &mut items);
        }
        let mut lookups = IndexMap::new();
        let repeat = if self.keyed { self.table(stacks, &mut lookups) } else { repeat };

        let lifecycles: Vec<&Lifecycle> = cells.iter().map(|(_, n)| &n.lifecycle).collect();
        let depends_on: BTreeSet<Address> =
            cells.iter().flat_map(|(_, n)| &n.depends_on).map(|to| self.family.block_of(to)).collect();
        Resource {
            address: address.clone(),
            repeat,
            alias: self.alias(&cells),
            items,
            prevent_destroy: self.same(&lifecycles, "prevent_destroy", |l| l.prevent_destroy),
            create_before_destroy: self
                .same(&lifecycles, "create_before_destroy", |l| l.create_before_destroy),
            ignore_changes: self.ignored(&lifecycles),
            depends_on: depends_on.into_iter().filter(|to| self.exists(to)).collect(),
            lookups,
        }
    }

    fn exists(&mut self, to: &Address) -> bool {
        let known = self.family.block(to).is_some();
        if !known {
            self.dangling(to);
        }
        known
    }

    fn dangling(&mut self, to: &Address) {
        self.diagnostics.push(
            Diagnostic::error(
                "dangling-reference",
                format!("`{}` refers to `{to}`, which does not exist", self.subject),
            )
            .because("Each stack is applied by itself and can refer only to its own resources.")
            .help("add the resource to the same stack, or pass its attribute as an input"),
        );
    }

    /// The body of a block: arguments and nested blocks, in the order of the cells.
    fn body(&mut self, maps: &[(Cell<'a>, Attrs<'_>)]) -> Vec<Item> {
        let mut items = Vec::new();
        for name in merged_order(maps.iter().map(|(_, m)| m.keys().copied())) {
            self.around.push(name.to_owned());
            let nests = (self.family.vocabulary.nests)(&self.subject, &self.around);
            let is_block =
                nests.unwrap_or_else(|| maps.iter().filter_map(|(_, m)| m.get(name)).any(|v| is_blocks(v)));
            if is_block {
                self.nested(name, maps, &mut items);
                self.around.pop();
                continue;
            }
            self.around.pop();
            let cells: Vec<(Cell<'a>, &Value)> =
                maps.iter().map(|(cell, m)| (*cell, m.get(name).copied().unwrap_or(&NULL))).collect();
            if cells.iter().any(|(_, v)| *v.known() != Value::Null) {
                let term = self.inside(name, |work| work.unify(&cells));
                items.push(Item::Attr(name.to_owned(), term));
            }
        }
        items
    }

    fn nested(&mut self, name: &str, maps: &[(Cell<'a>, Attrs<'_>)], items: &mut Vec<Item>) {
        let lists: Vec<(Cell<'a>, &[Value])> = maps
            .iter()
            .map(|(cell, m)| {
                let value = m.get(name).map(|v| v.known());
                (
                    *cell,
                    match value {
                        Some(Value::List(list)) => list.as_slice(),
                        Some(single @ Value::Map(_)) => std::slice::from_ref(single),
                        _ => &[],
                    },
                )
            })
            .collect();
        let slots = align(Match::Place, &lists);
        let many = slots.len() > 1;
        for slot in slots {
            let mut segment = name.to_owned();
            if let (true, Some(word)) = (many, &slot.name) {
                segment = names::joined(name, &names::snake(word));
            }
            let flag = (slot.cells.len() < lists.len()).then(|| self.flag(&segment, &lists, &slot.cells));
            let inner: Vec<(Cell<'a>, Attrs<'_>)> = slot
                .cells
                .iter()
                .map(|(cell, v)| {
                    (*cell, v.as_map().into_iter().flatten().map(|(k, v)| (k.as_str(), v)).collect())
                })
                .collect();
            let body = self.inside(&segment, |work| work.body(&inner));
            items.push(Item::Block(name.to_owned(), flag, body));
        }
    }

    fn inside<T>(&mut self, segment: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(segment.to_owned());
        let out = work(self);
        self.path.pop();
        out
    }

    fn outputs(&mut self, component: &str, declared: &[Option<&'a Component>]) {
        self.subject = Address::new(component, ir::Kind::of("module"), "this");
        self.keyed = false;
        self.path.clear();
        let all = declared.iter().flatten().flat_map(|c| &c.outputs);
        let mut names_seen: IndexMap<&str, &str> = IndexMap::new();
        all.for_each(|(name, (description, _))| {
            names_seen.entry(name).or_insert(description);
        });
        for (name, description) in names_seen {
            let cells: Vec<(Cell<'a>, &Value)> = self
                .module
                .present
                .clone()
                .into_iter()
                .map(|v| {
                    let value =
                        declared[v].and_then(|c| c.outputs.get(name)).map_or(&NULL, |(_, value)| value);
                    ((v, None), value)
                })
                .collect();
            let term = self.inside(name, |work| work.unify(&cells));
            let own = self.family.named(component, &names::snake(name));
            self.module.outputs.insert(own, (description.to_owned(), term));
        }
    }
}

/// The attribute that holds tags, and those that only this node carries; `None` when none are left.
fn own_tags(
    node: &ir::Node,
    tags: Tags,
    stack: &IndexMap<String, String>,
) -> Option<(&'static str, Option<Value>)> {
    let (Tags::Inherited(name) | Tags::Written(name)) = tags else { return None };
    let value = node.attrs.get(name)?;
    let Value::Map(entries) = value else { return Some((name, Some(value.clone()))) };
    let inherited =
        |key: &str, value: &Value| stack.get(key).is_some_and(|s| value.text().as_ref() == Some(s));
    let own: IndexMap<String, Value> =
        entries.iter().filter(|(k, v)| !inherited(k, v)).map(|(k, v)| (k.clone(), v.clone())).collect();
    Some((name, (!own.is_empty()).then_some(Value::Map(own))))
}

/// Every name of several ordered lists, each list's order kept where the others allow it.
fn merged_order<'v, I: Iterator<Item = &'v str>>(lists: impl Iterator<Item = I>) -> Vec<&'v str> {
    let mut order: Vec<&'v str> = Vec::new();
    for list in lists {
        let mut at = 0;
        for name in list {
            if order.get(at) == Some(&name) {
                at += 1;
            } else if let Some(found) = order.iter().position(|o| *o == name) {
                at = found + 1;
            } else {
                order.insert(at, name);
                at += 1;
            }
        }
    }
    order
}

fn is_blocks(value: &Value) -> bool {
    value.as_list().is_some_and(|l| !l.is_empty() && l.iter().all(|v| v.as_map().is_some()))
}

fn borrowed<'a, 'v>(cells: &'v [(Cell<'a>, Value)]) -> Vec<(Cell<'a>, &'v Value)> {
    cells.iter().map(|(c, v)| (*c, v)).collect()
}
