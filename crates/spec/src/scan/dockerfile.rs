//! What an existing Dockerfile says about the program it packs.
//!
//! Only the stage that runs counts: the last one, or the one that is asked for. The file is the user's and is
//! used as it is: nothing here judges it.

use std::path::Path;

use indexmap::IndexMap;
use ir::{Diagnostic, Diagnostics, World};
use parse_dockerfile::{Command, HealthcheckArguments, Instruction, Stage};

use super::Sources;
use crate::compose::interpolate::{Lookup, substitute};
use crate::model::{Build, Scan};

/// The stage of a Dockerfile that runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dockerfile {
    /// Image that the stage starts from, through the file's own stages, with build arguments put in.
    pub base: String,
    /// Ports it exposes over TCP, those of the stage itself before those it inherits.
    pub ports: Vec<u16>,
    /// User it runs as, as written; `None`: the base image's.
    pub user: Option<String>,
    /// Path that its health check asks for over HTTP.
    pub health: Option<String>,
}

impl Dockerfile {
    /// Reads the text of a Dockerfile as far as the stage `target`, or the last; `args` are the build arguments
    /// given.
    ///
    /// # Errors
    ///
    /// Returns the parser's reason, with line and column, or that there is no such stage.
    pub fn read(text: &str, target: Option<&str>, args: &IndexMap<String, String>) -> Result<Self, String> {
        let file = parse_dockerfile::parse(text).map_err(|e| e.to_string())?;
        let stages: Vec<Stage<'_, '_>> = file.stages().collect();
        let called = |stage: &Stage<'_, '_>, name: &str| {
            stage.from.as_.as_ref().is_some_and(|(_, n)| n.value.eq_ignore_ascii_case(name))
        };
        let mut at = match target {
            Some(name) => {
                let named = stages.iter().position(|s| called(s, name));
                named.ok_or_else(|| format!("no stage is called `{name}`"))?
            }
            None => stages.len().checked_sub(1).ok_or("no stage")?,
        };
        let mut variables: IndexMap<String, String> = IndexMap::new();
        for global in file.global_args() {
            declare(&global.arguments.value, args, &mut variables);
        }
        // A stage that continues an earlier one keeps what that one declared.
        let mut chain = vec![at];
        let mut base = with_variables(&stages[at].from.image.value, &variables);
        while let Some(earlier) = stages[..at].iter().rposition(|s| called(s, &base)) {
            at = earlier;
            chain.push(at);
            base = with_variables(&stages[at].from.image.value, &variables);
        }
        let mut out = Self { base, ..Self::default() };
        for stage in chain.into_iter().rev() {
            let inherited = std::mem::take(&mut out.ports);
            for instruction in stages[stage].instructions {
                out.take(instruction, args, &mut variables);
            }
            out.ports.extend(inherited);
        }
        Ok(out)
    }

    fn take(
        &mut self,
        instruction: &Instruction<'_>,
        args: &IndexMap<String, String>,
        variables: &mut IndexMap<String, String>,
    ) {
        match instruction {
            Instruction::Arg(arg) => declare(&arg.arguments.value, args, variables),
            // Settings win over build arguments, which cannot replace them.
            Instruction::Env(env) => declare(&env.arguments.value, &IndexMap::new(), variables),
            Instruction::Expose(expose) => {
                let ports = expose.arguments.iter().map(|a| with_variables(&a.value, variables));
                let tcp = ports.filter_map(|p| p.trim_end_matches("/tcp").parse::<u16>().ok());
                self.ports.extend(tcp);
            }
            Instruction::User(user) => self.user = Some(user.arguments.value.clone().into_owned()),
            Instruction::Healthcheck(check) => {
                self.health = match &check.arguments {
                    HealthcheckArguments::Cmd { arguments, .. } => path_asked_for(&shown(arguments)),
                    _ => None,
                }
            }
            _ => {}
        }
    }
}

/// Takes in the `NAME=value` pairs of an `ARG` or `ENV`; a build argument that was given replaces its default.
fn declare(text: &str, args: &IndexMap<String, String>, variables: &mut IndexMap<String, String>) {
    for word in crate::words::split(text) {
        let (name, default) = match word.split_once('=') {
            Some((name, value)) => (name, Some(with_variables(value, variables))),
            None => (word.as_str(), None),
        };
        if let Some(value) = args.get(name).cloned().or(default) {
            variables.insert(name.to_owned(), value);
        }
    }
}

/// A text with its variables put in; as written where it cannot be.
fn with_variables(text: &str, variables: &IndexMap<String, String>) -> String {
    let find = |name: &str| variables.get(name).cloned();
    substitute(text, &mut Lookup::new(&find)).unwrap_or_else(|_| text.to_owned())
}

