//! The types of foreign vocabularies: properties, what they hold, and what can be asked of a resource afterwards.
//!
//! One line of JSON a type under `data/schemas`, extracted from what the vendor publishes. A line is parsed when its type
//! is first asked for. Types may hold themselves, so an object is referred to by its name.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::files;

/// A foreign type.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Foreign {
    /// Such as `AWS::SQS::Queue`.
    #[serde(rename = "type")]
    pub name: String,
    /// The version of the interface that these are the properties of, where types have several.
    #[serde(default)]
    pub version: String,
    /// The properties that a reference to the resource itself gives, where the vocabulary has such references.
    #[serde(default)]
    pub identifier: Vec<String>,
    /// Properties whose change replaces the resource.
    #[serde(default)]
    pub create_only: Vec<String>,
    /// Properties that are known after creation and cannot be set.
    #[serde(default)]
    pub read_only: Vec<String>,
    /// By name.
    pub properties: BTreeMap<String, Property>,
    /// The objects that properties hold, by name.
    #[serde(default)]
    pub objects: BTreeMap<String, Object>,
}

/// An object that a property holds: its properties by name.
pub type Object = BTreeMap<String, Property>;

/// A property. Written `required list(Tag)`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Property {
    /// Must be set.
    pub required: bool,
    /// What it holds.
    pub shape: Shape,
}

/// What a property holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `string`, or `string(a|b)` when only these are meant.
    String(Vec<String>),
    /// `integer`.
    Integer,
    /// `number`.
    Number,
    /// `boolean`.
    Boolean,
    /// `json`: anything.
    Json,
    /// `list(T)`.
    List(Box<Shape>),
    /// `map(T)`.
    Map(Box<Shape>),
    /// The name of an object.
    Object(String),
}

impl TryFrom<String> for Property {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let (required, shape) = match text.strip_prefix("required ") {
            Some(rest) => (true, rest),
            None => (false, text.as_str()),
        };
        Ok(Property { required, shape: Shape::parse(shape)? })
    }
}

impl Shape {
    fn parse(text: &str) -> Result<Shape, String> {
        let inner = |name: &str| text.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
        if let Some(item) = inner("list") {
            return Ok(Shape::List(Box::new(Shape::parse(item)?)));
        }
        if let Some(item) = inner("map") {
            return Ok(Shape::Map(Box::new(Shape::parse(item)?)));
        }
        if let Some(values) = inner("string") {
            return Ok(Shape::String(values.split('|').map(str::to_owned).collect()));
        }
        match text {
            "string" => Ok(Shape::String(Vec::new())),
            "integer" => Ok(Shape::Integer),
            "number" => Ok(Shape::Number),
            "boolean" => Ok(Shape::Boolean),
            "json" => Ok(Shape::Json),
            name if name.starts_with(|c: char| c.is_ascii_uppercase()) => Ok(Shape::Object(name.to_owned())),
            other => Err(format!("`{other}` is no shape")),
        }
    }
}

impl Foreign {
    /// The properties of the object that a shape is; `None` when it is none.
    #[must_use]
    pub fn object(&self, shape: &Shape) -> Option<&Object> {
        match shape {
            Shape::Object(name) => self.objects.get(name),
            _ => None,
        }
    }

    /// What stands at a path as rows write it, through lists and maps; `None` when nothing does. Below what may hold
    /// anything stands anything.
    #[must_use]
    pub fn at<'a>(&'a self, path: &str) -> Option<&'a Property> {
        static ANYTHING: Property = Property { required: false, shape: Shape::Json };
        let mut object = Some(&self.properties);
        let mut found: Option<&'a Property> = None;
        for name in names(path) {
            if let Some(Property { shape: Shape::Json, .. }) = found {
                return Some(&ANYTHING);
            }
            let property = object?.get(name.split('[').next().unwrap_or_default())?;
            let mut shape = &property.shape;
            while let Shape::List(item) | Shape::Map(item) = shape {
                shape = item;
            }
            object = self.object(shape);
            found = Some(property);
        }
        found
    }
}

/// The names of a path; a dot in brackets belongs to what is in them.
pub fn names(path: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    let parts = path.split(move |c: char| {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == '.' && depth == 0
    });
    parts.filter(|name| !name.is_empty())
}

type Slot = (&'static str, &'static str, &'static str, OnceLock<Foreign>);

/// The name that a line of a file of types begins with.
fn name_of(line: &'static str) -> &'static str {
    line.strip_prefix("{\"type\":\"").and_then(|rest| rest.split('"').next()).unwrap_or_default()
}

fn slots() -> &'static [Slot] {
    static SLOTS: OnceLock<Vec<Slot>> = OnceLock::new();
    SLOTS.get_or_init(|| {
        let lines =
            files::SCHEMAS.iter().flat_map(|(dialect, text)| text.lines().map(move |l| (*dialect, l)));
        let mut slots: Vec<Slot> = lines.map(|(d, line)| (d, name_of(line), line, OnceLock::new())).collect();
        slots.sort_by_key(|(dialect, name, ..)| (*dialect, *name));
        slots
    })
}

fn parsed(slot: &'static Slot) -> &'static Foreign {
    let (dialect, name, line, parsed) = slot;
    parsed.get_or_init(|| {
        serde_json::from_str(line).unwrap_or_else(|e| panic!("data/schemas/{dialect}.jsonl: {name}: {e}"))
    })
}

/// A type of a vocabulary; `None` when the catalogue does not have it.
#[must_use]
pub fn foreign(dialect: &str, name: &str) -> Option<&'static Foreign> {
    let slots = slots();
    let place = slots.binary_search_by_key(&(dialect, name), |(d, n, ..)| (d, n)).ok()?;
    Some(parsed(&slots[place]))
}

/// Every type of a vocabulary, sorted.
pub fn foreign_types(dialect: &str) -> impl Iterator<Item = &'static Foreign> {
    slots().iter().filter(move |(d, ..)| *d == dialect).map(parsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_loads_and_holds_objects_that_exist() {
        fn objects<'a>(shape: &'a Shape, found: &mut Vec<&'a str>) {
            match shape {
                Shape::Object(name) => found.push(name),
                Shape::List(item) | Shape::Map(item) => objects(item, found),
                _ => {}
            }
        }
        for (dialect, _) in files::SCHEMAS {
            for foreign in foreign_types(dialect) {
                let own = foreign.properties.values();
                let mut named = Vec::new();
                own.chain(foreign.objects.values().flat_map(BTreeMap::values))
                    .for_each(|p| objects(&p.shape, &mut named));
                for name in named {
                    assert!(foreign.objects.contains_key(name), "{}: no object {name}", foreign.name);
                }
            }
        }
    }

    #[test]
    fn shapes_read_their_notation() {
        let read = |text: &str| Property::try_from(text.to_owned());
        let tags = read("required list(Tag)").expect("valid");
        assert!(tags.required);
        assert_eq!(tags.shape, Shape::List(Box::new(Shape::Object("Tag".into()))));
        assert_eq!(read("string(a|b)").expect("valid").shape, Shape::String(vec!["a".into(), "b".into()]));
        for wrong in ["list(string", "text", "", "map()"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
