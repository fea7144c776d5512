//! Graphs in the vocabulary of another tool, and back.
//!
//! The house speaks Terraform's names. A foreign vocabulary is a graph of the same make whose kinds, attributes and references
//! are the other tool's; `into` and `out_of` lead from one to the other by the catalogue's maps. What has no counterpart
//! is a gap with its address and reason, never lost in silence. Nothing here knows a particular vocabulary: what one needs
//! beyond its data is in its [`Vocabulary`].
#![allow(clippy::result_large_err, reason = "what cannot be turned is handed back as it was")]

mod convert;
mod coverage;
mod fold;
mod functions;
mod into;
mod names;
mod out;
mod path;
mod prepare;
mod refer;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use catalog::dialects::KindMap;
use ir::{Address, Diagnostic, Diagnostics, Span};

pub use coverage::{Coverage, coverage};
pub use functions::{Direction, Function};
pub use into::into;
pub use names::snake;
pub use out::out_of;

use table::{Prepared, Tables};

/// A foreign vocabulary.
pub struct Vocabulary {
    /// The name of its maps in the catalogue.
    pub name: &'static str,
    /// What people call it.
    pub noun: &'static str,
    /// What texts around a reference may name: the word, and the type of the data node that stands for it.
    pub ambient: &'static [(&'static str, &'static str)],
    /// Whether a name is one of its types.
    pub owns: fn(&str) -> bool,
    /// Functions of maps that only it needs.
    pub functions: &'static [Function],
    /// Its maps, prepared when first asked for.
    tables: OnceLock<Tables>,
}

impl Vocabulary {
    /// A vocabulary with maps under `name` in the catalogue.
    #[must_use]
    pub const fn new(
        name: &'static str,
        noun: &'static str,
        ambient: &'static [(&'static str, &'static str)],
        owns: fn(&str) -> bool,
        functions: &'static [Function],
    ) -> Self {
        Self { name, noun, ambient, owns, functions, tables: OnceLock::new() }
    }

    fn tables(&self) -> &Tables {
        self.tables.get_or_init(|| Tables::new(self.name))
    }

    fn prepared(&self, map: &'static KindMap) -> &Prepared {
        self.tables().prepared(self, map)
    }

    /// What is wrong with its maps, for tests: rows that name what neither schema has, values that no enumeration holds.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (map, table) in self.tables().all(self) {
            faults.extend(table.faults.iter().map(|fault| format!("{}: {fault}", map.kind)));
        }
        faults
    }
}

/// Whether destroying a resource of a foreign type loses something that cannot be made again from code.
#[must_use]
pub fn holds_data(vocabulary: &Vocabulary, kind: &str) -> bool {
    let maps = vocabulary.tables().all(vocabulary).map(|(map, _)| map);
    let own = |map: &&KindMap| map.fold.is_none() && map.foreign.as_deref() == Some(kind);
    maps.filter(own).filter_map(|map| catalog::kind(&map.kind)).any(|info| info.holds_data)
}

/// Something that could not be said.
#[derive(Clone, Debug, PartialEq)]
pub struct Gap {
    /// The resource.
    pub address: Address,
    /// The path of the attribute; empty for the resource as a whole.
    pub attribute: String,
    /// Why, as a sentence without a full stop.
    pub reason: String,
    /// Whether nobody relies on it, such as a name that is made up.
    pub harmless: bool,
    /// Where it was read.
    pub origin: Option<Span>,
}

/// A warning for each attribute of a kind that could not be said, with the resources it concerns.
#[must_use]
pub fn diagnostics(vocabulary: &Vocabulary, gaps: &[Gap]) -> Diagnostics {
    let mut diagnostics = grouped(gaps, |what| {
        Diagnostic::warning("not-said", format!("{} does not say `{what}`", vocabulary.noun))
            .help("set it by hand, or leave it to the default there")
    });
    let left: BTreeSet<String> = gaps
        .iter()
        .filter(|gap| gap.harmless)
        .map(|gap| format!("`{}.{}` ({})", gap.address.kind, gap.attribute, gap.reason))
        .collect();
    if !left.is_empty() {
        let summary = format!("{} settings are left to {}", left.len(), vocabulary.noun);
        let all: Vec<String> = left.into_iter().collect();
        diagnostics
            .push(Diagnostic::note("left-to-the-cloud", summary).because(format!("{}.", all.join(", "))));
    }
    diagnostics
}

/// A note for each property of a type that was read and has no counterpart in the house.
#[must_use]
pub fn unread(gaps: &[Gap]) -> Diagnostics {
    grouped(gaps, |what| Diagnostic::note("no-counterpart", format!("`{what}` is not carried over")))
}

fn grouped(gaps: &[Gap], say: impl Fn(&str) -> Diagnostic) -> Diagnostics {
    let mut groups: BTreeMap<(&str, &str, &str), Vec<&Gap>> = BTreeMap::new();
    for gap in gaps.iter().filter(|gap| !gap.harmless) {
        groups.entry((gap.address.kind.as_str(), &gap.attribute, &gap.reason)).or_default().push(gap);
    }
    let mut diagnostics = Diagnostics::new();
    for ((kind, attribute, reason), gaps) in groups {
        let what = if attribute.is_empty() { kind.to_owned() } else { format!("{kind}.{attribute}") };
        let addresses: BTreeSet<String> = gaps.iter().map(|g| g.address.to_string()).collect();
        let addresses: Vec<String> = addresses.into_iter().collect();
        diagnostics.push(
            say(&what)
                .because(format!("{reason}."))
                .because(format!("It concerns {}.", addresses.join(", ")))
                .at(gaps.first().and_then(|g| g.origin), ""),
        );
    }
    diagnostics
}
