//! `init`: a spec from what is there, with everything that was understood, assumed and lost.

use std::path::Path;

use ir::Diagnostic;
use serde_json::json;

use super::{Heard, Session};
use crate::args::{Format, InputOrProse};
use crate::exit::Exit;
use crate::input::Origin;
use crate::view;

pub fn run(session: &Session<'_>, input: &InputOrProse, out: Option<&Path>) -> Exit {
    let mut heard = Heard::default();
    let understood = match session.understand(&input.input, input.from.as_deref(), &mut heard) {
        Ok(understood) => understood,
        Err(_) if !heard.foreign.is_empty() => {
            return session.hand_over(&mut heard, out.unwrap_or(&input.input.path));
        }
        Err(exit) => return exit,
    };
    let target = out.unwrap_or(&understood.folder).join(spec::yaml::FILE_NAMES[0]);
    if let Origin::Spec(path) = &understood.origin {
        heard.diagnostics.push(
            Diagnostic::error("spec-exists", format!("{} is there already", path.display()))
                .help("edit it, or remove it to start again"),
        );
        return session.refuse(&heard);
    }
    if session.world.kind(&target).is_some() {
        heard.diagnostics.push(
            Diagnostic::error("spec-exists", format!("{} is there already", target.display()))
                .help("name another folder with --out"),
        );
        return session.refuse(&heard);
    }
    let text = spec::yaml::print(&understood.spec);
    if let Err(exit) = session.folder(target.parent().unwrap_or(Path::new("")), &mut heard) {
        return exit;
    }
    if let Err(e) = session.world.write(&target, text.as_bytes(), false) {
        return session.unwritable(&e, &mut heard);
    }
    session.finish(&heard);
    let requests = emit::document::handoffs::requests(Some(&understood.spec), &understood.refusals);
    if let Some(failed) = session.write_requests(&requests, &target.with_file_name(""), &mut heard) {
        return failed;
    }
    session.printer.say(&format!("wrote {}", target.display()));
    match session.printer.format {
        Format::Text | Format::Markdown => session.printer.result(&view::reading::text(&understood)),
        Format::Json | Format::Sarif => {
            let mut value = view::reading::json(&understood);
            value["wrote"] = json!(target.display().to_string());
            session.json(&value);
        }
    }
    Exit::Done
}
