//! From the house into a foreign vocabulary.
//!
//! Each node becomes the resource that its map names; a folded one becomes a part of its parent; parts that are resources
//! of their own become companions. References are turned last, when every node's place is known. What is not said
//! is a [`Gap`].

use std::collections::{BTreeMap, BTreeSet};

use catalog::dialects::{KindMap, Row};
use indexmap::IndexMap;
use ir::{Address, Graph, Kind, Mode, Node, Ref, Stack, Step, Value};

use super::convert::{literal, opaque, same};
use super::path::{self, Part, join, parts};
use super::refer::{Piece, Target, reference, template};
use super::table::{Rule, Table, Tables};
use super::{Gap, Vocabulary};

/// Most references through which the value of an attribute is looked up.
const MOST_HOPS: usize = 16;

/// The stack in the foreign vocabulary, and what it does not say.
#[must_use]
pub fn into(vocabulary: &Vocabulary, stack: &Stack) -> (Stack, Vec<Gap>) {
    let tables = vocabulary.tables();
    let mut work = Work {
        vocabulary,

        graph: &stack.graph,
        places: places(vocabulary, tables, &stack.graph),
        gaps: Vec::new(),
        lists: Vec::new(),
        ambient: BTreeSet::new(),
    };
    let mut made: IndexMap<Address, Node> = IndexMap::new();
    for node in stack.graph.nodes() {
        let Some(place) = work.places.get(&node.address) else { continue };
        match place {
            Place::Main(address, map) => work.main(node, &address.clone(), map, &mut made),
            Place::Kept(address) => work.kept(node, &address.clone(), &mut made),
            Place::Folded(..) => {}
            Place::Gone(reason) => {
                let reason = reason.clone();
                work.gap(node, "", reason);
            }
        }
    }
    for node in stack.graph.nodes() {
        if let Some(Place::Folded(parent, map)) = work.places.get(&node.address) {
            work.folded(node, &parent.clone(), map, &mut made);
        }
    }
    let mut graph = Graph::new();
    graph.components = stack.graph.components.clone();
    for (name, component) in &mut graph.components {
        for (output, (_, value)) in &mut component.outputs {
            let address = Address::new(name, Kind::of("output"), output);
            *value = work.value(value, &Node::new(address), output, 0);
        }
    }
    for (component, kind) in std::mem::take(&mut work.ambient) {
        let address = ambient(&component, kind);
        made.entry(address.clone()).or_insert_with(|| Node::new(address));
    }
    made.into_values().for_each(|node| graph.insert(node));
    (Stack { graph, ..stack.clone() }, work.gaps)
}

/// What becomes of a node.
pub(super) enum Place {
    /// A resource.
    Main(Address, &'static KindMap),
    /// A resource that is foreign already.
    Kept(Address),
    /// A part of the resource that another node becomes.
    Folded(Address, &'static KindMap),
    /// Nothing.
    Gone(String),
}

fn places<'g>(vocabulary: &Vocabulary, tables: &Tables, graph: &'g Graph) -> BTreeMap<&'g Address, Place> {
    let mut places = BTreeMap::new();
    let mut taken: BTreeSet<Address> = BTreeSet::new();
    for node in graph.nodes() {
        let place = match tables.of(&node.address) {
            None if (vocabulary.owns)(node.kind().as_str()) => Place::Kept(node.address.clone()),
            None => Place::Gone(format!("{} has no map for this kind", vocabulary.noun)),
            Some(map) => match (&map.fold, &map.foreign) {
                (Some(_), _) => match parent(tables, graph, node, 0) {
                    Some(parent) => Place::Folded(parent, map),
                    None => Place::Gone(format!(
                        "{} says it as part of another resource, which is not in this stack",
                        vocabulary.noun
                    )),
                },
                (None, Some(foreign)) => Place::Main(free(&mut taken, node, foreign), map),
                (None, None) => Place::Gone(map.gap.clone().unwrap_or_default()),
            },
        };
        places.insert(&node.address, place);
    }
    places
}

