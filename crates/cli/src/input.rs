//! What was given: a spec, a compose file, sources, or words; recognised and read into a spec.

use std::path::{Path, PathBuf};

use ir::world::EntryKind;
use ir::{Diagnostic, Diagnostics, SourceMap, World};
use spec::compose::Note;
use spec::prose::Refusal;
use spec::{Source, Spec};

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
    /// Whether the application has a compose file of its own, which the bundle's must not replace.
    pub own_compose: bool,
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
    /// Words that set nothing.
    pub not_understood: Vec<String>,
    /// Work that belongs to somebody else.
    pub refusals: Vec<Refusal>,
}

/// Reads whatever `path` holds, or `prose` when given. The refusals of prose that asks for nothing but other roles'
/// work are put into `foreign`.
pub fn understand(
    world: &dyn World,
    path: &Path,
    prose: Option<&str>,
    overrides: &[String],
    sources: &mut SourceMap,
    foreign: &mut Vec<Refusal>,
) -> (Option<Understood>, Diagnostics) {
    if let Some(text) = prose {
        return from_prose(text, path, overrides, sources, foreign);
    }
    let kind = match readable(world, path) {
        Ok(kind) => kind,
        Err(problem) => return (None, Diagnostics::from_iter([*problem])),
    };
    if kind == EntryKind::File {
        let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        return if let Some(problem) = too_large(world, path) {
            (None, Diagnostics::from_iter([problem]))
        } else if is_compose(world, path) {
            from_compose(world, vec![path.to_path_buf()], folder, overrides, sources)
        } else if let Some(why) = something_else(world, path) {
            (None, Diagnostics::from_iter([not_an_input(path, &why)]))
        } else {
            from_spec(world, path, folder, overrides, sources)
        };
    }
    let listed = world.list(path).unwrap_or_default();
    for name in spec::yaml::FILE_NAMES {
        let file = path.join(name);
        if listed.iter().any(|entry| entry.name == *name) && world.kind(&file) != Some(EntryKind::File) {
            let odd = not_an_input(&file, "It is no file: a folder, a pipe, or a link that leads nowhere.");
            return (None, Diagnostics::from_iter([odd]));
        }
        if world.kind(&file) == Some(EntryKind::File) {
            return match too_large(world, &file) {
                Some(problem) => (None, Diagnostics::from_iter([problem])),
                None => from_spec(world, &file, path.to_path_buf(), overrides, sources),
            };
        }
    }
    if let Some(files) = spec::compose::find(world, path) {
        let problems: Diagnostics = files.iter().filter_map(|f| too_large(world, f)).collect();
        if !problems.is_empty() {
            return (None, problems);
        }
        return from_compose(world, files, path.to_path_buf(), overrides, sources);
    }
    from_sources(world, path, overrides, sources)
}

/// Whether a path leads to something that can be read at all, or why not.
fn readable(world: &dyn World, path: &Path) -> Result<EntryKind, Box<Diagnostic>> {
    let shown = path.display();
    match world.kind(path) {
        Some(EntryKind::Folder) => match world.list(path) {
            Ok(_) => Ok(EntryKind::Folder),
            Err(e) => Err(Box::new(unreadable(&e))),
        },
        Some(EntryKind::File) => {
            let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
            if ["yaml", "yml", "json"].contains(&ending.as_str()) {
                return Ok(EntryKind::File);
            }
            Err(Box::new(not_an_input(path, "Both are YAML, in a file that ends in `.yaml` or `.yml`.")))
        }
        Some(EntryKind::Other) => {
            let odd = Diagnostic::error("not-an-input", format!("{shown} is no file and no folder"))
                .because("It is a socket, a pipe or a device, which is not read.");
            Err(Box::new(odd.help(INPUTS)))
        }
        // What is not there and what cannot be reached, such as a link to itself, differ in the reason only.
        None => match world.list(path) {
            Err(e) if !e.not_found => Err(Box::new(unreadable(&e))),
            _ => {
                let nothing = Diagnostic::error("no-such-path", format!("there is nothing at {shown}"));
                Err(Box::new(nothing.help(INPUTS)))
            }
        },
    }
}

