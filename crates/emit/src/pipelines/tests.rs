//! Pipelines of applications of every shape.
//!
//! `MAINSTAY_PIPELINES=DIR cargo test -p emit bundles_for_the_judges -- --ignored` writes each bundle below that
//! folder, for the judges of `conformance/workflows.sh`.

use std::collections::BTreeSet;
use std::fmt::Write;

use ir::{Bundle, Diagnostics, SourceMap, World};
use serde_json::Value;

use super::*;

/// Applications by name: every way a service can be built, run and released.
fn applications() -> Vec<(&'static str, String)> {
    let with = |services: &str| {
        format!(
            "version: 1\nname: app\nowner: ops@app.example\ncloud: {{ provider: aws, regions: [eu-west-1] }}\nservices:\n{services}"
        )
    };
    let mut many = String::new();
    for i in 0..200 {
        let _ = writeln!(
            many,
            "  service-{i}: {{ build: ./services/service-{i}, port: 8080, load: {{ requests: 1/s }} }}"
        );
    }
    vec![
        ("no-images", with("  proxy: { image: \"nginx:1.27\", port: 80, public: true }\n")),
        (
            "one-service",
            with(
                "  api: { build: ./api, port: 8080, public: true, health: /healthz, load: { requests: 50/s } }\n",
            ),
        ),
        ("only-static", with("  web: { static: ./web/dist, public: true }\n")),
        ("two-hundred", with(&many)),
        (
            "released",
            with(
                "  canary: { build: ./a, port: 80, public: true, health: /h, host: a.app.example, release: canary, uses: [db], load: { requests: 500/s } }\n  blue: { build: ./b, port: 80, public: true, host: b.app.example, release: blue-green, load: { requests: 500/s } }\n  seed-task: { build: ./a, once: true, uses: [db] }\n  nightly: { build: ./c, schedule: \"0 2 * * *\", uses: [db] }\n  image: { build: { context: ., dockerfile: deploy/Dockerfile, target: run, args: { A: \"1 2\", B: \"x\" } }, uses: [db, papers], load: { messages: 1/s } }\n  network: { build: ./d, port: 9000, load: { requests: 5/s } }\n  web: { static: ./web/dist, public: true, uses: [canary] }\n  rpc: { build: ./e, port: 9090, protocol: grpc, public: true, host: rpc.app.example, uses: [bus], load: { requests: 5/s } }\nresources:\n  db: { type: postgres, migrations: ./migrations }\n  papers: { type: mongodb }\n  bus: { type: rabbitmq }\nenvironments:\n  staging: {}\n  production: { approvers: [ops@app.example] }\n",
            ),
        ),
        (
            "functions",
            with(
                "  api: { build: ./api, port: 8080, public: true, load: { requests: 0.01/s } }\ndeliver: { runtime: lambda }\n",
            ),
        ),
        ("shop", include_str!("../../../../examples/shop/mainstay.yaml").to_owned()),
    ]
}

/// The scan's findings that a test gives the services of a spec in turn, so that every language occurs.
fn scanned(spec: &mut spec::Spec) {
    use spec::{Scan, Stack};
    let words = |text: &str| Some(text.split(' ').map(str::to_owned).collect::<Vec<_>>());
    let found = |stack, lockfile: &str, lint: &str, test: &str| Scan {
        stack: Some(stack),
        lockfile: Some(lockfile.to_owned()).filter(|l| !l.is_empty()),
        lint: words(lint),
        test: words(test),
        ..Scan::default()
    };
    let scans = [
        found(Stack::NodeNpm, "package-lock.json", "npm run lint", "npm run test"),
        found(Stack::NodeNpm, "", "npm run lint", "npm run test"),
        found(Stack::NodePnpm, "pnpm-lock.yaml", "pnpm run lint", "pnpm run test"),
        found(Stack::NodeYarn, "yarn.lock", "yarn run lint", "yarn run test"),
        found(Stack::PythonPip, "requirements.txt", "ruff check .", "python -m pytest"),
        found(Stack::PythonPoetry, "poetry.lock", "ruff check .", "python -m pytest"),
        found(Stack::PythonPip, "", "ruff check .", "python -m pytest"),
        found(Stack::PythonUv, "", "ruff check .", "python -m unittest"),
        found(Stack::Go, "go.sum", "go vet ./...", "go test ./..."),
        found(Stack::Go, "", "go vet ./...", "go test ./..."),
        found(Stack::JavaMaven, "", "mvn verify", "mvn verify"),
        found(Stack::JavaGradle, "", "gradle check", "gradle check"),
        Scan::default(),
    ];
    let builds = spec.services.values_mut().filter_map(|s| match &mut s.source {
        spec::Source::Build(build) => Some(build),
        _ => None,
    });
    for (build, scan) in builds.zip(scans.iter().cycle()) {
        build.scan = Some(scan.clone());
    }
}

