//! What is watched, and that every alert leads somewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use check::Report;
use emit::alerts::{Rings, Severity, alerts};
use ir::{World, yaml::Yaml};

use crate::bundles::{Application, all, bundle, context, example};

/// Writes every bundle into a folder each under the folder that this variable names, for the outside judges.
const OUT: &str = "MAINSTAY_BUNDLES";

#[test]
fn bundles_can_be_handed_to_the_outside_judges() {
    let world = ir::OsWorld::default();
    let Some(out) = world.env(OUT) else {
        eprintln!("skipped: {OUT} names no folder");
        return;
    };
    for application in all() {
        for (path, file) in bundle(application).0.iter() {
            let to = Path::new(&out).join(&application.name).join(path);
            world.write(&to, file.text.as_bytes(), file.executable).expect("the folder can be written to");
        }
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for application in all() {
        assert_eq!(bundle(application).0, bundle(application).0, "{}", application.name);
    }
}

#[test]
fn every_alert_has_a_runbook_and_every_runbook_is_linked() {
    for application in all() {
        let report = Report::default();
        let context = context(application, &report);
        let (files, _) = bundle(application);
        let monitoring = &files.get("docs/monitoring.md").expect("is always written").text;
        let mut named = BTreeSet::new();
        for alert in alerts(&context) {
            let path = format!("docs/runbooks/{}.md", alert.runbook);
            assert!(files.get(&path).is_some(), "{}: {} leads to {path}", application.name, alert.name);
            assert!(!alert.meaning.is_empty() && !alert.threshold.is_empty(), "{alert:?}");
            named.insert(alert.runbook);
        }
        for (path, _) in files.iter().filter(|(p, _)| p.starts_with("docs/runbooks/")) {
            let slug = path.trim_start_matches("docs/runbooks/").trim_end_matches(".md");
            let linked = monitoring.contains(&format!("(runbooks/{slug}.md)"));
            assert!(linked, "{}: nothing leads to {path}", application.name);
        }
    }
}

#[test]
fn every_rule_names_a_runbook_of_the_bundle() {
    for application in all() {
        let (files, _) = bundle(application);
        for (path, file) in files.iter().filter(|(p, _)| p.starts_with("observability/prometheus/rules")) {
            for line in file.text.lines().filter_map(|l| l.trim().strip_prefix("runbook_url:")) {
                let to = line.trim().trim_matches(['"', '\'']);
                assert!(files.get(to).is_some(), "{}: {path} names {to}", application.name);
            }
        }
    }
}

#[test]
fn every_alarm_of_the_cloud_is_in_the_list_with_a_runbook_of_its_own() {
    for application in all() {
        let report = Report::default();
        let context = context(application, &report);
        let listed: BTreeMap<String, String> = alerts(&context)
            .into_iter()
            .filter_map(|a| match a.rings {
                Rings::Cloud(address) => Some((format!("{:?} {address}", a.environment), a.runbook)),
                Rings::Prometheus(_) => None,
            })
            .collect();
        for stack in &application.stacks {
            for alarm in stack.graph.of_kind("aws_cloudwatch_metric_alarm") {
                let key = format!("{:?} {}", Some(&stack.name), alarm.address);
                let runbook = listed.get(&key).unwrap_or_else(|| panic!("{}: {key}", application.name));
                assert_ne!(runbook, emit::document::runbooks::ANY_ALARM, "{}: {key}", application.name);
            }
            for info in lower::alarms(stack) {
                let page = emit::document::runbooks::find(&info.runbook_slug);
                assert!(page.is_some(), "{}: no page for {}", application.name, info.runbook_slug);
            }
        }
    }
}

#[test]
fn only_environments_that_people_depend_on_page_through_the_cloud() {
    for application in all() {
        let report = Report::default();
        for alert in alerts(&context(application, &report)) {
            let Some(environment) = &alert.environment else { continue };
            let critical = application.blueprint.environments.get(environment).is_some_and(|e| e.critical);
            assert!(critical || alert.severity == Severity::Ticket, "{}: {alert:?}", application.name);
        }
    }
}

fn tree(application: &Application, path: &str) -> Yaml {
    let (files, _) = bundle(application);
    let text = &files.get(path).unwrap_or_else(|| panic!("{}: {path}", application.name)).text;
    let mut sources = ir::SourceMap::default();
    let file = sources.add(path, text);
    let (documents, said) = ir::yaml::parse(text, file);
    assert!(!said.has_errors(), "{path}: {said:#?}");
    documents.into_iter().next().expect("a document")
}

fn find(name: &str) -> &'static Application {
    all().iter().find(|a| a.name == name).expect("is a shape")
}

