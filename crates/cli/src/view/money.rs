//! What it costs.

use cost::{Difference, Estimate};
use indexmap::IndexMap;
use ir::Usd;
use serde_json::{Value, json};

use super::table::{Align, table};

/// For a terminal: what each component pays for, a total a stack, and the budget. Resources of a component that
/// pay for the same are one row; `json` has them one by one.
#[must_use]
pub fn text(estimates: &[Estimate], budget: Option<Usd>) -> String {
    let mut out = String::new();
    for estimate in estimates {
        out.push_str(&format!("{} ({}): {} a month\n", estimate.stack, estimate.region, estimate.total()));
        let rows: Vec<Vec<String>> = summed(estimate)
            .into_iter()
            .map(|(l, amount, monthly)| {
                vec![
                    l.component.clone(),
                    l.item.clone(),
                    quantity(amount),
                    l.unit.clone(),
                    monthly.to_string(),
                    mark(l).to_owned(),
                ]
            })
            .collect();
        let heading = [
            ("component", Align::Left),
            ("item", Align::Left),
            ("quantity", Align::Right),
            ("unit", Align::Left),
            ("monthly", Align::Right),
            ("", Align::Left),
        ];
        out.push_str(&table(&heading, &rows));
        for unpriced in &estimate.unpriced {
            out.push_str(&format!("  not priced: {} ({})\n", unpriced.address, unpriced.because));
        }
        out.push('\n');
    }
    out.push_str(&total(estimates, budget));
    out.push_str(
        "\n~ depends on expected use   ? price not verified at its source, or derived from another region's\n",
    );
    out
}

/// Lines that differ in nothing but their resource as one, with their quantity and cost, component by component in
/// the order of the graph.
fn summed(estimate: &Estimate) -> Vec<(&cost::Line, f64, Usd)> {
    let mut components: IndexMap<&str, IndexMap<_, (&cost::Line, f64, Usd)>> = IndexMap::new();
    for line in &estimate.lines {
        let rows = components.entry(&line.component).or_default();
        let alike = (line.item.as_str(), line.unit.as_str(), line.unit_price.to_bits(), mark(line));
        let row = rows.entry(alike).or_insert((line, 0.0, Usd(0.0)));
        row.1 += line.quantity;
        row.2 += line.monthly;
    }
    components.into_values().flat_map(IndexMap::into_values).collect()
}

/// The last line.
#[must_use]
pub fn total(estimates: &[Estimate], budget: Option<Usd>) -> String {
    let total: Usd = estimates.iter().map(Estimate::total).sum();
    match budget {
        Some(budget) if total.0 <= budget.0 => {
            format!("{total} a month, {} under the budget of {budget}", budget - total)
        }
        Some(budget) => format!("{total} a month, {} over the budget of {budget}", total - budget),
        None => format!("{total} a month"),
    }
}

/// For a pull request: a row a component and stack.
#[must_use]
pub fn markdown(estimates: &[Estimate], budget: Option<Usd>) -> String {
    let mut out = String::from("| stack | component | monthly |\n|---|---|---:|\n");
    for estimate in estimates {
        for (component, sum) in estimate.by_component() {
            out.push_str(&format!("| {} | {component} | {sum} |\n", estimate.stack));
        }
    }
    out.push_str(&format!("\n{}\n", total(estimates, budget)));
    out
}

/// For programs.
#[must_use]
pub fn json(estimates: &[Estimate], budget: Option<Usd>) -> Value {
    let total: Usd = estimates.iter().map(Estimate::total).sum();
    json!({"version": 1, "total": total, "budget": budget, "estimates": estimates})
}

/// What a change costs.
#[must_use]
pub fn difference(difference: &Difference) -> String {
    let mut out = String::from("| stack | component | before | after | change |\n|---|---|---:|---:|---:|\n");
    for stack in &difference.stacks {
        for row in &stack.components {
            let change = signed(row.after - row.before);
            out.push_str(&format!(
                "| {} | {} | {} | {} | {change} |\n",
                stack.stack, row.component, row.before, row.after
            ));
        }
    }
    out.push_str(&format!("\n{} a month\n", signed(difference.after - difference.before)));
    out
}

/// What a change costs, for programs.
#[must_use]
pub fn difference_json(difference: &Difference) -> Value {
    json!({"version": 1, "difference": difference})
}

/// A difference with its sign.
#[must_use]
pub fn signed(usd: Usd) -> String {
    if usd.0 > 0.0 { format!("+{usd}") } else { usd.to_string() }
}

fn mark(line: &cost::Line) -> &'static str {
    let unsure = line.evidence > catalog::Evidence::Secondary;
    match (line.usage, unsure) {
        (true, true) => "~?",
        (true, false) => "~",
        (false, true) => "?",
        (false, false) => "",
    }
}

fn quantity(quantity: f64) -> String {
    if quantity >= 100.0 || quantity.fract() == 0.0 {
        format!("{quantity:.0}")
    } else if quantity >= 0.005 {
        format!("{quantity:.2}")
    } else {
        "< 0.01".to_owned()
    }
}
