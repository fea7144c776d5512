//! Prepares a map: which attribute stands where, from the two schemas and the rows of data.
//!
//! A table is made once a kind. Blocks that stand at most once are passed through: their attributes have rows of their own,
//! wherever they lead. Blocks that repeat have a table of their own, one item of the list to one item of the list there.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use catalog::dialects::{KindMap, Row};
use indexmap::IndexMap;
use ir::{Mode, Value};

use super::Vocabulary;
use super::convert::{Turn, literal, same};
use super::path::Part;
use super::prepare::prepare;
use super::refer::References;

/// Which attribute of a kind, or of an item of a list, stands where.
#[derive(Debug, Default)]
pub struct Table {
    /// By path in the house.
    pub rules: BTreeMap<String, Rule>,
    /// The attributes that may stand for each foreign path, as [`super::path::spelt`] writes it: one, or as many as what
    /// stands beside it tells apart.
    pub back: BTreeMap<String, Vec<String>>,
    /// Blocks that are passed through, by path: whether one is a list of one, and the object that stands for it.
    pub singles: BTreeMap<String, Single>,
    /// Attributes that neither a name nor a row leads anywhere.
    pub unmapped: Vec<String>,
}

/// A block that stands at most once.
#[derive(Debug)]
pub struct Single {
    /// Whether it is a list of one rather than an object.
    pub list: bool,
    /// Where its object stands, when there is one.
    pub object: Option<Vec<Part>>,
}

/// Where an attribute stands.
#[derive(Debug)]
pub enum Rule {
    /// With what the resource is folded by, or in a companion.
    Elsewhere,
    /// Nowhere.
    Gap { reason: &'static str, unless: Option<Value>, harmless: bool },
    /// At a path, turned. An empty path is the item itself.
    Value {
        path: Vec<Part>,
        turn: Turn,
        /// Attributes of a block that is turned as a whole which have no place there.
        without: Vec<(&'static str, &'static Row)>,
        /// Properties beside it that say which of several attributes it is.
        with: &'static IndexMap<String, serde_json::Value>,
    },
    /// Each item at a path, by a table of its own; in a map, by the attribute that is its key.
    Each {
        path: Vec<Part>,
        key: Option<String>,
        /// What tells its items from those of other blocks: a property, and its value if that matters.
        having: Option<(&'static str, Option<&'static str>)>,
        table: Table,
    },
}

impl Table {
    /// The attribute that stands for a property, by what stands beside it.
    pub fn attribute(&self, path: &str, beside: &IndexMap<String, Value>) -> Option<&str> {
        let fits = |house: &&String| match self.rules.get(*house) {
            Some(Rule::Value { with, .. }) => with.iter().all(|(name, value)| {
                beside.get(name).is_some_and(|there| same(there.known(), &literal(value)))
            }),
            _ => true,
        };
        let all = self.back.get(path)?;
        if self.apart(path).is_some() {
            return None;
        }
        all.iter().find(fits).or(all.first()).map(String::as_str)
    }

    /// The blocks whose items stand in one list there.
    pub fn apart(&self, path: &str) -> Option<&[String]> {
        let all = self.back.get(path)?;
        let told = |house: &String| matches!(self.rules.get(house), Some(Rule::Each { having: Some(_), .. }));
        all.iter().all(told).then_some(all.as_slice())
    }
}

/// Whether a property is set, or is what it has to be.
fn holds(node: &ir::Node, when: &str) -> bool {
    let (path, wanted) = match when.split_once('=') {
        Some((path, wanted)) => (path, Some(wanted)),
        None => (when, None),
    };
    let mut names = path.split('.');
    let first = names.next().and_then(|name| node.get(name));
    let found = names.fold(first, |value, name| value?.get(name));
    match (found, wanted) {
        (Some(found), Some(wanted)) => found.text().as_deref() == Some(wanted),
        (found, _) => found.is_some(),
    }
}

/// A prepared map.
#[derive(Debug)]
pub struct Prepared {
    /// The table of the kind, or of one item when it is folded into a list.
    pub table: Table,
    /// The tables of its companions, by foreign type.
    pub companions: IndexMap<&'static str, Table>,
    /// What references become.
    pub references: References,
    /// What is wrong with the map.
    pub faults: Vec<String>,
}

/// The maps of a vocabulary, each prepared when first asked for.
pub struct Tables {
    slots: BTreeMap<(bool, &'static str), (&'static KindMap, OnceLock<Prepared>)>,
    by_type: BTreeMap<&'static str, Vec<&'static KindMap>>,
    folds: BTreeMap<&'static str, Vec<&'static KindMap>>,
    companions: BTreeMap<&'static str, Vec<&'static KindMap>>,
}

impl Tables {
    pub fn new(dialect: &'static str) -> Tables {
        let mut tables = Tables {
            slots: BTreeMap::new(),
            by_type: BTreeMap::new(),
            folds: BTreeMap::new(),
            companions: BTreeMap::new(),
        };
        for map in catalog::dialects::kind_maps(dialect) {
            tables.slots.insert((map.data, &map.kind), (map, OnceLock::new()));
            for companion in map.companions.keys() {
                tables.companions.entry(companion).or_default().push(map);
            }
            match (&map.fold, &map.foreign) {
                (Some(fold), _) if !fold.at.is_empty() => {
                    tables.folds.entry(&fold.into).or_default().push(map)
                }
                (None, Some(foreign)) => tables.by_type.entry(foreign).or_default().push(map),
                _ => {}
            }
        }
        // Those with a condition are asked first.
        tables.by_type.values_mut().for_each(|maps| maps.sort_by_key(|m| m.when.is_none()));
        tables
    }

    /// The map of a node's kind.
    pub fn of(&self, address: &ir::Address) -> Option<&'static KindMap> {
        let data = address.mode == Mode::Data;
        self.slots.get(&(data, address.kind.as_str())).map(|(map, _)| *map)
    }

    /// The prepared map.
    pub fn prepared(&self, vocabulary: &Vocabulary, map: &'static KindMap) -> &Prepared {
        let (_, slot) = &self.slots[&(map.data, map.kind.as_str())];
        slot.get_or_init(|| prepare(vocabulary, map))
    }

    /// Every map, prepared.
    pub fn all(&self, vocabulary: &Vocabulary) -> impl Iterator<Item = (&'static KindMap, &Prepared)> {
        self.slots.values().map(|(map, _)| (*map, self.prepared(vocabulary, map)))
    }

    /// The map that a foreign resource is read by.
    pub fn of_type(&self, node: &ir::Node) -> Option<&'static KindMap> {
        let fits = |map: &&&'static KindMap| {
            map.data == (node.address.mode == Mode::Data)
                && map.when.as_deref().is_none_or(|when| holds(node, when))
        };
        self.by_type.get(node.kind().as_str())?.iter().find(fits).copied()
    }

    /// The maps that fold into a kind.
    pub fn folds_into(&self, kind: &str) -> &[&'static KindMap] {
        self.folds.get(kind).map_or(&[], Vec::as_slice)
    }

    /// The maps that a foreign type may be a part of.
    pub fn companion_of(&self, name: &str) -> &[&'static KindMap] {
        self.companions.get(name).map_or(&[], Vec::as_slice)
    }
}
