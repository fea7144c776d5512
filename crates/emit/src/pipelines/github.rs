//! Pipelines as GitHub Actions workflows.
//!
//! Nothing is granted at the top of a file and little to each job, actions are pinned by commit, credentials
//! are short-lived and never stored, and expressions stand only where they cannot become part of a command.
//! Must not decide what a pipeline does.

use indexmap::IndexMap;
use serde::Serialize;
use serde_saphyr::{Commented, LitString};

use super::model::{
    Action, Body, Cell, Container, ImageBuild, Input, Job, Lane, Pipeline, Push, Right, Step, Text, Trigger,
    When, Work,
};
use super::pins::{self, Pin};

/// The workflow's path in the repository.
pub fn path(pipeline: &Pipeline) -> String {
    format!(".github/workflows/{}.yml", pipeline.id)
}

/// The workflow's text. `region` is where roles are assumed.
pub fn print(pipeline: &Pipeline, region: &str) -> String {
    let mut file = Map::new();
    file.put("name", pipeline.name);
    file.put("on", triggers(pipeline));
    file.put("permissions", Map::new());
    if let Some(lane) = &pipeline.lane {
        file.put("concurrency", concurrency(lane));
    }
    file.put("defaults", Map::of("run", Map::of("shell", "bash")));
    let jobs = pipeline.jobs.iter().map(|(id, j)| (id.clone(), Yaml::Map(job(j, region))));
    file.put("jobs", Map(jobs.collect()));
    let options = serde_saphyr::ser_options! {
        compact_list_indent: false,
        prefer_block_scalars: false,
        // Under YAML 1.1 the key `on` is a truth value and would have to be quoted.
        yaml_12: true,
        no_lang_directive: true,
    };
    let text = serde_saphyr::to_string_with_options(&file, options).expect("a tree of plain values prints");
    let purpose: String = pipeline.purpose.lines().map(|line| format!("# {line}\n")).collect();
    format!("{purpose}{text}")
}

/// A YAML value.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum Yaml {
    Text(String),
    Lines(LitString),
    Noted(Commented<String>),
    Number(u32),
    Bool(bool),
    List(Vec<Yaml>),
    Map(Map),
}

/// A mapping in the order it was written.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
struct Map(IndexMap<String, Yaml>);

impl Map {
    fn new() -> Self {
        Self::default()
    }

    fn of(key: &str, value: impl Into<Yaml>) -> Self {
        let mut map = Self::new();
        map.put(key, value);
        map
    }

    fn put(&mut self, key: &str, value: impl Into<Yaml>) {
        self.0.insert(key.to_owned(), value.into());
    }

    /// Leaves out what is empty.
    fn put_some(&mut self, key: &str, value: Option<impl Into<Yaml>>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }
}

impl From<&str> for Yaml {
    fn from(text: &str) -> Self {
        Yaml::from(text.to_owned())
    }
}

impl From<String> for Yaml {
    fn from(text: String) -> Self {
        if text.contains('\n') { Yaml::Lines(LitString(text)) } else { Yaml::Text(text) }
    }
}

impl From<&Text> for Yaml {
    fn from(text: &Text) -> Self {
        Yaml::from(expression(text))
    }
}

impl From<u32> for Yaml {
    fn from(number: u32) -> Self {
        Yaml::Number(number)
    }
}

impl From<bool> for Yaml {
    fn from(truth: bool) -> Self {
        Yaml::Bool(truth)
    }
}

impl From<Map> for Yaml {
    fn from(map: Map) -> Self {
        Yaml::Map(map)
    }
}

impl<T: Into<Yaml>> From<Vec<T>> for Yaml {
    fn from(list: Vec<T>) -> Self {
        Yaml::List(list.into_iter().map(Into::into).collect())
    }
}

impl From<&Pin> for Yaml {
    fn from(pin: &Pin) -> Self {
        Yaml::Noted(Commented(format!("{}@{}", pin.action, pin.commit), pin.version.to_owned()))
    }
}

/// A value in GitHub's words.
fn expression(text: &Text) -> String {
    let context = |inside: String| format!("${{{{ {inside} }}}}");
    match text {
        Text::Plain(text) => text.clone(),
        Text::Cell(name) => context(format!("matrix.{name}")),
        Text::Input(name) => context(format!("inputs.{name}")),
        Text::Variable(name) => context(format!("vars.{name}")),
        Text::Step(step, output) => context(format!("steps.{step}.outputs.{output}")),
        Text::Job(job, output) => context(format!("needs.{job}.outputs.{output}")),
        Text::Commit => context("github.sha".into()),
        Text::Attempt => context("github.run_attempt".into()),
        Text::ChangeOrRun => context("github.event.pull_request.number || github.run_id".into()),
        Text::Change => context("github.event.pull_request.number".into()),
        Text::Token => context("github.token".into()),
        Text::Joined(parts) => parts.iter().map(expression).collect(),
    }
}

