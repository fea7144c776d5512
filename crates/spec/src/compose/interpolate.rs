//! `$NAME` and `${NAME...}` in the values of a compose file.
//!
//! Works on the tree and not on the text, so a value cannot change the structure around it.
//! This module must not know where variables come from: it is given a lookup.

use indexmap::IndexMap;
use ir::yaml::{Data, Yaml};
use ir::{Diagnostic, Diagnostics, Span};

/// Deeper than this no default nests.
const MAX_NESTING: usize = 40;

/// Where names are looked up, and which ones had no value.
pub(crate) struct Lookup<'a> {
    find: &'a dyn Fn(&str) -> Option<String>,
    /// Names without a value and without a default.
    pub(crate) unset: Vec<String>,
}

impl<'a> Lookup<'a> {
    pub(crate) fn new(find: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { find, unset: Vec::new() }
    }
}

/// Why a text could not be substituted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// A dollar that starts nothing.
    Stray,
    /// `${` without its end, or with an operator that does not exist.
    Malformed,
    /// `${NAME:?...}` without a value: the name.
    Required(String),
    /// Too many defaults inside defaults.
    TooDeep,
}

/// Names without a value: where first seen and how often.
pub(super) type Unset = IndexMap<String, (Span, usize)>;

/// Substitutes in every string of a tree.
pub(super) fn tree(
    node: &mut Yaml,
    find: &dyn Fn(&str) -> Option<String>,
    unset: &mut Unset,
    diagnostics: &mut Diagnostics,
) {
    match &mut node.data {
        Data::Str(text) if text.contains('$') => {
            let mut lookup = Lookup::new(find);
            match substitute(text, &mut lookup) {
                Ok(done) => *text = done,
                Err(trouble) => diagnostics.push(explain(&trouble, node.span)),
            }
            for name in lookup.unset {
                unset.entry(name).or_insert((node.span, 0)).1 += 1;
            }
        }
        Data::Seq(items) => items.iter_mut().for_each(|item| tree(item, find, unset, diagnostics)),
        Data::Map(entries) => entries.iter_mut().for_each(|(_, v)| tree(v, find, unset, diagnostics)),
        _ => {}
    }
}

fn explain(trouble: &Trouble, span: Span) -> Diagnostic {
    match trouble {
        Trouble::Required(name) => {
            Diagnostic::error("missing-variable", format!("`{name}` has no value and the file requires one"))
                .at(span, "required here")
                .because("Variables come from the `.env` file beside the compose file, not from the shell.")
                .help(format!("set `{name}` in `.env`"))
        }
        Trouble::Stray | Trouble::Malformed | Trouble::TooDeep => {
            Diagnostic::error("invalid-interpolation", "a `$` here starts no variable")
                .at(span, "in this value")
                .because("Compose reads `$NAME` and `${NAME}` as variables and refuses any other use of `$`.")
                .help("write `$$` for a literal dollar sign")
        }
    }
}

/// Substitutes in one text.
pub(crate) fn substitute(text: &str, lookup: &mut Lookup<'_>) -> Result<String, Trouble> {
    expand(text, lookup, 0)
}

fn expand(text: &str, lookup: &mut Lookup<'_>, depth: usize) -> Result<String, Trouble> {
    if depth > MAX_NESTING {
        return Err(Trouble::TooDeep);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        if let Some(tail) = after.strip_prefix('$') {
            out.push('$');
            rest = tail;
        } else if let Some(inner) = after.strip_prefix('{') {
            let end = closing_brace(inner).ok_or(Trouble::Malformed)?;
            out.push_str(&braced(&inner[..end], lookup, depth)?);
            rest = &inner[end + 1..];
        } else {
            let length = name_length(after);
            if length == 0 {
                return Err(Trouble::Stray);
            }
            out.push_str(&value_or_unset(&after[..length], lookup));
            rest = &after[length..];
        }
    }
    out.push_str(rest);
    Ok(out)
}

fn braced(inner: &str, lookup: &mut Lookup<'_>, depth: usize) -> Result<String, Trouble> {
    let length = name_length(inner);
    let (name, rest) = inner.split_at(length);
    if name.is_empty() {
        return Err(Trouble::Malformed);
    }
    let (operator, word) = match rest.strip_prefix(':') {
        Some(tail) => (tail.chars().next(), tail.get(1..)),
        None => (rest.chars().next(), rest.get(1..)),
    };
    let Some(operator) = operator else {
        return if rest.is_empty() { Ok(value_or_unset(name, lookup)) } else { Err(Trouble::Malformed) };
    };
    let word = word.ok_or(Trouble::Malformed)?;
    // With a colon an empty value counts as none.
    let value = (lookup.find)(name).filter(|v| !rest.starts_with(':') || !v.is_empty());
    match (operator, value) {
        ('-' | '?', Some(value)) => Ok(value),
        ('-', None) | ('+', Some(_)) => expand(word, lookup, depth + 1),
        ('+', None) => Ok(String::new()),
        ('?', None) => Err(Trouble::Required(name.to_owned())),
        _ => Err(Trouble::Malformed),
    }
}

fn value_or_unset(name: &str, lookup: &mut Lookup<'_>) -> String {
    (lookup.find)(name).unwrap_or_else(|| {
        lookup.unset.push(name.to_owned());
        String::new()
    })
}

fn name_length(text: &str) -> usize {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len())
}

fn closing_brace(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'$' if bytes.get(at + 1) == Some(&b'{') => {
                depth += 1;
                at += 1;
            }
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operator_on_set_empty_and_unset() {
        let find = |name: &str| match name {
            "S" => Some("set".to_owned()),
            "E" => Some(String::new()),
            _ => None,
        };
        let run = |text: &str| substitute(text, &mut Lookup::new(&find));
        for (text, expected) in [
            ("a$S.b", "aset.b"),
            ("${S}${E}${U}", "set"),
            ("${S:-d}|${E:-d}|${U:-d}", "set|d|d"),
            ("${S-d}|${E-d}|${U-d}", "set||d"),
            ("${S:+r}|${E:+r}|${U:+r}", "r||"),
            ("${S+r}|${E+r}|${U+r}", "r|r|"),
            ("${S:?e}|${E?e}", "set|"),
            ("${U:-${V:-x${S}}}y", "xsety"),
            ("$$S $${S}", "$S ${S}"),
            ("${U:-a b:c-d}", "a b:c-d"),
        ] {
            assert_eq!(run(text).as_deref(), Ok(expected), "{text}");
        }
        for (text, trouble) in [
            ("${U:?e}", Trouble::Required("U".into())),
            ("${E:?e}", Trouble::Required("E".into())),
            ("$(x)", Trouble::Stray),
            ("end$", Trouble::Stray),
            ("${", Trouble::Malformed),
            ("${}", Trouble::Malformed),
            ("${S:}", Trouble::Malformed),
            ("${S!}", Trouble::Malformed),
            ("${S:é}", Trouble::Malformed),
        ] {
            assert_eq!(run(text), Err(trouble), "{text}");
        }
        assert_eq!(run(&"${U:-".repeat(5000)), Err(Trouble::Malformed));
        assert_eq!(run(&format!("{}{}", "${U:-".repeat(5000), "}".repeat(5000))), Err(Trouble::TooDeep));
    }

    #[test]
    fn names_without_a_value_are_counted() {
        let find = |_: &str| None;
        let mut lookup = Lookup::new(&find);
        assert_eq!(substitute("$A ${B} ${C:-}", &mut lookup).as_deref(), Ok("  "));
        assert_eq!(lookup.unset, ["A", "B"]);
    }
}
