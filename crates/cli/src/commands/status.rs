//! `status`: what is designed, what is written, and what differs between the two. Reads only.

use std::path::Path;

use serde_json::json;

use super::{Heard, Session};
use crate::args::{Format, Input};
use crate::engine::{self, SPEC_FILE};
use crate::exit::Exit;
use crate::view;

pub fn run(session: &Session<'_>, input: &Input, out: Option<&Path>) -> Exit {
    let mut heard = Heard::default();
    let understood = match session.understand(input, None, &mut heard) {
        Ok(understood) => understood,
        Err(exit) => return exit,
    };
    let out = out.map_or_else(|| understood.folder.clone(), Path::to_path_buf);
    let Some(delivery) = engine::deliver(understood, &mut heard.diagnostics, &mut |_, _| {}) else {
        return session.refuse(&heard);
    };
    let lock = match deliver::lock::read(session.world, &out) {
        Ok(lock) => lock,
        Err(problem) => {
            heard.diagnostics.push(*problem);
            return session.refuse(&heard);
        }
    };
    let written = lock.is_some();
    let before: Vec<design::Decision> =
        lock.as_ref().and_then(|l| serde_json::from_value(l.decisions.clone()).ok()).unwrap_or_default();
    let base = deliver::lock::read_base(session.world, &out);
    let changes = base.get(SPEC_FILE).and_then(|spec| engine::changes(spec, &before, &delivery));
    let next = deliver::Lock::new(catalog::VERSION, "", serde_json::Value::Null);
    let (decided, said) = deliver::reconcile(session.world, &out, &delivery.bundle, lock, next);
    let conflicts = decided.conflicts.len() + decided.foreign.len();
    // Conflicts are what a status reports; they are no reason to stop.
    heard.diagnostics.extend(said.into_iter().filter(|d| d.severity != ir::Severity::Error).collect());
    session.finish(&heard);
    match session.printer.format {
        Format::Text | Format::Markdown => {
            let shown = changes.as_ref().filter(|_| written);
            session.printer.result(&view::report::text(&delivery, &heard.diagnostics, &decided, shown, 0));
        }
        Format::Json | Format::Sarif => session.json(&json!({
            "version": 1,
            "written": written,
            "to_write": decided.write.keys().collect::<Vec<_>>(),
            "to_merge": decided.merged.keys().collect::<Vec<_>>(),
            "conflicts": decided.conflicts.keys().chain(&decided.foreign).collect::<Vec<_>>(),
            "unchanged": decided.unchanged.len(),
            "open_findings": delivery.report.open().count(),
            "changes": changes.as_ref().map(view::report::changes_json),
        })),
    }
    if conflicts > 0 || engine::gate(&delivery).is_some() { Exit::Refused } else { Exit::Done }
}
