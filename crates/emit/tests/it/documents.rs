//! What the documents say is in the bundle and in the stacks.

use std::collections::{BTreeMap, BTreeSet};

use emit::pipelines::scripts::{FOLDER, SCRIPTS};
use ir::{Bundle, Stack};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::bundles::{Application, all, application, bundle};

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

/// Where the links and pictures of a page lead, and the anchors that its headings have on GitHub and GitLab.
fn links_and_anchors(text: &str) -> (Vec<String>, BTreeSet<String>) {
    let (mut links, mut anchors, mut heading) = (Vec::new(), BTreeSet::new(), None);
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                links.push(dest_url.into_string());
            }
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(words) | Event::Code(words) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&words);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                let title = heading.take().unwrap_or_default().to_lowercase().replace(' ', "-");
                anchors.insert(title.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect());
            }
            _ => {}
        }
    }
    (links, anchors)
}

#[test]
fn every_link_leads_to_a_page_of_the_bundle_and_to_a_heading_on_it() {
    for application in all() {
        let (bundle, _) = bundle(application);
        let read: BTreeMap<String, _> =
            pages(&bundle).into_iter().map(|(path, text)| (path, links_and_anchors(&text))).collect();
        for (path, (links, _)) in &read {
            for target in links.iter().filter(|t| !t.contains("://")) {
                let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
                let mut at: Vec<&str> = path.split('/').collect();
                if !file.is_empty() {
                    at.pop();
                }
                for part in file.split('/').filter(|p| !p.is_empty()) {
                    if part == ".." {
                        at.pop();
                    } else {
                        at.push(part);
                    }
                }
                let file = at.join("/");
                let there = bundle.get(&file).is_some() || file.starts_with("infra/");
                assert!(there, "{} {path}: {target}", application.name);
                let headed = anchor.is_empty() || read.get(&file).is_some_and(|(_, a)| a.contains(anchor));
                assert!(headed, "{} {path}: {target}", application.name);
            }
        }
    }
}

#[test]
fn a_laptop_gives_a_service_the_settings_that_the_cloud_gives() {
    // Keys of the account, and where telemetry goes: on a laptop the compose file of `observability` says that.
    let stores = |variable: &&str| !variable.starts_with("AWS_") && !variable.starts_with("OTEL_");
    for application in all() {
        let (bundle, _) = bundle(application);
        let (local, _) = emit::containers::compose::compose(&application.spec);
        let compose: serde_json::Value =
            serde_saphyr::from_str(&local.get("compose.yaml").expect("is written").text).expect("is YAML");
        let handoff = &bundle.get("handoffs/backend.md").expect("is written").text;
        for section in handoff.split("\n## ").skip(1) {
            let service = section.lines().next().expect("has a title");
            let rows = section.lines().filter_map(|l| l.strip_prefix("|`")?.split('`').next());
            let cloud: BTreeSet<&str> = rows.filter(stores).collect();
            let environment = compose["services"][service]["environment"].as_object();
            let laptop: BTreeSet<&str> =
                environment.into_iter().flatten().map(|(v, _)| v.as_str()).filter(stores).collect();
            assert_eq!(cloud, laptop, "{} {service}", application.name);
        }
    }
}

#[test]
fn a_database_is_spoken_to_in_its_own_language() {
    let clients = [("postgres", "psql"), ("mysql", "mariadb"), ("mongodb", "mongosh")];
    for (engine, own) in clients {
        let text = format!(
            "version: 1\nname: app\nservices:\n  api: {{ build: ./api, port: 8080, uses: [db] }}\nresources:\n  db: {{ type: {engine} }}\n"
        );
        let application = application(engine, &text);
        let text: String = pages(&bundle(&application).0).into_iter().map(|(_, text)| text).collect();
        for (_, client) in clients {
            let spoken = text.lines().any(|l| l.starts_with(client) || l.contains(&format!("({client} ")));
            assert_eq!(spoken, client == own, "{engine}: {client}");
        }
    }
}

#[test]
fn only_a_pipeline_on_github_is_operated_with_its_command_line() {
    let text = "version: 1\nname: app\nservices:\n  api: { build: ./api, port: 8080, uses: [db] }\nresources:\n  db: { type: postgres }\n";
    for (ci, delivered) in [("github-actions", true), ("another", false)] {
        let mut application = application("delivered", text);
        application.spec.deliver.ci = ci.to_owned();
        let text: String = pages(&bundle(&application).0).into_iter().map(|(_, text)| text).collect();
        let commanded =
            text.lines().any(|l| l.starts_with("gh ") || l.contains("$(gh ") || l.contains(FOLDER));
        assert_eq!(commanded, delivered, "{ci}");
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
