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
    let report = Report { rules: rules.len(), ..Report::default() };
    let mut recorder = Recorder { report, exceptions, fixes: BTreeMap::new() };
    for index in &all {
        for node in index.stack.graph.nodes().filter(|n| n.address.mode == Mode::Managed) {
            recorder.report.resources += 1;
            let own = by_kind.get(node.kind().as_str()).into_iter().flatten();
            for rule in own.chain(&everywhere) {
                let subject = Subject { node, index, all: &all };
                for verdict in (rule.check)(&subject) {
                    recorder.record(rule, index.stack, &node.address, verdict);
                }
            }
        }
    }
    let mut report = recorder.report;
    report.findings.sort_by(|a, b| {
        let place = |f: &Finding| (std::cmp::Reverse(f.level), f.rule);
        (place(a), &a.stack, &a.address).cmp(&(place(b), &b.stack, &b.address))
    });
    report.cannot_tell.sort();
    report
}

struct Recorder<'a> {
    report: Report,
    exceptions: &'a [Exception],
    /// Documentation is read once a rule, and only of rules that found something.
    fixes: BTreeMap<&'static str, String>,
}

impl Recorder<'_> {
    fn record(&mut self, rule: &Rule, stack: &Stack, address: &Address, verdict: Verdict) {
        match verdict {
            Verdict::Pass => self.report.passed += 1,
            Verdict::CannotTell(reason) => {
                let place = format!("{}: {address}", stack.name);
                self.report.cannot_tell.push((rule.id.to_owned(), place, reason));
            }
            Verdict::Fail { attribute, summary } => {
                let accepted = self.exceptions.iter().find(|e| covers(e, rule, stack, address));
                self.report.findings.push(Finding {
                    rule: rule.id,
                    level: rule.level,
                    confidence: rule.confidence,
                    category: rule.category,
                    stack: stack.name.clone(),
                    address: address.clone(),
                    attribute,
                    summary,
                    fix: self.fixes.entry(rule.id).or_insert_with(|| rule.fix()).clone(),
                    accepted: accepted.map(|e| e.reason.clone()),
                });
            }
        }
    }
}

fn covers(exception: &Exception, rule: &Rule, stack: &Stack, address: &Address) -> bool {
    exception.rule == rule.id
        && exception.stack.as_ref().is_none_or(|s| *s == stack.name)
        && exception.component.as_ref().is_none_or(|c| *c == address.component)
}
