//! What the model asks about kinds, so that it works on any vocabulary: the house's own, or a foreign one.
//!
//! Answers are functions, because each vocabulary keeps its schemas in a shape of its own. Must not know modules.

use catalog::BlockInfo;
use catalog::kinds::{self, Schema, Type};
use ir::{Address, Step};

use super::align::Match;

/// A set of kinds with their attributes.
pub(crate) struct Vocabulary {
    /// A kind in identifiers: snake case, without its cloud, such as `security_group`.
    pub short: fn(&Address) -> String,
    /// A kind in sentences, such as `NAT gateway`; `None` when the short name must do.
    pub noun: fn(&Address) -> Option<String>,
    /// Whether what stands under these names is a nested block; `None` when the kind is not known.
    pub nests: fn(&Address, &[String]) -> Option<bool>,
    /// The type of what a path leads to; `None` for nested blocks and for what is not known.
    pub type_of: fn(&Address, &[Step]) -> Option<Type>,
    /// Whether what a path leads to must not be shown.
    pub sensitive: fn(&Address, &[Step]) -> bool,
    /// An attribute that every resource of the kind has once it is made: what waits for it refers to this.
    pub identity: fn(&Address) -> &'static str,
    /// Whether resources of the kind stand where their provider is set to, rather than where an attribute says.
    pub regional: fn(&Address) -> bool,
    /// How the stack's tags reach resources of the kind.
    pub tags: fn(&Address) -> Tags,
    /// What makes items of lists the same thing in several environments.
    pub lists: Match,
    /// Whether a step of a path is left out of names, because every path has it.
    pub silent: fn(&str) -> bool,
}

/// How the stack's tags reach a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tags {
    /// Something else sets them: the attribute holds the resource's own only.
    Inherited(&'static str),
    /// They are written in this attribute of each resource.
    Written(&'static str),
    /// It carries none.
    None,
}

/// The house vocabulary: kinds as Terraform's providers name them.
pub(crate) static HOUSE: Vocabulary = Vocabulary {
    short,
    noun,
    nests,
    type_of,
    sensitive,
    identity,
    regional,
    tags,
    lists: Match::Name,
    silent: |_| false,
};

fn short(address: &Address) -> String {
    let kind = address.kind.as_str();
    kind.split_once('_').map_or(kind, |(_, rest)| rest).to_owned()
}

fn noun(address: &Address) -> Option<String> {
    kinds::of(address).map(|kind| kind.noun.clone())
}

fn nests(address: &Address, names: &[String]) -> Option<bool> {
    let schema = &kinds::of(address)?.schema;
    let (mut attributes, mut blocks) = (&schema.attributes, &schema.blocks);
    let (last, outer) = names.split_last()?;
    for name in outer {
        let block = blocks.get(name)?;
        (attributes, blocks) = (&block.attributes, &block.blocks);
    }
    Some(blocks.contains_key(last) && !attributes.contains_key(last))
}

fn type_of(address: &Address, path: &[Step]) -> Option<Type> {
    match walk(&kinds::of(address)?.schema, path)? {
        Place::Value(ty) => Some(ty),
        Place::Blocks(_) => None,
    }
}

fn sensitive(address: &Address, path: &[Step]) -> bool {
    let Some(Step::Attr(name)) = path.first() else { return false };
    kinds::of(address).and_then(|k| k.schema.attributes.get(name)).is_some_and(|a| a.sensitive)
}

fn identity(address: &Address) -> &'static str {
    let attributes = kinds::of(address).map(|k| &k.schema.attributes);
    let has = |name: &&str| attributes.is_none_or(|a| a.contains_key(*name));
    ["id", "arn", "name"].into_iter().find(has).unwrap_or("id")
}

fn regional(address: &Address) -> bool {
    address.kind.as_str().starts_with("aws_")
}

/// The providers of Google and AWS set tags on every resource themselves; Azure's and Atlas's do not.
fn tags(address: &Address) -> Tags {
    let taggable = |name: &str| kinds::of(address).is_none_or(|k| k.schema.attributes.contains_key(name));
    match address.kind.as_str().split('_').next() {
        Some("google") => Tags::Inherited("labels"),
        Some("azurerm") if address.mode == ir::Mode::Managed && taggable("tags") => Tags::Written("tags"),
        Some("azurerm" | "mongodbatlas") => Tags::None,
        _ => Tags::Inherited("tags"),
    }
}

/// Whether the order of what a path leads to means nothing.
pub(crate) fn is_set(address: &Address, path: &[Step]) -> bool {
    match kinds::of(address).and_then(|info| walk(&info.schema, path)) {
        Some(Place::Value(ty)) => matches!(ty, Type::Set(_)),
        Some(Place::Blocks(block)) => block.nesting.set,
        None => false,
    }
}

enum Place<'s> {
    Value(Type),
    Blocks(&'s BlockInfo),
}

fn walk<'s>(schema: &'s Schema, path: &[Step]) -> Option<Place<'s>> {
    let (mut attributes, mut blocks) = (&schema.attributes, &schema.blocks);
    let mut here: Option<Place<'s>> = None;
    for step in path {
        here = Some(match (here, step) {
            (None, Step::Attr(name)) => match attributes.get(name) {
                Some(attribute) => Place::Value(attribute.ty.clone()),
                None => Place::Blocks(blocks.get(name)?),
            },
            (Some(Place::Blocks(block)), Step::Index(_)) => {
                // Inside a block its attributes come next.
                (attributes, blocks, here) = (&block.attributes, &block.blocks, None);
                continue;
            }
            (Some(Place::Value(Type::List(item) | Type::Set(item))), Step::Index(_)) => Place::Value(*item),
            (Some(Place::Value(Type::Map(item))), Step::Attr(_)) => Place::Value(*item),
            (Some(Place::Value(Type::Object(mut fields))), Step::Attr(name)) => {
                Place::Value(fields.remove(name)?)
            }
            _ => return None,
        });
    }
    here
}
