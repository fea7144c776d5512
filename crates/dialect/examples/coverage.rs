//! Prints how much of each kind every foreign vocabulary says: `cargo xtask dialects`.
#![allow(clippy::print_stdout, reason = "a developer's tool")]

use dialect::maps::{Coverage, Vocabulary, coverage};
use dialect::{arm, cloudformation};

static VOCABULARIES: &[&Vocabulary] = &[&cloudformation::VOCABULARY, &arm::VOCABULARY];

fn main() {
    for vocabulary in VOCABULARIES {
        let rows = coverage(vocabulary);
        println!("{}: kind, type, attributes mapped, folded, known gaps, open, target-only", vocabulary.noun);
        rows.iter().for_each(|row| line(&row.kind, row));
        let sum = |count: fn(&Coverage) -> usize| rows.iter().map(count).sum();
        let (mapped, folded, gaps) = (sum(|r| r.mapped), sum(|r| r.folded), sum(|r| r.gaps));
        let without = rows.iter().filter(|r| r.foreign.is_empty()).count();
        let all = Coverage {
            foreign: format!("{} kinds, {without} without a type", rows.len()),
            mapped,
            folded,
            gaps,
            target_only: sum(|r| r.target_only),
            ..Coverage::default()
        };
        line("all", &all);
        let open: usize = sum(|r| r.unmapped.len());
        println!(
            "{:.1} % of {} attributes are said",
            share(mapped + folded, gaps + open),
            mapped + folded + gaps + open
        );
    }
}

fn line(name: &str, row: &Coverage) {
    println!(
        "{name:<55} {:<50} {:>5} {:>5} {:>5} {:>5} {:>5}",
        row.foreign,
        row.mapped,
        row.folded,
        row.gaps,
        row.unmapped.len(),
        row.target_only
    );
}

/// Percent of the first among both.
fn share(said: usize, not: usize) -> f64 {
    said as f64 * 100.0 / (said + not).max(1) as f64
}