fn condition(when: &When) -> Option<String> {
    let condition = match when {
        When::Always => return None,
        When::Change => "github.event_name == 'pull_request'",
        When::OwnChange(variable) => {
            return Some(format!(
                "github.event.pull_request.head.repo.full_name == github.repository && vars.{variable} != ''"
            ));
        }
        When::Known(variable) => return Some(format!("vars.{variable} != ''")),
        // A job that needs one which was passed over would be passed over too, had it no condition on failures.
        When::Chosen(variable, environment) => {
            return Some(format!(
                "!failure() && !cancelled() && vars.{variable} != '' && (github.event_name == 'schedule' || inputs.environment == '{environment}')"
            ));
        }
        When::Main => "github.event_name == 'push' && github.ref == 'refs/heads/main'",
        When::NewRelease => "inputs.release == 'new'",
        When::OldRelease => "inputs.release != 'new'",
        When::Failed => "(failure() || cancelled()) && steps.apply.outcome != 'skipped'",
    };
    Some(condition.to_owned())
}

fn triggers(pipeline: &Pipeline) -> Map {
    let mut on = Map::new();
    let inputs = |typed: bool| {
        let each = pipeline.inputs.iter().map(|i| (i.name.to_owned(), Yaml::Map(input(i, typed))));
        Map(each.collect())
    };
    for trigger in &pipeline.triggers {
        match trigger {
            Trigger::Change(paths) if paths.is_empty() => on.put("pull_request", Map::new()),
            Trigger::Change(paths) => on.put("pull_request", Map::of("paths", paths.clone())),
            Trigger::Main(besides) => {
                let mut push = Map::of("branches", vec!["main"]);
                if !besides.is_empty() {
                    push.put("paths-ignore", besides.clone());
                }
                on.put("push", push);
            }
            Trigger::Clock(cron) => on.put("schedule", vec![Map::of("cron", *cron)]),
            Trigger::Person if pipeline.inputs.is_empty() => on.put("workflow_dispatch", Map::new()),
            Trigger::Person => on.put("workflow_dispatch", Map::of("inputs", inputs(true))),
            Trigger::Pipeline => on.put("workflow_call", Map::of("inputs", inputs(false))),
        }
    }
    on
}

/// An input. A person chooses from a list; a calling workflow passes text.
fn input(input: &Input, person: bool) -> Map {
    let mut map = Map::of("description", input.description);
    if person && !input.choices.is_empty() {
        map.put("type", "choice");
        map.put("options", input.choices.iter().map(String::as_str).collect::<Vec<_>>());
    } else {
        map.put("type", "string");
    }
    map.put("required", input.default.is_none());
    map.put_some("default", input.default);
    map
}

fn concurrency(lane: &Lane) -> Map {
    let mut map = Map::of("group", &lane.name);
    if lane.newest_change_only {
        map.put("cancel-in-progress", "${{ github.event_name == 'pull_request' }}");
    } else {
        map.put("cancel-in-progress", false);
    }
    map
}

fn job(job: &Job, region: &str) -> Map {
    let mut map = Map::of("name", &job.name);
    if !job.needs.is_empty() {
        map.put("needs", job.needs.iter().map(String::as_str).collect::<Vec<_>>());
    }
    map.put_some("if", condition(&job.when));
    let body = match &job.work {
        Work::Steps(body) => body,
        Work::Pipeline { id, inputs } => {
            map.put("permissions", permissions(&job.rights));
            map.put("uses", format!("./.github/workflows/{id}.yml"));
            map.put("with", fields(inputs));
            return map;
        }
    };
    map.put("runs-on", &body.machine);
    map.put("timeout-minutes", body.minutes);
    map.put("permissions", permissions(&job.rights));
    map.put_some("environment", body.environment.as_ref());
    map.put_some("concurrency", body.lane.as_ref().map(concurrency));
    if !body.matrix.is_empty() {
        map.put("strategy", strategy(body));
    }
    if !body.beside.is_empty() {
        let containers = body.beside.iter().map(|(name, c)| ((*name).to_owned(), Yaml::Map(container(c))));
        map.put("services", Map(containers.collect()));
    }
    if !body.env.is_empty() {
        map.put("env", fields(&body.env));
    }
    if !body.outputs.is_empty() {
        let outputs = body
            .outputs
            .iter()
            .map(|(name, (step, output))| ((*name).to_owned(), Yaml::from(&Text::Step(step, output))));
        map.put("outputs", Map(outputs.collect()));
    }
    map.put("steps", body.steps.iter().map(|s| step(s, region)).collect::<Vec<_>>());
    map
}

