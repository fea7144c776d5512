//! The graph against the provider's schemas.
//!
//! What passes here can be written in every dialect and is accepted by the provider's own validation; what
//! does not must never be written. The schemas are data in the catalogue, so this module knows no kind by
//! name.

mod references;
mod secrets;
mod types;

use std::collections::BTreeMap;

use catalog::{AttrInfo, BlockInfo, KindInfo};
use indexmap::IndexMap;
use ir::diagnostic::nearest;
use ir::{Diagnostic, Diagnostics, Node, Stack, Value};

/// Every way in which a stack contradicts the schemas, in the order of its graph.
#[must_use]
pub fn validate(stack: &Stack) -> Diagnostics {
    let mut out = Diagnostics::new();
    for node in stack.graph.nodes() {
        match catalog::kinds::of(&node.address) {
            Some(info) => node_against(node, info, &mut out),
            None => out.push(unknown_kind(node)),
        }
        references::check(&stack.graph, node, &mut out);
    }
    references::cycles(&stack.graph, &mut out);
    out
}

fn unknown_kind(node: &Node) -> Diagnostic {
    let data = node.address.mode == ir::Mode::Data;
    let names = catalog::kinds::all().filter(|k| k.data == data).map(|k| k.kind.as_str());
    let suggestion = nearest(node.kind().as_str(), names);
    let what = if data { "data source" } else { "kind" };
    let found = format!("the catalogue has no {what} `{}`", node.kind());
    let diagnostic = Diagnostic::error("unknown-kind", found)
        .at(node.origin, "")
        .because(format!("{} cannot be checked or written without its schema", node.address));
    match suggestion {
        Some(name) => diagnostic.help(format!("did you mean `{name}`?")),
        None => diagnostic.help("use a kind of the catalogue"),
    }
}

fn node_against(node: &Node, info: &'static KindInfo, out: &mut Diagnostics) {
    let level = Level { attributes: &info.schema.attributes, blocks: &info.schema.blocks };
    let place = Place { node, above: None, step: "" };
    level_against(&place, &level, &node.attrs, out);
    for ignored in &node.lifecycle.ignore_changes {
        if !level.has(ignored.split('.').next().unwrap_or_default()) {
            let summary = format!("`{ignored}` in ignore_changes is no attribute of {}", node.kind());
            out.push(suggested(place.error("unknown-attribute", summary), ignored, &level));
        }
    }
}

/// The attributes and blocks that may stand at one depth.
struct Level {
    attributes: &'static BTreeMap<String, AttrInfo>,
    blocks: &'static BTreeMap<String, BlockInfo>,
}

impl Level {
    fn has(&self, name: &str) -> bool {
        self.attributes.contains_key(name) || self.blocks.contains_key(name)
    }
}

/// Where a message is about: a chain, because nearly every place is fine and nobody asks what it is called.
struct Place<'a> {
    node: &'a Node,
    above: Option<&'a Place<'a>>,
    step: &'a str,
}

impl Place<'_> {
    fn within<'b>(&'b self, step: &'b str) -> Place<'b> {
        Place { node: self.node, above: Some(self), step }
    }

    /// The steps with dots between them; empty for the node itself.
    fn path(&self) -> String {
        let above = self.above.map(Place::path).unwrap_or_default();
        match (above.is_empty(), self.step.is_empty()) {
            (true, _) => self.step.to_owned(),
            (false, true) => above,
            (false, false) => format!("{above}.{}", self.step),
        }
    }

    fn error(&self, id: &'static str, summary: String) -> Diagnostic {
        let path = self.path();
        let place = if path.is_empty() {
            format!("in {}", self.node.address)
        } else {
            format!("at `{path}` of {}", self.node.address)
        };
        Diagnostic::error(id, summary).at(self.node.origin, "").because(place)
    }
}

