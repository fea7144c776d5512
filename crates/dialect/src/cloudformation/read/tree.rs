//! Templates as trees in which every intrinsic function has its long form.
//!
//! `!Sub x` and `{"Fn::Sub": "x"}` say the same, so all that follows sees the second only. Transforms build trees, too;
//! the helpers for that are here, and what they build stands where its origin stands. Must not know what a function
//! does.

use ir::yaml::{Data, Key, Yaml};
use ir::{Diagnostic, Span};

use super::session::Session;

/// The functions that have a short form; `Ref` and `Condition` have one without the prefix.
const SHORT: &[&str] = &[
    "And",
    "Base64",
    "Cidr",
    "Contains",
    "EachMemberEquals",
    "EachMemberIn",
    "Equals",
    "FindInMap",
    "GetAZs",
    "GetAtt",
    "If",
    "ImportValue",
    "Join",
    "Length",
    "Not",
    "Or",
    "RefAll",
    "Select",
    "Split",
    "Sub",
    "ToJsonString",
    "Transform",
    "ValueOf",
    "ValueOfAll",
];

/// The tree with every short form written out.
pub fn long_forms(node: Yaml, session: &Session) -> Yaml {
    let Yaml { data, span, tag } = node;
    let data = match data {
        Data::Seq(items) => Data::Seq(items.into_iter().map(|item| long_forms(item, session)).collect()),
        Data::Map(entries) => {
            Data::Map(entries.into_iter().map(|(key, value)| (key, long_forms(value, session))).collect())
        }
        scalar => scalar,
    };
    let plain = Yaml { data, span, tag: None };
    let Some(tag) = tag else { return plain };
    match tag.strip_prefix('!') {
        Some(name @ ("Ref" | "Condition")) => call(name, plain),
        Some(name) if SHORT.contains(&name) => call(&format!("Fn::{name}"), plain),
        _ => {
            session.say(
                Diagnostic::warning("unknown-tag", format!("`{tag}` is no function of CloudFormation"))
                    .at(span, "read as if it were not there"),
            );
            plain
        }
    }
}

/// The function that a node calls and its argument.
#[must_use]
pub fn called(node: &Yaml) -> Option<(&str, &Yaml)> {
    match node.entries()? {
        [(key, argument)] if key.text == "Ref" || key.text.starts_with("Fn::") => Some((&key.text, argument)),
        _ => None,
    }
}

/// A call, where its argument stands.
#[must_use]
pub fn call(name: &str, argument: Yaml) -> Yaml {
    let span = argument.span;
    map(span, [(name, argument)])
}

/// `{"Ref": name}`.
#[must_use]
pub fn reference(span: Span, name: &str) -> Yaml {
    call("Ref", text(span, name))
}

/// `{"Fn::GetAtt": [name, attribute]}`.
#[must_use]
pub fn attribute(span: Span, name: &str, attribute: &str) -> Yaml {
    call("Fn::GetAtt", list(span, [text(span, name), text(span, attribute)]))
}

/// `{"Fn::Sub": text}`.
#[must_use]
pub fn sub(span: Span, template: &str) -> Yaml {
    call("Fn::Sub", text(span, template))
}

/// A string.
#[must_use]
pub fn text(span: Span, value: &str) -> Yaml {
    Yaml { data: Data::Str(value.to_owned()), span, tag: None }
}

/// A truth value.
#[must_use]
pub fn truth(span: Span, value: bool) -> Yaml {
    Yaml { data: Data::Bool(value), span, tag: None }
}

/// A list.
#[must_use]
pub fn list(span: Span, items: impl IntoIterator<Item = Yaml>) -> Yaml {
    Yaml { data: Data::Seq(items.into_iter().collect()), span, tag: None }
}

/// A mapping.
#[must_use]
pub fn map<'a>(span: Span, entries: impl IntoIterator<Item = (&'a str, Yaml)>) -> Yaml {
    let entries =
        entries.into_iter().map(|(name, value)| (Key { text: name.to_owned(), span: value.span }, value));
    Yaml { data: Data::Map(entries.collect()), span, tag: None }
}

/// Sets a key of a mapping; nothing happens on anything else.
pub fn set(node: &mut Yaml, name: &str, value: Yaml) {
    let Data::Map(entries) = &mut node.data else { return };
    match entries.iter_mut().find(|(key, _)| key.text == name) {
        Some((_, old)) => *old = value,
        None => entries.push((Key { text: name.to_owned(), span: value.span }, value)),
    }
}

/// The value of a key of a mapping, to be changed.
pub fn get_mut<'a>(node: &'a mut Yaml, name: &str) -> Option<&'a mut Yaml> {
    let Data::Map(entries) = &mut node.data else { return None };
    entries.iter_mut().find(|(key, _)| key.text == name).map(|(_, value)| value)
}
