//! `cost`: what a month costs, and how that differs from another design.

use std::path::Path;

use super::{Heard, Session};
use crate::args::{Format, Input};
use crate::exit::Exit;
use crate::{engine, view};

pub fn run(session: &Session<'_>, input: &Input, against: Option<&Path>) -> Exit {
    let mut heard = Heard::default();
    let estimates = |input: &Input, heard: &mut Heard| {
        let understood = session.understand(input, None, heard)?;
        let designed = engine::design(&understood, &mut heard.diagnostics);
        designed.map(|(blueprint, _, estimates)| (blueprint, estimates)).ok_or_else(|| session.refuse(heard))
    };
    let (blueprint, after) = match estimates(input, &mut heard) {
        Ok(found) => found,
        Err(exit) => return exit,
    };
    let before = match against {
        None => None,
        Some(path) => match estimates(&Input { path: path.to_path_buf() }, &mut heard) {
            Ok((_, found)) => Some(found),
            Err(exit) => return exit,
        },
    };
    session.finish(&heard);
    match (session.printer.format, before) {
        (Format::Text, None) => session.printer.result(&view::money::text(&after, blueprint.budget)),
        (Format::Markdown, None) => session.printer.result(&view::money::markdown(&after, blueprint.budget)),
        (Format::Json | Format::Sarif, None) => session.json(&view::money::json(&after, blueprint.budget)),
        (Format::Text | Format::Markdown, Some(before)) => {
            session.printer.result(&view::money::difference(&cost::diff(&before, &after)));
        }
        (Format::Json | Format::Sarif, Some(before)) => {
            session.json(&view::money::difference_json(&cost::diff(&before, &after)));
        }
    }
    Exit::Done
}
