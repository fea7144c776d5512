//! Terraform's JSON syntax as the structures that HCL gives.
//!
//! JSON says neither what is a block nor what is an expression: both follow from where a value stands. Strings are
//! templates, but for the few places where they are expressions (`depends_on`, types, providers) or plain values
//! (defaults). What may be a nested block or an attribute stays an attribute; whoever knows the schema decides. Must not
//! know schemas.

use std::ops::Range;

use hcl_edit::Ident;
use hcl_edit::expr::{Array, Expression, Object, ObjectKey, ObjectValue};
use hcl_edit::structure::{Attribute, Block, BlockLabel, Body, Structure};
use hcl_edit::template::{Element, StringTemplate, Template};
use indexmap::IndexMap;
use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::parse::{self, Broken, Piece};

/// How many labels the blocks of a type have.
const LABELS: &[(&str, usize)] = &[
    ("check", 1),
    ("data", 2),
    ("ephemeral", 2),
    ("import", 0),
    ("locals", 0),
    ("module", 1),
    ("moved", 0),
    ("output", 1),
    ("provider", 1),
    ("removed", 0),
    ("resource", 2),
    ("terraform", 0),
    ("variable", 1),
];

/// What a string stands for, by where it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strings {
    Templates,
    Expressions,
    Plain,
}

type Entries<'t> = IndexMap<String, &'t RawValue>;

/// Reads the text of a file.
pub(crate) fn pieces(text: &str) -> (Vec<Piece>, Vec<Broken>) {
    let mut reader = Reader { text, found: Vec::new(), broken: Vec::new() };
    match serde_json::from_str::<Entries<'_>>(text) {
        Ok(entries) => entries.into_iter().for_each(|(name, value)| reader.blocks(&name, value)),
        Err(e) => {
            let line = text.lines().take(e.line().saturating_sub(1)).map(|l| l.len() + 1).sum::<usize>();
            let at = (line + e.column().saturating_sub(1)).min(text.len());
            reader.broken.push(Broken { span: at..at, reason: e.to_string(), refused: false });
        }
    }
    (reader.found, reader.broken)
}

/// Every top-level attribute of a file of values, such as `terraform.tfvars.json`.
pub(crate) fn values(text: &str) -> Result<Vec<(String, Expression)>, String> {
    let entries: IndexMap<String, Json> = serde_json::from_str(text).map_err(|e| e.to_string())?;
    Ok(entries.into_iter().map(|(name, value)| (name, expression(&value, Strings::Plain))).collect())
}

struct Reader<'t> {
    text: &'t str,
    found: Vec<Piece>,
    broken: Vec<Broken>,
}

impl<'t> Reader<'t> {
    fn blocks(&mut self, name: &str, value: &'t RawValue) {
        match LABELS.iter().find(|(known, _)| *known == name) {
            Some((_, labels)) => self.labelled(name, &mut Vec::new(), *labels, value),
            None if name == "//" => {}
            None => {
                let reason = format!("`{name}` is no type of block");
                self.broken.push(Broken { span: self.span(value), reason, refused: false });
            }
        }
    }

    fn labelled(&mut self, name: &str, labels: &mut Vec<String>, missing: usize, value: &'t RawValue) {
        if let Ok(items) = serde_json::from_str::<Vec<&'t RawValue>>(value.get()) {
            return items.into_iter().for_each(|item| self.labelled(name, labels, missing, item));
        }
        let Ok(entries) = serde_json::from_str::<Entries<'t>>(value.get()) else {
            let reason = format!("a `{name}` block is an object");
            return self.broken.push(Broken { span: self.span(value), reason, refused: false });
        };
        if missing > 0 {
            for (label, inner) in entries.into_iter().filter(|(label, _)| label != "//") {
                labels.push(label);
                self.labelled(name, labels, missing - 1, inner);
                labels.pop();
            }
            return;
        }
        let entries = entries.into_iter().filter_map(|(k, v)| Some((k, serde_json::from_str(v.get()).ok()?)));
        self.found
            .push(Piece { span: self.span(value), structure: block(name, labels, body(name, entries)) });
    }

    fn span(&self, value: &RawValue) -> Range<usize> {
        // The raw value borrows from the text, so its place there is the distance between the two.
        let start = (value.get().as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        start..start + value.get().len()
    }
}

