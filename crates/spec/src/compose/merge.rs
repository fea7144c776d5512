//! How one compose file is laid over another.
//!
//! Mappings merge by key, lists are joined, and a table names the keys that follow another rule, as the compose
//! specification lists them. `!override` replaces, `!reset` removes.
//! This module must not know files: it is given two trees.

use ir::yaml::{Data, Key, Yaml};

use super::forms;

/// A rule other than joining lists and merging mappings.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// The later value is the whole value.
    Replace,
    /// A mapping or a list of `KEY=value`, merged by key.
    Pairs,
    /// A mapping or a list of names, merged by name.
    Names,
    /// A list without repeats of the same target.
    Unique,
    /// A string that stands for one key of the long form.
    Short(&'static str),
    /// Replaced when the driver changes, merged otherwise.
    SameDriver,
}

/// By path below a service.
const RULES: &[(&[&str], Rule)] = &[
    (&["command"], Rule::Replace),
    (&["entrypoint"], Rule::Replace),
    (&["healthcheck", "test"], Rule::Replace),
    (&["build"], Rule::Short("context")),
    (&["build", "args"], Rule::Pairs),
    (&["build", "labels"], Rule::Pairs),
    (&["build", "additional_contexts"], Rule::Pairs),
    (&["environment"], Rule::Pairs),
    (&["labels"], Rule::Pairs),
    (&["annotations"], Rule::Pairs),
    (&["deploy", "labels"], Rule::Pairs),
    (&["sysctls"], Rule::Pairs),
    (&["extra_hosts"], Rule::Pairs),
    (&["depends_on"], Rule::Names),
    (&["networks"], Rule::Names),
    (&["models"], Rule::Names),
    (&["ports"], Rule::Unique),
    (&["volumes"], Rule::Unique),
    (&["secrets"], Rule::Unique),
    (&["configs"], Rule::Unique),
    (&["devices"], Rule::Unique),
    (&["expose"], Rule::Unique),
    (&["env_file"], Rule::Unique),
    (&["dns"], Rule::Unique),
    (&["dns_search"], Rule::Unique),
    (&["tmpfs"], Rule::Unique),
    (&["cap_add"], Rule::Unique),
    (&["cap_drop"], Rule::Unique),
    (&["logging"], Rule::SameDriver),
];

/// Lays a whole file over another.
pub(super) fn files(base: Yaml, over: Yaml) -> Yaml {
    mappings(base, over, |section, a, b| match section {
        "services" | "jobs" => mappings(a, b, |_, a, b| service(a, b)),
        // No rule of a service applies below these.
        _ => deep(a, b, &[section, ""]),
    })
}

/// Lays one service over another.
pub(super) fn service(base: Yaml, over: Yaml) -> Yaml {
    node(base, over, &[])
}

fn node(base: Yaml, over: Yaml, path: &[&str]) -> Yaml {
    if over.tag.as_deref() == Some("!override") {
        return over;
    }
    match RULES.iter().find(|(p, _)| *p == path).map(|(_, rule)| *rule) {
        Some(Rule::Replace) => over,
        Some(Rule::Pairs) => mapped(as_pairs(base), as_pairs(over)),
        Some(Rule::Names) => mapped(as_names(base), as_names(over)),
        Some(Rule::Unique) => unique(base, over),
        Some(Rule::Short(key)) => deep(long(base, key), long(over, key), path),
        Some(Rule::SameDriver) if driver(&base) != driver(&over) && driver(&over).is_some() => over,
        Some(Rule::SameDriver) | None => deep(base, over, path),
    }
}

fn driver(node: &Yaml) -> Option<String> {
    forms::text(node, "driver")
}

fn deep(base: Yaml, over: Yaml, path: &[&str]) -> Yaml {
    match (&base.data, &over.data) {
        (Data::Map(_), Data::Map(_)) => mappings(base, over, |key, a, b| {
            let below: Vec<&str> = path.iter().copied().chain([key]).collect();
            node(a, b, &below)
        }),
        (Data::Seq(_), Data::Seq(_)) => joined(base, over),
        // `key:` with nothing under it changes nothing.
        (_, Data::Null) => base,
        _ => over,
    }
}

fn joined(base: Yaml, over: Yaml) -> Yaml {
    let span = over.span;
    let items = [base, over].into_iter().flat_map(|list| match list.data {
        Data::Seq(items) => items,
        Data::Null => Vec::new(),
        data => vec![Yaml { data, span: list.span, tag: list.tag }],
    });
    Yaml { data: Data::Seq(items.collect()), span, tag: None }
}

