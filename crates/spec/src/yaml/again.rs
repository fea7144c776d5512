//! A spec that was made from something else is printed and read again.
//!
//! So overrides hold for every front end, and what was imported is held to the rules of what a person writes. The
//! printed text is nobody's: each part of it remembers where its service, resource or use was written, and a message
//! about it points there. This module must not know the front ends.

use std::ops::Range;

use ir::yaml::{self, Key, Yaml};
use ir::{Diagnostics, SourceMap, Span};

use super::{print, read_file};
use crate::model::Spec;

/// Reads a spec again, with `overrides` in place of what it says.
pub fn read_again(spec: Spec, overrides: &[String], sources: &mut SourceMap) -> (Option<Spec>, Diagnostics) {
    let text = print(&spec);
    let file = sources.add("mainstay.yaml", text.as_str());
    let (documents, _) = yaml::parse(&text, file);
    let origins = documents.first().map(|root| origins(&spec, root, text.len())).unwrap_or_default();
    sources.made_from(file, origins);
    let (again, diagnostics) = read_file(file, overrides, sources);
    let again = again.map(|again| Spec { assumptions: spec.assumptions, ..again });
    (again, diagnostics)
}

/// The parts of a printed spec that were written somewhere else.
fn origins(spec: &Spec, root: &Yaml, length: usize) -> Vec<(Range<u32>, Span)> {
    let mut all = Vec::new();
    let end = u32::try_from(length).unwrap_or(u32::MAX);
    for (section, content, within) in parts(root, 0..end) {
        for (name, entry, part) in parts(content, within) {
            let (written, uses) = match section.text.as_str() {
                "services" => match spec.services.get(&name.text) {
                    Some(service) => (service.span, service.uses.as_slice()),
                    None => continue,
                },
                "resources" => (spec.resources.get(&name.text).and_then(|r| r.span), &[][..]),
                "secrets" => (spec.secrets.get(&name.text).and_then(|s| s.span), &[][..]),
                _ => continue,
            };
            all.extend(written.map(|span| (part, span)));
            let items = entry.get("uses").and_then(Yaml::items).unwrap_or(&[]);
            all.extend(items.iter().zip(uses).filter_map(|(item, used)| {
                Some((item.span.start..item.span.end.max(item.span.start + 1), used.span?))
            }));
        }
    }
    all
}

/// The entries of a mapping, each with the bytes from its key to the next one.
fn parts(node: &Yaml, within: Range<u32>) -> impl Iterator<Item = (&Key, &Yaml, Range<u32>)> {
    let entries = node.entries().unwrap_or(&[]);
    entries.iter().enumerate().map(move |(at, (key, value))| {
        let end = entries.get(at + 1).map_or(within.end, |(next, _)| next.span.start);
        (key, value, key.span.start..end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::read;

    #[test]
    fn messages_about_a_made_spec_point_at_what_the_user_wrote() {
        let mut sources = SourceMap::default();
        let written = "version: 1\nname: x\nservices:\n  api: {image: a, port: 80, uses: [db]}\n  web: {image: b, port: 81}\n\
                       resources:\n  db: {type: postgres}\n  idle: {type: redis}\n";
        let (spec, _) = read("compose.yaml", written, &[], &mut sources);
        let spec = spec.expect("a spec");
        let shown = |overrides: &[&str]| -> Vec<(String, Option<String>)> {
            let mut sources = sources.clone();
            let overrides: Vec<String> = overrides.iter().map(|o| (*o).to_owned()).collect();
            let (_, diagnostics) = read_again(spec.clone(), &overrides, &mut sources);
            let located = diagnostics.into_iter().map(|d| d.located(&sources));
            let place = |span: Span| {
                let source = sources.get(span.file);
                let (line, _) = sources.line_col(span);
                format!("{}:{line} {}", source.path, &source.text[span.range()])
            };
            located.map(|d| (d.id.to_owned(), d.primary.map(|p| place(p.span)))).collect()
        };
        assert_eq!(shown(&[]), [("unused-resource".to_owned(), Some("compose.yaml:8 idle".to_owned()))]);
        for (overridden, place) in [
            ("services.api.prt=1", "--set:1 services.api.prt=1"),
            ("services.web.port=x", "--set:1 services.web.port=x"),
            ("resources.db.type=sqlite", "--set:1 resources.db.type=sqlite"),
            ("services.web.public=[]", "--set:1 services.web.public=[]"),
            ("resources={}", "compose.yaml:4 db"),
        ] {
            let said = shown(&[overridden]);
            assert!(said.iter().any(|(_, p)| p.as_deref() == Some(place)), "{overridden}: {said:?}");
            assert!(
                said.iter().all(|(_, p)| p.as_ref().is_none_or(|p| !p.starts_with("mainstay"))),
                "{said:?}"
            );
        }
    }
}
