//! Findings as text, Markdown, JSON and SARIF.

use check::finding::Level;
use check::{Finding, Report};
use serde_json::{Value, json};

/// For a terminal: open findings first, then what was accepted and why, then the count.
#[must_use]
pub fn text(report: &Report) -> String {
    let mut out = String::new();
    for finding in report.open() {
        out.push_str(&format!("{} [{}] {}\n", level(finding.level), finding.rule, finding.summary));
        out.push_str(&format!("  at   {} in {}\n", place(finding), finding.stack));
        out.push_str(&format!("  fix  {}\n\n", finding.fix));
    }
    let accepted: Vec<&Finding> = report.findings.iter().filter(|f| f.accepted.is_some()).collect();
    if !accepted.is_empty() {
        out.push_str("Accepted, with the reason:\n");
        for finding in &accepted {
            let reason = finding.accepted.as_deref().unwrap_or_default();
            out.push_str(&format!(
                "  [{}] {} in {}: {reason}\n",
                finding.rule,
                place(finding),
                finding.stack
            ));
        }
        out.push('\n');
    }
    out.push_str(&summary(report));
    out.push('\n');
    out
}

/// One line that counts.
#[must_use]
pub fn summary(report: &Report) -> String {
    format!(
        "{} rules on {} resources: {} passed, {} open, {} accepted, {} cannot tell",
        report.rules,
        report.resources,
        report.passed,
        report.open().count(),
        report.findings.iter().filter(|f| f.accepted.is_some()).count(),
        report.cannot_tell.len()
    )
}

/// For a pull request.
#[must_use]
pub fn markdown(report: &Report) -> String {
    let mut out = format!("{}\n", summary(report));
    if report.open().next().is_some() {
        out.push_str("\n| level | rule | resource | what | fix |\n|---|---|---|---|---|\n");
        for f in report.open() {
            let cells = [level(f.level), f.rule, &place(f), &f.summary, &f.fix];
            let cells: Vec<String> = cells.iter().map(|c| c.replace('|', "\\|")).collect();
            out.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
    }
    out
}

/// For programs.
#[must_use]
pub fn json(report: &Report) -> Value {
    json!({"version": 1, "report": report})
}

/// SARIF 2.1.0. A designed resource lies in no file yet, so its place is logical.
#[must_use]
pub fn sarif(report: &Report) -> Value {
    let rules: std::collections::BTreeSet<&str> = report.findings.iter().map(|f| f.rule).collect();
    let results: Vec<Value> = report.findings.iter().map(result).collect();
    super::sarif(&rules, results)
}

fn result(finding: &Finding) -> Value {
    let level = match finding.level {
        Level::Critical | Level::High => "error",
        Level::Medium => "warning",
        Level::Low => "note",
    };
    let mut value = json!({
        "ruleId": finding.rule,
        "level": level,
        "message": {"text": format!("{}. {}", finding.summary, finding.fix)},
        "locations": [{"logicalLocations": [{
            "fullyQualifiedName": format!("{}/{}", finding.stack, finding.address),
            "kind": "resource",
        }]}],
    });
    if let Some(reason) = &finding.accepted {
        value["suppressions"] = json!([{"kind": "external", "justification": reason}]);
    }
    value
}

fn place(finding: &Finding) -> String {
    match &finding.attribute {
        Some(attribute) => format!("{} ({attribute})", finding.address),
        None => finding.address.to_string(),
    }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Low => "low",
        Level::Medium => "medium",
        Level::High => "high",
        Level::Critical => "critical",
    }
}
