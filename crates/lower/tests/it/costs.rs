//! The designer's bill and the estimate of the graph are one and the same, for every application there is.

#![allow(clippy::print_stderr, reason = "a skipped test says so")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cost::Estimate;
use design::{Blueprint, upkeep};
use ir::{SourceMap, Stack, Usd};
use spec::{Provider, Spec};

/// The share, and the dollars a month where the share is less, by which the two may differ.
const TOLERANCE: (f64, f64) = (0.01, 1.0);

/// What no vendor's price list in the catalogue covers, in words of the reason.
const WITHOUT_PRICE: &[&str] = &["FIFO topics"];

struct Case {
    name: String,
    spec: Spec,
    blueprint: Blueprint,
    stacks: Vec<Stack>,
    estimates: Vec<Estimate>,
}

fn case(name: impl Into<String>, spec: Spec) -> Option<Case> {
    let name = name.into();
    let (blueprint, _) = design::design(&spec);
    let blueprint = blueprint?;
    let (stacks, _) = lower::lower(&spec, &blueprint);
    let estimates = stacks.iter().map(cost::estimate).collect();
    Some(Case { name, spec, blueprint, stacks, estimates })
}

fn written(name: &str, text: &str) -> Case {
    let (spec, said) = spec::yaml::read(name, text, &[], &mut SourceMap::default());
    let spec = spec.unwrap_or_else(|| panic!("{name}: {said:#?}"));
    case(name, spec).unwrap_or_else(|| panic!("{name} cannot be designed"))
}

fn shop() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/shop/mainstay.yaml");
    ir::World::read_text(&ir::OsWorld::default(), Path::new(path))
        .expect("the example is part of the project")
}

/// Specs that between them hold every type of resource and every kind of compute.
fn generated() -> Vec<Case> {
    let types = [
        "postgres",
        "mysql",
        "mongodb",
        "redis",
        "memcached",
        "queue",
        "topic",
        "rabbitmq",
        "kafka",
        "opensearch",
        "bucket",
    ];
    let mut cases = Vec::new();
    for ty in types {
        for (regions, availability) in [
            ("eu-west-1", ""),
            ("us-east-1", "availability: 99.9%"),
            ("eu-west-1, eu-central-1", "rpo: 1h"),
            // Two zones are all that a new account is offered there.
            ("us-west-1", ""),
        ] {
            let text = format!(
                "version: 1\nname: app\ncloud: {{ provider: aws, regions: [{regions}] }}\n\
                 environments:\n  staging: {{ scale: 10% }}\n  production: {{ {availability} }}\n\
                 services:\n  api: {{ build: ./api, port: 80, public: true, uses: [it] }}\n\
                 resources:\n  it: {{ type: {ty} }}\n"
            );
            cases.push(written(&format!("{ty} in {regions}"), &text));
        }
    }
    let services = [
        (
            "a canary behind a host",
            "api: { build: ./api, port: 80, public: true, host: api.a.example, release: canary, slo: { latency: 300ms@p95 }, load: { requests: 300/s, response: 20KiB } }",
        ),
        (
            "a site and its API",
            "api: { build: ./api, port: 80, public: true, load: { requests: 20/s, response: 5KiB } }\n  web: { static: ./web, public: true, uses: [api] }",
        ),
        (
            "two sites, one API",
            "api: { build: ./api, port: 80, public: true }\n  web: { static: ./web, public: true, uses: [api] }\n  admin: { static: ./admin, public: true, uses: [api] }",
        ),
        ("a site alone", "web: { static: ./web, public: true }"),
        (
            "a worker and a schedule",
            "work: { build: ./work }\n  nightly: { build: ./n, schedule: \"0 2 * * *\" }",
        ),
        ("a job on two schedules", "job: { build: ./n, schedule: \"0 2 1 * 1\" }"),
        (
            "public and private",
            "a: { build: ./a, port: 80, public: true }\n  b: { build: ./b, port: 81 }\n  c: { image: nginx, port: 82, public: true }",
        ),
    ];
    for (name, services) in services {
        for runtime in ["auto", "lambda"] {
            let text = format!(
                "version: 1\nname: app\ncloud: {{ provider: aws, regions: [eu-west-1] }}\nservices:\n  {services}\n\
                 secrets: [API_KEY]\ndeliver: {{ runtime: {runtime} }}\n"
            );
            cases.push(written(&format!("{name}, {runtime}"), &text));
        }
    }
    let many: String = (0..30)
        .map(|i| format!("  s{i}: {{ build: ./s, port: {}, load: {{ requests: {}/s }} }}\n", 8000 + i, i + 1))
        .collect();
    let text =
        format!("version: 1\nname: app\ncloud: {{ provider: aws, regions: [eu-west-1] }}\nservices:\n{many}");
    cases.push(written("thirty services", &text));
    let public = many.replace(", load", ", public: true, load").replace("/s }", "00/s }");
    let text = format!(
        "version: 1\nname: app\ncloud: {{ provider: aws, regions: [eu-west-1] }}\nservices:\n{public}"
    );
    cases.push(written("thirty public services", &text));
    for (name, resource) in [
        (
            "more I/O than a volume has by itself",
            "{ type: postgres, storage: 1TiB, load: { queries: 60000/s } }",
        ),
        ("messages in order", "{ type: queue, ordered: true }"),
        ("a topic in order", "{ type: topic, ordered: true }"),
    ] {
        let text = format!(
            "version: 1\nname: app\ncloud: {{ provider: aws, regions: [eu-west-1] }}\n\
             services:\n  api: {{ build: ./api, port: 80, public: true, uses: [it] }}\n\
             resources:\n  it: {resource}\n"
        );
        cases.push(written(name, &text));
    }
    cases
}