/// Alerts about what a service reports, then those about probes of it.
fn alerts_of(name: &str, service: &str) -> Vec<String> {
    let (files, _) = bundle(find(name));
    let mut found = Vec::new();
    for folder in ["rules", "rules/probes"] {
        let path = format!("observability/prometheus/{folder}/{service}.yml");
        if files.get(&path).is_none() {
            continue;
        }
        let file = tree(find(name), &path);
        let groups = file.get("groups").and_then(Yaml::items).expect("groups");
        let rules = groups.iter().flat_map(|g| g.get("rules").and_then(Yaml::items).expect("rules"));
        found.extend(rules.filter_map(|r| r.get("alert").and_then(Yaml::scalar)));
    }
    found
}

#[test]
fn what_rings_follows_from_what_is_promised() {
    let burns = |n: usize, name: &str| vec![name.to_owned(); n];
    let and = |mut first: Vec<String>, more: &[&str]| {
        first.extend(more.iter().map(|s| (*s).to_owned()));
        first
    };
    let cases = [
        ("no-slo", "api", and(vec![], &["RequestsFailing", "TelemetrySilent", "ProbeFailing"])),
        (
            "availability-only",
            "api",
            and(burns(4, "AvailabilityBudgetBurn"), &["TelemetrySilent", "ProbeFailing"]),
        ),
        (
            "latency-only",
            "api",
            and(
                burns(3, "LatencyBudgetBurn"),
                &["LatencyNotMeasured", "RequestsFailing", "TelemetrySilent", "ProbeFailing"],
            ),
        ),
        (
            "median",
            "api",
            and(
                burns(1, "LatencyBudgetBurn"),
                &["LatencyNotMeasured", "RequestsFailing", "TelemetrySilent", "ProbeFailing"],
            ),
        ),
        ("readers", "quiet", and(vec![], &["MessagesFailing", "TelemetrySilent"])),
        ("schedules", "monthly", and(vec![], &["ScheduleOverdue"])),
        ("static", "web", and(burns(4, "AvailabilityBudgetBurn"), &["ProbeFailing"])),
    ];
    for (name, service, expected) in cases {
        assert_eq!(alerts_of(name, service), expected, "{name}");
    }
    let (yearly, _) = bundle(find("schedules"));
    assert!(yearly.get("observability/prometheus/rules/yearly.yml").is_none());
}

#[test]
fn an_objective_that_nothing_measures_is_said() {
    let (_, said) = bundle(find("grpc-and-tcp"));
    let ids: Vec<&str> = said.iter().map(|d| d.id).collect();
    assert_eq!(ids, ["objective-not-measured"]);
    let (_, said) = bundle(find("only-prometheus"));
    assert!(said.iter().any(|d| d.id == "alerts-reach-nobody"));
}

#[test]
fn the_stack_takes_no_name_and_no_port_of_the_application() {
    for application in all() {
        let (files, _) = bundle(application);
        if files.get("observability/compose.yaml").is_none() {
            continue;
        }
        let overlay = tree(application, "observability/compose.yaml");
        let Some(services) = overlay.get("services").and_then(Yaml::entries) else { continue };
        for (key, service) in services {
            let name = key.text.clone();
            let own = application.spec.services.contains_key(&name);
            let image = service.get("image").is_some();
            assert_ne!(own, image, "{}: {name}", application.name);
        }
    }
}

