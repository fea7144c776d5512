//! One file a command. A command reads, calls the engine, prints, and returns how it ended.

mod check;
mod cost;
mod deliver;
mod design;
mod init;
mod meta;
mod rehearse;
mod status;
mod translate;

use std::path::Path;

use ir::world::EntryKind;
use ir::{Diagnostic, Diagnostics, SourceMap, World, WorldError};

use crate::args::{Cli, Command, Format, Global, Input};
use crate::exit::Exit;
use crate::input::{self, Understood};
use crate::output::Printer;
use crate::view;

/// Runs a parsed command line.
#[must_use]
pub fn run(cli: &Cli, world: &dyn World) -> Exit {
    let session = Session { world, global: &cli.global, printer: Printer::new(&cli.global, world) };
    let ended = dispatch(&session, &cli.command);
    if session.printer.has_lost() { Exit::OutsideFailed } else { ended }
}

fn dispatch(session: &Session<'_>, command: &Command) -> Exit {
    if session.printer.format == Format::Sarif && !matches!(command, Command::Check { .. }) {
        let mut heard = Heard::default();
        heard.diagnostics.push(
            Diagnostic::error("no-findings", "only `check` has findings to print as SARIF")
                .help("use `--format json`"),
        );
        return session.refuse(&heard);
    }
    match command {
        Command::Init { input, out } => init::run(session, input, out.as_deref()),
        Command::Design { input, compare } => design::run(session, input, *compare),
        Command::Generate { input, out } => deliver::generate(session, input, out),
        Command::Check { input } => check::run(session, input),
        Command::Cost { input, against } => cost::run(session, input, against.as_deref()),
        Command::Rehearse { input } => rehearse::run(session, input),
        Command::Docs { input, out } => deliver::docs(session, input, out),
        Command::Translate { path, to, from, var_files, variables, out } => {
            let asked = translate::Asked { path, to, from: from.as_deref(), var_files, variables, out };
            translate::run(session, &asked)
        }
        Command::Status { input, out } => status::run(session, input, out.as_deref()),
        Command::Deliver { input, out, git, branch } => {
            deliver::run(session, input, out, git.then_some(branch.as_str()))
        }
        Command::Schema => meta::schema(session),
        Command::Completions { shell } => meta::completions(session, *shell),
        Command::Man => meta::man(session),
    }
}

/// What every command works with.
pub(crate) struct Session<'a> {
    pub world: &'a dyn World,
    pub global: &'a Global,
    pub printer: Printer,
}

/// What has been read and said so far.
#[derive(Default)]
pub(crate) struct Heard {
    pub sources: SourceMap,
    pub diagnostics: Diagnostics,
    /// Whether the input could be read: what stops a run after that is a blocker, not a mistake in a file.
    pub understood: bool,
    /// Work of other roles, when nothing else was asked for.
    pub foreign: Vec<spec::prose::Refusal>,
}

impl Session<'_> {
    /// Reads the input, or prints why not.
    pub fn understand(
        &self,
        input: &Input,
        prose: Option<&str>,
        heard: &mut Heard,
    ) -> Result<Understood, Exit> {
        let overrides = self.global.overrides();
        let (understood, said) = input::understand(
            self.world,
            &input.path,
            prose,
            &overrides,
            &mut heard.sources,
            &mut heard.foreign,
        );
        heard.diagnostics.extend(said);
        understood.ok_or_else(|| if heard.foreign.is_empty() { self.refuse(heard) } else { Exit::Refused })
    }

    /// Ends a run whose description asks for other roles' work and nothing else: the requests are written below
    /// `out`, and the refusal names the roles.
    pub fn hand_over(&self, heard: &mut Heard, out: &Path) -> Exit {
        heard.diagnostics.extend(view::reading::refused(&heard.foreign, ir::Severity::Error));
        self.refuse(heard);
        let requests = emit::document::handoffs::requests(None, &heard.foreign);
        self.write_requests(&requests, out, &mut Heard::default()).unwrap_or(Exit::Refused)
    }

    /// Writes the requests to other roles; how the run ends when that fails.
    pub fn write_requests(
        &self,
        requests: &[(String, String)],
        out: &Path,
        heard: &mut Heard,
    ) -> Option<Exit> {
        for (path, text) in requests {
            let path = out.join(path);
            if let Err(e) = self.world.write(&path, text.as_bytes(), false) {
                return Some(self.unwritable(&e, heard));
            }
            self.printer.say(&format!("wrote {}", path.display()));
        }
        None
    }

    /// Ends as bad input when a folder to write into cannot be one, because it or a part of its path is a file.
    pub fn folder(&self, out: &Path, heard: &mut Heard) -> Result<(), Exit> {
        let there = out.ancestors().find_map(|part| Some((part, self.world.kind(part)?)));
        match there {
            Some((part, kind)) if kind != EntryKind::Folder => {
                heard.diagnostics.push(
                    Diagnostic::error("not-a-folder", format!("{} is no folder", part.display()))
                        .help("name a folder to write into, or one that can be made"),
                );
                Err(self.refuse(heard))
            }
            _ => Ok(()),
        }
    }

    /// Ends because a file cannot be written.
    pub fn unwritable(&self, problem: &WorldError, heard: &mut Heard) -> Exit {
        heard.diagnostics.push(
            Diagnostic::error("unwritable", problem.to_string())
                .help("check the permissions of the folder and the space on the disk"),
        );
        self.finish(heard);
        Exit::OutsideFailed
    }

    /// Prints every message and ends as bad input.
    pub fn refuse(&self, heard: &Heard) -> Exit {
        self.printer.messages(&heard.diagnostics, &heard.sources);
        Exit::BadInput
    }

    /// Prints every message of a run that went through.
    pub fn finish(&self, heard: &Heard) {
        self.printer.messages(&heard.diagnostics, &heard.sources);
    }

    /// Prints a value as stable JSON.
    pub fn json(&self, value: &serde_json::Value) {
        self.printer.result(&format!("{value:#}\n"));
    }
}
