//! What a kind is: its schema as the provider publishes it, and what we know about it beyond that.
//!
//! One file a kind under `data/kinds`. The `schema` part is filled by `cargo xtask refresh`; the rest is
//! written by hand. A file is parsed when its kind is first asked for: a run uses a few dozen of them.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

/// A kind.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindInfo {
    /// As Terraform names it.
    pub kind: String,
    /// Whether it is a data source.
    #[serde(default)]
    pub data: bool,
    /// What people call it, such as `NAT gateway`.
    pub noun: String,
    /// Whether destroying it loses something that cannot be made again from code.
    #[serde(default)]
    pub holds_data: bool,
    /// Attributes whose change replaces the resource.
    #[serde(default)]
    pub create_only: Vec<String>,
    /// Nested blocks left out of the schema.
    #[serde(default)]
    pub omit: Vec<String>,
    /// Attributes that must not be shown, where the source of the schema does not say so.
    #[serde(default)]
    pub sensitive: Vec<String>,
    /// Where the schema comes from, such as `hashicorp/aws 5.100.0`.
    pub provider: String,
    /// Attributes and nested blocks.
    pub schema: Schema,
}

/// The attributes and nested blocks of a kind or block.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// By name.
    pub attributes: BTreeMap<String, AttrInfo>,
    /// By name.
    #[serde(default)]
    pub blocks: BTreeMap<String, BlockInfo>,
}

/// A nested block.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockInfo {
    /// How often it may stand.
    pub nesting: Nesting,
    /// By name.
    pub attributes: BTreeMap<String, AttrInfo>,
    /// By name.
    #[serde(default)]
    pub blocks: BTreeMap<String, BlockInfo>,
}

/// How often a block may stand. Written `list 0..1` or `set 1..*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Nesting {
    /// Whether the order means nothing.
    pub set: bool,
    /// At least so often.
    pub min: u32,
    /// At most so often.
    pub max: Option<u32>,
}

impl TryFrom<String> for Nesting {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no nesting");
        let (mode, range) = text.split_once(' ').ok_or_else(wrong)?;
        let (low, high) = range.split_once("..").ok_or_else(wrong)?;
        let set = match mode {
            "set" => true,
            "list" | "single" => false,
            _ => return Err(wrong()),
        };
        let max = if high == "*" { None } else { Some(high.parse().map_err(|_| wrong())?) };
        Ok(Nesting { set, min: low.parse().map_err(|_| wrong())?, max })
    }
}

/// An attribute. Written `optional computed list(string)`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct AttrInfo {
    /// Must be set.
    pub required: bool,
    /// May be set.
    pub optional: bool,
    /// Is known after creation.
    pub computed: bool,
    /// Must not be shown.
    pub sensitive: bool,
    /// On its way out.
    pub deprecated: bool,
    /// Never stored in state.
    pub write_only: bool,
    /// Its type.
    pub ty: Type,
}

impl TryFrom<String> for AttrInfo {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let mut info = AttrInfo {
            required: false,
            optional: false,
            computed: false,
            sensitive: false,
            deprecated: false,
            write_only: false,
            ty: Type::Any,
        };
        let mut words = text.split(' ').peekable();
        while let Some(word) = words.next() {
            match word {
                _ if words.peek().is_none() => info.ty = Type::parse(word)?,
                "required" => info.required = true,
                "optional" => info.optional = true,
                "computed" => info.computed = true,
                "sensitive" => info.sensitive = true,
                "deprecated" => info.deprecated = true,
                "write_only" => info.write_only = true,
                other => return Err(format!("`{other}` in `{text}` is no flag of an attribute")),
            }
        }
        Ok(info)
    }
}

/// The type of an attribute, in Terraform's notation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// `string`.
    String,
    /// `number`.
    Number,
    /// `bool`.
    Bool,
    /// `list(T)`.
    List(Box<Type>),
    /// `set(T)`.
    Set(Box<Type>),
    /// `map(T)`.
    Map(Box<Type>),
    /// `object({name=T,...})`.
    Object(BTreeMap<String, Type>),
    /// `dynamic`.
    Any,
}

impl Type {
    /// Reads the notation without spaces.
    fn parse(text: &str) -> Result<Type, String> {
        let (ty, rest) = Self::prefix(text)?;
        if rest.is_empty() { Ok(ty) } else { Err(format!("`{rest}` follows the type in `{text}`")) }
    }