fn suggested(diagnostic: Diagnostic, written: &str, level: &Level) -> Diagnostic {
    let settable = level.attributes.iter().filter(|(_, a)| a.required || a.optional).map(|(n, _)| n);
    let names: Vec<&str> = settable.chain(level.blocks.keys()).map(String::as_str).collect();
    match nearest(written, names.iter().copied()) {
        Some(name) => diagnostic.help(format!("did you mean `{name}`?")),
        None => diagnostic.help("remove it, or use an attribute of the provider's schema"),
    }
}

fn level_against(place: &Place<'_>, level: &Level, attrs: &IndexMap<String, Value>, out: &mut Diagnostics) {
    for (name, value) in attrs {
        if let Some(info) = level.attributes.get(name) {
            attribute_against(&place.within(name), name, info, value, out);
        } else if let Some(info) = level.blocks.get(name) {
            blocks_against(&place.within(name), name, info, value, out);
        } else {
            let summary = format!("`{name}` is no attribute of {}", place.node.kind());
            out.push(suggested(place.within(name).error("unknown-attribute", summary), name, level));
        }
    }
    for (name, info) in level.attributes {
        let nothing = || attrs.get(name).is_none_or(|v| matches!(v.known(), Value::Null));
        if info.required && nothing() {
            let summary = format!("`{name}` is required and not set");
            out.push(place.error("missing-attribute", summary).help(format!("set `{name}`")));
        }
    }
    for (name, info) in level.blocks {
        if info.nesting.min > 0 && !attrs.contains_key(name) {
            let summary = format!("a `{name}` block is required and missing");
            out.push(place.error("missing-block", summary).help(format!("add a `{name}` block")));
        }
    }
}

fn attribute_against(place: &Place<'_>, name: &str, info: &AttrInfo, value: &Value, out: &mut Diagnostics) {
    if !info.required && !info.optional {
        let summary = format!("`{name}` is decided by the provider and cannot be set");
        out.push(place.error("computed-attribute", summary).help("remove it"));
        return;
    }
    if let Err(wrong) = types::accepts(&info.ty, value) {
        let at = place.within(wrong.path.trim_end_matches('.'));
        let summary = format!("`{name}` expects {}, not {}", wrong.expected, wrong.found);
        out.push(at.error("wrong-type", summary).help(format!("write {}", wrong.expected)));
    }
    secrets::check(place, name, info, value, out);
}

fn blocks_against(
    place: &Place<'_>,
    name: &str,
    info: &'static BlockInfo,
    value: &Value,
    out: &mut Diagnostics,
) {
    let blocks = match value.known() {
        Value::List(blocks) => blocks.as_slice(),
        Value::Null | Value::Unknown(_) => return,
        other => {
            let summary = format!("`{name}` is a nested block, not {}", types::what(other));
            out.push(place.error("wrong-type", summary).help(format!("write `{name}` as a list of blocks")));
            return;
        }
    };
    let count = u32::try_from(blocks.len()).unwrap_or(u32::MAX);
    if let Some(max) = info.nesting.max.filter(|max| count > *max) {
        let summary = format!("`{name}` stands {count} times, and {max} is the most");
        out.push(place.error("too-many-blocks", summary).help("remove the others"));
    }
    if count < info.nesting.min {
        let summary = format!("`{name}` stands {count} times, and {} is the least", info.nesting.min);
        out.push(place.error("missing-block", summary).help(format!("add a `{name}` block")));
    }
    let level = Level { attributes: &info.attributes, blocks: &info.blocks };
    for (i, block) in blocks.iter().enumerate() {
        let step = i.to_string();
        let place = place.within(&step);
        match block.known() {
            Value::Map(attrs) => level_against(&place, &level, attrs, out),
            Value::Unknown(_) => {}
            other => {
                let summary = format!("`{name}` is a nested block, not {}", types::what(other));
                out.push(place.error("wrong-type", summary).help("write a block"));
            }
        }
    }
}
