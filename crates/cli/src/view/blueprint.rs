//! A design, for people.

use cost::Estimate;
use design::{Blueprint, Decision};
use ir::Usd;

use super::{money, reading};
use crate::input::Understood;

/// Topology, sizes, availability and cost by environment, then every decision with what was rejected.
#[must_use]
pub fn text(understood: &Understood, blueprint: &Blueprint, estimates: &[Estimate]) -> String {
    let mut out = reading::text(understood);
    for (name, environment) in &blueprint.environments {
        let cost = estimates.iter().find(|e| e.stack == *name).map(Estimate::total);
        out.push_str(&format!("\n{name} in {}", blueprint.region));
        if let Some(cost) = cost {
            out.push_str(&format!(", {cost} a month"));
        }
        let availability = &environment.availability;
        out.push_str(&format!(", {} expected", availability.expected));
        if let Some(target) = availability.target {
            out.push_str(&format!(" ({target} asked)"));
        }
        out.push('\n');
        let prefix = format!("{name}.");
        let subjects = environment.services.keys().chain(environment.resources.keys());
        for subject in subjects {
            let choices: Vec<&str> = blueprint
                .decisions
                .iter()
                .filter(|d| d.id.starts_with(&prefix) && d.subject.as_deref() == Some(subject))
                .map(|d| d.chosen.as_str())
                .collect();
            out.push_str(&format!("  {subject:<16} {}\n", choices.join("; ")));
        }
    }
    out.push_str("\nDecisions\n");
    for decision in &blueprint.decisions {
        out.push_str(&one(decision));
    }
    out.push_str(&format!("\n{}\n", money::total(estimates, blueprint.budget)));
    out
}

fn one(decision: &Decision) -> String {
    let cost = decision.monthly.map(|m| format!("  ({m} a month)")).unwrap_or_default();
    let mut out = format!("\n{}: {}\n", decision.id, decision.question);
    out.push_str(&format!("  chosen   {}{cost}\n", decision.chosen));
    out.push_str(&format!("  because  {}\n", decision.because));
    if !decision.inputs.is_empty() {
        let inputs: Vec<String> = decision.inputs.iter().map(|(k, v)| format!("{k} {v}")).collect();
        out.push_str(&format!("  from     {}\n", inputs.join(", ")));
    }
    for rejected in &decision.rejected {
        // What lost on price says so itself; what lost on a constraint says here what it would have cost.
        let by_price = rejected.because.starts_with("costs ");
        let more = rejected.difference.filter(|_| !by_price).map(|d| match d.0 {
            d if d > 0.0 => format!(" (and {} a month more)", Usd(d)),
            d if d < 0.0 => format!(" (though {} a month less)", Usd(-d)),
            _ => String::new(),
        });
        out.push_str(&format!(
            "  not      {}: {}{}\n",
            rejected.option,
            rejected.because,
            more.unwrap_or_default()
        ));
    }
    out
}

/// Alternatives side by side.
#[must_use]
pub fn comparison(alternatives: &[design::Alternative]) -> String {
    use super::table::{Align, table};
    let rows: Vec<Vec<String>> = alternatives
        .iter()
        .map(|a| {
            let monthly = a.monthly.map_or("-".to_owned(), |m| m.to_string());
            let availability: Vec<String> = a.availability.iter().map(|(e, v)| format!("{e} {v}")).collect();
            let difference = a
                .difference
                .map_or(String::new(), |d| if d.0 > 0.0 { format!("+{d}") } else { d.to_string() });
            vec![a.name.clone(), monthly, difference, availability.join(", "), a.problems.join("; ")]
        })
        .collect();
    let heading = [
        ("alternative", Align::Left),
        ("monthly", Align::Right),
        ("difference", Align::Right),
        ("expected availability", Align::Left),
        ("", Align::Left),
    ];
    table(&heading, &rows)
}