/// An address that no other resource has.
fn free(taken: &mut BTreeSet<Address>, node: &Node, foreign: &str) -> Address {
    let mut address = Address { kind: Kind::named(foreign), ..node.address.clone() };
    let own = node.kind().as_str().split_once('_').map_or(node.kind().as_str(), |(_, rest)| rest);
    let mut count = 1;
    while !taken.insert(address.clone()) {
        address.name = match count {
            1 => format!("{}_{own}", node.address.name),
            n => format!("{}_{own}_{n}", node.address.name),
        };
        count += 1;
    }
    address
}

/// The node that a folded one is part of, in the house.
fn parent(tables: &Tables, graph: &Graph, node: &Node, hops: usize) -> Option<Address> {
    let fold = tables.of(&node.address)?.fold.as_ref()?;
    let mut value = node.get(&fold.by)?;
    for _ in hops..MOST_HOPS {
        let Value::Ref(r) = value else { return None };
        let to = graph.get(&r.to)?;
        if to.kind().as_str() == fold.into {
            return Some(to.address.clone());
        }
        // The name of the parent, by way of something else that has it.
        value = match tables.of(&to.address).and_then(|map| map.fold.as_ref()) {
            Some(other) => to.get(&other.by)?,
            None => match r.path.first()? {
                Step::Attr(name) => to.get(name)?,
                Step::Index(_) => return None,
            },
        };
    }
    None
}

/// The data node that stands for what the cloud knows.
fn ambient(component: &str, kind: &str) -> Address {
    Address { mode: Mode::Data, ..Address::new(component, Kind::named(kind), "current") }
}

/// A stack being turned.
pub(super) struct Work<'a> {
    pub(super) vocabulary: &'a Vocabulary,
    pub(super) graph: &'a Graph,
    pub(super) places: BTreeMap<&'a Address, Place>,
    gaps: Vec<Gap>,
    /// The lists that the walk is in.
    lists: Vec<String>,
    /// What texts around references need: component and type.
    ambient: BTreeSet<(String, &'static str)>,
}

