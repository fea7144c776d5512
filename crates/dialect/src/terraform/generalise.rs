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
use ir::{Address, Component, Diagnostic, Diagnostics, InputType, Lifecycle, Ref, Step, Value};

use super::align::align;
use super::family::{Family, Instances};
use super::names;
use super::term::{Given, Item, Module, Repeat, Resource, Term, TermRef, TermStep, Ty, Variable};
use super::types;

/// Which instance in which stack a value belongs to.
type Cell<'a> = (usize, Option<&'a str>);
/// The attributes of one cell, by name.
type Attrs<'v> = IndexMap<&'v str, &'v Value>;

const NULL: Value = Value::Null;

/// The module of a component.
pub(super) fn generalise(family: &Family<'_>, name: &str, diagnostics: &mut Diagnostics) -> Module {
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
    // A root that is not an environment may hold the module's own files, beside its variable for the region.
    let reserved = family.stacks.iter().any(|s| !s.environment).then(|| "region".to_owned());
    let mut taken: BTreeSet<String> = reserved.into_iter().collect();
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

    /// How often a block without keys stands.
    fn presence(&mut self, address: &Address, stacks: &[Instances<'a>]) -> Repeat {
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
        let flag = self.condition(&format!("create_{}", names::subject(address)), &here, values());
        if let Term::Var(name) = &flag {
            self.flags.insert(
                address.clone(),
                (here.iter().map(|((v, _), has)| (*v, *has)).collect(), name.clone()),
            );
        }
        Repeat::When(flag)
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
            .find_map(|r| self.flags.get(&r.to.without_key()).filter(|(known, _)| agrees(known)));
        if let Some((_, flag)) = shared {
            return Term::Var(flag.clone());
        }
        let cells: Vec<(Cell<'a>, Value)> = cells.iter().map(|(c, has)| (*c, Value::Bool(*has))).collect();
        self.inside(name, |work| work.unify(&borrowed(&cells)))
    }

    /// Says over which table or set a block with keys is repeated.
    fn table(&mut self, stacks: &[Instances<'a>], lookups: &mut IndexMap<String, String>) -> Repeat {
        let present = self.module.present.clone();
        let keys = |v: usize| -> BTreeSet<&'a str> { stacks[v].iter().filter_map(|(k, _)| *k).collect() };
        let per_stack: Vec<BTreeSet<&'a str>> = present.iter().map(|v| keys(*v)).collect();
        let all: BTreeSet<&str> = per_stack.iter().flatten().copied().collect();
        let same_keys = per_stack.iter().all(|k| *k == all);
        let plural = names::plural(&names::subject(&self.subject));
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
        let nouns = names::nouns(&self.subject);
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
            let name = self.variable(&[format!("{}_keys", names::subject(&self.subject))], variable);
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
            .map(|(name, cells)| (name.clone(), types::of_values(cells.iter().map(|(_, v)| v))))
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

    /// The provider's alias for nodes outside their stack's region.
    fn alias(&mut self, cells: &[(Cell<'a>, &ir::Node)]) -> Option<String> {
        let home = |v: usize| self.family.stacks[v].region.as_str();
        if cells.iter().all(|((v, _), node)| node.region.as_deref().is_none_or(|r| r == home(*v))) {
            return None;
        }
        let mut regions: Vec<Option<String>> = vec![None; self.family.stacks.len()];
        let mut mixed = false;
        for ((v, _), node) in cells {
            let region = node.region.clone().unwrap_or_else(|| home(*v).to_owned());
            mixed |= regions[*v].as_ref().is_some_and(|before| *before != region);
            regions[*v] = Some(region);
        }
        if mixed {
            self.diagnostics.push(
                Diagnostic::error("mixed-regions", format!("instances of `{}` stand in several regions", self.subject))
                    .because("All instances of one Terraform resource use one provider, and a provider has one region.")
                    .help("give the instances of each region a name of their own"),
            );
        }
        let distinct: BTreeSet<&String> = regions.iter().flatten().collect();
        let base = match distinct.first() {
            Some(region) if distinct.len() == 1 => names::snake(region),
            _ => "secondary".to_owned(),
        };
        let fits = |known: &[Option<String>]| {
            known.iter().zip(&regions).all(|(a, b)| a.is_none() || b.is_none() || a == b)
        };
        let candidates = std::iter::once(base.clone()).chain((2u32..).map(|n| format!("{base}_{n}")));
        for name in candidates {
            match self.module.aliases.get_mut(&name) {
                Some(known) if !fits(known) => {}
                Some(known) => {
                    known.iter_mut().zip(regions).for_each(|(a, b)| *a = a.take().or(b));
                    return Some(name);
                }
                None => {
                    self.module.aliases.insert(name.clone(), regions);
                    return Some(name);
                }
            }
        }
        None
    }

    /// A lifecycle setting, which Terraform cannot take from a variable.
    fn same(&mut self, all: &[&Lifecycle], what: &str, get: impl Fn(&Lifecycle) -> bool) -> bool {
        let every = all.iter().all(|l| get(l));
        if !every && all.iter().any(|l| get(l)) {
            self.diagnostics.push(
                Diagnostic::note("lifecycle-differs", format!("`{what}` of `{}` differs and is left out", self.subject))
                    .because("Terraform reads lifecycle settings before variables, so a module that environments share cannot switch them.")
                    .help("rely on the resource's own protection, such as `deletion_protection`, which is a variable"),
            );
        }
        every
    }

    fn ignored(&mut self, all: &[&Lifecycle]) -> Vec<String> {
        let mut union: Vec<String> = Vec::new();
        for name in all.iter().flat_map(|l| &l.ignore_changes) {
            if !union.contains(name) {
                union.push(name.clone());
            }
        }
        if union.iter().any(|name| all.iter().any(|l| !l.ignore_changes.contains(name))) {
            self.diagnostics.push(
                Diagnostic::warning("lifecycle-differs", format!("`ignore_changes` of `{}` holds in every environment", self.subject))
                    .because("Environments ask for different lists, and Terraform reads lifecycle settings before variables.")
                    .help("use the same release strategy in every environment"),
            );
        }
        union
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
        let slots = align(&lists);
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

    /// A condition that holds in the cells that have something.
    fn flag<T>(&mut self, what: &str, all: &[(Cell<'a>, T)], with: &[(Cell<'a>, &Value)]) -> Term {
        let having: BTreeSet<Cell<'a>> = with.iter().map(|(c, _)| *c).collect();
        let cells: Vec<(Cell<'a>, bool)> = all.iter().map(|(c, _)| (*c, having.contains(c))).collect();
        let name = format!("enable_{}", names::snake(what));
        self.condition(&name, &cells, with.iter().map(|(_, v)| *v))
    }

    fn inside<T>(&mut self, segment: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(segment.to_owned());
        let out = work(self);
        self.path.pop();
        out
    }

    /// The common shape of the same value in several cells.
    fn unify(&mut self, cells: &[(Cell<'a>, &Value)]) -> Term {
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
            _ if known.iter().all(|(_, v)| v == first) => Term::Literal((*first).clone()),
            Value::Str(_) => self.keyed_text(&known).unwrap_or_else(|| self.hole(&known)),
            _ => self.hole(&known),
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
            _ => Diagnostic::error("unsayable-value", format!("{place} cannot be written in Terraform")),
        });
        Term::Literal(NULL)
    }

    /// A variable, when the cells are the same declared input.
    fn input(&mut self, cells: &[(Cell<'a>, &Value)]) -> Option<Term> {
        let name = cells.iter().find_map(|(_, v)| match v {
            Value::Input(i) => Some(&i.name),
            _ => None,
        })?;
        let open = |v: &Value| {
            let mut open = false;
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
        let decl = self.inputs.get(name.as_str()).copied();
        let variable_name = match self.renamed.get(name) {
            Some(known) => known.clone(),
            None => {
                let fresh = names::take(&mut self.taken, &[names::snake(name)]);
                self.renamed.insert(name.clone(), fresh.clone());
                fresh
            }
        };
        let stacks = self.family.stacks.len();
        let noun = names::noun(&self.subject);
        let variable = self.module.variables.entry(variable_name.clone()).or_insert_with(|| Variable {
            ty: decl
                .map_or_else(|| types::of_values(cells.iter().map(|(_, v)| *v)), |d| declared_type(&d.ty)),
            description: decl.map_or_else(|| names::sentence(name, &noun), |d| d.description.clone()),
            validation: decl.and_then(|d| d.validation.clone()),
            given: vec![None; stacks],
        });
        for ((v, _), value) in cells {
            let given = if decl.is_some_and(|d| d.from_pipeline) || open(value) {
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

    fn reference(&mut self, cells: &[(Cell<'a>, &Value)]) -> Term {
        let refs: Vec<(Cell<'a>, &Ref)> = cells.iter().map(|(c, v)| (*c, as_ref(v))).collect();
        let first = refs[0].1;
        let block = first.to.without_key();
        let fits = |r: &Ref| {
            r.to.without_key() == block
                && r.to.key.is_some() == first.to.key.is_some()
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
        let key = first.to.key.as_ref().map(|_| {
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
        let plain = |v: &Value| matches!(v, Value::Str(_) | Value::Int(_) | Value::Float(_) | Value::Bool(_));
        if lists.windows(2).any(|w| w[0].1 != w[1].1) && lists.iter().all(|(_, l)| l.iter().all(plain)) {
            return self.hole(cells);
        }
        let slots = align(&lists);
        if !slots.is_empty() && slots.iter().all(|s| s.cells.len() < lists.len()) && self.portable(cells) {
            return self.hole(cells);
        }
        let mut parts = Vec::with_capacity(slots.len());
        for slot in slots {
            let here = self.path.last().cloned().unwrap_or_default();
            let word = slot.name.as_deref().map_or(here, names::snake);
            let flag = (slot.cells.len() < lists.len()).then(|| self.flag(&word, &lists, &slot.cells));
            let term = match &slot.name {
                Some(_) => self.inside(&word, |work| work.unify(&slot.cells)),
                None => self.unify(&slot.cells),
            };
            parts.push((flag, term));
        }
        if parts.iter().all(|(flag, _)| flag.is_none()) {
            return Term::List(parts.into_iter().map(|(_, t)| t).collect());
        }
        Term::Concat(parts)
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
        if key.is_empty() || texts.iter().all(|(k, _)| *k == key) {
            return None;
        }
        let whole_word = |before: &str, after: &str| {
            !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric)
        };
        let (before, after) = text.match_indices(key).find_map(|(at, _)| {
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

    /// Whether a root could write the value down itself.
    fn expressible(&self, value: &Value) -> bool {
        let mut yes = true;
        value.walk(&mut |v| match v {
            Value::Secret(_) | Value::Unknown(_) => yes = false,
            Value::Ref(r) if r.to.component == self.module.name => yes = false,
            _ => {}
        });
        yes
    }

    fn portable(&self, cells: &[(Cell<'a>, &Value)]) -> bool {
        let mut inputs = false;
        for (_, value) in cells {
            value.walk(&mut |v| inputs |= matches!(v, Value::Input(_) | Value::Ref(_)));
        }
        !inputs && cells.iter().all(|(_, v)| self.expressible(v))
    }

    /// Values that have nothing in common.
    fn hole(&mut self, cells: &[(Cell<'a>, &Value)]) -> Term {
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
            let ty = types::of_values(cells.iter().map(|(_, v)| *v));
            let variable = Variable { description: self.describe(&ty), ty, validation: None, given };
            let candidates = self.candidates();
            return Term::Var(self.variable(&candidates, variable));
        }
        self.choice(cells)
    }

    /// Different values under flags, for what only the module itself can say.
    fn choice(&mut self, cells: &[(Cell<'a>, &Value)]) -> Term {
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

    fn column(&mut self, cells: &[(Cell<'a>, &Value)]) -> Term {
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

    /// Declares a variable; one with the same first name and the same values is used again.
    fn variable(&mut self, candidates: &[String], variable: Variable) -> String {
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
        let subject = names::subject(&self.subject);
        if let Some(what) = last.strip_prefix("create_").or_else(|| last.strip_prefix("enable_")) {
            let specific = format!("enable_{}", names::joined(&subject, what));
            return vec![last, specific];
        }
        let vague = matches!(
            last.as_str(),
            "value" | "values" | "name" | "type" | "resource" | "enabled" | "key" | "status" | "days"
        );
        let named = !matches!(self.subject.name.as_str(), "this" | "current" | "main");
        let two = words[words.len().saturating_sub(2)..].join("_");
        let short = if vague && words.len() > 1 { two.clone() } else { last };
        let mut all = Vec::new();
        if !named && !(vague && words.len() < 2) {
            all.push(short.clone());
        }
        all.extend([
            names::joined(&subject, &short),
            names::joined(&subject, &two),
            names::joined(&subject, &words.join("_")),
        ]);
        all
    }

    fn describe(&self, ty: &Ty) -> String {
        let last = self.path.last().map_or("value", String::as_str);
        let noun = names::noun(&self.subject);
        if last.starts_with("create_") {
            return format!("Whether to create {noun}.");
        }
        if *ty == Ty::Bool && !last.starts_with("enable_") {
            return format!("Whether `{}` is set on {noun}.", names::snake(last));
        }
        match last.strip_prefix("enable_") {
            Some(what) => format!("Whether {noun} has {}.", names::words(what)),
            None => names::sentence(&names::snake(last), &noun),
        }
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

fn borrowed<'a, 'v>(cells: &'v [(Cell<'a>, Value)]) -> Vec<(Cell<'a>, &'v Value)> {
    cells.iter().map(|(c, v)| (*c, v)).collect()
}

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

fn json_inner(value: &Value) -> &Value {
    match value {
        Value::Json(inner) => inner,
        other => other,
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

fn declared_type(ty: &InputType) -> Ty {
    match ty {
        InputType::String => Ty::String,
        InputType::Number => Ty::Number,
        InputType::Bool => Ty::Bool,
        InputType::StringList => Ty::List(Box::new(Ty::String)),
        InputType::StringMap => Ty::Map(Box::new(Ty::String)),
    }
}