/// Joins two lists; of items with the same target the later stays, in the earlier's place.
fn unique(base: Yaml, over: Yaml) -> Yaml {
    let mut all = joined(base, over);
    if let Data::Seq(items) = &mut all.data {
        let mut kept: indexmap::IndexMap<String, Yaml> = indexmap::IndexMap::new();
        for item in items.drain(..) {
            kept.insert(target(&item), item);
        }
        items.extend(kept.into_values());
    }
    all
}

/// What makes a port, volume, secret or device the same as another.
fn target(item: &Yaml) -> String {
    if item.entries().is_some() {
        let part = |key| forms::text(item, key).unwrap_or_default();
        let port = format!("{}:{}/{}", part("host_ip"), part("published"), part("protocol"));
        return match (part("target"), part("source"), part("path")) {
            (target, ..) if !target.is_empty() => format!("{target} {port}"),
            (_, source, _) if !source.is_empty() => source,
            (.., path) => path,
        };
    }
    let text = item.scalar().unwrap_or_default();
    let mut parts = text.splitn(3, ':');
    match (parts.next(), parts.next()) {
        // `source:target[:mode]` of a volume or device; a port keeps its whole text.
        (Some(_), Some(second)) if second.starts_with('/') => format!("{second} :/"),
        _ => text,
    }
}

/// The union of two mappings, `both` deciding for keys that stand in both.
fn mappings(base: Yaml, over: Yaml, both: impl Fn(&str, Yaml, Yaml) -> Yaml) -> Yaml {
    let (span, tag) = (over.span, over.tag.clone());
    let (Data::Map(base), Data::Map(over)) = (base.data, over.data.clone()) else { return over };
    let mut out: indexmap::IndexMap<String, (Key, Yaml)> =
        base.into_iter().map(|(k, v)| (k.text.clone(), (k, v))).collect();
    for (key, value) in over {
        let merged = match out.get(&key.text) {
            _ if is_reset(&value) => value,
            Some((_, earlier)) => both(&key.text, earlier.clone(), value),
            None => value,
        };
        out.insert(key.text.clone(), (key, merged));
    }
    Yaml { data: Data::Map(out.into_values().collect()), span, tag }
}

fn mapped(base: Yaml, over: Yaml) -> Yaml {
    mappings(base, over, |_, a, b| deep(a, b, &["", ""]))
}

fn as_pairs(node: Yaml) -> Yaml {
    if node.items().is_none() {
        return node;
    }
    let entries = forms::pairs(&node).into_iter().map(|pair| {
        let data = pair.value.map_or(Data::Null, Data::Str);
        (Key { text: pair.key, span: pair.span }, Yaml { data, span: pair.span, tag: None })
    });
    Yaml { data: Data::Map(entries.collect()), span: node.span, tag: node.tag }
}

fn as_names(node: Yaml) -> Yaml {
    if node.items().is_none() {
        return node;
    }
    Yaml { data: Data::Map(forms::named(&node)), span: node.span, tag: node.tag }
}

fn long(node: Yaml, key: &str) -> Yaml {
    match node.data {
        Data::Str(_) => {
            let (span, tag) = (node.span, node.tag.clone());
            let key = Key { text: key.to_owned(), span };
            Yaml { data: Data::Map(vec![(key, Yaml { tag: None, ..node })]), span, tag }
        }
        _ => node,
    }
}

fn is_reset(node: &Yaml) -> bool {
    node.tag.as_deref() == Some("!reset")
}

/// Takes out what `!reset` removes, once everything is merged.
pub(super) fn resolve_resets(node: &mut Yaml) {
    match &mut node.data {
        Data::Map(entries) => {
            entries.retain(|(_, value)| !is_reset(value));
            entries.iter_mut().for_each(|(_, value)| resolve_resets(value));
        }
        Data::Seq(items) => {
            items.retain(|item| !is_reset(item));
            items.iter_mut().for_each(resolve_resets);
        }
        _ => {}
    }
}

/// Whether two trees say the same, wherever they were written.
pub(super) fn same(a: &Yaml, b: &Yaml) -> bool {
    match (&a.data, &b.data) {
        (Data::Map(x), Data::Map(y)) => {
            x.len() == y.len() && x.iter().all(|(k, v)| b.get(&k.text).is_some_and(|w| same(v, w)))
        }
        (Data::Seq(x), Data::Seq(y)) => x.len() == y.len() && x.iter().zip(y).all(|(v, w)| same(v, w)),
        (x, y) => x == y,
    }
}
