//! What the CloudFormation writer writes, looked at from outside: names that are declared, environments that differ only in
//! their parameters.

use std::collections::BTreeSet;

use dialect::cloudformation::write;
use ir::Bundle;

use crate::sample;

fn template<'b>(bundle: &'b Bundle, name: &str) -> &'b str {
    let path = format!("infra/cloudformation/{name}");
    &bundle.get(&path).unwrap_or_else(|| panic!("{path} is not written")).text
}

/// Names of a section's entries.
fn declared(text: &str, section: &str) -> BTreeSet<String> {
    let lines = text.lines().skip_while(|l| *l != format!("{section}:")).skip(1);
    let own = lines.take_while(|l| l.starts_with(' '));
    own.filter(|l| l.starts_with("  ") && !l.starts_with("   "))
        .map(|l| l.trim().split(':').next().unwrap_or_default().to_owned())
        .collect()
}

/// Names that functions name, those of the cloud aside.
fn named(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut before = "";
    for line in text.lines() {
        let substituted = line.contains("!Sub") || before.ends_with("!Sub");
        for (begin, end) in [("!Ref ", ' '), ("!GetAtt ", ' '), ("${", '}')] {
            if begin == "${" && !substituted {
                continue;
            }
            for rest in line.split(begin).skip(1) {
                let name = rest.split([end, '.']).next().unwrap_or_default();
                if !name.contains("::") && !name.starts_with('!') {
                    found.insert(name.to_owned());
                }
            }
        }
        before = line;
    }
    found
}

#[test]
fn every_name_is_declared_once() {
    let (bundle, diagnostics) = write(&sample::stacks());
    assert!(!diagnostics.has_errors(), "{diagnostics:?}");
    for name in ["application.yaml", "bootstrap.yaml", "shared.yaml", "application-us-east-1.yaml"] {
        let text = template(&bundle, name);
        let (parameters, resources) = (declared(text, "Parameters"), declared(text, "Resources"));
        assert!(parameters.is_disjoint(&resources), "{name}");
        let known: BTreeSet<String> = parameters.union(&resources).cloned().collect();
        let parts = |n: &String| n.starts_with("Part");
        let open: Vec<String> = named(text).difference(&known).filter(|n| !parts(n)).cloned().collect();
        assert!(open.is_empty(), "{name}: {open:?}\n{text}");
        for condition in text.split("Condition: ").skip(1).filter_map(|rest| rest.lines().next()) {
            assert!(declared(text, "Conditions").contains(condition), "{name}: {condition}");
        }
    }
}

#[test]
fn environments_differ_in_their_parameters_alone() {
    let (bundle, _) = write(&sample::stacks());
    let text = template(&bundle, "application.yaml");
    assert!(text.contains("  OrdersDbInstanceClass:\n"), "{text}");
    let parameters = |environment: &str| -> serde_json::Value {
        let file = template(&bundle, &format!("parameters/{environment}.json"));
        serde_json::from_str(file).expect("JSON")
    };
    let (staging, production) = (parameters("staging"), parameters("production"));
    assert_eq!(staging["Parameters"]["Environment"], "staging");
    assert_eq!(production["Tags"]["Environment"], "production");
    let classes = [&staging, &production].map(|file| file["Parameters"]["OrdersDbInstanceClass"].clone());
    assert_eq!(classes, ["db.t4g.micro", "db.m7g.large"]);
    // What stands in one environment only hangs on the environment.
    assert!(text.contains("Condition: IsProduction"));
}

#[test]
fn the_same_graphs_give_the_same_bytes() {
    assert_eq!(write(&sample::stacks()), write(&sample::stacks()));
}

#[test]
fn nothing_is_written_of_nothing() {
    let (bundle, diagnostics) = write(&[]);
    assert!(bundle.is_empty() && diagnostics.is_empty());
}
