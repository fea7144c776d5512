//! What is read before any variable: lifecycle settings and providers.
//!
//! Modules that environments share cannot switch these, so a difference is said instead of lost. Must not
//! know attributes.

use std::collections::BTreeSet;

use ir::{Diagnostic, Lifecycle};

use super::{Cell, Generaliser};
use crate::model::names;

impl<'a> Generaliser<'a, '_> {
    /// The provider's alias for nodes outside their stack's region.
    pub(super) fn alias(&mut self, cells: &[(Cell<'a>, &ir::Node)]) -> Option<String> {
        let home = |v: usize| self.family.stacks[v].region.as_str();
        let regional = (self.family.vocabulary.regional)(&self.subject);
        if !regional
            || cells.iter().all(|((v, _), node)| node.region.as_deref().is_none_or(|r| r == home(*v)))
        {
            return None;
        }
        let mut regions: Vec<Option<String>> = vec![None; self.family.stacks.len()];
        let mut mixed = false;
        for ((v, _), node) in cells {
            let region = node.region.clone().unwrap_or_else(|| home(*v).to_owned());
            mixed |= regions[*v].as_ref().is_some_and(|before| *before != region);
            regions[*v] = Some(region);
        }
        if mixed {
            self.diagnostics.push(
                Diagnostic::error(
                    "mixed-regions",
                    format!("instances of `{}` stand in several regions", self.subject),
                )
                .because("All instances of one resource use one provider, and a provider has one region.")
                .help("give the instances of each region a name of their own"),
            );
        }
        let distinct: BTreeSet<&String> = regions.iter().flatten().collect();
        let base = match distinct.first() {
            Some(region) if distinct.len() == 1 => names::snake(region),
            _ => "secondary".to_owned(),
        };
        let fits = |known: &[Option<String>]| {
            known.iter().zip(&regions).all(|(a, b)| a.is_none() || b.is_none() || a == b)
        };
        let candidates = std::iter::once(base.clone()).chain((2u32..).map(|n| format!("{base}_{n}")));
        for name in candidates {
            match self.module.aliases.get_mut(&name) {
                Some(known) if !fits(known) => {}
                Some(known) => {
                    known.iter_mut().zip(regions).for_each(|(a, b)| *a = a.take().or(b));
                    return Some(name);
                }
                None => {
                    self.module.aliases.insert(name.clone(), regions);
                    return Some(name);
                }
            }
        }
        None
    }

    /// A lifecycle setting, which no variable can switch.
    pub(super) fn same(&mut self, all: &[&Lifecycle], what: &str, get: impl Fn(&Lifecycle) -> bool) -> bool {
        let every = all.iter().all(|l| get(l));
        if !every && all.iter().any(|l| get(l)) {
            self.module.left_out.push(format!("`{what}` of `{}`", self.subject));
        }
        every
    }

    pub(super) fn ignored(&mut self, all: &[&Lifecycle]) -> Vec<String> {
        let mut union: Vec<String> = Vec::new();
        for name in all.iter().flat_map(|l| &l.ignore_changes) {
            if !union.contains(name) {
                union.push(name.clone());
            }
        }
        if union.iter().any(|name| all.iter().any(|l| !l.ignore_changes.contains(name))) {
            self.diagnostics.push(
                Diagnostic::warning(
                    "lifecycle-differs",
                    format!("`ignore_changes` of `{}` holds in every environment", self.subject),
                )
                .because(
                    "Environments ask for different lists, and lifecycle settings are read before variables.",
                )
                .help("use the same release strategy in every environment"),
            );
        }
        union
    }
}
