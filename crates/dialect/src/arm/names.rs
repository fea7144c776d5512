//! What a resource is called in a template, and back.
//!
//! A symbolic name says what the thing is (`privateSubnet`, `containerApp`), as people write them; a node's name says
//! which one it is (`private`, `this`). Both directions stand side by side, because one must undo the other.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use ir::names::snake;

/// The name of a node that a template calls by a symbolic name.
pub(crate) fn called(kind: &str, symbol: &str) -> String {
    let symbol = snake(symbol);
    for noun in nouns(kind) {
        if symbol == noun {
            return "this".to_owned();
        }
        if let Some(rest) = symbol.strip_suffix(&noun).and_then(|r| r.strip_suffix('_')) {
            return rest.to_owned();
        }
    }
    symbol
}

/// Symbolic names for a node, the plainest first: each is read back as the node's name.
pub(crate) fn symbols(kind: &str, name: &str) -> Vec<String> {
    let name = snake(name);
    let candidates = nouns(kind).into_iter().rev().map(|noun| match name.as_str() {
        "this" => noun,
        _ => format!("{name}_{noun}"),
    });
    let candidates = candidates.chain([name.clone()]);
    candidates.filter(|c| called(kind, c) == name).map(|c| camel(&c)).collect()
}

/// A type as the catalogue spells it: templates spell types in any case.
pub(crate) fn spelt(kind: &str) -> &str {
    static KNOWN: OnceLock<BTreeMap<String, &'static str>> = OnceLock::new();
    let known = KNOWN.get_or_init(|| {
        let types = catalog::dialects::foreign_types(super::VOCABULARY.name).map(|f| f.name.as_str());
        types.chain([super::DEPLOYMENTS]).map(|name| (name.to_ascii_lowercase(), name)).collect()
    });
    known.get(&kind.to_ascii_lowercase()).copied().unwrap_or(kind)
}

/// What one resource of a type is called, in snake case.
pub(crate) fn noun(kind: &str) -> String {
    nouns(kind).pop().unwrap_or_default()
}

/// `orders_db` as `ordersDb`.
pub(crate) fn camel(snake: &str) -> String {
    let mut out = String::with_capacity(snake.len());
    let mut upper = false;
    for c in snake.chars() {
        match c {
            '_' | '-' | '.' => upper = !out.is_empty(),
            _ if upper => {
                out.push(c.to_ascii_uppercase());
                upper = false;
            }
            _ => out.push(c),
        }
    }
    out
}

/// What one resource of a type is called, the longer names first: `sql_servers/databases` is a database of a server.
fn nouns(kind: &str) -> Vec<String> {
    let mut parts: Vec<String> = kind.split('/').skip(1).map(|p| singular(&snake(p))).collect();
    let provider = kind.split('/').next().and_then(|p| p.rsplit('.').next()).map(snake).unwrap_or_default();
    let last = parts.pop().unwrap_or_else(|| "resource".to_owned());
    let mut out = Vec::new();
    if let Some(owner) = parts.pop() {
        out.push(format!("{owner}_{last}"));
    }
    out.push(format!("{provider}_{last}"));
    out.push(last);
    out
}

fn singular(word: &str) -> String {
    const AS_THEY_ARE: &[&str] = &["redis", "dns", "ss", "status", "kubernetes", "diagnostics", "analysis"];
    if AS_THEY_ARE.iter().any(|end| word.ends_with(end)) {
        return word.to_owned();
    }
    match word {
        _ if word.ends_with("ies") => format!("{}y", &word[..word.len() - 3]),
        _ if word.ends_with("sses")
            || word.ends_with("xes")
            || word.ends_with("ches")
            || word.ends_with("uses") =>
        {
            word[..word.len() - 2].to_owned()
        }
        _ => word.strip_suffix('s').unwrap_or(word).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbolic_names_are_read_back() {
        for kind in [
            "Microsoft.Network/virtualNetworks",
            "Microsoft.Network/virtualNetworks/subnets",
            "Microsoft.Cache/redis",
            "Microsoft.Sql/servers/databases",
            "Microsoft.Network/publicIPAddresses",
        ] {
            for name in ["this", "private", "orders_db", "a"] {
                let symbols = symbols(kind, name);
                assert!(!symbols.is_empty(), "{kind} {name}");
                for symbol in symbols {
                    assert_eq!(called(kind, &symbol), name, "{kind} {symbol}");
                }
            }
        }
        assert_eq!(symbols("Microsoft.Network/virtualNetworks/subnets", "private")[0], "privateSubnet");
        assert_eq!(symbols("Microsoft.Network/virtualNetworks", "this")[0], "virtualNetwork");
        assert_eq!(symbols("Microsoft.Network/publicIPAddresses", "this")[0], "publicIpaddress");
    }
}
