//! Makes the table of a kind: names first, rows of data where names do not do.

use std::collections::{BTreeMap, BTreeSet};

use catalog::dialects::{Foreign, KindMap, Object, Property, Row, Shape};
use catalog::{AttrInfo, BlockInfo, Type};
use indexmap::IndexMap;
use serde_json::Value as Json;

use super::convert::{Turn, literal};
use super::path::{Item, Part, join, parts, spelt};
use super::refer::References;
use super::table::{Prepared, Rule, Single, Table};
use super::{Vocabulary, functions, names};

/// What providers compute and list among what can be set.
static COMPUTED: &[&str] = &["id", "tags_all"];

/// Nothing beside.
static NONE: std::sync::LazyLock<IndexMap<String, Json>> = std::sync::LazyLock::new(IndexMap::new);

/// Prepares a map.
pub fn prepare(vocabulary: &Vocabulary, map: &'static KindMap) -> Prepared {
    let dialect = vocabulary.name;
    let mut faults = Vec::new();
    let mut prepared = Prepared {
        table: Table::default(),
        companions: IndexMap::new(),
        references: References::default(),
        faults: Vec::new(),
    };
    let info = if map.data { catalog::kinds::data_source(&map.kind) } else { catalog::kind(&map.kind) };
    let Some(info) = info else {
        prepared.faults.push("the catalogue has no such kind".to_owned());
        return prepared;
    };
    let type_of = |name: &str| catalog::dialects::foreign(dialect, name);
    let foreign = map.foreign.as_deref().and_then(type_of);
    if foreign.is_none() && !map.data && map.gap.is_none() {
        faults.push(format!("no type {:?}", map.foreign));
    }
    let mut maker = Maker::new(vocabulary, foreign, &map.rows, &mut faults);
    let mut elsewhere: Vec<&str> =
        map.companions.values().flat_map(|c| c.rows.keys().map(String::as_str)).collect();
    elsewhere.extend(map.fold.as_ref().map(|fold| fold.by.as_str()));
    for path in elsewhere {
        prepared.table.rules.insert(path.to_owned(), Rule::Elsewhere);
    }
    if map.gap.is_none() || foreign.is_some() {
        let place = root(map, foreign, maker.faults);
        maker.level(&Level::of(&info.schema.attributes, &info.schema.blocks), &place, &mut prepared.table);
    }
    maker.finish();
    check_constants(foreign, &map.constants, &mut faults);
    let when = map.when.as_deref().map(|when| when.split('=').next().unwrap_or(when));
    for path in map.target_only.keys().map(String::as_str).chain(when) {
        if foreign.is_none_or(|f| f.at(path).is_none()) {
            faults.push(format!("the type has no `{path}`"));
        }
    }
    for (name, companion) in &map.companions {
        let foreign = type_of(name);
        let mut table = Table::default();
        let mut maker = Maker::new(vocabulary, foreign, &companion.rows, &mut faults);
        maker.by_name = false;
        maker.level(&Level::of(&info.schema.attributes, &info.schema.blocks), &root_of(foreign), &mut table);
        maker.finish();
        table.unmapped.clear();
        check_constants(foreign, &companion.constants, &mut faults);
        if foreign.is_none_or(|f| f.at(&companion.of).is_none()) {
            faults.push(format!("{name} has no `{}`", companion.of));
        }
        prepared.companions.insert(name, table);
    }
    prepared.references = References::of(map, info, foreign, &prepared.table, &mut faults);
    prepared.faults = faults;
    prepared
}

fn root_of(foreign: Option<&'static Foreign>) -> Place {
    let object =
        foreign.map(|f| (String::new(), &f.properties, f.name.rsplit([':', '/']).next().unwrap_or_default()));
    Place { objects: object.into_iter().collect(), ..Place::default() }
}

