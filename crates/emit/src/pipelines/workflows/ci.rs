//! Every change: lint, test, validate, build. On the main branch: one release, brought to each environment in turn.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::super::delivery::{Delivery, Image};
use super::super::languages::{Language, TOOLS, Tool};
use super::super::model::{
    ARM_MACHINE, Action, Body, Cell, Container, ImageBuild, Job, Lane, MACHINE, Pipeline, Push, Right, Step,
    Text, Trigger, When, Work,
};
use crate::containers::trial::{ENGINES, Engine};

use super::{CLOUD, joined, role, sources, spread, terraform};

/// Documents: the bundle's, and those at the top of a repository.
const DOCUMENTS: &[&str] = &["*.md", "docs/**", "handoffs/**", "secrets/README.md"];

pub(super) fn pipeline(delivery: &Delivery) -> Pipeline {
    let mut jobs: IndexMap<String, Job> = IndexMap::new();
    for tool in TOOLS {
        jobs.extend(checks(delivery, tool));
    }
    jobs.extend(unchecked(delivery).map(|job| ("untested".to_owned(), job)));
    jobs.extend(ENGINES.iter().flat_map(|engine| migrations(delivery, engine)));
    jobs.insert("infrastructure".into(), infrastructure());
    let tested: Vec<String> = jobs.keys().cloned().collect();
    jobs.extend(images(delivery, false));

    let after = |needs: &[String], mut job: Job| {
        job.needs = needs.to_vec();
        job.when = When::Main;
        job
    };
    let mut parts = Vec::new();
    for (id, job) in images(delivery, true).into_iter().chain(sites(delivery)) {
        parts.push(id.clone());
        jobs.insert(id, after(&tested, job));
    }
    // A release of nothing but infrastructure is a release as well.
    let needs = if parts.is_empty() { &tested } else { &parts };
    jobs.insert("release".into(), after(needs, release(!parts.is_empty())));
    let mut before = "release".to_owned();
    for environment in delivery.environments.keys() {
        let id = format!("deploy-{environment}");
        jobs.insert(id.clone(), after(&[before], deploy(environment)));
        before = id;
    }
    Pipeline {
        id: "ci",
        name: "CI",
        purpose: "Checks every change. On main it builds each image once, makes one release of them, and brings that\nrelease to each environment in turn.",
        triggers: vec![Trigger::Change(Vec::new()), Trigger::Main(documents(delivery))],
        inputs: Vec::new(),
        lane: Some(Lane { name: joined(["ci-".into(), Text::ChangeOrRun]), newest_change_only: true }),
        jobs,
    }
}

/// What a merge may change without anything to build or deploy: documents, unless something is made from the folder
/// that they are in. A pull request is always checked, because a check that is required must have run.
fn documents(delivery: &Delivery) -> Vec<&'static str> {
    let built = delivery.sources.values().map(|source| &source.folder);
    let made_from: Vec<&String> = built.chain(delivery.sites.values()).collect();
    let whole = made_from.iter().any(|folder| *folder == ".");
    let first = |path: &str| path.split('/').next().map(str::to_owned);
    let apart = |path: &&&str| !whole && !made_from.iter().any(|folder| first(folder) == first(path));
    DOCUMENTS.iter().filter(apart).copied().collect()
}

/// Lint and test of every service of a package manager.
fn checks(delivery: &Delivery, tool: &'static Tool) -> Vec<(String, Job)> {
    let ours = delivery.sources.iter().filter(|(_, s)| s.tool.is_some_and(|t| t.id == tool.id));
    let rows: Vec<_> = ours
        .map(|(name, source)| {
            let mut row = IndexMap::from([
                ("service", Cell::Text(name.clone())),
                ("version", Cell::Text(source.version.clone())),
            ]);
            if let Some(cache) = tool.cache {
                let kept = if source.lockfile.is_some() { cache.on } else { cache.off };
                row.insert("cache", Cell::Text(kept.to_owned()));
                row.insert("lockfile", Cell::Text(source.lockfile.clone().unwrap_or_default()));
            }
            row
        })
        .collect();
    let mut steps = vec![sources()];
    steps.extend(tool.prepare.map(|command| Step::run("Make the package manager available", command)));
    let cache = tool.cache.map(|_| (Text::Cell("cache"), Text::Cell("lockfile")));
    let set_up = Action::Language { language: tool.language, version: Text::Cell("version"), cache };
    steps.push(Step::new(set_up_name(tool.language), set_up));
    steps.push(
        Step::run("Lint and test", "infra/pipeline/check.sh \"$SERVICE\"")
            .env("SERVICE", Text::Cell("service")),
    );
    let name = joined(["Test ".into(), Text::Cell("service")]);
    spread(&format!("test-{}", tool.id), rows, &Job::new(name, &[Right::Sources], Body::new(30, steps)))
}

