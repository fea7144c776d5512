//! `docs/runbooks/`: what to do when an alert rings or a thing breaks that no alert can see.
//!
//! The advice is data, one row a class of trouble; the commands in it are printed with this application's own
//! names. Only what can happen to this application is written: a page is there because an alert names it or
//! because the design holds what it is about. It must not know how alerts are found.

mod databases;
mod messaging;
mod platform;
mod services;
mod stores;

use std::collections::BTreeMap;

use design::EnvironmentDesign;
use ir::Bundle;

use super::markdown::{Document, Inline, link};
use crate::alerts::{Alert, Rings};
use crate::place::Place;
use crate::{Context, observability};

/// The page for an alarm that nobody here knows.
pub const ANY_ALARM: &str = "cloud-alarm";

/// One page.
pub struct Slug {
    /// Its file, without the ending.
    pub slug: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Whether an alarm of the cloud that names it pages somebody.
    pub pages: bool,
}

/// A class of trouble, the same for all its pages.
pub struct Runbook {
    /// Its pages.
    pub slugs: &'static [Slug],
    /// What it is about in an environment, when it can happen there without any alert.
    applies: fn(&EnvironmentDesign) -> Option<String>,
    /// What users notice.
    users: &'static str,
    /// The first five minutes.
    first: &'static [Step],
    /// What it may be, and how to tell.
    causes: &'static [Cause],
    /// How it is mended.
    mend: &'static [Step],
    /// How to see that it is over.
    verify: &'static [Step],
    /// When to wake somebody else.
    escalate: &'static str,
    /// What is left to do.
    afterwards: &'static [&'static str],
}

/// A command, with the names of the place it is about.
type Command = fn(&Place) -> String;

/// Something to do.
struct Step {
    words: &'static str,
    command: Option<Command>,
}

/// Something it may be.
struct Cause {
    what: &'static str,
    tell: &'static str,
    command: Option<Command>,
}

const fn page(slug: &'static str, title: &'static str) -> Slug {
    Slug { slug, title, pages: true }
}

const fn ticket(slug: &'static str, title: &'static str) -> Slug {
    Slug { slug, title, pages: false }
}

const fn say(words: &'static str) -> Step {
    Step { words, command: None }
}

const fn run(words: &'static str, command: Command) -> Step {
    Step { words, command: Some(command) }
}

const fn cause(what: &'static str, tell: &'static str) -> Cause {
    Cause { what, tell, command: None }
}

const fn shown(what: &'static str, tell: &'static str, command: Command) -> Cause {
    Cause { what, tell, command: Some(command) }
}

/// Written only when an alert names it.
fn alerted(_: &EnvironmentDesign) -> Option<String> {
    None
}

/// Every class, in the order of the index.
static GROUPS: [&[Runbook]; 5] =
    [services::RUNBOOKS, messaging::RUNBOOKS, databases::RUNBOOKS, stores::RUNBOOKS, platform::RUNBOOKS];

/// The page of a name and what is on it.
pub fn find(slug: &str) -> Option<(&'static Slug, &'static Runbook)> {
    let all = GROUPS.iter().flat_map(|group| group.iter());
    all.flat_map(|r| r.slugs.iter().map(move |s| (s, r))).find(|(s, _)| s.slug == slug)
}

/// A page that will be written.
pub struct Page<'a> {
    /// Its name and title.
    pub slug: &'static Slug,
    runbook: &'static Runbook,
    /// The alerts that name it.
    pub alerts: Vec<&'a Alert>,
    /// What it is about where no alert says so.
    subject: Option<String>,
}

/// The pages of this application, in the order of the index.
pub fn pages<'a>(context: &Context<'_>, alerts: &'a [Alert]) -> Vec<Page<'a>> {
    let mut ringing: BTreeMap<&str, Vec<&Alert>> = BTreeMap::new();
    for alert in alerts {
        ringing.entry(&alert.runbook).or_default().push(alert);
    }
    let environment = observability::reference(context.blueprint);
    let mut pages = Vec::new();
    for runbook in GROUPS.iter().flat_map(|group| group.iter()) {
        let subject = environment.and_then(|e| (runbook.applies)(e));
        for (place, slug) in runbook.slugs.iter().enumerate() {
            let alerts = ringing.get(slug.slug).cloned().unwrap_or_default();
            // What happens without an alert is on the first page of its class.
            let subject = subject.clone().filter(|_| place == 0);
            if !alerts.is_empty() || subject.is_some() {
                pages.push(Page { slug, runbook, alerts, subject });
            }
        }
    }
    pages
}

/// The files.
pub fn write(context: &Context<'_>, alerts: &[Alert], bundle: &mut Bundle) {
    let pages = pages(context, alerts);
    for page in &pages {
        bundle.add(observability::runbook_path(page.slug.slug), print(context, page));
    }
    bundle.add("docs/runbooks/README.md", index(context, &pages));
}

fn index(context: &Context<'_>, pages: &[Page<'_>]) -> String {
    let mut doc = Document::titled(&format!("Runbooks of {}", context.blueprint.name));
    doc.line(&[
        "One page for each way this application can fail. ".into(),
        link("Monitoring", "../monitoring.md"),
        " lists the alerts that lead here.".into(),
    ]);
    let row = |page: &Page<'_>| {
        let severity = page.alerts.iter().map(|a| a.severity).min();
        vec![
            link(page.slug.title, format!("{}.md", page.slug.slug)),
            severity.map_or("no alert", crate::alerts::Severity::word).into(),
            Inline::from(page.runbook.users),
        ]
    };
    doc.table(&["what happened", "who is told", "what users notice"], pages.iter().map(row));
    doc.print()
}