/// What the target writes for one application, what it says, and the stacks it was made from.
fn emitted(text: &str) -> (Bundle, Diagnostics, Vec<ir::Stack>) {
    let mut files = SourceMap::default();
    let (spec, said) = spec::yaml::read("mainstay.yaml", text, &[], &mut files);
    let mut spec = spec.unwrap_or_else(|| panic!("{said:#?}"));
    scanned(&mut spec);
    let world = ir::MemoryWorld::with([("migrations/1_orders.sql", "-- migrate:up\n-- migrate:down\n")]);
    let said = spec::scan::prepare(&world, std::path::Path::new(""), &mut spec);
    assert!(said.is_empty(), "{said:?}");
    let (blueprint, said) = design::design(&spec);
    let blueprint = blueprint.unwrap_or_else(|| panic!("{said:#?}"));
    let (stacks, _) = lower::lower(&spec, &blueprint);
    let estimates: Vec<_> = stacks.iter().map(cost::estimate).collect();
    let report = check::Report::default();
    let context = Context {
        spec: &spec,
        blueprint: &blueprint,
        stacks: &stacks,
        estimates: &estimates,
        report: &report,
        rehearsals: &[],
    };
    assert!((TARGET.wanted)(&context));
    let (bundle, diagnostics) = (TARGET.emit)(&context);
    (bundle, diagnostics, stacks)
}

fn bundles() -> Vec<(&'static str, Bundle)> {
    applications().into_iter().map(|(name, text)| (name, emitted(&text).0)).collect()
}

/// Every workflow of every application, as data.
fn workflows() -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (name, bundle) in bundles() {
        for (path, file) in bundle.iter().filter(|(p, _)| p.ends_with(".yml")) {
            let data = serde_saphyr::from_str(&file.text).unwrap_or_else(|e| panic!("{name}/{path}: {e}"));
            found.push((format!("{name}/{path}"), data));
        }
    }
    found
}

fn jobs(workflow: &Value) -> impl Iterator<Item = (&String, &Value)> {
    workflow["jobs"].as_object().expect("a workflow has jobs").iter()
}

fn steps(job: &Value) -> &[Value] {
    job["steps"].as_array().map_or(&[], Vec::as_slice)
}

fn facts(bundle: &Bundle) -> Value {
    serde_json::from_str(file(bundle, "infra/pipeline/delivery.json")).expect("delivery.json is JSON")
}

fn file<'b>(bundle: &'b Bundle, path: &str) -> &'b str {
    &bundle.get(path).unwrap_or_else(|| panic!("no {path}")).text
}

#[test]
#[ignore = "writes the bundles that conformance/workflows.sh judges"]
fn bundles_for_the_judges() {
    let world = ir::OsWorld::default();
    let folder = world.env("MAINSTAY_PIPELINES").expect("MAINSTAY_PIPELINES names a folder");
    for (name, bundle) in bundles() {
        for (path, file) in bundle.iter() {
            let target = std::path::Path::new(&folder).join(name).join(path);
            world.write(&target, file.text.as_bytes(), file.executable).expect("the file can be written");
        }
    }
}

#[test]
fn nothing_is_granted_at_the_top_and_nothing_runs_for_ever() {
    for (path, workflow) in workflows() {
        assert_eq!(workflow["permissions"], serde_json::json!({}), "{path}");
        for (id, job) in jobs(&workflow) {
            assert!(job["permissions"].is_object(), "{path}: {id}");
            assert!(job["uses"].is_string() || job["timeout-minutes"].is_u64(), "{path}: {id}");
        }
        assert!(workflow["on"]["pull_request_target"].is_null(), "{path}");
    }
}

