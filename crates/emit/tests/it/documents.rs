//! What the documents say is in the bundle and in the stacks.

use std::collections::BTreeSet;

use emit::pipelines::scripts::{FOLDER, SCRIPTS};
use ir::{Bundle, Stack};

use crate::bundles::{Application, all, bundle};

/// Every page of an application: path and text.
fn pages(bundle: &Bundle) -> Vec<(String, String)> {
    let markdown = bundle.iter().filter(|(path, _)| path.ends_with(".md"));
    markdown.map(|(path, file)| (path.to_owned(), file.text.clone())).collect()
}

/// What stands between backticks or in code, word by word.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || "`,;|()\"'".contains(c)).filter(|w| !w.is_empty())
}

fn environments(application: &Application) -> impl Iterator<Item = &Stack> {
    application.stacks.iter().filter(|s| s.environment)
}

#[test]
fn titles_hold_no_escapes_and_lists_have_one_bullet() {
    for application in all() {
        for (path, text) in pages(&bundle(application).0) {
            for line in text.lines() {
                assert!(
                    !(line.starts_with('#') && line.contains('\\')),
                    "{} {path}: {line}",
                    application.name
                );
                assert!(!line.starts_with("* "), "{} {path}: {line}", application.name);
            }
        }
    }
}

#[test]
fn every_link_leads_to_a_page_of_the_bundle() {
    for application in all() {
        let (bundle, _) = bundle(application);
        let paths: BTreeSet<&str> = bundle.iter().map(|(path, _)| path).collect();
        for (path, text) in pages(&bundle) {
            for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
                let mut at: Vec<&str> = path.split('/').collect();
                at.pop();
                for part in target.split('/') {
                    if part == ".." {
                        at.pop();
                    } else {
                        at.push(part);
                    }
                }
                let file = at.join("/");
                let inside = paths.contains(file.as_str()) || file.starts_with("infra/");
                assert!(inside, "{} {path}: {target}", application.name);
            }
        }
    }
}

#[test]
fn scripts_that_documents_name_exist() {
    for application in all() {
        for (path, text) in pages(&bundle(application).0) {
            for word in words(&text) {
                let Some(script) = word.strip_prefix(&format!("{FOLDER}/")) else { continue };
                assert!(
                    SCRIPTS.iter().any(|(name, _)| *name == script),
                    "{} {path}: {script}",
                    application.name
                );
            }
        }
    }
}

#[test]
fn modules_and_secrets_that_the_deployment_names_exist() {
    for application in all() {
        let (bundle, _) = bundle(application);
        let (_, text) =
            pages(&bundle).into_iter().find(|(p, _)| p == "docs/deployment.md").expect("the guide");
        let modules: BTreeSet<String> = environments(application)
            .flat_map(|s| s.graph.components.keys())
            .map(|component| component.replace('-', "_"))
            .collect();
        for word in words(&text) {
            let Some((_, rest)) = word.split_once("module.") else { continue };
            let module = rest.split('.').next().unwrap_or(rest);
            assert!(modules.contains(module), "{}: {word}", application.name);
        }
        for stack in environments(application) {
            for secret in stack.graph.of_kind("aws_secretsmanager_secret") {
                let name = secret.get("name").and_then(ir::Value::text).expect("secrets have names");
                let given = text.contains(&format!("--secret-id {name} "));
                assert!(given, "{}: nobody is told to fill {name}", application.name);
            }
        }
    }
}

#[test]
fn protections_that_have_to_be_lifted_are_named_with_the_module_they_are_given_to() {
    let mut seen = 0;
    for application in all() {
        let (bundle, _) = bundle(application);
        let (_, text) =
            pages(&bundle).into_iter().find(|(p, _)| p == "docs/deployment.md").expect("the guide");
        for stack in environments(application) {
            let section =
                text.split(&format!("### Removing {}\n", stack.name)).nth(1).expect("a section each");
            let section = section.split("### ").next().unwrap_or(section);
            for node in stack.graph.nodes() {
                let on = node.get("deletion_protection").and_then(ir::Value::as_bool) == Some(true);
                let module =
                    format!("`deletion_protection` of `module.{}`", node.address.component.replace('-', "_"));
                assert!(!on || section.contains(&module), "{}: {module}", application.name);
                seen += usize::from(on);
            }
        }
    }
    assert!(seen > 0, "no application protects anything");
}
