//! `--set key=value`: replaces a key of the tree before anything is checked, so that an override is held to
//! the same rules as the file and its errors point at the command line.

use ir::yaml::{self, Data, Key, Yaml};
use ir::{Diagnostic, Diagnostics, SourceMap};

/// Applies `overrides` in order.
pub fn apply(root: &mut Yaml, overrides: &[String], sources: &mut SourceMap, out: &mut Diagnostics) {
    for text in overrides {
        let file = sources.add("--set", text.clone());
        let whole = ir::Span { file, start: 0, end: u32::try_from(text.len()).unwrap_or(u32::MAX) };
        let Some((path, value)) = text.split_once('=').filter(|(path, _)| !path.trim().is_empty()) else {
            out.push(
                Diagnostic::error("invalid-override", "an override is written as key=value")
                    .at(whole, "")
                    .help("write it as `--set environments.production.availability=99.9%`"),
            );
            continue;
        };
        let (mut documents, problems) = yaml::parse(value, file);
        if problems.has_errors() {
            out.push(
                Diagnostic::error("invalid-override", format!("the value of `{path}` is not valid YAML"))
                    .at(whole, "")
                    .help("quote the value, or write a list as `[a, b]`"),
            );
            continue;
        }
        let mut node = if documents.is_empty() {
            Yaml { data: Data::Null, span: whole, tag: None }
        } else {
            documents.swap_remove(0)
        };
        relocate(&mut node, whole);
        put(root, &path.trim().split('.').collect::<Vec<_>>(), node, whole);
    }
}

/// Every span of an override is the whole override: offsets into its value alone would point beside it.
fn relocate(node: &mut Yaml, span: ir::Span) {
    node.span = span;
    match &mut node.data {
        Data::Seq(items) => items.iter_mut().for_each(|i| relocate(i, span)),
        Data::Map(entries) => {
            for (key, value) in entries {
                key.span = span;
                relocate(value, span);
            }
        }
        _ => {}
    }
}

fn put(node: &mut Yaml, path: &[&str], value: Yaml, span: ir::Span) {
    let [first, rest @ ..] = path else {
        *node = value;
        return;
    };
    if !matches!(node.data, Data::Map(_)) {
        node.data = Data::Map(Vec::new());
        node.span = span;
    }
    let Data::Map(entries) = &mut node.data else { return };
    let at = entries.iter().position(|(k, _)| k.text == *first).unwrap_or_else(|| {
        let key = Key { text: (*first).to_owned(), span };
        entries.push((key, Yaml { data: Data::Null, span, tag: None }));
        entries.len() - 1
    });
    put(&mut entries[at].1, rest, value, span);
}