#[test]
fn every_action_is_one_of_the_verified_pins() {
    let known: BTreeSet<String> = pins::PINS.iter().map(|p| format!("{}@{}", p.action, p.commit)).collect();
    let mut seen = BTreeSet::new();
    for (path, workflow) in workflows() {
        for step in jobs(&workflow).flat_map(|(_, job)| steps(job)) {
            if let Some(action) = step["uses"].as_str() {
                assert!(known.contains(action), "{path}: {action}");
                seen.insert(action.to_owned());
            }
            if step["uses"].as_str().is_some_and(|u| u.starts_with("actions/checkout@")) {
                assert_eq!(step["with"]["persist-credentials"], false, "{path}");
            }
        }
    }
    let unseen: Vec<_> =
        known.difference(&seen).filter(|a| !a.starts_with("docker/setup-qemu-action@")).collect();
    assert!(unseen.is_empty(), "{unseen:?}");
}

#[test]
fn no_expression_reaches_a_shell_and_no_workflow_reads_a_secret() {
    for (name, bundle) in bundles() {
        for (path, file) in bundle.iter().filter(|(p, _)| p.ends_with(".yml") || p.ends_with(".sh")) {
            assert!(!file.text.contains("secrets."), "{name}/{path}");
        }
    }
    for (path, workflow) in workflows() {
        for step in jobs(&workflow).flat_map(|(_, job)| steps(job)) {
            assert!(!step["run"].as_str().unwrap_or_default().contains("${{"), "{path}: {step}");
        }
    }
}

#[test]
fn every_need_is_a_job_every_script_is_written_and_every_matrix_fits() {
    for (name, bundle) in bundles() {
        let scripts: BTreeSet<&str> = bundle.iter().map(|(p, _)| p).filter(|p| p.ends_with(".sh")).collect();
        for (path, text) in bundle.iter().filter(|(p, _)| p.ends_with(".yml")) {
            let workflow: Value = serde_saphyr::from_str(&text.text).expect("valid YAML");
            for (id, job) in jobs(&workflow) {
                for need in job["needs"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                    assert!(workflow["jobs"][need].is_object(), "{name}/{path}: {id} needs {need}");
                }
                let rows = job["strategy"]["matrix"]["include"].as_array().map_or(1, Vec::len);
                assert!((1..=256).contains(&rows), "{name}/{path}: {id} has {rows} runs");
                for word in
                    steps(job).iter().filter_map(|s| s["run"].as_str()).flat_map(str::split_whitespace)
                {
                    let called = word.starts_with("infra/pipeline/") && word.ends_with(".sh");
                    assert!(!called || scripts.contains(word), "{name}/{path}: {word}");
                }
            }
        }
    }
}

#[test]
fn a_script_in_the_folder_is_a_script_in_the_bundle() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/pipelines/scripts");
    let entries = ir::OsWorld::default().list(&folder).expect("the folder is there");
    let found: BTreeSet<String> = entries.into_iter().map(|entry| entry.name).collect();
    let written: BTreeSet<String> = scripts::SCRIPTS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(found, written);
}

#[test]
fn every_service_is_tested_or_said_to_be_untested() {
    for (name, bundle) in bundles() {
        let workflow: Value =
            serde_saphyr::from_str(file(&bundle, ".github/workflows/ci.yml")).expect("valid YAML");
        let rows = jobs(&workflow)
            .filter(|(id, _)| id.starts_with("test-"))
            .flat_map(|(_, job)| job["strategy"]["matrix"]["include"].as_array().into_iter().flatten())
            .filter_map(|row| row["service"].as_str());
        let said = steps(&workflow["jobs"]["untested"]).iter().filter_map(|s| s["env"]["SERVICES"].as_str());
        let mut seen: Vec<&str> = rows.chain(said.flat_map(str::split_whitespace)).collect();
        seen.sort_unstable();
        let facts = facts(&bundle);
        let mut built: Vec<&str> =
            facts["sources"].as_object().expect("a map").keys().map(String::as_str).collect();
        built.sort_unstable();
        assert_eq!(seen, built, "{name}");
    }
}

