//! A delivery pipeline, as every CI system has it: what starts it, its jobs, who they are and what they do.
//!
//! Small on purpose: a CI system is added by printing this, never by deciding again what has to be checked. Shell
//! is in scripts of its own, so that text from outside never becomes part of a command. Must not know any CI
//! system's words.

use indexmap::IndexMap;

use super::languages::Language;

/// One pipeline.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// File stem, such as `ci`.
    pub id: &'static str,
    /// For people.
    pub name: &'static str,
    /// What it is for: full sentences at the top of the file.
    pub purpose: &'static str,
    /// What starts it.
    pub triggers: Vec<Trigger>,
    /// Parameters of those who start it.
    pub inputs: Vec<Input>,
    /// How runs of it meet; `None`: they do not care.
    pub lane: Option<Lane>,
    /// By id.
    pub jobs: IndexMap<String, Job>,
}

/// What starts a pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// A proposed change that touches one of these paths; empty: any change.
    Change(Vec<&'static str>),
    /// A change of the main branch that touches more than these paths.
    Main(Vec<&'static str>),
    /// A time, five cron fields, UTC.
    Clock(&'static str),
    /// A person, who fills in the inputs.
    Person,
    /// Another pipeline, which fills in the inputs.
    Pipeline,
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Input {
    /// Its name.
    pub name: &'static str,
    /// One sentence without a full stop.
    pub description: &'static str,
    /// What it may be; empty: anything.
    pub choices: Vec<String>,
    /// What it is when nothing is given; `None`: it must be given.
    pub default: Option<&'static str>,
}

/// Runs with the same name wait for each other.
#[derive(Clone, Debug)]
pub struct Lane {
    /// Its name.
    pub name: Text,
    /// When a newer run ends an older one: for proposed changes only, or never.
    pub newest_change_only: bool,
}

/// One job.
#[derive(Clone, Debug)]
pub struct Job {
    /// For people.
    pub name: Text,
    /// Jobs that must have passed.
    pub needs: Vec<String>,
    /// When it runs.
    pub when: When,
    /// What it may do beyond nothing.
    pub rights: Vec<Right>,
    /// What it does.
    pub work: Work,
}

/// What a job does.
#[derive(Clone, Debug)]
pub enum Work {
    /// Its own steps.
    Steps(Box<Body>),
    /// Another pipeline.
    Pipeline {
        /// Its id.
        id: &'static str,
        /// Its inputs.
        inputs: IndexMap<&'static str, Text>,
    },
}

/// A job's own steps.
#[derive(Clone, Debug)]
pub struct Body {
    /// Protected environment it runs in: where approvals are asked for.
    pub environment: Option<Text>,
    /// How it meets other jobs.
    pub lane: Option<Lane>,
    /// One run for each of these rows; empty: one run.
    pub matrix: Vec<IndexMap<&'static str, Cell>>,
    /// Programs beside the steps, which reach them on the machine itself, by name.
    pub beside: IndexMap<&'static str, Container>,
    /// The machine.
    pub machine: Text,
    /// Minutes until it is given up.
    pub minutes: u32,
    /// Environment variables of every step.
    pub env: IndexMap<&'static str, Text>,
    /// What others may read: name, step and its output.
    pub outputs: IndexMap<&'static str, (&'static str, &'static str)>,
    /// In order.
    pub steps: Vec<Step>,
}

/// A program that runs beside the steps of a job and ends with it.
#[derive(Clone, Debug)]
pub struct Container {
    /// Its image.
    pub image: Text,
    /// Its settings. Never secrets.
    pub env: IndexMap<&'static str, Text>,
    /// Port that it listens on, inside and on the machine.
    pub port: u16,
    /// Command inside it that ends well when it is ready: the steps wait for that.
    pub health: &'static str,
}

/// One value of a matrix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Text.
    Text(String),
    /// A truth value.
    Bool(bool),
}

/// When a job or a step runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// Whenever what it needs has passed.
    #[default]
    Always,
    /// For a proposed change.
    Change,
    /// For a proposed change from this repository, once the variable is set: others get no credentials.
    OwnChange(&'static str),
    /// Once a variable of the repository is set: before that nobody has set the cloud up.
    Known(&'static str),
    /// Once a variable of the repository is set, for the environment that a person chose, or for any when a clock
    /// started the pipeline; not after a job that it needs has failed.
    Chosen(&'static str, String),
    /// For a change of the main branch.
    Main,
    /// When an input says that the release is the one of this run.
    NewRelease,
    /// When an input names an older release.
    OldRelease,
    /// When the application of a plan has begun and something failed or was cancelled since.
    Failed,
}

/// What a job may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// Read the sources.
    Sources,
    /// Prove to the cloud who it is.
    Identity,
    /// Write comments on proposed changes.
    Comments,
    /// Write issues.
    Issues,
}

/// One step.
#[derive(Clone, Debug)]
pub struct Step {
    /// For people: imperative, a few words.
    pub name: &'static str,
    /// What other steps call it.
    pub id: Option<&'static str>,
    /// When it runs.
    pub when: When,
    /// What it does.
    pub action: Action,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum Action {
    /// Gets the sources, with so many commits; 0 for all of them.
    Sources(u32),
    /// Sets up a language.
    Language {
        /// Which.
        language: Language,
        /// Version.
        version: Text,
        /// What is kept between runs, and the file that says when it is stale.
        cache: Option<(Text, Text)>,
    },
    /// Sets up Terraform.
    Terraform,
    /// Becomes a role of the cloud.
    Role(Text),
    /// Logs in to the registry; its output `registry` is the registry's address.
    Registry,
    /// Makes machines of other architectures available to the builder.
    Emulation,
    /// Sets up the image builder.
    Builder,
    /// Builds an image.
    Image(Box<ImageBuild>),
    /// Keeps files for other jobs of this run.
    Keep {
        /// What they are called.
        name: Text,
        /// Folder or file.
        path: Text,
    },
    /// Brings files of other jobs of this run into a folder.
    Bring {
        /// What they are called; a star stands for anything.
        pattern: &'static str,
        /// Folder.
        into: &'static str,
    },
    /// Runs a command.
    Run {
        /// Shell. Text from outside arrives in `env`, never here.
        command: String,
        /// Environment variables.
        env: IndexMap<&'static str, Text>,
    },
}

/// An image to build.
#[derive(Clone, Debug)]
pub struct ImageBuild {
    /// Folder.
    pub context: Text,
    /// Dockerfile.
    pub dockerfile: Text,
    /// Stage.
    pub target: Text,
    /// `NAME=value` lines.
    pub arguments: Text,
    /// Architectures.
    pub platforms: Text,
    /// What its layers are kept under.
    pub cache: Text,
    /// Where it goes; `None`: nowhere.
    pub push: Option<Push>,
}

/// Where an image goes.
#[derive(Clone, Debug)]
pub struct Push {
    /// Name with tag.
    pub tag: Text,
    /// How much is written down about how it was made: `mode=max`, or `false`.
    pub provenance: Text,
    /// Whether what is in it is written down.
    pub sbom: Text,
}

/// A value that the CI system fills in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// As it stands.
    Plain(String),
    /// This run's cell of a matrix.
    Cell(&'static str),
    /// An input of the pipeline.
    Input(&'static str),
    /// A variable of the repository or of the job's environment. Never a secret.
    Variable(&'static str),
    /// Output of a step of the same job.
    Step(&'static str, &'static str),
    /// Output of another job.
    Job(&'static str, &'static str),
    /// The commit that is built, in full.
    Commit,
    /// How often this run was started again, from 1.
    Attempt,
    /// The proposed change; for any other run the run itself, so that such runs never wait for each other.
    ChangeOrRun,
    /// Number of the proposed change.
    Change,
    /// Token for the CI system's own interface, with the job's rights.
    Token,
    /// Joined.
    Joined(Vec<Text>),
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Text::Plain(text.to_owned())
    }
}

impl Step {
    /// A step that always runs.
    pub fn new(name: &'static str, action: Action) -> Self {
        Self { name, id: None, when: When::Always, action }
    }

    /// A command without variables of its own.
    pub fn run(name: &'static str, command: impl Into<String>) -> Self {
        Self::new(name, Action::Run { command: command.into(), env: IndexMap::new() })
    }

    /// Gives it an id.
    #[must_use]
    pub fn id(mut self, id: &'static str) -> Self {
        self.id = Some(id);
        self
    }

    /// Says when it runs.
    #[must_use]
    pub fn when(mut self, when: When) -> Self {
        self.when = when;
        self
    }

    /// Sets a variable of a command; other actions have none.
    #[must_use]
    pub fn env(mut self, name: &'static str, value: Text) -> Self {
        if let Action::Run { env, .. } = &mut self.action {
            env.insert(name, value);
        }
        self
    }
}

impl Body {
    /// Steps on an ordinary machine, given up after so many minutes.
    pub fn new(minutes: u32, steps: Vec<Step>) -> Self {
        Self {
            environment: None,
            lane: None,
            matrix: Vec::new(),
            beside: IndexMap::new(),
            machine: MACHINE.into(),
            minutes,
            env: IndexMap::new(),
            outputs: IndexMap::new(),
            steps,
        }
    }
}

impl Job {
    /// A job with its own steps.
    pub fn new(name: impl Into<Text>, rights: &[Right], body: Body) -> Self {
        Self {
            name: name.into(),
            needs: Vec::new(),
            when: When::Always,
            rights: rights.to_vec(),
            work: Work::Steps(Box::new(body)),
        }
    }
}

/// The machine that jobs run on: x86_64.
pub const MACHINE: &str = "ubuntu-24.04";

/// The machine that arm64 images are built on.
pub const ARM_MACHINE: &str = "ubuntu-24.04-arm";
