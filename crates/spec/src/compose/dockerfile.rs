//! The two facts of a Dockerfile that say what a container is: the image it ends on and the ports it exposes.
//!
//! A service that is built may still be a database with a few files added; only its Dockerfile tells.
//! This module must not judge the Dockerfile, and reads no other instruction.

use indexmap::IndexMap;

use super::interpolate::{Lookup, substitute};

/// What a Dockerfile says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// The image that the last (or the wanted) stage starts from, stages followed to their own.
    pub(super) base: Option<String>,
    /// Ports of `EXPOSE` in that stage.
    pub(super) exposed: Vec<u16>,
}

/// Reads the facts for a stage; `None` is the last one. `args` are the build arguments given.
pub(super) fn facts(text: &str, target: Option<&str>, args: &IndexMap<String, String>) -> Facts {
    let mut defaults: IndexMap<String, String> = IndexMap::new();
    // Name, image and exposed ports of each stage.
    let mut stages: Vec<(Option<String>, String, Vec<u16>)> = Vec::new();
    for line in text.replace("\\\n", " ").lines() {
        let mut words = line.split_whitespace();
        let Some(instruction) = words.next() else { continue };
        match instruction.to_ascii_uppercase().as_str() {
            "ARG" if stages.is_empty() => {
                if let Some((name, value)) = words.next().and_then(|w| w.split_once('=')) {
                    defaults.insert(name.to_owned(), value.trim_matches('"').to_owned());
                }
            }
            "FROM" => {
                let mut words = words.filter(|w| !w.starts_with("--"));
                let Some(image) = words.next() else { continue };
                let name = words.next().filter(|w| w.eq_ignore_ascii_case("as")).and(words.next());
                let find = |name: &str| args.get(name).or_else(|| defaults.get(name)).cloned();
                let image = substitute(image, &mut Lookup::new(&find)).unwrap_or_else(|_| image.to_owned());
                stages.push((name.map(str::to_ascii_lowercase), image, Vec::new()));
            }
            "EXPOSE" => {
                if let Some((.., ports)) = stages.last_mut() {
                    ports.extend(words.filter_map(|w| w.split('/').next()?.parse::<u16>().ok()));
                }
            }
            _ => {}
        }
    }
    let wanted = target.map(str::to_ascii_lowercase);
    let Some(mut at) = (match &wanted {
        Some(name) => stages.iter().position(|(n, ..)| n.as_ref() == Some(name)),
        None => stages.len().checked_sub(1),
    }) else {
        return Facts::default();
    };
    let mut exposed = stages[at].2.clone();
    // A stage may only start from an earlier one, so this ends.
    while let Some(earlier) =
        stages[..at].iter().rposition(|(n, ..)| n.as_deref() == Some(&stages[at].1.to_ascii_lowercase()))
    {
        at = earlier;
        if exposed.is_empty() {
            exposed.clone_from(&stages[at].2);
        }
    }
    Facts { base: Some(stages[at].1.clone()), exposed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_followed_to_an_image() {
        let text = "ARG V=16\nFROM node AS build\nEXPOSE 1\nFROM --platform=x postgres:${V} as base\nexpose 5432/tcp \\\n 9\n\
                    FROM base\nCOPY a b\n";
        let none = IndexMap::new();
        let found = facts(text, None, &none);
        assert_eq!((found.base.as_deref(), found.exposed.as_slice()), (Some("postgres:16"), &[5432, 9][..]));
        assert_eq!(facts(text, Some("build"), &none).base.as_deref(), Some("node"));
        let given = IndexMap::from([("V".to_owned(), "17".to_owned())]);
        assert_eq!(facts(text, None, &given).base.as_deref(), Some("postgres:17"));
        for broken in ["", "FROM", "FROM a AS a\nFROM a", "\u{0}", "RUN x"] {
            facts(broken, None, &none);
            assert_eq!(facts(broken, Some("nowhere"), &none), Facts::default());
        }
    }
}