#[test]
fn a_cache_is_kept_only_where_a_file_says_when_it_is_stale() {
    let mut without = 0;
    for (path, workflow) in workflows().into_iter().filter(|(path, _)| path.ends_with("/ci.yml")) {
        let rows = jobs(&workflow)
            .filter(|(id, _)| id.starts_with("test-"))
            .flat_map(|(_, job)| job["strategy"]["matrix"]["include"].as_array().into_iter().flatten());
        for row in rows.filter(|row| row["cache"].is_string()) {
            let off = ["", "false"].contains(&row["cache"].as_str().expect("text"));
            assert_eq!(off, row["lockfile"] == "", "{path}: {row}");
            without += usize::from(off);
        }
    }
    assert!(without > 0);
}

#[test]
fn every_root_variable_of_the_pipeline_is_a_pushed_image_or_a_password_that_only_applies_read() {
    for (name, text) in applications() {
        let (bundle, _, stacks) = emitted(&text);
        let workflow: Value =
            serde_saphyr::from_str(file(&bundle, ".github/workflows/ci.yml")).expect("valid YAML");
        let mut pushed: Vec<&str> = jobs(&workflow)
            .filter(|(id, _)| id.starts_with("push-"))
            .flat_map(|(_, job)| job["strategy"]["matrix"]["include"].as_array().into_iter().flatten())
            .filter_map(|row| row["variable"].as_str())
            .collect();
        pushed.sort_unstable();
        for stack in stacks.iter().filter(|s| s.environment) {
            let passwords = &facts(&bundle)["environments"][&stack.name]["passwords"];
            let passwords = passwords.as_array().expect("a list");
            let mut given: Vec<&str> = passwords.iter().filter_map(|p| p["variable"].as_str()).collect();
            given.extend(&pushed);
            given.sort_unstable();
            let mut wanted: Vec<String> =
                ir::names::set_by_pipeline(stack).into_iter().map(|(v, ..)| v).collect();
            wanted.sort_unstable();
            assert_eq!(given, wanted, "{name}: {}", stack.name);
            for password in passwords {
                let held = stack.graph.of_kind("aws_secretsmanager_secret").any(|secret| {
                    secret.get("name").and_then(ir::Value::text).as_deref() == password["secret"].as_str()
                });
                assert!(held, "{name}: {password}");
            }
        }
    }
}

#[test]
fn every_ecs_service_site_and_task_of_the_graph_is_released() {
    for (name, text) in applications() {
        let (bundle, _, stacks) = emitted(&text);
        let facts = facts(&bundle);
        for stack in stacks.iter().filter(|s| s.environment) {
            let facts = &facts["environments"][&stack.name];
            let list = |key: &str| facts[key].as_array().expect("a list").clone();
            let ecs: BTreeSet<String> =
                stack.graph.of_kind("aws_ecs_service").filter_map(|n| n.get("name")?.text()).collect();
            let released: BTreeSet<String> = [list("rolling"), list("shifted")]
                .concat()
                .iter()
                .filter_map(|s| s["service"].as_str().map(str::to_owned))
                .collect();
            assert_eq!(ecs, released, "{name}: {}", stack.name);
            assert_eq!(stack.graph.of_kind("aws_codedeploy_app").count(), list("shifted").len(), "{name}");
            let declared: BTreeSet<String> = stack
                .graph
                .components
                .iter()
                .flat_map(|(c, d)| d.outputs.keys().map(|o| ir::names::in_root(stack, c, o)))
                .collect();
            let keys = [
                "task_definition",
                "cluster",
                "subnets",
                "security_group",
                "bucket",
                "distribution",
                "output",
            ];
            for entry in [list("tasks"), list("sites"), list("checks")].concat() {
                for output in keys.iter().filter_map(|k| entry[*k].as_str()) {
                    assert!(declared.contains(output), "{name}: no output {output}");
                }
            }
            let sites = stack.graph.of_kind("aws_cloudfront_distribution").count();
            assert_eq!(sites, list("sites").len(), "{name}: {}", stack.name);
        }
    }
}