fn body(of: &str, entries: impl Iterator<Item = (String, Json)>) -> Body {
    let mut body = Body::new();
    for (name, value) in entries.filter(|(name, _)| name != "//") {
        let nested = matches!(
            (of, name.as_str()),
            ("resource" | "data" | "ephemeral", "lifecycle" | "connection" | "provisioner")
        );
        if nested {
            each_object(&value, &mut |entries| body.push(block(&name, &[], body_of(&name, entries))));
            continue;
        }
        if name == "dynamic" {
            each_object(&value, &mut |blocks| {
                for (label, value) in blocks {
                    each_object(value, &mut |entries| body.push(dynamic(label, entries)));
                }
            });
            continue;
        }
        let strings = match (of, name.as_str()) {
            (_, "depends_on" | "ignore_changes" | "replace_triggered_by" | "providers") => {
                Strings::Expressions
            }
            ("resource" | "data" | "ephemeral", "provider") | ("variable", "type") => Strings::Expressions,
            ("variable", _) => Strings::Plain,
            _ => Strings::Templates,
        };
        body.push(attribute(&name, expression(&value, strings)));
    }
    body
}

fn each_object(value: &Json, visit: &mut impl FnMut(&serde_json::Map<String, Json>)) {
    match value {
        Json::Array(items) => items.iter().filter_map(Json::as_object).for_each(visit),
        Json::Object(entries) => visit(entries),
        _ => {}
    }
}

fn body_of(of: &str, entries: &serde_json::Map<String, Json>) -> Body {
    body(of, entries.iter().map(|(k, v)| (k.clone(), v.clone())))
}

fn dynamic(label: &str, entries: &serde_json::Map<String, Json>) -> Structure {
    let mut inner = Body::new();
    for (key, value) in entries {
        if key == "content" {
            each_object(value, &mut |entries| inner.push(block("content", &[], body_of("content", entries))));
        } else {
            let strings = if key == "iterator" { Strings::Expressions } else { Strings::Templates };
            inner.push(attribute(key, expression(value, strings)));
        }
    }
    block("dynamic", &[label.to_owned()], inner)
}

fn block(name: &str, labels: &[String], body: Body) -> Structure {
    let mut block = Block::new(Ident::new_sanitized(name));
    block.labels = labels.iter().map(|l| BlockLabel::from(l.as_str())).collect();
    block.body = body;
    Structure::from(block)
}

fn attribute(name: &str, value: Expression) -> Structure {
    Structure::from(Attribute::new(Ident::new_sanitized(name), value))
}

fn expression(value: &Json, strings: Strings) -> Expression {
    match value {
        Json::Null => Expression::null(),
        Json::Bool(b) => Expression::from(*b),
        Json::Number(n) => match (n.as_i64(), n.as_f64()) {
            (Some(whole), _) => Expression::from(whole),
            (None, Some(fraction)) => Expression::from(fraction),
            (None, None) => Expression::null(),
        },
        Json::String(text) => match strings {
            Strings::Plain => Expression::from(text.as_str()),
            Strings::Templates => template(text),
            Strings::Expressions => {
                parse::expression(text).unwrap_or_else(|| Expression::from(text.as_str()))
            }
        },
        Json::Array(items) => {
            let mut array = Array::new();
            items.iter().for_each(|item| array.push(expression(item, strings)));
            Expression::from(array)
        }
        Json::Object(entries) => {
            let entries = entries.iter().filter(|(key, _)| *key != "//");
            let entries = entries.map(|(key, value)| {
                let name =
                    if strings == Strings::Plain { Expression::from(key.as_str()) } else { template(key) };
                (ObjectKey::from(name), ObjectValue::new(expression(value, strings)))
            });
            Expression::from(entries.collect::<Object>())
        }
    }
}

/// A string as a template; one that cannot be read as such is kept as it is.
fn template(text: &str) -> Expression {
    if !text.contains(['$', '%']) {
        return Expression::from(text);
    }
    match parse::template(text) {
        Ok(template) => match single_literal(&template) {
            Some(literal) => Expression::from(literal),
            None => Expression::from(StringTemplate::from(template)),
        },
        Err(_) => Expression::from(text),
    }
}

fn single_literal(template: &Template) -> Option<String> {
    match template.as_single_element()? {
        Element::Literal(text) => Some(text.as_str().to_owned()),
        Element::Interpolation(_) | Element::Directive(_) => None,
    }
}
