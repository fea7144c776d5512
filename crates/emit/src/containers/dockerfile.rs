//! A Dockerfile as a value, and how it is printed.
//!
//! Commands that an image runs are kept as words and printed in exec form, so that signals reach the program.
//! Which instructions an image needs is not known here.

/// A Dockerfile.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Dockerfile {
    /// Base images: argument name, default, why that one.
    pub bases: Vec<(&'static str, String, &'static str)>,
    /// In order; the last is what runs.
    pub stages: Vec<Stage>,
}

/// A stage.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stage {
    /// Name of the argument that holds its base image.
    pub base: &'static str,
    /// What other stages call it.
    pub name: Option<&'static str>,
    /// In order.
    pub instructions: Vec<Instruction>,
}

/// An instruction.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Instruction {
    /// A line of explanation before the next instruction.
    Comment(&'static str),
    /// Working folder.
    Workdir(&'static str),
    /// Settings.
    Env(Vec<(&'static str, &'static str)>),
    /// Files from the context or from another stage.
    Copy { from: Option<&'static str>, sources: Vec<String>, to: String },
    /// A public file, readable by everybody.
    Download { from: &'static str, to: &'static str },
    /// A file written here, without variables.
    File { text: String, to: &'static str },
    /// A shell command with the folders it caches between builds.
    Run { caches: Vec<&'static str>, command: String },
    /// A folder where a volume stands at run time. Fargate gives such a volume to root alone unless the image
    /// declares the folder, whose permissions it then takes (ECS developer guide, bind mounts, 2025).
    Volume(&'static str),
    /// Numeric, so that Kubernetes can see that it is not root.
    User(&'static str),
    /// A port.
    Expose(u16),
    /// The signal that ends the program.
    StopSignal(&'static str),
    /// How the engine asks whether it is well.
    Healthcheck(Vec<String>),
    /// What runs, whatever command is given.
    Entrypoint(Vec<String>),
    /// What runs.
    Cmd(Vec<String>),
}

impl Dockerfile {
    /// The text.
    pub fn print(&self) -> String {
        let mut out = String::from(
            "# syntax=docker/dockerfile:1\n\n# Base images by tag: give --build-arg NAME=image:tag@sha256:... to pin a digest\n",
        );
        for (name, image, why) in &self.bases {
            out.push_str(&format!("\n# {why}\nARG {name}={image}\n"));
        }
        for stage in &self.stages {
            let name = stage.name.map(|n| format!(" AS {n}")).unwrap_or_default();
            out.push_str(&format!("\nFROM ${{{}}}{name}\n", stage.base));
            for instruction in &stage.instructions {
                out.push_str(&instruction.print());
                out.push('\n');
            }
        }
        out
    }
}

impl Instruction {
    fn print(&self) -> String {
        match self {
            Self::Comment(text) => format!("# {text}"),
            Self::Workdir(folder) => format!("WORKDIR {folder}"),
            Self::Env(pairs) => {
                let pairs: Vec<String> = pairs.iter().map(|(k, v)| format!("{k}={v}")).collect();
                format!("ENV {}", pairs.join(" \\\n    "))
            }
            Self::Copy { from, sources, to } => {
                let from = from.map(|f| format!("--from={f} ")).unwrap_or_default();
                // The JSON form is the one that allows spaces in names.
                if sources.iter().chain([to]).any(|p| p.contains(char::is_whitespace)) {
                    let paths: Vec<String> = sources.iter().chain([to]).cloned().collect();
                    return format!("COPY {from}{}", exec(&paths));
                }
                format!("COPY {from}{} {to}", sources.join(" "))
            }
            Self::Download { from, to } => format!("ADD --chmod=444 {from} {to}"),
            // Not a here-document: older builders and linters do not read them after COPY.
            Self::File { text, to } => {
                let lines: String =
                    text.lines().map(|l| format!("    '{}' \\\n", l.replace('\'', "'\\''"))).collect();
                format!("RUN printf '%s\\n' \\\n{lines}    > {to}")
            }
            Self::Run { caches, command } => {
                let mounts: String =
                    caches.iter().map(|c| format!("--mount=type=cache,target={c} \\\n    ")).collect();
                format!("RUN {mounts}{command}")
            }
            Self::Volume(folder) => format!("VOLUME [\"{folder}\"]"),
            Self::User(user) => format!("USER {user}"),
            Self::Expose(port) => format!("EXPOSE {port}"),
            Self::StopSignal(signal) => format!("STOPSIGNAL {signal}"),
            Self::Healthcheck(words) => {
                format!(
                    "HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \\\n    CMD {}",
                    exec(words)
                )
            }
            Self::Entrypoint(words) => format!("ENTRYPOINT {}", exec(words)),
            Self::Cmd(words) => format!("CMD {}", exec(words)),
        }
    }
}

fn exec(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|w| serde_json::Value::from(w.as_str()).to_string()).collect();
    format!("[{}]", quoted.join(", "))
}
