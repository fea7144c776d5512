//! Running the rules.
//!
//! Every rule sees every resource of its kinds, in the order of the stacks and their graphs, so that the
//! report is the same on every run. An exception marks a finding as accepted and never hides it.

use std::collections::BTreeMap;

use ir::{Address, Mode, Stack};

use crate::finding::{Exception, Finding, Report, Verdict};
use crate::rules::{RULES, Rule};
use crate::subject::{Index, Subject};

/// Checks all stacks of an application. Findings are ordered by level (worst first), then rule, stack and
/// address.
#[must_use]
pub fn run(stacks: &[Stack], exceptions: &[Exception]) -> Report {
    run_rules(RULES, stacks, exceptions)
}

/// The same with a choice of rules.
#[must_use]
pub fn run_rules(rules: &[Rule], stacks: &[Stack], exceptions: &[Exception]) -> Report {
    let all: Vec<Index<'_>> = stacks.iter().map(Index::new).collect();
    let mut by_kind: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in rules {
        for kind in rule.kinds {
            by_kind.entry(kind).or_default().push(rule);
        }
    }
    let everywhere = by_kind.remove("*").unwrap_or_default();
    let mut report = Report { rules: rules.len(), ..Report::default() };
    for index in &all {
        for node in index.stack.graph.nodes().filter(|n| n.address.mode == Mode::Managed) {
            report.resources += 1;
            let own = by_kind.get(node.kind().as_str()).into_iter().flatten();
            for rule in own.chain(&everywhere) {
                let subject = Subject { node, index, all: &all };
                for verdict in (rule.check)(&subject) {
                    record(&mut report, rule, index.stack, &node.address, verdict, exceptions);
                }
            }
        }
    }
    report.findings.sort_by(|a, b| {
        let place = |f: &Finding| (std::cmp::Reverse(f.level), f.rule);
        (place(a), &a.stack, &a.address).cmp(&(place(b), &b.stack, &b.address))
    });
    report.cannot_tell.sort();
    report
}

fn record(
    report: &mut Report,
    rule: &Rule,
    stack: &Stack,
    address: &Address,
    verdict: Verdict,
    exceptions: &[Exception],
) {
    match verdict {
        Verdict::Pass => report.passed += 1,
        Verdict::CannotTell(reason) => {
            report.cannot_tell.push((rule.id.to_owned(), format!("{}: {address}", stack.name), reason));
        }
        Verdict::Fail { attribute, summary } => {
            let accepted = exceptions.iter().find(|e| covers(e, rule, stack, address));
            report.findings.push(Finding {
                rule: rule.id,
                level: rule.level,
                confidence: rule.confidence,
                category: rule.category,
                stack: stack.name.clone(),
                address: address.clone(),
                attribute,
                summary,
                fix: rule.fix(),
                accepted: accepted.map(|e| e.reason.clone()),
            });
        }
    }
}

fn covers(exception: &Exception, rule: &Rule, stack: &Stack, address: &Address) -> bool {
    exception.rule == rule.id
        && exception.stack.as_ref().is_none_or(|s| *s == stack.name)
        && exception.component.as_ref().is_none_or(|c| *c == address.component)
}
