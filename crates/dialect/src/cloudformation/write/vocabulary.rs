//! What the model asks about CloudFormation's types.

use catalog::Type;
use catalog::dialects::{Foreign, Shape};
use ir::{Address, Step};

use crate::maps::snake;
use crate::model::align::Match;
use crate::model::vocabulary::{Tags, Vocabulary};

/// CloudFormation's types, as the model asks about them. Everything nested is a value, and a stack's tags reach its
/// resources by themselves.
pub static TYPES: Vocabulary = Vocabulary {
    short,
    noun: |_| None,
    nests: |_, _| Some(false),
    type_of,
    sensitive: |_, _| false,
    identity: |_| "",
    regional: |_| false,
    tags: |_| Tags::None,
    lists: Match::Name,
    silent: |_| false,
};

/// The type's last word, such as `db_instance`.
fn short(address: &Address) -> String {
    let kind = address.kind.as_str();
    snake(kind.rsplit("::").next().unwrap_or(kind))
}

fn type_of(address: &Address, path: &[Step]) -> Option<Type> {
    let foreign: &Foreign = catalog::dialects::foreign("cloudformation", address.kind.as_str())?;
    let names: Vec<&str> = path
        .iter()
        .filter_map(|step| match step {
            Step::Attr(name) => Some(name.as_str()),
            Step::Index(_) => None,
        })
        .collect();
    if names.is_empty() {
        return Some(Type::String);
    }
    type_of_shape(&foreign.at(&names.join("."))?.shape)
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