impl Work<'_> {
    pub(super) fn gap(&mut self, node: &Node, attribute: &str, reason: impl Into<String>) {
        let path = self.lists.iter().map(String::as_str).chain([attribute]).filter(|part| !part.is_empty());
        let attribute = path.fold(String::new(), |path, name| join(&path, name));
        self.gaps.push(Gap {
            address: node.address.clone(),
            attribute,
            reason: reason.into(),
            harmless: false,
            origin: node.origin,
        });
    }

    fn main(
        &mut self,
        node: &Node,
        address: &Address,
        map: &'static KindMap,
        made: &mut IndexMap<Address, Node>,
    ) {
        let prepared = self.vocabulary.prepared(map);
        let mut attrs = IndexMap::new();
        self.level(node, &node.attrs, "", &prepared.table, &mut attrs, true);
        constants(&map.constants, &mut attrs);
        made.insert(address.clone(), self.node(node, address.clone(), attrs));
        for (name, companion) in &map.companions {
            let mut attrs = IndexMap::new();
            self.level(node, &node.attrs, "", &prepared.companions[name.as_str()], &mut attrs, false);
            if attrs.is_empty() {
                continue;
            }
            constants(&companion.constants, &mut attrs);
            attrs.insert(companion.of.clone(), reference(address, Vec::new()));
            let address = Address { kind: Kind::named(name), ..address.clone() };
            let mut companion = Node::new(address.clone());
            companion.attrs = attrs;
            companion.region.clone_from(&node.region);
            companion.origin = node.origin;
            made.insert(address, companion);
        }
    }

    fn kept(&mut self, node: &Node, address: &Address, made: &mut IndexMap<Address, Node>) {
        let attrs = node.attrs.iter().map(|(name, v)| (name.clone(), self.value(v, node, name, 0))).collect();
        made.insert(address.clone(), self.node(node, address.clone(), attrs));
    }

    /// What a node is beside its attributes.
    pub(super) fn node(&self, node: &Node, address: Address, attrs: IndexMap<String, Value>) -> Node {
        let mut depends_on: Vec<Address> = Vec::new();
        for other in node.depends_on.iter().flat_map(|other| self.dependency(other)) {
            if other != address && !depends_on.contains(&other) {
                depends_on.push(other);
            }
        }
        Node { address, attrs, depends_on, ..node.clone() }
    }

    /// What has to be there before a node that depends on `other`.
    fn dependency(&self, other: &Address) -> Vec<Address> {
        match self.places.get(other) {
            Some(Place::Main(address, map)) => {
                let node = self.graph.get(other);
                let mut all = vec![address.clone()];
                // A companion depends on its main resource.
                for (name, companion) in &map.companions {
                    let begun = |path: &String| {
                        path.split('.').next().is_some_and(|n| node.is_some_and(|o| o.get(n).is_some()))
                    };
                    if companion.rows.keys().any(begun) {
                        all = vec![Address { kind: Kind::named(name), ..address.clone() }];
                    }
                }
                all
            }
            Some(Place::Kept(address)) => vec![address.clone()],
            Some(Place::Folded(parent, _)) => match self.places.get(parent) {
                Some(Place::Main(address, _)) => vec![address.clone()],
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// Enters what a map of attributes says by a table. With `all`, what has no rule is a gap.
    pub(super) fn level(
        &mut self,
        node: &Node,
        attrs: &IndexMap<String, Value>,
        prefix: &str,
        table: &Table,
        out: &mut IndexMap<String, Value>,
        all: bool,
    ) {
        for (name, value) in attrs {
            if *value == Value::Null {
                continue;
            }
            let path = join(prefix, name);
            match (table.rules.get(&path), table.singles.get(&path)) {
                (Some(rule), _) => self.rule(node, &path, value, rule, out, all),
                (None, Some(single)) => {
                    let items = match value.known() {
                        Value::List(items) => items.as_slice(),
                        Value::Map(_) => std::slice::from_ref(value.known()),
                        other => {
                            match &single.object {
                                Some(object) if opaque(other) => {
                                    let value = self.value(value, node, &path, 0);
                                    self.put(node, &path, out, object, value);
                                }
                                _ if all => self.gap(node, &path, "its value is not known"),
                                _ => {}
                            }
                            continue;
                        }
                    };
                    if items.len() > 1 && all {
                        self.gap(node, &path, "it stands there at most once");
                    }
                    let Some(Value::Map(inner)) = items.first().map(Value::known) else { continue };
                    if let (Some(object), true) = (&single.object, inner.values().all(|v| *v == Value::Null))
                    {
                        self.put(node, &path, out, object, Value::Map(IndexMap::new()));
                    }
                    self.level(node, inner, &path, table, out, all);
                }
                (None, None) if all => {
                    let reason = format!("{} has no property for it", self.vocabulary.noun);
                    self.gap(node, &path, reason);
                }
                (None, None) => {}
            }
        }
    }

    fn rule(
        &mut self,
        node: &Node,
        path: &str,
        value: &Value,
        rule: &Rule,
        out: &mut IndexMap<String, Value>,
        all: bool,
    ) {
        match rule {
            Rule::Elsewhere => {}
            Rule::Gap { reason, unless, harmless } => {
                let silent = match unless {
                    Some(unless) => same(value.known(), unless),
                    None => false,
                };
                if all && !silent {
                    self.gap(node, path, *reason);
                    if let Some(gap) = self.gaps.last_mut() {
                        gap.harmless = *harmless;
                    }
                }
            }
            Rule::Value { path: to, turn, without, with } => {
                let mut value = self.value(value, node, path, 0);
                self.left_out(node, path, &mut value, without, all);
                match turn.into(value) {
                    Ok(value) => {
                        self.put(node, path, out, to, value);
                        for (name, value) in *with {
                            let mut beside = to.clone();
                            if let Some(last) = beside.last_mut() {
                                *last = Part::named(name);
                            }
                            self.put(node, path, out, &beside, literal(value));
                        }
                    }
                    Err(value) => {
                        let shown = value.text().map_or_else(|| "its value".to_owned(), |t| format!("`{t}`"));
                        self.gap(node, path, format!("{shown} has no counterpart there"));
                    }
                }
            }
            Rule::Each { path: to, key, having, table } => {
                let items = match value.known() {
                    Value::List(items) => items.as_slice(),
                    Value::Map(_) => std::slice::from_ref(value.known()),
                    _ => {
                        let value = self.value(value, node, path, 0);
                        return self.put(node, path, out, to, value);
                    }
                };
                let mut list = Vec::new();
                self.lists.push(path.to_owned());
                for item in items {
                    match item.known() {
                        Value::Map(inner) => {
                            let mut attrs = IndexMap::new();
                            self.level(node, inner, "", table, &mut attrs, all);
                            let name = key.as_ref().and_then(|key| inner.get(key)?.text());
                            list.push((name, attrs.shift_remove("").unwrap_or(Value::Map(attrs))));
                        }
                        _ => list.push((None, self.value(item, node, path, 0))),
                    }
                }
                self.lists.pop();
                if let Some((property, value)) = having {
                    for (_, mut item) in list {
                        if let (Value::Map(entries), Some(value)) = (&mut item, value) {
                            entries.insert((*property).to_owned(), Value::from(*value));
                        }
                        if path::push(out, to, item).is_err() {
                            self.gap(node, path, "another attribute says something else in its place");
                        }
                    }
                    return;
                }
                if key.is_none() {
                    let list = list.into_iter().map(|(_, item)| item).collect();
                    return self.put(node, path, out, to, Value::List(list));
                }
                let count = list.len();
                let map: IndexMap<String, Value> =
                    list.into_iter().filter_map(|(name, item)| Some((name?, item))).collect();
                if map.len() < count {
                    self.gap(node, path, "its key is not known or stands twice");
                }
                self.put(node, path, out, to, Value::Map(map));
            }
        }
    }

    /// Takes out of a block that is turned as a whole what has no place there.
    fn left_out(
        &mut self,
        node: &Node,
        path: &str,
        value: &mut Value,
        without: &[(&'static str, &'static Row)],
        all: bool,
    ) {
        let Value::List(items) = value else { return };
        for item in items {
            let Value::Map(attrs) = item else { continue };
            for (name, row) in without {
                let Some(value) = attrs.shift_remove(*name) else { continue };
                let silent = row.unless.as_ref().is_some_and(|unless| same(value.known(), &literal(unless)));
                if all && !silent && value != Value::Null {
                    self.gap(node, &join(path, name), row.gap.clone().unwrap_or_default());
                    if let Some(gap) = self.gaps.last_mut() {
                        gap.harmless = row.harmless;
                    }
                }
            }
        }
    }

    fn put(&mut self, node: &Node, path: &str, out: &mut IndexMap<String, Value>, to: &[Part], value: Value) {
        if to.is_empty() {
            // The item itself.
            out.insert(String::new(), value);
        } else if path::put(out, to, value).is_err() {
            self.gap(node, path, "another attribute says something else in its place");
        }
    }

    /// A value with its references turned.
    pub(super) fn value(&mut self, value: &Value, node: &Node, path: &str, hops: usize) -> Value {
        match value {
            Value::Ref(r) => self.refer(r, node, path, hops),
            Value::List(items) => {
                Value::List(items.iter().map(|v| self.value(v, node, path, hops)).collect())
            }
            Value::Template(parts) => {
                template(parts.iter().map(|v| self.value(v, node, path, hops)).collect())
            }
            Value::Map(entries) => Value::Map(
                entries.iter().map(|(k, v)| (k.clone(), self.value(v, node, path, hops))).collect(),
            ),
            Value::Json(inner) => Value::Json(Box::new(self.value(inner, node, path, hops))),
            Value::Input(input) => {
                let value = self.value(&input.value, node, path, hops);
                Value::Input(Box::new(ir::Input { name: input.name.clone(), value }))
            }
            other => other.clone(),
        }
    }

    fn refer(&mut self, r: &Ref, node: &Node, path: &str, hops: usize) -> Value {
        let Some(to) = self.graph.get(&r.to) else {
            self.gap(node, path, format!("it refers to {}, which is not in this stack", r.to));
            return Value::Unknown(format!("an attribute of {}", r.to));
        };
        let (address, map) = match self.places.get(&to.address) {
            Some(Place::Kept(address)) => return reference(&address.clone(), r.path.clone()),
            Some(Place::Main(address, map)) => (address.clone(), *map),
            Some(Place::Folded(parent, map)) => match self.places.get(parent) {
                Some(Place::Main(address, _)) => (address.clone(), *map),
                _ => return Value::Unknown(format!("an attribute of {}", r.to)),
            },
            Some(Place::Gone(_)) | None => {
                if let Some(value) = self.looked_up(to, &r.path, node, path, hops) {
                    return value;
                }
                self.gap(node, path, format!("it refers to {}, which is not said there", r.to));
                return Value::Unknown(format!("an attribute of {}", r.to));
            }
        };
        if r.path.is_empty() {
            return reference(&address, Vec::new());
        }
        let prepared = self.vocabulary.prepared(map);
        let gap = match prepared.references.target(&r.path) {
            Some((Target::Path(there), rest)) => {
                let mut steps: Vec<Step> =
                    there.split('.').filter(|n| !n.is_empty()).map(|n| Step::Attr(n.to_owned())).collect();
                steps.extend(rest.iter().cloned());
                return reference(&address, steps);
            }
            Some((Target::Text(pieces), _)) => return self.text(pieces, &address, to, node),
            Some((Target::Gap(reason), _)) => Some(*reason),
            None => None,
        };
        if let Some(value) = self.looked_up(to, &r.path, node, path, hops) {
            return value;
        }
        let shown = super::refer::spelt(&r.path);
        let reason = gap.map_or_else(|| "it cannot be asked for there".to_owned(), str::to_owned);
        self.gap(node, path, format!("it refers to `{shown}` of {}: {reason}", r.to));
        Value::Unknown(format!("`{shown}` of {}", r.to))
    }

    /// What an attribute was set to stands for a reference to it.
    fn looked_up(
        &mut self,
        to: &Node,
        steps: &[Step],
        node: &Node,
        path: &str,
        hops: usize,
    ) -> Option<Value> {
        let (Step::Attr(name), rest) = steps.split_first()? else { return None };
        if hops == MOST_HOPS {
            return None;
        }
        let value = to.attrs.get(name)?.at(rest)?.clone();
        (value != Value::Null).then(|| self.value(&value, node, path, hops + 1))
    }

    /// A text of a map: around `address`, which `to` becomes, for `node`.
    pub(super) fn text(&mut self, pieces: &[Piece], address: &Address, to: &Node, node: &Node) -> Value {
        let mut out = Vec::new();
        for piece in pieces {
            out.push(match piece {
                Piece::Text(text) => Value::from(text),
                Piece::This(path) => {
                    let steps = path.split('.').filter(|n| !n.is_empty()).map(|n| Step::Attr(n.to_owned()));
                    reference(address, steps.collect())
                }
                Piece::Own(name) => match to.attrs.get(name) {
                    Some(value) => self.value(value, to, name, 1),
                    None => Value::Unknown(format!("`{name}` of {}", to.address)),
                },
                Piece::Ambient(word) => match self.vocabulary.ambient.iter().find(|(name, _)| name == word) {
                    Some((_, kind)) => {
                        self.ambient.insert((node.address.component.clone(), kind));
                        reference(&ambient(&node.address.component, kind), Vec::new())
                    }
                    None => Value::Unknown(format!("the {word}")),
                },
            });
        }
        template(out)
    }
}

/// Properties that every resource of a kind has.
pub(super) fn constants(
    constants: &IndexMap<String, serde_json::Value>,
    attrs: &mut IndexMap<String, Value>,
) {
    for (path, value) in constants {
        // What the resource says itself holds.
        let _ = path::put(attrs, &parts(path), literal(value));
    }
}