fn not_an_input(path: &Path, why: &str) -> Diagnostic {
    Diagnostic::error("not-an-input", format!("{} is neither a spec nor a compose file", path.display()))
        .because(why)
        .help(INPUTS)
}

/// What may be named.
const INPUTS: &str = "name a folder, a mainstay.yaml or a compose file";

/// The largest file that is read, in bytes: thousands of services fit in a tenth of it, and more is a dump of
/// something else.
const MAX_INPUT: usize = 4 << 20;

/// What is wrong with a file that is larger than any spec; one that cannot be read is said by its reader.
fn too_large(world: &dyn World, file: &Path) -> Option<Diagnostic> {
    let size = world.read(file).ok()?.len();
    (size > MAX_INPUT).then(|| {
        let (mib, most) = (size >> 20, MAX_INPUT >> 20);
        Diagnostic::error(
            "too-large",
            format!("{} holds {mib} MiB, and at most {most} are read", file.display()),
        )
        .because("A spec or compose file is written by people, and this is larger than any of them.")
        .help("name the file that describes the application, or split it into applications of their own")
    })
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
    first_document(world, path).is_some_and(|d| {
        d.get("services").is_some() && d.get("version").is_none_or(|v| v.scalar().as_deref() != Some("1"))
    })
}

/// Why a file is YAML of another program, such as a Kubernetes object or a Score file: complaints about each of its
/// keys would help nobody. A file that is half written is not that: it has at least one key of a spec.
fn something_else(world: &dyn World, path: &Path) -> Option<String> {
    let name = path.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
    if spec::yaml::FILE_NAMES.contains(&name.as_str()) {
        return None;
    }
    let document = first_document(world, path)?;
    if let Some(api) = document.get("apiVersion").and_then(ir::yaml::Yaml::scalar) {
        return Some(format!("It says `apiVersion: {api}`, and files of that kind are not read yet."));
    }
    let known = |key: &str| spec::yaml::keys::SPEC.keys.iter().any(|k| k.name == key);
    let foreign = !document.entries()?.iter().any(|(k, _)| known(&k.text));
    foreign.then(|| "None of its keys is a key of a spec.".to_owned())
}

/// A compose file that no lock says we wrote.
fn has_own_compose(world: &dyn World, folder: &Path) -> bool {
    let lock = deliver::lock::read(world, folder).ok().flatten();
    let ours = |file: &PathBuf| {
        let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        lock.as_ref().is_some_and(|lock| lock.files.contains_key(&name))
    };
    spec::compose::find(world, folder).is_some_and(|files| !files.iter().all(ours))
}

fn first_document(world: &dyn World, path: &Path) -> Option<ir::yaml::Yaml> {
    let text = world.read_text(path).ok()?;
    let mut scratch = SourceMap::default();
    let file = scratch.add("", text.clone());
    let (documents, _) = ir::yaml::parse(&text, file);
    documents.into_iter().next()
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
        Err(e) => return (None, Diagnostics::from_iter([unreadable(&e)])),
    };
    let (spec, mut diagnostics) = spec::yaml::read(&file.display().to_string(), &text, overrides, sources);
    let Some(mut spec) = spec else { return (None, diagnostics) };
    diagnostics.extend(look_at_sources(world, &folder, &mut spec));
    let own_compose = has_own_compose(world, &folder);
    let understood = finished(spec, Origin::Spec(file.to_path_buf()), folder, &diagnostics);
    (understood.map(|u| Understood { own_compose, ..u }), diagnostics)
}

