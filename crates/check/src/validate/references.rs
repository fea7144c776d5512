//! References: that what they name exists, and that they end somewhere.

use std::collections::BTreeMap;

use catalog::{AttrInfo, BlockInfo, Type};
use ir::diagnostic::nearest;
use ir::{Diagnostic, Diagnostics, Graph, Node, Ref, Step};

/// Reports every reference of a node that leads nowhere.
pub(super) fn check(graph: &Graph, node: &Node, out: &mut Diagnostics) {
    for (attribute, value) in &node.attrs {
        for reference in value.refs() {
            let from = format!("`{attribute}` of {}", node.address);
            if reference.to == node.address {
                out.push(
                    Diagnostic::error("self-reference", format!("{from} refers to itself"))
                        .at(node.origin, "")
                        .because("a resource is created after everything it refers to")
                        .help("refer to another resource, or write the value"),
                );
            } else {
                target(graph, node, reference, &from, out);
            }
        }
    }
    for needed in node.depends_on.iter().filter(|to| graph.get(to).is_none()) {
        out.push(missing(graph, node, &needed.to_string(), &format!("depends_on of {}", node.address)));
    }
}

fn target(graph: &Graph, node: &Node, reference: &Ref, from: &str, out: &mut Diagnostics) {
    if graph.get(&reference.to).is_none() {
        out.push(missing(graph, node, &reference.to.to_string(), from));
        return;
    }
    let Some(info) = catalog::kinds::of(&reference.to) else { return };
    let mut spot = Spot::Level(&info.schema.attributes, &info.schema.blocks);
    for (depth, step) in reference.path.iter().enumerate() {
        match spot.step(step) {
            Ok(next) => spot = next,
            Err(names) => {
                let written = printed(&reference.path[..=depth]);
                let found =
                    format!("{from} refers to `{written}`, which {} does not have", reference.to.kind);
                let diagnostic = Diagnostic::error("unknown-reference-attribute", found).at(node.origin, "");
                let wanted = match step {
                    Step::Attr(name) => nearest(name, names.iter().copied()),
                    Step::Index(_) => None,
                };
                out.push(match wanted {
                    Some(name) => diagnostic.help(format!("did you mean `{name}`?")),
                    None => diagnostic.help("refer to an attribute of the provider's schema"),
                });
                return;
            }
        }
    }
}

fn missing(graph: &Graph, node: &Node, to: &str, from: &str) -> Diagnostic {
    let known: Vec<String> = graph.nodes().map(|n| n.address.to_string()).collect();
    let diagnostic =
        Diagnostic::error("unknown-reference", format!("{from} refers to {to}, which does not exist"))
            .at(node.origin, "");
    match nearest(to, known.iter().map(String::as_str)) {
        Some(name) => diagnostic.help(format!("did you mean `{name}`?")),
        None => diagnostic.help("add the resource, or remove the reference"),
    }
}

fn printed(path: &[Step]) -> String {
    let steps = path.iter().map(|step| match step {
        Step::Attr(name) => name.clone(),
        Step::Index(i) => i.to_string(),
    });
    steps.collect::<Vec<_>>().join(".")
}

/// Where a path has led to in the schema.
enum Spot {
    /// A resource or a block.
    Level(&'static BTreeMap<String, AttrInfo>, &'static BTreeMap<String, BlockInfo>),
    /// The blocks of a name, waiting for an index.
    Blocks(&'static BlockInfo),
    /// An attribute or a part of one.
    Typed(&'static Type),
}

impl Spot {
    /// Takes a step; otherwise the names that would have been there.
    fn step(&self, step: &Step) -> Result<Spot, Vec<&'static str>> {
        match (self, step) {
            (Spot::Level(attributes, blocks), Step::Attr(name)) => {
                let attribute = attributes.get(name).map(|a| Spot::Typed(&a.ty));
                attribute
                    .or_else(|| blocks.get(name).map(Spot::Blocks))
                    .ok_or_else(|| attributes.keys().chain(blocks.keys()).map(String::as_str).collect())
            }
            (Spot::Blocks(info), Step::Index(_)) => Ok(Spot::Level(&info.attributes, &info.blocks)),
            (Spot::Typed(Type::Any), _) => Ok(Spot::Typed(&Type::Any)),
            (Spot::Typed(Type::List(item) | Type::Set(item)), Step::Index(_)) => Ok(Spot::Typed(item)),
            (Spot::Typed(Type::Map(item)), Step::Attr(_)) => Ok(Spot::Typed(item)),
            (Spot::Typed(Type::Object(fields)), Step::Attr(name)) => {
                fields.get(name).map(Spot::Typed).ok_or_else(|| fields.keys().map(String::as_str).collect())
            }
            _ => Err(Vec::new()),
        }
    }
}

/// Reports a cycle, if there is one.
pub(super) fn cycles(graph: &Graph, out: &mut Diagnostics) {
    let Err(cycle) = graph.in_order() else { return };
    let names: Vec<String> = cycle.iter().map(ToString::to_string).collect();
    let origin = cycle.first().and_then(|a| graph.get(a)).and_then(|n| n.origin);
    out.push(
        Diagnostic::error("reference-cycle", format!("{} resources wait for each other", names.len()))
            .at(origin, "")
            .because(names.join(" needs "))
            .help("remove one of these references"),
    );
}
