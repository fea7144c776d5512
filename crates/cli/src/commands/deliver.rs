//! `deliver`, `generate` and `docs`: everything that writes a bundle.

use std::path::Path;

use deliver::{Lock, Reconciled};
use design::Decision;
use emit::Context;
use ir::{Bundle, Diagnostic};
use serde_json::json;

use super::{Heard, Session};
use crate::args::{Format, Input, InputOrProse};
use crate::engine::{self, Changes, Delivery, SPEC_FILE, STEPS};
use crate::exit::Exit;
use crate::view;

/// The whole job.
pub fn run(session: &Session<'_>, input: &InputOrProse, out: &Path, branch: Option<&str>) -> Exit {
    let started = session.world.ticks();
    let mut heard = Heard::default();
    if let Err(exit) = session.folder(out, &mut heard) {
        return exit;
    }
    let delivery = match everything(session, &input.input, input.from.as_deref(), &mut heard) {
        Ok(delivery) => delivery,
        Err(_) if !heard.foreign.is_empty() => return session.hand_over(&mut heard, out),
        Err(exit) => {
            if session.printer.format == Format::Text && heard.understood {
                session.printer.result(&view::report::blocked(&heard.diagnostics, &input.input.path));
            }
            return exit;
        }
    };
    let written = match write(session, out, &delivery, &delivery.bundle, &mut heard) {
        Ok(written) => written,
        Err(exit) => return exit,
    };
    let mut submitted = None;
    if ir::world::plain(out) != ir::world::plain(&delivery.understood.folder) && branch.is_none() {
        session.printer.say(&format!(
            "the bundle is made to lie in the application's folder: copy it there, or use --out {}",
            delivery.understood.folder.display()
        ));
    }
    if let Some(branch) = branch {
        match submit(session, out, branch, &delivery, &written) {
            Ok(text) => submitted = Some(text),
            Err(problem) => {
                heard.diagnostics.push(*problem);
                session.finish(&heard);
                return Exit::OutsideFailed;
            }
        }
    }
    let detail = submitted.clone().unwrap_or_else(|| format!("wrote {}", out.display()));
    session.printer.step(8, STEPS[7], &detail);
    session.finish(&heard);
    let elapsed = session.world.ticks().saturating_sub(started);
    match session.printer.format {
        Format::Text | Format::Markdown => {
            session.printer.result(&view::report::text(
                &delivery,
                &heard.diagnostics,
                &written.decided,
                written.changes.as_ref(),
                elapsed,
            ));
        }
        Format::Json | Format::Sarif => session.json(&summary(&delivery, &written, out)),
    }
    Exit::Done
}

/// Everything but the report and the branch.
pub fn generate(session: &Session<'_>, input: &Input, out: &Path) -> Exit {
    let mut heard = Heard::default();
    if let Err(exit) = session.folder(out, &mut heard) {
        return exit;
    }
    let delivery = match everything(session, input, None, &mut heard) {
        Ok(delivery) => delivery,
        Err(exit) => return exit,
    };
    let written = match write(session, out, &delivery, &delivery.bundle, &mut heard) {
        Ok(written) => written,
        Err(exit) => return exit,
    };
    session.finish(&heard);
    match session.printer.format {
        Format::Text | Format::Markdown => {
            session.printer.result(&view::report::files(&written.decided));
            if let Some(changes) = &written.changes {
                session.printer.result(&view::report::changes(changes));
            }
        }
        Format::Json | Format::Sarif => session.json(&summary(&delivery, &written, out)),
    }
    Exit::Done
}

/// The documents alone, into a folder that may already hold the bundle.
pub fn docs(session: &Session<'_>, input: &Input, out: &Path) -> Exit {
    let mut heard = Heard::default();
    if let Err(exit) = session.folder(out, &mut heard) {
        return exit;
    }
    let delivery = match everything(session, input, None, &mut heard) {
        Ok(delivery) => delivery,
        Err(exit) => return exit,
    };
    let base = deliver::lock::read_base(session.world, out);
    let mut written = 0;
    for (path, file) in delivery.bundle.iter().filter(|(path, _)| path.starts_with("docs/")) {
        let target = out.join(path);
        if let Ok(there) = session.world.read_text(&target) {
            if there == file.text {
                continue;
            }
            // Only what is still as it was generated may be replaced; merging edits is what `generate` does.
            if base.get(path) != Some(&there) {
                heard.diagnostics.push(
                    Diagnostic::warning(
                        "edited-document",
                        format!("{} was edited and is kept", target.display()),
                    )
                    .help("run `mainstay generate` to merge the new text into it"),
                );
                continue;
            }
        }
        if let Err(e) = session.world.write(&target, file.text.as_bytes(), file.executable) {
            return session.unwritable(&e, &mut heard);
        }
        written += 1;
    }
    session.finish(&heard);
    match session.printer.format {
        Format::Text | Format::Markdown => session.printer.say(&format!(
            "wrote {} below {}",
            view::count(written, "document", "documents"),
            out.join("docs").display()
        )),
        Format::Json | Format::Sarif => session.json(&json!({"version": 1, "written": written})),
    }
    Exit::Done
}

