//! What the model asks about Azure's types.

use catalog::Type;
use catalog::dialects::{Foreign, Shape};
use ir::{Address, Mode, Step};

use crate::arm::{VOCABULARY, names};
use crate::model::align::Match;
use crate::model::vocabulary::{Tags, Vocabulary};

/// Azure's types, as the model asks about them. Everything nested is a value.
pub(super) static TYPES: Vocabulary = Vocabulary {
    short: |address| names::noun(address.kind.as_str()),
    noun: |_| None,
    nests: |_, _| Some(false),
    type_of,
    sensitive: |_, path| path.iter().any(|step| matches!(step, Step::Attr(name) if name.starts_with("list"))),
    identity: |_| "id",
    regional: |_| false,
    tags,
    // Names of parts of resources begin with the environment's.
    lists: Match::Place,
    silent: |step| step == "properties" || step.ends_with("()") || step.contains('/'),
};

fn foreign(address: &Address) -> Option<&'static Foreign> {
    catalog::dialects::foreign(VOCABULARY.name, address.kind.as_str())
}

fn tags(address: &Address) -> Tags {
    let taggable = foreign(address).is_some_and(|f| f.properties.contains_key("tags"));
    if taggable && address.mode == Mode::Managed { Tags::Written("tags") } else { Tags::None }
}

fn type_of(address: &Address, path: &[Step]) -> Option<Type> {
    let names: Vec<&str> = path
        .iter()
        .filter_map(|step| match step {
            Step::Attr(name) => Some(name.as_str()),
            Step::Index(_) => None,
        })
        .collect();
    if matches!(names.as_slice(), ["id" | "name" | "location"]) {
        return Some(Type::String);
    }
    type_of_shape(&foreign(address)?.at(&names.join("."))?.shape)
}

fn type_of_shape(shape: &Shape) -> Option<Type> {
    Some(match shape {
        Shape::String(_) => Type::String,
        Shape::Integer | Shape::Number => Type::Number,
        Shape::Boolean => Type::Bool,
        Shape::List(item) => Type::List(Box::new(type_of_shape(item)?)),
        Shape::Map(item) => Type::Map(Box::new(type_of_shape(item)?)),
        Shape::Json | Shape::Object(_) => return None,
    })
}
