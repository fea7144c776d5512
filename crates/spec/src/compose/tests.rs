//! Compose files in, specs out: one small case for each thing the specification says, the secrets that must not
//! leak, the files that must not break it, and the applications of the corpus.

use std::path::{Path, PathBuf};

use ir::{Diagnostics, MemoryWorld, OsWorld, SourceMap, World};

use super::{Import, find, read};
use crate::{EnvPart, EnvValue, Protocol, ResourceType, Service, Source, UseTarget};

fn import_all(files: &[(&str, &str)], named: &[&str]) -> (Option<Import>, Diagnostics) {
    let world = MemoryWorld::with(files.iter().copied());
    let named: Vec<PathBuf> = named.iter().map(PathBuf::from).collect();
    read(&world, &named, &mut SourceMap::default())
}

/// Reads `app/compose.yaml`, beside the other files given.
fn import_with(text: &str, others: &[(&str, &str)]) -> (Import, Diagnostics) {
    let files: Vec<(&str, &str)> =
        [("app/compose.yaml", text)].into_iter().chain(others.iter().copied()).collect();
    let (import, diagnostics) = import_all(&files, &["app/compose.yaml"]);
    (import.unwrap_or_else(|| panic!("no import: {diagnostics:#?}")), diagnostics)
}

fn import(text: &str) -> Import {
    let (import, diagnostics) = import_with(text, &[]);
    assert!(!diagnostics.has_errors(), "{diagnostics:#?}");
    import
}

fn ids(text: &str) -> Vec<&'static str> {
    import_all(&[("app/compose.yaml", text)], &["app/compose.yaml"]).1.iter().map(|d| d.id).collect()
}

fn service<'a>(import: &'a Import, name: &str) -> &'a Service {
    import
        .spec
        .services
        .get(name)
        .unwrap_or_else(|| panic!("no service {name}: {:?}", import.spec.services.keys()))
}

/// A setting as it would be written in a spec.
fn shown(value: &EnvValue) -> String {
    let part = |part: &EnvPart| match part {
        EnvPart::Text(text) => text.clone(),
        EnvPart::Reference { name, field, .. } => format!("${{{name}.{field}}}"),
        EnvPart::Secret(name) => format!("${{{name}}}"),
    };
    value.parts.iter().map(part).collect()
}

fn env(import: &Import, service_name: &str, key: &str) -> String {
    shown(&service(import, service_name).env[key])
}

fn uses(import: &Import, name: &str) -> Vec<String> {
    service(import, name).uses.iter().map(|u| u.name.clone()).collect()
}

const SHARED: [&str; 2] = ["/../../../shared", "/../../../../shared"];

fn corpus() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = SHARED.iter().map(|s| PathBuf::from(format!("{}{s}/corpora/apps/compose", root.display())));
    let found = folders.into_iter().find(|p| OsWorld::default().kind(p).is_some());
    if found.is_none() {
        eprintln!("SKIPPED compose::tests: the corpus of compose applications is absent");
    }
    found
}

fn files_below(folder: &Path, out: &mut Vec<PathBuf>) {
    let world = OsWorld::default();
    for entry in world.list(folder).expect("a folder") {
        let path = folder.join(&entry.name);
        match entry.kind {
            ir::world::EntryKind::Folder => files_below(&path, out),
            _ if entry.name.ends_with(".yaml") || entry.name.ends_with(".yml") => out.push(path),
            _ => {}
        }
    }
}

#[test]
fn every_application_of_the_corpus_is_read() {
    let Some(root) = corpus() else { return };
    let mut files = Vec::new();
    files_below(&root, &mut files);
    assert!(files.len() >= 40, "{}", files.len());
    let world = OsWorld::default();
    let mut sets: Vec<Vec<PathBuf>> = Vec::new();
    for file in &files {
        let folder = file.parent().expect("a folder");
        let base = find(&world, folder).expect("every folder has a compose file");
        if base.contains(file) {
            // The folder's own file alone, and with everything that can be laid over it.
            let overlays = files.iter().filter(|f| f.parent() == Some(folder) && !base.contains(f));
            sets.push(base.iter().chain(overlays).cloned().collect());
            sets.push(base);
        } else {
            sets.push(vec![base[0].clone(), file.clone()]);
        }
    }
    for set in sets {
        let file = &set[set.len() - 1];
        let mut sources = SourceMap::default();
        let (import, diagnostics) = read(&world, &set, &mut sources);
        // An overlay may wait for services that another overlay declares; all of them together may not.
        let partial = set.len() == 2;
        let errors: Vec<_> = diagnostics
            .iter()
            .filter(|d| d.severity == ir::Severity::Error && !(partial && d.id == "unknown-service"))
            .collect();
        assert!(errors.is_empty(), "{set:?}: {errors:#?}");
        let import = import.expect("no errors, so there is an import");
        assert!(!import.spec.services.is_empty());
        let again = read(&world, &set, &mut SourceMap::default());
        assert_eq!(
            format!("{import:?}"),
            format!("{:?}", again.0.expect("read once already")),
            "{}",
            file.display()
        );
        if ir::World::env(&world, "MAINSTAY_SHOW_IMPORT")
            .is_some_and(|only| file.to_string_lossy().contains(&only))
        {
            eprintln!("=== {}\n{}", file.display(), summary(&import, &diagnostics, &sources));
        }
    }
}

/// What an engineer would look at; printed on request.
fn summary(import: &Import, diagnostics: &Diagnostics, sources: &SourceMap) -> String {
    let mut out = format!("name {}\n", import.spec.name.value);
    for (name, service) in &import.spec.services {
        let source = match &service.source {
            Source::Build(build) => format!("build {}", build.context.value),
            Source::Image(image) => format!("image {}", image.value),
            Source::Static(folder) => format!("static {}", folder.value),
        };
        let port = service.port.as_ref().map(|p| p.value);
        out += &format!(
            "service {name}: {source} port {port:?} {:?} public {} health {:?} once {} uses {:?} limits {:?}\n  cmd {:?} {:?}\n",
            service.protocol,
            service.public.value,
            service.health.as_ref().map(|h| &h.value),
            service.once,
            service.uses.iter().map(|u| u.name.as_str()).collect::<Vec<_>>(),
            service.limits,
            service.entrypoint,
            service.command,
        );
        for (key, value) in &service.env {
            out += &format!("    {key}={}\n", shown(value));
        }
    }
    for (name, resource) in &import.spec.resources {
        let version = resource.version.as_ref().map(|v| v.value.as_str());
        out += &format!(
            "resource {name}: {:?} {version:?} db {:?} local {:?}\n",
            resource.ty.value, resource.database, resource.local_image
        );
    }
    out +=
        &format!("secrets {:?}\n", import.spec.secrets.iter().map(|(n, s)| (n, &s.note)).collect::<Vec<_>>());
    for assumption in &import.spec.assumptions {
        out += &format!("assumed {}: {} ({})\n", assumption.subject, assumption.assumed, assumption.because);
    }
    import.kept.iter().for_each(|k| out += &format!("kept {k}\n"));
    for (what, notes) in [("changed", &import.changed), ("dropped", &import.dropped)] {
        notes.iter().for_each(|n| out += &format!("{what} {}: {} ({})\n", n.subject, n.what, n.why));
    }
    for d in diagnostics {
        let place = d.primary.as_ref().map(|p| sources.line_col(p.span));
        out += &format!("{:?} {} {place:?} {}\n", d.severity, d.id, d.summary);
    }
    out
}
