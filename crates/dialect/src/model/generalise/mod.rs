//! Finds what the instances and environments of a component have in common.
//!
//! Anti-unification: the values of one attribute over all instances (`for_each`) and environments are walked
//! together. Where they agree they are written once; where they differ by environment they become a variable,
//! by instance a column of a table, and where neither can carry them (they lead to the module's own
//! resources) a choice under a flag. This file must not know how HCL is spelt.

use std::collections::{BTreeMap, BTreeSet};

use catalog::BlockInfo;
use catalog::kinds::AttrInfo;
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

/// Which instance in which stack a value belongs to.
type Cell<'a> = (usize, Option<&'a str>);
/// The attributes of one cell, by name.
type Attrs<'v> = IndexMap<&'v str, &'v Value>;

const NULL: Value = Value::Null;

/// The module of a component.
pub(crate) fn generalise(family: &Family<'_>, name: &str, diagnostics: &mut Diagnostics) -> Module {
    let graphs = || family.stacks.iter().map(|s| &s.graph);
    let blocks = &family.components[name];
    let present: Vec<usize> = graphs()
        .enumerate()
        .filter(|(v, g)| g.components.contains_key(name) || blocks.values().any(|b| !b[*v].is_empty()))
        .map(|(v, _)| v)
        .collect();
    let declared: Vec<Option<&Component>> = graphs().map(|g| g.components.get(name)).collect();
    let mut inputs: IndexMap<&str, &InputDecl> = IndexMap::new();
    for component in declared.iter().flatten() {
        for (input, decl) in &component.inputs {
            inputs.entry(input).or_insert(decl);
        }
    }
    let mut taken = BTreeSet::new();
    let mut renamed = BTreeMap::new();
    for input in inputs.keys() {
        let plain = names::snake(input);
        let candidates = [plain.clone(), names::joined(&names::snake(name), &plain)];
        renamed.insert((*input).to_owned(), names::take(&mut taken, &candidates));
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
        keysets: Vec::new(),
        module,
        subject,
        keyed: false,
        path: Vec::new(),
        columns: IndexMap::new(),
        diagnostics,
    };
    let mut spelt: BTreeMap<(ir::Mode, &ir::Kind, String), &Address> = BTreeMap::new();
    for address in blocks.keys() {
        let spelling = (address.mode, &address.kind, names::snake(&address.name));
        if let Some(other) = spelt.insert(spelling, address) {
            work.diagnostics.push(
                Diagnostic::error(
                    "name-clash",
                    format!("`{address}` and `{other}` are one name in Terraform"),
                )
                .because("Names of resources are letters, digits and underscores.")
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
    work.outputs(&declared);
    work.module
}

struct Generaliser<'a, 'f> {
    family: &'f Family<'a>,
    inputs: IndexMap<&'a str, &'a InputDecl>,
    /// The variable each input became.
    renamed: BTreeMap<String, String>,
    /// Names of variables.
    taken: BTreeSet<String>,
    /// Names of locals.
    locals: BTreeSet<String>,
    /// Blocks that stand in some stacks only: in which, and the flag that says so.
    flags: BTreeMap<Address, (BTreeMap<usize, bool>, String)>,
    /// Sets of keys by stack, the name of the block they were found for, and the table or set that has them.
    keysets: Vec<(Vec<BTreeSet<&'a str>>, String, Term)>,
    module: Module,
    /// The block at hand.
    subject: Address,
    /// Whether the block at hand has several instances.
    keyed: bool,
    /// The way to the value at hand, for names.
    path: Vec<String>,
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
                .because("Terraform repeats a resource either for all its instances or for none.")
                .help("give every instance a key, or none"),
            );
        }
        let tags: Vec<Option<Value>> =
            cells.iter().map(|((v, _), node)| own_tags(node, &self.family.stacks[*v].tags)).collect();
        let maps: Vec<(Cell<'a>, Attrs<'_>)> = cells
            .iter()
            .zip(&tags)
            .map(|((cell, node), tags)| {
                let attrs = node.attrs.iter().filter_map(|(name, value)| match name.as_str() {
                    "tags" => tags.as_ref().map(|t| ("tags", t)),
                    name => Some((name, value)),
                });
                (*cell, attrs.collect())
            })
            .collect();
        let info = catalog::kinds::of(address);
        let items = self.body(info.map(|i| (&i.schema.attributes, &i.schema.blocks)), &maps);
        let mut lookups = IndexMap::new();
        let repeat = if self.keyed { self.table(stacks, &mut lookups) } else { repeat };

        let lifecycles: Vec<&Lifecycle> = cells.iter().map(|(_, n)| &n.lifecycle).collect();
        let depends_on: BTreeSet<Address> =
            cells.iter().flat_map(|(_, n)| &n.depends_on).map(Address::without_key).collect();
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
    fn body(&mut self, schema: Option<Fields<'_>>, maps: &[(Cell<'a>, Attrs<'_>)]) -> Vec<Item> {
        let mut items = Vec::new();
        for name in merged_order(maps.iter().map(|(_, m)| m.keys().copied())) {
            let is_block = match schema {
                Some((attributes, blocks)) => blocks.contains_key(name) && !attributes.contains_key(name),
                None => maps.iter().filter_map(|(_, m)| m.get(name)).any(|v| is_blocks(v)),
            };
            if is_block {
                let nested = schema.and_then(|(_, blocks)| blocks.get(name));
                self.nested(name, nested.map(|b| (&b.attributes, &b.blocks)), maps, &mut items);
                continue;
            }
            let cells: Vec<(Cell<'a>, &Value)> =
                maps.iter().map(|(cell, m)| (*cell, m.get(name).copied().unwrap_or(&NULL))).collect();
            if cells.iter().any(|(_, v)| *v.known() != Value::Null) {
                let term = self.inside(name, |work| work.unify(&cells));
                items.push(Item::Attr(name.to_owned(), term));
            }
        }
        items
    }

    fn nested(
        &mut self,
        name: &str,
        schema: Option<Fields<'_>>,
        maps: &[(Cell<'a>, Attrs<'_>)],
        items: &mut Vec<Item>,
    ) {
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
            let body = self.inside(&segment, |work| work.body(schema, &inner));
            items.push(Item::Block(name.to_owned(), flag, body));
        }
    }

    fn inside<T>(&mut self, segment: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(segment.to_owned());
        let out = work(self);
        self.path.pop();
        out
    }

    fn outputs(&mut self, declared: &[Option<&'a Component>]) {
        self.subject = Address::new(&self.module.name, ir::Kind::of("module"), "this");
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
            self.module.outputs.insert(names::snake(name), (description.to_owned(), term));
        }
    }
}

type Fields<'s> = (&'s BTreeMap<String, AttrInfo>, &'s BTreeMap<String, BlockInfo>);

/// The tags that only this node carries: the provider adds the stack's. `None` when none are left.
fn own_tags(node: &ir::Node, stack: &IndexMap<String, String>) -> Option<Value> {
    let tags = node.attrs.get("tags")?;
    let Value::Map(entries) = tags else { return Some(tags.clone()) };
    let inherited =
        |key: &str, value: &Value| stack.get(key).is_some_and(|s| value.text().as_ref() == Some(s));
    let own: IndexMap<String, Value> =
        entries.iter().filter(|(k, v)| !inherited(k, v)).map(|(k, v)| (k.clone(), v.clone())).collect();
    (!own.is_empty()).then_some(Value::Map(own))
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
