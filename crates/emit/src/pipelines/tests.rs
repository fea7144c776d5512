//! Pipelines of applications of every shape.
//!
//! `MAINSTAY_PIPELINES=DIR cargo test -p emit pipelines` writes each bundle below that folder, for the judges of
//! `conformance/workflows.sh`.

use std::collections::BTreeSet;
use std::fmt::Write;

use ir::{Bundle, Diagnostics, SourceMap};
use serde_json::Value;

use super::*;

/// Applications by name: every way a service can be built, run and released.
fn applications() -> Vec<(&'static str, String)> {
    let with = |services: &str| format!("version: 1\nname: app\nowner: ops@app.example\ncloud: {{ provider: aws, regions: [eu-west-1] }}\nservices:\n{services}");
    let mut many = String::new();
    for i in 0..200 {
        let _ = writeln!(many, "  service-{i}: {{ build: ./services/service-{i}, port: 8080, load: {{ requests: 1/s }} }}");
    }
    vec![
        ("no-images", with("  proxy: { image: \"nginx:1.27\", port: 80, public: true }\n")),
        ("one-service", with("  api: { build: ./api, port: 8080, public: true, health: /healthz, load: { requests: 50/s } }\n")),
        ("only-static", with("  web: { static: ./web/dist, public: true }\n")),
        ("two-hundred", with(&many)),
        ("released", with("  canary: { build: ./a, port: 80, public: true, health: /h, host: a.app.example, release: canary, load: { requests: 500/s } }\n  blue: { build: ./b, port: 80, public: true, host: b.app.example, release: blue-green, load: { requests: 500/s } }\n  seed-task: { build: ./a, once: true, uses: [db] }\n  nightly: { build: ./c, schedule: \"0 2 * * *\", uses: [db] }\n  image: { build: { context: ., dockerfile: deploy/Dockerfile, target: run, args: { A: \"1 2\", B: \"x\" } }, uses: [db], load: { messages: 1/s } }\n  network: { build: ./d, port: 9000, load: { requests: 5/s } }\n  web: { static: ./web/dist, public: true, uses: [canary] }\nresources:\n  db: { type: postgres, migrations: ./migrations }\n")),
        ("functions", with("  api: { build: ./api, port: 8080, public: true, load: { requests: 0.01/s } }\ndeliver: { runtime: lambda }\n")),
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
        found(Stack::NodePnpm, "pnpm-lock.yaml", "pnpm run lint", "pnpm run test"),
        found(Stack::NodeYarn, "yarn.lock", "yarn run lint", "yarn run test"),
        found(Stack::PythonPip, "requirements.txt", "ruff check .", "python -m pytest"),
        found(Stack::PythonPoetry, "poetry.lock", "ruff check .", "python -m pytest"),
        found(Stack::PythonUv, "", "ruff check .", "python -m unittest"),
        found(Stack::Go, "go.sum", "go vet ./...", "go test ./..."),
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

/// What one application's target says and writes; nothing when it is not asked for.
fn emitted(text: &str) -> Option<(Bundle, Diagnostics)> {
    let mut files = SourceMap::default();
    let (spec, said) = spec::yaml::read("mainstay.yaml", text, &[], &mut files);
    let mut spec = spec.unwrap_or_else(|| panic!("{said:#?}"));
    scanned(&mut spec);
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
    (TARGET.wanted)(&context).then(|| (TARGET.emit)(&context))
}

fn bundles() -> Vec<(&'static str, Bundle)> {
    applications().into_iter().filter_map(|(name, text)| Some((name, emitted(&text)?.0))).collect()
}

fn file<'b>(bundle: &'b Bundle, path: &str) -> &'b str {
    &bundle.get(path).unwrap_or_else(|| panic!("no {path}")).text
}

#[test]
fn bundles_are_written_for_the_judges() {
    let Ok(folder) = std::env::var("MAINSTAY_PIPELINES") else { return };
    for (name, bundle) in bundles() {
        for (path, file) in bundle.iter() {
            let target = std::path::Path::new(&folder).join(name).join(path);
            std::fs::create_dir_all(target.parent().expect("a file has a folder")).expect("the folder can be made");
            std::fs::write(&target, &file.text).expect("the file can be written");
        }
    }
}
