//! Connects modules: what one refers to in another becomes an output there and a variable here.
//!
//! All modules of a family are looked at first, because an output is worth its short name only when no other
//! module has one of that name. Must not know how HCL is spelt.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::{IndexMap, IndexSet};
use ir::{Address, Ref, Step, Value};

use super::family::Family;
use super::names;
use super::term::{Given, Item, Module, Part, Port, Repeat, Resource, Shape, Term, TermRef, TermStep};

/// The connections of a family of modules.
#[derive(Debug, Default)]
pub(crate) struct Wiring {
    /// By producing component: the outputs' names.
    pub outputs: BTreeMap<String, IndexMap<Port, String>>,
    /// By consuming component: the variables' names.
    pub inputs: BTreeMap<String, IndexMap<Port, String>>,
}

/// Finds and names every connection.
pub(crate) fn wire(modules: &[Module], family: &Family<'_>) -> Wiring {
    let mut wanted: Vec<IndexSet<Port>> = Vec::with_capacity(modules.len());
    let mut offered: IndexSet<Port> = IndexSet::new();
    for module in modules {
        let mut ports = IndexSet::new();
        visit_module(module, &mut |term| ports.extend(port(term, &module.name, family)));
        for to in module.resources.values().flat_map(|r| &r.depends_on) {
            ports.extend(dependency(to, &module.name, family));
        }
        offered.extend(ports.iter().cloned());
        for variable in module.variables.values() {
            for (stack, given) in variable.given.iter().enumerate() {
                if let Some(Given::Value(value)) = given {
                    root_ports(value, stack, family, &mut offered);
                }
            }
        }
        wanted.push(ports);
    }
    let mut by_producer: BTreeMap<String, Vec<Port>> = BTreeMap::new();
    for port in offered {
        by_producer.entry(family.module(&port.block.component).to_owned()).or_default().push(port);
    }
    let mut wiring = Wiring::default();
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    for module in modules {
        let mut taken: BTreeSet<String> = module.outputs.keys().cloned().collect();
        let names = wiring.outputs.entry(module.name.clone()).or_default();
        for port in by_producer.remove(&module.name).unwrap_or_default() {
            let name = declared(module, &port).unwrap_or_else(|| output_name(&port, family, &mut taken));
            *uses.entry(name.clone()).or_default() += 1;
            names.insert(port, name);
        }
    }
    for (module, ports) in modules.iter().zip(wanted) {
        let mut taken: BTreeSet<String> = module.variables.keys().cloned().collect();
        let mut names = IndexMap::new();
        for port in ports {
            let producer = family.module(&port.block.component);
            let Some(output) = wiring.outputs.get(producer).and_then(|o| o.get(&port)) else { continue };
            let long = names::joined(&names::snake(producer), output);
            let candidates =
                if uses.get(output) == Some(&1) { vec![output.clone(), long] } else { vec![long] };
            names.insert(port, names::take(&mut taken, &candidates));
        }
        wiring.inputs.insert(module.name.clone(), names);
    }
    wiring
}

/// The output that people are shown already, when it is the same attribute.
fn declared(module: &Module, port: &Port) -> Option<String> {
    module.outputs.iter().find_map(|(name, (_, term))| {
        let same = match (term, port.shape) {
            (Term::Ref(r), Shape::One) => {
                r.key.is_none()
                    && r.block == port.block
                    && constant(&r.path).0 == port.path
                    && constant(&r.path).1 == r.path.len()
            }
            (Term::All { block, path }, Shape::All) => *block == port.block && *path == port.path,
            _ => false,
        };
        same.then(|| name.clone())
    })
}

fn output_name(port: &Port, family: &Family<'_>, taken: &mut BTreeSet<String>) -> String {
    let one = names::attribute(family.vocabulary, &port.block, &port.path);
    let name = match port.shape {
        Shape::One => one,
        Shape::All => names::plural(&one),
        Shape::ByKey => format!("{}_by_key", names::plural(&one)),
    };
    names::take(taken, &[name])
}

/// The port behind a term that leads to another module.
pub(crate) fn port(term: &Term, own: &str, family: &Family<'_>) -> Option<Port> {
    match term {
        Term::Ref(r) if family.module(&r.block.component) != own => Some(port_of_ref(r, family)),
        Term::All { block, path } if family.module(&block.component) != own => {
            Some(Port { block: block.clone(), path: path.clone(), shape: Shape::All })
        }
        _ => None,
    }
}

/// The port of a reference: the part of its path before the first index that varies.
pub(crate) fn port_of_ref(r: &TermRef, family: &Family<'_>) -> Port {
    let shape = if family.keyed(&r.block) { Shape::ByKey } else { Shape::One };
    Port { block: r.block.clone(), path: constant(&r.path).0, shape }
}

/// The port that makes this module wait for a resource of another.
pub(crate) fn dependency(to: &Address, own: &str, family: &Family<'_>) -> Option<Port> {
    if family.module(&to.component) == own {
        return None;
    }
    let attr = (family.vocabulary.identity)(to);
    let shape = if family.keyed(to) { Shape::All } else { Shape::One };
    Some(Port { block: to.clone(), path: vec![Step::Attr(attr.to_owned())], shape })
}

/// The constant beginning of a path and its length.
pub(crate) fn constant(path: &[TermStep]) -> (Vec<Step>, usize) {
    let steps: Vec<Step> = path
        .iter()
        .map_while(|step| match step {
            TermStep::Attr(name) => Some(Step::Attr(name.clone())),
            TermStep::Index(Term::Literal(Value::Int(i))) => Some(Step::Index(usize::try_from(*i).ok()?)),
            TermStep::Index(_) => None,
        })
        .collect();
    let length = steps.len();
    (steps, length)
}

