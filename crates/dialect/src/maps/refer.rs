//! What references to attributes become, and back.
//!
//! A path in the house becomes a path of the foreign resource, the resource itself, or a text around one of them. What a
//! file of data does not say follows from names: `id` is the resource itself, computed attributes are found by name.

use std::collections::BTreeMap;

use catalog::KindInfo;
use catalog::dialects::{Foreign, KindMap, Object, Property, Reference, Shape};
use ir::{Ref, Step, Value};

use super::names;
use super::table::Table;

/// What references to a kind's attributes become.
#[derive(Debug, Default)]
pub struct References {
    /// By path in the house.
    pub into: BTreeMap<String, Target>,
    /// By path there.
    pub out: BTreeMap<String, String>,
    /// What stands for a path there where the resource waits for what refers to it.
    pub apart: BTreeMap<String, Vec<Piece>>,
}

/// What a reference becomes.
#[derive(Debug)]
pub enum Target {
    /// A path of the resource; empty for the resource itself.
    Path(String),
    /// A text.
    Text(Vec<Piece>),
    /// Nothing.
    Gap(&'static str),
}

/// A part of a text around a reference.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// As it is.
    Text(String),
    /// The resource, or a path of it.
    This(String),
    /// What an attribute of the kind was set to.
    Own(String),
    /// What the cloud knows, by its word.
    Ambient(String),
}

/// Words of texts that are no path of the resource.
static AMBIENT: &[&str] = &["partition", "region", "account", "suffix", "group", "subscription", "tenant"];

impl References {
    /// From the rows of data, then from names.
    pub fn of(
        map: &'static KindMap,
        info: &KindInfo,
        foreign: Option<&Foreign>,
        table: &Table,
        faults: &mut Vec<String>,
    ) -> References {
        let mut references = References::default();
        let known = |path: &str| match foreign {
            Some(f) => path.is_empty() || f.at(path).is_some() || f.read_only.iter().any(|p| p == path),
            None => path.is_empty(),
        };
        for (house, reference) in &map.references {
            if house_type(info, house).is_none() {
                faults.push(format!("a reference names `{house}`, which is no attribute"));
            }
            let target = match reference {
                Reference::To(path) => {
                    if !known(path) {
                        faults.push(format!("`{house}` refers to `{path}`, which the type does not have"));
                    }
                    references.out.entry(path.clone()).or_insert_with(|| house.clone());
                    Target::Path(path.clone())
                }
                Reference::Text { text } => {
                    let pieces = pieces(text);
                    check(&pieces, house, info, &known, faults);
                    Target::Text(pieces)
                }
                Reference::Either { to, apart } => {
                    let pieces = pieces(apart);
                    check(&pieces, house, info, &known, faults);
                    references.out.entry(to.clone()).or_insert_with(|| house.clone());
                    references.apart.insert(to.clone(), pieces);
                    Target::Path(to.clone())
                }
                Reference::Gap { gap } => Target::Gap(gap),
            };
            references.into.insert(house.clone(), target);
        }
        if map.foreign.is_some() {
            // Where the identifier is a property of its own, the resource itself is not what stands for it.
            let own = foreign.filter(|f| f.read_only.iter().any(|path| path == "id"));
            references.follow("id", if own.is_some() { "id" } else { "" });
        }
        if let Some(foreign) = foreign {
            if let ([only], None) = (foreign.identifier.as_slice(), &map.fold)
                && let Some(house) = table.back.get(only).and_then(|all| all.first())
            {
                references.follow(house, "");
            }
            if map.fold.is_none() {
                references.follow_names(info, foreign);
            }
        }
        references
    }

    /// What names say: computed attributes are what can be asked of the resource.
    fn follow_names(&mut self, info: &KindInfo, foreign: &Foreign) {
        let property = Property { required: false, shape: Shape::Json };
        let asked: Object =
            foreign.read_only.iter().map(|path| (path.replace('.', ""), property.clone())).collect();
        let owner = foreign.name.rsplit([':', '/']).next().unwrap_or_default();
        for (name, _) in info.schema.attributes.iter().filter(|(_, a)| a.computed) {
            if let Some(found) = names::find(name, owner, &asked) {
                let path = foreign.read_only.iter().find(|path| path.replace('.', "") == found);
                self.follow(name, path.map_or("", String::as_str));
            }
        }
    }

    /// Enters what data does not say.
    fn follow(&mut self, house: &str, path: &str) {
        if !self.into.contains_key(house) {
            self.into.insert(house.to_owned(), Target::Path(path.to_owned()));
            self.out.entry(path.to_owned()).or_insert_with(|| house.to_owned());
        }
    }

