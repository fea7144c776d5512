//! Money has an alarm.

use super::prelude::*;

pub const RULE: Rule = Rule {
    id: "budget-missing",
    title: "Nobody is told when the bill grows",
    level: Level::Medium,
    category: Category::Cost,
    confidence: Confidence::Medium,
    kinds: &["aws_vpc"],
    frameworks: &[(WELL_ARCHITECTED, "COST02")],
    check,
    doc: include_str!("budget_missing.md"),
};

fn check(s: &Subject<'_>) -> Vec<Verdict> {
    let found = s.all.iter().any(|index| !index.of_kind("aws_budgets_budget").is_empty());
    vec![if found { Verdict::Pass } else { Verdict::missing("no budget watches the bill") }]
}