/// Fills port and health from the folder's Dockerfile; its word is surer than the sources'.
pub(super) fn fill(sources: &Sources<'_>, scan: &mut Scan, diagnostics: &mut Diagnostics) {
    let Some(name) = sources.first_of(&["Dockerfile", "Containerfile"]) else { return };
    scan.dockerfile = Some(name.to_owned());
    let read = Dockerfile::read(&sources.text(name).unwrap_or_default(), None, &IndexMap::new());
    take(read, &sources.shown_file(name), scan, diagnostics);
}

/// Fills port and health from the Dockerfile, stage and build arguments that a build names.
pub(super) fn fill_from(
    world: &dyn World,
    context: &Path,
    name: &str,
    build: &Build,
    scan: &mut Scan,
    diagnostics: &mut Diagnostics,
) {
    scan.dockerfile = Some(name.to_owned());
    let path = ir::world::plain(&context.join(name));
    let target = build.target.as_ref().map(|t| t.as_str());
    let read = world
        .read_text(&path)
        .map_err(|e| e.reason)
        .and_then(|text| Dockerfile::read(&text, target, &build.args));
    take(read, &path.display().to_string(), scan, diagnostics);
}

fn take(read: Result<Dockerfile, String>, shown: &str, scan: &mut Scan, diagnostics: &mut Diagnostics) {
    match read {
        Ok(file) => {
            scan.port = file.ports.first().copied().or(scan.port);
            scan.health = file.health.or(scan.health.take());
        }
        Err(reason) => diagnostics.push(
            Diagnostic::warning("unreadable-dockerfile", format!("{shown} cannot be read"))
                .because(format!("It gave the reason: {reason}."))
                .help("set `port` and `health` on the service, or correct the file"),
        ),
    }
}

fn shown(command: &Command<'_>) -> String {
    match command {
        Command::Exec(words) => words.value.iter().map(|w| w.value.as_ref()).collect::<Vec<_>>().join(" "),
        Command::Shell(text) => text.value.to_owned(),
        // The parser may learn other forms; what they ask for is not known.
        _ => String::new(),
    }
}

/// The path of the first URL in a command.
fn path_asked_for(command: &str) -> Option<String> {
    let (_, rest) = command.split_once("://")?;
    let url: String =
        rest.chars().take_while(|c| !c.is_whitespace() && !matches!(c, '"' | '\'' | '`' | ')')).collect();
    url.find('/').map(|at| url[at..].to_owned()).filter(|p| !p.contains('$'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, target: Option<&str>, args: &[(&str, &str)]) -> Result<Dockerfile, String> {
        let args = args.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Dockerfile::read(text, target, &args)
    }

    #[test]
    fn the_final_stage_counts_and_inherits() {
        let text = "# syntax=docker/dockerfile:1\nFROM node:22 AS base\nUSER node\nEXPOSE 3000/tcp 9229/udp\n\
                    FROM golang AS other\nEXPOSE 1234\nFROM base\n\
                    HEALTHCHECK CMD curl -f http://localhost:3000/healthz || exit 1\nCMD [\"node\", \"a.js\"]\n";
        let file = read(text, None, &[]).expect("valid");
        assert_eq!(file.base, "node:22");
        assert_eq!(file.ports, [3000]);
        assert_eq!(file.user.as_deref(), Some("node"));
        assert_eq!(file.health.as_deref(), Some("/healthz"));
    }

    #[test]
    fn stages_and_arguments_are_followed_to_an_image() {
        let text = "ARG V=16 P=5432\nFROM node AS build\nEXPOSE 1\n\
                    FROM --platform=x postgres:${V} as base\nexpose $P/tcp \\\n 9\n\
                    FROM base\nARG Q=7\nENV R=$Q\nEXPOSE ${R}\nCOPY a b\n";
        let file = read(text, None, &[]).expect("valid");
        assert_eq!((file.base.as_str(), file.ports.as_slice()), ("postgres:16", &[7, 5432, 9][..]));
        let build = read(text, Some("BUILD"), &[]).expect("valid");
        assert_eq!((build.base.as_str(), build.ports.as_slice()), ("node", &[1][..]));
        let given = read(text, None, &[("V", "17"), ("Q", "8")]).expect("valid");
        assert_eq!((given.base.as_str(), given.ports.as_slice()), ("postgres:17", &[8, 5432, 9][..]));
        assert!(read(text, Some("nowhere"), &[]).is_err());
    }

    #[test]
    fn broken_files_are_errors_and_never_panics() {
        for text in [
            "",
            "FROM",
            "\u{feff}FROM x",
            "RUN <<EOF",
            "EXPOSE 1\nFROM x",
            "FROM a AS a\nFROM a AS a",
            "FROM a AS a",
            "ARG\nFROM a",
            "ARG A=${A\nFROM ${A",
            "NOPE",
            "\0",
        ] {
            for target in [None, Some("a"), Some("nowhere")] {
                let _ = read(text, target, &[("A", "a")]);
            }
        }
        assert!(read("", None, &[]).is_err());
    }
}
