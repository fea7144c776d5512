//! What was given: a spec, a compose file, sources, or words; recognised and read into a spec.

use std::path::{Path, PathBuf};

use ir::world::EntryKind;
use ir::{Diagnostic, Diagnostics, SourceMap, World};
use spec::compose::Note;
use spec::prose::Refusal;
use spec::{Assumption, Source, Spec};

/// Where a spec came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A `mainstay.yaml`.
    Spec(PathBuf),
    /// Compose files.
    Compose(Vec<PathBuf>),
    /// A scan of a folder.
    Sources,
    /// Words.
    Prose,
}

impl Origin {
    /// In a few words.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Origin::Spec(path) => path.display().to_string(),
            Origin::Compose(paths) => {
                paths.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(" + ")
            }
            Origin::Sources => "a scan of the sources".to_owned(),
            Origin::Prose => "the description".to_owned(),
        }
    }
}

/// A spec and everything worth saying about how it was read.
#[derive(Clone, Debug)]
pub struct Understood {
    /// What is asked.
    pub spec: Spec,
    /// Where it came from.
    pub origin: Origin,
    /// The application's folder: what paths in the spec are relative to.
    pub folder: PathBuf,
    /// What was kept as it was.
    pub kept: Vec<String>,
    /// What became something else.
    pub changed: Vec<Note>,
    /// What could not be kept.
    pub dropped: Vec<Note>,
    /// What was read out of words.
    pub understood: Vec<(String, String)>,
    /// What words did not say.
    pub missing: Vec<String>,
    /// Work that belongs to somebody else.
    pub refusals: Vec<Refusal>,
}

/// Reads whatever `path` holds, or `prose` when given.
pub fn understand(
    world: &dyn World,
    path: &Path,
    prose: Option<&str>,
    overrides: &[String],
    sources: &mut SourceMap,
) -> (Option<Understood>, Diagnostics) {
    if let Some(text) = prose {
        return from_prose(text, path, overrides, sources);
    }
    let Some(kind) = world.kind(path) else {
        let mut diagnostics = Diagnostics::new();
        diagnostics.push(
            Diagnostic::error("no-such-path", format!("there is nothing at {}", path.display()))
                .help("name a folder, a mainstay.yaml or a compose file"),
        );
        return (None, diagnostics);
    };
    if kind == EntryKind::File {
        let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        return if is_compose(world, path) {
            from_compose(world, vec![path.to_path_buf()], folder, overrides, sources)
        } else {
            from_spec(world, path, folder, overrides, sources)
        };
    }
    for name in spec::yaml::FILE_NAMES {
        let file = path.join(name);
        if world.kind(&file) == Some(EntryKind::File) {
            return from_spec(world, &file, path.to_path_buf(), overrides, sources);
        }
    }
    if let Some(files) = spec::compose::find(world, path) {
        return from_compose(world, files, path.to_path_buf(), overrides, sources);
    }
    from_sources(world, path, overrides, sources)
}

/// A spec has a `version` and no compose-only keys; everything else with services is taken for compose.
fn is_compose(world: &dyn World, path: &Path) -> bool {
    let name = path.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
    if spec::yaml::FILE_NAMES.contains(&name.as_str()) {
        return false;
    }
    if name.contains("compose") {
        return true;
    }
    let Ok(text) = world.read_text(path) else { return false };
    let mut scratch = SourceMap::default();
    let file = scratch.add("", text.clone());
    let (documents, _) = ir::yaml::parse(&text, file);
    documents.first().is_some_and(|d| {
        d.get("services").is_some() && d.get("version").is_none_or(|v| v.scalar().as_deref() != Some("1"))
    })
}

fn from_spec(
    world: &dyn World,
    file: &Path,
    folder: PathBuf,
    overrides: &[String],
    sources: &mut SourceMap,
) -> (Option<Understood>, Diagnostics) {
    let text = match world.read_text(file) {
        Ok(text) => text,
        Err(e) => return (None, unreadable(&e)),
    };
    let (spec, mut diagnostics) = spec::yaml::read(&file.display().to_string(), &text, overrides, sources);
    let Some(mut spec) = spec else { return (None, diagnostics) };
    diagnostics.extend(look_at_sources(world, &folder, &mut spec));
    (finished(spec, Origin::Spec(file.to_path_buf()), folder, &diagnostics), diagnostics)
}

