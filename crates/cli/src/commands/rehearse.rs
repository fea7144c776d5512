//! `rehearse`: proof that the rollback works, before anything is real.

use deliver::Rehearsal;
use serde_json::json;

use super::{Heard, Session};
use crate::args::{Format, Input};
use crate::exit::Exit;
use crate::{engine, view};

pub fn run(session: &Session<'_>, input: &Input) -> Exit {
    let mut heard = Heard::default();
    let understood = match session.understand(input, None, &mut heard) {
        Ok(understood) => understood,
        Err(exit) => return exit,
    };
    let Some((_, stacks, _)) = engine::design(&understood, &mut heard.diagnostics) else {
        return session.refuse(&heard);
    };
    let (rehearsals, said) = deliver::rehearse(&stacks);
    heard.diagnostics.extend(said);
    session.finish(&heard);
    match session.printer.format {
        Format::Text | Format::Markdown => session.printer.result(&view::proof::text(&rehearsals)),
        Format::Json | Format::Sarif => session.json(&json!({"version": 1, "rehearsals": rehearsals})),
    }
    if rehearsals.iter().all(Rehearsal::passed) { Exit::Done } else { Exit::Refused }
}