#[test]
fn every_password_that_the_cloud_replaces_is_replaced_by_the_pipeline_with_its_readers() {
    let mut read = 0;
    for (name, text) in applications() {
        let (bundle, _, stacks) = emitted(&text);
        let facts = facts(&bundle);
        let mut environments = Vec::new();
        for stack in stacks.iter().filter(|s| s.environment) {
            let graph = &stack.graph;
            let rotated = facts["environments"][&stack.name]["rotated"].as_array().expect("a list");
            let rotations: Vec<_> = graph.of_kind("aws_secretsmanager_secret_rotation").collect();
            assert_eq!(rotations.len(), rotated.len(), "{name}: {}", stack.name);
            for (rotation, rotated) in rotations.iter().zip(rotated) {
                let store = &rotation.address.component;
                assert_eq!(rotated["component"], store.as_str());
                let outputs = &graph.components[store].outputs;
                let known = outputs.keys().any(|o| rotated["secret"] == ir::names::in_root(stack, store, o));
                assert!(known, "{name}: {rotated}");
                // A task that reads the password is a service's, or one that runs anew each time.
                let secret = &rotation.get("secret_id").expect("it is set").refs()[0].to;
                let tasks =
                    graph.of_kind("aws_ecs_task_definition").filter(|n| n.dependencies().contains(secret));
                let mut readers: Vec<String> = tasks
                    .flat_map(|task| {
                        let ours = move |n: &&ir::Node| n.address.component == task.address.component;
                        graph.of_kind("aws_ecs_service").filter(ours)
                    })
                    .filter_map(|service| service.get("name")?.text())
                    .collect();
                let mut said: Vec<String> = rotated["readers"]
                    .as_array()
                    .expect("a list")
                    .iter()
                    .filter_map(|r| r.as_str().map(str::to_owned))
                    .collect();
                readers.sort_unstable();
                said.sort_unstable();
                assert_eq!(readers, said, "{name}: {store}");
                read += said.len();
            }
            if !rotated.is_empty() {
                environments.push(stack.name.clone());
            }
        }
        let workflow = bundle.get(".github/workflows/rotate.yml");
        assert_eq!(workflow.is_some(), !environments.is_empty(), "{name}");
        let Some(workflow) = workflow else { continue };
        let workflow: Value = serde_saphyr::from_str(&workflow.text).expect("valid YAML");
        let jobs: Vec<&str> = jobs(&workflow).filter_map(|(_, job)| job["environment"].as_str()).collect();
        assert_eq!(jobs, environments, "{name}");
        let deploy: Value =
            serde_saphyr::from_str(file(&bundle, ".github/workflows/deploy.yml")).expect("valid YAML");
        let lane = deploy["jobs"]["deploy"]["concurrency"]["group"].as_str().expect("text");
        for environment in &environments {
            let job = &workflow["jobs"][format!("rotate-{environment}")];
            let expected = lane.replace("${{ inputs.environment }}", environment);
            assert_eq!(job["concurrency"]["group"], expected.as_str(), "{name}");
        }
    }
    assert!(read > 0);
}

#[test]
fn a_merge_of_documents_deploys_nothing_unless_something_is_made_of_them() {
    let ignored = |services: &str| {
        let text = format!(
            "version: 1\nname: app\nowner: ops@app.example\ncloud: {{ provider: aws, regions: [eu-west-1] }}\nservices:\n{services}"
        );
        let (bundle, ..) = emitted(&text);
        let workflow: Value =
            serde_saphyr::from_str(file(&bundle, ".github/workflows/ci.yml")).expect("valid YAML");
        assert!(workflow["on"]["pull_request"]["paths-ignore"].is_null());
        let paths = workflow["on"]["push"]["paths-ignore"].as_array();
        let words = |p: &Value| p.as_str().map(str::to_owned);
        paths.map(|list| list.iter().filter_map(words).collect::<Vec<_>>().join(" ")).unwrap_or_default()
    };
    for (services, expected) in [
        ("  api: { build: ./api, port: 80 }\n", "*.md docs/** handoffs/** secrets/README.md"),
        ("  api: { build: ., port: 80 }\n", ""),
        ("  api: { build: docs/api, port: 80 }\n", "*.md handoffs/** secrets/README.md"),
        ("  web: { static: ./docs, public: true }\n", "*.md handoffs/** secrets/README.md"),
        (
            "  web: { static: ./docs-of-ours/public, public: true }\n",
            "*.md docs/** handoffs/** secrets/README.md",
        ),
    ] {
        assert_eq!(ignored(services), expected, "{services}");
    }
}