fn permissions(rights: &[Right]) -> Map {
    let mut map = Map::new();
    for right in rights {
        let (name, level) = match right {
            Right::Sources => ("contents", "read"),
            Right::Identity => ("id-token", "write"),
            Right::Comments => ("pull-requests", "write"),
            Right::Issues => ("issues", "write"),
        };
        map.put(name, level);
    }
    map
}

fn strategy(body: &Body) -> Map {
    let row = |row: &IndexMap<&'static str, Cell>| {
        let cells = row.iter().map(|(name, cell)| {
            let value = match cell {
                Cell::Text(text) => Yaml::from(text.as_str()),
                Cell::Bool(truth) => Yaml::Bool(*truth),
            };
            ((*name).to_owned(), value)
        });
        Map(cells.collect())
    };
    let mut map = Map::of("fail-fast", false);
    map.put("matrix", Map::of("include", body.matrix.iter().map(row).collect::<Vec<_>>()));
    map
}

fn container(container: &Container) -> Map {
    let mut map = Map::of("image", &container.image);
    map.put("env", fields(&container.env));
    map.put("ports", vec![format!("{0}:{0}", container.port)]);
    let check = format!("--health-cmd \"{}\"", container.health);
    map.put("options", format!("{check} --health-interval 5s --health-timeout 5s --health-retries 20"));
    map
}

fn fields(values: &IndexMap<&'static str, Text>) -> Map {
    Map(values.iter().map(|(name, value)| ((*name).to_owned(), Yaml::from(value))).collect())
}

fn step(step: &Step, region: &str) -> Map {
    let mut map = Map::of("name", step.name);
    map.put_some("id", step.id);
    map.put_some("if", condition(&step.when));
    let mut uses = |pin: &Pin, with: Map| {
        map.put("uses", pin);
        if !with.0.is_empty() {
            map.put("with", with);
        }
    };
    match &step.action {
        Action::Sources(commits) => {
            let mut with = Map::of("persist-credentials", false);
            if *commits != 1 {
                with.put("fetch-depth", *commits);
            }
            uses(&pins::CHECKOUT, with);
        }
        Action::Language { language, version, cache } => {
            let (pin, key) = pins::setup(*language);
            let mut with = Map::new();
            if *pin.action == *pins::SETUP_JAVA.action {
                with.put("distribution", "temurin");
            }
            with.put(key, version);
            if let Some((what, lockfile)) = cache {
                with.put("cache", what);
                with.put("cache-dependency-path", lockfile);
            }
            uses(pin, with);
        }
        Action::Terraform => {
            let mut with = Map::of("terraform_version", pins::TERRAFORM);
            with.put("terraform_wrapper", false);
            uses(&pins::SETUP_TERRAFORM, with);
        }
        Action::Role(role) => {
            let mut with = Map::of("role-to-assume", role);
            with.put("aws-region", region);
            uses(&pins::CREDENTIALS, with);
        }
        Action::Registry => uses(&pins::ECR_LOGIN, Map::new()),
        Action::Emulation => uses(&pins::SETUP_QEMU, Map::new()),
        Action::Builder => uses(&pins::SETUP_BUILDX, Map::new()),
        Action::Image(build) => uses(&pins::BUILD_PUSH, image(build)),
        Action::Keep { name, path } => {
            let mut with = Map::of("name", name);
            with.put("path", path);
            with.put("if-no-files-found", "error");
            with.put("retention-days", 14);
            uses(&pins::UPLOAD, with);
        }
        Action::Bring { pattern, into } => {
            let mut with = Map::new();
            if pattern.contains('*') {
                with.put("pattern", *pattern);
                with.put("merge-multiple", true);
            } else {
                with.put("name", *pattern);
            }
            with.put("path", *into);
            uses(&pins::DOWNLOAD, with);
        }
        Action::Run { command, env } => {
            if !env.is_empty() {
                map.put("env", fields(env));
            }
            map.put("run", command.as_str());
        }
    }
    map
}

fn image(build: &ImageBuild) -> Map {
    let mut with = Map::of("context", &build.context);
    with.put("file", &build.dockerfile);
    with.put("target", &build.target);
    with.put("build-args", &build.arguments);
    with.put("platforms", &build.platforms);
    let scope = expression(&build.cache);
    with.put("cache-from", format!("type=gha,scope={scope}"));
    match &build.push {
        None => with.put("push", false),
        Some(Push { tag, provenance, sbom }) => {
            with.put("cache-to", format!("type=gha,mode=max,scope={scope}"));
            with.put("tags", tag);
            with.put("push", true);
            with.put("provenance", provenance);
            with.put("sbom", sbom);
        }
    }
    with
}
