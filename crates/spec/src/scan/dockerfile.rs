//! What an existing Dockerfile says about the program it packs.
//!
//! Only the final stage counts, since that is what runs. The file is the user's and is used as it is: nothing
//! here judges it.

use ir::{Diagnostic, Diagnostics};
use parse_dockerfile::{Command, HealthcheckArguments, Instruction};

use super::Sources;
use crate::model::Scan;

/// The final stage of a Dockerfile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dockerfile {
    /// Image the final stage starts from, as written.
    pub base: String,
    /// Ports it exposes over TCP.
    pub ports: Vec<u16>,
    /// User it runs as, as written; `None`: the base image's.
    pub user: Option<String>,
    /// Path that its health check asks for over HTTP.
    pub health: Option<String>,
}

impl Dockerfile {
    /// Reads the text of a Dockerfile; the error is the parser's, with line and column.
    pub fn read(text: &str) -> Result<Self, String> {
        let file = parse_dockerfile::parse(text).map_err(|e| e.to_string())?;
        let last = file.stages().last().ok_or("no stage")?;
        let mut out = Self { base: last.from.image.value.clone().into_owned(), ..Self::default() };
        // A stage that continues an earlier one keeps what that one declared.
        let mut stages = vec![last];
        while stages.len() <= file.stages().len() {
            let Some(parent) = file.stage(&stages[stages.len() - 1].from.image.value) else { break };
            out.base = parent.from.image.value.clone().into_owned();
            stages.push(parent);
        }
        for instruction in stages.iter().rev().flat_map(|s| s.instructions) {
            out.take(instruction);
        }
        Ok(out)
    }

    fn take(&mut self, instruction: &Instruction<'_>) {
        match instruction {
            Instruction::Expose(expose) => {
                let tcp = expose.arguments.iter().map(|a| a.value.trim_end_matches("/tcp"));
                self.ports.extend(tcp.filter_map(|a| a.parse::<u16>().ok()));
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

/// Fills port and health from the folder's Dockerfile; its word is surer than the sources'.
pub(super) fn fill(sources: &Sources<'_>, scan: &mut Scan, diagnostics: &mut Diagnostics) {
    let Some(name) = sources.first_of(&["Dockerfile", "Containerfile"]) else { return };
    scan.dockerfile = Some(name.to_owned());
    match Dockerfile::read(&sources.text(name).unwrap_or_default()) {
        Ok(file) => {
            scan.port = file.ports.first().copied().or(scan.port);
            scan.health = file.health.or(scan.health.take());
        }
        Err(reason) => diagnostics.push(
            Diagnostic::warning(
                "unreadable-dockerfile",
                format!("{} cannot be read", sources.shown_file(name)),
            )
            .because(format!("The parser said: {reason}."))
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

    #[test]
    fn the_final_stage_counts_and_inherits() {
        let text = "# syntax=docker/dockerfile:1\nFROM node:22 AS base\nUSER node\nEXPOSE 3000/tcp 9229/udp\n\
                    FROM golang AS other\nEXPOSE 1234\nFROM base\n\
                    HEALTHCHECK CMD curl -f http://localhost:3000/healthz || exit 1\nCMD [\"node\", \"a.js\"]\n";
        let file = Dockerfile::read(text).expect("valid");
        assert_eq!(file.base, "node:22");
        assert_eq!(file.ports, [3000]);
        assert_eq!(file.user.as_deref(), Some("node"));
        assert_eq!(file.health.as_deref(), Some("/healthz"));
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
            "NOPE",
            "\0",
        ] {
            let _ = Dockerfile::read(text);
        }
        assert!(Dockerfile::read("").is_err());
    }
}
