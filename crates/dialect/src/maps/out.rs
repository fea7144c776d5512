//! From a foreign vocabulary back into the house.
//!
//! The way of `into`, backwards: companions join their main resource, parts of a resource that the house keeps as resources
//! of their own leave it, texts around a reference become one. Types without a map are kept as they are.

use std::collections::{BTreeMap, BTreeSet};

use catalog::dialects::KindMap;
use indexmap::IndexMap;
use ir::{Address, Graph, Kind, Mode, Node, Ref, Stack, Step, Value};

use super::convert::{literal, same};
use super::fold::MADE_UP;
use super::path::{self, Item, Part, join, parts};
use super::refer::{Piece, reference, steps, template};
use super::table::{Rule, Table, Tables};
use super::{Gap, Vocabulary, names};

/// The stack in the house's vocabulary, and what the house does not say.
#[must_use]
pub fn out_of(vocabulary: &Vocabulary, stack: &Stack) -> (Stack, Vec<Gap>) {
    let tables = vocabulary.tables();
    let mut work = Work { vocabulary, tables, places: places(tables, &stack.graph), gaps: Vec::new() };
    let mut taken: BTreeSet<Address> = work.places.values().map(|place| place.house().clone()).collect();
    let mut made: IndexMap<Address, Node> = IndexMap::new();
    for node in stack.graph.nodes() {
        match work.places.get(&node.address) {
            Some(Place::Main(address, map)) => work.main(node, &address.clone(), map, &mut taken, &mut made),
            Some(Place::Kept(address)) => work.kept(node, &address.clone(), &mut made),
            Some(Place::Companion(..)) | None => {}
        }
    }
    for node in stack.graph.nodes() {
        if let Some(Place::Companion(main, map)) = work.places.get(&node.address) {
            work.companion(node, &main.clone(), map, &mut made);
        }
    }
    let mut graph = Graph::new();
    graph.components = stack.graph.components.clone();
    for (name, component) in &mut graph.components {
        for (output, (_, value)) in &mut component.outputs {
            let address = Address::new(name, Kind::of("output"), output);
            *value = work.value(value, &Node::new(address), output);
        }
    }
    // What only texts asked for is not asked for any more.
    let mut asked: BTreeSet<Address> = BTreeSet::new();
    for node in made.values() {
        node.each_dependency(&mut |to| _ = asked.insert(to.clone()));
    }
    for (_, value) in graph.components.values().flat_map(|c| c.outputs.values()) {
        value.each_ref(&mut |r| _ = asked.insert(r.to.clone()));
    }
    for node in stack.graph.nodes().filter(|n| n.address.mode == Mode::Data) {
        let ambient = vocabulary.ambient.iter().any(|(_, kind)| *kind == node.kind().as_str());
        if let (true, Some(place)) = (ambient, work.places.get(&node.address))
            && !asked.contains(place.house())
        {
            made.shift_remove(place.house());
        }
    }
    made.into_values().for_each(|node| graph.insert(node));
    (Stack { graph, ..stack.clone() }, work.gaps)
}

/// What becomes of a foreign node.
enum Place {
    /// A node of a kind.
    Main(Address, &'static KindMap),
    /// A part of the node that its main resource becomes.
    Companion(Address, &'static KindMap),
    /// A node as it is.
    Kept(Address),
}

impl Place {
    fn house(&self) -> &Address {
        match self {
            Place::Main(address, _) | Place::Companion(address, _) | Place::Kept(address) => address,
        }
    }
}

fn places<'g>(tables: &Tables, graph: &'g Graph) -> BTreeMap<&'g Address, Place> {
    let mut places: BTreeMap<&Address, Place> = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for node in graph.nodes() {
        let place = match tables.of_type(node) {
            Some(map) => {
                let address = Address {
                    kind: Kind::named(&map.kind),
                    name: names::snake(&node.address.name),
                    ..node.address.clone()
                };
                Place::Main(free(&mut taken, address), map)
            }
            None => Place::Kept(free(&mut taken, node.address.clone())),
        };
        places.insert(&node.address, place);
    }
    for node in graph.nodes().filter(|n| tables.of_type(n).is_none()) {
        let main = tables.companion_of(node.kind().as_str()).iter().find_map(|map| {
            let of = &map.companions[node.kind().as_str()].of;
            let Value::Ref(r) = node.get(of)? else { return None };
            let Some(Place::Main(address, main)) = places.get(&r.to) else { return None };
            std::ptr::eq(*main, *map).then(|| (address.clone(), *map))
        });
        if let Some((address, map)) = main {
            places.insert(&node.address, Place::Companion(address, map));
        }
    }
    places
}

