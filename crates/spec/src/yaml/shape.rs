//! Whether a tree has the shape that the table of keys allows.
//!
//! This is the only place that reports unknown keys, wrong kinds and ill-formed scalars; the decoder behind it
//! takes what fits and leaves the rest.

use std::collections::BTreeMap;

use ir::diagnostic::nearest;
use ir::yaml::{Data, Yaml};
use ir::{Diagnostic, Diagnostics};

use super::format::Format;
use super::keys::{Object, Ty};

/// Reports everything in `node` that does not fit `object`.
pub fn check(node: &Yaml, object: &Object, out: &mut Diagnostics) {
    check_object(node, object, "", out);
}

fn check_object(node: &Yaml, object: &Object, path: &str, out: &mut Diagnostics) {
    let Data::Map(entries) = &node.data else {
        if let (Some(name), Some(_)) = (path.strip_prefix("secrets."), node.scalar()) {
            // No place: the line would be shown, and the value with it.
            out.push(
                Diagnostic::error("secret-value", format!("the secret `{name}` has a value in the spec"))
                    .because(
                        "A spec says which secrets there are; their values live in the cloud's store alone.",
                    )
                    .help(format!("write `{name}: {{}}`, and change the value: it was in a file")),
            );
            return;
        }
        let known: Vec<&str> = object.keys.iter().map(|k| k.name).take(4).collect();
        out.push(
            Diagnostic::error("wrong-shape", format!("{} must be a mapping", place(path)))
                .at(node.span, format!("this is {}", node.what()))
                .help(format!("write keys such as {} below it", quoted(&known))),
        );
        return;
    };
    for (key, value) in entries {
        let Some(known) = object.keys.iter().find(|k| k.name == key.text) else {
            out.push(unknown_key(key, object, path));
            continue;
        };
        check_value(value, known.ty, &join(path, known.name), out);
    }
    for key in object.keys.iter().filter(|k| k.required && node.get(k.name).is_none()) {
        out.push(
            Diagnostic::error("missing-key", format!("{} has no `{}`", place(path), key.name))
                .at(ir::Span { end: node.span.start, ..node.span }, "it belongs here")
                .because(key.doc)
                .help(format!("add `{}: {}`", key.name, example(key.ty))),
        );
    }
}

fn unknown_key(key: &ir::yaml::Key, object: &Object, path: &str) -> Diagnostic {
    let all: Vec<&str> = object.keys.iter().map(|k| k.name).collect();
    let found = Diagnostic::error("unknown-key", format!("{} has no key `{}`", place(path), key.text));
    match nearest(&key.text, all.iter().copied()) {
        Some(near) => found.at(key.span, "").help(format!("did you mean `{near}`?")).fix(key.span, near),
        None => found.at(key.span, "").help(format!("known here are {}", quoted(&all))),
    }
}

fn check_value(node: &Yaml, ty: Ty, path: &str, out: &mut Diagnostics) {
    match ty {
        Ty::Text(format) => check_text(node, format, path, out),
        Ty::Bool => {
            if !matches!(node.data, Data::Bool(_)) {
                out.push(
                    Diagnostic::error("wrong-type", format!("`{path}` must be `true` or `false`"))
                        .at(node.span, format!("this is {}", node.what())),
                );
            }
        }
        Ty::Word(now, later) => check_word(node, now, later, path, out),
        Ty::List(item) | Ty::Set(item) => match node.items() {
            Some(items) => {
                items.iter().for_each(|i| check_value(i, *item, path, out));
                if matches!(ty, Ty::Set(_)) {
                    check_repeats(items, path, out);
                }
            }
            None => out.push(
                Diagnostic::error("wrong-type", format!("`{path}` must be a list"))
                    .at(node.span, format!("this is {}", node.what()))
                    .help(format!("write `[{}]`", example(*item))),
            ),
        },
        Ty::Map(names, item) => match node.entries() {
            Some(entries) => {
                for (key, value) in entries {
                    if let Err(why) = names.check(&key.text) {
                        out.push(invalid_name(names, &key.text).at(key.span, why));
                    }
                    check_value(value, *item, &join(path, &key.text), out);
                }
            }
            None => out.push(
                Diagnostic::error("wrong-type", format!("`{path}` must be a mapping"))
                    .at(node.span, format!("this is {}", node.what()))
                    .help(format!("write `{}: ...` below it", names.describe().example)),
            ),
        },
        Ty::Object(object) => check_object(node, object, path, out),
        Ty::Either(choices) => {
            let choice = choices.iter().find(|c| fits_shape(node, **c)).or_else(|| choices.last());
            if let Some(choice) = choice {
                check_value(node, *choice, path, out);
            }
        }
    }
}