fn from_compose(
    world: &dyn World,
    files: Vec<PathBuf>,
    folder: PathBuf,
    overrides: &[String],
    sources: &mut SourceMap,
) -> (Option<Understood>, Diagnostics) {
    let (import, mut diagnostics) = spec::compose::read(world, &files, sources);
    let Some(import) = import else { return (None, diagnostics) };
    let (spec, more) = overridden(import.spec, overrides, sources);
    diagnostics.extend(more);
    let Some(mut spec) = spec else { return (None, diagnostics) };
    diagnostics.extend(look_at_sources(world, &folder, &mut spec));
    let understood = finished(spec, Origin::Compose(files), folder, &diagnostics).map(|u| Understood {
        kept: import.kept,
        changed: import.changed,
        dropped: import.dropped,
        ..u
    });
    (understood, diagnostics)
}

fn from_sources(
    world: &dyn World,
    folder: &Path,
    overrides: &[String],
    sources: &mut SourceMap,
) -> (Option<Understood>, Diagnostics) {
    let (repository, mut diagnostics) = spec::scan::repository(world, folder);
    if repository.services.is_empty() {
        if !diagnostics.has_errors() {
            diagnostics.push(
                Diagnostic::error("nothing-found", format!("{} holds no application", folder.display()))
                    .because("There is no mainstay.yaml, no compose file and no source of a known language.")
                    .help("run `mainstay init --from \"...\"` with a few sentences about the application"),
            );
        }
        return (None, diagnostics);
    }
    let name = ir::world::plain(folder).file_name().map(|n| n.to_string_lossy().into_owned());
    let spec = spec::scan::spec(&name.unwrap_or_default(), &repository);
    let (spec, more) = overridden(spec, overrides, sources);
    diagnostics.extend(more);
    let Some(mut spec) = spec else { return (None, diagnostics) };
    diagnostics.extend(look_at_sources(world, folder, &mut spec));
    (finished(spec, Origin::Sources, folder.to_path_buf(), &diagnostics), diagnostics)
}

fn from_prose(
    text: &str,
    folder: &Path,
    overrides: &[String],
    sources: &mut SourceMap,
) -> (Option<Understood>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let read = spec::prose::read(text);
    let Some(spec) = read.spec else {
        let mut nothing = Diagnostic::error("nothing-understood", "the description names no program to run");
        for refusal in &read.refusals {
            nothing = nothing
                .because(format!("`{}` is work for {}. {}", refusal.asked, refusal.role, refusal.because));
        }
        diagnostics.push(nothing.help(
            "say what runs and what it needs, such as \"a Node API with Postgres, 100 requests a second\"",
        ));
        return (None, diagnostics);
    };
    let (spec, more) = overridden(spec, overrides, sources);
    diagnostics.extend(more);
    let Some(spec) = spec else { return (None, diagnostics) };
    let understood = finished(spec, Origin::Prose, folder.to_path_buf(), &diagnostics).map(|u| Understood {
        understood: read
            .understood
            .iter()
            .map(|f| (f.phrase.clone(), format!("{}: {}", f.key, f.value)))
            .collect(),
        missing: read.missing,
        refusals: read.refusals,
        ..u
    });
    (understood, diagnostics)
}

/// Overrides hold for every front end: the spec is printed, overridden and read again.
fn overridden(spec: Spec, overrides: &[String], sources: &mut SourceMap) -> (Option<Spec>, Diagnostics) {
    let text = spec::yaml::print(&spec);
    let assumptions: Vec<Assumption> = spec.assumptions;
    let (read, diagnostics) = spec::yaml::read("mainstay.yaml (imported)", &text, overrides, sources);
    let read = read.map(|mut read| {
        read.assumptions = assumptions;
        read
    });
    (read, diagnostics)
}

/// Fills what the sources say and the spec does not: language, port, health route.
fn look_at_sources(world: &dyn World, folder: &Path, spec: &mut Spec) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for service in spec.services.values_mut() {
        let Source::Build(build) = &mut service.source else { continue };
        let context = folder.join(build.context.as_str());
        if world.kind(&context) != Some(EntryKind::Folder) {
            continue;
        }
        let (mut scan, said) = spec::scan::scan(world, &context);
        diagnostics.extend(said);
        if let Some(dockerfile) = &build.dockerfile {
            scan.dockerfile = Some(dockerfile.value.clone());
        }
        build.scan = Some(scan);
    }
    diagnostics
}

fn finished(spec: Spec, origin: Origin, folder: PathBuf, diagnostics: &Diagnostics) -> Option<Understood> {
    (!diagnostics.has_errors()).then(|| Understood {
        spec,
        origin,
        folder,
        kept: Vec::new(),
        changed: Vec::new(),
        dropped: Vec::new(),
        understood: Vec::new(),
        missing: Vec::new(),
        refusals: Vec::new(),
    })
}

fn unreadable(e: &ir::WorldError) -> Diagnostics {
    Diagnostics::from_iter([Diagnostic::error("unreadable", e.to_string())
        .help("check the path and the permissions, and that it is a text file")])
}