#[test]
fn only_a_job_that_deploys_waits_for_approval_and_never_two_at_once() {
    for (path, workflow) in workflows() {
        for (id, job) in jobs(&workflow) {
            let deploys =
                steps(job).iter().any(|s| s["with"]["role-to-assume"] == "${{ vars.AWS_DEPLOY_ROLE_ARN }}");
            assert_eq!(deploys, job["environment"].is_string(), "{path}: {id}");
            if deploys {
                assert_eq!(job["concurrency"]["cancel-in-progress"], false, "{path}: {id}");
            }
        }
    }
}

#[test]
fn what_starts_by_itself_waits_until_its_role_is_known() {
    for (path, workflow) in workflows() {
        let pushed = workflow["on"]["push"].is_object() || workflow["on"]["workflow_call"].is_object();
        for (id, job) in jobs(&workflow).filter(|_| !pushed) {
            let becomes = steps(job).iter().any(|s| s["with"]["role-to-assume"].is_string());
            let condition = job["if"].as_str().unwrap_or_default();
            assert!(!becomes || condition.contains("vars.AWS_PLAN_ROLE_ARN != ''"), "{path}: {id}");
        }
    }
}

#[test]
fn functions_carry_no_attestations_and_everything_else_does() {
    for (name, attested) in [("functions", false), ("one-service", true)] {
        let (_, bundle) = bundles().into_iter().find(|(n, _)| *n == name).expect("it is listed");
        let workflow: Value =
            serde_saphyr::from_str(file(&bundle, ".github/workflows/ci.yml")).expect("valid YAML");
        let rows: Vec<&Value> = jobs(&workflow)
            .filter(|(id, _)| id.starts_with("push-"))
            .flat_map(|(_, job)| job["strategy"]["matrix"]["include"].as_array().into_iter().flatten())
            .collect();
        assert!(!rows.is_empty() && rows.iter().all(|row| row["sbom"] == attested), "{name}");
    }
}

#[test]
fn migrations_are_tried_on_an_empty_database_before_any_image_is_pushed() {
    let (_, bundle) = bundles().into_iter().find(|(n, _)| *n == "shop").expect("it is listed");
    let workflow: Value = serde_saphyr::from_str(file(&bundle, ".github/workflows/ci.yml")).expect("YAML");
    let job = &workflow["jobs"]["migrations-postgres"];
    assert_eq!(job["services"]["database"]["image"], "${{ matrix.image }}");
    let rows = job["strategy"]["matrix"]["include"].as_array().expect("rows");
    assert_eq!((rows.len(), &rows[0]["image"]), (1, &Value::from("postgres:16-bookworm")));
    let pushes: Vec<&Value> =
        jobs(&workflow).filter(|(id, _)| id.starts_with("push-")).map(|(_, job)| &job["needs"]).collect();
    let waits = |needs: &&Value| needs.as_array().is_some_and(|n| n.contains(&"migrations-postgres".into()));
    assert!(!pushes.is_empty() && pushes.iter().all(waits));

    let facts: Value = serde_json::from_str(file(&bundle, "infra/pipeline/delivery.json")).expect("JSON");
    let trial = &facts["migrations"]["db-migrations"];
    assert_eq!(
        (&trial["context"], &trial["settings"]["DB_HOST"]),
        (&"migrations".into(), &"127.0.0.1".into())
    );
    assert!(facts["sources"]["db-migrations"].is_null(), "there is nothing to lint or test");
    for environment in ["staging", "production"] {
        assert_eq!(facts["environments"][environment]["tasks"][0]["service"], "db-migrations");
    }
}

#[test]
fn the_cost_of_every_stack_is_written_in_whole_cents() {
    for (name, bundle) in bundles() {
        let cost: Value = serde_json::from_str(file(&bundle, "infra/cost.json")).expect("JSON");
        for (stack, components) in cost.as_object().expect("a map") {
            for (component, monthly) in components.as_object().expect("a map") {
                let cents = monthly.as_f64().expect("a number") * 100.0;
                assert!((cents - cents.round()).abs() < 1e-6, "{name}: {stack}.{component} {monthly}");
            }
        }
    }
}