/// Names that stand twice in a list that is a set; an entry `name: how` is called by its key.
fn check_repeats(items: &[Yaml], path: &str, out: &mut Diagnostics) {
    let mut seen: BTreeMap<String, ir::Span> = BTreeMap::new();
    let named = |item: &Yaml| match item.entries() {
        Some(entries) => entries.iter().map(|(key, _)| (key.text.clone(), key.span)).collect(),
        None => item.scalar().map(|text| vec![(text, item.span)]).unwrap_or_default(),
    };
    for (name, span) in items.iter().flat_map(named) {
        match seen.get(&name) {
            Some(first) => out.push(
                Diagnostic::error("duplicate-entry", format!("`{path}` names `{name}` twice"))
                    .at(span, "second time")
                    .related(*first, "first time")
                    .help("remove one of them"),
            ),
            None => drop(seen.insert(name, span)),
        }
    }
}

fn fits_shape(node: &Yaml, ty: Ty) -> bool {
    match ty {
        Ty::Text(_) | Ty::Word(..) => !matches!(node.data, Data::Seq(_) | Data::Map(_) | Data::Bool(_)),
        Ty::Bool => matches!(node.data, Data::Bool(_)),
        Ty::List(_) | Ty::Set(_) => matches!(node.data, Data::Seq(_)),
        Ty::Map(..) | Ty::Object(_) => matches!(node.data, Data::Map(_)),
        Ty::Either(choices) => choices.iter().any(|c| fits_shape(node, *c)),
    }
}

fn check_text(node: &Yaml, format: Format, path: &str, out: &mut Diagnostics) {
    let about = format.describe();
    if format == Format::EnvValue && node.scalar().is_some_and(|text| crate::reference::is_open(&text)) {
        out.push(
            Diagnostic::warning("open-reference", format!("`{path}` has a `${{` that no `}}` closes"))
                .at(node.span, "read as text")
                .help("close it, or write `$${` for the text itself"),
        );
    }
    let text = match &node.data {
        Data::Str(text) => text.clone(),
        Data::Int(_) | Data::Float(_) => node.scalar().unwrap_or_default(),
        _ => {
            out.push(
                Diagnostic::error("wrong-type", format!("`{path}` must be {}", about.expected))
                    .at(node.span, format!("this is {}", node.what()))
                    .help(format!("write it as `{}`", about.example)),
            );
            return;
        }
    };
    if let Err(why) = format.check(&text) {
        let id = match format {
            Format::Port => "port-out-of-range",
            Format::Money => "invalid-budget",
            Format::Rate
            | Format::Duration
            | Format::Loss
            | Format::Size
            | Format::Availability
            | Format::Share
            | Format::Multiple
            | Format::Latency => "wrong-unit",
            _ => "invalid-value",
        };
        out.push(
            Diagnostic::error(id, format!("`{path}` is not {}", about.expected))
                .at(node.span, why)
                .help(format!("write it as `{}`", about.example)),
        );
    } else if !about.number && matches!(node.data, Data::Float(_)) {
        // `version: 1.10` reads as the number 1.1.
        out.push(
            Diagnostic::warning("unquoted-number", format!("`{path}` is read as the number {text}"))
                .at(node.span, "")
                .help("put quotes around it"),
        );
    }
}

fn check_word(node: &Yaml, now: &[&str], later: &[&str], path: &str, out: &mut Diagnostics) {
    let Some(text) = node.as_str() else {
        out.push(
            Diagnostic::error("wrong-type", format!("`{path}` must be one of {}", quoted(now)))
                .at(node.span, format!("this is {}", node.what())),
        );
        return;
    };
    if now.contains(&text) {
        return;
    }
    if later.contains(&text) {
        out.push(
            Diagnostic::error("not-supported", format!("`{path}: {text}` is not supported by this version"))
                .at(node.span, "")
                .help(format!("today it is {}", quoted(now))),
        );
        return;
    }
    let wrong =
        Diagnostic::error("unknown-word", format!("`{path}` does not know `{text}`")).at(node.span, "");
    out.push(match nearest(text, now.iter().copied()) {
        Some(near) => wrong.help(format!("did you mean `{near}`?")).fix(node.span, near),
        None => wrong.help(format!("it is one of {}", quoted(now))),
    });
}

fn invalid_name(format: Format, text: &str) -> Diagnostic {
    let about = format.describe();
    Diagnostic::error("invalid-name", format!("`{text}` is not {}", about.expected))
        .help(format!("write it like `{}`", about.example))
}

fn example(ty: Ty) -> &'static str {
    match ty {
        Ty::Text(format) => format.describe().example,
        Ty::Bool => "true",
        Ty::Word(now, _) => now[0],
        Ty::List(_) | Ty::Set(_) => "[...]",
        Ty::Map(..) | Ty::Object(_) => "{...}",
        Ty::Either(choices) => choices.last().map_or("...", |c| example(*c)),
    }
}

fn place(path: &str) -> String {
    if path.is_empty() { "the spec".to_owned() } else { format!("`{path}`") }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(", ")
}
