//! The command line.
//!
//! Every command takes a path (a folder, a spec or a compose file; the current folder when left out) and the
//! same global options. Help text is written for somebody who has never seen the program.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// A DevOps engineer in one binary: from what an application needs to a pull request that production could take
#[derive(Debug, Parser)]
#[command(name = "mainstay", version, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
    /// Options of every command
    #[command(flatten)]
    pub global: Global,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// How to print the result
    #[arg(long, global = true, value_enum, default_value_t = Format::Text, help_heading = "Global options")]
    pub format: Format,
    /// Print results only: no progress, no notes
    #[arg(long, short, global = true, help_heading = "Global options")]
    pub quiet: bool,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, help_heading = "Global options")]
    pub color: Color,
    /// Replace a key of the spec, such as `environments.production.availability=99.9%`
    #[arg(long = "set", global = true, value_name = "KEY=VALUE", help_heading = "Global options")]
    pub set: Vec<String>,
    /// Short for `--set cloud.provider=...`
    #[arg(long, global = true, value_name = "CLOUD", help_heading = "Global options")]
    pub cloud: Option<String>,
    /// Short for `--set deliver.iac=...`
    #[arg(long, global = true, value_name = "DIALECT", help_heading = "Global options")]
    pub iac: Option<String>,
    /// Short for `--set deliver.runtime=...`
    #[arg(long, global = true, value_name = "RUNTIME", help_heading = "Global options")]
    pub runtime: Option<String>,
    /// Short for `--set deliver.ci=...`
    #[arg(long, global = true, value_name = "SYSTEM", help_heading = "Global options")]
    pub ci: Option<String>,
}

impl Global {
    /// Every override, short forms first so that an explicit `--set` wins.
    #[must_use]
    pub fn overrides(&self) -> Vec<String> {
        let short = [
            ("cloud.provider", &self.cloud),
            ("deliver.iac", &self.iac),
            ("deliver.runtime", &self.runtime),
            ("deliver.ci", &self.ci),
        ];
        let short = short.into_iter().filter_map(|(key, value)| Some(format!("{key}={}", value.as_ref()?)));
        short.chain(self.set.iter().cloned()).collect()
    }
}

/// How to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs; stable
    Json,
    /// Findings of `check` as SARIF 2.1.0
    Sarif,
    /// For pull requests and chat
    Markdown,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What to read.
#[derive(Clone, Debug, Args)]
pub struct Input {
    /// A folder with a `mainstay.yaml` or a compose file, or such a file itself
    #[arg(default_value = ".")]
    pub path: PathBuf,
}

/// What to read, or a description in words.
#[derive(Clone, Debug, Args)]
pub struct InputOrProse {
    /// What to read
    #[command(flatten)]
    pub input: Input,
    /// Describe the application in a few sentences instead
    #[arg(long, value_name = "TEXT")]
    pub from: Option<String>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a `mainstay.yaml` from what is there: compose, sources, or a description
    Init {
        /// What to read
        #[command(flatten)]
        input: InputOrProse,
        /// Where to write the spec (default: beside the input)
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Show the topology, sizes, availability and cost, each decision with its reason
    Design {
        /// What to read
        #[command(flatten)]
        input: Input,
        /// Show the same application under other constraints, side by side
        #[arg(long)]
        compare: bool,
    },
    /// Write the bundle; edits of earlier files are kept
    Generate {
        /// What to read
        #[command(flatten)]
        input: Input,
        /// Where to write
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Check the designed infrastructure: schema, security, reliability, cost
    Check {
        /// What to read
        #[command(flatten)]
        input: Input,
    },
    /// Price the designed infrastructure, line by line
    Cost {
        /// What to read
        #[command(flatten)]
        input: Input,
        /// Compare with another spec or folder
        #[arg(long, value_name = "PATH")]
        against: Option<PathBuf>,
    },
    /// Deploy, update, fail, roll back and destroy in the embedded cloud
    Rehearse {
        /// What to read
        #[command(flatten)]
        input: Input,
    },
    /// Write the documents only
    Docs {
        /// What to read
        #[command(flatten)]
        input: Input,
        /// Where to write
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Write infrastructure code in another dialect, and list what could not be said
    Translate {
        /// A folder or file of Terraform, Terragrunt, CloudFormation, SAM, ARM, Bicep, Pulumi or CDK output
        #[arg(default_value = ".")]
        path: PathBuf,
        /// The dialect to write
        #[arg(long, value_name = "DIALECT")]
        to: String,
        /// The dialect to read (default: told from the files)
        #[arg(long, value_name = "DIALECT")]
        from: Option<String>,
        /// A file of variables or parameters; may be repeated, later ones win
        #[arg(long = "var-file", value_name = "FILE")]
        var_files: Vec<PathBuf>,
        /// A variable or parameter; may be repeated, wins over every file
        #[arg(long = "var", value_name = "NAME=VALUE")]
        variables: Vec<String>,
        /// Where to write
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Report what is designed, written, proved, and what has changed since
    Status {
        /// What to read
        #[command(flatten)]
        input: Input,
        /// The bundle to compare with
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// The whole job: understand, design, write, test, document, submit
    Deliver {
        /// What to read
        #[command(flatten)]
        input: InputOrProse,
        /// Where to write
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Commit the bundle to a branch of the application's repository
        #[arg(long)]
        git: bool,
        /// The branch's name
        #[arg(long, value_name = "NAME", default_value = "mainstay/infrastructure", requires = "git")]
        branch: String,
    },
    /// Print the JSON Schema of `mainstay.yaml`, for editors
    Schema,
    /// Print a shell's completions
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}