    fn prefix(text: &str) -> Result<(Type, &str), String> {
        let end = text.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        match word {
            "string" => return Ok((Type::String, rest)),
            "number" => return Ok((Type::Number, rest)),
            "bool" => return Ok((Type::Bool, rest)),
            "dynamic" => return Ok((Type::Any, rest)),
            _ => {}
        }
        let wrong = || format!("`{text}` is no type");
        let inner = rest.strip_prefix('(').ok_or_else(wrong)?;
        let (ty, rest) = match word {
            "list" | "set" | "map" => {
                let (item, rest) = Self::prefix(inner)?;
                let item = Box::new(item);
                let ty = match word {
                    "list" => Type::List(item),
                    "set" => Type::Set(item),
                    _ => Type::Map(item),
                };
                (ty, rest)
            }
            "object" => {
                let mut fields = BTreeMap::new();
                let mut rest = inner.strip_prefix('{').ok_or_else(wrong)?;
                while !rest.starts_with('}') {
                    let (name, after) = rest.split_once('=').ok_or_else(wrong)?;
                    let (ty, after) = Self::prefix(after)?;
                    fields.insert(name.to_owned(), ty);
                    rest = after.strip_prefix(',').unwrap_or(after);
                }
                (Type::Object(fields), &rest[1..])
            }
            _ => return Err(wrong()),
        };
        Ok((ty, rest.strip_prefix(')').ok_or_else(wrong)?))
    }
}

impl KindInfo {
    /// Whether it carries tags.
    #[must_use]
    pub fn taggable(&self) -> bool {
        self.schema.attributes.get("tags").is_some_and(|a| a.optional)
    }
}

type Slot = (&'static str, &'static str, OnceLock<KindInfo>);

fn files() -> impl Iterator<Item = (&'static str, &'static str)> {
    let modules =
        [crate::aws::FILES, crate::azurerm::FILES, crate::google::FILES, crate::mongodbatlas::FILES];
    modules.into_iter().flatten().copied()
}

fn slots() -> &'static [Slot] {
    static SLOTS: OnceLock<Vec<Slot>> = OnceLock::new();
    SLOTS.get_or_init(|| {
        let mut slots: Vec<Slot> = files().map(|(stem, text)| (stem, text, OnceLock::new())).collect();
        slots.sort_by_key(|(stem, ..)| *stem);
        slots
    })
}

/// A managed kind by its name; `None` when the catalogue does not have it.
#[must_use]
pub fn kind(name: &str) -> Option<&'static KindInfo> {
    by_file(name)
}

/// A data source by its name.
#[must_use]
pub fn data_source(name: &str) -> Option<&'static KindInfo> {
    let (cloud, rest) = name.split_once('_')?;
    by_file(&format!("{cloud}_data_{rest}"))
}

/// The kind of a node's address.
#[must_use]
pub fn of(address: &ir::Address) -> Option<&'static KindInfo> {
    match address.mode {
        ir::Mode::Managed => kind(address.kind.as_str()),
        ir::Mode::Data => data_source(address.kind.as_str()),
    }
}

fn by_file(stem: &str) -> Option<&'static KindInfo> {
    let slots = slots();
    let (_, text, parsed) = &slots[slots.binary_search_by_key(&stem, |(s, ..)| s).ok()?];
    Some(
        parsed.get_or_init(|| {
            serde_json::from_str(text).unwrap_or_else(|e| panic!("data/kinds/{stem}.json: {e}"))
        }),
    )
}

/// Every kind and data source, sorted by file name.
pub fn all() -> impl Iterator<Item = &'static KindInfo> {
    slots().iter().filter_map(|(stem, ..)| by_file(stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_loads_and_is_named_after_its_kind() {
        for (stem, ..) in slots() {
            let info = by_file(stem).expect("a slot has its file");
            let expected = if info.data { info.kind.replacen('_', "_data_", 1) } else { info.kind.clone() };
            assert_eq!(*stem, expected);
            assert!(!info.noun.is_empty());
            for name in &info.create_only {
                let first = name.split('.').next().expect("split gives one");
                let known =
                    info.schema.attributes.contains_key(first) || info.schema.blocks.contains_key(first);
                assert!(known, "{stem}: create_only names `{name}`");
            }
        }
    }

    #[test]
    fn types_read_terraforms_notation() {
        let ty = Type::parse("list(object({id=string,ports=set(number)}))").expect("valid");
        let Type::List(item) = ty else { panic!("{ty:?}") };
        let Type::Object(fields) = *item else { panic!("{item:?}") };
        assert_eq!(fields["ports"], Type::Set(Box::new(Type::Number)));
        for wrong in ["list(string", "strin", "map()", "string)"] {
            assert!(Type::parse(wrong).is_err(), "{wrong}");
        }
    }
}