/// Where the attributes of a kind are looked for: in its type, or in the property that it is folded into.
fn root(map: &'static KindMap, foreign: Option<&'static Foreign>, faults: &mut Vec<String>) -> Place {
    let (Some(fold), Some(foreign)) = (&map.fold, foreign) else {
        let mut place = root_of(foreign);
        if let (Some(within), Some(foreign)) = (&map.within, foreign) {
            let found = foreign.at(within).map(|property| &property.shape);
            match found.and_then(|shape| Some((foreign.object(shape)?, shape))) {
                Some((object, Shape::Object(owner))) => place.objects.push((within.clone(), object, owner)),
                _ => faults.push(format!("the type has no object `{within}`")),
            }
        }
        return place;
    };
    let mut place = Place { folded: true, ..Place::default() };
    if fold.at.is_empty() {
        return place;
    }
    let Some(property) = foreign.at(&fold.at) else {
        faults.push(format!("the type has no `{}`", fold.at));
        return place;
    };
    let shape = match &property.shape {
        Shape::List(item) if fold.each => {
            place.strip = fold.at.clone();
            item
        }
        shape => shape,
    };
    if let (Shape::Object(owner), Some(object)) = (shape, foreign.object(shape)) {
        place.objects.push((fold.at.clone(), object, owner));
    }
    place
}

fn check_constants(foreign: Option<&Foreign>, constants: &IndexMap<String, Json>, faults: &mut Vec<String>) {
    for (path, value) in constants {
        match foreign.and_then(|f| f.at(path)) {
            Some(property) => check_value(path, value, &property.shape, faults),
            None => faults.push(format!("the type has no `{path}`")),
        }
    }
}

/// That an enumeration has a value.
fn check_value(path: &str, value: &Json, shape: &Shape, faults: &mut Vec<String>) {
    match (value, shape) {
        (Json::String(text), Shape::String(values)) if !values.is_empty() && !values.contains(text) => {
            faults.push(format!("`{path}` is never `{text}`"));
        }
        (Json::Array(items), Shape::List(item)) => {
            items.iter().for_each(|v| check_value(path, v, item, faults))
        }
        _ => {}
    }
}

/// A kind's attributes and blocks, or the fields of an object, as one thing.
struct Level<'a> {
    attributes: Vec<(&'a str, &'a Type)>,
    blocks: Vec<(&'a str, &'a BlockInfo)>,
}

impl<'a> Level<'a> {
    /// What can be set in a schema or block.
    fn of(attributes: &'a BTreeMap<String, AttrInfo>, blocks: &'a BTreeMap<String, BlockInfo>) -> Self {
        let settable = attributes.iter().filter(|(_, a)| a.required || a.optional);
        Level {
            attributes: settable.map(|(name, a)| (name.as_str(), &a.ty)).collect(),
            blocks: blocks.iter().map(|(name, b)| (name.as_str(), b)).collect(),
        }
    }

    fn is_empty(&self) -> bool {
        self.attributes.is_empty() && self.blocks.is_empty()
    }

    fn fields(fields: &'a BTreeMap<String, Type>) -> Self {
        Level { attributes: fields.iter().map(|(n, ty)| (n.as_str(), ty)).collect(), blocks: Vec::new() }
    }
}

/// Where a level stands on both sides.
#[derive(Clone, Default)]
struct Place {
    /// Path in the kind.
    house: String,
    /// Path in the table.
    local: String,
    /// Foreign path of the list whose items the table is for.
    strip: String,
    /// Objects whose properties are looked at, the nearest first: full path, properties, name.
    objects: Vec<(String, &'static Object, &'static str)>,
    /// Whether it is the root of what is folded into a property.
    folded: bool,
}

struct Maker<'m> {
    vocabulary: &'m Vocabulary,
    foreign: Option<&'static Foreign>,
    rows: &'static IndexMap<String, Row>,
    /// Properties that rows lead to: no name leads there too.
    taken: BTreeSet<&'static str>,
    used: BTreeSet<String>,
    by_name: bool,
    faults: &'m mut Vec<String>,
}

