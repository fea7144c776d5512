//! What stacks have in common, before any dialect is spelt: modules with variables, loops and conditions.
//!
//! Graphs are concrete, one an environment; people write what environments share once. Every writer prints from
//! these modules, so that all dialects take the same parameters. Nothing here may know how a dialect is spelt.

pub(crate) mod align;
pub(crate) mod family;
mod generalise;
pub(crate) mod names;
pub(crate) mod split;
pub(crate) mod term;
pub(crate) mod types;
pub(crate) mod vocabulary;
pub(crate) mod wire;

use std::collections::BTreeMap;

use ir::{Diagnostic, Diagnostics, Stack};

use family::{Family, Form};
use term::Module;
use vocabulary::Vocabulary;
use wire::Wiring;

/// Stacks of one family as modules.
pub(crate) struct Model<'a> {
    /// The stacks.
    pub family: Family<'a>,
    /// What they share, in the order of the components.
    pub modules: Vec<Module>,
    /// What leads from one module to another.
    pub wiring: Wiring,
}

impl<'a> Model<'a> {
    /// Finds what stacks have in common.
    pub fn new(
        stacks: Vec<&'a Stack>,
        vocabulary: &'static Vocabulary,
        form: Form,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let family = Family::new(stacks, vocabulary, form);
        let modules: Vec<Module> =
            family.modules.keys().map(|name| generalise::generalise(&family, name, diagnostics)).collect();
        say_left_out(&modules, diagnostics);
        let mut spelt: BTreeMap<String, &str> = BTreeMap::new();
        for name in family.modules.keys() {
            if let Some(other) = spelt.insert(names::snake(name), name) {
                let summary = format!("`{name}` and `{other}` are one name in {}", form.dialect);
                diagnostics.push(
                    Diagnostic::error("name-clash", summary)
                        .because("Of names of components only letters and digits count.")
                        .help("rename one of the two"),
                );
            }
        }
        let wiring = wire::wire(&modules, &family);
        Self { family, modules, wiring }
    }
}

/// Stacks that share their modules: all environments, and every other stack by itself.
pub(crate) fn families(stacks: &[Stack]) -> Vec<Vec<&Stack>> {
    let (environments, others): (Vec<&Stack>, Vec<&Stack>) = stacks.iter().partition(|s| s.environment);
    let alone = others.into_iter().map(|stack| vec![stack]);
    std::iter::once(environments).filter(|e| !e.is_empty()).chain(alone).collect()
}

/// One note about every lifecycle setting that modules could not say.
fn say_left_out(modules: &[Module], diagnostics: &mut Diagnostics) {
    let left_out: Vec<&str> = modules.iter().flat_map(|m| &m.left_out).map(String::as_str).collect();
    if left_out.is_empty() {
        return;
    }
    diagnostics.push(
        Diagnostic::note("lifecycle-differs", "environments differ in lifecycle settings, which are left out")
            .because("Lifecycle settings are read before variables, so a module that environments share cannot switch them.")
            .because(format!("Left out: {}.", left_out.join(", ")))
            .help("rely on the resource's own protection, such as `deletion_protection`, which is a variable"),
    );
}
