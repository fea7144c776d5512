//! The report at the end: what a status update of a senior engineer holds, and what one says when blocked.

use std::path::Path;

use deliver::{Action, Reconciled};
use ir::{Diagnostics, Severity};
use serde_json::{Value, json};

use super::{count, findings, money};
use crate::engine::{Changes, Delivery};

/// The report of a run that went through, with what was said on the way. `elapsed` milliseconds; 0 when nothing was
/// measured.
#[must_use]
pub fn text(
    delivery: &Delivery,
    said: &Diagnostics,
    decided: &Reconciled,
    changes: Option<&Changes>,
    elapsed: u64,
) -> String {
    let mut out = String::new();
    let mut section = |title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            out.push_str(&format!("\n{title}\n"));
            lines.iter().for_each(|l| out.push_str(&format!("  {l}\n")));
        }
    };
    section("Provisioned by this bundle", provisioned(delivery));
    section("Pipelines", pipelines(delivery));
    section("Metrics", metrics(delivery, decided, elapsed));
    section("Security posture", vec![findings::summary(&delivery.report)]);
    section("Cost", vec![money::total(&delivery.estimates, delivery.blueprint.budget)]);
    section("Issues and resolutions", issues(delivery, said, decided));
    section("Next steps", next(delivery));
    if let Some(changes) = changes {
        out.push_str(&self::changes(changes));
    }
    out
}

fn provisioned(delivery: &Delivery) -> Vec<String> {
    let stacks = delivery.stacks.iter();
    stacks
        .zip(&delivery.estimates)
        .map(|(stack, estimate)| {
            let components = stack.graph.components.len();
            format!(
                "{:<12} {:>4} in {}, {} a month",
                stack.name,
                count(stack.graph.len(), "resource", "resources"),
                count(components, "component", "components"),
                estimate.total()
            )
        })
        .collect()
}

fn pipelines(delivery: &Delivery) -> Vec<String> {
    let workflows: Vec<&str> = delivery
        .bundle
        .iter()
        .filter_map(|(path, _)| path.strip_prefix(".github/workflows/")?.strip_suffix(".yml"))
        .collect();
    if workflows.is_empty() {
        return Vec::new();
    }
    vec![format!("{}: {}", delivery.understood.spec.deliver.ci, workflows.join(", "))]
}

fn metrics(delivery: &Delivery, decided: &Reconciled, elapsed: u64) -> Vec<String> {
    let trials: usize = delivery.rehearsals.iter().flat_map(|r| &r.trials).map(|t| t.runs).sum();
    let held = delivery.rehearsals.iter().filter(|r| r.passed()).count();
    let stacks = delivery.rehearsals.len();
    let outcome =
        if held == stacks { "every one held".to_owned() } else { format!("{held} held throughout") };
    let (times, stacks) = (count(trials, "rehearsal", "rehearsals"), count(stacks, "stack", "stacks"));
    let mut lines = vec![format!("{times} of {stacks}: {outcome}")];
    lines.push(files(decided).trim_end().to_owned());
    if elapsed > 0 {
        lines.push(format!("took {elapsed} ms"));
    }
    lines
}