impl<'m> Maker<'m> {
    fn new(
        vocabulary: &'m Vocabulary,
        foreign: Option<&'static Foreign>,
        rows: &'static IndexMap<String, Row>,
        faults: &'m mut Vec<String>,
    ) -> Self {
        let taken = rows.values().filter(|row| !row.one_way).filter_map(|row| row.to.as_deref()).collect();
        Maker { vocabulary, foreign, rows, taken, used: BTreeSet::new(), by_name: true, faults }
    }

    fn finish(&mut self) {
        for path in self.rows.keys().filter(|path| !self.used.contains(*path)) {
            self.faults.push(format!("a row names `{path}`, which is no attribute that can be set"));
        }
    }

    fn level(&mut self, level: &Level<'_>, place: &Place, table: &mut Table) {
        for (name, ty) in &level.attributes {
            let path = join(&place.local, name);
            if table.rules.contains_key(&path) {
                continue;
            }
            if place.house.is_empty() && COMPUTED.contains(name) {
                let reason = "it is what the provider computes";
                table.rules.insert(path, Rule::Gap { reason, unless: None, harmless: true });
                continue;
            }
            match ty {
                Type::List(item) | Type::Set(item) if matches!(**item, Type::Object(_)) => {
                    let Type::Object(fields) = &**item else { continue };
                    self.block(name, &Level::fields(fields), Once::No, place, table);
                }
                Type::Object(fields) => {
                    self.block(name, &Level::fields(fields), Once::Object, place, table);
                }
                ty => self.attribute(name, ty, place, table),
            }
        }
        for (name, block) in &level.blocks {
            if table.rules.contains_key(&join(&place.local, name)) {
                continue;
            }
            let once = if block.nesting.max == Some(1) { Once::List } else { Once::No };
            self.block(name, &Level::of(&block.attributes, &block.blocks), once, place, table);
        }
    }

