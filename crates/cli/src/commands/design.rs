//! `design`: what was chosen and why.

use serde_json::json;

use super::{Heard, Session};
use crate::args::{Format, Input};
use crate::exit::Exit;
use crate::{engine, view};

pub fn run(session: &Session<'_>, input: &Input, compare: bool) -> Exit {
    let mut heard = Heard::default();
    let understood = match session.understand(input, None, &mut heard) {
        Ok(understood) => understood,
        Err(exit) => return exit,
    };
    if compare {
        let alternatives = design::compare(&understood.spec);
        session.finish(&heard);
        match session.printer.format {
            Format::Text | Format::Markdown => {
                session.printer.result(&view::blueprint::comparison(&alternatives))
            }
            Format::Json | Format::Sarif => {
                session.json(&json!({"version": 1, "alternatives": alternatives}))
            }
        }
        return Exit::Done;
    }
    let Some((blueprint, _, estimates)) = engine::design(&understood, &mut heard.diagnostics) else {
        return session.refuse(&heard);
    };
    session.finish(&heard);
    match session.printer.format {
        Format::Text | Format::Markdown => {
            session.printer.result(&view::blueprint::text(&understood, &blueprint, &estimates));
        }
        Format::Json | Format::Sarif => session.json(&json!({
            "version": 1,
            "assumptions": understood.spec.assumptions,
            "blueprint": blueprint,
            "monthly": estimates.iter().map(|e| json!({"stack": e.stack, "usd": e.total()})).collect::<Vec<_>>(),
        })),
    }
    Exit::Done
}
