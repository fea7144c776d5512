//! `${...}` in settings: the facts a value may name.

use crate::model::{EnvPart, EnvValue, UseTarget};

/// Reads a value. `${name.field}` names a fact of a service or resource, `${NAME}` a secret, `$${` is a literal
/// `${`. What cannot be a reference stays text; `resolve` reports references that name nothing.
#[must_use]
pub fn parse(text: &str, target: impl Fn(&str) -> Option<UseTarget>) -> EnvValue {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        literal.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("$${") {
            literal.push_str("${");
            rest = after;
            continue;
        }
        let inner = rest.strip_prefix("${").and_then(|r| r.split_once('}'));
        let Some((inner, after)) = inner else {
            literal.push('$');
            rest = &rest[1..];
            continue;
        };
        if !literal.is_empty() {
            parts.push(EnvPart::Text(std::mem::take(&mut literal)));
        }
        parts.push(match inner.split_once('.') {
            Some((name, field)) => EnvPart::Reference {
                target: target(name).unwrap_or(UseTarget::Resource),
                name: name.to_owned(),
                field: field.to_owned(),
            },
            None => EnvPart::Secret(inner.to_owned()),
        });
        rest = after;
    }
    literal.push_str(rest);
    if !literal.is_empty() || parts.is_empty() {
        parts.push(EnvPart::Text(literal));
    }
    EnvValue { parts }
}

/// Whether a `${` is never closed, so that it is read as text.
#[must_use]
pub fn is_open(text: &str) -> bool {
    let text = text.replace("$${", "");
    text.rfind("${").is_some_and(|at| !text[at..].contains('}'))
}

/// Writes a value as it would be read again.
#[must_use]
pub fn print(value: &EnvValue) -> String {
    let part = |part: &EnvPart| match part {
        EnvPart::Text(text) => text.replace("${", "$${"),
        EnvPart::Reference { name, field, .. } => format!("${{{name}.{field}}}"),
        EnvPart::Secret(name) => format!("${{{name}}}"),
    };
    value.parts.iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_and_printed_back() {
        let target = |name: &str| (name == "db").then_some(UseTarget::Resource);
        for text in
            ["", "plain", "a $ b", "http://${db.host}:${db.port}/x", "${KEY}", "$${not}", "\u{e9}${db.host}"]
        {
            assert_eq!(print(&parse(text, target)), text, "{text}");
        }
        assert_eq!(print(&parse("${unclosed", target)), "$${unclosed");
        for (text, open) in
            [("${db", true), ("${a}${b", true), ("$${b", false), ("${a}", false), ("$ {", false)]
        {
            assert_eq!(is_open(text), open, "{text}");
        }
        let parts = parse("x${db.host}", target).parts;
        assert_eq!(parts.len(), 2);
        assert!(matches!(&parts[1], EnvPart::Reference { field, .. } if field == "host"));
    }
}