fn from_compose(
    world: &dyn World,
    files: Vec<PathBuf>,
    folder: PathBuf,
    overrides: &[String],
    sources: &mut SourceMap,
) -> (Option<Understood>, Diagnostics) {
    let (import, mut diagnostics) = spec::compose::read(world, &files, sources);
    // A spec that was made from a broken file would be reproached with what is missing from it.
    let Some(import) = import.filter(|_| !diagnostics.has_errors()) else { return (None, diagnostics) };
    let (spec, more) = spec::yaml::read_again(import.spec, overrides, sources);
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
        if diagnostics.has_errors() {
            return (None, diagnostics);
        }
        let nothing = Diagnostic::error(
            "nothing-found",
            format!("{} holds no application", folder.display()),
        )
        .because(
            "There is no mainstay.yaml, no compose file, no Dockerfile and no program of a known language.",
        )
        .help("run `mainstay init --from \"...\"` with a few sentences about the application");
        // The scan's own word for it says less.
        let others = diagnostics.into_iter().filter(|d| d.id != "no-services");
        return (None, others.chain([nothing]).collect());
    }
    let spec = spec::scan::spec(&world.folder_name(folder).unwrap_or_default(), &repository);
    let (spec, more) = spec::yaml::read_again(spec, overrides, sources);
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
    foreign: &mut Vec<Refusal>,
) -> (Option<Understood>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let read = spec::prose::read(text);
    let Some(spec) = read.spec else {
        if read.refusals.is_empty() {
            let mut nothing =
                Diagnostic::error("nothing-understood", "the description names no program to run");
            if !read.not_understood.is_empty() {
                nothing = nothing.because(format!("Not understood: {}.", read.not_understood.join("; ")));
            }
            diagnostics.push(nothing.help(
                "say what runs and what it needs, such as \"a Node API with Postgres, 100 requests a second\"",
            ));
        }
        foreign.extend(read.refusals);
        return (None, diagnostics);
    };
    let (spec, more) = spec::yaml::read_again(spec, overrides, sources);
    diagnostics.extend(more);
    let Some(spec) = spec else { return (None, diagnostics) };
    let understood = finished(spec, Origin::Prose, folder.to_path_buf(), &diagnostics).map(|u| Understood {
        understood: read
            .understood
            .iter()
            .map(|f| (f.phrase.clone(), format!("{}: {}", f.key, f.value)))
            .collect(),
        missing: read.missing,
        not_understood: read.not_understood,
        refusals: read.refusals,
        ..u
    });
    (understood, diagnostics)
}

/// Fills what the sources say and the spec does not: language, port, health route, what runs the migrations.
fn look_at_sources(world: &dyn World, folder: &Path, spec: &mut Spec) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for (name, service) in &mut spec.services {
        let Source::Build(build) = &mut service.source else { continue };
        if world.kind(&folder.join(build.context.as_str())) != Some(EntryKind::Folder) {
            // Without a Dockerfile of its own it is said where one would be written.
            let unsaid = build.dockerfile.as_ref().map(|_| {
                Diagnostic::warning(
                    "missing-build-folder",
                    format!("`{name}` is built from {}, which is not there", build.context.value),
                )
                .at(build.context.span.or(service.span), "")
                .because(
                    "Without the sources nothing can be said about the program, and no image can be built.",
                )
                .help("run Mainstay where the sources are, or correct the path")
            });
            diagnostics.extend(unsaid.into_iter().collect());
            continue;
        }
        let (scan, said) = spec::scan::build(world, folder, build);
        diagnostics.extend(said);
        build.scan = Some(scan);
    }
    diagnostics.extend(spec::scan::prepare(world, folder, spec));
    diagnostics
}

fn finished(spec: Spec, origin: Origin, folder: PathBuf, diagnostics: &Diagnostics) -> Option<Understood> {
    (!diagnostics.has_errors()).then(|| Understood {
        spec,
        folder,
        own_compose: matches!(origin, Origin::Compose(_)),
        origin,
        kept: Vec::new(),
        changed: Vec::new(),
        dropped: Vec::new(),
        understood: Vec::new(),
        missing: Vec::new(),
        not_understood: Vec::new(),
        refusals: Vec::new(),
    })
}

fn unreadable(e: &ir::WorldError) -> Diagnostic {
    Diagnostic::error("unreadable", e.to_string())
        .help("check the path and the permissions, and that it is a text file")
}