/// Alerts named on one page; the rest is counted, so that a page of a large application stays readable.
const NAMED_ALERTS: usize = 12;

fn print(context: &Context<'_>, page: &Page<'_>) -> String {
    let Page { slug, runbook, .. } = page;
    let place = place(context, page);
    let mut doc = Document::titled(slug.title);
    doc.para(format!("What users notice: {}.", runbook.users));
    let row = |alert: &&Alert| {
        vec![
            format!("`{}`", alert.name),
            format!("`{}`", alert.subject),
            alert.environment.clone().unwrap_or("all".into()),
            alert.threshold.clone(),
        ]
    };
    doc.table(
        &["alert", "about", "environment", "rings when"],
        page.alerts.iter().take(NAMED_ALERTS).map(row),
    );
    if page.alerts.len() > NAMED_ALERTS {
        doc.para(format!("And {} more; all are in the list of alerts.", page.alerts.len() - NAMED_ALERTS));
    }
    let names_it = |place: &&Place| {
        let steps = [runbook.first, runbook.mend, runbook.verify].into_iter().flatten();
        let mut commands =
            steps.filter_map(|s| s.command).chain(runbook.causes.iter().filter_map(|c| c.command));
        !place.subject.is_empty() && commands.any(|command| command(place).contains(&place.subject))
    };
    if let Some(place) = place.as_ref().filter(names_it) {
        doc.para(format!(
            "The commands name `{}` in {}. For another part or environment, change the names.",
            place.subject, place.environment
        ));
    }
    doc.heading(2, "The first five minutes");
    steps(&mut doc, runbook.first, place.as_ref());
    doc.heading(2, "What it may be");
    doc.table(&["cause", "how to tell"], runbook.causes.iter().map(|c| vec![c.what, c.tell]));
    // What the first five minutes have shown already is not asked again.
    let asked: Vec<String> =
        place.iter().flat_map(|p| runbook.first.iter().filter_map(|s| Some((s.command?)(p)))).collect();
    for cause in runbook.causes {
        let command = cause.command.zip(place.as_ref()).map(|(command, place)| command(place));
        if let Some(command) = command.filter(|c| !asked.contains(c)) {
            doc.para(format!("{}:", cause.what)).code("sh", &command);
        }
    }
    doc.heading(2, "Mend it");
    steps(&mut doc, runbook.mend, place.as_ref());
    doc.heading(2, "See that it is over");
    steps(&mut doc, runbook.verify, place.as_ref());
    doc.heading(2, "Escalate");
    let owner = context.blueprint.owner.as_deref().unwrap_or("whoever owns this application");
    doc.para(format!("To {owner}: {}.", runbook.escalate));
    doc.heading(2, "Afterwards");
    doc.bullets(runbook.afterwards.iter().copied());
    doc.line(&[link("All runbooks", "README.md"), ", ".into(), link("monitoring", "../monitoring.md")]);
    doc.print()
}

fn steps(doc: &mut Document, steps: &[Step], place: Option<&Place>) {
    doc.steps(steps.iter().map(|s| s.words));
    let commands: Vec<String> = steps.iter().filter_map(|s| Some((s.command?)(place?))).collect();
    if !commands.is_empty() {
        doc.code("sh", &commands.join("\n"));
    }
}

/// What the commands of a page are about: its gravest alert, in an environment that people depend on if any.
fn place(context: &Context<'_>, page: &Page<'_>) -> Option<Place> {
    let environment = observability::reference(context.blueprint)?;
    let here = |alert: &&&Alert| alert.environment.as_ref().is_none_or(|e| *e == environment.name);
    let alert = page.alerts.iter().find(here).or(page.alerts.first());
    Some(match (alert, &page.subject) {
        (Some(alert), _) => match (&alert.rings, &alert.environment) {
            (Rings::Cloud(address), Some(name)) => Place::of_alarm(context, name, address),
            _ => Place::of_part(context, environment, &alert.subject),
        },
        (None, Some(subject)) => Place::of_part(context, environment, subject),
        (None, None) => Place::of_component(context, &environment.name, ""),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_page_has_a_name_of_its_own_and_every_part() {
        let mut names = BTreeSet::new();
        for runbook in GROUPS.iter().flat_map(|group| group.iter()) {
            assert!(!runbook.slugs.is_empty());
            for slug in runbook.slugs {
                assert!(names.insert(slug.slug), "{} twice", slug.slug);
                let kebab = |c: char| c.is_ascii_lowercase() || c == '-';
                assert!(slug.slug.chars().all(kebab), "{}", slug.slug);
            }
            let name = runbook.slugs[0].slug;
            let sizes = [runbook.first.len(), runbook.causes.len(), runbook.mend.len(), runbook.verify.len()];
            assert!(sizes.iter().all(|n| *n > 0), "{name}: {sizes:?}");
            assert!(runbook.causes.len() > 1, "{name}: one cause is a conclusion");
            assert!(!runbook.afterwards.is_empty(), "{name}");
            for words in [runbook.users, runbook.escalate] {
                assert!(!words.ends_with('.') && !words.is_empty(), "{name}: {words}");
            }
        }
        assert!(find(ANY_ALARM).is_some());
    }

    #[test]
    fn commands_name_what_is_missing_instead_of_guessing() {
        let nowhere = Place::default();
        for runbook in GROUPS.iter().flat_map(|group| group.iter()) {
            let steps = [runbook.first, runbook.mend, runbook.verify].into_iter().flatten();
            let commands =
                steps.filter_map(|s| s.command).chain(runbook.causes.iter().filter_map(|c| c.command));
            for command in commands {
                let text = command(&nowhere);
                assert!(!text.contains("\"\"") && !text.contains("  "), "{text}");
            }
        }
    }
}
