//! How each kind is said in the vocabulary of another tool, as data: one file a kind and vocabulary.
//!
//! What follows from the names on both sides stands in no file: the engine finds it by comparing the two schemas. A
//! file holds the foreign type, the exceptions, and what cannot be said, with the reason. Nothing here knows what a
//! vocabulary is like.

mod files;
mod foreign;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

pub use foreign::{Foreign, Object, Property, Shape, foreign, foreign_types, names};

/// How a kind is said in a foreign vocabulary.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindMap {
    /// As Terraform names it.
    pub kind: String,
    /// Whether it is a data source.
    #[serde(default)]
    pub data: bool,
    /// The foreign type; absent when there is none.
    #[serde(default, rename = "type")]
    pub foreign: Option<String>,
    /// Why there is none, or what must be done by hand.
    #[serde(default)]
    pub gap: Option<String>,
    /// The property whose object holds most of the others.
    #[serde(default)]
    pub within: Option<String>,
    /// Of several kinds that are one foreign type, this is the one when the property is set.
    #[serde(default)]
    pub when: Option<String>,
    /// It is part of another resource there.
    #[serde(default)]
    pub fold: Option<Fold>,
    /// Parts of it that are resources of their own there, by foreign type.
    #[serde(default)]
    pub companions: IndexMap<String, Companion>,
    /// Properties that are the same for every resource of this kind.
    #[serde(default)]
    pub constants: IndexMap<String, Value>,
    /// Attributes whose place does not follow from their name, by path in the kind.
    #[serde(default)]
    pub rows: IndexMap<String, Row>,
    /// What a reference to an attribute becomes, by path in the kind. An empty one is the resource itself. Of several
    /// that become the same, the first is what it becomes on the way back.
    #[serde(default)]
    pub references: IndexMap<String, Reference>,
    /// Properties that no attribute stands for, with the reason.
    #[serde(default)]
    pub target_only: BTreeMap<String, String>,
}

/// How a resource becomes a part of another.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fold {
    /// The attribute that names the other.
    pub by: String,
    /// The kind of the other.
    pub into: String,
    /// The property of the other that stands for this resource; the rows lead into it. Empty when this resource is
    /// nothing but a wait for the other.
    #[serde(default)]
    pub at: String,
    /// Whether the property is a list, with one item for each such resource.
    #[serde(default)]
    pub each: bool,
    /// The property of an item that tells it from the others; a number is made up where the resource does not say it.
    #[serde(default)]
    pub id: Option<String>,
}

/// A part of a resource that is a resource of its own in the foreign vocabulary.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Companion {
    /// The property that refers to the main resource.
    pub of: String,
    /// Attributes of the kind that it holds, and where. It exists when one of them is set.
    pub rows: IndexMap<String, Row>,
    /// Properties that are always the same.
    #[serde(default)]
    pub constants: IndexMap<String, Value>,
}