fn set_up_name(language: Language) -> &'static str {
    match language {
        Language::Node => "Set up Node.js",
        Language::Python => "Set up Python",
        Language::Go => "Set up Go",
        Language::Java => "Set up Java",
    }
}

/// Says which services have neither a linter nor tests, so that nobody takes silence for a pass.
fn unchecked(delivery: &Delivery) -> Option<Job> {
    let names: Vec<&str> =
        delivery.sources.iter().filter(|(_, s)| s.tool.is_none()).map(|(name, _)| name.as_str()).collect();
    if names.is_empty() {
        return None;
    }
    let command = "for service in $SERVICES; do\n  infra/pipeline/check.sh \"$service\"\ndone\n";
    let step = Step::run("Say what is not tested", command).env("SERVICES", names.join(" ").as_str().into());
    Some(Job::new("Untested services", &[Right::Sources], Body::new(5, vec![sources(), step])))
}

/// Tries migrations on an empty database of an engine, before any image of this change reaches a registry.
fn migrations(delivery: &Delivery, engine: &'static Engine) -> Vec<(String, Job)> {
    let ours = delivery.migrations.iter().filter(|(_, m)| m.trial.engine.id == engine.id);
    let rows: Vec<_> = ours
        .map(|(name, migrations)| {
            IndexMap::from([
                ("service", Cell::Text(name.clone())),
                ("image", Cell::Text(migrations.trial.image.clone())),
                ("database", Cell::Text(migrations.trial.database.clone())),
            ])
        })
        .collect();
    let steps = vec![
        sources(),
        Step::run("Apply them twice", "infra/pipeline/migrate.sh \"$SERVICE\"")
            .env("SERVICE", Text::Cell("service")),
    ];
    let mut body = Body::new(30, steps);
    let settings = engine.settings.iter().map(|(name, value)| (*name, (*value).into()));
    let env = settings.chain([(engine.database, Text::Cell("database"))]).collect();
    let (port, health) = (engine.port, engine.health);
    body.beside.insert("database", Container { image: Text::Cell("image"), env, port, health });
    let name = joined(["Try ".into(), Text::Cell("service")]);
    spread(&format!("migrations-{}", engine.id), rows, &Job::new(name, &[Right::Sources], body))
}

fn infrastructure() -> Job {
    let steps = vec![
        sources(),
        terraform(),
        Step::run("Check format and validity of every root", "infra/pipeline/validate.sh"),
    ];
    Job::new("Validate the infrastructure", &[Right::Sources], Body::new(20, steps))
}

/// Builds of every image: for a proposed change without credentials, for the main branch into the registry.
fn images(delivery: &Delivery, push: bool) -> Vec<(String, Job)> {
    // Architectures that need another machine, or emulation, are jobs of their own.
    let mut groups: BTreeMap<&str, Vec<IndexMap<&'static str, Cell>>> = BTreeMap::new();
    for (name, image) in &delivery.images {
        groups.entry(architecture(image)).or_default().push(row(name, image, push));
    }
    let mut jobs = Vec::new();
    for (architecture, rows) in groups {
        let id = format!("{}-{architecture}", if push { "push" } else { "build" });
        jobs.extend(spread(&id, rows, &build(architecture, push)));
    }
    jobs
}

/// `amd64`, `arm64`, or `both`.
fn architecture(image: &Image) -> &'static str {
    match image.runs_on {
        (true, false) => "arm64",
        (true, true) => "both",
        (false, _) => "amd64",
    }
}

fn row(name: &str, image: &Image, push: bool) -> IndexMap<&'static str, Cell> {
    let mut row = IndexMap::from([
        ("service", Cell::Text(name.to_owned())),
        ("context", Cell::Text(image.context.clone())),
        ("dockerfile", Cell::Text(image.dockerfile.clone())),
        ("target", Cell::Text(image.target.clone())),
        ("arguments", Cell::Text(image.arguments.clone())),
    ]);
    if push {
        row.insert("repository", Cell::Text(image.repository.clone()));
        row.insert("variable", Cell::Text(image.variable.clone()));
        row.insert("provenance", Cell::Text(if image.attested { "mode=max" } else { "false" }.to_owned()));
        row.insert("sbom", Cell::Bool(image.attested));
    }
    row
}