/// Specs on Google Cloud that between them hold every way in and every kind of compute.
fn on_gcp() -> Vec<Case> {
    let head = |region: &str| {
        format!(
            "version: 1\nname: app\nowner: a@b.example\ncloud: {{ provider: gcp, regions: [{region}] }}\n"
        )
    };
    let mut cases = Vec::new();
    for (name, services) in [
        (
            "a service behind a host",
            "api: { build: ./api, port: 80, public: true, host: api.a.example, load: { requests: 300/s, response: 20KiB } }",
        ),
        (
            "a site and its API",
            "api: { build: ./api, port: 80, public: true, load: { requests: 20/s, response: 5KiB } }\n  web: { static: ./web, public: true, uses: [api] }",
        ),
        ("a site alone", "web: { static: ./web, public: true }"),
        (
            "a worker and a schedule",
            "work: { build: ./work }\n  nightly: { build: ./n, schedule: \"0 2 * * *\" }",
        ),
        ("public and private", "a: { build: ./a, port: 80, public: true }\n  b: { build: ./b, port: 81 }"),
    ] {
        let text = format!("{}services:\n  {services}\nsecrets: [API_KEY]\n", head("europe-west1"));
        cases.push(written(name, &text));
    }
    cases
}

/// The same on the other clouds, as far as they have something for it.
fn elsewhere() -> Vec<Case> {
    let mut cases = Vec::new();
    for (cloud, home, second) in
        [("azure", "westeurope", "northeurope"), ("gcp", "europe-west1", "europe-west4")]
    {
        for ty in ["postgres", "mysql", "mongodb", "redis", "queue", "topic", "kafka", "bucket"] {
            for (regions, promise) in [
                (home.to_owned(), ""),
                (home.to_owned(), "availability: 99%, rto: 5min"),
                (format!("{home}, {second}"), "rpo: 1h"),
            ] {
                let text = format!(
                    "version: 1\nname: app\ncloud: {{ provider: {cloud}, regions: [{regions}] }}\n\
                     environments:\n  staging: {{ scale: 10% }}\n  production: {{ {promise} }}\n\
                     services:\n  api: {{ build: ./api, port: 80, public: true, uses: [it], load: {{ response: 5KiB }} }}\n  \
                     web: {{ static: ./web, public: true, uses: [api] }}\n  work: {{ build: ./w, uses: [it] }}\n  \
                     job: {{ build: ./n, schedule: \"0 2 * * *\" }}\n\
                     resources:\n  it: {{ type: {ty} }}\n"
                );
                let name = format!("{ty} in {regions}");
                let (spec, said) = spec::yaml::read(&name, &text, &[], &mut SourceMap::default());
                let spec = spec.unwrap_or_else(|| panic!("{name}: {said:#?}"));
                cases.extend(case(name, spec));
            }
        }
    }
    assert!(cases.len() >= 40, "{} cases", cases.len());
    cases
}

/// Every compose file below the shared corpora that can be read and designed.
fn corpora() -> Vec<Case> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpora/apps/compose"));
    let world = ir::OsWorld::default();
    let mut folders: Vec<PathBuf> = Vec::new();
    if ir::World::kind(&world, root).is_none() {
        eprintln!("skipped: the compose corpora are not at {}", root.display());
    }
    let mut open = vec![root.to_path_buf()];
    while let Some(folder) = open.pop() {
        let Ok(entries) = ir::World::list(&world, &folder) else { continue };
        for entry in entries {
            let path = folder.join(&entry.name);
            if ir::World::kind(&world, &path) == Some(ir::world::EntryKind::Folder) {
                open.push(path);
            }
        }
        folders.push(folder);
    }
    folders.sort();
    let read = |folder: PathBuf| {
        let files = spec::compose::find(&world, &folder)?;
        let (import, _) = spec::compose::read(&world, &files, &mut SourceMap::default());
        case(folder.strip_prefix(root).unwrap_or(&folder).display().to_string(), import?.spec)
    };
    folders.into_iter().filter_map(read).collect()
}