/// Steps one to seven, and the gate.
fn everything(
    session: &Session<'_>,
    input: &Input,
    prose: Option<&str>,
    heard: &mut Heard,
) -> Result<Delivery, Exit> {
    let understood = session.understand(input, prose, heard)?;
    heard.understood = true;
    heard.diagnostics.extend(view::reading::refused(&understood.refusals, ir::Severity::Warning));
    let counted = format!(
        "{} from {}: {}, {}",
        *understood.spec.name,
        understood.origin.describe(),
        view::count(understood.spec.services.len(), "service", "services"),
        view::count(understood.spec.resources.len(), "resource", "resources")
    );
    session.printer.step(1, STEPS[0], &counted);
    let mut hear = |place: usize, detail: &str| session.printer.step(place + 1, STEPS[place], detail);
    let delivery = engine::deliver(understood, &mut heard.diagnostics, &mut hear)
        .ok_or_else(|| session.refuse(heard))?;
    if let Some(refused) = engine::gate(&delivery) {
        session.finish(heard);
        match session.printer.format {
            Format::Text | Format::Markdown => {
                session.printer.result(&view::findings::text(&delivery.report));
                session.printer.result(&view::proof::text(&delivery.rehearsals));
                session.printer.say(&refused);
            }
            Format::Json | Format::Sarif => session.json(&json!({
                "version": 1,
                "refused": refused,
                "report": delivery.report,
                "rehearsals": delivery.rehearsals,
            })),
        }
        return Err(Exit::Refused);
    }
    Ok(delivery)
}

/// What a write did.
struct Written {
    decided: Reconciled,
    changes: Option<Changes>,
}

/// Merges the bundle into what is there and writes it; a conflict writes nothing.
fn write(
    session: &Session<'_>,
    out: &Path,
    delivery: &Delivery,
    bundle: &Bundle,
    heard: &mut Heard,
) -> Result<Written, Exit> {
    let lock = deliver::lock::read(session.world, out).map_err(|problem| {
        heard.diagnostics.push(*problem);
        session.refuse(heard)
    })?;
    let decisions = serde_json::to_value(&delivery.blueprint.decisions).unwrap_or_default();
    let printed = bundle.get(SPEC_FILE).map(|f| f.text.as_str()).unwrap_or_default();
    let next = Lock::new(catalog::VERSION, &ir::bundle::sha256(printed.as_bytes()), decisions);
    let changes = lock.as_ref().and_then(|lock| {
        let before: Vec<Decision> = serde_json::from_value(lock.decisions.clone()).unwrap_or_default();
        let base = deliver::lock::read_base(session.world, out);
        base.get(SPEC_FILE).and_then(|spec| engine::changes(spec, &before, delivery))
    });
    let (decided, said) = deliver::reconcile(session.world, out, bundle, lock, next);
    heard.diagnostics.extend(said);
    if heard.diagnostics.has_errors() {
        return Err(session.refuse(heard));
    }
    if let Err(e) = deliver::commit(session.world, out, &decided) {
        return Err(session.unwritable(&e, heard));
    }
    Ok(Written { decided, changes })
}

/// Commits the bundle to a branch and leaves the pull request's text beside it.
fn submit(
    session: &Session<'_>,
    out: &Path,
    branch: &str,
    delivery: &Delivery,
    written: &Written,
) -> Result<String, Box<Diagnostic>> {
    let text = pull_request(delivery, written.changes.as_ref());
    let mut files: Vec<String> = delivery.bundle.iter().map(|(path, _)| path.to_owned()).collect();
    files.extend([deliver::lock::LOCK.to_owned(), deliver::lock::BASE.to_owned()]);
    files.extend(written.decided.removed.iter().cloned());
    let message = format!("Infrastructure of {}", delivery.blueprint.name);
    let submission = deliver::submit(session.world, out, branch, &files, &message, &text)?;
    let target = out.join(".mainstay/pull-request.md");
    session.world.write(&target, submission.text.as_bytes(), false).map_err(|e| {
        Box::new(Diagnostic::error("unwritable", e.to_string()).help("check the permissions of the folder"))
    })?;
    Ok(format!(
        "{} on branch {}; its pull request's text is in {}",
        &submission.commit[..12],
        submission.branch,
        target.display()
    ))
}

fn pull_request(delivery: &Delivery, changes: Option<&Changes>) -> String {
    let context = Context {
        spec: &delivery.understood.spec,
        blueprint: &delivery.blueprint,
        stacks: &delivery.stacks,
        estimates: &delivery.estimates,
        report: &delivery.report,
        rehearsals: &delivery.rehearsals,
    };
    let before =
        changes.map(|c| emit::document::pull_request::Before { cost: c.cost.before, plans: &c.plans });
    emit::document::pull_request::write(&context, delivery.bundle.len(), before)
}

fn summary(delivery: &Delivery, written: &Written, out: &Path) -> serde_json::Value {
    let decided = &written.decided;
    json!({
        "version": 1,
        "out": out.display().to_string(),
        "wrote": decided.write.keys().collect::<Vec<_>>(),
        "merged": decided.merged.keys().collect::<Vec<_>>(),
        "removed": decided.removed,
        "kept": decided.kept,
        "unchanged": decided.unchanged.len(),
        "resources": delivery.stacks.iter().map(|s| json!({"stack": s.name, "count": s.graph.len()})).collect::<Vec<_>>(),
        "monthly": delivery.estimates.iter().map(|e| json!({"stack": e.stack, "usd": e.total()})).collect::<Vec<_>>(),
        "open_findings": delivery.report.open().count(),
        "rehearsed": delivery.rehearsals.iter().all(deliver::Rehearsal::passed),
        "missing": delivery.understood.missing,
        "not_understood": delivery.understood.not_understood,
        "changes": written.changes.as_ref().map(view::report::changes_json),
    })
}