/// What happened to files, in one line.
#[must_use]
pub fn files(decided: &Reconciled) -> String {
    let mut parts = vec![
        format!("{} written", count(decided.write.len(), "file", "files")),
        format!("{} unchanged", decided.unchanged.len()),
    ];
    let more = [
        (decided.merged.len(), "merged with edits"),
        (decided.removed.len(), "removed"),
        (decided.kept.len(), "no longer needed but edited, so kept"),
        (decided.conflicts.len() + decided.foreign.len(), "in conflict"),
    ];
    parts.extend(more.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")));
    parts.join(", ") + "\n"
}

fn issues(delivery: &Delivery, said: &Diagnostics, decided: &Reconciled) -> Vec<String> {
    let said = spec::repeats::gather(said.clone());
    let warnings = said.iter().filter(|d| d.severity == Severity::Warning);
    let resolved = |d: &ir::Diagnostic| match &d.help {
        Some(help) => format!("{}: {help}", d.summary),
        None => d.summary.clone(),
    };
    let mut lines: Vec<String> = warnings.map(resolved).collect();
    for note in &delivery.understood.dropped {
        lines.push(format!("{}: {} ({})", note.subject, note.what, note.why));
    }
    for estimate in &delivery.estimates {
        let unpriced = estimate.unpriced.len();
        if unpriced > 0 {
            lines.push(format!(
                "{}: {} without a price; `mainstay cost` lists what",
                estimate.stack,
                count(unpriced, "item", "items")
            ));
        }
    }
    let accepted = delivery.report.findings.iter().filter(|f| f.accepted.is_some()).count();
    if accepted > 0 {
        lines.push(format!(
            "{}, each with its reason in docs/infrastructure.md",
            count(accepted, "finding is accepted", "findings are accepted")
        ));
    }
    lines
        .extend(decided.conflicts.keys().map(|path| format!("{path}: your edits and the new text disagree")));
    lines
}

fn next(delivery: &Delivery) -> Vec<String> {
    let spec = &delivery.understood.spec;
    let mut lines = Vec::new();
    if !spec.assumptions.is_empty() {
        let assumptions = count(spec.assumptions.len(), "assumption", "assumptions");
        lines.push(format!("confirm {assumptions}: handoffs/product-owner.md"));
    }
    lines.extend(delivery.understood.missing.iter().map(|m| format!("say {m}")));
    let unread = delivery.understood.not_understood.iter();
    lines.extend(unread.map(|words| format!("say in other words, if it matters: {words}")));
    let written = |path: &str| delivery.bundle.get(path).is_some();
    let then = if written("docs/deployment.md") { ", then follow docs/deployment.md" } else { "" };
    lines.push(format!("read docs/adr{then}"));
    if !spec.secrets.is_empty() && written("secrets/README.md") {
        let secrets = count(spec.secrets.len(), "secret", "secrets");
        lines.push(format!("put {secrets} into the store: secrets/README.md"));
    }
    lines
}

/// What a change of the spec changes: decisions, cost, resources and risk.
#[must_use]
pub fn changes(changes: &Changes) -> String {
    let mut out = String::from("\nChanged since the last run\n");
    if changes.decisions.is_empty() && changes.plans.is_empty() {
        out.push_str("  nothing that matters\n");
        return out;
    }
    for change in &changes.decisions {
        let or = |chosen: &Option<String>| chosen.clone().unwrap_or_else(|| "nothing".to_owned());
        if change.before == change.after {
            let more =
                change.difference.map_or(String::new(), |usd| format!(", {} a month", money::signed(usd)));
            out.push_str(&format!("  {}: still {}{more}\n", change.id, or(&change.after)));
        } else {
            out.push_str(&format!("  {}: {} -> {}\n", change.id, or(&change.before), or(&change.after)));
        }
        for (input, before, after) in &change.inputs {
            out.push_str(&format!("    because {input}: {} -> {}\n", or(before), or(after)));
        }
    }
    let difference = money::signed(changes.cost.delta());
    out.push_str(&format!(
        "  cost {} -> {} a month ({difference})\n",
        changes.cost.before, changes.cost.after
    ));
    for plan in &changes.plans {
        let changed = |action| plan.changes.iter().filter(|c| c.action == action).count();
        out.push_str(&format!(
            "  {}: {} to create, {} to update, {} to replace, {} to delete\n",
            plan.stack,
            changed(Action::Create),
            changed(Action::Update),
            changed(Action::Replace),
            changed(Action::Delete)
        ));
        for change in &plan.changes {
            let risks = change.risks();
            if !risks.is_empty() {
                let done = change.action.done();
                out.push_str(&format!("    {} is {done}: {}\n", change.address, risks.join(", ")));
            }
            change
                .grants
                .iter()
                .for_each(|grant| out.push_str(&format!("    {}: {grant}\n", change.address)));
        }
    }
    out
}

/// The same for programs.
#[must_use]
pub fn changes_json(changes: &Changes) -> Value {
    json!({"decisions": changes.decisions, "cost": changes.cost, "plans": changes.plans})
}

/// What is said when nothing could be delivered: the blocker, why it is one, the ways round, who can help.
#[must_use]
pub fn blocked(diagnostics: &Diagnostics, path: &Path) -> String {
    let errors: Vec<_> = diagnostics.iter().filter(|d| d.severity == Severity::Error).collect();
    let met = count(errors.len(), "requirement", "requirements");
    let mut out = format!("Blocked: {met} of {} cannot be met\n", path.display());
    for error in errors {
        out.push_str(&format!("  blocker       {}\n", error.summary));
        for note in &error.notes {
            out.push_str(&format!("  because       {note}\n"));
        }
        if let Some(help) = &error.help {
            out.push_str(&format!("  alternative   {help}\n"));
        }
        let who = match error.id {
            "budget-too-small" => "whoever holds the budget",
            "availability-infeasible" | "recovery-infeasible" => "the product owner, who set the target",
            "rehearsal-failed" => "the maintainers of Mainstay: the spec needs no change",
            _ => "whoever owns the spec",
        };
        out.push_str(&format!("  unblocked by  {who}\n"));
    }
    out.push_str("Nothing was written\n");
    out
}