    /// The row of a path; a path without one is found by name.
    fn row(&mut self, path: &str) -> Option<&'static Row> {
        let row = self.rows.get(path)?;
        self.used.insert(path.to_owned());
        if row.to.is_some() == row.gap.is_some() && !(row.once && row.gap.is_none()) {
            self.faults.push(format!("the row of `{path}` has to lead somewhere or say why not"));
        }
        Some(row)
    }

    /// The property that a name means, with its full path.
    fn find(&self, name: &str, place: &Place) -> Option<(String, &'static Property)> {
        if !self.by_name {
            return None;
        }
        place.objects.iter().find_map(|(path, object, owner)| {
            let property = names::find(name, owner, object)?;
            let path = join(path, property);
            (!self.taken.contains(path.as_str())).then(|| (path, &object[property]))
        })
    }

    fn attribute(&mut self, name: &str, ty: &Type, place: &Place, table: &mut Table) {
        let house = join(&place.house, name);
        let local = join(&place.local, name);
        let Some(row) = self.row(&house) else {
            match self.find(name, place) {
                Some((path, property)) => match self.turn(ty, &property.shape) {
                    Some(turn) => self.put(
                        table,
                        local,
                        &path,
                        place,
                        |path| Rule::Value { path, turn, without: Vec::new(), with: &NONE },
                        false,
                    ),
                    None => table.unmapped.push(format!("{house} (not {path}: the types differ)")),
                },
                None => table.unmapped.push(house),
            }
            return;
        };
        if let Some(rule) = gap(row) {
            table.rules.insert(local, rule);
            return;
        }
        let path = row.to.as_deref().unwrap_or_default();
        let Some(shape) = self.shape(path, place) else {
            self.faults.push(format!("`{house}` leads to `{path}`, which the type does not have"));
            return;
        };
        for (name, value) in &row.with {
            let beside = match path.rsplit_once('.') {
                Some((before, _)) => join(before, name),
                None => name.clone(),
            };
            match self.foreign.and_then(|f| f.at(&beside)) {
                Some(property) => check_value(&beside, value, &property.shape, self.faults),
                None => self.faults.push(format!("the type has no `{beside}`")),
            }
        }
        let turn = if let Some(using) = &row.using {
            self.named(using, shape)
        } else if row.values.is_empty() {
            let spread = parts(path).iter().any(|part| matches!(part.item, Item::Every | Item::Pick(..)));
            match (ty, shape) {
                (Type::List(_) | Type::Set(_), Shape::String(_)) if spread => {
                    Some(Turn::Plain { ty: ty.clone(), shape: Shape::List(Box::new(shape.clone())) })
                }
                _ => self.turn(ty, shape),
            }
        } else {
            row.values.values().for_each(|value| check_value(path, value, shape, self.faults));
            Some(Turn::Values(&row.values))
        };
        match turn {
            Some(turn) => {
                let rule = |path| Rule::Value { path, turn, without: Vec::new(), with: &row.with };
                self.put(table, local, path, place, rule, row.one_way);
            }
            None => {
                self.faults.push(format!("`{house}` and `{path}` differ in type and no function is named"))
            }
        }
    }

    fn turn(&self, ty: &Type, shape: &Shape) -> Option<Turn> {
        Turn::of(ty, shape, self.foreign?)
    }

    fn named(&self, name: &str, shape: &Shape) -> Option<Turn> {
        Some(Turn::Named {
            function: functions::function(self.vocabulary, name)?,
            shape: shape.clone(),
            foreign: self.foreign?,
        })
    }

    /// What a full path holds. The path of the list itself is its item.
    fn shape(&self, path: &str, place: &Place) -> Option<&'static Shape> {
        let property = self.foreign?.at(path)?;
        let item = path == place.strip || parts(path).last().is_some_and(|part| part.item == Item::One);
        match &property.shape {
            Shape::List(inner) if item => Some(inner),
            shape => Some(shape),
        }
    }

    /// Enters a rule, unless its path leads out of the list that the table is for.
    fn put(
        &mut self,
        table: &mut Table,
        local: String,
        path: &str,
        place: &Place,
        rule: impl FnOnce(Vec<Part>) -> Rule,
        one_way: bool,
    ) {
        let Some(path) = relative(path, &place.strip) else {
            self.faults.push(format!("`{path}` is outside of `{}`", place.strip));
            return;
        };
        let path = parts(&path);
        let rule = rule(path.clone());
        if !one_way {
            let apart = match &rule {
                Rule::Value { with, .. } => !with.is_empty(),
                Rule::Each { having, .. } => having.is_some(),
                _ => false,
            };
            let all = table.back.entry(spelt(&path)).or_default();
            if let (Some(other), false) = (all.first(), apart) {
                self.faults.push(format!("`{other}` and `{local}` both are `{}`", spelt(&path)));
            }
            all.push(local.clone());
        }
        table.rules.insert(local, rule);
    }

    /// Attributes of a block that a function turns as a whole and has no place for.
    fn left_out(&mut self, house: &str) -> Vec<(&'static str, &'static Row)> {
        let below = format!("{house}.");
        let rows: Vec<(&'static str, &'static Row)> =
            self.rows.iter().filter_map(|(path, row)| Some((path.strip_prefix(&below)?, row))).collect();
        for (name, row) in &rows {
            self.used.insert(format!("{below}{name}"));
            if row.gap.is_none() {
                self.faults.push(format!("`{house}` is turned as a whole: `{name}` leads nowhere"));
            }
        }
        rows
    }

    fn block(&mut self, name: &str, level: &Level<'_>, once: Once, place: &Place, table: &mut Table) {
        let house = join(&place.house, name);
        let local = join(&place.local, name);
        let row = self.row(&house);
        if let Some(rule) = row.and_then(gap) {
            table.rules.insert(local, rule);
            return;
        }
        let once = if row.is_some_and(|row| row.once) { Once::List } else { once };
        let target = match row.and_then(|row| row.to.as_deref()) {
            Some(path) => match self.shape(path, place) {
                Some(shape) => Some((path.to_owned(), shape)),
                None => {
                    self.faults.push(format!("`{house}` leads to `{path}`, which the type does not have"));
                    return;
                }
            },
            None => self.find(name, place).map(|(path, property)| (path, &property.shape)),
        };
        if let (Some(row), Some((path, shape))) = (row, &target)
            && let Some(using) = &row.using
        {
            let without = self.left_out(&house);
            match self.named(using, shape) {
                Some(turn) => self.put(
                    table,
                    local,
                    path,
                    place,
                    |path| Rule::Value { path, turn, without, with: &row.with },
                    row.one_way,
                ),
                None => self.faults.push(format!("`{house}`: no function {using}")),
            }
            return;
        }
        let one_way = row.is_some_and(|row| row.one_way);
        match target {
            Some((path, Shape::List(item) | Shape::Map(item))) => {
                let object = self.foreign.and_then(|f| f.object(item));
                let objects = match (object, &**item) {
                    (Some(object), Shape::Object(owner)) => vec![(path.clone(), object, owner.as_str())],
                    _ => Vec::new(),
                };
                let key = row.and_then(|row| row.key.clone());
                let having = row.and_then(|row| row.having.as_deref());
                let having = having.map(|having| match having.split_once('=') {
                    Some((property, value)) => (property, Some(value)),
                    None => (having, None),
                });
                let mut inner = Table::default();
                if let Some(key) = &key {
                    inner.rules.insert(key.clone(), Rule::Elsewhere);
                }
                let below =
                    Place { house, local: String::new(), strip: path.clone(), objects, folded: false };
                self.level(level, &below, &mut inner);
                table.unmapped.append(&mut inner.unmapped);
                self.put(
                    table,
                    local,
                    &path,
                    place,
                    |path| Rule::Each { path, key, having, table: inner },
                    one_way,
                );
            }
            Some((path, shape @ Shape::Object(owner))) if once != Once::No => {
                let object = self.foreign.and_then(|f| f.object(shape));
                let objects = object.map(|o| (path.clone(), o, owner.as_str())).into_iter().collect();
                let object = relative(&path, &place.strip).map(|path| parts(&path));
                table.singles.insert(local.clone(), Single { list: once == Once::List, object });
                let below = Place { house, local, strip: place.strip.clone(), objects, folded: false };
                self.level(level, &below, table);
            }
            // A block without attributes says that it is there.
            Some((path, Shape::Json)) if once != Once::No && level.is_empty() => {
                let object = relative(&path, &place.strip).map(|path| parts(&path));
                if let Some(object) = &object {
                    table.back.insert(spelt(object), vec![local.clone()]);
                }
                table.singles.insert(local, Single { list: once == Once::List, object });
            }
            Some((_, Shape::Json)) | None if once != Once::No => {
                table.singles.insert(local.clone(), Single { list: once == Once::List, object: None });
                // The property that a resource is folded into is the block that the resource holds.
                let objects = if place.folded { place.objects.clone() } else { Vec::new() };
                let below = Place { house, local, strip: place.strip.clone(), objects, folded: false };
                self.level(level, &below, table);
            }
            _ => table.unmapped.push(house),
        }
    }
}

/// How often a block stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Once {
    /// Once, as a list of one.
    List,
    /// Once, as an object.
    Object,
    /// Any number of times.
    No,
}

fn gap(row: &'static Row) -> Option<Rule> {
    let reason = row.gap.as_deref()?;
    Some(Rule::Gap { reason, unless: row.unless.as_ref().map(literal), harmless: row.harmless })
}

/// A full path seen from the items of a list; `None` when it is not below it.
fn relative(path: &str, list: &str) -> Option<String> {
    if list.is_empty() {
        return Some(path.to_owned());
    }
    let rest = path.strip_prefix(list)?;
    if rest.is_empty() { Some(String::new()) } else { rest.strip_prefix('.').map(str::to_owned) }
}
