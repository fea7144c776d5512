//! `check`: schema, security, reliability, cost and operability of the designed infrastructure.

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
    let Some((blueprint, stacks, _)) = engine::design(&understood, &mut heard.diagnostics) else {
        return session.refuse(&heard);
    };
    let report = engine::checked(&blueprint, &stacks);
    session.finish(&heard);
    match session.printer.format {
        Format::Text => session.printer.result(&view::findings::text(&report)),
        Format::Markdown => session.printer.result(&view::findings::markdown(&report)),
        Format::Json => session.json(&view::findings::json(&report)),
        Format::Sarif => session.json(&view::findings::sarif(&report)),
    }
    if report.open().next().is_some() { Exit::Refused } else { Exit::Done }
}