/// An address that no other node has.
fn free(taken: &mut BTreeSet<Address>, address: Address) -> Address {
    let mut found = address.clone();
    let mut count = 2;
    while !taken.insert(found.clone()) {
        found.name = format!("{}_{count}", address.name);
        count += 1;
    }
    found
}

struct Work<'a> {
    vocabulary: &'a Vocabulary,
    tables: &'a Tables,
    places: BTreeMap<&'a Address, Place>,
    gaps: Vec<Gap>,
}

/// What a level is entered into: the node it comes from, the table.
struct Way<'a> {
    node: &'a Node,
    table: &'a Table,
    /// Path of the list that the table is for, in the house and there.
    list: (&'a str, &'a str),
}

impl Work<'_> {
    fn gap(&mut self, node: &Node, attribute: &str, reason: impl Into<String>) {
        self.gaps.push(Gap {
            address: node.address.clone(),
            attribute: attribute.to_owned(),
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
        taken: &mut BTreeSet<Address>,
        made: &mut IndexMap<Address, Node>,
    ) {
        let prepared = self.vocabulary.prepared(map);
        let mut props = node.attrs.clone();
        without_constants(&map.constants, &mut props);
        let mut parts_of: Vec<(&'static KindMap, Value)> = Vec::new();
        for fold in self.tables.folds_into(&map.kind) {
            let Some(at) = fold.fold.as_ref().map(|f| f.at.as_str()) else { continue };
            if let Some(value) = path::take(&mut props, &parts(at)) {
                parts_of.push((fold, value));
            }
        }
        let way = Way { node, table: &prepared.table, list: ("", "") };
        let mut attrs = IndexMap::new();
        self.level(&way, &props, "", &mut attrs);
        made.insert(address.clone(), self.node(node, address.clone(), attrs));
        for (fold, value) in parts_of {
            self.unfold(node, address, fold, value, taken, made);
        }
    }

    fn kept(&mut self, node: &Node, address: &Address, made: &mut IndexMap<Address, Node>) {
        let attrs = node.attrs.iter().map(|(name, v)| (name.clone(), self.value(v, node, name))).collect();
        made.insert(address.clone(), self.node(node, address.clone(), attrs));
    }

    fn node(&self, node: &Node, address: Address, attrs: IndexMap<String, Value>) -> Node {
        let mut depends_on: Vec<Address> = Vec::new();
        for other in node.depends_on.iter().filter_map(|other| self.places.get(other)).map(Place::house) {
            if *other != address && !depends_on.contains(other) {
                depends_on.push(other.clone());
            }
        }
        Node { address, attrs, depends_on, ..node.clone() }
    }

    fn companion(
        &mut self,
        node: &Node,
        main: &Address,
        map: &'static KindMap,
        made: &mut IndexMap<Address, Node>,
    ) {
        let kind = node.kind().as_str();
        let companion = &map.companions[kind];
        let table = &self.vocabulary.prepared(map).companions[kind];
        let mut props = node.attrs.clone();
        props.shift_remove(&companion.of);
        without_constants(&companion.constants, &mut props);
        let way = Way { node, table, list: ("", "") };
        let mut attrs = IndexMap::new();
        self.level(&way, &props, "", &mut attrs);
        let Some(main) = made.get_mut(main) else { return };
        let mut left = false;
        for (name, value) in attrs {
            let part = Part::named(&name);
            left |= path::put(&mut main.attrs, &[part], value).is_err();
        }
        if left {
            self.gap(node, "", "its main resource has another already");
        }
    }

    /// Makes nodes of what the house keeps beside a resource rather than in it.
    fn unfold(
        &mut self,
        node: &Node,
        parent: &Address,
        map: &'static KindMap,
        value: Value,
        taken: &mut BTreeSet<Address>,
        made: &mut IndexMap<Address, Node>,
    ) {
        let Some(fold) = &map.fold else { return };
        let prepared = self.vocabulary.prepared(map);
        let by = reference(parent, self.own_reference(parent));
        let items = match value {
            Value::List(items) if fold.each => items,
            value => vec![value],
        };
        let several = items.len() > 1;
        for (i, item) in items.into_iter().enumerate() {
            let mut address = Address { kind: Kind::named(&map.kind), ..parent.clone() };
            if several {
                address.key = Some(match &parent.key {
                    Some(key) => format!("{key}-{i}"),
                    None => i.to_string(),
                });
            }
            let address = free(taken, address);
            let mut props = IndexMap::new();
            let prefix = if !fold.each {
                let _ = path::put(&mut props, &parts(&fold.at), item);
                ""
            } else if let Value::Map(inner) = item {
                props = inner;
                fold.at.as_str()
            } else {
                props.insert(String::new(), item);
                fold.at.as_str()
            };
            without_constants(&map.constants, &mut props);
            if let Some(id) = &fold.id
                && props.get(id).and_then(Value::text) == Some(format!("{MADE_UP}{}", i + 1))
            {
                props.shift_remove(id);
            }
            let way = Way { node, table: &prepared.table, list: ("", prefix) };
            let mut attrs = IndexMap::from_iter([(fold.by.clone(), by.clone())]);
            self.level(&way, &props, "", &mut attrs);
            let mut child = Node::new(address.clone());
            child.attrs = attrs;
            child.region.clone_from(&node.region);
            child.origin = node.origin;
            made.insert(address, child);
        }
    }

    /// The attribute of a node that stands for the resource itself.
    fn own_reference(&self, address: &Address) -> Vec<Step> {
        let own = self.tables.of(address).and_then(|map| {
            let prepared = self.vocabulary.prepared(map);
            prepared.references.house(&[]).map(|(house, _)| house.to_owned())
        });
        steps(own.as_deref().unwrap_or("id"), catalog::kinds::of(address))
    }

    /// Enters what a map of properties says by a table.
    fn level(
        &mut self,
        way: &Way<'_>,
        props: &IndexMap<String, Value>,
        prefix: &str,
        out: &mut IndexMap<String, Value>,
    ) {
        let table = way.table;
        // What only says which attribute its neighbour is.
        let beside: BTreeSet<&String> = props
            .keys()
            .filter_map(|name| {
                let house = table.attribute(&join(prefix, name), props)?;
                match table.rules.get(house)? {
                    Rule::Value { with, .. } => Some(with.keys()),
                    _ => None,
                }
            })
            .flatten()
            .collect();
        for (name, value) in props.iter().filter(|(name, _)| !beside.contains(name)) {
            let path = join(prefix, name);
            let single = table
                .singles
                .iter()
                .find(|(_, single)| single.object.as_ref().is_some_and(|object| path::spelt(object) == path));
            if let Some(all) = table.apart(&path) {
                self.told_apart(way, all, &path, value, out);
                continue;
            }
            if let Some(house) = table.attribute(&path, props) {
                match (table.rules.get(house), single) {
                    (Some(rule), _) => self.rule(way, house, &path, value, rule, out),
                    (None, _) => self.put(way, house, Value::Map(IndexMap::new()), out),
                }
                continue;
            }
            let leads = |begin: String| table.back.keys().any(|there| there.starts_with(&begin));
            match value.known() {
                Value::Null => {}
                Value::Map(inner) if single.is_some() || leads(format!("{path}.")) => {
                    if let (Some((house, _)), true) = (single, inner.is_empty()) {
                        self.put(way, house, Value::Map(IndexMap::new()), out);
                    }
                    self.level(way, inner, &path, out);
                }
                Value::List(items) if leads(format!("{path}[")) => {
                    for item in items {
                        self.picked(way, item, &path, out);
                    }
                }
                Value::List(items) if leads(format!("{path}.")) => match items.as_slice() {
                    [Value::Map(inner)] => self.level(way, inner, &path, out),
                    _ => self.lost(way, &path),
                },
                _ => self.lost(way, &path),
            }
        }
    }

    /// An item of a list whose items have rules of their own.
    fn picked(&mut self, way: &Way<'_>, item: &Value, list: &str, out: &mut IndexMap<String, Value>) {
        let Some(props) = item.as_map() else { return self.lost(way, list) };
        let begin = format!("{list}[");
        let pick = way.table.back.keys().filter(|there| there.starts_with(&begin)).find_map(|there| {
            let depth = parts(list).len();
            let part = parts(there).into_iter().nth(depth - 1)?;
            let fits = match &part.item {
                Item::Pick(property, value) => {
                    props.get(property).and_then(Value::text).as_ref() == Some(value)
                }
                Item::Every => true,
                Item::Whole | Item::One => false,
            };
            fits.then_some(part)
        });
        let Some(part) = pick else {
            let shown = ["Key", "Name"].iter().find_map(|key| props.get(*key)?.text()).unwrap_or_default();
            return self.lost(way, &format!("{list}[{shown}]"));
        };
        let mut props = props.clone();
        if let Item::Pick(property, _) = &part.item {
            props.shift_remove(property);
        }
        let path = match list.rsplit_once('.') {
            Some((before, _)) => join(before, &part.spelt()),
            None => part.spelt(),
        };
        self.level(way, &props, &path, out);
    }

    fn lost(&mut self, way: &Way<'_>, path: &str) {
        let path = join(way.list.1, path);
        let reason = self
            .tables
            .of_type(way.node)
            .and_then(|map| map.target_only.get(&path))
            .map_or_else(|| "the kind has no attribute for it", String::as_str);
        self.gap(way.node, &path, reason);
    }

    /// Gives each item of a list to the block that it is one of.
    fn told_apart(
        &mut self,
        way: &Way<'_>,
        blocks: &[String],
        path: &str,
        value: &Value,
        out: &mut IndexMap<String, Value>,
    ) {
        let Value::List(items) = value.known() else { return self.lost(way, path) };
        let mut rest: Vec<Value> = items.clone();
        for house in blocks {
            let Some(rule @ Rule::Each { having: Some((property, wanted)), .. }) = way.table.rules.get(house)
            else {
                continue;
            };
            let is = |item: &Value| match (item.get(property), wanted) {
                (Some(there), Some(wanted)) => there.text().as_deref() == Some(*wanted),
                (there, _) => there.is_some(),
            };
            let (mut own, others): (Vec<Value>, Vec<Value>) = rest.into_iter().partition(is);
            rest = others;
            if wanted.is_some() {
                for item in &mut own {
                    if let Value::Map(entries) = item {
                        entries.shift_remove(*property);
                    }
                }
            }
            if !own.is_empty() {
                self.rule(way, house, path, &Value::List(own), rule, out);
            }
        }
        if !rest.is_empty() {
            self.lost(way, path);
        }
    }

    fn rule(
        &mut self,
        way: &Way<'_>,
        house: &str,
        path: &str,
        value: &Value,
        rule: &Rule,
        out: &mut IndexMap<String, Value>,
    ) {
        match rule {
            Rule::Elsewhere | Rule::Gap { .. } => {}
            Rule::Value { path: to, turn, .. } => {
                let mut value = self.value(value, way.node, path);
                if let (Some(Part { item: Item::One, .. }), Value::List(items)) = (to.last(), &mut value)
                    && items.len() == 1
                {
                    value = items.remove(0);
                }
                let spread = to.iter().any(|part| matches!(part.item, Item::Every | Item::Pick(..)));
                match turn.out(value) {
                    Ok(value) if spread && turn.lists() => {
                        if path::push(out, &house_parts(way, house), value).is_err() {
                            self.gap(way.node, path, "another property says something else in its place");
                        }
                    }
                    Ok(value) => self.put(way, house, value, out),
                    Err(value) => {
                        let shown = value.text().map_or_else(|| "its value".to_owned(), |t| format!("`{t}`"));
                        let path = join(way.list.1, path);
                        self.gap(way.node, &path, format!("{shown} has no counterpart in the kind"));
                    }
                }
            }
            Rule::Each { table, key, .. } => {
                let (list_house, list_path) = (join(way.list.0, house), join(way.list.1, path));
                let inner = Way { table, list: (&list_house, &list_path), ..*way };
                let mut list = Vec::new();
                match (value.known(), key) {
                    (Value::List(items), None) => {
                        for item in items {
                            let mut attrs = IndexMap::new();
                            match item.known() {
                                Value::Map(props) => self.level(&inner, props, "", &mut attrs),
                                _ if table.back.contains_key("") => {
                                    let props = IndexMap::from_iter([(String::new(), item.clone())]);
                                    self.level(&inner, &props, "", &mut attrs);
                                }
                                _ => {
                                    list.push(self.value(item, way.node, path));
                                    continue;
                                }
                            }
                            list.push(Value::Map(attrs));
                        }
                    }
                    (Value::Map(entries), Some(key)) => {
                        for (name, item) in entries {
                            let mut attrs = IndexMap::from_iter([(key.clone(), Value::from(name))]);
                            if let Value::Map(props) = item.known() {
                                self.level(&inner, props, "", &mut attrs);
                            } else {
                                self.lost(way, &join(path, name));
                            }
                            list.push(Value::Map(attrs));
                        }
                    }
                    _ => {
                        let value = self.value(value, way.node, path);
                        return self.put(way, house, value, out);
                    }
                }
                self.put(way, house, Value::List(list), out);
            }
        }
    }

    /// Puts a value at a path of the house, with blocks that stand once as lists of one.
    fn put(&mut self, way: &Way<'_>, house: &str, value: Value, out: &mut IndexMap<String, Value>) {
        let to = house_parts(way, house);
        if path::put(out, &to, value).is_err() {
            let path = join(way.list.0, house);
            self.gap(way.node, &path, "another property says something else in its place");
        }
    }

    /// A value with its references turned.
    fn value(&mut self, value: &Value, node: &Node, path: &str) -> Value {
        match value {
            Value::Ref(r) => self.refer(r, node, path),
            Value::List(items) => Value::List(items.iter().map(|v| self.value(v, node, path)).collect()),
            Value::Template(_) => self.text(value, node, path),
            Value::Map(entries) => {
                Value::Map(entries.iter().map(|(k, v)| (k.clone(), self.value(v, node, path))).collect())
            }
            Value::Json(inner) => Value::Json(Box::new(self.value(inner, node, path))),
            Value::Input(input) => {
                let value = self.value(&input.value, node, path);
                Value::Input(Box::new(ir::Input { name: input.name.clone(), value }))
            }
            other => other.clone(),
        }
    }

    fn refer(&mut self, r: &Ref, node: &Node, path: &str) -> Value {
        let (address, map) = match self.places.get(&r.to) {
            Some(Place::Kept(address)) => return reference(&address.clone(), r.path.clone()),
            Some(Place::Companion(address, _)) => {
                let address = address.clone();
                return reference(&address, self.own_reference(&address));
            }
            Some(Place::Main(address, map)) => (address.clone(), *map),
            None => return Value::Ref(r.clone()),
        };
        let prepared = self.vocabulary.prepared(map);
        let info = catalog::kinds::of(&address);
        if let Some((house, rest)) = prepared.references.house(&r.path) {
            let mut path = steps(house, info);
            path.extend(rest.iter().cloned());
            return reference(&address, path);
        }
        // A property that was set, asked for again.
        if let Some(house) =
            prepared.table.back.get(&super::refer::spelt(&r.path)).and_then(|all| all.first())
        {
            return reference(&address, steps(house, info));
        }
        let shown = super::refer::spelt(&r.path);
        self.gap(node, path, format!("it refers to `{shown}` of {}, which the kind does not have", r.to));
        Value::Unknown(format!("`{shown}` of {}", r.to))
    }

    /// A text; where it stands around a reference as a map says, it is that reference.
    fn text(&mut self, value: &Value, node: &Node, path: &str) -> Value {
        let flat = template(vec![value.clone()]);
        let Value::Template(mut parts) = flat else { return self.value(&flat, node, path) };
        let mut found = BTreeMap::new();
        let mut at = 0;
        while at < parts.len() {
            let Some(around) = self.around(&parts, at) else {
                at += 1;
                continue;
            };
            // What is left of the text stays before and after the reference.
            at = around.begin + 1;
            found.insert(at, around.house);
            let left = [Value::from(around.before), parts[at - 1].clone(), Value::from(around.after)];
            parts.splice(around.begin..around.end, left);
            at += 1;
        }
        let mut turned = Vec::new();
        for (i, part) in parts.iter().enumerate() {
            turned.push(match found.remove(&i) {
                Some(reference) => reference,
                None => self.value(part, node, path),
            });
        }
        template(turned)
    }
}

/// A text that stands around a reference.
struct Around {
    /// Its first part and the one behind its last.
    begin: usize,
    end: usize,
    /// What is left of the first part and of the last.
    before: String,
    after: String,
    /// What it is in the house.
    house: Value,
}

/// A path of the house, with blocks that stand once as lists of one.
fn house_parts(way: &Way<'_>, house: &str) -> Vec<Part> {
    let mut to = parts(house);
    let mut local = String::new();
    for part in &mut to {
        local = join(&local, &part.name);
        if way.table.singles.get(&local).is_some_and(|single| single.list) {
            part.item = Item::One;
        }
    }
    to
}

fn without_constants(constants: &IndexMap<String, serde_json::Value>, props: &mut IndexMap<String, Value>) {
    for (path, value) in constants {
        let path = parts(path);
        if let Some(there) = path::take(props, &path)
            && !same(&there, &literal(value))
        {
            let _ = path::put(props, &path, there);
        }
    }
}

impl Work<'_> {
    /// The text that a map puts around the reference at `at`.
    fn around(&self, parts: &[Value], at: usize) -> Option<Around> {
        let Value::Ref(r) = parts.get(at)? else { return None };
        let Some(Place::Main(address, map)) = self.places.get(&r.to) else { return None };
        let prepared = self.vocabulary.prepared(map);
        prepared.references.texts().find_map(|(house, pieces)| {
            let this = pieces
                .iter()
                .position(|piece| matches!(piece, Piece::This(p) if *p == super::refer::spelt(&r.path)))?;
            let begin = at.checked_sub(this)?;
            let end = begin + pieces.len();
            let window = parts.get(begin..end)?;
            let (mut before, mut after) = ("", "");
            for (i, (piece, part)) in pieces.iter().zip(window).enumerate() {
                match (piece, part) {
                    (Piece::Text(text), Value::Str(there)) => {
                        if text == there {
                        } else if i == 0 && there.ends_with(text.as_str()) {
                            before = &there[..there.len() - text.len()];
                        } else if i + 1 == pieces.len() && there.starts_with(text.as_str()) {
                            after = &there[text.len()..];
                        } else {
                            return None;
                        }
                    }
                    (Piece::Ambient(word), Value::Ref(there)) => {
                        let (_, kind) = self.vocabulary.ambient.iter().find(|(name, _)| name == word)?;
                        if there.to.kind.as_str() != *kind || !there.path.is_empty() {
                            return None;
                        }
                    }
                    (Piece::This(path), Value::Ref(there)) => {
                        if there.to != r.to || super::refer::spelt(&there.path) != *path {
                            return None;
                        }
                    }
                    _ => return None,
                }
            }
            let house = reference(address, steps(house, catalog::kinds::of(address)));
            Some(Around { begin, end, before: before.to_owned(), after: after.to_owned(), house })
        })
    }
}