fn all() -> Vec<Case> {
    let mut cases = vec![written("shop", &shop())];
    let roomy = shop().replace("1500 USD", "9000 USD");
    cases.push(written("shop with room for everything", &roomy));
    cases.extend(generated());
    cases.extend(on_gcp());
    cases.extend(elsewhere());
    cases.extend(corpora());
    cases
}

fn near(a: Usd, b: Usd) -> bool {
    let (share, dollars) = TOLERANCE;
    (a.0 - b.0).abs() <= (share * b.0.abs()).max(dollars)
}

/// Both bills by what they are about, for a reader of a failure.
fn compared(case: &Case, environment: &str, estimate: &Estimate) -> String {
    let mut out = format!("{}, {environment}\n  designed:\n", case.name);
    for decision in case.blueprint.decisions.iter().filter(|d| d.environment.as_deref() == Some(environment))
    {
        if let Some(monthly) = decision.monthly {
            out.push_str(&format!("    {:40} {monthly}\n", decision.id));
        }
    }
    let mut lines: BTreeMap<(&str, &str), Usd> = BTreeMap::new();
    for line in &estimate.lines {
        *lines.entry((&line.component, &line.item)).or_default() += line.monthly;
    }
    out.push_str("  estimated:\n");
    for ((component, item), monthly) in lines {
        out.push_str(&format!("    {component:16} {item:24} {monthly}\n"));
    }
    out
}

#[test]
fn the_designers_bill_is_the_estimate_of_its_graph() {
    let mut apart = Vec::new();
    for case in all() {
        let mut shared = Usd(0.0);
        for (stack, estimate) in case.stacks.iter().zip(&case.estimates) {
            let Some(designed) = case.blueprint.environments.get(&stack.name).filter(|_| stack.environment)
            else {
                shared += estimate.total();
                continue;
            };
            if !near(designed.monthly, estimate.total()) {
                let both = compared(&case, &stack.name, estimate);
                apart.push(format!("{both}  {} and {}", designed.monthly, estimate.total()));
            }
        }
        if !near(case.blueprint.shared, shared) {
            apart.push(format!("{}: shared {} and {shared}", case.name, case.blueprint.shared));
        }
    }
    assert!(apart.is_empty(), "{}", apart.join("\n"));
}

#[test]
fn everything_that_is_lowered_has_a_price() {
    let mut holes: BTreeMap<String, String> = BTreeMap::new();
    for case in all() {
        for unpriced in case.estimates.iter().flat_map(|e| &e.unpriced) {
            if !WITHOUT_PRICE.iter().any(|known| unpriced.because.contains(known)) {
                let first = || format!("{}: {}", case.name, unpriced.address);
                holes.entry(unpriced.because.clone()).or_insert_with(first);
            }
        }
    }
    assert!(holes.is_empty(), "{holes:#?}");
}

#[test]
fn upkeep_counts_what_is_built() {
    let mut wrong = Vec::new();
    for case in all().into_iter().filter(|c| c.blueprint.provider == Provider::Aws) {
        for (stack, estimate) in case.stacks.iter().zip(&case.estimates).filter(|(s, _)| s.environment) {
            let counted = upkeep::of_environment(&case.blueprint.environments[&stack.name]);
            let watched = estimate
                .lines
                .iter()
                .filter(|l| l.item == "metrics watched")
                .map(|l| l.quantity)
                .sum::<f64>();
            let kinds = |kind: &str| stack.graph.of_kind(kind).count() as u32;
            let built = upkeep::Upkeep {
                alarms: watched as u32,
                log_groups: kinds("aws_cloudwatch_log_group"),
                names: kinds("aws_service_discovery_instance"),
            };
            if counted != built {
                wrong.push(format!("{}, {}: {counted:?} and {built:?}", case.name, stack.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_budget_that_the_design_keeps_the_estimate_keeps() {
    for text in [shop(), shop().replace("1500 USD", "9000 USD")] {
        let case = written("shop", &text);
        let (_, said) = design::design(&case.spec);
        assert!(!said.has_errors(), "{said:#?}");
        let budget = case.spec.budget.as_ref().expect("the example has a budget").value;
        let total: Usd = case.estimates.iter().map(Estimate::total).sum();
        assert!(total.0 <= budget.0, "{total} of {budget}");
    }
    let total = |budget: &str| written("shop", &shop().replace("1500 USD", budget)).blueprint.monthly();
    assert!(total("9000 USD").0 > total("1500 USD").0, "a larger budget buys more");
}
