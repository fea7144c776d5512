//! Bicep on disk into graphs.
//!
//! Every file of parameters is a stack of the template that it names; a template that nothing names is a stack by itself.
//! What names mean and what is made is worked out as for ARM JSON.

mod declare;
mod expression;
mod scan;

use std::rc::Rc;

use ir::Diagnostics;

pub(crate) use declare::{Arguments, parse};

use crate::arm::read::folder::{Folder, beside};
use crate::arm::read::{ByFile, Setting, Work, finished};
use crate::arm::template::Template;
use crate::reading::{MOST_MODULES, Place, Reading};

/// Whether a folder holds Bicep, or is a file of it.
#[must_use]
pub fn recognises(place: &Place<'_>) -> bool {
    let (folder, only) = Folder::new(place);
    match only {
        Some(path) => path.ends_with(".bicep") || path.ends_with(".bicepparam"),
        None => !folder.ending(".bicep").is_empty(),
    }
}

/// Reads the templates of a place.
#[must_use]
pub fn read(place: &Place<'_>) -> (Reading, Diagnostics) {
    let (reading, diagnostics) = foreign(place);
    crate::arm::read::house::housed(reading, diagnostics)
}

/// Reads the templates of a place into Azure's vocabulary.
#[must_use]
pub fn foreign(place: &Place<'_>) -> (Reading, Diagnostics) {
    let (folder, only) = Folder::new(place);
    let mut templates: Vec<(String, Rc<Template>, Vec<Setting>)> = Vec::new();
    for path in only.iter().cloned().chain(folder.ending(".bicep").into_iter().filter(|_| only.is_none())) {
        if path.ends_with(".bicep")
            && let Some((template, _)) = folder.template_at(&path, None)
        {
            templates.push((path, template, Vec::new()));
        }
    }
    for path in folder.ending(".bicepparam") {
        let Some((using, given)) = parameters(&folder, &path, 0) else { continue };
        let asked_for = only.as_ref().is_none_or(|one| *one == path || *one == using);
        let name = path.rsplit('/').next().unwrap_or(&path).trim_end_matches(".bicepparam").to_owned();
        if !asked_for {
            continue;
        }
        if !templates.iter().any(|(p, ..)| *p == using) {
            let Some((template, _)) = folder.template_at(&using, None) else { continue };
            templates.push((using.clone(), template, Vec::new()));
        }
        let place = templates.iter().position(|(p, ..)| *p == using).expect("just added");
        templates[place].2.push(Setting { name, given });
    }
    let mut work = Work::new(&folder, place);
    for (path, template, files) in &templates {
        work.root(path, template, files);
    }
    let (stacks, diagnostics, counts) = work.finish();
    finished(folder, stacks, diagnostics, counts)
}

/// What a file of parameters gives, over what it extends: the template's path, and the values by file.
fn parameters(folder: &Folder<'_>, path: &str, depth: usize) -> Option<(String, Vec<ByFile>)> {
    let (template, arguments) = folder.template_at(path, None)?;
    let mut given = Vec::new();
    let mut using = arguments.using.as_ref().and_then(|u| beside(path, u));
    if let Some(base) =
        arguments.extends.as_ref().and_then(|e| beside(path, e)).filter(|_| depth < MOST_MODULES)
        && let Some((theirs, values)) = parameters(folder, &base, depth + 1)
    {
        using = using.or(Some(theirs));
        given.extend(values);
    }
    given.push((template, arguments.given.clone()));
    Some((using?, given))
}
