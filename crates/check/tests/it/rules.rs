//! Every rule through the examples in its own documentation.

use std::collections::BTreeSet;
use std::path::Path;

use check::run::run_rules;
use check::{Exception, RULES, Rule};
use ir::{OsWorld, Value, World};

use crate::examples::stack;

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules")
}

#[test]
fn the_slice_and_the_folder_hold_the_same_rules() {
    let entries = OsWorld::default().list(&folder()).expect("the folder is there");
    let stems = |ending: &str| -> BTreeSet<String> {
        entries.iter().filter_map(|e| Some(e.name.strip_suffix(ending)?.replace('_', "-"))).collect()
    };
    let mut sources = stems(".rs");
    assert!(sources.remove("mod"));
    let registered: BTreeSet<String> = RULES.iter().map(|r| r.id.to_owned()).collect();
    assert_eq!(registered.len(), RULES.len(), "an id is used twice");
    assert_eq!(registered, sources);
    assert_eq!(registered, stems(".md"));
}

#[test]
fn every_rule_is_documented() {
    for rule in RULES {
        let heading = format!("# {}\n", rule.title);
        assert!(rule.doc.starts_with(&heading), "{}: the heading differs from the title", rule.id);
        assert!(!rule.why().is_empty() && !rule.fix().is_empty(), "{}", rule.id);
        assert!(!rule.title.ends_with('.') && !rule.kinds.is_empty(), "{}", rule.id);
        assert!(!rule.frameworks.is_empty(), "{} answers to no framework", rule.id);
    }
}

#[test]
fn every_example_says_what_it_claims() {
    for rule in RULES {
        let examples = rule.examples();
        assert!(examples.iter().any(|(good, _)| *good), "{} has no good example", rule.id);
        assert!(examples.iter().any(|(good, _)| !good), "{} has no bad example", rule.id);
        for (good, text) in &examples {
            let stack = stack(text);
            let report = run_rules(std::slice::from_ref(rule), std::slice::from_ref(&stack), &[]);
            assert_eq!(report.findings.is_empty(), *good, "{}: {report:#?}\n{text}", rule.id);
            for finding in &report.findings {
                assert!(!finding.summary.is_empty() && !finding.summary.ends_with('.'), "{finding:?}");
            }
        }
    }
}

/// A misspelt attribute in an example would make its rule pass or fail for the wrong reason.
#[test]
fn every_example_is_true_to_the_schemas() {
    for rule in RULES {
        for (_, text) in rule.examples() {
            let diagnostics = check::validate(&stack(&text));
            let misspelt =
                ["unknown-attribute", "wrong-type", "unknown-reference", "unknown-reference-attribute"];
            let wrong = diagnostics.iter().find(|d| misspelt.contains(&d.id));
            assert!(wrong.is_none(), "{}: {wrong:#?}\n{text}", rule.id);
        }
    }
}

/// Whatever is set to an unknown value, no rule may accuse because of it alone: an example that passes keeps
/// passing or cannot be told.
#[test]
fn unknown_values_are_never_accused() {
    let mut accused = Vec::new();
    for rule in RULES {
        for (_, text) in rule.examples().iter().filter(|(good, _)| *good) {
            let before = stack(text);
            for address in before.graph.nodes().map(|n| n.address.clone()) {
                for attribute in before.graph.get(&address).expect("its own").attrs.keys() {
                    let mut graph = ir::Graph::new();
                    for mut node in before.graph.nodes().cloned() {
                        if node.address == address {
                            node.attrs.insert(attribute.clone(), Value::Unknown("a variable".into()));
                        }
                        graph.insert(node);
                    }
                    let stack = ir::Stack { graph, ..before.clone() };
                    let report = run_rules(std::slice::from_ref(rule), &[stack], &[]);
                    if let Some(finding) = report.findings.first() {
                        accused.push(format!("{}: {attribute} of {address}: {}", rule.id, finding.summary));
                    }
                }
            }
        }
    }
    assert!(accused.is_empty(), "{accused:#?}");
}

#[test]
fn an_exception_accepts_and_does_not_hide() {
    let stack = stack("aws_db_instance.db: {instance_class: db.t4g.medium}");
    let exception = |stack: Option<&str>| Exception {
        rule: "database-encryption".into(),
        stack: stack.map(str::to_owned),
        component: None,
        reason: "a test".into(),
    };
    let accepted = |e: Exception| {
        let report = check::run(std::slice::from_ref(&stack), &[e]);
        let finding = report.findings.iter().find(|f| f.rule == "database-encryption").cloned();
        finding.expect("still listed").accepted
    };
    assert_eq!(accepted(exception(None)).as_deref(), Some("a test"));
    assert_eq!(accepted(exception(Some("elsewhere"))), None);
}

#[test]
fn reports_are_ordered_and_the_same_every_time() {
    let text: String =
        RULES.iter().flat_map(Rule::examples).map(|(_, text)| text).fold(String::new(), |all, text| {
            let index = all.len();
            let unique = text.lines().map(|line| match line.split_once(": ") {
                Some((head, rest)) if line.starts_with("aws_") => format!("{head}{index}: {rest}\n"),
                _ if line.starts_with("aws_") => format!("{}{index}:\n", line.trim_end_matches(':')),
                _ => format!("{line}\n"),
            });
            format!("{all}{}", unique.filter(|l| !l.contains("!ref")).collect::<String>())
        });
    let stacks = [stack(&text)];
    let report = check::run(&stacks, &[]);
    assert!(report.findings.len() > RULES.len() / 2);
    assert!(report.findings.windows(2).all(|pair| pair[0].level >= pair[1].level));
    assert_eq!(report, check::run(&stacks, &[]));
}