fn build(architecture: &str, push: bool) -> Job {
    let mut steps = vec![sources()];
    if push {
        steps.push(role("Become the role that pushes images", "AWS_PUSH_ROLE_ARN"));
        steps.push(Step::new("Log in to the registry", Action::Registry).id("registry"));
    }
    if architecture == "both" {
        steps.push(Step::new("Set up emulation", Action::Emulation));
    }
    steps.push(Step::new("Set up the builder", Action::Builder));
    let repository = || joined([Text::Step("registry", "registry"), "/".into(), Text::Cell("repository")]);
    // Tags never move in the registry, so a run that is started again has a tag of its own.
    let tag = joined([repository(), ":".into(), Text::Commit, "-".into(), Text::Attempt]);
    let image = ImageBuild {
        context: Text::Cell("context"),
        dockerfile: Text::Cell("dockerfile"),
        target: Text::Cell("target"),
        arguments: Text::Cell("arguments"),
        platforms: match architecture {
            "both" => "linux/amd64,linux/arm64".into(),
            one => Text::Plain(format!("linux/{one}")),
        },
        cache: Text::Cell("service"),
        push: push.then_some(Push { tag, provenance: Text::Cell("provenance"), sbom: Text::Cell("sbom") }),
    };
    steps.push(Step::new("Build the image", Action::Image(Box::new(image))).id("build"));
    if push {
        steps.push(
            Step::run(
                "Refuse critical vulnerabilities",
                "infra/pipeline/scan.sh \"$REPOSITORY\" \"$DIGEST\"",
            )
            .env("REPOSITORY", Text::Cell("repository"))
            .env("DIGEST", Text::Step("build", "digest")),
        );
        steps.push(
            Step::run(
                "Write down its digest",
                "infra/pipeline/image.sh \"$VARIABLE\" \"$REPOSITORY\" \"$DIGEST\"",
            )
            .env("VARIABLE", Text::Cell("variable"))
            .env("REPOSITORY", repository())
            .env("DIGEST", Text::Step("build", "digest")),
        );
        let name = joined(["part-image-".into(), Text::Cell("service")]);
        steps.push(Step::new("Keep the digest", Action::Keep { name, path: "release".into() }));
    }
    let verb = if push { "Build and push " } else { "Build " };
    let rights = if push { CLOUD } else { &[Right::Sources] };
    let mut body = Body::new(60, steps);
    body.machine = if architecture == "arm64" { ARM_MACHINE } else { MACHINE }.into();
    let mut job = Job::new(joined([verb.into(), Text::Cell("service")]), rights, body);
    job.when = if push { When::Main } else { When::Change };
    job
}

/// The files of every static site.
fn sites(delivery: &Delivery) -> Vec<(String, Job)> {
    let rows =
        delivery.sites.keys().map(|name| IndexMap::from([("service", Cell::Text(name.clone()))])).collect();
    let name = joined(["part-site-".into(), Text::Cell("service")]);
    let language = Action::Language { language: Language::Node, version: "22".into(), cache: None };
    let steps = vec![
        sources(),
        Step::new("Set up Node.js", language),
        Step::run("Pack the files", "infra/pipeline/site.sh \"$SERVICE\"")
            .env("SERVICE", Text::Cell("service")),
        Step::new("Keep the files", Action::Keep { name, path: "release".into() }),
    ];
    let job =
        Job::new(joined(["Pack ".into(), Text::Cell("service")]), &[Right::Sources], Body::new(30, steps));
    spread("sites", rows, &job)
}

/// One release of everything that was built.
fn release(parts: bool) -> Job {
    let mut steps = vec![sources()];
    if parts {
        steps.push(Step::new("Bring what was built", Action::Bring { pattern: "part-*", into: "release" }));
    }
    steps.push(Step::run("Make one release of it", "infra/pipeline/collect.sh"));
    steps
        .push(Step::new("Keep the release", Action::Keep { name: "release".into(), path: "release".into() }));
    Job::new("Make a release", &[Right::Sources], Body::new(10, steps))
}

fn deploy(environment: &str) -> Job {
    Job {
        name: Text::Plain(format!("Deploy to {environment}")),
        needs: Vec::new(),
        when: When::Main,
        rights: CLOUD.to_vec(),
        work: Work::Pipeline {
            id: "deploy",
            inputs: IndexMap::from([("environment", environment.into()), ("release", "new".into())]),
        },
    }
}