/// Where an attribute stands in the foreign type.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(from = "RowText")]
pub struct Row {
    /// The path of the property: names joined with dots. Behind the name of a list, `[0]` says that it is a list of one,
    /// `[Key=name]` the item whose property is so, `[]` every item: a list of the kind's is spread over them. The path
    /// of a list is the item itself, where an item is no object.
    pub to: Option<String>,
    /// The named function that turns the value, where the types on both sides do not say it.
    pub using: Option<String>,
    /// Properties beside it that say which of several attributes it is.
    pub with: IndexMap<String, Value>,
    /// The attribute of a block that is the key of the block's object there.
    pub key: Option<String>,
    /// The values that are spelt differently: as Terraform spells them, as they are spelt there.
    pub values: IndexMap<String, Value>,
    /// Why it cannot be said.
    pub gap: Option<String>,
    /// The value that goes without saying: a gap is none then.
    pub unless: Option<Value>,
    /// The gap changes nothing that anybody relies on, such as a name that is made up.
    pub harmless: bool,
    /// Another attribute stands for the property on the way back.
    pub one_way: bool,
    /// The block stands at most once, which the provider's schema does not say.
    pub once: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RowText {
    To(String),
    Full(FullRow),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FullRow {
    #[serde(default)]
    to: Option<String>,
    #[serde(default)]
    using: Option<String>,
    #[serde(default)]
    with: IndexMap<String, Value>,
    #[serde(default)]
    key: Option<String>,
    #[serde(default)]
    values: IndexMap<String, Value>,
    #[serde(default)]
    gap: Option<String>,
    #[serde(default)]
    unless: Option<Value>,
    #[serde(default)]
    harmless: bool,
    #[serde(default)]
    one_way: bool,
    #[serde(default)]
    once: bool,
}

impl From<RowText> for Row {
    fn from(text: RowText) -> Row {
        match text {
            RowText::To(to) => Row { to: Some(to), ..Row::default() },
            RowText::Full(FullRow { to, using, with, key, values, gap, unless, harmless, one_way, once }) => {
                Row { to, using, with, key, values, gap, unless, harmless, one_way, once }
            }
        }
    }
}

/// What a reference to an attribute becomes.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Reference {
    /// A path of the foreign resource; empty for the resource itself.
    To(String),
    /// A text around it.
    Text {
        /// Such as `arn:${partition}:logs:${region}:${account}:log-group:${}`: `${}` is the resource itself, `${path}` a
        /// path of it, `${=name}` what an attribute of the kind was set to, and `${partition}`, `${region}`, `${account}`
        /// are what the cloud knows, where the vocabulary has them.
        text: String,
    },
    /// A path of the foreign resource, or the text where the resource waits for what refers to it.
    Either {
        /// The path.
        to: String,
        /// The text, without a reference to the resource.
        apart: String,
    },
    /// Nothing.
    Gap {
        /// Why.
        gap: String,
    },
}

type Slot = (&'static str, &'static str, &'static str, OnceLock<KindMap>);

fn slots() -> &'static [Slot] {
    static SLOTS: OnceLock<Vec<Slot>> = OnceLock::new();
    SLOTS.get_or_init(|| {
        let slots = files::MAPS.iter().map(|(dialect, stem, text)| (*dialect, *stem, *text, OnceLock::new()));
        slots.collect()
    })
}

fn parsed(slot: &'static Slot) -> &'static KindMap {
    let (dialect, stem, text, parsed) = slot;
    parsed.get_or_init(|| {
        serde_json::from_str(text).unwrap_or_else(|e| panic!("data/dialects/{dialect}/{stem}.json: {e}"))
    })
}

/// How a kind is said in a vocabulary, by the name of the kind's data file; `None` when there is no file.
#[must_use]
pub fn kind_map(dialect: &str, stem: &str) -> Option<&'static KindMap> {
    let slots = slots();
    let place = slots.binary_search_by_key(&(dialect, stem), |(d, s, ..)| (d, s)).ok()?;
    Some(parsed(&slots[place]))
}

/// Every kind that a vocabulary has a file for, sorted.
pub fn kind_maps(dialect: &str) -> impl Iterator<Item = &'static KindMap> {
    slots().iter().filter(move |(d, ..)| *d == dialect).map(parsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_embedded_loads_and_is_named_after_its_kind() {
        for dialect in ["arm", "cloudformation"] {
            let embedded: std::collections::BTreeSet<String> =
                files::MAPS.iter().filter(|(d, ..)| *d == dialect).map(|(_, s, _)| (*s).to_owned()).collect();
            assert_eq!(embedded, crate::folder(&format!("dialects/{dialect}")));
        }
        for (_, stem, ..) in slots() {
            let info = slots().iter().find(|(_, s, ..)| s == stem).map(parsed).expect("its own slot");
            let expected = if info.data { info.kind.replacen('_', "_data_", 1) } else { info.kind.clone() };
            assert_eq!(*stem, expected);
        }
        assert!(files::MAPS.is_sorted_by_key(|(d, s, _)| (*d, *s)));
    }
}
