//! What Pulumi calls kinds, attributes and blocks: rules here, exceptions in the catalogue.
//!
//! Camel case; the plural for lists and for blocks that may stand several times; a block that stands once at most is
//! an object. Must not know how programs are spelt.

use catalog::kinds::{self, AttrInfo};
use catalog::{BlockInfo, Type, pulumi};
use ir::Address;

/// What stands under a name in a kind.
#[derive(Clone, Debug)]
pub(crate) struct Property {
    /// What the package calls it.
    pub name: String,
    /// Whether it is an object here and a list of one in the house.
    pub object: bool,
    /// Its type, as the house would say it; `None` for nested blocks.
    pub ty: Option<Type>,
    /// Whether it must be set.
    pub required: bool,
    /// The words that it is one of, as the package calls their type.
    pub words: Option<&'static str>,
    /// Whether it may be nothing once the resource is made.
    pub absent: bool,
}

/// The property that an attribute or block is, by its names from the outermost block inward; `None` when the package
/// does not have it.
pub(crate) fn property(address: &Address, path: &[String]) -> Option<Property> {
    let names = pulumi::names(address)?;
    let joined = path.join(".");
    let gone = |end: usize| names.missing.contains(&path[..end].join("."));
    if (1..=path.len()).any(gone) {
        return None;
    }
    let (last, _) = path.split_last()?;
    let place = place(address, path)?;
    let (list, once) = match &place {
        Place::Attribute(info) => (is_list(&info.ty), false),
        Place::Block(block) => (true, block.nesting.max == Some(1)),
        Place::Field(ty) => (is_list(ty), false),
    };
    let object = list && (once && !names.lists.contains(&joined) || names.objects.contains(&joined));
    let plain = camel(last);
    let rule = if list && !object { plural(&plain) } else { plain };
    let name = names.names.get(&joined).cloned().unwrap_or(rule);
    let (ty, required, absent) = match place {
        Place::Attribute(info) => (Some(info.ty.clone()), info.required, info.optional && !info.computed),
        Place::Block(block) => (None, block.nesting.min > 0, block.nesting.min == 0 && object),
        Place::Field(ty) => (Some(ty), false, false),
    };
    let other = names.types.get(&joined).map(String::as_str);
    let ty = match other {
        Some("number") => Some(Type::Number),
        Some("boolean") => Some(Type::Bool),
        Some("string") => Some(Type::String),
        _ => ty,
    };
    let words = other.filter(|word| word.contains('.'));
    Some(Property { name, words, object, ty, required, absent })
}

enum Place {
    Attribute(&'static AttrInfo),
    Block(&'static BlockInfo),
    /// Of an object in an attribute.
    Field(Type),
}

fn place(address: &Address, path: &[String]) -> Option<Place> {
    let schema = &kinds::of(address)?.schema;
    let (mut attributes, mut blocks) = (&schema.attributes, &schema.blocks);
    let mut rest = path.iter();
    while let Some(name) = rest.next() {
        if let Some(info) = attributes.get(name) {
            let mut ty = info.ty.clone();
            let mut field = false;
            for name in rest {
                ty = fields(&ty)?.remove(name)?;
                field = true;
            }
            return Some(if field { Place::Field(ty) } else { Place::Attribute(info) });
        }
        let block = blocks.get(name)?;
        if rest.len() == 0 {
            return Some(Place::Block(block));
        }
        (attributes, blocks) = (&block.attributes, &block.blocks);
    }
    None
}

/// The fields of an object, or of the objects in a list.
pub(crate) fn fields(ty: &Type) -> Option<std::collections::BTreeMap<String, Type>> {
    match ty {
        Type::Object(fields) => Some(fields.clone()),
        Type::List(item) | Type::Set(item) => fields(item),
        _ => None,
    }
}

fn is_list(ty: &Type) -> bool {
    matches!(ty, Type::List(_) | Type::Set(_))
}

/// A snake-case name in camel case; the rule that the catalogue's exceptions are exceptions of.
fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let mut out = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        out.extend(letters.next().map(|c| c.to_ascii_uppercase()));
        out.push_str(letters.as_str());
    }
    out
}

fn plural(noun: &str) -> String {
    let before = noun.chars().rev().nth(1);
    let es = ["ss", "x", "ch", "sh"].iter().any(|end| noun.ends_with(end));
    match noun.strip_suffix('y') {
        Some(stem) if before.is_none_or(|c| !"aeiou".contains(c)) => format!("{stem}ies"),
        _ if es => format!("{noun}es"),
        _ if noun.ends_with('s') => noun.to_owned(),
        _ => format!("{noun}s"),
    }
}

/// A resource or function of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// The package as programs import it, such as `aws`.
    pub package: &'static str,
    /// The way to it, such as `aws.rds.Instance` or `aws.getRegion`.
    pub path: String,
}

/// The resource or function that a kind is.
pub(crate) fn token(address: &Address) -> Option<Token> {
    let (package, rest) = pulumi::names(address)?.token.split_once(':')?;
    let (module, name) = rest.split_once(':')?;
    let module = module.split('/').next().unwrap_or_default();
    let path = match module {
        "index" => format!("{package}.{name}"),
        module => format!("{package}.{module}.{name}"),
    };
    Some(Token { package, path })
}