#[test]
fn only_what_is_asked_for_is_written() {
    for (name, folders) in [
        ("only-cloud", vec![]),
        ("only-prometheus", vec!["alertmanager", "prometheus"]),
        ("only-grafana", vec!["grafana"]),
        ("only-opentelemetry", vec!["otel"]),
    ] {
        let (files, _) = bundle(find(name));
        let found: BTreeSet<&str> = files
            .iter()
            .filter_map(|(p, _)| p.strip_prefix("observability/")?.split_once('/'))
            .map(|(folder, _)| folder)
            .collect();
        assert_eq!(found.into_iter().collect::<Vec<_>>(), folders, "{name}");
    }
}

#[test]
fn dashboards_load_and_can_be_read() {
    for application in all() {
        let (files, _) = bundle(application);
        let mut uids = BTreeSet::new();
        for (path, file) in files.iter().filter(|(p, _)| p.contains("grafana/dashboards/")) {
            let at = format!("{} {path}", application.name);
            let dashboard: serde_json::Value = serde_json::from_str(&file.text).expect("is JSON");
            let uid = dashboard["uid"].as_str().expect("has one").to_owned();
            assert!(uid.len() <= 40, "{uid}");
            assert!(uids.insert(uid), "{at}");
            let variables = dashboard["templating"]["list"].as_array().expect("has some");
            let known: BTreeSet<&str> =
                variables.iter().filter_map(|v| v["name"].as_str()).chain(["__rate_interval"]).collect();
            let panels = dashboard["panels"].as_array().expect("has some");
            let ids: BTreeSet<u64> = panels.iter().filter_map(|p| p["id"].as_u64()).collect();
            assert_eq!(ids.len(), panels.len(), "{at}");
            let mut taken: Vec<[u64; 4]> = Vec::new();
            for panel in panels {
                let title = panel["title"].as_str().filter(|t| !t.is_empty()).expect("has a title");
                let [x, y, w, h] =
                    ["x", "y", "w", "h"].map(|k| panel["gridPos"][k].as_u64().expect("is placed"));
                assert!(w > 0 && h > 0 && x + w <= 24, "{at}: {title}");
                let apart =
                    |t: &[u64; 4]| x >= t[0] + t[2] || t[0] >= x + w || y >= t[1] + t[3] || t[1] >= y + h;
                assert!(taken.iter().all(apart), "{at}: {title} covers another");
                taken.push([x, y, w, h]);
                let unit = panel["fieldConfig"]["defaults"]["unit"].as_str();
                assert!(unit.is_some_and(|u| !u.is_empty()), "{at}: {title} has no unit");
                assert_eq!(panel["datasource"]["uid"], "${datasource}", "{at}: {title}");
                let targets = panel["targets"].as_array().expect("asks something");
                assert!(!targets.is_empty(), "{at}: {title}");
                let refs: BTreeSet<&str> = targets.iter().filter_map(|t| t["refId"].as_str()).collect();
                assert_eq!(refs.len(), targets.len(), "{at}: {title}");
                for target in targets {
                    let legend = target["legendFormat"].as_str();
                    assert!(legend.is_some_and(|l| !l.is_empty()), "{at}: {title} has a line without a name");
                    let query = target["expr"].as_str().expect("is a query");
                    for named in query.split('$').skip(1) {
                        let name: String =
                            named.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                        assert!(known.contains(name.as_str()), "{at}: {title} asks for ${name}");
                    }
                }
            }
        }
    }
}

#[test]
fn no_runbook_of_the_example_leaves_a_name_out_that_its_stacks_hold() {
    let (files, _) = bundle(&example());
    for (path, file) in files.iter().filter(|(p, _)| p.starts_with("docs/runbooks/")) {
        for missing in [
            "$ECS_CLUSTER",
            "$ECS_SERVICE",
            "$DB_INSTANCE",
            "$RDS_CLUSTER",
            "$SQS_QUEUE",
            "$CLOUDWATCH_LOG_GROUP",
        ] {
            assert!(!file.text.contains(missing), "{path}: {missing}\n{}", file.text);
        }
    }
}
