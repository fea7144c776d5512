//! The pull request's text: what a reviewer must know before saying yes.

use check::Report;
use cost::Estimate;
use deliver::{Plan, Rehearsal};

use super::markdown::Document;
use crate::Context;

/// What the last run described, when there was one.
#[derive(Clone, Copy, Debug)]
pub struct Before<'a> {
    /// What it cost, dollars a month.
    pub cost: ir::Usd,
    /// What leads from it to what is described now, a plan for each stack that changes.
    pub plans: &'a [Plan],
}

/// The text, for a bundle of so many files.
#[must_use]
pub fn write(context: &Context<'_>, files: usize, before: Option<Before<'_>>) -> String {
    let blueprint = context.blueprint;
    let mut doc = Document::titled(&format!("Infrastructure of {}", blueprint.name));
    summary(context, files, &mut doc);
    plan(context, before, &mut doc);
    money(context, before.map(|b| b.cost), &mut doc);
    findings(context.report, &mut doc);
    rollback(context.rehearsals, &mut doc);
    next(context, &mut doc);
    doc.print()
}

fn summary(context: &Context<'_>, files: usize, doc: &mut Document) {
    doc.heading(2, "Summary");
    let resources: usize = context.stacks.iter().map(|s| s.graph.len()).sum();
    doc.para(format!(
        "{} services and {} resources in {} environments in {}: {resources} cloud resources, {files} files, {} decisions of which {} are recorded in `docs/adr`.",
        context.spec.services.len(),
        context.spec.resources.len(),
        context.blueprint.environments.len(),
        context.blueprint.region,
        context.blueprint.decisions.len(),
        context.blueprint.decisions.iter().filter(|d| d.weighty).count(),
    ));
    doc.picture("Topology", "docs/topology.svg");
}

fn plan(context: &Context<'_>, before: Option<Before<'_>>, doc: &mut Document) {
    doc.heading(2, "Plan");
    let plans: Vec<Plan> = match before {
        Some(before) => before.plans.to_vec(),
        None => context.stacks.iter().map(|stack| deliver::plan(None, Some(stack))).collect(),
    };
    let rows = plans.iter().map(|plan| {
        let count = |action| plan.changes.iter().filter(|c| c.action == action).count().to_string();
        vec![
            plan.stack.clone(),
            count(deliver::Action::Create),
            count(deliver::Action::Update),
            count(deliver::Action::Replace),
            count(deliver::Action::Delete),
            format!("`{}`", &plan.hash.get(..12).unwrap_or(&plan.hash)),
        ]
    });
    if plans.is_empty() {
        doc.para("No resource changes.");
    } else {
        doc.table(&["stack", ">create", ">update", ">replace", ">delete", "hash"], rows);
    }
    let from = if before.is_some() { "what the last run described" } else { "an empty account" };
    doc.para(format!("From {from}. The pipeline posts the plan against what exists as a comment."));
    let risky = |plan: &Plan| -> Vec<Vec<String>> {
        let risks = plan.changes.iter().map(|change| (change, change.risks()));
        let risks = risks.filter(|(_, risks)| !risks.is_empty());
        risks
            .map(|(change, risks)| {
                let address = format!("`{}`", change.address);
                vec![plan.stack.clone(), address, change.action.done().to_owned(), risks.join(", ")]
            })
            .collect()
    };
    let rows: Vec<Vec<String>> = plans.iter().flat_map(risky).collect();
    if !rows.is_empty() {
        doc.para("What these changes risk:");
        doc.table(&["stack", "resource", "is", "risk"], rows);
    }
}

fn money(context: &Context<'_>, before: Option<ir::Usd>, doc: &mut Document) {
    doc.heading(2, "Cost");
    let total: ir::Usd = context.estimates.iter().map(Estimate::total).sum();
    let change = before.map(|b| {
        let difference = total - b;
        let sign = if difference.0 > 0.0 { "+" } else { "" };
        format!(" ({sign}{difference} against before)")
    });
    let against = match context.blueprint.budget {
        Some(budget) if total.0 <= budget.0 => format!(", {} under the budget of {budget}", budget - total),
        Some(budget) => format!(", {} over the budget of {budget}", total - budget),
        None => String::new(),
    };
    doc.para(format!("{total} a month{}{against}.", change.unwrap_or_default()));
    let rows = context.estimates.iter().flat_map(|e| {
        e.by_component().into_iter().map(|(c, sum)| vec![e.stack.clone(), format!("`{c}`"), sum.to_string()])
    });
    doc.table(&["stack", "component", ">monthly"], rows);
}

fn findings(report: &Report, doc: &mut Document) {
    doc.heading(2, "Findings");
    let accepted = report.findings.len() - report.open().count();
    doc.para(format!(
        "{} rules on {} resources: {} open, {accepted} accepted with a reason, {} that cannot be told before the pipeline has run.",
        report.rules,
        report.resources,
        report.open().count(),
        report.cannot_tell.len()
    ));
    let rows =
        report.open().map(|f| vec![format!("`{}`", f.rule), format!("`{}`", f.address), f.summary.clone()]);
    doc.table(&["rule", "resource", "what"], rows);
}

fn rollback(rehearsals: &[Rehearsal], doc: &mut Document) {
    doc.heading(2, "Rollback");
    doc.para("Rehearsed in the embedded cloud before this was written; `docs/deployment.md` says how to do it for real.");
    let rows = rehearsals.iter().flat_map(|r| {
        r.trials.iter().map(|t| {
            let held = if t.failures.is_empty() { "held" } else { "FAILED" };
            vec![r.stack.clone(), t.name.clone(), t.runs.to_string(), held.to_owned()]
        })
    });
    doc.table(&["stack", "tried", ">times", "result"], rows);
}

fn next(context: &Context<'_>, doc: &mut Document) {
    doc.heading(2, "Next steps");
    let mut steps = vec!["Read `docs/adr`: these are the decisions you sign by merging".to_owned()];
    if !context.spec.assumptions.is_empty() {
        steps.push(format!(
            "Confirm {} assumptions in `handoffs/product-owner.md`, or write what is true into the spec",
            context.spec.assumptions.len()
        ));
    }
    steps.push("Follow \"Once, before the first deployment\" in `docs/deployment.md`".to_owned());
    if !context.spec.secrets.is_empty() {
        let names: Vec<String> = context.spec.secrets.keys().map(|s| format!("`{s}`")).collect();
        steps.push(format!("Put {} into the secret store of each environment", names.join(", ")));
    }
    steps.push("Merge: staging is deployed by itself, production waits for its approval".to_owned());
    doc.steps(steps);
}
