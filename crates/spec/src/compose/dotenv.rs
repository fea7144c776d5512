//! The syntax of `.env` files and of `env_file`.
//!
//! `KEY=value` lines with comments, `export`, single quotes (as written), double quotes (escapes, several lines)
//! and `${...}` in unquoted and double-quoted values, as compose reads them.
//! This module must not put a value into a diagnostic: half of what such files hold is secret.

use indexmap::IndexMap;

use super::interpolate::{Lookup, substitute};

/// Variables by name, in the order of the file.
pub(super) type Variables = IndexMap<String, String>;

/// What a file holds, and the one-based numbers of the lines that could not be read.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    /// Each key; `None` for a key without a value, which is taken from the project's variables.
    pub(super) entries: IndexMap<String, Option<String>>,
    /// Lines that are no entry.
    pub(super) bad_lines: Vec<usize>,
}

/// Reads the text of a file. `known` are variables that its values may refer to; `raw` turns off references and
/// escapes (compose's `format: raw`).
pub(super) fn parse(text: &str, known: &Variables, raw: bool) -> Parsed {
    let mut out = Parsed::default();
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut line = 0;
    while !rest.is_empty() {
        line += 1;
        let end = rest.find('\n').unwrap_or(rest.len());
        let (current, after) = (rest[..end].trim(), rest.get(end + 1..).unwrap_or(""));
        if current.is_empty() || current.starts_with('#') {
            rest = after;
            continue;
        }
        let entry = current.strip_prefix("export ").map_or(current, str::trim_start);
        let Some(split) = entry.find(['=', ':']) else {
            match is_name(entry) {
                true => drop(out.entries.insert(entry.to_owned(), None)),
                false => out.bad_lines.push(line),
            }
            rest = after;
            continue;
        };
        let key = entry[..split].trim();
        if !is_name(key) {
            out.bad_lines.push(line);
            rest = after;
            continue;
        }
        let start = rest.find(&entry[split..]).map_or(end, |at| at + 1);
        let value_text = &rest[start..];
        let lead = value_text.len() - value_text.trim_start_matches([' ', '\t']).len();
        let value_text = &value_text[lead..];
        let quote = value_text.chars().next().filter(|c| !raw && matches!(c, '"' | '\''));
        let value = match quote {
            Some(quote) => match closing(&value_text[1..], quote) {
                Some(close) => {
                    let inner = &value_text[1..=close];
                    line += inner.matches('\n').count();
                    let tail = &value_text[close + 2..];
                    rest = tail.find('\n').map_or("", |n| &tail[n + 1..]);
                    if quote == '"' {
                        expand(&unescape(inner), known, &out.entries)
                    } else {
                        inner.to_owned()
                    }
                }
                None => {
                    out.bad_lines.push(line);
                    rest = after;
                    continue;
                }
            },
            None => {
                rest = after;
                let until = value_text.find('\n').unwrap_or(value_text.len());
                let plain = value_text[..until].trim();
                if raw { plain.to_owned() } else { expand(uncommented(plain), known, &out.entries) }
            }
        };
        out.entries.insert(key.to_owned(), Some(value));
    }
    out
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "_.-[]".contains(c))
}

/// A comment needs a space before its `#`; a value may hold one.
fn uncommented(value: &str) -> &str {
    if value.starts_with('#') {
        return "";
    }
    let comment = value.match_indices('#').find(|(at, _)| value[..*at].ends_with([' ', '\t']));
    comment.map_or(value, |(at, _)| value[..at].trim_end())
}

/// Byte offset of the closing quote, skipping escaped ones in double quotes.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return Some(at),
            _ => {}
        }
    }
    None
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some('t') => out.push('\t'),
                // An escaped dollar stays one: the doubled form is what the substitution reads as a dollar.
                Some('$') => out.push_str("$$"),
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
            (c, _) => out.push(c),
        }
    }
    out
}

fn expand(value: &str, known: &Variables, earlier: &IndexMap<String, Option<String>>) -> String {
    let find = |name: &str| match earlier.get(name) {
        Some(Some(value)) => Some(value.clone()),
        _ => known.get(name).cloned(),
    };
    let mut lookup = Lookup::new(&find);
    // A dollar that starts no reference is an ordinary character in these files.
    substitute(value, &mut lookup).unwrap_or_else(|_| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_line() {
        let text = "\u{feff}# note\nA=1\nexport B = two # said\nC='$A #'\nD=\"x\\n${A}\\$A\"\nE=a#b\nF=\nG=\"one\ntwo\" # t\n\
                    H=${A}${MISSING:-z}\nI: yes\nBARE\n!!\nJ=\"open\nK=$KNOWN\n";
        let known = Variables::from_iter([("KNOWN".to_owned(), "k".to_owned())]);
        let parsed = parse(text, &known, false);
        let expected = [
            ("A", "1"),
            ("B", "two"),
            ("C", "$A #"),
            ("D", "x\n1$A"),
            ("E", "a#b"),
            ("F", ""),
            ("G", "one\ntwo"),
            ("H", "1z"),
            ("I", "yes"),
            ("K", "k"),
        ];
        for (key, value) in expected {
            assert_eq!(parsed.entries[key].as_deref(), Some(value), "{key}");
        }
        assert_eq!(parsed.entries["BARE"], None);
        assert_eq!(parsed.bad_lines, [13, 14]);
        assert_eq!(parse("A=\"q\" $B\n", &known, true).entries["A"].as_deref(), Some("\"q\" $B"));
    }
}
