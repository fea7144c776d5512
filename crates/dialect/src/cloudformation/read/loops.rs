//! `Fn::ForEach`: what a loop repeats, written out.
//!
//! Loops are unrolled before anything is worked out, as the transform of the language extensions does, so that nothing
//! else knows of them. What they grow to is bounded by the session.

use indexmap::IndexMap;
use ir::yaml::{Data, Key, Yaml};
use ir::{Diagnostic, Value};

use super::parameters::Parameter;
use super::scope::{Deployment, Scope};
use super::session::Session;
use super::tree;
use crate::reading::MOST_INSTANCES;

const LOOP: &str = "Fn::ForEach::";
/// Bytes that a node of a tree takes, roughly.
const NODE: usize = 128;

/// Whether there is a loop in a tree.
#[must_use]
pub fn any(node: &Yaml) -> bool {
    match &node.data {
        Data::Seq(items) => items.iter().any(any),
        Data::Map(entries) => entries.iter().any(|(key, value)| key.text.starts_with(LOOP) || any(value)),
        _ => false,
    }
}

/// The tree with every loop unrolled.
pub fn unrolled(
    root: &Yaml,
    parameters: &IndexMap<String, Parameter>,
    deployment: &Deployment,
    session: &Session,
) -> Yaml {
    let scope = Scope::new(session, "", deployment, root, parameters);
    let mut bound = Vec::new();
    unroll(root, &scope, &mut bound)
}

/// Identifiers and the items that they stand for, the innermost last.
type Bound = Vec<(String, String)>;

fn unroll(node: &Yaml, scope: &Scope<'_>, bound: &mut Bound) -> Yaml {
    if let Some(("Ref", argument)) = tree::called(node)
        && let Some(item) = argument.as_str().and_then(|name| item(name, bound))
    {
        return tree::text(node.span, item);
    }
    let data = match &node.data {
        Data::Seq(items) => Data::Seq(items.iter().map(|item| unroll(item, scope, bound)).collect()),
        Data::Map(entries) => Data::Map(unroll_entries(entries, scope, bound)),
        Data::Str(text) => Data::Str(filled(text, bound)),
        other => other.clone(),
    };
    Yaml { data, span: node.span, tag: None }
}

fn unroll_entries(entries: &[(Key, Yaml)], scope: &Scope<'_>, bound: &mut Bound) -> Vec<(Key, Yaml)> {
    let mut out = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        if key.text.starts_with(LOOP) {
            repeat(key, value, scope, bound, &mut out);
        } else if bound.is_empty() || scope.session.may_grow(NODE + key.text.len()) {
            out.push((Key { text: filled(&key.text, bound), span: key.span }, unroll(value, scope, bound)));
        }
    }
    out
}

fn repeat(key: &Key, arguments: &Yaml, scope: &Scope<'_>, bound: &mut Bound, out: &mut Vec<(Key, Yaml)>) {
    let Some([name, collection, body]) = arguments.items() else {
        return refuse(key, "it is not given an identifier, a collection and a body", scope);
    };
    let (Some(name), Some(body)) = (name.as_str(), body.entries()) else {
        return refuse(key, "its identifier is no text or its body no mapping", scope);
    };
    let collection = unroll(collection, scope, bound);
    let items = scope.value(&collection).and_then(|items| {
        let text = |item: &Value| scope.text(item);
        items.as_list()?.iter().map(text).collect::<Option<Vec<String>>>()
    });
    let Some(items) = items else {
        return refuse(key, "what it goes through is not known", scope);
    };
    if items.len() > MOST_INSTANCES {
        return refuse(key, &format!("it goes through more than {MOST_INSTANCES} items"), scope);
    }
    for item in items {
        if !scope.session.may_add(key.span) {
            return;
        }
        bound.push((name.to_owned(), item));
        let made = unroll_entries(body, scope, bound);
        bound.pop();
        out.extend(made);
    }
}

fn refuse(key: &Key, reason: &str, scope: &Scope<'_>) {
    scope.session.lose(
        Diagnostic::warning("loop-not-read", format!("the loop `{}` is not read", key.text))
            .at(key.span, "left out")
            .because(format!("The loop is left out because {reason}.")),
    );
}

fn item<'b>(name: &str, bound: &'b Bound) -> Option<&'b str> {
    bound.iter().rev().find(|(n, _)| n == name).map(|(_, item)| item.as_str())
}

/// A text with `${Identifier}` replaced by the item, and `&{Identifier}` by its letters and digits.
fn filled(text: &str, bound: &Bound) -> String {
    let mut out = text.to_owned();
    for (name, item) in bound.iter().rev() {
        let whole = format!("${{{name}}}");
        if out.contains(&whole) {
            out = out.replace(&whole, item);
        }
        let letters = format!("&{{{name}}}");
        if out.contains(&letters) {
            let plain: String = item.chars().filter(char::is_ascii_alphanumeric).collect();
            out = out.replace(&letters, &plain);
        }
    }
    out
}