/// The port of a reference that a root writes down.
pub(crate) fn root_port(r: &Ref) -> Port {
    let shape = if r.to.key.is_some() { Shape::ByKey } else { Shape::One };
    Port { block: r.to.without_key(), path: r.path.clone(), shape }
}

/// The ports that a value which a root writes down leads to.
pub(crate) fn ports(value: &Value, stack: usize, family: &Family<'_>) -> IndexSet<Port> {
    let mut found = IndexSet::new();
    root_ports(value, stack, family, &mut found);
    found
}

fn root_ports(value: &Value, stack: usize, family: &Family<'_>, into: &mut IndexSet<Port>) {
    match value {
        Value::Ref(r) => {
            into.insert(root_port(r));
        }
        Value::List(items) => match family.cover(stack, items) {
            Some((block, path)) => {
                into.insert(Port { block, path: path.to_vec(), shape: Shape::All });
            }
            None => items.iter().for_each(|v| root_ports(v, stack, family, into)),
        },
        Value::Template(items) => items.iter().for_each(|v| root_ports(v, stack, family, into)),
        Value::Map(entries) => entries.values().for_each(|v| root_ports(v, stack, family, into)),
        Value::Json(inner) => root_ports(inner, stack, family, into),
        Value::Input(input) => root_ports(&input.value, stack, family, into),
        _ => {}
    }
}

/// What a port is, in a sentence.
pub(crate) fn port_sentence(port: &Port, family: &Family<'_>) -> String {
    let words: Vec<&str> = port
        .path
        .iter()
        .filter_map(|s| match s {
            Step::Attr(name) => Some(name.as_str()),
            Step::Index(_) => None,
        })
        .collect();
    let words = words.join("_");
    let (one, all) = (family.noun(&port.block), family.nouns(&port.block));
    match port.shape {
        Shape::One => names::sentence(&words, &one),
        Shape::All => names::sentence(&names::plural(&words), &all),
        Shape::ByKey => names::sentence(&names::plural(&words), &format!("{all}, by key")),
    }
}

/// Whether a term shows an attribute that must not be shown.
pub(crate) fn is_sensitive(term: &Term, family: &Family<'_>) -> bool {
    let hidden = family.vocabulary.sensitive;
    let mut sensitive = false;
    visit_term(term, &mut |t| match t {
        Term::Ref(r) => sensitive |= hidden(&r.block, &constant(&r.path).0),
        Term::All { block, path } => sensitive |= hidden(block, path),
        _ => {}
    });
    sensitive
}

/// Every term of a module, parents first.
pub(crate) fn visit_module<'m>(module: &'m Module, visit: &mut impl FnMut(&'m Term)) {
    module.resources.values().for_each(|resource| visit_resource(resource, visit));
    module.locals.iter().for_each(|(_, t)| visit_term(t, visit));
    module.outputs.values().for_each(|(_, t)| visit_term(t, visit));
}

/// Every term of a block, parents first.
pub(crate) fn visit_resource<'m>(resource: &'m Resource, visit: &mut impl FnMut(&'m Term)) {
    match &resource.repeat {
        Repeat::Once => {}
        Repeat::When(t) | Repeat::Keys(t) | Repeat::Table(t) => visit_term(t, visit),
    }
    visit_items(&resource.items, visit);
}

fn visit_items<'m>(items: &'m [Item], visit: &mut impl FnMut(&'m Term)) {
    for item in items {
        match item {
            Item::Attr(_, term) => visit_term(term, visit),
            Item::Block(_, flag, body) => {
                flag.iter().for_each(|t| visit_term(t, visit));
                visit_items(body, visit);
            }
        }
    }
}

/// A term and every term inside it, parents first.
pub(crate) fn visit_term<'m>(term: &'m Term, visit: &mut impl FnMut(&'m Term)) {
    visit(term);
    match term {
        Term::List(items) | Term::Template(items) => items.iter().for_each(|t| visit_term(t, visit)),
        Term::Map(entries) => entries.iter().for_each(|(_, t)| visit_term(t, visit)),
        Term::Concat(parts) => parts.iter().for_each(|part| match part {
            Part::Item(flag, t) => {
                flag.iter().for_each(|f| visit_term(f, visit));
                visit_term(t, visit);
            }
            Part::All(t) => visit_term(t, visit),
        }),
        Term::Merge(parts) => parts.iter().for_each(|(flag, _, t)| {
            flag.iter().for_each(|f| visit_term(f, visit));
            visit_term(t, visit);
        }),
        Term::Json(inner) | Term::File(inner) => visit_term(inner, visit),
        Term::Ref(r) => {
            r.key.iter().for_each(|t| visit_term(t, visit));
            for step in &r.path {
                if let TermStep::Index(t) = step {
                    visit_term(t, visit);
                }
            }
        }
        Term::Overlay(below, above) => [below, above].into_iter().for_each(|t| visit_term(t, visit)),
        Term::Choose(flag, yes, no) => [flag, yes, no].into_iter().for_each(|t| visit_term(t, visit)),
        Term::Literal(_)
        | Term::All { .. }
        | Term::Var(_)
        | Term::Local(_)
        | Term::EachKey
        | Term::EachValue(_) => {}
    }
}