    /// What the longest known beginning of a path becomes, and the steps behind it.
    pub fn target<'a>(&'a self, path: &'a [Step]) -> Option<(&'a Target, &'a [Step])> {
        (0..=path.len()).rev().find_map(|n| {
            let (begin, rest) = path.split_at(n);
            Some((self.into.get(&spelt(begin))?, rest))
        })
    }

    /// The house's path for the longest known beginning of a foreign one, and the steps behind it.
    pub fn house<'a>(&'a self, path: &'a [Step]) -> Option<(&'a str, &'a [Step])> {
        (0..=path.len()).rev().find_map(|n| {
            let (begin, rest) = path.split_at(n);
            // A name of the resource itself is no name behind it.
            let named = n == 0 && matches!(rest.first(), Some(Step::Attr(_)));
            (!named).then(|| Some((self.out.get(&spelt(begin))?.as_str(), rest)))?
        })
    }

    /// Texts around a reference, with the path that each stands for.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &[Piece])> {
        self.into.iter().filter_map(|(house, target)| match target {
            Target::Text(pieces) => Some((house.as_str(), pieces.as_slice())),
            _ => None,
        })
    }
}

/// Steps as data files write them: names alone. What ends in a place of a list is no such path.
pub fn spelt(path: &[Step]) -> String {
    if matches!(path.last(), Some(Step::Index(_))) {
        return "[]".to_owned();
    }
    let names: Vec<&str> = path
        .iter()
        .filter_map(|step| match step {
            Step::Attr(name) => Some(name.as_str()),
            Step::Index(_) => None,
        })
        .collect();
    names.join(".")
}

/// The steps of a path of names; behind a name that holds a list comes its first item.
pub fn steps(path: &str, info: Option<&KindInfo>) -> Vec<Step> {
    let names: Vec<&str> = path.split('.').filter(|n| !n.is_empty()).collect();
    let mut out = Vec::new();
    for (i, name) in names.iter().enumerate() {
        out.push(Step::Attr((*name).to_owned()));
        let list = info.and_then(|info| house_type(info, &names[..=i].join(".")));
        if list == Some(true) && i + 1 < names.len() {
            out.push(Step::Index(0));
        }
    }
    out
}

/// Whether an attribute, at any depth, is a list; `None` when the kind has none at the path.
fn house_type(info: &KindInfo, path: &str) -> Option<bool> {
    use catalog::Type;
    let mut names = path.split('.');
    let first = names.next()?;
    let (mut attributes, mut blocks) = (&info.schema.attributes, &info.schema.blocks);
    let mut name = first;
    loop {
        if let Some(attribute) = attributes.get(name) {
            let mut ty = &attribute.ty;
            for field in names {
                let inner = match ty {
                    Type::List(item) | Type::Set(item) => &**item,
                    other => other,
                };
                match inner {
                    Type::Object(fields) => ty = fields.get(field)?,
                    Type::Map(_) | Type::Any => return Some(false),
                    _ => return None,
                }
            }
            return Some(matches!(ty, Type::List(_) | Type::Set(_)));
        }
        let block = blocks.get(name)?;
        (attributes, blocks) = (&block.attributes, &block.blocks);
        match names.next() {
            Some(next) => name = next,
            None => return Some(true),
        }
    }
}

/// That a text names what is there.
fn check(
    pieces: &[Piece],
    house: &str,
    info: &KindInfo,
    known: &dyn Fn(&str) -> bool,
    faults: &mut Vec<String>,
) {
    for piece in pieces {
        match piece {
            Piece::This(path) if !known(path) => {
                faults.push(format!("`{house}` refers to `{path}`, which the type does not have"));
            }
            Piece::Own(name) if house_type(info, name).is_none() => {
                faults.push(format!("`{house}` refers to `{name}`, which is no attribute"));
            }
            _ => {}
        }
    }
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        if !before.is_empty() {
            out.push(Piece::Text(before.to_owned()));
        }
        let (name, behind) = after.split_once('}').unwrap_or((after, ""));
        out.push(match name.strip_prefix('=') {
            Some(attribute) => Piece::Own(attribute.to_owned()),
            None if AMBIENT.contains(&name) => Piece::Ambient(name.to_owned()),
            None => Piece::This(name.to_owned()),
        });
        rest = behind;
    }
    if !rest.is_empty() {
        out.push(Piece::Text(rest.to_owned()));
    }
    out
}

/// Joins the parts of a text: texts in it are taken apart, neighbours that are known are one.
pub fn template(parts: Vec<Value>) -> Value {
    fn flatten(parts: Vec<Value>, out: &mut Vec<Value>) {
        for part in parts {
            match part {
                Value::Template(inner) => flatten(inner, out),
                Value::Str(text) => match out.last_mut() {
                    Some(Value::Str(before)) => before.push_str(&text),
                    _ => out.push(Value::Str(text)),
                },
                other => out.push(other),
            }
        }
    }
    let mut flat = Vec::new();
    flatten(parts, &mut flat);
    match flat.as_slice() {
        [only @ (Value::Str(_) | Value::Ref(_))] => only.clone(),
        _ => Value::Template(flat),
    }
}

/// A reference to a path of names.
pub fn reference(to: &ir::Address, path: Vec<Step>) -> Value {
    Value::Ref(Ref { to: to.clone(), path })
}
